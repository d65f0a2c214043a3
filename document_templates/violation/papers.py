"""The papers of 装修违章处理: the rungs from a warning to a cleared site, the order in three copies, the promise."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from document_templates.fit_out.parts import FOUR, copy_mark, long_rows, sheet_per_copy, where
from document_templates.house import Paper, label, value

FORM = "forms.record"


def _found(paper: Paper, *, height: float = 28) -> Paper:
    """What was found, where, when and by whom; `height`: room for the facts in mm."""
    where(paper)
    paper.grid(FOUR, [
        [label("发现时间"), value(f"{{{{ {FORM}.found_at }}}}"), label("巡查人"), value(f"{{{{ {FORM}.patroller }}}}")],
        [label("违章类别"), value(f"{{{{ {FORM}.head }}}}（{{{{ {FORM}.severity }}}}）"), label("位置"), value(f"{{{{ {FORM}.place }}}}")],
        [label("装修办件"), value("{{ parent.number }}"), label("当场制止"), value(f"{{{{ {FORM}.stopped_is.yes|tick }}}} 已制止　{{{{ {FORM}.stopped_is.no|tick }}}} 未能制止")],
    ])
    long_rows(paper, [("违章情况", f"{{{{ {FORM}.facts }}}}", height)])
    return paper


def measure(text: str, signers: Sequence[tuple[str, str]], *, sealed: bool) -> Paper:
    """One rung of the ladder: one sheet per copy, the violation, the words of the rung, who signs for it."""
    paper = _found(copy_mark(sheet_per_copy(Paper()).title()))
    paper.text("　　{{ texts." + text + " }}", "Body")
    paper.text("", "Gap")
    paper.signatures(signers)
    if sealed:
        paper.sealed("请在改正后通知客户服务中心复查，电话 {{ estate.phone }}。", height=46)
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
    paper = _found(copy_mark(sheet_per_copy(Paper()).title()), height=12)
    paper.grid(FOUR, [
        [label("通报业主"), value("{{ forms.call_owner.called_at }}　{{ forms.call_owner.answer }}", 3)],
        [label("通报负责人"), value("{{ forms.call_contractor.called_at }}　{{ forms.call_contractor.answer }}", 3)],
        [label("开单日期"), value(f"{{{{ {form}.ordered_on }}}}"), label("整改期限"), value(f"{{{{ {form}.finish_by }}}}", bold=True)],
        [label("应付金额"), value(f"违约金 {{{{ {form}.penalty }}}} 元，赔偿 {{{{ {form}.damages }}}} 元　{{{{ {form}.basis }}}}", 3)],
        [label("经理签认"), value("{% for one in steps.consent.approvals %}{{ one.name }}　{{ one.date }}　{{ one.note }}{% else %}不涉及金额{% endfor %}", 3)],
    ], height=7)
    long_rows(paper, [("整改要求", f"{{{{ {form}.measures }}}}", 12)])
    paper.text("　　{{ texts.order_words }}", "Lead")
    paper.signatures([("业主签收", "owner"), ("装修负责人\n签　收", "responsible")], height=15)
    paper.sealed("一式三份：业主、施工单位各一份，物业存业主档案一份。", height=39)
    return paper.tag("{%p endfor %}")


def readmission() -> Paper:
    paper = _found(Paper().title())
    paper.text("　　{{ texts.readmission_words }}", "Body")
    long_rows(paper, [("复查情况", "{{ forms.rectify.checked_on }}　{{ forms.rectify.checker }}　{{ forms.rectify.remarks }}", 12)])
    return paper.signatures([("装修负责人", "responsible"), ("同意再进场\n客服主管", "service_head")])


PAPERS: Mapping[str, tuple[str, Callable[[], Paper]]] = {
    "oral_warning": ("装修违章口头警告记录", oral_warning),
    "notice": ("室内装修违章通知单", notice),
    "final_warning": ("最后警告书", final_warning),
    "clearing_order": ("停工清场通知书", clearing_order),
    "rectification_order": ("违章整改表", rectification_order),
    "readmission": ("整改保证书", readmission),
}
