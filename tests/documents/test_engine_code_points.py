"""Every character comes out as it went in, or is refused with its position; never something else (whole by `make faults`)."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from docxtpl import Listing, RichText
from lxml import etree

from core.documents.engine import Template
from core.documents.faults import RenderFault
from core.documents.images import Image
from core.documents.qr import qr_png
from core.domain.text import printable
from core.errors import InvalidInput
from core.registers.csv import CsvFile
from core.registers.xlsx import FORMULA, _Pages
from tests.documents.word_templates import FOOTNOTES, saved, unzipped, with_table, zipped

LARGE = os.environ.get("SHOUXU_FAULTS") == "large"
SPECIAL = [
    *range(0x300),
    *range(0x1100, 0x1120),
    *range(0x2000, 0x2070),
    *range(0x3000, 0x3010),
    *range(0xAC00, 0xAC10),
    *range(0xD7F0, 0xD804),
    *range(0xDBFE, 0xDC02),
    *range(0xDFFE, 0xE002),
    *range(0xF8FE, 0xF902),
    *range(0xFDD0, 0xFE10),
    *range(0xFEFE, 0xFF02),
    *range(0xFFF0, 0x10002),
    0x20BB7,
    *range(0x2F800, 0x2F810),
    *range(0xE0000, 0xE0200),
]
PLANE_ENDS = [plane + last for plane in range(0, 0x110000, 0x10000) for last in (0xFFFD, 0xFFFE, 0xFFFF)]
POINTS = list(range(0x110000)) if LARGE else sorted({*SPECIAL, *PLANE_ENDS, *range(0, 0x110000, 257)})
BATCH = 4000
REFUSED = {*range(0x20), *range(0xD800, 0xE000), 0x7F, 0xFFFE, 0xFFFF} - {0x09, 0x0A, 0x0D}
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PLACES = ["body", "table", "header", "footer", "footnote", "endnote", "property", "alt", "listing", "rich text"]
SEQUENCES = [
    "a\u0301",
    "\u00e1",
    "\u1100\u1161",
    "葛\U000e0100",
    "辻\ufe00",
    "❤\ufe0f",
    "👩\u200d👩\u200d👧",
    "🇨🇳",
    "\u202eabc\u202c",
    "\u2066张\u2069",
    "a\u200bb\u200cc\u200dd\ufeffe",
    "x\u00a0y\u3000z\u2028w\u2029v\u0085u",
    "  a  b  ",
    "\t",
    "\n",
    "\n\n",
    "&amp;&lt;&#10;&#x0;",
    "<w:t>{{ v }}{% if %}</w:t>",
    "]]>",
    "_x0041_\\u0041%41",
    "{_{ v }_}",
    "𠮷野家",
    "\ue000\uf8ff\U0010fffd",
    "=1+1",
    "-2",
    "@x",
    "'quoted",
]


# ---------------------------------------------------------------- Word


def _template() -> bytes:
    """`[{{ v }}]` at every place of a Word file."""
    from docx import Document

    document = Document(io.BytesIO(with_table(("[{{ v }}]",), before=("[{{ v }}]", "[{{ listing }}]", "{{r rich }}", "{{ picture }}"))))
    document.sections[0].header.paragraphs[0].text = "[{{ v }}]"
    document.sections[0].footer.paragraphs[0].text = "[{{ v }}]"
    document.core_properties.title = "[{{ v }}]"
    members = unzipped(saved(document))
    for kind in ("footnote", "endnote"):
        members[f"word/{kind}s.xml"] = FOOTNOTES.replace("footnote", kind).replace("%s", "[{{ v }}]").encode()
        content = f"application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}s+xml"
        members["[Content_Types].xml"] = members["[Content_Types].xml"].replace(
            b"</Types>", f'<Override PartName="/word/{kind}s.xml" ContentType="{content}"/></Types>'.encode()
        )
        relation = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}s"
        members["word/_rels/document.xml.rels"] = members["word/_rels/document.xml.rels"].replace(
            b"</Relationships>", f'<Relationship Id="r{kind}" Type="{relation}" Target="{kind}s.xml"/></Relationships>'.encode()
        )
    return zipped(members)


@pytest.fixture(scope="module")
def template() -> Template:
    return Template.compile(_template())


def rendered(template: Template, words: str) -> dict[str, str]:
    """What stands at each place once `words` were printed there."""
    values = {"v": words, "listing": Listing(words), "rich": RichText(f"[{words}]", bold=True)}
    out = unzipped(template.render(values, {"picture": Image(qr_png("x"), height_mm=15, alt=f"[{words}]")}))
    trees = {name: etree.fromstring(data) for name, data in out.items() if name.endswith(".xml")}
    body = trees["word/document.xml"]
    found = list(map(said, body[0].iterchildren(f"{W}p")))
    drawing = next(node for node in body.iter() if str(node.tag).endswith("}docPr"))
    return {
        "body": found[0],
        "listing": found[1],
        "rich text": found[2],
        "table": said(next(body.iter(f"{W}tc"))),
        "alt": drawing.get("descr", ""),
        **{kind: said(trees[next(name for name in trees if name.startswith(f"word/{kind}"))]) for kind in PLACES[2:6]},
        "property": trees["docProps/core.xml"].findtext("{http://purl.org/dc/elements/1.1/}title") or "",
    }


def said(element: Any) -> str:
    marks = {f"{W}br": "\n", f"{W}tab": "\t"}
    return "".join(marks.get(node.tag) or node.text or "" for node in element.iter(f"{W}t", *marks))


def expected(words: str) -> str:
    return words.replace("\r\n", "\n").replace("\r", "\n")


def printed(template: Template, points: list[int]) -> tuple[list[int], list[int]]:
    """Prints a batch until nothing in it is refused any more; (exact, refused) code points."""
    refused = []
    left = list(points)
    while True:
        words = "".join(map(chr, left))
        try:
            found = rendered(template, words)
        except RenderFault as fault:
            assert fault.number == 3202, fault
            place, point = re.search(r"第 (\d+) 个字符\(U\+([0-9A-F]+)\)", fault.plain).groups()  # type: ignore[union-attr]
            assert left[int(place) - 1] == int(point, 16)
            refused.append(left.pop(int(place) - 1))
            continue
        wrong = {place for place in PLACES if found[place] != f"[{expected(words)}]"}
        assert not wrong, f"{wrong}: {_first_difference(found[wrong.pop()], f'[{expected(words)}]')}"
        return left, refused


def _first_difference(found: str, wanted: str) -> str:
    at = next((at for at, (a, b) in enumerate(zip(found, wanted, strict=False)) if a != b), min(len(found), len(wanted)))
    return f"at {at}: {found[at : at + 5]!a} for {wanted[at : at + 5]!a}"


def batches() -> Iterator[list[int]]:
    yield from (POINTS[start : start + BATCH] for start in range(0, len(POINTS), BATCH))


def test_every_code_point_is_exact_or_refused_at_every_place(template: Template) -> None:
    exact, refused = 0, set()
    for batch in batches():
        left, bad = printed(template, batch)
        exact += len(left)
        refused |= set(bad)
    assert refused == REFUSED & set(POINTS)
    assert exact + len(refused) == len(POINTS)
    print(f"{exact} code points exact at {len(PLACES)} places, {len(refused)} refused with their position")


@pytest.mark.parametrize("words", SEQUENCES, ids=ascii)
def test_characters_beside_each_other_stay_as_they_are(template: Template, words: str) -> None:
    assert rendered(template, words) == dict.fromkeys(PLACES, f"[{words}]")


@pytest.mark.parametrize("words", ["甲\r\n乙", "甲\r乙", "\r\n\r\n", "\r", "甲\n\r乙"])
def test_every_line_end_is_one(template: Template, words: str) -> None:
    assert rendered(template, words) == dict.fromkeys(PLACES, f"[{expected(words)}]")


ONE_PLACE = {
    "text": ("{{ v }}", lambda words: {"v": words}),
    "run": ("{{r v }}", lambda words: {"v": words}),
    "block": ("{{p v }}", lambda words: {"v": words}),
    "listing": ("{{ v }}", lambda words: {"v": Listing(words)}),
    "rich text": ("{{r v }}", lambda words: {"v": RichText(words, color="#ff0000")}),
    "joined": ("{{ '甲' ~ v }}", lambda words: {"v": words[1:]}),
    "rows": ("{{ v|join('') }}", lambda words: {"v": list(words)}),
    "alt text": ("{{ v }}", lambda words: {"v": Image(qr_png("x"), alt=words)}),
}


@pytest.mark.parametrize("place", ONE_PLACE)
@pytest.mark.parametrize("bad", ["\x00", "\x01", "\x0b", "\x1f", "\x7f", "\ud800", "\udfff", "\ufffe", "\uffff", "\ud842\udfb7"])
def test_each_place_refuses_by_itself_and_says_where(place: str, bad: str) -> None:
    from tests.documents.word_templates import with_text

    tag, value = ONE_PLACE[place]
    with pytest.raises(RenderFault) as caught:
        Template.compile(with_text(tag)).render(value(f"甲&乙{bad}丙"))
    assert caught.value.number == 3202 and caught.value.spot.part == "word/document.xml"
    assert f"第 4 个字符(U+{ord(bad[0]):04X})" in caught.value.plain


def test_no_part_is_left_half_written(template: Template) -> None:
    values = {"v": "甲", "listing": Listing("甲"), "rich": RichText("甲")}
    assert all(part for part in unzipped(template.render(values, {"picture": Image(qr_png("x"))})).values())


# ---------------------------------------------------------------- Excel


def sheet(words: list[str]) -> bytes:
    """A register's sheet with one word in each row."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    pages = _Pages(book, None)  # type: ignore[arg-type]
    pages.sheet("明细")
    for word in words:
        pages.line([(word, "")])
    book.close()
    return out.getvalue()


