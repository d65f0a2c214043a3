"""The progress board: every unit of the estate on one page, and on one A3 sheet."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from core.cases.board import STATES, board
from core.web import entered
from core.web.acts import page
from core.web.asking import Request
from core.web.cases import procedures_of


def _of_units(request: Request, procedure: str) -> bool:
    """Whether its cases are about units, each its own: what a board can show."""
    rule = request.office.library.bundle(request.place.name, procedure).procedure
    return "unit" in rule.subject and not rule.only_as_child


@view_config(route_name="board", request_method="GET")
def show(request: Request) -> Response:
    """Buildings as blocks, floors as rows; `?state=` dims all other units."""
    estate, procedure = request.place.name, request.matchdict["procedure"]
    found = board(request.desk, estate, procedure)
    chosen = entered.asked(request, "state", 20)
    return page(
        request,
        "board.jinja2",
        {
            "board": found,
            "chosen": chosen if chosen in STATES else "",
            "total": sum(found.counts.values()),
            "procedures": [one for one in procedures_of(request, estate) if _of_units(request, one[0])],
            "now": request.desk.now,
            "case_base": request.route_path("cases", estate=estate) + "/",
            "new_base": request.route_path("case_new", estate=estate, procedure=procedure) + "?q=",
        },
    )
