"""The papers that count money: what is due, what was taken, what was given back, and the day's cash sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from document_templates.house import CENTRE, LEFT, RIGHT, Cell, Paper, label, value
from document_templates.vouchers import vouchers


def fee_notice() -> Paper:
    paper = Paper().title()
    paper.grid((24, 61, 24, 61), [
        [label("业主"), value("{{ parties.owner.name }}"), label("房号"), value("{{ unit.code }}")],
        [label("建筑面积"), value("{{ unit.area }} 平方米"), label("房屋类型"), value("{{ unit.building_type }}")],
        [label("费用起计"), value("{{ forms.intake.fee_from }}"), label("办件编号"), value("{{ case.number }}")],
    ])
    paper.rows((12, 44, 54, 22, 12, 26), ("序号", "收费项目", "计算依据", "单价", "可退", "金额（元）"), "fee in fees",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ fee.title }}{% if fee.sample %}\n（{{ fee.sample }}）{% endif %}",
                "{{ fee.rule }}{% if fee.period %}，{{ fee.period }}{% endif %}", Cell("{{ fee.unit_price|money }}", align=RIGHT),
                Cell("{{ fee.refundable|default('不退', true) }}", align=CENTRE), Cell("{{ fee.amount }}", align=RIGHT)], height=9,
               total=[Cell("合计", 2, label=True, style="Cell Head"), Cell("人民币（大写）{{ fees_total.capitals }}", 3, align=LEFT),
                      Cell("{{ fees_total.amount }}", align=RIGHT, bold=True)])
    paper.sealed("一、请凭本表到财务处交费，每笔款项均开具收据，请核对后妥善保存。",
                 "二、装修保证金在装修验收合格并复查无影响后，扣除应当赔付的款项，余额无息退还。",
                 "三、对收费项目和标准有疑问，请当场向工作人员了解，咨询电话 {{ estate.phone }}。")
    return paper.signatures([("签收人\n（业主）", "owner")])


def cash_sheet() -> Paper:
    """The day's cash sheet: not a paper of a case; its values stand under `cash`."""
    paper = Paper(numbered=False).title("收款日报表")
    paper.grid((28, 57, 28, 57), [
        [label("日期"), value("{{ cash.day }}"), label("收款人"), value("{{ cash.cashier }}")],
        [label("收据号码"), value("{{ cash.first_number }} 至 {{ cash.last_number }}"), label("作废张数"), value("{{ cash.cancelled }}")],
    ])
    paper.text("一、按收款方式", "Section", keep=True)
    paper.rows((50, 40, 40, 40), ("方式", "收款（元）", "退款（元）", "净额（元）"), "way in cash.methods",
               ["{{ way.title }}", *(Cell(f"{{{{ way.{name} }}}}", align=RIGHT) for name in ("taken", "refunded", "net"))], end="",
               total=[Cell("合计", label=True, style="Cell Head"),
                      *(Cell(f"{{{{ cash.{name} }}}}", align=RIGHT, bold=True) for name in ("taken", "refunded", "net"))])
    paper.text("二、收据明细", "Section", keep=True)
    paper.rows((12, 36, 26, 40, 30, 26), ("序号", "号码", "类别", "交（收）款人", "金额（元）", "状态"), "row in cash.receipts",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ row.number }}", Cell("{{ row.kind }}", align=CENTRE), "{{ row.payer }}",
                Cell("{{ row.amount }}", align=RIGHT), Cell("{{ row.state }}", align=CENTRE)], height=6.5)
    paper.grid((28, 142), [
        [label("净额大写"), value("人民币{{ cash.capitals }}")],
        [label("现金盘点"), value("应有 {{ cash.cash }} 元　　实点 {{ cash.counted }} 元　　差额 {{ cash.difference }} 元")],
        [label("说明"), value("{{ cash.note }}", height=12)],
    ])
    return paper.grid((24, 61, 24, 61), [
        [label("收款人"), value("", height=15), label("复核人"), value("", height=15)],
    ], keep=True)


MONEY_PAPERS: Mapping[str, tuple[str, Callable[[], Paper]]] = {
    "fee_notice": ("入伙收费一览表", fee_notice),
    **vouchers(),
    "cash_sheet": ("收款日报表", cash_sheet),
}
