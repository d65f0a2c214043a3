"""Signing: in ink on a tablet, on paper with an uploaded scan, or by a member of staff under their own login.

Every signature keeps who, as what, when, the hash of what was shown, the member of staff who saw it, and the device.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.cases.attachments import keep_upload
from core.cases.casefile import CaseFile, open_file
from core.cases.desk import Desk
from core.cases.earlier import step_of
from core.cases.issuing import WORD, keep, packed, printed_word, request_pdf, unpacked
from core.cases.progress import advance
from core.cases.words import MOST_NAME, words
from core.clock import show_date
from core.documents.lines_of_word import text_of
from core.errors import Conflict, FieldProblem, Forbidden, GateClosed, InvalidInput, NotFound
from core.store.models import Document, Signature


@dataclass(frozen=True)
class SigningView:
    """What the signing page shows: the words of the paper, whose turn it is, and the hash of what is shown."""

    document_id: str
    case_id: str
    title: str
    number: str
    paragraphs: tuple[str, ...]
    signer: str
    signer_title: str
    name: str
    kind: str
    signing: str
    shown: str
    version: int


def signing_page(desk: Desk, document_id: str, signer: str = "") -> SigningView:
    """The page for the next signer, or for `signer`; GateClosed when nothing is left to sign."""
    file, document = _open(desk, document_id)
    row = _turn(file, document, signer)
    paragraphs = text_of(desk.office.blobs.get(document.word))
    return SigningView(document.id, file.case.id, document.title, document.number, tuple(paragraphs), row["as"], signer_title(file, row),
                       default_name(file, row), row["kind"], document.signers["signing"], document.word, file.case.version)


def sign_ink(desk: Desk, document_id: str, signer: str, image: bytes, *, shown: str, name: str = "",
             version: int | None = None) -> Signature:
    """A signature drawn on the pad (PNG), put onto the signer's line; `shown`: hash of what was on the screen."""
    file, document = _open(desk, document_id, version, change=True)
    row = _turn(file, document, signer)
    if document.signers["signing"] == "paper":
        raise GateClosed(f"《{document.title}》须在纸上签字，请打印签字后上传扫描件", number=2241)
    if shown != document.word:
        raise Conflict("文书在签字时已有变化，请重新阅读后签字", number=2304)
    blob = keep_upload(desk, file.case.estate, image, f"{document.number}-{signer}.png", "ink", field="ink")
    return _sign(file, document, row, "tablet", name, blob=blob)


def sign_paper(desk: Desk, document_id: str, signer: str, scan: bytes, *, name: str = "",
               version: int | None = None) -> Signature:
    """A signature in wet ink: the scan (PDF, JPEG, PNG) of the signed sheet, bound to the number and hash."""
    file, document = _open(desk, document_id, version, change=True)
    row = _turn(file, document, signer)
    if document.signers["signing"] == "tablet":
        raise GateClosed(f"《{document.title}》须在平板上签字", number=2241)
    blob = keep_upload(desk, file.case.estate, scan, f"{document.number}-{signer}", "scan", field="scan")
    return _sign(file, document, row, "paper", name, blob=blob)


def sign_account(desk: Desk, document_id: str, signer: str, *, version: int | None = None) -> Signature:
    """A member of staff signs for their role under their own login; parties cannot."""
    file, document = _open(desk, document_id, version, change=True)
    row = _turn(file, document, signer)
    if row["kind"] != "role":
        raise GateClosed(f"{row['title']}须亲笔签字", number=2242)
    if document.signers["signing"] == "paper":
        raise GateClosed(f"《{document.title}》须在纸上签字，请打印签字后上传扫描件", number=2241)
    return _sign(file, document, row, "account", desk.actor.name, blob=None)


# ---------------------------------------------------------------- parts


def _open(desk: Desk, document_id: str, version: int | None = None, *, change: bool = False) -> tuple[CaseFile, Document]:
    row = desk.session.get(Document, document_id)
    file = open_file(desk, row.case_id if row else None, version=version, change=change, unknown="没有这份文书")
    document = next(document for document in file.documents if document.id == document_id)
    file.require_open()
    if document.state != "issued":
        raise GateClosed(f"《{document.title}》{document.number} 已作废或已被替换，不能签字", number=2230)
    return file, document


