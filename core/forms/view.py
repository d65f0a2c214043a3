"""A form as pages draw it: sections, fields, rows and errors, so that templates know nothing of WTForms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field as member
from typing import Any

from core.domain.forms import Form
from core.errors import FieldProblem
from core.forms.answers import Answers
from core.forms.field_type import Context
from core.forms.plan import PREFIX, Spec, Texts, plan_of
from core.forms.verdict import not_asked


@dataclass(frozen=True)
class ChoiceView:
    """One value of a choice: as posted, as shown, and whether it is chosen."""

    value: str
    title: str
    chosen: bool


@dataclass(frozen=True)
class FieldView:
    """One control. `path` names it in problems, `html_name` in the form, `html_id` on the page.

    `widget`: text, textarea, number, date, time, datetime-local, select, radio, checks, file, ink, table,
    group.
    `required`: it must be answered, or must be whenever it is asked for.
    `text` is what stands in the control (of `checks`: empty, see `choices`). `when` is CEL for the browser;
    `asked` is what it said here: a field that is not asked is hidden, and its value will be dropped.
    `columns` are the headings of a table and, with `__row__` as index in their names, its empty new row.
    """

    name: str
    path: str
    html_name: str
    html_id: str
    type: str
    widget: str
    title: str
    help: str
    required: bool
    text: str
    choices: tuple[ChoiceView, ...] = ()
    errors: tuple[str, ...] = ()
    fields: tuple[FieldView, ...] = ()
    columns: tuple[FieldView, ...] = ()
    rows: tuple[RowView, ...] = ()
    suffix: str = ""
    width: str = "half"
    sensitive: bool = False
    masked: str = ""
    when: str = ""
    asked: bool = True
    min_rows: int = 0
    max_rows: int = 0
    attributes: dict[str, str] = member(default_factory=dict)


@dataclass(frozen=True)
class RowView:
    """One row of a table with the index that stands in its names, and the errors of the row as a whole."""

    index: int
    fields: tuple[FieldView, ...]
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class SectionView:
    """Fields that stand together: each group and table with its title, what lies between without one."""

    title: str
    fields: tuple[FieldView, ...]


@dataclass(frozen=True)
class ErrorView:
    """One line of the summary on top; `html_id` is where it leads to (empty: the form as a whole)."""

    html_id: str
    message: str
    code: str


@dataclass(frozen=True)
class FormView:
    """The whole form for one page in one language. `has_uploads`: files or drawings come with it."""

    name: str
    title: str
    code: str
    sections: tuple[SectionView, ...]
    errors: tuple[ErrorView, ...] = ()
    has_uploads: bool = False

    @property
    def fields(self) -> tuple[FieldView, ...]:
        """All fields in order, without their sections."""
        return tuple(field for section in self.sections for field in section.fields)


def view(form: Form, answers: Answers | None = None, *, context: Context | None = None,
         problems: Sequence[FieldProblem] = (), masked: bool = False, empty_rows: int = 1) -> FormView:
    """The form for a page, with `answers` in its controls and `problems` at their fields.

    `masked`: sensitive answers leave the control empty and show their mask beside it. `empty_rows`: rows that
    a table shows at least.
    """
    return _View(form, answers or Answers(), context or Context(), problems, masked, empty_rows).form_view()


def answers_of(form: Form, values: Mapping[str, Any], context: Context | None = None) -> Answers:
    """Stored values as the texts of their controls, to be corrected on a page."""
    plan, answers = plan_of(form, context.types if context else None), Answers()
    for spec in plan.specs:
        value = values.get(spec.name)
        if value is None:
            continue
        if spec.kind == "table":
            answers.tables[spec.name] = [(index, _texts_of(spec, row)) for index, row in enumerate(value)]
        elif spec.kind == "group":
            answers.groups[spec.name] = _texts_of(spec, value)
        else:
            answers.scalars[spec.name] = _text_of(spec, value)
    return answers


def first_answers(form: Form, lookup: Callable[[str], Any], context: Context | None = None) -> Answers:
    """What a fresh form holds: each `prefill` from `lookup` (None, KeyError: nothing), else `default`."""
    plan, answers = plan_of(form, context.types if context else None), Answers()
    for spec in plan.specs:
        if spec.kind == "scalar":
            _first(spec, answers.scalars, lookup)
        elif spec.kind == "group":
            for inner in spec.inner:
                _first(inner, answers.groups.setdefault(spec.name, {}), lookup)
    return answers


def _first(spec: Spec, found: dict[str, Texts], lookup: Callable[[str], Any]) -> None:
    value = None
    if spec.field.prefill:
        try:
            value = lookup(spec.field.prefill)
        except KeyError:
            value = None
    if value is None:
        value = spec.field.default
    if value is not None:
        text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
        found[spec.name] = [text] if spec.several else text


def _texts_of(spec: Spec, values: Mapping[str, Any]) -> dict[str, Texts]:
    return {inner.name: _text_of(inner, values[inner.name]) for inner in spec.inner
            if values.get(inner.name) is not None}


def _text_of(spec: Spec, value: Any) -> Texts:
    return [str(item) for item in value] if spec.several else spec.type.text(value, spec.field)


class _View:
    """One view in the making."""

    def __init__(self, form: Form, answers: Answers, context: Context, problems: Sequence[FieldProblem],
                 masked: bool, empty_rows: int) -> None:
        self.plan = plan_of(form, context.types)
        self.answers, self.context, self.masked, self.empty_rows = answers, context, masked, empty_rows
        self.problems = problems
        self.by_path: dict[str, list[str]] = {}
        for problem in problems:
            self.by_path.setdefault(problem.field, []).append(problem.message)
        self.unasked = not_asked(form, answers, context) if self.plan.conditional else frozenset()

    def form_view(self) -> FormView:
        sections: list[SectionView] = []
        loose: list[FieldView] = []
        for spec in self.plan.specs:
            drawn = self._container(spec) if spec.inner else \
                self._field(spec, spec.name, self.answers.scalars.get(spec.name))
            if spec.inner:
                if loose:
                    sections.append(SectionView("", tuple(loose)))
                    loose = []
                sections.append(SectionView(drawn.title, (drawn,)))
            else:
                loose.append(drawn)
        if loose:
            sections.append(SectionView("", tuple(loose)))
        uploads = any(x.type.widget in ("file", "ink") for spec in self.plan.specs for x in (spec, *spec.inner))
        return FormView(self.plan.form_name, self.plan.title.in_(self.context.locale), self.plan.code,
                        tuple(sections), self._errors(), uploads)

    def _errors(self) -> tuple[ErrorView, ...]:
        return tuple(ErrorView(self._html_id(problem.field), problem.message, f"SX-{problem.number}")
                     for problem in self.problems)

    def _html_id(self, path: str) -> str:
        spec = self.plan.by_name.get(path.partition("-")[0])
        return PREFIX + path if spec else ""

    def _container(self, spec: Spec) -> FieldView:
        drawn = self._field(spec, spec.name, None)
        if spec.kind == "group":
            texts = self.answers.groups.get(spec.name, {})
            inner = tuple(self._field(x, f"{spec.name}-{x.name}", texts.get(x.name)) for x in spec.inner)
            return _with(drawn, fields=inner)
        columns = tuple(self._field(x, f"{spec.name}-__row__-{x.name}", None) for x in spec.inner)
        return _with(drawn, columns=columns, rows=self._rows(spec), min_rows=spec.field.min_rows,
                     max_rows=spec.field.max_rows)

    def _rows(self, spec: Spec) -> tuple[RowView, ...]:
        entered = list(self.answers.tables.get(spec.name, ()))
        following = entered[-1][0] + 1 if entered else 0
        least = max(spec.field.min_rows, min(self.empty_rows, spec.field.max_rows))
        entered += [(following + n, {}) for n in range(least - len(entered))]
        return tuple(RowView(index, tuple(self._field(x, f"{spec.name}-{index}-{x.name}", cells.get(x.name))
                                          for x in spec.inner), self._said(f"{spec.name}-{index}"))
                     for index, cells in entered)

    def _said(self, path: str) -> tuple[str, ...]:
        return tuple(self.by_path.get(path, ()))

    def _field(self, spec: Spec, path: str, texts: Texts | None) -> FieldView:
        field, locale = spec.field, self.context.locale
        covered = self.masked and field.is_sensitive and bool(texts)
        chosen = [] if covered or not texts else texts if isinstance(texts, list) else [texts]
        hints = spec.type.ui(field)
        return FieldView(
            name=spec.name, path=path, html_name=PREFIX + path, html_id=PREFIX + path, type=field.type,
            widget=str(hints["widget"]), title=spec.title.in_(locale),
            required=field.required or bool(field.required_when),
            help=field.help.in_(locale) if field.help else "", text="" if spec.several else "".join(chosen),
            choices=self._choices(spec, chosen), errors=self._said(path),
            suffix=field.suffix.in_(locale) if field.suffix else "", width=field.width,
            sensitive=field.is_sensitive, masked=self._mask(spec, texts) if covered and texts else "",
            when=field.when or "", asked=path not in self.unasked,
            attributes=_attributes(spec, hints),
        )

    def _mask(self, spec: Spec, texts: Texts) -> str:
        return "、".join(spec.type.mask(text) for text in ([texts] if isinstance(texts, str) else texts))

    def _choices(self, spec: Spec, chosen: list[str]) -> tuple[ChoiceView, ...]:
        locale = self.context.locale
        if spec.field.type == "yes_no":
            return tuple(ChoiceView(text, spec.type.show(value, spec.field, locale), text in chosen)
                         for text, value in (("yes", True), ("no", False)))
        return tuple(ChoiceView(choice.value, choice.title.in_(locale), choice.value in chosen)
                     for choice in spec.field.choices)


def _with(drawn: FieldView, **changed: Any) -> FieldView:
    return FieldView(**{**{name: getattr(drawn, name) for name in FieldView.__dataclass_fields__}, **changed})


def _attributes(spec: Spec, hints: Mapping[str, Any]) -> dict[str, str]:
    """HTML attributes of the control. No `pattern`: the browser's regular expressions are not ours."""
    attributes = {name: str(value) for name, value in hints.items()
                  if name not in ("widget", "min_rows", "max_rows")}
    # of text, min and max are lengths and stand in maxlength; a number field takes no maxlength
    if hints["widget"] in ("number", "date", "time", "datetime-local"):
        attributes.pop("maxlength", None)
        limits = (("min", spec.field.min), ("max", spec.field.max))
        attributes.update({name: str(limit) for name, limit in limits if limit is not None})
    return attributes
