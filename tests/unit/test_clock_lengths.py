"""Deadlines, waiting times and periods on an estate's calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from core.clock import (
    Calendar,
    day_end,
    day_start,
    earlier,
    is_provisional,
    later,
    opens_at,
    period_end,
    period_start,
)
from core.domain.estates import OfficeHours
from core.domain.timing import Due, Length

SHANGHAI = Calendar("Asia/Shanghai", OfficeHours(opens="08:30", closes="17:30"))
BERLIN = Calendar("Europe/Berlin", OfficeHours(opens="08:30", closes="17:30"))
SANTIAGO = Calendar("America/Santiago")
CALENDARS = st.sampled_from([SHANGHAI, BERLIN, SANTIAGO])
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2026, 9, 1), timezones=st.just(UTC))
PERIODS = st.sampled_from(["day", "week", "month", "quarter", "half_year", "year"])
LENGTHS = st.one_of(
    st.integers(0, 10_000).map(lambda n: Length(minutes=n)),
    st.integers(0, 1_000).map(lambda n: Length(hours=n)),
    st.integers(0, 60).map(lambda n: Length(days=n)),
    st.integers(0, 12).map(lambda n: Length(working_days=n)),
    st.integers(0, 3).map(lambda n: Length(months=n)),
    st.just(Length(same_day=True)),
)


def local(calendar: Calendar, moment: datetime) -> str:
    return calendar.local(moment).strftime("%Y-%m-%d %H:%M:%S")


def at(said: str, calendar: Calendar = SHANGHAI) -> datetime:
    return datetime.fromisoformat(said).replace(tzinfo=calendar.zone)


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        ("2026-03-02 09:00:00", Length(minutes=20), "2026-03-02 09:20:00"),
        ("2026-03-02 23:50:00", Length(hours=2), "2026-03-03 01:50:00"),
        ("2026-03-02 09:00:00", Length(days=0), "2026-03-02 23:59:59"),
        ("2026-03-02 09:00:00", Length(days=3), "2026-03-05 23:59:59"),
        ("2026-03-02 09:00:00", Length(same_day=True), "2026-03-02 23:59:59"),
        ("2026-01-31 09:00:00", Length(months=1), "2026-02-28 23:59:59"),
        ("2028-01-31 09:00:00", Length(months=1), "2028-02-29 23:59:59"),
        ("2026-10-31 09:00:00", Length(months=4), "2027-02-28 23:59:59"),
        ("2026-12-15 09:00:00", Length(months=12), "2027-12-15 23:59:59"),
        ("2026-03-02 09:00:00", Length(working_days=0), "2026-03-02 17:30:00"),
        ("2026-03-06 09:00:00", Length(working_days=1), "2026-03-09 17:30:00"),
        # a Saturday that makes up for 春节, then nine days off
        ("2026-02-13 09:00:00", Length(working_days=1), "2026-02-14 17:30:00"),
        ("2026-02-13 09:00:00", Length(working_days=2), "2026-02-24 17:30:00"),
        # on a Sunday, and after closing, nobody is late before they begin
        ("2026-03-01 09:00:00", Length(working_days=0), "2026-03-02 17:30:00"),
        ("2026-03-02 18:00:00", Length(working_days=0), "2026-03-03 17:30:00"),
    ],
)
def test_later(start, length, end):
    assert local(SHANGHAI, later(SHANGHAI, at(start), length)) == end


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        ("2026-03-10 14:00:00", Length(minutes=30), "2026-03-10 13:30:00"),
        ("2026-03-10 14:00:00", Length(hours=48), "2026-03-08 14:00:00"),
        ("2026-03-10 14:00:00", Length(days=3), "2026-03-07 23:59:59"),
        ("2026-03-31 14:00:00", Length(months=1), "2026-02-28 23:59:59"),
        ("2026-01-15 14:00:00", Length(months=13), "2024-12-15 23:59:59"),
    ],
)
def test_earlier(start, length, end):
    assert local(SHANGHAI, earlier(SHANGHAI, at(start), length)) == end


def test_no_working_days_backwards():
    for length in (Length(working_days=1), Length(same_day=True)):
        with pytest.raises(ValueError):
            earlier(SHANGHAI, at("2026-03-10 14:00:00"), length)


@pytest.mark.parametrize(
    ("start", "length", "opens"),
    [
        ("2026-03-02 09:00:00", Length(hours=48), "2026-03-04 09:00:00"),
        ("2026-03-02 09:00:00", Length(days=2), "2026-03-04 00:00:00"),
        ("2026-03-02 09:00:00", Length(same_day=True), "2026-03-02 00:00:00"),
        ("2026-01-31 09:00:00", Length(months=1), "2026-02-28 00:00:00"),
        ("2026-02-13 09:00:00", Length(working_days=2), "2026-02-24 00:00:00"),
        ("2026-03-01 09:00:00", Length(working_days=0), "2026-03-02 00:00:00"),
    ],
)
def test_opens_at(start, length, opens):
    assert local(SHANGHAI, opens_at(SHANGHAI, at(start), length)) == opens


def test_a_date_counts_from_the_start_of_its_day():
    day = date(2026, 3, 2)
    assert local(SHANGHAI, later(SHANGHAI, day, Length(hours=1))) == "2026-03-02 01:00:00"
    assert local(SHANGHAI, earlier(SHANGHAI, day, Length(hours=1))) == "2026-03-01 23:00:00"
    assert later(SHANGHAI, day, Length(days=1)) == later(SHANGHAI, at("2026-03-02 22:00:00"), Length(days=1))


def test_the_day_is_that_of_the_estate():
    moment = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # already the 3rd in Shanghai, still the 2nd in Berlin
    assert local(SHANGHAI, later(SHANGHAI, moment, Length(days=1))) == "2026-03-04 23:59:59"
    assert local(BERLIN, later(BERLIN, moment, Length(days=1))) == "2026-03-03 23:59:59"


def test_hours_pass_over_a_change_of_the_clocks():
    # in the night of 28 March 2026 Berlin goes from 02:00 to 03:00
    before = at("2026-03-28 12:00:00", BERLIN)
    assert local(BERLIN, later(BERLIN, before, Length(hours=24))) == "2026-03-29 13:00:00"
    assert local(BERLIN, later(BERLIN, before, Length(days=1))) == "2026-03-29 23:59:59"
    assert day_end(BERLIN, date(2026, 3, 29)) - day_start(BERLIN, date(2026, 3, 29)) == timedelta(hours=23, seconds=-1)
    assert day_end(BERLIN, date(2026, 10, 25)) - day_start(BERLIN, date(2026, 10, 25)) == timedelta(hours=25, seconds=-1)


def test_days_end_and_begin_once_where_clocks_change_at_midnight():
    # Santiago: back from 24:00 to 23:00 in the night of 4 April 2026; forward from 00:00 to 01:00 on 6 September
    long, short = date(2026, 4, 4), date(2026, 9, 6)
    assert day_start(SANTIAGO, date(2026, 4, 5)) - day_end(SANTIAGO, long) == timedelta(seconds=1)
    assert local(SANTIAGO, day_start(SANTIAGO, short)) == "2026-09-06 01:00:00"
    assert day_start(SANTIAGO, short) - day_end(SANTIAGO, date(2026, 9, 5)) == timedelta(seconds=1)


def test_working_days_of_unpublished_years_may_still_move():
    december = at("2026-12-30 09:00:00")
    assert not is_provisional(SHANGHAI, december, Length(working_days=1))
    assert is_provisional(SHANGHAI, december, Length(working_days=3))
    assert is_provisional(SHANGHAI, date(2027, 3, 1), Length(working_days=0))
    assert not is_provisional(SHANGHAI, december, Length(days=300))


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("day", "2026-05-14 00:00:00", "2026-05-14 23:59:59"),
        ("week", "2026-05-11 00:00:00", "2026-05-17 23:59:59"),
        ("month", "2026-05-01 00:00:00", "2026-05-31 23:59:59"),
        ("quarter", "2026-04-01 00:00:00", "2026-06-30 23:59:59"),
        ("half_year", "2026-01-01 00:00:00", "2026-06-30 23:59:59"),
        ("year", "2026-01-01 00:00:00", "2026-12-31 23:59:59"),
    ],
)
def test_periods(period, start, end):
    moment = at("2026-05-14 15:00:00")
    assert local(SHANGHAI, period_start(SHANGHAI, moment, period)) == start
    assert local(SHANGHAI, period_end(SHANGHAI, moment, period)) == end


def test_a_length_needs_a_unit_and_a_moment_a_zone():
    by_value = Due.model_validate({"by": "grade.grade", "values": {"urgent": {"hours": 1}}})
    for count in (later, earlier, opens_at):
        with pytest.raises(ValueError):
            count(SHANGHAI, at("2026-03-02 09:00:00"), by_value)
        with pytest.raises(ValueError):
            count(SHANGHAI, datetime(2026, 3, 2), Length(hours=1))


@settings(deadline=None)
@given(CALENDARS, MOMENTS, LENGTHS)
def test_a_deadline_is_never_before_it_begins_and_in_utc(calendar, moment, length):
    end = later(calendar, moment, length)
    assert end >= moment.replace(microsecond=0) and end.utcoffset() == timedelta(0)
    assert opens_at(calendar, moment, length) <= end


@settings(deadline=None)
@given(CALENDARS, MOMENTS, LENGTHS.filter(lambda length: length.units[0] not in ("working_days", "same_day")))
def test_earlier_is_earlier_but_for_the_rest_of_the_day(calendar, moment, length):
    day_ends = day_end(calendar, calendar.local_date(moment))
    assert earlier(calendar, moment, length) <= max(moment, day_ends)


@settings(deadline=None)
@given(CALENDARS, MOMENTS, st.integers(0, 12), st.integers(0, 12))
def test_later_begun_or_longer_is_never_earlier_due(calendar, moment, count, more):
    for unit in ("minutes", "hours", "days", "working_days", "months"):
        end = later(calendar, moment, Length(**{unit: count}))
        assert later(calendar, moment, Length(**{unit: count + more})) >= end
        assert later(calendar, moment + timedelta(hours=more), Length(**{unit: count})) >= end


@settings(deadline=None)
@given(CALENDARS, MOMENTS, st.integers(1, 12))
def test_working_days_end_when_the_office_closes(calendar, moment, count):
    end = calendar.local(later(calendar, moment, Length(working_days=count)))
    assert end.time() == calendar.closes and calendar.is_working_day(end.date())
    assert calendar.working_days_between(calendar.local_date(moment), end.date()) == count


@settings(deadline=None)
@given(CALENDARS, MOMENTS, PERIODS)
def test_periods_follow_without_gap_or_overlap(calendar, moment, period):
    start, end = period_start(calendar, moment, period), period_end(calendar, moment, period)
    assert start <= moment < end + timedelta(seconds=1)
    assert period_start(calendar, end + timedelta(seconds=1), period) == end + timedelta(seconds=1)
    assert period_end(calendar, start, period) == end
