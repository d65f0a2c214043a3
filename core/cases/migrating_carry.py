"""The rows of a case under newer definitions: each stays, gets another name, or is set aside; then every step that was done is asked
whether it would be done by the newer definitions too. What happens here happens to a case and to its rehearsal alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, inspect, select
from sqlalchemy.orm import object_session

from core.cases.casefile import CaseFile
from core.cases.charging import ensure_charges
from core.cases.gates import Gates
from core.cases.migrating_diff import renames
from core.cases.migrating_forms import carry_forms
from core.cases.migrating_rehearsal import Rehearsal
from core.cases.migrating_time import move_times, renew_validity
from core.cases.migrating_views import ChargeChange, Misfit, Reopened
from core.cases.opening import add_party, owners_today, require_fit
from core.cases.progress import reopen
from core.cases.values import dotted
from core.domain.procedures import Party, Step
from core.errors import InvalidInput, MoneyRefused, Reason
from core.money import schedule
from core.store.models import CheckResult, PaperMark, Person, StepAct, StepRun, Timer

_TIMERS = select(Timer).where(Timer.case_id == bindparam("case"))
APPENDED = ((PaperMark, "marks"), (CheckResult, "checks"), (StepAct, "acts"))
"""Rows that are never changed: under another name of their step they stand a second time."""


@dataclass
class Carry:
    """One case being carried over. `before`: a copy of it as it stood; `file`: sees it by the newer definitions.

    `blockers`: what makes it impossible; the rest says what was done.
    """

    before: Rehearsal
    file: CaseFile
    reason: str = ""
    blockers: list[Reason] = field(default_factory=list)
    misfits: list[Misfit] = field(default_factory=list)
    reopened: list[Reopened] = field(default_factory=list)
    charges: list[ChargeChange] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        steps = self.file.bundle.procedure.steps
        self.renamed = renames(self.before.bundle.procedure.steps, steps)
        self.former = {new: old for old, new in self.renamed.items()}
        self.gates_before = Gates(self.before)
        self.missing_before = {step.name: self._needs(step, self.gates_before) for step in self.before.steps}

    def carry(self) -> None:
        """Do all of it; what time then asks for is the last thing."""
        self._rename_rows()
        self._people()
        self.misfits = carry_forms(self.file, self.before, self.former, self.reason)
        self._set_aside()
        for key in dict.fromkeys(misfit.step for misfit in self.misfits):
            self._new_round(key)
        self._money()
        self._judge_done_again()
        self._take_back_openings()
        renew_validity(self.file, self.before, self.former)
        move_times(self.file, self.before, self.former, self._every_timer())

    # ------------------------------------------------------------ names

    def now(self, key: str) -> str:
        """What a step of before is called now."""
        name, at, item = key.partition("@")
        return f"{self.renamed.get(name, name)}{at}{item}"

    def was(self, key: str) -> str:
        """What a step of now was called."""
        name, at, item = key.partition("@")
        return f"{self.former.get(name, name)}{at}{item}"

    def _rename_rows(self) -> None:
        if not self.renamed:
            return
        file = self.file
        taken = {(run.step, run.round) for run in file.runs}
        for run in file.runs:
            name = self.now(run.step)
            if name != run.step and (name, run.round) not in taken:
                run.step = name
        for row in (*file.documents, *self._every_timer()):
            row.step = self.now(row.step)
        for kind, rows in APPENDED:
            there: list[Any] = getattr(file, rows)
            for row in [row for row in there if self.now(row.step) != row.step]:
                values = {column: getattr(row, column) for column in _columns(kind) if column != "id"}
                file.add(there, kind(**values | {"step": self.now(row.step)}))

    def _every_timer(self) -> list[Timer]:
        """The timers of the case, also where the newer definitions ask nothing of time."""
        if self.file.bundle.procedure.timed:
            return self.file.timers
        if "every_timer" not in self.__dict__:
            self.__dict__["every_timer"] = self.file._rows(_TIMERS)
        return self.__dict__["every_timer"]

    # ------------------------------------------------------------ people

    def _people(self) -> None:
        file, procedure = self.file, self.file.bundle.procedure
        names = {party.name for party in procedure.parties}
        for row in [row for row in file.parties if row.party not in names]:
            row.until = file.desk.now
            file.parties.remove(row)
            file.record("party.removed", party=row.party, person=row.person_id)
        file.people_changed()
        known = {party.name for party in self.before.bundle.procedure.parties}
        for party in procedure.parties:
            people = [row.person for row in file.parties if row.party == party.name]
            try:
                if party.name not in known:
                    for person in (people := self._starting(party)):
                        add_party(file, party, person)
                require_fit(file.desk, party, people)
            except InvalidInput as error:
                self.blockers += [Reason("party", problem.message, "", party.name, party.source) for problem in error.problems]

    def _starting(self, party: Party) -> list[Person]:
        """Who stands there as `party` when a case begins, and has no other part in this one."""
        file = self.file
        if party.start.startswith("parent."):
            return [row.person for row in (file.parent.parties if file.parent else ())
                    if row.party == party.start.removeprefix("parent.")]
        if party.start != "unit.owners" or file.case.unit is None:
            return []
        there = {row.person_id for row in file.parties}
        left = [person for person in owners_today(file.desk, file.case.unit) if person.id not in there]
        if not left and not party.optional:
            title = file.desk.say(party.title)
            said = file.desk.tr(f"新定义要有{title}，房屋没有其他登记业主",
                                f"The newer definitions need {title}; the unit has no other owner")
            self.blockers.append(Reason("party", said, "", party.name, party.source))
        return left if party.many else left[:1]

    # ------------------------------------------------------------ steps

    def _set_aside(self) -> None:
        """Close what the newer definitions no longer ask for; forget that a step did not apply which now has no condition."""
        file = self.file
        keys = {step.name: step for step in file.steps}
        for run in list(file.runs):
            step = keys.get(run.step)
            if step is None and run.state == "open":
                self._note_left(run)
                run.state, run.done_at, run.due_at = "skipped", file.desk.now, None
                file.record("step.skipped", step=run.step, round=run.round)
            elif step and run is file.run(run.step) and run.state == "skipped" and step.when is None and step.repeat is None:
                self._forget(run)

    def _note_left(self, run: StepRun) -> None:
        """Say what was begun in an open step that is gone."""
        before, was = self.before, self.was(run.step)
        if before.filed(was) or before.results(was) or any(row.step == was and row.state == "issued" for row in before.documents):
            name = was.partition("@")[0]
            title = next((before.desk.say(step.title) for step in before.bundle.procedure.steps if step.name == name), was)
            self.left.append(title)

    def _forget(self, run: StepRun) -> None:
        """Take a round back that has not begun yet by the newer definitions; a later one than the first stays open instead."""
        if run.round > 1:
            run.state, run.done_at = "open", None
            return
        self.file.runs.remove(run)
        session = object_session(run)
        if session is not None:
            session.delete(run)
            session.flush()  # the step may begin anew in this very act

    def _new_round(self, key: str) -> None:
        """Ask for the form of a step again, in a round of its own."""
        file, run = self.file, self.file.run(key)
        if run is None:
            return
        if run.state == "open":
            run.state, run.done_at = "skipped", file.desk.now
        reopen(file, key, new_round=True)
        reasons = tuple(Reason("form", "：".join(word for word in (one.title or one.field, one.message) if word), key, one.field)
                        for one in self.misfits if one.step == key)
        self._note("round", key, reasons)

    def _note(self, how: Any, key: str, reasons: tuple[Reason, ...]) -> None:
        self.reopened.append(Reopened(key, self.file.desk.say(self.file.step(key).title), how, reasons))

    def _judge_done_again(self) -> None:
        """Open every done step again which by the newer definitions still needs what it did not need before."""
        for step in self.file.steps:
            run = self.file.run(step.name)
            if run is None or run.state != "done":
                continue
            earlier = self.missing_before.get(self.was(step.name), {})
            fresh = [reason for key, reason in self._needs(step, Gates(self.file)).items() if key not in earlier]
            fresh += self._outcome_changed(step, run)
            if fresh:
                reopen(self.file, step.name, new_round=False)
                self._note("again", step.name, tuple(fresh))

    def _needs(self, step: Step, gates: Gates) -> dict[tuple[str, ...], Reason]:
        """What a step needs, by what asks for it."""
        if step.each and "@" not in step.name:
            return {}
        said = {"until": step.until or "", "outcome": repr([one.name for one in step.outcomes]), "fact": repr(step.needs_fact)}
        return {(reason.kind, "" if reason.kind in ("until", "outcome", "settle") else reason.target, said.get(reason.kind, "")):
                reason for reason in gates.missing(step)}

    def _outcome_changed(self, step: Step, run: StepRun) -> list[Reason]:
        """A reason where what was decided means something else by now, or nothing."""
        if not run.outcome or not step.outcomes:
            return []
        was = self.was(step.name).partition("@")[0]
        former = next((one for one in self.before.bundle.procedure.steps if one.name == was), None)
        old = next((one for one in (former.outcomes if former else ()) if one.name == run.outcome), None)
        new = next((one for one in step.outcomes if one.name == run.outcome), None)
        if old and new and (tuple(self.now(one) for one in old.reopen), old.end, old.wait) == (new.reopen, new.end, new.wait):
            return []
        desk = self.file.desk
        title = desk.say(old.title) if old else run.outcome
        said = desk.tr(f"结果“{title}”已不再这样用", f"The outcome “{title}” means something else now")
        return [Reason("outcome", said, step.name, run.outcome, step.source)]

    def _take_back_openings(self) -> None:
        """A step that was open and is closed by the newer definitions begins when its gate opens: with its fees and its times."""
        closed = [judged.step.name for judged in Gates(self.file).all() if judged.status == "closed"]
        already = {self.now(judged.step.name) for judged in self.gates_before.all() if judged.status == "closed"}
        for key in [key for key in closed if key not in already]:
            run = self.file.run(key)
            if run is not None and run.state == "open" and run.round == 1:
                self._forget(run)

    # ------------------------------------------------------------ money

    def _money(self) -> None:
        """Charges follow their fee to its present name and stage, and are never changed; fees that are new are charged."""
        file, bundle = self.file, self.file.bundle
        names, fees = renames(self.before.bundle.fees, bundle.fees), {fee.name: fee for fee in bundle.fees}
        ours = {fee.name for fee in self.before.bundle.fees}
        for row in file.charges:
            name = names.get(row.fee, row.fee)
            fee = fees.get(name)
            if fee is not None and (name, fee.stage) != (row.fee, row.stage):
                self.charges.append(self._charge("moved", row, row.amount, fee.stage))
                row.fee, row.stage = name, fee.stage
            elif fee is None and row.fee in ours:
                self.charges.append(self._charge("gone", row, 0))
        stages = {step.fees for step in bundle.procedure.steps if step.fees}
        if not stages and any(one.open or one.held for one in file.sums().charges.values()):
            said = file.desk.tr("新定义没有收费步骤，而本件有应收未收或在押的款项",
                                "The newer definitions take no money, but money is due or held here")
            self.blockers.append(Reason("fee", said))
        for step in file.steps:
            if step.fees and file.run(step.name) is not None:
                self._price(step)

    def _price(self, step: Step) -> None:
        file, gates, before = self.file, Gates(self.file), len(self.file.charges)
        try:
            priced = schedule(file.bundle.fees, step.fees or "", lambda name: dotted(file, name), gates.holds, file.bundle.price_lists)
            charged = {row.fee: row for row in file.charges if row.stage == step.fees}
            self.charges += [self._charge("differs", row, one.fen) for one in priced
                             if (row := charged.get(one.fee)) is not None and row.amount != one.fen]
            ensure_charges(file, step, gates)
        except MoneyRefused:  # a form must be filed first: it is priced when the step opens again
            run = file.run(step.name)
            if run is not None and run.round == 1:
                self._forget(run)
            return
        self.charges += [self._charge("new", row, row.amount) for row in file.charges[before:]]

    def _charge(self, how: Any, row: Any, would: int, stage: str = "") -> ChargeChange:
        known = self.file.sums().charges.get(row.id)
        return ChargeChange(how, row.fee, row.title, row.amount, would, known.open if known else row.amount, stage or row.stage)


def _columns(kind: type[Any]) -> list[str]:
    return [column.key for column in inspect(kind).mapper.column_attrs]
