"""What the papers of 装修 and of its sub-cases share: who and where, long cells, one sheet a copy."""


from __future__ import annotations

from collections.abc import Sequence

from document_templates.house import CENTRE, Paper, ink, label, signed_on, value

PLACE = "{{ unit.building }} 栋 {% if unit.entrance %}{{ unit.entrance }} 单元 {% endif %}{{ unit.room }} 室（{{ unit.code }}）"
SIX = (24, 34, 24, 32, 24, 32)
FOUR = (28, 57, 28, 57)
BLANK_DAY = "　　　　年　　月　　日"


def where(paper: Paper, *, contractor: bool = True) -> Paper:
    """The unit, its owner, and who answers for the works."""
    rows = [
        [label("房屋"), value(PLACE, 3), label("建筑面积"), value("{{ unit.area }} 平方米")],
        [label("业主"), value("{{ parties.owner.name }}", 3), label("联系电话"), value("{{ parties.owner.phone }}")],
        [label("装修负责人"), value("{{ parties.responsible.name }}", 3), label("联系电话"), value("{{ parties.responsible.phone }}")],
    ]
    if contractor:
        rows.append([label("施工单位"), value("{{ parties.contractor.name|default('业主自行安排施工', true) }}", 5)])
    return paper.grid(SIX, rows)


def long_rows(paper: Paper, rows: Sequence[tuple[str, str, float]]) -> Paper:
    """Label and text over the whole width, each at least so many mm high."""
    return paper.grid((28, 142), [[label(title), value(text, height=height)] for title, text, height in rows])


def choices(form: str, field: str, titles: Sequence[tuple[str, str]]) -> str:
    """`☑ 动火　☐ 留宿`: every choice of a field, ticked where it was chosen."""
    return "　".join(f"{{{{ forms.{form}.{field}_is.{name}|tick }}}} {title}" for name, title in titles)


def received(paper: Paper, caption: str, who: str, other: str) -> Paper:
    """One signer of the program, and one from outside who signs by hand only."""
    return paper.grid((24, 61, 24, 61), [
        [label(caption), value(ink(who), height=17), label(other), value("", height=17)],
        [label("日期"), value(signed_on(who), align=CENTRE), label("日期"), value(BLANK_DAY, align=CENTRE)],
    ], keep=True)


def sheet_per_copy(paper: Paper) -> Paper:
    """Opens a loop over the copies, each on its own sheet; close it with `{%p endfor %}`."""
    paper.tag("{%p for copy in document.copies %}")
    return paper.tag("{%p if not loop.first %}").page_break().tag("{%p endif %}")


def copy_mark(paper: Paper) -> Paper:
    """Names the copy beneath the title: 业主联　交业主."""
    return paper.text("{{ copy.title }}{% if copy.to %}　{{ copy.to }}{% endif %}", "Lead", align=CENTRE)


__all__ = ["BLANK_DAY", "FOUR", "PLACE", "SIX", "choices", "copy_mark", "long_rows", "received",
           "sheet_per_copy", "where"]
