"""The checklist as it is gone through with a tablet in one hand."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.view import view_config

from core.cases.checks import record_checks
from core.cases.reading import case_view
from core.cases.views import CheckItemView, ChecklistView, StepView
from core.errors import InvalidInput, NotFound
from core.security.uploads import Kind
from core.web import entered
from core.web.acts import Refusal, Row, carry_out, once_more, page
from core.web.asking import Request
from core.web.rendering import Said, word
from core.web.steps import after_step, step_of
from core.web.uploads import keep

PHOTO: Kind = "photo"


@view_config(route_name="checklist", request_method="GET")
def show(request: Request) -> Response:
    """What is still to be looked at, or (`?all=1`) everything."""
    return list_page(request)


def list_page(request: Request, refusal: Refusal | None = None) -> Response:
    case = case_view(request.desk, request.context.case_id)
    step = _with_list(step_of(case, request.matchdict["step"]))
    posted = _posted(request, refusal) if request.method == "POST" else {}
    if refusal is not None:
        rows = tuple(Row(row.text, row.href.replace("#f-", "#item-")) for row in refusal.rows)
        refusal = Refusal(refusal.what, refusal.status, refusal.code, rows, refusal.remedy, refusal.error)
    return page(
        request,
        "checklist.jinja2",
        {"case": case, "step": step, "posted": posted, "show_all": "all" in request.GET, "groups": _groups(step)},
        refusal,
    )


def _with_list(step: StepView) -> StepView:
    if step.checklist is None:
        raise NotFound(word("没有找到这一页"))
    return step


def _groups(step: StepView) -> list[tuple[str, list[CheckItemView]]]:
    """The items by group, in the order in which the list was written."""
    found: dict[str, list[CheckItemView]] = {}
    for item in step.checklist.items if step.checklist else ():
        found.setdefault(item.group, []).append(item)
    return list(found.items())


def _posted(request: Request, refusal: Refusal | None) -> dict[str, dict[str, Any]]:
    wrong = refusal.fields if refusal else {}
    found: dict[str, dict[str, Any]] = {}
    for name in {key.partition("-")[2] for key in request.POST if key.startswith(("result-", "note-"))}:
        found[name] = Said(
            {
                "result": _plain(request, f"result-{name}"),
                "note": _plain(request, f"note-{name}"),
                "error": wrong.get(name, ""),
            }
        )
    return found


def _plain(request: Request, name: str) -> str:
    value = request.POST.get(name, "")
    return value[:500] if isinstance(value, str) else ""


@view_config(route_name="checklist", request_method="POST")
def record(request: Request) -> Response:
    """Record the results that were tapped as one round; items left alone keep what they have."""
    case_id, step_name = request.context.case_id, request.matchdict["step"]
    step = _with_list(step_of(case_view(request.desk, case_id), step_name))
    assert step.checklist is not None
    tapped = {item.name: entered.text(request, f"result-{item.name}", 64) for item in step.checklist.items}
    tapped = {name: result for name, result in tapped.items() if result}
    try:
        photos = _photos(request, step.checklist)
    except InvalidInput as error:
        return once_more(request, error, lambda refusal: list_page(request, refusal))

    def act() -> None:
        results = {
            name: {
                "result": result,
                "note": entered.text(request, f"note-{name}", 500),
                "photo": photos.get(name),
            }
            for name, result in tapped.items()
        }
        record_checks(request.desk, case_id, step_name, results, version=entered.version(request))

    return carry_out(
        request,
        act,
        to=after_step(request),
        said=request.tr("已登记 %(n)s 项", n=len(tapped)),
        again=lambda refusal: list_page(request, refusal),
    )


def _photos(request: Request, checklist: ChecklistView) -> dict[str, str]:
    found = {item.name: entered.upload(request, f"photo-{item.name}") for item in checklist.items}
    return keep(request, [(name, *file, PHOTO) for name, file in found.items() if file])
