"""What was so before day one, from spreadsheets: arrears, deposits held, keys out, open matters; all rows or none.

Each kind of file has one row per unit (deposits: one per unit and deposit) and says until when it is true. The values are
facts of origin `import`: they say what no case of Shouxu knows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches

from sqlalchemy import select

from core.cases.desk import Desk
from core.cases.fact_sheets import Column, Line, read_lines, template
from core.cases.fact_waking import wake_readers
from core.cases.fact_words import IMPORT, from_text
from core.clock import day_end
from core.domain.base import Text
from core.domain.facts import Fact
from core.errors import FieldProblem, InvalidInput, NotFound
from core.store.models import Fact as Row, Unit

ROLES = ("estate_it", "finance", "manager")
"""Who may say facts of many units at once."""
DEPOSIT_HELD = "deposit_held_fen"
EARLIEST = date(1990, 1, 1)

CODE = Column("code", Text(zh="房号", en="Unit"),
              Text(zh="与“房屋”页上的房号一致，如 3-2-501", en="As on the page of units, like 3-2-501"))
DEPOSIT = Column("deposit", Text(zh="押金名称", en="Deposit"),
                 Text(zh="收费标准里可退的费用", en="A refundable fee of the schedules"))
AS_OF = Column("as_of", Text(zh="截至日期", en="As of"),
               Text(zh="数据截至哪一天，如 2026-03-01", en="The day it is true for, like 2026-03-01"))
MONEY = Text(zh="元，最多两位小数；没有填 0", en="CNY with at most two places; 0 for none")
COUNT = Text(zh="整数；没有填 0", en="A whole number; 0 for none")


@dataclass(frozen=True)
class Kind:
    """A kind of file: which fact it says, in which columns."""

    name: str
    title: Text
    fact: Fact
    value: Column

    @property
    def columns(self) -> tuple[Column, ...]:
        return (CODE, *((DEPOSIT,) if self.name == "deposits" else ()), self.value, AS_OF)


def _kind(name: str, title: Text, fact: str, column: str, heading: Text, hint: Text) -> Kind:
    return Kind(name, title, Fact(name=fact, title=title, type="integer"), Column(column, heading, hint, number=True))


KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (
    _kind("balances", Text(zh="物业欠费", en="Arrears"), "arrears_fen", "arrears", Text(zh="欠费（元）", en="Arrears (CNY)"), MONEY),
    _kind("deposits", Text(zh="押金", en="Deposits held"), DEPOSIT_HELD, "amount", Text(zh="金额（元）", en="Amount (CNY)"), MONEY),
    _kind("keys", Text(zh="在外钥匙", en="Keys out"), "keys_out", "keys", Text(zh="在外钥匙（把）", en="Keys out"), COUNT),
    _kind("open-cases", Text(zh="未办结事项", en="Open matters"), "open_cases", "open_cases", Text(zh="未办结（件）", en="Open matters"),
          COUNT),
)}
"""Kinds of files by the name that the command line and pages know them by."""


@dataclass
class FactReport:
    """What an import did or would do; `problems` name cells like `balances!C5`. With problems nothing was stored.

    `rows`: filled rows; `changed`: facts that are new or different; `moved`: cases that went on because of them.
    """

    kind: str
    rows: int = 0
    changed: int = 0
    moved: int = 0
    problems: list[FieldProblem] = field(default_factory=list)


@dataclass(frozen=True)
class _Put:
    """One value for one fact of one unit."""

    subject: str
    name: str
    value: int
    as_of: datetime


def kind_of(name: str) -> Kind:
    """The kind of file called `name`; NotFound for any other."""
    if name not in KINDS:
        raise NotFound(f"没有导入类型“{name}” (no such kind of file)")
    return KINDS[name]


def import_facts(desk: Desk, estate: str, kind: str, xlsx: bytes, *, dry_run: bool = False) -> FactReport:
    """Read the first sheet of a file of that kind and put its values as facts of origin `import`.

    The first row names the columns, in Chinese, English or by their names; a row without value and date is left out.
    `dry_run`: only say what would happen. InvalidInput when the file is no spreadsheet; every other problem is in the report.
    """
    desk.enter(estate)
    desk.require_role(estate, ROLES, desk.tr("导入数据", "Importing"))
    said, report = kind_of(kind), FactReport(kind)
    if not dry_run:
        desk.queue(estate)
    sheet, lines = read_lines(desk, said.columns, xlsx, report.problems)
    rows = _stored(desk, estate, said)
    puts = list(_puts(desk, estate, said, sheet, lines, rows, report))
    if said.name == "deposits":
        puts += _totals(puts, rows)
    if report.problems:
        return report
    new = [put for put in puts if _differs(rows.get((put.subject, put.name)), put)]
    report.changed = len(new)
    if dry_run:
        return report
    for put in puts:
        _store(desk, estate, rows, put)
    desk.record(estate, "facts.imported", name=said.fact.name, rows=report.rows, changed=report.changed,
                sha256=hashlib.sha256(xlsx).hexdigest())
    report.moved = len(wake_readers(desk, estate, {put.subject for put in new}, {put.name for put in new})) if new else 0
    return report


def _stored(desk: Desk, estate: str, kind: Kind) -> dict[tuple[str, str], Row]:
    """What earlier imports of the kind said, by subject and name."""
    query = select(Row).where(Row.estate == estate, Row.origin == IMPORT)
    ours = Row.name.startswith("held_", autoescape=True) | (Row.name == kind.fact.name)
    query = query.where(ours if kind.name == "deposits" else Row.name == kind.fact.name)
    return {(row.subject, row.name): row for row in desk.session.scalars(query)}


def _puts(desk: Desk, estate: str, kind: Kind, sheet: str, lines: Iterator[Line], rows: dict[tuple[str, str], Row],
          report: FactReport) -> Iterator[_Put]:
    units = {row.code: row.id for row in desk.session.execute(select(Unit.code, Unit.id).where(Unit.estate == estate))}
    deposits = deposit_names(desk, estate) if kind.name == "deposits" else {}
    seen: dict[tuple[str, str], int] = {}
    for line in lines:
        report.rows += 1
        before = len(report.problems)
        unit = _unit(desk, line, units, report)
        fact = _fact(desk, line, kind, deposits, report)
        value = _value(desk, line, kind, report)
        as_of = _as_of(desk, estate, line, report)
        if len(report.problems) > before or unit is None or fact is None or as_of is None:
            continue
        first = seen.setdefault((unit, fact), line.number)
        if first != line.number:
            report.problems.append(line.problem("code", desk.tr(f"与第 {first} 行重复", f"The same as row {first}")))
        earlier = rows.get((f"unit:{unit}", fact))
        if earlier is not None and earlier.as_of > as_of:
            day = desk.office.calendar(estate).local_date(earlier.as_of)
            said = desk.tr(f"已导入过 {day} 的数据，比这一行新", f"Data of {day} was imported already")
            report.problems.append(line.problem("as_of", said))
        yield _Put(f"unit:{unit}", fact, value, as_of)


def _unit(desk: Desk, line: Line, units: Mapping[str, str], report: FactReport) -> str | None:
    code = line.text("code")
    if code in units:
        return units[code]
    near = get_close_matches(code, units, n=1) if code and len(report.problems) < 50 else []
    hint = desk.tr(f"；是不是 {near[0]}？", f"; did you mean {near[0]}?") if near else ""
    said = desk.tr(f"没有房号 {code}{hint}", f"No unit {code}{hint}") if code else desk.tr("请填写房号", "Which unit?")
    report.problems.append(line.problem("code", said))
    return None


def _fact(desk: Desk, line: Line, kind: Kind, deposits: Mapping[str, str], report: FactReport) -> str | None:
    if kind.name != "deposits":
        return kind.fact.name
    said = line.text("deposit")
    if said in deposits:
        return f"held_{deposits[said]}_fen"
    known = desk.tr("、", ", ").join(dict.fromkeys(deposits)) or desk.tr("无", "none")
    wrong = desk.tr(f"没有押金“{said}”；现有：{known}", f"No deposit “{said}”; there are: {known}")
    report.problems.append(line.problem("deposit", wrong))
    return None


def deposit_names(desk: Desk, estate: str) -> dict[str, str]:
    """The refundable fees of the estate's procedures: name by title (Chinese, English) and by name."""
    desk.enter(estate)
    library, found = desk.office.library, dict[str, str]()
    fees = [fee for name in library.procedures(estate) for fee in library.bundle(estate, name).fees if fee.refundable]
    for fee in fees:
        found |= {said: fee.name for said in (fee.title.zh, fee.title.in_("en"), fee.name) if said}
    return found


