"""What turns an issued Word file into a sealed PDF: the converter, and a sealer per company."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any

from core.cases.definitions import plain
from core.cases.seals import Seals
from core.documents.pdf import LibreOfficeConverter, NullConverter, PdfConverter
from core.documents.soffice import find_soffice
from core.errors import SettingsError
from core.settings import Settings

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
        return LibreOfficeConverter(found, timeout=settings.pdf_timeout, work_dir=settings.data_dir / "soffice",
                                    warm=settings.pdf_warm_workers)

    @cached_property
    def seals(self) -> Seals:
        """The sealers, one for each company."""
        if not self.settings.sealer:
            return Seals(self.settings)
        return Seals(self.settings, lambda company: chosen(self.sealers, "sealer", self.settings, company=company))
