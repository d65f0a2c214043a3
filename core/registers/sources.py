"""What a row is made of: for each kind of rows its tables, its conditions, its dates, and the columns behind its names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from core.clock import Calendar
from core.domain.bundle import Bundle
from core.domain.registers import Rows
from core.store.models import Case, Charge, Document, LedgerLine, Receipt, StepAct, StepRun, Timer, Unit

Parent, Origin = aliased(Case, name="parent"), aliased(Case, name="origin")
MOVES_MONEY = ("payment", "cancellation", "refund")
DONE_AT = case((StepRun.state == "done", StepRun.done_at))
"""When a round was done; a round that nobody did was closed some time, but not done."""


@dataclass(frozen=True)
class Read:
    """How a name is read: the columns it needs, what is made of them (the column itself when nothing), and what joins their
    table to the statement of a reading where it is not there for every row."""

    columns: tuple[Any, ...]
    turn: Callable[..., Any] | None = None
    join: Callable[[Any, Select[Any]], Select[Any]] | None = None


@dataclass
class Frame:
    """The tables of a kind of rows. `row_id`, `case_id`, `step`, `round`: what belongs to a row is looked up by these;
    `order`: what rows without a date are sorted by.

    `dates`: by which a row may count to a period: name → (column, whether it is a moment). `names`: name → how it is read.
    """

    select: Callable[..., Select[Any]]
    conditions: list[ColumnElement[bool]]
    row_id: Any
    case_id: Any = field(default_factory=lambda: Case.id)
    step: Any = None
    round: Any = None
    order: Any = None
    dates: dict[str, tuple[Any, bool]] = field(default_factory=dict)
    names: dict[str, Read] = field(default_factory=dict)


class Turns:
    """Stored values as registers show them: the estate's dates and times, names of users."""

    def __init__(self, calendar: Calendar, users: Mapping[str, str], now: datetime) -> None:
        self.zone, self.users, self.now = calendar.zone, users, now

    def moment(self, value: datetime | None) -> datetime | None:
        return value.astimezone(self.zone) if value else None

    def day(self, value: datetime | None) -> date | None:
        return value.astimezone(self.zone).date() if value else None

    def user(self, value: str | None) -> str:
        return self.users.get(value, "") if value else ""

    def bounds(self, first: date | None, last: date | None) -> tuple[datetime | None, datetime | None]:
        """From the beginning of `first` until before the day after `last`."""
        begin = datetime.combine(first, time(), self.zone) if first else None
        end = datetime.combine(last + timedelta(days=1), time(), self.zone) if last else None
        return begin, end