def _value(desk: Desk, line: Line, kind: Kind, report: FactReport) -> int:
    try:
        return from_text(desk, kind.fact, line.text(kind.value.name), line.cell(kind.value.name))
    except InvalidInput as wrong:
        report.problems += wrong.problems
        return 0


def _as_of(desk: Desk, estate: str, line: Line, report: FactReport) -> datetime | None:
    day, today = line.day("as_of"), desk.today(estate)
    if day is None:
        report.problems.append(line.problem("as_of", desk.tr("请填写日期，如 2026-03-01", "A date like 2026-03-01")))
    elif day > today:
        report.problems.append(line.problem("as_of", desk.tr(f"不能晚于今天（{today}）", f"Not later than today ({today})")))
    elif day < EARLIEST:
        report.problems.append(line.problem("as_of", desk.tr(f"不能早于 {EARLIEST}", f"Not before {EARLIEST}")))
    else:
        # of today: as it is now, so that what somebody confirms later today is newer
        return desk.now if day == today else day_end(desk.office.calendar(estate), day)
    return None


def _totals(puts: list[_Put], rows: Mapping[tuple[str, str], Row]) -> list[_Put]:
    """Per unit all its deposits together, as old as the oldest of them; those of earlier files count too."""
    parts: dict[str, dict[str, tuple[int, datetime]]] = {put.subject: {} for put in puts}
    for (subject, name), row in rows.items():
        if subject in parts and name != DEPOSIT_HELD:
            parts[subject][name] = row.value["value"], row.as_of
    for put in puts:
        parts[put.subject][put.name] = put.value, put.as_of
    return [_Put(subject, DEPOSIT_HELD, sum(value for value, _ in said.values()), min(as_of for _, as_of in said.values()))
            for subject, said in parts.items()]


