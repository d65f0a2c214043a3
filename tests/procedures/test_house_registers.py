"""Registers of 装修 and 报修, each held to an independent count over the store: plain Python over its rows, nothing of core.registers.

The walkthroughs are played one after another, months apart, in one office: a register sees them together.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select, text

from core.cases.desk import Desk, Office
from core.cases.sweeping import sweep_due
from core.clock import FixedClock
from core.registers import Span, Spoken, register_table, register_word, register_xlsx, registers_of
from core.registers.tables import RegisterTable
from core.settings import Settings
from core.store.models import (
    Case,
    Charge,
    Document,
    LedgerLine,
    SeriesNumber,
    StepAct,
    StepRun,
    Submission,
    Timer,
    Unit,
)
from core.store.session import unit_of_work
from core.walkthroughs.player import Player
from core.walkthroughs.script import read_script
from core.walkthroughs.staff import actor_called
from core.walkthroughs.stage import furnish, stage
from tests.remembered_kit import remembering

ROOT = Path(__file__).resolve().parents[2]
DEFINITIONS = ROOT / "form_definitions"
ESTATE = "jade_garden"
FAMILY = ("fit_out", "special_permit", "hidden_works", "violation", "repairs", "repair_settlement")
START = datetime.fromisoformat("2026-03-01T09:00:00+08:00")
UNITS = ("8-1-301", "12-2-902", "6-1-101", "10-1-501", "9-1-801", "10-1-502", "7-1-302", "2-1-301",
         "3-2-501", "3-2-502", "5-1-301", "5-1-302", "1-1-202")
EVER = Span()
PASS_PRICE = 500
MOVING = ("payment", "cancellation", "refund")
LOST = "遗失"


# ---------------------------------------------------------------- a place to play in


@dataclass
class Place:
    """An office in which walkthroughs are played and registers read."""

    office: Office
    folder: Path
    players: dict[str, Player] = field(default_factory=dict)
    spare: Iterator[int] = field(default_factory=lambda: iter(range(1, 1000)))

    @property
    def clock(self) -> FixedClock:
        assert isinstance(self.office.clock, FixedClock)
        return self.office.clock

    def later(self, **length: float) -> None:
        """Let time pass, with what it fires."""
        self.clock.advance(timedelta(**length))
        sweep_due(self.office)

    def walk(self, procedure: str, name: str, *, weeks: int = 0) -> Player:
        """Play a walkthrough as it is, so many weeks later than it is written."""
        said = (DEFINITIONS / procedure / "walkthroughs" / f"{name}.yaml").read_text(encoding="utf-8")
        later = re.sub(r"20\d\d-\d\d-\d\d", lambda day: str(date.fromisoformat(day[0]) + timedelta(weeks=weeks)), said)
        return self._play(name, later)

    def play(self, name: str, script: dict[str, Any], *, on: Player | None = None) -> Player:
        """Play acts, in a case of their own or going on with the case of another player."""
        return self._play(name, yaml.safe_dump(script | {"walkthrough": name, "title": name}, allow_unicode=True), on)

    def goes_on(self, player: Player, *acts: dict[str, Any]) -> None:
        """Further acts in a case."""
        self.play(f"more{next(self.spare)}", {"procedure": "fit_out", "acts": list(acts)}, on=player)

    def _play(self, name: str, said: str, on: Player | None = None) -> Player:
        path = self.folder / f"{name}.yaml"
        path.write_text(said, encoding="utf-8")
        player = Player(self.office, ESTATE, read_script(path), self.clock, case_id=on.case_id if on else "",
                        children=on.children if on else {})
        player.play(skip=("expect", "refused"))
        self.players[name] = player
        return player

    @contextmanager
    def reading(self, by: str = "zhao") -> Iterator[Desk]:
        with unit_of_work(self.office.sessions, readonly=True) as session:
            yield self.office.desk(session, actor_called(session, by, ESTATE))

    def rows(self, model: type[Any], **equal: Any) -> list[Any]:
        with unit_of_work(self.office.sessions, readonly=True) as session:
            return list(session.scalars(select(model).filter_by(**equal).order_by(model.id)))

    def number(self, sql: str, **given: Any) -> int:
        """The one number that plain SQL finds."""
        with unit_of_work(self.office.sessions, readonly=True) as session:
            return session.execute(text(sql), given).scalar() or 0

    def register(self, procedure: str, name: str, span: Span | None = EVER, by: str = "zhao") -> RegisterTable:
        with self.reading(by) as desk:
            return register_table(desk, ESTATE, procedure, name, span)

    # ------------------------------------------------------------ counted again

    def cases(self, procedure: str) -> dict[str, Case]:
        return {row.id: row for row in self.rows(Case, procedure=procedure)}

    def filed(self, procedure: str, step: str) -> dict[str, dict[str, Any]]:
        """The newest values of a step's form, by case."""
        cases, found = self.cases(procedure), sorted(self.rows(Submission, step=step), key=lambda row: (row.round, row.revision))
        return {row.case_id: row.plain for row in found if row.case_id in cases}

    def newest(self, procedure: str, step: str) -> dict[str, StepRun]:
        """The newest round of a step, by case."""
        cases = self.cases(procedure)
        found = sorted((row for row in self.rows(StepRun, step=step) if row.case_id in cases), key=lambda row: row.round)
        return {row.case_id: row for row in found}

    def done(self, procedure: str, step: str) -> set[str]:
        return {case for case, run in self.newest(procedure, step).items() if run.state == "done"}

    def moved(self, charge: Charge) -> Counter[str]:
        found: Counter[str] = Counter()
        for line in self.rows(LedgerLine, charge_id=charge.id):
            found[line.kind] += line.amount
        return found

    def owed(self, procedure: str, *fees: str) -> list[tuple[Charge, int, int, int]]:
        """Charges of a procedure: (charge, paid net of cancellations and refunds, given back, kept)."""
        cases = self.cases(procedure)
        found = []
        for charge in self.rows(Charge):
            if charge.case_id in cases and (not fees or charge.fee in fees):
                lines = self.moved(charge)
                found.append((charge, sum(lines[kind] for kind in MOVING), -lines["refund"], lines["deduction"]))
        return found

    def deadlines(self, procedure: str, *steps: str) -> Counter[tuple[str, str]]:
        """(step, kept, missed, running or void) of every deadline of a procedure."""
        cases, found = self.cases(procedure), Counter[tuple[str, str]]()
        runs = {(run.case_id, run.step, run.round): run for run in self.rows(StepRun)}
        for timer in self.rows(Timer, kind="due"):
            if timer.case_id in cases and (not steps or timer.step in steps):
                run = runs.get((timer.case_id, timer.step, timer.round))
                found[timer.step.partition("@")[0], became(timer, run)] += 1
        return found