def minutes(begin: datetime | None, end: datetime | None) -> int | None:
    """Whole minutes between two moments; None while one is not known."""
    return int((end - begin).total_seconds() // 60) if begin and end else None


def step_name(key: str) -> str:
    """`passes` of the key `passes@3`."""
    return key.partition("@")[0]


def item_of(key: str) -> str:
    """`3` of the key `passes@3`; empty for a step that comes once."""
    return key.partition("@")[2]


def is_step(column: Any, names: Sequence[str]) -> ColumnElement[bool]:
    """Whether a key is one of these steps, or an item of one."""
    return or_(column.in_(names), *(column.like(f"{name.replace('_', '~_')}@%", escape="~") for name in names))


def frame_of(bundle: Bundle, estate: str, rows: Rows, turns: Turns) -> Frame:
    """The frame of `rows` at an estate."""
    frame = _FRAMES[rows.of](bundle, estate, rows, turns)
    frame.names = {**_case_names(bundle, turns), **_UNIT_NAMES, **frame.names}
    if rows.of != "children":  # whose parent is there anyway
        frame.names = {name: replace(read, join=_WITH.get(name.partition(".")[0], read.join)) for name, read in frame.names.items()}
    own = {"case.opened_on": (Case.opened_at, True), "case.ended_on": (Case.ended_at, True)}
    frame.dates = {**frame.dates, **own} if frame.dates else {}
    return frame


# ---------------------------------------------------------------- of the case and its unit

_UNIT_NAMES = {f"unit.{name}": Read((getattr(Unit, name),)) for name in (
    "code", "building", "entrance", "floor", "room", "area", "layout", "use", "building_type", "status")}


def _case_names(bundle: Bundle, turns: Turns) -> dict[str, Read]:
    good = bundle.procedure.good_ends or bundle.procedure.ends[:1]
    plain = ("number", "state", "subject", "place", "kind", "procedure")
    return {
        **{f"case.{name}": Read((getattr(Case, name),)) for name in plain},
        "case.opened_at": Read((Case.opened_at,), turns.moment), "case.opened_on": Read((Case.opened_at,), turns.day),
        "case.ended_at": Read((Case.ended_at,), turns.moment), "case.ended_on": Read((Case.ended_at,), turns.day),
        "case.opened_by": Read((Case.opened_by,), turns.user), "case.handler": Read((Case.handler_id,), turns.user),
        "case.open": Read((and_(Case.id.is_not(None), Case.ended_at.is_(None)),)),
        "case.well": Read((and_(Case.id.is_not(None), Case.state.in_(good)),)),
        "case.exists": Read((Case.id.is_not(None),)), "case.days": Read((Case.opened_at, Case.ended_at), _days(turns)),
        "parent.number": Read((Parent.number,)), "parent.state": Read((Parent.state,)),
        "parent.opened_on": Read((Parent.opened_at,), turns.day), "origin.number": Read((Origin.number,))}


_WITH: Mapping[str, Callable[[Any, Select[Any]], Select[Any]]] = {
    "parent": lambda reading, query: query.outerjoin(Parent, Parent.id == Case.parent_id),
    "origin": lambda reading, query: query.outerjoin(Origin, Origin.id == Case.origin_id)}


def _days(turns: Turns) -> Callable[[datetime | None, datetime | None], int | None]:
    def days(opened: datetime | None, ended: datetime | None) -> int | None:
        first, last = turns.day(opened), turns.day(ended)
        return (last - first).days if first and last else None

    return days


def _of_case(bundle: Bundle, estate: str, rows: Rows) -> list[ColumnElement[bool]]:
    """The case belongs to this estate, and to this procedure unless every procedure is meant."""
    conditions = [Case.estate == estate]
    if rows.procedures == "own":
        conditions.append(Case.procedure == bundle.procedure.name)
    return conditions


def _with_unit(*columns: Any) -> Any:
    return select(*columns).select_from(Case).outerjoin(Unit, Unit.id == Case.unit_id)


# ---------------------------------------------------------------- one frame per kind of rows


def _cases(bundle: Bundle, estate: str, rows: Rows, turns: Turns) -> Frame:
    return Frame(_with_unit, _of_case(bundle, estate, rows), Case.id, dates={"case.opened_on": (Case.opened_at, True)})


def _children(bundle: Bundle, estate: str, rows: Rows, turns: Turns) -> Frame:
    conditions = [Case.estate == estate, Parent.procedure == bundle.procedure.name]
    if rows.only:
        conditions.append(Case.kind.in_(rows.only))

    def chosen(*columns: Any) -> Any:
        return _with_unit(*columns).join(Parent, Parent.id == Case.parent_id)

    return Frame(chosen, conditions, Case.id, dates={"case.opened_on": (Case.opened_at, True)})


def _units(bundle: Bundle, estate: str, rows: Rows, turns: Turns) -> Frame:
    """Every unit; beside it its newest case, if it has one. Ids grow with time."""
    newest = (select(func.max(Case.id).label("id"), Case.unit_id)
              .where(Case.estate == estate, Case.procedure == bundle.procedure.name, Case.unit_id.is_not(None))
              .group_by(Case.unit_id).subquery())

    def chosen(*columns: Any) -> Any:
        return (select(*columns).select_from(Unit).outerjoin(newest, newest.c.unit_id == Unit.id)
                .outerjoin(Case, Case.id == newest.c.id))

    return Frame(chosen, [Unit.estate == estate], Unit.id, order=Unit.code)


def _steps(bundle: Bundle, estate: str, rows: Rows, turns: Turns) -> Frame:
    conditions = [StepRun.estate == estate, *_of_case(bundle, estate, rows)]
    if rows.only:
        conditions.append(is_step(StepRun.step, rows.only))

    def chosen(*columns: Any) -> Any:
        return _with_unit(*columns).join(StepRun, StepRun.case_id == Case.id)

    names = {f"step.{name}": read for name, read in run_names(turns).items()}
    names |= {"step.name": Read((StepRun.step,), step_name), "step.item": Read((StepRun.step,), item_of),
              "step.state": Read((StepRun.state,)), "step.due_at": Read((StepRun.due_at,), turns.moment),
              "step.due_on": Read((StepRun.due_at,), turns.day)}
    return Frame(chosen, conditions, StepRun.id, step=StepRun.step, round=StepRun.round, names=names,
                 dates={"step.opened_on": (StepRun.opened_at, True), "step.done_on": (DONE_AT, True)})


def run_names(turns: Turns) -> dict[str, Read]:
    """What a round of a step says, by the last word of its name."""
    done = StepRun.state == "done"

    def good(at_present: bool) -> Read:
        """Whether what the round gave is good now, or has run out; both false of what was not given."""
        return Read((StepRun.state, StepRun.valid_until), lambda state, until: (
            state == "done" and (until is None or until > turns.now) is at_present))

    return {"done": Read((done,)), "skipped": Read((StepRun.state == "skipped",)), "open": Read((StepRun.state == "open",)),
            "outcome": Read((StepRun.outcome,)), "round": Read((StepRun.round,)), "rung": Read((StepRun.rung,)),
            "opened_at": Read((StepRun.opened_at,), turns.moment), "opened_on": Read((StepRun.opened_at,), turns.day),
            "done_at": Read((DONE_AT,), turns.moment), "done_on": Read((DONE_AT,), turns.day),
            "done_by": Read((StepRun.done_by,), turns.user), "minutes": Read((StepRun.opened_at, DONE_AT), minutes),
            "missed": Read((StepRun.overdue_at.is_not(None),)), "overridden": Read((_overridden(),)),
            "valid_until": Read((StepRun.valid_until,), _last_day(turns)), "valid": good(True), "expired": good(False)}


def _overridden() -> ColumnElement[bool]:
    """Whether somebody let the round pass by an exception."""
    return (select(StepAct.id).where(StepAct.case_id == StepRun.case_id, StepAct.step == StepRun.step, StepAct.round == StepRun.round,
                                     StepAct.kind == "override").correlate(StepRun).exists())


def _last_day(turns: Turns) -> Callable[[datetime | None], date | None]:
    """The last day on which something is good: it ends with the day, at midnight."""
    return lambda until: turns.day(until - timedelta(seconds=1)) if until else None


def _deadlines(bundle: Bundle, estate: str, rows: Rows, turns: Turns) -> Frame:
    conditions = [Timer.estate == estate, Timer.kind == "due", *_of_case(bundle, estate, rows)]
    if rows.only:
        conditions.append(is_step(Timer.step, rows.only))

    def chosen(*columns: Any) -> Any:
        return _with_unit(*columns).join(Timer, Timer.case_id == Case.id).outerjoin(
            StepRun, and_(StepRun.case_id == Timer.case_id, StepRun.step == Timer.step, StepRun.round == Timer.round))

    read = (Timer.state, Timer.at, StepRun.state, StepRun.done_at, Timer.fired_at)

    def is_state(*states: str) -> Read:
        return Read(read, lambda *values: deadline_state(*values) in states)

    def late(timer: str, at: datetime, run: str | None, done: datetime | None, ceased: datetime | None) -> int | None:
        return minutes(at, done or turns.now) if deadline_state(timer, at, run, done, ceased) == "missed" else None

    names = {"deadline.step": Read((Timer.step,), step_name), "deadline.item": Read((Timer.step,), item_of),
             "deadline.round": Read((Timer.round,)), "deadline.name": Read((Timer.name,)),
             "deadline.due_at": Read((Timer.at,), turns.moment), "deadline.due_on": Read((Timer.at,), turns.day),
             "deadline.done_at": Read((DONE_AT,), turns.moment), "deadline.state": Read(read, deadline_state),
             "deadline.kept": is_state("kept"), "deadline.missed": is_state("missed"),
             "deadline.settled": is_state("kept", "missed"), "deadline.late_minutes": Read(read, late)}
    return Frame(chosen, conditions, Timer.id, step=Timer.step, round=Timer.round, names=names,
                 dates={"deadline.due_on": (Timer.at, True)})


def deadline_state(timer: str, at: datetime, run: str | None, done: datetime | None, ceased: datetime | None = None) -> str:
    """What became of a deadline: missed when its time came first, also when nobody had noticed before the step was done.

    `ceased`: when a stopped one ceased to count; one that did before the step was done (another grade, other limits) is void.
    """
    if timer == "stopped" and ceased is not None and done is not None and ceased < done:
        return "void"
    if timer == "fired" or (run == "done" and done is not None and done > at):
        return "missed"
    if run == "done":
        return "kept"
    return timer if timer in ("waiting", "paused") else "void"


def _documents(bundle: Bundle, estate: str, rows: Rows, turns: Turns) -> Frame:
    conditions: list[ColumnElement[bool]] = [Document.estate == estate]
    if rows.procedures == "own":
        conditions += _of_case(bundle, estate, rows)
    if rows.only:
        conditions.append(Document.name.in_(rows.only))

    def chosen(*columns: Any) -> Any:
        return (select(*columns).select_from(Document).outerjoin(Case, Case.id == Document.case_id)
                .outerjoin(Unit, Unit.id == Case.unit_id))

    plain = ("name", "title", "number", "code", "series", "state", "signed", "void_reason")
    names = {f"document.{name}": Read((getattr(Document, name),)) for name in plain}
    names |= {"document.step": Read((Document.step,), step_name), "document.item": Read((Document.step,), item_of),
              "document.issued_at": Read((Document.at,), turns.moment), "document.issued_on": Read((Document.at,), turns.day),
              "document.voided_on": Read((Document.voided_at,), turns.day), "document.by": Read((Document.by,), turns.user),
              "document.voided_by": Read((Document.voided_by,), turns.user),
              "document.copies": Read((Document.copies,), lambda said: len(said.get("copies", ())))}
    names |= {f"step.{name}": replace(read, join=_with_round) for name, read in run_names(turns).items()}
    return Frame(chosen, conditions, Document.id, step=Document.step, round=Document.round, names=names,
                 dates={"document.issued_on": (Document.at, True), "document.voided_on": (Document.voided_at, True)})


def _with_round(reading: Any, query: Select[Any]) -> Select[Any]:
    """The round in which a paper was issued; a receipt has none."""
    return query.outerjoin(StepRun, and_(StepRun.case_id == Document.case_id, StepRun.step == Document.step,
                                         StepRun.round == Document.round))


def _charges(bundle: Bundle, estate: str, rows: Rows, turns: Turns) -> Frame:
    conditions = [Charge.estate == estate, *_of_case(bundle, estate, rows)]
    if rows.only:
        conditions.append(Charge.fee.in_(rows.only))

    def chosen(*columns: Any) -> Any:
        return _with_unit(*columns).join(Charge, Charge.case_id == Case.id)

    names = {f"charge.{name}": Read((getattr(Charge, name),)) for name in ("fee", "title", "stage", "round", "refundable")}
    names |= {"charge.on": Read((Charge.at,), turns.day), "charge.by": Read((Charge.by,), turns.user),
              "charge.pieces": Read((Charge.explanation,), _pieces),
              "charge.unit_price": Read((Charge.explanation,), _unit_price)}
    names |= {f"charge.{word}": Read((column,), join=_with_moved) for word, column in MONEY.items()}
    return Frame(chosen, conditions, Charge.id, names=names, dates={"charge.on": (Charge.at, True)})


def _moved(kind: str) -> Any:
    return func.coalesce(literal_column(f"moved.{kind}", BigInteger), 0)


def _open() -> Any:
    # a refunded deposit is not due again: only what was never paid or was cancelled is
    left = Charge.amount - _moved("paid") - _moved("refunded") - _moved("waived")
    return case((left > 0, left), else_=0)


MONEY: Mapping[str, Any] = {
    "charged_fen": Charge.amount, "paid_fen": _moved("paid"), "refunded_fen": _moved("refunded"),
    "waived_fen": _moved("waived"), "deducted_fen": _moved("deducted"), "due_fen": _open(),
    "held_fen": case((Charge.refundable, _moved("paid") - _moved("deducted")), else_=0)}
"""What moved against a charge, as `core.money.sums` says it, in the words of the database; wants `moved_by` joined."""


def moved_by(charges: Select[Any]) -> Any:
    """What moved against those charges: paid (net of cancellations and refunds), refunded, waived, deducted."""
    def of(sign: int, *kinds: str) -> Any:
        return func.sum(case((LedgerLine.kind.in_(kinds), sign * LedgerLine.amount), else_=0))

    return (select(LedgerLine.charge_id, of(1, *MOVES_MONEY).label("paid"), of(-1, "refund").label("refunded"),
                   of(1, "waiver").label("waived"), of(1, "deduction").label("deducted"))
            .where(LedgerLine.charge_id.in_(charges)).group_by(LedgerLine.charge_id).subquery("moved"))


def _with_moved(reading: Any, query: Select[Any]) -> Select[Any]:
    moved = moved_by(reading.select(Charge.id))
    return query.outerjoin(moved, moved.c.charge_id == Charge.id)


def _pieces(explanation: Mapping[str, Any]) -> int | None:
    """How many pieces, persons or days were charged; one where a fee does not count them, None for a broken number."""
    found = [Decimal(said) for per, said in explanation.get("quantities", {}).items() if per not in ("m2", "month")]
    if not found:
        return 1
    return int(found[0]) if found[0] == found[0].to_integral_value() else None


def _unit_price(explanation: Mapping[str, Any]) -> Decimal | None:
    said = explanation.get("unit_price")
    return Decimal(str(said)) if said not in (None, "") else None


def _lines(bundle: Bundle, estate: str, rows: Rows, turns: Turns) -> Frame:
    conditions = [LedgerLine.estate == estate, *_of_case(bundle, estate, rows)]
    if rows.only:
        conditions.append(Charge.fee.in_(rows.only))

    def chosen(*columns: Any) -> Any:
        return (_with_unit(*columns).join(LedgerLine, LedgerLine.case_id == Case.id)
                .join(Charge, Charge.id == LedgerLine.charge_id).outerjoin(Receipt, Receipt.id == LedgerLine.receipt_id))

    names = {f"charge.{name}": Read((getattr(Charge, name),)) for name in ("fee", "title", "stage", "refundable")}
    names |= {f"line.{name}": Read((getattr(LedgerLine, name),)) for name in ("kind", "method", "reason")}
    moved = case((LedgerLine.kind.in_(MOVES_MONEY), LedgerLine.amount), else_=0)
    names |= {"line.day": Read((LedgerLine.business_date,)), "line.at": Read((LedgerLine.at,), turns.moment),
              "line.by": Read((LedgerLine.by,), turns.user), "line.amount_fen": Read((LedgerLine.amount,)),
              "line.money_fen": Read((moved,)), "line.receipt": Read((Receipt.number,)), "line.payer": Read((Receipt.payer,))}
    frame = Frame(chosen, conditions, LedgerLine.id, names=names, dates={"line.day": (LedgerLine.business_date, False)})
    return frame


_FRAMES: Mapping[str, Callable[[Bundle, str, Rows, Turns], Frame]] = {
    "cases": _cases, "rows": _cases, "children": _children, "units": _units, "steps": _steps, "deadlines": _deadlines,
    "documents": _documents, "charges": _charges, "lines": _lines}
