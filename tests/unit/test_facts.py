"""Facts: put together in any order, aged by the estate's day, asked of plugins, confirmed by hand, brought in from sheets."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, strategies as st
from openpyxl import load_workbook
from sqlalchemy import event, select

from core.cases import opening, payments
from core.cases.casefile import open_file
from core.cases.fact_import import KINDS, FactReport, import_facts, template_of
from core.cases.fact_sheets import marked
from core.cases.facts import (
    FactSeen,
    Said,
    confirm_fact,
    fact_texts,
    fact_values,
    known_facts,
    missing_facts,
    put_fact,
    put_together,
    subject_key,
    write_provided,
)
from core.cases.gates import Gates
from core.cases.lifecycle import complete, withdraw
from core.cases.reading import history
from core.cases.unit_facts import put_unit_facts, unit_facts
from core.domain.facts import Fact
from core.errors import Forbidden, GateClosed, InvalidInput, NotFound, PluginError, Reason, RuleError
from core.store.events import digest, verify_chain
from core.store.models import Case, Event, Fact as Row
from tests.cases_kit import ELM, NINE, Definitions, House
from tests.facts_kit import ARREARS, load, office_in, sheet


@pytest.fixture(scope="session")
def definitions() -> Definitions:
    return load()


class FactsHouse(House):
    """A house with the one estate that these definitions know."""

    def open(self, procedure: str, code: str = "3-2-501", by: str = "wang") -> str:
        with self.at(by) as desk:
            return opening.open_case(desk, ELM, procedure, self.unit(code, ELM)).id

    def put(self, name: str, value: Any, as_of: datetime, origin: str = "import", code: str = "3-2-501") -> None:
        with self.at("wang") as desk:
            desk.queue(ELM)
            put_fact(desk, ELM, f"unit:{self.unit(code, ELM)}", name, value, origin, as_of)

    def seen(self, case: str, name: str) -> FactSeen:
        with self.reading() as desk:
            return known_facts(open_file(desk, case))[name]

    def lacking(self, case: str, step: str) -> list[Reason]:
        with self.reading() as desk:
            file = open_file(desk, case)
            return missing_facts(file, file.step(step))

    def confirm(self, by: str, case: str, step: str, name: str, value: Any, **more: Any) -> None:
        self.act(by, confirm_fact, case, step, name, value, **more)

    def events(self, kind: str) -> list[Event]:
        with self.reading() as desk:
            return list(desk.session.scalars(select(Event).where(Event.kind == kind).order_by(Event.seq)))

    def statuses(self, case: str) -> dict[str, str]:
        with self.reading() as desk:
            return {judged.step.name: judged.status for judged in Gates(open_file(desk, case)).all()}

    def bring(self, kind: str, xlsx: bytes, by: str = "zhao", **more: Any) -> FactReport:
        return self.act(by, import_facts, ELM, kind, xlsx, **more)


@pytest.fixture
def elm(tmp_path: Path, database_url: str, definitions: Definitions, outside: ModuleType) -> Iterator[FactsHouse]:
    """An office over an empty database, once on SQLite and once on PostgreSQL, with staff and owners at elm_court."""
    made = FactsHouse(*office_in(tmp_path, database_url, definitions))
    made.move_in_staff_and_owners((ELM,))
    yield made
    made.office.sessions.kw["bind"].dispose()


@pytest.fixture
def outside(definitions: Definitions) -> Iterator[ModuleType]:
    """The plugin's module, silent at first."""
    module = next(plugin for _, plugin in definitions[0].manager.list_name_plugin() if isinstance(plugin, ModuleType))
    yield module
    module.ANSWERS.clear()
    module.ASKED.clear()


# ---------------------------------------------------------------- putting together

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 3, 1), timezones=st.just(UTC))
ORIGINS = st.sampled_from(["import", "api", "confirmed", "hook", "case:1", "case:2", "case:3"])
VALUES = {"integer": st.integers(0, 10**9), "yes_no": st.booleans(), "text": st.sampled_from("甲乙丙"),
          "date": st.dates().map(lambda day: f"{day:%Y-%m-%d}" if day.year > 999 else "2026-01-01")}


