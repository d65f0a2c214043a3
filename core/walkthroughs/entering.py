"""Filling a form as a browser does: what the page offers stands, what is said lies over it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core.forms import FieldView, FormView, Posted
from core.forms.plan import PREFIX

_UNSAID = object()


def posted(view: FormView, values: Mapping[str, Any]) -> Posted:
    """The form as it would be posted after somebody entered `values`; names it does not know are posted too."""
    known = {field.name: field for field in view.fields}
    pairs = [pair for name, field in known.items() for pair in _pairs(field, values.get(name, _UNSAID))]
    strange = [(PREFIX + name, str(value)) for name, value in values.items() if name not in known]
    return Posted([*pairs, *strange])


def _pairs(field: FieldView, said: Any) -> Iterator[tuple[str, str]]:
    if field.type == "table":
        yield from _rows(field, said)
    elif field.type == "group":
        inner = said if isinstance(said, Mapping) else {}
        for one in field.fields:
            yield from _pairs(one, inner.get(one.name, _UNSAID))
        known = {one.name for one in field.fields}
        yield from ((f"{field.html_name}-{name}", str(value)) for name, value in inner.items() if name not in known)
    elif said is _UNSAID:
        yield from _drawn(field)
    else:
        yield from ((field.html_name, text) for text in _texts(said))


def _rows(field: FieldView, said: Any) -> Iterator[tuple[str, str]]:
    if said is _UNSAID:
        for row in field.rows:
            if any(cell.text for cell in row.fields):
                yield from (pair for cell in row.fields for pair in _drawn(cell))
        return
    for index, row in enumerate(said):
        for name, value in row.items():
            yield from ((f"{field.html_name}-{index}-{name}", text) for text in _texts(value))


def _drawn(field: FieldView) -> Iterator[tuple[str, str]]:
    chosen = [choice.value for choice in field.choices if choice.chosen]
    if field.choices:
        yield from ((field.html_name, value) for value in chosen)
    elif field.text:
        yield field.html_name, field.text


def _texts(value: Any) -> list[str]:
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return [str(item) for item in value] if isinstance(value, list | tuple) else [str(value)]
