"""After the works: completion request and record, the deposit back."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from collections.abc import Callable, Mapping

from document_templates.fit_out.parts import FOUR, long_rows, two, where, wide
from document_templates.house import CENTRE, LEFT, RIGHT, Cell, Paper, by_hand, label, value


def completion_request() -> Paper:
    form = "forms.completion_request"
    paper = where(Paper().title(), [
        two("施工证有效期", "至 {{ steps.permit.valid_to }}", "完工日期", f"{{{{ {form}.finished_on }}}}"),
        two("约定验收时间", f"{{{{ {form}.wished_at }}}}", "现场联系人", f"{{{{ {form}.contact }}}}"),
        wide("隐蔽工程", f"{{{{ {form}.hidden_accepted_is.yes|tick }}}} 均在覆盖前验收　　{{{{ {form}.hidden_accepted_is.no|tick }}}} 有未验收的"),
        wide("装修内容", "{{ forms.application.scope }}", height=22),
        wide("与申报不一\n致之处", f"{{{{ {form}.deviations|default('无', true) }}}}", height=22),
    ])
    paper.text("装修工程已经完工，现场已清理，公共部位已恢复。业主与装修负责人共同申请竣工验收。")
    return paper.signatures([("业主签名", "owner"), ("装修负责人", "responsible")])


def completion_record() -> Paper:
    form = "forms.completion"
    paper = where(Paper().title(), [
        two("首次验收", f"{{{{ {form}.inspected_on }}}}", "查验轮次", "共 {{ checklist.rounds }} 轮"),
        two("工程验收人", f"{{{{ {form}.engineer }}}}", "秩序验收人", f"{{{{ {form}.guard }}}}"),
        two("隐蔽工程", "验收 {{ children.hidden_works|length }} 次", "违章处理", "{{ children.violation|length }} 起"),
    ])
    side = (18, 52, 15)
    heads = ("部位", "验收项目", "结果")
    other = "{% if not loop.last %}{{ loop.nextitem.NAME }}{% else %}—{% endif %}"
    paper.pairs((*side, *side), (*heads, *heads), "item in checklist.items",
                [Cell("{{ item.group }}", align=CENTRE), "{{ item.title }}", Cell("{{ item.result }}", align=CENTRE),
                 Cell(other.replace("NAME", "group"), align=CENTRE), other.replace("NAME", "title"),
                 Cell(other.replace("NAME", "result"), align=CENTRE)], height=6)
    paper.tag("{%p if checklist.reworked %}")
    paper.text("曾不合格、经整改复验的项目", "Section", keep=True)
    paper.rows((12, 26, 46, 56, 30), ("序号", "部位", "项目", "原问题", "复验结果"), "item in checklist.reworked",
               [Cell("{{ loop.index }}", align=CENTRE), Cell("{{ item.group }}", align=CENTRE), "{{ item.title }}", "{{ item.defect }}", Cell("{{ item.result }}", align=CENTRE)], height=6.2)
    paper.tag("{%p endif %}")
    long_rows(paper, [
        ("整改期限", f"{{{{ {form}.finish_by|default('无须整改', true) }}}}", 7),
        ("赔偿", f"{{% if {form}.damages_for %}}{{{{ {form}.damages }}}} 元，{{{{ {form}.damages_for }}}}{{% else %}}无{{% endif %}}", 7),
        ("验收意见", f"{{{{ {form}.opinion }}}}", 13),
        ("验收结论", by_hand("☐ 全部项目合格，准予竣工　　☐ 尚有 {{ checklist.open_count }} 项不合格，整改后复验", "{% if checklist.open %}**尚有 {{ checklist.open_count }} 项不合格，整改后复验**{% else %}**全部项目合格，准予竣工**{% endif %}"), 9),
    ])
    paper.signatures([("业主签名", "owner"), ("验收人员", "engineering")])
    return paper.sealed("验收合格，使用一个月后由物业复验，无明显质量问题的退还装修保证金。", "本表一式两份，业主与物业各存一份。", height=44)


def refund_approval() -> Paper:
    form = "forms.refund"
    paper = where(Paper().title(), [
        two("验收合格", "{{ steps.accept.done }}", "使用后复验", "{{ steps.recheck.done }}"),
        two("退给", f"{{{{ {form}.payee }}}}：{{{{ {form}.payee_name }}}}", "原收据", f"{{{{ {form}.receipt_returned_is.yes|tick }}}} 已收回　{{{{ {form}.receipt_returned_is.no|tick }}}} 未收回"),
        wide("收款账户", f"{{{{ {form}.account|default('—', true) }}}}"),
        wide("备注", f"{{{{ {form}.remarks|default('无', true) }}}}"),
    ], height=7.5)
    paper.text("{{ texts.refund_words }}", "Lead")
    paper.rows((16, 66, 48, 40), ("序号", "扣除项目", "依据的办件", "金额（元）"), "line in settlement.lines",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ line.title }}", Cell("{{ line.origin }}", align=CENTRE), Cell("{{ line.amount }}", align=RIGHT)], height=7,
               total=[Cell("扣除合计", 3, label=True, style="Cell Head"), Cell("{{ settlement.deducted }}", align=RIGHT)])
    paper.grid(FOUR, [
        [label("已交保证金"), value("{{ settlement.held }} 元", align=RIGHT), label("应退金额"), value("{{ settlement.refund }} 元", align=RIGHT, bold=True)],
        wide("应退大写", "人民币（大写）{{ settlement.capitals }}"),
    ])
    paper.rows((28, 30, 40, 72), ("岗位", "审批人", "日期", "意见"), "one in steps.review_refund.approvals",
               [Cell("{{ one.role }}", align=CENTRE), Cell("{{ one.name }}", align=CENTRE), Cell("{{ one.date }}", align=CENTRE), Cell("{{ one.note|default('同意', true) }}", align=LEFT)], end="")
    paper.text("业主、装修负责人和项目经理三方签字后付款，付款时另出退款凭证。", "Note", keep=True)
    paper.signatures([("业主", "owner"), ("装修负责人", "responsible")])
    return paper.signatures([("项目经理", "manager")], height=14)


COMPLETING: Mapping[str, tuple[str, Callable[[], Paper]]] = {
    "completion_request": ("装修竣工验收申请表", completion_request),
    "completion_record": ("室内装修工程竣工验收表", completion_record),
    "refund_approval": ("退还装修保证金审批单", refund_approval),
}
