"""The spreadsheet face of a form: a template to fill, and each row of it judged like any other filling.

A row is one filling; a group's fields are columns of their own. Tables have no place in a row.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import xlsxwriter
from openpyxl.utils import get_column_letter

from core.domain.forms import Form
from core.errors import InvalidInput
from core.forms.answers import Answers, Fault
from core.forms.field_type import Context
from core.forms.messages import say
from core.forms.plan import Plan, Spec, plan_of
from core.forms.verdict import check
from core.security import spreadsheets
from core.security.spreadsheets import UNREADABLE

MOST_ROWS = 5_000
_HEADINGS = 2  # row 1: titles for people; row 2: names for us
_BROKEN = "不是可读的 Excel 文件 (.xlsx)"


@dataclass(frozen=True)
class CellProblem:
    """A problem beside its cell (`C5`; only the row's number when it belongs to no column)."""

    cell: str
    field: str
    message: str
    number: int


@dataclass(frozen=True)
class SheetRow:
    """One filling: the 1-based number of its row in the sheet, typed values, problems."""

    number: int
    values: dict[str, Any]
    problems: tuple[CellProblem, ...]


def template(form: Form, locale: str = "zh_CN", context: Context | None = None) -> bytes:
    """An empty sheet to fill: titles, names, drop-downs for choices; every cell is text, so that no ID number
    loses its digits."""
    columns = list(_columns(plan_of(form, context.types if context else None)))
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, options)
    sheet = book.add_worksheet(form.name[:31])
    heading = book.add_format({"bold": True, "bg_color": "#EEEEEE", "border": 1, "text_wrap": True})
    grey, text = book.add_format({"font_color": "#888888"}), book.add_format({"num_format": "@"})
    for at, (path, title, spec) in enumerate(columns):
        sheet.write_string(0, at, title.in_(locale) + (" *" if spec.required else ""), heading)
        sheet.write_string(1, at, path, grey)
        sheet.set_column(at, at, 18, text)
        choices = [choice.value for choice in spec.field.choices]
        if choices and not spec.several and sum(map(len, choices)) + len(choices) <= 255:
            sheet.data_validation(_HEADINGS, at, MOST_ROWS, at, {"validate": "list", "source": choices})
    sheet.freeze_panes(_HEADINGS, 0)
    book.close()
    return buffer.getvalue()


def read_rows(form: Form, xlsx: bytes, context: Context | None = None) -> list[SheetRow]:
    """Every filled row of the first sheet, judged; formulas are refused at their cell.

    InvalidInput 2130 when the file is no sheet, 2131 when a column is unknown, missing or there twice, 2132
    beyond MOST_ROWS.
    """
    context = context or Context()
    plan = plan_of(form, context.types)
    book = _opened(xlsx)
    try:
        rows = _raw_rows(book)
        next(rows, None)
        columns = _header(plan, next(rows, ()))
        return list(_judged(form, columns, rows, context))
    finally:
        book.close()


def _opened(xlsx: bytes) -> Any:
    try:
        return spreadsheets.opened(xlsx)
    except spreadsheets.TooLarge:
        raise _refused("文件解开后过大，请分成几个文件", 2130) from None
    except UNREADABLE:
        raise _refused(_BROKEN, 2130) from None


def _raw_rows(book: Any) -> Iterator[Sequence[Any]]:
    sheet = book.worksheets[0] if book.worksheets else None
    if sheet is None or not hasattr(sheet, "iter_rows"):
        raise _refused(_BROKEN, 2130)
    sheet.reset_dimensions()  # a sheet may lie about its size
    try:
        yield from sheet.iter_rows(max_col=500)
    except UNREADABLE:
        raise _refused(_BROKEN, 2130) from None


def _refused(what: str, number: int) -> InvalidInput:
    error = InvalidInput([], what)
    error.number = number
    return error


def _columns(plan: Plan) -> Iterator[tuple[str, Any, Spec]]:
    for spec in plan.specs:
        if spec.kind == "group":
            yield from ((f"{spec.name}-{inner.name}", inner.title, inner) for inner in spec.inner)
        elif spec.kind == "scalar":
            yield spec.name, spec.title, spec


def _header(plan: Plan, names: Sequence[Any]) -> list[tuple[str, Spec] | None]:
    known = {path: spec for path, _, spec in _columns(plan)}
    found = [str(cell.value).strip() if cell.value is not None else "" for cell in names]
    strangers = [name for name in found if name and name not in known]
    twice = sorted({name for name in found if name and found.count(name) > 1})
    missing = [path for path, spec in known.items() if spec.required and path not in found]
    for what, wrong in (("不认识的列", strangers), ("重复的列", twice), ("缺少的列", missing)):
        if wrong:
            raise _refused(f"第 2 行列名有误,{what}:" + "、".join(name[:40] for name in wrong[:5]), 2131)
    return [(name, known[name]) if name else None for name in found]


def _judged(form: Form, columns: list[tuple[str, Spec] | None], rows: Iterator[Sequence[Any]],
            context: Context) -> Iterator[SheetRow]:
    letters = {column[0]: get_column_letter(at) for at, column in enumerate(columns, 1) if column}
    filled = 0
    for number, cells in enumerate(rows, _HEADINGS + 1):
        answers = _answers(columns, cells)
        if not answers.scalars and not answers.groups and not answers.faults:
            continue
        filled += 1
        if filled > MOST_ROWS:
            raise _refused(f"最多 {MOST_ROWS} 行，请分成几个文件", 2132)
        checked = check(form, answers, context)
        problems = tuple(CellProblem(f"{letters.get(problem.field, '')}{number}", problem.field,
                                     problem.message, problem.number) for problem in checked.problems)
        yield SheetRow(number, checked.values, problems)


def _answers(columns: list[tuple[str, Spec] | None], cells: Sequence[Any]) -> Answers:
    answers = Answers()
    for column, cell in zip(columns, cells, strict=False):
        if column is None or cell.value is None or cell.value == "":
            continue
        path, spec = column
        if cell.data_type == "f" or (cell.data_type != "s" and str(cell.value).startswith("=")):
            answers.faults.append(Fault(path, say("sheet_formula")))
            continue
        if cell.data_type == "e":
            answers.faults.append(Fault(path, say("sheet_error", value=str(cell.value)[:20])))
            continue
        text = _text(cell.value)
        entered = [part.strip() for part in text.replace(",", "、").split("、")] if spec.several else text
        group, _, name = path.partition("-")
        if name:
            answers.groups.setdefault(group, {})[name] = entered
        else:
            answers.scalars[group] = entered
    return answers


def _text(value: Any) -> str:
    """A cell's value as a clerk would have typed it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        return str(int(value))
    return spreadsheets.words(value)
