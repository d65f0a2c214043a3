"""One secret, many keys: each purpose has its own, so that none can stand in for another."""

from __future__ import annotations

from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


@lru_cache(maxsize=4096)
def derive(secret: str, purpose: str, length: int = 32) -> bytes:
    """The key of `length` bytes for a purpose like `session` or `fields:jade_garden` (HKDF-SHA-256)."""
    return HKDF(SHA256(), length, salt=b"shouxu", info=purpose.encode()).derive(secret.encode())
