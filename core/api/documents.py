"""Issued documents: read, fetch, sign, void, issue anew."""

from __future__ import annotations

import base64
import binascii

from core.api.answers import Issued, Standing, issued, standing, views
from core.api.endpoints import Call, File, endpoint
from core.api.estates import ESTATE
from core.api.requests import Because, CopyOf, SignerIs, Signing, Voiding
from core.cases.issuing import WORD
from core.cases.packet import PDF, document_bytes
from core.cases.signing import SigningView, sign_account, sign_ink, sign_paper, signing_page
from core.cases.views import DocumentView
from core.cases.voiding import reissue, void
from core.errors import FieldProblem, InvalidInput, NotFound
from core.store.models import Document

DOCUMENT = ESTATE + "/documents/{document}"


@endpoint("GET", ESTATE + "/documents/{document:[^/.]+}.{kind:docx|pdf}", "documents", answer=File, query=CopyOf,
          media=(WORD, PDF))
def read_document_file(call: Call) -> File:
    """The issued file; its PDF may take a moment (503 until it is there)."""
    kind = "pdf" if call["kind"] == "pdf" else "word"
    return File(*document_bytes(call.desk, call["document"], kind, copy=call.query.copy_))


@endpoint("GET", DOCUMENT, "read", answer=DocumentView)
def read_document(call: Call) -> DocumentView:
    """An issued document: number, state, copies, who signed, hashes."""
    row = _row(call)
    return views(call.desk, row.case_id or "", [row])[0]


@endpoint("GET", f"{DOCUMENT}/signing", "documents", answer=SigningView, query=SignerIs)
def read_signing(call: Call) -> SigningView:
    """What a signer must see before signing in ink: the words of the paper, and their hash (`shown`)."""
    return signing_page(call.desk, call["document"], call.query.signer)


@endpoint("POST", f"{DOCUMENT}/signatures", "documents", answer=Standing, body=Signing, files=("scan",), either=True,
          status=201, versioned=True)
def post_signature(call: Call) -> Standing:
    """Sign in ink (JSON with `ink` and `shown`), under the own account (without), on paper (multipart with `scan`)."""
    said: Signing = call.body
    document, desk = call["document"], call.desk
    if "scan" in call.files:
        sign_paper(desk, document, said.signer, call.files["scan"].data, name=said.name, version=call.version)
    elif said.ink is not None:
        sign_ink(desk, document, said.signer, _png(said.ink), shown=said.shown or "", name=said.name,
                 version=call.version)
    else:
        sign_account(desk, document, said.signer, version=call.version)
    return standing(desk, _row(call).case_id or "")


@endpoint("POST", f"{DOCUMENT}/void", "documents", answer=Standing, body=Voiding, versioned=True)
def post_void(call: Call) -> Standing:
    """Make a document void: its number stays, with reason and both hands."""
    row = void(call.desk, call["document"], call.body.reason, call.body.witness or None, version=call.version)
    return standing(call.desk, row.case_id or "")


@endpoint("POST", f"{DOCUMENT}/reissue", "documents", answer=Issued, body=Because, status=201, versioned=True)
def post_reissue(call: Call) -> Issued:
    """Issue a document anew with what is known now; the old one is superseded."""
    row = reissue(call.desk, call["document"], call.body.reason, version=call.version)
    return issued(call.desk, row.case_id or "", [row])


def _row(call: Call) -> Document:
    row = call.session.get(Document, call["document"])
    if row is None or row.estate != call.estate or row.case_id is None:
        raise NotFound("没有这份文书")
    return row


def _png(said: str) -> bytes:
    try:
        return base64.b64decode(said.removeprefix("data:image/png;base64,"), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput([FieldProblem("ink", "应为 base64 编码的 PNG")]) from None