def became(timer: Timer, run: StepRun | None) -> str:
    """What became of a deadline: late when its moment came before the step was done."""
    if timer.state == "fired":
        return "missed"
    if run is not None and run.state == "done" and run.done_at:
        return "kept" if run.done_at <= timer.at else "missed"
    return "running" if timer.state in ("waiting", "paused") else "void"


def local(moment: datetime) -> date:
    return (moment + timedelta(hours=8)).date()


def totals(table: RegisterTable) -> dict[str, Any]:
    return {one.name: one.value for one in table.totals}


def figures(table: RegisterTable) -> dict[str, Any]:
    return {one.name: one.value for one in table.figures}


def checks(table: RegisterTable) -> dict[str, bool]:
    assert [one.error for one in table.checks if one.error] == []
    return {one.name: one.holds for one in table.checks}


def column(table: RegisterTable, name: str) -> list[Any]:
    at = [one.name for one in table.columns].index(name)
    return [row.values[at] for row in table.rows]


def groups(table: RegisterTable, name: str, by: int = 1) -> dict[Any, Any]:
    """What one total says of each group; a group by one name is called by its value."""
    at = [one.name for one in table.group_columns].index(name)
    return {values[0] if by == 1 else values[:by]: values[at] for values in table.groups if values[at]}


def percent(part: int, whole: int) -> Decimal:
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), "ROUND_HALF_UP")


@contextmanager
def place(folder: Path) -> Iterator[Place]:
    settings = Settings.load(data_dir=remembering(folder / "installation"), secret="s" * 40)
    with stage(settings, START) as office:
        furnish(office, ESTATE, set(UNITS))
        yield Place(office, folder)


# ---------------------------------------------------------------- fit-outs with other numbers of workers


NAMES = ("田大勇", "罗海生", "唐小军", "许文涛", "郭立新", "邓长河")


def worker(at: int) -> dict[str, str]:
    return {"name": NAMES[at], "kind": "person", "phone": f"1990000890{at}"}


def begun(place: Place, unit: str, workers: int, applied: int | None = None) -> dict[str, Any]:
    """The standard fit-out until every worker has a pass; so many passes applied and paid for."""
    said = yaml.safe_load((DEFINITIONS / "fit_out/walkthroughs/standard.yaml").read_text(encoding="utf-8"))
    start = local(place.clock.now()) + timedelta(days=10)
    acts = []
    for act in said["acts"]:
        (word, told), = act.items()
        step = told.get("step", "") if isinstance(told, dict) else ""
        if word in ("at", "later", "expect", "refused"):
            continue
        if step.startswith("passes"):
            break
        if step == "apply" and word == "submit":
            told["values"] |= {"start_on": str(start), "end_on": str(start + timedelta(days=40)),
                               "pass_count": workers if applied is None else applied}
        if word == "pay":
            told["methods"] = {"cash": "rest"}
        acts.append(act)
    said["parties"]["workers"]["people"] = [worker(at) for at in range(workers)]
    passes = [act for at in range(workers) for act in issued(at + 1)]
    return said | {"unit": unit, "acts": [*acts, *passes]}


def issued(at: int) -> list[dict[str, Any]]:
    """The acts that give a worker a pass."""
    step = f"passes@{at}"
    seen = {"photos": ["original_kept"], "id_copy": ["copy_kept"]}
    return [{"papers": {"step": step, "by": "wang", "have": seen, "counts": {"photos": 2}}},
            {"submit": {"step": step, "by": "wang", "values": {"trade": "painter"}}}, again(at)]


def again(at: int) -> dict[str, Any]:
    return {"issue": {"step": f"passes@{at}", "documents": "all", "by": "wang"}}


def void(reason: str) -> dict[str, Any]:
    """The newest pass that stands is made void."""
    return {"void": {"document": "worker_pass", "reason": reason, "witness": "he", "by": "wang"}}


def paid_for_more(name: str, pieces: int = 1) -> dict[str, Any]:
    """A special permit for more passes, paid."""
    return {"child": {"kind": "special_permit", "name": name, "by": "wang", "acts": [
        {"submit": {"step": "apply", "by": "wang", "values": {
            "kind": "pass", "until_on": "2027-12-31", "reason": "补办、加办", "pieces": pieces, "pass_names": "见附表"}}},
        {"papers": {"step": "apply", "by": "wang", "have": {"pass_papers": ["original_kept"]}}},
        {"approve": {"step": "approve", "by": "he"}}, {"pay": {"step": "pay", "by": "chen", "methods": {"cash": "rest"}}},
        {"issue": {"step": "permit", "documents": "all", "by": "wang"}},
        {"sign": {"document": "replaced_pass", "as": ["responsible"], "way": "tablet", "by": "wang"}}]}}


# ---------------------------------------------------------------- N03: numbers against money


def numbers_given(place: Place) -> int:
    """Passes that were handed out, by the book of numbers: every number but those spoilt at the desk."""
    return place.number("SELECT count(*) FROM series_number WHERE series = 'worker_pass' "
                        "AND NOT (state = 'void' AND void_reason NOT LIKE :lost)", lost=f"%{LOST}%")


