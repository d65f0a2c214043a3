"""What may be done in a case, and what it does: the acts of the counter, each with the words that decide whether it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.language_model.drawing import GRADES, ROLES
from tests.language_model.plain import Case, World
from tests.language_model.standing import SUSPENDED, WITHDRAWN


def is_open(case: Case, key: str) -> bool:
    return case.state == "open" and key in case.all_keys() and case.status(key) == "open"


# ---------------------------------------------------------------- finishing a step


def may_complete(case: Case, key: str) -> bool:
    return is_open(case, key) and not case.missing(key)


def complete(case: Case, key: str) -> None:
    case.finish(key)
    case.settle()


def may_decide(case: Case, key: str, outcome: str) -> bool:
    if not is_open(case, key):
        return False
    if case.step(key)["outcomes"][outcome].keys() - {"approvals"}:
        return True
    own, waits = case.of_round(key), case.proposed.copy()
    if case.proposed.get(own) != outcome:
        case.proposed.pop(own, None)  # choosing another one takes it back
    missing = case.missing(key) - {"outcome"}
    case.proposed = waits
    return not missing


def decide(case: Case, key: str, outcome: str) -> None:
    case.proposed.pop(case.of_round(key), None)
    rule = case.step(key)["outcomes"][outcome].get("approvals")
    if rule and case.left(key, outcome, rule):
        case.proposed[case.of_round(key)] = outcome
        case.settle()
    else:
        take_effect(case, key, outcome)


def take_effect(case: Case, key: str, outcome: str) -> None:
    does, own, last = case.step(key)["outcomes"][outcome], case.of_round(key), case.rounds[key][-1]
    case.proposed.pop(own, None)
    if "wait" in does:
        for at, timer in case.timers.items():
            if at[:2] == own and timer.runs:
                timer.rests = case.world.now
        case.settle()
        return
    for at, timer in case.timers.items():
        if at[:2] == own and timer.rests is not None:
            timer.at, timer.rests = timer.at + (case.world.now - timer.rests), None
    last.outcome = outcome
    if "end" in does:
        case.finish(key)
        case.state = does["end"]
    for name in does.get("reopen", ()):
        for one in case.keys(name):
            case.reopen(one, does["round"])
    if "reopen" in does:
        case.finish(key)
        case.reopen(key, True)
    case.settle()


def may_consent(case: Case, key: str, role: str) -> bool:
    if not is_open(case, key) or case.missing(key) - {"approval", "outcome", "until"}:
        return False
    return any(role in case.left(key, what, rule) for what, rule in case.asked(key))


def consent(case: Case, key: str, role: str) -> None:
    what, rule = next((what, rule) for what, rule in case.asked(key) if role in case.left(key, what, rule))
    own = case.of_round(key)
    case.consents.add((*own, what, role))
    case.consented[own] = case.world.now
    if what in case.step(key).get("outcomes", {}) and not case.left(key, what, rule):
        take_effect(case, key, what)
    else:
        case.settle()


# ---------------------------------------------------------------- parts of a step


def may_submit(case: Case, key: str) -> bool:
    return case.state == "open" and key in case.all_keys() and case.status(key) in ("open", "done")


def submit(case: Case, key: str, values: dict[str, str]) -> None:
    case.values[key], case.rounds[key][-1].filed = values, True
    case.settle()


def say_dues(case: Case, dues: int) -> None:
    case.world.dues = dues, case.world.now
    case.settle()


def may_override(case: Case, key: str) -> bool:
    if case.state != "open" or key not in case.all_keys() or case.status(key) in ("done", "skipped"):
        return False
    if case.held(case.step(key)["name"]):
        return False
    return case.waits(key) or bool(case.missing(key) & {"fact", "until"})


def override(case: Case, key: str) -> None:
    case.passed.add(case.of_round(key))
    case.settle()


def may_renew(case: Case, key: str) -> bool:
    last = case.last(key)
    return case.state == "open" and bool(last and last.state == "done" and last.valid)


def renew(case: Case, key: str) -> None:
    case.reopen(key, True)
    case.settle()


# ---------------------------------------------------------------- people, sub-cases, the whole


def join(case: Case) -> None:
    case.joined += 1
    case.people.append(case.joined)
    case.settle()


def may_leave(case: Case) -> bool:
    return case.state == "open" and bool(case.people) and (case.said["optional"] or len(case.people) > 1)


def leave(case: Case, number: int) -> None:
    case.people.remove(number)
    case.settle()


def may_open_child(case: Case) -> bool:
    rule = case.said["child"]
    return (case.state == "open" and (rule["from"] is None or case.whole(rule["from"]) in ("open", "done"))
            and (rule["until"] is None or case.whole(rule["until"]) != "done"))


def suspend(case: Case) -> None:
    case.state, case.paused = SUSPENDED, case.world.now


def resume(case: Case) -> None:
    since: datetime = case.paused or case.world.now
    for key, timer in case.timers.items():
        if timer.runs and key[2] != "expiry":
            timer.at += case.world.now - max(since, timer.made or since)  # what came up meanwhile rests from then on
    case.state, case.paused = "open", None
    case.settle()


def withdraw(case: Case) -> None:
    case.state = WITHDRAWN
    case.settle()


# ---------------------------------------------------------------- everything that anybody may try


@dataclass(frozen=True)
class Act:
    """One thing to try in a case: which case, what, at which step, with what, and whether it may be done."""

    case: int
    word: str
    key: str
    given: Any
    may: bool


def everything(world: World) -> Iterator[Act]:
    """Every act at every case."""
    for at, case in enumerate(world.cases):
        for word, key, given, may in _in(case):
            yield Act(at, word, key, given, may)


def _in(case: Case) -> Iterator[tuple[str, str, Any, bool]]:
    running = case.state == "open"
    for key in case.shown():
        yield from _at(case, key)
    if "optional" in case.said:
        yield "join", "", None, running
        if case.people:
            yield "leave", "", case.people[-1], may_leave(case)
    if "child" in case.said:
        yield "child", "", None, may_open_child(case)
    yield "suspend", "", None, running
    yield "resume", "", None, case.state == SUSPENDED
    yield "withdraw", "", None, not case.ended
    yield "hand_over", "", None, not case.ended


def _at(case: Case, key: str) -> Iterator[tuple[str, str, Any, bool]]:
    step, last = case.step(key), case.last(key)
    if not last or last.state != "done":  # saying twice that a step is done changes nothing
        yield "complete", key, None, may_complete(case, key)
    if not last or not last.outcome:
        for outcome in step.get("outcomes", ()):
            yield "decide", key, outcome, may_decide(case, key, outcome)
    for role in ROLES if {"approvals", "outcomes", "due"} & step.keys() else ():
        yield "consent", key, role, may_consent(case, key, role)
    if "form" in step:
        for grade in GRADES:
            yield "submit", key, grade, may_submit(case, key)
    if "needs_fact" in step:
        for dues in (0, 100):
            yield "say_dues", key, dues, is_open(case, key)
    if "override" in step:
        yield "override", key, None, may_override(case, key)
    if "validity" in step:
        yield "renew", key, None, may_renew(case, key)


# ---------------------------------------------------------------- dead ends


def can_go_on(case: Case) -> bool:
    """Whether somebody can do something for the case to go on, or time will, or what it is part of can go on."""
    if case.state == SUSPENDED or any(timer.runs and key[2] != "expiry" for key, timer in case.timers.items()):
        return True
    return any(_somebody_can(case, key) for key in case.shown()) or any(can_go_on(one) for one in case.children if not one.ended)


def _somebody_can(case: Case, key: str) -> bool:
    step, status = case.step(key), case.status(key)
    if status == "open":
        missing = case.missing(key)
        return missing != {"until"} or step["until"] == ("clear",)  # what is known of the unit may change any day
    if "each" in step and not case.people and not case.held(step["name"]):
        return status == "closed"
    return status == "done" and case.expired(step["name"]) and may_renew(case, key)
