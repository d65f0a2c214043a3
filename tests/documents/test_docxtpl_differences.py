"""Every deliberate difference from docxtpl with `autoescape=True`, shown on both: the page docs/reference/docxtpl-differences.md."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.shared import Mm
from docxtpl import Listing, RichText
from jinja2 import Environment
from lxml import etree
from markupsafe import Markup

from bench.render import ink
from core.documents.context import Subdocument
from core.documents.engine import Template
from core.documents.environment import Cage
from core.documents.faults import RenderFault, TemplateFault
from core.documents.images import Image
from tests.documents.word_templates import (
    by_docxtpl,
    changed,
    saved,
    unzipped,
    with_footnote,
    with_table,
    with_text,
    zipped,
)

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/reference/docxtpl-differences.md"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def with_body(xml: str) -> bytes:
    """A Word file whose body is `xml`."""
    fresh = f"<w:body>{xml}<w:sectPr".encode()
    return changed(saved(Document()), word__document=lambda body: re.sub(b"<w:body>.*?<w:sectPr", fresh, body, flags=re.DOTALL))


def shown(data: bytes) -> str:
    """The paragraphs, ` / ` between them; `↵` for a line break."""
    return " / ".join(paragraph.text.replace("\n", "↵") for paragraph in Document(io.BytesIO(data)).paragraphs)


def theirs(data: bytes, context: Any) -> str:
    """What docxtpl prints, or the name of what it raises."""
    try:
        return shown(by_docxtpl(data, context))
    except Exception as error:  # whatever it is
        return type(error).__name__


def ours(data: bytes, context: dict[str, Any]) -> str:
    """What the engine prints, or the number of its fault."""
    try:
        return shown(Template.compile(data).render(context))
    except (TemplateFault, RenderFault) as fault:
        return f"SX-{fault.number}"


# ---------------------------------------------------------------- what is printed


@dataclass(frozen=True)
class Case:
    """A paragraph, what docxtpl prints (`…`: and so on), what the engine prints, and the values."""

    words: str
    docxtpl: str
    engine: str
    values: dict[str, Any] = field(default_factory=dict)


ROWS = [{"name": "甲", "fee": 1}, {"name": "乙", "fee": 2}]
CASES = {
    # values
    "none": Case("[{{ v }}]", "[None]", "[]", {"v": None}),
    "yes": Case("{{ v }}", "True", "是", {"v": True}),
    "list": Case("{{ v }}", "['甲', '乙']", "甲、乙", {"v": ["甲", "乙"]}),
    "decimal": Case("{{ v }}", "1E+2", "100", {"v": Decimal("1E+2")}),
    "missing": Case("[{{ gone }}]", "[]", "SX-3201"),
    "missing_asked": Case("{% if gone %}甲{% else %}乙{% endif %}", "乙", "SX-3201"),
    "group": Case("{{ v }}", "{'a': 1}", "SX-3202", {"v": {"a": 1}}),
    "group_walked": Case("{% for k in v %}{{ k }}{% endfor %}", "a", "SX-3205", {"v": {"a": 1}}),
    "field_names": Case("{{ v.values }}{{ v.copy }}", "<built-in method values…", "甲乙", {"v": {"values": "甲", "copy": "乙"}}),
    "attributes": Case("{{ v.year }}", "2026", "SX-3201", {"v": dt.date(2026, 3, 1)}),
    "objects": Case("{{ v }}", "<object object…", "SX-3202", {"v": object()}),
    "markup": Case("{{ v }}", "甲  乙", "甲 & 乙", {"v": Markup("甲 & 乙")}),
    "control": Case("[{{ v }}]", "[ab]", "SX-3202", {"v": "a\x01b"}),
    "surrogate": Case("[{{ v }}]", "[a", "SX-3202", {"v": "a\ud800b"}),
    "bell": Case("[{{ v }}]", "[a / b]", "SX-3202", {"v": "a\ab"}),
    "form_feed": Case("[{{ v }}]", "[a /  / b]", "SX-3202", {"v": "a\fb"}),
    "carriage": Case("{{ v }}", "a↵↵b↵c", "a↵b↵c", {"v": "a\r\nb\rc"}),
    "braces_in_values": Case("{{ v }}", "{{ x }}", "{_{ x }_}", {"v": "{_{ x }_}"}),
    # the language
    "calls": Case("{{ v.upper() }}", "AB", "SX-3111", {"v": "ab"}),
    "global_functions": Case("{% for i in range(2) %}{{ i }}{% endfor %}", "01", "SX-3111"),
    "inside": Case("{{ cycler.__init__.__globals__ }}", "{'__name__': 'jinja2.utils'…", "SX-3201"),
    "safe": Case("{{ v|safe }}", "甲", "SX-3113", {"v": "甲"}),
    "autoescape": Case("{% autoescape false %}{{ v }}{% endautoescape %}", "甲", "SX-3111", {"v": "甲"}),
    "block": Case("{% block a %}甲{% endblock %}", "甲", "SX-3111"),
    "namespace": Case("{% set n = namespace(a=1) %}{% set n.a = 2 %}{{ n.a }}", "2", "SX-3111"),
    "power": Case("{{ 2 ** 3 }}", "8", "SX-3111"),
    "text_times": Case("{{ 'ab' * 2 }}", "abab", "SX-3205"),
    "text_percent": Case("{{ '%s!' % 'a' }}", "a!", "SX-3205"),
    "rows_added": Case("{% for r in v + v %}{{ r.name }}{% endfor %}", "甲乙甲乙", "SX-3205", {"v": ROWS}),
    "large": Case("{{ v * v }}", "1" + "0" * 40, "SX-3205", {"v": 10**20}),
    "decimal_and_float": Case("{{ v * 1.5 }}", "TypeError", "3.75", {"v": Decimal("2.5")}),
    "entities": Case("{{ 'a & b' }}", "a &amp; b", "a & b"),
    "rich_text_joined": Case("{{ v ~ '' }}", "<w:r><w:t xml:space=…", "", {"v": RichText("甲")}),
    "round": Case("{{ 2.5|round }}", "2.0", "3"),
    "int": Case("{{ 'x'|int }}", "0", "SX-3205"),
    "join": Case("{{ v|join }}", "甲乙", "甲、乙", {"v": ["甲", "乙"]}),
    "default": Case("[{{ ''|default('无') }}]", "[]", "[无]"),
    "sum": Case("{{ v|sum('a') }}", "TypeError", "3.50", {"v": [{"a": "1.00"}, {"a": None}, {"a": "2.50"}]}),
    "first_of_nothing": Case("{{ ([]|first)|default('无') }}", "无", "无"),
    # places
    "text_between_runs": Case("a{{r v }}b", "ab", "a甲b", {"v": "甲"}),
    "text_between_paragraphs": Case("{{p v }}", "", "甲", {"v": "甲"}),
}


@pytest.mark.parametrize("name", CASES)
def test_printed(name: str) -> None:
    case = CASES[name]
    data = with_text(case.words)
    printed = theirs(data, case.values)
    if case.docxtpl.endswith("…"):
        printed = printed[: len(case.docxtpl) - 1] + "…"
    assert (printed, ours(data, case.values)) == (case.docxtpl, case.engine)


# ---------------------------------------------------------------- tags and paragraphs


def test_a_tag_ends_in_its_paragraph() -> None:
    data = with_text("{{ v", "中间", "}} 后")
    assert (theirs(data, {"v": "甲"}), ours(data, {"v": "甲"})) == (" 后", "SX-3112")


def test_braces_at_the_edge_of_paragraphs_do_not_join_them() -> None:
    data = with_text("{{ v }}", "} 后")
    assert (theirs(data, {"v": "甲"}), ours(data, {"v": "甲"})) == ("甲} 后", "甲 / } 后")


def test_lines_in_a_run_that_follows_a_text_box() -> None:
    box = "<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
    data = with_body(f"<w:p>{box}<w:r><w:t>{{{{ v }}}}</w:t></w:r></w:p>")
    breaks = [unzipped(out)["word/document.xml"].count(b"<w:br/>")
              for out in (by_docxtpl(data, {"v": "一\n二"}), Template.compile(data).render({"v": "一\n二"}))]
    assert breaks == [0, 1]


def test_tracked_changes_are_not_copied_with_the_look_of_a_run() -> None:
    look = '<w:rPr><w:b/><w:rPrChange w:id="1" w:author="a"><w:rPr><w:i/></w:rPr></w:rPrChange></w:rPr>'
    data = with_body(f"<w:p><w:r>{look}<w:t>{{{{ v }}}}</w:t></w:r></w:p>")
    copied = [unzipped(out)["word/document.xml"].count(b"<w:rPrChange") for out in both(data, {"v": "a\tb"})]
    assert copied == [3, 1]


def test_the_paragraphs_of_a_listing_make_no_sections() -> None:
    data = with_body("<w:p><w:pPr><w:sectPr/></w:pPr><w:r><w:t>{{ v }}</w:t></w:r></w:p>")
    assert [len(Document(io.BytesIO(out)).sections) for out in both(data, {"v": Listing("a\ab\ac")})] == [4, 2]


# ---------------------------------------------------------------- tables


def grid(data: bytes, part: str = "word/document.xml", table: int = 0) -> list[str | None]:
    """The widths of a table's grid, None for a column without one."""
    found = list(etree.fromstring(unzipped(data)[part]).iter(f"{{{W}}}tblGrid"))[table]
    return [column.get(f"{{{W}}}w") for column in found]


