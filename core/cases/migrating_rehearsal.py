"""A copy of a case that may be changed at will: what would happen to it, with nothing of that in the store."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from sqlalchemy import Select, inspect
from sqlalchemy.orm.attributes import set_committed_value

from core.cases.casefile import CaseFile
from core.cases.gates import Gates
from core.cases.timing import Key, asked_times
from core.domain.bundle import Bundle
from core.domain.procedures import Step
from core.store.models import CaseParty, Document, Event, new_id

R = TypeVar("R")


class Rehearsal(CaseFile):
    """The file of a copy of a case, under `bundle`: every row is a copy, new ones stay in their list, events are counted only."""

    def __init__(self, file: CaseFile, bundle: Bundle) -> None:
        super().__init__(file.desk, copied(file.case))
        set_committed_value(self.case, "unit", file.case.unit)
        self.bundle = bundle

    def _rows(self, query: Select[Any]) -> list[Any]:
        return [copied(row) for row in super()._rows(query)]

    def add(self, rows: list[R], row: R) -> R:
        known: Any = row
        known.id = known.id or new_id()
        rows.append(row)
        return row

    def record(self, kind: str, *, reason: str = "", **data: Any) -> Event:
        self.recorded += 1
        return cast(Event, None)

    def step(self, key: str) -> Step:
        found = super().step(key)
        # another case would be opened when the step is done
        return found.model_copy(update={"starts": ()}) if found.starts else found

    def read_all(self) -> None:
        """Read every kind of row now: what they are copies of is going to change."""
        for kind in ("parties", "runs", "submissions", "marks", "checks", "charges", "lines", "receipts", "documents", "acts",
                     "timers", "persons"):
            getattr(self, kind)


def copied(row: R) -> R:
    """A row with the same values that belongs to no session."""
    kind = type(row)
    found = kind(**{column.key: getattr(row, column.key) for column in inspect(kind).mapper.column_attrs})
    if isinstance(row, CaseParty):
        set_committed_value(found, "person", row.person)
    if isinstance(row, Document):
        set_committed_value(found, "signatures", [])
    return found


def fresh_times(file: CaseFile) -> dict[Key, Any]:
    """By timer of the case: the moment that it counts from and when it is up, as if it had never rested."""
    copy = Rehearsal(file, file.bundle)
    copy.__dict__ |= {"runs": file.runs, "submissions": file.submissions, "acts": file.acts, "parties": file.parties,
                      "charges": file.charges, "lines": file.lines, "checks": file.checks, "marks": file.marks,
                      "documents": file.documents, "timers": []}
    return dict(asked_times(copy, Gates(copy).holds)) if file.bundle.procedure.timed else {}
