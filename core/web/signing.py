"""Signing: the words above, the pad below; or a scan of the sheet; or a member of staff under their own login."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.view import view_config

from core.cases.reading import case_view
from core.cases.signing import sign_account, sign_ink, sign_paper, signing_page
from core.errors import FieldProblem, InvalidInput
from core.store.models import Document
from core.web import entered
from core.web.acts import Refusal, carry_out, page
from core.web.asking import Request


@view_config(route_name="sign", request_method="GET")
def show(request: Request) -> Response:
    """The page that is handed over with the tablet."""
    return sign_page(request)


def sign_page(request: Request, refusal: Refusal | None = None) -> Response:
    signing = signing_page(request.desk, request.context.document_id, request.matchdict["signer"])
    return page(
        request,
        "sign.jinja2",
        {
            "case": case_view(request.desk, request.context.case_id),
            "signing": signing,
            "now": request.desk.now,
            "on_paper": "scan" in request.POST,
            "typed_name": str(request.POST.get("name", "")),
            "errors": refusal.fields if refusal else {},
        },
        refusal,
    )


def _after(request: Request) -> str:
    """To the next signer's turn: the step of the document, or the document itself when it belongs to none."""
    context = request.context
    document = request.db.get(Document, context.document_id)
    if document is not None and document.step:
        return request.route_path(
            "case", estate=context.name, case=context.case_id, _query={"from": document.step}
        )
    return request.route_path(
        "document", estate=context.name, case=context.case_id, document=context.document_id
    )


def _signed(request: Request, act: Any) -> Response:
    return carry_out(
        request,
        act,
        to=_after(request),
        said=request.tr("已签名"),
        again=lambda refusal: sign_page(request, refusal),
    )


@view_config(route_name="sign_ink", request_method="POST")
def in_ink(request: Request) -> Response:
    """A signature drawn on the pad."""

    def act() -> Any:
        drawn = entered.ink(request, "ink")
        if drawn is None:
            raise InvalidInput([FieldProblem("ink", request.tr("请先在框内签名"))])
        return sign_ink(
            request.desk,
            request.context.document_id,
            request.matchdict["signer"],
            drawn,
            shown=entered.text(request, "shown", 64),
        )

    return _signed(request, act)


@view_config(route_name="sign_paper", request_method="POST")
def on_paper(request: Request) -> Response:
    """The scan of a sheet that was signed in wet ink."""

    def act() -> Any:
        scan = entered.upload(request, "scan")
        if scan is None:
            raise InvalidInput([FieldProblem("scan", request.tr("请选择扫描件或照片"))])
        return sign_paper(
            request.desk,
            request.context.document_id,
            request.matchdict["signer"],
            scan[0],
            name=entered.text(request, "name", 60),
        )

    return _signed(request, act)


@view_config(route_name="sign_account", request_method="POST")
def by_account(request: Request) -> Response:
    """A member of staff signs for their role."""
    return _signed(
        request,
        lambda: sign_account(
            request.desk,
            request.context.document_id,
            request.matchdict["signer"],
            version=entered.version(request),
        ),
    )