def both(data: bytes, context: dict[str, Any]) -> tuple[bytes, bytes]:
    return by_docxtpl(data, context), Template.compile(data).render(context)


def a_table(grid: str, *rows: str) -> str:
    return f"<w:tbl><w:tblPr/>{grid}{''.join(rows)}</w:tbl>"


def a_row(*cells: str, properties: str = "") -> str:
    return f"<w:tr>{properties}{''.join(f'<w:tc><w:tcPr/>{cell}</w:tc>' for cell in cells)}</w:tr>"


def said(words: str) -> str:
    return f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>"


COLUMN = '<w:gridCol w:w="1000"/>'


def test_an_emptied_cell_gets_a_paragraph() -> None:
    cell = said("{%p if no %}") + said("甲") + said("{%p endif %}")
    data = with_body(a_table(f"<w:tblGrid>{COLUMN}{COLUMN}</w:tblGrid>", a_row(cell, said("乙"))))
    empty = [[not cell.paragraphs for cell in Document(io.BytesIO(out)).tables[0].rows[0].cells] for out in both(data, {"no": False})]
    assert empty == [[True, False], [False, False]]


def test_a_row_left_without_cells_is_dropped() -> None:
    data = with_table(("{%tc for r in rows %}", "{{ r }}", "{%tc endfor %}"), ("甲", "", ""))
    assert [unzipped(out)["word/document.xml"].count(b"</w:tr>") + unzipped(out)["word/document.xml"].count(b"<w:tr/>")
            for out in both(data, {"rows": []})] == [2, 1]


