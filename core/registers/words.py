"""Values of a register as people read them, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from core import forms
from core.cases.desk import Desk
from core.cases.people import masked as masked_person
from core.clock import show_date, show_moment
from core.domain.money import show
from core.registers.attached import Covered
from core.registers.tables import Column, Counted, RegisterTable

RIGHT = ("whole", "decimal", "money", "percent")
"""Kinds that stand at the right of their column."""


def period_words(desk: Desk, table: RegisterTable) -> str:
    """The period of a register: `2026年3月1日至2026年3月31日`; of one without dates, as of today."""
    first, last = table.span.first, table.span.last
    if not table.dated:
        today = show_date(desk.today(table.estate), desk.locale)
        return desk.tr(f"截至{today}", f"As of {today}")
    if first is None and last is None:
        return desk.tr("全部", "All")
    begin, end = (show_date(day, desk.locale) if day else "" for day in (first, last))
    if begin == end:
        return begin
    return desk.tr(f"{begin or '开始'}至{end or '今'}", f"{begin or 'beginning'} to {end or 'now'}")


def plain(value: Any) -> Any:
    """A value as JSON: decimals as text, moments in UTC, dates as they are written."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


class Spoken:
    """Says values for one reader at one estate."""

    def __init__(self, desk: Desk, estate: str) -> None:
        self.desk, self.estate = desk, estate
        self._covered: dict[Covered, str] = {}

    def say(self, column: Column | Counted, value: Any) -> str:
        """The value of a column or total as text; empty where there is none."""
        if value is None or value == "":
            return ""
        if isinstance(value, Covered):
            return self.covered(value)
        if isinstance(column, Column) and column.words and isinstance(value, str):
            return self.desk.say(column.words[value]) if value in column.words else value
        return self._said(column, value)

    def line(self, columns: Sequence[Column], values: Sequence[Any]) -> list[str]:
        """The values of a row as texts."""
        return [self.say(column, value) for column, value in zip(columns, values, strict=True)]

    def plain(self, columns: Sequence[Column], values: Sequence[Any]) -> dict[str, Any]:
        """The values of a row by column, as programs take them: stored words, decimals as text, moments in UTC."""
        return {column.name: self.covered(value) if isinstance(value, Covered) else plain(value)
                for column, value in zip(columns, values, strict=True)}

    def _said(self, column: Column | Counted, value: Any) -> str:
        if isinstance(value, bool):
            return self.desk.tr("是", "Yes") if value else self.desk.tr("否", "No")
        if column.kind == "money":
            return show(value)
        if column.kind == "percent":
            return f"{value}%"
        if isinstance(value, Decimal):
            return f"{value:,f}"
        if isinstance(value, int):
            return f"{value:,}"
        if isinstance(value, datetime):
            return show_moment(value, self.desk.locale)
        if isinstance(value, date):
            return show_date(value, self.desk.locale)
        if isinstance(value, tuple):
            said = [self.say(column, one) for one in value]
            return self.desk.tr("、", ", ").join(said)
        return str(value)

    def covered(self, value: Covered) -> str:
        """A sealed value, opened and masked."""
        if value not in self._covered:
            self._covered[value] = self._masked(value)
        return self._covered[value]

    def _masked(self, value: Covered) -> str:
        opened = self.desk.unseal(self.estate, value.data)
        if value.form is None:
            return masked_person(opened).get(value.key, "")
        said = opened.get(value.key)
        if said is None:
            return ""
        name, _, inner = value.key.partition("-")
        whole = forms.masked(value.form, {name: {inner: said} if inner else said}, self.desk.office.field_types)
        return str(whole[name][inner] if inner else whole[name])
