"""The shape in which a template finds a form: fields, groups, rows, and a box for each choice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.domain.forms import Field, Form


def form_values(form: Form, value: Callable[[Field, bool], Any], *, rows: int, ticked: bool) -> dict[str, Any]:
    """What stands under `forms.NAME` in a context. `value`: of a field, and whether it stands in a row; `rows`: of each
    table, within its own limits; `ticked`: whether boxes are (of yes and no, the first)."""
    found: dict[str, Any] = {}
    for field in form.fields:
        if field.type == "table":
            row = {column.name: value(column, True) for column in field.columns}
            found[field.name] = [row] * min(field.max_rows, max(rows, field.min_rows))
        elif field.type == "group":
            found[field.name] = {inner.name: value(inner, False) for inner in field.fields}
        else:
            found[field.name] = value(field, False)
            found |= _boxes(field, ticked)
    return found


def _boxes(field: Field, ticked: bool) -> dict[str, Any]:
    if field.choices:
        rows = {f"{field.name}_list": [choice.title.zh for choice in field.choices]} if field.type == "choices" else {}
        return {f"{field.name}_is": {choice.value: ticked for choice in field.choices}, **rows}
    return {f"{field.name}_is": {"yes": ticked, "no": False}} if field.type == "yes_no" else {}
