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
from core.store.models import Case
from core.web import entered
from core.web.acts import Refusal, carry_out, page
from core.web.asking import Request

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
            "party_choices": _choices(request, case),
            "id_types": _id_types(request),
            "posted": posted,
            "errors": refusal.fields if refusal else {},
        },
        refusal,
    )


def _choices(request: Request, case: CaseView) -> list[tuple[str, str]]:
    row = request.db.get(Case, case.id)
    assert row is not None  # the place of the address has read it
    bundle = request.office.bundle(request.db, row.pin)
    return [(party.name, party.title.in_(request.locale_name)) for party in bundle.procedure.parties]


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
