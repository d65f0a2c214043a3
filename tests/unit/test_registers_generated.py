"""Drawn registers over a played season equal a plain count of what was done: tests/registers_season.py knows it without the store.

Rows, columns, filters, groups, totals, charts, repeated rows and periods are drawn for every kind of rows, on both databases.
"""

from __future__ import annotations

import calendar
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import insert, select

from core.cases.building import build_office
from core.definitions.check_registers import check_registers
from core.definitions.findings import Findings
from core.definitions.reader import PathTuple
from core.domain.registers import Register
from core.errors import RuleError
from core.loader import Plugins
from core.registers import Span, register_table
from core.registers.tables import RegisterTable
from core.settings import Settings
from core.store.models import Base
from core.store.session import unit_of_work
from tests.cases_kit import ELM
from tests.language_kit import Office
from tests.registers_season import NAMES, OWNERS, UNITS, Booked, Limit, Owed, Paper, Run, Season, Told

SEED, EXAMPLES = 20260302, 12
FEES = ("deposit", "handling")
MOVING = ("payment", "cancellation", "refund")
Values = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """A row as it should be: the moments by which it may count to a period, and what it says; `only` may name `told`."""

    case: str
    moments: Mapping[str, datetime | date | None]
    values: Values
    told: str = ""


# ---------------------------------------------------------------- what rows say


