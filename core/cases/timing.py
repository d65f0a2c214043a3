"""What time does to a case: waiting times, deadlines, raised classes, repetition, validity. Counted from the case's own
moments on the estate's calendar; each is a `Timer` row, which fires once (core.cases.sweeping).

A timer keeps its time as long as the moment that it counts from stays the same; while the case is suspended, or its step
waits for the customer, it rests, and afterwards it is as much later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from core.cases.casefile import CaseFile
from core.clock import earlier, later, opens_at, period_end
from core.domain.procedures import Step
from core.domain.timing import Due, Validity
from core.store.models import StepAct, Timer

Holds = Callable[[str | None], bool]
"""Says whether a rule of the case holds now (core.cases.gates.Gates.holds)."""
Key = tuple[str, int, str, str]
"""A timer within its case: step, round, kind, name."""


@dataclass(frozen=True)
class Deadline:
    """A deadline of a step's present round: when, counted from when, and the rule that says so."""

    name: str
    base: datetime
    at: datetime
    rule: Due


# ---------------------------------------------------------------- moments


def moment(file: CaseFile, said: str) -> datetime | None:
    """When `apply.done`, `apply.opened`, `apply.approved`, `permit.valid_to`, `case.opened` or the date field
    `apply.start_date` is; None while it is not known. A date counts from the beginning of its day."""
    if said == "case.opened":
        return file.case.opened_at
    head, _, word = said.partition(".")
    run = file.run(head)
    if word == "opened":
        return run.opened_at if run else None
    if word == "done":
        return run.done_at if run and run.state == "done" else None
    if word == "valid_to":
        return run.valid_until if run else None
    if word == "approved":
        consents = [act.at for act in _acts(file, head, "approval")]
        return max(consents, default=None)
    return _as_moment(file, file.effective(head).get(word))


def _as_moment(file: CaseFile, value: Any) -> datetime | None:
    if not isinstance(value, str) or not value:
        return None
    zone = file.desk.office.calendar(file.case.estate).zone
    if len(value) == len("2026-03-01"):
        return datetime.combine(date.fromisoformat(value), time(), zone)
    found = datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _acts(file: CaseFile, step: str, kind: str) -> list[StepAct]:
    current = file.round(step)
    return [act for act in file.acts if act.step == step and act.kind == kind and act.round == current]


# ---------------------------------------------------------------- what a step asks of time


def waits_until(file: CaseFile, step: Step) -> datetime | None:
    """When a step with a waiting time opens; None when it has none. A moment that is not known yet keeps it closed by
    `requires`, which `check` demands."""
    if step.opens is None:
        return None
    base = moment(file, step.opens.after)
    if base is None:
        return None
    kept = _row(file, (step.name, file.round(step.name), "opens", ""))
    if kept is not None and kept.base_at == base:
        return kept.at
    return opens_at(file.desk.office.calendar(file.case.estate), base, step.opens)


def deadlines(file: CaseFile, step: Step, holds: Holds) -> list[Deadline]:
    """The deadlines of the step's present round that are known now."""
    return [found for at, rule in enumerate(step.due) if holds(rule.when) and (found := _deadline(file, step, str(at), rule))]


def _deadline(file: CaseFile, step: Step, name: str, rule: Due) -> Deadline | None:
    length = rule
    if rule.by is not None:
        head, _, field = rule.by.partition(".")
        value = str(file.effective(head).get(field))
        length, name = rule.values.get(value), f"{name}.{value}"  # another value is another deadline
    if length is None:
        return None
    calendar = file.desk.office.calendar(file.case.estate)
    run = file.run(step.name)
    said = rule.before or rule.after
    base = moment(file, said) if said else run.opened_at if run else None
    if base is None:
        return None
    if rule.end_of is not None:
        at = period_end(calendar, base, rule.end_of)
    else:
        at = earlier(calendar, base, length) if rule.before else later(calendar, base, length)
    kept = _row(file, (step.name, file.round(step.name), "due", name))
    return Deadline(name, base, kept.at if kept is not None and kept.base_at == base else at, rule)


