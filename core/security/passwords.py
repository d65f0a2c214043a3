"""Passwords: argon2id, a few at a time, and the same time for users who do not exist."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from core.errors import FieldProblem, InvalidInput, TooManyTries

LEAST = 10
MOST = 128
CLASSES = 3
AT_ONCE = 2
WAIT_SECONDS = 15

_hasher = PasswordHash((Argon2Hasher(),))
_turns = threading.BoundedSemaphore(AT_ONCE)  # one check takes 64 MiB and a core for 0.2-0.5 s


def hashed(password: str) -> str:
    """The argon2 hash to be stored."""
    with _turn():
        return _hasher.hash(_plain(password))


@lru_cache
def _nobody() -> str:
    """What is compared with where there is no such user."""
    return _hasher.hash(secrets.token_hex(16))


def verify(password: str, stored: str | None) -> bool:
    """Whether `password` is the one of `stored`; `None` (no such user) takes as long and is False."""
    plain = _plain(password)
    if len(plain) > MOST:
        return False
    with _turn():
        nobody = _nobody()
        try:
            right = _hasher.verify(plain, stored or nobody)
        except UnknownHashError:
            return False
    return right and stored is not None


def require_strong(password: str, username: str = "", field: str = "password") -> None:
    """InvalidInput unless the password has 10 to 128 characters of three classes and not the user name in it.

    Source: GB/T 22239 (identity authentication: complexity).
    """
    plain = _plain(password)
    if not LEAST <= len(plain) <= MOST:
        raise InvalidInput([FieldProblem(field, f"密码须为 {LEAST} 至 {MOST} 位", 2120)])
    if len({_class(letter) for letter in plain}) < CLASSES:
        raise InvalidInput([FieldProblem(field, "密码须含大写字母、小写字母、数字、符号中的三类", 2120)])
    if len(username) >= 3 and username.lower() in plain.lower():
        raise InvalidInput([FieldProblem(field, "密码不能包含用户名", 2120)])


def _class(letter: str) -> str:
    if letter.isdigit():
        return "digit"
    if letter.isupper():
        return "upper"
    return "lower" if letter.islower() else "other"


def _plain(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


class _turn:
    def __enter__(self) -> None:
        if not _turns.acquire(timeout=WAIT_SECONDS):
            raise TooManyTries("登录的人太多", remedy="请稍后再试")

    def __exit__(self, *_: object) -> None:
        _turns.release()
