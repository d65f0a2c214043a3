"""Spreadsheets with one value per row: the template to fill, the rows of a filled one, and the copy with its mistakes marked."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from core.cases.desk import Desk
from core.domain.base import Text
from core.domain.text import printable
from core.errors import FieldProblem, InvalidInput
from core.security import spreadsheets
from core.security.spreadsheets import UNREADABLE

MOST_ROWS = 50_000
MOST_COLUMNS = 60
LONGEST = 200
NOT_A_SHEET = 2130
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DAY = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?")
WRONG = PatternFill("solid", start_color="FFF2C7C7")
HEAD = PatternFill("solid", start_color="FFEEEEEE")


@dataclass(frozen=True)
class Column:
    """A column: what files may call it (its title in either language, or its name), and what belongs into it."""

    name: str
    title: Text
    hint: Text
    number: bool = False

    @property
    def heads(self) -> set[str]:
        return {_head(said) for said in (self.name, self.title.zh, self.title.in_("en"))}


@dataclass(frozen=True)
class Line:
    """A filled row: its cells as texts by column. `letters`: where each column stands."""

    sheet: str
    number: int
    cells: dict[str, str]
    letters: dict[str, str]

    def text(self, column: str) -> str:
        return self.cells.get(column, "")

    def cell(self, column: str) -> str:
        """Where the column's cell is: `balances!C5`."""
        return f"{self.sheet}!{self.letters.get(column, 'A')}{self.number}"

    def problem(self, column: str, message: str) -> FieldProblem:
        return FieldProblem(self.cell(column), message)

    def day(self, column: str) -> date | None:
        """The date in the column: 2026-03-01, 2026/3/1, 2026年3月1日; None for anything else."""
        found = DAY.fullmatch(self.text(column))
        try:
            return date(*map(int, found.groups())) if found else None
        except ValueError:
            return None


# ---------------------------------------------------------------- reading


def read_lines(desk: Desk, columns: Sequence[Column], xlsx: bytes, problems: list[FieldProblem]) -> tuple[str, Iterator[Line]]:
    """The name of the first sheet and its filled rows; what cannot be read of them goes to `problems`, at its cell.

    InvalidInput SX-2130 when the file is no spreadsheet or unpacks to more than it may.
    """
    book = opened(xlsx)
    sheet = next((one for one in book.worksheets if hasattr(one, "iter_rows")), None)
    if sheet is None:
        raise _refused()
    sheet.reset_dimensions()  # a sheet may lie about its size
    return sheet.title, _lines(desk, columns, sheet, problems)


def opened(xlsx: bytes) -> Any:
    """The workbook, to be read row by row."""
    try:
        return spreadsheets.opened(xlsx)
    except spreadsheets.TooLarge:
        raise _refused("文件解开后过大，请分成几个文件 (too large)") from None
    except UNREADABLE:
        raise _refused() from None


def _lines(desk: Desk, columns: Sequence[Column], sheet: Any, problems: list[FieldProblem]) -> Iterator[Line]:
    rows = _rows(sheet)
    letters = _letters(desk, columns, sheet.title, next(rows, ()), problems)
    if letters is None:
        return
    for number, cells in enumerate(rows, start=2):
        if number > MOST_ROWS:
            said = desk.tr(f"超过 {MOST_ROWS} 行，请分批导入", f"More than {MOST_ROWS} rows")
            problems.append(FieldProblem(f"{sheet.title}!A{number}", said))
            return
        by_letter = {get_column_letter(at): cell for at, cell in enumerate(cells, start=1)}
        line = Line(sheet.title, number, {}, letters)
        for column in columns:
            line.cells[column.name] = _text(desk, by_letter.get(letters[column.name]), line.cell(column.name), problems)
        if any(text for name, text in line.cells.items() if name not in ("code", "deposit")):
            yield line


def _rows(sheet: Any) -> Iterator[Sequence[Any]]:
    try:
        yield from sheet.iter_rows(max_col=MOST_COLUMNS)
    except UNREADABLE:
        raise _refused() from None


def _letters(desk: Desk, columns: Sequence[Column], sheet: str, heads: Sequence[Any],
             problems: list[FieldProblem]) -> dict[str, str] | None:
    """Where each column stands; None, with a problem, when one is missing or there twice."""
    said = [_head(str(cell.value)) if cell.value is not None else "" for cell in heads]
    at = {column.name: [place for place, head in enumerate(said, start=1) if head in column.heads] for column in columns}
    missing = [desk.say(column.title) for column in columns if not at[column.name]]
    twice = [desk.say(column.title) for column in columns if len(at[column.name]) > 1]
    for zh, en, wrong in (("缺少列", "lacks", missing), ("列名重复", "says twice", twice)):
        if wrong:
            listed = desk.tr("、", ", ").join(wrong)
            problems.append(FieldProblem(f"{sheet}!A1", desk.tr(f"第一行{zh}：{listed}", f"Row 1 {en}: {listed}")))
    return None if missing or twice else {name: get_column_letter(places[0]) for name, places in at.items()}


