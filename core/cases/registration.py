"""Units and their owners from a spreadsheet: all rows or none, each problem beside its cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select

from core.cases.desk import Desk
from core.cases.people import SEALED, person_row
from core.domain.text import printable
from core.errors import FieldProblem, InvalidInput
from core.security import spreadsheets
from core.store.models import Ownership, Person, Unit, new_id

UNIT_COLUMNS = ("code", "building", "entrance", "floor", "room", "area", "building_type", "layout", "use", "status")
OWNER_COLUMNS = ("code", "name", "kind", *SEALED, "share", "since")
MOST_ROWS = 50_000
LONGEST = {**dict.fromkeys((*UNIT_COLUMNS, "share"), 60), **dict.fromkeys(("name", *SEALED), 200)}
"""The most letters of a cell by column."""


@dataclass
class ImportReport:
    """What an import did or would do; `problems` name cells like `units!F12`. With problems nothing was stored."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    people: int = 0
    problems: list[FieldProblem] = field(default_factory=list)


def import_units(desk: Desk, estate: str, said: bytes | UnitSheets, *, dry_run: bool = False,
                 only: Callable[[str], bool] | None = None) -> ImportReport:
    """Take in the sheets `units` and (if there) `owners` of a spreadsheet, or what was read of one; known units are brought up to
    date.

    The first row names the columns (UNIT_COLUMNS, of which code, building and area are needed; OWNER_COLUMNS, of which
    code and name are). Owners are registered for units that have none. `only`: take just the units whose code it
    accepts. `dry_run`: all of it is tried and taken back. InvalidInput when the file is no spreadsheet or lacks a column.
    """
    desk.enter(estate)
    desk.require_role(estate, ("estate_it", "manager"), "导入房屋")
    sheets = read_sheets(said) if isinstance(said, bytes) else said
    units, owners = ([row for row in rows if only is None or only(row["code"])] for rows in (sheets.units, sheets.owners))
    codes = {row["code"] for row in units}
    report = ImportReport(rows=len(units), problems=list(sheets.problems))
    known = {unit.code: unit for unit in desk.session.scalars(select(Unit).where(Unit.estate == estate))}
    report.problems += [FieldProblem(str(row["cell"]), f"没有房号 {row['code']}")
                        for row in owners if row["code"] not in codes and row["code"] not in known]
    if report.problems:
        return report
    if not dry_run:
        desk.queue(estate)
    attempt = desk.session.begin_nested()
    owned = set(desk.session.scalars(select(Ownership.unit_id).join(Unit).where(Unit.estate == estate)))
    for row in units:
        _put_unit(desk, estate, row, known, report)
    _put_owners(desk, estate, owners, known, owned, report)
    desk.session.flush()
    if dry_run:
        attempt.rollback()
        return report
    attempt.commit()
    desk.record(estate, "units.imported", rows=report.rows, created=report.created, updated=report.updated,
                people=report.people)
    return report


def _put_unit(desk: Desk, estate: str, row: dict[str, Any], known: dict[str, Unit], report: ImportReport) -> None:
    values = {key: row[key] for key in UNIT_COLUMNS if row.get(key) not in (None, "")}
    unit = known.get(row["code"])
    if unit is None:
        known[row["code"]] = Unit(id=new_id(), estate=estate, **values)
        desk.session.add(known[row["code"]])
        report.created += 1
    elif any(getattr(unit, key) != value for key, value in values.items()):
        for key, value in values.items():
            setattr(unit, key, value)
        report.updated += 1


def _put_owners(desk: Desk, estate: str, owners: list[dict[str, Any]], known: dict[str, Unit], owned: set[str],
                report: ImportReport) -> None:
    people: dict[tuple[str, str], Person] = {}
    for row in owners:
        unit = known[row["code"]]
        if unit.id in owned:
            continue
        key = (row["name"], row.get("id_number") or unit.code)
        if key not in people:
            people[key] = person_row(desk, estate, row)
            desk.session.add(people[key])
            report.people += 1
        desk.session.add(Ownership(unit_id=unit.id, person_id=people[key].id, share=row.get("share", ""),
                                   since=row["since"] or desk.today(estate)))


# ---------------------------------------------------------------- reading the sheets


@dataclass(frozen=True)
class UnitSheets:
    """The rows of the sheets `units` and `owners`, and what is wrong with their cells."""

    units: tuple[dict[str, Any], ...]
    owners: tuple[dict[str, Any], ...]
    problems: tuple[FieldProblem, ...]


