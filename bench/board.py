"""The progress board of 1,158 units: server time of the page, with some of the units in every stage."""

from __future__ import annotations

from statistics import median

from bench.client import Browser
from bench.counter import served
from bench.figures import ROUNDS, Figure
from bench.house import CLERK, ESTATE, PASSWORD, house
from bench.server import STATEMENTS, TOOK

CASES, PAGES = 60, 5
FIGURES = {
    "board_ms": Figure("board of 1,158 units, server time", "ms", most=300),
    "board_bytes": Figure("size of that page", "bytes"),
    "board_statements": Figure("statements of that page", "number"),
}


def measure(rounds: int = ROUNDS) -> dict[str, float]:
    """All of `FIGURES`, on SQLite."""
    with house("sqlite") as where:
        where.registering(CASES)
        with served(where) as (port, _):
            browser = Browser(port)
            browser.log_in(CLERK, PASSWORD)
            pages = [browser.get(f"/e/{ESTATE}/board/move_in") for _ in range(rounds * PAGES + 1)][1:]
    if {page.status for page in pages} != {200}:
        raise RuntimeError(f"the board answered {pages[0].status}")
    return {"board_ms": round(median(float(page.headers[TOOK]) for page in pages), 3),
            "board_bytes": float(len(pages[0].body)), "board_statements": float(pages[0].headers[STATEMENTS])}
