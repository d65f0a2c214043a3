"""A template that asks for too much is refused, soon, and in the same place each time."""

from __future__ import annotations

import time

import pytest

from core.documents import limits
from core.documents.context import Subdocument
from core.documents.engine import Template
from core.documents.faults import RenderFault
from tests.documents.word_templates import paragraphs, with_text

HUNDRED = list(range(100))
DEEP = "{% for a in rows %}{% for b in rows %}{% for c in rows %}{% for d in rows %}"
ENDS = "{% endfor %}" * 4


@pytest.mark.parametrize(
    ("words", "number"),
    [
        # a hundred million turns that print nothing, or something, or only test
        (DEEP + ENDS, 3206),
        (DEEP + "x" + ENDS, 3206),
        (DEEP + "{% if a == 1000 %}x{% endif %}" + ENDS, 3206),
        # lists that the template itself wrote down
        ("{% set l = [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16] %}" + DEEP.replace("rows", "l") + "{% for e in l %}{% for f in l %}"
         + "{% endfor %}{% endfor %}" + ENDS, 3206),
        # two calls out of one: no loop at all
        ("{% macro m(n) %}{% if n > 0 %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}", 3206),
        # text that doubles
        ("{% macro m(n) %}{% if n > 0 %}{{ m(n - 1) }}{{ m(n - 1) }}{% else %}{{ text }}{% endif %}{% endmacro %}{{ m(14) }}", 3207),
        ("{% for a in rows %}{% for b in rows %}{{ text }}{% endfor %}{% endfor %}", 3207),
        ("{% set x %}{% for a in rows %}{% for b in rows %}{{ text }}{% endfor %}{% endfor %}{% endset %}", 3207),
        # work without turns: only the clock sees it
        ("{% for a in rows %}{% for b in rows %}{% for c in rows %}{% if rows|join(dash) == dash %}x{% endif %}{% endfor %}{% endfor %}"
         "{% endfor %}", 3206),
    ],
    ids=["nothing", "letters", "tests", "literals", "macros", "doubling", "copies", "block", "work"],
)
def test_what_costs_too_much_is_refused(words: str, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SECONDS", 3.0)
    template = Template.compile(with_text("前", words))
    begun = time.monotonic()
    with pytest.raises(RenderFault) as caught:
        template.render({"rows": HUNDRED, "text": "条" * 12_000, "dash": "—" * 9_000})
    assert (caught.value.number, caught.value.spot.paragraph) == (number, 2)
    assert time.monotonic() - begun < 30
    assert paragraphs(Template.compile(with_text("{{ text }}")).render({"text": "下一份"})) == ["下一份"]


def test_the_clock_begins_anew_with_each_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SECONDS", 0.2)
    template = Template.compile(with_text("{% for a in rows %}{% for b in rows %}{{ b }}{% endfor %}{% endfor %}"))
    for _ in range(20):
        template.render({"rows": HUNDRED})


def test_a_long_list_of_an_estate_is_far_from_the_limits() -> None:
    out = Template.compile(with_text("{%p for row in rows %}", "{{ loop.index }} {{ row.name }}", "{%p endfor %}")).render(
        {"rows": [{"name": f"{number} 号"} for number in range(20_000)]})
    found = paragraphs(out)
    assert (len(found), found[0], found[-1]) == (20_000, "1 0 号", "20000 19999 号")


def test_loops_keep_all_that_they_know() -> None:
    inside = "{{ loop.index }}/{{ loop.length }}{% if not loop.last %}{{ loop.nextitem }}{% endif %};"
    words = "{% for r in rows %}" + inside + "{% else %}无{% endfor %}"
    template = Template.compile(with_text(words))
    assert paragraphs(template.render({"rows": [5, 6]})) == ["1/26;2/2;"]
    assert paragraphs(template.render({"rows": []})) == ["无"]


def test_the_slow_way_of_subdocuments_is_counted_too() -> None:
    template = Template.compile(with_text("{{p sub }}", DEEP + ENDS))
    with pytest.raises(RenderFault) as caught:
        template.render({"rows": HUNDRED, "sub": Subdocument(with_text("条款"))})
    assert caught.value.number == 3206
