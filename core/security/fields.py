"""Sensitive values: encrypted per estate (AES-256-GCM), findable by a keyed digest.

Stored as key id (4 bytes) + nonce (12) + ciphertext with tag. The estate is part of the key and of the
authenticated data: what was moved to another estate, changed or cut does not open.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import unicodedata
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import StoreError
from core.security.keys import derive

KEY_ID = 4
NONCE = 12
UNREADABLE = 4030


class FieldCipher:
    """Seals and opens JSON values. `secret` seals; `old` secrets still open what they once sealed."""

    def __init__(self, secret: str, old: Sequence[str] = ()) -> None:
        self._secret = secret
        self._by_id = {_key_id(each): each for each in (*old, secret)}
        self._ciphers: dict[tuple[bytes, str], AESGCM] = {}

    def seal(self, estate: str, value: Any) -> bytes:
        """`value` (anything JSON can say) encrypted for `estate`; the same value never looks the same
        twice."""
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        key_id, nonce = _key_id(self._secret), os.urandom(NONCE)
        return key_id + nonce + self._cipher(key_id, estate).encrypt(nonce, plain, estate.encode())

    def open(self, estate: str, sealed: bytes) -> Any:
        """The value again; StoreError SX-4030 when the secret is not known or the bytes are not what was
        sealed."""
        key_id, nonce, body = sealed[:KEY_ID], sealed[KEY_ID : KEY_ID + NONCE], sealed[KEY_ID + NONCE :]
        if key_id not in self._by_id:
            raise StoreError(
                "加密内容无法读取: 密钥不符",
                remedy="请检查 SHOUXU_SECRET，旧密钥写入 SHOUXU_OLD_SECRETS",
                number=UNREADABLE,
            )
        try:
            plain = self._cipher(key_id, estate).decrypt(nonce, body, estate.encode())
        except (InvalidTag, ValueError):
            raise StoreError("加密内容已损坏或被改动", remedy="请从备份恢复", number=UNREADABLE) from None
        return json.loads(plain)

    def is_current(self, sealed: bytes) -> bool:
        """Whether `sealed` was sealed with the present secret; if not, it should be sealed again."""
        return sealed[:KEY_ID] == _key_id(self._secret)

    def index(self, estate: str, value: str) -> str:
        """A keyed digest (64 hex) to find an identity number or phone by, blind to width, case, spaces and
        hyphens."""
        said = "".join(unicodedata.normalize("NFKC", value).upper().split()).replace("-", "")
        return hmac.new(derive(self._secret, f"index:{estate}"), said.encode(), hashlib.sha256).hexdigest()

    def _cipher(self, key_id: bytes, estate: str) -> AESGCM:
        found = self._ciphers.get((key_id, estate))
        if found is None:
            found = self._ciphers[key_id, estate] = AESGCM(derive(self._by_id[key_id], f"fields:{estate}"))
        return found


def _key_id(secret: str) -> bytes:
    return derive(secret, "key id", KEY_ID)
