"""One case with all that was put into it, read once per request and kept in step while it is changed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from core import forms
from core.cases.desk import Desk
from core.cases.hooks import HookCase, hooks_of
from core.domain.bundle import Bundle
from core.domain.procedures import Step
from core.errors import Conflict, GateClosed, NotFound
from core.forms import join
from core.money.sums import Sums, sums as sums_of
from core.store.models import (
    Case,
    CaseParty,
    Charge,
    CheckResult,
    Document,
    Event,
    LedgerLine,
    PaperMark,
    Receipt,
    Remark,
    Signature,
    StepRun,
    Submission,
)
from core.store.session import after_commit, unit_of_work

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
_DOCUMENTS = _of_case(Document, Document.at, Document.id)
_PARTIES = (_of_case(CaseParty, CaseParty.since, CaseParty.id).where(CaseParty.until.is_(None))
            .options(joinedload(CaseParty.person)))
_ESTATE = select(Case.estate).where(Case.id == bindparam("case"))
_CASE = select(Case).where(Case.id == bindparam("case")).options(joinedload(Case.unit))
_CASE_ANEW = _CASE.execution_options(populate_existing=True)
_SIGNATURES = (select(Signature).join(Document, Signature.document_id == Document.id)
               .where(Document.case_id == bindparam("case")).order_by(Signature.at))

PersonData = dict[str, str]
"""What is known of a person: name, kind, id_type, id_number, phone, address, representative, representative_id."""


class CaseFile:
    """A case, its pinned definitions, and its rows; each kind of row is read when first asked for."""

    def __init__(self, desk: Desk, case: Case) -> None:
        self.desk = desk
        self.case = case
        self.bundle: Bundle = desk.office.bundle(desk.session, case.pin)
        self._sums: tuple[tuple[int, int], Sums] | None = None

    # ------------------------------------------------------------ rows

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

    # ------------------------------------------------------------ words about them

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role that a step of the procedure names."""
        return tuple(sorted({role for step in self.bundle.procedure.steps for role in step.role}))

    def run(self, step: str) -> StepRun | None:
        """The newest round of a step; None while it never opened."""
        return next((run for run in reversed(self.runs) if run.step == step), None)

    def round(self, step: str) -> int:
        run = self.run(step)
        return run.round if run else 1

    def submission(self, step: str) -> Submission | None:
        """The newest revision of the step's form, in whatever round."""
        return next((row for row in reversed(self.submissions) if row.step == step), None)

    def filed(self, step: str) -> bool:
        """Whether the step's form was filed in its present round."""
        row = self.submission(step)
        return row is not None and row.round == self.round(step)

    def values(self, step: str) -> dict[str, Any]:
        """The newest values of the step's form, sensitive ones opened; empty while nothing was filed."""
        row = self.submission(step)
        return self.opened(row) if row else {}

    def opened(self, row: Submission) -> dict[str, Any]:
        """The values of one revision, sensitive ones opened."""
        if row not in self._opened:
            secret = self.desk.unseal(self.case.estate, row.sealed) if row.sealed else {}
            self._opened[row] = join(row.plain, secret)
        return self._opened[row]

    @cached_property
    def _opened(self) -> dict[Submission, dict[str, Any]]:
        return {}

    def answers(self, step: Step) -> dict[str, Any]:
        """The newest values of the step's form as rules take them; every declared field is there, None while unanswered."""
        row = self.submission(step.name)
        if (step.name, row) not in self._answers:
            form, types = self.bundle.form(step.form or ""), self.desk.office.field_types
            stored = self.opened(row) if row else {}
            self._answers[step.name, row] = forms.rule_values(form, forms.from_json(form, stored, types), types)
        return self._answers[step.name, row]

    @cached_property
    def _answers(self) -> dict[tuple[str, Submission | None], dict[str, Any]]:
        return {}

    def sums(self) -> Sums:
        """The case's money, from its charges and ledger lines; both only ever grow."""
        seen = (len(self.charges), len(self.lines))
        if self._sums is None or self._sums[0] != seen:
            self._sums = seen, sums_of([(row.id, row.amount, row.refundable) for row in self.charges],
                                       [(row.charge_id, row.kind, row.amount) for row in self.lines])
        return self._sums[1]

    def mark(self, step: str, paper: str) -> PaperMark | None:
        """The newest mark of a required document."""
        return next((row for row in reversed(self.marks) if row.step == step and row.paper == paper), None)

    def results(self, step: str) -> dict[str, CheckResult]:
        """The newest result of each checklist item of a step."""
        return {row.item: row for row in self.checks if row.step == step}

    def issued(self, name: str, step: str | None = None) -> list[Document]:
        """The documents called `name` that stand (neither void nor superseded)."""
        return [row for row in self.documents if row.name == name and row.state == "issued"
                and (step is None or row.step == step)]

    @cached_property
    def people(self) -> dict[str, list[PersonData]]:
        """Everybody of the case by party, sealed data opened."""
        found: dict[str, list[PersonData]] = defaultdict(list)
        for row, person in self.persons:
            found[row.party].append(person)
        return found

    @cached_property
    def persons(self) -> list[tuple[CaseParty, PersonData]]:
        """Each row of `parties` with the person's data, sealed ones opened."""
        return [(row, {**self.desk.unseal(self.case.estate, row.person.sealed), "name": row.person.name,
                       "kind": row.person.kind}) for row in self.parties]

    # ------------------------------------------------------------ guarding changes

    def require_open(self) -> None:
        """GateClosed while the case is suspended or has ended, or its procedure is out of service."""
        if self.case.ended_at is not None:
            raise GateClosed(self.desk.tr(f"本件{'已撤回' if self.case.state == 'withdrawn' else '已办结'}，不能再办理",
                                           "This case has ended: nothing can be done any more"), number=2211)
        self.require_awake()

    def require_awake(self) -> None:
        """As `require_open`, for the few acts that an ended case still allows: giving money back, voiding a paper."""
        if self.case.state == "suspended":
            raise GateClosed(self.desk.tr("本件已暂停，恢复后才能继续办理", "This case is suspended; resume it first"), number=2210)
        stopped = self.desk.office.plugins.reason(self.case.procedure, self.case.estate)
        if stopped:
            raise GateClosed(self.desk.tr(f"本手续暂停服务，办件只读：{stopped}", f"Out of service, read only: {stopped}"), number=2212)

    def record(self, kind: str, *, reason: str = "", **data: Any) -> Event:
        """Append an event of this case; `version` lets a later Conflict say what changed.

        `reason`: what somebody typed stands sealed beside the chain, so that it can be erased without breaking it.
        """
        event = self.desk.record(self.case.estate, kind, self.case.id, version=self.case.version, **data)
        if reason:
            self.desk.session.add(Remark(estate=self.case.estate, case_id=self.case.id, seq=event.seq,
                                         sealed=self.desk.seal(self.case.estate, reason)))
        if not self.desk.office.plugins.reason(self.case.procedure, self.case.estate) and hooks_of(self).heard("case_changed"):
            after_commit(self.desk.session, lambda: _tell(self.desk, self.case.id, kind, data))
        return event

    def step(self, name: str) -> Step:
        """The step called `name`; NotFound when the procedure has none."""
        try:
            return self.bundle.procedure.step(name)
        except KeyError:
            raise NotFound(f"本手续没有步骤“{name}”") from None

    def forget(self, *kinds: str) -> None:
        """Read those kinds of rows again when next asked for."""
        for kind in kinds:
            self.__dict__.pop(kind, None)

    def people_changed(self) -> None:
        """Open the data of the parties again: somebody joined or stepped down."""
        self.forget("people", "persons")


