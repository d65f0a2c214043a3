"""The company seal on a PDF: a PAdES signature (B-B, SHA-256) with the red seal where people expect it.

Each seal is an incremental update: several companies can seal in turn and every signature stays valid.
"""

from __future__ import annotations

import io
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from asn1crypto import keys as asn1_keys, x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from PIL import Image
from pyhanko.pdf_utils import layout
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import fields, signers
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from core.documents.certificates import SigningIdentity
from core.documents.pdf_content import UnreadablePdf
from core.documents.seal_place import Place, Spot, find_spots
from core.documents.stamp import SealFace, draw_seal
from core.errors import SealFailed

_NO_SEALER = "没有配置电子印章 (no seal is configured)"
_FIELD = "Seal"


class Sealer(Protocol):
    """Puts a company's seal and signature on a PDF."""

    def available(self) -> str | None:
        """None when it can seal, else one line that says why not."""
        ...

    def seal(
        self, pdf: bytes, *, seal_text: SealFace, where: Place | None = None, reason: str = "", at: datetime
    ) -> bytes:
        """The sealed PDF: the given bytes, unchanged, with the signature appended; raises SealFailed.

        Every copy in the file that names the company beside an anchor shows the seal; the last one is the signature's.
        `at` is the claimed time of signing, with time zone; `where` says what to look for on the page.
        """
        ...


class NullSealer:
    """The sealer of a house without a seal: it refuses with SX-3402."""

    def available(self) -> str | None:
        return _NO_SEALER

    def seal(
        self, pdf: bytes, *, seal_text: SealFace, where: Place | None = None, reason: str = "", at: datetime
    ) -> bytes:
        raise SealFailed(_NO_SEALER, remedy="在设置中给出证书，或启用开发证书", number=3402)


class PyHankoSealer:
    """Seals with a key held in memory. `stamp_png` replaces the drawn seal; threads may share one sealer.

    Failures: SX-3403 no font for the seal, 3404 the PDF cannot be signed, 3405 certificate over.
    """

    def __init__(
        self, identity: SigningIdentity, *, stamp_png: bytes | None = None, bytes_reserved: int = 8192
    ) -> None:
        self._identity = identity
        self._signer = _LoadedKeySigner(identity)
        self._stamp_png = stamp_png
        self._bytes_reserved = bytes_reserved

    def available(self) -> str | None:
        return None

    def seal(
        self, pdf: bytes, *, seal_text: SealFace, where: Place | None = None, reason: str = "", at: datetime
    ) -> bytes:
        if at.tzinfo is None:
            raise ValueError("the time of sealing needs a time zone")
        if self._identity.days_left(at) < 0:
            raise SealFailed(
                f"印章证书已过期：{self._identity.name} (the certificate has expired)",
                remedy="换用新的证书",
                number=3405,
            )
        picture = self._stamp_png or draw_seal(seal_text)
        try:
            return self._sign(pdf, find_spots(pdf, seal_text.company, where or Place()), picture, reason, at)
        except (UnreadablePdf, PdfError, SigningError, layout.LayoutError, OSError, ValueError) as error:
            raise SealFailed(
                f"这份 PDF 无法盖章 (this PDF cannot be signed): {error}", number=3404
            ) from error

    def _sign(self, pdf: bytes, spots: list[Spot], picture: bytes, reason: str, at: datetime) -> bytes:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        spot = spots[-1]
        for copy in spots[:-1]:
            _press(writer, copy, picture)
        name = f"{_FIELD}{len(writer.prev.embedded_signatures) + 1}"
        corners = (spot.box.left, spot.box.bottom, spot.box.right, spot.box.top)
        rectangle = tuple(round(corner, 2) for corner in corners)
        signer = _SignerAt(
            at,
            signers.PdfSignatureMetadata(
                field_name=name,
                md_algorithm="sha256",
                reason=reason or None,
                name=self._identity.name,
                subfilter=fields.SigSeedSubFilter.PADES,
            ),
            self._signer,
            stamp_style=_stamp_style(picture),
            new_field_spec=fields.SigFieldSpec(name, on_page=spot.page, box=rectangle),  # type: ignore[arg-type]
        )
        out = signer.sign_pdf(writer, bytes_reserved=self._bytes_reserved)
        return out.getvalue()


class _SignerAt(signers.PdfSigner):
    """A PdfSigner that claims a given time (the clock of the case), not that of the machine."""

    def __init__(self, at: datetime, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._at = at

    def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self._at
        return session


class _LoadedKeySigner(signers.SimpleSigner):
    """A SimpleSigner that keeps the loaded key; the original parses it anew for every signature (44 ms)."""

    def __init__(self, identity: SigningIdentity) -> None:
        encoded = identity.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        store = SimpleCertificateStore()
        store.register_multiple([as_asn1(issuer) for issuer in identity.issuers])
        super().__init__(
            signing_cert=as_asn1(identity.certificate),
            cert_registry=store,
            signing_key=asn1_keys.PrivateKeyInfo.load(encoded),
            embed_roots=False,
        )
        self._key = identity.key

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        algorithm = _DIGESTS[digest_algorithm]()
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), algorithm)
        return self._key.sign(data, ec.ECDSA(algorithm))


_DIGESTS = {"sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}


def as_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    """The certificate in the form pyHanko works with."""
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _press(writer: IncrementalPdfFileWriter, spot: Spot, picture: bytes) -> None:
    """Put the seal's picture on a further copy in the same file; the signature over all of it stands on the last."""
    side = spot.box.right - spot.box.left
    stamp = _stamp_style(picture).create_stamp(writer, layout.BoxConstraints(side, side), {})
    stamp.apply(spot.page, round(spot.box.left), round(spot.box.bottom))


@lru_cache(maxsize=64)
def _decoded(picture: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(picture), formats=("PNG",))
    image.load()
    return image.convert("RGBA")


def _stamp_style(picture: bytes) -> StaticStampStyle:
    fill = layout.SimpleBoxLayoutRule(
        layout.AxisAlignment.ALIGN_MID,
        layout.AxisAlignment.ALIGN_MID,
        margins=layout.Margins.uniform(0),
        inner_content_scaling=layout.InnerScaling.STRETCH_TO_FIT,
    )
    return StaticStampStyle(
        border_width=0, background=PdfImage(_decoded(picture)), background_layout=fill, background_opacity=1.0
    )
