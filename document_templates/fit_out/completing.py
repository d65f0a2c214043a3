"""After the works: completion request and record, the deposit back."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from collections.abc import Callable, Mapping

from document_templates.fit_out.parts import FOUR, long_rows, where
from document_templates.house import CENTRE, LEFT, RIGHT, Cell, Paper, label, value


def completion_request() -> Paper:
    form = "forms.completion_request"
    paper = where(Paper().title())
    paper.grid(FOUR, [
        [label("施工证"), value("有效期至 {{ steps.permit.valid_to }}"), label("完工日期"), value(f"{{{{ {form}.finished_on }}}}")],
        [label("约定验收"), value(f"{{{{ {form}.wished_at }}}}"), label("现场联系人"), value(f"{{{{ {form}.contact }}}}")],
        [label("隐蔽工程"), value(f"{{{{ {form}.hidden_accepted_is.yes|tick }}}} 均在覆盖前验收　　{{{{ {form}.hidden_accepted_is.no|tick }}}} 有未验收的", 3)],
    ])
    long_rows(paper, [("装修内容", "{{ forms.application.scope }}", 22), ("与申报不一\n致之处", f"{{{{ {form}.deviations|default('无', true) }}}}", 22)])
    paper.text("装修工程已经完工，现场已清理，公共部位已恢复。业主与装修负责人共同申请竣工验收。")
    return paper.signatures([("业主签名", "owner"), ("装修负责人", "responsible")])


def completion_record() -> Paper:
    form = "forms.completion"
    paper = where(Paper().title())
    paper.grid(FOUR, [
        [label("验收日期"), value(f"{{{{ {form}.inspected_on }}}}"), label("查验轮次"), value("{{ checklist.rounds }}")],
        [label("工程验收人"), value(f"{{{{ {form}.engineer }}}}"), label("秩序验收人"), value(f"{{{{ {form}.guard }}}}")],
        [label("隐蔽工程"), value("验收 {{ children.hidden_works|length }} 次"), label("违章处理"), value("{{ children.violation|length }} 起")],
    ])
    side = (18, 52, 15)
    heads = ("部位", "验收项目", "结果")
    paper.pairs((*side, *side), (*heads, *heads), "item in checklist.items",
                [Cell("{{ item.group }}", align=CENTRE), "{{ item.title }}", Cell("{{ item.result }}", align=CENTRE),
                 Cell("{% if not loop.last %}{{ loop.nextitem.group }}{% endif %}", align=CENTRE), "{% if not loop.last %}{{ loop.nextitem.title }}{% endif %}",
                 Cell("{% if not loop.last %}{{ loop.nextitem.result }}{% endif %}", align=CENTRE)], height=6)
    paper.text("曾不合格、经整改复验的项目", "Section", keep=True)
    paper.rows((12, 26, 46, 56, 30), ("序号", "部位", "项目", "原问题", "复验结果"), "item in checklist.reworked",
               [Cell("{{ loop.index }}", align=CENTRE), Cell("{{ item.group }}", align=CENTRE), "{{ item.title }}", "{{ item.defect }}", Cell("{{ item.result }}", align=CENTRE)], height=6.2)
    long_rows(paper, [
        ("整改期限", f"{{{{ {form}.finish_by|default('无须整改', true) }}}}", 7),
        ("赔偿", f"{{{{ {form}.damages }}}} 元　{{{{ {form}.damages_for }}}}", 7),
        ("验收意见", f"{{{{ {form}.opinion }}}}", 14),
    ])
    paper.signatures([("业主签名", "owner"), ("验收人员", "engineering")])
    return paper.sealed("验收合格，使用一个月后由物业复验，无明显质量问题的退还装修保证金。本表一式两份。", height=46)


def refund_approval() -> Paper:
    form = "forms.refund"
    paper = where(Paper().title())
    paper.grid(FOUR, [
        [label("验收合格"), value("{{ steps.accept.done }}"), label("使用后复验"), value("{{ steps.recheck.done }}")],
        [label("退给"), value(f"{{{{ {form}.payee }}}}　{{{{ {form}.payee_name }}}}"), label("原收据"), value(f"{{{{ {form}.receipt_returned_is.yes|tick }}}} 已收回　{{{{ {form}.receipt_returned_is.no|tick }}}} 未收回")],
        [label("收款账户"), value(f"{{{{ {form}.account }}}}", 3)],
    ])
    paper.text("　　{{ texts.refund_words }}", "Large")
    paper.rows((16, 66, 48, 40), ("序号", "扣除项目", "依据", "金额（元）"), "line in settlement.lines",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ line.title }}", Cell("{{ line.origin }}", align=CENTRE), Cell("{{ line.amount }}", align=RIGHT)], height=7.5,
               total=[Cell("扣除合计", 3, label=True, style="Cell Head"), Cell("{{ settlement.deducted }}", align=RIGHT)])
    paper.grid((28, 57, 28, 57), [
        [label("已交保证金"), value("{{ settlement.held }} 元", align=RIGHT), label("应退金额"), value("{{ settlement.refund }} 元", align=RIGHT, bold=True)],
        [label("大写"), value("人民币 {{ settlement.capitals }}", 3)],
    ])
    paper.rows((36, 36, 42, 56), ("岗位", "审批人", "日期", "意见"), "one in steps.review_refund.approvals",
               [Cell("{{ one.role }}", align=CENTRE), Cell("{{ one.name }}", align=CENTRE), Cell("{{ one.date }}", align=CENTRE), Cell("{{ one.note }}", align=LEFT)], end="")
    paper.text(f"备注：{{{{ {form}.remarks|default('无', true) }}}}　三方签字后付款，付款时另出退款凭证。", "Note", keep=True)
    paper.signatures([("业主", "owner"), ("装修负责人", "responsible")])
    return paper.signatures([("项目经理", "manager")])


COMPLETING: Mapping[str, tuple[str, Callable[[], Paper]]] = {
    "completion_request": ("装修竣工验收申请表", completion_request),
    "completion_record": ("室内装修工程竣工验收表", completion_record),
    "refund_approval": ("退还装修保证金审批单", refund_approval),
}
