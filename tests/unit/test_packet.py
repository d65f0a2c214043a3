"""The packet of a case, made with LibreOffice and the seal and opened again: order, copies, labels, blank backs, seals."""

from __future__ import annotations

import hashlib
import io
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal

import pypdfium2
import pytest

from core.cases import issuing, voiding
from core.cases.finishing import make_pdfs
from core.cases.packet import document_bytes, packet
from core.documents.engine import Template
from core.documents.pdf_content import page_texts, squeeze
from core.errors import ConversionFailed, GateClosed
from core.store.models import Document, Job
from core.store.session import unit_of_work
from tests.cases_kit import Definitions, House, furnished


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, definitions: Definitions) -> Iterator[tuple[House, str]]:
    """A move-in with all its papers, one of them issued anew and one void, PDFs and seals made."""
    folder: Path = tmp_path_factory.mktemp("packet")
    database = folder / "packet.sqlite"
    with closing(sqlite3.connect(sqlite_template)) as source, closing(sqlite3.connect(database)) as target:
        source.backup(target)
    house = furnished(folder, f"sqlite:///{database}", definitions)
    if house.office.papers.converter.available():
        pytest.skip("LibreOffice is not installed")
    house.blanks()
    made = house.begin()
    house.move_in(made, "keys")
    house.act("wang", voiding.reissue, house.documents(made, "covenant")[0].id, "条款有误")
    house.act("wang", issuing.issue_all, made, "sign")
    house.act("wang", voiding.void, house.documents(made, "registration")[0].id, "姓名有误")
    house.sign_all(made)
    make_all(house)
    yield house, made
    house.office.sessions.kw["bind"].dispose()


def make_all(house: House) -> None:
    current = {row.id: row.word for row in house.rows(Document)}
    jobs = [job for job in house.rows(Job, task="pdf") if current[job.payload["document"]] == job.payload["word"]]
    assert set(map(str, make_pdfs(house.office, jobs).values())) == {"{}"}


def standing(house: House, case: str) -> list[Document]:
    order = {rule.name: rule.packet for rule in house.office.library.bundle("jade_garden", "move_in").documents}
    return sorted((row for row in house.rows(Document, case_id=case) if row.state == "issued"),
                  key=lambda row: (order[row.name], row.at, row.id))


def made(house: House, case: str, kind: Literal["zip", "pdf"], **how: bool) -> bytes:
    with house.reading() as desk:
        return packet(desk, case, kind, **how)


def test_the_zip_holds_what_was_issued_and_the_labelled_copies_in_order(case: tuple[House, str]) -> None:
    house, number = case
    with zipfile.ZipFile(io.BytesIO(made(house, number, "zip"))) as packed:
        names = packed.namelist()
        files = {name: packed.read(name) for name in names}
    assert names == sorted(names) and names[0] == "00-目录.txt"
    rows = standing(house, number)
    contents = files["00-目录.txt"].decode("utf-8-sig")
    for at, row in enumerate(rows, start=1):
        stem = f"{at:02d}-{row.title}-{row.number}"
        assert hashlib.sha256(files[f"{stem}.docx"]).hexdigest() == row.word
        assert hashlib.sha256(files[f"{stem}.pdf"]).hexdigest() == row.pdf
        assert f"{at:02d}　{row.title}　{row.number}　{len(row.copies['copies'])} 份" in contents and str(row.pdf) in contents
    covenant = [name for name in names if "-业主公约-" in name and "（" in name]
    assert [name[name.index("（"):] for name in covenant] == ["（1业主联）.docx", "（2物业联）.docx"]
    for name, label in zip(covenant, ("业主联　业主留存", "物业联　物业服务企业留存"), strict=True):
        with zipfile.ZipFile(io.BytesIO(files[name])) as word:
            headers = [word.read(one).decode() for one in word.namelist() if "header" in one and "_rels" not in one]
        assert headers and all(header.count(f">{label}<") == 1 for header in headers)
    assert not any("入伙客户情况登记表" in name for name in names)  # void
    assert len([name for name in names if "-业主公约-" in name and name.endswith(".pdf")]) == 1  # the earlier one is superseded