@st.composite
def sayings(draw: st.DrawFn) -> tuple[Fact, list[Said]]:
    """A fact and what each of some origins says of it, some of them a value of another type."""
    kind = draw(st.sampled_from(sorted(VALUES)))
    others = st.sampled_from([None, [], {"value": 1}, 1.5])
    origins = draw(st.lists(ORIGINS, unique=True, max_size=7))
    rows = [Said(draw(VALUES[kind] | others), draw(MOMENTS), origin, draw(MOMENTS)) for origin in origins]
    return Fact(name="any_fact", title="某事", type=kind), rows  # type: ignore[arg-type]


@given(sayings(), st.randoms())
def test_facts_are_put_together_the_same_in_any_order(said: tuple[Fact, list[Said]], chance: Any) -> None:
    fact, rows = said
    shuffled = rows[:]
    chance.shuffle(shuffled)
    assert put_together(fact, rows) == put_together(fact, shuffled)


@given(sayings())
def test_the_outside_replaces_and_cases_add(said: tuple[Fact, list[Said]]) -> None:
    fact, rows = said
    seen = put_together(fact, rows)
    right = [row for row in rows if isinstance(row.value, {"integer": int, "yes_no": bool}.get(fact.type, str))]
    outside = sorted((row for row in right if not row.of_case), key=lambda row: (row.as_of, row.at, row.origin))[-1:]
    cases = [row for row in right if row.of_case]
    if not outside and not cases:
        assert seen == FactSeen(fact)
        return
    parts = [row.value for row in (*outside, *cases)]
    if fact.type == "integer":
        assert seen.value == sum(parts)
    elif fact.type == "yes_no":
        assert seen.value is (True in parts)
    else:
        newest = max((*outside, *cases), key=lambda row: (row.as_of, row.at, row.origin))
        assert str(seen.value) == newest.value and seen.as_of == newest.as_of
        assert seen.counted_from == (None if newest.of_case else newest.as_of)
        return
    assert seen.counted_from == (outside[0].as_of if outside else None)
    assert seen.as_of == (outside[0].as_of if outside else max(row.as_of for row in cases))


def test_a_yes_is_no_number_and_a_number_no_yes() -> None:
    number, yes = Fact(name="a", title="a", type="integer"), Fact(name="b", title="b", type="yes_no")  # type: ignore[arg-type]
    assert put_together(number, [Said(True, NINE, "import", NINE)]).value is None
    assert put_together(yes, [Said(1, NINE, "import", NINE)]).value is None


# ---------------------------------------------------------------- what a step lacks


def test_a_step_waits_for_a_fact_and_says_what_and_who(elm: FactsHouse) -> None:
    case = elm.open("leaving")
    [reason] = elm.lacking(case, "dues")
    assert (reason.kind, reason.step, reason.target, reason.source) == ("fact", "dues", ARREARS, "T §1")
    assert "物业欠费" in reason.message and "还没有记录" in reason.message and "finance、manager" in reason.message
    assert elm.seen(case, "arrears_fen") == FactSeen(elm.seen(case, "arrears_fen").fact)
    with elm.reading() as desk:
        desk.locale = "en"
        file = open_file(desk, case)
        assert missing_facts(file, file.step("dues"))[0].message.startswith("Nothing is known of “Arrears”")
        assert fact_values(file, "unit")["arrears_fen"] is None and fact_values(file, "estate") == {"closed_gate": None}


def test_a_fact_of_today_is_stale_when_the_estate_has_a_new_day(elm: FactsHouse) -> None:
    case = elm.open("leaving")
    elm.clock.set(datetime.fromisoformat("2026-03-02T23:30:00+08:00"))
    elm.put("arrears_fen", 100, datetime.fromisoformat("2026-03-02T00:00:00+08:00"))
    assert elm.lacking(case, "dues") == []
    # still 2 March in UTC, 3 March at the estate
    elm.clock.set(datetime.fromisoformat("2026-03-03T00:00:01+08:00"))
    [reason] = elm.lacking(case, "dues")
    assert "2026年3月2日" in reason.message and "当天" in reason.message


