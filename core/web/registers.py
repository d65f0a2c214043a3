"""Registers: the list of them, and one over a period, as a page, as Excel or CSV, on paper."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any, cast, get_args

from pyramid.response import Response
from pyramid.view import view_config

from core.cases.issuing import WORD
from core.domain.registers import Period
from core.errors import FieldProblem, InvalidInput
from core.registers import (
    CSV,
    RIGHT,
    XLSX,
    RegisterTable,
    Span,
    Spoken,
    after,
    asked_span,
    before,
    drawing,
    period_words,
    register_csv,
    register_table,
    register_word,
    register_xlsx,
    registers_of,
    span_of,
)
from core.web import entered
from core.web.acts import Refusal, page, refusal_of
from core.web.asking import Request
from core.web.headers import file_answer

SHOWN = 200
"""Rows of a page."""
PERIODS: tuple[Period, ...] = get_args(Period)


@view_config(route_name="registers", request_method="GET")
def index(request: Request) -> Response:
    """Every register that the reader may read, procedure by procedure."""
    found = registers_of(request.desk, request.place.name)
    procedures = [(title, list(rows)) for title, rows in groupby(found, lambda row: row.procedure_title)]
    return page(request, "registers.jinja2", {"procedures": procedures})


@view_config(route_name="register", request_method="GET")
def show(request: Request) -> Response:
    """One register over the period that is asked for; a page of rows, totals of all."""
    refusal: Refusal | None = None
    span: Span | None = None
    try:
        span = _asked(request)
    except InvalidInput as error:
        refusal = refusal_of(request, error)
    table = _table(request, span, start=_start(request), size=SHOWN)
    return page(request, "register.jinja2", _shown(request, table), refusal)


@view_config(route_name="register_file", request_method="GET")
def download(request: Request) -> Response:
    """All of it: as Excel, as CSV, or as Word."""
    desk, kind = request.desk, request.matchdict["kind"]
    table = _table(request, _asked(request))
    name = f"{table.title}-{period_words(desk, table)}.{kind}"
    if kind == "xlsx":
        return file_answer(register_xlsx(desk, table), name, XLSX, inline=False)
    if kind == "csv":
        return file_answer(register_csv(desk, table), name, CSV, inline=False)
    return file_answer(register_word(desk, table), name, WORD, inline=False)


def _table(request: Request, span: Span | None, **which: Any) -> RegisterTable:
    match = request.matchdict
    return register_table(request.desk, request.place.name, match["procedure"], match["register"], span, **which)


# ---------------------------------------------------------------- what is asked


def _asked(request: Request) -> Span | None:
    """`?from=…&until=…`, or `?period=quarter` with that of today; None when nothing is asked."""
    period = entered.asked(request, "period", 10)
    if period in PERIODS:
        return span_of(cast(Period, period), request.desk.today(request.place.name))
    return asked_span(_day(request, "from"), _day(request, "until"))


def _day(request: Request, name: str) -> date | None:
    said = entered.asked(request, name, 10)
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        raise InvalidInput([FieldProblem(name, request.tr("请填写日期，如 2026-03-01"))]) from None


def _start(request: Request) -> int:
    said = entered.asked(request, "start", 9)
    return int(said) if said.isascii() and said.isdecimal() else 0


# ---------------------------------------------------------------- what is shown


def _shown(request: Request, table: RegisterTable) -> dict[str, Any]:
    spoken, start = Spoken(request.desk, table.estate), _start(request)
    return {
        "table": table, "spoken": spoken, "right": RIGHT, "chart": drawing(table, spoken), "here": _where(request, table),
        "period": period_words(request.desk, table), "start": start, "shown_until": min(start + SHOWN, table.row_count),
        "following": start + SHOWN if start + SHOWN < table.row_count and table.columns else None,
        "earlier": max(start - SHOWN, 0) if start > 0 else None, "asked": _words(table.span),
        "neighbours": [(word, _words(span)) for word, span in (
            (request.tr("上一期"), before(table.span)), (request.tr("下一期"), after(table.span))) if span is not None],
        "periods": [("month", request.tr("本月")), ("quarter", request.tr("本季度")), ("year", request.tr("本年")),
                    ("all", request.tr("全部"))]}


def _words(span: Span) -> dict[str, str]:
    """A period as the questions of an address."""
    if span.first is None and span.last is None:
        return {"period": "all"}
    return {name: day.isoformat() for name, day in (("from", span.first), ("until", span.last)) if day is not None}


def _where(request: Request, table: RegisterTable) -> Any:
    """The address of this register, or of a file of it, with other questions."""
    parts = {"estate": table.estate, "procedure": table.procedure, "register": table.name}

    def here(query: dict[str, Any], kind: str = "") -> str:
        if kind:
            return request.route_path("register_file", kind=kind, _query=query, **parts)
        return request.route_path("register", _query=query, **parts)

    return here
