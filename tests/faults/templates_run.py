"""Hostile templates compiled and rendered one after the other, with everything noted that they reach for.

    python tests/faults/templates_run.py SECONDS < NAMES.json

Prints one JSON row for each: name, seconds, how it ended (the number of a refusal, `rendered`, or the kind of error), what it
touched of files, processes and sockets; and at the end the most memory that the process had, in bytes beyond those at the start.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
import time
import warnings
from typing import Any

from core.documents.engine import Template
from core.errors import DocumentError
from tests.documents.hostile_templates import GIVEN, corpus

WATCHED = ("socket.", "subprocess.", "os.", "shutil.", "ctypes.", "tempfile.")
HARMLESS = ("os.listdir", "os.scandir")  # the import system looks into folders


class Late(BaseException):
    """The clock rang."""


def main(seconds: float) -> None:
    """Run those named on standard input."""
    wanted = set(json.load(sys.stdin))
    touched: list[str] = []
    watching = [False]

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if not watching[0]:
            return
        writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
        if writes or (event.startswith(WATCHED) and event not in HARMLESS):
            touched.append(f"{event} {arguments!r}"[:200])

    sys.addaudithook(watch)
    signal.signal(signal.SIGALRM, _ring)
    warnings.simplefilter("ignore")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name, make, _ in corpus():
        if name in wanted:
            data = make()
            touched.clear()
            watching[0], started = True, time.perf_counter()
            signal.setitimer(signal.ITIMER_REAL, seconds)
            ended = _ended(data)
            signal.setitimer(signal.ITIMER_REAL, 0)
            watching[0] = False
            row = {"name": name, "seconds": round(time.perf_counter() - started, 2), "ended": ended, "touched": list(touched)}
            print(json.dumps(row, ensure_ascii=False), flush=True)
    print(json.dumps({"memory": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024}))


def _ended(data: bytes) -> str:
    try:
        Template.compile(data).render(GIVEN)
    except DocumentError as refused:
        return str(refused.number)
    except Late:
        return "late"
    except Exception as error:
        return type(error).__name__
    return "rendered"


def _ring(number: int, frame: object) -> None:
    raise Late


if __name__ == "__main__":
    main(float(sys.argv[1]))
