"""What a payment and a refund print, in every procedure that takes money: the receipt and the refund voucher."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from document_templates.house import BLANK_DATE, CENTRE, LEFT, RIGHT, Cell, Paper, label, value

FOUR = (28, 57, 28, 57)
METHODS = "{% for way in receipt.methods %}{{ way.title }} {{ way.amount }} 元{% if not loop.last %}；{% endif %}{% endfor %}"


def receipt(customer: str = "owner") -> Paper:
    """Three slips on one sheet, to be cut, each sealed; `customer`: the party whose name stands beside the unit."""
    paper = Paper()
    paper.tag("{%p for copy in document.copies %}")
    paper.text("{{ estate.title }}　{{ document.title }}", "Slip Title", keep=True)
    paper.text("No. **{{ receipt.number }}**", "Small", align=RIGHT, keep=True)
    paper.grid((22, 60, 22, 58), [
        [label("交款人"), value("{{ receipt.payer }}"), label("房号"), value(f"{{{{ unit.code }}}}　{{{{ parties.{customer}.name }}}}")],
        [label("收款项目"), value("{% for line in receipt.lines %}{{ line.title }} {{ line.amount }} 元{% if not loop.last %}；{% endif %}{% endfor %}", 3,
                              height=11)],
        [label("收款方式"), value(METHODS, 3)],
        [label("合计"), value("人民币（大写）{{ receipt.capitals }}　　¥{{ receipt.total }}", 3, bold=True)],
    ], height=6.3, keep=True, edge="{{ copy.title }}")
    paper.sealed("收款人：{{ receipt.cashier }}{% if copy.to %}　　{{ copy.to }}{% endif %}", "本收据加盖收款单位印章有效，遗失不补。",
                 on="{{ receipt.date }}", height=24, room=62)
    paper.tag("{%p if not loop.last %}").text("✂ ┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈", "Cut").tag("{%p endif %}")
    return paper.tag("{%p endfor %}")


def refund_voucher() -> Paper:
    """One sheet for each copy; whoever is paid signs it on paper."""
    paper = Paper()
    paper.tag("{%p for copy in document.copies %}")
    paper.tag("{%p if not loop.first %}").page_break().tag("{%p endif %}")
    paper.title()
    paper.text("**{{ copy.title }}**{% if copy.to %}　{{ copy.to }}{% endif %}", "Lead", align=RIGHT)
    paper.grid(FOUR, [
        [label("收款人"), value("{{ receipt.payer }}"), label("凭证编号"), value("{{ receipt.number }}")],
        [label("房号"), value("{{ unit.code }}"), label("退款日期"), value("{{ receipt.date }}")],
    ], height=9)
    paper.rows((16, 114, 40), ("序号", "退款项目", "金额（元）"), "line in receipt.lines",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ line.title }}", Cell("{{ line.amount }}", align=RIGHT)], height=9,
               total=[Cell("合计", label=True, style="Cell Head"), Cell("人民币（大写）{{ receipt.capitals }}", align=LEFT),
                      Cell("{{ receipt.total }}", align=RIGHT, bold=True)])
    paper.grid(FOUR, [
        [label("退款方式"), value(METHODS, 3)],
        [label("退款原因"), value("{{ receipt.reason }}", 3, height=14)],
        [label("经办人"), value("{{ receipt.cashier }}", 3)],
    ], height=9)
    paper.grid(FOUR, [
        [label("收款人签名"), value("", height=17), label("审批人签名"), value("", height=17)],
        [label("日期"), value(BLANK_DATE, align=CENTRE), label("日期"), value(BLANK_DATE, align=CENTRE)],
    ], keep=True)
    paper.sealed("一、退款须由交款人本人或者持委托书的受托人领取。", "二、退款后原收据的相应款项不再有效。", by="付款单位：", on="{{ receipt.date }}",
                 height=42)
    return paper.tag("{%p endfor %}")


def vouchers(customer: str = "owner") -> Mapping[str, tuple[str, Callable[[], Paper]]]:
    """Both papers by file name, for the papers of a procedure."""
    return {"receipt": ("收款收据", partial(receipt, customer)), "refund_voucher": ("退款凭证", refund_voucher)}
