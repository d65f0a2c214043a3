"""The code behind a QR code: proves that the paper named it, so that numbers cannot be tried one after
another."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from core.security.keys import derive

LENGTH = 10


def verify_code(secret: str, estate: str, series: str, number: str) -> str:
    """Ten base32 characters (50 bits) for a document's number."""
    said = "\x1f".join((estate, series, number)).encode()
    made = hmac.new(derive(secret, "verify code"), said, hashlib.sha256).digest()
    return base64.b32encode(made)[:LENGTH].decode().lower()


def keyed_digest(secret: str, *parts: str) -> str:
    """SHA-256 (hex) under a key of its own: equal for equal parts, and nobody without the secret can try values out."""
    return hmac.new(derive(secret, "keyed digest"), "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()


def code_matches(
    secret: str, estate: str, series: str, number: str, code: str, old: Sequence[str] = ()
) -> bool:
    """Whether `code` is the one printed on that document, in constant time; capitals do not matter.

    Codes made with one of the `old` secrets are on paper and stay good.
    """
    said = code.strip().lower().encode("utf-8", "replace")
    found = [
        hmac.compare_digest(verify_code(each, estate, series, number).encode(), said)
        for each in (secret, *old)
    ]
    return any(found)
