"""Series of numbers: gapless, in order, never reused; a void keeps its number (N01, N02; S2-b §1.2).

The counter's row is locked from the taking to the commit, so a number that is rolled back is the next one
again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from string import Formatter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.domain.documents import Series
from core.errors import DefinitionError, FieldProblem, GateClosed, InvalidInput, Refused
from core.store.models import CaseNumber, SeriesBook, SeriesCounter, SeriesNumber
from core.store.upsert import insert, locked

EXHAUSTED = 2250
NOT_REPORTED = 2251
PLAIN_WIDTH = re.compile(r"0[1-9]d|0?1[0-9]d")
BOOK = 25
"""Sets per book of blank certificates where a series does not say (N01)."""


# ---------------------------------------------------------------- how a number is written


def write_number(pattern: str, *, number: int, year: int, estate: str) -> str:
    """The number as printed; only {number}, {year}, {estate} with a plain format, else DefinitionError."""
    try:
        for _, name, spec, conversion in Formatter().parse(pattern):
            if name is not None and (name not in ("number", "year", "estate") or conversion):
                raise ValueError(f"`{name}` is not one of number, year, estate")
            if spec and not (name in ("number", "year") and PLAIN_WIDTH.fullmatch(spec)):
                raise ValueError(f"`{spec}` is no plain width like 05d")
        return pattern.format(number=number, year=year, estate=estate)
    except ValueError as error:
        raise DefinitionError(f"编号格式 {pattern!r} 有误: {error}", number=1240) from None


def period_of(series: Series, local_year: int) -> str:
    """The counter's period: the year for a series that starts again each year, else empty."""
    return str(local_year) if series.restart == "year" else ""


# ---------------------------------------------------------------- taking and voiding


def take(
    session: Session,
    *,
    estate: str,
    series: Series,
    at: datetime,
    by: str,
    document_id: str | None,
    local_year: int,
    estate_code: str,
    request_key: str | None = None,
) -> SeriesNumber:
    """The next number; the same `request_key` gets the number it got before.

    GateClosed SX-2250 when the requisitioned stock of blanks is used up.
    """
    period = period_of(series, local_year)
    counter = _counter(session, estate, series, period)
    if request_key is not None and (taken := _taken(session, estate, series.name, request_key)):
        return taken
    value = counter.next
    if series.stock and value > (counter.stock or 0):
        raise GateClosed(f"领用的空白“{series.title}”已用完，请先领用", number=EXHAUSTED)
    counter.next = value + 1
    taken = SeriesNumber(
        estate=estate,
        series=series.name,
        period=period,
        value=value,
        state="issued",
        document_id=document_id,
        number=write_number(series.pattern, number=value, year=local_year, estate=estate_code),
        request_key=request_key,
        by=by,
        at=at,
        void_reason="",
    )
    session.add(taken)
    return taken


def void(
    number: SeriesNumber, *, by: str, at: datetime, reason: str, witness: str | None = None
) -> SeriesNumber:
    """Void a number, which stays in its place for ever, with reason and both hands (N02).

    Refused SX-2252 when it is void already; InvalidInput without a reason or when one person is both hands.
    """
    if number.state == "void":
        raise Refused(f"编号 {number.number} 已经作废", number=2252)
    problems = [] if reason.strip() else [FieldProblem("reason", "请写明作废原因")]
    if witness == by:
        problems.append(FieldProblem("witness", "见证人不能是作废人本人"))
    if problems:
        raise InvalidInput(problems)
    number.state, number.voided_by, number.void_witness = "void", by, witness
    number.voided_at, number.void_reason = at, reason.strip()
    return number


def _counter(session: Session, estate: str, series: Series, period: str) -> SeriesCounter:
    with session.no_autoflush:
        session.flush()  # the counter is read anew under its lock: what this session changed must be there
        key = {"estate": estate, "series": series.name, "period": period}
        return locked(
            session, SeriesCounter, key, next=series.first, stock=series.first - 1 if series.stock else None
        )


def _taken(session: Session, estate: str, series: str, request_key: str) -> SeriesNumber | None:
    query = select(SeriesNumber).where(
        SeriesNumber.request_key == request_key, SeriesNumber.estate == estate, SeriesNumber.series == series
    )
    return session.scalars(query).one_or_none()


# ---------------------------------------------------------------- stock of blanks


@dataclass(frozen=True)
class Use:
    """What became of the blanks of the last requisition: `first`–`last`, how many issued, void, left."""

    first: int
    last: int
    issued: int
    void: int
    left: int


def use_of_last_batch(session: Session, *, estate: str, series: Series, local_year: int) -> Use | None:
    """The use of the batch requisitioned last, counted from the register; None when there was none (N02)."""
    period = period_of(series, local_year)
    query = (
        select(SeriesBook)
        .where(SeriesBook.estate == estate, SeriesBook.series == series.name, SeriesBook.period == period)
        .order_by(SeriesBook.last.desc())
        .limit(1)
    )
    book = session.scalars(query).first()
    return _use(session, book) if book else None


