"""Numbered stationery: what is left, what became of every number, and new books."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.view import view_config

from core.cases.stock import KEEPERS, requisition, series_of, series_register, stock
from core.store.models import Case, Document
from core.web import entered
from core.web.acts import Refusal, carry_out, page
from core.web.asking import Request


@view_config(route_name="stock", request_method="GET")
def show(request: Request) -> Response:
    """Every series of the estate."""
    return stock_page(request)


def stock_page(request: Request, refusal: Refusal | None = None) -> Response:
    estate = request.place.name
    return page(
        request,
        "stock.jinja2",
        {"series": stock(request.desk, estate), "may_requisition": request.desk.has_role(estate, KEEPERS)},
        refusal,
    )


@view_config(route_name="stock_series", request_method="GET")
def register(request: Request) -> Response:
    """The fate of every number."""
    estate, name = request.place.name, request.matchdict["series"]
    fates = series_register(request.desk, estate, name)
    names = request.desk.names(
        {hand for fate in fates for hand in (fate.by, fate.voided_by, fate.witness) if hand}
    )
    rows: list[dict[str, Any]] = []
    for fate in fates:
        document = request.db.get(Document, fate.document_id) if fate.document_id else None
        case = request.db.get(Case, document.case_id) if document is not None and document.case_id else None
        rows.append(
            {
                "number": fate.number,
                "state": fate.state,
                "at": fate.at,
                "by": names.get(fate.by, ""),
                "voided_at": fate.voided_at,
                "voided_by": names.get(fate.voided_by or "", ""),
                "witness": names.get(fate.witness or "", ""),
                "reason": fate.reason,
                "case_id": case.id if case else "",
                "what": case.number if case else "",
            }
        )
    title = series_of(request.desk, estate, name).title.in_(request.locale_name)
    return page(request, "stock_series.jinja2", {"series": title, "rows": rows})


@view_config(route_name="requisition", request_method="POST")
def receive(request: Request) -> Response:
    """Receive books of blanks; what became of the batch before is reported with it (S2-b §1.2)."""
    estate, name = request.place.name, request.matchdict["series"]

    def act() -> Any:
        last = next((row.use for row in stock(request.desk, estate) if row.name == name), None)
        report = {"issued": last.issued, "void": last.void, "left": last.left} if last else None
        return requisition(request.desk, estate, name, entered.whole(request, "books", 1, 200), report)

    return carry_out(
        request,
        act,
        to=request.route_path("stock", estate=estate),
        said=request.tr("已领用"),
        again=lambda refusal: stock_page(request, refusal),
    )
