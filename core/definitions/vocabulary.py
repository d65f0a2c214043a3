"""The names that rules, fees and prefills may read, with their types. `core.cases.values` supplies the
values."""

from __future__ import annotations

from collections.abc import Mapping

from core.domain.bundle import Bundle
from core.domain.estates import Unit
from core.domain.facts import Fact
from core.domain.forms import Field, Form
from core.domain.procedures import Procedure, Step
from core.rules.types import ANY, DOUBLE, ROWS, TEXT, TEXTS, WHOLE, YES_NO, RuleType

Types = Mapping[str, RuleType]

OF_STEP: Types = {"done": YES_NO, "skipped": YES_NO, "open": YES_NO, "outcome": TEXT, "round": WHOLE}
"""What every step offers besides the fields of its form."""

BY_PART: Mapping[str, tuple[tuple[str, ...], RuleType]] = {
    "valid_to": (("validity",), TEXT),
    "valid": (("validity",), YES_NO),
    "rung": (("ladder",), TEXT),
    "overdue": (("due", "repeat"), YES_NO),
    "approved": (("approvals",), YES_NO),
    "count": (("each", "repeat"), WHOLE),
}
"""What a step offers that has one of these parts: name → (parts, type)."""

OF_ITEMS = ("overdue", "count")
"""Of these, what a step offers that has a round for each item: no values of its own, since each item has others."""

OF_PARTY: Types = {"present": YES_NO, "count": WHOLE, "kind": TEXT, "id_type": TEXT, "name": TEXT}

OF_CASE: Types = {
    "case.number": TEXT,
    "case.opened_on": TEXT,
    "case.state": TEXT,
    "case.place": TEXT,
    "case.subject": TEXT,
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

OF_ITEM = tuple(f"item.{key}" for key in (*PERSON, "number"))
"""What a prefill may take from the person that a per-item step is about."""

OF_CHILD: Types = {"open": WHOLE, "count": WHOLE, "well": WHOLE}
"""What `children.KIND` offers: sub-cases that are open, all that are not withdrawn, those that ended well."""

IS_OPEN: Types = {"is_open": YES_NO}
"""What only `provides` may read: whether the case is open."""

OPENING = ("unit.", "parties.", "case.", "estate.", "parent.", "today")
"""Names that are known as soon as a case is open."""

_OF_FACT: Types = {"integer": WHOLE, "yes_no": YES_NO, "text": TEXT, "date": TEXT}
_FACT_UNDER = {"unit": "unit", "estate": "estate_facts", "place": "subject", "person": "subject"}

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
    own = {**OF_STEP, **{name: type_ for name, (parts, type_) in BY_PART.items() if _has(step, parts)}}
    if per_item(step):
        return {f"{step.name}.{name}": own[name] for name in (*OF_STEP, *OF_ITEMS) if name in own}
    own.pop("count", None)
    form = next((form for form in bundle.forms if form.name == step.form), None)
    if form:
        own = form_types(form) | own
    elif step.form:
        return {step.name: ANY}  # the form is missing, which is told once and not for each of its fields
    return {f"{step.name}.{name}": type_ for name, type_ in own.items()}


def per_item(step: Step) -> bool:
    """Whether the step has a round for each item, and so no values and moments of its own."""
    return bool(step.each or (step.repeat and step.repeat.per_role))


def _has(step: Step, parts: tuple[str, ...]) -> bool:
    return any(getattr(step, part) for part in parts)


def fact_name(fact: Fact) -> str:
    """The name under which rules and templates read a fact: `unit.NAME`, `estate_facts.NAME`, `subject.NAME`."""
    return f"{_FACT_UNDER[fact.subject]}.{fact.name}"


def fact_types(procedure: Procedure) -> dict[str, RuleType]:
    """The facts that a procedure declares, by the name under which they are read."""
    return {fact_name(fact): _OF_FACT[fact.type] for fact in procedure.facts}


def case_types(bundle: Bundle, settings: Mapping[str, object] | None) -> dict[str, RuleType]:
    """Every name a rule of this procedure may read; `settings` are the estate's, None when no estate is
    known."""
    types = dict(OF_CASE)
    for step in bundle.procedure.steps:
        types |= step_types(bundle, step)
    for party in bundle.procedure.parties:
        types |= {f"parties.{party.name}.{name}": type_ for name, type_ in OF_PARTY.items()}
    for child in bundle.procedure.children:
        types |= {f"children.{child.name}.{name}": type_ for name, type_ in OF_CHILD.items()}
    types |= {f"counts.{count.name}": WHOLE for count in bundle.procedure.counts}
    types |= fact_types(bundle.procedure)
    types["parent"] = ANY  # a sub-case does not know whose it is; the neighbours' check does
    for document in bundle.documents:
        types |= {f"documents.{document.name}.{name}": YES_NO for name in ("issued", "signed")}
    for name, value in (settings or {}).items():
        types[f"estate.{name}"] = YES_NO if isinstance(value, bool) else WHOLE if isinstance(value, int) else TEXT
    return types


def form_words(form: Form) -> dict[str, tuple[str, ...]]:
    """What the choice fields of a form may hold, by name."""
    fields = [(field.name, field) for field in form.fields]
    fields += [(f"{group.name}.{field.name}", field) for group in form.fields if group.type == "group" for field in group.fields]
    return {name: tuple(choice.value for choice in field.choices) for name, field in fields if field.choices}


def case_words(bundle: Bundle) -> dict[str, tuple[str, ...]]:
    """What names of the case hold that hold one of a few words: choices, outcomes, rungs, kinds of people."""
    words: dict[str, tuple[str, ...]] = {"case.subject": bundle.procedure.subject}
    forms = {form.form: form for form in bundle.forms}
    for step in bundle.procedure.steps:
        if step.form in forms and not per_item(step):
            words |= {f"{step.name}.{name}": found for name, found in form_words(forms[step.form]).items()}
        words[f"{step.name}.outcome"] = tuple(outcome.name for outcome in step.outcomes)
        if step.ladder:
            words[f"{step.name}.rung"] = tuple(rung.name for rung in step.ladder.rungs)
    for party in bundle.procedure.parties:
        words[f"parties.{party.name}.kind"] = ("person", "company") if party.kind == "either" else (party.kind,)
    return words


def person_names(bundle: Bundle) -> set[str]:
    """`parties.PARTY.KEY` for everything a prefill may take."""
    return {f"parties.{party.name}.{key}" for party in bundle.procedure.parties for key in PERSON}