def _differs(row: Row | None, put: _Put) -> bool:
    return row is None or row.value.get("value") != put.value or row.as_of != put.as_of


def _store(desk: Desk, estate: str, rows: dict[tuple[str, str], Row], put: _Put) -> None:
    row = rows.get((put.subject, put.name))
    if row is None:
        row = rows[put.subject, put.name] = Row(estate=estate, subject=put.subject, name=put.name, origin=IMPORT)
        desk.session.add(row)
    if _differs(row if row.value else None, put):
        row.value, row.as_of, row.at, row.by = {"value": put.value}, put.as_of, desk.now, desk.actor.user_id


def summary(report: FactReport, desk: Desk, *, dry_run: bool) -> str:
    """The report in one sentence."""
    if report.problems:
        return desk.tr(f"有 {len(report.problems)} 处需要更正，没有导入任何内容",
                       f"{len(report.problems)} problems; nothing was imported")
    if dry_run:
        return desk.tr(f"检查通过：{report.rows} 行，将更新 {report.changed} 项",
                       f"{report.rows} rows are right; {report.changed} facts would change")
    return desk.tr(f"已导入 {report.rows} 行，更新 {report.changed} 项，{report.moved} 件办件因此推进",
                   f"{report.rows} rows imported, {report.changed} facts changed, {report.moved} cases went on")


def template_of(desk: Desk, estate: str, kind: str) -> bytes:
    """The sheet of that kind to fill, with a row for each unit of the estate."""
    desk.enter(estate)
    said = kind_of(kind)
    codes = desk.session.scalars(select(Unit.code).where(Unit.estate == estate).order_by(Unit.code)).all()
    deposits = {name: title for title, name in reversed(deposit_names(desk, estate).items())} if kind == "deposits" else {}
    return template(desk, said.name, said.columns, codes, list(deposits.values()))
