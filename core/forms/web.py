"""The form definition as a WTForms class: binding of posted texts, and one validation per field.

Tables are not among its fields: WTForms' FieldList drops rows beyond its limit in silence and takes 76 ms for
500 × 8 cells; rows go through the same `Spec.take` and `Spec.faults`, cell by cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import wtforms
from wtforms.form import BaseForm

from core.domain.base import Text
from core.forms.answers import Answers
from core.forms.field_type import Context, Wrong
from core.forms.plan import PREFIX, Plan, Spec, Texts


class AnswerField(wtforms.Field):
    """A WTForms field of any of our types: `data` is the typed value, `errors` know both languages."""

    def __init__(self, label: str | None = None, *, spec: Spec, **options: Any) -> None:
        super().__init__(label, **options)
        self.spec = spec

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = self.spec.nothing
        if valuelist:
            try:
                self.data = self.spec.take(valuelist if self.spec.several else valuelist[0])
            except Wrong as wrong:
                self.process_errors.append(wrong.message)  # type: ignore[union-attr]  # a list since process()

    def pre_validate(self, form: BaseForm) -> None:
        if not self.errors:
            self.errors = self.spec.faults(self.data, form.meta.context)  # type: ignore[attr-defined]


class BoundForm(wtforms.Form):
    """The base of every generated class. CSRF is Pyramid's business; messages are ours, in both languages."""

    class Meta:
        csrf = False
        context = Context()

        def get_translations(self, form: BaseForm) -> None:
            return None


class _Lists:
    """Answers as WTForms reads them: constant time for each name."""

    def __init__(self, lists: Mapping[str, list[str]]) -> None:
        self._lists = lists

    def __iter__(self) -> Iterator[str]:
        return iter(self._lists)

    def __len__(self) -> int:
        return len(self._lists)

    def __bool__(self) -> bool:
        return True  # an empty form was posted all the same

    def __contains__(self, name: str) -> bool:
        return name in self._lists

    def getlist(self, name: str) -> list[str]:
        return self._lists.get(name, [])


def form_class(plan: Plan, locale: str = "zh_CN") -> type[BoundForm]:
    """The WTForms class of a plan in `locale`, made once; its attributes are the HTML names (`f-area`)."""
    kept = plan.bound.get(locale)
    if kept is None:
        fields = {PREFIX + path: AnswerField(spec.title.in_(locale), spec=spec)
                  for path, spec in _bound_specs(plan)}
        name = "Form" + plan.form_name.title().replace("_", "")
        kept = plan.bound[locale] = type(name, (BoundForm,), fields)
    return kept


def _bound_specs(plan: Plan) -> Iterator[tuple[str, Spec]]:
    for spec in plan.specs:
        if spec.kind == "group":
            yield from ((f"{spec.name}-{inner.name}", inner) for inner in spec.inner)
        elif spec.kind == "scalar":
            yield spec.name, spec


def bind(plan: Plan, answers: Answers, context: Context) -> BoundForm:
    """The WTForms form with `answers` in it, validated: read `data` and `errors` of its fields."""
    lists: dict[str, list[str]] = {PREFIX + name: _listed(texts) for name, texts in answers.scalars.items()}
    for group, found in answers.groups.items():
        lists.update({f"{PREFIX}{group}-{name}": _listed(texts) for name, texts in found.items()})
    bound = form_class(plan, context.locale)(_Lists(lists), meta={"context": context})
    bound.validate()
    return bound


def _listed(texts: Texts) -> list[str]:
    return [texts] if isinstance(texts, str) else texts


def messages_of(field: wtforms.Field) -> list[Text]:
    """The field's errors, which are ours and know both languages."""
    return [error if isinstance(error, Text) else Text(zh=str(error)) for error in field.errors]
