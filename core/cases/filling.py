"""Filling a form: prefilled, saved as a draft, submitted; a change after that is a correction with a reason."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select

from core import forms
from core.cases.attachments import is_kept
from core.cases.casefile import CaseFile, open_file
from core.cases.desk import Desk
from core.cases.gates import Gates
from core.cases.hooks import HookCase, hooks_of
from core.cases.issuing import issue_due
from core.cases.progress import advance
from core.cases.values import dotted, known
from core.cases.words import reason_given, words
from core.domain.forms import Form
from core.domain.procedures import Step
from core.errors import FieldProblem, NotFound
from core.forms import Answers, Checked, Context, FormView
from core.store import events
from core.store.models import Draft, Person, Submission, Unit, new_id
from core.store.upsert import insert

_DRAFTS: Any = Draft.__table__
_DROP = delete(_DRAFTS).where(_DRAFTS.c.case_id == bindparam("case"), _DRAFTS.c.step == bindparam("said_step"),
                              _DRAFTS.c.user_id == bindparam("user"))


@dataclass(frozen=True)
class Filling:
    """A form ready to be drawn: the view, whether it was filed in this round, when a draft was saved."""

    view: FormView
    submitted: bool
    draft_saved_at: datetime | None
    version: int


def form_view(desk: Desk, case_id: str, step: str, raw: Any = None, problems: tuple[FieldProblem, ...] = (),
              *, masked: bool = False) -> Filling:
    """The step's form: with `raw` (what was just posted, and its problems), else the draft, else as filed, else
    prefilled. `masked` covers sensitive answers; from those who do not work on the step they are covered always."""
    file = open_file(desk, case_id)
    said, form = _form(file, step)
    masked = masked or not desk.has_role(file.case.estate, said.role)
    context = context_for(file, form)
    draft = _draft(desk, case_id, step) if raw is None else None
    if raw is not None:
        answers = forms.read(form, raw, context)
    elif draft is not None:
        answers = Answers.from_data(desk.unseal(file.case.estate, draft.sealed))
    elif file.submission(step) is not None:
        answers = forms.answers_of(form, forms.from_json(form, file.values(step), desk.office.field_types), context)
    else:
        answers = forms.first_answers(form, lambda name: _prefilled(file, name, step), context)
        _offer(answers, form, _suggested(file, said))
        _offer(answers, form, hooks_of(file).prefill(case=HookCase(file), step=step))
    drawn = forms.view(form, answers, context=context, problems=problems, masked=masked)
    return Filling(drawn, file.filed(step), draft.saved_at if draft else None, file.case.version)


def save_draft(desk: Desk, case_id: str, step: str, raw: Any) -> datetime:
    """Keep what was entered so far, unjudged and sealed, for this person; a later draft replaces it."""
    file = open_file(desk, case_id)
    file.require_open()
    said, form = _form(file, step)
    desk.require_role(file.case.estate, said.role, f"“{desk.say(said.title)}”")
    answers = forms.read(form, raw, context_for(file, form))
    fresh = {"sealed": desk.seal(file.case.estate, answers.as_data()), "saved_at": desk.now}
    row = insert(desk.session, Draft).values(id=new_id(), case_id=case_id, step=step, user_id=desk.actor.user_id,
                                             **fresh)
    desk.session.execute(row.on_conflict_do_update(index_elements=["case_id", "step", "user_id"], set_=fresh))
    return desk.now


def discard_draft(desk: Desk, case_id: str, step: str) -> None:
    """Throw this person's draft of the step away."""
    open_file(desk, case_id)
    _drop_draft(desk, case_id, step)


def check_answers(desk: Desk, case_id: str, step: str, raw: Any) -> Checked:
    """The verdict on `raw` without storing anything (dry run)."""
    file = open_file(desk, case_id)
    said, form = _form(file, step)
    return judged(file, said, form, raw)


def submit(desk: Desk, case_id: str, step: str, raw: Any, *, version: int | None = None, reason: str = "",
           issue: bool = False) -> Submission:
    """File the step's form; `issue` also issues every document of the step that can be issued now.

    `raw`: a `Posted` web form or a JSON object. In a step that was filed already it is a correction and needs a
    `reason`. Raises InvalidInput with every problem, GateClosed with the reasons, Conflict; then nothing is stored.
    """
    file = open_file(desk, case_id, version=version, change=True)
    with desk.session.no_autoflush:  # the file knows of its own changes; they are written together
        file.require_open()
        said, form = _form(file, step)
        desk.require_role(file.case.estate, said.role, f"“{desk.say(said.title)}”")
        Gates(file).require_open(said, "填写")
        earlier = file.submission(step) if file.filed(step) else None
        why = reason_given(reason, "本表已提交过，更正须写明原因") if earlier else words(reason, "reason")
        checked = judged(file, said, form, raw)
        values = checked.raise_if_wrong()
        _drop_draft(desk, case_id, step)
        row = _store(file, said, form, values, earlier, why)
        advance(file)
        if issue and said.documents:
            issue_due(file, step)
    return row


