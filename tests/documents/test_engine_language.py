"""What a tag may say and what it then prints: as docxtpl does where docxtpl does it well, in words where it cannot be done."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from docx import Document
from docxtpl import Listing, RichText

from core.documents.engine import Template
from core.documents.faults import RenderFault, TemplateFault
from tests.documents.word_templates import (
    by_docxtpl,
    changed,
    normalised,
    paragraphs,
    saved,
    unzipped,
    with_table,
    with_text,
)

ROWS = [
    {"room": "客厅", "name": "b", "fee": 3, "size": {"m": 2}, "done": True},
    {"room": "主卧", "name": "A", "fee": 1, "size": {"m": 1}, "done": False},
    {"room": "客厅", "name": "c", "fee": 2, "size": {"m": 3}, "done": True},
]
CONTEXT: dict[str, Any] = {
    "rows": ROWS, "kinds": ["甲", "乙"], "none": [], "word": "ab ab 中", "n": 5, "text": "Hello world", "group": {"a": 1}
}


def printed(words: str, context: dict[str, Any] | None = None) -> str:
    return paragraphs(Template.compile(with_text(words)).render(context or CONTEXT))[0]


@pytest.mark.parametrize(
    "words",
    [
        "{% for r in rows|sort(attribute='name') %}{{ r.name }}{% endfor %}",
        "{% for r in rows|sort(attribute='name', case_sensitive=true) %}{{ r.name }}{% endfor %}",
        "{% for r in rows|sort(attribute='fee', reverse=true) %}{{ r.fee }}{% endfor %}",
        "{% for r in rows|sort(attribute='size.m') %}{{ r.fee }}{% endfor %}",
        "{% for r in rows|sort(attribute='room,fee') %}{{ r.fee }}{% endfor %}",
        "{% for r in rows|unique(attribute='room') %}{{ r.name }}{% endfor %}",
        "{% for x in ['a','A','b']|unique %}{{ x }}{% endfor %}",
        "{{ rows|map(attribute='fee')|join('/') }}",
        "{{ rows|map(attribute='size.m')|join('/') }}",
        "{% for r in rows|selectattr('done') %}{{ r.name }}{% endfor %}",
        "{% for r in rows|rejectattr('done') %}{{ r.name }}{% endfor %}",
        "{% for r in rows|selectattr('room', 'eq', '客厅') %}{{ r.name }}{% endfor %}",
        "{% for r in rows|rejectattr('fee', 'gt', 1) %}{{ r.name }}{% endfor %}",
        "{{ [1,2,3,4]|select('odd')|join('/') }}{{ [1,2,0]|reject|join('/') }}",
        "{% for room, some in rows|groupby('room') %}{{ room }}:{% for r in some %}{{ r.name }}{% endfor %};{% endfor %}",
        "{% for g in rows|groupby('room') %}{{ g.grouper }}:{{ g.list|length }};{% endfor %}",
        "{% for line in rows|batch(2) %}[{% for r in line %}{{ r.name }}{% endfor %}]{% endfor %}",
        "{% for line in rows|batch(2, '无') %}[{% for r in line %}{{ '空' if r == '无' else r.name }}{% endfor %}]{% endfor %}",
        "{% for line in [1,2,3,4,5,6,7]|slice(3) %}[{{ line|join('/') }}]{% endfor %}",
        "{% for line in [1,2,3,4,5,6,7]|slice(3, 0) %}[{{ line|join('/') }}]{% endfor %}",
        "{{ [3,1,2]|min }}{{ [3,1,2]|max }}{{ (rows|max(attribute='fee')).name }}",
        "{{ word|replace('ab', 'x') }}{{ word|replace('ab', 'x', 1) }}{{ word|wordcount }}",
        "{{ text|title }}{{ text|upper|capitalize }}{{ text|reverse }}{{ '9.5'|float }}",
        "{{ text|e }}{{ '<a>'|escape }}{{ rows|list|length }}",
        "{% if kinds == ['甲', '乙'] %}同{% endif %}{% if none == [] %}空{% endif %}{% if kinds != ['甲'] %}异{% endif %}",
        "{% if rows[0] == rows[0] %}同{% endif %}{% if rows[0] == rows[1] %}错{% endif %}{% if rows[1] in rows %}有{% endif %}",
        "{% if '甲' in kinds %}有{% endif %}{% if 'a' in group %}有{% endif %}{% if 'b' not in group %}无{% endif %}",
        "{% if rows is sequence %}1{% endif %}{% if group is mapping %}2{% endif %}{% if n is iterable %}3{% else %}4{% endif %}",
        "{_{ x }_} {_% y %_}",
        "{% for r in rows if r.fee > 1 %}{{ loop.index }}{{ r.name }}{% endfor %}",
        "{% for r in rows %}{{ loop.cycle('一', '二') }}{{ loop.revindex }}{% if loop.first %}首{% endif %}{% endfor %}",
        "{% macro show(x, y='?') %}<{{ x }}{{ y }}>{% endmacro %}{{ show('a') }}{{ show(n, y=2) }}",
        "{% macro box() %}[{{ caller() }}]{% endmacro %}{% call box() %}{{ n }}{% endcall %}",
        "{% with x = n + 1 %}{{ x }}{% endwith %}{% filter upper %}a{{ n }}{% endfilter %}",
        "{{ n if n > 3 }}{{ n ~ text }}{{ -n }}",
        "{% set ns = rows[0] %}{{ ns.room }}{{ rows[-1].name }}{{ text[:5] }}{{ text[0] }}",
    ],
)
def test_a_template_of_docxtpl_prints_the_same(words: str) -> None:
    data = with_text("前", words, "后")
    assert normalised(Template.compile(data).render(CONTEXT)) == normalised(by_docxtpl(data, CONTEXT))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("[{{ None }}{{ none }}]", "[]"),
        ("{{ true }}{{ 1 == 2 }}", "是否"),
        ("{{ ['a', 'b'] }}", "a、b"),
        ("{{ kinds|reverse }}", "乙、甲"),
        ("{{ kinds|at_least(3) }}", "甲、乙、"),
        ("{{ {'a': 1}.a }}", "1"),
        ("{{ '“甲”' }}", '"甲"'),
    ],
)
def test_what_is_written_down_prints_as_a_value_of_a_form_does(words: str, said: str) -> None:
    assert printed(words) == said


@pytest.mark.parametrize("letter", ["\\x00", "\\a", "\\x0c", "\\ud800"])
def test_a_letter_that_no_document_holds_cannot_come_in_as_an_escape(letter: str) -> None:
    with pytest.raises(RenderFault) as caught:
        printed("{{ 'a" + letter + "b' }}")
    assert (caught.value.number, caught.value.spot.paragraph) == (3202, 1) and "第 2 个字符" in caught.value.plain


@pytest.mark.parametrize(
    ("words", "number", "said"),
    [
        ("{{ kinds + kinds }}", 3205, "多行 + 多行"),
        ("{{ text * 3 }}", 3205, "文字 * 数字"),
        ("{{ group }}", 3202, "一组字段不能直接打印"),
        ("{% for x in group %}{% endfor %}", 3205, "一组字段没有多行，不能循环"),
        ("{% for x in n %}{% endfor %}", 3205, "数字没有多行，不能循环"),
        ("{{ group|length }}", 3205, "一组字段没有多行，不能用 length"),
        ("{{ n|join }}", 3205, "数字没有多行，不能用 join"),
        ("{{ rows|batch(0) }}", 3205, "batch 的份数应在 1 与 1000 之间"),
        ("{{ rows|slice(1000000000) }}", 3205, "slice 的份数"),
        ("{{ rows|selectattr('fee', 'callable') }}", 3205, "没有判断 callable"),
        ("{{ rows|selectattr('fee', 'gt') }}", 3205, "应如 selectattr"),
        ("{{ rows|map(attribute='nothing') }}", 3201, "nothing"),
        ("{{ rows|sort(attribute='nothing') }}", 3201, "nothing"),
    ],
)
def test_what_cannot_be_done_is_said_in_words_of_the_office(words: str, number: int, said: str) -> None:
    with pytest.raises(RenderFault) as caught:
        printed(words)
    assert caught.value.number == number and said in caught.value.plain, caught.value.plain
    assert not {"Rows", "Group", "object", "str", "int", "None"} & set(caught.value.plain.replace("'", " ").split())


@pytest.mark.parametrize(
    ("words", "what", "remedy"),
    [
        ("{%pif x %}", "不认识的标记 pif", "p 紧跟在 {% 之后"),
        ("{% tr if x %}", "不认识的标记 tr", "tr 紧跟在"),
        ("{%p if n % 2 %}", "不认识的标记 p", "不能有 %"),
        ("{% foo %}", "不认识的标记 foo", "if、for"),
        ("{% if x %}x", "{% if %} 没有结束", "{% endif %}"),
        ("{% for a in b %}{% endif %}{% endfor %}", "{% endif %} 与前面的标记交叉", "{% endfor %}"),
        ("{% endfor %}", "{% endfor %} 之前没有 {% for … %}", ""),
        ("{{ a（b） }}", "标记里不能有「（」", "「（」改为「(」"),
        ("{{ a，b }}", "标记里不能有「，」", "「，」改为「,」"),
        ("{% if a = 1 %}{% endif %}", "这里应是 %}，却是 「=」", "=="),
        ("{{ a b }}", "这里应是 }}，却是 「b」", ""),
        ("{{ }}", "这里应是名称或数值", ""),
        ("{{ a| }}", "这里应是 名称", ""),
    ],
)
def test_a_mistake_in_a_tag_is_told_in_chinese(words: str, what: str, remedy: str) -> None:
    with pytest.raises(TemplateFault) as caught:
        Template.compile(with_text("前", words))
    fault = caught.value
    assert (fault.number, fault.spot.paragraph) == (3110, 2)
    assert what in fault.plain and remedy in fault.remedy, (fault.plain, fault.remedy)


def test_names_behind_the_filters_of_rows_are_known() -> None:
    words = ("{% for r in rows|selectattr('done')|sort(attribute='fee') %}{{ r.name }}{% endfor %}"
             "{% for line in rows|batch(2) %}{% for r in line %}{{ r.room }}{% endfor %}{% endfor %}"
             "{{ rows|map(attribute='size')|list|length }}")
    (found,) = Template.compile(with_text(words)).variables.values()
    assert set(found) == {"rows", "rows[].done", "rows[].fee", "rows[].name", "rows[].room", "rows[].size"}


# ---------------------------------------------------------------- what was left empty


def body(xml: str, template: bytes = with_text("x")) -> bytes:
    head, rest = unzipped(template)["word/document.xml"].split(b"<w:body>", 1)
    return changed(template, word__document=lambda _: head + b"<w:body>" + xml.encode() + rest[rest.rindex(b"<w:sectPr"):])


CELL = "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/></w:tblGrid><w:tr>{}</w:tr></w:tbl><w:p/>"


@pytest.mark.parametrize(
    "cell",
    [
        "<w:tc><w:tcPr/>{}</w:tc>",
        '<w:tc><w:tcPr><w:tcW w:w="100" w:type="dxa"/></w:tcPr>{}</w:tc>',
        "<w:tc>{}</w:tc>",
        '<w:tc w:id="a">{}</w:tc>',
        "<w:tc>" + CELL.replace("<w:p/>", "").format("<w:tc><w:p/></w:tc>") + "{}</w:tc>",
    ],
)
def test_a_cell_that_lost_its_paragraph_gets_an_empty_one(cell: str) -> None:
    inside = "".join(f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>" for words in ("{%p if yes %}", "甲", "{%p endif %}"))
    template = Template.compile(body(CELL.format(cell.format(inside))))
    for yes in (True, False):
        (row,) = Document(io.BytesIO(template.render({"yes": yes}))).tables[0].rows
        assert row.cells[0]._tc[-1].tag.endswith("}p")
        assert ("甲" in row.cells[0].text) is yes


def test_a_cell_that_never_had_a_paragraph_gets_one_too() -> None:
    out = Template.compile(body("<w:p><w:r><w:t>{{ a }}</w:t></w:r></w:p>" + CELL.format("<w:tc><w:tcPr/></w:tc>"))).render({"a": "甲"})
    assert "<w:tc><w:tcPr/><w:p/></w:tc>" in unzipped(out)["word/document.xml"].decode()


def test_a_row_that_lost_all_its_cells_goes() -> None:
    data = with_table(("{%tc for r in rows %}", "{{ r.name }}", "{%tc endfor %}"), ("甲", "乙", "丙"))
    table = Document(io.BytesIO(Template.compile(data).render({"rows": []}))).tables[0]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["甲", "乙", "丙"]]


@pytest.mark.parametrize("place", ["header", "footer"])
def test_a_header_that_lost_its_paragraphs_keeps_an_empty_one(place: str) -> None:
    document = Document()
    document.add_paragraph("正文")
    holder = getattr(document.sections[0], place)
    holder.paragraphs[0].text = "{%p if yes %}"
    for words in ("甲", "{%p endif %}"):
        holder.add_paragraph(words)
    out = Document(io.BytesIO(Template.compile(saved(document)).render({"yes": False})))
    assert [paragraph.text for paragraph in getattr(out.sections[0], place).paragraphs] == [""]


def test_a_text_box_that_lost_its_paragraph_keeps_an_empty_one() -> None:
    inside = "<w:p><w:r><w:t>{%p if yes %}</w:t></w:r></w:p><w:p/><w:p><w:r><w:t>{%p endif %}</w:t></w:r></w:p>"
    box = ('<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent>' + inside
           + "</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>")
    out = unzipped(Template.compile(body(box)).render({"yes": False}))["word/document.xml"].decode()
    assert "<w:txbxContent><w:p/></w:txbxContent>" in out


def test_columns_without_a_width_stay_without_one() -> None:
    cells = "".join(f"<w:tc><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:tc>"
                    for words in ("{%tc for r in rows %}", "{{ r.name }}", "{%tc endfor %}"))
    data = body(f"<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/></w:tblGrid><w:tr>{cells}</w:tr></w:tbl><w:p/>")
    out = unzipped(Template.compile(data).render({"rows": ROWS}))["word/document.xml"].decode()
    assert out.count("<w:gridCol/>") == 3 and 'w:w="0"' not in out


# ---------------------------------------------------------------- lines and tabs


BOLD = "<w:rPr><w:b/>{}</w:rPr>"
CHANGE = '<w:rPrChange w:id="1" w:author="a"><w:rPr><w:i/></w:rPr></w:rPrChange>'


def test_the_look_of_a_tab_is_that_of_its_run_now_not_before_a_tracked_change() -> None:
    out = unzipped(Template.compile(body(f"<w:p><w:r>{BOLD.format(CHANGE)}<w:t>{{{{ v }}}}</w:t></w:r></w:p>")).render({"v": "a\tb"}))
    text = out["word/document.xml"].decode()
    assert f"<w:r>{BOLD.format('')}<w:tab/></w:r><w:r>{BOLD.format('')}<w:t" in text and text.count("rPrChange w") == 1


def test_the_look_of_a_tab_beside_a_text_box_is_that_of_its_own_run() -> None:
    inner = "<w:p><w:r><w:rPr><w:u/></w:rPr><w:t>盒</w:t></w:r></w:p>"
    box = ('<w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent>' + inner
           + "</w:txbxContent></v:textbox></v:shape></w:pict>")
    run = BOLD.format("")
    out = unzipped(Template.compile(body(f"<w:p><w:r>{run}{box}<w:t>{{{{ v }}}}</w:t></w:r></w:p>")).render({"v": "a\tb\nc"}))
    assert f"<w:r>{run}<w:tab/></w:r>" in out["word/document.xml"].decode()


def test_a_number_that_nobody_can_read_is_a_mistake_in_the_tag() -> None:
    with pytest.raises(TemplateFault, match="数字过长") as caught:
        Template.compile(with_text("{{ " + "9" * 20_000 + " }}"))
    assert caught.value.number == 3110


@pytest.mark.parametrize("look", ["", '<w:jc w:val="center"/>'])
def test_a_section_ends_with_the_last_of_the_paragraphs_that_a_listing_made(look: str) -> None:
    section = '<w:sectPr><w:pgSz w:w="1000" w:h="2000"/></w:sectPr>'
    data = body(f"<w:p><w:pPr>{look}{section}</w:pPr><w:r><w:t>{{{{ v }}}}</w:t></w:r></w:p><w:p><w:r><w:t>末</w:t></w:r></w:p>")
    out = Document(io.BytesIO(Template.compile(data).render({"v": Listing("一\a二\f三")})))
    assert [paragraph.text for paragraph in out.paragraphs] == ["一", "二", "", "三", "末"]
    holding = [bool(paragraph._p.xpath("./w:pPr/w:sectPr")) for paragraph in out.paragraphs]
    assert holding == [False, False, False, True, False]
    assert [bool(paragraph._p.xpath("./w:pPr/w:jc")) for paragraph in out.paragraphs] == [bool(look), bool(look), False, bool(look), False]


def test_a_result_that_is_no_xml_is_told_by_the_words_before_the_break() -> None:
    cell = "<w:tc><w:p><w:r><w:t>二、验房{% endif %}</w:t></w:r></w:p></w:tc>"
    broken = body("<w:p><w:r><w:t>一、交接 {% if yes %}</w:t></w:r></w:p>" + CELL.format(cell))
    with pytest.raises(RenderFault) as caught:
        Template.compile(broken).render({"yes": False})
    assert caught.value.number == 3203 and "一、交接" in caught.value.spot.words


def test_a_link_in_rich_text_is_refused_where_its_prefix_means_nothing() -> None:
    data = body("<w:p><w:r><w:t>{{ v }}</w:t></w:r></w:p>")
    bare = changed(data, word__document=lambda xml: re.sub(rb' xmlns:(?!w=)\w+="[^"]*"| mc:Ignorable="[^"]*"', b"", xml))
    rich = RichText("链接", url_id="rId1")
    Template.compile(data).render({"v": rich})
    with pytest.raises(RenderFault) as caught:
        Template.compile(bare).render({"v": rich})
    assert caught.value.number == 3203