def money_taken(place: Place) -> int:
    return place.number("SELECT sum(l.amount) FROM ledger_line l JOIN charge c ON c.id = l.charge_id "
                        "WHERE c.fee = 'pass_fee' AND l.kind IN ('payment', 'cancellation', 'refund')")


def pieces_asked(place: Place) -> int:
    """Passes of the applications whose fee came in: as the forms say, not as the charges do."""
    found = 0
    for procedure, name in (("fit_out", "pass_count"), ("special_permit", "pieces")):
        asked = place.filed(procedure, "apply")
        found += sum(asked[charge.case_id][name] for charge, paid, _, _ in place.owed(procedure, "pass_fee") if paid == charge.amount)
    return found


def reckoned(place: Place) -> tuple[RegisterTable, dict[str, bool]]:
    """The pass register, after it was held to what was counted again."""
    table = place.register("fit_out", "passes")
    said, papers = totals(table), place.rows(Document, name="worker_pass")
    assert figures(table)["collected"] == money_taken(place) and figures(table)["paid_pieces"] == pieces_asked(place)
    assert said["handed_out"] == numbers_given(place)
    assert (said["count"], said["valid"], said["void"]) == (
        len(papers), sum(row.state == "issued" for row in papers), sum(row.state == "void" for row in papers))
    assert sorted(column(table, "number")) == sorted(row.number for row in place.rows(SeriesNumber, series="worker_pass"))
    verdict = checks(table)
    assert verdict["every_number"]
    assert verdict["pieces"] == (numbers_given(place) == pieces_asked(place))
    return table, verdict


def test_the_pass_register_equals_the_money(tmp_path: Path):
    """S1-2 §6.3, over cases with other numbers of workers: spoilt, lost and added passes; and it fails where the rule is broken."""
    with place(tmp_path) as here:
        first = here.play("one", begun(here, "10-1-502", 1))
        here.play("three", begun(here, "7-1-302", 3))
        table, verdict = reckoned(here)
        assert (totals(table)["handed_out"], figures(table)["collected"]) == (4, 4 * PASS_PRICE) and all(verdict.values())
        assert [column(table, name)[:2] for name in ("worker", "trade")] == [["田大勇", "田大勇"], ["painter", "painter"]]
        ends = {case: run.valid_until for case, run in here.newest("fit_out", "permit").items() if run.valid_until}
        assert column(table, "until") == [
            local(ends[row.case_id]) - timedelta(days=1) for row in here.rows(Document, name="worker_pass")]  # until midnight

        # Spoilt at the desk: made void, issued anew without a fee.
        second = here.play("two", begun(here, "2-1-301", 2))
        here.goes_on(second, void("姓名写错"), again(2))
        table, verdict = reckoned(here)
        assert (totals(table)["count"], totals(table)["void"], totals(table)["handed_out"]) == (7, 1, 6) and all(verdict.values())

        # Lost: the replacement is paid for in a special permit, the old one is void and stays counted.
        here.goes_on(second, paid_for_more("lost"), void(f"{LOST}，已补办"), again(2))
        table, verdict = reckoned(here)
        assert (totals(table)["lost"], totals(table)["handed_out"], figures(table)["collected"]) == (1, 7, 7 * PASS_PRICE)
        assert all(verdict.values())

        # One who joins later gets a pass although none was paid for: the register says so, until it is paid.
        here.goes_on(first, {"party": {"party": "workers", "by": "wang", "person": worker(4)}}, *issued(2))
        table, verdict = reckoned(here)
        assert (totals(table)["handed_out"], figures(table)["paid_pieces"]) == (8, 7)
        assert verdict == {"pieces": False, "money": True, "every_number": True}
        here.goes_on(first, paid_for_more("joined"))
        assert all(reckoned(here)[1].values())

        # Money that goes back is missed as well.
        here.goes_on(first, {"refund": {"fee": "pass_fee", "amount": "5.00", "method": "cash", "reason": "多收", "by": "chen"}})
        table = here.register("fit_out", "passes")
        assert figures(table)["collected"] == money_taken(here) == 7 * PASS_PRICE and not checks(table)["money"]

        # Nobody began: sixty days later the permits and passes have run out, and are asked for.
        permits = here.register("fit_out", "permits")
        assert (totals(permits)["valid"], totals(permits)["expired"], permits.flagged) == (3, 0, 0)
        here.later(days=90)
        over = sum(run.valid_until is not None and run.valid_until <= here.clock.now() for run in here.newest("fit_out", "permit").values())
        permits = here.register("fit_out", "permits")
        assert (totals(permits)["valid"], totals(permits)["expired"], permits.flagged) == (0, over, over) and over == 3
        assert all(checks(permits).values())
        assert here.register("fit_out", "passes").flagged == sum(row.state == "issued" for row in here.rows(Document, name="worker_pass"))
        assert here.register("fit_out", "fit_outs").flagged == 3


