"""The engine itself: same bytes, pictures, breaks, stamps, sub-documents, errors that name the place."""

from __future__ import annotations

import hashlib
import io
import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from html import unescape

import pytest
from docx import Document
from docx.shared import Mm

from bench.render import ink
from core.documents import engine
from core.documents.context import Subdocument
from core.documents.engine import Template
from core.documents.faults import RenderFault, TemplateFault
from core.documents.images import Image
from core.documents.qr import qr_png
from tests.documents.word_templates import (
    by_docxtpl,
    cells,
    normalised,
    paragraphs,
    saved,
    unzipped,
    with_table,
    with_text,
    zipped,
)


def rendered(*words: str, **context: object) -> list[str]:
    return paragraphs(Template.compile(with_text(*words)).render(context))


def test_the_same_context_gives_the_same_bytes_in_every_thread() -> None:
    data = with_text("{{ name }} {{ ink }}", header="{{ name }}")
    template = Template.compile(data)
    context = {"name": "欧阳", "ink": Image(ink(), 30)}
    with ThreadPoolExecutor(4) as pool:
        found = {
            hashlib.sha256(out).hexdigest() for out in pool.map(lambda _: template.render(context), range(40))
        }
    assert found == {hashlib.sha256(Template.compile(data).render(context)).hexdigest()}


def test_threads_do_not_mix_pictures() -> None:
    template = Template.compile(with_text("{{ name }} {{ code }}"))
    contexts = [{"name": str(n), "code": Image(qr_png(f"code {n}"), 20)} for n in range(24)]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(template.render, contexts))
    for context, out in zip(contexts, results, strict=True):
        assert unzipped(out)["word/media/shouxu1.png"] == context["code"].data


def test_word_and_python_docx_open_the_result_and_nothing_is_left_over() -> None:
    out = Template.compile(with_text("{{ a }}")).render({"a": "甲"})
    members = unzipped(out)
    assert next(iter(members)) == "[Content_Types].xml"
    assert paragraphs(out) == ["甲"]
    assert b"{{" not in members["word/document.xml"]


def test_a_picture_is_printed_in_body_table_header_and_footer_and_kept_once() -> None:
    document = Document(io.BytesIO(with_table(("{{ x }}", "{{r x }}"), before=("甲{{ x }}乙", "{{r x }}"))))
    document.sections[0].header.paragraphs[0].text = "{{ x }}"
    document.sections[0].footer.paragraphs[0].text = "{{ x }}"
    picture = Image(ink(), 40, alt='签名 "甲" <1>')
    members = unzipped(Template.compile(saved(document)).render({"x": picture}))
    assert [name for name in members if "shouxu" in name] == ["word/media/shouxu1.png"]
    assert members["word/document.xml"].count(b"<w:drawing>") == 4
    ids = []
    for part in ("document", "header1", "footer1"):
        xml = members[f"word/{part}.xml"].decode()
        relations = set(re.findall('r:embed="([^"]+)"', xml))
        assert len(relations) == 1
        assert f'Id="{relations.pop()}"' in members[f"word/_rels/{part}.xml.rels"].decode()
        ids += re.findall(r'<wp:docPr id="(\d+)"', xml)
        assert unescape(re.findall('descr="([^"]*)"', xml)[0]) == picture.alt
    assert len(set(ids)) == len(ids) == 6


def test_picture_sizes_follow_the_proportions() -> None:
    template = Template.compile(with_text("{{ x }}"))
    sizes = {}
    for name, image in {
        "wide": Image(ink(), 30),
        "high": Image(ink(), None, 12),
        "both": Image(ink(), 10, 10),
    }.items():
        sizes[name] = re.findall(
            rb'<wp:extent cx="(\d+)" cy="(\d+)"', unzipped(template.render({"x": image}))["word/document.xml"]
        )[0]
    assert sizes["wide"] == (str(Mm(30)).encode(), str(Mm(12)).encode()) == sizes["high"]
    assert sizes["both"] == (str(Mm(10)).encode(), str(Mm(10)).encode())


def test_no_picture_prints_nothing_and_images_are_top_level_names() -> None:
    template = Template.compile(with_text("签名：{{ ink }}{{r seal }}"))
    assert paragraphs(template.render({}, {"ink": None, "seal": None})) == ["签名："]
    assert (
        b"<w:drawing>"
        in unzipped(template.render({"seal": None}, {"ink": Image(ink(), 20)}))["word/document.xml"]
    )


def test_bytes_that_are_no_picture_are_refused() -> None:
    with pytest.raises(RenderFault, match="PNG") as caught:
        Template.compile(with_text("{{ x }}")).render({"x": Image(b"GIF89a...")})
    assert caught.value.number == 3204


def test_a_document_can_be_a_template_again() -> None:
    first = Template.compile(with_text("{{ x }} {_{ y }_}")).render({"x": Image(ink(), 20)})
    again = Template.compile(first).render({"y": Image(qr_png("z"), 20)})
    members = unzipped(again)
    assert {name for name in members if "shouxu" in name} == {
        "word/media/shouxu1.png",
        "word/media/shouxu_1.png",
    }
    ids = re.findall(rb' Id="([^"]+)"', members["word/_rels/document.xml.rels"])
    assert len(ids) == len(set(ids))


