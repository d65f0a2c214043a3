"""The papers of 物品放行: the slip, one sheet for each copy; the words are ours, the look is the house's."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from collections.abc import Callable, Mapping

from document_templates.house import BLANK_DATE, CENTRE, Cell, Paper, ink, label, signed_on, value

PLACE = "{{ unit.building }}栋{% if unit.entrance %}{{ unit.entrance }}单元{% endif %}{{ unit.room }}室{% if not document.blank %}（{{ unit.code }}）{% endif %}"
FOUR = (28, 57, 28, 57)
FORM, CLEARANCE = "forms.request", "forms.clearance"
FEES = (("water", "水费"), ("electricity", "电费"), ("gas", "燃气费"), ("property_fee", "物业服务费"))
"""Rows of the slip; the form takes no more items."""


def release_slip() -> Paper:
    """S4-X 4-6: complete and legible, unused lines struck; three signatures, or two and the logged call (C50)."""
    paper = Paper()
    paper.tag("{%p for copy in document.copies %}")
    paper.tag("{%p if not loop.first %}").page_break().tag("{%p endif %}")
    paper.title()
    paper.text("编号：**{{ document.number }}**　　{{ copy.title }}{% if copy.to %}（{{ copy.to }}）{% endif %}", "Cell", align=CENTRE).text("", "Gap")
    paper.grid(FOUR, [
        [label("房屋"), value(PLACE), label("运输车牌"), value(f"{{{{ {FORM}.plate|default('／', true) }}}}")],
        [label("业主"), value("{{ parties.owner.name }}"), label("携带人"),
         value(f"{{{{ parties.carrier.name|default(parties.owner.name, true) }}}}（{{{{ {FORM}.carrier }}}}）")],
        [label("出门性质"), value("　".join(f"{{{{ {FORM}.reason_is.{name}|tick }}}} {title}" for name, title in
                                        (("moving_out", "搬家迁出"), ("temporary", "临时携带")))),
         label("有效日期"), value("{{ document.date }}（当日有效）", bold=True)],
        [label("用途去向"), value(f"{{{{ {FORM}.purpose }}}}{{% if {FORM}.firm %}}（{{{{ {FORM}.firm }}}}）{{% endif %}}", 3)],
    ], height=8)
    _goods(paper)
    fees = "　".join(f"{{{{ {CLEARANCE}.settled_is.{name}|tick }}}} {title}" for name, title in FEES)
    all_settled = " and ".join(f"{CLEARANCE}.settled_is.{name}" for name, _ in FEES)
    passed = (f"{{% if document.blank %}}{{% elif not ({all_settled}) %}}\n未勾选的费用经特批放行{{% if {CLEARANCE}.remarks %}}；{{{{ {CLEARANCE}.remarks }}}}{{% endif %}}"
              f"{{% elif {CLEARANCE}.remarks %}}\n{{{{ {CLEARANCE}.remarks }}}}{{% endif %}}")
    paper.grid((28, 142), [
        [label("去电核实"), value(_calls())],
        [label("费用结清"), value(f"{{% if document.blank or {FORM}.reason_is.moving_out %}}已核至 {{{{ {CLEARANCE}.settled_to }}}}：{fees}{passed}"
                              "{% else %}／　临时携带，不适用{% endif %}")],
        [label("说明"), value("{{ texts.slip_validity }}{{ texts.slip_gate }}", height=12)],
    ], height=9)
    _signers(paper)
    return paper.tag("{%p endfor %}")


def _goods(paper: Paper) -> Paper:
    """One row for each item; what follows is struck, so that nothing can be added."""
    def cell(name: str) -> Cell:
        return Cell(f"{{{{ good.{name}|default('', true) }}}}", align=CENTRE)

    return paper.rows((14, 36, 68, 16, 36), ("序号", "种类", "名称及特征", "数量", "备注"), f"good in {FORM}.goods",
                      [Cell("{{ loop.index }}", align=CENTRE), cell("kind"), cell("item"), cell("count"), cell("note")],
                      end=f"以上共 {{{{ {FORM}.goods|count }}}} 项，以下空白", height=6.2)


def _calls() -> str:
    """The calls that stand for the signature of somebody who is not there, a line for each."""
    call = ("{{ call.called_at }}　{{ call.phone }}　**{{ call.answer }}**{% if call.note %}（{{ call.note }}）{% endif %}"
            "{% if not loop.last %}\n{% endif %}")
    return (f"{{% if document.blank %}}业主：{{{{ parties.owner.phone }}}}　☐ 同意放行　☐ 不同意　　单位负责人：{{{{ parties.owner.phone }}}}　☐ 同意放行　☐ 不同意"
            f"{{% else %}}{{% for call in forms.phone_call.calls %}}{call}{{% endfor %}}"
            f"{{% for call in forms.company_call.calls %}}{{% if loop.first %}}单位负责人 {{{{ forms.company_call.head }}}}：{{% endif %}}{call}{{% endfor %}}"
            "{% if not forms.phone_call.calls and not forms.company_call.calls %}／　业主本人签字，无须去电{% endif %}{% endif %}")


def _signers(paper: Paper) -> Paper:
    """Clerk, carrier, owner; who does not sign here is struck or stands with the call."""
    carrier = f"{{% if parties.carrier.name %}}{ink('carrier')}{{% else %}}／　业主本人携带{{% endif %}}"
    owner = f"{{% if not document.blank and (forms.phone_call.calls or forms.company_call.calls) %}}／　见去电核实{{% else %}}{ink('owner')}{{% endif %}}"
    present = "document.blank or not (forms.phone_call.calls or forms.company_call.calls)"
    return paper.grid((56.6, 56.7, 56.7), [
        [label("经办人"), label("携带人"), label("业主")],
        [value(text, align=CENTRE, height=17) for text in (ink("service"), carrier, owner)],
        [value(text, align=CENTRE) for text in (signed_on("service"), _day("carrier", "parties.carrier.name"), _day("owner", present))],
    ], height=7, keep=True)


def _day(who: str, when: str) -> str:
    return f"{{% if {when} %}}{{{{ signatures.{who}.date|default('{BLANK_DATE}', true) }}}}{{% else %}}／{{% endif %}}"


PAPERS: Mapping[str, tuple[str, Callable[[], Paper]]] = {"release_slip": ("物品放行条", release_slip)}