def test_a_nested_table_does_not_change_the_grid_around_it() -> None:
    inner = a_table(f"<w:tblGrid>{COLUMN * 3}</w:tblGrid>", a_row(said("1"), said("2"), said("{{ v }}")))
    data = with_body(a_table(f"<w:tblGrid>{COLUMN}</w:tblGrid>", a_row(inner + said(""))))
    assert [grid(out) for out in both(data, {"v": 3})] == [["333"] * 3, ["1000"]]


def test_a_grid_has_room_for_cells_over_several_columns() -> None:
    wide = '<w:tr><w:tc><w:tcPr><w:gridSpan w:val="3"/></w:tcPr><w:p><w:r><w:t>{{ v }}</w:t></w:r></w:p></w:tc></w:tr>'
    data = with_body(a_table(f"<w:tblGrid>{COLUMN * 2}</w:tblGrid>", wide))
    assert [grid(out) for out in both(data, {"v": 3})] == [["1000", "1000"], ["666", "666", "666"]]


def test_columns_before_and_after_a_row_count() -> None:
    short = a_row(said("{{ v }}"), properties='<w:trPr><w:gridAfter w:val="1"/></w:trPr>')
    data = with_body(a_table(f"<w:tblGrid>{COLUMN * 2}</w:tblGrid>", short))
    assert [len(grid(out)) for out in both(data, {"v": 3})] == [1, 2]


