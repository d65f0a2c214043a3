"""Templates of people who mean harm, made when they are asked for: each small enough for the door, each dear in its own way."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Iterator

from tests.documents.word_templates import W, changed, unzipped, with_table, with_text, zipped

GIVEN = {
    "x": "甲",
    "n": 7,
    "form": {"a": "乙", "items": "丙"},
    "rows": [{"a": "丁", "b": ["戊"] * 100}] * 100,
    "long": "永" * 100_000,
}
"""What a template is given to play with."""

INJECTIONS = [
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ url_for.__globals__ }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{{ x|attr('__class__')|attr('__mro__') }}",
    "{{ x|attr('\\x5f\\x5fclass\\x5f\\x5f') }}",
    "{{ x['\\x5f\\x5fclass\\x5f\\x5f'] }}",
    "{{ [x]|map('attr', '__class__')|list }}",
    "{{ (rows|first).__class__ }}",
    "{{ loop.__init__.__globals__ }}",
    "{% for r in rows %}{{ loop.__class__.__mro__ }}{% endfor %}",
    "{% for r in rows %}{{ loop.cycle.__func__.__globals__ }}{% endfor %}",
    "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{% call m() %}x{% endcall %}",
    "{% macro m() %}{% endmacro %}{{ m.__init__.__globals__ }}",
    "{% set g = 1 .__class__ %}{{ g }}",
    "{{ (1).__class__.__base__.__subclasses__()[104].__init__.__globals__['sys'] }}",
    "{{ namespace.__init__.__globals__.os.system('touch /tmp/x') }}",
    "{{ joiner.__init__.__globals__.os }}",
    "{{ lipsum.__globals__['os'].popen('id') }}",
    "{{ lipsum(99999) }}",
    "{{ range(10**9) }}",
    "{{ x.__init__.__globals__.__builtins__.open('/etc/passwd').read() }}",
    "{{ ().__class__.__bases__[0].__subclasses__() }}",
    "{{ '%c' % 97 }}",
    "{{ '{0.__class__}'.format(x) }}",
    "{{ x.format_map({}) }}",
    "{{ rows.pop() }}",
    "{{ form.update({}) }}",
    "{% import 'os' as os %}",
    "{% include '/etc/passwd' %}",
    "{% include ['/etc/passwd'] ignore missing %}",
    "{% extends '/etc/passwd' %}",
    "{% from '/etc/passwd' import x %}",
    "{% block b %}{% endblock %}",
    "{% do x.clear() %}",
    "{% set ns = namespace(a=1) %}",
    "{% autoescape false %}{{ x }}{% endautoescape %}",
    "{{ x|safe }}",
    "{% filter safe %}<w:altChunk/>{% endfilter %}",
    "{{ x|pprint }}",
    "{{ x|tojson }}",
    "{{ x|xmlattr }}",
    "{{ x|@run }}",
    "{% debug %}",
    "{% trans %}x{% endtrans %}",
    "{% raw %}{{ x }}{% endraw %}{{ gettext('x') }}",
]

COSTS = [
    "{{ 10**10000000 }}",
    "{{ 2**2**2**2**2**2 }}",
    "{{ 'a' * 10**9 }}",
    "{{ [1] * 10**9 }}",
    "{{ x * 1000000000 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ rows|join('a' * 1000000) }}",
    "{{ n|round(1000000000) }}",
    "{{ n|round(-1000000000) }}",
    "{{ 1e308|round(1000) }}",
    "{{ '1e999999999'|int }}",
    "{{ '1e999999999'|money }}",
    "{{ '" + "9" * 5000 + "'|money }}",
    "{{ " + "9" * 20_000 + " }}",
    "{{ rows|at_least(1000000000)|length }}",
    "{{ long|join(long) }}",
    "{% for i in rows|at_least(1000000000) %}{% for j in rows|at_least(1000000000) %}{{ i.a }}{% endfor %}{% endfor %}",
    "{% set s = long %}" + "{% set s = s ~ s %}" * 40 + "{{ s }}",
    "{% set s = [long] %}" + "{% set s = s|join(s|join('ab')) %}" * 40 + "{{ s }}",
    "{% set s = long %}" + "{% set s = s|upper ~ s|lower ~ s|trim %}" * 30 + "{{ s }}",
    "{% set a = 9999999999999999 * 9999999999999999 %}{{ a * a * a * a * a * a }}",
    "".join(f"{{% for i{n} in rows %}}" for n in range(4)) + "甲" + "{% endfor %}" * 4,
    "".join(f"{{% for i{n} in rows %}}" for n in range(4)) + "{% endfor %}" * 4,
    "".join(f"{{% for i{n} in rows %}}" for n in range(25)) + "甲" + "{% endfor %}" * 25,
    "{% for r in rows %}{% for b in r.b %}{% for c in rows %}{{ long }}{% endfor %}{% endfor %}{% endfor %}",
    "{% for c in long %}{% for d in long %}{% for e in long %}{% set f = c ~ d ~ e %}{% endfor %}{% endfor %}{% endfor %}",
    "{% for c in long %}{% for d in long %}{% if c != d %}{% endif %}{% endfor %}{% endfor %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% macro m(d) %}{% for r in rows %}{{ m(d + 1) }}{% endfor %}{% endmacro %}{{ m(0) }}",
    "{% macro m(d) %}{% if d < 40 %}{{ m(d + 1) }}{{ m(d + 1) }}{% endif %}{% endmacro %}{{ m(0) }}",
    "{% for r in rows recursive %}{{ loop(rows) }}{% endfor %}",
    "{{ " + "(" * 3000 + "x" + ")" * 3000 + " }}",
    "{{ x" + ".a" * 20_000 + " }}",
    "{{ x" + "|trim" * 20_000 + " }}",
    "{{ n" + " + n" * 20_000 + " }}",
    "{{ x" + " ~ x" * 20_000 + " }}",
    "{{ " + "not " * 20_000 + "x }}",
    "{{ " + "x if x else " * 2_000 + "x }}",
    "{{ " + "-" * 20_000 + "n }}",
    "{{ [" * 2000 + "x" + "] }}" * 2000,
    "{% if x %}" * 300 + "甲" + "{% endif %}" * 300,
    "{% with a = x %}" * 300 + "甲" + "{% endwith %}" * 300,
    "{% if x == '" + "\\\\" * 50_000 + "' %}{% endif %}",
    "{{ '" + "a&b" * 50_000 + "' }}",
    "{{ x }}" * 20_000,
    "{# " + "a" * 500_000,
    "{{ x" + " " * 500_000 + "}}",
    "{%" + "-" * 100_000 + "%}",
    "{" * 500_000,
    "{%" * 8_000,
    "{{ " * 8_000,
    "{# " * 8_000,
    "}} " * 8_000,
    "{{r " * 8_000 + "x" + "}}" * 8_000,
    "{% colspan 1000000000 %}",
    "{% cellbg '" + "f" * 100_000 + "' %}",
]
"""Tags that cost time or memory where nothing stops them."""


def corpus() -> Iterator[tuple[str, Callable[[], bytes], bool]]:
    """(name, how to make it, whether it is too dear for every run) of each template."""
    for number, words in enumerate(INJECTIONS):
        yield f"injection {number}", lambda words=words: with_text(words), False
    for number, words in enumerate(COSTS):
        yield f"cost {number}: {words[:40]}", lambda words=words: with_text(words), False
    for name, make in FILES.items():
        yield name, make, name.startswith("many ")


# ---------------------------------------------------------------- whole files


def _body(xml: str) -> bytes:
    """A Word file whose body is `xml`."""
    document = f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{W}"><w:body>{xml}</w:body></w:document>'
    return changed(with_text("甲"), word__document=lambda _: document.encode())


def _paragraph(words: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{words}</w:t></w:r></w:p>'


def _noisy(xml: str, count: int) -> str:
    """`xml` repeated, with noise between, so that it does not look compressed too well."""
    noise = random.Random(1)
    every = max(1, count // 2_000)
    return "".join(xml * every + f"<!--{noise.randbytes(250).hex()}-->" for _ in range(count // every))


def _split_tags(count: int) -> bytes:
    pieces = "".join(f"<w:r><w:t>{piece}</w:t></w:r>" for piece in ("{", "{", " x ", "}", "}") * count)
    return _body(f"<w:p>{pieces}</w:p>")


def _doctype(depth: int) -> bytes:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol"}">' for n in range(depth))
    return changed(
        with_text("{{ x }}"), word__document=lambda xml: xml.replace(b"?>", f"?><!DOCTYPE d [{entities}]>".encode(), 1)
    )


def _overlapping() -> bytes:
    """A zip whose directory names the same compressed bytes many times."""
    data = zipped(unzipped(with_text("{{ x }}")) | {"word/media/a.png": bytes(1_500_000)})
    end, start = data.rindex(b"PK\x05\x06"), data.index(b"PK\x01\x02")
    place = data.index(b"word/media/a.png", start) - 46
    entry = data[place : place + 46 + len("word/media/a.png")]
    copies = b"".join(entry.replace(b"a.png", f"{n:01x}.png".encode()[-5:]) for n in range(16))
    directory = data[start:end] + copies
    count = int.from_bytes(data[end + 10 : end + 12], "little") + 16
    tail = data[end : end + 8] + count.to_bytes(2, "little") * 2 + len(directory).to_bytes(4, "little") + data[end + 16 :]
    return data[:start] + directory + tail


def _many_members() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in unzipped(with_text("{{ x }}")).items():
            archive.writestr(name, data)
        for n in range(980):
            archive.writestr(f"customXml/extra{n}.xml", b"<a/>")
    return out.getvalue()


FILES: dict[str, Callable[[], bytes]] = {
    "unclosed tags in one paragraph": lambda: _body(_paragraph("{{ a {% b" * 8_000)),
    "unclosed tags in 8,000 paragraphs": lambda: _body(_paragraph("{{ a {% b") * 8_000),
    "closers only": lambda: _body(_paragraph("a }} b %}") * 8_000),
    "tags in pieces": lambda: _split_tags(2_000),
    "paragraph tags without end": lambda: _body(_paragraph("{%p if x %}") * 3_000),
    "row tags outside of tables": lambda: _body(_paragraph("{%tr if x %}a{%tr endif %}") * 3_000),
    "cell tags in a table": lambda: with_table(*[("{%tc for r in rows %}", "{{ r.a }}", "{%tc endfor %}")] * 40),
    "merged cells": lambda: with_table(*[("{% vm %}", "{% hm %}{{ x }}")] * 200),
    "a tag that runs through a table": lambda: _body(
        "<w:tbl><w:tr><w:tc>" + _paragraph("{{ x") + "</w:tc></w:tr></w:tbl>" + _paragraph("}}") * 5_000
    ),
    "deep XML": lambda: _body("<w:sdt>" * 20_000 + "</w:sdt>" * 20_000),
    "deep XML in styles": lambda: changed(
        with_text("{{ x }}"), word__styles=lambda _: b"<a>" * 200_000 + b"</a>" * 200_000
    ),
    "deep tables": lambda: _body("<w:tbl><w:tr><w:tc>" * 80 + _paragraph("{{ x }}") + "</w:tc></w:tr></w:tbl>" * 80),
    "a huge attribute": lambda: _body(f'<w:p w:rsidR="{"{% " * 300_000}"/>'),
    "many attributes": lambda: _body("<w:p" + "".join(f' w:a{n}="{{{{ x }}}}"' for n in range(5_000)) + "/>"),
    "one long paragraph": lambda: _body(_paragraph("甲" * 3_000_000 + "{{ x }}")),
    "many blanks": lambda: _body(_paragraph("{{ x }}" + " " * 3_000_000)),
    "many line breaks": lambda: _body(_paragraph("{{ x }}" + "\n" * 1_000_000)),
    "many tabs beside a value": lambda: _body(_paragraph("{{ x }}" + "\t" * 20_000)),
    "entities in tags": lambda: _body(_paragraph("{{ x == '" + "&amp;" * 100_000 + "' }}")),
    "entities and openers": lambda: _body(_paragraph("{{&amp;}}" * 20_000)),
    "less-than signs in tags": lambda: _body(_paragraph("{% if 1 " + "&lt; 2 " * 5_000 + "%}{% endif %}")),
    "quotes in tags": lambda: _body(_paragraph("{{ '’‘“” " * 5_000 + "}}" * 5_000)),
    "processing instructions": lambda: _body("<?x y?>" * 300_000 + _paragraph("{{ x }}")),
    "comments in XML": lambda: _body("<!-- {{ x -->" * 100_000 + _paragraph("{{ x }}")),
    "CDATA": lambda: _body(_paragraph("<![CDATA[{{ x }}]]>" * 5_000)),
    "field instructions": lambda: _body(
        "<w:p>" + '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>' + " " * 1_000_000 + "</w:instrText></w:r></w:p>"
         + _paragraph("{{ x }}")
    ),
    "many fields": lambda: _body('<w:p><w:fldSimple w:instr="      "/></w:p>' * 50_000 + _paragraph("{{ x }}")),
    "properties": lambda: changed(
        with_text("{{ x }}"),
        docProps__core=lambda xml: xml.replace(b"<dc:title></dc:title>", b"").replace(
            b"</cp:coreProperties>", b"<dc:title>" + b"{% " * 100_000 + b"</dc:title></cp:coreProperties>"
        ),
    ),
    "properties with openers": lambda: changed(
        with_text("{{ x }}"),
        docProps__core=lambda xml: xml.replace(
            b"</cp:coreProperties>", b"<cp:keywords>" + b"{{%{" * 200_000 + b"</cp:keywords></cp:coreProperties>"
        ),
    ),
    "entities that grow": lambda: _doctype(12),
    "the same bytes named often": _overlapping,
    "members by the hundred": _many_members,
    "UTF-7": lambda: changed(with_text("x"), word__document=lambda xml: xml.replace(b"UTF-8", b"UTF-7", 1)),
    "another encoding": lambda: changed(with_text("x"), word__document=lambda xml: xml.replace(b"UTF-8", b"uu_codec", 1)),
    "content types by the thousand": lambda: changed(
        with_text("{{ x }}"),
        **{"[Content_Types]": lambda xml: xml.replace(b"</Types>", b'<Default Extension="zz" ContentType="a/b"/>' * 20_000 + b"</Types>")},
    ),
    "many empty paragraphs (1,000,000)": lambda: _body(_noisy("<w:p/>", 1_000_000) + _paragraph("{{ x }}")),
    "many empty elements (4,000,000)": lambda: _body(_noisy("<a/>", 4_000_000) + _paragraph("{{ x }}")),
    "many runs (300,000)": lambda: _body("<w:p>" + _noisy("<w:r><w:t>甲</w:t></w:r>", 300_000) + "</w:p>" + _paragraph("{{ x }}")),
    "many cells (200,000)": lambda: _body(
        "<w:tbl>" + _noisy("<w:tr><w:tc><w:p/></w:tc></w:tr>", 200_000) + "</w:tbl>" + _paragraph("{{ x }}")
    ),
    "many tags (100,000)": lambda: _body(_noisy(_paragraph("{{ x }}"), 100_000)),
    "many conditions (50,000)": lambda: _body(_noisy(_paragraph("{% if x %}甲{% endif %}"), 50_000)),
    "many paragraph conditions (20,000)": lambda: _body(
        _noisy(_paragraph("{%p if x %}") + _paragraph("甲") + _paragraph("{%p endif %}"), 20_000)
    ),
}
