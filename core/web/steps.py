"""One step of a case: its page, its form, its papers, its result."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.response import Response
from pyramid.view import view_config

from core.cases.filling import Filling, check_answers, discard_draft, form_view, save_draft, submit
from core.cases.lifecycle import complete, decide
from core.cases.papers import mark_paper, mark_papers, waive_paper
from core.cases.reading import case_view, reveal
from core.cases.views import CaseView, PartyView, StepView
from core.errors import InvalidInput, NotFound
from core.forms import Posted
from core.money import METHODS
from core.web import entered
from core.web.acts import Refusal, carry_out, once_more, page, see
from core.web.asking import Request
from core.web.rail import first_of, rail
from core.web.rendering import Said, word
from core.web.uploads import keep_one, with_uploads


def step_of(case: CaseView, name: str) -> StepView:
    """The step of the address; NotFound when the procedure has none of that name."""
    try:
        return case.step(name)
    except KeyError:
        raise NotFound(word("没有找到这一页")) from None


def after_step(request: Request) -> str:
    """Where an act of a step leads: to the step while it is open, else to the next one."""
    matched = request.matchdict
    return request.route_path(
        "case", estate=matched["estate"], case=matched["case"], _query={"from": matched["step"]}
    )


# ---------------------------------------------------------------- the page


@view_config(route_name="case_step", request_method="GET")
def show(request: Request) -> Response:
    """The case page at one step; of a step that is done item by item, at the item to be done."""
    name = request.matchdict["step"]
    if "@" not in name and (item := first_of(case_view(request.desk, request.context.case_id), name)):
        return HTTPSeeOther(request.route_path("case_step", **{**request.matchdict, "step": item.name}))
    return step_page(request)


def step_page(
    request: Request,
    refusal: Refusal | None = None,
    *,
    filling: Filling | None = None,
    correcting: bool = False,
    reason: str = "",
) -> Response:
    """The case page; `filling`: the form as posted, with its problems."""
    case_id, desk = request.context.case_id, request.desk
    case = case_view(desk, case_id)
    step = step_of(case, request.matchdict["step"])
    may_correct = step.mine and not case.read_only and step.status in ("open", "done")
    may_act = may_correct and step.status == "open"
    if filling is None and step.form and step.status in ("open", "done"):
        covered = not may_act or (step.submitted and not correcting)
        filling = form_view(desk, case_id, step.name, masked=covered)
    following = next((row for row in case.steps if row.status == "open"), None)
    others = {row.number: row for row in (*case.children, *((case.parent,) if case.parent else ()))}
    return page(
        request,
        "case.jinja2",
        {
            "case": case,
            "step": step,
            "form": filling.view if filling else None,
            "submitted": filling.submitted if filling else False,
            "draft_saved_at": filling.draft_saved_at if filling else None,
            "correcting": correcting,
            "reason": reason,
            "may_act": may_act,
            "may_correct": may_correct,
            "next_step": following,
            "rail": rail(case, step.name),
            "typed": _typed(request),
            "methods": [(name, title.in_(request.locale_name)) for name, title in METHODS.items()],
            "others": others,
            "people": _people(case),
            "today": request.desk.today(case.estate).isoformat(),
        },
        refusal,
    )


def _people(case: CaseView) -> list[tuple[str, list[PartyView]]]:
    """Everybody of the case by what they are in it."""
    found: dict[str, list[PartyView]] = {}
    for row in case.parties:
        found.setdefault(row.title, []).append(row)
    return list(found.items())


def _typed(request: Request) -> Said:
    """What was typed into one of the small forms of the page, under `route`: whose form it was."""
    if request.method != "POST":
        return Said()
    given = {name: request.POST.get(name, "") for name in ("note", "reason", "outcome", "method", "role")}
    said = {name: value for name, value in given.items() if isinstance(value, str)}
    return Said(said, route=request.matched_route.name)


# ---------------------------------------------------------------- the form


@view_config(route_name="step_form", request_method="POST")
def fill(request: Request) -> Response:
    """Save a draft, add a row, check the answers, correct, or file the form: what the pressed button says."""
    action = entered.text(request, "action", 80) or "submit"
    if action == "correct":
        return correct(request)
    posted = with_uploads(request, Posted(request.POST))
    if action == "draft":
        return draft(request, posted)
    if action.startswith("row:"):
        return another_row(request, posted, action.removeprefix("row:"))
    if action == "edit":
        return as_posted(request, posted)
    if action == "check":
        return check(request, posted)
    if action == "discard":
        return carry_out(
            request,
            lambda: discard_draft(request.desk, request.context.case_id, request.matchdict["step"]),
            to=after_step(request),
            said=request.tr("草稿已删除"),
            again=lambda _: step_page(request),
        )
    return file_form(request, posted)


def draft(request: Request, posted: Posted) -> Response:
    """Keep what was typed so far; a page that saves by itself only hears that it was done."""
    save_draft(request.desk, request.context.case_id, request.matchdict["step"], posted)
    if "X-Autosave" in request.headers:
        return Response(status=204)
    return see(request, request.route_path("case_step", **request.matchdict), request.tr("草稿已保存"))


def correct(request: Request) -> Response:
    """The filed form, open for a correction; seeing somebody's numbers again is an event."""
    case_id, step = request.context.case_id, request.matchdict["step"]
    filling = form_view(request.desk, case_id, step)
    if any(
        field.sensitive or any(inner.sensitive for inner in (*field.fields, *field.columns))
        for field in filling.view.fields
    ):
        reveal(request.desk, case_id)
    return step_page(request, filling=filling, correcting=True)


