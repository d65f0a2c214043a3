"""Sub-cases: opened from the page of the case that they belong to."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from core.cases.opening import open_child
from core.cases.reading import case_view
from core.store.models import Case
from core.web import entered
from core.web.acts import Refusal, carry_out
from core.web.asking import Request
from core.web.steps import step_page


@view_config(route_name="child_new", request_method="POST")
def begin_child(request: Request) -> Response:
    """Open a sub-case of that kind and go to it; the same form sent twice is one sub-case."""
    case_id, kind = request.context.case_id, request.matchdict["kind"]
    key = entered.request_key(request)

    def to(child: Case) -> str:
        return request.route_path("case", estate=request.place.name, case=child.id)

    return carry_out(
        request,
        # one page has a form for each kind, all of them with its one key
        lambda: open_child(request.desk, case_id, kind, key=f"{key}:{kind}" if key else None),
        to=to,
        again=lambda refusal: _again(request, refusal),
    )


def _again(request: Request, refusal: Refusal) -> Response:
    """The step from which the button was pressed, else the one that is to be done now."""
    case = case_view(request.desk, request.context.case_id)
    asked = entered.text(request, "step", 200)
    request.matchdict["step"] = asked if asked in {step.name for step in case.steps} else case.current
    return step_page(request, refusal)
