"""Numbered stationery: what is in stock, and what became of every number."""

from __future__ import annotations

from core.api.answers import Batch
from core.api.endpoints import Call, endpoint
from core.api.estates import ESTATE
from core.api.requests import Requisition
from core.cases.stock import StockView, requisition, series_register, stock as stock_of
from core.store.series import Fate


@endpoint("GET", f"{ESTATE}/stock", "read", answer=list[StockView])
def read_stock(call: Call) -> list[StockView]:
    """Every series with its stock."""
    return stock_of(call.desk, call.estate)


@endpoint("GET", f"{ESTATE}/stock/{{series}}", "read", answer=list[Fate])
def read_register(call: Call) -> list[Fate]:
    """The fate of every number of the series: issued, void, blank."""
    return series_register(call.desk, call.estate, call["series"])


@endpoint("POST", f"{ESTATE}/stock/{{series}}/requisitions", "documents", answer=Batch, body=Requisition, status=201)
def post_requisition(call: Call) -> Batch:
    """Receive books of blanks; from the second time on with a report on the batch before."""
    said: Requisition = call.body
    book = requisition(call.desk, call.estate, call["series"], said.books,
                       said.report.model_dump() if said.report else None)
    return Batch(book.series, book.first, book.last)
