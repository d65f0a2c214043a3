"""What time holds in store for an estate: missed deadlines, what is due now, what is still to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, and_, exists, or_, select

from core.cases.desk import Desk
from core.store.models import Case, StepRun, Timer

DueState = Literal["overdue", "due", "waiting", "resting"]


@dataclass(frozen=True)
class DueRow:
    """One timer of an open case. `overdue`: a deadline was missed and the step is still open; `due`: its time has come
    and no sweep was there yet; `waiting`: still to come; `resting`: paused with its case or step.

    `kind`: opens, due, escalate, repeat, expiry. `late_seconds`: how long past its time; negative: still to come.
    """

    case: str
    case_number: str
    step: str
    step_title: str
    kind: str
    at: datetime
    state: DueState
    late_seconds: int


def due_list(desk: Desk, estate: str, at: datetime | None = None, limit: int = 200) -> list[DueRow]:
    """The timers of the estate's open cases as they stand at `at` (default: now), earliest first, at most `limit`."""
    desk.enter(estate)
    now = at or desk.now
    rows = desk.session.execute(_standing(estate).order_by(Timer.at, Timer.id).limit(limit))
    return [_row(desk, timer, case, now) for timer, case in rows]


def _standing(estate: str) -> Select[Timer, Case]:
    still_open = exists().where(StepRun.case_id == Timer.case_id, StepRun.step == Timer.step,
                                StepRun.round == Timer.round, StepRun.state == "open")
    missed = and_(Timer.state == "fired", Timer.kind == "due", still_open)
    standing = or_(Timer.state.in_(("waiting", "paused")), missed)
    return (select(Timer, Case).join(Case, Case.id == Timer.case_id)
            .where(Timer.estate == estate, Case.ended_at.is_(None), standing))


def _row(desk: Desk, timer: Timer, case: Case, now: datetime) -> DueRow:
    name, _, item = timer.step.partition("@")
    title = desk.say(desk.office.bundle(desk.session, case.pin).procedure.step(name).title)
    return DueRow(case.id, case.number, timer.step, f"{title} {item}".strip(), timer.kind, timer.at, _state(timer, now),
                  round((now - timer.at).total_seconds()))


def _state(timer: Timer, now: datetime) -> DueState:
    if timer.state == "paused":
        return "resting"
    if timer.state == "fired":
        return "overdue"
    return "due" if timer.at <= now else "waiting"
