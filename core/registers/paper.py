"""A register on paper, from the Word template `register.docx` of its procedure or of another one of the estate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.cases.desk import Desk
from core.cases.issuing import printed_word
from core.clock import show_date
from core.errors import FieldProblem, InvalidInput, NotFound
from core.registers.tables import Column, RegisterTable
from core.registers.words import RIGHT, Spoken, period_words

TEMPLATE = "register.docx"
MOST_ROWS, MOST_COLUMNS = 500, 12
"""What a printed register may hold; more is for Excel."""


def register_word(desk: Desk, table: RegisterTable) -> bytes:
    """The Word file of a register that was read with all its rows.

    InvalidInput where it is too much for paper; NotFound where no procedure of the estate brings the template.
    """
    if table.row_count > MOST_ROWS or len(table.columns) > MOST_COLUMNS:
        raise InvalidInput([FieldProblem("until", desk.tr(
            f"共 {table.row_count} 行、{len(table.columns)} 栏，Word 最多 {MOST_ROWS} 行、{MOST_COLUMNS} 栏；请缩短期间，或下载 Excel",
            f"{table.row_count} rows and {len(table.columns)} columns; Word takes {MOST_ROWS} and {MOST_COLUMNS}: choose a shorter "
            "period, or take Excel"))])
    return printed_word(desk, _template(desk, table), context(desk, table))


def _template(desk: Desk, table: RegisterTable) -> str:
    library = desk.office.library
    others = (name for name in library.procedures(table.estate) if name != table.procedure)
    for procedure in (table.procedure, *others):
        found = library.bundle(table.estate, procedure).templates.get(TEMPLATE)
        if found:
            return found
    raise NotFound(desk.tr(f"本项目没有登记表模板 {TEMPLATE}", f"No procedure of the estate brings {TEMPLATE}"))


def context(desk: Desk, table: RegisterTable) -> dict[str, Any]:
    """What the template prints: `register`, `estate`, `company`; every text is worded already."""
    office, spoken = desk.office, Spoken(desk, table.estate)
    totals = [{"title": one.title, "value": spoken.say(Column(one.name, one.title, one.kind), one.value)}
              for one in (*table.totals, *table.figures)]
    parts = []
    if table.groups:
        parts.append(_part(spoken, table.group_columns, table.groups))
    if table.columns:
        parts.append(_part(spoken, table.columns, [row.values for row in table.rows]))
    checks = [{"title": one.title, "holds": desk.tr("相符", "holds") if one.holds else desk.tr("不符", "does not hold")}
              for one in table.checks]
    return {"company": {"title": office.company(table.estate).title.zh},
            "estate": {"title": desk.say(office.estate(table.estate).title)},
            "register": {"title": table.title, "period": period_words(desk, table), "source": table.source, "parts": parts,
                         "totals": totals, "checks": checks, "by": desk.actor.name,
                         "printed_on": show_date(desk.today(table.estate), desk.locale), "rows": str(table.row_count)}}


def _part(spoken: Spoken, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    return {"heads": [column.title for column in columns],
            "rows": [{"cells": [{"text": spoken.say(column, value), "right": column.kind in RIGHT}
                                for column, value in zip(columns, row, strict=True)]} for row in rows]}
