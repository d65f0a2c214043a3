"""What pages and programs see of a case: plain values, already judged, masked and worded.

Money is whole 分 (`*_fen`); times are aware datetimes; `locale` was applied to every text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from core.errors import Reason

StepStatus = Literal["closed", "open", "done", "skipped"]


@dataclass(frozen=True)
class PaperView:
    """One required document at the counter."""

    name: str
    title: str
    evidence: tuple[tuple[str, str, bool], ...]  # (name, title, ticked)
    count: int
    state: Literal["missing", "partial", "present", "waived", "optional"]
    may_waive: bool
    reason: str = ""
    help: str = ""
    upload: bool = False
    blob: str = ""
    source: str = ""
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class CheckItemView:
    """One checklist item: its newest result, and all rounds before."""

    name: str
    title: str
    group: str
    hint: str = ""
    result: str = ""
    note: str = ""
    photo: str = ""
    round: int = 0
    open: bool = True  # not yet looked at, or failed
    failed: bool = False
    history: tuple[tuple[int, str, str, str], ...] = ()  # (round, result title, note, by)


@dataclass(frozen=True)
class ChecklistView:
    name: str
    title: str
    results: tuple[tuple[str, str], ...]  # (name, title)
    items: tuple[CheckItemView, ...]
    round: int
    note_on: tuple[str, ...]
    photo_on: tuple[str, ...]
    total: int
    checked: int
    open_items: int
    source: str = ""


@dataclass(frozen=True)
class ChargeView:
    """One charge with what moved against it; `explanation` says why it is so much."""

    id: str
    fee: str
    title: str
    amount_fen: int
    paid_fen: int
    open_fen: int
    refundable: bool
    refundable_fen: int
    waived: bool
    sample: bool
    may_waive: bool
    explanation: Mapping[str, Any]


@dataclass(frozen=True)
class ReceiptView:
    id: str
    kind: Literal["receipt", "refund"]
    number: str
    payer: str
    total_fen: int
    state: Literal["issued", "cancelled"]
    methods: tuple[tuple[str, int], ...]  # (title, fen)
    lines: tuple[tuple[str, int], ...]
    document_id: str | None
    at: datetime
    by: str
    cancel_reason: str = ""


@dataclass(frozen=True)
class MoneyView:
    charges: tuple[ChargeView, ...]
    receipts: tuple[ReceiptView, ...]
    charged_fen: int
    paid_fen: int
    due_fen: int
    deposit_fen: int
    total_capitals: str
    notice: str = ""  # money that is still held although the case has ended


@dataclass(frozen=True)
class SignerView:
    """One signature that a document needs; `signed_at` None: still open. `next`: it is this one's turn."""

    signer: str
    title: str
    kind: Literal["party", "role"]
    name: str
    next: bool
    way: str = ""
    signed_at: datetime | None = None
    witness: str = ""


@dataclass(frozen=True)
class DocumentView:
    """One issued paper. `may_*` say what the reader may do now."""

    id: str
    name: str
    title: str
    code: str
    number: str
    step: str
    state: Literal["issued", "superseded", "void"]
    signed: bool
    signers: tuple[SignerView, ...]
    signing: Literal["tablet", "paper", "either"]
    copies: tuple[tuple[str, str], ...]  # (title, to)
    seal: bool
    sealed: bool
    pdf_state: Literal["pending", "done", "failed", "waiting"]
    pdf_error: str
    word: str  # SHA-256
    pdf: str | None
    verify_path: str
    at: datetime
    by: str
    may_sign: bool = False
    may_void: bool = False
    void_reason: str = ""
    replaces: str = ""


@dataclass(frozen=True)
class DueDocument:
    """A paper that a step still has to issue; `reasons` empty: it can be issued now."""

    name: str
    title: str
    code: str
    step: str
    copies: int
    optional: bool
    numbered: bool
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class OutcomeView:
    name: str
    title: str
    reason_required: bool


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
