"""What turns an issued Word file into a sealed PDF: the converter, and a sealer per company."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from core.cases.definitions import plain
from core.documents.certificates import development_identity, load_pkcs12
from core.documents.pdf import LibreOfficeConverter, NullConverter, PdfConverter
from core.documents.soffice import find_soffice
from core.documents.stamp import read_stamp
from core.errors import SettingsError
from core.settings import Settings

if TYPE_CHECKING:
    from core.documents.seal import Sealer

# Certificates made for development begin here, so that a walkthrough of the past can be sealed as of its own day.
DEVELOPMENT_EPOCH = datetime(2025, 1, 1, tzinfo=UTC)

Factory = Callable[[Mapping[str, str]], Any]


def chosen(makers: Mapping[str, Factory], setting: str, settings: Settings, **more: str) -> Any:
    """The part that the setting of that name chooses among what plugins bring; SettingsError when none is called so."""
    name = getattr(settings, setting)
    if name not in makers:
        raise SettingsError(f"设置 {setting} = {name}:没有插件提供 (no plugin brings it)", number=1003,
                            remedy="已有:" + ("、".join(sorted(makers)) or "无"))
    return makers[name]({**plain(settings), **more})


@dataclass
class PaperWorks:
    """Converter and sealers of one process, made when first needed.

    `converters`, `sealers`: makers that plugins bring, of which the settings may choose one by name.
    """

    settings: Settings
    converters: Mapping[str, Factory] = field(default_factory=dict)
    sealers: Mapping[str, Factory] = field(default_factory=dict)
    _converter: PdfConverter | None = None
    _sealers: dict[str, Sealer] = field(default_factory=dict)
    _roots: dict[bytes, x509.Certificate] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def converter(self) -> PdfConverter:
        """LibreOffice where it is installed, else one that says what is missing. Looked for again until found."""
        with self._lock:
            known = self._converter
            if known is None or isinstance(known, NullConverter):
                known = self._converter = self._made_converter()
            return known

    def _made_converter(self) -> PdfConverter:
        settings = self.settings
        if settings.pdf_converter:
            return chosen(self.converters, "pdf_converter", settings)
        found = find_soffice() if settings.soffice == "soffice" else settings.soffice
        if not found:
            return NullConverter()
        return LibreOfficeConverter(found, timeout=settings.pdf_timeout, work_dir=settings.data_dir / "soffice")

    def sealer(self, company: str) -> Sealer:
        """The sealer of a company: its PKCS#12 by setting, else one of this machine's development CA."""
        with self._lock:
            if company not in self._sealers and self.settings.sealer:
                self._sealers[company] = chosen(self.sealers, "sealer", self.settings, company=company)
            elif company not in self._sealers:
                identity = (load_pkcs12(self.settings.seal_pkcs12, self.settings.seal_pkcs12_password.get_secret_value())
                            if self.settings.seal_pkcs12
                            else development_identity(self.settings.data_dir, company, at=DEVELOPMENT_EPOCH))
                image = read_stamp(self.settings.seal_image.read_bytes()) if self.settings.seal_image else None
                from core.documents.seal import PyHankoSealer  # a quarter of a second that only sealing needs

                self._sealers[company] = PyHankoSealer(identity, stamp_png=image)
                self._roots |= {root.fingerprint(SHA256()): root
                                for root in identity.trust_roots}
            return self._sealers[company]

    def roots(self, companies: list[str]) -> list[x509.Certificate]:
        """The certificates that seals of these companies lead to."""
        for company in companies:
            self.sealer(company)
        return list(self._roots.values())
