"""The names that rules, fees and prefills may read, with their types. `core.cases.values` supplies the
values."""

from __future__ import annotations

from collections.abc import Mapping

from core.domain.bundle import Bundle
from core.domain.estates import Unit
from core.domain.forms import Field, Form
from core.domain.procedures import Step
from core.rules.types import ANY, DOUBLE, ROWS, TEXT, TEXTS, WHOLE, YES_NO, RuleType

Types = Mapping[str, RuleType]

OF_STEP: Types = {"done": YES_NO, "skipped": YES_NO, "open": YES_NO, "outcome": TEXT, "round": WHOLE}
"""What every step offers besides the fields of its form."""

OF_PARTY: Types = {"present": YES_NO, "count": WHOLE, "kind": TEXT, "id_type": TEXT, "name": TEXT}

OF_CASE: Types = {
    "case.number": TEXT,
    "case.opened_on": TEXT,
    "case.state": TEXT,
    "today": TEXT,
    "checklist.total": WHOLE,
    "checklist.checked": WHOLE,
    "checklist.open_items": WHOLE,
    "checklist.failed": WHOLE,
    "checklist.rounds": WHOLE,
    "papers.missing": WHOLE,
    "ledger.charged_fen": WHOLE,
    "ledger.due_fen": WHOLE,
    "ledger.paid_fen": WHOLE,
    "ledger.deposit_fen": WHOLE,
    **{f"unit.{name}": WHOLE if info.annotation is int else TEXT for name, info in Unit.model_fields.items()},
    "unit.area": DOUBLE,  # rules see square metres as a number; everywhere else it is text with two places
}

PERSON = ("name", "kind", "id_type", "id_number", "phone", "address", "representative", "representative_id")
"""What a prefill may take from a party; rules see only OF_PARTY, so that no identity number reaches a
rule."""

OPENING = ("unit.", "parties.", "case.", "estate.", "today")
"""Names that are known as soon as a case is open."""

_OF_FIELD: Types = {
    "integer": WHOLE,
    "money": WHOLE,
    "decimal": DOUBLE,
    "yes_no": YES_NO,
    "choices": TEXTS,
    "table": ROWS,
    **dict.fromkeys(
        (
            "text",
            "long_text",
            "date",
            "time",
            "datetime",
            "choice",
            "phone",
            "resident_id",
            "passport",
            "company_code",
            "unit",
            "person",
            "file",
            "photo",
            "ink",
        ),
        TEXT,
    ),
}


def form_types(form: Form) -> dict[str, RuleType]:
    """The names of a form's fields; a group offers `group.field`, money is whole 分."""
    types: dict[str, RuleType] = {}
    for field in form.fields:
        types |= field_types(field)
    return types


def field_types(field: Field) -> dict[str, RuleType]:
    """The names one field offers. A plugin's type may hold anything."""
    if field.type == "group":
        return {f"{field.name}.{inner.name}": _OF_FIELD.get(inner.type, ANY) for inner in field.fields}
    return {field.name: _OF_FIELD.get(field.type, ANY)}


def step_types(bundle: Bundle, step: Step) -> dict[str, RuleType]:
    """`step.done`, `step.outcome`, …, and `step.FIELD` for every field of its form."""
    own = dict(OF_STEP)
    form = next((form for form in bundle.forms if form.name == step.form), None)
    if form:
        own |= form_types(form)
    elif step.form:
        return {step.name: ANY}  # the form is missing, which is told once and not for each of its fields
    return {f"{step.name}.{name}": type_ for name, type_ in own.items()}


def case_types(bundle: Bundle, settings: Mapping[str, object] | None) -> dict[str, RuleType]:
    """Every name a rule of this procedure may read; `settings` are the estate's, None when no estate is
    known."""
    types = dict(OF_CASE)
    for step in bundle.procedure.steps:
        types |= step_types(bundle, step)
    for party in bundle.procedure.parties:
        types |= {f"parties.{party.name}.{name}": type_ for name, type_ in OF_PARTY.items()}
    for document in bundle.documents:
        types |= {f"documents.{document.name}.{name}": YES_NO for name in ("issued", "signed")}
    for name, value in (settings or {}).items():
        types[f"estate.{name}"] = YES_NO if isinstance(value, bool) else WHOLE if isinstance(value, int) else TEXT
    return types


def person_names(bundle: Bundle) -> set[str]:
    """`parties.PARTY.KEY` for everything a prefill may take."""
    return {f"parties.{party.name}.{key}" for party in bundle.procedure.parties for key in PERSON}
