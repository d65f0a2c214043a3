"""Whether a paper is ours: by its number and code, or by the file itself. Never its content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.cases.desk import Office
from core.cases.seals import companies_of
from core.cases.views import Verification
from core.security.codes import code_matches
from core.store.models import Blob, Document, Event

_NAMING = ("document.issued", "document.signed", "document.sealed", "document.voided")
"""Events that name the hash of a document's file: as it was issued, shown to a signer, sealed, or before it was void."""
UNKNOWN = Verification(known=False, state="unknown")


def verify_number(office: Office, session: Session, estate: str, series: str, number: str, code: str) -> Verification:
    """What became of a number, for whoever holds the paper with its code; a wrong code is answered like no number."""
    old = [secret.get_secret_value() for secret in office.settings.old_secrets]
    if estate not in office.library.estates or not code_matches(office.secret, estate, series, number, code, old):
        return UNKNOWN
    row = session.scalar(select(Document).where(Document.estate == estate, Document.series == series,
                                                Document.number == number))
    if row is None:
        return UNKNOWN
    return Verification(known=True, state=row.state, title=row.title, number=row.number,  # type: ignore[arg-type]
                        issued_on=office.calendar(estate).local_date(row.at), sha256=row.word,
                        pdf_sha256=row.pdf or "", estate_title=office.estate(estate).title.zh)


@dataclass(frozen=True)
class FileVerdict:
    """The verdict on a file.

    `status`: ours (unchanged), sealed (unchanged, but there is no register to ask), changed, appended, untrusted (a
    stranger's seal), void, superseded, outdated (ours, before somebody signed it), unknown. `record`: what the store
    knows of it; `signature`: what the seal says (None for a Word file).
    """

    status: str
    message: str
    accepted: bool
    record: Verification
    signature: Any = None


def verify_file(office: Office, session: Session | None, data: bytes) -> FileVerdict:
    """Judge a Word or PDF file: its hash against the store (when there is one), and its seal."""
    sha256 = hashlib.sha256(data).hexdigest()
    row, current = (_known(session, sha256) if session else (None, False))
    record = _record(office, row)
    signature = None
    if data[:5] == b"%PDF-":
        signature = office.papers.seals.judge(companies_of(office.library), data, office.clock.now(), sha256 if row else None)
        if not signature.accepted and not (row is not None and signature.state == "unsigned"):
            status = "unknown" if signature.state == "unsigned" else signature.state.value
            return FileVerdict(status, signature.reasons[0], False, record, signature)
    if row is None and signature is not None and session is None:
        return FileVerdict("sealed", "印章有效；这里没有登记册，不知道是否已作废", True, record, signature)
    if row is None:
        known = "印章有效，但本系统没有这份文件的记录" if signature else "本系统没有这份文件的记录"
        return FileVerdict("unknown", known, False, record, signature)
    if row.state != "issued":
        words = {"void": "这份文书已作废", "superseded": "这份文书已被新文书替换"}[row.state]
        return FileVerdict(row.state, words, False, record, signature)
    if not current:
        return FileVerdict("outdated", "这是这份文书较早的版本，之后又有人签字或盖章", False, record, signature)
    return FileVerdict("ours", "与签发时完全一致", True, record, signature)


def _known(session: Session, sha256: str) -> tuple[Document | None, bool]:
    """The document that the file is or once was, and whether it is so still: signing, sealing and voiding change the
    file, and what a customer took home before must be told from a forgery."""
    row = session.scalar(select(Document).where(or_(Document.word == sha256, Document.pdf == sha256)))
    if row is not None:
        return row, True
    blob = session.get(Blob, sha256)
    if blob is None:
        return None, False
    query = select(Event).where(Event.estate == blob.estate, Event.kind.in_(_NAMING), Event.at >= blob.at,
                                or_(*(Event.data[key].as_string() == sha256 for key in ("sha256", "shown")))).limit(1)
    event = session.scalar(query)
    return (session.get(Document, event.data["document"]) if event else None), False


def _record(office: Office, row: Document | None) -> Verification:
    if row is None:
        return UNKNOWN
    return Verification(known=True, state=row.state, title=row.title, number=row.number,  # type: ignore[arg-type]
                        issued_on=office.calendar(row.estate).local_date(row.at), sha256=row.word,
                        pdf_sha256=row.pdf or "", estate_title=office.estate(row.estate).title.zh)
