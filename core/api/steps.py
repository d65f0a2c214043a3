"""One step of a case: its gate, its form, papers, checklist, documents and outcome."""

from __future__ import annotations

from core import forms
from core.api.answers import (
    Checked,
    DraftKept,
    Filed,
    FormAnswer,
    Issued,
    Standing,
    Verdict,
    issued,
    standing,
    standing_parts,
    views as document_views,
)
from core.api.calling import require_scope
from core.api.cases import CASE
from core.api.endpoints import Call, File, endpoint
from core.api.estates import problem_row
from core.api.form_values import masked_of, values_of
from core.api.requests import Checks, Choice, FiledForm, Form, Issuing, Nothing, Papers, Personal, Waiver
from core.cases.casefile import open_file
from core.cases.checks import record_checks
from core.cases.filling import check_answers, discard_draft, form_view, save_draft, submit
from core.cases.issuing import WORD, issue, issue_all, preview
from core.cases.lifecycle import complete, decide
from core.cases.papers import mark_papers, waive_paper
from core.cases.reading import case_view, reveal
from core.cases.views import StepView
from core.errors import NotFound
from core.store.session import unit_of_work

STEP = CASE + "/steps/{step}"


@endpoint("GET", STEP, "read", answer=StepView)
def read_step(call: Call) -> StepView:
    """Where the step stands: why it is closed, what it still needs, its papers, checklist and documents."""
    try:
        return case_view(call.desk, call.case).step(call.step)
    except KeyError:
        raise NotFound(f"本手续没有步骤“{call.step}”") from None


# ---------------------------------------------------------------- the form


@endpoint("GET", f"{STEP}/form", "read", answer=FormAnswer, query=Personal, versioned=True)
def read_form(call: Call) -> FormAnswer:
    """The step's form as JSON Schema 2020-12 with a UI schema, and the answers known so far."""
    plain = call.query.personal
    if plain:
        _record_look(call)
    filling = form_view(call.desk, call.case, call.step, masked=not plain)
    file = open_file(call.desk, call.case)
    form = file.bundle.form(file.step(call.step).form or "")
    types = call.office.field_types
    return FormAnswer(
        case=call.case, step=call.step, form=form.name, title=filling.view.title, version=filling.version,
        submitted=filling.submitted, draft_saved_at=filling.draft_saved_at,
        schema=forms.json_schema(form, call.locale, types), ui=forms.ui_schema(form, types),
        values=values_of(filling.view), masked=masked_of(filling.view))


def _record_look(call: Call) -> None:
    """The look goes onto the chain before anything is shown; a GET cannot write in its own transaction."""
    require_scope(call, "personal")
    assert call.actor is not None
    with unit_of_work(call.office.sessions) as session:
        reveal(call.office.desk(session, call.actor, locale=call.locale), call.case)


@endpoint("POST", f"{STEP}/form:check", "read", answer=Verdict, body=Form, reads=True)
def check_form(call: Call) -> Verdict:
    """The verdict on answers without storing anything: the same as `form` would give."""
    checked = check_answers(call.desk, call.case, call.step, call.body.values)
    return Verdict(checked.ok, tuple(map(problem_row, checked.problems)))


@endpoint("POST", f"{STEP}/form", "write", answer=Filed, body=FiledForm, status=201, versioned=True)
def post_form(call: Call) -> Filed:
    """File the form; in a step that was filed already it is a correction and needs a reason."""
    said: FiledForm = call.body
    if said.issue:
        require_scope(call, "documents")
    before = _document_ids(call) if said.issue else set()
    row = submit(call.desk, call.case, call.step, said.values, version=call.version, reason=said.reason,
                 issue=said.issue)
    call.session.flush()
    made = [document for document in open_file(call.desk, call.case).documents if document.id not in before] \
        if said.issue else []
    return Filed(**standing_parts(call.desk, call.case), submission=row.id, revision=row.revision, round=row.round,
                 documents=document_views(call.desk, call.case, made))


def _document_ids(call: Call) -> set[str]:
    return {document.id for document in open_file(call.desk, call.case).documents}


@endpoint("PUT", f"{STEP}/draft", "write", answer=DraftKept, body=Form)
def put_draft(call: Call) -> DraftKept:
    """Keep what was entered so far, unjudged, for the token's user."""
    return DraftKept(save_draft(call.desk, call.case, call.step, call.body.values))


@endpoint("DELETE", f"{STEP}/draft", "write", answer=None, status=204)
def delete_draft(call: Call) -> None:
    """Throw the draft away."""
    discard_draft(call.desk, call.case, call.step)


# ---------------------------------------------------------------- papers, checks, outcome


@endpoint("POST", f"{STEP}/papers", "write", answer=Standing, body=Papers, versioned=True)
def post_papers(call: Call) -> Standing:
    """Say what was seen or kept of required documents."""
    marks = {name: said.model_dump() for name, said in call.body.papers.items()}
    mark_papers(call.desk, call.case, call.step, marks, version=call.version)
    return standing(call.desk, call.case)


@endpoint("POST", f"{STEP}/waivers", "write", answer=Standing, body=Waiver, versioned=True)
def post_waiver(call: Call) -> Standing:
    """Do without a required document, with a reason."""
    waive_paper(call.desk, call.case, call.step, call.body.paper, call.body.reason, version=call.version)
    return standing(call.desk, call.case)


@endpoint("POST", f"{STEP}/checks", "write", answer=Checked, body=Checks, versioned=True)
def post_checks(call: Call) -> Checked:
    """Record one round of the checklist; items not named keep what they have."""
    results = {name: said.model_dump() for name, said in call.body.results.items()}
    number = record_checks(call.desk, call.case, call.step, results, version=call.version)
    return Checked(**standing_parts(call.desk, call.case), round=number)


@endpoint("POST", f"{STEP}/outcomes", "write", answer=Standing, body=Choice, versioned=True)
def post_outcome(call: Call) -> Standing:
    """Choose the outcome of the step."""
    decide(call.desk, call.case, call.step, call.body.outcome, call.body.reason, version=call.version)
    return standing(call.desk, call.case)


@endpoint("POST", f"{STEP}/completion", "write", answer=Standing, body=Nothing, versioned=True)
def post_completion(call: Call) -> Standing:
    """Say that a step without parts of its own is done."""
    complete(call.desk, call.case, call.step, version=call.version)
    return standing(call.desk, call.case)


# ---------------------------------------------------------------- documents


@endpoint("POST", f"{STEP}/documents", "documents", answer=Issued, body=Issuing, status=201, versioned=True)
def post_documents(call: Call) -> Issued:
    """Issue one document of the step, or every one that is due and can be issued."""
    name = call.body.name
    made = [issue(call.desk, call.case, call.step, name, version=call.version)] if name \
        else issue_all(call.desk, call.case, call.step, version=call.version)
    return issued(call.desk, call.case, made)


@endpoint("GET", f"{STEP}/previews/{{name}}.docx", "documents", answer=File, media=(WORD,))
def read_preview(call: Call) -> File:
    """The Word file as it would be issued now, stamped as a draft, without a number."""
    return File(preview(call.desk, call.case, call.step, call["name"]), f"{call['name']}.docx", WORD)