def test_a_table_left_without_rows_keeps_its_grid() -> None:
    data = with_table(("{%tr for r in rows %}", ""), ("{{ r }}", ""), ("{%tr endfor %}", ""))
    assert [len(grid(out)) for out in both(data, {"rows": []})] == [0, 2]


def test_a_table_without_grid_is_left_as_it_is() -> None:
    data = with_body(a_table("", a_row(said("{{ v }}"))))
    assert theirs(data, {"v": "甲"}) == "AttributeError"
    assert "<w:t xml:space=\"preserve\">甲</w:t>" in unzipped(Template.compile(data).render({"v": "甲"}))["word/document.xml"].decode()


def test_column_loops_in_headers_mend_the_grid_too() -> None:
    document = Document()
    table = document.sections[0].header.add_table(1, 3, Mm(90))
    for cell, words in zip(table.rows[0].cells, ("{%tc for r in rows %}", "{{ r }}", "{%tc endfor %}"), strict=True):
        cell.text = words
    assert [len(grid(out, "word/header1.xml")) for out in both(saved(document), {"rows": [1, 2, 3, 4]})] == [3, 4]


def test_a_part_without_tags_stays_as_it_is() -> None:
    data = with_body(a_table(f"<w:tblGrid>{COLUMN}</w:tblGrid>", a_row(said("1"), said("2"))))
    assert [len(grid(out)) for out in both(data, {})] == [2, 1]


# ---------------------------------------------------------------- parts


def test_endnotes_are_printed() -> None:
    data = with_footnote("注 {{ name }}")
    members = {name.replace("footnotes", "endnotes"): body.replace(b"footnote", b"endnote") for name, body in unzipped(data).items()}
    printed = ["{{ name }}" in unzipped(out)["word/endnotes.xml"].decode() for out in both(zipped(members), {"name": "甲"})]
    assert printed == [True, False]


def test_footnotes_are_printed_once() -> None:
    document = Document(io.BytesIO(with_footnote("注 {{ name }}")))
    document.add_section()
    printed = [re.findall(b"<w:t[^>]*>(.*?)</w:t>", unzipped(out)["word/footnotes.xml"])
               for out in both(saved(document), {"name": "{{ 6 * 7 }}"})]
    assert printed == [["注 42".encode()], ["注 {{ 6 * 7 }}".encode()]], "docxtpl runs what a value says, once for each section more"


def with_title(title: str) -> bytes:
    document = Document()
    document.core_properties.title = title
    return saved(document)


def title(data: bytes) -> str:
    return Document(io.BytesIO(data)).core_properties.title


def test_properties_are_exact() -> None:
    assert [title(out) for out in both(with_title("{{ v }}"), {"v": "甲 & 乙"})] == ["甲 &amp; 乙", "甲 & 乙"]
    assert [title(out) for out in both(with_title("{_{ {{ v }} }_}"), {"v": "甲"})] == ["{_{ 甲 }_}", "{{ 甲 }}"]
    long = {"v": "长" * 300}
    assert theirs(with_title("{{ v }}"), long) == "ValueError"
    assert title(Template.compile(with_title("{{ v }}")).render(long)) == long["v"]


def test_members_that_nothing_refers_to_stay() -> None:
    members = unzipped(with_text("{{ v }}"))
    data = zipped({**members, "customXml/item9.xml": b"<x/>"})
    assert ["customXml/item9.xml" in unzipped(out) for out in both(data, {"v": 1})] == [False, True]


