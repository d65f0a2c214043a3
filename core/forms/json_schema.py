"""A form for programs: JSON Schema 2020-12 of its answers, and a UI schema of how it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.domain.base import Text
from core.domain.forms import Form
from core.forms.fields import FieldTypes
from core.forms.plan import Plan, Spec, plan_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(form: Form, locale: str = "zh_CN", types: FieldTypes | None = None) -> dict[str, Any]:
    """The JSON Schema of the answers. It says the shape; check characters, rules and existence are said by a
    dry run. `required` holds only what is required whatever else was answered."""
    plan = plan_of(form, types)
    return {"$schema": DIALECT, "$id": f"urn:shouxu:form:{form.name}", "title": form.title.in_(locale),
            **_object(plan.specs, locale)}


def _object(specs: Sequence[Spec], locale: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "additionalProperties": False,
                              "properties": {spec.name: _property(spec, locale) for spec in specs}}
    required = [spec.name for spec in specs if _always_required(spec)]
    if required:
        schema["required"] = required
    return schema


def _always_required(spec: Spec) -> bool:
    return spec.field.when is None and spec.required


def _property(spec: Spec, locale: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"title": spec.title.in_(locale)}
    if spec.field.help:
        schema["description"] = spec.field.help.in_(locale)
    if spec.kind == "table":
        schema |= {"type": "array", "items": _object(spec.inner, locale)}
    elif spec.kind == "group":
        schema |= _object(spec.inner, locale)
    else:
        schema |= spec.type.json_schema(spec.field)
    return schema if _always_required(spec) else _or_null(schema)


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema, or null, or for texts an empty one: all of them are no answer."""
    about = {name: schema.pop(name) for name in ("title", "description") if name in schema}
    nothing: list[dict[str, Any]] = [{"type": "null"}]
    if schema.get("type") == "string" or "anyOf" in schema:
        nothing.append({"const": ""})
    return about | {"anyOf": [*schema.pop("anyOf", [schema]), *nothing]}


def ui_schema(form: Form, types: FieldTypes | None = None) -> dict[str, Any]:
    """How the form is asked: order, titles in both languages, widgets, conditions and rules as CEL text."""
    plan = plan_of(form, types)
    return {"form": form.name, "code": form.code, "title": _both(form.title),
            "order": [spec.name for spec in plan.specs],
            "fields": {spec.name: _ui(spec) for spec in plan.specs}, "rules": _rules(plan)}


def _rules(plan: Plan) -> list[dict[str, Any]]:
    return [{"name": rule.said.name, "check": rule.said.check, "field": rule.said.field,
             "message": _both(rule.said.message)} for rule in plan.rules]


def _ui(spec: Spec) -> dict[str, Any]:
    field = spec.field
    ui: dict[str, Any] = {"type": field.type, "title": _both(field.title), "width": field.width,
                          "sensitive": field.is_sensitive, **spec.type.ui(field)}
    for name, text in (("help", field.help), ("suffix", field.suffix)):
        if text:
            ui[name] = _both(text)
    for name, rule in (("when", field.when), ("required_when", field.required_when)):
        if rule:
            ui[name] = rule
    if field.choices:
        ui["choices"] = [{"value": choice.value, "title": _both(choice.title)} for choice in field.choices]
    if spec.inner:
        ui["order"] = [inner.name for inner in spec.inner]
        ui["fields"] = {inner.name: _ui(inner) for inner in spec.inner}
    return ui


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en or text.zh}
