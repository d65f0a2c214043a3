"""Registers say what happened: each is counted again here, in plain Python, from the rows themselves."""

from __future__ import annotations

import csv
import io
import json
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from docx import Document as WordFile
from sqlalchemy import event

from core.cases import issuing, lifecycle, payments, voiding
from core.cases.casefile import CaseFile, open_file
from core.definitions.library import Library
from core.domain.bundle import Bundle
from core.domain.procedures import Procedure
from core.domain.registers import Register, Rows
from core.domain.sources import ProcedureSource
from core.errors import Forbidden, InvalidInput, NotFound
from core.registers import (
    Span,
    Spoken,
    after,
    before,
    paper as on_paper,
    register_csv,
    register_table,
    register_word,
    register_xlsx,
    registers_of,
    span_of,
)
from core.registers.counting import Counter as Counting, RowRule, repeats_of
from core.registers.reading import Columns, Reading
from core.registers.sources import deadline_state
from core.registers.tables import RegisterTable
from core.store.models import (
    Case,
    Charge,
    Document,
    Event,
    LedgerLine,
    Receipt,
    StepAct,
    StepRun,
    Submission,
    Timer,
    Unit,
)
from core.store.session import unit_of_work
from tests.cases_kit import DATA, ELM, JADE, House

MARCH = Span(date(2026, 3, 1), date(2026, 3, 31))
SPRING = Span(date(2026, 3, 1), date(2026, 5, 31))
ALL = Span()


def table_of(house: House, name: str, span: Span | None = None, *, by: str = "zhao", **which: Any) -> RegisterTable:
    with house.reading(by) as desk:
        return register_table(desk, ELM, "trial", name, span, **which)


def totals(table: RegisterTable) -> dict[str, Any]:
    return {one.name: one.value for one in table.totals}


def figures(table: RegisterTable) -> dict[str, Any]:
    return {one.name: one.value for one in table.figures}


def texts(house: House, table: RegisterTable) -> list[list[str]]:
    with house.reading("zhao") as desk:
        spoken = Spoken(desk, ELM)
        return [spoken.line(table.columns, row.values) for row in table.rows]


@pytest.fixture
def season(house: House) -> House:
    """Three months of trials: asked, withdrawn half way, paid, refunded, voided, reissued; the same on every run."""
    chance = random.Random(20260302)
    house.blanks("slip", ELM, books=20)
    other = house.person(ELM, name="何敏", phone="13500001111")
    for _ in range(9):
        code = chance.choice(("3-2-501", "3-2-502", "9-1-1001"))
        case = house.begin("trial", code, parties={"owner": [other]} if code == "9-1-1001" else None)
        house.clock.advance(timedelta(days=chance.randrange(1, 9), hours=chance.randrange(24)))
        if chance.random() < 0.15:
            continue
        house.mark_all(case, "ask")
        house.submit("wang", case, "ask", {"pieces": chance.randrange(1, 9), "urgent": chance.random() < 0.4,
                                           "applicant_id": "110101199003077758"})
        house.clock.advance(timedelta(days=chance.randrange(4)))
        if chance.random() < 0.2:
            continue
        receipt = house.act("chen", payments.pay, case, {chance.choice(("cash", "wechat")): None})
        if chance.random() < 0.3:
            house.act("chen", payments.cancel_receipt, receipt.id, "金额有误")
            continue
        if chance.random() < 0.5:
            deposit = next(row for row in house.rows(Charge, case_id=case) if row.fee == "deposit")
            house.act("chen", payments.refund, deposit.id, 100, "cash", "退回一部分")
        if chance.random() < 0.5:
            slip = house.documents(case, "slip")[0]
            house.act("wang", voiding.void, slip.id, "填写错误", "zhao")
            if chance.random() < 0.6:
                house.act("wang", issuing.issue, case, "ask", "slip")
    return house


# ---------------------------------------------------------------- counted again


def local(moment: datetime) -> date:
    return (moment + timedelta(hours=8)).date()


def filed(house: House) -> dict[str, dict[str, Any]]:
    """The newest values of each case's application."""
    rows = sorted(house.rows(Submission, step="ask"), key=lambda row: (row.round, row.revision))
    return {row.case_id: row.plain for row in rows}


