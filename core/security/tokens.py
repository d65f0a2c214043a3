"""Keys for programs: shown once, kept as a digest, limited in what they may do."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable

from core.errors import FieldProblem, InvalidInput

PREFIX = "sx_"
SHAPE = re.compile(r"sx_[A-Za-z0-9_-]{43}")
SCOPES = ("read", "write", "money", "documents", "personal")
"""read: see cases; write: open and fill; money: take payments; documents: issue and void; personal:
unmasked values."""


def make_token() -> str:
    """A new token, `sx_` and 43 characters (256 random bits); show it once, store its digest."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is stored and looked up; a random token needs no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def matches(token: str, stored: str) -> bool:
    """Whether `token` is the one whose digest is `stored`, in constant time."""
    return SHAPE.fullmatch(token) is not None and hmac.compare_digest(digest(token), stored)


def require_scopes(scopes: Iterable[str]) -> frozenset[str]:
    """The scopes as a set; InvalidInput when one is unknown or there is none."""
    found = frozenset(scopes)
    unknown = sorted(found - set(SCOPES))
    if unknown or not found:
        said = f"没有名为 {'、'.join(unknown)} 的权限" if unknown else "请至少选择一项权限"
        raise InvalidInput([FieldProblem("scopes", said + f"(可选: {'、'.join(SCOPES)})")])
    return found
