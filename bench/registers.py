"""Registers over a year of a large estate: sixty thousand cases with their steps, papers, forms and money, on both databases."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import Connection, event, insert, select, text

from bench.figures import ROUNDS, Figure
from bench.house import ESTATE, House, house
from core.app import settle
from core.cases.opening import open_case
from core.registers import RegisterTable, Span, register_table
from core.store.models import (
    Case,
    CaseParty,
    Charge,
    Document,
    LedgerLine,
    Person,
    StepRun,
    Submission,
    Unit,
    User,
    new_id,
)

CASES, PORTION, SHOWN = 60_000, 2_000, 200
YEAR = Span(date(2025, 1, 1), date(2025, 12, 31))
REGISTERS = ("handover", "keys", "certificates", "fees", "monthly_handover")
"""Of units, of lines of a table, of documents, of charges, of steps."""
BACKENDS = ("sqlite", "postgresql")
FIGURES = {
    **{f"register_{backend}_{name}_ms": Figure(f"register `{name}` over 60,000 cases of a year", "ms", most=1000)
       for backend in BACKENDS for name in REGISTERS},
    **{f"register_{backend}_statements": Figure("statements of the largest of them", "number") for backend in BACKENDS},
}


def measure(rounds: int = ROUNDS, cases: int = CASES, backends: tuple[str, ...] = BACKENDS) -> dict[str, float]:
    """All of `FIGURES`, for `backends`."""
    found: dict[str, float] = {}
    for backend in backends:
        with house(backend) as where:
            fill(where, cases)
            settle()
            counts: list[int] = []
            for name in REGISTERS:
                times = []
                for _ in range(rounds):
                    took, statements, table = timed(where, name)
                    if name != "handover" and table.row_count < cases:
                        raise RuntimeError(f"{name}: {table.row_count} rows of {cases} cases")
                    times.append(took)
                    counts.append(statements)
                found[f"register_{backend}_{name}_ms"] = round(median(times), 1)
            found[f"register_{backend}_statements"] = max(counts)
    return found


def timed(where: House, name: str) -> tuple[float, int, RegisterTable]:
    """(ms, statements, table) of one register of the year."""
    engine, statements = where.office.sessions.kw["bind"], []

    def sent(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    with where.desk() as desk:
        event.listen(engine, "before_cursor_execute", sent)
        begun = time.perf_counter()
        table = register_table(desk, ESTATE, "move_in", name, YEAR, size=SHOWN)
        took = (time.perf_counter() - begun) * 1000
        event.remove(engine, "before_cursor_execute", sent)
    return took, len(statements), table


# ---------------------------------------------------------------- a year


def fill(where: House, cases: int) -> None:
    """Cases that came to their end during the year, each with two steps, a form with a table, a paper, a charge and its
    payment; written set by set, because sixty thousand acts would take an hour."""
    with where.desk() as desk:
        pin = open_case(desk, ESTATE, "move_in", where.units.pop(0)).pin
        connection = desk.session.connection()
        units = list(desk.session.scalars(select(Unit.id).where(Unit.estate == ESTATE).order_by(Unit.id)))
        person = desk.session.scalars(select(Person.id).limit(1)).one()
        clerk = desk.session.scalars(select(User.id).limit(1)).one()
        for first in range(0, cases, PORTION):
            rows = [_case(number, cases, units[number % len(units)], person, clerk, pin)
                    for number in range(first, min(first + PORTION, cases))]
            for at, model in enumerate((Case, CaseParty, StepRun, Submission, Document, Charge, LedgerLine)):
                connection.execute(insert(model), [one for row in rows for one in row[at]])
    _analysed(where)


def _analysed(where: House) -> None:
    """A server's database knows its figures; one filled a second ago does not."""
    engine = where.office.sessions.kw["bind"]
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        _analyse(connection)


def _analyse(connection: Connection) -> None:
    connection.execute(text("ANALYZE"))


def _case(number: int, cases: int, unit: str, person: str, clerk: str, pin: str) -> tuple[list[dict[str, Any]], ...]:
    at = datetime(2025, 1, 1, 1, tzinfo=UTC) + timedelta(minutes=number * 520_000 // cases)
    case_id, charge = new_id(), new_id()
    own = {"estate": ESTATE, "case_id": case_id}
    key_table = [{"kind": "entrance", "count": 1 + number % 5, "note": ""}]
    step = {"id": None, **own, "round": 1, "state": "done", "outcome": "", "opened_at": at, "done_at": at, "done_by": clerk,
            "rung": ""}
    runs = [step | {"id": new_id(), "step": name} for name in ("keys", "certificate")]
    forms = [{"id": new_id(), "case_id": case_id, "step": "keys", "form": "key_receipt", "round": 1, "revision": 1,
              "plain": {"key_table": key_table, "tried": True, "custody": False, "received_on": at.date().isoformat()},
              "salt": b"", "digest": "", "reason": "", "by": clerk, "at": at},
             {"id": new_id(), "case_id": case_id, "step": "certificate", "form": "certificate", "round": 1, "revision": 1,
              "plain": {"notice_deadline": "2025-12-31", "actual_on": at.date().isoformat()}, "salt": b"", "digest": "",
              "reason": "", "by": clerk, "at": at}]
    paper = {"id": new_id(), **own, "step": "certificate", "name": "occupancy_certificate", "title": "房屋入住证明", "code": "",
             "series": "certificate", "number": f"{number:05d}", "round": 1, "state": "issued", "copies": {"copies": []},
             "signers": {}, "signed": True, "seal": True, "template": "", "context": b"", "word": "", "pdf_state": "done",
             "pdf_error": "", "void_reason": "", "by": clerk, "at": at}
    owed = {"id": charge, **own, "unit_id": unit, "stage": "move_in", "fee": "fit_out_deposit", "title": "装修保证金", "round": 1,
            "amount": 50000, "refundable": True, "explanation": {"quantities": {}}, "by": clerk, "at": at}
    line = {"id": new_id(), **own, "charge_id": charge, "kind": "payment", "method": "cash", "amount": 50000, "reason": "",
            "business_date": at.date(), "by": clerk, "at": at}
    case = {"id": case_id, "estate": ESTATE, "procedure": "move_in", "number": f"B-{number:06d}", "unit_id": unit, "subject": "unit",
            "place": "", "kind": "", "exclusive": False, "state": "completed", "pin": pin, "version": 1, "opened_at": at,
            "opened_by": clerk, "ended_at": at}
    party = {"id": new_id(), "case_id": case_id, "party": "owner", "number": 1, "person_id": person, "since": at}
    return [case], [party], runs, forms, [paper], [owed], [line]
