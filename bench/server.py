"""The measured server: waitress over the real application in a process of its own.

`python -m bench.server [--profile FILE]`, settings from the environment (SHOUXU_…). Prints its port. Every answer says
how many milliseconds the application took, how many statements it sent and how often it made the disk flush.
"""

from __future__ import annotations

import cProfile
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, Engine, event
from waitress.server import create_server

from core.app import job_runner, make_app, server_limits, settle
from core.cases.building import build_office
from core.settings import Settings

TOOK, STATEMENTS = "X-Bench-Milliseconds", "X-Bench-Statements"
FLUSHES, COMMITS = "X-Bench-Flushes", "X-Bench-Commits"
"""Flushes: by files, and by commits of the database; commits: those that are flushed by another process."""


Wsgi = Callable[..., Iterable[bytes]]


@dataclass
class Cost:
    """What one request cost."""

    statements: int = 0
    files: int = 0
    commits: int = 0


_costs = threading.local()


def cost() -> Cost:
    """The cost of the request that this thread works on."""
    if not hasattr(_costs, "now"):
        _costs.now = Cost()
    return _costs.now


def main(arguments: list[str]) -> None:
    """Serve on a free port of 127.0.0.1 until SIGTERM."""
    settings = Settings.load()
    office = build_office(settings)
    runner = job_runner(office)
    runner.start()
    engine = office.sessions.kw["bind"]
    count(engine)
    app = told(make_app(settings, office=office), elsewhere=engine.dialect.name != "sqlite")
    profile = cProfile.Profile() if arguments[:1] == ["--profile"] else None
    limits: dict[str, Any] = server_limits(settings) | {"listen": "127.0.0.1:0"}
    server: Any = create_server(profiled(app, profile) if profile else app, **limits)
    settle()
    print(server.effective_port, flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        server.run()
    finally:
        runner.stop()
        if profile:
            profile.dump_stats(Path(arguments[1]))


def count(engine: Engine) -> None:
    """Count what each thread sends to the database, and what it has flushed to the disk."""
    @event.listens_for(engine, "before_cursor_execute")
    def sent(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        cost().statements += 1

    @event.listens_for(engine, "commit")
    def committed(connection: Connection) -> None:
        cost().commits += not connection.get_execution_options().get("readonly")

    flush = os.fsync

    def counted(file: Any) -> None:
        cost().files += 1
        flush(file)

    os.fsync = counted


def told(app: Wsgi, elsewhere: bool) -> Wsgi:
    """The application, saying in its headers what the request cost; `elsewhere`: the database is another process."""
    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        begun, _costs.now = perf_counter(), Cost()

        def start(status: str, headers: list[tuple[str, str]], *failed: Any) -> Any:
            took, known = (perf_counter() - begun) * 1000, cost()
            headers = [*headers, (TOOK, f"{took:.3f}"), (STATEMENTS, str(known.statements)),
                       (FLUSHES, str(known.files + known.commits)), (COMMITS, str(known.commits if elsewhere else 0))]
            return start_response(status, headers, *failed)

        return app(environ, start)

    return wrapped


def profiled(app: Wsgi, profile: cProfile.Profile) -> Wsgi:
    """The application, its POST requests one by one under the profiler."""
    one = threading.Lock()

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST" or "/cases/" not in environ["PATH_INFO"]:
            return app(environ, start_response)
        with one:
            return profile.runcall(app, environ, start_response)

    return wrapped


if __name__ == "__main__":
    main(sys.argv[1:])
