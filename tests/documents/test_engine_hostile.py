"""Templates and values from people who mean harm: refused with a number, or harmless."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile

import pytest

from core.documents.engine import Template
from core.documents.faults import RenderFault, TemplateFault
from core.documents.package import OFFICE
from core.errors import DocumentError
from tests.documents.word_templates import changed, paragraphs, unzipped, with_footnote, with_text, zipped

SECRET = "shouxu-secret-canary"

INJECTIONS = [
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ self.__init__.__globals__ }}",
    "{{ lipsum(99999) }}",
    "{{ range(10**9) }}",
    "{{ 'a' * 10**9 }}",
    "{{ 10**10000000 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ x.__class__ }}",
    "{{ x|attr('__class__') }}",
    "{{ form.__class__ }}",
    "{{ form.fields }}",
    "{{ form['__class__'] }}",
    "{{ form.items() }}",
    "{{ form.clear() }}",
    "{{ rows.values }}",
    "{{ rows.append(1) }}",
    "{{ 'x'.format(1) }}",
    "{{ '{0.__class__}'.format(1) }}",
    "{{ x.upper() }}",
    "{% import 'os' as os %}",
    "{% extends 'x' %}",
    "{% from 'x' import y %}",
    "{% block b %}{% endblock %}",
    "{{ config }}",
    "{{ request }}",
    "{{ namespace(a=1) }}",
    "{{ dict(a=1) }}",
    "{{ joiner() }}",
    "{{ x|map('upper') }}",
    "{{ x|pprint }}",
    "{{ x|tojson }}",
    "{{ x|@run }}",
    "{% for i in rows %}{{ loop.__init__ }}{% endfor %}",
    "{% for i in rows %}{{ loop._iterable }}{% endfor %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% set a = 9999999999999999 * 9999999999999999 %}{{ a * a * a }}",
    "{{ x.__html__() }}",
    "{{ (1).__class__ }}",
    "{{ [].append }}",
    "{{ {}.keys() }}",
    "{% do x %}",
    "{% with %}{{ x.y }}{% endwith %}",
    "{% filter safe %}<b>{% endfilter %}",
    "{% set s = 'aaaaaaaaaa' %}" + "{% set s = s ~ s ~ s ~ s ~ s ~ s ~ s ~ s %}" * 12 + "{{ s }}",
    "{% set s = [1,2] %}" + "{% set s = s|join(s|join('ab')) %}" * 40 + "{{ s }}",
]


@pytest.mark.parametrize("words", INJECTIONS)
def test_nothing_is_reachable_from_a_template(words: str) -> None:
    started = time.perf_counter()
    with pytest.raises(DocumentError):
        Template.compile(with_text(words)).render({"x": "甲", "form": {"a": SECRET}, "rows": [{"a": SECRET}]})
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("words", INJECTIONS)
def test_values_that_look_like_tags_are_only_text(words: str) -> None:
    assert paragraphs(Template.compile(with_text("{{ x }}")).render({"x": words})) == [words]


# ---------------------------------------------------------------- the package

GOOD = with_text("{{ x }}")


def refused(data: bytes, number: int) -> TemplateFault:
    with pytest.raises(TemplateFault) as caught:
        Template.compile(data)
    assert caught.value.number == number, caught.value
    return caught.value


def declared_size(data: bytes, size: int) -> bytes:
    """The first member's uncompressed size, overwritten in the directory."""
    place = data.rindex(b"PK\x01\x02", 0, data.index(b"PK\x01\x02") + 4)
    return data[: place + 24] + struct.pack("<I", size) + data[place + 28 :]


def test_bombs_are_refused_before_unpacking() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in unzipped(GOOD).items():
            archive.writestr(name, data)
        with archive.open("word/media/big.png", "w") as member:
            for _ in range(300):
                member.write(bytes(1_000_000))
    bomb = out.getvalue()
    tracemalloc.start()
    refused(bomb, 3102)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_many_members_ratios_and_lies_are_refused() -> None:
    refused(zipped(unzipped(GOOD) | {f"word/media/{n}.png": b"x" for n in range(1200)}), 3102)
    refused(zipped(unzipped(GOOD) | {"word/media/a.png": bytes(5_000_000)}), 3102)
    refused(zipped(unzipped(GOOD) | {f"word/media/{n}.png": bytes(1_900_000) for n in range(20)}), 3102)
    refused(declared_size(GOOD, 5), 3101)


@pytest.mark.parametrize(
    "name", ["../evil.xml", "/abs.xml", "word\\x.xml", "c:/x.xml", "word/./x.xml", "word//x.xml"]
)
def test_paths_are_refused(name: str) -> None:
    refused(zipped(unzipped(GOOD) | {name: b"<x/>"}), 3103)


def test_duplicate_names_are_refused() -> None:
    refused(zipped(unzipped(GOOD) | {"WORD/document.xml": b"<x/>"}), 3103)


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"not a zip", GOOD[:-30], GOOD[:2000], zipped({"a.xml": b"<a/>"})]
)
def test_what_is_no_word_file_is_refused(data: bytes) -> None:
    refused(data, 3101)


