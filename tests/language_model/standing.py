"""Where the steps of a case stand, said plainly: what is there, what rules and moments read of it, why a step is closed. Written
from the pages of the language, not from the engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.language_model.drawing import GRADES, Said
from tests.language_model.moments import Key, Timer, day_of, midnight, waiting

if TYPE_CHECKING:
    from tests.language_model.plain import Case, World

OVER = ("done", "skipped")
SUSPENDED, WITHDRAWN = "suspended", "withdrawn"
LATE = "late"


@dataclass
class Round:
    """One round of a step that has opened or was skipped."""

    number: int
    state: str
    opened: datetime
    done: datetime | None = None
    outcome: str = ""
    filed: bool = False
    valid: datetime | None = None
    rung: str = ""


class Standing:
    """A case as it stands: its rounds, what was filed, said and consented to."""

    def __init__(self, world: World, kind: str, parent: Case | None) -> None:
        self.world, self.kind, self.parent = world, kind, parent
        self.said = world.said[kind]
        self.steps: dict[str, Said] = {step["name"]: step for step in self.said["steps"]}
        self.opened, self.state = world.now, "open"
        self.paused: datetime | None = None
        self.people: list[int] = []
        self.joined = 0
        self.rounds: dict[str, list[Round]] = {}
        self.values: dict[str, dict[str, str]] = {}
        self.raised: dict[str, set[str]] = {}
        self.consents: set[tuple[str, int, str, str]] = set()
        self.consented: dict[tuple[str, int], datetime] = {}
        self.proposed: dict[tuple[str, int], str] = {}
        self.passed: set[tuple[str, int]] = set()
        self.marked: set[tuple[str, int]] = set()
        self.timers: dict[Key, Timer] = {}

    # ------------------------------------------------------------ what is there

    @property
    def ended(self) -> bool:
        return self.state not in ("open", SUSPENDED)

    @property
    def clock(self) -> datetime:
        """What time it is for what rests while the case is suspended."""
        return self.paused or self.world.now

    @property
    def children(self) -> list[Case]:
        return [case for case in self.world.cases if case.parent is self]

    def keys(self, name: str) -> list[str]:
        step = self.steps[name]
        if "each" in step:
            return [f"{name}@{number}" for number in self.people]
        return [f"{name}@{role}" for role in step["role"]] if step.get("repeat", {}).get("per_role") else [name]

    def all_keys(self) -> list[str]:
        return [key for name in self.steps for key in self.keys(name)]

    def shown(self) -> list[str]:
        """What stands on the rail: every key, and a step for people of whom nobody is there yet."""
        return [key for name in self.steps for key in self.keys(name) or [name]]

    def step(self, key: str) -> Said:
        return self.steps[key.partition("@")[0]]

    def last(self, key: str) -> Round | None:
        return self.rounds.get(key, [None])[-1]

    def number(self, key: str) -> int:
        last = self.last(key)
        return last.number if last else 1

    def of_round(self, key: str) -> tuple[str, int]:
        return key, self.number(key)

    def grade(self, name: str) -> str | None:
        """The class that counts: the highest of what was filed and of what time made of it."""
        filed = self.values.get(name, {}).get("grade")
        return max([filed, *self.raised.get(name, ())], key=GRADES.index) if filed else None

    def good_until(self, key: str) -> datetime | None:
        """Until when what the step gave last is good."""
        done = [one for one in self.rounds.get(key, []) if one.state == "done"]
        return done[-1].valid if done else None

    # ------------------------------------------------------------ rules and moments

    def holds(self, rule: tuple[Any, ...] | None) -> bool:
        if rule is None:
            return True
        word, *of = rule
        if word == "not":
            return not self.holds(of[0])
        if word in ("no_child", "any_child"):
            there = [one for one in self.children if one.state != WITHDRAWN]
            return bool(there) if word == "any_child" else all(one.ended for one in there)
        if word == "clear":
            return self.world.dues is not None and self.world.dues[0] == 0
        if word == "parent":
            return self.parent is not None and self.parent.holds(("over", *of))
        return self._holds_of(word, of[0], of[1:])

    def _holds_of(self, word: str, name: str, of: list[Any]) -> bool:
        keys = self.keys(name)
        lasts = [self.last(key) for key in keys]
        states = [one.state if one else "" for one in lasts]
        if word == "some":
            return "done" in states
        if keys != [name]:
            assert word == "overdue", "of a step with items only this is read"
            return any(self.overdue(key) for key in keys)
        last = lasts[0]
        return {"over": states[0] in OVER, "done": states[0] == "done", "overdue": self.overdue(name),
                "again": self.number(name) > 1, "outcome": bool(last) and last is not None and [last.outcome] == of,
                "rung": last is not None and [last.rung] == of, "grade": [self.grade(name)] == of,
                "valid": self._is_valid(name)}[word]

    def _is_valid(self, name: str) -> bool:
        until = self.good_until(name)
        return any(one.state == "done" for one in self.rounds.get(name, [])) and (until is None or until > self.world.now)

    def moment(self, said: str) -> datetime | None:
        if said == "case.opened":
            return self.opened
        name, _, word = said.partition(".")
        last = self.last(name)
        if word == "day":
            day = self.values.get(name, {}).get("day")
            return day_of(day, self.world.now) if day else None
        if word == "approved":
            return self.consented.get(self.of_round(name))
        if last is None:
            return None
        if word == "done":
            return last.done if last.state == "done" else None
        return last.opened if word == "opened" else last.valid

    # ------------------------------------------------------------ where a step stands

    def status(self, key: str) -> str:
        """Where a step (or an item of it) stands: closed, open, done or skipped."""
        step, last = self.step(key), self.last(key)
        if key not in self.keys(step["name"]):
            return self.whole(step["name"])
        repeat = step.get("repeat")
        asked_after_all = "when" in step and not repeat and self.holds(step["when"])
        if last and (last.state == "done" or (last.state == "skipped" and not asked_after_all)):
            return last.state
        if self.held(step["name"]):
            return "closed"
        if not self.holds(step.get("when")) or (repeat and self.holds(repeat["until"])):
            return "skipped"
        return "closed" if self.waits(key) else "open"

    def whole(self, name: str) -> str:
        """Where a step stands as a whole: done when every item is."""
        keys = self.keys(name)
        if keys == [name]:
            return self.status(name)
        states = {self.status(key) for key in keys}
        if keys and states <= set(OVER):
            return "done" if "done" in states else "skipped"
        if keys:
            return "open" if "open" in states else "closed"
        if self.unmet(name) or self.rests(name):
            return "closed"
        return "skipped" if self.said["optional"] or not self.holds(self.steps[name].get("when")) else "closed"

    def held(self, name: str) -> bool:
        return self.unmet(name) or self.rests(name) or any(self.expired(need) for need in self.steps[name]["requires"])

    def unmet(self, name: str) -> bool:
        """Whether something before the step is not finished, however far before."""
        return any(self.whole(need) not in OVER or self.unmet(need) for need in self.steps[name]["requires"])

    def expired(self, name: str) -> bool:
        if "validity" not in self.steps[name]:
            return False
        lasts = [self.last(key) for key in self.keys(name)]
        return any(one and one.state == "done" and one.valid and one.valid <= self.world.now for one in lasts)

    def rests(self, name: str) -> bool:
        """Whether a sub-case lets the step rest."""
        for child in self.children:
            for said in child.said["steps"] if not child.ended else ():
                last = child.last(said["name"])
                rungs = said.get("ladder", {}).get("rungs", [])
                if last and any(rung["name"] == last.rung and name in rung.get("suspends", ()) for rung in rungs):
                    return True
        return False

    def waits(self, key: str) -> bool:
        opens = self.step(key).get("opens")
        base = self.moment(opens["after"]) if opens else None
        if not opens or base is None or self.of_round(key) in self.passed:
            return False
        return self.clock < self.kept((*self.of_round(key), "opens", ""), base, waiting(base, opens))

    def missing(self, key: str) -> set[str]:
        """What an open step still needs."""
        step, last, found = self.step(key), self.last(key), set[str]()
        if "form" in step and not (last and last.filed):
            found.add("form")
        if self.of_round(key) not in self.passed:
            if "needs_fact" in step and not self.knows_dues(step["needs_fact"]):
                found.add("fact")
            if not self.holds(step.get("until")):
                found.add("until")
        if any(self.left(key, what, rule) for what, rule in self.asked(key)):
            found.add("approval")
        if "outcomes" in step and "approvals" not in step and not (last and last.outcome) and not found:
            found.add("outcome")
        return found

    def knows_dues(self, need: Said) -> bool:
        dues = self.world.dues
        return dues is not None and ("max_age" not in need or midnight(dues[1]) == midnight(self.world.now))

    def asked(self, key: str) -> list[tuple[str, Said]]:
        """What is consented to, and by whom: the step, an outcome that was chosen, its being late."""
        step, chosen = self.step(key), self.proposed.get(self.of_round(key), "")
        late = [role for at in self.missed(key) for role in step["due"][at].get("overdue", {}).get("approvals", [])]
        found = [("", step["approvals"])] if "approvals" in step else []
        found += [(chosen, step["outcomes"][chosen]["approvals"])] if chosen else []
        return found + ([(LATE, {"mode": "all", "by": list(dict.fromkeys(late))})] if late else [])

    def left(self, key: str, what: str, rule: Said) -> list[str]:
        """Whose consent is still asked for now."""
        left = [role for role in rule["by"] if (*self.of_round(key), what, role) not in self.consents]
        if rule["mode"] == "any":
            return [] if len(left) < len(rule["by"]) else left
        return left[:1] if rule["mode"] == "sequence" else left

    # ------------------------------------------------------------ time

    def kept(self, key: Key, base: datetime, at: datetime) -> datetime:
        """When something is up: as reckoned once, while its moment stays."""
        known = self.timers.get(key)
        return known.at if known and known.base == base else at

    def due(self) -> list[tuple[Key, Timer]]:
        """What time has to do now, in its order."""
        if self.ended:
            return []
        found = [(key, one) for key, one in self.timers.items()
                 if one.runs and one.at <= (self.world.now if key[2] == "expiry" else self.clock)]
        return sorted(found, key=lambda one: one[1].at)

    def missed(self, key: str) -> list[int]:
        """Which deadlines the present round has missed."""
        last = self.last(key)
        until = last.done if last and last.state == "done" and last.done else self.clock
        return [int(name.partition(".")[0]) for (step, number, kind, name), one in self.timers.items()
                if (step, number, kind) == (*self.of_round(key), "due") and one.at < until and (one.fired or one.runs)]

    def overdue(self, key: str) -> bool:
        return self.of_round(key) in self.marked or bool(self.missed(key))
