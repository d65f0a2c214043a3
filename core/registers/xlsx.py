"""A register as an Excel file: what was counted on one sheet, every row on another."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from core.cases.desk import Desk
from core.domain.money import yuan
from core.domain.text import exact
from core.registers.attached import Covered
from core.registers.tables import Column, Counted, RegisterTable
from core.registers.words import Spoken, period_words

MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins like this is a formula to Excel when somebody edits its cell: such a cell is marked as text."""
FORMATS = {"money": "#,##0.00", "date": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm", "percent": '0.0"%"', "decimal": "#,##0.00",
           "whole": "#,##0"}


def register_xlsx(desk: Desk, table: RegisterTable) -> bytes:
    """The Excel file of a register that was read with all its rows."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"title": table.title, "author": "Shouxu", "created": desk.now.replace(tzinfo=None)})
    pages = _Pages(book, Spoken(desk, table.estate))
    _summary(pages, desk, table)
    if table.columns:
        pages.sheet(desk.tr("明细", "Rows"))
        pages.table([*table.columns, *([Column("flag", table.flag, "yes_no")] if table.flag else [])],
                    [(*row.values, *([row.flagged or None] if table.flag else [])) for row in table.rows])
    book.close()
    return buffer.getvalue()


def _summary(pages: _Pages, desk: Desk, table: RegisterTable) -> None:
    pages.sheet(desk.tr("汇总", "Summary"))
    pages.line([(table.title, "title")])
    pages.line([(desk.say(desk.office.estate(table.estate).title), ""), (period_words(desk, table), "")])
    pages.skip()
    if table.groups:
        pages.table(table.group_columns, table.groups)
        pages.skip()
    for one in (*table.totals, *table.figures):
        pages.counted(one)
    if table.flag:
        pages.counted(Counted("flag", table.flag, "whole", table.flagged))
    for check in table.checks:
        pages.line([(check.title, "head"), (desk.tr("相符", "Holds") if check.holds else desk.tr("不符", "Does not hold"), "")])


class _Pages:
    """Sheets written from top to bottom."""

    def __init__(self, book: Any, spoken: Spoken) -> None:
        self.book, self.spoken = book, spoken
        self.formats = {kind: book.add_format({"num_format": said}) for kind, said in FORMATS.items()}
        self.formats |= {"title": book.add_format({"bold": True, "font_size": 14}), "": book.add_format({}),
                         "head": book.add_format({"bold": True, "bg_color": "#EEEEEE", "border": 1, "text_wrap": True}),
                         "quoted": book.add_format({"quote_prefix": True})}
        self.at = 0

    def sheet(self, name: str) -> None:
        """Go on with a new sheet."""
        self.page, self.at = self.book.add_worksheet(name), 0
        self.page.set_column(0, 15, 16)

    def skip(self) -> None:
        """Leave a line empty."""
        self.at += 1

    def line(self, cells: Sequence[tuple[str, str]]) -> None:
        """Texts beside each other, each in its format."""
        for place, (text, look) in enumerate(cells):
            self.text(place, text, look)
        self.at += 1

    def counted(self, one: Counted) -> None:
        """A total or figure beside its title."""
        self.text(0, one.title, "head")
        self.cell(1, Column(one.name, one.title, one.kind), one.value)
        self.at += 1

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> None:
        """A head and its rows; the head of a table at the top stays in sight and filters."""
        self.line([(column.title, "head") for column in columns])
        if self.at == 1:
            self.page.freeze_panes(1, 0)
            self.page.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
        for row in rows:
            for place, (column, value) in enumerate(zip(columns, row, strict=True)):
                self.cell(place, column, value)
            self.at += 1

    def cell(self, place: int, column: Column, value: Any) -> None:
        """A value as what it is: numbers count, dates sort, everything else is text."""
        if value is None or value == "":
            return
        if isinstance(value, Covered | bool | tuple) or column.kind not in FORMATS:
            self.text(place, self.spoken.say(column, value), "")
        elif column.kind in ("date", "moment"):
            naive = value.replace(tzinfo=None) if isinstance(value, datetime) else value
            self.page.write_datetime(self.at, place, naive, self.formats[column.kind])
        else:
            number = yuan(value) if column.kind == "money" else value
            self.page.write_number(self.at, place, number, self.formats[column.kind])

    def text(self, place: int, text: str, look: str) -> None:
        """A text that stays one, whatever it begins with; InvalidInput at its cell for what an Excel file cannot carry."""
        text = text if text.isprintable() else exact(text, f"{self.page.get_name()}!{xl_rowcol_to_cell(self.at, place)}")
        risky = look == "" and text.startswith(FORMULA)
        self.page.write_string(self.at, place, text, self.formats["quoted" if risky else look])
