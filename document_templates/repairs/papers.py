"""The papers of 报修, one function each; the words are ours, the look is the house's."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from collections.abc import Callable, Mapping

from document_templates.house import CENTRE, RIGHT, Cell, Paper, by_hand, ink, label, signed_on, value
from document_templates.vouchers import vouchers

UNIT = "{{ unit.building }}栋{% if unit.entrance %}{{ unit.entrance }}单元{% endif %}{{ unit.room }}室{% if not document.blank %}（{{ unit.code }}）{% endif %}"
WHERE = f"{{% if forms.intake.kind_is.unit %}}{UNIT}{{% else %}}{{{{ case.place }}}}{{% endif %}}"
"""The unit, or the public place: what a case is about."""
SIX = (28, 34, 22, 28, 22, 36)
FOUR = (28, 57, 28, 57)
THIRDS = (56.6, 56.7, 56.7)
PEOPLE = "{{ forms.dispatch.technician }}{% if forms.dispatch.helper %}、{{ forms.dispatch.helper }}{% endif %}"
TIME = "{{ forms.intake.appointed|default('尽快上门', true) }}"
COMING = f"{{% if document.blank %}}{{{{ forms.intake.appointed }}}}{{% elif forms.intake.kind_is.unit %}}{TIME}{{% else %}}接单后立即到场{{% endif %}}"
LINES = ("{% for row in fee.rows %}{{ row.title }}　{{ row.unit_price }} 元{% if row.unit %}/{{ row.unit }}{% endif %} × {{ row.quantity }} = {{ row.amount }}"
         "{% if not loop.last %}\n{% endif %}{% else %}{{ fee.rule }}{% endfor %}")
"""How a fee came about, a line for each row that it was counted from."""
NOTHING = "|default('／', true)"


def _either(name: str, yes: str, no: str) -> str:
    """Two boxes of a question; a stroke where it was not asked or not answered."""
    return f"{{% if document.blank or {name}_is.yes or {name}_is.no %}}{{{{ {name}_is.yes|tick }}}} {yes}　{{{{ {name}_is.no|tick }}}} {no}{{% else %}}／{{% endif %}}"


def _amount(name: str) -> str:
    """A number of two places without the zeros that say nothing: 2.00 as 2, 1.50 as 1.5."""
    return (f"{{% if {name}|int == {name}|round(2) %}}{{{{ {name}|int }}}}{{% elif {name}|round(1) == {name}|round(2) %}}{{{{ {name}|round(1) }}}}"
            f"{{% else %}}{{{{ {name} }}}}{{% endif %}}")


def _reported(height: float = 12) -> list[list[Cell]]:
    """What was reported: where, by whom, when, what."""
    return [
        [label("报修部位"), value(f"{WHERE}　{{{{ forms.intake.location }}}}", 3), label("报修日期"), value("{{ case.opened_on }}")],
        [label("报修人"), value("{{ parties.customer.name|default(forms.intake.contact, true) }}"), label("联系人"), value("{{ forms.intake.contact }}"),
         label("联系电话"), value("{{ forms.intake.phone }}")],
        [label("报修内容"), value("{{ forms.intake.content }}", 5, height=height)],
    ]


def intake_record() -> Paper:
    form = "forms.intake"
    paper = Paper().title().grid(SIX, [
        *_reported(18),
        [label("报修类别"), value(f"{{{{ {form}.kind_is.unit|tick }}}} 户内　{{{{ {form}.kind_is.place|tick }}}} 公共"), label("报修方式"), value(f"{{{{ {form}.way }}}}"),
         label("专业"), value(f"{{{{ {form}.trade }}}}")],
        [label("费用承担"), value(f"{{{{ {form}.payer{NOTHING} }}}}"), label("目录项目"), value(_either(f"{form}.listed", "是", "否")),
         label("自备材料"), value(_either(f"{form}.own_material", "有", "无"))],
        [label("维修时间"), value(f"{{% if not document.blank and {form}.kind_is.place %}}接单后十分钟内到场{{% else %}}{TIME}{{% endif %}}", 3), label("登记人"), value("{{ steps.intake.by }}")],
    ], height=9)
    paper.tag(f"{{%p if {form}.items %}}")
    paper.text("登记的维修项目", "Section", keep=True)
    paper.rows((14, 92, 20, 44), ("序号", "维修项目及收费标准", "数量", "说明"), f"item in {form}.items",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ item.service }}", Cell("{{ item.count }}", align=CENTRE), f"{{{{ item.note{NOTHING} }}}}"], end="")
    paper.tag("{%p endif %}")
    paper.text("接单情况", "Section", keep=True)
    paper.grid(FOUR, [
        [label("维修人员"), value(PEOPLE), label("联系电话"), value(f"{{{{ forms.dispatch.phone{NOTHING} }}}}")],
        [label("工具备件"), value(f"{{{{ forms.dispatch.tools{NOTHING} }}}}", 3)],
        [label("派工说明"), value(f"{{{{ forms.dispatch.remarks{NOTHING} }}}}", 3)],
        [label("备注"), value(f"{{{{ {form}.remarks{NOTHING} }}}}", 3, height=12)],
    ], height=9)
    paper.text("工程人员接单时在本表签收{% if document.blank or forms.intake.kind_is.unit %}；户内报修由客服在维修完成后一至三日内回访{% endif %}。", "Note")
    return paper.signatures([("接单人签收", "engineering")])


def job_slip() -> Paper:
    """Carried to the customer: what is known is printed, the rest is written by hand and entered afterwards."""
    household = "document.blank or forms.intake.kind_is.unit"
    paper = Paper(numbered=False).title().grid(SIX, [
        *_reported(),
        [label("维修人员"), value("{{ forms.dispatch.technician }}"), label("协同人员"), value(f"{{{{ forms.dispatch.helper{NOTHING} }}}}"),
         label("上门时间"), value(COMING)],
        [label("工具备件"), value(f"{{{{ forms.dispatch.tools{NOTHING} }}}}", 3), label("办件编号"), value("{{ case.number }}")],
    ])
    paper.tag("{%p if forms.intake.items %}")
    paper.text("登记的维修项目", "Section", keep=True)
    paper.rows((14, 112, 44), ("序号", "维修项目及收费标准", "数量"), "item in forms.intake.items",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ item.service }}", Cell("{{ item.count }}", align=CENTRE)])
    paper.tag("{%p endif %}")
    paper.text("现场记录（手工填写，回单后录入）", "Section", keep=True)
    paper.grid((28, 142), [
        [label("到场时间"), value("　　　　时　　　　分　　　　☐ 与报修内容一致　　☐ 不一致，见下")],
        [label("实际项目"), value("", height=24)],
        [Cell(f"{{%tr if {household} %}}", 2)],
        [label("费用归属"), value("☐ 保修期内　　☐ 保修期外　　☐ 返修")],
        [label("收费标准"), value("☐ 已出示并说明　　客户意见：☐ 同意　　☐ 不同意，原因：")],
        [Cell("{%tr endif %}", 2)],
        [label("使用材料"), value("", height=22)],
        [Cell(f"{{%tr if {household} %}}", 2)],
        [label("自备材料"), value("检验：☐ 合格　☐ 不合格　☐ 质量不佳　　客户决定：☐ 使用　☐ 更换")],
        [Cell("{%tr endif %}", 2)],
        [label("完工时间"), value(f"　　　　时　　　　分　　　　{{% if {household} %}}☐ 客户试用合格{{% endif %}}{{% if not forms.intake.kind_is.unit %}}　☐ 试运行正常{{% endif %}}")],
    ], height=11)
    return paper.text("{% if document.blank or forms.intake.kind_is.unit %}上门着工装、穿鞋套；先出示收费标准，客户同意后再开工。{% else %}着工装作业，设置警示标识，完工后清理现场。{% endif %}", "Note")


def price_list() -> Paper:
    paper = Paper().title()
    paper.rows((14, 34, 66, 20, 36), ("序号", "类别", "服务项目", "单位", "单价（元）"), "item in price_lists.services.items",
               [Cell("{{ loop.index }}", align=CENTRE), Cell("{{ item.group }}", align=CENTRE), "{{ item.title }}{% if item.sample %} *{% endif %}",
                Cell("{{ item.unit }}", align=CENTRE), Cell("{{ item.price }}", align=RIGHT)], end="", height=6.4)
    paper.text("{{ texts.price_notice }}", "Note")
    paper.tag("{%p for item in price_lists.services.items if item.sample %}").tag("{%p if loop.first %}")
    paper.text("标有星号（*）的为示例价格，以本项目公布的标准为准。", "Note").tag("{%p endif %}").tag("{%p endfor %}")
    paper.tag("{%p if fees %}")
    paper.text(f"本次维修预计　{UNIT}", "Section", keep=True)
    paper.rows((50, 84, 36), ("收费项目", "计算", "金额（元）"), "fee in fees",
               ["{{ fee.title }}", LINES, Cell("{{ fee.amount }}", align=RIGHT)], end="",
               total=[Cell("合计（不含材料）", label=True, style="Cell Head"), Cell("人民币（大写）{{ fees_total.capitals }}"), Cell("{{ fees_total.amount }}", align=RIGHT, bold=True)])
    paper.tag("{%p endif %}")
    return paper


def _copies(paper: Paper) -> Paper:
    """One page for each copy, named at the right edge and told where it goes."""
    paper.tag("{%p for copy in document.copies %}")
    paper.tag("{%p if not loop.first %}").page_break().tag("{%p endif %}")
    paper.title()
    return paper.text("**{{ copy.title }}**{% if copy.to %}　{{ copy.to }}{% endif %}", "Lead", align=RIGHT)


def _looked_at(*, done: bool = True) -> list[list[Cell]]:
    """Who came when, what was found, and who bears it."""
    arrival, judged = "forms.arrival", "forms.judgement"
    times = f"到场 {{{{ {arrival}.arrived_at }}}}" + ("\n开工 {{ forms.work.started }}　　完工 {{ forms.work.finished }}" if done else "")
    return [
        [label("预约时间"), value(COMING, 3), label("维修人员"), value(PEOPLE)],
        [label("维修时间"), value(times, 5, height=12 if done else 0)],
        [label("项目核对"), value(f"{{{{ {arrival}.matches_is.yes|tick }}}} 与报修一致　　{{{{ {arrival}.matches_is.no|tick }}}} 不一致{{% if {arrival}.finding %}}：{{{{ {arrival}.finding }}}}{{% endif %}}", 5)],
        [label("费用归属"), value(f"{{{{ {judged}.coverage }}}}", 3), label("原因"), value(f"{{{{ {judged}.cause }}}}")],
        [label("维修方案"), value(f"{{{{ {judged}.plan }}}}", 5)],
    ]


def _done(*, public: bool = False) -> list[list[Cell]]:
    """What was done with which material, and whether it holds."""
    form = "forms.work"
    own = (f"{{% for one in {form}.own_materials %}}{{{{ one.material }}}}（{{{{ one.result }}}}，客户决定{{{{ one.decision }}}}）"
           "{% if not loop.last %}、{% endif %}{% else %}无{% endfor %}")
    used = (f"{{% for one in {form}.materials %}}{{{{ one.material }}}} × {_amount('one.count')}{{% if not loop.last %}}；{{% endif %}}"
            "{% else %}无{% endfor %}")
    last = ([label("维修费用"), value(f"{{{{ {form}.public_cost }}}} 元", 5)] if public
            else [label("自备材料"), value(by_hand("＿＿＿＿＿＿＿＿　☐ 合格 ☐ 不合格 ☐ 质量不佳　客户决定：☐ 使用 ☐ 更换", own), 3), label("客户试用"), value(f"{{{{ {form}.tried_is.yes|tick }}}} 合格")])
    return [
        [label("维修内容"), value(f"{{{{ {form}.content }}}}", 5, height=10)],
        [label("使用材料"), value(by_hand("＿＿＿＿＿＿", used), 5)],
        last,
        [label("备注"), value(f"{{{{ {form}.remarks{NOTHING} }}}}", 5)],
    ]


def _three(paper: Paper) -> Paper:
    """Customer, technician and supervisor side by side, each with the whole width for name and ink."""
    signers = (("客户签名", "customer"), ("维修人员", "engineering"), ("工程主管", "engineering_head"))
    return paper.text("", "Gap", keep=True).grid(THIRDS, [
        [label(caption) for caption, _ in signers],
        [value(ink(who), align=CENTRE, height=17) for _, who in signers],
        [value(signed_on(who), align=CENTRE) for _, who in signers],
    ], height=7, keep=True)


def work_order() -> Paper:
    """Three sheets of one number: finance, engineering, customer (C24)."""
    paper = _copies(Paper())
    paper.grid(SIX, [*_reported(10), *_looked_at(), *_done()], height=7.5)
    paper.tag("{%p if document.blank or forms.judgement.coverage_is.paid %}")
    paper.rows((28, 106, 36), ("收费项目", "计算", "金额（元）"), "fee in fees",
               ["{{ fee.title }}", LINES, Cell("{{ fee.amount }}", align=RIGHT)], end="",
               total=[Cell("合计", label=True, style="Cell Head"), Cell("人民币（大写）{{ fees_total.capitals }}"), Cell("{{ fees_total.amount }}", align=RIGHT, bold=True)])
    paper.tag("{%p endif %}")
    _three(paper)
    paper.sealed("{% if document.blank or forms.judgement.coverage_is.paid %}{{ texts.payment_notice }}{% else %}{{ texts.warranty_notice }}{% endif %}",
                 "{% if forms.work.own_materials %}{{ texts.own_material_notice }}{% endif %}", height=38)
    return paper.tag("{%p endfor %}")


def public_work_order() -> Paper:
    paper = _copies(Paper())
    paper.grid(SIX, [*_reported(), *_looked_at(), *_done(public=True)], height=9)
    paper.text("第一联经工程主管签字后返还客服，作为月底统计公共维修费用的依据。", "Note")
    paper.signatures([("维修人员", "engineering"), ("工程主管", "engineering_head")])
    return paper.tag("{%p endfor %}")


def rework_order() -> Paper:
    paper = _copies(Paper())
    said = [label("回访意见"), value(f"{{{{ forms.visit.opinion{NOTHING} }}}}", 5, height=12)]
    paper.grid(SIX, [*_reported(), said, *_looked_at(), *_done()], height=9)
    paper.text("返修不另收费；返修中发现的其他收费项目另行报修。", "Note")
    _three(paper)
    return paper.tag("{%p endfor %}")


def returned_order() -> Paper:
    paper = _copies(Paper())
    paper.grid(SIX, [
        *_reported(), *_looked_at(done=False),
        [label("收费标准"), value("{{ forms.consent.shown_is.yes|tick }} 已出示　　{{ forms.consent.explained_is.yes|tick }} 已说明收费理由和预计金额", 5)],
        [label("预计费用"), value("人民币（大写）{{ fees_total.capitals }}　　¥{{ fees_total.amount }}", 5)],
        [label("客户意见"), value("☐ 同意维修　　☑ 不同意维修", 5)],
        [label("原因"), value("{{ forms.consent.reason }}", 5, height=20)],
    ], height=9)
    paper.text("{{ texts.refusal_notice }}", "Note")
    paper.signatures([("维修人员", "engineering"), ("工程主管", "engineering_head")])
    return paper.tag("{%p endfor %}")


def completion_record() -> Paper:
    paper = Paper().title().grid(SIX, [
        *_reported(),
        [label("维修人员"), value(PEOPLE), label("完工时间"), value("{{ forms.work.finished }}", 3)],
        [label("维修内容"), value("{{ forms.work.content }}", 5, height=16)],
        [label("费用归属"), value("{{ forms.judgement.coverage }}", 3), label("原因"), value("{{ forms.judgement.cause }}")],
    ], height=9)
    paper.tag("{%p if document.blank or forms.intake.kind_is.unit %}")
    paper.text("回访情况", "Section", keep=True)
    paper.grid(FOUR, [
        [label("回访时间"), value("{{ forms.visit.visited_at }}"), label("回访方式"), value("{{ forms.visit.way }}")],
        [label("维修质量"), value("{{ forms.visit.quality }}"), label("服务态度"), value("{{ forms.visit.attitude }}")],
        [label("客户意见"), value(f"{{{{ forms.visit.opinion{NOTHING} }}}}", 3, height=14)],
    ], height=9)
    paper.tag("{%p endif %}")
    paper.text("归档情况", "Section", keep=True)
    paper.grid(FOUR, [
        [label("归档资料"), value("{{ forms.archive.filed }}", 3, height=12)],
        [label("册号"), value(f"{{{{ forms.archive.volume{NOTHING} }}}}"), label("备注"), value(f"{{{{ forms.archive.remarks{NOTHING} }}}}")],
    ], height=9)
    return paper.signatures([("维修人员", "engineering"), ("客服归档", "service")])


PAPERS: Mapping[str, tuple[str, Callable[[], Paper]]] = {
    "intake_record": ("客户报修登记表", intake_record),
    "job_slip": ("维修派工单", job_slip),
    "price_list": ("维修项目收费标准", price_list),
    "returned_order": ("工程维修单（退单）", returned_order),
    "work_order": ("工程维修单", work_order),
    "public_work_order": ("公共设施维修单", public_work_order),
    "rework_order": ("工程返修单", rework_order),
    "completion_record": ("维修完毕登记表", completion_record),
    **vouchers("customer"),
}
