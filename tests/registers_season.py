"""Some weeks of a small procedure, and what is known of them: whoever plays them writes down in plain Python what was done.

Nothing here reads the store to learn what happened; ids and numbers are only handles for the next act.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from docx import Document as WordFile

from core.cases import filling, issuing, lifecycle, opening, payments, voiding
from core.cases.building import build_office
from core.cases.casefile import open_file
from core.clock import FixedClock
from core.loader import Plugins
from core.settings import Settings
from core.store.models import Charge, LedgerLine as _Line
from tests.cases_kit import ELM, FIRM, NINE, OWNER
from tests.language_kit import Office, procedures

OUTING = {
    "procedure.yaml": """\
        source: test
        one_open_per_unit: false
        parties: {owner: {title: 业主, kind: either, from: unit.owners}}
        steps:
          - {name: ask, title: 申请, role: service, form: request}
          - name: look
            title: 查看
            role: engineering
            form: finding
            requires: [ask]
            when: "ask.kind != 'gas'"
            due:
              - {by: ask.kind, values: {water: {hours: 4}, power: {days: 1}}}
              - {hours: 2, when: "ask.urgent == true"}
            outcomes:
              fine: {title: 正常}
              refused: {title: 不行, end: refused, reason: required}
          - {name: pay, title: 交费, role: finance, fees: advance, requires: [look]}
          - {name: paper, title: 出单, role: service, documents: [slip, note], requires: [ask]}
          - name: visit
            title: 回访
            role: service
            requires: [pay]
            due: {hours: 30}
            outcomes:
              good: {title: 满意}
              bad: {title: 不满意, reopen: [look], reason: required}
        children:
          extra: {title: 附件, procedure: extra, from: ask}
          spare: {title: 备件, procedure: extra, from: ask}
        ends: [completed, refused]
        """,
    "forms/request.yaml": """\
        form: request
        title: 申请
        fields:
          - {name: kind, title: 种类, type: choice, required: true, choices: [
              {value: water, title: 水}, {value: power, title: 电}, {value: gas, title: 气}]}
          - {name: pieces, title: 件数, type: integer, required: true, min: 1, max: 9}
          - {name: urgent, title: 加急, type: yes_no, required: true}
          - {name: cost, title: 估价, type: money}
          - {name: weight, title: 重量, type: decimal}
          - {name: wanted, title: 希望日期, type: date}
          - {name: note, title: 说明, type: text}
          - name: things
            title: 明细
            type: table
            columns:
              - {name: what, title: 物品, type: choice, required: true, choices: [{value: desk, title: 桌}, {value: bag, title: 袋}]}
              - {name: count, title: 数量, type: integer}
        """,
    "forms/finding.yaml": """\
        form: finding
        title: 查看
        fields:
          - {name: level, title: 程度, type: choice, required: true, choices: [{value: low, title: 轻}, {value: high, title: 重}]}
          - {name: hours, title: 工时, type: integer}
        """,
    "fee_schedule.yaml": """\
        fees:
          - {name: deposit, title: 押金, stage: advance, rate: "2.50", per: [piece], quantity: ask.pieces, refundable: true}
          - {name: handling, title: 手续费, stage: advance, amount: "8.00", waive: [manager]}
        """,
    "documents.yaml": """\
        series: [{name: slip, title: 回执编号册, pattern: "H{number:04d}"}]
        documents:
          - {name: slip, title: 回执, template: slip.docx, series: slip, packet: 1}
          - {name: note, title: 告知书, template: slip.docx, packet: 2}
        """}
EXTRA = "source: test\nonly_as_child: true\none_open_per_unit: false\nsteps: [{name: do, title: 办, role: service}]\n"
UNITS: dict[str, dict[str, Any]] = {
    "3-2-501": {"unit.building": "3", "unit.floor": 5, "unit.area": Decimal("97.15"), "unit.building_type": "walk_up"},
    "3-2-502": {"unit.building": "3", "unit.floor": 5, "unit.area": Decimal("88.00"), "unit.building_type": "walk_up"},
    "9-1-1001": {"unit.building": "9", "unit.floor": 10, "unit.area": Decimal("120.50"), "unit.building_type": "elevator"}}
OWNERS = {"3-2-501": OWNER["name"], "9-1-1001": FIRM["name"]}
"""Who owns the units that have cases; 3-2-502 has none."""
NAMES = {"wang": "王晓梅", "li": "李建国", "chen": "陈淑芬", "zhao": "赵明远"}


@dataclass(eq=False)
class Run:
    """A round of a step."""

    case: Told
    step: str
    round: int
    opened: datetime
    state: str = "open"
    done: datetime | None = None
    by: str = ""
    outcome: str = ""
    missed: bool = False
    filed: dict[str, Any] | None = None


@dataclass(eq=False)
class Limit:
    """A deadline of a round. `state`: waiting, paused, fired, kept (its round was done before), void."""

    run: Run
    name: str
    at: datetime
    state: str = "waiting"
    rests: datetime | None = None


@dataclass(eq=False)
class Paper:
    case: Told
    run: Run
    name: str
    id: str
    at: datetime
    state: str = "issued"
    ended: datetime | None = None
    why: str = ""


@dataclass(eq=False)
class Owed:
    """A charge with all that moved against it: (kind, amount, method, day, receipt, reason)."""

    case: Told
    fee: str
    at: datetime
    amount: int
    pieces: int
    id: str = ""
    moved: list[tuple[str, int]] = field(default_factory=list)

    def sum(self, *kinds: str) -> int:
        return sum(fen for kind, fen in self.moved if kind in kinds)

    @property
    def open(self) -> int:
        return max(0, self.amount - self.sum("payment", "cancellation", "waiver"))


@dataclass(eq=False)
class Booked:
    owed: Owed
    kind: str
    fen: int
    method: str
    at: datetime
    receipt: str | None
    reason: str


@dataclass(eq=False)
class Told:
    """A case as it was played."""

    id: str
    unit: str
    opened: datetime
    kind: str = ""
    parent: Told | None = None
    state: str = "open"
    ended: datetime | None = None
    runs: list[Run] = field(default_factory=list)
    owed: list[Owed] = field(default_factory=list)
    things: list[dict[str, Any]] = field(default_factory=list)

    def last(self, step: str) -> Run | None:
        return next((run for run in reversed(self.runs) if run.step == step), None)

    def filed(self, step: str) -> dict[str, Any]:
        return next((run.filed for run in reversed(self.runs) if run.step == step and run.filed is not None), {})


class Season:
    """Plays, and keeps what it played."""

    def __init__(self, folder: Path, database_url: str, seed: int, cases: int = 31) -> None:
        self.chance = random.Random(seed)
        templates = folder / "document_templates" / "outing"
        templates.mkdir(parents=True)
        word = WordFile()
        word.add_paragraph("{{ document.number }} {{ forms.request.pieces }}")
        word.save(str(templates / "slip.docx"))
        library = procedures(folder, {"outing": OUTING, "extra": EXTRA})
        settings = Settings.load(data_dir=folder / "data", database_url=database_url, secret="k" * 40, estates_dir=folder / "estates")
        self.clock = FixedClock(NINE)  # moved by the season alone: it knows the moment of every act
        self.house = Office(build_office(settings, clock=self.clock, durable=False, definitions=(Plugins(), library)), self.clock)
        self.house.move_in_staff_and_owners((ELM,))
        self.cases: list[Told] = []
        self.children: list[Told] = []
        self.runs: list[Run] = []
        self.limits: list[Limit] = []
        self.papers: list[Paper] = []
        self.owed: list[Owed] = []
        self.booked: list[Booked] = []
        self.receipts = {"receipt": 0, "refund": 0}
        for at in range(cases):
            self.play(hurried=at >= cases - 5)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    # ------------------------------------------------------------ time

    def wait(self, **length: int) -> None:
        self.house.wait(**length)
        for limit in self.limits:
            if limit.state == "waiting" and limit.at <= self.now:
                limit.state, limit.run.missed = "fired", True

    def some_time(self) -> None:
        self.wait(minutes=self.chance.choice((3, 20, 50, 130, 250, 700, 1500, 2900)))

    # ------------------------------------------------------------ rounds

    def begin(self, case: Told, step: str, state: str = "open") -> Run:
        before = case.last(step)
        run = Run(case, step, before.round + 1 if before else 1, self.now, state, self.now if state == "skipped" else None)
        case.runs.append(run)
        self.runs.append(run)
        if state == "open":
            self.set_limits(run)
        return run

    def finish(self, run: Run, by: str, outcome: str = "") -> None:
        run.state, run.done, run.by, run.outcome = "done", self.now, NAMES[by], outcome
        self.stop(run, "kept")

    def stop(self, run: Run, state: str, keep: frozenset[str] = frozenset()) -> None:
        for limit in self.limits:
            if limit.run is run and limit.name not in keep and limit.state in ("waiting", "paused"):
                limit.state = state

    def set_limits(self, run: Run) -> None:
        """The deadlines that the round has by what is known now; another kind is another deadline."""
        asked = run.case.filed("ask")
        wanted: dict[str, datetime] = {}
        if run.step == "look":
            if asked["kind"] == "water":
                wanted["water"] = run.opened + timedelta(hours=4)
            if asked["kind"] == "power":
                wanted["power"] = datetime.combine(run.opened.date() + timedelta(days=1), time(23, 59, 59), run.opened.tzinfo)
            if asked["urgent"]:
                wanted["urgent"] = run.opened + timedelta(hours=2)
        elif run.step == "visit":
            wanted["visit"] = run.opened + timedelta(hours=30)
        self.stop(run, "void", frozenset(wanted))
        known = {limit.name: limit for limit in self.limits if limit.run is run}
        for name, at in wanted.items():
            if name not in known:
                self.limits.append(Limit(run, name, at))
            elif known[name].state == "void":
                known[name].state = "waiting"

    def settle(self, case: Told) -> None:
        """What opens and ends by itself, in the order of the procedure."""
        ask, look, pay, paper, visit = map(case.last, ("ask", "look", "pay", "paper", "visit"))
        if ask and ask.state == "done" and look is None:
            look = self.begin(case, "look", "skipped" if case.filed("ask")["kind"] == "gas" else "open")
        if look and look.state in ("done", "skipped") and pay is None:
            self.begin(case, "pay")
            self.charge(case)
        if ask and ask.state == "done" and paper is None:
            self.begin(case, "paper")
        if pay and pay.state == "done" and visit is None:
            self.begin(case, "visit")
        if all(run is not None and run.state in ("done", "skipped") for run in (look, pay, paper, visit)):
            self.end(case, "completed")

    def end(self, case: Told, state: str) -> None:
        case.state, case.ended = state, self.now
        for run in case.runs:
            self.stop(run, "void")

    # ------------------------------------------------------------ a case

    def play(self, *, hurried: bool) -> None:
        """One case from its opening until it ends or nobody goes on with it; a hurried one has hardly begun."""
        chance, house = self.chance, self.house
        unit = chance.choice(tuple(OWNERS))
        case = Told(house.open("outing", unit), unit, self.now)
        self.cases.append(case)
        self.begin(case, "ask")
        if hurried:
            self.wait(minutes=3)
            self.ask(case, again=0)
            if chance.random() < 0.5:
                self.leave(case)
            return
        self.some_time()
        acts: list[Callable[[Told], bool]] = [self.ask, self.child, self.look, self.issue, self.pay, self.cancel, self.pay, self.child,
                                              self.paper_again, self.give_back, self.visit, self.look, self.paper_again,
                                              self.issue, self.visit, self.give_back]
        for act in acts:
            if case.ended is None and chance.random() < 0.07:
                self.leave(case)
                return
            if case.ended is None and chance.random() < 0.08:
                self.pause(case)
            if act(case):
                self.some_time()

    def leave(self, case: Told) -> None:
        """Nobody goes on with the case: it stays open, rests for good, or is withdrawn."""
        how = self.chance.choice(("open", "suspended", "withdrawn", "withdrawn"))
        if how == "suspended":
            self.house.act("elm", lifecycle.suspend, case.id, "等材料")
            self.rest(case)
        elif how == "withdrawn":
            self.house.act("elm", lifecycle.withdraw, case.id, "不办了")
            self.end(case, "withdrawn")

    def rest(self, case: Told) -> None:
        case.state = "suspended"
        for limit in self.limits:
            if limit.run.case is case and limit.state == "waiting":
                limit.state, limit.rests = "paused", self.now

    def pause(self, case: Told) -> None:
        self.house.act("elm", lifecycle.suspend, case.id, "等材料")
        self.rest(case)
        self.some_time()
        self.house.act("elm", lifecycle.resume, case.id)
        case.state = "open"
        for limit in self.limits:
            if limit.run.case is case and limit.state == "paused" and limit.rests:
                limit.at, limit.state, limit.rests = limit.at + (self.now - limit.rests), "waiting", None

    def request(self) -> dict[str, Any]:
        chance = self.chance
        things = [{"what": chance.choice(("desk", "bag")), "count": chance.randrange(1, 6)} for _ in range(chance.randrange(4))]
        said = {"kind": chance.choice(("water", "water", "power", "gas")), "pieces": chance.randrange(1, 10),
                "urgent": chance.random() < 0.5, "note": chance.choice(("", "甲", "乙")), "things": things}
        if chance.random() < 0.7:
            said |= {"cost": f"{chance.randrange(1, 200)}.{chance.randrange(100):02d}", "weight": f"{chance.randrange(1, 50)}.5",
                     "wanted": (self.now.date() + timedelta(days=chance.randrange(9))).isoformat()}
        return said

    def file_request(self, case: Told, said: dict[str, Any], **more: Any) -> None:
        self.house.act("wang", filling.submit, case.id, "ask", said, **more)
        run = case.last("ask")
        assert run is not None
        cost, weight, wanted = said.get("cost"), said.get("weight"), said.get("wanted")
        run.filed = {**said, "note": said["note"] or None, "cost": int(Decimal(cost) * 100) if cost else None,
                     "weight": Decimal(weight) if weight else None, "wanted": date.fromisoformat(wanted) if wanted else None}
        case.things = said["things"]

    def ask(self, case: Told, again: float = 0.4) -> bool:
        run = case.last("ask")
        if run is None or case.ended:
            return False
        self.file_request(case, self.request())
        self.finish(run, "wang")
        self.settle(case)
        while self.chance.random() < again and (look := case.last("look")) and look.state == "open":
            self.some_time()
            said = {**self.request(), "kind": self.chance.choice(("water", "power"))}
            self.file_request(case, said, reason="写错了")
            self.set_limits(look)
        return True

    def child(self, case: Told) -> bool:
        if case.ended or self.chance.random() < 0.5:
            return False
        kind = self.chance.choice(("extra", "extra", "spare"))
        found = Told(self.house.act("wang", opening.open_child, case.id, kind).id, case.unit, self.now, kind, case)
        self.children.append(found)
        self.some_time()
        match self.chance.choice(("done", "done", "withdrawn", "open")):
            case "done":
                self.house.act("wang", lifecycle.complete, found.id, "do")
                found.state, found.ended = "completed", self.now
            case "withdrawn":
                self.house.act("elm", lifecycle.withdraw, found.id, "不要了")
                found.state, found.ended = "withdrawn", self.now
            case _:
                pass
        return True

    def look(self, case: Told) -> bool:
        run = case.last("look")
        if case.ended or run is None or run.state != "open":
            return False
        run.filed = {"level": self.chance.choice(("low", "high")), "hours": self.chance.choice((None, 1, 2, 5))}
        self.house.act("li", filling.submit, case.id, "look", run.filed)
        if self.chance.random() < 0.3:
            self.some_time()
        if self.chance.random() < 0.12:
            self.house.act("li", lifecycle.decide, case.id, "look", "refused", "不行")
            self.finish(run, "li", "refused")
            self.end(case, "refused")
        else:
            self.house.act("li", lifecycle.decide, case.id, "look", "fine")
            self.finish(run, "li", "fine")
            self.settle(case)
        return True

    # ------------------------------------------------------------ papers

    def issue(self, case: Told) -> bool:
        run = case.last("paper")
        if case.ended or run is None or run.state != "open":
            return False
        for document in self.house.act("wang", issuing.issue_all, case.id, "paper"):
            self.papers.append(Paper(case, run, document.name, document.id, self.now))
        self.finish(run, "wang")
        self.settle(case)
        return True

    def paper_again(self, case: Told) -> bool:
        """A slip is void (its step is open until there is another), or a notice is replaced."""
        standing = [one for one in self.papers if one.case is case and one.state == "issued"]
        if case.state in ("suspended", "withdrawn") or not standing or self.chance.random() < 0.4:
            return False
        paper = self.chance.choice(standing)
        if paper.name == "slip":
            paper.why = self.chance.choice(("填写错误", "打印不清"))
            self.house.act("wang", voiding.void, paper.id, paper.why, "zhao")
            paper.state, paper.ended = "void", self.now
            if case.ended is None:
                paper.run.state, paper.run.done, paper.run.by = "open", None, ""
                if self.chance.random() < 0.6:
                    self.some_time()
                    self.issue(case)
        elif case.ended is None:
            paper.why = "内容更新"
            fresh = self.house.act("wang", voiding.reissue, paper.id, paper.why)
            paper.state, paper.ended = "superseded", self.now
            self.papers.append(Paper(case, paper.run, "note", fresh.id, self.now))
        return True

    # ------------------------------------------------------------ money

    def charge(self, case: Told) -> None:
        pieces = case.filed("ask")["pieces"]
        case.owed = [Owed(case, "deposit", self.now, pieces * 250, pieces), Owed(case, "handling", self.now, 800, 1)]
        self.owed += case.owed
        ids = {row.fee: row.id for row in self.house.rows(Charge, case_id=case.id)}
        for owed in case.owed:
            owed.id = ids[owed.fee]

    def book(self, owed: Owed, kind: str, fen: int, method: str = "", receipt: str | None = None, reason: str = "") -> None:
        owed.moved.append((kind, fen))
        self.booked.append(Booked(owed, kind, fen, method, self.now, receipt, reason))

    def number(self, kind: str) -> str:
        self.receipts[kind] += 1
        return f"2026{self.receipts[kind]:06d}"

    def pay(self, case: Told) -> bool:
        run, chance = case.last("pay"), self.chance
        if case.ended or run is None or run.state != "open":
            return False
        handling = case.owed[1]
        if handling.open and chance.random() < 0.25:
            self.house.act("zhao", payments.waive_charge, handling.id, "老人优惠")
            self.book(handling, "waiver", handling.open, reason="老人优惠")
            if not case.owed[0].open:
                self.finish(run, "zhao")
                self.settle(case)
                return True
            self.some_time()
        due = [owed for owed in case.owed if owed.open]
        for together in [due] if chance.random() < 0.6 else [[owed] for owed in due]:
            method = chance.choice(("cash", "wechat"))
            named = [owed.id for owed in together]
            self.house.act("chen", payments.pay, case.id, {method: None}, charges=named)
            receipt = self.number("receipt")
            for owed in together:
                self.book(owed, "payment", owed.open, method, receipt)
            if any(owed.open for owed in due) and chance.random() < 0.3:
                return True  # the rest is paid another time, if ever
        self.finish(run, "chen")
        self.settle(case)
        return True

    def cancel(self, case: Told) -> bool:
        """The newest receipt was wrong: its money is due again."""
        run, paid = case.last("pay"), [one for one in self.booked if one.owed.case is case and one.kind == "payment"]
        if case.ended or run is None or not paid or self.chance.random() < 0.6:
            return False
        last = [one for one in paid if one.receipt == paid[-1].receipt]
        [receipt] = [row.receipt_id for row in self.house.rows(_Line, charge_id=last[0].owed.id) if row.kind == "payment"]
        self.house.act("chen", payments.cancel_receipt, receipt, "金额有误")
        for one in last:
            self.book(one.owed, "cancellation", -one.fen, one.method, one.receipt, "金额有误")
        if run.state == "done":
            run.state, run.done, run.by = "open", None, ""
        return True

    def give_back(self, case: Told) -> bool:
        """Part of the deposit is kept for damage, part of it is given back; also long after the end."""
        deposit = case.owed[0] if case.owed else None
        if case.state in ("suspended", "withdrawn") or deposit is None or self.chance.random() < 0.3:
            return False
        held = deposit.sum("payment", "cancellation", "refund") - deposit.sum("deduction")
        if held < 200:
            return False
        if self.chance.random() < 0.4 and case.ended is None:
            with self.house.at("chen") as desk:
                payments.deduct(open_file(desk, case.id, change=True), deposit.id, 120, "损坏")
            self.book(deposit, "deduction", 120, reason="损坏")
            held -= 120
            self.some_time()
        fen = self.chance.randrange(1, held + 1)
        self.house.act("chen", payments.refund, deposit.id, fen, "cash", "退押金")
        self.book(deposit, "refund", -fen, "cash", self.number("refund"), "退押金")
        return True

    # ------------------------------------------------------------ the end

    def visit(self, case: Told) -> bool:
        run, look, pay = (case.last(step) for step in ("visit", "look", "pay"))
        ready = look is not None and look.state in ("done", "skipped") and pay is not None and pay.state == "done"
        if case.ended or run is None or run.state != "open" or not ready:
            return False
        if look and look.state == "done" and self.chance.random() < 0.4:
            self.house.act("wang", lifecycle.decide, case.id, "visit", "bad", "没弄好")
            self.begin(case, "look")
            self.finish(run, "wang", "bad")
            self.begin(case, "visit")
            return True
        self.house.act("wang", lifecycle.decide, case.id, "visit", "good")
        self.finish(run, "wang", "good")
        self.settle(case)
        return True
