"""How much one part may cost to print. Templates come from outside, and a loop in a loop in a loop is soon written:
it ends with a refusal, not with a server that answers nobody.

Steps and text are counted, so that the same template with the same values is refused everywhere or nowhere;
the clock only catches what no count foresees.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import wraps
from itertools import islice
from typing import Any, Concatenate, TypeVar

from core.documents.faults import RenderFault
from core.documents.printing import named

STEPS = 2_000_000
"""Rows of all loops together; the longest list of an estate has some ten thousand."""
TEXT = 100_000_000
"""Characters of a part, and of all that macros and blocks made for it."""
SECONDS = 10.0

_PIECES = 100
_LOOK = 128

_Made = TypeVar("_Made")


class _Meter:
    """What the part of the moment has used."""

    __slots__ = ("end", "steps", "text")

    def __init__(self) -> None:
        self.steps, self.text, self.end = 0, 0, time.monotonic() + SECONDS

    def spend(self, text: int) -> None:
        self.text += text
        if self.text > TEXT:
            raise RenderFault(f"文书过长，超过 {TEXT // 1_000_000} 百万字符", number=3207)
        self.look()

    def look(self) -> None:
        if self.steps > STEPS:
            raise RenderFault(f"循环过多，超过 {STEPS // 10_000} 万行", number=3206)
        if time.monotonic() > self.end:
            raise RenderFault(f"生成超过 {SECONDS:g} 秒，已停止", number=3206)


_here = threading.local()


def _meter() -> _Meter:
    """The meter of this thread; outside `within` (docxtpl's own way) one that began with the first use."""
    meter = getattr(_here, "meter", None)
    if meter is None:
        meter = _here.meter = _Meter()
    return meter


def begin() -> None:
    """A part is about to be printed."""
    _here.meter = _Meter()


def within(pieces: Generator[str]) -> str:
    """What the pieces make, as long as it stays within the limits; RenderFault 3206, 3207."""
    begin()
    meter, made = _here.meter, []
    while taken := list(islice(pieces, _PIECES)):
        text = "".join(taken)
        made.append(text)
        try:
            meter.spend(len(text))
        except RenderFault as fault:
            pieces.throw(fault)  # raised where the template stands, so that its line can be named
    return "".join(made) if len(made) > 1 else text if made else ""


def metered(rows: Iterable[Any]) -> Iterator[Any]:
    """The rows of a loop, counted."""
    meter = _meter()
    if not isinstance(rows, Iterable):
        raise RenderFault(f"{named(rows)}没有多行，不能循环；请写出其中的多行字段", number=3205)
    for row in rows:
        meter.steps += 1
        if not meter.steps % _LOOK:
            meter.look()
        yield row


def counted(call: Callable[Concatenate[Any, ...], _Made]) -> Callable[..., _Made]:
    """A call from a template, counted as a step: macros can call each other without any loop."""

    @wraps(call)
    def called(*args: Any, **kwargs: Any) -> _Made:
        meter = _meter()
        meter.steps += 1
        if not meter.steps % _LOOK:
            meter.look()
        return call(*args, **kwargs)

    return called


def concat(pieces: Iterable[str]) -> str:
    """What a macro or a block makes, counted as text."""
    taken = list(pieces)
    _meter().spend(sum(map(len, taken)))
    return "".join(taken)