# ---------------------------------------------------------------- a year of fit-outs


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Three fit-outs as the walkthroughs tell them, one after another."""
    with place(tmp_path_factory.mktemp("year")) as here:
        for at, name in enumerate(("standard", "violations", "special_permits")):
            here.walk("fit_out", name, weeks=18 * at)
        yield here


def test_passes_of_whole_fit_outs_and_their_reckoning(year: Place):
    table, verdict = reckoned(year)
    assert all(verdict.values()) and totals(table)["handed_out"] == 5  # two, one, one; and one that was paid in a special permit
    reckoning, written = year.register("fit_out", "reconciliation"), year.filed("fit_out", "reconcile")
    done = year.done("fit_out", "reconcile")
    assert {row.case_id for row in reckoning.rows} == done and len(done) == 2
    assert totals(reckoning)["collected"] == sum(round(Decimal(written[case]["collected"]) * 100) for case in done)
    excepted = {row.case_id for row in year.rows(StepAct, step="reconcile", kind="override")}
    assert len(excepted) == 1 == totals(reckoning)["excepted"]
    assert {row.case_id for row in reckoning.rows if row.flagged} == excepted
    assert checks(reckoning) == {"all_back": False, "as_numbered": True}  # the remains of one were destroyed, with consent


def test_deposits_are_the_ledger(year: Place):
    table, owed = year.register("fit_out", "deposits"), year.owed("fit_out", "fit_out_deposit")
    assert sorted(zip(column(table, "charged"), column(table, "paid"), column(table, "refunded"), column(table, "deducted"),
                      column(table, "held"), strict=True)) == sorted(
        (charge.amount, paid, back, kept, paid - kept) for charge, paid, back, kept in owed)
    assert totals(table)["held"] == sum(paid - kept for _, paid, _, kept in owed) > 0  # the third is not settled yet
    assert totals(table)["deducted"] == 12000 + 35000 and all(checks(table).values())
    assert totals(table)["holding"] == 1 and table.flagged == 0


def test_a_deposit_that_was_paid_at_move_in_stands_in_the_same_register(tmp_path: Path):
    with place(tmp_path) as here:
        move_in = here.walk("move_in", "individual")
        table = here.register("fit_out", "deposits")
        (charge, paid, back, kept), = here.owed("move_in", "fit_out_deposit")
        assert charge.case_id == move_in.case_id and column(table, "procedure") == ["move_in"]
        assert [row.values[5:10] for row in table.rows] == [(charge.amount, paid, kept, back, paid - kept)]
        assert figures(here.register("fit_out", "passes")) == {"paid_pieces": 0, "payable": 0, "collected": 0}


def test_management_fees_by_month(year: Place):
    table, wanted = year.register("fit_out", "management_fees"), defaultdict(lambda: [0, Decimal(0), 0, 0])
    units, cases = {row.id: row for row in year.rows(Unit)}, year.cases("fit_out")
    for charge, paid, _, _ in year.owed("fit_out", "management_fee"):
        found = wanted[f"{local(charge.at):%Y-%m}"]
        for at, value in enumerate((1, units[cases[charge.case_id].unit_id].area, charge.amount, paid)):
            found[at] += value
    assert {values[0]: list(values[1:5]) for values in table.groups} == dict(wanted) and len(wanted) == 3
    assert totals(table)["due"] == 0 and all(checks(table).values())
    fees = year.register("fit_out", "fees")
    assert groups(fees, "paid") == {
        fee: sum(paid for _, paid, _, _ in year.owed("fit_out", fee)) for fee in ("fit_out_deposit", "management_fee", "pass_fee")}
    assert all(checks(fees).values())


def test_applications_and_approvals_in_time(year: Place):
    table, wanted = year.register("fit_out", "deadlines"), year.deadlines("fit_out", "apply", "approve")
    for state in ("kept", "missed"):
        assert groups(table, state) == {step: many for (step, one), many in wanted.items() if one == state}
    assert wanted["apply", "missed"] == wanted["approve", "missed"] == 1  # the second walk: sent back, and signed late
    kept = sum(many for (_, state), many in wanted.items() if state == "kept")
    assert totals(table)["rate"] == percent(kept, kept + 2) and table.flagged == 2
    approvals, rounds = year.register("fit_out", "approvals"), [run for run in year.rows(StepRun, step="approve") if run.state == "done"]
    outcomes = Counter(run.outcome for run in rounds if run.case_id in year.cases("fit_out"))
    found: Counter[str] = Counter()
    for values in approvals.groups:
        found[values[1]] += values[2]
    assert found == outcomes and outcomes["returned"] == 1 and totals(approvals)["cases"] == 3


def test_permits_that_are_good_and_that_ran_out(year: Place):
    table = year.register("fit_out", "permits")
    assert totals(table) | {"count": 3, "finished": 3, "valid": 0, "expired": 0} == totals(table) and all(checks(table).values())
    special, now = year.register("special_permit", "permits"), year.clock.now()
    rounds = [run for run in year.rows(StepRun, step="permit") if run.state == "done" and run.case_id in year.cases("special_permit")]
    kinds = year.filed("special_permit", "apply")
    assert groups(special, "count") == Counter(kinds[run.case_id]["kind"] for run in rounds) and len(rounds) > 8
    assert totals(special)["expired"] == sum(run.valid_until <= now for run in rounds)
    assert totals(special)["valid"] == sum(run.valid_until > now for run in rounds) and all(checks(special).values())
    assert special.flagged == 0  # the last extinguishers came back
    asked = year.register("special_permit", "applications")
    assert groups(asked, "count") == Counter(one["kind"] for one in kinds.values())
    assert totals(asked)["refused"] == sum(case.state == "refused" for case in year.cases("special_permit").values()) == 2
    assert all(checks(asked).values())


def test_hot_work_and_extinguishers(year: Place):
    table = year.register("special_permit", "hot_work")
    assert column(table, "number") == [row.number for row in year.rows(SeriesNumber, series="hot_work")] and len(table.rows) == 2
    assert [row.flagged for row in table.rows] == [True, False]  # nothing was done on the first day; supervised on the second
    assert totals(table)["supervised"] == 1
    watched, (said,) = year.register("special_permit", "supervision"), year.filed("special_permit", "supervise").values()
    assert [column(watched, name) for name in ("began_at", "guard", "number")] == [
        [said["began_at"]], [said["guard"]], column(table, "number")[1:]]
    bottles = year.register("special_permit", "extinguishers")
    (handed,) = year.filed("special_permit", "hand_out").values()
    assert column(bottles, "bottle") == [one["bottle_number"] for one in handed["bottles"]] and totals(bottles)["out"] == 0
    fees = year.register("special_permit", "fees")
    assert groups(fees, "charged") == {fee: sum(charge.amount for charge, *_ in year.owed("special_permit", fee)) for fee in (
        "temporary_power", "extinguisher_rent", "extinguisher_deposit", "pass_fee")}
    assert totals(fees)["deducted"] == 6000 and totals(fees)["held"] == 0 and all(checks(fees).values())


def test_patrols_signed_in_by_department(year: Place):
    table, cases = year.register("fit_out", "patrols"), year.cases("fit_out")
    rounds = [run for run in year.rows(StepRun) if run.step.startswith("patrol@") and run.case_id in cases
              and (run.state != "skipped" or run.overdue_at)]  # what nobody did was closed when the next day came
    by = {word: Counter(run.step.partition("@")[2] for run in rounds if holds(run)) for word, holds in (
        ("count", lambda run: True), ("done", lambda run: run.state == "done"), ("missed", lambda run: run.overdue_at is not None))}
    assert {word: groups(table, word) for word in by} == by and sum(by["done"].values()) == 5 and sum(by["missed"].values()) > 5
    judged = [run for run in rounds if run.state == "done" or run.overdue_at]
    assert totals(table)["rate"] == percent(sum(run.state == "done" and not run.overdue_at for run in judged), len(judged))
    assert [at for at, missed in zip(column(table, "filed_at"), column(table, "missed"), strict=True) if missed and at] == []
    day = min(local(run.opened_at) for run in rounds)
    first = year.register("fit_out", "patrols", Span(day, day))
    assert {(said, at) for said, at in zip(column(first, "department"), column(first, "at"), strict=True)} >= {
        ("service", "10:20"), ("engineering", "11:05"), ("security", "15:30")}
    assert "一人未佩戴出入证" in "".join(str(said) for said in column(first, "findings"))


def test_violations_by_rung_and_by_head(year: Place):
    cases = {case.id: case for case in year.cases("violation").values() if case.state != "withdrawn"}
    runs, said, orders = year.newest("violation", "measure"), year.filed("violation", "record"), year.filed("violation", "order")
    table = year.register("violation", "violations")
    assert groups(table, "count", 2) == Counter((runs[case].rung, said[case]["severity"]) for case in cases)
    assert [runs[case].rung for case in sorted(cases)] == ["oral", "notice", "final", "clear_site"]
    assert totals(table)["penalty"] == sum(round(Decimal(orders[case]["penalty"]) * 100) for case in orders if case in cases) == 20000
    assert totals(table)["damages"] == 15000 and table.flagged == 2  # the third and the fourth of the unit
    heads = year.register("violation", "heads")
    assert groups(heads, "count", 2) == Counter((said[case]["head"], said[case]["severity"]) for case in cases)
    assert all(checks(heads).values())
    orders_kept = year.register("violation", "rectification")
    assert totals(orders_kept) | {"count": 2, "in_time": 2, "late": 0, "open": 0} == totals(orders_kept)
    fixed = {run.case_id: run.done_at for run in year.rows(StepRun, step="rectify") if run.state == "done"}
    assert totals(orders_kept)["in_time"] == sum(str(local(fixed[case])) <= orders[case]["finish_by"] for case in orders)


def test_hidden_works_and_the_ledger_of_fit_outs(year: Place):
    table, said = year.register("hidden_works", "inspections"), year.filed("hidden_works", "notify")
    assert groups(table, "count") == Counter(one["part"] for one in said.values()) and table.flagged == 0
    ledger, cases = year.register("fit_out", "fit_outs"), year.cases("fit_out")
    assert column(ledger, "number") == [case.number for case in sorted(cases.values(), key=lambda case: case.opened_at)]
    below = Counter(case.parent_id for case in year.cases("violation").values() if case.state != "withdrawn")
    assert column(ledger, "violations") == [below[row.case_id] for row in ledger.rows]
    assert totals(ledger)["accepted"] == 1 and ledger.flagged == 0
    finished = year.register("fit_out", "acceptances")
    assert totals(finished)["count"] == len(year.done("fit_out", "accept")) and totals(finished)["damages"] == 12000


# ---------------------------------------------------------------- repairs

WALKS = ("household", "public", "warranty_rework", "refused", "tenant_appointed", "declined", "slips", "unlisted")


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Every walkthrough of the repairs, five weeks after one another; the last is left open."""
    with place(tmp_path_factory.mktemp("mended")) as here:
        for at, name in enumerate(WALKS):
            here.walk("repairs", name, weeks=5 * at)
        yield here


