"""Turns: requests compute a few at a time, in the order in which they came.

Python computes with one thread at a time. When many requests compute at once, each answer of the database comes to a thread
that must wait for all the others to be interrupted first, and some requests are overtaken again and again. With turns
nothing gets slower on the whole, and the slowest of four clients waits half as long (`python -m bench http`).

A request that holds its turn for long (an import, a row that another process has locked) stops nobody: who has waited for
`PATIENCE` goes without.
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


def turns_factory(handler: Callable[[Request], Response], registry: Any) -> Callable[[Request], Response]:
    queue = FairQueue(AT_ONCE)

    def turns(request: Request) -> Response:
        came = queue.acquire(PATIENCE)
        try:
            return handler(request)
        finally:
            if came:
                queue.release()

    return turns
