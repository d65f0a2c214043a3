"""Taking documents back: void keeps the number with reason and both hands; a reissue supersedes (N02, S2-b §1.2)."""

from __future__ import annotations

from sqlalchemy import select

from core.cases.casefile import CaseFile, open_file
from core.cases.desk import Desk
from core.cases.earlier import file_of, step_of
from core.cases.gates import Gates
from core.cases.issuing import WORD, keep, printed_word, request_pdf, unpacked, write
from core.cases.progress import advance, reopen
from core.cases.words import reason_given
from core.domain.procedures import Step
from core.errors import FieldProblem, GateClosed, InvalidInput
from core.store import series as numbers
from core.store.models import Document, SeriesNumber, User, new_id


def void(desk: Desk, document_id: str, reason: str, witness: str | None = None, *, version: int | None = None) -> Document:
    """Make a document void: stamped 作废, number kept, `witness` (a username) is the second hand.

    A numbered series needs a witness who is not the one who voids. A finished step opens again, so that the
    document can be issued anew.
    """
    file, document = _file_of(desk, document_id, version)
    file.require_awake()
    _require_step(file, document, "作废")
    second = _witness(desk, file, witness) if witness else None
    if document.series != "case" and second is None:
        raise InvalidInput([FieldProblem("witness", "编号文书作废须有第二人见证")])
    void_document(file, document, reason, second)
    run = file.run(document.step)
    still = any(step.name == document.step for step in file.steps)  # a step that is gone asks for nothing any more
    if still and run is not None and run.state == "done" and file.case.ended_at is None:
        reopen(file, document.step, new_round=False)
    advance(file)
    return document


def may_void(file: CaseFile, document: Document) -> bool:
    """Whether the reader may void the document now."""
    return (document.state == "issued" and file.case.state != "suspended" and bool(document.step)
            and file.desk.has_role(document.estate, step_of(file, document).role))


def void_document(file: CaseFile, document: Document, reason: str, witness: str | None) -> None:
    """Void `document` within an open file: the row, its number, its stamped paper, the event."""
    desk = file.desk
    said = reason_given(reason, "请写明作废原因")
    _require_standing(document)
    taken = _number_of(desk, document)
    if taken is not None:
        numbers.void(taken, by=desk.actor.user_id, at=desk.now, reason=said, witness=witness)
    document.state, document.voided_by, document.void_witness = "void", desk.actor.user_id, witness
    document.voided_at, document.void_reason = desk.now, said
    original = document.word
    _stamp(desk, document, "作废")
    file.record("document.voided", step=document.step, document=document.id, name=document.name,
                number=document.number, witness=witness or "", sha256=original)


def reissue(desk: Desk, document_id: str, reason: str, *, version: int | None = None) -> Document:
    """Issue a document anew with what is known now; the old one is superseded. Not for numbered ones: they are voided.

    One that the case's present definitions no longer have is made by those under which it was issued.
    """
    file, old = _file_of(desk, document_id, version)
    file.require_open()
    _require_step(file, old, "重出")
    said = reason_given(reason, "请写明重出的原因")
    _require_standing(old)
    if old.series != "case":
        raise GateClosed("编号文书不能替换；请先作废，再重新出具", number=2232)
    home = file_of(file, old)
    rule, gates = home.bundle.document(old.name), Gates(home)
    step = home.step(old.step)
    if rule not in gates.documents(step):
        raise GateClosed(f"《{desk.say(rule.title)}》不适用于本件", number=2221)
    reasons = gates.not_issuable(step, rule)
    if reasons:
        raise GateClosed(f"还不能重出《{desk.say(rule.title)}》", reasons, number=2220)
    old.state, old.void_reason, old.voided_by, old.voided_at = "superseded", said, desk.actor.user_id, desk.now
    new = write(home, gates, rule, old.step, identity=new_id(), taken=None, replaces=old.id)
    if home is not file:
        file.documents.append(new)
    file.record("document.superseded", step=old.step, document=old.id, by_document=new.id)
    run = file.run(old.step) if home is file else None
    if run is not None and run.state == "done" and not new.signed:
        reopen(file, old.step, new_round=False)
    advance(file)
    return new


def _file_of(desk: Desk, document_id: str, version: int | None) -> tuple[CaseFile, Document]:
    row = desk.session.get(Document, document_id)
    file = open_file(desk, row.case_id if row else None, version=version, change=True, unknown="没有这份文书")
    return file, next(document for document in file.documents if document.id == document_id)


def _require_step(file: CaseFile, document: Document, act: str) -> Step:
    """The step of the document, for those who work on it; a receipt has none: it goes with its payment."""
    if not document.step:
        raise GateClosed(f"收据和退款凭证不能在此{act}，请在款项处办理", number=2231)
    step = step_of(file, document)
    file.desk.require_role(file.case.estate, step.role, f"{act}《{document.title}》")
    return step


def _require_standing(document: Document) -> None:
    if document.state != "issued":
        raise GateClosed(f"《{document.title}》{document.number} 已作废或已被替换", number=2230)


def _witness(desk: Desk, file: CaseFile, username: str) -> str:
    user = desk.session.scalar(select(User).where(User.username == username, User.active.is_(True)))
    if user is None or not any(grant.estate == file.case.estate for grant in user.grants):
        raise InvalidInput([FieldProblem("witness", f"本项目没有员工“{username}”")])
    if user.id == desk.actor.user_id:
        raise InvalidInput([FieldProblem("witness", "见证人不能是作废人本人")])
    return user.id


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