def standing(place: Place, name: str) -> dict[str, Document]:
    return {row.case_id: row for row in place.rows(Document, name=name) if row.state == "issued"}


def test_reports_and_the_ledger_of_repairs(mended: Place):
    cases, said = mended.cases("repairs"), mended.filed("repairs", "intake")
    table = mended.register("repairs", "reports")
    assert column(table, "number") == [case.number for case in sorted(cases.values(), key=lambda case: case.opened_at)]
    assert totals(table)["household"] == sum(one["kind"] == "unit" for one in said.values())
    assert totals(table)["public"] == sum(one["kind"] == "place" for one in said.values()) == 1
    assert totals(table)["not_taken"] == len([case for case in cases if case not in mended.done("repairs", "accept")]) == 0
    with mended.reading() as desk:
        phones = {line[6] for line in (Spoken(desk, ESTATE).line(table.columns, row.values) for row in table.rows)}
    assert phones and all(re.fullmatch(r"\d{3}\*+\d{4}", phone) for phone in phones)
    ledger = mended.register("repairs", "ledger")
    came = mended.filed("repairs", "arrive")
    assert [at and at.strftime("%Y-%m-%dT%H:%M") for at in column(ledger, "arrived_at")] == [
        came.get(row.case_id, {}).get("arrived_at") for row in ledger.rows]  # the estate's clock, as it was written
    done = mended.done("repairs", "work")
    assert totals(ledger) | {"count": len(cases), "done": len(done), "open": 0, "answered": 2} == totals(ledger)
    assert column(ledger, "charged") == [sum(charge.amount for charge, *_ in mended.owed("repairs") if charge.case_id == row.case_id)
                                         for row in ledger.rows]
    assert all(checks(ledger).values())


