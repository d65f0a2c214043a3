"""The papers of 装修专项许可: one form for all kinds, with the rows and the words of each."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from document_templates.fit_out.papers import CASHIER
from document_templates.fit_out.parts import FOUR, copy_mark, long_rows, sheet_per_copy, where
from document_templates.house import CENTRE, Cell, Paper, label, value

FORM = "forms.application"
SIGNERS = {"responsible": "装修负责人", "engineering_head": "工程主管", "security_head": "秩序主管", "service_head": "客服主管",
           "security": "发放人"}
Rows = Sequence[tuple[str, str, str, str]]


def special(name: str, rows: Rows, signers: Sequence[str], *, valid: bool = True, sealed: bool = True) -> Paper:
    """One sheet per copy: who and where, the rows of this kind, reason, consents, conditions, signatures."""
    paper = copy_mark(sheet_per_copy(Paper()).title())
    where(paper)
    span = f"{{{{ {FORM}.from_on }}}} 至 {{{{ {FORM}.until_on }}}}"
    paper.grid(FOUR, [
        [label("申请日期"), value(f"{{{{ {FORM}.applied_on }}}}"), label("装修办件"), value("{{ parent.number }}")],
        *([[label("有效期"), value(span, 3, bold=True)]] if valid else []),
        *([label(one), value(f"{{{{ {first} }}}}"), label(two), value(f"{{{{ {second} }}}}")] for one, first, two, second in rows),
    ])
    long_rows(paper, [("事由与内容", f"{{{{ {FORM}.reason }}}}", 14)])
    _consents(paper)
    paper.text("　　{{ texts." + name + " }}", "Large")
    paper.text("", "Gap")
    for at in range(0, len(signers), 2):
        paper.signatures([(SIGNERS[who], who) for who in signers[at:at + 2]], height=17.0 if at == 0 else 12.0)
    if sealed:
        paper.sealed("现场留存一份备查，物业存一份。", height=46)
    return paper.tag("{%p endfor %}")


def _consents(paper: Paper) -> None:
    """Who consented: engineering, security, service and, beyond the longest time, the manager; each where asked."""
    said = ("{% for one in steps.technical.approvals %}{{ one.role }} {{ one.name }} {{ one.date }} {{ one.note }}　{% endfor %}"
            "{% for one in steps.safety.approvals %}{{ one.role }} {{ one.name }} {{ one.date }} {{ one.note }}　{% endfor %}"
            "{% for one in steps.approve.approvals %}{{ one.role }} {{ one.name }} {{ one.date }} {{ one.note }}　{% endfor %}"
            "{% for one in steps.beyond_limit.approvals %}{{ one.role }} {{ one.name }} {{ one.date }} {{ one.note }}{% endfor %}")
    long_rows(paper, [("审批", said, 12)])


def hot_work() -> Paper:
    return special("hot_work", [("动火部位", f"{FORM}.place", "动火时段", f"{FORM}.hours"),
                                ("动火负责人", f"{FORM}.fire_person", "焊工证号", f"{FORM}.welder_certificate")],
                   ("responsible", "engineering_head", "security_head"))


def temporary_power() -> Paper:
    return special("temporary_power", [("用电部位", f"{FORM}.place", "负荷（千瓦）", f"{FORM}.load"),
                                       ("核定用量（度）", "forms.price.kilowatt_hours", "核定收费（元）", "forms.price.amount"),
                                       ("计价依据", "forms.price.basis", "接电位置", "forms.price.point")],
                   ("responsible", "engineering_head"))


def night_work() -> Paper:
    return special("night_work", [("施工时段", f"{FORM}.hours", "保证无噪声", f"{FORM}.silent")], ("responsible", "service_head"))


def overnight() -> Paper:
    return special("overnight", [("留宿人员", f"{FORM}.people", "业主同意", "forms.owner_consent.answer"),
                                 ("同意方式", "forms.owner_consent.way", "同意时间", "forms.owner_consent.asked_at")],
                   ("responsible", "security_head"))


def extension() -> Paper:
    return special("extension", [("原到期日", f"{FORM}.current_end", "延期至", f"{FORM}.extend_to"),
                                 ("总天数", f"{FORM}.total_days", "批准日期", "steps.approve.done")],
                   ("responsible", "service_head"), valid=False)


def change_order() -> Paper:
    return special("change_order", [("变更部位", f"{FORM}.place", "批准日期", "steps.approve.done")], ("responsible", "engineering_head"))


def pipe_move() -> Paper:
    return special("pipe_move", [("移位部位", f"{FORM}.place", "批准日期", "steps.approve.done")], ("responsible", "engineering_head"))


def replaced_pass() -> Paper:
    return special("replaced_pass", [("持证人", f"{FORM}.pass_names", "数量（证）", f"{FORM}.pieces")], ("responsible",), sealed=False)


def extinguishers() -> Paper:
    """The record of what was handed out; S3-11 §2.4.7."""
    paper = copy_mark(sheet_per_copy(Paper()).title())
    where(paper)
    paper.grid(FOUR, [
        [label("发放日期"), value("{{ forms.hand_out.handed_on }}"), label("装修办件"), value("{{ parent.number }}")],
        [label("租用天数"), value(f"{{{{ {FORM}.rent_days }}}} 天"), label("数量"), value(f"{{{{ {FORM}.pieces }}}} 具")],
    ])
    paper.rows((14, 34, 42, 36, 44), ("序号", "编号", "型号", "有效期至", "放置位置"), "one in forms.hand_out.bottles",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ one.bottle_number }}", "{{ one.model }}", Cell("{{ one.valid_until }}", align=CENTRE), "{{ one.location }}"], height=8)
    paper.rows((86, 42, 42), ("收费项目", "可退", "金额（元）"), "fee in fees",
               ["{{ fee.title }}", Cell("{{ fee.refundable }}", align=CENTRE), Cell("{{ fee.amount }}", align=CENTRE)], end="")
    paper.text("　　{{ texts.extinguishers }}", "Large")
    paper.text("", "Gap")
    paper.signatures([("装修负责人", "responsible"), ("发放人", "security")])
    return paper.tag("{%p endfor %}")


PAPERS: Mapping[str, tuple[str, Callable[[], Paper]]] = {
    "hot_work": ("动火许可证", hot_work),
    "temporary_power": ("临时用电审批单", temporary_power),
    "night_work": ("装修加班（夜间）施工许可", night_work),
    "overnight": ("施工人员留宿登记单", overnight),
    "extension": ("装修延期审批单", extension),
    "change_order": ("施工变更单", change_order),
    "pipe_move": ("管线移位审批单", pipe_move),
    "replaced_pass": ("出入证补办、加办单", replaced_pass),
    "extinguishers": ("灭火器材配置记录表", extinguishers),
    **CASHIER,
}