def _head(text: str) -> str:
    """A column's name as it is compared: without blanks, stars, brackets and what stands in them."""
    return re.sub(r"[（(].*?[）)]|[\s*＊_]", "", text).lower()


def _text(desk: Desk, cell: Any, place: str, problems: list[FieldProblem]) -> str:
    """A cell's value as somebody would have typed it; empty, with a problem, for formulas and what cannot be kept."""
    if cell is None or cell.value is None:
        return ""
    value = cell.value
    if cell.data_type == "f" or (isinstance(value, str) and value.startswith("=")):
        problems.append(FieldProblem(place, desk.tr("请填写值，不要填写公式", "A value, not a formula")))
        return ""
    if cell.data_type == "e":
        problems.append(FieldProblem(place, desk.tr(f"单元格有错误值 {value}", f"The cell is in error: {value}")))
        return ""
    text = _plain(value).strip()
    if len(text) > LONGEST:
        problems.append(FieldProblem(place, desk.tr(f"超过 {LONGEST} 个字", f"Longer than {LONGEST} letters")))
        return ""
    try:
        return printable(text, place)
    except InvalidInput as wrong:
        problems += wrong.problems
        return ""


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float):
        # six places: a sum of 元 keeps the noise of binary fractions behind its two places
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return value.isoformat() if isinstance(value, date) else spreadsheets.words(value)


def _refused(what: str = "不是可读的 Excel 文件 (.xlsx)") -> InvalidInput:
    error = InvalidInput([FieldProblem("file", what, NOT_A_SHEET)], what)
    error.number = NOT_A_SHEET
    return error


# ---------------------------------------------------------------- writing


def template(desk: Desk, name: str, columns: Sequence[Column], codes: Sequence[str], choices: Sequence[str] = ()) -> bytes:
    """A sheet to fill, with the codes of all units; `choices`: what the column `deposit` may say."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = name
    for at, column in enumerate(columns, start=1):
        head = sheet.cell(1, at, desk.say(column.title))
        head.font, head.fill, head.alignment = Font(bold=True), HEAD, Alignment(wrap_text=True)
        head.comment = Comment(desk.say(column.hint), "Shouxu", width=260, height=60)
        sheet.column_dimensions[get_column_letter(at)].width = 20
    formats = ["yyyy-mm-dd" if column.name == "as_of" else "General" if column.number else "@" for column in columns]
    for number, code in enumerate(codes, start=2):
        for at, said in enumerate(formats, start=1):
            sheet.cell(number, at).number_format = said
        sheet.cell(number, 1, code)
    listed = ",".join(choices)
    if choices and len(listed) <= 255 and not any("," in one for one in choices):
        letter = get_column_letter(next(at for at, column in enumerate(columns, start=1) if column.name == "deposit"))
        rule = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True)
        rule.add(f"{letter}2:{letter}{MOST_ROWS}")
        sheet.add_data_validation(rule)
    sheet.freeze_panes = "B2"
    return _saved(book)


def marked(desk: Desk, xlsx: bytes, problems: Sequence[FieldProblem]) -> bytes:
    """A copy of the file where each problem stands beside its cell: the cell is red and says it, and so does the end of its
    row. InvalidInput SX-2130 as `read_lines`."""
    opened(xlsx).close()  # judged before it is read as a whole
    try:
        book = load_workbook(io.BytesIO(xlsx), keep_links=False)
    except UNREADABLE:
        raise _refused() from None
    cells: dict[tuple[str, str], list[str]] = defaultdict(list)
    rows: dict[tuple[str, int], list[str]] = defaultdict(list)
    for problem in problems:
        name, _, place = problem.field.rpartition("!")
        if name in book.sheetnames:
            cells[name, place].append(problem.message)
    ends = {name: book[name].max_column + 1 for name, _ in cells}
    for (name, place), said in cells.items():
        cell = book[name][place]
        cell.fill, cell.comment = WRONG, Comment("\n".join(said), "Shouxu", width=260, height=80)
        rows[name, cell.row] += [f"{place}：{message}" for message in said]
    for (name, number), said in rows.items():
        cell = book[name].cell(number, ends[name], "\n".join(said))
        cell.font, cell.alignment = Font(color="FFB42318"), Alignment(wrap_text=True, vertical="top")
    for name, at in ends.items():
        book[name].column_dimensions[get_column_letter(at)].width = 44
        if (name, 1) not in rows:
            head = book[name].cell(1, at, desk.tr("需要更正", "To be corrected"))
            head.font, head.fill = Font(bold=True), WRONG
    return _saved(book)


def _saved(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