@pytest.mark.parametrize("both_sides", [True, False])
def test_the_book_has_each_copy_with_its_label_on_a_new_sheet(case: tuple[House, str], both_sides: bool) -> None:
    house, number = case
    texts = [squeeze(text) for text in page_texts(made(house, number, "pdf", both_sides=both_sides))]
    at = 0
    for row in standing(house, number):
        own = [squeeze(text) for text in page_texts(house.office.blobs.get(row.pdf or ""))]
        copies = row.copies["copies"]
        labels = ["　".join(filter(None, (one["title"], one["to"]))) for one in copies] if len(copies) > 1 else [""]
        runs = [(own, "")] if row.name == "receipt" else [(own, squeeze(label)) for label in labels]
        for pages, label in runs:
            assert not both_sides or at % 2 == 0, row.name
            assert [text.replace(label, "") if label not in mine else text
                    for text, mine in zip(texts[at : at + len(pages)], pages, strict=True)] == pages, row.name
            assert all(label in text for text in texts[at : at + len(pages)]), (row.name, label)
            at += len(pages)
            if both_sides and at % 2:
                assert texts[at] == "", row.name
                at += 1
    assert at == len(texts)


def test_a_blank_back_has_the_size_of_its_sheet_and_the_seal_is_seen_on_every_copy(case: tuple[House, str]) -> None:
    house, number = case
    book = pypdfium2.PdfDocument(made(house, number, "pdf"))
    texts = page_texts(made(house, number, "pdf"))
    sizes = [book[at].get_size() for at in range(len(book))]
    assert all(sizes[at] == sizes[at - 1] for at, text in enumerate(texts) if not text)
    sealed = [at for at, text in enumerate(texts) if "（盖章）" in text and "前期物业管理服务协议" in texts[at - 1] + text]
    assert sealed
    for at in sealed:
        picture = book[at].render(scale=1, may_draw_forms=False).to_pil().convert("RGB")
        red = sum(1 for r, g, b in picture.get_flattened_data() if r > 150 and g < 120 and b < 120)
        assert red > 300, at


def test_one_copy_alone_has_its_own_label_whoever_lays_it_out(case: tuple[House, str]) -> None:
    house, number = case
    receipt = house.documents(number, "receipt")[0]
    with house.reading() as desk:
        whole = words(document_bytes(desk, receipt.id)[0])
        second = words(document_bytes(desk, receipt.id, copy=1)[0])
    assert re.findall(r"第.联 ?.{2}联", whole) == ["第一联 存根联", "第二联 客户联", "第三联 财务联"]
    assert re.findall(r"第.联 ?.{2}联", second) == ["第二联 客户联"]


def words(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return re.sub(r"<[^>]+>", "", packed.read("word/document.xml").decode())


def test_what_is_missing_is_named_with_what_to_do(case: tuple[House, str]) -> None:
    house, number = case
    first = standing(house, number)[0]
    try:
        with unit_of_work(house.office.sessions) as session:
            session.get_one(Document, first.id).pdf = None
        with pytest.raises(ConversionFailed) as refused, house.reading() as desk:
            packet(desk, number, "pdf")
        assert f"《{first.title}》{first.number}" in str(refused.value) and refused.value.remedy
        with zipfile.ZipFile(io.BytesIO(made(house, number, "zip"))) as packed:
            assert f"01-{first.title}-{first.number}.pdf" not in packed.namelist()
            assert "PDF 还没有生成" in packed.read("00-目录.txt").decode("utf-8-sig")
    finally:
        with unit_of_work(house.office.sessions) as session:
            session.get_one(Document, first.id).pdf = first.pdf


def test_a_case_without_papers_has_no_packet(case: tuple[House, str]) -> None:
    house, _ = case
    empty = house.begin(code="3-2-502")
    with pytest.raises(GateClosed) as refused, house.reading() as desk:
        packet(desk, empty, "pdf")
    assert refused.value.number == 2260


def test_zip_and_book_are_put_together_from_what_is_kept(case: tuple[House, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is rendered again: that is what keeps a packet of fifteen below the price of two plain docxtpl renders."""
    house, number = case

    def refused(*_: object, **__: object) -> bytes:
        raise AssertionError("a document was rendered for the packet")

    monkeypatch.setattr(Template, "render", refused)
    assert zipfile.is_zipfile(io.BytesIO(made(house, number, "zip"))) and made(house, number, "pdf")[:5] == b"%PDF-"
