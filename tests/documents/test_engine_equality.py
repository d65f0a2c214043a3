"""With clean values the engine's result is docxtpl's own, part by part."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage, Listing, RichText, RichTextParagraph

from bench.render import context as inspection_context, ink
from core.documents.engine import Template
from core.documents.images import Image
from core.documents.qr import qr_png
from core.documents.stamp import SealFace, draw_seal
from tests.documents.word_templates import by_docxtpl, normalised, saved, unzipped, with_footnote, with_table, with_text

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


def test_ink_seal_and_qr_are_inline_pictures() -> None:
    template = (BENCH / "inspection_signed.docx").read_bytes()
    pictures = {"ink": (ink(), 40), "seal": (draw_seal(SealFace("玉兰物业服务有限公司")), 40), "qr": (qr_png("https://example.org/1"), 20)}
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


def test_comments_are_gone_in_every_place() -> None:
    same(with_text("前 {# 这里不印 #} 后", "{#p 整段不印 #}", "{{ name }}", header="{# 页眉 #}{{ name }}"), {"name": "甲"})
    same(with_table(("{#tr 整行不印 #}", ""), ("{{ name }}", "乙"), ("{#tc 整格不印 #}", "丙")), {"name": "甲"})


def test_loops_in_loops_change_rows_and_columns() -> None:
    same(
        with_table(
            ("房间", "{%tc for r in rows %}", "{{ r.name }}", "{%tc endfor %}"),
            ("{%tr for k in kinds %}", "", "", ""),
            ("{{ k }}", "{%tc for r in rows %}", "{{ k if r.kind == k }}", "{%tc endfor %}"),
            ("{%tr endfor %}", "", "", ""),
        ),
        {"rows": ROWS, "kinds": ["墙面", "门窗"]},
    )


def test_merges_in_rows_and_columns_with_a_span_of_their_own() -> None:
    document = Document()
    table = document.add_table(rows=2, cols=6)
    first = ("{%tc for r in rows %}", "{% hm %}{{ title }}", None, "{%tc endfor %}")
    merged = table.cell(0, 1).merge(table.cell(0, 2))
    merged.text = first[1] or ""
    table.cell(0, 0).text, table.cell(0, 3).text = first[0] or "", first[3] or ""
    for column, words in enumerate(("{%tc for r in rows %}", "{{ r.name }}", "{{ r.kind }}", "{%tc endfor %}")):
        table.cell(1, column).text = words
    same(saved(document), {"rows": ROWS, "title": "合并"})
    same(
        with_table(("{%tr for r in rows %}", "", ""), ("{% vm %}{{ title }}", "{% cellbg r.kind %}{{ r.name }}", "{{ loop.index }}"),
                   ("{%tr endfor %}", "", "")),
        {"rows": [row | {"kind": "FFCC00"} for row in ROWS], "title": "同一栏"},
    )


def test_every_section_has_headers_and_footers_of_its_own() -> None:
    document = Document()
    document.add_paragraph("{{ name }}")
    first = document.sections[0]
    first.different_first_page_header_footer = True
    document.settings.odd_and_even_pages_header_footer = True
    places = [first.header, first.first_page_header, first.even_page_header, first.footer, first.first_page_footer, first.even_page_footer]
    second = document.add_section()
    second.header.is_linked_to_previous = second.footer.is_linked_to_previous = False
    for number, place in enumerate([*places, second.header, second.footer]):
        place.paragraphs[0].text = f"{number} {{{{ name }}}} {{% if yes %}}{{{{ rows[0].name }}}}{{% endif %}}"
    same(saved(document), {"name": "甲 & 乙", "yes": True, "rows": ROWS})


def test_rich_text_in_all_its_looks() -> None:
    rich = RichText("大", size=40, bold=True, italic=True, underline=True, strike=True)
    for look in ({"superscript": True}, {"subscript": True}, {"font": "宋体"}, {"color": "#00FF00"}, {"highlight": "yellow"},
                 {"underline": "dotted"}, {"style": "Emphasis"}):
        rich.add(" <字> & 「号」\n下一行\t格", **look)
    paragraph = RichTextParagraph()
    paragraph.add("整段", parastyle="Heading 1")
    paragraph.add(rich, parastyle="Normal")
    document = Document()
    for words in ("前 {{r rich }} 后", "{{ rich }}", "{{p para }}", "末"):
        document.add_paragraph(words)
    same(saved(document), {"rich": rich, "para": paragraph})


def test_pictures_in_headers_footers_tables_and_loops() -> None:
    document = Document(io.BytesIO(with_table(("{%tr for r in rows %}", ""), ("{{ r.name }}", "{{ r.photo }}"), ("{%tr endfor %}", ""))))
    document.sections[0].header.paragraphs[0].text = "{{ qr }}"
    document.sections[0].footer.paragraphs[0].text = "印章 {{ qr }} {{ ink }}"
    template = saved(document)
    codes = [qr_png(f"https://example.org/{number}") for number in range(3)]

    def values(picture: Callable[[bytes, int], Any]) -> dict:
        return {"qr": picture(codes[0], 18), "ink": picture(ink(), 30),
                "rows": [row | {"photo": picture(code, 25)} for row, code in zip(ROWS, codes, strict=True)]}

    ours = Template.compile(template).render(values(Image))
    theirs = by_docxtpl(template, lambda opened: values(lambda data, wide: InlineImage(opened, io.BytesIO(data), Mm(wide))))
    assert normalised(ours) == normalised(theirs)


def test_a_replaced_picture_is_docxtpls_replaced_media() -> None:
    document = Document()
    document.add_picture(io.BytesIO(ink()), Mm(40))
    document.add_paragraph("{{ name }}")
    template, fresh = saved(document), qr_png("https://example.org/logo")
    (name,) = (name.rpartition("/")[2] for name in unzipped(template) if name.startswith("word/media/"))
    opened = DocxTemplate(io.BytesIO(template))
    opened.replace_media(io.BytesIO(ink()), io.BytesIO(fresh))
    opened.render({"name": "甲"}, autoescape=True)
    out = io.BytesIO()
    opened.save(out)
    assert normalised(Template.compile(template).render({"name": "甲"}, media={name: fresh})) == normalised(out.getvalue())


def test_one_template_many_times_never_remembers_the_time_before() -> None:
    loop = ("{%tc for r in rows %}", "{{ r.name }} {{ r.fee }}", "{%tc endfor %}")
    template = with_table(loop, loop, before=("{{ name }}",))
    compiled = Template.compile(template)
    for count in (1, 3, 2, 0, 3):
        context = {"name": f"第 {count} 份", "rows": ROWS[:count]}
        if count:
            assert normalised(compiled.render(context)) == normalised(by_docxtpl(template, context))
        else:
            compiled.render(context)


def test_a_subdocument_with_pictures_lists_and_styles_is_the_same_in_every_process(tmp_path: Path) -> None:
    inner = Document()
    inner.add_heading("条款", 2)
    for words in ("一", "二"):
        inner.add_paragraph(words, style="List Number")
    inner.add_picture(io.BytesIO(ink()), Mm(40))
    inner.add_table(rows=1, cols=2, style="Table Grid").rows[0].cells[0].text = "表"
    (tmp_path / "inner.docx").write_bytes(saved(inner))
    (tmp_path / "outer.docx").write_bytes(with_text("前 {{ name }}", "{{p sub }}", "{{p sub }}", "后", header="{{ name }}"))
    script = (
        "import hashlib, pathlib, sys\nfrom core.documents.context import Subdocument\nfrom core.documents.engine import Template\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "sub = Subdocument((folder / 'inner.docx').read_bytes())\n"
        "out = Template.compile((folder / 'outer.docx').read_bytes()).render({'name': '甲', 'sub': sub})\n"
        "(folder / 'out.docx').write_bytes(out)\nprint(hashlib.sha256(out).hexdigest())\n"
    )
    hashes = {
        subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=BENCH.parents[1], env={**os.environ, "PYTHONHASHSEED": seed},
                       capture_output=True, text=True, check=True).stdout
        for seed in ("1", "2")
    }
    assert len(hashes) == 1
    theirs = by_docxtpl((tmp_path / "outer.docx").read_bytes(),
                        lambda opened: {"name": "甲", "sub": opened.new_subdoc(io.BytesIO(saved(inner)))})
    assert normalised((tmp_path / "out.docx").read_bytes()) == normalised(theirs)
