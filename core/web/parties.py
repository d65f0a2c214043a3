"""The people and firms of a case: masked, shown with an event, added, taken out with a reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pyramid.response import Response
from pyramid.view import view_config

from core.cases.opening import remove_party, set_party
from core.cases.people import add_person
from core.cases.reading import case_view, reveal
from core.cases.views import CaseView, PartyView
from core.domain.procedures import Party
from core.errors import FieldProblem, InvalidInput, NotFound
from core.store.models import Case
from core.web import entered
from core.web.acts import Refusal, carry_out, page
from core.web.asking import Request
from core.web.rendering import word

ROWS, MOST_ROWS = 5, 50
"""Empty rows at once for several people of one party, and how many there may be."""
COLUMNS = ("name", "id_type", "id_number", "phone")
ASKED = ("name", "kind", "id_type", "id_number", "phone", "address", "representative", "representative_id")


@view_config(route_name="parties", request_method="GET")
def show(request: Request) -> Response:
    """Who belongs to the case."""
    return parties_page(request)


def parties_page(
    request: Request, refusal: Refusal | None = None, parties: tuple[PartyView, ...] | None = None
) -> Response:
    case = case_view(request.desk, request.context.case_id)
    typed = request.method == "POST" and "party" in request.POST
    posted = {name: str(request.POST.get(name, "")) for name in ("party", *ASKED)} if typed else {}
    return page(
        request,
        "parties.jinja2",
        {
            "case": case,
            "parties": case.parties if parties is None else parties,
            "party_choices": [(party.name, party.title.in_(request.locale_name)) for party in _parties(request, case)],
            "many": [(party.name, party.title.in_(request.locale_name)) for party in _parties(request, case) if party.many],
            "id_types": _id_types(request),
            "posted": posted,
            "errors": refusal.fields if refusal else {},
        },
        refusal,
    )


def _parties(request: Request, case: CaseView) -> tuple[Party, ...]:
    """The parties that the procedure of the case knows."""
    row = request.db.get(Case, case.id)
    assert row is not None  # the place of the address has read it
    return request.office.bundle(request.db, row.pin).procedure.parties


def _id_types(request: Request) -> list[tuple[str, str]]:
    return [
        ("resident_id", request.tr("居民身份证")),
        ("passport", request.tr("护照")),
        ("uscc", request.tr("统一社会信用代码")),
    ]


@view_config(route_name="reveal", request_method="POST")
def show_personal(request: Request) -> Response:
    """The same page with numbers and phones; that somebody looked is an event."""
    known: dict[tuple[str, str], list[Any]] = {}
    for party, person in reveal(request.desk, request.context.case_id):
        known.setdefault((party, person["name"]), []).append(person)
    case = case_view(request.desk, request.context.case_id)
    shown = tuple(
        replace(row, id_number=person["id_number"], phone=person["phone"], masked=False)
        for row in case.parties
        for person in [known[row.party, row.name].pop(0)]
    )
    return parties_page(request, parties=shown)


@view_config(route_name="parties", request_method="POST")
def add(request: Request) -> Response:
    """Register somebody and make them a party; one who is known by number and name is that somebody."""
    case_id, estate = request.context.case_id, request.place.name

    def act() -> None:
        said = {name: entered.text(request, name, 200) for name in ASKED}
        person = add_person(request.desk, estate, said)
        set_party(
            request.desk,
            case_id,
            entered.text(request, "party", 64),
            person.id,
            version=entered.version(request),
        )

    return carry_out(
        request,
        act,
        to=request.route_path("parties", estate=estate, case=case_id),
        said=request.tr("已添加"),
        again=lambda refusal: parties_page(request, refusal),
    )


# ---------------------------------------------------------------- several people in a row


@view_config(route_name="parties_many", request_method="GET")
def show_many(request: Request) -> Response:
    """Empty rows for several people of one party."""
    return many_page(request, ROWS)


def many_page(request: Request, rows: int, refusal: Refusal | None = None) -> Response:
    case = case_view(request.desk, request.context.case_id)
    party = _party(request, case)
    posted = {name: value for name, value in request.POST.items() if isinstance(value, str)} if request.method == "POST" else {}
    return page(
        request,
        "parties_many.jinja2",
        {
            "case": case,
            "party": party.name,
            "party_title": party.title.in_(request.locale_name),
            "there": [row for row in case.parties if row.party == party.name],
            "rows": rows,
            "id_types": [one for one in _id_types(request) if party.kind != "person" or one[0] != "uscc"],
            "posted": posted,
            "errors": refusal.fields if refusal else {},
        },
        refusal,
    )


def _party(request: Request, case: CaseView) -> Party:
    """The party of the address; NotFound unless it is one of several people."""
    for party in _parties(request, case):
        if party.name == request.matchdict["party"] and party.many:
            return party
    raise NotFound(word("没有找到这一页"))


@view_config(route_name="parties_many", request_method="POST")
def add_many(request: Request) -> Response:
    """Register everybody in the rows that were filled in, all or none; or show more rows."""
    rows = min(entered.whole(request, "rows", 1, MOST_ROWS, default=ROWS), MOST_ROWS)
    if entered.text(request, "action", 20) == "rows":
        return many_page(request, min(rows + ROWS, MOST_ROWS))
    case = case_view(request.desk, request.context.case_id)
    party = _party(request, case)
    there = {row.person_id for row in case.parties if row.party == party.name}
    added: list[str] = []

    def act() -> None:
        version = entered.version(request)
        for at in range(rows):
            person = _row_person(request, at, "company" if party.kind == "company" else "person")
            if person and person not in there:
                set_party(request.desk, case.id, party.name, person, version=version)
                version = None  # the first of them has moved it on
                there.add(person)
                added.append(person)
        if not added:
            raise InvalidInput([FieldProblem("name-0", request.tr("请至少填写一位"))])

    return carry_out(
        request,
        act,
        to=lambda _: request.route_path("parties", estate=case.estate, case=case.id),
        said=request.tr("已添加"),
        again=lambda refusal: many_page(request, rows, refusal),
    )


def _row_person(request: Request, at: int, kind: str) -> str:
    """The id of the person in one row, registered where they were not known; empty for an empty row."""
    said = {name: entered.text(request, f"{name}-{at}", 200) for name in COLUMNS}
    if not any(said[name] for name in COLUMNS if name != "id_type"):
        return ""
    try:
        return add_person(request.desk, request.place.name, {**said, "kind": kind}).id
    except InvalidInput as wrong:
        raise InvalidInput([replace(one, field=f"{one.field}-{at}") for one in wrong.problems]) from None


@view_config(route_name="party_remove", request_method="POST")
def remove(request: Request) -> Response:
    """Let somebody step down."""
    matched = request.matchdict
    return carry_out(
        request,
        lambda: remove_party(
            request.desk,
            request.context.case_id,
            matched["party"],
            matched["person"],
            entered.text(request, "reason", 200),
        ),
        to=request.route_path("parties", estate=matched["estate"], case=matched["case"]),
        said=request.tr("已移除"),
        again=lambda refusal: parties_page(request, refusal),
    )
