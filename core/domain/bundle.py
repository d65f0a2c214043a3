"""One procedure as one estate has it: every layer merged, and the hash that a case pins."""

from __future__ import annotations

from functools import cached_property
from hashlib import sha256
from typing import Protocol, TypeVar

from core.domain.base import Frozen
from core.domain.documents import Clause, Document, Series
from core.domain.fees import Fee, PriceList
from core.domain.forms import Form
from core.domain.papers import Checklist, RequiredDocumentSet
from core.domain.procedures import Procedure
from core.domain.registers import Register


class _HasName(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_HasName)


class Bundle(Frozen):
    """The merged definitions of (estate, procedure).

    `templates`: file name → SHA-256 of the Word template (its bytes live in the blob store under that hash).
    `plugin_version`: of the plugin that declared the procedure. `pin`: SHA-256 of all of it, canonical JSON.
    """

    estate: str
    procedure: Procedure
    forms: tuple[Form, ...] = ()
    fees: tuple[Fee, ...] = ()
    price_lists: tuple[PriceList, ...] = ()
    required_documents: tuple[RequiredDocumentSet, ...] = ()
    checklists: tuple[Checklist, ...] = ()
    documents: tuple[Document, ...] = ()
    series: tuple[Series, ...] = ()
    texts: tuple[Clause, ...] = ()
    registers: tuple[Register, ...] = ()
    templates: dict[str, str] = {}
    plugin_version: str = ""

    @cached_property
    def canonical(self) -> str:
        """The bundle as JSON, the same bytes for the same definitions; without registers, which no case goes on with."""
        return self.model_dump_json(by_alias=True, exclude={"registers"})

    @cached_property
    def pin(self) -> str:
        """SHA-256 (hex) of `canonical`."""
        return sha256(self.canonical.encode()).hexdigest()

    def form(self, name: str) -> Form:
        """The form called `name`; KeyError when there is none."""
        return _named(self.forms, name)

    def fee(self, name: str) -> Fee:
        """The fee called `name`; KeyError when there is none."""
        return _named(self.fees, name)

    def price_list(self, name: str) -> PriceList:
        """The price list called `name`; KeyError when there is none."""
        return _named(self.price_lists, name)

    def papers(self, name: str) -> RequiredDocumentSet:
        """The set of required documents called `name`; KeyError when there is none."""
        return _named(self.required_documents, name)

    def checklist(self, name: str) -> Checklist:
        """The checklist called `name`; KeyError when there is none."""
        return _named(self.checklists, name)

    def document(self, name: str) -> Document:
        """The document called `name`; KeyError when there is none."""
        return _named(self.documents, name)

    def series_named(self, name: str) -> Series:
        """The series called `name`; KeyError when there is none."""
        return _named(self.series, name)


def _named(items: tuple[N, ...], name: str) -> N:
    for item in items:
        if item.name == name:
            return item
    raise KeyError(name)