DOCTYPE = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("part", ["word__document", "word__styles", "word__settings", "docProps__core"])
def test_a_doctype_is_refused_in_any_part(part: str) -> None:
    fault = refused(changed(GOOD, **{part: lambda xml: xml.replace(b"?>", b"?>" + DOCTYPE, 1)}), 3104)
    assert fault.spot.part == f"{part.replace('__', '/')}.xml"


def test_a_doctype_in_footnotes_or_in_utf_16_is_refused() -> None:
    refused(
        changed(with_footnote("x"), word__footnotes=lambda xml: xml.replace(b"?>", b"?>" + DOCTYPE, 1)), 3104
    )
    refused(
        changed(
            GOOD,
            word__styles=lambda _: f'<?xml version="1.0" encoding="utf-16"?>{DOCTYPE.decode()}<x/>'.encode(
                "utf-16"
            ),
        ),
        3104,
    )


def related(kind: str, target: str, external: bool) -> bytes:
    members = unzipped(GOOD)
    mode = ' TargetMode="External"' if external else ""
    entry = f'<Relationship Id="rIdEvil" Type="{OFFICE}{kind}" Target="{target}"{mode}/>'
    name = "word/_rels/document.xml.rels"
    members[name] = members[name].replace(b"</Relationships>", f"{entry}</Relationships>".encode())
    return zipped(members)


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("image", "http://127.0.0.1/x.png"),
        ("image", "file:///etc/passwd"),
        ("hyperlink", "file:///etc/passwd"),
        ("hyperlink", "\\\\host\\share"),
        ("hyperlink", "javascript:alert(1)"),
        ("header", "http://x/"),
    ],
)
def test_external_relationships_are_refused(kind: str, target: str) -> None:
    refused(related(kind, target, True), 3105)


def test_a_hyperlink_may_stay() -> None:
    assert Template.compile(related("hyperlink", "https://example.org/", True)).render({"x": 1})


@pytest.mark.parametrize(
    "kind", ["attachedTemplate", "oleObject", "package", "aFChunk", "vbaProject", "subDocument", "control"]
)
def test_active_relationships_are_refused(kind: str) -> None:
    refused(related(kind, "media/x.png", False), 3106)


def test_macros_and_embedded_files_are_refused() -> None:
    refused(zipped(unzipped(GOOD) | {"word/vbaProject.bin": b"x"}), 3106)
    refused(zipped(unzipped(GOOD) | {"word/embeddings/a.xlsx": b"x"}), 3106)
    types = b"application/vnd.ms-word.document.macroEnabled.main+xml"
    main = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    members = unzipped(GOOD)
    refused(
        zipped(members | {"[Content_Types].xml": members["[Content_Types].xml"].replace(main, types)}), 3106
    )


@pytest.mark.parametrize(
    ("xml", "number"),
    [
        (b'<w:altChunk r:id="rId1"/>', 3106),
        (b"<w:p><w:r><w:object/></w:r></w:p>", 3106),
        (
            b'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>'
            b"<w:r><w:instrText> INCLUDE</w:instrText></w:r>"
            b'<w:r><w:instrText>PICTURE "http://x"</w:instrText></w:r></w:p>',
            3107,
        ),
        (b'<w:p><w:fldSimple w:instr=" DDEAUTO c:\\x "/></w:p>', 3107),
        (
            b'<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:imagedata src="http://x/y.png"/></v:shape></w:pict></w:r></w:p>',
            3105,
        ),
    ],
)
def test_active_elements_are_refused(xml: bytes, number: int) -> None:
    refused(changed(GOOD, word__document=lambda body: body.replace(b"<w:body>", b"<w:body>" + xml)), number)


def test_harmless_fields_stay() -> None:
    xml = b'<w:p><w:fldSimple w:instr=" PAGE "/></w:p>'
    xml += b'<w:p><w:fldSimple w:instr=" HYPERLINK &quot;https://x/LINK&quot; "/></w:p>'
    assert Template.compile(
        changed(GOOD, word__document=lambda body: body.replace(b"<w:body>", b"<w:body>" + xml))
    ).render({"x": 1})


def test_unclosed_tags_do_not_cost_quadratic_time() -> None:
    started = time.perf_counter()
    refused(with_text(*(["{{ a {% b"] * 2000)), 3112)
    refused(
        changed(
            GOOD,
            word__document=lambda body: body.replace(b"<w:body>", b'<w:body w:a="' + b"{% " * 20_000 + b'">'),
        ),
        3112,
    )
    assert time.perf_counter() - started < 5


# ---------------------------------------------------------------- values


class Sly:
    def __html__(self) -> str:
        return "</w:t><w:altChunk/>"

    def __str__(self) -> str:
        return SECRET


def test_objects_of_other_kinds_are_refused() -> None:
    for context in ({"x": Sly()}, {"x": [Sly()]}, {"x": {"y": Sly()}}):
        with pytest.raises(RenderFault):
            Template.compile(
                with_text(
                    "{{ x.y }}" if isinstance(context["x"], dict) else "{{ x[0] if x is sequence else x }}"
                )
            ).render(context)


def test_markup_from_outside_is_escaped() -> None:
    from markupsafe import Markup

    assert paragraphs(
        Template.compile(with_text("{{ x }}{{ y.z }}")).render(
            {"x": Markup("<w:p/>"), "y": {"z": Markup("&lt;")}}
        )
    ) == ["<w:p/>&lt;"]