def test_media_replaces_a_picture_of_the_template() -> None:
    document = Document()
    document.add_picture(io.BytesIO(ink()), Mm(20))
    document.add_paragraph("{{ a }}")
    template = Template.compile(saved(document))
    out = template.render({"a": 1}, media={"image1.png": qr_png("logo")})
    assert unzipped(out)["word/media/image1.png"] == qr_png("logo")
    assert unzipped(template.render({"a": 1}))["word/media/image1.png"] == ink()
    with pytest.raises(RenderFault):
        template.render({"a": 1}, media={"none.png": b""})


def test_text_is_printed_as_it_is() -> None:
    values = [
        "{{ x }} {% y %} {_{",
        "<w:t>&amp;",
        "  前后  ",
        "a\"b'c",
        "一\n\n二\n",
        "\t制表\t",
        "全 角 空 格",
        "𠮷野家 😀",
    ]
    for value in values:
        assert rendered("[{{ v }}]", v=value) == [f"[{value}]"]
    assert rendered("[{{ v }}]", v="a\r\nb\rc") == ["[a\nb\nc]"]
    xml = unzipped(Template.compile(with_text("{{ v }}")).render({"v": "a\nb\tc"}))["word/document.xml"]
    assert xml.count(b"<w:br/>") == 1 and xml.count(b"<w:tab/>") == 1


def test_values_read_as_a_clerk_writes_them() -> None:
    assert rendered(
        "{{ n }}|{{ yes }}|{{ no }}|{{ nothing }}|{{ many }}|{{ d }}",
        n=Decimal("1E+2"),
        yes=True,
        no=False,
        nothing=None,
        many=["甲", "乙"],
        d=3,
    ) == ["100|是|否||甲、乙|3"]
    assert rendered(
        "{{ m|money }} {{ d|date }} {{ t|datetime }} {{ x|optional }}{{ x|default('无') }}",
        m="1234.505",
        d="2026-03-01",
        t="2026-03-01T09:05:00+08:00",
    ) == ["1,234.51 2026年3月1日 2026年3月1日 09:05 无"]
    assert rendered(
        "{{ rows|sum('fee')|money }} {{ rows|join('/', 'name') }} {{ 3.14159|round(2) }} "
        "{{ kind|tick('b') }}{{ set|tick('c') }}",
        rows=[{"fee": "1.10", "name": "甲"}, {"fee": None, "name": "乙"}],
        kind="b",
        set=["a"],
    ) == ["1.10 甲/乙 3.14 ☑☐"]


def test_own_filters_come_in_by_name() -> None:
    template = Template.compile(
        with_text("{{ a|capitals }}"), filters={"capitals": lambda value: f"人民币{value}元"}
    )
    assert paragraphs(template.render({"a": 5})) == ["人民币5元"]


def test_blank_rows_fill_a_table_through_every_filter() -> None:
    words = "{{ r.name }}{{ r.fee|money }}{{ r.day|date }}{{ r.a.b|upper }}{{ r.x|own }}"
    template = Template.compile(
        with_table(
            ("{%tr for r in rows|at_least(3) %}", ""), ("{{ loop.index }}", words), ("{%tr endfor %}", "")
        ),
        filters={"own": lambda value: value and f"<{value}>"},
    )
    rows = [{"name": "甲", "fee": "1", "day": None, "a": {"b": "c"}, "x": 7}]
    assert cells(template.render({"rows": rows})) == [["1", "甲1.00C<7>"], ["2", ""], ["3", ""]]


def test_a_cell_emptied_by_a_condition_keeps_a_paragraph() -> None:
    document = Document()
    cell = document.add_table(rows=1, cols=2).rows[0].cells[0]
    cell.paragraphs[0].text = "{%p if yes %}"
    cell.add_paragraph("甲")
    cell.add_paragraph("{%p endif %}")
    template = Template.compile(saved(document))
    kept = [
        unzipped(template.render({"yes": yes}))["word/document.xml"].count(b"</w:tcPr><w:p/></w:tc>")
        for yes in (True, False)
    ]
    assert kept == [1, 2]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("{{ form.nmae }}", "form.nmae"),
        ("{{ gone }}", "gone"),
        ("{% if gone %}x{% endif %}", "gone"),
        ("{% for r in form.rows %}{{ r.fee }}{% endfor %}", "form.rows[].fee"),
        ("{{ gone ~ 'x' }}", "gone"),
        ("{{ gone|money }}", "gone"),
        ("{{ gone.a.b }}", "gone"),
        ("{{ form['nix'] }}", "form.nix"),
        ("{{ gone|join }}", "gone"),
    ],
)
def test_a_missing_value_names_itself_and_its_place(words: str, name: str) -> None:
    with pytest.raises(RenderFault, match=re.escape(f"缺少 {name}")) as caught:
        rendered("第一段", "第二段", words, form={"rows": [{"name": "甲"}]})
    assert caught.value.number == 3201
    assert (caught.value.spot.part, caught.value.spot.paragraph) == ("word/document.xml", 3)
    assert caught.value.spot.words in words


