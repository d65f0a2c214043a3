"""The papers of 装修违章处理: the rungs from a warning to a cleared site, the order in three copies, the promise."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from document_templates.fit_out.parts import Row, copy_mark, received, sheet_per_copy, two, where, wide
from document_templates.house import Paper, label, value

FORM = "forms.record"


def _found(paper: Paper, rows: Sequence[Row] = (), *, facts: float = 26, height: float = 8.0) -> Paper:
    """What was found, where, when and by whom, and the further rows of this paper; `facts`: room for what happened in mm."""
    return where(paper, [
        two("发现时间", f"{{{{ {FORM}.found_at }}}}", "巡查人", f"{{{{ {FORM}.patroller }}}}"),
        two("违章类别", f"{{{{ {FORM}.head }}}}（{{{{ {FORM}.severity }}}}）", "违章位置", f"{{{{ {FORM}.place }}}}"),
        two("装修办件", "{{ parent.number }}", "当场制止", f"{{{{ {FORM}.stopped_is.yes|tick }}}} 已制止　{{{{ {FORM}.stopped_is.no|tick }}}} 未能制止"),
        wide("违章情况", f"{{{{ {FORM}.facts }}}}", height=facts),
        *rows,
    ], height=height)


def measure(text: str, signers: Sequence[tuple[str, str]], *, sealed: bool) -> Paper:
    """One rung of the ladder: one sheet per copy, the violation, the words of the rung, who signs for it."""
    paper = _found(copy_mark(sheet_per_copy(Paper()).title()))
    paper.text("{{ texts." + text + " }}").text("", "Gap")
    if len(signers) == 2:
        paper.signatures(signers)
    elif sealed:
        received(paper, *signers[0], "签收人")
    else:
        paper.signatures(signers)
    if sealed:
        paper.sealed("请在改正后通知客户服务中心复查，电话 {{ estate.phone }}。", height=44)
    return paper.tag("{%p endfor %}")


def oral_warning() -> Paper:
    return measure("oral_words", [("装修负责人\n签　认", "responsible")], sealed=False)


def notice() -> Paper:
    return measure("notice_words", [("装修负责人\n签　收", "responsible"), ("送达人", "service")], sealed=True)


def final_warning() -> Paper:
    return measure("final_words", [("装修负责人\n签　收", "responsible"), ("送达人", "service")], sealed=True)


def clearing_order() -> Paper:
    return measure("clearing_words", [("签发人", "service_head")], sealed=True)


def rectification_order() -> Paper:
    """Three copies; S4-X 装修 13: the money stands on it with the manager's consent."""
    form = "forms.order"
    paper = _found(copy_mark(sheet_per_copy(Paper()).title()), [
        wide("通报业主", "{{ forms.call_owner.called_at }}，{{ forms.call_owner.answer }}"),
        wide("通报负责人", "{{ forms.call_contractor.called_at }}，{{ forms.call_contractor.answer }}"),
        wide("整改要求", f"{{{{ {form}.measures }}}}", height=14),
        [label("开单日期"), value(f"{{{{ {form}.ordered_on }}}}"), label("整改期限"), value(f"{{{{ {form}.finish_by }}}}", bold=True)],
        wide("应付金额", f"{{% if {form}.basis %}}违约金 {{{{ {form}.penalty }}}} 元，赔偿 {{{{ {form}.damages }}}} 元（{{{{ {form}.basis }}}}）{{% else %}}无{{% endif %}}"),
        wide("经理签认", "{% for one in steps.consent.approvals %}{{ one.name }}　{{ one.date }}　{{ one.note|default('同意', true) }}{% else %}不涉及金额{% endfor %}"),
    ], facts=13, height=7)
    paper.text("{{ texts.order_words }}", "Lead")
    paper.signatures([("业主签收", "owner"), ("装修负责人\n签　收", "responsible")], height=15)
    paper.sealed("一式三份：业主、施工单位各一份，物业存业主档案一份。", "改正后请通知客户服务中心复查，电话 {{ estate.phone }}。", height=42)
    return paper.tag("{%p endfor %}")


def readmission() -> Paper:
    paper = _found(Paper().title(), [
        wide("复查情况", "{{ forms.rectify.checked_on }}，{{ forms.rectify.checker }}：{{ forms.rectify.remarks|default('已改正', true) }}", height=13),
    ])
    paper.text("{{ texts.readmission_words }}")
    paper.signatures([("装修负责人", "responsible"), ("同意再进场\n客服主管", "service_head")])
    return paper.text("本保证书一式两份，装修负责人与物业各存一份。", "Note")


PAPERS: Mapping[str, tuple[str, Callable[[], Paper]]] = {
    "oral_warning": ("装修违章口头警告记录", oral_warning),
    "notice": ("室内装修违章通知单", notice),
    "final_warning": ("最后警告书", final_warning),
    "clearing_order": ("停工清场通知书", clearing_order),
    "rectification_order": ("违章整改表", rectification_order),
    "readmission": ("整改保证书", readmission),
}