def missed(file: CaseFile, step: Step) -> list[Due]:
    """The rules of the deadlines that the step's present round has missed: not done yet and late, or done late."""
    run, current = file.run(step.name), file.round(step.name)
    until = run.done_at if run and run.state == "done" and run.done_at else file.desk.now
    return [step.due[due_number(row)] for row in file.timers
            if (row.step, row.round, row.kind) == (step.name, current, "due") and row.state in ("waiting", "fired")
            and row.at < until and due_number(row) < len(step.due)]


def due_number(timer: Timer) -> int:
    """Which of the step's deadlines a timer stands for."""
    return int(timer.name.partition(".")[0])


def is_overdue(file: CaseFile, step: Step) -> bool:
    """Whether the present round missed a deadline, or its period went by without it."""
    run = file.run(step.name)
    return bool(run and run.overdue_at) or bool(missed(file, step))


def validity_of(file: CaseFile, step: Step, given: datetime) -> datetime | None:
    """Until when what the step gives at `given` is good: the end of the last day."""
    rule = step.validity
    if rule is None:
        return None
    calendar = file.desk.office.calendar(file.case.estate)
    if rule.until == "end_of_day":
        until = _end_of_day(file, calendar.local_date(given))
    elif rule.until is not None:
        until = _last_day(file, rule.until) or moment(file, rule.until)
    else:
        days = _days(file, rule)
        first = max(given, (moment(file, rule.after) if rule.after else None) or given)
        until = _end_of_day(file, calendar.local_date(first) + timedelta(days=days)) if days else None
    extended = _extended(file, rule)
    return max((one for one in (until, extended) if one is not None), default=None)


def _last_day(file: CaseFile, said: str) -> datetime | None:
    """What is good until a date that was filed is good on that day too; None when `said` is no date field."""
    head, _, word = said.partition(".")
    value = file.effective(head).get(word)
    return _end_of_day(file, date.fromisoformat(value)) if isinstance(value, str) and len(value) == len("2026-03-01") else None


def _days(file: CaseFile, rule: Validity) -> int | None:
    days = rule.days
    if days is not None and not isinstance(days, int):
        head, _, field = days.by.partition(".")
        days = days.values.get(str(file.effective(head).get(field)), days.default)
    return min(days, rule.max_days) if days and rule.max_days else days


def _extended(file: CaseFile, rule: Validity) -> datetime | None:
    if rule.extended_by is None:
        return None
    kind, step, field = rule.extended_by.split(".")
    found: list[date] = []
    for row in file.children:
        child = CaseFile(file.desk, row) if row.kind == kind and row.ended_at is not None else None
        if child is not None and child.bundle.procedure.ended_well(row.state) and (said := child.effective(step).get(field)):
            found.append(date.fromisoformat(said))
    return _end_of_day(file, max(found)) if found else None


def _end_of_day(file: CaseFile, day: date) -> datetime:
    zone = file.desk.office.calendar(file.case.estate).zone
    return datetime.combine(day + timedelta(days=1), time(), zone)


def valid_to(file: CaseFile, step: str) -> datetime | None:
    """Until when what the step gave last is good; None when it gave nothing or is good for ever."""
    done = [run for run in file.runs if run.step == step and run.state == "done"]
    return done[-1].valid_until if done else None


# ---------------------------------------------------------------- timers


def sync(file: CaseFile, holds: Holds) -> None:
    """Make the case's timers those that its present state asks for. A fired timer never fires again for the same moment."""
    if not file.bundle.procedure.timed:
        return
    wanted = {} if file.case.ended_at else dict(asked_times(file, holds))
    rows = {(row.step, row.round, row.kind, row.name): row for row in file.timers}
    for key, (base, at) in wanted.items():
        row = rows.get(key)
        if row is None:
            step, number, kind, name = key
            file.add(file.timers, Timer(estate=file.case.estate, case_id=file.case.id, step=step, round=number, kind=kind,
                                        name=name, base_at=base, at=at, state="waiting"))
        elif row.base_at != base:
            row.base_at, row.at, row.state, row.fired_at = base, at, "waiting", None
        elif row.state == "stopped" and not (row.kind == "due" and row.at <= file.desk.now):  # it was kept, or did not apply
            row.state, row.fired_at = "waiting", None
    for key, row in rows.items():
        if key not in wanted and row.state in ("waiting", "paused") and not _is_missed(file, row):
            row.state, row.fired_at = "stopped", file.desk.now
    if file.case.state == "suspended":
        rest(file)  # what only now came to be reckoned rests with the others
    _show_due(file)


