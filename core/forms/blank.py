"""The blank paper twin of a form: what is printed for somebody who fills it in by pen."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.forms import Form
from core.forms.fields import FieldTypes
from core.forms.plan import Spec, plan_of

_LINES = {"long_text": 5, "ink": 3, "photo": 6}


@dataclass(frozen=True)
class BlankRow:
    """One line of the paper. `kind`: field, heading or table.

    field: `title`, `*` when required, `boxes` to tick, `lines` high; table: `columns`, empty `lines`.
    """

    kind: str
    title: str
    required: bool = False
    hint: str = ""
    boxes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    suffix: str = ""
    lines: int = 1


@dataclass(frozen=True)
class BlankForm:
    """Title, code and rows of the paper."""

    title: str
    code: str
    rows: tuple[BlankRow, ...]


def blank(form: Form, locale: str = "zh_CN", types: FieldTypes | None = None) -> BlankForm:
    """The paper twin of `form`, in the order of its fields."""
    rows: list[BlankRow] = []
    for spec in plan_of(form, types).specs:
        if spec.kind == "table":
            columns = tuple(inner.title.in_(locale) for inner in spec.inner)
            lines = min(max(spec.field.min_rows, 5), spec.field.max_rows)
            title = spec.title.in_(locale)
            rows.append(BlankRow("table", title, spec.required, columns=columns, lines=lines))
        elif spec.kind == "group":
            rows.append(BlankRow("heading", spec.title.in_(locale)))
            rows.extend(_row(inner, locale) for inner in spec.inner)
        else:
            rows.append(_row(spec, locale))
    return BlankForm(form.title.in_(locale), form.code, tuple(rows))


def _row(spec: Spec, locale: str) -> BlankRow:
    field = spec.field
    boxes = tuple(choice.title.in_(locale) for choice in field.choices)
    hint, suffix = (text.in_(locale) if text else "" for text in (field.help, field.suffix))
    if field.type == "yes_no":
        boxes = tuple(spec.type.show(value, field, locale) for value in (True, False))
    return BlankRow("field", spec.title.in_(locale), spec.required, hint, boxes, suffix=suffix,
                    lines=_LINES.get(field.type, 1))
