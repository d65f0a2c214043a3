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
from core.cases.people import add_person
from core.cases.reading import case_list, case_view, history, units
from core.cases.viewing import named_state
from core.cases.views import Page
from core.domain.procedures import Procedure
from core.errors import FieldProblem, InvalidInput, NotFound
from core.store.models import Case, Grant, Unit, User
from core.web import entered
from core.web.acts import Refusal, carry_out, page
from core.web.asking import Request
from core.web.rendering import word

PERSON = ("name", "kind", "id_type", "id_number", "phone")
"""What is asked of a person when a case is begun for no unit."""


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
    ends: list[tuple[str, str]] = []
    if chosen["procedure"] in dict(procedures):
        rule = request.office.library.bundle(estate, chosen["procedure"]).procedure
        steps = [(step.name, step.title.in_(request.locale_name)) for step in rule.steps]
        ends = [(end, named_state(request.desk, rule, end)) for end in rule.ends if end != "completed"]
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
        *ends,
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
    estate, rule = request.place.name, _procedure(request)
    unit = request.db.get(Unit, query) if len(query) == 26 else None  # the search page names a unit by its id
    query = unit.code if unit is not None and unit.estate == estate else query
    found = Page(())
    if "unit" in rule.subject:
        found = units(request.desk, estate, text=query, after=entered.asked(request, "after", 64), limit=25)
    first = next(iter(rule.parties), None)
    return page(
        request,
        "case_new.jinja2",
        {
            "title": rule.title.in_(request.locale_name),
            "subject": rule.subject,
            "party": first.title.in_(request.locale_name) if first else "",
            "party_kind": first.kind if first else "",
            "party_needed": bool(first) and not first.optional and "person" in rule.subject and "place" not in rule.subject,
            "query": query,
            "page": found,
            "posted": {name: value for name, value in request.POST.items() if isinstance(value, str)},
            "errors": refusal.fields if refusal else {},
            "here": lambda **changed: here(request, **changed),
        },
        refusal,
    )


def _procedure(request: Request) -> Procedure:
    """The procedure of the address; NotFound when the estate has none, or when it is only begun from another case."""
    library, estate, name = request.office.library, request.place.name, request.matchdict["procedure"]
    if name in library.procedures(estate) and not library.bundle(estate, name).procedure.only_as_child:
        return library.bundle(estate, name).procedure
    raise NotFound(word("没有找到这一页"))


@view_config(route_name="case_new", request_method="POST")
def begin(request: Request) -> Response:
    """Begin the procedure for the chosen unit, place or person, or for the estate; the same form sent twice is one case."""
    estate, rule = request.place.name, _procedure(request)
    unit = entered.text(request, "unit", 26)

    def act() -> Case:
        key, place = entered.request_key(request), entered.text(request, "place", 200)
        if not unit and not place and {"unit", "place"} & set(rule.subject) and not {"person", "estate"} & set(rule.subject):
            raise InvalidInput([FieldProblem("place" if "place" in rule.subject else "unit", request.tr("请写明地点或选择房屋"))])
        parties = {} if unit else _first_party(request, rule, key)
        return open_case(request.desk, estate, rule.name, unit or None, parties, key=key, place=place)

    return carry_out(
        request,
        act,
        to=lambda case: request.route_path("case", estate=estate, case=case.id),
        again=lambda refusal: new_page(request, unit, refusal),
    )


def _first_party(request: Request, rule: Procedure, key: str | None) -> dict[str, list[str]]:
    """Whom the case is about, or who reported it: the first party, registered when somebody was named."""
    said = {name: entered.text(request, name, 200) for name in PERSON}
    estate = request.place.name
    if not rule.parties or not (said["name"] or said["phone"] or said["id_number"]):
        return {}
    request.desk.queue(estate)  # a form that was sent twice registers nobody twice
    if key and request.db.scalar(select(Case.id).where(Case.estate == estate, Case.opening_key == key)):
        return {}
    return {rule.parties[0].name: [add_person(request.desk, estate, said).id]}


# ---------------------------------------------------------------- one case


@view_config(route_name="case", request_method="GET")
def case(request: Request) -> Response:
    """To the step that is to be done now; after an act (`?from=`) the step stays until it is done."""
    found = case_view(request.desk, request.context.case_id)
    step, names = found.current, {row.name: row for row in found.steps}
    came_from = names.get(entered.asked(request, "from", 140))
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
