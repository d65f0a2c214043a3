"""Parting what is encrypted in the store from what is not, and covering it on pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.forms import Field, Form
from core.forms.fields import FieldTypes
from core.forms.plan import Spec, plan_of


def split(form: Form, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """`values` without their sensitive ones (None in their place), and these by path (`family-0-phone`).

    Works on typed and on JSON values alike; `join` puts them together again.
    """
    plain: dict[str, Any] = {}
    secret: dict[str, Any] = {}
    fields = {field.name: field for field in form.fields}
    for name, value in values.items():
        field = fields.get(name)
        plain[name] = value if field is None else _part(field, name, value, secret)
    return plain, secret


def _part(field: Field, path: str, value: Any, secret: dict[str, Any]) -> Any:
    if field.is_sensitive:
        if value is not None and value != []:
            secret[path] = value
            return None
        return value
    if field.type == "table":
        return [_part_all(field.columns, f"{path}-{at}", row, secret) for at, row in enumerate(value or ())]
    if field.type == "group" and value is not None:
        return _part_all(field.fields, path, value, secret)
    return value


def _part_all(fields: tuple[Field, ...], path: str, values: Mapping[str, Any],
              secret: dict[str, Any]) -> dict[str, Any]:
    known = {field.name: field for field in fields}
    return {name: _part(known[name], f"{path}-{name}", value, secret) if name in known else value
            for name, value in values.items()}


def join(plain: Mapping[str, Any], secret: Mapping[str, Any]) -> dict[str, Any]:
    """What `split` parted, whole again; neither argument is changed."""
    whole = {name: _copied(value) for name, value in plain.items()}
    for path, value in secret.items():
        place: Any = whole
        *before, last = path.split("-")
        for step in before:
            place = place[int(step)] if isinstance(place, list) else place[step]
        place[last] = value
    return whole


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value


def masked(form: Form, values: Mapping[str, Any], types: FieldTypes | None = None) -> dict[str, Any]:
    """`values` with the sensitive ones covered: `张*`, `138****1234`, `3101**********1234`."""
    specs = plan_of(form, types).by_name
    return {name: _mask(specs[name], value) if name in specs else value for name, value in values.items()}


def _mask(spec: Spec, value: Any) -> Any:
    if value is None or value == []:
        return value
    if spec.kind == "scalar":
        return spec.type.mask(value) if spec.field.is_sensitive else value
    if spec.field.is_sensitive:
        return "***"
    if spec.kind == "table":
        return [_mask_all(spec, row) for row in value]
    return _mask_all(spec, value)


def _mask_all(spec: Spec, values: Mapping[str, Any]) -> dict[str, Any]:
    inner = {one.name: one for one in spec.inner}
    return {name: _mask(inner[name], value) if name in inner else value for name, value in values.items()}
