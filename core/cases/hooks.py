"""A case as plugins see it, and the asking of their hooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from core import forms
from core.dispatch import Hooks
from core.domain.bundle import Bundle
from core.domain.estates import Unit

if TYPE_CHECKING:
    from core.cases.casefile import CaseFile


@dataclass(frozen=True)
class HookParty:
    """Somebody of a case, for plugins."""

    party: str
    name: str
    kind: str


class HookCase:
    """The read-only view of a case that hooks get (core.domain.views.CaseView)."""

    def __init__(self, file: CaseFile) -> None:
        self._file = file
        case = file.case
        self.number, self.procedure, self.estate, self.state = case.number, case.procedure, case.estate, case.state

    @property
    def bundle(self) -> Bundle:
        return self._file.bundle

    @property
    def today(self) -> date:
        return self._file.desk.today(self.estate)

    @cached_property
    def unit(self) -> Unit | None:
        row = self._file.case.unit
        if row is None:
            return None
        return Unit(code=row.code, building=row.building, entrance=row.entrance, floor=row.floor, room=row.room,
                    area=f"{row.area:.2f}", building_type=row.building_type, layout=row.layout, use=row.use, status=row.status)

    @cached_property
    def parties(self) -> Mapping[str, Sequence[HookParty]]:
        return {party: tuple(HookParty(party, person["name"], person["kind"]) for person in people)
                for party, people in self._file.people.items()}

    @cached_property
    def forms(self) -> Mapping[str, Mapping[str, Any]]:
        types = self._file.desk.office.field_types
        return {step.name: forms.from_json(self.bundle.form(step.form), self._file.values(step.name), types)
                for step in self.bundle.procedure.steps if step.form and self._file.submission(step.name)}


def hooks_of(file: CaseFile) -> Hooks:
    """The per-case hooks of the case's procedure and estate; PluginError when it is out of service."""
    return file.desk.office.plugins.for_procedure(file.case.procedure, file.case.estate)
