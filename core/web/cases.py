"""Cases: the list, beginning one, the page of one, its history, and what ends or pauses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import select

from core.cases.lifecycle import hand_over, resume, suspend, withdraw
from core.cases.opening import open_case, startable
from core.cases.reading import case_list, case_view, history, units
from core.cases.views import Page
from core.errors import NotFound
from core.store.models import Grant, Unit, User
from core.web import entered
from core.web.acts import Refusal, carry_out, page
from core.web.asking import Request
from core.web.rendering import word


def here(request: Request, **changed: str) -> str:
    """This address with some of its questions changed; the pager's next page."""
    asked = {name: value for name, value in request.GET.items() if value} | changed
    return request.path + "?" + "&".join(f"{name}={_quoted(value)}" for name, value in asked.items())


def _quoted(value: str) -> str:
    from urllib.parse import quote

    return quote(value, safe="")


def procedures_of(request: Request, estate: str) -> list[tuple[str, str]]:
    """(name, title) of every procedure of the estate."""
    library = request.office.library
    return [
        (name, library.bundle(estate, name).procedure.title.in_(request.locale_name))
        for name in library.procedures(estate)
    ]


def colleagues(request: Request, estate: str) -> list[tuple[str, str]]:
    """(user name, name) of everybody else who works at the estate."""
    query = (
        select(User.username, User.name)
        .join(Grant, Grant.user_id == User.id)
        .where(Grant.estate == estate, User.active.is_(True), User.id != request.actor.user_id)
        .distinct()
        .order_by(User.name)
    )
    return [(row.username, row.name) for row in request.db.execute(query)]


# ---------------------------------------------------------------- list


@view_config(route_name="cases", request_method="GET")
def cases(request: Request) -> Response:
    """Cases, newest first, by procedure, state and step."""
    estate = request.place.name
    chosen = {name: entered.asked(request, name, 64) for name in ("procedure", "state", "step")}
    procedures = procedures_of(request, estate)
    steps: list[tuple[str, str]] = []
    if chosen["procedure"] in dict(procedures):
        rule = request.office.library.bundle(estate, chosen["procedure"]).procedure
        steps = [(step.name, step.title.in_(request.locale_name)) for step in rule.steps]
    found = case_list(
        request.desk,
        estate,
        procedure=chosen["procedure"] or None,
        state=chosen["state"] or None,
        step=chosen["step"] or None,
        after=entered.asked(request, "after", 64),
    )
    states = [
        ("open", request.tr("办理中")),
        ("suspended", request.tr("已暂停")),
        ("completed", request.tr("已办结")),
        ("withdrawn", request.tr("已撤回")),
    ]
    return page(
        request,
        "cases.jinja2",
        {
            "page": found,
            "chosen": chosen,
            "procedures": procedures,
            "steps": steps,
            "states": states,
            "startable": startable(request.desk, estate),
            "here": lambda **changed: here(request, **changed),
        },
    )


# ---------------------------------------------------------------- begin


@view_config(route_name="case_new", request_method="GET")
def choose_unit(request: Request) -> Response:
    """Which unit the procedure is begun for."""
    return new_page(request, entered.asked(request, "q", 60))


def new_page(request: Request, query: str, refusal: Refusal | None = None) -> Response:
    estate, procedure = request.place.name, request.matchdict["procedure"]
    titles = dict(procedures_of(request, estate))
    if procedure not in titles:
        raise NotFound(word("没有找到这一页"))
    unit = request.db.get(Unit, query) if len(query) == 26 else None  # the search page names a unit by its id
    query = unit.code if unit is not None and unit.estate == estate else query
    found: Page = units(request.desk, estate, text=query, after=entered.asked(request, "after", 64), limit=25)
    return page(
        request,
        "case_new.jinja2",
        {
            "title": titles[procedure],
            "query": query,
            "page": found,
            "here": lambda **changed: here(request, **changed),
        },
        refusal,
    )


@view_config(route_name="case_new", request_method="POST")
def begin(request: Request) -> Response:
    """Begin the procedure for the chosen unit; the same form sent twice is one case."""
    estate, procedure = request.place.name, request.matchdict["procedure"]
    unit = entered.text(request, "unit", 26)
    return carry_out(
        request,
        lambda: open_case(request.desk, estate, procedure, unit, key=entered.request_key(request)),
        to=lambda case: request.route_path("case", estate=estate, case=case.id),
        again=lambda refusal: new_page(request, unit, refusal),
    )


# ---------------------------------------------------------------- one case


@view_config(route_name="case", request_method="GET")
def case(request: Request) -> Response:
    """To the step that is to be done now; after an act (`?from=`) the step stays until it is done."""
    found = case_view(request.desk, request.context.case_id)
    step, names = found.current, {row.name: row for row in found.steps}
    came_from = names.get(entered.asked(request, "from", 64))
    if came_from is not None and came_from.status == "open":
        step = came_from.name
    return HTTPSeeOther(request.route_path("case_step", estate=found.estate, case=found.id, step=step))


@view_config(route_name="history", request_method="GET")
def what_happened(request: Request) -> Response:
    """Who did what when."""
    case_id = request.context.case_id
    return page(
        request,
        "history.jinja2",
        {"case": case_view(request.desk, case_id), "rows": history(request.desk, case_id)},
    )


@view_config(route_name="lifecycle", request_method="GET")
def whole(request: Request) -> Response:
    """Suspend, hand over, withdraw."""
    return whole_page(request)


def whole_page(request: Request, refusal: Refusal | None = None) -> Response:
    found = case_view(request.desk, request.context.case_id)
    return page(
        request, "lifecycle.jinja2", {"case": found, "colleagues": colleagues(request, found.estate)}, refusal
    )


@view_config(route_name="lifecycle", request_method="POST")
def act_on_whole(request: Request) -> Response:
    """Do one of them."""
    case_id, desk = request.context.case_id, request.desk
    reason, version = entered.text(request, "reason", 200), entered.version(request)
    acts: dict[str, Callable[[], Any]] = {
        "suspend": lambda: suspend(desk, case_id, reason, version=version),
        "resume": lambda: resume(desk, case_id, reason, version=version),
        "withdraw": lambda: withdraw(desk, case_id, reason, version=version),
        "hand_over": lambda: hand_over(
            desk, case_id, entered.text(request, "to", 64), reason, version=version
        ),
    }
    act = acts.get(entered.text(request, "act", 20))
    if act is None:
        raise NotFound(word("没有找到这一页"))
    return carry_out(
        request,
        act,
        to=request.route_path("lifecycle", estate=request.place.name, case=case_id),
        said=request.tr("已登记"),
        again=lambda refusal: whole_page(request, refusal),
    )
