"""What a plugin sees of a case: read only, and nothing of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from core.domain.bundle import Bundle
from core.domain.estates import Unit


class PartyView(Protocol):
    """Somebody of a case."""

    @property
    def party(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...


class CaseView(Protocol):
    """A case as hooks get it.

    `forms`: accepted values of the current revision by step, then by field (types as in
    `core.domain.forms.Field`); `parties`: people and firms by party name; `state`: open, suspended,
    withdrawn, or the name of its end; `today`: the date on the estate's clock. Reading never writes, and
    holding a view after the hook is a mistake.
    """

    @property
    def number(self) -> str: ...
    @property
    def procedure(self) -> str: ...
    @property
    def estate(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def unit(self) -> Unit | None: ...
    @property
    def parties(self) -> Mapping[str, Sequence[PartyView]]: ...
    @property
    def forms(self) -> Mapping[str, Mapping[str, Any]]: ...
    @property
    def today(self) -> date: ...
    @property
    def bundle(self) -> Bundle: ...
