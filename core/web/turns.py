"""Turns: requests compute a few at a time, in the order in which they came.

Python computes with one thread at a time. When many requests compute at once, each answer of the database comes to a thread
that must wait for all the others to be interrupted first, and some requests are overtaken again and again. With turns
nothing gets slower on the whole, and the slowest of four clients waits half as long (`python -m bench http`).

A request that holds its turn for long (an import, a row that another process has locked) stops nobody: who has waited for
`PATIENCE` goes without. A request that is going to wait for another process gives its turn back first (`request.turn`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyramid.config import Configurator
from pyramid.response import Response

from core.store.queue import FairQueue
from core.web.asking import Request

AT_ONCE = 2
"""One computes while the other waits for the disk or the database."""
PATIENCE = 0.5
"""Seconds."""


def includeme(config: Configurator) -> None:
    config.add_tween("core.web.turns.turns_factory", under="core.web.figures.figures_factory",
                     over="core.web.headers.headers_factory")


class Turn:
    """One request's turn, given back once: at the end, or before it waits for something that is not computed here."""

    def __init__(self, queue: FairQueue) -> None:
        self._queue, self._came = queue, queue.acquire(PATIENCE)

    def give_back(self) -> None:
        """Let the next one compute."""
        if self._came:
            self._came = False
            self._queue.release()


def turns_factory(handler: Callable[[Request], Response], registry: Any) -> Callable[[Request], Response]:
    queue = FairQueue(AT_ONCE)

    def turns(request: Request) -> Response:
        turn = request.turn = Turn(queue)
        try:
            return handler(request)
        finally:
            turn.give_back()

    return turns
