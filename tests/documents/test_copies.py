"""Copies told apart: their labels in Word and on PDF pages, and the sheets they begin on."""

from __future__ import annotations

import io
import zipfile

import pikepdf
import pypdfium2
import pytest
from docx import Document as WordFile
from docx.enum.section import WD_ORIENT, WD_SECTION
from lxml import etree

from core.documents.copies import Printed, bound, word_copies
from core.documents.pdf_content import page_texts

A4, A4_ACROSS = (595.0, 842.0), (842.0, 595.0)
LABELS = ("第一联 存根联　客服部留存", "第二联 财务联　财务部留存")


def pdf(*sizes: tuple[float, float]) -> bytes:
    """Pages of these sizes that say which they are."""
    made = pikepdf.new()
    font = made.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica))
    for at, size in enumerate(sizes, start=1):
        made.add_blank_page(page_size=size)
        page = made.pages[-1]
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        page.obj.Contents = made.make_stream(f"1 0 0 1 9 9 cm BT /F 12 Tf 60 60 Td (page{at}) Tj ET".encode())
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def told(book: bytes) -> list[str]:
    return [" ".join(text.split()) for text in page_texts(book)]


def test_each_copy_has_its_label_and_begins_on_a_new_sheet():
    first, second = (label.replace("　", " ") for label in LABELS)
    assert told(bound([Printed(pdf(A4), LABELS), Printed(pdf(A4, A4)), Printed(pdf(A4))])) == [
        f"page1 {first}", "", f"page1 {second}", "", "page1", "page2", "page1", ""]
    assert told(bound([Printed(pdf(A4), LABELS), Printed(pdf(A4))], both_sides=False)) == [f"page1 {first}", f"page1 {second}", "page1"]


@pytest.mark.parametrize(("pages", "parts", "blanks"), [
    (3, 3, [1, 3, 5]),  # a sheet for each copy
    (2, 1, []), (6, 2, [3, 7]), (4, 2, []),
    (1, 3, [1]),  # three slips on one sheet
    (2, 3, []),  # three slips that take two pages
])
def test_a_file_that_holds_its_copies_is_parted_between_them(pages: int, parts: int, blanks: list[int]):
    texts = told(bound([Printed(pdf(*[A4] * pages), parts=parts)]))
    assert [at for at, text in enumerate(texts) if not text] == blanks
    assert [text for text in texts if text] == [f"page{at}" for at in range(1, pages + 1)]


def test_a_blank_back_lies_as_its_sheet_does():
    book = pikepdf.open(io.BytesIO(bound([Printed(pdf(A4_ACROSS), LABELS), Printed(turned(pdf(A4)))])))
    boxes = [(tuple(map(float, page.mediabox[2:])), int(page.obj.get("/Rotate", 0))) for page in book.pages]
    assert boxes == [(A4_ACROSS, 0)] * 4 + [(A4, 90)] * 2


def turned(data: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as opened:
        opened.pages[0].obj.Rotate = 90
        opened.save(out)
    return out.getvalue()


def test_the_label_is_drawn_upright_in_the_margin_of_its_own_copy_only():
    book = pypdfium2.PdfDocument(bound([Printed(pdf(A4), (LABELS[0], ""))]))
    for page, seen in ((0, True), (2, False)):
        picture = book[page].render(scale=2).to_pil().convert("L")
        wide, high = picture.size
        dark = picture.point([255 if level < 128 else 0 for level in range(256)]).crop((0, 0, wide, high // 2)).getbbox()
        assert (dark is not None) is seen
        if dark:
            left, top, right, bottom = (side / 2 for side in dark)
            assert A4[0] - 40 < left and right < A4[0] - 14  # printers leave 5 mm white
            assert top > 80 and bottom - top > 10 * (right - left)


def test_the_same_papers_are_the_same_book():
    papers = [Printed(pdf(A4, A4), LABELS), Printed(pdf(A4))]
    assert bound(papers) == bound(papers)


# ---------------------------------------------------------------- Word


def word(*, header: bool, landscape: bool = False, sections: int = 1) -> bytes:
    made = WordFile()
    for _ in range(sections - 1):
        made.add_section(WD_SECTION.NEW_PAGE)
    if landscape:
        made.sections[0].orientation = WD_ORIENT.LANDSCAPE
        made.sections[0].page_width, made.sections[0].page_height = made.sections[0].page_height, made.sections[0].page_width
    if header:
        made.sections[0].header.paragraphs[0].text = "翠微物业"
    made.add_paragraph("正文")
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def headers(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        for name in packed.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(packed.read(name))
        return "".join(packed.read(name).decode() for name in packed.namelist()
                       if name.startswith("word/header") and name.endswith(".xml"))


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("sections", [1, 2])
def test_each_word_copy_has_its_own_label_and_nothing_else_differs(header: bool, sections: int):
    issued = word(header=header, sections=sections)
    copies = word_copies(issued, LABELS)
    for label, other, data in zip(LABELS, reversed(LABELS), copies, strict=True):
        assert headers(data).count(f">{label}<") == 1 and other not in headers(data)
        assert ("翠微物业" in headers(data)) is header
        with zipfile.ZipFile(io.BytesIO(data)) as made, zipfile.ZipFile(io.BytesIO(issued)) as before:
            changed = {name for name in before.namelist() if made.read(name) != before.read(name)}
        assert all("header" in name for name in changed) or not header
        assert WordFile(io.BytesIO(data)).paragraphs[-1].text == "正文"
    assert copies == word_copies(issued, LABELS)


def test_a_label_is_text_whatever_it_says():
    assert "&lt;甲 &amp; 乙&gt;" in headers(word_copies(word(header=True), ["<甲 & 乙>"])[0])


def test_the_label_stands_in_the_margin_of_a_sheet_that_lies_across():
    portrait, across = (headers(word_copies(word(header=True, landscape=lying), LABELS)[0]) for lying in (False, True))
    assert "margin-left:576.0pt" in portrait and "margin-left:756.0pt" in across