def estate_of(session: Session, case_id: str | None) -> str | None:
    """The estate of a case, which never changes; None when there is no such case."""
    known = session.info.setdefault("estates_of_cases", {})
    if case_id not in known and (estate := session.scalar(_ESTATE, {"case": case_id})):
        known[case_id] = estate
    return known.get(case_id)


def open_file(desk: Desk, case_id: str | None, *, version: int | None = None, change: bool = False,
              unknown: str = "没有这件办件") -> CaseFile:
    """The file of a case, for those of its estate; NotFound (`unknown`) for strangers and when there is none.

    `change`: the case is going to change: nobody else changes it meanwhile, its version grows. `version`: what the reader had seen; a
    newer one in the store raises Conflict with what changed since.
    """
    if change:
        _queue(desk, case_id)
    case = desk.session.scalar(_CASE_ANEW if change else _CASE, {"case": case_id})
    if case is None or not desk.actor.knows(case.estate):
        raise NotFound(unknown)
    if version is not None and version != case.version:
        raise Conflict("这件办件刚被别人改动", changes=_changes_since(desk, case, version))
    if change:
        case.version += 1
    return CaseFile(desk, case)


def _queue(desk: Desk, case_id: str | None) -> None:
    """Changes of an estate's cases come one after the other: what is read from here on is what will be changed."""
    estate = estate_of(desk.session, case_id)
    if estate is not None and desk.actor.knows(estate):
        desk.queue(estate)


def _changes_since(desk: Desk, case: Case, version: int) -> list[dict[str, Any]]:
    query = select(Event).where(Event.case_id == case.id).order_by(Event.seq.desc()).limit(50)
    rows = [row for row in desk.session.scalars(query) if row.data.get("version", 0) > version]
    names = desk.names({row.by for row in rows})
    return [{"at": row.at.isoformat(), "by": names[row.by], "what": row.kind,
             "step": row.data.get("step", "")} for row in reversed(rows)]


def _tell(desk: Desk, case_id: str, change: str, details: dict[str, Any]) -> None:
    """Tell the plugins, in a transaction of its own: that of the act is over and reads no more."""
    with unit_of_work(desk.office.sessions, readonly=True) as session:
        file = open_file(replace(desk, session=session), case_id)
        hooks_of(file).case_changed(case=HookCase(file), change=change, details=details)
