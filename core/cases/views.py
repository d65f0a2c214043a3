"""What pages and programs see of a case: plain values, already judged, masked and worded.

Money is whole 分 (`*_fen`); times are aware datetimes; `locale` was applied to every text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from core.cases.part_views import (
    ApprovalView,
    ChargeView,
    CheckItemView,
    ChecklistView,
    ChildView,
    DocumentView,
    DueDocument,
    FactView,
    MoneyView,
    OpenableView,
    OutcomeView,
    PaperView,
    ProposalView,
    ReceiptView,
    SettlementView,
    SignerView,
    WaiverView,
)
from core.errors import Reason

StepStatus = Literal["closed", "open", "done", "skipped"]

__all__ = [
    "ApprovalView",
    "BoardCell",
    "BoardView",
    "CaseRow",
    "CaseView",
    "CashSheetView",
    "ChargeView",
    "CheckItemView",
    "ChecklistView",
    "ChildView",
    "DocumentView",
    "DueDocument",
    "FactView",
    "HistoryRow",
    "MoneyView",
    "OpenableView",
    "OutcomeView",
    "Page",
    "PaperView",
    "PartyView",
    "ProposalView",
    "ReceiptView",
    "SettlementView",
    "SignerView",
    "StepStatus",
    "StepView",
    "TodayView",
    "UnitView",
    "Verification",
    "WaiverView",
]


@dataclass(frozen=True)
class StepView:
    """One step on the rail. `why_not`: why it is closed. `missing`: what is still to do once it is open."""

    name: str
    title: str
    status: StepStatus
    roles: tuple[str, ...]  # titles of the roles in this estate
    mine: bool  # the reader has the role
    round: int
    why_not: tuple[Reason, ...]
    missing: tuple[Reason, ...]
    form: str | None
    papers: tuple[PaperView, ...]
    checklist: ChecklistView | None
    fees: bool
    documents: tuple[DocumentView, ...]
    due_documents: tuple[DueDocument, ...]
    outcomes: tuple[OutcomeView, ...]
    can_complete: bool  # nothing missing but somebody's word: show the button
    help: str = ""
    source: str = ""
    due_at: datetime | None = None
    done_at: datetime | None = None
    done_by: str = ""
    submitted: bool = False  # its form was filed in this round (a change is now a correction with a reason)
    overdue: bool = False
    valid_to: str = ""  # ISO date of the last day on which what it gave is good
    approvals: tuple[ApprovalView, ...] = ()
    may_approve: bool = False
    may_override: bool = False
    may_renew: bool = False
    settlement: SettlementView | None = None
    facts: tuple[FactView, ...] = ()  # what it must know of others
    rung: str = ""
    class_title: str = ""  # the class as it stands now, raised by time or not
    suggested: str = ""  # the class that the rules offer
    may_decide: bool = False  # the reader may choose its outcome
    proposed: ProposalView | None = None
    group: str = ""  # of one item of a per-item step: what the step as a whole is called
    item: str = ""  # the person or the role that the item is for


@dataclass(frozen=True)
class PartyView:
    party: str
    title: str
    person_id: str
    name: str
    kind: Literal["person", "company"]
    id_type: str
    id_number: str  # masked unless shown by a role, with an event
    phone: str
    masked: bool = True


@dataclass(frozen=True)
class HistoryRow:
    at: datetime
    by: str
    what: str
    kind: str
    seq: int


@dataclass(frozen=True)
class UnitView:
    id: str
    code: str
    label: str  # 3栋2单元501
    building: str
    entrance: str
    floor: int
    room: str
    area: str
    building_type: str
    layout: str
    use: str
    status: str
    owners: tuple[str, ...] = ()


@dataclass(frozen=True)
class CaseView:
    """A whole case as one reader sees it."""

    id: str
    estate: str
    estate_title: str
    procedure: str
    procedure_title: str
    number: str
    state: str
    state_title: str
    version: int
    unit: UnitView | None
    parties: tuple[PartyView, ...]
    steps: tuple[StepView, ...]
    current: str  # the step to show first
    money: MoneyView
    documents: tuple[DocumentView, ...]
    opened_at: datetime
    opened_by: str
    handler: str
    papers_present: int
    papers_total: int
    read_only: str = ""  # why nothing can be done: suspended, ended, plugin out of service
    may_withdraw: bool = False
    may_see_personal: bool = False
    subject: str = "unit"
    place: str = ""
    parent: ChildView | None = None
    children: tuple[ChildView, ...] = ()
    openable: tuple[OpenableView, ...] = ()

    @property
    def about(self) -> str:
        """What the case is about, in words: the unit, the place, the person, or the estate."""
        if self.unit or self.place:
            return self.unit.label if self.unit else self.place
        return self.parties[0].name if self.subject == "person" and self.parties else self.estate_title

    def step(self, name: str) -> StepView:
        """The step called `name`; KeyError when there is none."""
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(name)


@dataclass(frozen=True)
class CaseRow:
    """A case in a list."""

    id: str
    number: str
    procedure: str
    procedure_title: str
    unit: str
    owner: str
    state: str
    step: str
    step_title: str
    opened_at: datetime
    due_at: datetime | None = None
    place: str = ""
    state_title: str = ""
    overdue: bool = False

    @property
    def about(self) -> str:
        """The unit's code, or the place."""
        return self.unit or self.place


@dataclass(frozen=True)
class Page:
    """A page of a list; `next` is the cursor of the following one."""

    rows: tuple[Any, ...]
    next: str = ""
    total: int | None = None


@dataclass(frozen=True)
class TodayView:
    """What a clerk has before them today."""

    by_step: tuple[tuple[str, str, str, int, int], ...]  # (procedure, step, title, open, overdue)
    drafts: tuple[CaseRow, ...]
    recent: tuple[CaseRow, ...]
    jobs: tuple[tuple[str, int, int], ...]  # (task title, waiting or running, failed)


@dataclass(frozen=True)
class BoardCell:
    """A unit on the progress board; `state`: none, open, defects, done, withdrawn."""

    unit_id: str
    code: str
    room: str
    state: Literal["none", "open", "defects", "done", "withdrawn"]
    case_id: str = ""
    step: str = ""
    owner: str = ""
    missing: str = ""


@dataclass(frozen=True)
class BoardView:
    """Buildings as blocks; each floor a row of cells, top floor first."""

    procedure: str
    title: str
    buildings: tuple[tuple[str, tuple[tuple[int, tuple[BoardCell, ...]], ...]], ...]
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class CashSheetView:
    day: date
    closed: bool
    closed_by: str
    methods: tuple[tuple[str, int, int], ...]  # (title, taken fen, refunded fen)
    receipts: tuple[ReceiptView, ...]
    taken_fen: int
    refunded_fen: int
    net_fen: int
    cash_fen: int
    counted_fen: int | None
    note: str = ""
    first_number: str = ""
    last_number: str = ""
    cancelled: int = 0


@dataclass(frozen=True)
class Verification:
    """What the verify page says of a number: whether it is ours, when, its hash and fate; never its content."""

    known: bool
    state: Literal["issued", "superseded", "void", "unknown"]
    title: str = ""
    number: str = ""
    issued_on: date | None = None
    sha256: str = ""
    pdf_sha256: str = ""
    estate_title: str = ""
