"""Many processes take numbers from one series while a hand kills them at random.

    python tests/faults/numbers_run.py URL PROCESSES NUMBERS KILLS

Every process takes its share under request keys of its own and acknowledges each number on a pipe after the
commit. A killed process is started again at the first number that was not acknowledged, with the same key:
its commit may have been done. Prints what was acknowledged, as JSON.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess

import psycopg
from sqlalchemy import make_url

from core.domain.documents import Series
from core.errors import StoreUnavailable
from core.store import events, series
from core.store.engine import make_engine
from core.store.session import session_factory, unit_of_work

CERTIFICATE = Series.model_validate({"name": "certificate", "title": "入住证明"})
ESTATE = "jade"
AT = datetime(2026, 3, 1, tzinfo=UTC)
WORST_SECONDS = 1800


def take_numbers(url: str, worker: int, first: int, last: int, pipe: int) -> None:
    """The life of one process: numbers `first` to `last` of its share, each acknowledged after its commit."""
    factory = session_factory(make_engine(url, pool_size=1))
    for n in range(first, last):
        key = f"{worker}:{n}"
        value = _take(factory, key)
        os.write(pipe, f"{worker} {n} {value}\n".encode())  # under 4 KB: atomic


def _take(factory, key: str) -> int:
    while True:
        try:
            with unit_of_work(factory) as session:
                number = series.take(
                    session,
                    estate=ESTATE,
                    series=CERTIFICATE,
                    at=AT,
                    by="u",
                    document_id=None,
                    local_year=2026,
                    estate_code="YL",
                    request_key=key,
                )
                session.flush()
                events.append(
                    session, estate=ESTATE, kind="issued", by="u", at=AT, data={"value": number.value}
                )
            return number.value
        except StoreUnavailable:
            time.sleep(random.random() / 10)


class Run:
    """The parent's side: who lives, who was acknowledged what, when the next kill is due."""

    def __init__(self, url: str, processes: int, numbers: int, kills: int) -> None:
        self.url, self.share, self.kills, self.processes = url, numbers // processes, kills, processes
        self.total = self.share * processes
        self.acknowledged: dict[tuple[int, int], int] = {}
        self.contradictions: list[str] = []
        self.killed = 0
        self.children: dict[int, BaseProcess] = {}
        self.reader, self.writer = os.pipe()

    def start(self, worker: int) -> None:
        first = next((n for n in range(self.share) if (worker, n) not in self.acknowledged), self.share)
        process = multiprocessing.get_context("fork").Process(
            target=take_numbers, args=(self.url, worker, first, self.share, self.writer), daemon=True
        )
        process.start()
        self.children[worker] = process

    def run(self) -> None:
        for worker in range(self.processes):
            self.start(worker)
        end = time.monotonic() + WORST_SECONDS
        lines = self.lines()
        while len(self.acknowledged) < self.total:
            if time.monotonic() > end:
                raise SystemExit(f"only {len(self.acknowledged)} of {self.total} in {WORST_SECONDS} s")
            self.note(next(lines))
            while self.killed < self.kills and len(self.acknowledged) > self.killed * self.total / (
                self.kills + 1
            ):
                self.kill_somebody()
            self.restart_the_dead()
        for process in self.children.values():
            process.join(30)

    def lines(self) -> Iterator[str]:
        """Acknowledgements as they come; an empty line when there was none for a while."""
        os.set_blocking(self.reader, False)
        rest = b""
        while True:
            try:
                rest += os.read(self.reader, 65536)
            except BlockingIOError:
                time.sleep(0.002)
                yield ""
            *whole, rest = rest.split(b"\n")
            yield from (line.decode() for line in whole)

    def note(self, line: str) -> None:
        if not line:
            return
        worker, n, value = map(int, line.split())
        if self.acknowledged.setdefault((worker, n), value) != value:
            self.contradictions.append(line)

    def kill_somebody(self) -> None:
        alive = [process for process in self.children.values() if process.is_alive()]
        self.killed += 1
        if alive:
            pid = random.choice(alive).pid
            assert pid is not None
            time.sleep(random.random() / 200)
            os.kill(pid, signal.SIGKILL)
        if self.killed == self.kills // 2:
            self.cut_connections()

    def cut_connections(self) -> None:
        """PostgreSQL only: half-way, every connection is cut at once, as when the server restarts."""
        address = make_url(self.url)
        if address.get_backend_name() == "postgresql":
            with psycopg.connect(
                address.set(drivername="postgresql").render_as_string(False), autocommit=True
            ) as server:
                server.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

    def restart_the_dead(self) -> None:
        for worker, process in list(self.children.items()):
            if process.exitcode not in (None, 0):
                self.start(worker)


def main(url: str, processes: int, numbers: int, kills: int) -> None:
    begun = time.monotonic()
    run = Run(url, processes, numbers, kills)
    run.run()
    print(
        json.dumps(
            {
                "acknowledged": {f"{worker}:{n}": value for (worker, n), value in run.acknowledged.items()},
                "contradictions": run.contradictions,
                "killed": run.killed,
                "seconds": round(time.monotonic() - begun, 1),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