def test_days_count_to_the_end_of_the_last_of_them(elm: FactsHouse) -> None:
    case = elm.open("leaving")
    elm.put("remark", "无", NINE)
    elm.put("read_on", "2026-03-01", NINE)
    elm.clock.set(datetime.fromisoformat("2026-03-09T23:59:00+08:00"))
    assert elm.lacking(case, "meters") == []
    elm.clock.set(datetime.fromisoformat("2026-03-10T00:00:30+08:00"))
    [reason] = elm.lacking(case, "meters")
    assert reason.target == "unit.read_on" and "不超过 7 天" in reason.message


def test_facts_are_read_in_one_query(elm: FactsHouse) -> None:
    case = elm.open("leaving")
    asked: list[str] = []
    with elm.reading() as desk:
        file = open_file(desk, case)
        assert file.parties
        engine = desk.session.get_bind()
        listener = lambda *given: asked.append(given[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", listener)
        assert known_facts(file) is known_facts(file) and "remark" in fact_values(file, "unit")
        event.remove(engine, "before_cursor_execute", listener)
    assert sum("FROM fact" in said for said in asked) == 1, asked


def test_papers_print_facts_as_words(elm: FactsHouse) -> None:
    case = elm.open("leaving")
    for name, value in (("arrears_fen", 327650), ("read_on", "2026-03-01"), ("works_active", False)):
        elm.put(name, value, NINE)
    with elm.reading() as desk:
        told = fact_texts(open_file(desk, case), "unit")
    assert told == {"arrears_fen": "3,276.50", "read_on": "2026年3月1日", "works_active": "否", "works_held_fen": "", "remark": ""}


def test_whom_a_fact_speaks_of(elm: FactsHouse) -> None:
    case = elm.open("leaving")
    with elm.reading() as desk:
        file = open_file(desk, case)
        assert subject_key(file, "unit") == f"unit:{elm.unit('3-2-501', ELM)}"
        assert subject_key(file, "person") == f"person:{file.parties[0].person_id}"
        assert subject_key(file, "estate") == "estate" and subject_key(file, "place") is None
        file.case.place = "大堂"
        assert subject_key(file, "place") == "place:大堂"
        desk.session.expunge_all()


# ---------------------------------------------------------------- confirming


def test_confirming_passes_the_gate_and_is_on_the_chain(elm: FactsHouse) -> None:
    case = elm.open("leaving")
    elm.confirm("chen", case, "dues", ARREARS, 0)
    assert elm.statuses(case) == {"dues": "done", "meters": "open", "calm": "closed", "gate": "closed"}
    seen = elm.seen(case, "arrears_fen")
    assert (seen.value, seen.origin, seen.by) == (0, "confirmed", "user-chen")
    [row] = elm.rows(Row, name="arrears_fen")
    [event] = elm.events("fact.confirmed")
    assert event.data["digest"] == digest(bytes.fromhex(row.value["salt"]), 0) and "value" not in event.data
    with elm.reading() as desk:
        assert any("物业欠费：0.00 元" in line.what for line in history(desk, case))
        assert verify_chain(desk.session, ELM).require().whole


def test_a_confirmed_debt_keeps_the_step_open(elm: FactsHouse) -> None:
    case = elm.open("leaving")
    elm.confirm("chen", case, "dues", "arrears_fen", "3,276.50", typed=True)
    assert elm.seen(case, "arrears_fen").value == 327650
    assert elm.statuses(case)["dues"] == "open" and elm.lacking(case, "dues") == []
    elm.confirm("zhao", case, "dues", ARREARS, "0", typed=True)
    assert elm.statuses(case)["dues"] == "done"


def test_a_wrong_value_is_refused_at_its_field(elm: FactsHouse) -> None:
    case = elm.open("leaving")
    typed = ("", "abc", "1.234", "-5", "１２", "1.2.3", "是", "9" * 17)
    for value, as_typed in [*((one, False) for one in ("0", True, 1.5, None, -1, 10**16, [0])), *((one, True) for one in typed)]:
        with pytest.raises(InvalidInput) as refused:
            elm.confirm("chen", case, "dues", ARREARS, value, typed=as_typed)
        assert [problem.field for problem in refused.value.problems] == ["value"], value
    assert elm.rows(Row) == []


def test_dates_and_texts_are_confirmed_by_the_roles_of_the_step(elm: FactsHouse) -> None:
    case = elm.open("leaving")
    elm.confirm("chen", case, "dues", ARREARS, 0)
    with pytest.raises(InvalidInput):
        elm.confirm("li", case, "meters", "unit.read_on", "2026-02-30")
    elm.confirm("li", case, "meters", "unit.read_on", "2026-02-28")
    with pytest.raises(InvalidInput):
        elm.confirm("wang", case, "meters", "unit.remark", "  ")
    elm.confirm("wang", case, "meters", "unit.remark", " 水表已换 ")
    assert elm.seen(case, "remark").value == "水表已换" and str(elm.seen(case, "read_on").value) == "2026-02-28"
    elm.confirm("wang", case, "calm", "works_active", False)
    elm.confirm("zhou", case, "gate", "estate_facts.closed_gate", "否", typed=True)
    assert elm.rows(Case, id=case)[0].state == "completed"
    assert elm.rows(Row, name="closed_gate")[0].subject == "estate"


def test_who_may_not_and_what_is_not_needed(elm: FactsHouse) -> None:
    case = elm.open("leaving")
    with pytest.raises(Forbidden):
        elm.confirm("wang", case, "dues", ARREARS, 0)
    with pytest.raises(NotFound):
        elm.confirm("chen", case, "dues", "unit.remark", "x")
    with pytest.raises(GateClosed) as closed:
        elm.confirm("wang", case, "meters", "unit.remark", "x")
    assert closed.value.number == 2202
    elm.act("wang", withdraw, case, "不搬了")
    with pytest.raises(GateClosed):
        elm.confirm("chen", case, "dues", ARREARS, 0)
    assert elm.rows(Row, name="arrears_fen") == []


# ---------------------------------------------------------------- what cases say


def test_a_case_says_facts_while_it_runs_and_adds_to_the_others(elm: FactsHouse) -> None:
    leaving, works = elm.open("leaving"), elm.open("works")
    second = elm.open("works")
    assert elm.seen(leaving, "works_active").value is True and elm.seen(leaving, "works_held_fen").value == 0
    for case in (works, second):
        elm.act("chen", payments.pay, case, {"cash": None})
    elm.put("works_held_fen", 10000, NINE)
    seen = elm.seen(leaving, "works_held_fen")
    assert (seen.value, seen.outside, seen.cases) == (110000, 10000, 100000)
    elm.act("li", complete, works, "work")
    assert elm.seen(leaving, "works_active").value is True
    elm.act("wang", withdraw, second, "改期")
    assert elm.seen(leaving, "works_active").value is False
    # no other unit hears of it
    assert elm.seen(elm.open("leaving", "3-2-502"), "works_active").value is None


def test_nothing_is_written_when_nothing_changed(elm: FactsHouse) -> None:
    case = elm.open("works")
    before = [(row.id, row.at, row.value) for row in elm.rows(Row)]
    assert len(before) == 2
    for said, changed in (({"works_active": True, "works_held_fen": 0}, frozenset()),
                          ({"works_active": True, "works_held_fen": 7}, frozenset({"works_held_fen"})),
                          ({"works_active": None, "works_held_fen": 7}, frozenset({"works_active"}))):
        with elm.at("li") as desk:
            rules = {"is_open": said["works_active"], "ledger.deposit_fen": said["works_held_fen"]}
            assert write_provided(open_file(desk, case, change=True), rules.__getitem__) == changed
        if not changed:
            assert [(row.id, row.at, row.value) for row in elm.rows(Row)] == before
    with elm.at("li") as desk, pytest.raises(RuleError):
        write_provided(open_file(desk, case, change=True), lambda rule: "text")


def test_a_case_that_waits_goes_on_when_another_says_the_fact(elm: FactsHouse) -> None:
    works, leaving = elm.open("works"), elm.open("leaving")
    elm.confirm("chen", leaving, "dues", ARREARS, 0)
    elm.confirm("li", leaving, "meters", "unit.read_on", "2026-03-01")
    elm.confirm("wang", leaving, "meters", "unit.remark", "无")
    assert elm.statuses(leaving)["calm"] == "open" and elm.lacking(leaving, "calm") == []
    version = elm.rows(Case, id=leaving)[0].version
    elm.act("chen", payments.pay, works, {"cash": None})  # changes a fact, moves nothing
    assert elm.rows(Case, id=leaving)[0].version == version
    elm.act("li", complete, works, "work")
    assert elm.statuses(leaving)["calm"] == "done" and elm.rows(Case, id=leaving)[0].version == version + 1


# ---------------------------------------------------------------- plugins


def test_plugins_are_asked_for_what_is_unknown_or_old_and_their_answer_is_kept(elm: FactsHouse, outside: ModuleType) -> None:
    outside.ANSWERS["arrears_fen"] = 4200
    case = elm.open("leaving")
    assert outside.ASKED[0][:2] == (ELM, "3-2-501") and "closed_gate" not in outside.ASKED[0][2]
    assert elm.seen(case, "arrears_fen").value == 4200 and elm.lacking(case, "dues") == []
    [row] = elm.rows(Row, name="arrears_fen")
    assert (row.origin, row.value) == ("hook", {"value": 4200})
    outside.ASKED.clear()
    elm.seen(case, "arrears_fen")
    assert all("arrears_fen" not in names for _, _, names in outside.ASKED)  # of today: not asked again
    elm.clock.set(NINE + timedelta(days=1))
    outside.ANSWERS["arrears_fen"] = 0
    assert elm.seen(case, "arrears_fen").value == 0  # a page shows the answer and stores nothing
    assert elm.rows(Row, name="arrears_fen")[0].value == {"value": 4200}


def test_a_plugin_that_answers_nonsense_fails_the_request(elm: FactsHouse, outside: ModuleType) -> None:
    case = elm.open("leaving")
    outside.ANSWERS["arrears_fen"] = "4200"
    with pytest.raises(PluginError) as failed:
        elm.seen(case, "arrears_fen")
    assert failed.value.number == 1014


# ---------------------------------------------------------------- programs


def test_programs_say_facts_and_cases_go_on(elm: FactsHouse) -> None:
    case = elm.open("leaving")
    with elm.at("chen") as desk:
        put_unit_facts(desk, ELM, "3-2-501", {"arrears_fen": (0, None), "keys_out": (2, NINE)})
    assert elm.statuses(case)["dues"] == "done"
    with elm.reading() as desk:
        known = {row.name: row for row in unit_facts(desk, ELM, "3-2-501")}
    assert (known["keys_out"].value, known["keys_out"].origin, known["remark"].value) == (2, "api", None)
    for said, field in (({"arrears": (0, None)}, "facts.arrears"), ({"keys_out": ("2", None)}, "facts.keys_out.value"),
                        ({"keys_out": (2, NINE + timedelta(days=9))}, "facts.keys_out.as_of"),
                        ({"keys_out": (2, NINE - timedelta(days=9))}, "facts.keys_out.as_of")):
        with pytest.raises(InvalidInput) as refused, elm.at("chen") as desk:
            put_unit_facts(desk, ELM, "3-2-501", said)
        assert [problem.field for problem in refused.value.problems] == [field]
    with pytest.raises(Forbidden), elm.at("li") as desk:
        put_unit_facts(desk, ELM, "3-2-501", {"keys_out": (2, None)})
    with pytest.raises(NotFound), elm.at("chen") as desk:
        put_unit_facts(desk, ELM, "9-9-999", {"keys_out": (2, None)})


# ---------------------------------------------------------------- sheets


HEAD = ("房号", "欠费（元）", "截至日期")


def test_balances_come_in_and_cases_go_on(elm: FactsHouse) -> None:
    case, other = elm.open("leaving"), elm.open("leaving", "3-2-502")
    book = sheet(HEAD, ("3-2-501", 0, NINE.date()), ("3-2-502", 1234.5, "2026/3/2"), ("9-1-1001", None, None))
    tried = elm.bring("balances", book, dry_run=True)
    assert (tried.rows, tried.changed, tried.problems) == (2, 2, []) and elm.rows(Row, name="arrears_fen") == []
    report = elm.bring("balances", book)
    assert (report.rows, report.changed, report.moved) == (2, 2, 1)
    assert elm.statuses(case)["dues"] == "done" and elm.statuses(other)["dues"] == "open"
    assert elm.seen(other, "arrears_fen").value == 123450
    [event] = elm.events("facts.imported")
    assert event.data["rows"] == 2 and len(event.data["sha256"]) == 64
    again = elm.bring("balances", sheet(HEAD, ("3-2-502", "0.30", "2026年3月2日")))
    assert (again.changed, again.moved) == (1, 0) and elm.seen(other, "arrears_fen").value == 30


def test_what_was_true_for_an_earlier_day_is_as_old(elm: FactsHouse) -> None:
    case = elm.open("leaving")
    elm.bring("balances", sheet(HEAD, ("3-2-501", "0.00", "2026-03-01")))
    assert elm.seen(case, "arrears_fen").value == 0
    assert elm.seen(case, "arrears_fen").as_of == datetime.fromisoformat("2026-03-01T23:59:59+08:00")
    assert len(elm.lacking(case, "dues")) == 1 and elm.statuses(case)["dues"] == "open"


def test_one_mistake_and_nothing_comes_in(elm: FactsHouse) -> None:
    rows = [HEAD, ("3-2-501", "0.00", "2026-03-01"), ("9-1-100l", 5, "2026-03-01"), ("3-2-502", "1.234", "2026-03-01"),
            ("9-1-1001", "5", "2026-03-09"), ("3-2-501", 7, "2026-03-01"), ("9-1-1001", "=1+1", "2026-03-01"),
            ("9-1-1001", 5, None), (None, 5, "2026-13-01"), ("9-1-1001", -5, "1900-01-01")]
    book = sheet(*rows)
    report = elm.bring("balances", book)
    found = {problem.field: problem.message for problem in report.problems}
    assert set(found) == {"balances!A3", "balances!B4", "balances!C5", "balances!A6", "balances!B7", "balances!C8",
                          "balances!A9", "balances!C9", "balances!B10", "balances!C10"}
    assert "是不是 9-1-1001" in found["balances!A3"] and "第 2 行" in found["balances!A6"]
    assert elm.rows(Row, name="arrears_fen") == [] and elm.events("facts.imported") == []
    with elm.reading() as desk:
        copy = load_workbook(io.BytesIO(marked(desk, book, report.problems)))["balances"]
    for cell, message in found.items():
        beside = copy[cell.partition("!")[2]]
        assert message in beside.comment.text and beside.fill.start_color.rgb == "FFF2C7C7"
        assert message in str(copy.cell(beside.row, 4).value)
    assert copy["B2"].comment is None and copy["D2"].value is None and copy["B3"].value == 5


def test_what_cannot_be_read_is_told(elm: FactsHouse) -> None:
    for head in (("房号", "截至日期"), ("房号", "欠费", "欠费", "截至日期"), ()):
        report = elm.bring("balances", sheet(head, ("3-2-501", 0, "2026-03-01")))
        assert [problem.field for problem in report.problems] == ["balances!A1"]
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (65 * 2**20))
    for data in (b"", b"PK\x03\x04 no zip", b"code,arrears\n1,2\n", bomb.getvalue()):
        with pytest.raises(InvalidInput) as refused:
            elm.bring("balances", data)
        assert refused.value.number == 2130
    with pytest.raises(NotFound):
        elm.bring("rents", sheet(HEAD))
    with pytest.raises(Forbidden):
        elm.bring("balances", sheet(HEAD), by="li")


def test_newer_data_is_not_put_back(elm: FactsHouse) -> None:
    elm.bring("keys", sheet(("code", "keys", "as_of"), ("3-2-501", 2, "2026-03-01")))
    report = elm.bring("keys", sheet(("Unit", "Keys out", "As of"), ("3-2-501", 3, "2026-02-01")))
    assert [problem.field for problem in report.problems] == ["balances!C2"]
    assert elm.bring("keys", sheet(("Unit", "Keys out", "As of"), ("3-2-501", 3, "2026-03-01"))).changed == 1


def test_deposits_stand_by_name_and_together(elm: FactsHouse) -> None:
    head = ("房号", "押金名称", "金额（元）", "截至日期")
    report = elm.bring("deposits", sheet(head, ("3-2-501", "施工押金", "800", "2026-03-01"), ("3-2-502", "租押金", 1, "2026-03-01")))
    assert [problem.field for problem in report.problems] == ["balances!B3"] and "施工押金" in report.problems[0].message
    elm.bring("deposits", sheet(head, ("3-2-501", "施工押金", "800", "2026-03-01"), ("3-2-502", "works_deposit", 1, "2026-03-01")))
    elm.put("held_parking_fen", 500, datetime.fromisoformat("2026-02-01T12:00:00+08:00"))
    elm.bring("deposits", sheet(head, ("3-2-501", "Works deposit", "900.10", "2026-03-02")))
    unit = f"unit:{elm.unit('3-2-501', ELM)}"
    known = {row.name: row for row in elm.rows(Row, subject=unit)}
    assert known["held_works_deposit_fen"].value == {"value": 90010}
    assert known["deposit_held_fen"].value == {"value": 90510}
    assert known["deposit_held_fen"].as_of == datetime.fromisoformat("2026-02-01T12:00:00+08:00")


def test_a_filled_template_comes_in(elm: FactsHouse) -> None:
    for kind in KINDS:
        _fill_and_bring(elm, kind)


def _fill_and_bring(elm: FactsHouse, kind: str) -> None:
    with elm.reading("zhao") as desk:
        data = template_of(desk, ELM, kind)
    book = load_workbook(io.BytesIO(data))
    page = book.active
    assert page is not None
    assert [page.cell(row, 1).value for row in range(2, 5)] == ["3-2-501", "3-2-502", "9-1-1001"]
    assert elm.bring(kind, data).rows == 0  # nothing filled in, nothing to say
    for row, column in ((2, 2), (3, 2)):
        values = (["施工押金"] if kind == "deposits" else []) + [12, NINE.date()]
        for at, value in enumerate(values):
            page.cell(row, column + at, value)
    target = io.BytesIO()
    book.save(target)
    report = elm.bring(kind, target.getvalue())
    assert (report.rows, report.problems) == (2, [])
    value = 1200 if kind in ("balances", "deposits") else 12
    assert {row.value["value"] for row in elm.rows(Row, name=KINDS[kind].fact.name)} == {value}


# ---------------------------------------------------------------- the command


def test_the_command_writes_a_template_tells_mistakes_and_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import json

    from core.cli.program import shouxu

    monkeypatch.setenv("SHOUXU_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SHOUXU_SECRET", "s" * 40)
    units, book = Path("estates/cuiwei/jade_garden/units.xlsx").resolve(), tmp_path / "arrears.xlsx"

    def run(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(shouxu, [*words, "--estate", "jade_garden"])
        assert done.exit_code == code, done.output
        return done.output

    run("import", "units", str(units))
    run("import", "balances", "--template", str(book))
    filled = load_workbook(book)
    page = filled.active
    assert page is not None and page.max_row == 1159
    page["B2"], page["C2"], page["B3"] = 12.345, "2026-03-01", 10
    filled.save(book)
    told = run("import", "balances", str(book), code=1)
    assert "没有导入任何内容" in told and (tmp_path / "arrears.errors.xlsx").exists()
    as_json = json.loads(run("import", "balances", str(book), "--json", code=1))
    assert [(row["row"], row["column"]) for row in as_json["problems"]] == [(2, "B"), (3, "C")]
    page["B2"], page["C3"] = 12.34, "2026-03-01"
    filled.save(book)
    assert json.loads(run("import", "balances", str(book), "--dry-run", "--json"))["changed"] == 2
    assert json.loads(run("import", "balances", str(book), "--json"))["changed"] == 2
    assert json.loads(run("import", "balances", str(book), "--json"))["changed"] == 0
    run("import", "balances", code=2)