def test_the_log_has_a_line_for_each_time(mended: Place):
    table = mended.register("repairs", "work_log")
    rounds = [run for run in mended.rows(StepRun, step="work") if run.state == "done"]
    technicians = mended.filed("repairs", "accept")
    assert groups(table, "count") == Counter(technicians[run.case_id]["technician"] for run in rounds)
    assert totals(table)["again"] == sum(run.round > 1 for run in rounds) == 1
    wrote = {(row.case_id, row.round): row.plain["content"]
             for row in sorted(mended.rows(Submission, step="work"), key=lambda row: row.revision)}
    assert sorted(column(table, "content")) == sorted(wrote[run.case_id, run.round] for run in rounds)
    day = local(rounds[0].done_at)
    assert totals(mended.register("repairs", "work_log", Span(day, day)))["count"] == sum(local(run.done_at) == day for run in rounds)


def test_statistics_and_the_rate_of_handling(mended: Place):
    table, said = mended.register("repairs", "statistics"), mended.filed("repairs", "intake")
    judged, cases, done = mended.filed("repairs", "judge"), mended.cases("repairs"), mended.done("repairs", "work")
    handled = {case for case in cases if case in done or cases[case].state in ("declined", "returned")}
    assert groups(table, "count") == Counter(one["trade"] for one in said.values())
    assert groups(table, "handled") == Counter(said[case]["trade"] for case in handled)
    for name, word, value in (("in_warranty", "coverage", "in_warranty"), ("public", "coverage", "public"), ("paid", "coverage", "paid"),
                              ("own_fit_out", "cause", "own_fit_out")):
        assert totals(table)[name] == sum(one[word] == value for one in judged.values()), name
    assert totals(table)["again"] == 1 and totals(table)["rate"] == percent(len(handled), len(cases))
    assert checks(table) == {"rate": True}
    causes = mended.register("repairs", "causes")
    assert groups(causes, "count", 2) == Counter((one["cause"], one["coverage"]) for one in judged.values())


def reported(unit: str, trade: str = "water", **more: Any) -> dict[str, Any]:
    """A repair that was reported and taken."""
    return {"procedure": "repairs", "unit": unit, "parties": {"customer": {"from": "unit.owners"}}, "acts": [
        {"open": {"by": "wang"}},
        {"submit": {"step": "intake", "by": "wang", "values": {
            "kind": "unit", "trade": trade, "location": "厨房", "content": "漏水", "payer": "owner", "urgency": "now", "listed": True,
            "items": [{"service": "hose", "count": 1}], **more}}}]}


def test_the_rate_of_kpi04_can_be_missed_and_a_unit_that_reports_again_is_marked(tmp_path: Path):
    with place(tmp_path) as here:
        first = here.play("first", reported("3-2-501"))
        table = here.register("repairs", "statistics")
        assert (totals(table)["rated"], totals(table)["rated_handled"], checks(table)) == (1, 0, {"rate": False})
        here.play("lamp", reported("3-2-501", "electricity"))
        assert here.register("repairs", "ledger").flagged == 0
        here.later(days=29)
        here.play("again", reported("3-2-501"))
        ledger = here.register("repairs", "ledger")
        assert [row.case_id for row in ledger.rows if row.flagged] == [here.players["again"].case_id]
        here.goes_on(first, {"withdraw": {"reason": "自行修好", "by": "wang"}})
        here.goes_on(here.players["again"], {"withdraw": {"reason": "误报", "by": "wang"}})
        assert checks(here.register("repairs", "statistics")) == {"rate": True}  # what was withdrawn is no repair
        assert totals(here.register("repairs", "reports"))["withdrawn"] == 2
        # Nobody took the order: ten minutes for telling engineering are over.
        wanted = here.deadlines("repairs")
        assert wanted["accept", "missed"] >= 1
        table = here.register("repairs", "deadlines")
        found: Counter[str] = Counter()
        at = [one.name for one in table.group_columns].index("missed")
        for values in table.groups:
            found[values[0]] += values[at]
        assert found["accept"] == wanted["accept", "missed"] and all(checks(table).values())


def test_paid_services_are_the_books(mended: Place):
    table, owed = mended.register("repairs", "paid_services"), mended.owed("repairs")
    charged = Counter[str]()
    paid = Counter[str]()
    for charge, came, _, _ in owed:
        charged[charge.case_id] += charge.amount
        paid[charge.case_id] += came
    orders = standing(mended, "work_order")
    assert list(zip(*(column(table, name) for name in ("order", "charged", "paid")), strict=True)) == [
        (row.number, charged[case], paid[case]) for case, row in orders.items() if charged[case]]
    assert totals(table)["charged"] == sum(charge.amount for charge, *_ in owed) and checks(table) == {"as_booked": True}
    payers = mended.filed("repairs", "intake")
    assert groups(table, "charged") == Counter({who: sum(many for case, many in charged.items() if payers[case]["payer"] == who)
                                                for who in ("owner", "tenant")})
    assert {row.case_id for row in table.rows if row.flagged} == {mended.players["unlisted"].case_id}  # not paid when the month ended
    items = mended.register("repairs", "charges")
    assert groups(items, "charged") == Counter(
        {fee: sum(charge.amount for charge, *_ in mended.owed("repairs", fee)) for fee in {row.fee for row, *_ in owed}})
    assert all(checks(items).values())


