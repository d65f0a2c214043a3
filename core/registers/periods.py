"""Periods of a register: from a day to a day, both included."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from core.domain.registers import Period
from core.errors import FieldProblem, InvalidInput


@dataclass(frozen=True)
class Span:
    """From `first` to `last`, both included; None: from the beginning, until now."""

    first: date | None = None
    last: date | None = None


def span_of(period: Period, day: date) -> Span:
    """The period of that length in which `day` lies."""
    if period == "all":
        return Span()
    if period == "day":
        return Span(day, day)
    if period == "year":
        return Span(date(day.year, 1, 1), date(day.year, 12, 31))
    first = day.month if period == "month" else day.month - (day.month - 1) % 3
    last = first if period == "month" else first + 2
    return Span(date(day.year, first, 1), date(day.year, last, calendar.monthrange(day.year, last)[1]))


def asked_span(first: date | None, last: date | None) -> Span | None:
    """The period asked for; None when nothing was. InvalidInput when it ends before it begins."""
    if first is None and last is None:
        return None
    if first and last and last < first:
        raise InvalidInput([FieldProblem("until", "截止日期不能早于开始日期 (the period ends before it begins)")])
    return Span(first, last)


def before(span: Span) -> Span | None:
    """The period of the same kind before; None where there is no beginning."""
    return _moved(span, -1)


def after(span: Span) -> Span | None:
    """The period of the same kind after it; None where there is no end."""
    return _moved(span, 1)


def _moved(span: Span, by: int) -> Span | None:
    if span.first is None or span.last is None:
        return None
    months = whole_months(span)
    if not months:
        days = (span.last - span.first).days + 1
        return Span(span.first + timedelta(days=by * days), span.last + timedelta(days=by * days))
    first = _month(span.first, by * months)
    last = _month(first, months) - timedelta(days=1)
    return Span(first, last)


def whole_months(span: Span) -> int:
    """How many whole months it is; 0 when it is something else."""
    if span.first is None or span.last is None or span.first.day != 1 or (span.last + timedelta(days=1)).day != 1:
        return 0
    return (span.last.year - span.first.year) * 12 + span.last.month - span.first.month + 1


def _month(day: date, by: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + by, 12)
    return date(year, month + 1, 1)


def months_of(span: Span) -> list[str]:
    """Every month that it touches: `2026-03`."""
    if span.first is None or span.last is None:
        return []
    found, day = [], span.first.replace(day=1)
    while day <= span.last:
        found.append(f"{day.year}-{day.month:02d}")
        day = _month(day, 1)
    return found
