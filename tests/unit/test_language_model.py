"""Random cases of random small procedures, held against a plain model of the language: the same steps are open, the same ends
are reached, everything else is refused, and no case gets stuck in a procedure that `check` let pass."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import yaml
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.cases import approving, lifecycle
from core.errors import Forbidden, GateClosed
from tests.language_kit import Office, office, procedures

LARGE = os.environ.get("SHOUXU_FAULTS") == "large"
ROLES = {"manager": "zhao", "finance": "chen", "engineering": "li"}


# ---------------------------------------------------------------- random procedures


@st.composite
def random_procedures(draw: st.DrawFn) -> dict[str, Any]:
    """Two to six steps: each builds on earlier ones, may be skipped, wait, ask for consent, or have outcomes."""
    steps: list[dict[str, Any]] = []
    for at in range(draw(st.integers(2, 6))):
        earlier = [step["name"] for step in steps]
        step: dict[str, Any] = {"name": f"s{at}", "title": f"s{at}", "role": "service"}
        step["requires"] = sorted(draw(st.sets(st.sampled_from(earlier), max_size=2))) if earlier else []
        chosen = [one["name"] for one in steps if "outcomes" in one and "approvals" not in one]
        if chosen and draw(st.booleans()):
            step["when"] = f"{draw(st.sampled_from(chosen))}.outcome == 'on'"
        if step["requires"] and draw(st.integers(0, 3)) == 0:
            step["opens"] = {"after": f"{draw(st.sampled_from(step['requires']))}.done", "days": draw(st.integers(1, 3))}
        kind = draw(st.sampled_from(("plain", "outcomes", "approvals", "both")))
        if kind in ("outcomes", "both"):
            step["outcomes"] = {"on": {}, "off": {}}
            if earlier and draw(st.booleans()):
                step["outcomes"]["again"] = {"reopen": sorted(draw(st.sets(st.sampled_from(earlier), min_size=1, max_size=2)))}
            if draw(st.integers(0, 3)) == 0:
                step["outcomes"]["stop"] = {"end": "stopped"}
        if kind in ("approvals", "both"):
            by = draw(st.lists(st.sampled_from(sorted(ROLES)), min_size=1, max_size=3, unique=True))
            step["approvals"] = {"mode": draw(st.sampled_from(("all", "any", "sequence"))), "by": by}
        steps.append(step)
    ends = ["completed"] + ["stopped"] * any("stop" in step.get("outcomes", {}) for step in steps)
    return {"ends": ends, "steps": steps}


# ---------------------------------------------------------------- the plain model


@dataclass
class Run:
    """Where a step stands in its present round."""

    state: str = ""  # nothing yet, open, done, skipped
    outcome: str = ""
    done_at: datetime | None = None
    consents: list[str] = field(default_factory=list)


class Model:
    """The language in its plainest words: no store, no events, no time but a date."""

    def __init__(self, said: dict[str, Any], now: datetime) -> None:
        self.steps = {step["name"]: step for step in said["steps"]}
        self.runs = {name: Run() for name in self.steps}
        self.now, self.end = now, ""
        self.settle()

    def blocked(self, name: str) -> bool:
        """Whether something before the step is not finished, however far before."""
        return any(self.runs[need].state not in ("done", "skipped") or self.blocked(need) for need in self.steps[name]["requires"])

    def waits(self, name: str) -> bool:
        opens = self.steps[name].get("opens")
        if not opens or self.runs[name].state == "done":
            return False
        after = self.runs[opens["after"].partition(".")[0]]
        if after.state != "done" or after.done_at is None:
            return False  # what was skipped is nothing to wait for
        return self.now < midnight(after.done_at) + timedelta(days=opens["days"])

    def status(self, name: str) -> str:
        run = self.runs[name]
        asked_for = run.state == "skipped" and "when" in self.steps[name] and self.applies(name)
        if run.state == "done" or (run.state == "skipped" and not asked_for):
            return run.state
        if self.blocked(name):
            return "closed"
        if not self.applies(name):
            return "skipped"
        return "closed" if self.waits(name) else "open"

    def applies(self, name: str) -> bool:
        said = self.steps[name].get("when")
        return not said or self.runs[said.partition(".")[0]].outcome == "on"

    def next_consents(self, name: str) -> list[str]:
        rule_ = self.steps[name].get("approvals")
        if not rule_:
            return []
        left = [role for role in rule_["by"] if role not in self.runs[name].consents]
        if rule_["mode"] == "any":
            return [] if len(left) < len(rule_["by"]) else left
        return left[:1] if rule_["mode"] == "sequence" else left

    def settle(self) -> None:
        """Let everything happen that happens by itself."""
        moved = True
        while moved and not self.end:
            moved = False
            for name in self.steps:
                run, status = self.runs[name], self.status(name)
                if (status in ("skipped", "open") and not run.state) or (status == "open" and run.state == "skipped"):
                    run.state, moved = status, True
                elif status == "open" and "approvals" in self.steps[name] and not self.next_consents(name):
                    run.state, run.done_at, moved = "done", self.now, True
                    run.outcome = "on" if "outcomes" in self.steps[name] else ""
            if not moved and all(self.status(name) in ("done", "skipped") for name in self.steps):
                self.end = "completed"

    def complete(self, name: str) -> None:
        self.runs[name].state, self.runs[name].done_at = "done", self.now
        self.settle()

    def consent(self, name: str, role: str) -> None:
        self.runs[name].consents.append(role)
        self.settle()

    def decide(self, name: str, outcome: str) -> None:
        does, run = self.steps[name]["outcomes"][outcome], self.runs[name]
        run.outcome = outcome
        if "end" in does:
            run.state, self.end = "done", does["end"]
        elif "reopen" in does:
            for other in does["reopen"]:
                if self.runs[other].state in ("done", "skipped"):
                    self.runs[other] = Run("open")
            self.runs[name] = Run("open")
        elif "approvals" not in self.steps[name]:
            run.state, run.done_at = "done", self.now
        self.settle()


def midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


# ---------------------------------------------------------------- both at once


class Cases(RuleBasedStateMachine):
    """One random case, in the engine and in the model."""

    house: Office
    count = 0

    @initialize(said=random_procedures())
    def begin(self, said: dict[str, Any]) -> None:
        Cases.count += 1
        folder = Path(tempfile.mkdtemp(prefix="shouxu-model-"))
        self.house.office.library = procedures(folder, {"job": yaml.safe_dump({"one_open_per_unit": False, **said})})
        self.case = self.house.open("job")
        self.model = Model(said, self.house.clock.now())
        self.names = list(self.model.steps)

    def attempt(self, may: bool, by: str, do: Any, *given: Any) -> bool:
        """Do it, and see that it is refused exactly when it may not be done."""
        self.model.now = self.house.clock.now()
        try:
            self.house.act(by, do, self.case, *given)
        except (GateClosed, Forbidden):
            assert not may, f"{do.__name__}{given} was refused"
            return False
        assert may, f"{do.__name__}{given} was not refused"
        return True

    def is_open(self, name: str) -> bool:
        return not self.model.end and self.model.status(name) == "open"

    @precondition(lambda self: hasattr(self, "case") and not self.model.end)
    @rule(data=st.data())
    def complete(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(self.names))
        step = self.model.steps[name]
        if "outcomes" in step or "approvals" in step or self.model.status(name) == "done":
            return  # these are done by what is said of them; saying twice that a step is done changes nothing
        if self.attempt(self.is_open(name), "wang", lifecycle.complete, name):
            self.model.complete(name)

    @precondition(lambda self: hasattr(self, "case") and not self.model.end)
    @rule(data=st.data())
    def decide(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from([one for one in self.names if "outcomes" in self.model.steps[one]] or [""]))
        if not name:
            return
        step = self.model.steps[name]
        outcome = data.draw(st.sampled_from(sorted(step["outcomes"])))
        goes_on = outcome in ("on", "off")
        if "approvals" in step and goes_on:
            return  # consent alone lets it go on
        if self.attempt(self.is_open(name), "wang", lifecycle.decide, name, outcome):
            self.model.decide(name, outcome)

    @precondition(lambda self: hasattr(self, "case") and not self.model.end)
    @rule(data=st.data(), role=st.sampled_from(sorted(ROLES)))
    def consent(self, data: st.DataObject, role: str) -> None:
        name = data.draw(st.sampled_from([one for one in self.names if "approvals" in self.model.steps[one]] or [""]))
        if not name:
            return
        may = self.is_open(name) and role in self.model.next_consents(name)
        if self.attempt(may, ROLES[role], approving.approve, name):
            self.model.consent(name, role)

    @precondition(lambda self: hasattr(self, "case") and not self.model.end)
    @rule(hours=st.integers(1, 60))
    def wait(self, hours: int) -> None:
        self.house.wait(hours=hours)
        self.model.now = self.house.clock.now()
        self.model.settle()

    @precondition(lambda self: hasattr(self, "case") and bool(self.model.end))
    @rule(name=st.integers(0, 5))
    def nothing_happens_after_the_end(self, name: int) -> None:
        self.attempt(False, "wang", lifecycle.complete, self.names[name % len(self.names)])

    @invariant()
    def stands_as_the_model_says(self) -> None:
        if not hasattr(self, "case"):
            return
        view = self.house.view(self.case, "elm")
        assert view.state == (self.model.end or "open")
        if self.model.end:
            return
        assert {step.name: step.status for step in view.steps} == {name: self.model.status(name) for name in self.names}
        stuck = all(step.status != "open" for step in view.steps) and not any(self.model.waits(name) for name in self.names)
        assert not stuck, "nothing can be done any more, and the case has not ended"


def test_random_cases_stand_as_the_model_says(tmp_path, sqlite_url):
    Cases.house = office(tmp_path, sqlite_url, {"job": "steps: [{name: a, title: a}]"})
    run_state_machine_as_test(Cases, settings=settings(
        max_examples=400 if LARGE else 12, stateful_step_count=25 if LARGE else 10, deadline=None,
        phases=(Phase.explicit, Phase.reuse, Phase.generate), suppress_health_check=list(HealthCheck)))
    assert Cases.count > 0
