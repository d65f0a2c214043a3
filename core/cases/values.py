"""What rules, fees and prefills may read of a case, by dotted name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from core.cases.casefile import CaseFile
from core.cases.children import child_values
from core.cases.consents import is_approved
from core.cases.counting import count_values
from core.cases.facts import fact_values
from core.cases.timing import is_overdue, valid_to
from core.domain.procedures import Step

NO_CHECKLIST = {"total": 0, "checked": 0, "open_items": 0, "failed": 0, "rounds": 0}
NO_PAPERS = {"missing": 0}


def rule_values(file: CaseFile) -> dict[str, Any]:
    """Everything a rule may read, as plain values: steps with their fields, unit, parties, case, ledger, documents."""
    names = (*(step.name for step in file.bundle.procedure.steps), *_READ)
    return {name: rule_value(file, name) for name in names}


def rule_value(file: CaseFile, name: str) -> Any:
    """What a rule reads under one name: a step, or `unit`, `parties`, `ledger` …; NotFound for any other."""
    if name in _READ:
        return _READ[name](file)
    return step_values(file, name)


def step_values(file: CaseFile, name: str) -> dict[str, Any]:
    """A step's effective values (each declared field, None while unanswered) and where it stands."""
    step = file.step(name)
    if step.each or (step.repeat and step.repeat.per_role):
        return _together(file, step)
    run = file.run(name)
    state = run.state if run else "closed"
    found = {**(file.answers(step) if step.form else {}), "done": state == "done", "skipped": state == "skipped",
             "open": state == "open", "outcome": run.outcome if run else "", "round": run.round if run else 0}
    if step.due or step.repeat:
        found["overdue"] = is_overdue(file, step)
    if step.validity:
        found |= _validity(file, name)
    if step.ladder:
        found["rung"] = run.rung if run else ""
    if step.approvals:
        found["approved"] = run is not None and is_approved(file, step)
    return found


def _together(file: CaseFile, step: Step) -> dict[str, Any]:
    """A step that stands there several times: how many of it are done, and whether all are."""
    runs = [file.run(key) for key in file.keys(step)]
    states = [run.state if run else "closed" for run in runs]
    return {"done": bool(states) and all(state in ("done", "skipped") for state in states), "skipped": False,
            "open": "open" in states, "outcome": "", "count": sum(state == "done" for state in states),
            "round": max((run.round for run in runs if run), default=0),
            "overdue": any(is_overdue(file, file.step(key)) for key in file.keys(step))}


def _validity(file: CaseFile, name: str) -> dict[str, Any]:
    """Until which day what the step gave is good, and whether it is now; empty and no while it has given nothing."""
    until = valid_to(file, name)
    if until is None:
        return {"valid_to": "", "valid": any(run.step == name and run.state == "done" for run in file.runs)}
    last = file.desk.office.calendar(file.case.estate).local_date(until - timedelta(seconds=1))
    return {"valid_to": last.isoformat(), "valid": until > file.desk.now}


def unit_values(file: CaseFile) -> dict[str, Any]:
    """The unit as rules, fees and papers see it."""
    unit = file.case.unit
    if unit is None:
        return {}
    facts = fact_values(file, "unit") if file.bundle.procedure.facts else {}
    return {**facts, "code": unit.code, "building": unit.building, "entrance": unit.entrance, "floor": unit.floor,
            "room": unit.room, "area": unit.area, "building_type": unit.building_type, "layout": unit.layout,
            "use": unit.use, "status": unit.status}


def party_values(file: CaseFile) -> dict[str, Any]:
    """Each party: whether somebody is there, how many, and who is first."""
    found: dict[str, Any] = {}
    for party in file.bundle.procedure.parties:
        people = file.people.get(party.name, [])
        first: Mapping[str, str] = people[0] if people else {}
        found[party.name] = {"present": bool(people), "count": len(people),
                             "kind": first.get("kind", ""), "id_type": first.get("id_type", ""),
                             "name": first.get("name", "")}
    return found


def case_values(file: CaseFile) -> dict[str, Any]:
    """The case itself: number, state, the day it was opened."""
    opened = file.desk.office.calendar(file.case.estate).local_date(file.case.opened_at)
    return {"number": file.case.number, "state": file.case.state, "opened_on": opened, "subject": file.case.subject,
            "place": file.case.place}


def parent_values(file: CaseFile) -> dict[str, Any]:
    """Every step of the parent case, as its own rules see it; empty where there is none."""
    parent = file.parent
    return {step.name: step_values(parent, step.name) for step in parent.bundle.procedure.steps} if parent else {}


def ledger_values(file: CaseFile) -> dict[str, int]:
    """The case's money in 分: charged, paid, still due, deposits held."""
    total = file.sums()
    return {"charged_fen": total.charged, "paid_fen": total.paid, "due_fen": total.due, "deposit_fen": total.deposit}


def document_values(file: CaseFile) -> dict[str, Any]:
    """Each document: whether it stands, and whether everybody has signed."""
    found = {rule.name: {"issued": False, "signed": False} for rule in file.bundle.documents}
    for row in file.documents:
        if row.state == "issued":
            before = found[row.name]
            found[row.name] = {"issued": True, "signed": row.signed and (before["signed"] or not before["issued"])}
    return found


_READ: Mapping[str, Callable[[CaseFile], Any]] = {
    "unit": unit_values, "parties": party_values, "case": case_values, "ledger": ledger_values, "documents": document_values,
    "estate": lambda file: dict(file.desk.office.estate(file.case.estate).settings),
    "today": lambda file: file.desk.today(file.case.estate),
    "estate_facts": lambda file: fact_values(file, "estate"),
    "subject": lambda file: {**fact_values(file, "place"), **fact_values(file, "person")},
    "children": child_values, "parent": parent_values, "counts": count_values,
    "is_open": lambda file: file.case.ended_at is None,
    "checklist": lambda file: NO_CHECKLIST, "papers": lambda file: NO_PAPERS}
"""What is read under a name that is no step; `checklist` and `papers` are those of a step, in its own rules only."""


def dotted(file: CaseFile, name: str, item: Mapping[str, Any] | None = None) -> Any:
    """The value called `unit.area`, `register.cards`, `parties.owner.name`, `item.name` (of the person that a per-item step
    is about), `parent.…`; None when it is not known."""
    head, _, rest = name.partition(".")
    if head == "parties":
        party, _, key = rest.partition(".")
        people = file.people.get(party, [])
        return people[0].get(key, "") if people else None
    if head == "today":
        return file.desk.today(file.case.estate)
    if head in ("unit", "case", "estate", "counts", "estate_facts"):
        return _READ[head](file).get(rest)
    if head == "parent":
        return dotted(file.parent, rest) if file.parent else None
    if head == "item":
        return (item or {}).get(rest)
    if rest in ("valid_to", "rung", "outcome"):  # what a step gives beside the fields of its form
        return step_values(file, head).get(rest) or None
    return file.effective(head).get(rest)


def known(file: CaseFile, names: frozenset[str]) -> dict[str, Any]:
    """The values of those of `names` that mean something here; a rule that reads another name never holds."""
    steps = {step.name for step in file.bundle.procedure.steps}
    return {name: rule_value(file, name) for name in names if name in _READ or name in steps}
