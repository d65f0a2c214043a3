"""Units of an estate: finding them, and bringing them in from a spreadsheet."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from core.cases.reading import units
from core.cases.registration import ImportReport, import_units
from core.errors import FieldProblem, InvalidInput, Refused
from core.web import entered
from core.web.acts import Refusal, once_more, page
from core.web.asking import Request
from core.web.cases import here


@view_config(route_name="units", request_method="GET")
def show(request: Request) -> Response:
    """Units by code, with their owners."""
    query = entered.asked(request, "q", 60)
    found = units(request.desk, request.place.name, text=query, after=entered.asked(request, "after", 64))
    return page(
        request,
        "units.jinja2",
        {"page": found, "query": query, "here": lambda **changed: here(request, **changed)},
    )


@view_config(route_name="units_import", request_method="GET")
def ask(request: Request) -> Response:
    """Which file."""
    return import_page(request)


def import_page(
    request: Request,
    refusal: Refusal | None = None,
    report: ImportReport | None = None,
    dry_run: bool = False,
) -> Response:
    return page(request, "units_import.jinja2", {"report": report, "dry_run": dry_run}, refusal)


@view_config(route_name="units_import", request_method="POST")
def bring_in(request: Request) -> Response:
    """Check the file, or take it in: all rows or none."""
    dry_run = entered.text(request, "action", 20) != "import"
    try:
        found = entered.upload(request, "file")
        if found is None:
            raise InvalidInput([FieldProblem("file", request.tr("请选择表格文件"))])
        report = import_units(request.desk, request.place.name, found[0], dry_run=dry_run)
        request.db.flush()
    except Refused as error:
        return once_more(request, error, lambda refusal: import_page(request, refusal))
    if report.problems:
        request.response.status_int = 422
    return import_page(request, report=report, dry_run=dry_run)