def test_common_facilities_and_the_costs_of_the_months(mended: Place):
    table, works = mended.register("repairs", "public_costs"), mended.filed("repairs", "work")
    orders, household = standing(mended, "public_work_order"), standing(mended, "work_order")
    assert [(number, cost) for number, cost in zip(column(table, "order"), column(table, "cost"), strict=True)] == [
        (row.number, round(Decimal(works[case]["public_cost"]) * 100)) for case, row in orders.items()]
    assert totals(table)["cost"] == 6600 and column(table, "content") == ["更换筒灯三只"]
    monthly = mended.register("repairs", "monthly")
    wanted: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for case, row in (*orders.items(), *household.items()):
        found = wanted[f"{local(row.at):%Y-%m}"]
        found[0] += 1
        found[1] += sum(charge.amount for charge, *_ in mended.owed("repairs") if charge.case_id == case)
        found[2] += round(Decimal(works[case].get("public_cost") or 0) * 100)
    at = [[one.name for one in monthly.group_columns].index(name) for name in ("count", "charged", "public_cost")]
    assert {values[0]: [values[one] for one in at] for values in monthly.groups} == dict(wanted) and len(wanted) >= 5
    assert all(checks(monthly).values())


def test_every_number_of_an_order_stands_in_one_register(mended: Place):
    table = mended.register("repairs", "orders")
    assert column(table, "number") == [row.number for row in mended.rows(SeriesNumber, series="work_order")]
    assert groups(table, "count") == Counter(row.name for row in mended.rows(Document, series="work_order"))
    assert set(groups(table, "count")) == {"work_order", "public_work_order", "returned_order", "rework_order"}
    assert all(checks(table).values())


def test_times_kept_and_missed(mended: Place):
    wanted, table = mended.deadlines("repairs"), mended.register("repairs", "deadlines")
    for name in ("kept", "missed", "running"):
        found: Counter[str] = Counter()
        at = [one.name for one in table.group_columns].index(name)
        for values in table.groups:
            found[values[0]] += values[at]
        assert +found == Counter({step: many for (step, state), many in wanted.items() if state == name}), name
    assert wanted["arrive", "missed"] and wanted["arrive", "kept"] and wanted["visit", "missed"] and wanted["settle", "missed"]
    assert all(checks(table).values()) and table.flagged == totals(table)["missed"]


def test_arrivals_by_what_was_promised(mended: Place):
    table, said = mended.register("repairs", "arrivals"), mended.filed("repairs", "intake")
    runs = {(run.case_id, run.round): run for run in mended.rows(StepRun, step="arrive")}
    wanted: dict[str, Counter[tuple[Any, ...]]] = {"kept": Counter(), "missed": Counter()}
    for timer in mended.rows(Timer, kind="due", step="arrive"):
        state, one = became(timer, runs.get((timer.case_id, timer.round))), said[timer.case_id]
        if state in wanted:
            wanted[state][one["kind"], one["urgency"], one["listed"]] += 1
    assert {state: groups(table, state, 3) for state in wanted} == wanted
    late = {row.case_id for row in table.rows if row.flagged}
    assert mended.players["tenant_appointed"].case_id in late  # not five minutes early
    assert totals(table)["rate"] == percent(sum(wanted["kept"].values()), sum(map(sum, (one.values() for one in wanted.values()))))
    assert all(checks(table).values())


def test_return_visits_and_second_repairs(mended: Place):
    table = mended.register("repairs", "visits")
    rounds = [run for run in mended.rows(StepRun, step="visit") if run.state != "skipped"]
    outcomes = Counter(run.outcome for run in rounds if run.state == "done")
    said = totals(table)
    assert (said["count"], said["visited"], said["satisfied"], said["dissatisfied"]) == (
        len(rounds), sum(outcomes.values()), outcomes["satisfied"], outcomes["dissatisfied"]) and outcomes["dissatisfied"] == 1
    assert said["missed"] == sum(run.overdue_at is not None for run in rounds) > 0
    assert said["rate"] == percent(outcomes["satisfied"], sum(outcomes.values()))
    newest = {(row.case_id, row.round): row.plain.get("opinion") or ""
              for row in sorted(mended.rows(Submission, step="visit"), key=lambda row: row.revision)}
    assert sorted(value or "" for value in column(table, "opinion")) == sorted(newest.get((run.case_id, run.round), "") for run in rounds)
    second = mended.register("repairs", "second_repairs")
    again = [run for run in mended.rows(StepRun, step="arrive") if run.round > 1]
    assert [row.case_id for row in second.rows] == [run.case_id for run in again] == [mended.players["warranty_rework"].case_id]
    assert column(second, "order") == [row.number for row in mended.rows(Document, name="rework_order")]
    assert totals(second)["workmanship"] == 1 and totals(second)["open"] == 0


# ---------------------------------------------------------------- the month is settled


def settled(paid: list[dict[str, Any]], public: list[dict[str, Any]], trades: list[dict[str, Any]]) -> dict[str, Any]:
    return {"procedure": "repair_settlement", "acts": [
        {"open": {"by": "wang"}},
        {"submit": {"step": "collect", "by": "wang", "values": {"month": "2026-03", "attached": True, "paid": paid, "public": public}}},
        {"submit": {"step": "statistics", "by": "wang", "values": {
            "trades": trades, "repeated": 0, "visited": 1, "satisfied": 1, "reason": "一件待配件"}}}]}


