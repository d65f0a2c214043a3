"""What became of a paper, through the page and through `shouxu verify`: one table of files really tampered with."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner
from pyhanko.pdf_utils.generic import TextStringObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from core.cases import issuing, voiding
from core.cases.packet import document_bytes
from core.cli.program import shouxu
from core.documents.certificates import development_identity
from core.documents.seal import PyHankoSealer
from core.documents.stamp import SealFace
from core.jobs.tasks import worker_of
from core.store.session import unit_of_work
from core.walkthroughs.staff import actor_called
from tests import cases_kit
from tests.http.conftest import ESTATE, STAFF, House, fresh_house

Files = dict[str, bytes]


@dataclass
class Papers:
    """A house with papers in every state, and where its data lies."""

    house: House
    folder: Path
    files: Files


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, soffice: str) -> Iterator[Papers]:
    """Covenants of one move-in: sealed, voided, replaced; as the customer took them home."""
    del soffice
    folder = tmp_path_factory.mktemp("house")
    house = fresh_house(folder, sqlite_template)
    kit = cases_kit.House(house.office, house.office.clock)  # type: ignore[arg-type]
    with unit_of_work(house.office.sessions, readonly=True) as session:
        kit.actors = {name: actor_called(session, name, ESTATE) for name in STAFF if name != "stranger"}
    case = kit.begin(code=house.unit(), parties={"owner": [kit.person(**cases_kit.OWNER)]})
    kit.move_in(case, "sign")
    files: Files = {}
    for name in ("covenant", "service_agreement", "covenant_undertaking"):
        kit.act("wang", issuing.issue, case, "sign", name)
    with kit.reading() as desk:
        files["before"] = document_bytes(desk, kit.documents(case, "covenant")[0].id)[0]
    kit.sign_all(case)
    worker_of(house.office).run_pending()
    with kit.reading() as desk:
        for name in ("covenant", "service_agreement", "covenant_undertaking"):
            row = kit.documents(case, name)[0]
            assert row.sealed, (name, row.pdf_error)
            files[name] = document_bytes(desk, row.id, "pdf")[0]
            files[name + ".docx"] = document_bytes(desk, row.id)[0]
    kit.act("wang", voiding.void, kit.documents(case, "service_agreement")[0].id, "有误")
    kit.act("wang", voiding.reissue, kit.documents(case, "covenant_undertaking")[0].id, "姓名有误")
    worker_of(house.office).run_pending()
    with kit.reading() as desk:
        voided = kit.documents(case, "service_agreement", "void")[0]
        files["stamped void"] = document_bytes(desk, voided.id, "pdf")[0]
    yield Papers(house, folder, files)


# ---------------------------------------------------------------- tampering


def digit(files: Files) -> bytes:
    """One byte in the middle of the sealed file."""
    data = bytearray(files["covenant"])
    data[len(data) // 3] ^= 1
    return bytes(data)


def redrawn(files: Files) -> bytes:
    """Opened and saved again by another program."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(files["covenant"])) as document:
        document.save(out)
    return out.getvalue()


def cut(files: Files) -> bytes:
    """The last byte is missing."""
    return files["covenant"].rstrip(b"\n")[:-1]


def padded(files: Files) -> bytes:
    """Behind the end stands something that no reader shows."""
    return files["covenant"] + b"\n% paid\n"


def updated(files: Files) -> bytes:
    """A page was changed by an incremental update, as the PDF standard allows; the old bytes are all there."""
    writer = IncrementalPdfFileWriter(io.BytesIO(files["covenant"]))
    page = writer.find_page_for_modification(0)[0].get_object()
    page[pdf_name("/Note")] = TextStringObject("另付一万元")  # pyright: ignore[reportIndexIssue]
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def sealed_over(files: Files) -> bytes:
    """The same, and a stranger's seal of our name over it, which covers the whole file."""
    forger = development_identity(_FORGERY, "翠微物业服务有限公司")
    return PyHankoSealer(forger).seal(updated(files), seal_text=SealFace(forger.name), at=forger.certificate.not_valid_before_utc)


def forged(files: Files) -> bytes:
    """A paper of our look with a stranger's seal of our name."""
    forger = development_identity(_FORGERY, "翠微物业服务有限公司")
    begin = forger.certificate.not_valid_before_utc
    return PyHankoSealer(forger).seal(_blank(), seal_text=SealFace(forger.name), at=begin)


def own_key(files: Files) -> bytes:
    """A paper that our own seal is on and that was never issued."""
    del files
    own = development_identity(_OWN, _COMPANY)
    return PyHankoSealer(own).seal(_blank(), seal_text=SealFace(own.name), at=own.certificate.not_valid_before_utc)