def day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def whole_minutes(begin: datetime, end: datetime | None) -> int | None:
    return int((end - begin).total_seconds() // 60) if end else None


def done_at(run: Run) -> datetime | None:
    """When somebody did it: a round that was skipped was never done."""
    return run.done if run.state == "done" else None


def of_run(run: Run | None) -> Values:
    """What `STEP.` and `step.` say of a round; of one that never came."""
    if run is None:
        return {"done": False, "open": False, "skipped": False, "missed": False, "round": 0, "outcome": "", "opened_on": None,
                "done_on": None, "done_by": None, "minutes": None}
    done = done_at(run)
    return {"done": done is not None, "open": run.state == "open", "skipped": run.state == "skipped", "missed": run.missed,
            "round": run.round, "outcome": run.outcome, "opened_on": day(run.opened), "done_on": day(done), "done_by": run.by,
            "minutes": whole_minutes(run.opened, done)}


def money_of(owed: Sequence[Owed]) -> Values:
    paid = sum(one.sum(*MOVING) for one in owed)
    held = sum(one.sum(*MOVING, ) - one.sum("deduction") for one in owed if one.fee == "deposit")
    return {"charged_fen": sum(one.amount for one in owed), "paid_fen": paid, "due_fen": sum(one.open for one in owed),
            "refunded_fen": -sum(one.sum("refund") for one in owed), "deducted_fen": sum(one.sum("deduction") for one in owed),
            "waived_fen": sum(one.sum("waiver") for one in owed), "held_fen": held}


def under(prefix: str, values: Values, *names: str) -> Values:
    return {f"{prefix}.{name}": values[name] for name in names or values}


class Knowledge:
    """Every row of every kind, out of the season's own notes."""

    def __init__(self, season: Season) -> None:
        self.season = season
        self.of: dict[str, list[Row]] = {
            "cases": [Row(one.id, self.dates(one), self.about(one)) for one in season.cases],
            "children": [self.child(one) for one in season.children], "units": [self.unit(code) for code in sorted(UNITS)],
            "steps": [self.step(run) for run in season.runs], "deadlines": [self.limit(one) for one in season.limits],
            "documents": [self.paper(one) for one in season.papers], "charges": [self.charge(one) for one in season.owed],
            "lines": [self.line(one) for one in season.booked], "rows": [row for one in season.cases for row in self.lines(one)]}

    def dates(self, case: Told) -> dict[str, datetime | None]:
        return {"case.opened_on": case.opened, "case.ended_on": case.ended}

    def plain(self, case: Told | None) -> Values:
        """What also a sub-case knows."""
        if case is None:
            return {"case.state": None, "case.open": False, "case.well": False, "case.opened_on": None, "case.ended_on": None,
                    "case.days": None, **under("ledger", money_of(()), "charged_fen", "paid_fen", "due_fen")}
        ended = day(case.ended)
        return {"case.state": case.state, "case.open": ended is None, "case.well": case.state == "completed",
                "case.opened_on": day(case.opened), "case.ended_on": ended,
                "case.days": (ended - case.opened.date()).days if ended else None, "unit.code": case.unit, **UNITS[case.unit],
                **under("ledger", money_of(case.owed), "charged_fen", "paid_fen", "due_fen")}

    def about(self, case: Told | None) -> Values:
        """What every row of a case knows."""
        season = self.season
        papers = [one for one in season.papers if one.case is case]
        slips = [one for one in papers if one.name == "slip"]
        standing = [one for one in slips if one.state == "issued"]
        found = self.plain(case)
        found["parties.owner.name"] = OWNERS[case.unit] if case else ""
        found["ledger.deposit_fen"] = money_of(case.owed if case else ())["held_fen"]
        for name in FEES:
            found |= under(f"fees.{name}", money_of([one for one in (case.owed if case else ()) if one.fee == name]))
        found |= {"documents.slip.count": len(standing), "documents.slip.void": sum(one.state == "void" for one in slips),
                  "documents.slip.issued_on": day(standing[-1].at) if standing else None}
        for kind in ("extra", "spare"):
            mine = [one for one in season.children if one.parent is case and one.kind == kind and one.state != "withdrawn"]
            found |= {f"children.{kind}.count": len(mine), f"children.{kind}.open": sum(one.ended is None for one in mine)}
        for step in ("ask", "look", "pay", "paper", "visit"):
            found |= under(step, of_run(case.last(step) if case else None))
        asked, looked = (case.filed("ask"), case.filed("look")) if case else ({}, {})
        found |= {f"ask.{name}": asked.get(name) for name in ("kind", "pieces", "urgent", "cost", "weight", "wanted", "note")}
        return found | {f"look.{name}": looked.get(name) for name in ("level", "hours")}

    # ------------------------------------------------------------ one of each kind

    def child(self, one: Told) -> Row:
        assert one.parent
        values = {**self.plain(one), "case.kind": one.kind, "parent.state": one.parent.state, "parent.opened_on": day(one.parent.opened)}
        return Row(one.id, self.dates(one), values, one.kind)

    def unit(self, code: str) -> Row:
        newest = next((one for one in reversed(self.season.cases) if one.unit == code), None)
        return Row(newest.id if newest else "", {}, {**self.about(newest), "unit.code": code, **UNITS[code],
                                                     "case.exists": newest is not None})

    def step(self, run: Run) -> Row:
        values = {**self.about(run.case), **under("step", of_run(run)), "step.name": run.step, "step.state": run.state}
        for name in ("kind", "pieces", "urgent", "cost", "level", "hours"):
            values[f"form.{name}"] = (run.filed or {}).get(name)
        return Row(run.case.id, {"step.opened_on": run.opened, "step.done_on": done_at(run), **self.dates(run.case)}, values, run.step)

    def limit(self, one: Limit) -> Row:
        state = "missed" if one.state == "fired" else one.state
        late = whole_minutes(one.at, one.run.done or self.season.now) if state == "missed" else None
        values = {**self.about(one.run.case), "deadline.step": one.run.step, "deadline.round": one.run.round, "deadline.state": state,
                  "deadline.due_on": day(one.at), "deadline.kept": state == "kept", "deadline.missed": state == "missed",
                  "deadline.settled": state in ("kept", "missed"), "deadline.late_minutes": late}
        return Row(one.run.case.id, {"deadline.due_on": one.at, "case.opened_on": one.run.case.opened}, values, one.run.step)

    def paper(self, one: Paper) -> Row:
        values = {**self.about(one.case), "document.name": one.name, "document.state": one.state, "document.issued_on": day(one.at),
                  "document.voided_on": day(one.ended), "document.void_reason": one.why, "document.step": "paper",
                  "document.by": NAMES["wang"]}
        dates = {"document.issued_on": one.at, "document.voided_on": one.ended, **self.dates(one.case)}
        return Row(one.case.id, dates, values, one.name)

    def charge(self, one: Owed) -> Row:
        values = {**self.about(one.case), "charge.fee": one.fee, "charge.refundable": one.fee == "deposit", "charge.on": day(one.at),
                  "charge.pieces": one.pieces, **under("charge", money_of([one]))}
        return Row(one.case.id, {"charge.on": one.at, **self.dates(one.case)}, values, one.fee)

    def line(self, one: Booked) -> Row:
        values = {**self.about(one.owed.case), "line.kind": one.kind, "line.method": one.method, "line.day": day(one.at),
                  "line.receipt": one.receipt, "line.reason": one.reason, "line.amount_fen": one.fen,
                  "line.money_fen": one.fen if one.kind in MOVING else 0, "charge.fee": one.owed.fee,
                  "line.payer": OWNERS[one.owed.case.unit] if one.receipt else None}
        return Row(one.owed.case.id, {"line.day": one.at.date()}, values, one.owed.fee)

    def lines(self, case: Told) -> Iterator[Row]:
        for number, said in enumerate(case.things, 1):
            values = {**self.about(case), "row.what": said["what"], "row.count": said["count"], "row.number": number}
            yield Row(case.id, self.dates(case), values)


# ---------------------------------------------------------------- drawn rules, judged twice


@dataclass(frozen=True)
class Drawn:
    """A rule as the register writes it, and as it is judged here; None: it cannot be told, which is no."""

    text: str
    says: Callable[[Values], bool | None]


def compared(chance: random.Random, name: str, values: Sequence[Any]) -> Drawn:
    """A rule over one name, of the kind of its values."""
    one, other = chance.choice(values), chance.choice(values)
    if isinstance(one, bool):
        return chance.choice([Drawn(f"{name} == true", lambda row: row[name] is True),
                              Drawn(f"{name} != true", lambda row: row[name] is not True)])
    if isinstance(one, int):
        return Drawn(f"{name} >= {one}", lambda row: None if row[name] is None else row[name] >= one)
    if isinstance(one, date):
        return Drawn(f"{name} >= '{one}'", lambda row: None if row[name] is None else row[name] >= one)
    return chance.choice([Drawn(f"{name} == '{one}'", lambda row: row[name] == one),
                          Drawn(f"{name} in ['{one}', '{other}']", lambda row: row[name] in (one, other))])


def both(one: Drawn, other: Drawn) -> Drawn:
    def says(row: Values) -> bool | None:
        said = one.says(row), other.says(row)
        return False if False in said else None if None in said else True

    return Drawn(f"({one.text}) && ({other.text})", says)


def either(one: Drawn, other: Drawn) -> Drawn:
    def says(row: Values) -> bool | None:
        said = one.says(row), other.says(row)
        return True if True in said else None if None in said else False

    return Drawn(f"({one.text}) || ({other.text})", says)


def negated(one: Drawn) -> Drawn:
    return Drawn(f"!({one.text})", lambda row: None if (said := one.says(row)) is None else not said)


def holds(rule: Drawn | None, row: Values) -> bool:
    return rule is None or rule.says(row) is True


# ---------------------------------------------------------------- drawn registers


@dataclass(frozen=True)
class Case:
    """A drawn register with its rules, and the period that is asked for."""

    said: dict[str, Any]
    rules: dict[str, Drawn]
    span: Span

    def rule(self, text: str | None) -> Drawn | None:
        return self.rules[text] if text else None


class Drawing:
    """Draws registers of one kind of rows."""

    def __init__(self, knowledge: Knowledge, of: str, chance: random.Random) -> None:
        self.of, self.chance, self.season = of, chance, knowledge.season
        self.rows, self.rules = knowledge.of[of], dict[str, Drawn]()
        kinds = sorted({row.told for row in self.rows} - {""})
        self.only = chance.choice([[], *([kind] for kind in kinds)])
        self.names = known_names(self.rows, of, self.only)
        self.countable = [name for name in self.names if name not in ("on", "month", "quarter", "year")]
        self.few = [name for name, values in self.names.items() if len(set(values)) <= 12 and not isinstance(values[0], Decimal)]

    def case(self) -> Case:
        chance = self.chance
        columns = chance.sample(sorted(self.names), chance.randrange(1, 6))
        said: dict[str, Any] = {"name": "drawn", "title": "抽样", "of": self.of, "only": self.only, "totals": self.totals(),
                                "columns": [{"name": f"column_{at}", "value": name} for at, name in enumerate(columns)],
                                "group_by": chance.sample(self.few, chance.randrange(3))}
        if self.of == "rows":
            said["table"] = "ask.things"
        if self.often():
            said["where"] = self.rule()
        if self.often():
            said["chart"] = {"by": chance.choice(self.few), "of": chance.choice(said["totals"])["name"]}
        if self.of == "units":
            said |= {"flag": {"title": "看看", "when": self.rule()}} if self.often() else {}
        else:
            dates = list(self.rows[0].moments)
            on = chance.choice([*dates, dates[0]])
            said |= {"on": on} if on != dates[0] or self.often() else {}
            if self.often():
                said |= self.repeats()
        return Case(said, self.rules, self.span())

    def often(self) -> bool:
        return self.chance.random() < 0.5

    def totals(self) -> list[dict[str, Any]]:
        chance, found = self.chance, list[dict[str, Any]]()
        numbers = [name for name in self.countable if isinstance(self.names[name][0], int | Decimal)
                   and not isinstance(self.names[name][0], bool)]
        for at in range(chance.randrange(1, 5)):
            way = chance.choice(("count", "when", "sum", "average", "distinct", "share"))
            total: dict[str, Any] = {"name": f"total_{at}", "title": "数"}
            if way in ("sum", "average"):
                total[way] = chance.choice(numbers)
            elif way == "distinct":
                total[way] = chance.choice(self.countable)
            elif way == "share":
                total[way] = self.rule()
            if way == "when" or self.often():
                total["when"] = self.rule()
            found.append(total)
        return found

    def repeats(self) -> dict[str, Any]:
        """Rows that agree in something within some days, and a flag that reads how many."""
        least, more = self.chance.randrange(1, 5), self.rule() if self.often() else ""
        when = f"repeats >= {least}" + (f" && ({more})" if more else "")
        rules = self.rules
        rules[when] = Drawn(when, lambda row: row["repeats"] >= least and (not more or holds(rules[more], row)))
        return {"flag": {"title": "看看", "when": when}, "repeats": {
            "by": self.chance.sample(self.few, self.chance.randrange(1, 3)), "days": self.chance.choice((1, 5, 30))}}

    def rule(self) -> str:
        found = self.tree()
        self.rules[found.text] = found
        return found.text

    def tree(self, depth: int = 3) -> Drawn:
        match self.chance.randrange(6) if depth else None:
            case 0:
                return negated(self.tree(depth - 1))
            case 1:
                return both(self.tree(depth - 1), self.tree(depth - 1))
            case 2:
                return either(self.tree(depth - 1), self.tree(depth - 1))
            case _:
                name = self.chance.choice([name for name in self.countable if not isinstance(self.names[name][0], Decimal)])
                return compared(self.chance, name, self.names[name])

    def span(self) -> Span:
        begin, end = self.season.cases[0].opened.date(), self.season.now.date()
        some = sorted(begin + timedelta(days=self.chance.randrange(-3, (end - begin).days + 3)) for _ in range(2))
        return Span(*(day if self.chance.random() < 0.7 else None for day in some))


def known_names(rows: Sequence[Row], of: str, only: Sequence[str]) -> dict[str, list[Any]]:
    """The names that a register of these rows may read, each with the values that occur."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        if only and row.told not in only:
            continue
        for name, value in (row.values if of == "units" else dated(row, None)).items():
            if value is not None and value != "":
                found.setdefault(name, []).append(value)
    filed = {"ask": ("kind", "pieces", "urgent", "cost"), "look": ("level", "hours")}.get(only[0], ()) if of == "steps" and only else ()
    return {name: values for name, values in found.items() if not name.startswith("form.") or name.partition(".")[2] in filed}


# ---------------------------------------------------------------- counted here


def dated(row: Row, on: str | None) -> Values:
    """The row with the words of the date by which it counts."""
    moment = row.moments[on or next(iter(row.moments))]
    at = moment.date() if isinstance(moment, datetime) else moment
    words = {"on": at, "month": f"{at:%Y-%m}", "quarter": f"{at.year}-Q{(at.month + 2) // 3}", "year": f"{at.year}"} if at else {}
    return {**row.values, **dict.fromkeys(("on", "month", "quarter", "year")), **words}


class Counted:
    """A drawn register, counted out of what is known."""

    def __init__(self, knowledge: Knowledge, case: Case) -> None:
        said, span = case.said, case.span
        self.case, self.said = case, said
        rows = [row for row in knowledge.of[said["of"]] if not said["only"] or row.told in said["only"]]
        if said["of"] == "units":
            self.rows = [(row.case, row.values) for row in rows if holds(case.rule(said.get("where")), row.values)]
        else:
            on = said.get("on") or next(iter(rows[0].moments))
            sortable = [(row.moments[on], at) for at, row in enumerate(rows) if row.moments[on] is not None]
            found = [(rows[at].case, dated(rows[at], on)) for _, at in sorted(sortable)]
            found = [(row, values) for row, values in found if holds(case.rule(said.get("where")), values)]
            self.mark_repeated([values for _, values in found])
            self.rows = [(row, values) for row, values in found
                         if (not span.first or values["on"] >= span.first) and (not span.last or values["on"] <= span.last)]

    def mark_repeated(self, rows: Sequence[Values]) -> None:
        rule: Mapping[str, Any] = self.said.get("repeats", {})
        for at, values in enumerate(rows if rule else ()):
            near = [other for other in rows[:at + 1] if all(other[name] == values[name] for name in rule["by"])
                    and (values["on"] - other["on"]).days < rule["days"]]
            values["repeats"] = len(near)

    def total(self, said: dict[str, Any], rows: Sequence[Values]) -> Any:
        chosen = [row for row in rows if holds(self.case.rule(said.get("when")), row)]
        name = next((said[way] for way in ("sum", "average", "distinct") if way in said), "")
        values = [row[name] for row in chosen if row[name] is not None] if name else []
        if "sum" in said:
            return sum(values)
        if "distinct" in said:
            return len({value for value in values if value != ""})
        if "average" in said:
            is_money = name.endswith("_fen") or name.endswith(".cost")
            return rounded(Decimal(sum(values)) / len(values), "1" if is_money else "0.1") if values else None
        if "share" in said:
            part = sum(holds(self.case.rule(said["share"]), row) for row in chosen)
            return rounded(Decimal(100 * part) / len(chosen), "0.1") if chosen else None
        return len(chosen)

    def totals(self, rows: Sequence[Values]) -> tuple[Any, ...]:
        return tuple(self.total(one, rows) for one in self.said["totals"])

    def gathered(self, names: Sequence[str]) -> dict[tuple[Any, ...], list[Values]]:
        found: dict[tuple[Any, ...], list[Values]] = {}
        for _, values in self.rows:
            found.setdefault(tuple(values[name] for name in names), []).append(values)
        return found

    def bars(self) -> dict[Any, Any]:
        chart = self.said["chart"]
        total = next(one for one in self.said["totals"] if one["name"] == chart["of"])
        found = {key[0]: self.total(total, rows) for key, rows in self.gathered([chart["by"]]).items()}
        first, last = self.case.span.first, self.case.span.last
        if chart["by"] == "month" and first and last:  # a month without rows has its place
            while first <= last:
                found.setdefault(f"{first:%Y-%m}", self.total(total, []))
                first = first.replace(day=calendar.monthrange(first.year, first.month)[1]) + timedelta(days=1)
        return found

    def flags(self) -> list[bool]:
        flag = self.said.get("flag")
        return [bool(flag) and holds(self.case.rule(flag["when"]), values) for _, values in self.rows]


def rounded(value: Decimal, places: str) -> Decimal:
    return value.quantize(Decimal(places), ROUND_HALF_UP)


def agree(table: RegisterTable, counted: Counted) -> None:
    """Everything that the table says is what was counted."""
    said = counted.said
    values = [row for _, row in counted.rows]
    columns = [column["value"] for column in said["columns"]]
    wanted = [(case, tuple(row[name] for name in columns), flag)
              for (case, row), flag in zip(counted.rows, counted.flags(), strict=True)]
    assert [(row.case_id, row.values, row.flagged) for row in table.rows] == wanted
    assert (table.row_count, table.flagged) == (len(values), sum(counted.flags()))
    assert tuple(one.value for one in table.totals) == counted.totals(values)
    by = said["group_by"]
    groups = {key: counted.totals(rows) for key, rows in counted.gathered(by).items()} if by else {}
    assert Counter(table.groups) == Counter((*key, *totals) for key, totals in groups.items())
    if "chart" in said:
        assert {bar.label: bar.value for bar in table.bars} == counted.bars()


# ---------------------------------------------------------------- the season, on both databases


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Season]:
    """Played once; long enough that nothing that can happen is missing."""
    folder = tmp_path_factory.mktemp("season")
    shutil.copy(sqlite_template, folder / "shouxu.sqlite")
    played = Season(folder, f"sqlite:///{folder / 'shouxu.sqlite'}", SEED)
    yield played
    played.house.office.sessions.kw["bind"].dispose()


def copied(season: Season, folder: Path, database_url: str) -> Office:
    """The season's office over another database with the same rows."""
    office = season.house.office
    settled = Settings.load(data_dir=folder / "data", database_url=database_url, secret="k" * 40, estates_dir=office.settings.estates_dir)
    other = build_office(settled, clock=season.clock, durable=False, definitions=(Plugins(), office.library))
    with unit_of_work(office.sessions, readonly=True) as source, unit_of_work(other.sessions) as target:
        for table in Base.metadata.sorted_tables:
            rows = [dict(row._mapping) for row in source.execute(select(table))]
            if rows:
                target.execute(insert(table), rows)
    return Office(other, season.clock, dict(season.house.actors))


def test_the_season_holds_everything_that_can_happen(season: Season) -> None:
    assert {one.state for one in season.cases} == {"completed", "refused", "withdrawn", "open", "suspended"}
    assert {one.state for one in season.limits} == {"waiting", "paused", "fired", "kept", "void"}
    assert {(one.name, one.state) for one in season.papers} == {
        ("slip", "issued"), ("slip", "void"), ("note", "issued"), ("note", "superseded")}
    assert {one.kind for one in season.booked} == {"payment", "cancellation", "refund", "deduction", "waiver"}
    assert {(one.kind, one.state) for one in season.children} >= {("extra", "withdrawn"), ("spare", "completed"), ("extra", "open")}
    assert {run.state for run in season.runs} == {"open", "done", "skipped"} and max(run.round for run in season.runs) > 1
    assert len({one.opened.month for one in season.cases}) > 1 and len(season.cases) >= 30


class Refusing(Findings):
    """What is drawn is what `check` lets pass."""

    def add(self, file: str, path: PathTuple, what: str, number: int, remedy: str = "") -> None:
        raise AssertionError(what)

    def rule(self, file: str, path: PathTuple, error: RuleError, remedy: str = "") -> None:
        raise AssertionError(str(error))


def test_every_kind_of_rows_equals_a_plain_count(season: Season, tmp_path: Path, database_url: str,
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    house, knowledge = copied(season, tmp_path, database_url), Knowledge(season)
    bundle = house.office.library.bundle(ELM, "outing")
    reached: Counter[str] = Counter()

    def shown(case: Case) -> RegisterTable:
        changed = bundle.model_copy(update={"registers": (Register.model_validate(case.said),)})
        check_registers(Refusing(cast("Any", None)), changed, ())
        with monkeypatch.context() as patch, house.reading("elm") as desk:
            patch.setattr(house.office.library, "bundle", lambda *_: changed)
            return register_table(desk, ELM, "outing", "drawn", case.span)

    try:
        for of in knowledge.of:
            for at in range(EXAMPLES):
                case = Drawing(knowledge, of, random.Random(f"{SEED} {of} {at}")).case()
                table = shown(case)
                try:
                    agree(table, Counted(knowledge, case))
                except AssertionError as wrong:
                    raise AssertionError(f"{case.said} {case.span}") from wrong
                reached.update([of] * bool(table.rows) + ["flagged"] * bool(table.flagged) + ["groups"] * (len(table.groups) > 1))
    finally:
        house.office.sessions.kw["bind"].dispose()
    assert all(reached[of] >= EXAMPLES // 4 for of in (*knowledge.of, "flagged", "groups")), reached