def read_sheet(data: bytes) -> list[Any]:
    return [row[0] for row in openpyxl.load_workbook(io.BytesIO(data))["明细"].iter_rows(values_only=True)]


def test_words_in_an_excel_file_are_never_formulas() -> None:
    words = [*SEQUENCES, *(f"{sign}1+1" for sign in FORMULA), "http://x/", "1", "{=1}"]
    data = sheet(words)
    assert read_sheet(data) == [expected(word) for word in words]
    cells = [row[0] for row in openpyxl.load_workbook(io.BytesIO(data))["明细"].iter_rows()]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells if not cell.quotePrefix and str(cell.value).startswith(FORMULA)] == []


# ---------------------------------------------------------------- CSV


def csv_of(words: list[str]) -> bytes:
    file = CsvFile()
    for number, word in enumerate(words):
        file.line([word, number])
    return file.data()


def read_csv(data: bytes) -> list[str]:
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert [row[1] for row in rows] == [str(number) for number in range(len(rows))]
    return [row[0] for row in rows]


EXPORTS = {"excel": (sheet, read_sheet, "明细!A2"), "csv": (csv_of, read_csv, "第 2 行第 1 列")}


@pytest.mark.parametrize("kind", EXPORTS)
def test_every_code_point_is_exact_or_refused_in_an_export(kind: str) -> None:
    write, read, second = EXPORTS[kind]
    refused = set()
    for batch in batches():
        good = []
        for point in batch:
            if point in REFUSED:
                with pytest.raises(InvalidInput) as caught:
                    write(["上一行", f"甲{chr(point)}"])
                [problem] = caught.value.problems
                assert f"第 2 个字符(U+{point:04X})" in problem.message and problem.field == second
                refused.add(point)
            else:
                good.append(f"[{chr(point)}]")
        assert read(write(good)) == [expected(word) for word in good]
    assert refused == REFUSED & set(POINTS)


def test_words_in_a_csv_file_are_never_formulas() -> None:
    words = [*SEQUENCES, *(f"{sign}1+1" for sign in FORMULA), 'a"b', "a,b", "a;b", "1", " =1"]
    signed = [f"'{expected(word)}" if expected(word).startswith(FORMULA) else expected(word) for word in words]
    assert read_csv(csv_of(words)) == signed and "'=1+1" in signed


# ---------------------------------------------------------------- forms


def test_a_form_normalises_and_refuses_with_the_position() -> None:
    assert printable("a\u0301") == "\u00e1" and printable("甲\r\n乙\r丙") == "甲\n乙\n丙"
    for point in (point for point in POINTS if point in REFUSED):
        with pytest.raises(InvalidInput) as caught:
            printable(f"甲\r\n{chr(point)}", "name")
        [problem] = caught.value.problems
        assert (problem.field, problem.number) == ("name", 2110)
        assert f"第 3 个字符(U+{point:04X})" in problem.message
