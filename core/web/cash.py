"""The day's money: the sheet, and closing the day."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from core.cases.cash import cash_sheet, close_day
from core.cases.cash_paper import cash_sheet_word
from core.cases.issuing import WORD
from core.errors import FieldProblem, InvalidInput
from core.web import entered
from core.web.acts import Refusal, carry_out, page
from core.web.asking import Request
from core.web.headers import file_answer


@view_config(route_name="cash", request_method="GET")
def show(request: Request) -> Response:
    """The sheet of a day; today's unless another is asked for."""
    return sheet_page(request)


def sheet_page(request: Request, refusal: Refusal | None = None) -> Response:
    estate, source = request.place.name, request.POST if request.method == "POST" else request.GET
    today = request.desk.today(estate)
    try:
        day = entered.a_day(request, str(source.get("day", ""))[:10], today)
    except InvalidInput:
        day = today
    posted = (
        {name: str(request.POST.get(name, "")) for name in ("counted", "note")}
        if request.method == "POST"
        else {}
    )
    return page(
        request,
        "cash.jinja2",
        {
            "sheet": cash_sheet(request.desk, estate, day),
            "posted": posted,
            "errors": refusal.fields if refusal else {},
        },
        refusal,
    )


@view_config(route_name="cash_word", request_method="GET")
def on_paper(request: Request) -> Response:
    """The sheet of a day as a Word file."""
    estate = request.place.name
    day = entered.a_day(request, entered.asked(request, "day", 10), request.desk.today(estate))
    data, name = cash_sheet_word(request.desk, estate, day)
    return file_answer(data, name, WORD, inline=False)


@view_config(route_name="cash", request_method="POST")
def close(request: Request) -> Response:
    """Close the day with the cash that was counted."""
    estate = request.place.name
    day = entered.a_day(request, entered.text(request, "day", 10), request.desk.today(estate))

    def act() -> None:
        counted = entered.fen(request, "counted")
        if counted is None:
            raise InvalidInput([FieldProblem("counted", request.tr("请填写清点的现金，没有就填 0"))])
        close_day(request.desk, estate, day, counted, entered.text(request, "note", 200))

    return carry_out(
        request,
        act,
        to=request.route_path("cash", estate=estate, _query={"day": day.isoformat()}),
        said=request.tr("已结账"),
        again=lambda refusal: sheet_page(request, refusal),
    )
