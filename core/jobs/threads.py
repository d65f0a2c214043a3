"""The runner of a single machine: a few threads of the server's own process."""

from __future__ import annotations

import threading
import time

import structlog

from core.errors import StoreUnavailable
from core.jobs.work import Worker

log = structlog.get_logger("shouxu.jobs")
POLL_SECONDS = 5.0
CHORE_SECONDS = 20.0
"""How late a deadline may be noticed; one read of an index each time."""


class ThreadRunner:
    """`threads` workers that wake when a job is handed in, and look by themselves every `poll` seconds
    (retries, jobs of a process that died, jobs written by another process).

    One more thread does the chores: at once, for what fell due while nobody was there, and every `chores` seconds.
    Without workers there are no chores.
    """

    def __init__(self, worker: Worker, threads: int = 2, *, poll: float = POLL_SECONDS, chores: float = CHORE_SECONDS
                 ) -> None:
        self.worker = worker
        self.poll = poll
        self.chores = chores
        self._count = threads
        self._threads: list[threading.Thread] = []
        self._work = threading.Semaphore(0)
        self._stopping = threading.Event()

    def start(self) -> None:
        """Start the threads; they begin with what already waits."""
        self._stopping.clear()
        self._threads = [
            threading.Thread(target=self._run, name=f"jobs-{n}", daemon=True) for n in range(self._count)
        ]
        if self._threads:
            self._threads.append(threading.Thread(target=self._run_chores, name="chores", daemon=True))
        for thread in self._threads:
            thread.start()

    def submit(self, job_id: str) -> None:
        """Wake one thread."""
        self._work.release()

    def stop(self, timeout: float = 30) -> None:
        """Take no more jobs; wait at most `timeout` seconds for the running ones (their leases run out
        otherwise)."""
        self._stopping.set()
        for _ in self._threads:
            self._work.release()
        end = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        self._threads = []

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                if self.worker.run_batch():
                    continue
            except StoreUnavailable as error:
                log.warning("store_unavailable", why=error.what)
            except Exception:
                # one bad row must not end the thread that all other jobs wait for
                log.exception("worker_failed")
            self._work.acquire(timeout=self.poll)

    def _run_chores(self) -> None:
        while not self._stopping.is_set():
            try:
                self.worker.run_chores()
            except StoreUnavailable as error:
                log.warning("store_unavailable", why=error.what)
            self._stopping.wait(self.chores)
