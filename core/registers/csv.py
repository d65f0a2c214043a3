"""A register's rows as CSV (RFC 4180), for programs and for Excel: UTF-8 with its mark, the titles on the first line."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.cases.desk import Desk
from core.domain.money import yuan
from core.domain.text import exact
from core.registers.attached import Covered
from core.registers.tables import Column, RegisterTable
from core.registers.words import Spoken
from core.registers.xlsx import FORMATS, FORMULA

MEDIA = "text/csv; charset=utf-8"
_SIGNED = "'"


def register_csv(desk: Desk, table: RegisterTable) -> bytes:
    """Every row of a register that was read with all its rows; its groups where it lists nothing.

    Numbers without separators, days as 2026-03-01. A text that Excel would take for a formula begins with an apostrophe:
    the one change to a value; what no file can carry is refused with line and column.
    """
    columns, rows = table.columns, [row.values for row in table.rows]
    if not columns:
        columns, rows = table.group_columns, [tuple(row) for row in table.groups]
    spoken, file = Spoken(desk, table.estate), CsvFile()
    file.line([column.title for column in columns])
    for values in rows:
        file.line([_value(spoken, column, value) for column, value in zip(columns, values, strict=True)])
    return file.data()


def _value(spoken: Spoken, column: Column, value: Any) -> str | Decimal | int:
    """What stands in a cell: a number as such, a day as it is written by programs, everything else as people read it."""
    if value is None or value == "":
        return ""
    if isinstance(value, Covered | bool | tuple) or column.kind not in FORMATS:
        return spoken.say(column, value)
    if column.kind in ("date", "moment"):
        return value.replace(tzinfo=None).isoformat(" ", "minutes") if isinstance(value, datetime) else value.isoformat()
    return yuan(value) if column.kind == "money" else value


class CsvFile:
    """Lines one below the other; texts come out exactly, or are refused with line and column."""

    def __init__(self) -> None:
        self._out = io.StringIO(newline="")
        self._writer = csv.writer(self._out)
        self._count = 0

    def line(self, cells: Sequence[str | Decimal | int]) -> None:
        """One line; InvalidInput 2110 for a character that no file can carry."""
        self._count += 1
        self._writer.writerow([self._text(cell, place) if isinstance(cell, str) else str(cell) for place, cell in enumerate(cells, 1)])

    def data(self) -> bytes:
        """The file so far."""
        return self._out.getvalue().encode("utf-8-sig")

    def _text(self, text: str, place: int) -> str:
        text = text if text.isprintable() else exact(text, f"第 {self._count} 行第 {place} 列")
        return _SIGNED + text if text.startswith(FORMULA) else text
