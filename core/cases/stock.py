"""Numbered stationery: the register of every number's fate, requisitions of blanks, the stock (S2-b §1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.cases.desk import Desk
from core.domain.documents import Series
from core.errors import GateClosed, NotFound
from core.store import series as numbers
from core.store.models import SeriesBook, SeriesCounter
from core.store.series import Fate, Use

KEEPERS = ("service", "manager", "estate_it")


@dataclass(frozen=True)
class StockView:
    """A series at an estate: how many are issued, void, blank, and the use of the last batch."""

    name: str
    title: str
    book: int | None
    keeps_stock: bool
    next: int
    last_received: int | None
    left: int | None
    use: Use | None


def all_series(desk: Desk, estate: str) -> dict[str, Series]:
    """Every series that a procedure of the estate declares."""
    desk.enter(estate)
    found: dict[str, Series] = {}
    for procedure in desk.office.library.procedures(estate):
        for series in desk.office.library.bundle(estate, procedure).series:
            found.setdefault(series.name, series)
    return found


def series_of(desk: Desk, estate: str, name: str) -> Series:
    """The series called `name`; NotFound when the estate has none."""
    try:
        return all_series(desk, estate)[name]
    except KeyError:
        raise NotFound(f"没有编号册“{name}”") from None


def stock(desk: Desk, estate: str) -> list[StockView]:
    """Every series with its stock."""
    rows: list[StockView] = []
    year = desk.today(estate).year
    for series in all_series(desk, estate).values():
        counter = desk.session.get(SeriesCounter, (estate, series.name, numbers.period_of(series, year)))
        received = counter.stock if counter else (series.first - 1 if series.stock else None)
        following = counter.next if counter else series.first
        use = numbers.use_of_last_batch(desk.session, estate=estate, series=series, local_year=year)
        left = received - following + 1 if series.stock and received is not None else None
        rows.append(StockView(series.name, desk.say(series.title), series.book, series.stock, following, received, left, use))
    return rows


def series_register(desk: Desk, estate: str, name: str) -> list[Fate]:
    """The fate of every number of the series in its present period, blanks in stock last."""
    series = series_of(desk, estate, name)
    said, year = desk.office.estate(estate), desk.today(estate).year
    return numbers.register(desk.session, estate=estate, series=series, period=numbers.period_of(series, year),
                            local_year=year, estate_code=said.code or said.name)


def requisition(desk: Desk, estate: str, name: str, books: int, report: Mapping[str, Any] | None = None) -> SeriesBook:
    """Receive books of blanks; from the second time on with a `report` on the batch before: {issued, void, left}."""
    series = series_of(desk, estate, name)
    desk.require_role(estate, KEEPERS, f"领用“{desk.say(series.title)}”")
    if not series.stock:
        raise GateClosed(f"“{desk.say(series.title)}”不预领空白，无须领用", number=2253)
    desk.queue(estate)
    book = numbers.requisition(desk.session, estate=estate, series=series, books=books, by=desk.actor.user_id,
                               at=desk.now, local_year=desk.today(estate).year, report=report)
    desk.record(estate, "series.requisitioned", series=name, first=book.first, last=book.last)
    return book
