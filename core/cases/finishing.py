"""What happens to an issued document after its commit: Word to PDF, many at once, and the company seal.

The Word file stands whatever happens here; a failed PDF says why on the document and its job is tried again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from core.cases.desk import Office
from core.documents.stamp import SealFace
from core.errors import ConversionFailed, SealFailed, ShouxuError
from core.store import blobs, events
from core.store.models import Document, Job
from core.store.outbox import Later
from core.store.session import unit_of_work

PDF = "application/pdf"
SYSTEM_HAND = ""
_NOT_THE_PAPER = {3301, 3401, 3402, 3403, 3405, 3406, 3407, 3408, 3410, 3411, 3412}
"""No LibreOffice, no font, no certificate, no token, no time-stamp: once somebody has put it right, every paper goes on."""


@dataclass(frozen=True)
class _Wanted:
    """One document whose PDF is wanted, as it was when the work began."""

    job: str
    document: str
    word: str
    estate: str
    seal: bool
    seal_title: str
    number: str
    title: str


def make_pdfs(office: Office, jobs: Sequence[Job]) -> dict[str, dict[str, str] | Exception]:
    """Convert (and seal, where everybody has signed) the documents of `jobs` in one call of the converter.

    Returns per job an empty result when its PDF stands or is no longer wanted, else the error to retry with: Later
    when the machine or an authority is at fault, not the paper.
    """
    results: dict[str, dict[str, str] | Exception] = {job.id: {} for job in jobs}
    wanted = _wanted(office, jobs)
    if not wanted:
        return results
    words = {item.word: office.blobs.get(item.word) for item in wanted}
    converted = office.papers.converter.convert(words)
    for item in wanted:
        answer = converted[item.word]
        try:
            if isinstance(answer, ConversionFailed):
                raise answer
            pdf = _sealed(office, item, answer) if item.seal else answer
            _store(office, item, pdf)
        except (ConversionFailed, SealFailed) as error:
            _fail(office, item, error)
            results[item.job] = Later(f"{error.code} {error.what}") if error.number in _NOT_THE_PAPER else error
    return results


def _wanted(office: Office, jobs: Sequence[Job]) -> list[_Wanted]:
    """Those whose Word file is still the one the job was written for; a later one has its own job."""
    by_document = {job.payload["document"]: job for job in jobs}
    with unit_of_work(office.sessions, readonly=True) as session:
        rows = list(session.scalars(select(Document).where(Document.id.in_(by_document))))
        return [_Wanted(by_document[row.id].id, row.id, row.word, row.estate,
                        row.seal and row.signed and row.state == "issued", _seal_title(row), row.number, row.title)
                for row in rows if by_document[row.id].payload["word"] == row.word and row.pdf_state != "done"]


def _seal_title(row: Document) -> str:
    return "财务专用章" if row.series in ("receipt", "refund") else ""


def _sealed(office: Office, item: _Wanted, pdf: bytes) -> bytes:
    company = office.company(item.estate).title.zh
    sealer = office.papers.seals.of(company)
    return sealer.seal(pdf, seal_text=SealFace(company, item.seal_title), reason=f"{item.title} {item.number}",
                       at=office.clock.now())


def _store(office: Office, item: _Wanted, pdf: bytes) -> None:
    now = office.clock.now()
    with unit_of_work(office.sessions) as session:
        events.hold(session, item.estate)  # as every act does: first the chain, then the document
        row = session.get(Document, item.document)
        if row is None or row.word != item.word:
            return
        row.pdf = blobs.keep(session, office.blobs, pdf, media_type=PDF, estate=item.estate, by=SYSTEM_HAND, at=now,
                             name=f"{item.title}-{item.number}.pdf")
        row.pdf_state, row.pdf_error = "done", ""
        if item.seal:
            row.sealed_at = now
            events.append(session, estate=item.estate, kind="document.sealed", by=SYSTEM_HAND, at=now,
                          case_id=row.case_id, data={"document": row.id, "sha256": row.pdf})


def _fail(office: Office, item: _Wanted, error: ShouxuError) -> None:
    with unit_of_work(office.sessions) as session:
        events.hold(session, item.estate)
        row = session.get(Document, item.document)
        if row is not None and row.word == item.word:
            row.pdf_state, row.pdf_error = "failed", f"{error.code} {error.what}"[:500]
