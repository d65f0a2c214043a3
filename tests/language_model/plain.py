"""The language in its plainest words: cases are dictionaries of rounds, settled anew after each act until nothing moves. No store,
no events, no rules but those that were drawn; written from the pages of the language, not from the engine."""

from __future__ import annotations

from datetime import datetime

from tests.language_model.drawing import GRADES, Said
from tests.language_model.moments import DAY, Key, Timer, deadline, midnight, period_end, waiting
from tests.language_model.standing import OVER, WITHDRAWN, Round, Standing


class World:
    """All cases of the drawn procedures, about one unit; what is known of the unit is its `dues`."""

    def __init__(self, said: dict[str, Said], now: datetime) -> None:
        self.said, self.now = said, now
        self.cases: list[Case] = []
        self.dues: tuple[int, datetime] | None = None

    def open(self, kind: str, parent: Case | None = None) -> Case:
        case = Case(self, kind, parent)
        self.cases.append(case)
        case.settle()
        return case

    def sweep(self) -> None:
        """Let time do what it has to do, case by case in the order of what is due first."""
        due = sorted((min(times), at) for at, case in enumerate(self.cases) if (times := [one.at for _, one in case.due()]))
        for _, at in due:
            self.cases[at].let_time_act()


class Case(Standing):
    """A case that moves: by time, and by itself."""

    # ------------------------------------------------------------ time

    def reckon(self) -> None:
        """Reckon anew what time will do; what runs keeps its end while its moment stays."""
        wanted = {} if self.ended else self.wanted()
        for key, (base, at) in wanted.items():
            known = self.timers.get(key)
            if known is None or known.base != base:
                self.timers[key] = Timer(base, at, made=self.world.now)
            else:
                known.made = known.made if known.live else self.world.now
                known.kept |= key[2] == "due" and not known.live and not known.fired and known.at <= self.clock
        for key, known in self.timers.items():
            known.live = key in wanted or (key[2] == "due" and known.runs and known.at <= self.clock)  # missed already
            known.rests = known.rests if known.live else None

    def wanted(self) -> dict[Key, tuple[datetime, datetime]]:
        found: dict[Key, tuple[datetime, datetime]] = {}
        for key in self.all_keys():
            step, last, own = self.step(key), self.last(key), self.of_round(key)
            repeat, opens = step.get("repeat"), step.get("opens")
            if repeat and last and not self.holds(repeat["until"]):
                found[*own, "repeat", ""] = last.opened, period_end(last.opened, repeat["every"])
            if last and last.state == "done" and last.valid and last.done:
                found[*own, "expiry", ""] = last.done, last.valid
            for at, one in enumerate(step.get("classify", ())):
                now, base = self.grade(key), self.moment(one["after"])
                if now and base and GRADES.index(one["to"]) > GRADES.index(now) and self.holds(one.get("while")):
                    found[*own, "escalate", str(at)] = base, deadline(base, one)
            base = self.moment(opens["after"]) if opens else None
            asked_for = not last or last.state == "open" or (last.state == "skipped" and "when" in step and self.holds(step["when"]))
            if opens and base and asked_for:
                found[*own, "opens", ""] = base, waiting(base, opens)
            if last and last.state in OVER:
                continue
            for at, one in enumerate(step.get("due", ())):
                value = self.grade(one["by"].partition(".")[0]) if "by" in one else None
                length, which = (one["values"].get(value), f"{at}.{value}") if "by" in one else (one, str(at))
                base = self.counted_from(one, last)
                if base and length is not None and self.holds(one.get("when")):  # another value is another deadline
                    ends = period_end(base, one["end_of"]) if "end_of" in one else deadline(base, length, "before" in one)
                    found[*own, "due", which] = base, ends
        return found

    def counted_from(self, due: Said, last: Round | None) -> datetime | None:
        """The moment from which a deadline counts; without one the step's opening."""
        said = due.get("before") or due.get("after")
        return self.moment(said) if said else last.opened if last else None

    def let_time_act(self) -> None:
        while due := self.due():
            key, timer = due[0]
            timer.fired = True
            name, number, kind, at = key
            last = self.last(name)
            if kind == "due" and last and last.number == number:
                self.marked.add((name, number))
            if kind == "escalate":
                self.raised.setdefault(name, set()).add(self.step(name)["classify"][int(at)]["to"])
            if kind == "repeat" and last and last.number == number:
                if last.state == "open":
                    last.state, last.done = "skipped", self.world.now
                self.reopen(name, True)
            self.settle()

    # ------------------------------------------------------------ what happens by itself

    def settle(self) -> None:
        """Let everything happen that happens by itself; then the parent's rules are judged again."""
        while self.state == "open" and self._moved():
            pass
        self.reckon()
        if self.parent and not self.parent.ended:
            self.parent.settle()

    def _moved(self) -> bool:
        self._climb()
        for key in self.all_keys():
            status, last = self.status(key), self.last(key)
            if status == "skipped" and (last is None or last.state == "open"):
                self._set(key, "skipped")
            elif status == "open" and (last is None or last.state == "skipped"):
                self._set(key, "open")
            elif status == "open" and last and self._done_by_itself(key, last):
                self.finish(key)
            else:
                continue
            return True
        if all(self.whole(name) in OVER and self.gone(name) for name in self.steps):
            self.state = self.said["ends"][0]
        return False

    def gone(self, name: str) -> bool:
        """Whether the step will not come again."""
        repeat = self.steps[name].get("repeat")
        return repeat is None or self.holds(repeat["until"])

    def _set(self, key: str, state: str) -> None:
        last = self.last(key)
        if last is None:
            self.rounds[key] = [Round(1, state, self.world.now)]
        else:
            last.state = state
            last.opened = self.world.now if state == "open" else last.opened
            last.done = None

    def _done_by_itself(self, key: str, last: Round) -> bool:
        step = self.step(key)
        if self.missing(key) or not {"form", "outcomes", "approvals", "needs_fact"} & step.keys():
            return False
        if "outcomes" in step and not last.outcome:
            last.outcome = next(name for name, does in step["outcomes"].items() if not does.keys() - {"approvals"})
        return True

    def finish(self, key: str) -> None:
        """The round is done: what it gives is good from now on, what follows it is opened, unless it sends the case back."""
        last, step = self.rounds[key][-1], self.step(key)
        last.state, last.done = "done", self.world.now
        if "reopen" in step.get("outcomes", {}).get(last.outcome, {}):
            return
        last.valid = self._good(step)
        for rule in step.get("starts", ()):
            if rule["procedure"] in self.world.said and self.holds(rule.get("when")):
                alone = self.world.said[rule["procedure"]]["one_open_per_unit"]
                if not alone or all(case.ended for case in self.world.cases if case.kind == rule["procedure"]):
                    self.world.open(rule["procedure"])

    def _good(self, step: Said) -> datetime | None:
        said = step.get("validity")
        if not said:
            return None
        if "days" in said or said["until"] == "end_of_day":
            return midnight(self.world.now) + DAY * (said.get("days", 0) + 1)
        day = self.moment(said["until"])
        return day + DAY if day else None

    def reopen(self, key: str, new: bool) -> None:
        last = self.last(key)
        if last is None or last.state == "open":
            return
        if new:
            self.rounds[key].append(Round(last.number + 1, "open", self.world.now))
            return
        last.state, last.done, last.outcome = "open", None, ""

    def _climb(self) -> None:
        """An open step with a ladder stands one rung above the highest that earlier sub-cases had."""
        for name, step in self.steps.items():
            last, ladder = self.last(name), step.get("ladder")
            if not ladder or not last or last.state != "open" or self.parent is None:
                continue
            rungs = [rung["name"] for rung in ladder["rungs"]]
            before = self.parent.children[:self.parent.children.index(self)]
            had = [rungs.index(one.rung) + 1 for case in before if case.state != WITHDRAWN
                   for one in case.rounds.get(name, []) if one.rung]
            grade = self.grade(name) if "by" in ladder else ""
            least = ladder.get("start", {}).get(grade)
            last.rung = "" if grade is None else rungs[min(max([*had, rungs.index(least) if least else 0]), len(rungs) - 1)]
