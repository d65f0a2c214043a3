"""What programs get where the services' own views are too much or too little; acts answer with the case's version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from core.cases.casefile import open_file
from core.cases.desk import Desk
from core.cases.verifying import FileVerdict
from core.cases.viewing import document_view
from core.cases.views import CaseRow, DocumentView, StepStatus, UnitView, Verification
from core.store.models import Document, Receipt


@dataclass(frozen=True)
class Standing:
    """Where a case stands after an act: its version (also the ETag), and each step by its key: its name, or `passes@3` for
    one item of a step that is done for each person or role."""

    case: str
    number: str
    version: int
    state: str
    steps: Mapping[str, StepStatus]


@dataclass(frozen=True)
class CasePage:
    """Cases, newest first; `next` is `after` of the following page, empty on the last."""

    rows: tuple[CaseRow, ...]
    next: str
    total: int | None


@dataclass(frozen=True)
class UnitPage:
    """Units by code; `next` is `after` of the following page, empty on the last."""

    rows: tuple[UnitView, ...]
    next: str
    total: int | None


@dataclass(frozen=True)
class EstateAnswer:
    name: str
    title: str
    code: str
    company: str
    timezone: str
    roles: tuple[str, ...]  # of the token's user there
    scopes: tuple[str, ...]  # of the token


@dataclass(frozen=True)
class StepSaid:
    name: str
    title: str
    roles: tuple[str, ...]
    requires: tuple[str, ...]
    form: str | None
    documents: tuple[str, ...]
    each: str | None = None  # the party for each of whose people it is done: its keys are `name@1`, `name@2`
    approvals: tuple[str, ...] = ()  # roles whose consent it asks for


@dataclass(frozen=True)
class PartySaid:
    name: str
    title: str
    kind: str
    many: bool
    optional: bool


@dataclass(frozen=True)
class ChildSaid:
    """A kind of sub-case, and its procedure."""

    kind: str
    title: str
    procedure: str


@dataclass(frozen=True)
class ProcedureAnswer:
    """A procedure of the estate. `startable`: the token's user may begin it; `stopped`: why nobody can. `subject`: what its
    cases may be about: unit, place, person, estate."""

    name: str
    title: str
    source: str
    startable: bool
    stopped: str
    steps: tuple[StepSaid, ...]
    subject: tuple[str, ...] = ("unit",)
    parties: tuple[PartySaid, ...] = ()
    children: tuple[ChildSaid, ...] = ()


@dataclass(frozen=True)
class Made:
    """The id of what was made."""

    id: str


@dataclass(frozen=True)
class Kept:
    """The hash under which an upload is kept; forms, papers and checks name it."""

    sha256: str


@dataclass(frozen=True)
class ProblemRow:
    """One wrong value: where, what, and its stable number."""

    field: str
    message: str
    code: str


@dataclass(frozen=True)
class Imported:
    rows: int
    created: int
    updated: int
    people: int
    problems: tuple[ProblemRow, ...]


@dataclass(frozen=True)
class Verdict:
    """Of a dry run: what `form` would refuse. Nothing was stored."""

    ok: bool
    errors: tuple[ProblemRow, ...]


@dataclass(frozen=True)
class FormAnswer:
    """A step's form. `values`: a draft, what was filed, or what a fresh form holds; `masked`: sensitive answers by
    path, covered and left out of `values`."""

    case: str
    step: str
    form: str
    title: str
    version: int
    submitted: bool
    draft_saved_at: datetime | None
    schema: Mapping[str, Any]
    ui: Mapping[str, Any]
    values: Mapping[str, Any]
    masked: Mapping[str, str]


@dataclass(frozen=True)
class DraftKept:
    saved_at: datetime


@dataclass(frozen=True)
class Filed(Standing):
    submission: str = ""
    revision: int = 0
    round: int = 0
    documents: tuple[DocumentView, ...] = ()


@dataclass(frozen=True)
class Checked(Standing):
    round: int = 0


@dataclass(frozen=True)
class Issued(Standing):
    documents: tuple[DocumentView, ...] = ()


@dataclass(frozen=True)
class Settled(Standing):
    """How a deposit was settled: `refund_fen` = `held_fen` − the deductions, each with the number of its case."""

    held_fen: int = 0
    lines: tuple[Deducted, ...] = ()
    refund_fen: int = 0


@dataclass(frozen=True)
class Deducted:
    name: str
    title: str
    fen: int
    origin: str


@dataclass(frozen=True)
class Receipted(Standing):
    receipt: str = ""
    receipt_number: str = ""
    kind: str = ""
    total_fen: int = 0
    receipt_state: str = ""
    document: str | None = None


@dataclass(frozen=True)
class Party:
    """A party with identity number and phone as they are."""

    party: str
    name: str
    kind: str
    id_type: str = ""
    id_number: str = ""
    phone: str = ""
    address: str = ""
    representative: str = ""
    representative_id: str = ""


@dataclass(frozen=True)
class Parties:
    parties: tuple[Party, ...]


@dataclass(frozen=True)
class Batch:
    """Blanks that were received."""

    series: str
    first: int
    last: int


@dataclass(frozen=True)
class MarkedRead:
    """How many notices were marked, and how many still wait."""

    marked: int
    unread: int


@dataclass(frozen=True)
class ClosedDay:
    day: date
    counted_fen: int
    totals: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class FileAnswer:
    """The verdict on a file: `status` as in the words of `shouxu verify`, `record` what is known of it."""

    status: str
    message: str
    accepted: bool
    record: Verification


# ---------------------------------------------------------------- making them


def standing(desk: Desk, case_id: str) -> Standing:
    """Where the case stands now."""
    return Standing(**standing_parts(desk, case_id))


def issued(desk: Desk, case_id: str, documents: list[Document]) -> Issued:
    """The documents that were issued, and where the case stands."""
    return Issued(**standing_parts(desk, case_id), documents=views(desk, case_id, documents))


def receipted(desk: Desk, receipt: Receipt) -> Receipted:
    """The receipt, and where its case stands."""
    return Receipted(**standing_parts(desk, receipt.case_id), receipt=receipt.id, receipt_number=receipt.number,
                     kind=receipt.kind, total_fen=receipt.total, receipt_state=receipt.state,
                     document=receipt.document_id)


def views(desk: Desk, case_id: str, documents: list[Document]) -> tuple[DocumentView, ...]:
    """Documents of one case as programs see them."""
    if not documents:
        return ()
    file = open_file(desk, case_id)
    return tuple(document_view(file, row) for row in documents)


def file_answer(verdict: FileVerdict) -> FileAnswer:
    return FileAnswer(verdict.status, verdict.message, verdict.accepted, verdict.record)


def standing_parts(desk: Desk, case_id: str) -> dict[str, Any]:
    """The members of `Standing`, for answers that say more."""
    desk.session.flush()
    file = open_file(desk, case_id)
    runs = {step.name: file.run(step.name) for step in file.steps}
    return {"case": case_id, "number": file.case.number, "version": file.case.version, "state": file.case.state,
            "steps": {name: run.state if run else "closed" for name, run in runs.items()}}