def test_a_settlement_agrees_with_the_books_or_says_not(tmp_path: Path):
    with place(tmp_path) as here:
        here.walk("repairs", "public")
        with_order = here.play("paid", reported("3-2-501"))
        at = local(here.clock.now()).isoformat()
        here.goes_on(
            with_order, {"submit": {"step": "accept", "by": "li", "values": {"technician": "李建国"}}},
            {"issue": {"step": "accept", "documents": ["intake_record"], "by": "li"}},
            {"sign": {"document": "intake_record", "as": ["engineering"], "way": "account", "by": "li"}},
            {"submit": {"step": "arrive", "by": "li", "values": {"arrived_at": f"{at}T12:00", "matches": True}}},
            {"submit": {"step": "judge", "by": "li", "values": {"coverage": "paid", "cause": "wear", "plan": "更换软管"}}},
            {"submit": {"step": "consent", "by": "li", "values": {"shown": True, "explained": True, "answer": "accepted"}}},
            {"decide": {"step": "consent", "outcome": "accepted", "by": "li"}},
            {"submit": {"step": "work", "by": "li", "values": {
                "started": f"{at}T12:10", "finished": f"{at}T12:30", "content": "更换软管", "tried": True}}},
            {"check": {"step": "work", "by": "li", "results": {"*": "passed"}}},
            {"issue": {"step": "work", "documents": "all", "by": "li"}},
            {"sign": {"document": "work_order", "as": ["customer"], "way": "tablet", "by": "li"}},
            {"sign": {"document": "work_order", "as": ["engineering"], "way": "account", "by": "li"}},
            {"sign": {"document": "work_order", "as": ["engineering_head"], "way": "account", "by": "qian"}})
        (order,), (public,) = here.rows(Document, name="work_order"), here.rows(Document, name="public_work_order")
        owed = sum(charge.amount for charge, *_ in here.owed("repairs"))
        line = {"order": order.number, "unit": "3-2-501", "customer": "业主", "payer": "owner", "content": "更换软管",
                "amount": f"{owed / 100:.2f}", "paid": False}
        cost = {"order": public.number, "place": "大堂", "content": "更换筒灯", "cost": "66.00"}
        trades = [{"trade": "water", "reported": 10, "handled": 9}, {"trade": "electricity", "reported": 4, "handled": 1}]
        here.play("march", settled([line], [cost], trades))
        paid = here.register("repair_settlement", "paid_services")
        assert (totals(paid)["amount"], figures(paid)["booked"], checks(paid), paid.flagged) == (owed, owed, {"as_booked": True}, 0)
        common = here.register("repair_settlement", "public_costs")
        assert (totals(common)["cost"], figures(common)["issued"], checks(common)) == (6600, 1, {"every_order": True})
        counted = here.register("repair_settlement", "statistics")
        assert (totals(counted)["reported"], totals(counted)["handled"]) == (14, 10)
        assert [row.flagged for row in counted.rows] == [True, False]  # electricity is not rated

        # The same orders once more: twice in the sheet, more than in the books.
        here.play("again", settled([line], [cost], trades))
        paid, common = here.register("repair_settlement", "paid_services"), here.register("repair_settlement", "public_costs")
        assert (checks(paid), paid.flagged, checks(common), common.flagged) == ({"as_booked": False}, 1, {"every_order": False}, 1)

        # Put together after the month had ended.
        here.play("late", {"procedure": "repair_settlement", "acts": [{"open": {"by": "wang"}}]})
        here.later(days=40)
        wanted = here.deadlines("repair_settlement")
        table = here.register("repair_settlement", "deadlines")
        assert (totals(table)["kept"], totals(table)["missed"]) == (wanted["collect", "kept"], wanted["collect", "missed"]) == (2, 1)
        months = here.register("repair_settlement", "visits")
        assert (totals(months)["count"], totals(months)["visited"], totals(months)["late"]) == (3, 2, 1)


# ---------------------------------------------------------------- every one of them


@pytest.mark.parametrize("which", ["year", "mended"])
def test_every_register_is_read_in_both_languages_and_on_paper(which: str, request: pytest.FixtureRequest):
    here: Place = request.getfixturevalue(which)
    with here.reading() as desk:
        entries = [one for one in registers_of(desk, ESTATE) if one.procedure in FAMILY]
        assert {one.procedure for one in entries} == set(FAMILY)
        for entry in entries:
            table = register_table(desk, ESTATE, entry.procedure, entry.name)  # its own present period
            assert [one.error for one in table.checks if one.error] == [], entry.name
            whole = register_table(desk, ESTATE, entry.procedure, entry.name, EVER)
            page = register_table(desk, ESTATE, entry.procedure, entry.name, EVER, size=2)
            assert page.rows == whole.rows[:2], entry.name
            assert (page.totals, page.groups, page.checks) == (whole.totals, whole.groups, whole.checks), entry.name
            assert register_xlsx(desk, whole)[:2] == b"PK", entry.name
            if len(whole.columns) <= 12:
                assert register_word(desk, whole)[:2] == b"PK", entry.name


def test_money_is_for_those_who_may_see_it(year: Place):
    with year.reading("li") as desk:
        seen = {(one.procedure, one.name) for one in registers_of(desk, ESTATE)}
    assert not seen & {("fit_out", "deposits"), ("fit_out", "management_fees"), ("fit_out", "fees"), ("special_permit", "fees"),
                       ("repairs", "paid_services"), ("repairs", "charges"), ("repair_settlement", "paid_services")}
    assert {("fit_out", "passes"), ("fit_out", "patrols"), ("repairs", "work_log"), ("repairs", "public_costs")} <= seen
    with year.reading("chen") as desk:
        assert ("fit_out", "deposits") in {(one.procedure, one.name) for one in registers_of(desk, ESTATE)}


def test_every_register_says_itself_in_both_languages_and_where_it_comes_from():
    wrong, carried = [], ""
    for procedure in FAMILY:
        for one in yaml.safe_load((DEFINITIONS / procedure / "registers.yaml").read_text(encoding="utf-8"))["registers"]:
            told = [one["title"], *(one[part] for part in ("help",) if part in one), *(
                said["title"] for part in ("columns", "totals", "figures", "checks") for said in one.get(part, ())
                if isinstance(said, dict) and "title" in said), *([one["flag"]["title"]] if "flag" in one else [])]
            wrong += [f"{procedure}.{one['name']}: {said}" for said in told
                      if not (said.get("zh") and said.get("en")) or re.search(r"[\u4e00-\u9fff][,;:!?](?=[\u4e00-\u9fff])", said["zh"])]
            wrong += [f"{procedure}.{one['name']}: no source"] * (not one.get("source"))
            carried += one["source"] + " "
    assert wrong == []
    for number in ("F59", "N03", "F63", "F66", "F77", "F78", "F80", "F81", "F84", "F85", "F86", "F87", "F89", "KPI04", "KPI09"):
        assert re.search(rf"\b{number}\b", carried), number
