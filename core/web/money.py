"""Money of a case: taking it, giving it back, doing without, and why it is so much."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.view import view_config

from core.cases.payments import answer_waiver, cancel_receipt, pay, refund, waive_charge
from core.cases.reading import case_view
from core.errors import FieldProblem, InvalidInput, NotFound
from core.money import METHODS
from core.store.models import Charge, Receipt
from core.web import entered
from core.web.acts import Refusal, carry_out, page
from core.web.asking import Request
from core.web.rendering import word


def methods(request: Request) -> list[tuple[str, str]]:
    """(name, title) of the ways to pay."""
    return [(name, title.in_(request.locale_name)) for name, title in METHODS.items()]


@view_config(route_name="case_money", request_method="GET")
def money(request: Request) -> Response:
    """Charges, receipts, refunds."""
    return money_page(request)


def money_page(request: Request, refusal: Refusal | None = None) -> Response:
    return page(
        request,
        "case_money.jinja2",
        {"case": case_view(request.desk, request.context.case_id), "methods": methods(request)},
        refusal,
    )


# ---------------------------------------------------------------- paying


@view_config(route_name="pay", request_method="GET")
def till(request: Request) -> Response:
    """What is due, and how it is paid."""
    return pay_page(request)


def pay_page(request: Request, refusal: Refusal | None = None) -> Response:
    case = case_view(request.desk, request.context.case_id)
    people = {party.party: party.name for party in reversed(case.parties)}
    payer = people.get("owner", case.parties[0].name if case.parties else "")
    step = entered.asked(request, "step", 140) or (
        entered.text(request, "step", 140) if request.method == "POST" else ""
    )
    back = (
        request.route_path("case_step", estate=case.estate, case=case.id, step=step)
        if step
        else request.route_path("case_money", estate=case.estate, case=case.id)
    )
    return page(
        request,
        "pay.jinja2",
        {
            "case": case,
            "methods": methods(request),
            "payer": payer,
            "step": step,
            "back": back,
            "posted": _posted(request),
            "errors": refusal.fields if refusal else {},
        },
        refusal,
    )


def _posted(request: Request) -> dict[str, Any]:
    if request.method != "POST":
        return {}
    amounts = {name: said for name in METHODS if (said := request.POST.get(f"amount-{name}", ""))}
    return {
        "charges": request.POST.getall("charge"),
        "method": request.POST.get("method", ""),
        "amounts": amounts,
        "payer": request.POST.get("payer", ""),
    }


@view_config(route_name="pay", request_method="POST")
def take(request: Request) -> Response:
    """Take the payment and issue its receipt."""
    case_id, estate = request.context.case_id, request.place.name
    step = entered.text(request, "step", 140)

    def act() -> Receipt:
        chosen = entered.texts(request, "charge", 200)
        if not chosen:
            raise InvalidInput([FieldProblem("charge", request.tr("请至少选择一项费用"))])
        return pay(
            request.desk,
            case_id,
            _split(request),
            charges=chosen,
            payer=entered.text(request, "payer", 60),
            version=entered.version(request),
        )

    to = (
        request.route_path("case", estate=estate, case=case_id, _query={"from": step})
        if step
        else request.route_path("case_money", estate=estate, case=case_id)
    )
    return carry_out(
        request,
        act,
        to=to,
        said=request.tr("已收款，收据已开具"),
        again=lambda refusal: pay_page(request, refusal),
    )


def _split(request: Request) -> dict[str, int | None]:
    """分 by method as typed; when nothing was typed, everything by the one method that was chosen."""
    typed = {name: entered.fen(request, f"amount-{name}") for name in METHODS}
    given: dict[str, int | None] = {name: fen for name, fen in typed.items() if fen}
    if given:
        return given
    method = entered.text(request, "method", 20)
    if method not in METHODS:
        raise InvalidInput([FieldProblem("method", request.tr("请选择收款方式"))])
    return {method: None}


# ---------------------------------------------------------------- afterwards


def _of_case(request: Request, model: type, identity: str) -> str:
    row = request.db.get(model, identity)
    if row is None or row.case_id != request.context.case_id:
        raise NotFound(word("没有找到这一页"))
    return identity


def _to_money(request: Request) -> str:
    return request.route_path("case_money", estate=request.place.name, case=request.context.case_id)


@view_config(route_name="charge_waive", request_method="POST")
def do_without(request: Request) -> Response:
    """Do without what is still due of a charge, or part of it; where that needs consent, ask for it."""
    charge = _of_case(request, Charge, request.matchdict["charge"])

    def act() -> None:
        fen = entered.fen(request, "amount")
        waive_charge(request.desk, charge, entered.text(request, "reason", 200), fen=fen)

    rule = next(row for row in case_view(request.desk, request.context.case_id).money.charges if row.id == charge)
    return carry_out(
        request,
        act,
        to=_to_money(request),
        said=request.tr("已提出减免，等待同意") if rule.consent else request.tr("已减免"),
        again=lambda refusal: money_page(request, refusal),
    )


@view_config(route_name="charge_waiver_answer", request_method="POST")
def answer(request: Request) -> Response:
    """Consent to a waiver that waits, or refuse it."""
    charge = _of_case(request, Charge, request.matchdict["charge"])
    consent = entered.text(request, "answer", 10) == "consent"
    return carry_out(
        request,
        lambda: answer_waiver(request.desk, charge, consent, entered.text(request, "reason", 200)),
        to=_to_money(request),
        said=request.tr("已同意减免") if consent else request.tr("已退回减免"),
        again=lambda refusal: money_page(request, refusal),
    )


@view_config(route_name="charge_refund", request_method="POST")
def give_back(request: Request) -> Response:
    """Give back part or all of a charge."""
    charge = _of_case(request, Charge, request.matchdict["charge"])

    def act() -> Receipt:
        fen = entered.fen(request, "amount")
        if not fen:
            raise InvalidInput([FieldProblem("amount", request.tr("请填写退款金额"))])
        return refund(
            request.desk,
            charge,
            fen,
            entered.text(request, "method", 20),
            entered.text(request, "reason", 200),
        )

    return carry_out(
        request,
        act,
        to=_to_money(request),
        said=request.tr("已退款"),
        again=lambda refusal: money_page(request, refusal),
    )


@view_config(route_name="receipt_cancel", request_method="POST")
def take_back(request: Request) -> Response:
    """Cancel a receipt; its number stays."""
    receipt = _of_case(request, Receipt, request.matchdict["receipt"])
    return carry_out(
        request,
        lambda: cancel_receipt(request.desk, receipt, entered.text(request, "reason", 200)),
        to=_to_money(request),
        said=request.tr("收据已作废"),
        again=lambda refusal: money_page(request, refusal),
    )
