"""One case with all that was put into it, read once per request and kept in step while it is changed."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.cases.desk import Desk
from core.cases.hooks import HookCase, hooks_of
from core.domain.bundle import Bundle
from core.domain.procedures import Step
from core.errors import Conflict, GateClosed, NotFound
from core.forms import join
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
    StepRun,
    Submission,
)
from core.store.session import after_commit

R = TypeVar("R")

PersonData = dict[str, str]
"""What is known of a person: name, kind, id_type, id_number, phone, address, representative, representative_id."""


class CaseFile:
    """A case, its pinned definitions, and its rows; each kind of row is read when first asked for."""

    def __init__(self, desk: Desk, case: Case) -> None:
        self.desk = desk
        self.case = case
        self.bundle: Bundle = desk.office.bundle(desk.session, case.pin)

    # ------------------------------------------------------------ rows

    def _rows(self, model: type[R], *order: Any) -> list[R]:
        query = select(model).where(model.case_id == self.case.id).order_by(*order)  # type: ignore[attr-defined]
        return list(self.desk.session.scalars(query))

    @cached_property
    def parties(self) -> list[CaseParty]:
        query = (select(CaseParty).where(CaseParty.case_id == self.case.id, CaseParty.until.is_(None))
                 .options(joinedload(CaseParty.person)).order_by(CaseParty.since, CaseParty.id))
        return list(self.desk.session.scalars(query))

    @cached_property
    def runs(self) -> list[StepRun]:
        return self._rows(StepRun, StepRun.round)

    @cached_property
    def submissions(self) -> list[Submission]:
        return self._rows(Submission, Submission.round, Submission.revision)

    @cached_property
    def marks(self) -> list[PaperMark]:
        return self._rows(PaperMark, PaperMark.at, PaperMark.id)

    @cached_property
    def checks(self) -> list[CheckResult]:
        return self._rows(CheckResult, CheckResult.round, CheckResult.at, CheckResult.id)

    @cached_property
    def charges(self) -> list[Charge]:
        return self._rows(Charge, Charge.at, Charge.id)

    @cached_property
    def lines(self) -> list[LedgerLine]:
        return self._rows(LedgerLine, LedgerLine.at, LedgerLine.id)

    @cached_property
    def receipts(self) -> list[Receipt]:
        return self._rows(Receipt, Receipt.at, Receipt.id)

    @cached_property
    def documents(self) -> list[Document]:
        return self._rows(Document, Document.at, Document.id)

    # ------------------------------------------------------------ words about them

    def run(self, step: str) -> StepRun | None:
        """The newest round of a step; None while it never opened."""
        return self._newest_runs.get(step)

    @property
    def _newest_runs(self) -> dict[str, StepRun]:
        return {run.step: run for run in self.runs}

    def round(self, step: str) -> int:
        run = self.run(step)
        return run.round if run else 1

    def submission(self, step: str) -> Submission | None:
        """The newest revision of the step's form, in whatever round."""
        for row in reversed(self.submissions):
            if row.step == step:
                return row
        return None

    def filed(self, step: str) -> bool:
        """Whether the step's form was filed in its present round."""
        row = self.submission(step)
        return row is not None and row.round == self.round(step)

    def values(self, step: str) -> dict[str, Any]:
        """The newest values of the step's form, sensitive ones opened; empty while nothing was filed."""
        row = self.submission(step)
        if row is None:
            return {}
        if row.id not in self._opened:
            secret = self.desk.unseal(self.case.estate, row.sealed) if row.sealed else {}
            self._opened[row.id] = join(row.plain, secret)
        return self._opened[row.id]

    @cached_property
    def _opened(self) -> dict[str, dict[str, Any]]:
        return {}

    def mark(self, step: str, paper: str) -> PaperMark | None:
        """The newest mark of a required document."""
        for row in reversed(self.marks):
            if row.step == step and row.paper == paper:
                return row
        return None

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
        for row in self.parties:
            secret = self.desk.unseal(self.case.estate, row.person.sealed)
            found[row.party].append({**secret, "name": row.person.name, "kind": row.person.kind})
        return found

    # ------------------------------------------------------------ guarding changes

    def require_open(self) -> None:
        """GateClosed while the case is suspended or has ended, or its procedure is out of service."""
        if self.case.state == "suspended":
            raise GateClosed("本件已暂停,恢复后才能继续办理", number=2210)
        if self.case.ended_at is not None:
            raise GateClosed("本件已办结或撤回,不能再办理", number=2211)
        stopped = self.desk.office.plugins.reason(self.case.procedure, self.case.estate)
        if stopped:
            raise GateClosed(f"本手续暂停服务,办件只读:{stopped}", number=2212)

    def record(self, kind: str, **data: Any) -> Event:
        """Append an event of this case; `version` lets a later Conflict say what changed."""
        event = self.desk.record(self.case.estate, kind, self.case.id, version=self.case.version, **data)
        if not self.desk.office.plugins.reason(self.case.procedure, self.case.estate):
            hooks = hooks_of(self)
            after_commit(self.desk.session, lambda: hooks.case_changed(case=HookCase(self), change=kind, details=data))
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


def open_file(desk: Desk, case_id: str, *, version: int | None = None, change: bool = False) -> CaseFile:
    """The file of a case, for those of its estate; NotFound for strangers.

    `change`: the case is going to change: it is locked, its version grows. `version`: what the reader had seen; a
    newer one in the store raises Conflict with what changed since.
    """
    query = select(Case).where(Case.id == case_id).options(joinedload(Case.unit))
    if change:
        query = query.with_for_update(of=Case).execution_options(populate_existing=True)
    case = desk.session.scalar(query)
    if case is None or not desk.actor.knows(case.estate):
        raise NotFound("没有这件办件")
    if version is not None and version != case.version:
        raise Conflict("这件办件刚被别人改动", changes=_changes_since(desk, case, version))
    if change:
        case.version += 1
    return CaseFile(desk, case)


def _changes_since(desk: Desk, case: Case, version: int) -> list[dict[str, Any]]:
    query = select(Event).where(Event.case_id == case.id).order_by(Event.seq.desc()).limit(50)
    rows = [row for row in desk.session.scalars(query) if row.data.get("version", 0) > version]
    names = desk.names({row.by for row in rows})
    return [{"at": row.at.isoformat(), "by": names[row.by], "what": row.kind,
             "step": row.data.get("step", "")} for row in reversed(rows)]


