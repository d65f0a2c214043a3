"""Working days and office hours of an estate: China's public holidays with their moved weekends (调休)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from core.domain.estates import OfficeHours

LONGEST_COUNT = 3660
"""Working days that may be counted in one go: about fourteen years, which no deadline reaches."""


@dataclass(frozen=True)
class DayOff:
    """Why a day is no working day; `provisional` while the State Council has not yet published its year."""

    day: date
    title: str
    provisional: bool = False


@lru_cache(maxsize=32)
def _public_holidays(year: int) -> holidays.HolidayBase:
    # the neighbours too: the days that make up for New Year may lie in December
    return holidays.country_holidays("CN", years=range(year - 1, year + 2), language="zh_CN", expand=False)


def is_published(year: int) -> bool:
    """Whether the arrangement of holidays and moved weekends of `year` is known, not estimated."""
    return year in getattr(_public_holidays(year), "special_public_holidays", {})


class Calendar:
    """Days and hours at one estate. `timezone` is an IANA name; `hours` its office hours on working days."""

    def __init__(self, timezone: str = "Asia/Shanghai", hours: OfficeHours | None = None) -> None:
        self.zone = ZoneInfo(timezone)
        hours = hours or OfficeHours()
        self.opens = time.fromisoformat(hours.opens)
        self.closes = time.fromisoformat(hours.closes)

    def local(self, moment: datetime) -> datetime:
        """`moment` (aware) in the estate's time zone."""
        if moment.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return moment.astimezone(self.zone)

    def local_date(self, moment: datetime) -> date:
        """The estate's date at `moment` (aware)."""
        return self.local(moment).date()

    def day_off(self, day: date) -> DayOff | None:
        """Why nobody works on `day`; None on a working day, also on a weekend that makes up for a holiday."""
        known = _public_holidays(day.year)
        if known.is_working_day(day):
            return None
        return DayOff(day, known.get(day) or "周末", provisional=not is_published(day.year))

    def is_working_day(self, day: date) -> bool:
        return self.day_off(day) is None

    def is_provisional(self, day: date) -> bool:
        """Whether what is said about `day` may still change (its year is not yet published)."""
        return not is_published(day.year)

    def is_open(self, moment: datetime) -> bool:
        """Whether the office is open at `moment` (aware): a working day, within hours, before closing."""
        local = self.local(moment)
        return self.opens <= local.time() < self.closes and self.is_working_day(local.date())

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after `day` (before it when negative); 0: `day` or the next one."""
        if abs(count) > LONGEST_COUNT:
            raise ValueError(f"more than {LONGEST_COUNT} working days")
        if count == 0:
            return day if self.is_working_day(day) else self.add_working_days(day, 1)
        step = timedelta(days=1 if count > 0 else -1)
        left = abs(count)
        while left:
            day += step
            left -= self.is_working_day(day)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative when `end` is earlier."""
        if end < start:
            return -self.working_days_between(end, start)
        days = (end - start).days
        return sum(self.is_working_day(start + timedelta(days=n)) for n in range(1, days + 1))

    def closing(self, day: date) -> datetime:
        """When the office closes on `day`: where deadlines in working days end."""
        return datetime.combine(day, self.closes, self.zone)
