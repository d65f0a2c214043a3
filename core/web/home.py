"""The first page of an estate, and finding anything from it."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.view import view_config

from core.cases.opening import startable
from core.cases.reading import search, today
from core.web import entered
from core.web.acts import page
from core.web.asking import Request


@view_config(route_name="home", request_method="GET")
def home(request: Request) -> Response:
    """Search, begin, today."""
    name, library = request.place.name, request.office.library
    titles = {one: library.bundle(name, one).procedure.title.in_(request.locale_name) for one in library.procedures(name)}
    return page(
        request,
        "home.jinja2",
        {"startable": startable(request.desk, name), "today": today(request.desk, name), "titles": titles},
    )


@view_config(route_name="search", request_method="GET")
def find(request: Request) -> Response:
    """Units, cases and documents; only the list when the search box asks while somebody types."""
    query = entered.asked(request, "q", 100)
    name = request.place.name
    bundle = request.office.library.bundle
    begin = [one for one in startable(request.desk, name) if "unit" in bundle(name, one[0]).procedure.subject]
    hits = [_hit(request, hit, begin) for hit in search(request.desk, name, query)] if query else []
    only_hits = "HX-Request" in request.headers
    return page(
        request, "parts/hits.jinja2" if only_hits else "search.jinja2", {"query": query, "hits": hits}
    )


def _hit(request: Request, hit: Any, begin: list[tuple[str, str]]) -> dict[str, Any]:
    estate = request.place.name
    href = ""
    if hit.kind == "document" and hit.case_id:
        href = request.route_path("document", estate=estate, case=hit.case_id, document=hit.id)
    elif hit.case_id:
        href = request.route_path("case", estate=estate, case=hit.case_id)
    return {
        "kind": hit.kind,
        "title": hit.title,
        "detail": hit.detail,
        "href": href,
        "code": hit.id,
        "begin": begin if hit.kind == "unit" else [],
    }
