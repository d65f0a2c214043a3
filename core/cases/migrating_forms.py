"""Filed forms under newer definitions: what was filed is judged by the newer form as if it were typed again, and carried over.

What was filed stays as it was. Where the newer form has other names, or does not take a value, a further revision says what of it
fits; so nothing that reads the case later meets a value that its form could not hold.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core import forms
from core.cases.casefile import CaseFile
from core.cases.earlier import bundle_at
from core.cases.filling import context_for, judged
from core.cases.migrating_diff import renames
from core.cases.migrating_views import Misfit
from core.domain.bundle import Bundle
from core.domain.forms import Field, Form
from core.domain.procedures import Step
from core.errors import FieldProblem
from core.forms import Answers
from core.store import events
from core.store.models import Submission

UNREADABLE = frozenset({2101, 2104, 2105, 2110})
"""Problems of the value itself; the others are about what is missing, or how fields fit together."""


@dataclass(frozen=True)
class Carried:
    """A filed form as the newer one takes it: its values, and what was right before and is wrong now."""

    values: dict[str, Any]
    misfits: tuple[Misfit, ...]


def carry_forms(file: CaseFile, before: CaseFile, old: Mapping[str, str], reason: str) -> list[Misfit]:
    """Carry over every filed form of the case; gives what does not fit of the newest of each step.

    `file` sees the case by the newer definitions, `before` as it stood; `old`: by step of `file` what it was called.
    """
    found: list[Misfit] = []
    for step in file.steps:
        was = _called(step.name, old)
        form = _form(file.bundle, step)
        filed = {row.round: row for row in before.submissions if row.step == was}
        for number, row in sorted(filed.items()):
            former = _former(file, before, row)
            if form is None or former is None or (former == form and step.name == was):
                if step.name != was:
                    _add(file, step, row, row.form, before.opened(row), number, "", copy=True)
                continue
            carried = carried_form(file, before, step, former, form, before.opened(row), step.model_copy(update={"name": was}))
            if row is before.submission(was):
                found += carried.misfits
            if carried.values != {name: value for name, value in before.opened(row).items() if name in _names(form)} \
                    or step.name != was:
                same = carried.values == before.opened(row) and former.name == form.name
                _add(file, step, row, form.name, carried.values, number, reason, copy=same)
    file.submissions.sort(key=lambda row: (row.round, row.revision))
    return found


def carried_form(file: CaseFile, before: CaseFile, step: Step, former: Form, form: Form, stored: Mapping[str, Any],
                 before_step: Step | None = None) -> Carried:
    """What the newer form makes of `stored`, by the very check that a clerk's form goes through.

    A value that was no longer right by the former form either (a day that has gone by) is kept and tells nothing.
    """
    types = file.desk.office.field_types
    typed = forms.answers_of(former, forms.from_json(former, stored, types), context_for(before, former))
    moved = renames(former.fields, form.fields)
    checked = judged(file, step, form, _renamed(typed, former, form, moved))
    already = {(_moved_path(one.field, moved), one.number) for one in
               judged(before, before_step or step, former, _answers(typed)).problems}
    fresh = [one for one in checked.problems if (one.field, one.number) not in already]
    values = forms.to_json(form, checked.values, types)
    present = {field.name: field for field in form.fields}
    for path, number in already:
        top = path.partition("-")[0]
        if number in UNREADABLE and top in present and not any(one.field.partition("-")[0] == top for one in fresh):
            source = next((one for one in former.fields if moved.get(one.name, one.name) == top), None)
            if source and source.type == present[top].type:
                values[top] = stored.get(source.name)
    covered = forms.masked(former, stored, types)
    return Carried(values, tuple(_misfit(file, step, former, form, one, covered, moved) for one in fresh))


# ---------------------------------------------------------------- parts


def _former(file: CaseFile, before: CaseFile, row: Submission) -> Form | None:
    """The form as it was when the row was filed."""
    bundles = (before.bundle, *((bundle_at(file, row.at),) if row.form not in {one.name for one in before.bundle.forms} else ()))
    return next((one for bundle in bundles for one in bundle.forms if one.name == row.form), None)


def _form(bundle: Bundle, step: Step) -> Form | None:
    return bundle.form(step.form) if step.form else None


def _names(form: Form) -> set[str]:
    return {field.name for field in form.fields}


def _called(key: str, old: Mapping[str, str]) -> str:
    name, at, item = key.partition("@")
    return f"{old.get(name, name)}{at}{item}"


def _add(file: CaseFile, step: Step, row: Submission, form: str, values: dict[str, Any], number: int, reason: str, *, copy: bool) -> None:
    """A further revision of the round; `copy`: it says the same, so whoever filed it has said it."""
    desk, case = file.desk, file.case
    last = max((one.revision for one in file.submissions if (one.step, one.round) == (step.name, number)), default=0)
    said = file.bundle.form(step.form) if step.form else None
    plain, secret = forms.split(said, values) if said else (dict(row.plain), {})
    salt = row.salt if copy else secrets.token_bytes(16)
    sealed = row.sealed if copy else desk.seal(case.estate, secret) if secret else None
    fresh = Submission(case_id=case.id, step=step.name, form=form, round=number, revision=last + 1,
                       plain=dict(row.plain) if copy else plain, sealed=sealed, salt=salt,
                       digest=row.digest if copy else events.digest(salt, values), reason=reason,
                       by=row.by if copy else desk.actor.user_id, at=row.at if copy else desk.now)
    file.add(file.submissions, fresh)
    file.record("form.carried", step=step.name, form=form, round=number, revision=fresh.revision, digest=fresh.digest)


def _answers(typed: Answers) -> Answers:
    return Answers.from_data(typed.as_data())


def _renamed(typed: Answers, former: Form, form: Form, moved: Mapping[str, str]) -> Answers:
    """What was typed, under the names that the newer form has for it."""
    found = _answers(typed)
    before, after = ({field.name: field for field in one.fields} for one in (former, form))
    inner = {name: renames(_inner(before[name]), _inner(after[moved.get(name, name)]))
             for name in before if moved.get(name, name) in after}

    def cells(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
        return {inner.get(name, {}).get(key, key): value for key, value in row.items()}

    return Answers({moved.get(name, name): texts for name, texts in found.scalars.items()},
                   {moved.get(name, name): cells(name, row) for name, row in found.groups.items()},
                   {moved.get(name, name): [(at, cells(name, row)) for at, row in rows] for name, rows in found.tables.items()})


def renamed_draft(data: Mapping[str, Any], former: Form, form: Form) -> dict[str, Any]:
    """A draft's answers under the names of the newer form."""
    return _renamed(Answers.from_data(data), former, form, renames(former.fields, form.fields)).as_data()


def _inner(field: Field) -> tuple[Field, ...]:
    return field.columns or field.fields


def _moved_path(path: str, moved: Mapping[str, str]) -> str:
    top, dash, rest = path.partition("-")
    return f"{moved.get(top, top)}{dash}{rest}"


def _misfit(file: CaseFile, step: Step, former: Form, form: Form, problem: FieldProblem, covered: Mapping[str, Any],
            moved: Mapping[str, str]) -> Misfit:
    desk, top = file.desk, problem.field.partition("-")[0]
    field = next((one for one in form.fields if one.name == top), None)
    source = next((one for one in former.fields if moved.get(one.name, one.name) == top), None)
    value = covered.get(source.name) if source else None
    hidden = field is not None and field.is_sensitive and source is not None and not source.is_sensitive
    return Misfit(step.name, form.name, problem.field, desk.say(field.title) if field else "",
                  "***" if hidden and value else _worded(value), problem.message)


def _worded(value: Any) -> str:
    """A stored value in few words."""
    if value in (None, "", []):
        return ""
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, list):
        return "、".join(_worded(one) for one in value)[:200]
    if isinstance(value, dict):
        return " ".join(_worded(one) for one in value.values())[:200]
    return str(value)[:200]
