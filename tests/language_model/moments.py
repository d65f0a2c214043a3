"""Time as the pages of the language tell it, for one estate without summer time: lengths, and what time will do to a step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

DAY = timedelta(days=1)
Key = tuple[str, int, str, str]
"""What time will do: to which step, in which round, of what kind (opens, due, escalate, repeat, expiry), and which of several."""


@dataclass
class Timer:
    """`base`: what it counts from; `at`: when it is up; `rests`: since when it rests; `kept`: it was met, whatever comes;
    `made`: since when it is reckoned, before which no rest counts."""

    base: datetime
    at: datetime
    live: bool = True
    fired: bool = False
    kept: bool = False
    rests: datetime | None = None
    made: datetime | None = None

    @property
    def runs(self) -> bool:
        return self.live and not self.fired and not self.kept and self.rests is None


def midnight(moment: datetime) -> datetime:
    """When the day of `moment` began."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def last_second(moment: datetime) -> datetime:
    return midnight(moment) + DAY - timedelta(seconds=1)


def counted(base: datetime, length: dict[str, Any], back: bool = False) -> datetime | None:
    """`length` on from `base` (or back) when it is of minutes or hours, which count to the second."""
    exact = timedelta(minutes=length.get("minutes", 0), hours=length.get("hours", 0))
    return (base - exact if back else base + exact) if "minutes" in length or "hours" in length else None


def deadline(base: datetime, length: dict[str, Any], back: bool = False) -> datetime:
    """Days end when that day ends."""
    days = timedelta(days=length.get("days", 0))
    return counted(base, length, back) or last_second(base - days if back else base + days)


def waiting(base: datetime, length: dict[str, Any]) -> datetime:
    """Days are over when that day begins."""
    return counted(base, length) or midnight(base) + timedelta(days=length["days"])


def period_end(base: datetime, every: str) -> datetime:
    """The last second of the day or of the week, which begins on Monday."""
    return last_second(base + timedelta(days=6 - base.weekday() if every == "week" else 0))


def day_of(said: str, like: datetime) -> datetime:
    """The beginning of the day that was filed."""
    return datetime.combine(datetime.fromisoformat(said).date(), time(), like.tzinfo)
