"""What time it is: now, or what a walkthrough says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Protocol


class Clock(Protocol):
    """Says what time it is; everything that needs the time asks one."""

    def now(self) -> datetime:
        """The present moment, with its time zone."""
        ...


class SystemClock:
    """The clock of the machine, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that shows `start` (with a time zone) first and goes on by `step` each time it is read."""

    def __init__(self, start: datetime, step: timedelta = timedelta(0)) -> None:
        if start.tzinfo is None:
            raise ValueError("a fixed clock needs a time zone: 2026-03-01T09:00:00+08:00")
        self._next = start
        self._step = step
        self._lock = Lock()

    def now(self) -> datetime:
        with self._lock:
            shown = self._next
            self._next += self._step
            return shown

    def advance(self, by: timedelta) -> None:
        """Move on by `by`; never back."""
        if by < timedelta(0):
            raise ValueError("time does not run backwards")
        with self._lock:
            self._next += by

    def set(self, moment: datetime) -> None:
        """Go to `moment` (with a time zone), which is not before what was last to be shown."""
        with self._lock:
            if moment < self._next:
                raise ValueError("time does not run backwards")
            self._next = moment
