"""One case with all that was put into it, read once per request and kept in step while it is changed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cached_property
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session, joinedload

from core import forms
from core.cases.desk import Desk
from core.cases.hooks import HookCase, hooks_of
from core.cases.rows import CaseRows
from core.domain.base import Text
from core.domain.procedures import Step
from core.errors import Conflict, GateClosed, NotFound
from core.forms import join
from core.money.sums import Sums, sums as sums_of
from core.store.models import (
    Case,
    CaseParty,
    CheckResult,
    Document,
    Event,
    PaperMark,
    Remark,
    StepRun,
    Submission,
)
from core.store.session import after_commit, unit_of_work

_ESTATE = select(Case.estate).where(Case.id == bindparam("case"))
_CASE = select(Case).where(Case.id == bindparam("case")).options(joinedload(Case.unit))
_CASE_ANEW = _CASE.execution_options(populate_existing=True)

_NOTHING: dict[str, Any] = {}
"""The one empty form, so that what was derived from it is found again."""

PersonData = dict[str, str]
"""What is known of a person: name, kind, id_type, id_number, phone, address, representative, representative_id."""


class CaseFile(CaseRows):
    """A case with all that is known of it: its rows, and what they say of its steps, people and money."""

    def __init__(self, desk: Desk, case: Case) -> None:
        super().__init__(desk, case)
        self._sums: tuple[tuple[int, int], Sums] | None = None
        self.recorded = 0
        """How many events were recorded through this file."""

    @cached_property
    def parent(self) -> CaseFile | None:
        """The file of the case that this one is a sub-case of."""
        row = self.desk.session.get(Case, self.case.parent_id) if self.case.parent_id else None
        return CaseFile(self.desk, row) if row else None

    # ------------------------------------------------------------ words about them

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role that works on a step of this case."""
        return tuple(sorted({role for step in self.bundle.procedure.steps for role in self.step(step.name).role}))

    @property
    def steps(self) -> list[Step]:
        """Every step as it is in this case; a per-item step stands there once for each item, under its key."""
        return [self.step(key) for step in self.bundle.procedure.steps for key in self.keys(step) or [step.name]]

    def keys(self, step: Step) -> list[str]:
        """What `step` (of the procedure) is called in this case: its name, or one key for each of its items, perhaps none."""
        if step.each:
            return [f"{step.name}@{row.number}" for row in self.parties if row.party == step.each]
        if step.repeat and step.repeat.per_role:
            return [f"{step.name}@{role}" for role in step.role]
        return [step.name]

    def item(self, key: str) -> PersonData | None:
        """The person that a per-item step is about; None for other steps and for somebody who has left."""
        name, _, number = key.partition("@")
        step = next((one for one in self.bundle.procedure.steps if one.name == name), None)
        if step is None or not step.each:
            return None
        return next(({**person, "number": number} for row, person in self.persons
                     if row.party == step.each and str(row.number) == number), None)

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
        """The newest values of the step's form as they were filed, sensitive ones opened; empty while nothing was filed."""
        row = self.submission(step)
        return self.opened(row) if row else _NOTHING

    def opened(self, row: Submission) -> dict[str, Any]:
        """The values of one revision, sensitive ones opened."""
        if row not in self._opened:
            secret = self.desk.unseal(self.case.estate, row.sealed) if row.sealed else {}
            self._opened[row] = join(row.plain, secret)
        return self._opened[row]

    @cached_property
    def _opened(self) -> dict[Submission, dict[str, Any]]:
        return {}

    def effective(self, step: str) -> dict[str, Any]:
        """As `values`, with what later steps corrected and with the class that time has raised."""
        values = self.values(step)
        over: dict[str, Any] = {}
        for field, later in self.bundle.procedure.corrections.get(step, ()):
            corrected = self.values(later).get(field) if self.filed(later) else None
            if corrected not in (None, "", []):
                over[field] = corrected
        rule = next((one.classify for one in self.bundle.procedure.steps if one.name == step), None)
        if rule and rule.field in values:
            raised = [act.value for act in self.acts if act.step == step and act.kind == "escalation"]
            over[rule.field] = max([values[rule.field], *raised], key=lambda one: rule.order.index(one) if one in rule.order else -1)
        return {**values, **over} if over else values

    def answers(self, step: Step) -> dict[str, Any]:
        """The effective values of the step's form as rules take them; every declared field is there, None while unanswered."""
        stored = self.effective(step.name)
        known = self._answers.get(step.name)
        if known is None or known[0] is not stored:
            form, types = self.bundle.form(step.form or ""), self.desk.office.field_types
            known = stored, forms.rule_values(form, forms.from_json(form, stored, types), types)
            self._answers[step.name] = known
        return known[1]

    @cached_property
    def _answers(self) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
        """By step: the stored values, and what rules make of them; good as long as those are the stored ones."""
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
        """The newest result of each checklist item of a step; of a repeated step those of its present round."""
        run, repeated = self.run(step), self.bundle.procedure.step(step.partition("@")[0]).repeat
        since = run.opened_at if run and repeated else None
        return {row.item: row for row in self.checks if row.step == step and (since is None or row.at >= since)}

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
        self.recorded += 1
        event = self.desk.record(self.case.estate, kind, self.case.id, version=self.case.version, **data)
        if reason:
            self.desk.session.add(Remark(estate=self.case.estate, case_id=self.case.id, seq=event.seq,
                                         sealed=self.desk.seal(self.case.estate, reason)))
        if not self.desk.office.plugins.reason(self.case.procedure, self.case.estate) and hooks_of(self).heard("case_changed"):
            after_commit(self.desk.session, lambda: _tell(self.desk, self.case.id, kind, data))
        return event

    def step(self, key: str) -> Step:
        """The step of that key as it is in this case; NotFound when the case has none.

        Its `name` is the key, and its `role` everybody who works on it: also whom its `route` names, and those whose consent
        it asks for where it says nobody else.
        """
        name, at, item = key.partition("@")
        try:
            step = self.bundle.procedure.step(name)
        except KeyError:
            raise NotFound(f"本手续没有步骤“{key}”") from None
        if not (at or step.route or (step.approvals and not step.role)):
            return step
        changes: dict[str, Any] = {"role": self._workers(step)}
        if at:
            if key not in self.keys(step):
                raise NotFound(f"本手续没有步骤“{key}”")
            changes |= {"name": key, "title": self._item_title(step, item)}
            if step.repeat:
                changes["role"] = (item,)
        return step.model_copy(update=changes)

    def _workers(self, step: Step) -> tuple[str, ...]:
        routed = self._routed(step.route) if step.route else ""
        asked = step.approvals.by if step.approvals and not step.role and not routed else ()
        return tuple(dict.fromkeys((*step.role, *((routed,) if routed else ()), *asked)))

    def _routed(self, route: str) -> str:
        head, _, field = route.partition(".")
        return str(self.effective(head).get(field) or "")

    def _item_title(self, step: Step, item: str) -> Text:
        if step.repeat:
            office, estate = self.desk.office, self.case.estate
            zh, en = (office.role_title(estate, item, locale) for locale in ("zh_CN", "en"))
        else:
            zh = en = next((row.person.name for row in self.parties
                            if row.party == step.each and str(row.number) == item), item)
        return Text(zh=f"{step.title.zh}（{zh}）", en=f"{step.title.in_('en')} ({en})")

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
        file = _found(desk, case_id, _CASE_ANEW, unknown)
    else:
        file = desk.once(("file", case_id or ""), lambda: _found(desk, case_id, _CASE, unknown))
    case = file.case
    if version is not None and version != case.version:
        raise Conflict("这件办件刚被别人改动", changes=_changes_since(desk, case, version))
    if change:
        case.version += 1
    return file


def _found(desk: Desk, case_id: str | None, query: Select[Any], unknown: str) -> CaseFile:
    case = desk.session.scalar(query, {"case": case_id})
    if case is None or not desk.actor.knows(case.estate):
        raise NotFound(unknown)
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
