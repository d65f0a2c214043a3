"""The rows of one case, each kind read when it is first asked for."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from core.cases.desk import Desk
from core.domain.bundle import Bundle
from core.store.models import (
    Case,
    CaseParty,
    Charge,
    CheckResult,
    Document,
    LedgerLine,
    PaperMark,
    Receipt,
    Signature,
    StepAct,
    StepRun,
    Submission,
    Timer,
)

R = TypeVar("R")


def _of_case(model: Any, *order: Any) -> Select[Any]:
    return select(model).where(model.case_id == bindparam("case")).order_by(*order)


# Written once: putting a query together costs as much as sending it.
_RUNS = _of_case(StepRun, StepRun.round)
_SUBMISSIONS = _of_case(Submission, Submission.round, Submission.revision)
_MARKS = _of_case(PaperMark, PaperMark.at, PaperMark.id)
_CHECKS = _of_case(CheckResult, CheckResult.round, CheckResult.at, CheckResult.id)
_CHARGES = _of_case(Charge, Charge.at, Charge.id)
_LINES = _of_case(LedgerLine, LedgerLine.at, LedgerLine.id)
_RECEIPTS = _of_case(Receipt, Receipt.at, Receipt.id)
_ACTS = _of_case(StepAct, StepAct.at, StepAct.id)
_TIMERS = _of_case(Timer, Timer.at, Timer.id)
_CHILDREN = select(Case).where(Case.parent_id == bindparam("case")).order_by(Case.opened_at, Case.id)
_DOCUMENTS = _of_case(Document, Document.at, Document.id)
_PARTIES = (_of_case(CaseParty, CaseParty.since, CaseParty.id).where(CaseParty.until.is_(None))
            .options(joinedload(CaseParty.person)))
_SIGNATURES = (select(Signature).join(Document, Signature.document_id == Document.id)
               .where(Document.case_id == bindparam("case")).order_by(Signature.at))


class CaseRows:
    """A case, its pinned definitions, and what was put into it, in the order of time."""

    def __init__(self, desk: Desk, case: Case) -> None:
        self.desk = desk
        self.case = case
        self.bundle: Bundle = desk.office.bundle(desk.session, case.pin)

    def _rows(self, query: Select[Any]) -> list[Any]:
        return list(self.desk.session.scalars(query, {"case": self.case.id}))

    @cached_property
    def parties(self) -> list[CaseParty]:
        return self._rows(_PARTIES)

    @cached_property
    def runs(self) -> list[StepRun]:
        return self._rows(_RUNS)

    @cached_property
    def submissions(self) -> list[Submission]:
        return self._rows(_SUBMISSIONS)

    @cached_property
    def marks(self) -> list[PaperMark]:
        return self._rows(_MARKS)

    @cached_property
    def checks(self) -> list[CheckResult]:
        return self._rows(_CHECKS)

    @cached_property
    def charges(self) -> list[Charge]:
        return self._rows(_CHARGES)

    @cached_property
    def lines(self) -> list[LedgerLine]:
        return self._rows(_LINES) if self.charges else []

    @cached_property
    def receipts(self) -> list[Receipt]:
        return self._rows(_RECEIPTS) if self.charges else []

    @cached_property
    def documents(self) -> list[Document]:
        return self._rows(_DOCUMENTS)

    @cached_property
    def acts(self) -> list[StepAct]:
        """What was said of steps: consents, overrides, raised classes; and of waivers."""
        spoken = self.bundle.procedure.spoken or any(fee.waive.approval for fee in self.bundle.fees)
        return self._rows(_ACTS) if spoken else []

    @cached_property
    def timers(self) -> list[Timer]:
        return self._rows(_TIMERS) if self.bundle.procedure.timed else []

    @cached_property
    def children(self) -> list[Case]:
        """The sub-cases, in the order in which they were opened."""
        return self._rows(_CHILDREN) if self.bundle.procedure.children else []

    def add(self, rows: list[R], row: R) -> R:
        """Put a new row into the store and at the end of its list, which is read before the row is in the store."""
        rows.append(row)
        self.desk.session.add(row)
        return row

    def read_signatures(self) -> None:
        """Read the signatures of all documents at once, for those who look at each."""
        found: dict[str, list[Signature]] = defaultdict(list)
        for row in self._rows(_SIGNATURES):
            found[row.document_id].append(row)
        for document in self.documents:
            set_committed_value(document, "signatures", found[document.id])
