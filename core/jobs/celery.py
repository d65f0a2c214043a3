"""The runner of a cluster: Celery carries the ids, the outbox keeps the truth (`shouxu[cluster]`).

A message that is lost, sent twice or sent while the broker is away does no harm: the claim in the database
decides who works, and the sender looks every minute for jobs that nobody took.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from celery import Celery
from sqlalchemy import select

from core.errors import StoreUnavailable
from core.jobs.work import Worker
from core.store import outbox
from core.store.models import Job
from core.store.session import unit_of_work

log = structlog.get_logger("shouxu.jobs")
TASK = "shouxu.work"
CHORES_TASK = "shouxu.chores"
FORGOTTEN = timedelta(seconds=60)


def make_app(broker_url: str, worker: Callable[[], Worker]) -> Celery:
    """The Celery application of senders and workers; `worker` is called in each worker process on its first
    job."""
    app = Celery("shouxu", broker=broker_url)
    app.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        task_serializer="json",
        accept_content=["json"],
        broker_connection_retry_on_startup=True,
        task_default_queue="shouxu",
        broker_transport_options={"max_retries": 1, "socket_connect_timeout": 2},
        worker_hijack_root_logger=False,
    )
    made: list[Worker] = []

    def here() -> Worker:
        if not made:
            made.append(worker())
        return made[0]

    @app.task(name=TASK, shared=False)
    def work(job_id: str) -> int:
        return here().run_batch(job_id)

    @app.task(name=CHORES_TASK, shared=False)
    def chores() -> int:
        return here().run_chores()

    return app


class CeleryRunner:
    """Sends the ids of jobs, and every `every` seconds word that the chores are due (what `celery beat` would do in a
    process of its own); the workers are processes of their own (`shouxu worker`)."""

    def __init__(
        self, app: Celery, worker: Worker, *, every: float = 60, forgotten: timedelta = FORGOTTEN
    ) -> None:
        self.app = app
        self.worker = worker
        self.every = every
        self.forgotten = forgotten
        self._stopping = threading.Event()
        self._sender: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look for forgotten jobs (retries, lost messages, dead workers), and to send word of the chores."""
        self._stopping.clear()
        self._sender = threading.Thread(target=self._send_forgotten, name="jobs-sender", daemon=True)
        self._sender.start()

    def submit(self, job_id: str) -> None:
        """Send a job's id; when the broker is away it is sent later."""
        self._send(TASK, job_id)

    def _send(self, task: str, *given: str, **options: Any) -> None:
        try:
            self.app.send_task(task, given, retry=False, **options)
        except Exception as error:  # kombu lets each transport's own errors through
            log.warning("broker_unavailable", task=task, given=given, why=str(error))

    def stop(self, timeout: float = 30) -> None:
        """Send no more; running jobs belong to the workers."""
        self._stopping.set()
        if self._sender:
            self._sender.join(timeout)

    def _send_forgotten(self) -> None:
        while not self._stopping.is_set():
            # one that no worker took in time is not needed: the next is on its way
            self._send(CHORES_TASK, expires=self.every)
            try:
                for job_id in self._forgotten():
                    self.submit(job_id)
            except StoreUnavailable as error:
                log.warning("store_unavailable", why=error.what)
            self._stopping.wait(self.every)

    def _forgotten(self) -> list[str]:
        now = self.worker.now()
        with unit_of_work(self.worker.factory) as session:
            outbox.sweep(session, at=now)
            waiting = select(Job.id).where(
                Job.state == "waiting", Job.run_after <= now, Job.run_after <= now - self.forgotten
            )
            return list(session.scalars(waiting.order_by(Job.run_after).limit(1000)))