def moved(house: House, charge: Charge) -> dict[str, int]:
    found: Counter[str] = Counter()
    for line in house.rows(LedgerLine, charge_id=charge.id):
        found[line.kind] += line.amount
    return found


def test_a_register_of_documents_is_the_documents(season: House) -> None:
    table, asked = table_of(season, "slips", SPRING), filed(season)
    slips = sorted(season.rows(Document, name="slip"), key=lambda row: (row.at, row.id))
    assert len(slips) >= 5 and {row.state for row in slips} > {"issued"}
    units = {row.id: row.code for row in season.rows(Unit)}
    cases = {row.id: row for row in season.rows(Case)}
    assert [(row.values[0], row.values[2], row.values[3], row.values[4], row.values[5]) for row in table.rows] == [
        (slip.number, units[cases[slip.case_id].unit_id], asked[slip.case_id]["pieces"], slip.state, local(slip.at)) for slip in slips]
    assert totals(table) == {"count": len(slips), "valid": sum(row.state == "issued" for row in slips),
                             "void": sum(row.state == "void" for row in slips),
                             "pieces": sum(asked[row.case_id]["pieces"] for row in slips)}
    by_month = Counter(f"{local(row.at):%Y-%m}" for row in slips)
    assert {bar.label: bar.value for bar in table.bars} == {"2026-03": 0, "2026-04": 0, "2026-05": 0} | by_month


def test_flags_count_what_came_before_the_period(season: House) -> None:
    slips = sorted(season.rows(Document, name="slip"), key=lambda row: (row.at, row.id))
    cases = {row.id: row.unit_id for row in season.rows(Case)}

    def repeated(slip: Document) -> bool:
        near = [one for one in slips if cases[one.case_id] == cases[slip.case_id] and (one.at, one.id) <= (slip.at, slip.id)
                and (local(slip.at) - local(one.at)).days < 30]
        return len(near) >= 2

    for span in (SPRING, MARCH, Span(local(slips[-1].at), local(slips[-1].at))):
        assert span.first and span.last
        inside = [slip for slip in slips if span.first <= local(slip.at) <= span.last]
        table = table_of(season, "slips", span)
        assert [row.flagged for row in table.rows] == [repeated(slip) for slip in inside]
        assert table.flagged == sum(map(repeated, inside))
    assert any(map(repeated, slips))


def test_money_of_a_register_is_the_ledger(season: House) -> None:
    lines, charges = season.rows(LedgerLine), {row.id: row for row in season.rows(Charge)}
    table = table_of(season, "money", SPRING)
    moving = ("payment", "cancellation", "refund")
    assert totals(table) == {"amount": sum(line.amount for line in lines if line.kind in moving)}
    wanted: Counter[tuple[str, str]] = Counter()
    for line in lines:
        wanted[charges[line.charge_id].fee, line.kind] += line.amount if line.kind in moving else 0
    assert {values[:2]: values[2] for values in table.groups} == dict(wanted)
    numbers = {row.id: row.number for row in season.rows(Receipt)}
    assert Counter(row.values[1] for row in table.rows) == Counter(numbers[line.receipt_id] for line in lines)


def test_charges_say_what_moved_against_them(season: House) -> None:
    deposits = sorted((row for row in season.rows(Charge) if row.fee == "deposit"), key=lambda row: (row.at, row.id))
    table = table_of(season, "deposits")
    wanted = []
    for charge in deposits:
        found = moved(season, charge)
        paid = found["payment"] + found["cancellation"] + found["refund"]
        wanted.append((charge.amount, paid, paid - found["deduction"], -found["refund"]))
    assert [row.values[1:] for row in table.rows] == wanted
    assert any(row[3] for row in wanted), "some deposit was given back"
    assert tuple(totals(table).values()) == tuple(map(sum, zip(*wanted, strict=True)))


