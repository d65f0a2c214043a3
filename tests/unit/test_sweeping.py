"""What is due happens: once, in order, also after a night's rest, whatever becomes of other cases."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, text
from sqlalchemy.dialects import postgresql, sqlite
from structlog.testing import capture_logs

from core.app import job_runner
from core.cases.due import due_list
from core.cases.lifecycle import complete, suspend
from core.cases.notices import inbox
from core.cases.opening import open_case
from core.cases.sweeping import due_timers, sweep_due
from core.definitions.library import Library
from core.domain.sources import ProcedureSource
from core.jobs.tasks import worker_of
from core.store.models import Case, Event, Job, Notice, StepRun, Timer, new_id
from core.store.session import unit_of_work
from tests.cases_kit import DATA, ELM, NINE, Definitions, House, furnished

TIMED = DATA / "timed" / "form_definitions" / "timed"


@pytest.fixture(scope="module")
def timed_definitions(definitions: Definitions) -> Definitions:
    """The definitions of all tests, with the procedure `timed` at elm_court."""
    plugins, library = definitions
    folder = next(iter(library.estates.values())).folder.parents[1]
    said = folder / "acme" / ELM / "estate.yaml"
    kept = said.read_text(encoding="utf-8")
    said.write_text(kept.replace("[move_in, trial]", "[move_in, trial, timed]"), encoding="utf-8")
    timed = ProcedureSource("timed", TIMED, TIMED / "templates", "1")
    try:
        return plugins, Library.load([*library.sources.values(), timed], folder)
    finally:
        said.write_text(kept, encoding="utf-8")


@pytest.fixture
def house(tmp_path: Path, database_url: str, timed_definitions: Definitions) -> Iterator[House]:
    made = furnished(tmp_path, database_url, timed_definitions)
    yield made
    made.office.sessions.kw["bind"].dispose()


@pytest.fixture
def sqlite_house(tmp_path: Path, sqlite_url: str, timed_definitions: Definitions) -> Iterator[House]:
    made = furnished(tmp_path, sqlite_url, timed_definitions)
    yield made
    made.office.sessions.kw["bind"].dispose()


def begin(house: House, *, reported: bool = True) -> str:
    """A case at elm_court whose report is in: the answer is due in two hours."""
    with house.at("wang") as desk:
        case = open_case(desk, ELM, "timed", house.unit("3-2-501", ELM)).id
    if reported:
        house.act("wang", complete, case, "report")
    return case


def by_hand(house: House, case: str, at: datetime, kind: str = "opens", number: int = 1) -> str:
    """A timer of a procedure without any: one that `opens` does nothing, one that is `due` where nothing is due fails."""
    with unit_of_work(house.office.sessions) as session:
        timer = Timer(id=new_id(), estate=ELM, case_id=case, step="ask", round=number, kind=kind, name="0", base_at=at, at=at,
                      state="waiting")
        session.add(timer)
    return timer.id


def timers(house: House, case: str) -> dict[str, str]:
    return {f"{row.kind} {row.step}": row.state for row in house.rows(Timer, case_id=case)}


def events(house: House, case: str, kind: str) -> list[dict[str, Any]]:
    return [row.data for row in house.rows(Event, case_id=case, kind=kind)]


# ---------------------------------------------------------------- what happens


def test_a_missed_deadline_is_told_to_those_it_names(house: House) -> None:
    case = begin(house)
    assert timers(house, case) == {"due answer": "waiting", "repeat patrol": "waiting"}
    assert sweep_due(house.office) == 0
    house.clock.advance(timedelta(hours=2))
    assert sweep_due(house.office) == 1
    assert timers(house, case) == {"due answer": "fired", "repeat patrol": "waiting"}
    (missed,) = events(house, case, "deadline.missed")
    assert missed["step"] == "answer"
    (run,) = house.rows(StepRun, case_id=case, step="answer")
    assert run.overdue_at == house.rows(Timer, case_id=case, kind="due")[0].at
    number = house.view(case).number
    for name in ("wang", "zhao"):
        with house.reading(name) as desk:
            (row,) = inbox(desk, ELM).rows
        assert (row.kind, row.text, row.case, row.step) == ("overdue", f"{number} “答复”已超过时限", case, "answer")
    assert len(house.rows(Job, task="notify")) == 2
    assert sweep_due(house.office) == 0 and len(house.rows(Notice)) == 2


def test_a_step_opens_when_its_time_comes(house: House) -> None:
    case = begin(house)
    house.act("wang", complete, case, "answer")
    assert house.status(case)["call_back"] == "closed"
    house.clock.set(datetime.fromisoformat("2026-03-04T00:00:01+08:00"))
    assert sweep_due(house.office) > 0
    assert house.status(case)["call_back"] == "open"
    assert house.rows(StepRun, case_id=case, step="call_back")[0].state == "open"


def test_what_was_done_in_time_is_not_late(house: House) -> None:
    case = begin(house)
    house.act("wang", complete, case, "answer")
    house.clock.advance(timedelta(hours=3))
    sweep_due(house.office)
    assert events(house, case, "deadline.missed") == [] and house.rows(Notice) == []


def test_after_days_without_a_worker_everything_due_happens_at_the_start(house: House) -> None:
    case, other = begin(house), begin(house)
    house.clock.advance(timedelta(days=4))
    runner = job_runner(house.office)
    runner.start()
    end = time.monotonic() + 30
    while len(house.rows(Event, kind="deadline.missed")) < 4 and time.monotonic() < end:
        time.sleep(0.05)
    runner.stop()
    for one in (case, other):
        assert [row["step"] for row in events(house, one, "deadline.missed")] == ["answer", "patrol"]
        assert [(run.round, run.state) for run in house.rows(StepRun, case_id=one, step="patrol")] == [(1, "skipped"), (2, "open")]


def test_nothing_happens_to_a_suspended_case(house: House) -> None:
    case = begin(house)
    house.act("wang", suspend, case, "业主外出")
    house.clock.advance(timedelta(days=1))
    assert sweep_due(house.office) == 0
    assert events(house, case, "deadline.missed") == []


def test_a_procedure_out_of_service_waits(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    case = begin(house)
    house.clock.advance(timedelta(hours=3))
    monkeypatch.setitem(house.office.plugins.out_of_service, "timed", "broken")
    before = house.rows(Case, id=case)[0].version
    assert sweep_due(house.office) == 0
    assert house.rows(Case, id=case)[0].version == before
    monkeypatch.undo()
    assert sweep_due(house.office) == 1


# ---------------------------------------------------------------- in order, once, apart


def test_a_moment_can_be_named(house: House) -> None:
    case = begin(house)
    assert sweep_due(house.office, at=NINE + timedelta(hours=3)) == 1
    assert house.rows(Timer, case_id=case, kind="due")[0].fired_at == NINE + timedelta(hours=3)


def test_timers_fire_in_the_order_of_their_time(house: House) -> None:
    cases = [begin(house, reported=False) for _ in range(3)]
    for case in reversed(cases):
        house.clock.advance(timedelta(minutes=1))
        house.act("wang", complete, case, "report")
    house.clock.advance(timedelta(hours=3))
    assert sweep_due(house.office, limit=2) == 3
    missed = sorted(house.rows(Event, kind="deadline.missed"), key=lambda event: event.seq)
    assert [event.case_id for event in missed] == cases[::-1]


def test_a_case_that_fails_does_not_stop_the_others(house: House) -> None:
    bad, good = house.begin("trial"), house.begin("trial")
    before = house.rows(Case, id=bad)[0].version
    first = by_hand(house, bad, NINE, number=1)
    broken = by_hand(house, bad, NINE + timedelta(minutes=1), kind="due", number=2)
    never = by_hand(house, bad, NINE + timedelta(minutes=2), number=3)
    fine = by_hand(house, good, NINE + timedelta(minutes=3))
    house.clock.advance(timedelta(hours=1))
    with capture_logs() as said:
        assert sweep_due(house.office, limit=1) == 2
    assert {(row["event"], row["case"], row["timer"]) for row in said} == {("timer_failed", bad, broken)}
    states = {row.id: row.state for row in house.rows(Timer)}
    assert states == {first: "fired", broken: "waiting", never: "waiting", fine: "fired"}
    assert house.rows(Case, id=bad)[0].version == before + 1  # what the failed attempt changed was undone
    assert sweep_due(house.office) == 0
    assert [row.state for row in house.rows(Timer)] == ["fired", "waiting", "waiting", "fired"]


def test_two_sweeps_at_once_fire_each_timer_once(house: House) -> None:
    cases = [begin(house) for _ in range(12)]
    house.clock.advance(timedelta(hours=3))
    start, counts, failed = threading.Barrier(3), [], []

    def sweep() -> None:
        start.wait()
        try:
            counts.append(sweep_due(house.office))
        except BaseException as error:
            failed.append(error)

    workers = [threading.Thread(target=sweep) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failed == [] and sum(counts) == 12
    assert all(len(events(house, case, "deadline.missed")) == 1 for case in cases)
    assert len(house.rows(Notice)) == len(house.rows(Job, task="notify")) == 24


def test_the_worker_of_the_house_sweeps(house: House) -> None:
    begin(house)
    house.clock.advance(timedelta(hours=3))
    worker = worker_of(house.office)
    assert worker.run_chores() == 1
    assert worker.run_pending() == 2  # the two notices


# ---------------------------------------------------------------- the list


def test_the_list_says_what_is_overdue_due_and_to_come(house: House) -> None:
    case = begin(house)
    due_at = house.rows(Timer, kind="due")[0].at

    def listed(at: datetime) -> list[tuple[str, str, str, int]]:
        with house.reading() as desk:
            return [(row.step_title, row.kind, row.state, row.late_seconds) for row in due_list(desk, ELM, at)]

    patrol = ("巡查", "repeat", "waiting", -round((house.rows(Timer, kind="repeat")[0].at - due_at).total_seconds()))
    assert listed(due_at - timedelta(minutes=10)) == [("答复", "due", "waiting", -600), (*patrol[:3], patrol[3] - 600)]
    assert listed(due_at)[0] == ("答复", "due", "due", 0)
    sweep_due(house.office, at=due_at)
    assert listed(due_at + timedelta(hours=1)) == [("答复", "due", "overdue", 3600), (*patrol[:3], patrol[3] + 3600)]
    house.act("wang", complete, case, "answer")
    assert [row[1] for row in listed(due_at + timedelta(hours=1))] == ["repeat", "opens", "expiry"]
    house.act("wang", suspend, case, "业主外出")
    assert {row[2] for row in listed(due_at)} == {"resting", "waiting"}  # a permit runs out all the same


# ---------------------------------------------------------------- 100,000 timers


def many(house: House) -> None:
    """100,000 timers of 500 cases: nine tenths fired long ago, a tenth still to come, fifty due."""
    (model,) = house.rows(Case)
    like = {column.name: getattr(model, column.name) for column in Case.__table__.columns}
    cases = [like | {"id": new_id(), "number": f"many-{number}", "opening_key": None} for number in range(500)]
    rows = [{"id": new_id(), "estate": ELM, "case_id": cases[number % 500]["id"], "step": "answer", "round": 1 + number // 500,
             "kind": "due", "name": "0", "base_at": NINE, "at": NINE + timedelta(minutes=number),
             "state": "fired" if number < 90_000 else "waiting", "fired_at": None} for number in range(100_000)]
    with unit_of_work(house.office.sessions) as session:
        session.execute(insert(Case), cases)
        for begin_at in range(0, len(rows), 5_000):
            session.execute(insert(Timer), rows[begin_at : begin_at + 5_000])
        session.execute(text("ANALYZE"))


def plan(engine: Engine, query: Any) -> str:
    """How the database would do it."""
    dialect = postgresql if engine.dialect.name == "postgresql" else sqlite
    asked = str(query.compile(dialect=dialect.dialect(), compile_kwargs={"literal_binds": True}))
    word = "EXPLAIN" if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    with engine.connect() as connection:
        return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{word} {asked}".replace("%", "%%")))


def test_a_sweep_reads_an_index_not_the_table(house: House) -> None:
    begin(house, reported=False)
    many(house)
    now = NINE + timedelta(minutes=90_050)
    engine = house.office.sessions.kw["bind"]
    columns = (Timer.at, Timer.id, Timer.case_id)
    for query in (due_timers(now), due_timers(now, after=(now - timedelta(minutes=20), "x"))):
        said = plan(engine, query.with_only_columns(*columns))
        assert "ix_timer_next" in said, said
        assert "Seq Scan" not in said and "SCAN timer" not in said, said
    of_one = plan(engine, due_timers(now, limit=1).where(Timer.case_id == house.rows(Case)[-1].id))
    assert "Seq Scan" not in of_one and "SCAN timer" not in of_one, of_one
