"""What is due happens: timers fire in the order of their time, each once, whoever sweeps and however late.

A sweep does one case at a time, in a transaction of its own, in the queue of its estate as every act does. A timer that
fails changes nothing, is logged, holds up the later ones of its case only, and is tried again by the next sweep.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import structlog
from sqlalchemy import Select, or_, select

from core.cases.building import system_actor
from core.cases.casefile import CaseFile, open_file
from core.cases.desk import Desk, Office
from core.cases.firing import fire
from core.errors import StoreUnavailable
from core.security.policy import Actor
from core.store.models import Case, Timer
from core.store.session import glance, unit_of_work

log = structlog.get_logger("shouxu.timers")
WAITING = "waiting"
BATCH = 500
MOST_FIRED = 1000
"""Timers of one case in one transaction: nearly three years of a daily round; the rest comes with the next sweep."""


def sweep_due(office: Office, at: datetime | None = None, limit: int = BATCH) -> int:
    """Fire every timer that is due at `at` (default: now); returns how many fired.

    `limit`: how many timers are looked at in one read. Raises StoreUnavailable only: what else goes wrong with a case
    is logged.
    """
    now, actor = at or office.clock.now(), system_actor(office)
    fired, seen = 0, set[str]()
    for case_id in _due(office, now, limit):
        if case_id not in seen:
            seen.add(case_id)
            fired += _sweep_case(office, actor, case_id, now)
    return fired


def due_timers(at: datetime, *, after: tuple[datetime, str] | None = None, limit: int = BATCH) -> Select[Timer]:
    """The query of timers that wait and are due at `at`, earliest first; `after`: (at, id) of the last one read."""
    query = select(Timer).where(Timer.state == WAITING, Timer.at <= at)
    if after is not None:
        query = query.where(Timer.at >= after[0], or_(Timer.at > after[0], Timer.id > after[1]))
    return query.order_by(Timer.at, Timer.id).limit(limit)


def _due(office: Office, now: datetime, limit: int) -> Iterator[str]:
    """The case of every timer that is due; goes on behind those whose case failed, so that none stands in the way."""
    after: tuple[datetime, str] | None = None
    while True:
        with glance(office.sessions) as connection:
            query = due_timers(now, after=after, limit=limit)
            rows = connection.execute(query.with_only_columns(Timer.at, Timer.id, Timer.case_id)).all()
        yield from (row.case_id for row in rows)
        if len(rows) < limit:
            return
        after = rows[-1].at, rows[-1].id


def _sweep_case(office: Office, actor: Actor, case_id: str, now: datetime, most: int = MOST_FIRED) -> int:
    fired: list[str] = []
    try:
        with unit_of_work(office.sessions) as session:
            desk = Desk(office, session, actor, now)
            case = session.get_one(Case, case_id)
            if office.plugins.reason(case.procedure, case.estate):
                return 0  # out of service: read only until it is back
            desk.queue(case.estate)
            if _next(desk, case_id) is not None:  # else somebody else was faster
                _fire_all(open_file(desk, case_id, change=True), fired, most)
    except StoreUnavailable:
        raise
    except Exception:
        log.exception("timer_failed", case=case_id, timer=fired[-1] if fired else "")
        # those before the one that failed happen all the same
        return _sweep_case(office, actor, case_id, now, len(fired) - 1) if len(fired) > 1 else 0
    return len(fired)


def _fire_all(file: CaseFile, fired: list[str], most: int) -> None:
    """Fire what is due in the order of its time, also what firing makes due, at most `most`; their ids go to `fired`."""
    while len(fired) < most and (timer := _next(file.desk, file.case.id)) is not None:
        fired.append(timer.id)
        fire(file, timer)
        file.desk.session.flush()
        if timer.state == WAITING and timer.at <= file.desk.now:
            raise RuntimeError(f"the timer ({timer.kind} of {timer.step}) is still due after it fired")


def _next(desk: Desk, case_id: str) -> Timer | None:
    """The next timer of the case that is due, as it stands in the store now that nobody else changes the estate."""
    query = due_timers(desk.now, limit=1).where(Timer.case_id == case_id)
    return desk.session.scalar(query.execution_options(populate_existing=True))
