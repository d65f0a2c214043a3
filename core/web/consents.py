"""What only some steps ask for: consent, an exception with its reason, renewal, the settlement of a deposit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyramid.response import Response
from pyramid.view import view_config

from core.cases.approving import approve, override, renew
from core.cases.settling import settle
from core.errors import FieldProblem, InvalidInput
from core.money import METHODS
from core.web import entered
from core.web.acts import carry_out
from core.web.asking import Request
from core.web.steps import after_step, step_page


def _done(request: Request, act: Callable[[], Any], said: str) -> Response:
    """Do it and go on, or show the step again with what was typed."""
    return carry_out(
        request, act, to=after_step(request), said=said, again=lambda refusal: step_page(request, refusal)
    )


@view_config(route_name="step_approve", request_method="POST")
def consent(request: Request) -> Response:
    """Consent, with a note if there is something to say."""

    def act() -> None:
        approve(
            request.desk,
            request.context.case_id,
            request.matchdict["step"],
            entered.text(request, "note", 500),
            role=entered.text(request, "role", 64),
            version=entered.version(request),
        )

    return _done(request, act, request.tr("已同意"))


@view_config(route_name="step_override", request_method="POST")
def make_exception(request: Request) -> Response:
    """Pass the conditions of the step, with a reason."""

    def act() -> None:
        override(
            request.desk,
            request.context.case_id,
            request.matchdict["step"],
            entered.text(request, "reason", 500),
            version=entered.version(request),
        )

    return _done(request, act, request.tr("已特批通过"))


@view_config(route_name="step_renew", request_method="POST")
def give_anew(request: Request) -> Response:
    """Open the step again, since what it gave runs out."""

    def act() -> None:
        renew(
            request.desk,
            request.context.case_id,
            request.matchdict["step"],
            entered.text(request, "reason", 500),
            version=entered.version(request),
        )

    return _done(request, act, request.tr("已重新开放，请续办"))


@view_config(route_name="step_settle", request_method="POST")
def settle_deposit(request: Request) -> Response:
    """Take the deductions off the deposit and give the rest back."""

    def act() -> None:
        method = entered.text(request, "method", 20)
        if method not in METHODS:
            raise InvalidInput([FieldProblem("method", request.tr("请选择退款方式"))])
        settle(
            request.desk,
            request.context.case_id,
            request.matchdict["step"],
            method,
            version=entered.version(request),
        )

    return _done(request, act, request.tr("押金已结算"))