def _blank() -> bytes:
    out, paper = io.BytesIO(), pikepdf.new()
    paper.add_blank_page()
    paper.save(out)
    return out.getvalue()


_FORGERY = _OWN = Path()
_COMPANY = ""


@pytest.fixture(autouse=True, scope="module")
def _places(papers: Papers, tmp_path_factory: pytest.TempPathFactory) -> None:
    global _FORGERY, _OWN, _COMPANY
    _FORGERY = tmp_path_factory.mktemp("forgery")
    _OWN, _COMPANY = papers.folder, papers.house.office.company(ESTATE).title.zh


def kept(name: str) -> Callable[[Files], bytes]:
    return lambda files: files[name]


@dataclass(frozen=True)
class Row:
    """A file, the one word for it, and what the page says."""

    title: str
    file: Callable[[Files], bytes]
    status: str
    words: str
    accepted: bool = False
    ending: str = "pdf"


TABLE = (
    Row("unchanged", kept("covenant"), "ours", "文件与出具时完全一致", accepted=True),
    Row("unchanged Word", kept("covenant.docx"), "ours", "文件与出具时完全一致", accepted=True, ending="docx"),
    Row("one byte", digit, "changed", "文件内容已被改动"),
    Row("saved again", redrawn, "changed", "文件内容已被改动"),
    Row("cut", cut, "changed", "文件内容已被改动"),
    Row("padded", padded, "appended", "盖章之后又追加了内容"),
    Row("incremental update", updated, "appended", "盖章之后又追加了内容"),
    Row("sealed over", sealed_over, "changed", "文件内容已被改动"),
    Row("changed Word", lambda files: files["covenant.docx"] + b"\0", "unknown", "没有这份文件的记录", ending="docx"),
    Row("no paper of ours", lambda files: _blank(), "unknown", "没有这份文件的记录"),
    Row("our seal, never issued", own_key, "unknown", "没有这份文件的记录"),
    Row("a stranger's seal", forged, "untrusted", "印章不是本系统所信任的"),
    Row("void", kept("service_agreement"), "void", "文件是原件，但已作废"),
    Row("void Word", kept("service_agreement.docx"), "void", "文件是原件，但已作废", ending="docx"),
    Row("stamped void", kept("stamped void"), "void", "文件是原件，但已作废"),
    Row("void and changed", lambda files: files["service_agreement"] + b"x", "appended", "盖章之后又追加了内容"),
    Row("superseded", kept("covenant_undertaking"), "superseded", "文件是原件，但已被新的一份替换"),
    Row("before the signatures", kept("before"), "outdated", "文件是较早的版本", ending="docx"),
)
ROWS = pytest.mark.parametrize("row", TABLE, ids=lambda row: row.title)


@ROWS
def test_the_page_tells_them_apart(papers: Papers, row: Row) -> None:
    browser = papers.house.browser()
    form = House.form(browser.get("/verify"), "/verify")
    answer = browser.post("/verify", {"csrf_token": form["csrf_token"].value},
                          upload_files=[("file", f"paper.{row.ending}", row.file(papers.files))])
    (verdict,) = re.findall(r'<div class="note note-(ok|bad)"><h2>(?:✓ )?([^<]+)</h2>(?:<p>|</div>)', answer.text)[-1:]
    assert verdict[0] == ("ok" if row.accepted else "bad")
    assert verdict[1].startswith(row.words), answer.text
    assert ("林婉清" in answer.text) is False  # never its content


@ROWS
def test_the_command_tells_them_apart(papers: Papers, row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = papers.house.office.settings
    monkeypatch.setenv("SHOUXU_DATA_DIR", str(papers.folder))
    monkeypatch.setenv("SHOUXU_ESTATES_DIR", str(settings.estates_dir))
    monkeypatch.setenv("SHOUXU_SECRET", settings.secret.get_secret_value())
    path = tmp_path / f"paper.{row.ending}"
    path.write_bytes(row.file(papers.files))
    done = CliRunner().invoke(shouxu, ["verify", "--json", str(path)])
    said = json.loads(done.stdout)
    assert (said["status"], said["accepted"], done.exit_code) == (row.status, row.accepted, 0 if row.accepted else 1)
    if row.accepted and row.ending == "pdf":
        assert [one["coverage"] for one in said["signatures"]] == ["ENTIRE_FILE"]
    if row.accepted or row.status == "void":
        people = CliRunner().invoke(shouxu, ["verify", str(path)])
        assert people.exit_code == done.exit_code and said["message"] in people.stdout


def test_every_word_for_a_file_stands_in_the_table() -> None:
    assert {row.status for row in TABLE} == {
        "ours", "changed", "appended", "unknown", "untrusted", "void", "superseded", "outdated"}
