"""Clocks, working days with moved weekends, office hours, dates as written."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from core.clock import Calendar, FixedClock, SystemClock, is_published, show_date, show_moment
from core.domain.estates import OfficeHours

CALENDAR = Calendar("Asia/Shanghai", OfficeHours(opens="08:30", closes="17:30"))
DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 1))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-02-17", False),  # 春节
        ("2026-02-14", True),  # a Saturday that makes up for it
        ("2026-02-28", True),
        ("2026-03-01", False),  # a Sunday
        ("2026-03-02", True),
        ("2026-10-06", False),
        ("2026-10-10", True),
        ("2025-01-26", True),
    ],
)
def test_working_days_of_china(day, works):
    assert CALENDAR.is_working_day(date.fromisoformat(day)) is works


def test_a_day_off_says_why_and_whether_it_may_change():
    off = CALENDAR.day_off(date(2026, 10, 1))
    assert off and off.title == "国庆节" and not off.provisional
    later = CALENDAR.day_off(date(2027, 10, 1))
    assert later and later.provisional
    assert is_published(2026) and not is_published(2027)
    assert CALENDAR.is_provisional(date(2027, 3, 2))
    assert CALENDAR.day_off(date(2026, 3, 7)).title == "周末"  # type: ignore[union-attr]


def test_counting_working_days_over_a_holiday():
    assert CALENDAR.add_working_days(date(2026, 2, 13), 1) == date(2026, 2, 14)
    assert CALENDAR.add_working_days(date(2026, 2, 14), 1) == date(2026, 2, 24)
    assert CALENDAR.add_working_days(date(2026, 2, 24), -1) == date(2026, 2, 14)
    assert CALENDAR.add_working_days(date(2026, 3, 1), 0) == date(2026, 3, 2)
    assert CALENDAR.add_working_days(date(2026, 3, 2), 0) == date(2026, 3, 2)
    with pytest.raises(ValueError):
        CALENDAR.add_working_days(date(2026, 3, 2), 10**9)


@settings(deadline=None)
@given(DAYS, st.integers(1, 30))
def test_added_days_are_counted_again(day, count):
    end = CALENDAR.add_working_days(day, count)
    assert CALENDAR.is_working_day(end)
    assert CALENDAR.working_days_between(day, end) == count
    assert CALENDAR.working_days_between(end, day) == -count


def test_office_hours_are_local():
    assert CALENDAR.is_open(datetime(2026, 3, 2, 0, 30, tzinfo=UTC))  # 08:30 in Shanghai
    assert not CALENDAR.is_open(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))  # 17:30: closed
    assert not CALENDAR.is_open(datetime(2026, 3, 1, 2, 0, tzinfo=UTC))  # a Sunday
    assert CALENDAR.local_date(datetime(2026, 3, 1, 16, 0, tzinfo=UTC)) == date(2026, 3, 2)
    assert CALENDAR.closing(date(2026, 3, 2)).isoformat() == "2026-03-02T17:30:00+08:00"
    with pytest.raises(ValueError):
        CALENDAR.local_date(datetime(2026, 3, 1))


def test_fixed_clock_steps_and_never_goes_back():
    start = datetime.fromisoformat("2026-03-01T09:00:00+08:00")
    clock = FixedClock(start, timedelta(minutes=1))
    assert clock.now() == start
    assert clock.now() == start + timedelta(minutes=1)
    clock.advance(timedelta(days=1))
    assert clock.now() == start + timedelta(days=1, minutes=2)
    with pytest.raises(ValueError):
        clock.set(start)
    with pytest.raises(ValueError):
        clock.advance(timedelta(seconds=-1))
    with pytest.raises(ValueError):
        FixedClock(datetime(2026, 3, 1))


def test_system_clock_has_a_zone():
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_dates_as_written():
    assert show_date(date(2026, 3, 1)) == "2026年3月1日"
    assert show_date(date(2026, 3, 1), "en") == "1 March 2026"
    assert show_moment(datetime(2026, 3, 1, 9, 5)) == "2026年3月1日 09:05"
