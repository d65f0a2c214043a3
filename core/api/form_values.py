"""The answers in a drawn form as the JSON that `form` takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.forms import FieldView, FormView


def values_of(view: FormView) -> dict[str, Any]:
    """The answers by field; None where there is none, masked ones left out, rows only where something was entered."""
    return _all(view.fields)


def masked_of(view: FormView) -> dict[str, str]:
    """The covers of sensitive answers by path (`family-0-phone`)."""
    return {field.path: field.masked for field in _flat(view.fields) if field.masked}


def _flat(fields: tuple[FieldView, ...]) -> Iterator[FieldView]:
    for field in fields:
        yield field
        yield from _flat(field.fields)
        for row in field.rows:
            yield from _flat(row.fields)


def _all(fields: tuple[FieldView, ...]) -> dict[str, Any]:
    return {field.name: _value(field) for field in fields if not field.masked}


def _value(field: FieldView) -> Any:
    if field.type == "table":
        rows = [(_all(row.fields), any(cell.masked for cell in row.fields)) for row in field.rows]
        return [row for row, covered in rows if covered or any(value not in (None, []) for value in row.values())]
    if field.type == "group":
        return _all(field.fields)
    if field.type == "choices":
        return [choice.value for choice in field.choices if choice.chosen]
    if field.type == "yes_no":
        return {"yes": True, "no": False}.get(field.text)
    if field.type == "integer" and field.text.lstrip("+-").isdecimal():
        return int(field.text)
    return field.text or None
