"""What a fee pays for in time: from which day to which, how many months that is, and how the month counts that is begun."""

from __future__ import annotations

from calendar import isleap
from datetime import date, timedelta
from typing import NamedTuple

from core.domain.fees import Prorate, Until

_LENGTHS: dict[str, int] = {"month_end": 1, "quarter_end": 3, "half_year_end": 6, "year_end": 12}
_DAYS = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAY = timedelta(1)


class Months(NamedTuple):
    """How many months are charged, as a fraction: `of` is 1 where no month is begun, else the days of the month, or 2."""

    many: int
    of: int = 1

    @property
    def shown(self) -> str:
        """`3`, `0.5`, `22/31`, `2 22/31`."""
        if self.of == 1:
            return str(self.many)
        whole, rest = divmod(self.many, self.of)
        if self.of == 2:
            return f"{whole}.5"
        return f"{whole} {rest}/{self.of}" if whole else f"{rest}/{self.of}"


class Period(NamedTuple):
    """From `starts` to `ends`, both included; `begun`: how much of the first month is charged, 1 where no month is begun."""

    starts: date
    ends: date
    months: Months
    begun: Months = Months(1)


def period(starts: date, months: int | None, until: Until | None, prorate: Prorate) -> Period | None:
    """The period that begins on `starts`; None when nothing says how long it is.

    `months`: from that day to the day before the same day, so that no month is begun; with `prorate` the months are those of
    the calendar, of which the first has begun. `until`: to that end of the calendar, the month that has begun counts as one.
    """
    if until is not None:
        last = -(-starts.month // _LENGTHS[until]) * _LENGTHS[until]
        return _of_calendar(starts, last - starts.month + 1, prorate)
    if months is None:
        return None
    if prorate != "none":
        return _of_calendar(starts, months, prorate)
    return Period(starts, last_day(starts, months), Months(months))


def _of_calendar(starts: date, months: int, prorate: Prorate) -> Period:
    begun = _begun(starts, prorate)
    year, month = divmod(starts.year * 12 + starts.month - 2 + months, 12)
    ends = date(year, month + 1, _longest(year, month + 1))
    return Period(starts, ends, Months((months - 1) * begun.of + begun.many, begun.of), begun)


def _begun(starts: date, prorate: Prorate) -> Months:
    """How much of its month is charged from `starts` on."""
    if prorate == "days" and starts.day > 1:
        longest = _longest(starts.year, starts.month)
        return Months(longest - starts.day + 1, longest)
    return Months(1, 2) if prorate == "half_month" and starts.day > 15 else Months(1)


def _longest(year: int, month: int) -> int:
    return 29 if month == 2 and isleap(year) else _DAYS[month]


def last_day(starts: date, months: int) -> date:
    """The last day of `months` months that begin on `starts`: the day before the same day of the month.

    Where that month is too short to have the day, its own last day (31 January + 1 month → 28 February).
    """
    year, month = divmod(starts.year * 12 + starts.month - 1 + months, 12)
    longest = _longest(year, month + 1)
    if starts.day > longest:
        return date(year, month + 1, longest)
    return date(year, month + 1, starts.day) - _DAY
