"""The parts of a case as pages and programs see them: papers, checks, money, documents, consents, sub-cases.

Money is whole 分 (`*_fen`); times are aware datetimes; every text is in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from core.errors import Reason


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
class WaiverView:
    """A waiver that waits for the consent of one of `roles` (titles)."""

    fen: int
    reason: str
    by: str
    at: datetime
    roles: tuple[str, ...]
    may_answer: bool


@dataclass(frozen=True)
class ChargeView:
    """One charge with what moved against it; `explanation` says why it is so much, and where that is written.

    `may_waive`: whether the reader may waive it, at most `waivable_fen`; `consent`: titles of the roles of which one must
    consent to that.
    """

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
    waived_fen: int = 0
    waivable_fen: int = 0
    consent: tuple[str, ...] = ()
    waiver: WaiverView | None = None


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
    """One signature that a document needs; `signed_at` None: still open. `next`: it is this one's turn.

    The evidence of one that was given: who (`name`), as what (`signer`, `title`), when (`signed_at`), before whom
    (`witness`), SHA-256 of the Word file that was seen (`shown`), address and browser (`device`).
    """

    signer: str
    title: str
    kind: Literal["party", "role"]
    name: str
    next: bool
    way: str = ""
    signed_at: datetime | None = None
    witness: str = ""
    shown: str = ""
    device: str = ""


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
    automatic: bool = False  # taken by itself when everybody asked has consented
    consents: tuple[str, ...] = ()  # titles of the roles without whose consent it has no effect


@dataclass(frozen=True)
class ApprovalView:
    """One consent: that was given (`at`), or that is asked for now. `mine`: the reader may give it."""

    role: str
    title: str
    to: str  # what is consented to: empty for the step, an outcome's title, or that it is late
    by: str = ""
    at: datetime | None = None
    note: str = ""
    mine: bool = False


@dataclass(frozen=True)
class ProposalView:
    """An outcome that was chosen and waits for consent."""

    outcome: str
    title: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class SettlementView:
    """A deposit as it would be settled now: (title, 分, case number) of each deduction."""

    held_fen: int
    lines: tuple[tuple[str, int, str], ...]
    refund_fen: int
    settled: bool
    may_settle: bool


@dataclass(frozen=True)
class ChildView:
    """A sub-case, or the parent."""

    id: str
    kind: str
    title: str
    number: str
    state_title: str
    opened_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class OpenableView:
    """A kind of sub-case that may be opened; `reasons`: why not now. `may`: the reader has the role to begin it."""

    kind: str
    title: str
    reasons: tuple[Reason, ...] = ()
    may: bool = True


@dataclass(frozen=True)
class FactView:
    """A fact that a step needs, worded for its reader. `value`, `outside` and `cases` are texts, empty while unknown.

    `name`: as the step names it, `unit.arrears_fen`. `kind`: money, integer, yes_no, text or date: which control asks for it.
    `outside`, `cases`: its parts; `fresh`: young enough; `may`: the reader may confirm it now; `who`: those who may.
    """

    name: str
    title: str
    kind: str
    value: str
    outside: str
    cases: str
    as_of: datetime | None
    origin: str
    by: str
    fresh: bool
    may: bool
    who: str
    age: str = ""
    source: str = ""