def asked_times(file: CaseFile, holds: Holds) -> Iterator[tuple[Key, tuple[datetime, datetime]]]:
    """The timers that the case asks for as it stands: by key the moment each counts from, and when it is up."""
    for step in file.steps:
        if step.each and "@" not in step.name:
            continue  # nobody is there yet who could be late
        run, number = file.run(step.name), file.round(step.name)
        if step.repeat and run is not None and not holds(step.repeat.until):
            calendar = file.desk.office.calendar(file.case.estate)
            yield (step.name, number, "repeat", ""), (run.opened_at, period_end(calendar, run.opened_at, step.repeat.every))
        if run is not None and run.state == "done" and run.valid_until and run.done_at:
            yield (step.name, number, "expiry", ""), (run.done_at, run.valid_until)
        if step.classify:
            yield from _escalations(file, step, holds)
        asked_for = run is None or run.state == "open" or (run.state == "skipped" and step.when is not None and holds(step.when))
        if asked_for and step.opens and (until := waits_until(file, step)):
            yield (step.name, number, "opens", ""), (moment(file, step.opens.after) or until, until)
        for found in deadlines(file, step, holds) if run is None or run.state == "open" else ():
            yield (step.name, number, "due", found.name), (found.base, found.at)


def _escalations(file: CaseFile, step: Step, holds: Holds) -> Iterator[tuple[Key, tuple[datetime, datetime]]]:
    rule = step.classify
    if rule is None or not file.submission(step.name):
        return
    order, now = rule.order, file.effective(step.name).get(rule.field)
    for at, raised in enumerate(rule.escalate):
        base = moment(file, raised.after)
        higher = now in order and order.index(raised.to) > order.index(str(now))
        if base is not None and higher and holds(raised.while_):
            calendar = file.desk.office.calendar(file.case.estate)
            yield (step.name, file.round(step.name), "escalate", str(at)), (base, later(calendar, base, raised))


def _is_missed(file: CaseFile, row: Timer) -> bool:
    """Whether a deadline was up before what makes it needless: the next sweep tells so, however late it comes."""
    return row.kind == "due" and row.state == "waiting" and row.at <= file.desk.now


def _show_due(file: CaseFile) -> None:
    """Note the next deadline on each open round, for boards and lists."""
    for run in file.runs:
        if run.state == "open":
            coming = [row.at for row in file.timers if row.kind == "due" and row.step == run.step and row.round == run.round
                      and row.state in ("waiting", "fired")]
            run.due_at = min(coming, default=None)


def _row(file: CaseFile, key: Key) -> Timer | None:
    return next((row for row in file.timers if (row.step, row.round, row.kind, row.name) == key), None)


def rest(file: CaseFile, step: str | None = None) -> None:
    """Let the timers of the case (or of one step) rest from now on."""
    for row in file.timers:
        if row.state == "waiting" and row.at > file.desk.now and step in (None, row.step) and row.kind != "expiry":
            row.state, row.fired_at = "paused", file.desk.now


def go_on(file: CaseFile, step: str | None = None) -> None:
    """Let resting timers go on, as much later as they rested: those of the step, or all that rest since the case was suspended,
    but none that had rested before, for its step goes on waiting."""
    since = file.case.suspended_at if step is None else None
    for row in file.timers:
        if row.state == "paused" and step in (None, row.step) and (since is None or row.fired_at is None or row.fired_at >= since):
            row.at += file.desk.now - (row.fired_at or file.desk.now)
            row.state, row.fired_at = "waiting", None