def _use(session: Session, book: SeriesBook) -> Use:
    query = (
        select(SeriesNumber.state, func.count())
        .where(
            SeriesNumber.estate == book.estate,
            SeriesNumber.series == book.series,
            SeriesNumber.period == book.period,
            SeriesNumber.value.between(book.first, book.last),
        )
        .group_by(SeriesNumber.state)
    )
    counts = {row[0]: row[1] for row in session.execute(query)}
    issued, voided = counts.get("issued", 0), counts.get("void", 0)
    return Use(book.first, book.last, issued, voided, book.last - book.first + 1 - issued - voided)


def requisition(
    session: Session,
    *,
    estate: str,
    series: Series,
    books: int,
    by: str,
    at: datetime,
    local_year: int,
    report: Mapping[str, Any] | None = None,
) -> SeriesBook:
    """Receive `books` books of blanks after the last ones; each further time needs the report on the last
    batch.

    `report`: {issued, void, left} as counted from the stubs; GateClosed SX-2251 when it is missing or differs
    from the register (N02).
    """
    if not 1 <= books <= 400:
        raise InvalidInput([FieldProblem("books", "请填写 1 至 400 本")])
    counter = _counter(session, estate, series, period_of(series, local_year))
    use = use_of_last_batch(session, estate=estate, series=series, local_year=local_year)
    if use is not None:
        _require_report(series, use, report)
    received = counter.stock if counter.stock is not None else counter.next - 1
    book = SeriesBook(
        estate=estate,
        series=series.name,
        period=counter.period,
        first=received + 1,
        last=received + books * (series.book or BOOK),
        report=asdict(use) if use else {},
        by=by,
        at=at,
    )
    counter.stock = book.last
    session.add(book)
    return book


def _require_report(series: Series, use: Use, report: Mapping[str, Any] | None) -> None:
    if report is None:
        raise GateClosed(
            f"再次领用“{series.title}”前，须报告上一批({use.first}–{use.last})的使用情况", number=NOT_REPORTED
        )
    for name, title in (("issued", "已用"), ("void", "作废"), ("left", "剩余")):
        if report.get(name) != getattr(use, name):
            raise GateClosed(
                f"上一批“{series.title}”的报告与台帐不符: {title}应为 {getattr(use, name)}",
                number=NOT_REPORTED,
            )


# ---------------------------------------------------------------- the register


@dataclass(frozen=True)
class Fate:
    """What became of one number. `state`: issued, void, blank (received, not used yet)."""

    value: int
    number: str
    state: str
    period: str = ""
    document_id: str | None = None
    by: str = ""
    at: datetime | None = None
    voided_by: str | None = None
    witness: str | None = None
    voided_at: datetime | None = None
    reason: str = ""


def register(
    session: Session,
    *,
    estate: str,
    series: Series,
    period: str = "",
    local_year: int = 0,
    estate_code: str = "",
) -> list[Fate]:
    """The fate of every number of a series and period, in order; blanks in stock follow the used ones."""
    query = (
        select(SeriesNumber)
        .where(
            SeriesNumber.estate == estate, SeriesNumber.series == series.name, SeriesNumber.period == period
        )
        .order_by(SeriesNumber.value)
    )
    fates = [_fate(row) for row in session.scalars(query)]
    counter = session.get(SeriesCounter, (estate, series.name, period))
    if counter is not None and counter.stock is not None:
        year = int(period) if period else local_year
        fates += [
            Fate(
                value,
                write_number(series.pattern, number=value, year=year, estate=estate_code),
                "blank",
                period,
            )
            for value in range(counter.next, counter.stock + 1)
        ]
    return fates


def _fate(row: SeriesNumber) -> Fate:
    return Fate(
        row.value,
        row.number,
        row.state,
        row.period,
        row.document_id,
        row.by,
        row.at,
        row.voided_by,
        row.void_witness,
        row.voided_at,
        row.void_reason,
    )


def gaps(session: Session, *, estate: str, series: Series, period: str = "") -> list[int]:
    """The values below the counter that nobody holds; empty as long as the promise is kept."""
    counter = session.get(SeriesCounter, (estate, series.name, period))
    if counter is None:
        return []
    held = set(
        session.scalars(
            select(SeriesNumber.value).where(
                SeriesNumber.estate == estate,
                SeriesNumber.series == series.name,
                SeriesNumber.period == period,
            )
        )
    )
    return [value for value in range(series.first, counter.next) if value not in held]


# ---------------------------------------------------------------- numbers of cases


def take_case_number(session: Session, *, estate: str, prefix: str, year: int) -> str:
    """The next case number of an estate, like `RH-2026-00042`; gapless per prefix and year."""
    statement = insert(session, CaseNumber).values(estate=estate, prefix=prefix, year=year, last=1)
    statement = statement.on_conflict_do_update(
        index_elements=["estate", "prefix", "year"], set_={"last": CaseNumber.last + 1}
    ).returning(CaseNumber.last)
    number = session.execute(statement).scalar_one()
    return f"{prefix}-{year}-{number:05d}" if prefix else f"{year}-{number:05d}"
