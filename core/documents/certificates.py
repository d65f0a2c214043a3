"""The company's signing identity: a key and its certificate, from a PKCS#12 file or from a development CA.

The development CA is made on first use so that a fresh machine can seal. Nobody outside trusts it; in
production a certificate of a licensed authority (电子认证服务机构) is loaded from PKCS#12, or its key stays in a
PKCS#11 token (token.py).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from core.documents.cms_form import as_asn1, chain_of, low_value
from core.errors import SealFailed

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_VALID = timedelta(days=3 * 365)
_CA_VALID = timedelta(days=10 * 365)
_BACKDATED = timedelta(days=1)  # clocks of two machines differ
ENDS_SOON = 3409
_RENEW = "向发证机构换领新证书，按 docs/how-to/sealing.md 更换"
_DIGESTS = {"sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}


class HeldKey(Protocol):
    """A private key that somebody else holds: it signs there and is never seen here."""

    def sign(self, data: bytes, digest: str) -> bytes:
        """The signature over `data` hashed with `digest` (`sha256` …): PKCS#1 v1.5, or the DER of ECDSA."""
        ...


@dataclass(frozen=True)
class SigningIdentity:
    """A private key, its certificate, and the issuers above it (nearest first)."""

    key: SigningKey | HeldKey = field(repr=False)
    certificate: x509.Certificate
    issuers: tuple[x509.Certificate, ...] = ()

    @property
    def name(self) -> str:
        """The common name in the certificate: the company."""
        return common_name(self.certificate)

    @property
    def trust_roots(self) -> tuple[x509.Certificate, ...]:
        """The certificates that end the chain; a lone self-signed certificate is its own root."""
        everything = (self.certificate, *self.issuers)
        return tuple(c for c in everything if c.issuer == c.subject)

    def days_left(self, at: datetime) -> int:
        """Whole days until the certificate ends; negative when it is over."""
        return (self.certificate.not_valid_after_utc - at).days

    def sign(self, data: bytes, digest: str) -> bytes:
        """The signature over `data` hashed with `digest` (`sha256`, `sha384`, `sha512`), in its one form."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(data, padding.PKCS1v15(), _DIGESTS[digest]())
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            made = self.key.sign(data, ec.ECDSA(_DIGESTS[digest]()))
        else:
            made = self.key.sign(data, digest)
            self._require_fit(made, data, digest)
        return low_value(as_asn1(self.certificate), made)

    def _require_fit(self, made: bytes, data: bytes, digest: str) -> None:
        """What somebody else signed with must be the key of this certificate: else every paper would be a forgery."""
        public, algorithm = self.certificate.public_key(), _DIGESTS[digest]()
        try:
            if isinstance(public, rsa.RSAPublicKey):
                return public.verify(made, data, padding.PKCS1v15(), algorithm)
            if isinstance(public, ec.EllipticCurvePublicKey):
                return public.verify(made, data, ec.ECDSA(algorithm))
        except InvalidSignature:
            pass
        raise SealFailed(
            f"私钥与证书不相符：{self.name} (the key is not the one of the certificate)",
            remedy="核对令牌中私钥与证书的标签",
            number=3407,
        )


def common_name(certificate: x509.Certificate) -> str:
    """The common name of a certificate's holder, or its whole subject when it has none."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


def ending(chain: Sequence[x509.Certificate], at: datetime, *, within_days: int = 30) -> SealFailed | None:
    """What to say when a certificate of the chain is over (SX-3405) or ends within `within_days` (3409), else None."""
    first = min(chain, key=lambda one: one.not_valid_after_utc, default=None)
    if first is None:
        return None
    left, name = (first.not_valid_after_utc - at).days, common_name(first)
    if left < 0:
        return expired(name, -left)
    if left <= within_days:
        return SealFailed(
            f"印章证书还有 {left} 天到期：{name} (the certificate ends in {left} days)",
            remedy=_RENEW,
            number=ENDS_SOON,
        )
    return None


def expired(name: str, days: int = 0) -> SealFailed:
    """The refusal to seal with a certificate that is over, `days` ago when that is known."""
    ago = f" {days} days ago" if days else ""
    return SealFailed(f"印章证书已过期：{name} (the certificate has expired{ago})", remedy=_RENEW, number=3405)


