"""The papers of 装修专项许可: one form for all kinds, with the rows and the words of each."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from document_templates.fit_out.parts import EMERGENCY, Row, copy_mark, sheet_per_copy, two, where, wide
from document_templates.house import CENTRE, RIGHT, Cell, Paper
from document_templates.vouchers import vouchers

FORM = "forms.application"
SIGNERS = {"responsible": "装修负责人", "engineering_head": "工程主管", "security_head": "秩序主管", "service_head": "客服主管",
           "security": "发放人"}
SPAN = f"{{{{ {FORM}.from_on }}}} 至 {{{{ {FORM}.until_on }}}}"


def special(name: str, rows: Sequence[Row], signers: Sequence[str], *, valid: str = SPAN, sealed: bool = True) -> Paper:
    """One sheet per copy: who and where, until when, the rows of this kind, reason, consents, conditions, signatures.

    `valid`: how long it is good, empty where a row says it.
    """
    paper = copy_mark(sheet_per_copy(Paper()).title())
    where(paper, [
        two("申请日期", f"{{{{ {FORM}.applied_on }}}}", "装修办件", "{{ parent.number }}"),
        *([wide("有效期", valid, bold=True)] if valid else []),
        *rows,
        wide("事由与内容", f"{{{{ {FORM}.reason }}}}", height=14),
        wide("审批", _consents(), height=11),
        *([wide("应急电话", EMERGENCY)] if sealed else []),
    ])
    paper.text("{{ texts." + name + " }}")
    for at in range(0, len(signers), 2):
        paper.signatures([(SIGNERS[who], who) for who in signers[at:at + 2]], height=17.0 if at == 0 else 12.0)
    if sealed:
        paper.sealed("施工现场留存一份备查，物业留存一份。", height=44)
    return paper.tag("{%p endfor %}")


def _consents() -> str:
    """Who consented, a line each: engineering, security, service and, beyond the longest time, the manager."""
    return "\n".join(
        f"{{%p for one in steps.{step}.approvals %}}\n{{{{ one.role }}}}　{{{{ one.name }}}}　{{{{ one.date }}}}　{{{{ one.note|default('同意', true) }}}}\n{{%p endfor %}}"
        for step in ("technical", "safety", "approve", "beyond_limit"))


def hot_work() -> Paper:
    return special("hot_work", [two("动火部位", f"{{{{ {FORM}.place }}}}", "动火时段", f"{{{{ {FORM}.hours }}}}"),
                                two("动火负责人", f"{{{{ {FORM}.fire_person }}}}", "焊工证号", f"{{{{ {FORM}.welder_certificate }}}}")],
                   ("responsible", "engineering_head", "security_head"), valid=f"{{{{ {FORM}.from_on }}}}（当日有效）")


def temporary_power() -> Paper:
    return special("temporary_power", [two("用电部位", f"{{{{ {FORM}.place }}}}", "用电负荷", f"{{{{ {FORM}.load }}}} 千瓦"),
                                       two("核定用量", "{{ forms.price.kilowatt_hours }} 度", "核定收费", "{{ forms.price.amount }} 元"),
                                       two("计价依据", "{{ forms.price.basis }}", "接电位置", "{{ forms.price.point }}")],
                   ("responsible", "engineering_head"))


def night_work() -> Paper:
    return special("night_work", [two("施工时段", f"{{{{ {FORM}.hours }}}}", "噪声", f"{{{{ {FORM}.silent_is.yes|tick }}}} 保证不产生噪声")],
                   ("responsible", "service_head"))


def overnight() -> Paper:
    return special("overnight", [wide("留宿人员", f"{{{{ {FORM}.people }}}}"),
                                 wide("业主意见", "{{ forms.owner_consent.answer }}"),
                                 two("同意方式", "{{ forms.owner_consent.way }}", "同意时间", "{{ forms.owner_consent.asked_at }}")],
                   ("responsible", "security_head"))


def extension() -> Paper:
    return special("extension", [two("原到期日", f"{{{{ {FORM}.current_end }}}}", "延期至", f"**{{{{ {FORM}.extend_to }}}}**"),
                                 two("延期后总天数", f"{{{{ {FORM}.total_days }}}} 天", "批准日期", "{{ steps.approve.done }}")],
                   ("responsible", "service_head"), valid="")


def change_order() -> Paper:
    return special("change_order", [wide("变更部位", f"{{{{ {FORM}.place }}}}")], ("responsible", "engineering_head"))


def pipe_move() -> Paper:
    return special("pipe_move", [wide("移位部位", f"{{{{ {FORM}.place }}}}")], ("responsible", "engineering_head"))


def replaced_pass() -> Paper:
    return special("replaced_pass", [two("持证人", f"{{{{ {FORM}.pass_names }}}}", "数量", f"{{{{ {FORM}.pieces }}}} 证")], ("responsible",), sealed=False)


def extinguishers() -> Paper:
    """The record of what was handed out; S3-11 §2.4.7."""
    paper = copy_mark(sheet_per_copy(Paper()).title())
    where(paper, [
        two("发放日期", "{{ forms.hand_out.handed_on }}", "装修办件", "{{ parent.number }}"),
        two("租用天数", f"{{{{ {FORM}.rent_days }}}} 天", "数量", f"{{{{ {FORM}.pieces }}}} 具"),
        wide("应急电话", EMERGENCY),
    ])
    paper.rows((14, 34, 42, 36, 44), ("序号", "编号", "型号", "有效期至", "放置位置"), "one in forms.hand_out.bottles",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ one.bottle_number }}", "{{ one.model }}", Cell("{{ one.valid_until }}", align=CENTRE), "{{ one.location }}"], height=8)
    paper.rows((90, 36, 44), ("收费项目", "可退", "金额（元）"), "fee in fees",
               ["{{ fee.title }}", Cell("{{ fee.refundable|default('不退', true) }}", align=CENTRE), Cell("{{ fee.amount }}", align=RIGHT)], end="")
    paper.text("{{ texts.extinguishers }}")
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
    **vouchers(),
}