def test_charges_of_a_register_agree_with_the_case(season: House) -> None:
    """The words of the database and `core.money.sums` say the same of every case."""
    with season.reading("zhao") as desk:
        reading = Reading(desk, ELM, desk.office.library.bundle(ELM, "trial"), Rows(of="cases"),
                          [f"fees.deposit.{word}" for word in ("charged_fen", "paid_fen", "due_fen", "held_fen", "refunded_fen")]
                          + ["ledger.charged_fen", "ledger.paid_fen", "ledger.due_fen", "ledger.deposit_fen"])
        columns = reading.columns()
        for place, case in enumerate(columns["row.id"]):
            file = open_file(desk, case)
            sums, deposits = file.sums(), [file.sums().charges[row.id] for row in file.charges if row.fee == "deposit"]
            assert [columns[name][place] for name in reading.names[2:]] == [
                sum(one.amount for one in deposits), sum(one.paid for one in deposits), sum(one.open for one in deposits),
                sum(one.held for one in deposits), sum(one.refunded for one in deposits), sums.charged, sums.paid, sums.due,
                sums.deposit]


def test_cases_with_their_forms_steps_papers_and_money(season: House) -> None:
    table, asked = table_of(season, "cases", SPRING), filed(season)
    cases = sorted(season.rows(Case), key=lambda row: (row.opened_at, row.id))
    paid: Counter[str] = Counter()
    for line in season.rows(LedgerLine):
        paid[line.case_id] += line.amount
    numbers = {case.id: "、".join(row.number for row in sorted(season.rows(Document, name="slip", case_id=case.id), key=lambda row: row.at))
               for case in cases}
    done = {row.case_id: row.done_at for row in season.rows(StepRun, step="ask") if row.state == "done"}
    assert [(row.values[0], row.values[1], row.values[2], row.values[3], row.values[5], row.values[6]) for row in table.rows] == [
        (case.number, local(case.opened_at), asked.get(case.id, {}).get("urgent"), paid[case.id], numbers[case.id],
         done.get(case.id)) for case in cases]
    urgent = sum(asked.get(case.id, {}).get("urgent") is True for case in cases)
    assert totals(table) == {
        "count": len(cases), "paid": sum(paid.values()),
        "mean": int((Decimal(sum(paid.values())) / len(cases)).quantize(Decimal(1), "ROUND_HALF_UP")),
        "urgent": (Decimal(100 * urgent) / len(cases)).quantize(Decimal("0.1"), "ROUND_HALF_UP")}
    assert {row.case_id for row in table.rows} == {case.id for case in cases}


def test_groups_of_cases(season: House) -> None:
    table, asked = table_of(season, "by_building"), filed(season)
    done = {row.case_id for row in season.rows(StepRun, step="ask") if row.state == "done"}
    units = {row.id: row for row in season.rows(Unit)}
    wanted: dict[tuple[str, bool], list[Case]] = {}
    for case in season.rows(Case):
        if case.id in done:
            wanted.setdefault((units[case.unit_id].building, asked[case.id]["urgent"]), []).append(case)
    assert list(table.groups) == [
        (*key, len(found), sum(asked[case.id]["pieces"] for case in found), len({case.unit_id for case in found}))
        for key, found in sorted(wanted.items(), key=lambda item: (int(item[0][0]), str(item[0][1])))]
    assert sum(bar.value for bar in table.bars) == totals(table)["pieces"]


def test_steps_units_and_what_was_filed_in_a_round(season: House) -> None:
    runs = season.rows(StepRun, estate=ELM)
    table = table_of(season, "steps")
    assert {values[:2]: values[2] for values in table.groups} == dict(Counter((run.step, run.state) for run in runs))
    asked = table_of(season, "asked")
    assert totals(asked) == {"pieces": sum(plain["pieces"] for plain in filed(season).values())}
    assert len(asked.rows) == sum(run.step == "ask" for run in runs)
    units = season.rows(Unit, estate=ELM)
    newest = {case.unit_id: case for case in season.rows(Case)}  # in the order of their ids
    found = {values[0]: values[1:3] for values in table_of(season, "units").groups}
    done = {row.case_id for row in runs if row.step == "ask" and row.state == "done"}
    assert found == {building: (sum(unit.building == building for unit in units),
                                sum(unit.building == building and unit.id in newest and newest[unit.id].id in done for unit in units))
                     for building in {unit.building for unit in units}}


