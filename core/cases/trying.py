"""Trying the fees of a procedure (试算): what they come to for a unit and some answers, without a case.

The fees are priced by the same code as those of a case. What they read of forms is asked with the forms' own fields; what else
they read is the unit, the estate's settings, and texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from core import forms
from core.cases.desk import Desk
from core.cases.opening import bundle_for
from core.cases.values import NO_CHECKLIST, NO_PAPERS
from core.cases.viewing import unit_view
from core.cases.views import UnitView
from core.definitions.readings import fee_inputs
from core.domain.bundle import Bundle
from core.domain.fees import Fee
from core.domain.forms import Field, Form
from core.errors import FieldProblem, MoneyRefused, NotFound, RuleError
from core.money import schedule
from core.rules import Activation, Rule
from core.store.models import Unit

APART = "__"
"""Between step and field in the name of a question."""
_KNOWN = ("unit", "estate", "today", "case")


@dataclass(frozen=True)
class Tried:
    """One fee: what it comes to and why (`explanation`, as charges keep it), or why it does not apply or cannot be reckoned."""

    name: str
    title: str
    stage: str
    fen: int | None = None
    explanation: Mapping[str, Any] | None = None
    refundable: bool = False
    why_not: str = ""


@dataclass(frozen=True)
class Trial:
    """The questions, as a form; the unit that was chosen; and, when something was entered, every fee."""

    form: forms.FormView
    unit: UnitView | None
    fees: tuple[Tried, ...]
    problems: tuple[FieldProblem, ...] = ()

    @property
    def total(self) -> int:
        return sum(fee.fen or 0 for fee in self.fees)


def try_fees(desk: Desk, estate: str, procedure: str, code: str = "", raw: Any = None) -> Trial:
    """The fees of `procedure` for the unit of that code and the answers in `raw` (a posted form, or JSON by question); without
    `raw` only the questions. NotFound for a unit that the estate does not have."""
    desk.enter(estate)
    unit = _unit(desk, estate, code) if code else None
    bundle = bundle_for(desk, estate, procedure, unit, {})
    asked = questions(desk, bundle)
    types = desk.office.field_types
    context = forms.Context(locale=desk.locale, today=desk.today(estate), types=types)
    if raw is None:
        return Trial(forms.view(asked, context=context), _view(desk, unit), ())
    checked = forms.check(asked, raw, context)
    drawn = forms.view(asked, checked.answers, context=context, problems=checked.problems)
    if not checked.ok:
        return Trial(drawn, _view(desk, unit), (), checked.problems)
    values = _Values(desk, estate, bundle, unit, asked, checked.values)
    return Trial(drawn, _view(desk, unit), tuple(_tried(desk, bundle, values)))


def _unit(desk: Desk, estate: str, code: str) -> Unit:
    found = desk.session.scalar(select(Unit).where(Unit.estate == estate, Unit.code == code))
    if found is None:
        raise NotFound(desk.tr(f"没有房屋“{code}”", f"No unit “{code}”"))
    return found


def _view(desk: Desk, unit: Unit | None) -> UnitView | None:
    return unit_view(desk, unit) if unit else None


# ---------------------------------------------------------------- questions


def questions(desk: Desk, bundle: Bundle) -> Form:
    """One form of everything that the fees read and that is not known of the unit: each a field of its own form, else a text."""
    found: dict[str, Field] = {}
    for name in _read(bundle):
        head, _, rest = name.partition(".")
        if head in (*_KNOWN, "parties", "ledger", "documents", "checklist", "papers", "is_open") or not rest:
            continue
        field = _field(desk, bundle, name)
        key = f"{head}{APART}{rest.replace('.', APART)}"
        if field is None:
            found.setdefault(key, Field(name=key, title=name, type="text"))  # type: ignore[arg-type]
        else:
            free = {"name": key, "required": False, "required_when": None, "when": None, "prefill": None, "help": field.help}
            found.setdefault(key, field.model_copy(update=free))
    return Form(form="trial", title=bundle.procedure.title, fields=tuple(found.values()))


def _read(bundle: Bundle) -> Iterator[str]:
    """Every dotted name that the fees read, each once, in their order."""
    seen: dict[str, None] = {}
    inputs = [(fee, reading.text) for fee, _, reading in fee_inputs(bundle)]
    for fee in bundle.fees:
        seen |= dict.fromkeys(sorted(Rule.compile(fee.when).names) if fee.when else ())
        seen |= {name: None for one, name in inputs if one is fee}
    yield from seen


def _field(desk: Desk, bundle: Bundle, name: str) -> Field | None:
    """The field behind `step.field`, or behind `parent.step.field` of the procedure whose sub-case this is."""
    head, _, rest = name.partition(".")
    if head == "parent":
        library = desk.office.library
        others = (library.bundle(bundle.estate, one) for one in library.procedures(bundle.estate))
        parent = next((one for one in others if any(kind.of == bundle.procedure.name for kind in one.procedure.children)), None)
        return _field(desk, parent, rest) if parent else None
    step = next((one for one in bundle.procedure.steps if one.name == head), None)
    form = bundle.form(step.form) if step and step.form else None
    return next((one for one in form.fields if one.name == rest), None) if form else None


# ---------------------------------------------------------------- answers


class _Values:
    """What fees and their conditions read: the answers by step, the unit, the estate."""

    def __init__(self, desk: Desk, estate: str, bundle: Bundle, unit: Unit | None, asked: Form, answers: Mapping[str, Any]) -> None:
        self.stored: dict[str, Any] = {name.replace(APART, "."): value for name, value in answers.items()}
        keys = ("code", "building", "entrance", "floor", "room", "area", "building_type", "layout", "use", "status")
        own = {key: getattr(unit, key) for key in keys} if unit else {}
        settings = dict(desk.office.estate(estate).settings)
        self.known: dict[str, Any] = {"unit": own, "estate": settings, "today": desk.today(estate),
                                      "case": {"opened_on": desk.today(estate), "number": "", "state": "open"}}
        types = desk.office.field_types
        typed = forms.rule_values(asked, forms.from_json(asked, answers, types), types)
        self.rules: dict[str, Any] = {**self.known, "checklist": NO_CHECKLIST, "papers": NO_PAPERS, "is_open": True,
                                      "ledger": {"charged_fen": 0, "paid_fen": 0, "due_fen": 0, "deposit_fen": 0},
                                      "documents": {one.name: {"issued": False, "signed": False} for one in bundle.documents},
                                      "parties": {party.name: {"present": not party.optional, "count": int(not party.optional),
                                                               "kind": "person", "id_type": "", "name": ""}
                                                  for party in bundle.procedure.parties}}
        for name, value in typed.items():
            self._put(name.split(APART), value)

    def _put(self, path: list[str], value: Any) -> None:
        place = self.rules
        for step in path[:-1]:
            place = place.setdefault(step, {})
        place[path[-1]] = value

    def __call__(self, name: str) -> Any:
        """The value behind a dotted name, as `core.cases.values.dotted` gives it; None when it is not known."""
        head, _, rest = name.partition(".")
        if head in self.known:
            return self.known[head].get(rest) if rest else self.known[head]
        return self.stored.get(name)

    def holds(self, rule: str) -> bool:
        return Rule.compile(rule).holds(Activation(self.rules))


def _tried(desk: Desk, bundle: Bundle, values: _Values) -> Iterator[Tried]:
    stages = {step.fees: desk.say(step.title) for step in bundle.procedure.steps if step.fees}
    for fee in bundle.fees:
        yield _one(desk, fee, bundle, values, stages.get(fee.stage, fee.stage))


def _one(desk: Desk, fee: Fee, bundle: Bundle, values: _Values, stage: str) -> Tried:
    title = desk.say(fee.title)
    try:
        if fee.when and not values.holds(fee.when):
            return Tried(fee.name, title, stage, why_not=desk.tr(f"不适用：{fee.when}", f"Does not apply: {fee.when}"))
        found = schedule([fee], fee.stage, values, values.holds, bundle.price_lists)
    except (MoneyRefused, RuleError) as error:
        return Tried(fee.name, title, stage, why_not=error.what)
    if not found:
        return Tried(fee.name, title, stage, why_not=desk.tr("表格还没有行，不收费", "No rows yet: no charge"))
    return Tried(fee.name, title, stage, found[0].fen, found[0].as_data(), fee.refundable)
