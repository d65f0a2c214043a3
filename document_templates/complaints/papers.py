"""The papers of 投诉受理, one function each; the words are ours, the look is the house's."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from collections.abc import Callable, Mapping

from document_templates.house import BLANK_DATE, CENTRE, Paper, label, signed_on, value

FOUR = (26, 59, 26, 59)
SIX = (20, 37, 20, 36, 20, 37)
HEADS = ("service_head", "engineering_head", "security_head", "manager")
"""Who may sign a result; the one whose department was in charge does."""


def _who(paper: Paper) -> Paper:
    """Who complained, from where, about what."""
    form = "forms.complaint"
    return paper.grid(FOUR, [
        [label("投诉人"), value(f"{{{{ {form}.customer }}}}"), label("单元号码\n（地点）"), value(f"{{{{ {form}.location }}}}")],
        [label("联系电话"), value(f"{{{{ {form}.phone }}}}"), label("投诉编号"), value("{{ case.number }}")],
        [label("投诉事项"), value(f"{{{{ {form}.item }}}}", 3)],
    ], height=11)


def complaint_record() -> Paper:
    form = "forms.complaint"
    paper = _who(Paper().title())
    paper.grid(FOUR, [
        [label("受理日期"), value(f"{{{{ {form}.received_on }}}}"), label("受理方式"), value(f"{{{{ {form}.channel }}}}")],
        [label("投诉类别"), value(f"{{{{ {form}.about }}}}"), label("事件名称"), value(f"{{{{ {form}.matter }}}}")],
        [label("投诉对象"), value(f"{{{{ {form}.object }}}}"), label("建议\n责任部门"), value(f"{{{{ {form}.department }}}}")],
    ], height=9)
    paper.grid((26, 144), [
        [label("投诉内容"), value(f"{{{{ {form}.content }}}}", height=48)],
        [label("客户要求"), value(f"{{{{ {form}.request|default('／', true) }}}}", height=22)],
        [label("当场解释\n处理情况"), value(f"{{{{ {form}.on_the_spot|default('／', true) }}}}", height=22)],
        [label("接待"), value(f"{{{{ {form}.apologised_is.yes|tick }}}} 已向客户致歉并说明处理办法", height=9)],
        [label("受理人"), value("{{ staff.name }}　　{{ document.date }}", height=9)],
    ])
    return paper.text("说明：受理后由项目主管核实界定，有效投诉转责任部门限期处理，并将结果回复客户。", "Note")


def conduct_statement() -> Paper:
    form = "forms.statement"
    paper = _who(Paper().title())
    paper.grid(FOUR, [
        [label("发生时间"), value(f"{{{{ {form}.happened_at }}}}"), label("发生地点"), value(f"{{{{ {form}.happened_in }}}}")],
        [label("被投诉人"), value(f"{{{{ {form}.accused }}}}", 3)],
    ], height=9)
    paper.grid((26, 144), [
        [label("事件经过"), value(f"{{{{ {form}.course }}}}", height=70)],
        [label("证明人"), value(f"{{{{ {form}.witness }}}}{{% if {form}.witness_phone %}}　　电话 {{{{ {form}.witness_phone }}}}{{% endif %}}", height=10)],
        [label("证物"), value(f"{{{{ {form}.evidence }}}}", height=14)],
        [label("声明"), value("{{ texts.statement_truth }}", height=14)],
    ])
    return paper.signatures([("投诉人\n签　名", "complainant"), ("记录人", "service")])


def result() -> Paper:
    form, grade = "forms.result", "forms.grading"
    paper = _who(Paper().title())
    paper.grid(SIX, [
        [label("受理日期"), value("{{ forms.complaint.received_on }}"), label("投诉等级"), value(f"{{{{ {grade}.grade }}}}"),
         label("要求完成"), value(f"{{{{ {grade}.finish_by }}}}")],
        [label("责任部门"), value(f"{{{{ {grade}.department }}}}"), label("责任人"), value(f"{{{{ {grade}.responsible }}}}"),
         label("完成日期"), value(f"{{{{ {form}.finished_on }}}}")],
    ], height=9)
    paper.grid((26, 144), [
        [label("核实情况"), value("{{ forms.judgement.finding }}", height=20)],
        [label("解决措施"), value(f"{{{{ {grade}.measures|default('／', true) }}}}", height=16)],
        [label("原因"), value(f"{{{{ {form}.cause }}}}", height=18)],
        [label("处理经过"), value(f"{{{{ {form}.work }}}}", height=26)],
        [label("处理结果"), value(f"{{{{ {form}.effect }}}}", height=18)],
        [label("预防措施"), value(f"{{{{ {form}.prevention|default('／', true) }}}}", height=14)],
        [label("处理人"), value(f"{{{{ {form}.handler }}}}", height=8)],
    ])
    ink = "".join(f"{{% if signatures.{who}.ink %}}{{{{ signatures.{who}.ink }}}}{{% else %}}{{{{ signatures.{who}.name }}}}{{% endif %}}" for who in HEADS)
    days = "".join(f"{{{{ signatures.{who}.date }}}}" for who in HEADS)
    signed = " or ".join(f"signatures.{who}.date" for who in HEADS)
    return paper.grid(FOUR, [
        [label("部门负责人\n签　　　认"), value(ink, height=17), label("日期"),
         value(f"{{% if {signed} %}}{days}{{% else %}}{BLANK_DATE}{{% endif %}}", align=CENTRE)],
    ], keep=True)


def reply_form() -> Paper:
    """One sheet for each copy: the customer's first, the file's second."""
    form = "forms.reply"
    paper = Paper()
    paper.tag("{%p for copy in document.copies %}")
    paper.tag("{%p if not loop.first %}").page_break().tag("{%p endif %}")
    paper.title()
    paper.text("编号：**{{ document.number }}**　　{{ copy.title }}{% if copy.to %}（{{ copy.to }}）{% endif %}", "Small", align=CENTRE).text("", "Gap")
    _who(paper)
    paper.text("尊敬的 {{ forms.complaint.customer }}：", "Lead")
    paper.text("{{ texts.reply_opening }}")
    paper.grid((26, 144), [
        [label("投诉内容"), value("{{ forms.complaint.content }}", height=14)],
        [label("处理经过"), value("{{ forms.result.work }}", height=14)],
        [label("处理结果"), value("{{ forms.result.effect }}", height=12)],
        [label("回复意见"), value(f"{{{{ {form}.words }}}}", height=18)],
        [label("是否解决"), value(f"{{{{ {form}.solved_is.yes|tick }}}} 已解决　　{{{{ {form}.solved_is.no|tick }}}} 暂未解决，下次答复日期：{{{{ {form}.next_reply_on|default('／', true) }}}}", height=9)],
        [label("回复方式"), value(f"{{{{ {form}.way }}}}　　{{{{ {form}.replied_on }}}}", height=9)],
    ])
    paper.text("{{ texts.reply_closing }}", keep=True)
    paper.sealed("一、客服主管意见：{% for one in steps.agree.approvals %}同意　{{ one.name }}　{{ one.date }}{% endfor %}", "二、客户服务中心电话 {{ estate.phone }}。",
                 "三、回复人：{{ signatures.service.name|default('　　　　　　', true) }}", height=34)
    return paper.tag("{%p endfor %}")


def opinion_form() -> Paper:
    form = "forms.visit"
    paper = _who(Paper().title())
    paper.grid((26, 144), [
        [label("投诉内容"), value("{{ forms.complaint.content }}", height=30)],
        [label("处理经过"), value("{{ forms.result.work }}", height=30)],
        [label("处理结果"), value("{{ forms.result.effect }}", height=20)],
        [label("客户评价"), value(_verdict(form), height=10)],
        [label("客户意见"), value(f"{{{{ {form}.opinion|default('／', true) }}}}", height=20)],
        [label("其他建议"), value(f"{{{{ {form}.suggestions|default('／', true) }}}}", height=16)],
        [label("回访"), value(f"{{{{ {form}.visited_on }}}}　{{{{ {form}.way }}}}　回访人 {{{{ {form}.visitor }}}}", height=9)],
    ])
    return paper.signatures([("客户签名", "complainant"), ("回访人", "service")])


def feedback_record() -> Paper:
    form = "forms.visit"
    paper = _who(Paper().title())
    paper.grid(FOUR, [
        [label("回访日期"), value(f"{{{{ {form}.visited_on }}}}"), label("回访方式"), value(f"{{{{ {form}.way }}}}")],
        [label("回复日期"), value("{{ forms.reply.replied_on }}"), label("回访人"), value(f"{{{{ {form}.visitor }}}}")],
    ], height=9)
    paper.grid((26, 144), [
        [label("处理结果"), value("{{ forms.result.effect }}", height=26)],
        [label("客户评价"), value(_verdict(form), height=10)],
        [label("客户意见"), value(f"{{{{ {form}.opinion|default('／', true) }}}}", height=30)],
        [label("其他建议"), value(f"{{{{ {form}.suggestions|default('／', true) }}}}", height=24)],
    ])
    return paper.grid(FOUR, [[label("记录人"), value("{{ signatures.service.name }}", height=14), label("日期"),
                              value(signed_on("service"), align=CENTRE)]], keep=True)


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
