"""What rules, fees and prefills may read of a case, by dotted name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.cases.casefile import CaseFile
from core import forms
from core.domain.forms import Form
from core.money.sums import Sums, sums


def rule_values(file: CaseFile) -> dict[str, Any]:
    """Everything a rule may read, as plain values: steps with their fields, unit, parties, case, ledger, documents."""
    values: dict[str, Any] = {step.name: step_values(file, step.name) for step in file.bundle.procedure.steps}
    values["unit"] = unit_values(file)
    values["parties"] = party_values(file)
    values["case"] = {"number": file.case.number, "state": file.case.state,
                      "opened_on": file.desk.office.calendar(file.case.estate).local_date(file.case.opened_at)}
    values["ledger"] = ledger_values(file)
    values["documents"] = {rule.name: {"issued": bool(rows), "signed": bool(rows) and all(row.signed for row in rows)}
                           for rule in file.bundle.documents for rows in [file.issued(rule.name)]}
    values["estate"] = dict(file.desk.office.estate(file.case.estate).settings)
    values["today"] = file.desk.today(file.case.estate)
    values["checklist"] = {"total": 0, "checked": 0, "open_items": 0, "failed": 0, "rounds": 0}
    values["papers"] = {"missing": 0}
    return values


def step_values(file: CaseFile, name: str) -> dict[str, Any]:
    """A step's filed values (each declared field, None while unanswered) and where it stands."""
    step, run = file.bundle.procedure.step(name), file.run(name)
    fields = answers(file, file.bundle.form(step.form), file.values(name)) if step.form else {}
    state = run.state if run else "closed"
    return {**fields, "done": state == "done", "skipped": state == "skipped",
            "open": state == "open", "outcome": run.outcome if run else "", "round": run.round if run else 0}


def answers(file: CaseFile, form: Form, stored: Mapping[str, Any]) -> dict[str, Any]:
    """The stored values of a form as rules take them; every declared field is there, None while unanswered."""
    types = file.desk.office.field_types
    return forms.rule_values(form, forms.from_json(form, stored, types), types)


def unit_values(file: CaseFile) -> dict[str, Any]:
    """The unit as rules, fees and papers see it."""
    unit = file.case.unit
    if unit is None:
        return {}
    return {"code": unit.code, "building": unit.building, "entrance": unit.entrance, "floor": unit.floor,
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


def ledger_sums(file: CaseFile) -> Sums:
    """The case's sums, from its charges and ledger lines."""
    return sums([(row.id, row.amount, row.refundable) for row in file.charges],
                [(row.charge_id, row.kind, row.amount) for row in file.lines])


def ledger_values(file: CaseFile) -> dict[str, int]:
    """The case's money in 分: charged, paid, still due, deposits held."""
    total = ledger_sums(file)
    return {"charged_fen": total.charged, "paid_fen": total.paid, "due_fen": total.due, "deposit_fen": total.deposit}


def dotted(file: CaseFile, name: str) -> Any:
    """The value called `unit.area`, `register.cards`, `parties.owner.name`; None when it is not known."""
    head, _, rest = name.partition(".")
    if head == "parties":
        party, _, key = rest.partition(".")
        people = file.people.get(party, [])
        return people[0].get(key, "") if people else None
    if head == "unit":
        return unit_values(file).get(rest)
    if head == "case":
        return {"number": file.case.number,
                "opened_on": file.desk.office.calendar(file.case.estate).local_date(file.case.opened_at)}.get(rest)
    if head == "today":
        return file.desk.today(file.case.estate)
    if head == "estate":
        return file.desk.office.estate(file.case.estate).settings.get(rest)
    return file.values(head).get(rest)