def test_a_group_is_not_printed_by_accident() -> None:
    with pytest.raises(RenderFault, match="一组字段"):
        rendered("{{ form }}", form={"a": 1})


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("{{ a", 3112),
        ("{% if a %}", 3110),
        ("{{ a|nofilter }}", 3113),
        ("{{ a b }}", 3110),
        ("{% endfor %}", 3110),
        ("{{ a|safe }}", 3113),
        ("{{ f(1) }}", 3111),
        ("{% include 'x' %}", 3111),
        ("{% autoescape false %}{{ a }}{% endautoescape %}", 3111),
    ],
)
def test_a_faulty_template_is_refused_at_its_paragraph(words: str, number: int) -> None:
    with pytest.raises(TemplateFault) as caught:
        Template.compile(with_text("第一段", words))
    assert caught.value.number == number
    assert caught.value.spot.paragraph == 2
    assert words[:5] in caught.value.spot.words


def test_a_tag_that_does_not_end_in_its_paragraph_is_refused() -> None:
    with pytest.raises(TemplateFault, match="没有在本段内结束") as caught:
        Template.compile(with_text("{{ a", "}}"))
    assert caught.value.spot.paragraph == 1


def test_variables_are_told_by_part() -> None:
    template = Template.compile(
        with_text(
            "{% for r in form.items %}{{ r.name }}"
            "{% for p in r.photos %}{{ p.note }}{% endfor %}{% endfor %}",
            "{% set first = form.items[0] %}{{ first.fee|default(none) }}{{ loop_free }}",
            "{{ form.items|join(attribute='room') }}",
            header="{{ company.name }}",
        )
    )
    assert template.variables == {
        "word/document.xml": (
            "form.items",
            "form.items[]",
            "form.items[].fee",
            "form.items[].name",
            "form.items[].photos",
            "form.items[].photos[].note",
            "form.items[].room",
            "loop_free",
        ),
        "word/header1.xml": ("company.name",),
    }


# ---------------------------------------------------------------- stamps


def test_a_stamp_lies_across_every_section() -> None:
    document = Document(io.BytesIO(with_text("{{ a }}")))
    document.add_section().different_first_page_header_footer = True
    template = Template.compile(saved(document))
    members = unzipped(template.render({"a": "甲"}, stamp="作废"))
    headers = [name for name in members if "headerStamp" in name and name.endswith(".xml")]
    assert len(headers) == 2
    assert all('string="作废"' in members[name].decode() for name in headers)
    body = members["word/document.xml"].decode()
    assert body.count('w:type="default"') == 1 and body.count('w:type="first"') == 1
    assert "作废" not in "".join(
        part.decode() for part in unzipped(template.render({"a": "甲"})).values() if b"<w:" in part
    )
    assert template.render({"a": "甲"}, stamp="作废") == template.render({"a": "甲"}, stamp="作废")


def test_a_stamp_joins_the_header_that_is_there() -> None:
    template = Template.compile(with_text("{{ a }}", header="页眉 {{ a }}"))
    members = unzipped(template.render({"a": "甲"}, stamp="草稿<1>"))
    assert not any("headerStamp" in name for name in members)
    header = members["word/header1.xml"].decode()
    assert 'string="草稿&lt;1&gt;"' in header and "甲" in header


# ---------------------------------------------------------------- sub-documents


def test_a_subdocument_takes_the_plain_way_with_the_same_result_each_time() -> None:
    data = with_text("前 {{ a }}", "{{p sub }}", "后")
    clause = with_text("条款一", "条款二")
    template = Template.compile(data)
    assert template.uses_subdocuments
    context = {"a": "{{甲}}", "sub": Subdocument(clause)}
    out = template.render(context)
    assert paragraphs(out) == ["前 {{甲}}", "条款一", "条款二", "后"]
    assert out == template.render(context)
    clean = {**context, "a": "甲"}
    theirs = by_docxtpl(data, lambda document: {"a": "甲", "sub": document.new_subdoc(io.BytesIO(clause))})
    assert normalised(template.render(clean)) == normalised(theirs)


def test_a_subdocument_from_outside_is_gated_too() -> None:
    with pytest.raises(TemplateFault):
        Template.compile(with_text("{{p sub }}")).render({"sub": Subdocument(zipped({"x.xml": b"<x/>"}))})


# ---------------------------------------------------------------- cache


def test_compiled_templates_are_kept_by_their_hash() -> None:
    data = with_text("{{ kept }}")
    digest = hashlib.sha256(data).hexdigest()
    asked: list[str] = []

    def load(wanted: str) -> bytes:
        asked.append(wanted)
        return data

    assert engine.compiled(digest, load) is engine.compiled(digest, load) is engine.compiled(data)
    assert asked == [digest]
    with pytest.raises(TemplateFault, match="散列"):
        engine.compiled("0" * 64, load)
