"""The company seal on a PDF: a PAdES signature (B-B or B-T, SHA-256) with the red seal where people expect it.

Each seal is an incremental update: several companies can seal in turn and every signature stays valid.
"""

from __future__ import annotations

import io
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol, runtime_checkable

import structlog
from cryptography import x509
from PIL import Image
from pyhanko.pdf_utils import layout
from pyhanko.pdf_utils.content import ResourceType
from pyhanko.pdf_utils.generic import DictionaryObject, pdf_name
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import fields, signers
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_byterange import BuildProps
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from core.documents.certificates import SigningIdentity, expired
from core.documents.cms_form import as_asn1
from core.documents.pdf_content import UnreadablePdf
from core.documents.seal_place import Place, Spot, find_spots
from core.documents.stamp import SealFace, draw_seal
from core.documents.timestamps import AWAY, TimestampAuthority
from core.errors import SealFailed

log = structlog.get_logger("shouxu.seal")
STAMPED = "B-T"
"""What a signature says of itself under its own protection, so that its time-stamp cannot be taken away unseen."""
_PLAIN = "B-B"
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


@runtime_checkable
class Certified(Protocol):
    """A sealer that knows its certificate: the house watches when it ends, and believes what leads to its root."""

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """The certificate that seals, and its issuers (nearest first)."""
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
    """Seals with a key held in memory or in a token. Threads may share one sealer.

    `stamp_png` replaces the drawn seal. `authority` puts a time-stamp on every seal; when it is away the seal is
    refused, unless `stamp_required` is false: then the seal goes without, and the log says so.
    Failures: SX-3403 no font for the seal, 3404 the PDF cannot be signed, 3405 certificate over, 3407 and 3408 the
    token, 3410 to 3412 the time-stamp.
    """

    def __init__(
        self,
        identity: SigningIdentity,
        *,
        stamp_png: bytes | None = None,
        authority: TimestampAuthority | None = None,
        stamp_required: bool = True,
        bytes_reserved: int = 0,
    ) -> None:
        self._identity = identity
        self._signer = _IdentitySigner(identity)
        self._stamp_png = stamp_png
        self._authority = authority
        self._stamp_required = stamp_required
        self._bytes_reserved = bytes_reserved or (32768 if authority else 8192)

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        return (self._identity.certificate, *self._identity.issuers)

    def available(self) -> str | None:
        return None

    def seal(
        self, pdf: bytes, *, seal_text: SealFace, where: Place | None = None, reason: str = "", at: datetime
    ) -> bytes:
        if at.tzinfo is None:
            raise ValueError("the time of sealing needs a time zone")
        if self._identity.days_left(at) < 0:
            raise expired(self._identity.name)
        picture = self._stamp_png or draw_seal(seal_text)
        try:
            spots = find_spots(pdf, seal_text.company, where or Place())
            try:
                return self._sign(pdf, spots, picture, reason, at, self._authority)
            except SealFailed as refusal:
                if refusal.number != AWAY or self._stamp_required:
                    raise
                log.warning("sealed_without_time_stamp", reason=reason, why=refusal.what)
                return self._sign(pdf, spots, picture, reason, at, None)
        except (UnreadablePdf, PdfError, SigningError, layout.LayoutError, OSError, ValueError) as error:
            raise SealFailed(
                f"这份 PDF 无法盖章 (this PDF cannot be signed): {error}", number=3404
            ) from error

    def _sign(
        self,
        pdf: bytes,
        spots: list[Spot],
        picture: bytes,
        reason: str,
        at: datetime,
        authority: TimestampAuthority | None,
    ) -> bytes:
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
                app_build_props=BuildProps("Shouxu", STAMPED if authority else _PLAIN),
            ),
            self._signer,
            timestamper=authority,
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


class _IdentitySigner(signers.Signer):
    """Signs with the key of an identity wherever it is held; pyHanko's own parses it anew each time (44 ms)."""

    def __init__(self, identity: SigningIdentity) -> None:
        store = SimpleCertificateStore()
        store.register_multiple([as_asn1(issuer) for issuer in identity.issuers])
        super().__init__(signing_cert=as_asn1(identity.certificate), cert_registry=store, embed_roots=False)
        self._identity = identity

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if dry_run:
            return bytes(512)
        return self._identity.sign(data, digest_algorithm)


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


class _Ink(PdfImage):
    """The seal as ink on paper: what is printed stays black beneath it and can be read."""

    def render(self) -> bytes:
        blend = DictionaryObject({pdf_name("/BM"): pdf_name("/Multiply")})
        self.set_resource(ResourceType.EXT_G_STATE, pdf_name("/Ink"), blend)
        return b"/Ink gs " + super().render()


def _stamp_style(picture: bytes) -> StaticStampStyle:
    fill = layout.SimpleBoxLayoutRule(
        layout.AxisAlignment.ALIGN_MID,
        layout.AxisAlignment.ALIGN_MID,
        margins=layout.Margins.uniform(0),
        inner_content_scaling=layout.InnerScaling.STRETCH_TO_FIT,
    )
    return StaticStampStyle(
        border_width=0, background=_Ink(_decoded(picture)), background_layout=fill, background_opacity=1.0
    )