def _store(file: CaseFile, step: Step, form: Form, values: dict[str, Any], earlier: Submission | None,
           reason: str) -> Submission:
    desk, case = file.desk, file.case
    stored = forms.to_json(form, values, desk.office.field_types)
    plain, secret = forms.split(form, stored)
    salt = secrets.token_bytes(16)
    row = Submission(case_id=case.id, step=step.name, form=form.name, round=file.round(step.name),
                     revision=(earlier.revision + 1) if earlier else 1, plain=plain, salt=salt,
                     sealed=desk.seal(case.estate, secret) if secret else None, digest=events.digest(salt, stored),
                     reason=reason, by=desk.actor.user_id, at=desk.now)
    file.add(file.submissions, row)
    file.record("form.corrected" if earlier else "form.submitted", step=step.name, form=form.name, round=row.round,
                revision=row.revision, digest=row.digest)
    return row


# ---------------------------------------------------------------- parts


def _form(file: CaseFile, step: str) -> tuple[Step, Form]:
    said = file.step(step)
    if said.form is None:
        raise NotFound("本步骤没有表单")
    return said, file.bundle.form(said.form)


def _drop_draft(desk: Desk, case_id: str, step: str) -> None:
    desk.session.execute(_DROP, {"case": case_id, "said_step": step, "user": desk.actor.user_id})


def _draft(desk: Desk, case_id: str, step: str) -> Draft | None:
    return desk.session.scalar(select(Draft).where(Draft.case_id == case_id, Draft.step == step,
                                                   Draft.user_id == desk.actor.user_id))


def context_for(file: CaseFile, form: Form) -> Context:
    """What the fields and rules of a form may ask of the case and its estate."""
    desk, estate = file.desk, file.case.estate

    def unit_exists(code: str) -> bool:
        return desk.session.scalar(select(Unit.id).where(Unit.estate == estate, Unit.code == code)) is not None

    def person_exists(name: str) -> bool:
        return desk.session.scalar(select(Person.id).where(
            Person.estate == estate, (Person.id == name) | (Person.name == name)).limit(1)) is not None

    return Context(locale=desk.locale, today=desk.today(estate), unit_exists=unit_exists, person_exists=person_exists,
                   blob_exists=lambda sha256: is_kept(desk, estate, sha256), types=desk.office.field_types,
                   facts=known(file, forms.names_read(form, desk.office.field_types)))


def judged(file: CaseFile, step: Step, form: Form, raw: Any) -> Checked:
    """The verdict on `raw`, with those of the plugins."""
    checked = forms.check(form, raw, context_for(file, form))
    if checked.problems:
        return checked
    found = [*_further(file, form, checked.values),
             *hooks_of(file).validate_submission(case=HookCase(file), step=step.name, values=checked.values)]
    return Checked(checked.form, checked.values, tuple(found), checked.answers) if found else checked


def _further(file: CaseFile, form: Form, values: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """What plugins' checks by field type have to say about values that are right so far."""
    validators = file.desk.office.validators
    if not validators:
        return
    for field in form.fields:
        value = values.get(field.name)
        rows = {"table": list(enumerate(value or ())), "group": [("", value or {})]}.get(field.type)
        for at, row in rows or ():
            for inner in (*field.columns, *field.fields):
                path = "-".join(str(part) for part in (field.name, at, inner.name) if part != "")
                yield from _said(validators.get(inner.type), path, row.get(inner.name))
        if rows is None:
            yield from _said(validators.get(field.type), field.name, value)


def _said(check: Callable[[Any], str | None] | None, path: str, value: Any) -> Iterator[FieldProblem]:
    said = check(value) if check is not None and value not in (None, []) else None
    if said:
        yield FieldProblem(path, said)


def _offer(answers: Answers, form: Form, offered: Mapping[str, Any]) -> None:
    """Put what plugins offer into an empty form; what it does not ask is left out."""
    fields = {field.name: field for field in form.fields}
    for name, value in offered.items():
        if name in fields and fields[name].type not in ("table", "group") and value is not None:
            answers.scalars[name] = [str(one) for one in value] if isinstance(value, list) else str(value)


def _suggested(file: CaseFile, step: Step) -> dict[str, str]:
    """The class that the rules offer for a step that was not classified yet; whoever fills the form decides."""
    rule, gates = step.classify, Gates(file)
    offered = next((one.to for one in rule.suggest if gates.holds(one.when)), None) if rule else None
    return {rule.field: offered} if rule and offered else {}


def _prefilled(file: CaseFile, name: str, step: str) -> Any:
    value = dotted(file, name, file.item(step) if "@" in step else None)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value
