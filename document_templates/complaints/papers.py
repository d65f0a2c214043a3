"""The papers of 投诉受理, one function each; the words are ours, the look is the house's."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from document_templates.house import BLANK_DATE, CENTRE, RIGHT, Cell, Paper, label, value

FOUR = (28, 57, 28, 57)
HEADS = ("service_head", "engineering_head", "security_head", "manager")
"""Who may sign a result; the one whose department was in charge does."""
NOTHING = "|default('／', true)"
Row = Sequence[Cell]


def _wide(title: str, text: str, height: float = 0.0) -> Row:
    """One label, one value over the rest of the row."""
    return [label(title), value(text, 3, height=height)]


def _two(one: str, first: str, other: str, second: str) -> Row:
    """Two labels, each with its value."""
    return [label(one), value(first), label(other), value(second)]


def _about(paper: Paper, rows: Sequence[Row] = ()) -> Paper:
    """Who complained, from where, about what; below it, in the same table, what the paper is for."""
    form = "forms.complaint"
    return paper.grid(FOUR, [
        _two("投诉人", f"{{{{ {form}.customer }}}}", "房号或地点", f"{{{{ {form}.location }}}}"),
        _two("联系电话", f"{{{{ {form}.phone }}}}", "投诉编号", "{{ case.number }}"),
        _wide("投诉事项", f"{{{{ {form}.item }}}}"),
        *rows,
    ], height=9)


def complaint_record() -> Paper:
    form = "forms.complaint"
    paper = _about(Paper().title(), [
        _two("受理日期", f"{{{{ {form}.received_on }}}}", "受理方式", f"{{{{ {form}.channel }}}}"),
        _two("投诉类别", f"{{{{ {form}.about }}}}", "事件名称", f"{{{{ {form}.matter }}}}"),
        _two("投诉对象", f"{{{{ {form}.object }}}}", "建议责任部门", f"{{{{ {form}.department }}}}"),
        _wide("投诉内容", f"{{{{ {form}.content }}}}", 50),
        _wide("客户要求", f"{{{{ {form}.request{NOTHING} }}}}", 24),
        _wide("当场解释\n处理情况", f"{{{{ {form}.on_the_spot{NOTHING} }}}}", 24),
        _wide("接待情况", f"{{{{ {form}.apologised_is.yes|tick }}}} 已向客户致歉并说明处理办法"),
        _two("受理人", "{{ staff.name }}", "登记日期", "{{ document.date }}"),
    ])
    return paper.text("受理后由项目主管核实界定，有效投诉转责任部门限期处理，并将结果回复客户。", "Note")


def conduct_statement() -> Paper:
    form = "forms.statement"
    paper = _about(Paper().title(), [
        _two("发生时间", f"{{{{ {form}.happened_at }}}}", "发生地点", f"{{{{ {form}.happened_in }}}}"),
        _wide("被投诉人", f"{{{{ {form}.accused }}}}"),
        _wide("事件经过", f"{{{{ {form}.course }}}}", 70),
        _wide("证明人", f"{{{{ {form}.witness }}}}{{% if {form}.witness_phone %}}　　电话 {{{{ {form}.witness_phone }}}}{{% endif %}}", 10),
        _wide("证物", f"{{{{ {form}.evidence }}}}", 14),
        _wide("声明", "{{ texts.statement_truth }}", 14),
    ])
    return paper.signatures([("投诉人签名", "complainant"), ("记录人", "service")])


def result() -> Paper:
    form, grade = "forms.result", "forms.grading"
    paper = _about(Paper().title(), [
        _two("受理日期", "{{ forms.complaint.received_on }}", "投诉等级", f"{{{{ {grade}.grade }}}}"),
        _two("责任部门", f"{{{{ {grade}.department }}}}", "责任人", f"{{{{ {grade}.responsible }}}}"),
        _two("要求完成", f"{{{{ {grade}.finish_by }}}}", "完成日期", f"{{{{ {form}.finished_on }}}}"),
        _wide("核实情况", "{{ forms.judgement.finding }}", 18),
        _wide("解决措施", f"{{{{ {grade}.measures{NOTHING} }}}}", 16),
        _wide("原因", f"{{{{ {form}.cause }}}}", 16),
        _wide("处理经过", f"{{{{ {form}.work }}}}", 26),
        _wide("处理结果", f"{{{{ {form}.effect }}}}", 18),
        _wide("预防措施", f"{{{{ {form}.prevention{NOTHING} }}}}", 14),
        _wide("处理人", f"{{{{ {form}.handler }}}}"),
    ])
    ink = "".join(f"{{% if signatures.{who}.ink %}}{{{{ signatures.{who}.ink }}}}{{% else %}}{{{{ signatures.{who}.name }}}}{{% endif %}}" for who in HEADS)
    days = "".join(f"{{{{ signatures.{who}.date }}}}" for who in HEADS)
    signed = " or ".join(f"signatures.{who}.date" for who in HEADS)
    return paper.grid(FOUR, [
        [label("部门负责人\n签　　　认"), value(ink, align=CENTRE, height=17), label("日期"),
         value(f"{{% if {signed} %}}{days}{{% else %}}{BLANK_DATE}{{% endif %}}", align=CENTRE)],
    ], keep=True)


def reply_form() -> Paper:
    """The letter to the customer: one sheet for each copy, the customer's first, the file's second."""
    form = "forms.reply"
    paper = Paper()
    paper.tag("{%p for copy in document.copies %}")
    paper.tag("{%p if not loop.first %}").page_break().tag("{%p endif %}")
    paper.title()
    paper.text("**{{ copy.title }}**{% if copy.to %}　{{ copy.to }}{% endif %}", "Lead", align=RIGHT)
    _about(paper)
    paper.text("尊敬的客户{{ forms.complaint.customer }}：", "Large").text("", "Gap")
    paper.text("{{ texts.reply_opening }}").text("", "Gap")
    paper.grid(FOUR, [
        _wide("投诉内容", "{{ forms.complaint.content }}", 14),
        _wide("处理经过", "{{ forms.result.work }}", 14),
        _wide("处理结果", "{{ forms.result.effect }}", 12),
        _wide("回复意见", f"{{{{ {form}.words }}}}", 20),
        _wide("是否解决", f"{{{{ {form}.solved_is.yes|tick }}}} 已解决　　{{{{ {form}.solved_is.no|tick }}}} 暂未解决"
                          f"{{% if {form}.solved_is.no %}}，下次答复日期：{{{{ {form}.next_reply_on }}}}{{% endif %}}"),
        _two("回复方式", f"{{{{ {form}.way }}}}", "回复日期", f"{{{{ {form}.replied_on }}}}"),
    ], height=9)
    paper.text("{{ texts.reply_closing }}", keep=True)
    paper.sealed("回复人：{{ signatures.service.name|default('　　　　　　', true) }}",
                 "客服主管：{% for one in steps.agree.approvals %}{{ one.name }}（{{ one.date }}同意）{% endfor %}",
                 "客户服务中心电话：{{ estate.phone }}", height=40)
    return paper.tag("{%p endfor %}")


def opinion_form() -> Paper:
    form = "forms.visit"
    paper = _about(Paper().title(), [
        _wide("投诉内容", "{{ forms.complaint.content }}", 28),
        _wide("处理经过", "{{ forms.result.work }}", 28),
        _wide("处理结果", "{{ forms.result.effect }}", 20),
        _two("回访日期", f"{{{{ {form}.visited_on }}}}", "回访方式", f"{{{{ {form}.way }}}}"),
        _wide("客户评价", _verdict(form), 10),
        _wide("客户意见", f"{{{{ {form}.opinion{NOTHING} }}}}", 22),
        _wide("其他建议", f"{{{{ {form}.suggestions{NOTHING} }}}}", 18),
    ])
    return paper.signatures([("客户签名", "complainant"), ("回访人", "service")])


def feedback_record() -> Paper:
    form = "forms.visit"
    paper = _about(Paper().title(), [
        _two("回复日期", f"{{{{ forms.reply.replied_on{NOTHING} }}}}", "回复方式", f"{{{{ forms.reply.way{NOTHING} }}}}"),
        _two("回访日期", f"{{{{ {form}.visited_on }}}}", "回访方式", f"{{{{ {form}.way }}}}"),
        _wide("处理结果", "{{ forms.result.effect }}", 26),
        _wide("客户评价", _verdict(form), 10),
        _wide("客户意见", f"{{{{ {form}.opinion{NOTHING} }}}}", 30),
        _wide("其他建议", f"{{{{ {form}.suggestions{NOTHING} }}}}", 24),
        _wide("回访人", f"{{{{ {form}.visitor }}}}"),
    ])
    return paper.signatures([("记录人", "service")])


def _verdict(form: str) -> str:
    return "　".join(f"{{{{ {form}.verdict_is.{name}|tick }}}} {title}" for name, title in
                    (("very_satisfied", "非常满意"), ("satisfied", "满意"), ("fair", "基本满意"), ("dissatisfied", "不满意")))


PAPERS: Mapping[str, tuple[str, Callable[[], Paper]]] = {
    "complaint_record": ("客户投诉记录", complaint_record),
    "conduct_statement": ("违纪情况陈述书", conduct_statement),
    "result": ("投诉处理结果单", result),
    "reply_form": ("客户建议/意见受理回复表", reply_form),
    "opinion_form": ("业主意见受理表", opinion_form),
    "feedback_record": ("投诉处理反馈意见记录", feedback_record),
}
