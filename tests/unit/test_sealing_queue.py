"""The seal waits in the queue: what it needs is away, the paper is used as Word meanwhile, and later it is sealed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from core.cases import issuing
from core.cases.packet import document_bytes
from core.cases.paperworks import PaperWorks
from core.cases.verifying import verify_file
from core.jobs.tasks import worker_of
from core.store import outbox
from core.store.models import Document, Job
from core.store.session import unit_of_work
from tests.cases_kit import House
from tests.sealing_kit import Authority, pem

pytestmark = pytest.mark.usefixtures("soffice")


@pytest.fixture
def authority() -> Authority:
    return Authority.new()


def sealing(house: House, authority: Authority, folder: Path, **more: object) -> House:
    """The house, sealing with time-stamps of that authority."""
    (folder / "stamps.pem").write_bytes(pem(authority.root.certificate))
    given = {"seal_timestamp_url": authority.url, "seal_timestamp_roots": folder / "stamps.pem", "seal_timestamp_timeout": 1}
    settings = house.office.settings.model_copy(update={**given, **more})
    object.__setattr__(house.office, "papers", PaperWorks(settings))
    return house


def paper_of(house: House) -> str:
    """A covenant that everybody has signed: it wants its seal."""
    case = house.begin()
    house.move_in(case, "sign")
    house.act("wang", issuing.issue, case, "sign", "covenant")
    house.sign_all(case)
    return house.documents(case, "covenant")[0].id


def stands(house: House, document: str) -> tuple[str, str, bool]:
    row = house.rows(Document, id=document)[0]
    return row.pdf_state, row.pdf_error, row.sealed_at is not None


def works(house: House, after: timedelta = timedelta()) -> None:
    """Let a worker do what is due, so much later."""
    house.clock.advance(after)
    worker_of(house.office).run_pending(limit=40)


def waiting(house: House, document: str) -> list[Job]:
    return [job for job in house.rows(Job, task=issuing.PDF_TASK, state="waiting") if job.payload["document"] == document]


def test_without_the_authority_the_seal_waits_however_long_and_comes_by_itself(
    sqlite_house: House, authority: Authority, tmp_path: Path
) -> None:
    with authority.serving():
        address = authority.url
    house = sealing(sqlite_house, authority, tmp_path)
    paper = paper_of(house)
    works(house)
    with unit_of_work(house.office.sessions) as session:  # as if it had been tried more often than a job may fail
        session.execute(update(Job).values(attempts=outbox.MOST_ATTEMPTS))
    works(house, timedelta(minutes=11))
    state, why, sealed = stands(house, paper)
    assert (state, sealed) == ("failed", False) and why.startswith("SX-3410") and address[7:] in why
    (job,) = waiting(house, paper)
    assert job.attempts > outbox.MOST_ATTEMPTS and job.error.startswith("SX-3410")
    with house.reading() as desk:
        word, name, _ = document_bytes(desk, paper)  # meanwhile
    assert word.startswith(b"PK") and name.endswith(".docx")
    with authority.serving(int(address.rpartition(":")[2])):
        works(house, timedelta(minutes=11))
    assert stands(house, paper) == ("done", "", True)
    with house.reading() as desk:
        pdf, _, _ = document_bytes(desk, paper, "pdf")
    with unit_of_work(house.office.sessions, readonly=True) as session:
        verdict = verify_file(house.office, session, pdf)
    assert (verdict.status, verdict.accepted) == ("ours", True)
    assert verdict.signature.stamped_at is not None and verdict.signature.signatures[0].stamped_by == "本地时间戳 Local stamps"


def test_without_its_stamp_a_paper_is_sealed_only_where_the_settings_say_so(
    sqlite_house: House, authority: Authority, tmp_path: Path
) -> None:
    authority.url = "http://127.0.0.1:9"
    house = sealing(sqlite_house, authority, tmp_path, seal_timestamp_required=False)
    paper = paper_of(house)
    works(house)
    assert stands(house, paper) == ("done", "", True)
    with house.reading() as desk:
        pdf, _, _ = document_bytes(desk, paper, "pdf")
    with unit_of_work(house.office.sessions, readonly=True) as session:
        verdict = verify_file(house.office, session, pdf)
    assert verdict.accepted and verdict.signature.stamped_at is None


def test_a_certificate_that_cannot_be_read_keeps_nobody_from_checking_or_working(
    sqlite_house: House, authority: Authority, tmp_path: Path
) -> None:
    (tmp_path / "seal.p12").write_bytes(b"damaged")
    house = sealing(sqlite_house, authority, tmp_path, seal_timestamp_url="", seal_pkcs12=tmp_path / "seal.p12")
    paper = paper_of(house)
    works(house)
    state, why, sealed = stands(house, paper)
    assert (state, sealed) == ("failed", False) and why.startswith("SX-3401")
    with house.reading() as desk:
        word, _, _ = document_bytes(desk, paper)
    with unit_of_work(house.office.sessions, readonly=True) as session:
        assert verify_file(house.office, session, word).accepted
        assert verify_file(house.office, session, b"%PDF-1.4 not ours").status == "unknown"
    object.__setattr__(house.office, "papers", PaperWorks(house.office.settings))
    works(house, timedelta(minutes=11))
    assert stands(house, paper) == ("done", "", True)
