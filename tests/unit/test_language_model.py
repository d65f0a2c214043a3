"""Random cases of random small procedures, held against a plain model of the language (tests/language_model): the same steps are
open, in the same rounds, the same deadlines run or are missed, the same ends are reached, everything else is refused, and no case
gets stuck in a procedure that `check` let pass."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, reject, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.cases import approving, filling, lifecycle, opening
from core.cases.building import build_office
from core.cases.casefile import CaseFile, open_file
from core.cases.facts import confirm_fact
from core.cases.gates import Gates
from core.cases.people import add_person
from core.cases.sweeping import sweep_due
from core.cases.timing import is_overdue, valid_to
from core.clock import FixedClock
from core.errors import DefinitionErrors, Forbidden, GateClosed, InvalidInput, NotFound
from core.loader import Plugins
from core.security.policy import Actor
from core.settings import Settings
from core.store.models import Case as CaseRow
from tests.cases_kit import ELM, NINE
from tests.language_kit import Office, office, procedures
from tests.language_model import acts
from tests.language_model.acts import Act
from tests.language_model.drawing import ROLES, Said, worlds, written
from tests.language_model.plain import Case, World

LARGE = os.environ.get("SHOUXU_FAULTS") == "large"
SLOW = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large, HealthCheck.large_base_example)
LENGTHS = (timedelta(minutes=20), timedelta(hours=3), timedelta(hours=11), timedelta(days=1), timedelta(days=3), timedelta(days=9))


class Cases(RuleBasedStateMachine):
    """One random case and what belongs to it, in the engine and in the model."""

    prepared: Path
    """A database with the estate, its units and its staff, copied for each example."""
    settled: Settings
    actors: ClassVar[dict[str, Actor]]
    judged = refused = 0

    @initialize(said=worlds())
    def begin(self, said: dict[str, Said]) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=self.prepared.parent))
        self.behind = False
        Cases.judged += 1
        try:
            library = procedures(self.folder, {name: written(name, one) for name, one in said.items()})
        except DefinitionErrors:  # `check` has something to say of it: no case to open
            Cases.refused += 1
            reject()
        shutil.copy(self.prepared, self.folder / "shouxu.sqlite")
        self.clock = FixedClock(NINE)  # moved by the machine alone
        settled = self.settled.model_copy(update={"database_url": f"sqlite:///{self.folder / 'shouxu.sqlite'}"})
        self.house = Office(build_office(settled, clock=self.clock, durable=False, definitions=(Plugins(), library)), self.clock,
                            dict(self.actors))
        self.world = World(said, self.clock.now())
        self.world.open("job")
        self.ids = [self.house.open("job")]
        self.people: dict[int, str] = {}

    def teardown(self) -> None:
        if hasattr(self, "house"):
            self.house.office.sessions.kw["bind"].dispose()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ------------------------------------------------------------ acts

    @precondition(lambda self: hasattr(self, "world"))
    @rule(data=st.data(), wrong=st.sampled_from((False, False, False, True)), rare=st.sampled_from((False, False, True)))
    def act(self, data: st.DataObject, wrong: bool, rare: bool) -> None:
        """Somebody does something that may be done, or tries what may not."""
        self.pass_time(timedelta(minutes=1))
        found = [one for one in acts.everything(self.world) if one.may is not wrong and (rare or one.word not in RARE)]
        if not found:
            return
        chosen = data.draw(st.sampled_from(found))
        if chosen.word == "submit":
            day = data.draw(st.sampled_from((None, -1, 0, 1, 2, 5)))
            local = self.world.now + timedelta(days=day or 0)
            chosen = Act(chosen.case, "submit", chosen.key, {"grade": chosen.given} | ({"day": f"{local:%Y-%m-%d}"} if day is not None
                                                                                      else {}), chosen.may)
        case = self.world.cases[chosen.case]
        try:
            DO[chosen.word](self, self.ids[chosen.case], chosen)
        except (GateClosed, Forbidden, NotFound, InvalidInput) as error:
            assert not chosen.may, f"{chosen} was refused: {error}"
        else:
            assert chosen.may, f"{chosen} was not refused"
            MODEL[chosen.word](case, chosen)
        self.meet()

    also_act = act  # more often than time passes

    def meet(self) -> None:
        """Know the cases that the act has opened."""
        new = [row for row in self.house.rows(CaseRow, ended_at=None) if row.id not in self.ids]
        for case in self.world.cases[len(self.ids):]:
            row = next((row for row in new if row.procedure == case.kind), None)
            assert row, f"no {case.kind} was opened"
            new.remove(row)
            self.ids.append(row.id)
        assert not new, f"{[row.procedure for row in new]} was opened"

    @precondition(lambda self: hasattr(self, "world"))
    @rule(length=st.sampled_from(LENGTHS), behind=st.sampled_from((False, False, True)))
    def wait(self, length: timedelta, behind: bool) -> None:
        """Time passes; `behind`: the next act comes before the timers that are due."""
        self.pass_time(length, behind=behind)

    def pass_time(self, length: timedelta, *, behind: bool = False) -> None:
        was_behind, self.behind = self.behind, behind
        if was_behind and not behind and length < LENGTHS[0]:
            return  # the act that comes first
        self.clock.advance(length)
        self.world.now = self.clock.now()
        if not behind:
            sweep_due(self.house.office)
            self.world.sweep()

    # ------------------------------------------------------------ what must hold

    @invariant()
    def stands_as_the_model_says(self) -> None:
        if not hasattr(self, "world"):
            return
        for case, case_id in zip(self.world.cases, self.ids, strict=True):
            self.same(case, case_id)
            parent = case.parent
            if not case.ended and not (parent and (parent.ended or acts.can_go_on(parent))):
                assert acts.can_go_on(case), f"nothing can be done any more, and {case.kind} has not ended"

    def same(self, case: Case, case_id: str) -> None:
        with self.house.reading("elm") as desk:
            file = open_file(desk, case_id)
            assert file.case.state == case.state
            if not case.ended:
                self.same_steps(case, file)

    def same_steps(self, case: Case, file: CaseFile) -> None:
        assert {judged.step.name: judged.status for judged in Gates(file).all()} == {key: case.status(key) for key in case.shown()}
        for key in case.all_keys():
            step, last = file.step(key), case.last(key)
            assert (key, file.round(key)) == (key, case.number(key))
            assert (key, is_overdue(file, step)) == (key, case.overdue(key))
            run = file.run(key)
            assert (key, run.outcome if run else "") == (key, last.outcome if last else "")
            assert (key, run.rung if run else "") == (key, last.rung if last else "")
            assert (key, valid_to(file, key)) == (key, case.good_until(key))
            if step.classify:
                assert (key, file.effective(key).get("grade")) == (key, case.grade(key))
        waiting = {((row.step, row.round, row.kind, row.name), row.at) for row in file.timers
                   if row.state in ("waiting", "paused") and row.kind != "opens"}
        assert waiting == {(key, timer.at) for key, timer in case.timers.items()
                           if timer.live and not timer.fired and not timer.kept and key[2] != "opens"}


# ---------------------------------------------------------------- one act, in the engine and in the model


RARE = ("withdraw", "suspend", "hand_over", "submit", "leave")
Do = Callable[[Cases, str, Act], Any]


def _join(self: Cases, case_id: str, act: Act) -> None:
    with self.house.at("elm") as desk:
        number = self.world.cases[act.case].joined + 1
        self.people[number] = add_person(desk, ELM, {"name": f"n{number}"}).id
        opening.set_party(desk, case_id, "people", self.people[number])


def _as_elm(do: Callable[..., Any]) -> Do:
    return lambda self, case_id, act: self.house.act("elm", do, case_id)


def _because(do: Callable[..., Any]) -> Do:
    return lambda self, case_id, act: self.house.act("elm", do, case_id, "because")


DO: dict[str, Do] = {
    "complete": lambda self, case_id, act: self.house.act("elm", lifecycle.complete, case_id, act.key),
    "decide": lambda self, case_id, act: self.house.act("elm", lifecycle.decide, case_id, act.key, act.given),
    "consent": lambda self, case_id, act: self.house.act(ROLES[act.given], approving.approve, case_id, act.key),
    "submit": lambda self, case_id, act: self.house.act("elm", filling.submit, case_id, act.key, act.given, reason="because"),
    "say_dues": lambda self, case_id, act: self.house.act("elm", confirm_fact, case_id, act.key, "unit.dues", act.given),
    "override": lambda self, case_id, act: self.house.act("zhao", approving.override, case_id, act.key, "because"),
    "renew": lambda self, case_id, act: self.house.act("elm", approving.renew, case_id, act.key, "because"),
    "join": _join,
    "leave": lambda self, case_id, act: self.house.act("elm", opening.remove_party, case_id, "people", self.people[act.given], "because"),
    "child": lambda self, case_id, act: self.house.act("elm", opening.open_child, case_id, "sub"),
    "suspend": _because(lifecycle.suspend), "resume": _as_elm(lifecycle.resume), "withdraw": _because(lifecycle.withdraw),
    "hand_over": lambda self, case_id, act: self.house.act("elm", lifecycle.hand_over, case_id, "wang", "because")}

MODEL: dict[str, Callable[[Case, Act], Any]] = {
    "complete": lambda case, act: acts.complete(case, act.key),
    "decide": lambda case, act: acts.decide(case, act.key, act.given),
    "consent": lambda case, act: acts.consent(case, act.key, act.given),
    "submit": lambda case, act: acts.submit(case, act.key, act.given),
    "say_dues": lambda case, act: acts.say_dues(case, act.given),
    "override": lambda case, act: acts.override(case, act.key),
    "renew": lambda case, act: acts.renew(case, act.key),
    "join": lambda case, act: acts.join(case),
    "leave": lambda case, act: acts.leave(case, act.given),
    "child": lambda case, act: case.world.open("sub", case),
    "suspend": lambda case, act: acts.suspend(case), "resume": lambda case, act: acts.resume(case),
    "withdraw": lambda case, act: acts.withdraw(case), "hand_over": lambda case, act: None}


def test_random_cases_stand_as_the_model_says(tmp_path, sqlite_url):
    house = office(tmp_path, sqlite_url, {"job": "steps: [{name: a, title: a}]"})
    house.office.sessions.kw["bind"].dispose()
    Cases.prepared, Cases.settled, Cases.actors = tmp_path / "shouxu.sqlite", house.office.settings, house.actors
    Cases.judged = Cases.refused = 0
    run_state_machine_as_test(Cases, settings=settings(
        max_examples=400 if LARGE else 14, stateful_step_count=40 if LARGE else 14, deadline=None,
        phases=(Phase.explicit, Phase.reuse, Phase.generate), suppress_health_check=SLOW))
    assert Cases.judged > 0 and Cases.refused * 2 < Cases.judged, "most of what is drawn must be sound"
