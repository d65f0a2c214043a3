"""The one verdict on answers: typed values, or every problem at its field. All faces of a form come here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.base import Text
from core.domain.forms import Form
from core.errors import FieldProblem, InvalidInput
from core.forms.answers import Answers, Fault, Posted, clean, from_json, from_posted
from core.forms.field_type import Context, Wrong
from core.forms.messages import say
from core.forms.plan import PREFIX, CompiledRule, Plan, Spec, Texts, plan_of, rule_values
from core.forms.web import bind, messages_of
from core.rules import Activation, Rule

WRONG, MISSING, CROSS, ROWS = 2101, 2102, 2103, 2105
_WRONG = object()
"""A cell that holds something, but no value."""


@dataclass(frozen=True)
class Checked:
    """A verdict: `values` by field (see `Field`), `problems` in the order of the form, and what was entered.

    Where there are problems, `values` has what could be understood; only a verdict without any may be stored.
    """

    form: Form
    values: dict[str, Any]
    problems: tuple[FieldProblem, ...]
    answers: Answers

    @property
    def ok(self) -> bool:
        return not self.problems

    def raise_if_wrong(self) -> dict[str, Any]:
        """The values; InvalidInput with every problem when there is one."""
        if self.problems:
            raise InvalidInput(self.problems)
        return self.values


def check(form: Form, raw: Any, context: Context | None = None) -> Checked:
    """The verdict on `raw`: a posted form (`Posted`, or a MultiDict), a JSON object, or `Answers` of a draft.

    The same input gives the same verdict on every face. Unknown fields are refused; a field whose `when` does
    not hold is dropped with its problems; messages come in `context.locale`.
    """
    context = context or Context()
    plan = plan_of(form, context.types)
    answers = read(form, raw, context)
    judge = _Judge(form, plan, answers, context)
    values = judge.values()
    return Checked(form, values, judge.problems(), answers)


def read(form: Form, raw: Any, context: Context | None = None) -> Answers:
    """What was entered, cleaned but not judged: what a draft keeps."""
    plan = plan_of(form, context.types if context else None)
    if isinstance(raw, Answers):
        answers = _declared(plan, raw)
    elif isinstance(raw, Posted):
        answers = from_posted(plan, raw)
    elif hasattr(raw, "getall"):
        answers = from_posted(plan, Posted(raw))
    else:
        answers = from_json(plan, raw)
    clean(answers)
    return answers


def not_asked(form: Form, answers: Answers, context: Context) -> frozenset[str]:
    """Paths of the fields whose `when` does not hold with what was entered so far."""
    judge = _Judge(form, plan_of(form, context.types), answers, context)
    judge.values()
    return frozenset(judge.dropped)


def _declared(plan: Plan, kept: Answers) -> Answers:
    """A copy of a draft without what the form no longer asks."""
    def of(spec: Spec, found: Mapping[str, Texts]) -> dict[str, Texts]:
        names = {inner.name for inner in spec.inner}
        return {name: texts for name, texts in found.items() if name in names}

    specs = plan.by_name
    kinds = {name: spec.kind for name, spec in specs.items()}
    return Answers(
        {name: texts for name, texts in kept.scalars.items() if kinds.get(name) == "scalar"},
        {name: of(specs[name], found) for name, found in kept.groups.items() if kinds.get(name) == "group"},
        {name: [(index, of(specs[name], cells)) for index, cells in rows]
         for name, rows in kept.tables.items() if kinds.get(name) == "table"},
        list(kept.faults),
    )


class _Judge:
    """One verdict in the making: faults by path, values by field."""

    def __init__(self, form: Form, plan: Plan, answers: Answers, context: Context) -> None:
        self.form, self.plan, self.answers, self.context = form, plan, answers, context
        self.faults: dict[str, list[Fault]] = {}
        self.taken: dict[str, Any] = {}
        self.rows: dict[str, list[int]] = {}  # the index that each kept row came with
        self.dropped: set[str] = set()
        self.right: dict[Spec, dict[str, Any]] = {}  # by column of a table: what texts were found right, and their values
        self.seen: Activation | None = None  # what rules see; made anew after a value was dropped
        for fault in answers.faults:
            self._fault(fault.path, fault.message, fault.number)

    # ------------------------------------------------------------ the order of judging

    def values(self) -> dict[str, Any]:
        bound = bind(self.plan, self.answers, self.context)
        for spec in self.plan.specs:
            self.taken[spec.name] = self._take(spec, bound)
        if self.plan.has_rules:
            self._drop_unasked()
        for spec in self.plan.specs:
            if spec.name not in self.dropped:
                self._require(spec)
        for rule in self.plan.rules:
            self._cross(rule)
        return self.taken

    def problems(self) -> tuple[FieldProblem, ...]:
        """All problems: by field in the order of the form, then what belongs to no field."""
        order = {spec.name: at for at, spec in enumerate(self.plan.specs)}
        paths = sorted(self.faults, key=lambda path: order.get(path.partition("-")[0], len(order)))
        return tuple(fault.as_problem(self.context.locale) for path in paths for fault in self.faults[path])

    def _fault(self, path: str, message: Text, number: int = WRONG) -> None:
        self.faults.setdefault(path, []).append(Fault(path, message, number))

    # ------------------------------------------------------------ values

    def _take(self, spec: Spec, bound: Any) -> Any:
        if spec.kind == "table":
            return self._table(spec)
        if spec.kind == "group":
            return {inner.name: self._bound(bound, f"{spec.name}-{inner.name}") for inner in spec.inner}
        return self._bound(bound, spec.name)

    def _bound(self, bound: Any, path: str) -> Any:
        field = bound[PREFIX + path]
        if field.errors and path not in self.faults:
            for message in messages_of(field):
                self._fault(path, message)
        return field.spec.nothing if path in self.faults else field.data

    def _table(self, spec: Spec) -> list[dict[str, Any]]:
        """The rows with something in them; reading stops at one too many."""
        kept: list[dict[str, Any]] = []
        indexes = self.rows[spec.name] = []
        unread = {path.rpartition("-")[0] for path in self.faults}
        for index, cells in self.answers.tables.get(spec.name, ()):
            row = self._row(spec, f"{spec.name}-{index}", cells, unread)
            if row is not None:
                kept.append(row)
                indexes.append(index)
                if len(kept) > spec.field.max_rows:
                    self._fault(spec.name, say("rows_many", most=spec.field.max_rows), ROWS)
                    break
        return kept

    def _row(self, spec: Spec, path: str, cells: dict[str, Texts], unread: set[str]) -> dict[str, Any] | None:
        """The typed row; None when nothing was entered in it."""
        row: dict[str, Any] = {}
        blank = path not in unread
        for column in spec.inner:
            texts = cells.get(column.name)
            if not texts:
                value = column.nothing
            else:  # columns repeat themselves: what was judged once is right again
                known = self.right.get(column)
                value = known.get(texts, _WRONG) if known and isinstance(texts, str) else _WRONG
                if value is _WRONG:
                    value = self._cell(column, f"{path}-{column.name}", texts)
            if value is _WRONG or (path in unread and f"{path}-{column.name}" in self.faults):
                blank, value = False, column.nothing
            elif blank and value is not None and value != []:
                blank = False
            row[column.name] = value
        return None if blank else row

    def _cell(self, column: Spec, path: str, texts: Texts) -> Any:
        try:
            value = column.take(texts)
            faults = column.faults(value, self.context)
        except Wrong as wrong:
            faults = [wrong.message]
            value = None
        for message in faults:
            self._fault(path, message)
        if faults:
            return _WRONG
        if isinstance(texts, str):
            self.right.setdefault(column, {})[texts] = value
        return value

    # ------------------------------------------------------------ conditions

    def _activation(self, row: Mapping[str, Any] | None = None) -> Activation:
        if row is None and self.seen is not None:
            return self.seen
        values = {**self.context.facts, **rule_values(self.form, self.taken, self.context.types)}
        if row is None:
            self.seen = Activation(values)
            return self.seen
        return Activation({**values, "row": row})

    def _drop_unasked(self) -> None:
        for spec in self.plan.conditional:
            if spec.when and not spec.when.holds(self._activation()):
                self.dropped.add(spec.name)
                self._forget(spec.name)
                self.taken[spec.name] = spec.nothing
                self.rows.pop(spec.name, None)
                self.seen = None
                continue
            for inner in spec.inner:
                if inner.when:
                    self._drop_inner(spec, inner, inner.when)
                    self.seen = None

    def _drop_inner(self, spec: Spec, inner: Spec, when: Rule) -> None:
        for path, values, activation in self._insides(spec):
            if not when.holds(activation):
                self.dropped.add(f"{path}-{inner.name}")
                self._forget(f"{path}-{inner.name}")
                values[inner.name] = inner.nothing

    def _insides(self, spec: Spec) -> list[tuple[str, dict[str, Any], Activation]]:
        """Path, values and activation of a group, or of each row of a table (`row` names the row itself)."""
        if spec.kind == "group":
            return [(spec.name, self.taken[spec.name], self._activation())]
        rows = rule_values(self.form, self.taken, self.context.types)[spec.name]
        return [(f"{spec.name}-{index}", values, self._activation(row))
                for index, values, row in zip(self.rows[spec.name], self.taken[spec.name], rows, strict=True)]

    def _forget(self, path: str) -> None:
        inside = f"{path}-"
        for known in [known for known in self.faults if known == path or known.startswith(inside)]:
            # a field that is not asked may hold anything, but never one that the form does not have
            if any(fault.number == 2104 for fault in self.faults[known]):
                continue
            del self.faults[known]

    # ------------------------------------------------------------ required

    def _require(self, spec: Spec) -> None:
        if spec.kind == "table":
            self._require_rows(spec)
        elif spec.kind == "group":
            self._require_inner(spec)
            empty = all(value is None or value == [] for value in self.taken[spec.name].values())
            if empty and self._needed(spec, None) and not self._wrong_inside(spec.name):
                self._fault(spec.name, spec.missing(), MISSING)
        else:
            self._require_value(spec, spec.name, self.taken[spec.name], None)

    def _require_rows(self, spec: Spec) -> None:
        rows = len(self.taken[spec.name])
        least = max(spec.field.min_rows, 1 if self._needed(spec, None) else 0)
        if spec.name not in self.faults and rows < least:
            self._fault(spec.name, say("rows_few", least=least, rows=rows) if rows else spec.missing(),
                        ROWS if rows else MISSING)
        self._require_inner(spec)

    def _require_inner(self, spec: Spec) -> None:
        asking = [inner for inner in spec.inner if inner.required or inner.required_when]
        if not asking:
            return
        ruled = any(inner.required_when for inner in asking)
        if spec.kind == "group" or ruled:
            places = [(path, values, activation if ruled else None)
                      for path, values, activation in self._insides(spec)]
        else:
            places = [(f"{spec.name}-{index}", values, None)
                      for index, values in zip(self.rows[spec.name], self.taken[spec.name], strict=True)]
        for path, values, activation in places:
            for inner in asking:
                self._require_value(inner, f"{path}-{inner.name}", values[inner.name], activation)

    def _require_value(self, spec: Spec, path: str, value: Any, activation: Activation | None) -> None:
        if (value is None or value == []) and path not in self.faults and path not in self.dropped \
                and self._needed(spec, activation):
            self._fault(path, spec.missing(), MISSING)

    def _needed(self, spec: Spec, activation: Activation | None) -> bool:
        if spec.required:
            return True
        return spec.required_when is not None and spec.required_when.holds(activation or self._activation())

    def _wrong_inside(self, name: str) -> bool:
        return any(path.startswith(f"{name}-") for path in self.faults)

    # ------------------------------------------------------------ rules across fields

    def _cross(self, rule: CompiledRule) -> None:
        """Judge a rule once every field that it reads is right: a wrong value has its own message already.

        A rule that reads only fields which were not asked has nothing to judge.
        """
        wrong = {path.partition("-")[0] for path in self.faults}
        own = rule.reads & self.plan.by_name.keys()
        if own & wrong or (own and own <= self.dropped):
            return
        if not rule.rule.holds(self._activation()):
            self._fault(rule.said.field or "", rule.said.message, CROSS)