# ---------------------------------------------------------------- N03: numbers against money


def test_the_numbers_of_passes_equal_the_money(season: House) -> None:
    """S1-2 §6.3: as many numbers as were paid for, and the money for as many."""
    table = table_of(season, "slips", SPRING)
    deposits = [row for row in season.rows(Charge) if row.fee == "deposit"]
    settled = [row for row in deposits if sum(moved(season, row).values()) - moved(season, row)["refund"] * 2 >= row.amount]
    collected = sum(sum(moved(season, row).values()) for row in deposits)
    assert figures(table) == {"deposits": collected, "charged": sum(row.amount // 250 for row in settled)}
    assert [check.holds for check in table.checks] == [totals(table)["pieces"] * 250 == collected]


def test_a_check_holds_until_a_number_is_void_or_money_goes_back(house: House) -> None:
    case = house.trial("verdict")
    other = house.trial("advance")
    assert [check.holds for check in table_of(house, "slips", MARCH).checks] == [False]  # not paid yet
    receipt = house.act("chen", payments.pay, other, {"cash": None})
    table = table_of(house, "slips", MARCH)
    assert ([check.holds for check in table.checks], figures(table)) == ([True], {"deposits": 1000, "charged": 4})
    house.act("chen", payments.cancel_receipt, receipt.id, "金额有误")
    assert [check.holds for check in table_of(house, "slips", MARCH).checks] == [False]
    house.act("wang", voiding.void, house.documents(case, "slip")[0].id, "填写错误", "zhao")
    assert totals(table_of(house, "slips", MARCH)) == {"count": 2, "valid": 1, "void": 1, "pieces": 4}


# ---------------------------------------------------------------- periods


def test_a_row_counts_to_the_day_of_the_estate(house: House) -> None:
    ids = []
    for text in ("2026-03-31T23:59:30+08:00", "2026-04-01T00:00:30+08:00"):
        house.clock.advance(datetime.fromisoformat(text) - house.office.clock.now())
        ids.append(house.begin("trial"))
    for span, wanted in ((MARCH, ids[:1]), (Span(date(2026, 4, 1), date(2026, 4, 1)), ids[1:]), (ALL, ids),
                         (Span(None, date(2026, 3, 31)), ids[:1]), (Span(date(2026, 4, 1), None), ids[1:])):
        table = table_of(house, "cases", span)
        assert ([row.case_id for row in table.rows], table.row_count) == (wanted, len(wanted))
    assert table_of(house, "cases").span == Span(date(2026, 1, 1), date(2026, 12, 31))  # `period: year`


@pytest.mark.parametrize(("period", "wanted"), [
    ("day", ("2026-02-28", "2026-02-28")), ("month", ("2026-02-01", "2026-02-28")), ("quarter", ("2026-01-01", "2026-03-31")),
    ("year", ("2026-01-01", "2026-12-31"))])
def test_periods_and_their_neighbours(period: Any, wanted: tuple[str, str]) -> None:
    span = span_of(period, date(2026, 2, 28))
    assert (str(span.first), str(span.last)) == wanted
    following, earlier = after(span), before(span)
    assert following and earlier and before(following) == span == after(earlier)
    assert following.first and earlier.last and span.first and span.last
    assert following.first == span.last + timedelta(days=1) and earlier.last == span.first - timedelta(days=1)
    assert span_of(period, following.first) == following and span_of(period, earlier.last) == earlier


def test_a_period_of_odd_days_moves_by_its_length() -> None:
    span = Span(date(2026, 3, 5), date(2026, 3, 11))
    assert after(span) == Span(date(2026, 3, 12), date(2026, 3, 18)) and before(ALL) is None is after(ALL)


# ---------------------------------------------------------------- pages of rows


def test_pages_of_rows_are_the_whole_list_and_totals_stay(season: House) -> None:
    for name in ("slips", "cases", "money", "deposits", "asked"):
        whole = table_of(season, name, SPRING if name != "deposits" else ALL)
        pages = [table_of(season, name, whole.span, start=start, size=2) for start in range(0, whole.row_count, 2)]
        assert [row for page in pages for row in page.rows] == list(whole.rows)
        assert all(replace(page, rows=()) == replace(whole, rows=()) for page in pages)
    assert table_of(season, "cases", SPRING, start=99, size=2).rows == ()


# ---------------------------------------------------------------- deadlines


@pytest.mark.parametrize(("timer", "run", "done", "wanted"), [
    ("waiting", "open", None, "waiting"), ("paused", "open", None, "paused"), ("fired", "open", None, "missed"),
    ("fired", "done", 5, "missed"), ("stopped", "done", -5, "kept"), ("stopped", "done", 0, "kept"), ("stopped", "done", 1, "missed"),
    ("stopped", "skipped", None, "void"), ("stopped", None, None, "void"), ("stopped", "open", None, "void")])
def test_what_became_of_a_deadline(timer: str, run: str | None, done: int | None, wanted: str) -> None:
    at = datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert deadline_state(timer, at, run, at + timedelta(minutes=done) if done is not None else None) == wanted


def test_deadlines_kept_and_missed_by_step(house: House) -> None:
    chance, wanted, now = random.Random(5), Counter(), house.office.clock.now()
    for at in range(12):
        case = house.begin("trial")
        step, state, minutes = chance.choice(("ask", "verdict")), chance.choice(("fired", "stopped", "waiting")), chance.randrange(-30, 30)
        with unit_of_work(house.office.sessions) as session:
            run = session.query(StepRun).filter_by(case_id=case, step="ask").one()
            run.step, done = step, state != "waiting"
            run.state, run.done_at = ("done", now + timedelta(minutes=minutes)) if done else ("open", None)
            session.add(Timer(estate=ELM, case_id=case, step=step, kind="due", name=str(at % 2), base_at=now, at=now, state=state))
            session.add(Timer(estate=ELM, case_id=case, step=step, kind="opens", name="", base_at=now, at=now))
        missed = state == "fired" or (state == "stopped" and minutes > 0)
        wanted[step, "missed" if missed else "waiting" if state == "waiting" else "kept"] += 1
    register = Register.model_validate({
        "name": "due", "title": "时限", "of": "deadlines", "group_by": ["deadline.step", "deadline.state"], "period": "all",
        "totals": ["count", {"name": "rate", "title": "及时率", "share": "deadline.kept", "when": "deadline.settled"}]})
    with with_register(house, register):
        table = table_of(house, "due")
    assert {values[:2]: values[2] for values in table.groups} == dict(wanted)
    kept, missed = (sum(many for (_, state), many in wanted.items() if state == one) for one in ("kept", "missed"))
    assert totals(table)["rate"] == (Decimal(100 * kept) / (kept + missed)).quantize(Decimal("0.1"), "ROUND_HALF_UP")


@contextmanager
def with_register(house: House, *registers: Register) -> Iterator[None]:
    """The trial with other registers for a while."""
    library: Library = house.office.library
    bundle = library.bundle(ELM, "trial")
    library._bundles[ELM, "trial", ()] = bundle.model_copy(update={"registers": registers})
    try:
        yield
    finally:
        library._bundles[ELM, "trial", ()] = bundle


# ---------------------------------------------------------------- what later steps and time changed


def test_values_as_corrected_and_as_raised(house: House) -> None:
    """What a register reads of a form is what rules read: `CaseFile.effective`."""
    case, other = house.trial("balance"), house.trial("balance")
    with unit_of_work(house.office.sessions) as session:
        for one, note, urgent in ((case, "minor", False), (other, "major", True)):
            row = session.query(Submission).filter_by(case_id=one, step="ask").one()
            new = Submission(case_id=one, step="ask", form="request", revision=2, plain={**row.plain, "note": note, "urgent": urgent},
                             salt=b"", digest="", by=row.by, at=row.at)
            session.add(new)
            session.add(StepAct(case_id=one, step="ask", kind="escalation", value="important", by=row.by, at=row.at))
            session.add(Submission(case_id=one, step="survey", form="request", plain={"pieces": 7}, salt=b"", digest="", by=row.by,
                                   at=row.at))
    with house.reading("zhao") as desk:
        bundle = desk.office.library.bundle(ELM, "trial")
        said = bundle.procedure.model_dump(mode="json", by_alias=True)
        said["steps"][0] |= {"classify": {"field": "note", "order": ["minor", "important", "major"]}}
        said["steps"][1] |= {"form": "request", "corrects": "ask.pieces"}
        changed = bundle.model_copy(update={"procedure": Procedure.model_validate(said)})
        columns = Reading(desk, ELM, changed, Rows(of="cases"), ["ask.note", "ask.pieces", "ask.urgent"]).columns()
        assert columns["ask.note"] == ["important", "major"]  # raised, and never lowered
        assert columns["ask.pieces"] == [7, 7] and columns["ask.urgent"] == [False, True]
        for place, one in enumerate((case, other)):
            file: CaseFile = open_file(desk, one)
            file.bundle = changed
            effective = file.effective("ask")
            assert [columns[f"ask.{name}"][place] for name in ("note", "pieces", "urgent")] == [
                effective[name] for name in ("note", "pieces", "urgent")]


# ---------------------------------------------------------------- sensitive values, roles, estates


def test_sensitive_values_are_masked_and_never_stand_in_a_table(season: House) -> None:
    table = table_of(season, "slips", SPRING)
    shown = texts(season, table)
    covered = [(row[6], row[7]) for row in shown]
    assert {one for one, _ in covered} == {"1101**********7758"}
    assert {"138****5678", ""} >= {other for _, other in covered}
    with season.reading("zhao") as desk:
        data = register_xlsx(desk, table)
    said = repr(table) + repr(shown) + repr([[cell.value for cell in row] for sheet in openpyxl.load_workbook(io.BytesIO(data))
                                              for row in sheet.iter_rows()])
    assert "110101199003077758" not in said and "13812345678" not in said


def test_roles_and_strangers(sqlite_house: House) -> None:
    house = sqlite_house
    with house.reading("wang") as desk:
        names = [one.name for one in registers_of(desk, ELM) if one.procedure == "trial"]
        assert "slips" in names and "money" not in names
        with pytest.raises(Forbidden):
            register_table(desk, ELM, "trial", "money")
        for procedure, name in (("trial", "nothing"), ("nothing", "slips")):
            with pytest.raises(NotFound):
                register_table(desk, ELM, procedure, name)
    with house.reading("elm") as desk, pytest.raises(NotFound):
        registers_of(desk, JADE)
    with house.reading("chen") as desk:
        assert "money" in [one.name for one in registers_of(desk, ELM)]


def test_an_estate_sees_nothing_of_another(season: House) -> None:
    with season.reading("wang") as desk:
        bundle = desk.office.library.bundle(ELM, "trial")
        for of in ("cases", "steps", "documents", "charges", "lines"):
            for procedures in ("own", "all") if of in ("documents", "charges", "lines") else ("own",):
                rows = Rows.model_validate({"of": of, "procedures": procedures})
                assert Reading(desk, ELM, bundle, rows, ["case.number"]).columns().size > 0, of
                assert Reading(desk, JADE, bundle, rows, ["case.number"]).columns().size == 0, of


# ---------------------------------------------------------------- files


def test_excel_holds_every_row_and_no_formula(season: House) -> None:
    other = season.trial("advance")
    season.act("chen", payments.pay, other, {"cash": None}, payer="=1+1")
    table = table_of(season, "money", SPRING)
    with season.reading("zhao") as desk:
        book = openpyxl.load_workbook(io.BytesIO(register_xlsx(desk, table)))
    summary, rows = book.worksheets
    cells = list(rows.iter_rows())
    assert [cell.value for cell in cells[0]] == [column.title for column in table.columns]
    assert [(str(row[0].value)[:10], row[1].value, row[2].value, Decimal(str(row[3].value))) for row in cells[1:]] == [
        (str(day), number, payer, Decimal(amount) / 100) for day, number, payer, amount in (row.values for row in table.rows)]
    assert [cell.data_type for row in cells[1:] for cell in row if cell.value == "=1+1"] == ["s", "s"]
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} == {"n", "s", "d"}
    found = [[cell.value for cell in row if cell.value is not None] for row in summary.iter_rows()]
    assert found[0] == ["收款明细"] and ["收（退）款", totals(table)["amount"] / 100] in found
    assert ["押金", "收款", sum(values[2] for values in table.groups if values[:2] == ("deposit", "payment")) / 100] in found


def test_csv_holds_every_row_for_programs(season: House) -> None:
    table = table_of(season, "money", SPRING)
    with season.reading("zhao") as desk:
        data = register_csv(desk, table)
        slips = list(csv.reader(io.StringIO(register_csv(desk, table_of(season, "slips", SPRING)).decode("utf-8-sig"), newline="")))
    assert data.startswith(b"\xef\xbb\xbf") and b"\r\n" in data
    head, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert head == [column.title for column in table.columns] and len(rows) == table.row_count
    for row, told in zip(rows, table.rows, strict=True):
        day, number, payer, amount = told.values
        assert (row[0][:10], row[1], Decimal(row[3])) == (str(day)[:10], number, Decimal(amount) / 100)
        assert row[2] == ("'" if payer[:1] in "=+-@" and payer else "") + payer
    assert "1101**********7758" in {cell for row in slips for cell in row}


def test_word_prints_what_the_page_shows(season: House, monkeypatch: pytest.MonkeyPatch) -> None:
    table = table_of(season, "slips", SPRING)
    with season.reading("zhao") as desk:
        printed = WordFile(io.BytesIO(register_word(desk, table)))
        [rows, *_] = printed.tables
        assert [cell.text for cell in rows.rows[0].cells] == [column.title for column in table.columns]
        assert [[cell.text for cell in row.cells] for row in rows.rows[1:]] == texts(season, table)
        assert [paragraph.text for paragraph in printed.paragraphs][:2] == ["榆园", "回执登记表"]
        monkeypatch.setattr(on_paper, "MOST_ROWS", 2)
        with pytest.raises(InvalidInput, match="1"):
            register_word(desk, table)


# ---------------------------------------------------------------- cost


@contextmanager
def statements(house: House) -> Iterator[list[str]]:
    engine, sent = house.office.sessions.kw["bind"], []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_more_rows_cost_no_more_statements_and_no_look_at_events(house: House) -> None:
    counts: list[dict[str, int]] = []
    house.blanks("slip", ELM, books=20)
    for _ in range(2):
        house.trial("verdict")
        found: dict[str, int] = {}
        for name in ("slips", "cases", "by_building", "money", "deposits", "steps", "asked", "units"):
            with statements(house) as sent:
                table_of(house, name, ALL)
            found[name] = len(sent)
            assert not [one for one in sent if f" {Event.__tablename__} " in one or f"{Event.__tablename__}." in one]
        counts.append(found)
    assert counts[0] == counts[1] and max(counts[0].values()) <= 12


def test_a_period_is_read_by_its_index(sqlite_house: House) -> None:
    wanted = {"cases": "ix_case_register", "documents": "ix_document_register", "steps": "ix_step_run_register",
              "charges": "ix_charge_register", "lines": "ix_ledger_line_day", "deadlines": "ix_timer_register"}
    only = {"documents": ["slip"], "steps": ["ask"]}
    with sqlite_house.reading("zhao") as desk:
        bundle, connection = desk.office.library.bundle(ELM, "trial"), desk.session.connection()
        for of, index in wanted.items():
            reading = Reading(desk, ELM, bundle, Rows.model_validate({"of": of, "only": only.get(of, [])}), [], MARCH.first, MARCH.last)
            query = reading.select(reading.frame.row_id).compile(connection, compile_kwargs={"literal_binds": True})
            plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]
            assert any(index in line for line in plan), (of, plan)


