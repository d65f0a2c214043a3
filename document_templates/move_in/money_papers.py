"""The papers that count money: what is due, what was taken, what was given back, and the day's cash sheet."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from collections.abc import Callable, Mapping

from document_templates.house import CENTRE, LEFT, RIGHT, Cell, Paper, label, value


def fee_notice() -> Paper:
    paper = Paper().title()
    paper.grid((24, 61, 24, 61), [
        [label("业主"), value("{{ parties.owner.name }}"), label("房号"), value("{{ unit.code }}")],
        [label("建筑面积"), value("{{ unit.area }} 平方米"), label("房屋类型"), value("{{ unit.building_type }}")],
        [label("费用起计"), value("{{ forms.intake.fee_from }}"), label("办件编号"), value("{{ case.number }}")],
    ])
    paper.rows((12, 46, 58, 18, 12, 24), ("序号", "收费项目", "计算依据", "单价", "可退", "金额（元）"), "fee in fees",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ fee.title }}{% if fee.sample %}（{{ fee.sample }}）{% endif %}",
                "{{ fee.rule }}{% if fee.period %}，{{ fee.period }}{% endif %}", Cell("{{ fee.unit_price|money }}", align=RIGHT),
                Cell("{{ fee.refundable }}", align=CENTRE), Cell("{{ fee.amount }}", align=RIGHT)], height=9,
               total=[Cell("合计", 2, label=True, style="Cell Head"), Cell("人民币（大写）{{ fees_total.capitals }}", 3, align=LEFT),
                      Cell("{{ fees_total.amount }}", align=RIGHT, bold=True)])
    paper.sealed("一、请凭本表到财务处交费，每笔款项均开具收据，请核对后妥善保存。",
                 "二、装修保证金在装修验收合格并复查无影响后，扣除应当赔付的款项，余额无息退还。",
                 "三、对收费项目和标准有疑问，请当场向工作人员了解，咨询电话 {{ estate.phone }}。")
    return paper.signatures([("签收人\n（业主）", "owner")])


def receipt() -> Paper:
    """Three slips on one sheet, to be cut; the customer's comes last, where the seal goes."""
    paper = Paper()
    paper.tag("{%p for copy in document.copies %}")
    paper.text("{{ estate.title }}　{{ document.title }}", "Slip Title", keep=True)
    paper.text("No. **{{ receipt.number }}**", "Small", align=RIGHT, keep=True)
    paper.grid((22, 60, 22, 58), [
        [label("交款人"), value("{{ receipt.payer }}"), label("房号"), value("{{ unit.code }}　{{ parties.owner.name }}")],
        [label("收款项目"), value("{% for line in receipt.lines %}{{ line.title }} {{ line.amount }} 元{% if not loop.last %}；{% endif %}{% endfor %}", 3,
                              height=11)],
        [label("收款方式"), value("{% for way in receipt.methods %}{{ way.title }} {{ way.amount }} 元{% if not loop.last %}；{% endif %}{% endfor %}", 3)],
        [label("合计"), value("人民币（大写）{{ receipt.capitals }}　　¥{{ receipt.total }}", 3, bold=True)],
    ], height=7, keep=True, edge="{{ copy.title }}")
    paper.sealed("收款人：{{ receipt.cashier }}{% if copy.to %}　　{{ copy.to }}{% endif %}", "本收据加盖收款单位印章有效，遗失不补。",
                 on="{{ receipt.date }}", height=21, room=62)
    paper.tag("{%p if not loop.last %}").text("✂ ┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈", "Cut").tag("{%p endif %}")
    return paper.tag("{%p endfor %}")


def refund_voucher() -> Paper:
    paper = Paper().title()
    paper.grid((28, 57, 28, 57), [
        [label("收款人"), value("{{ receipt.payer }}"), label("凭证编号"), value("{{ receipt.number }}")],
        [label("房号"), value("{{ unit.code }}"), label("退款日期"), value("{{ receipt.date }}")],
    ])
    paper.rows((16, 114, 40), ("序号", "退款项目", "金额（元）"), "line in receipt.lines",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ line.title }}", Cell("{{ line.amount }}", align=RIGHT)], height=9,
               total=[Cell("合计", label=True, style="Cell Head"), Cell("人民币（大写）{{ receipt.capitals }}", align=LEFT),
                      Cell("{{ receipt.total }}", align=RIGHT, bold=True)])
    paper.grid((28, 142), [
        [label("退款方式"), value("{% for way in receipt.methods %}{{ way.title }} {{ way.amount }} 元{% if not loop.last %}；{% endif %}{% endfor %}")],
        [label("退款原因"), value("{{ receipt.reason }}", height=14)],
        [label("经办人"), value("{{ receipt.cashier }}")],
    ])
    paper.sealed("一、退款须由交款人本人或者持委托书的受托人领取。", "二、退款后原收据的相应款项不再有效。", by="付款单位：", on="{{ receipt.date }}")
    return paper.grid((24, 61, 24, 61), [
        [label("收款人\n签　名"), value("", height=17), label("审批人"), value("", height=17)],
        [label("日期"), value("　　　　年　　月　　日", align=CENTRE), label("日期"), value("　　　　年　　月　　日", align=CENTRE)],
    ], keep=True)


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
        [label("净额大写"), value("人民币 {{ cash.capitals }}")],
        [label("现金盘点"), value("应有 {{ cash.cash }} 元　　实点 {{ cash.counted }} 元　　差额 {{ cash.difference }} 元")],
        [label("说明"), value("{{ cash.note }}", height=12)],
    ])
    return paper.grid((24, 61, 24, 61), [
        [label("收款人"), value("", height=15), label("复核人"), value("", height=15)],
    ], keep=True)


MONEY_PAPERS: Mapping[str, tuple[str, Callable[[], Paper]]] = {
    "fee_notice": ("入伙收费一览表", fee_notice),
    "receipt": ("收款收据", receipt),
    "refund_voucher": ("退款凭证", refund_voucher),
    "cash_sheet": ("收款日报表", cash_sheet),
}
