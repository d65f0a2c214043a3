"""The papers of the monthly settlement of repairs, one function each; the words are ours, the look is the house's."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from collections.abc import Callable, Mapping

from document_templates.house import CENTRE, RIGHT, Cell, Paper, label, value

MONTH = "{{ extra.month }}"
NOTHING = "|default('／', true)"


def _copies(paper: Paper) -> Paper:
    """One sheet for each copy, told where it goes."""
    paper.tag("{%p for copy in document.copies %}")
    paper.tag("{%p if not loop.first %}").page_break().tag("{%p endif %}")
    paper.title()
    return paper.text("统计月份：" + MONTH + "　　**{{ copy.title }}**{% if copy.to %}　{{ copy.to }}{% endif %}", "Lead", align=RIGHT)


def paid_services() -> Paper:
    paper = _copies(Paper(landscape=True))
    paper.rows((14, 32, 28, 34, 38, 54, 30, 27), ("序号", "维修单号", "房号", "客户", "承担人", "服务内容", "金额（元）", "已交费"), "row in forms.collect.paid",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ row.order }}", Cell("{{ row.unit }}", align=CENTRE), "{{ row.customer }}", Cell("{{ row.payer }}", align=CENTRE),
                "{{ row.content }}", Cell("{{ row.amount }}", align=RIGHT), Cell("{{ row.paid }}", align=CENTRE)],
               total=[Cell("合计", 2, label=True, style="Cell Head"), Cell("已交 {{ extra.paid_received }} 元，月底待收 {{ extra.paid_open }} 元", 4),
                      Cell("{{ extra.paid_total }}", align=RIGHT, bold=True), Cell("／", align=CENTRE)])
    paper.grid((28, 229), [[label("说明"), value(f"{{{{ forms.collect.remarks{NOTHING} }}}}", height=10)]])
    paper.signatures([("主管审核", "service_head"), ("经理审批", "manager")])
    paper.sealed("本表附报修登记表和维修单。财务据本表向业主收取有偿服务费用。", height=37)
    return paper.tag("{%p endfor %}")


def public_costs() -> Paper:
    paper = _copies(Paper(landscape=True))
    paper.rows((14, 36, 66, 74, 34, 33), ("序号", "维修单号", "部位", "安装、维修内容", "费用（元）", "备注"), "row in forms.collect.public",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ row.order }}", "{{ row.place }}", "{{ row.content }}", Cell("{{ row.cost }}", align=RIGHT), f"{{{{ row.note{NOTHING} }}}}"],
               total=[Cell("合计", 4, label=True, style="Cell Head"), Cell("{{ extra.public_total }}", align=RIGHT, bold=True), Cell("／")])
    paper.grid((28, 229), [[label("说明"), value(f"{{{{ forms.collect.remarks{NOTHING} }}}}", height=10)]])
    paper.signatures([("主管审核", "service_head"), ("经理审批", "manager")])
    paper.sealed("本表附报修登记表和维修单，由财务存档备案。", height=37)
    return paper.tag("{%p endfor %}")


def repair_statistics() -> Paper:
    form = "forms.statistics"
    paper = Paper().title()
    paper.text("统计月份：" + MONTH, "Lead", align=RIGHT)
    paper.rows((14, 44, 28, 28, 28, 28), ("序号", "专业", "报修（件）", "处理（件）", "其中保修", "自行装修引起"), f"row in {form}.trades",
               [Cell("{{ loop.index }}", align=CENTRE), Cell("{{ row.trade }}", align=CENTRE),
                *(Cell(f"{{{{ row.{name} }}}}", align=RIGHT) for name in ("reported", "handled", "in_warranty", "own_fit_out"))], end="", height=8,
               total=[Cell("合计", 2, label=True, style="Cell Head"), Cell("{{ extra.reported }}", align=RIGHT, bold=True), Cell("{{ extra.handled }}", align=RIGHT, bold=True),
                      *(Cell(f"{{{{ {form}.trades|sum('{name}') }}}}", align=RIGHT, bold=True) for name in ("in_warranty", "own_fit_out"))])
    paper.grid((42, 43, 42, 43), [
        [label("处理率（全部）"), value("{{ extra.overall }}", align=RIGHT), label("土建、给排水、供暖\n（应不低于 98%）"), value("{{ extra.rated }}", align=RIGHT)],
        [label("返修件数"), value(f"{{{{ {form}.repeated }}}} 件", align=RIGHT), label("回访（其中满意）"), value(f"{{{{ {form}.visited }}}} 件（{{{{ {form}.satisfied }}}} 件）", align=RIGHT)],
        [label("有偿服务金额"), value("{{ extra.paid_total }} 元", align=RIGHT), label("公共维修费用"), value("{{ extra.public_total }} 元", align=RIGHT)],
    ], height=11)
    paper.grid((42, 128), [[label("未处理的原因\n与措施"), value(f"{{{{ {form}.reason{NOTHING} }}}}", height=24)]])
    return paper.signatures([("统计人", "service")])


PAPERS: Mapping[str, tuple[str, Callable[[], Paper]]] = {
    "paid_services": ("有偿便民服务收费表", paid_services),
    "public_costs": ("公共设施设备安装、维修费用统计表", public_costs),
    "repair_statistics": ("工程报修统计", repair_statistics),
}
