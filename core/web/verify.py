"""Is this paper ours? For everybody, by its number and code or by the file itself; never its content."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from core.cases.verifying import verify_file, verify_number
from core.errors import FieldProblem, InvalidInput, Refused
from core.web import entered
from core.web.acts import Refusal, once_more, page
from core.web.asking import Request

MOST_BYTES = 20_000_000


@view_config(route_name="verify", request_method="GET", permission="public")
def ask(request: Request) -> Response:
    """Which file."""
    return verify_page(request)


def verify_page(request: Request, refusal: Refusal | None = None) -> Response:
    return page(request, "verify.jinja2", {"found": None, "verdict": None}, refusal)


@view_config(route_name="verify_number", request_method="GET", permission="public")
def by_number(request: Request) -> Response:
    """What the QR code leads to; a wrong code is answered like a number that does not exist."""
    matched = request.matchdict
    found = verify_number(
        request.office,
        request.db,
        matched["estate_name"],
        matched["series"],
        matched["number"],
        entered.asked(request, "c", 40),
    )
    if not found.known:
        request.response.status_int = 404
    return page(request, "verify.jinja2", {"found": found, "verdict": None})


@view_config(route_name="verify", request_method="POST", permission="public")
def by_file(request: Request) -> Response:
    """Compare a file with what was issued; nothing of it is kept."""
    request.only_reads = True
    try:
        file = entered.upload(request, "file")
        if file is None or not file[0]:
            raise InvalidInput([FieldProblem("file", request.tr("请选择文件"))])
        if len(file[0]) > MOST_BYTES:
            raise InvalidInput([FieldProblem("file", request.tr("文件过大"))])
    except Refused as error:
        return once_more(request, error, lambda refusal: verify_page(request, refusal))
    verdict = verify_file(request.office, request.db, file[0])
    signed = verdict.signature.reasons if verdict.signature is not None else ()
    lines = [verdict.message, *(line for line in signed if line != verdict.message)]
    return page(
        request,
        "verify.jinja2",
        {
            "found": verdict.record if verdict.record.known else None,
            "verdict": {
                "ok": verdict.accepted,
                "status": verdict.status,
                "lines": lines,
                "signatures": verdict.signature.signatures if verdict.signature is not None else (),
            },
        },
    )
