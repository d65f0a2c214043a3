"""A form made ready for many verdicts: types found, rules compiled, kept as long as the form lives."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from typing import Any

from core.domain.base import Text
from core.domain.forms import CrossRule, Field, Form
from core.forms.field_type import Context, FieldType, Wrong
from core.forms.fields import BUILT_IN, FieldTypes
from core.forms.messages import say
from core.rules import Rule

Texts = str | list[str]
"""What was entered for one scalar field: a text; a list where the type takes several."""

PREFIX = "f-"
"""Stands before every field name in HTML, so that no field is called like something WTForms owns."""


_MISSING = {"choice": "choose", "choices": "choose", "yes_no": "choose", "person": "choose", "file": "attach",
            "photo": "attach", "ink": "sign"}


class Spec:
    """A field with its type and compiled rules; `inner`: columns of a table, or fields of a group."""

    __slots__ = ("field", "inner", "longest", "name", "required", "required_when", "several", "title", "type",
                 "when")

    def __init__(self, field: Field, types: FieldTypes) -> None:
        self.field = field
        self.name = field.name
        self.title = field.title
        self.type: FieldType = types.of(field)
        self.several = self.type.several
        self.longest = self.type.longest
        self.required = field.required
        self.when = Rule.compile(field.when) if field.when else None
        self.required_when = Rule.compile(field.required_when) if field.required_when else None
        self.inner = tuple(Spec(inner, types) for inner in (*field.columns, *field.fields))

    @property
    def kind(self) -> str:
        """`table`, `group` or `scalar`."""
        return self.field.type if self.field.type in ("table", "group") else "scalar"

    @property
    def nothing(self) -> Any:
        """The value of a question that was not answered."""
        return [] if self.several or self.field.type == "table" else None

    def take(self, texts: Texts) -> Any:
        """The value of what was entered; Wrong when there is none."""
        if isinstance(texts, list):
            chosen = [text for text in (text.strip() for text in texts) if text]
            return self.type.parse_all(chosen, self.field) if chosen else self.nothing
        text = texts.strip()
        if not text:
            return None
        if len(text) > self.longest:
            raise Wrong(say("longer", most=self.longest, length=len(text)))
        return self.type.parse(text, self.field)

    def faults(self, value: Any, context: Context) -> list[Text]:
        """What is wrong with a value that was taken; nothing is never wrong here."""
        if value is None or value == []:
            return []
        return self.type.validate(value, self.field, context)

    def missing(self) -> Text:
        """What to say when the answer is missing."""
        return say(_MISSING.get(self.field.type, "required"), title=self.title)


class CompiledRule:
    """A rule across fields with the names of the fields that it reads."""

    __slots__ = ("reads", "rule", "said")

    def __init__(self, said: CrossRule) -> None:
        self.said = said
        self.rule = Rule.compile(said.check)
        self.reads = frozenset(name.partition(".")[0] for name in self.rule.names)


class Plan:
    """A form's specs in order and by name, and its rules."""

    def __init__(self, form: Form, types: FieldTypes) -> None:
        self.form_name = form.name
        self.title = form.title
        self.code = form.code
        self.types = types
        self.specs = tuple(Spec(field, types) for field in form.fields)
        self.by_name = {spec.name: spec for spec in self.specs}
        self.rules = tuple(CompiledRule(rule) for rule in form.rules)
        self.conditional = tuple(spec for spec in self.specs if spec.when or any(x.when for x in spec.inner))
        self.has_rules = bool(self.rules) or bool(self.conditional) or any(
            spec.required_when or any(inner.required_when for inner in spec.inner) for spec in self.specs)
        self.reads = frozenset(self._names_read()) - self.by_name.keys() - {"row"}
        """Names that the rules read beside the form's own fields."""
        self.bound: dict[str, Any] = {}
        """WTForms classes by locale, made by `web`."""

    def _names_read(self) -> Iterator[str]:
        every = [one for spec in self.specs for one in (spec, *spec.inner)]
        rules = [rule for spec in every for rule in (spec.when, spec.required_when) if rule]
        for rule in (*rules, *(rule.rule for rule in self.rules)):
            yield from (name.partition(".")[0] for name in rule.names)


# by identity: hashing a form means walking through all of it
_PLANS: dict[tuple[int, int], tuple[weakref.ref[Form], Plan]] = {}


def plan_of(form: Form, types: FieldTypes | None = None) -> Plan:
    """The plan of `form`, made once per form object and register of types."""
    types = types or BUILT_IN
    key = (id(form), id(types))
    kept = _PLANS.get(key)
    if kept is not None and kept[0]() is form and kept[1].types is types:
        return kept[1]
    plan = Plan(form, types)
    _PLANS[key] = (weakref.ref(form, lambda _: _PLANS.pop(key, None)), plan)
    return plan


def names_read(form: Form, types: FieldTypes | None = None) -> frozenset[str]:
    """First names that the rules of `form` read beside its own fields (`unit`, `parties`, a step)."""
    return plan_of(form, types).reads


def rule_values(
    form: Form, values: Mapping[str, Any], types: FieldTypes | None = None
) -> dict[str, Any]:
    """`values` as rules see them: money in whole 分, decimals as double, dates as ISO text, else null.

    Every field of the form has its name there; rows and groups are maps with all of theirs.
    """
    return {spec.name: _for_rule(spec, values.get(spec.name)) for spec in plan_of(form, types).specs}


def _for_rule(spec: Spec, value: Any) -> Any:
    if spec.kind == "table":
        return [{inner.name: _for_rule(inner, row.get(inner.name)) for inner in spec.inner}
                for row in value or ()]
    if spec.kind == "group":
        return {inner.name: _for_rule(inner, (value or {}).get(inner.name)) for inner in spec.inner}
    if value is None or value == []:
        return spec.nothing
    return spec.type.for_rule(value)
