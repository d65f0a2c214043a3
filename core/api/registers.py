"""Registers: which there are, and one over a period, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from core.api.endpoints import Call, endpoint
from core.api.estates import ESTATE
from core.api.requests import RegisterOver
from core.registers import RegisterEntry, Spoken, asked_span, register_table, registers_of
from core.registers.tables import Column, Counted
from core.registers.words import plain


@dataclass(frozen=True)
class ColumnSaid:
    """A column. `kind`: text, whole, decimal (as text), money (whole 分), date, moment (UTC), yes_no, texts, percent."""

    name: str
    title: str
    kind: str


@dataclass(frozen=True)
class RowSaid:
    """A row: the case it leads to (empty: none), and its values by column; stored words, not titles."""

    case: str
    flagged: bool
    values: dict[str, Any]


@dataclass(frozen=True)
class TotalSaid:
    """A total or figure of all rows of the period."""

    name: str
    title: str
    kind: str
    value: Any


@dataclass(frozen=True)
class CheckSaid:
    name: str
    title: str
    holds: bool
    source: str


@dataclass(frozen=True)
class RegisterAnswer:
    """A register over a period (`first`, `last`: both included; null: open). `groups`: what each is grouped by, then its
    totals. `next`: `start` of the following page, null on the last."""

    procedure: str
    name: str
    title: str
    source: str
    first: date | None
    last: date | None
    columns: tuple[ColumnSaid, ...]
    rows: tuple[RowSaid, ...]
    row_count: int
    flagged: int
    next: int | None
    group_columns: tuple[ColumnSaid, ...]
    groups: tuple[dict[str, Any], ...]
    totals: tuple[TotalSaid, ...]
    figures: tuple[TotalSaid, ...]
    checks: tuple[CheckSaid, ...]


@endpoint("GET", f"{ESTATE}/registers", "read", answer=list[RegisterEntry])
def list_registers(call: Call) -> list[RegisterEntry]:
    """Every register that the token's user may read."""
    return registers_of(call.desk, call.estate)


@endpoint("GET", f"{ESTATE}/registers/{{procedure}}/{{register}}", "read", answer=RegisterAnswer, query=RegisterOver)
def read_register_table(call: Call) -> RegisterAnswer:
    """A register over a period (without one: its present one): totals, groups and checks of all rows, rows page by page."""
    asked: RegisterOver = call.query
    table = register_table(call.desk, call.estate, call["procedure"], call["register"], asked_span(asked.first, asked.until),
                           start=asked.start, size=asked.limit)
    spoken = Spoken(call.desk, call.estate)
    following = asked.start + asked.limit
    return RegisterAnswer(
        table.procedure, table.name, table.title, table.source, table.span.first, table.span.last, _columns(table.columns),
        tuple(RowSaid(row.case_id, row.flagged, spoken.plain(table.columns, row.values)) for row in table.rows),
        table.row_count, table.flagged,
        following if table.columns and following < table.row_count else None, _columns(table.group_columns),
        tuple(spoken.plain(table.group_columns, values) for values in table.groups), _totals(table.totals),
        _totals(table.figures), tuple(CheckSaid(one.name, one.title, one.holds, one.source) for one in table.checks))


def _columns(columns: tuple[Column, ...]) -> tuple[ColumnSaid, ...]:
    return tuple(ColumnSaid(column.name, column.title, column.kind) for column in columns)


def _totals(totals: tuple[Counted, ...]) -> tuple[TotalSaid, ...]:
    return tuple(TotalSaid(one.name, one.title, one.kind, plain(one.value)) for one in totals)
