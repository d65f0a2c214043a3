"""How long one waits for the program: its help, its check, and a server that is ready to answer."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from bench.client import Browser
from bench.counter import ROOT, served
from bench.figures import ROUNDS, Figure, milliseconds
from bench.house import house

FIGURES = {
    "help_ms": Figure("`shouxu --help`", "ms", most=500),
    "check_ms": Figure("`shouxu check` of all sample estates, warm", "ms", most=3000),
    "server_start_ms": Figure("a server from its start to the first answer, warm", "ms", most=2000),
}


def measure(rounds: int = ROUNDS) -> dict[str, float]:
    """All of `FIGURES`."""
    with house("sqlite") as where:
        def start() -> None:
            with served(where) as (port, _):
                if Browser(port).get("/login").status != 200:
                    raise RuntimeError("the server does not answer")
                ready.append((time.perf_counter() - begun) * 1000)

        ready: list[float] = []
        for _ in range(rounds):
            begun = time.perf_counter()
            start()
    return {"help_ms": _of("--help", rounds), "check_ms": _of("check", rounds), "server_start_ms": round(median(ready), 1)}


def _of(command: str, rounds: int) -> float:
    def run() -> None:
        subprocess.run([Path(sys.executable).with_name("shouxu"), command], cwd=ROOT, check=True, capture_output=True)

    run()
    return round(median(milliseconds(run, rounds)), 1)