def read_sheets(xlsx: bytes) -> UnitSheets:
    """What a spreadsheet says; InvalidInput when the file is none or lacks a column."""
    book, problems = _opened(xlsx), list[FieldProblem]()
    units = tuple(_units(book, "units" if "units" in book.sheetnames else book.sheetnames[0], problems))
    owners = tuple(_owners(book, problems)) if "owners" in book.sheetnames else ()
    return UnitSheets(units, owners, tuple(problems))


def _opened(xlsx: bytes) -> Any:
    try:
        return spreadsheets.opened(xlsx)
    except spreadsheets.TooLarge:
        raise InvalidInput([FieldProblem("file", "文件解开后过大，请分成几个文件", 2130)]) from None
    except spreadsheets.UNREADABLE as error:
        raise InvalidInput([FieldProblem("file", "这不是 .xlsx 表格文件")]) from error


def _units(book: Any, sheet: str, problems: list[FieldProblem]) -> Iterator[dict[str, Any]]:
    seen: dict[str, int] = {}
    for number, row, cell in _rows(book, sheet, UNIT_COLUMNS, ("code", "building", "area"), problems):
        if row["code"] in seen:
            problems.append(FieldProblem(cell("code"), f"房号 {row['code']} 与第 {seen[row['code']]} 行重复"))
        seen.setdefault(row["code"], number)
        row["area"] = _area(row["area"], cell("area"), problems)
        row["floor"] = _floor(row.get("floor", ""), cell("floor"), problems)
        yield row


def _owners(book: Any, problems: list[FieldProblem]) -> Iterator[dict[str, Any]]:
    for _, row, cell in _rows(book, "owners", OWNER_COLUMNS, ("code", "name"), problems):
        row["cell"] = cell("code")
        row["kind"] = row.get("kind") or "person"
        if row["kind"] not in ("person", "company"):
            problems.append(FieldProblem(cell("kind"), f"“{row['kind']}”应为 person 或 company"))
        row["since"] = _day(row.get("since", ""), cell("since"), problems)
        yield row


def _rows(book: Any, sheet: str, columns: tuple[str, ...], needed: tuple[str, ...],
          problems: list[FieldProblem]) -> Iterator[tuple[int, dict[str, Any], Callable[[str], str]]]:
    lines = book[sheet].iter_rows(values_only=True)
    head = [str(cell or "").strip() for cell in next(lines, ())]
    missing = [name for name in needed if name not in head]
    if missing:
        raise InvalidInput([FieldProblem("file", f"表 {sheet} 第一行缺少列：{'、'.join(missing)}")])
    letters = {name: _letter(at) for at, name in enumerate(head)}
    for number, cells in enumerate(lines, start=2):
        if number > MOST_ROWS:
            problems.append(FieldProblem(f"{sheet}!A{number}", f"超过 {MOST_ROWS} 行，请分批导入"))
            return
        row: dict[str, Any] = {name: _text(cells[at]) for at, name in enumerate(head) if name in columns and at < len(cells)}
        if not any(row.values()):
            continue
        line = number

        def cell(name: str, line: int = line) -> str:
            return f"{sheet}!{letters.get(name, 'A')}{line}"

        for name, value in row.items():
            row[name] = _allowed(value, LONGEST.get(name, 60), cell(name), problems)
        problems += [FieldProblem(cell(name), "不能为空") for name in needed if not row.get(name)]
        yield number, row, cell


def _text(value: Any) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()[:10]
    return "" if value is None else spreadsheets.words(value).strip()


def _allowed(value: str, most: int, cell: str, problems: list[FieldProblem]) -> str:
    if value.startswith("="):
        problems.append(FieldProblem(cell, "请填写值，不要填写公式"))
    elif len(value) > most:
        problems.append(FieldProblem(cell, f"超过 {most} 个字"))
    else:
        try:
            return printable(value, cell)
        except InvalidInput as wrong:
            problems += wrong.problems
    return ""


def _area(value: str, cell: str, problems: list[FieldProblem]) -> Decimal:
    try:
        area = Decimal(value).quantize(Decimal("0.01"))
        if 0 < area < 10_000_000:
            return area
    except InvalidOperation:
        pass
    problems.append(FieldProblem(cell, f"“{value}”不是面积(㎡)"))
    return Decimal(0)


def _floor(value: str, cell: str, problems: list[FieldProblem]) -> int:
    try:
        return int(value or 0)
    except ValueError:
        problems.append(FieldProblem(cell, f"“{value}”不是楼层"))
        return 0


def _day(value: str, cell: str, problems: list[FieldProblem]) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        problems.append(FieldProblem(cell, f"“{value}”不是日期，请写成 2026-03-01"))
        return None


def _letter(at: int) -> str:
    return (chr(64 + at // 26) if at >= 26 else "") + chr(65 + at % 26)