# ---------------------------------------------------------------- small things


def test_a_rule_is_asked_once_for_rows_that_agree() -> None:
    columns = Columns(4, {"a.b": [1, 2, 1, None], "c": ["x", "x", "x", "x"]})
    assert RowRule("a.b == 1 && c == 'x'").over(columns) == [True, False, True, False]
    assert RowRule("a.b > 1").over(columns) == [False, True, False, False]  # null is neither
    assert RowRule("1 < 2").over(columns) == [True] * 4


def test_repeats_within_days() -> None:
    days = [date(2026, 3, day) for day in (1, 1, 5, 8, 9)]
    columns = Columns(5, {"on": days, "unit.code": ["a", "b", "a", "a", "b"]})
    register = Register.model_validate({"name": "r", "title": "r", "of": "cases", "group_by": ["unit.code"], "flag": {
        "when": "repeats > 1", "title": "x"}, "repeats": {"by": "unit.code", "days": 7}})
    assert register.repeats and repeats_of(register.repeats, columns) == [1, 1, 2, 2, 1]


def test_totals_of_nothing() -> None:
    empty = Columns(0, {"x": [], "y": []})
    register = Register.model_validate({"name": "r", "title": "r", "of": "cases", "group_by": ["x"], "totals": [
        "count", {"sum": "x"}, {"average": "x", "name": "mean"}, {"distinct": "x", "name": "d"}, {"share": "y == 1", "name": "s"}]})
    assert [Counting(total, total.of, empty, None).of() for total in register.totals] == [0, 0, None, 0, None]


