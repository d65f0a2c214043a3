"""What the papers of 装修 and of its sub-cases share: who and where, long cells, one sheet a copy."""

from __future__ import annotations

from collections.abc import Sequence

from document_templates.house import CENTRE, RIGHT, Cell, Paper, ink, label, signed_on, value

PLACE = ("{{ unit.building }}栋{% if unit.entrance %}{{ unit.entrance }}单元{% endif %}{{ unit.room }}"
         "室{% if not document.blank %}（{{ unit.code }}）{% endif %}")
FOUR = (28, 57, 28, 57)
"""Label and value, twice: all tables of these papers stand in the same columns, signatures too."""
EMERGENCY = "物业 {{ estate.phone }}　火警 119　报警 110　急救 120"
BLANK_DAY = "　　　　年　　月　　日"
Row = Sequence[Cell]


def wide(title: str, text: str, *, height: float = 0.0, bold: bool = False) -> Row:
    """A row of `FOUR` with one label and one value over the rest."""
    return [label(title), value(text, 3, height=height, bold=bold)]


def two(one: str, first: str, other: str, second: str) -> Row:
    """A row of `FOUR` with two labels, each with its value."""
    return [label(one), value(first), label(other), value(second)]


def where(paper: Paper, rows: Sequence[Row] = (), *, contractor: bool = True, height: float = 8.0) -> Paper:
    """The unit, its owner, and who answers for the works; below it, in the same table, what the paper is about."""
    head = [
        two("房屋", PLACE, "建筑面积", "{{ unit.area }} 平方米"),
        two("业主", "{{ parties.owner.name }}", "联系电话", "{{ parties.owner.phone }}"),
        two("装修负责人", "{{ parties.responsible.name }}", "联系电话", "{{ parties.responsible.phone }}"),
    ]
    if contractor:
        head.append(wide("施工单位", "{{ parties.contractor.name|default('业主自行安排施工', true) }}"))
    return paper.grid(FOUR, [*head, *rows], height=height)


def long_rows(paper: Paper, rows: Sequence[tuple[str, str, float]]) -> Paper:
    """Label and text over the whole width, each at least so many mm high."""
    return paper.grid((28, 142), [[label(title), value(text, height=height)] for title, text, height in rows])


def choices(form: str, field: str, titles: Sequence[tuple[str, str]]) -> str:
    """`☑ 动火　☐ 留宿`: every choice of a field, ticked where it was chosen."""
    return "　".join(f"{{{{ forms.{form}.{field}_is.{name}|tick }}}} {title}" for name, title in titles)


def received(paper: Paper, caption: str, who: str, other: str) -> Paper:
    """One signer of the program, and one from outside who signs by hand only."""
    return paper.grid(FOUR, [
        [label(caption), value(ink(who), align=CENTRE, height=17), label(other), value("", height=17)],
        [label("日期"), value(signed_on(who), align=CENTRE), label("日期"), value(BLANK_DAY, align=CENTRE)],
    ], keep=True)


def sheet_per_copy(paper: Paper) -> Paper:
    """Opens a loop over the copies, each on its own sheet; close it with `{%p endfor %}`."""
    paper.tag("{%p for copy in document.copies %}")
    return paper.tag("{%p if not loop.first %}").page_break().tag("{%p endif %}")


def copy_mark(paper: Paper) -> Paper:
    """Names the copy at the right edge: 业主联　交业主; a paper of one copy needs no name for it."""
    paper.tag("{%p if document.copies|length > 1 %}")
    paper.text("**{{ copy.title }}**{% if copy.to %}　{{ copy.to }}{% endif %}", "Lead", align=RIGHT)
    return paper.tag("{%p endif %}")


__all__ = ["BLANK_DAY", "EMERGENCY", "FOUR", "PLACE", "Row", "choices", "copy_mark", "long_rows", "received", "sheet_per_copy",
           "two", "where", "wide"]
