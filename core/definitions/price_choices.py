"""Choices that are the items of a price list, with their prices: what is ordered in a form and what is charged for it
stand in one place, and the price is seen by whoever chooses."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.base import Text
from core.domain.fees import PriceItem, PriceList
from core.domain.forms import Choice, Field, Form


def with_prices(form: Form, lists: Sequence[PriceList]) -> Form:
    """`form` with the choices of every field that has `choices_from`; a list that is not there leaves none."""
    if not any(field.choices_from for top in form.fields for field in (top, *top.columns, *top.fields)):
        return form
    return form.model_copy(update={"fields": tuple(_filled(field, lists) for field in form.fields)})


def _filled(field: Field, lists: Sequence[PriceList]) -> Field:
    update: dict[str, object] = {}
    for inner in ("columns", "fields"):
        if getattr(field, inner):
            update[inner] = tuple(_filled(one, lists) for one in getattr(field, inner))
    if field.choices_from:
        items = next((one.items for one in lists if one.name == field.choices_from), ())
        update["choices"] = tuple(Choice(value=item.name, title=_titled(item)) for item in items)
    return field.model_copy(update=update) if update else field


def _titled(item: PriceItem) -> Text:
    """更换水龙头（30.00 元/个）"""
    return Text(zh=f"{item.title.zh}（{item.price} 元/{item.unit.zh}）",
                en=f"{item.title.in_('en')} (CNY {item.price}/{item.unit.in_('en')})")
