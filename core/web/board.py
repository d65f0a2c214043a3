"""The progress board: every unit of the estate on one page, and on one A3 sheet."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from core.cases.board import STATES, board
from core.web import entered
from core.web.acts import page
from core.web.asking import Request
from core.web.cases import procedures_of


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
            "procedures": procedures_of(request, estate),
            "now": request.desk.now,
            "case_base": request.route_path("cases", estate=estate) + "/",
            "new_base": request.route_path("case_new", estate=estate, procedure=procedure) + "?q=",
        },
    )
