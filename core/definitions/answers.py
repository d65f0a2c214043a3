"""The answers of a procedure's forms by dotted name, and the moments and values that definitions of time may name."""

from __future__ import annotations

from collections.abc import Mapping

from core.definitions.vocabulary import per_item
from core.domain.bundle import Bundle
from core.domain.forms import FIELD_TYPES, Field
from core.domain.procedures import Step

DATES = ("date", "datetime")
VALUES = ("choice", "text")


class Answers:
    """Fields and moments of a procedure.

    `fields`: STEP.FIELD → field of that step's form; `of_items`: the same of steps with a round for each item, whose values
    nobody else can name; `moments`: every name of a moment; `blind`: steps whose form is missing, which is told once and not
    for each of its fields.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.steps: Mapping[str, Step] = {step.name: step for step in bundle.procedure.steps}
        forms = {form.form: form for form in bundle.forms}
        self.blind = frozenset(step.name for step in bundle.procedure.steps if step.form and step.form not in forms)
        self.fields: dict[str, Field] = {}
        self.of_items: dict[str, Field] = {}
        for step in bundle.procedure.steps:
            found = self.of_items if per_item(step) else self.fields
            found |= {f"{step.name}.{field.name}": field for field in (forms[step.form].fields if step.form in forms else ())}
        self.moments = ["case.opened", *(name for step in self.steps.values() for name in _of_step(step))]
        self.moments += self.of_types(DATES)

    def of_types(self, types: tuple[str, ...]) -> list[str]:
        """The fields of one of `types`; a plugin's type may be anything."""
        return [name for name, field in self.fields.items() if field.type in types or field.type not in FIELD_TYPES]


def _of_step(step: Step) -> list[str]:
    if per_item(step):
        return []
    words = ["done", "opened"]
    if step.approvals or any(outcome.approvals for outcome in step.outcomes):
        words.append("approved")
    if step.validity:
        words.append("valid_to")
    return [f"{step.name}.{word}" for word in words]


def choices_of(field: Field) -> list[str] | None:
    """What may be chosen; None when anything may be written."""
    return [choice.value for choice in field.choices] if field.choices else None
