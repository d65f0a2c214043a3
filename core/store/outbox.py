"""The outbox: work for later, written in the transaction of what caused it.

A job waits, runs under a lease, and is done, failed or cancelled. Whoever claims it holds the lease and
renews it; a lease that runs out puts the job back. The same (task, key) is one job.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.store.models import Job, new_id
from core.store.session import after_commit
from core.store.upsert import add_new

LEASE = timedelta(seconds=120)
MOST_ATTEMPTS = 8
WAKE = "wake"
"""Key in `session.info` of the callable that takes the id of a job that has just been committed."""


class Later(Exception):
    """What keeps a job from being done lies outside of it: it waits however often it was tried, and never fails."""


def enqueue(
    session: Session,
    *,
    task: str,
    key: str,
    estate: str,
    payload: Mapping[str, Any],
    at: datetime,
    run_after: datetime | None = None,
) -> str:
    """Ask for `task` on `key` (what it is about) and return the job's id.

    A job that waits, runs or is done stays as it is; one that failed or was cancelled waits anew.
    `payload`: ids only.
    """
    due = run_after or at
    row: dict[str, Any] = {
        "id": new_id(),
        "estate": estate,
        "task": task,
        "key": key,
        "payload": dict(payload),
        "state": "waiting",
        "attempts": 0,
        "progress": {},
        "run_after": due,
        "worker": "",
        "error": "",
        "created_at": at,
    }
    job_id: str = row["id"]
    if not add_new(session, Job, row):
        job_id = session.execute(select(Job.id).where(Job.task == task, Job.key == key)).scalar_one()
        again = (
            update(Job)
            .where(Job.id == job_id, Job.state.in_(("failed", "cancelled")))
            .values(
                state="waiting", attempts=0, error="", run_after=due, payload=dict(payload), finished_at=None
            )
        )
        session.execute(again, execution_options={"synchronize_session": False})
    wake: Callable[[str], object] | None = session.info.get(WAKE)
    if wake is not None:
        after_commit(session, lambda: wake(job_id))
    return job_id


def is_due(session: Session, at: datetime, tasks: Collection[str]) -> bool:
    """Whether a job of `tasks` waits for a worker or lost its own; cheap, for readers."""
    ready = and_(Job.state == "waiting", Job.run_after <= at)
    lost = and_(Job.state == "running", Job.lease_until < at)
    return (
        session.execute(select(Job.id).where(Job.task.in_(tasks), ready | lost).limit(1)).first() is not None
    )


def claim(
    session: Session,
    *,
    worker: str,
    at: datetime,
    batches: Mapping[str, int],
    job_id: str | None = None,
    lease: timedelta = LEASE,
) -> list[Job]:
    """Jobs of one task for `worker` under a lease, longest due first; empty when nothing is due.

    `batches`: how many jobs of each task go together. `job_id`: begin with this job's task.
    """
    due = and_(Job.state == "waiting", Job.run_after <= at, Job.task.in_(tuple(batches)))
    first = select(Job.task).where(due).order_by(Job.run_after, Job.id).limit(1)
    wanted = select(Job.task).where(due, Job.id == job_id) if job_id else None
    task = (session.scalar(wanted) if wanted is not None else None) or session.scalar(first)
    if task is None:
        return []
    order: list[Any] = [Job.run_after, Job.id]
    if job_id:
        order.insert(0, (Job.id != job_id))
    picked = session.scalars(
        select(Job.id)
        .where(due, Job.task == task)
        .order_by(*order)
        .limit(batches[task])
        .with_for_update(skip_locked=True)
    ).all()
    _change(
        session,
        Job.id.in_(picked) & (Job.state == "waiting"),
        state="running",
        worker=worker,
        lease_until=at + lease,
        attempts=Job.attempts + 1,
        error="",
    )
    mine = (
        select(Job)
        .where(Job.id.in_(picked), Job.worker == worker, Job.state == "running")
        .order_by(Job.run_after)
    )
    return list(session.scalars(mine.execution_options(populate_existing=True)))


def renew(
    session: Session, *, worker: str, ids: Sequence[str], at: datetime, lease: timedelta = LEASE
) -> set[str]:
    """Hold on to running jobs; returns those still held (the others were cancelled or given to somebody
    else)."""
    _change(session, _held(worker, ids), lease_until=at + lease)
    return set(session.scalars(select(Job.id).where(_held(worker, ids))))


def finish(session: Session, *, worker: str, job_id: str, at: datetime, result: Mapping[str, Any]) -> bool:
    """The job is done; False (and nothing changes) when the worker no longer holds it."""
    return (
        _change(
            session,
            _held(worker, [job_id]),
            state="done",
            finished_at=at,
            lease_until=None,
            progress=dict(result),
            error="",
        )
        == 1
    )


def fail(
    session: Session, *, worker: str, job_id: str, at: datetime, error: str, for_good: bool = True
) -> bool:
    """The attempt failed: the job waits longer and longer (at most ten minutes), after eight attempts it is failed,
    unless not `for_good`. False when not held."""
    job = session.get(Job, job_id, with_for_update=True, populate_existing=True)
    if job is None or job.state != "running" or job.worker != worker:
        return False
    _put_back(job, at, error, for_good)
    return True


def sweep(session: Session, *, at: datetime) -> list[str]:
    """Put jobs back whose worker died with them (lease run out); returns their ids."""
    lost = select(Job).where(Job.state == "running", Job.lease_until < at).with_for_update(skip_locked=True)
    jobs = list(session.scalars(lost.execution_options(populate_existing=True)))
    for job in jobs:
        _put_back(job, at, "the worker went away")
    return [job.id for job in jobs]


def cancel(session: Session, job_id: str, *, at: datetime) -> None:
    """Nobody shall do it any more; what a worker is doing just now is not stored as its result."""
    job = session.get(Job, job_id, with_for_update=True, populate_existing=True)
    if job is None:
        raise NotFound("没有找到该任务")
    if job.state in ("waiting", "running"):
        job.state, job.finished_at, job.lease_until = "cancelled", at, None


def report_progress(session: Session, *, worker: str, job_id: str, progress: Mapping[str, Any]) -> bool:
    """Say how far a running job is; False when the worker no longer holds it (stop then)."""
    return _change(session, _held(worker, [job_id]), progress=dict(progress)) == 1


def counts(session: Session) -> dict[str, int]:
    """How many jobs there are in each state, for `/health` and figures."""
    rows = session.execute(select(Job.state, func.count()).group_by(Job.state))
    return {row[0]: row[1] for row in rows}


def backoff(attempts: int) -> timedelta:
    """How long a job waits after its n-th failed attempt: 5, 10, 20 … at most 600 seconds."""
    return timedelta(seconds=min(600, 5 * 2 ** (max(attempts, 1) - 1)))


def _put_back(job: Job, at: datetime, error: str, for_good: bool = True) -> None:
    job.error, job.lease_until, job.worker = error[:2000], None, ""
    if for_good and job.attempts >= MOST_ATTEMPTS:
        job.state, job.finished_at = "failed", at
    else:
        job.state, job.run_after = "waiting", at + backoff(job.attempts)


def _held(worker: str, ids: Sequence[str]) -> ColumnElement[bool]:
    return and_(Job.id.in_(ids), Job.state == "running", Job.worker == worker)


def _change(session: Session, which: ColumnElement[bool], **values: Any) -> int:
    changed: Any = session.execute(
        update(Job).where(which).values(**values), execution_options={"synchronize_session": False}
    )
    return changed.rowcount
