"""The runner that the settings name, wired to an office: what is committed there is worked off here."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from core.cases.desk import Office
from core.jobs.tasks import TASKS
from core.jobs.threads import ThreadRunner
from core.jobs.work import Runner, Worker
from core.store.outbox import WAKE


def worker_of(office: Office) -> Worker:
    """A worker for all tasks of the house."""
    return Worker(office.sessions, TASKS, office, now=office.clock.now)


def runner_of(office: Office) -> Runner | None:
    """The runner that the settings name; None when this process shall not work (`workers = 0`)."""
    settings = office.settings
    if settings.runner == "celery":
        from core.jobs.celery import CeleryRunner, make_app

        worker = worker_of(office)
        return CeleryRunner(make_app(settings.broker_url, lambda: worker), worker)
    return ThreadRunner(worker_of(office), settings.workers) if settings.workers else None


@contextmanager
def running(office: Office) -> Iterator[Runner | None]:
    """The runner at work while the block runs; every commit of the office wakes it."""
    runner = runner_of(office)
    if runner is None:
        yield None
        return
    office.sessions.kw["info"][WAKE] = runner.submit
    runner.start()
    try:
        yield runner
    finally:
        del office.sessions.kw["info"][WAKE]
        runner.stop()


def work_for_ever(office: Office) -> None:
    """Work off jobs until interrupted: as a Celery worker, or in the threads of this process."""
    settings = office.settings
    if settings.runner == "celery":
        from core.jobs.celery import make_app

        make_app(settings.broker_url, lambda: worker_of(office)).worker_main(["worker", "--loglevel", "INFO"])
        return
    runner = ThreadRunner(worker_of(office), max(settings.workers, 1))
    runner.start()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        runner.stop()