def test_properties_are_not_made_up() -> None:
    members = unzipped(with_text("{{ v }}"))
    del members["docProps/core.xml"]
    members["_rels/.rels"] = re.sub(b"<Relationship [^>]*core-properties[^>]*/>", b"", members["_rels/.rels"])
    members["[Content_Types].xml"] = re.sub(b"<Override [^>]*core.xml[^>]*/>", b"", members["[Content_Types].xml"])
    assert ["docProps/core.xml" in unzipped(out) for out in both(zipped(members), {"v": 1})] == [True, False]


# ---------------------------------------------------------------- bytes


def test_the_same_bytes_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    data, clock = with_text("{{ v }}"), iter(range(10**9, 2 * 10**9, 10**6))
    monkeypatch.setattr("time.time", lambda: next(clock))
    for render, same in ((lambda: by_docxtpl(data, {"v": 1}), False), (lambda: Template.compile(data).render({"v": 1}), True)):
        assert (hashlib.sha256(render()).digest() == hashlib.sha256(render()).digest()) is same


def test_drawings_have_numbers_of_their_own_in_the_whole_file() -> None:
    document = Document()
    document.add_picture(io.BytesIO(ink()))
    document.add_paragraph("{{ v }}")
    document.sections[0].header.paragraphs[0].add_run("{{ v }}").add_picture(io.BytesIO(ink()))
    repeated = []
    for out in both(saved(document), {"v": 1}):
        members = unzipped(out)
        repeated.append([re.findall(rb'<wp:docPr [^>]*?id="(\d+)"', members[f"word/{part}.xml"]) for part in ("document", "header1")])
    assert repeated == [[[b"1001"], [b"1"]], [[b"1001"], [b"1002"]]]


def test_a_picture_is_a_value() -> None:
    data = with_text("{{ x }} {{ x }}")
    names = [name for name in unzipped(Template.compile(data).render({"x": Image(ink(), 20)})) if name.startswith("word/media/")]
    assert names == ["word/media/shouxu1.png"]
    found = ours(data, {"x": Image(b"GIF89a" + bytes(40), 20)})
    assert found == "SX-3204"


def test_a_sub_document_is_a_value() -> None:
    data = with_text("{{p x }}")
    assert ours(data, {"x": Subdocument(with_text("条款"))}) == theirs(data, lambda document: {
        "x": document.new_subdoc(io.BytesIO(with_text("条款")))}) == "条款"


# ---------------------------------------------------------------- what is not there


def test_filters_and_tests_that_are_not_there() -> None:
    text, known, cage = PAGE.read_text(encoding="utf-8"), Environment(), Cage()
    for kind, missing in (("filters", known.filters.keys() - cage.filters.keys()), ("tests", known.tests.keys() - cage.tests.keys())):
        listed = re.search(rf"^- {kind}: (.+)$", text, re.MULTILINE)
        assert listed and set(re.findall(r"`(\w+)`", listed[1])) == set(missing), sorted(missing)


# ---------------------------------------------------------------- the page


def cited() -> list[tuple[str, str]]:
    """What the rows of the page are shown by, and the module: a case of `test_printed`, or a test."""
    return re.findall(r"^\| .+ \| \[`(\w+)`\]\(\.\./\.\./(tests/documents/\w+\.py)\) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def named_in(module: str) -> set[str]:
    return set(re.findall(r"^def (test_\w+)\(", (ROOT / module).read_text(encoding="utf-8"), re.MULTILINE))


def test_every_row_of_the_page_has_its_test() -> None:
    rows = re.findall(r"^\| (?!difference \|)", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(cited()) == len(rows) > 60
    here = f"tests/documents/{Path(__file__).name}"
    assert [name for name, module in cited() if not (name in named_in(module) or (module == here and name in CASES))] == []


def test_every_difference_shown_here_has_its_row() -> None:
    of_the_page = {"test_printed", "test_every_row_of_the_page_has_its_test", "test_every_difference_shown_here_has_its_row"}
    own = named_in(f"tests/documents/{Path(__file__).name}") - of_the_page
    assert own | CASES.keys() <= {name for name, _ in cited()}