def as_posted(request: Request, posted: Posted, refusal: Refusal | None = None) -> Response:
    """The page with the form as it was posted."""
    problems = refusal.error.problems if refusal and isinstance(refusal.error, InvalidInput) else ()
    filling = form_view(
        request.desk, request.context.case_id, request.matchdict["step"], posted, tuple(problems)
    )
    return step_page(
        request,
        refusal,
        filling=filling,
        correcting="correct" in request.POST,
        reason=entered.text(request, "reason", 200),
    )


def another_row(request: Request, posted: Posted, table: str) -> Response:
    """The form as posted, with one more empty row in `table`."""
    filling = form_view(request.desk, request.context.case_id, request.matchdict["step"], posted)
    field = next((field for field in filling.view.fields if field.name == table and field.columns), None)
    if field is not None and len(field.rows) < field.max_rows:
        following = field.rows[-1].index + 1 if field.rows else 0
        posted.lists[field.columns[0].html_name.replace("__row__", str(following))] = [""]
    return as_posted(request, posted)


def check(request: Request, posted: Posted) -> Response:
    """The answers to be looked at once more, or the form again with its mistakes."""
    case_id, step = request.context.case_id, request.matchdict["step"]
    verdict = check_answers(request.desk, case_id, step, posted)
    if verdict.problems:
        return once_more(
            request, InvalidInput(verdict.problems), lambda refusal: as_posted(request, posted, refusal)
        )
    case = case_view(request.desk, case_id)
    filling = form_view(request.desk, case_id, step, posted)
    carried = [
        (name, text) for name, texts in posted.lists.items() if name.startswith("f-") for text in texts
    ]
    carried += [
        (name, value) for name in ("reason", "correct") if (value := entered.text(request, name, 200))
    ]
    return page(
        request,
        "check_answers.jinja2",
        {"case": case, "step": step_of(case, step), "form": filling.view, "carried": carried},
    )


def file_form(request: Request, posted: Posted) -> Response:
    """File the form (`submit_issue`: and issue what the step issues), or show it again with everything typed."""
    case_id, step = request.context.case_id, request.matchdict["step"]
    reason, issue = entered.text(request, "reason", 200), entered.text(request, "action", 80) == "submit_issue"
    return carry_out(
        request,
        lambda: submit(
            request.desk, case_id, step, posted, version=entered.version(request), reason=reason, issue=issue
        ),
        to=after_step(request),
        said=request.tr("已提交"),
        again=lambda refusal: as_posted(request, posted, refusal),
    )


# ---------------------------------------------------------------- papers


@view_config(route_name="step_paper", request_method="POST")
def receive_paper(request: Request) -> Response:
    """Say what was seen or kept of one paper, with its scan."""
    matched, desk_case = request.matchdict, request.context.case_id
    blob = keep_one(request, "scan", "scan")

    def act() -> None:
        mark_paper(
            request.desk,
            desk_case,
            matched["step"],
            matched["paper"],
            entered.texts(request, "evidence", 20),
            count=entered.whole(request, "count", 0, 999, default=1),
            blob=blob,
            version=entered.version(request),
        )

    return carry_out(
        request,
        act,
        to=after_step(request) + "#papers",
        said=request.tr("已登记"),
        again=lambda refusal: step_page(request, refusal),
    )


@view_config(route_name="step_papers_all", request_method="POST")
def receive_all(request: Request) -> Response:
    """Mark every paper that is still missing, with everything that is asked of it."""
    case_id, step = request.context.case_id, request.matchdict["step"]

    def act() -> None:
        rows = step_of(case_view(request.desk, case_id), step).papers
        marks: dict[str, dict[str, Any]] = {
            paper.name: {
                "evidence": [name for name, _, _ in paper.evidence],
                "count": paper.count,
                "blob": paper.blob or None,
            }
            for paper in rows
            if paper.state in ("missing", "partial") and paper.evidence
        }
        mark_papers(request.desk, case_id, step, marks, version=entered.version(request))

    return carry_out(
        request,
        act,
        to=after_step(request),
        said=request.tr("已登记"),
        again=lambda refusal: step_page(request, refusal),
    )


@view_config(route_name="step_waive", request_method="POST")
def do_without(request: Request) -> Response:
    """Do without a paper, with a reason."""
    matched = request.matchdict
    return carry_out(
        request,
        lambda: waive_paper(
            request.desk,
            request.context.case_id,
            matched["step"],
            matched["paper"],
            entered.text(request, "reason", 200),
            version=entered.version(request),
        ),
        to=after_step(request) + "#papers",
        said=request.tr("已登记免交"),
        again=lambda refusal: step_page(request, refusal),
    )


# ---------------------------------------------------------------- result


@view_config(route_name="step_decide", request_method="POST")
def choose_outcome(request: Request) -> Response:
    """Choose what came of the step."""
    case_id, step = request.context.case_id, request.matchdict["step"]
    reason = entered.text(request, "reason", 200)
    return carry_out(
        request,
        lambda: decide(
            request.desk,
            case_id,
            step,
            entered.text(request, "outcome", 64),
            reason,
            version=entered.version(request),
        ),
        to=after_step(request),
        said=request.tr("已登记"),
        again=lambda refusal: step_page(request, refusal),
    )


@view_config(route_name="step_complete", request_method="POST")
def finish_step(request: Request) -> Response:
    """Say that the step is done."""
    case_id, step = request.context.case_id, request.matchdict["step"]
    return carry_out(
        request,
        lambda: complete(request.desk, case_id, step, version=entered.version(request)),
        to=after_step(request),
        said=request.tr("本步已完成"),
        again=lambda refusal: step_page(request, refusal),
    )