def open_signers(document: Document) -> list[dict[str, Any]]:
    """Who has still to sign, in their order."""
    signed = {row.signer for row in document.signatures}
    return [row for row in document.signers["signers"] if row["as"] not in signed]


def next_signers(document: Document) -> list[dict[str, Any]]:
    """Who may sign now: everybody who has still to, or, in a listed order, the first of them."""
    left = open_signers(document)
    return left[:1] if document.signers.get("order") == "listed" else left


def _turn(file: CaseFile, document: Document, signer: str) -> dict[str, Any]:
    left = open_signers(document)
    if not left:
        raise GateClosed(f"《{document.title}》已全部签署", number=2240)
    row = next((one for one in left if one["as"] == signer), None) if signer else left[0]
    if row is None:
        raise NotFound("没有这位签字人，或已经签过")
    if row not in next_signers(document):
        raise GateClosed(f"请先由{left[0]['title']}签字", number=2243)
    _require_hand(file, document, row)
    return row


def may_witness(file: CaseFile, document: Document, row: dict[str, Any]) -> bool:
    """Whether the person at the desk may sign (for their role) or see a party of the case sign."""
    roles = (row["as"],) if row["kind"] == "role" else step_of(file, document).role if document.step else ()
    return file.desk.has_role(file.case.estate, roles)


def _require_hand(file: CaseFile, document: Document, row: dict[str, Any]) -> None:
    if not may_witness(file, document, row):
        raise Forbidden(f"须由{row['title']}签字" if row["kind"] == "role" else f"您的岗位不能见证《{document.title}》签字")


def signer_title(file: CaseFile, row: dict[str, Any]) -> str:
    """What the signer is called in the reader's language; as printed when the definitions no longer know them."""
    desk = file.desk
    if row["kind"] == "role":
        return desk.office.role_title(file.case.estate, row["as"], desk.locale)
    party = next((party for party in file.bundle.procedure.parties if party.name == row["as"]), None)
    return desk.say(party.title) if party else row["title"]


def default_name(file: CaseFile, row: dict[str, Any]) -> str:
    """Whose name is printed: the party's, or its agent's where one acts for the owner; staff: the reader's own."""
    if row["kind"] == "role":
        return file.desk.actor.name
    agents = [party for party in file.bundle.procedure.parties if party.authority and file.people.get(party.name)]
    if row["as"] == "owner" and agents:
        return f"{file.people[agents[0].name][0]['name']}(代)"
    return row["name"]


def _sign(file: CaseFile, document: Document, row: dict[str, Any], way: str, name: str, *, blob: str | None) -> Signature:
    desk = file.desk
    printed = words(name, "name", most=MOST_NAME) or default_name(file, row)
    if not printed:
        raise InvalidInput([FieldProblem("name", "请填写签字人姓名")])
    signature = Signature(document_id=document.id, signer=row["as"], name=printed, way=way, blob=blob,
                          shown=document.word, witness=desk.actor.user_id, device=desk.device, at=desk.now)
    desk.session.add(signature)
    document.signatures.append(signature)
    document.signed = not open_signers(document)
    if way != "paper":
        _print_signature(file, document, row["as"], printed, blob)
    file.record("document.signed", step=document.step, document=document.id, signer=row["as"], way=way,
                shown=signature.shown, blob=blob or "", complete=document.signed)
    if document.signed or way != "paper":
        request_pdf(desk, document)
    advance(file)
    return signature


def _print_signature(file: CaseFile, document: Document, signer: str, name: str, blob: str | None) -> None:
    """Put the signature into the frozen context and print the paper again: same number, same words, one more line."""
    desk = file.desk
    frozen = unpacked(desk, document)
    frozen["signatures"][signer] = {"name": name, "ink": {"$image": blob, "height": 15, "alt": "签名"} if blob else None,
                                    "date": show_date(desk.today(document.estate))}
    document.context = desk.seal(document.estate, packed(frozen))
    data = printed_word(desk, document.template, frozen)
    document.word = keep(desk, document.estate, data, WORD, f"{document.title}-{document.number}.docx")
    document.pdf, document.pdf_state = None, "pending"
