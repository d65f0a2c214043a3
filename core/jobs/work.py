"""What a worker does, whoever runs it: claim, hold the lease, do, write down what came of it."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import structlog

from core.errors import ShouxuError, StoreUnavailable
from core.store import outbox
from core.store.models import Job
from core.store.session import SessionFactory, unit_of_work

log = structlog.get_logger("shouxu.jobs")
Outcome = Mapping[str, Any] | BaseException
"""What came of one job: its result (JSON) or the error that stopped it (`outbox.Later`: it is tried until it can be done)."""


@dataclass(frozen=True)
class Task:
    """A kind of work. `run` gets the context and 1 to `max_batch` jobs and answers by job id.

    It may be called again for a job that it had done (a worker died before that was written down), so it
    first looks whether there is anything left to do. A raised error counts for every job of the batch.
    """

    name: str
    run: Callable[[Any, Sequence[Job]], Mapping[str, Outcome]]
    max_batch: int = 1


@dataclass(frozen=True)
class Chore:
    """What is done again and again, asked for by nobody. `run` gets the context and says how much it did.

    Several workers may do it at once; it sees to it that nothing happens twice.
    """

    name: str
    run: Callable[[Any], int]


class Runner(Protocol):
    """Who lets workers work: threads of this process or Celery."""

    def start(self) -> None:
        """Begin to work off jobs, those that already wait too."""
        ...

    def submit(self, job_id: str) -> None:
        """Say that a job was committed; loses nothing when it is not heard."""
        ...

    def stop(self, timeout: float = 30) -> None:
        """Take no more jobs and wait for the running ones."""
        ...


class Worker:
    """Works off the outbox of one database.

    `context` is handed to the tasks and chores as it is. `now` may be a walkthrough's clock.
    """

    def __init__(
        self,
        factory: SessionFactory,
        tasks: Iterable[Task],
        context: Any = None,
        *,
        chores: Iterable[Chore] = (),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        lease: timedelta = outbox.LEASE,
    ) -> None:
        self.factory = factory
        self.tasks = {task.name: task for task in tasks}
        self.chores = tuple(chores)
        self.context = context
        self.now = now
        self.lease = lease
        self._batches = {task.name: task.max_batch for task in self.tasks.values()}

    def run_pending(self, limit: int | None = None) -> int:
        """Work until nothing is due or `limit` jobs were tried; returns how many were."""
        tried = 0
        while limit is None or tried < limit:
            count = self.run_batch()
            if not count:
                break
            tried += count
        return tried

    def run_batch(self, job_id: str | None = None) -> int:
        """Claim and do the jobs of one batch (with `job_id` among them when it waits); returns how many."""
        with unit_of_work(self.factory, readonly=True) as session:
            if not outbox.is_due(session, self.now(), tuple(self.tasks)):
                return 0
        name = _worker_name()
        with unit_of_work(self.factory) as session:
            outbox.sweep(session, at=self.now())
            jobs = outbox.claim(
                session, worker=name, at=self.now(), batches=self._batches, job_id=job_id, lease=self.lease
            )
        if jobs:
            with self._held(name, [job.id for job in jobs]):
                outcomes = self._do(jobs)
            self._write_down(name, jobs, outcomes)
        return len(jobs)

    def run_chores(self) -> int:
        """Do every chore once; returns how much they did. One that fails is logged and does not stop the others."""
        done = 0
        for chore in self.chores:
            try:
                done += chore.run(self.context)
            except StoreUnavailable:
                raise
            except Exception:
                log.exception("chore_failed", chore=chore.name)
        return done

    def _do(self, jobs: Sequence[Job]) -> Mapping[str, Outcome]:
        try:
            return self.tasks[jobs[0].task].run(self.context, jobs)
        except Exception as error:
            log.exception("task_failed", task=jobs[0].task, jobs=[job.id for job in jobs])
            return {job.id: error for job in jobs}

    def _write_down(self, name: str, jobs: Sequence[Job], outcomes: Mapping[str, Outcome]) -> None:
        with unit_of_work(self.factory) as session:
            for job in jobs:
                outcome = outcomes.get(job.id, RuntimeError("the task gave no answer for this job"))
                if isinstance(outcome, BaseException):
                    outbox.fail(session, worker=name, job_id=job.id, at=self.now(), error=_sentence(outcome),
                                for_good=not isinstance(outcome, outbox.Later))
                else:
                    outbox.finish(session, worker=name, job_id=job.id, at=self.now(), result=outcome)

    @contextmanager
    def _held(self, name: str, ids: Sequence[str]) -> Iterator[None]:
        """Renew the lease from a second thread for as long as the block runs."""
        done = threading.Event()
        renewer = threading.Thread(
            target=self._renew_until, args=(done, name, ids), name="lease", daemon=True
        )
        renewer.start()
        try:
            yield
        finally:
            done.set()
            renewer.join()

    def _renew_until(self, done: threading.Event, name: str, ids: Sequence[str]) -> None:
        while not done.wait(self.lease.total_seconds() / 3):
            try:
                with unit_of_work(self.factory) as session:
                    outbox.renew(session, worker=name, ids=ids, at=self.now(), lease=self.lease)
            except ShouxuError as error:
                log.warning(
                    "lease_not_renewed", why=error.what
                )  # tried again; at worst somebody repeats the job


def _sentence(error: BaseException) -> str:
    if isinstance(error, outbox.Later):
        return str(error)
    return (
        f"{error.code} {error.what}" if isinstance(error, ShouxuError) else f"{type(error).__name__}: {error}"
    )


def _worker_name() -> str:
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(6)}"
