"""A key that never leaves its token: PKCS#11, as hardware modules, smart cards and SoftHSM speak it.

Needs the package `python-pkcs11` (`pip install 'shouxu[pkcs11]'`) and the module that the token's maker gives.
"""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from core.documents.certificates import SigningIdentity
from core.documents.cms_form import chain_of
from core.errors import SealFailed

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pkcs11

_CHECK = "核对 seal_pkcs11_module、seal_pkcs11_token、seal_pkcs11_key 与设备连接"


def token_identity(
    module: str | Path, token: str, key: str, pin: str, *, issuers: Iterable[x509.Certificate] = ()
) -> SigningIdentity:
    """The identity whose key `key` lies in the token labelled `token`; raises SealFailed (3407).

    The certificate is the one of that label in the token; its issuers are looked for in the token and in `issuers`.
    """
    held = TokenKey(module, token, key, pin)
    own, others = held.certificates()
    return SigningIdentity(held, own, chain_of(own, [*others, *issuers]))


class TokenKey:
    """Signs in the token, one signature at a time; threads may share it. Logs in when it first signs.

    A PIN that the token refuses is not tried again before the next start: tokens lock themselves after a few tries.
    Failures (SealFailed): SX-3407 module, token or key not found or not answering, 3408 the PIN.
    """

    def __init__(self, module: str | Path, token: str, key: str, pin: str) -> None:
        # a process may load a module once, under one name
        self._module, self._token, self._key, self._pin = str(Path(module).resolve()), token, key, pin
        self._lock = threading.Lock()
        self._session: Any = None
        self._process = 0
        self._refused = False

    def certificates(self) -> tuple[x509.Certificate, list[x509.Certificate]]:
        """The certificate that belongs to the key, and the others in the token."""
        with self._lock, _Reported(self._token), self._found().open() as session:
            parts = _parts()
            query = {parts.Attribute.CLASS: parts.ObjectClass.CERTIFICATE}
            found = [(one[parts.Attribute.LABEL], one[parts.Attribute.VALUE]) for one in session.get_objects(query)]
        read = [(label, x509.load_der_x509_certificate(bytes(der))) for label, der in found]
        own = [one for label, one in read if label == self._key]
        if len(own) != 1:
            raise _lost(f"标签为 {self._key} 的证书有 {len(own)} 张 ({len(own)} certificates of that label)")
        return own[0], [one for label, one in read if label != self._key]

    def sign(self, data: bytes, digest: str) -> bytes:
        """The signature over `data` hashed with `digest`, made inside the token."""
        with self._lock, _Reported(self._token):
            try:
                return self._signed(data, digest)
            except _parts().exceptions.PKCS11Error:
                if self._refused or self._session is None:
                    raise
                self._session = None  # taken out and put in again, or the module was restarted: once more
                return self._signed(data, digest)

    def _signed(self, data: bytes, digest: str) -> bytes:
        parts = _parts()
        key: Any = self._open().get_key(object_class=parts.ObjectClass.PRIVATE_KEY, label=self._key)
        if key.key_type == parts.KeyType.RSA:
            return key.sign(data, mechanism=parts.Mechanism[f"{digest.upper()}_RSA_PKCS"])
        made = key.sign(hashlib.new(digest, data).digest(), mechanism=parts.Mechanism.ECDSA)
        half = len(made) // 2
        return encode_dss_signature(int.from_bytes(made[:half], "big"), int.from_bytes(made[half:], "big"))

    def _open(self) -> pkcs11.Session:
        if self._refused:
            raise _wrong_pin(self._token)
        if self._session is None or self._process != os.getpid():  # a session does not survive a fork
            self._session, self._process = self._logged_in(), os.getpid()
        return self._session

    def _logged_in(self) -> pkcs11.Session:
        found, wrong = self._found(), _parts().exceptions
        try:
            return found.open(user_pin=self._pin)
        except wrong.UserAlreadyLoggedIn:  # a process logs in once, with whichever session
            return found.open()
        except (wrong.PinIncorrect, wrong.PinInvalid, wrong.PinLenRange, wrong.PinLocked, wrong.PinExpired):
            self._refused = True
            raise _wrong_pin(self._token) from None

    def _found(self) -> pkcs11.Token:
        return _parts().lib(self._module).get_token(token_label=self._token)


class _Reported:
    """Turns what the module says into one numbered error."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, SealFailed):
            return
        exceptions = _parts().exceptions
        if isinstance(error, exceptions.PKCS11Error | OSError | RuntimeError):
            said = str(error) or type(error).__name__
            raise _lost(f"令牌 {self._token} 无法使用 (the token cannot be used): {said}") from error


def _parts() -> Any:
    try:
        import pkcs11
        import pkcs11.exceptions
    except ImportError as error:
        raise SealFailed(
            "没有安装 python-pkcs11，无法使用令牌 (python-pkcs11 is not installed)",
            remedy="pip install 'shouxu[pkcs11]'",
            number=3407,
        ) from error
    return pkcs11


def _lost(what: str) -> SealFailed:
    return SealFailed(f"印章令牌：{what}", remedy=_CHECK, number=3407)


def _wrong_pin(token: str) -> SealFailed:
    return SealFailed(
        f"令牌 {token} 不接受 PIN，不再重试以免锁定 (the token refuses the PIN; it is not tried again)",
        remedy="更正 SHOUXU_SEAL_PKCS11_PIN 后重新启动",
        number=3408,
    )
