"""Taking documents back: void keeps the number with reason and both hands; a reissue supersedes (N02, S2-b §1.2)."""

from __future__ import annotations

from sqlalchemy import select

from core.cases.casefile import CaseFile, open_file
from core.cases.desk import Desk
from core.cases.gates import Gates
from core.cases.issuing import WORD, keep, printed_word, request_pdf, take_number, unpacked, write
from core.cases.progress import advance, reopen
from core.errors import FieldProblem, GateClosed, InvalidInput, NotFound
from core.store import series as numbers
from core.store.models import Document, SeriesNumber, User, new_id


def void(desk: Desk, document_id: str, reason: str, witness: str | None = None, *, version: int | None = None) -> Document:
    """Make a document void: stamped 作废, number kept, `witness` (a username) is the second hand.

    A numbered series needs a witness who is not the one who voids. A finished step opens again, so that the
    document can be issued anew.
    """
    file, document = _file_of(desk, document_id, version)
    _require_hand(file, document)
    second = _witness(desk, file, witness) if witness else None
    if document.series != "case" and second is None and not _of_receipt(file, document):
        raise InvalidInput([FieldProblem("witness", "编号文书作废须有第二人见证")])
    if _of_receipt(file, document):
        raise GateClosed("收据随“作废收据”一并作废,请在款项处办理", number=2231)
    void_document(file, document, reason, second)
    step = document.step
    run = file.run(step)
    if run is not None and run.state == "done" and file.case.ended_at is None:
        reopen(file, step, new_round=False)
    advance(file)
    return document


def void_document(file: CaseFile, document: Document, reason: str, witness: str | None) -> None:
    """Void `document` within an open file: the row, its number, its stamped paper, the event."""
    desk = file.desk
    if not reason.strip():
        raise InvalidInput([FieldProblem("reason", "请写明作废原因")])
    if document.state != "issued":
        raise GateClosed(f"《{document.title}》{document.number} 已作废或已被替换", number=2230)
    taken = _number_of(desk, document)
    if taken is not None:
        numbers.void(taken, by=desk.actor.user_id, at=desk.now, reason=reason, witness=witness)
    document.state, document.voided_by, document.void_witness = "void", desk.actor.user_id, witness
    document.voided_at, document.void_reason = desk.now, reason.strip()
    _stamp(desk, document, "作废")
    file.record("document.voided", step=document.step, document=document.id, name=document.name,
                number=document.number, witness=witness or "")


def reissue(desk: Desk, document_id: str, reason: str, *, version: int | None = None) -> Document:
    """Issue a document anew with what is known now; the old one is superseded, a series number is voided and a new
    one taken."""
    file, old = _file_of(desk, document_id, version)
    file.require_open()
    if not old.step:
        raise GateClosed("收据不能重出;请作废后重新收款", number=2231)
    step = file.step(old.step)
    desk.require_role(file.case.estate, step.role, f"“{desk.say(step.title)}”")
    if not reason.strip():
        raise InvalidInput([FieldProblem("reason", "请写明重出的原因")])
    if old.state != "issued":
        raise GateClosed(f"《{old.title}》{old.number} 已作废或已被替换", number=2230)
    if old.series != "case":
        raise GateClosed("编号文书不能替换;请先作废,再重新出具", number=2232)
    rule, gates = file.bundle.document(old.name), Gates(file)
    reasons = gates.not_issuable(step, rule)
    if reasons:
        raise GateClosed(f"还不能重出《{desk.say(rule.title)}》", reasons, number=2220)
    old.state, old.void_reason, old.voided_by, old.voided_at = "superseded", reason.strip(), desk.actor.user_id, desk.now
    identity = new_id()
    taken = take_number(file, file.bundle.series_named(rule.series), document_id=identity) if rule.series else None
    new = write(file, gates, rule, old.step, identity=identity, taken=taken, replaces=old.id)
    file.record("document.superseded", step=old.step, document=old.id, by_document=new.id)
    run = file.run(old.step)
    if run is not None and run.state == "done" and not new.signed:
        reopen(file, old.step, new_round=False)
    advance(file)
    return new


def _file_of(desk: Desk, document_id: str, version: int | None) -> tuple[CaseFile, Document]:
    row = desk.session.get(Document, document_id)
    if row is None or row.case_id is None:
        raise NotFound("没有这份文书")
    file = open_file(desk, row.case_id, version=version, change=True)
    return file, next(document for document in file.documents if document.id == document_id)


def _require_hand(file: CaseFile, document: Document) -> None:
    roles = file.step(document.step).role if document.step else ("finance",)
    file.desk.require_role(file.case.estate, roles, f"作废《{document.title}》")
    if file.case.state == "suspended":
        file.require_open()


def _witness(desk: Desk, file: CaseFile, username: str) -> str:
    user = desk.session.scalar(select(User).where(User.username == username, User.active.is_(True)))
    if user is None or not any(grant.estate == file.case.estate for grant in user.grants):
        raise InvalidInput([FieldProblem("witness", f"本项目没有员工“{username}”")])
    if user.id == desk.actor.user_id:
        raise InvalidInput([FieldProblem("witness", "见证人不能是作废人本人")])
    return user.id


def _of_receipt(file: CaseFile, document: Document) -> bool:
    return any(row.document_id == document.id for row in file.receipts)


def _number_of(desk: Desk, document: Document) -> SeriesNumber | None:
    return desk.session.scalar(select(SeriesNumber).where(SeriesNumber.document_id == document.id,
                                                          SeriesNumber.series == document.series))


def _stamp(desk: Desk, document: Document, words: str) -> None:
    frozen = unpacked(desk, document)
    frozen["document"]["state"] = words
    data = printed_word(desk, document.template, frozen, stamp=words)
    document.word = keep(desk, document.estate, data, WORD, f"{document.title}-{document.number}-{words}.docx")
    document.pdf, document.pdf_state = None, "pending"
    request_pdf(desk, document)