def load_pkcs12(
    path: str | Path, password: str, issuers: Sequence[x509.Certificate] = ()
) -> SigningIdentity:
    """The identity in a PKCS#12 file; raises SealFailed (3401) when file or password do not fit.

    What the file lacks of the chain above the certificate is taken from `issuers`.
    """
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(
            Path(path).read_bytes(), password.encode()
        )
    except (OSError, ValueError) as error:
        raise SealFailed(
            f"无法读取印章证书 {path} (cannot read the certificate): {error}",
            remedy="核对证书文件与口令",
            number=3401,
        ) from error
    if not isinstance(key, SigningKey) or certificate is None:
        raise SealFailed(f"{path} 中没有可用的 RSA 或 EC 私钥 (no RSA or EC key inside)", number=3401)
    return SigningIdentity(key, certificate, chain_of(certificate, [*others, *issuers]))


def load_roots(path: str | Path) -> tuple[x509.Certificate, ...]:
    """The trusted certificates of a PEM file; raises SealFailed (3401)."""
    try:
        return tuple(x509.load_pem_x509_certificates(Path(path).read_bytes()))
    except (OSError, ValueError) as error:
        raise SealFailed(
            f"无法读取根证书 {path} (cannot read the root certificates): {error}", number=3401
        ) from error


def development_identity(
    data_dir: str | Path, company: str, *, at: datetime | None = None
) -> SigningIdentity:
    """The company's identity issued by this machine's development CA; both are made on first use.

    Files lie under `data_dir`/certificates with mode 0600; several processes may call this at once. `at`
    begins the validity when the certificate is made (default: now).
    """
    begin = at or datetime.now(UTC)
    folder = Path(data_dir) / "certificates"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority = _stored(folder / "ca", lambda: _make_authority(begin))
    slot = folder / f"company-{hashlib.sha256(company.encode()).hexdigest()[:16]}"
    return _stored(slot, lambda: _make_company(company, authority, begin))


def _stored(folder: Path, make: Callable[[], SigningIdentity]) -> SigningIdentity:
    """Load the identity in `folder`, made first when it is not there; it appears whole or not at all."""
    if not folder.exists():
        draft = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
        try:
            _save(make(), draft)
            draft.rename(folder)
        except OSError:
            if not folder.exists():  # not merely beaten by another process
                raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return _load(folder)


def _save(identity: SigningIdentity, folder: Path) -> None:
    assert isinstance(identity.key, SigningKey)
    key = identity.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain = b"".join(
        c.public_bytes(serialization.Encoding.PEM) for c in (identity.certificate, *identity.issuers)
    )
    for name, content in (("key.pem", key), ("chain.pem", chain)):
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)


def _load(folder: Path) -> SigningIdentity:
    try:
        key = serialization.load_pem_private_key((folder / "key.pem").read_bytes(), None)
        certificate, *issuers = x509.load_pem_x509_certificates((folder / "chain.pem").read_bytes())
    except (OSError, ValueError) as error:
        raise SealFailed(
            f"开发证书损坏 {folder} (development certificate damaged): {error}",
            remedy="删除该目录后会重新生成",
            number=3401,
        ) from error
    if not isinstance(key, SigningKey):
        raise SealFailed(f"开发证书损坏 {folder} (unexpected kind of key)", number=3401)
    return SigningIdentity(key, certificate, tuple(issuers))


def _make_authority(begin: datetime) -> SigningIdentity:
    key = _new_key()
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "手续 Shouxu"),
            x509.NameAttribute(NameOID.COMMON_NAME, "手续开发根证书 Shouxu development CA"),
        ]
    )
    builder = _builder(name, name, key, begin, _CA_VALID)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(authority=True), critical=True)
    return SigningIdentity(key, builder.sign(key, hashes.SHA256()))


def _make_company(company: str, authority: SigningIdentity, begin: datetime) -> SigningIdentity:
    key = _new_key()
    issuer = authority.certificate
    short = company[:64]  # X.520: a common name has at most 64 characters
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, short),
            x509.NameAttribute(NameOID.COMMON_NAME, short),
        ]
    )
    builder = _builder(name, issuer.subject, key, begin, _VALID)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(authority=False), critical=True)
    parent = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())  # type: ignore[arg-type]
    builder = builder.add_extension(parent, critical=False)
    assert isinstance(authority.key, SigningKey)
    return SigningIdentity(key, builder.sign(authority.key, hashes.SHA256()), (issuer,))


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: SigningKey, begin: datetime, length: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin - _BACKDATED)
        .not_valid_after(begin + length)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
