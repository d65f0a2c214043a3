"""With clean values the engine's result is docxtpl's own, part by part."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from docx import Document
from docx.shared import Mm
from docxtpl import InlineImage, Listing, RichText

from bench.render import context as inspection_context, ink
from core.documents.engine import Template
from core.documents.images import Image
from core.documents.qr import qr_png
from tests.documents.word_templates import by_docxtpl, normalised, saved, with_footnote, with_table, with_text

BENCH = Path(__file__).parents[2] / "bench" / "templates"
ROWS = [
    {"name": "客厅", "kind": "墙面", "fee": 1},
    {"name": "主卧", "kind": "地面", "fee": 22},
    {"name": "厨房", "kind": "门窗", "fee": 333},
]


def same(template: bytes, context: dict) -> None:
    ours = normalised(Template.compile(template).render(context))
    theirs = normalised(by_docxtpl(template, context))
    assert ours.keys() >= theirs.keys()
    for part, expected in theirs.items():
        assert ours[part] == expected, part


def test_inspection_form_of_thirty_rows_with_header_and_footer() -> None:
    same((BENCH / "inspection.docx").read_bytes(), inspection_context())


def test_ink_and_qr_are_inline_pictures() -> None:
    template = (BENCH / "inspection_signed.docx").read_bytes()
    pictures = {"ink": (ink(), 40), "qr": (qr_png("https://example.org/1"), 20)}
    ours = Template.compile(template).render(
        inspection_context() | {k: Image(data, wide) for k, (data, wide) in pictures.items()}
    )
    theirs = by_docxtpl(
        template,
        lambda document: (
            inspection_context()
            | {k: InlineImage(document, io.BytesIO(data), Mm(wide)) for k, (data, wide) in pictures.items()}
        ),
    )
    assert normalised(ours) == normalised(theirs)


@pytest.mark.parametrize(
    "words",
    [
        "{{ name }} 与 {{ name|upper }}",
        "{% if yes %}甲{% else %}乙{% endif %}",
        "{%p if yes %}",
        "A{{ name }}B  {{ name }}  C",
        "{% for r in rows %}{{ r.name }}:{{ r.fee }};{% endfor %}",
        "{# 说明 #}{{ name }}",
        "{% set x = rows[1].name %}{{ x }}",
        "{{ 'a' if yes else 'b' }} < > & \" '",
        "{{ rows|length }} {{ name|default('无') }}",
        "{_{ 不是标记 }_}",
    ],
)
def test_paragraph_tags(words: str) -> None:
    end = ("{%p endif %}",) if words.startswith("{%p if") else ()
    same(
        with_text(
            "前", words, "中 {{ name }}", *end, "后", header="页眉 {{ name }}", footer="{{ rows[0].fee }}"
        ),
        {"name": "欧阳 & <明月>", "yes": True, "rows": ROWS},
    )


def test_rows_by_tr() -> None:
    same(
        with_table(
            ("房间", "项目"),
            ("{%tr for r in rows %}", ""),
            ("{{ r.name }}", "{{ r.kind }}"),
            ("{%tr endfor %}", ""),
            ("{%tr if rows %}", ""),
            ("合计", "{{ rows|length }}"),
            ("{%tr endif %}", ""),
        ),
        {"rows": ROWS},
    )


def test_columns_by_tc_mend_the_grid() -> None:
    same(
        with_table(
            ("项", "{%tc for r in rows %}", "{{ r.name }}", "{%tc endfor %}"),
            ("费", "{%tc for r in rows %}", "{{ r.fee }}", "{%tc endfor %}"),
        ),
        {"rows": ROWS},
    )
    same(
        with_table(
            ("{%tc for r in rows %}", "{{ r.name }}", "{%tc endfor %}"),
            ("{%tc for r in rows %}", "{{ r.fee }}", "{%tc endfor %}"),
        ),
        {"rows": ROWS * 3},
    )


def test_vertical_and_horizontal_merges() -> None:
    same(
        with_table(("{%tr for r in rows %}", ""), ("{% vm %}同一栏", "{{ r.kind }}"), ("{%tr endfor %}", "")),
        {"rows": ROWS},
    )
    same(
        with_table(
            ("{%tc for r in rows %}", "{% hm %}标题", "{%tc endfor %}"),
            ("{%tc for r in rows %}", "{{ r.fee }}", "{%tc endfor %}"),
        ),
        {"rows": ROWS},
    )


def test_colspan_and_cellbg() -> None:
    same(
        with_table(("{% colspan span %}跨栏", "右"), ("{% cellbg colour %}底色", "{{ name }}")),
        {"span": 1, "colour": "FFCC00", "name": "甲"},
    )


def test_rich_text_and_listing() -> None:
    rich = RichText("红", color="FF0000", bold=True)
    rich.add(" 与 <普通>", italic=True)
    same(
        with_text("前 {{r rich }} 后", "{{ listing }}", "{%r if yes %}甲{%r endif %}"),
        {"rich": rich, "listing": Listing("一\n二\t三\a新段\f新页 <&>"), "yes": True},
    )


def test_lines_and_tabs_take_the_look_of_their_run() -> None:
    document = Document()
    paragraph = document.add_paragraph("前 ")
    paragraph.add_run("{{ text }}").bold = True
    same(saved(document), {"text": "一\n二\t三"})


def test_footnotes() -> None:
    same(with_footnote("注：{{ name }}"), {"name": "甲"})


def test_properties() -> None:
    document = Document()
    document.add_paragraph("正文")
    properties = document.core_properties
    properties.title, properties.author, properties.subject = (
        "{{ name }} 的表",
        "{{ name if name == '甲' else '乙' }}",
        "无标记",
    )
    same(saved(document), {"name": "甲"})


def test_tags_cut_into_runs() -> None:
    document = Document()
    paragraph = document.add_paragraph()
    for piece in ("{", "{ na", "me ", "}", "}", " {%", " if yes", " %}是{% endif", " %}"):
        paragraph.add_run(piece).italic = piece == "me "
    same(saved(document), {"name": "甲", "yes": True})
