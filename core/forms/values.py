"""Typed values on their way out: into the store as JSON, onto pages and papers as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.domain.forms import Form
from core.forms.fields import FieldTypes
from core.forms.plan import Spec, plan_of

Turn = Callable[[Spec, Any], Any]


def to_json(form: Form, values: Mapping[str, Any], types: FieldTypes | None = None) -> dict[str, Any]:
    """`values` as the store keeps them and the API gives them: money and decimals as text."""
    return _each(form, values, types, lambda spec, value: spec.type.to_json(value), None)


def from_json(form: Form, stored: Mapping[str, Any], types: FieldTypes | None = None) -> dict[str, Any]:
    """The typed values that `to_json` made; fields that the form has and the store has not are None."""
    return _each(form, stored, types, lambda spec, value: spec.type.from_json(value), None)


def shown(form: Form, values: Mapping[str, Any], locale: str = "zh_CN",
          types: FieldTypes | None = None) -> dict[str, Any]:
    """`values` as pages show them, with suffix; no answer is an empty text."""
    def show(spec: Spec, value: Any) -> str:
        suffix = spec.field.suffix.in_(locale) if spec.field.suffix else ""
        text = spec.type.show(value, spec.field, locale)
        return f"{text} {suffix}" if suffix else text

    return _each(form, values, types, show, "")


def printed(form: Form, values: Mapping[str, Any], types: FieldTypes | None = None) -> dict[str, Any]:
    """`values` as papers print them, in Chinese: `2026年3月1日`, `3,276.00`, `是`, titles of choices.

    Files, photos and ink stay the SHA-256 of their blob; no answer is an empty text.
    """
    return _each(form, values, types, lambda spec, value: spec.type.document(value, spec.field), "")


def _each(
    form: Form, values: Mapping[str, Any], types: FieldTypes | None, turn: Turn, nothing: Any
) -> dict[str, Any]:
    specs = plan_of(form, types).specs
    return {spec.name: _turned(spec, values.get(spec.name), turn, nothing) for spec in specs}


def _turned(spec: Spec, value: Any, turn: Turn, nothing: Any) -> Any:
    if spec.kind == "table":
        return [_turned_all(spec, row, turn, nothing) for row in value or ()]
    if spec.kind == "group":
        return None if value is None and nothing is None else _turned_all(spec, value or {}, turn, nothing)
    if value is None or value == []:
        return spec.nothing if nothing is None else nothing
    return turn(spec, value)


def _turned_all(spec: Spec, values: Mapping[str, Any], turn: Turn, nothing: Any) -> dict[str, Any]:
    return {inner.name: _turned(inner, values.get(inner.name), turn, nothing) for inner in spec.inner}
