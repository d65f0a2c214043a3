"""Times of a case under newer definitions: deadlines, waiting times and validities are those that a new case would have, and what
rested is still as much later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from core.cases.casefile import CaseFile
from core.cases.migrating_rehearsal import Rehearsal, fresh_times
from core.cases.migrating_views import DeadlineMoved
from core.cases.timing import Key, due_number, validity_of
from core.domain.procedures import Step
from core.store.models import Timer

LIVE = ("waiting", "paused")
FIRED_AGAIN = ("due", "expiry")
"""Kinds that a later time undoes; a class that was raised stays raised, a round that came stays."""


def renew_validity(file: CaseFile, before: CaseFile, former: Mapping[str, str]) -> None:
    """Reckon anew how long what was given is good, where the newer definitions say otherwise."""
    for step in file.steps:
        name = step.name.partition("@")[0]
        old = next((one for one in before.bundle.procedure.steps if one.name == former.get(name, name)), None)
        if old is not None and old.validity == step.validity:
            continue
        for run in file.runs:
            if run.step == step.name and run.state == "done" and run.done_at:
                run.valid_until = validity_of(file, step, run.done_at)


def move_times(file: CaseFile, before: Rehearsal, former: Mapping[str, str], timers: Sequence[Timer]) -> None:
    """Bring the timers that are there to the newer rules; those that nobody asks for any more stop."""
    old, new = fresh_times(before), fresh_times(file)
    steps = {step.name: step for step in file.steps}
    for row in timers:
        key = (row.step, row.round, row.kind, row.name)
        if key in new:
            _move(file, row, old.get(_before(key, former)), new[key])
        elif row.state in LIVE and (row.step not in steps or _is_of_now(file, row) or row.kind != "due" or _unknown(steps[row.step], row)):
            row.state, row.fired_at = "stopped", file.desk.now
        elif row.state == "fired" and row.kind == "due" and row.step in steps and _is_of_now(file, row):
            row.state = "stopped"
    late = {(row.step, row.round) for row in timers if row.kind in ("due", "repeat") and row.state == "fired"}
    for run in file.runs:
        if run.state == "open":
            if run.overdue_at is not None and (run.step, run.round) not in late:
                run.overdue_at = None
            if not file.bundle.procedure.timed:
                run.due_at = None


def _move(file: CaseFile, row: Timer, old: tuple | None, new: tuple) -> None:
    """The same timer by another rule: its new time, as much later as it has rested."""
    if old == new or row.state == "stopped":
        return
    rested = row.at - old[1] if old is not None and row.base_at == old[0] else timedelta(0)
    row.base_at, row.at = new[0], new[1] + rested
    if row.state == "fired" and row.kind in FIRED_AGAIN and row.at > file.desk.now:
        row.state, row.fired_at = "waiting", None


def _before(key: Key, former: Mapping[str, str]) -> Key:
    name, at, item = key[0].partition("@")
    return (f"{former.get(name, name)}{at}{item}", *key[1:])


def _is_of_now(file: CaseFile, row: Timer) -> bool:
    """Whether it belongs to an open round."""
    run = file.run(row.step)
    return run is None or (run.state == "open" and run.round == row.round)


def _unknown(step: Step, row: Timer) -> bool:
    return due_number(row) >= len(step.due)


def moved_deadlines(before: CaseFile, after: CaseFile, former: Mapping[str, str]) -> tuple[DeadlineMoved, ...]:
    """The times still to come that are otherwise, new or gone."""
    was = {(_now(row.step, former), row.round, row.kind, row.name): row for row in before.timers if row.state in LIVE}
    now = {(row.step, row.round, row.kind, row.name): row for row in after.timers if row.state in LIVE}
    found = []
    for key in dict.fromkeys((*was, *now)):
        old, new = was.get(key), now.get(key)
        if old is None or new is None or old.at != new.at:
            found.append(DeadlineMoved(key[0], _title(after, before, key[0], former), key[2], old.at if old else None,
                                       new.at if new else None))
    return tuple(found)


def _now(key: str, former: Mapping[str, str]) -> str:
    name, at, item = key.partition("@")
    return f"{next((new for new, old in former.items() if old == name), name)}{at}{item}"


def _title(after: CaseFile, before: CaseFile, key: str, former: Mapping[str, str]) -> str:
    name = key.partition("@")[0]
    for file, called in ((after, name), (before, former.get(name, name))):
        for step in file.bundle.procedure.steps:
            if step.name == called:
                return file.desk.say(step.title)
    return key