def test_every_shipped_register_can_be_read(house: House, definitions: Any) -> None:
    with house.reading("zhao") as desk:
        for entry in registers_of(desk, JADE):
            for locale in ("zh_CN", "en"):
                table = register_table(replace(desk, locale=locale), JADE, entry.procedure, entry.name, ALL)
                assert table.title and table.totals and all(column.title for column in (*table.columns, *table.group_columns))
                assert all(check.holds and not check.error for check in table.checks)
    shipped = {path.parent.name for path in (Path(__file__).parents[2] / "form_definitions").glob("*/registers.yaml")}
    assert "move_in" in shipped


def test_an_estate_changes_registers_in_its_own_folder(tmp_path: Path) -> None:
    estates = tmp_path / "estates"
    shutil.copytree(DATA / "trial" / "estates", estates)
    own = estates / "acme" / "elm_court" / "form_definitions" / "trial"
    own.mkdir(parents=True)
    (own / "registers.yaml").write_text(
        "registers:\n  - {name: money, remove: true}\n  - name: cases\n    title: 本项目办件\n    roles: [manager]\n"
        "    columns:\n      - {name: place, value: case.place, after: number}\n      - {name: slip, remove: true}\n", "utf-8")
    (estates / "acme" / "elm_court" / "estate.yaml").write_text("estate: elm_court\ntitle: 榆园\nprocedures: [trial]\n", "utf-8")
    source = ProcedureSource("trial", DATA / "trial" / "form_definitions" / "trial", tmp_path / "templates")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "slip.docx").write_bytes(b"a template is only hashed here")
    bundle = Library.load([source], estates).bundle("elm_court", "trial")
    registers = {register.name: register for register in bundle.registers}
    assert "money" not in registers and registers["cases"].title.zh == "本项目办件" and registers["cases"].roles == ("manager",)
    assert [column.name for column in registers["cases"].columns] == [
        "number", "place", "opened", "urgent", "paid", "deposit", "done", "state"]
    without = Bundle.model_validate({**bundle.model_dump(mode="json", by_alias=True), "registers": []})
    assert bundle.pin == without.pin and "registers" not in json.loads(bundle.canonical)  # no case goes on with them


def test_words_of_states_and_roles(house: House) -> None:
    case = house.trial("verdict")
    house.act("zhao", lifecycle.decide, case, "verdict", "deny", "不符合条件")
    register = Register.model_validate({"name": "w", "title": "w", "of": "cases", "period": "all", "columns": [
        {"name": "state", "value": "case.state"}, {"name": "outcome", "value": "verdict.outcome"}, {"name": "open", "value": "case.open"},
        {"name": "well", "value": "case.well"}, {"name": "days", "value": "case.days"}]})
    with with_register(house, register):
        table = table_of(house, "w")
    assert texts(house, table) == [["不同意", "不同意", "否", "否", "0"]]
