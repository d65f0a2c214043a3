"""Counting lengths of time on an estate's calendar: deadlines, waiting times, periods.

Everything is given back in UTC, where moments compare and subtract as time passes, also over a change to summer time.
A value that is only a date counts from the start of that day at the estate.
"""

from __future__ import annotations

import calendar as months
from datetime import UTC, date, datetime, time, timedelta

from core.clock.calendar import Calendar
from core.domain.timing import Length, Period

LAST_SECOND = time(23, 59, 59)
"""Where a day ends: still on that day, so that it is shown as that day."""

_MONTHS_OF: dict[Period, int] = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


def later(calendar: Calendar, moment: datetime | date, length: Length) -> datetime:
    """The deadline so long after `moment`, in UTC.

    Minutes and hours to the second; days, months and `same_day` when that day ends at the estate (a month that is too
    short: its last day); working days when the office closes, 0 of them: today, or on the next working day when the
    office is closed by then. ValueError when `length` has no unit.
    """
    start = _moment(calendar, moment)
    if length.minutes is not None or length.hours is not None:
        return start + _exact(length)
    day = calendar.local_date(start)
    if length.working_days is not None:
        return _closing(calendar, start, day, length.working_days)
    return day_end(calendar, _days_on(day, length))


def earlier(calendar: Calendar, moment: datetime | date, length: Length) -> datetime:
    """The deadline so long before `moment`, in UTC: as `later`, days and months when that earlier day ends.

    ValueError for working days and `same_day`, which no definition counts backwards.
    """
    start = _moment(calendar, moment)
    if length.minutes is not None or length.hours is not None:
        return start - _exact(length)
    if length.working_days is not None or length.same_day:
        raise ValueError("before counts minutes, hours, days or months")
    return day_end(calendar, _days_on(calendar.local_date(start), length, back=True))


def opens_at(calendar: Calendar, moment: datetime | date, length: Length) -> datetime:
    """When a waiting time from `moment` is over, in UTC: to the second, or when that day begins at the estate.

    Working days: when the n-th of them begins; 0: today, or the next working day. ValueError without a unit.
    """
    start = _moment(calendar, moment)
    if length.minutes is not None or length.hours is not None:
        return start + _exact(length)
    day = calendar.local_date(start)
    if length.working_days is not None:
        return day_start(calendar, calendar.add_working_days(day, length.working_days))
    return day_start(calendar, _days_on(day, length))


def is_provisional(calendar: Calendar, moment: datetime | date, length: Length) -> bool:
    """Whether the deadline `later` may still move: working days are counted in a year whose holidays are not yet
    published."""
    if length.working_days is None:
        return False
    last = calendar.local_date(later(calendar, moment, length))
    first = calendar.local_date(_moment(calendar, moment))
    return any(calendar.is_provisional(date(year, 1, 1)) for year in range(first.year, last.year + 1))


def period_start(calendar: Calendar, moment: datetime | date, period: Period) -> datetime:
    """When the period around `moment` began at the estate, in UTC; weeks begin on Monday."""
    return day_start(calendar, _first_day(calendar.local_date(_moment(calendar, moment)), period))


def period_end(calendar: Calendar, moment: datetime | date, period: Period) -> datetime:
    """When the period around `moment` ends at the estate, in UTC: the last second of its last day."""
    first = _first_day(calendar.local_date(_moment(calendar, moment)), period)
    return day_end(calendar, _next_first_day(first, period) - timedelta(days=1))


def day_start(calendar: Calendar, day: date) -> datetime:
    """When `day` begins at the estate, in UTC."""
    return datetime.combine(day, time(), calendar.zone).astimezone(UTC)


def day_end(calendar: Calendar, day: date) -> datetime:
    """The last second of `day` at the estate, in UTC."""
    # where clocks go back at midnight this second comes twice; the day ends with the second of them
    return datetime.combine(day, LAST_SECOND.replace(fold=1), calendar.zone).astimezone(UTC)


def _moment(calendar: Calendar, said: datetime | date) -> datetime:
    if not isinstance(said, datetime):
        return day_start(calendar, said)
    return calendar.local(said).astimezone(UTC)


def _exact(length: Length) -> timedelta:
    return timedelta(minutes=length.minutes or 0, hours=length.hours or 0)


def _days_on(day: date, length: Length, *, back: bool = False) -> date:
    if length.same_day:
        return day
    if length.days is not None:
        return day + timedelta(days=-length.days if back else length.days)
    if length.months is not None:
        return _months_on(day, -length.months if back else length.months)
    raise ValueError("a length of time needs a unit")


def _months_on(day: date, count: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def _closing(calendar: Calendar, start: datetime, day: date, count: int) -> datetime:
    end = calendar.closing(calendar.add_working_days(day, count)).astimezone(UTC)
    if end < start:
        # after closing: nobody can be late before they begin
        end = calendar.closing(calendar.add_working_days(day, 1)).astimezone(UTC)
    return end


def _first_day(day: date, period: Period) -> date:
    if period == "day":
        return day
    if period == "week":
        return day - timedelta(days=day.weekday())
    length = _MONTHS_OF[period]
    return date(day.year, (day.month - 1) // length * length + 1, 1)


def _next_first_day(first: date, period: Period) -> date:
    if period in ("day", "week"):
        return first + timedelta(days=1 if period == "day" else 7)
    return _months_on(first, _MONTHS_OF[period])
