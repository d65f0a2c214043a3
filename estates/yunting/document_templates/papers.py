"""The Word templates of 云庭 that differ from the base: `python estates/yunting/document_templates/papers.py` writes them.

Most are the base's papers with a few words exchanged (`reworded`), so that a better base paper is a better paper here too; the
owner's card of 枫林新苑 is made from nothing. The company's own stand beside this file, those of an estate in its folder.
"""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from docx.oxml.ns import qn

from document_templates.fit_out.applying import application, fee_notice
from document_templates.fit_out.completing import completion_record, completion_request, refund_approval
from document_templates.fit_out.parts import where, wide
from document_templates.fit_out.site import entry_confirmation, worker_pass
from document_templates.house import CENTRE, Cell, Paper, ink, label, signed_on, value
from document_templates.move_in import papers as move_in
from document_templates.move_in.money_papers import fee_notice as move_in_fees

Words = Mapping[str, str]
COMPANY = Path(__file__).parents[1]


def reworded(paper: Paper, words: Words) -> Paper:
    """The paper with words exchanged, wherever a run of text holds them; ValueError for words that it does not have."""
    left = set(words)
    for text in paper.file.element.body.iter(qn("w:t")):
        for old, new in words.items():
            if old in (text.text or ""):
                text.text = text.text.replace(old, new)
                left.discard(old)
    if left:
        raise ValueError(f"the base's paper has no {'、'.join(sorted(left))}")
    return paper


def signed_by(old: str, new: str) -> Words:
    """Exchanges one signer for another in the boxes of a paper."""
    return {ink(old): ink(new), f"signatures.{old}.date": f"signatures.{new}.date"}


def signed_anew(paper: Paper, after: str, *rows: Sequence[tuple[str, str]]) -> Paper:
    """The paper up to the paragraph with the words `after`, and other rows of signatures below it."""
    found = False
    for element in list(paper.file.element.body):
        if found and element.tag != qn("w:sectPr"):
            element.getparent().remove(element)
        found = found or (element.tag == qn("w:p") and after in "".join(text.text or "" for text in element.iter(qn("w:t"))))
    if not found:
        raise ValueError(f"the base's paper has no paragraph with {after}")
    for row in rows:
        paper.signatures(row)
    return paper


def moved(paper: Paper, before: str) -> Paper:
    """The last paragraph of the paper, put before the one with the words `before`."""
    body = paper.file.element.body
    last = [element for element in body if element.tag == qn("w:p")][-1]
    for element in body:
        if element.tag == qn("w:p") and before in "".join(text.text or "" for text in element.iter(qn("w:t"))):
            element.addprevious(last)
            return paper
    raise ValueError(f"the base's paper has no paragraph with {before}")


# ------------------------------------------------------------ the company's


def paper_check() -> Paper:
    """C38: without the resident cards."""
    return reworded(move_in.paper_check(), {label("智能卡").text: "办件编号", "{{ forms.intake.cards }} 张": "{{ case.number }}"})


def key_receipt() -> Paper:
    """C08, C40: handed out at the inspection; the key that stays for the works is the one consented to there."""
    return reworded(move_in.key_receipt(), {
        label("钥匙托管").text: "整改留匙", "forms.key_receipt.custody_is": "forms.inspection.key_left_is",
        " 委托托管 {{ forms.key_receipt.custody_count }} 把": " 业主同意留入户门钥匙一把供整改，用毕交还", " 不托管": " 不留",
    })


# ------------------------------------------------------------ 枫林新苑 (S1)

CLERK: Words = {"signatures.engineering": "signatures.service", "工程人员": label("管理员").text}
"""C09: one clerk of service inspects with the owner."""
BY_CLERK: Words = {"、{{ forms.inspection.technician }}": ""}


def clerk_inspection() -> Paper:
    return reworded(move_in.inspection(), {**CLERK, **BY_CLERK, "陪同人员": "管理员"})


def clerk_meters() -> Paper:
    return reworded(move_in.meter_readings(), {**CLERK, "forms.inspection.technician": "forms.inspection.housekeeper"})


def clerk_reinspection() -> Paper:
    return reworded(move_in.reinspection(), CLERK)


def works_order() -> Paper:
    """C10: what the owner found goes to engineering, which signs for it."""
    paper = Paper().title()
    paper.grid(move_in.FOUR, [
        [label("房屋"), value(move_in.PLACE, 3)],
        [label("业主"), value("{{ parties.owner.name }}"), label("联系电话"), value("{{ parties.owner.phone }}")],
        [label("验房日期"), value("{{ forms.inspection.inspected_on }}"), label("要求完成"),
         value("{{ forms.inspection.finish_by|default('　　　　年　　月　　日', true) }}")],
        [label("进户方式"), value("{{ forms.inspection.key_left_is.yes|tick }} 凭业主留用的钥匙进户　　{{ forms.inspection.key_left_is.yes|tick(false) }} 与业主约定时间", 3)],
    ])
    paper.text("业主验房时提出下列问题，现转工程部安排整改。整改完毕报客服部，由管理员约业主复验签字。", "Lead", keep=True)
    paper.rows((12, 24, 40, 58, 36), ("序号", "部位", "项目", "问题说明", "整改情况"), "item in checklist.open",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ item.group }}", "{{ item.title }}", "{{ item.note }}", ""], height=10)
    paper.grid((28, 142), [[label("共计"), value("{{ checklist.open_count }} 项")]])
    paper.sealed("一、本单一式两份，工程部凭此整改，客服部存根。", "二、进户整改请先与业主联系，离场时断水断电、关好门窗。")
    return paper.signatures([("管理员", "service"), ("工程部签收", "engineering")])


def owner_card() -> Paper:
    """F35: the owner's card, two to a sheet (stub and card); what stands on it is ours, S1 says no more than its name."""
    paper = Paper()
    paper.tag("{%p for copy in document.copies %}")
    paper.text("{{ estate.title }}", "Estate", keep=True)
    paper.text("{{ document.title }}", "Paper Title", keep=True)
    paper.grid((30, 52, 30, 50), [
        [label("编号"), value("**{{ document.number }}**", style="Large"), label("发证日期"), value("{{ forms.certificate.actual_on }}", style="Large")],
        [label("业主"), value("{{ parties.owner.name }}", style="Large"), label("联系电话"), value("{{ parties.owner.phone }}", style="Large")],
        [label("共有人"), value(move_in.CO_OWNERS, 3, style="Large")],
        [label("房屋"), value(move_in.PLACE, 3, style="Large")],
        [label("建筑面积"), value("{{ unit.area }} 平方米", style="Large"), label("通知书\n入住时间"), value("{{ forms.certificate.notice_deadline }}", style="Large")],
        [label("业主签字"), value(ink("owner"), height=15), label("日期"), value(signed_on("owner"), align=CENTRE)],
    ], height=8, keep=True, edge="{{ copy.title }}{% if copy.to %}　{{ copy.to }}{% endif %}")
    paper.sealed("一、{{ texts.certificate_statement }}", "二、凭本证办理物业手续，遗失请即告知客服部补办。", height=40)
    return paper.tag("{%p endfor %}")


def residence_application() -> Paper:
    """C19: the agreement was signed at move-in, so nobody is named here who will."""
    return reworded(application(), {"协议签署": "装修协议", "{{ forms.application.agreement_signer }}": "入伙时已由业主签署"})


def residence_approval() -> Paper:
    """C47: made out by service after engineering has approved the drawings; the owner confirms nothing."""
    paper = where(Paper().title(), [
        wide("申报内容", "{{ forms.application.scope }}", height=15),
        wide("批准工期", "{{ forms.application.start_on }} 至 {{ forms.application.end_on }}"),
        wide("工程规模", "{{ forms.application.size }}"),
        wide("图纸审核", "{{ forms.approval.drawings_sound_is.yes|tick }} 图纸符合装修规定　　工程部：{{ forms.approval.engineering_opinion }}", height=14),
        wide("资格与资料", "{{ forms.approval.papers_valid_is.yes|tick }} 资料齐全、证照有效　　客服部：{{ forms.approval.service_opinion }}", height=14),
        wide("附加要求", "{{ forms.approval.conditions|default('无', true) }}", height=14),
    ])
    paper.rows((28, 30, 40, 72), ("部门", "审批人", "日期", "意见"), "one in steps.approve.approvals",
               [Cell("{{ one.role }}", align=CENTRE), Cell("{{ one.name }}", align=CENTRE), Cell("{{ one.date }}", align=CENTRE),
                Cell("{{ one.note|default('同意', true) }}")], end="")
    paper.text("{{ texts.approval_words }}")
    paper.signatures([("客服部", "service")])
    return paper.sealed("本批准书一式两份，业主与物业各存一份。", "批准只及于上列内容，变更须另办手续。", height=42)


def residence_completion() -> Paper:
    """C22: the inspectors of the centre sign, not the owner (S1-2 §5.3)."""
    return reworded(completion_record(), {label("业主签名").text: "客服验收", **signed_by("owner", "service"), label("验收人员").text: "工程验收"})


def residence_refund() -> Paper:
    """C05: the owner receives; service and finance sign, where S4-X has contractor and manager."""
    note = "工程、客服、财务依次核对后付款"
    paper = reworded(refund_approval(), {"业主、装修负责人和项目经理三方签字后付款": note})
    return signed_anew(paper, note, [("业主收款", "owner"), ("客服审核", "service")], [("财务付款", "finance")])


# ------------------------------------------------------------ 荷港公馆 (S4-X)


def handover_sheet() -> Paper:
    """FEE02: from when until when the management fee is paid stands on the sheet (S4-X 交房-5)."""
    paper = move_in.inspection()
    paper.text("**物管费起止**　{% for fee in fees %}{% if fee.period %}{{ fee.title }}：{{ fee.period }}，{{ fee.amount }} 元{% endif %}{% endfor %}", "Lead", keep=True)
    return moved(paper, "验收中提出的问题")


def handover_fees() -> Paper:
    """C01, C03: half a year ahead, and no deposit here."""
    return reworded(move_in_fees(), {
        "二、装修保证金在装修验收合格并复查无影响后，扣除应当赔付的款项，余额无息退还。":
            "二、物管费自交房当日起预收半年，起止时间记载于房屋交接表；装修押金在申请装修时另行交纳。",
    })


def published_fees() -> Paper:
    """C04, C05: by the published tariff; the deposit back after three months."""
    return reworded(fee_notice(), {
        "本房屋已交装修保证金的": "本房屋已交装修押金的",
        "装修保证金在验收合格、使用一个月并复验合格后，扣除应扣款项，余额无息退还。": "装修押金自竣工验收之日起满三个月，经业主、装修公司、项目中心三方签字后，扣除违约金和赔偿，余额无息退还。",
    })


def doorside_entry() -> Paper:
    """C15: outside the main door."""
    return reworded(entry_confirmation(), {"已张贴在门上": "已贴在大门外"})


def plain_pass() -> Paper:
    """C41: S4-X asks for no photos."""
    return reworded(worker_pass(), {"粘贴一寸": "照片可", "免冠照片{% endif %}": "不贴{% endif %}"})


def owner_request() -> Paper:
    """C49: the owner asks for the acceptance."""
    words = "业主申请竣工验收"
    return signed_anew(reworded(completion_request(), {"业主与装修负责人共同申请竣工验收": words}), words, [("业主签名", "owner")])


def owner_completion() -> Paper:
    """C05: what stands beneath the record."""
    return reworded(completion_record(), {
        "验收合格，使用一个月后由物业复验，无明显质量问题的退还装修保证金。": "自竣工验收之日起满三个月，经业主、装修公司、项目中心三方签字后退还装修押金。",
    })


def three_signatures() -> Paper:
    """C05: owner, contractor and the head of the project centre sign (S4-X 装修 18); nobody else consents before."""
    note = "业主、装修公司、项目中心负责人三方验收签字后付款"
    paper = reworded(refund_approval(), {
        "使用后复验": "退款日期", "{{ steps.recheck.done }}": "{{ document.date }}", "已交保证金": "已交押金",
        "业主、装修负责人和项目经理三方签字后付款": note,
    })
    tables = list(paper.file.element.body.iter(qn("w:tbl")))
    consents = next(table for table in tables if any("review_refund" in (text.text or "") for text in table.iter(qn("w:t"))))
    consents.getparent().remove(consents)
    return signed_anew(paper, note, [("业主", "owner"), ("装修公司", "responsible")], [("项目中心\n负责人", "manager")])


PAPERS: Mapping[str, tuple[str, Callable[[], Paper]]] = {
    "document_templates/move_in/paper_check": ("验查客户资料情况登记表", paper_check),
    "document_templates/move_in/key_receipt": ("钥匙签收单", key_receipt),
    "maple_grove/document_templates/move_in/inspection": ("业主入伙验房表", clerk_inspection),
    "maple_grove/document_templates/move_in/meter_readings": ("水、热水、电、燃气底表单", clerk_meters),
    "maple_grove/document_templates/move_in/reinspection": ("整改复验单", clerk_reinspection),
    "maple_grove/document_templates/move_in/rectification_order": ("验房整改单", works_order),
    "maple_grove/document_templates/move_in/occupancy_certificate": ("业主证", owner_card),
    "maple_grove/document_templates/fit_out/application": ("住宅室内装饰装修申报表", residence_application),
    "maple_grove/document_templates/fit_out/approval_sheet": ("用户室内装修批准书", residence_approval),
    "maple_grove/document_templates/fit_out/completion_record": ("装修竣工审批表", residence_completion),
    "maple_grove/document_templates/fit_out/refund_approval": ("退还装修保证金审批单", residence_refund),
    "lotus_wharf/document_templates/move_in/inspection": ("房屋交接表", handover_sheet),
    "lotus_wharf/document_templates/move_in/fee_notice": ("入伙收费一览表", handover_fees),
    "lotus_wharf/document_templates/fit_out/fee_notice": ("装修收费一览表", published_fees),
    "lotus_wharf/document_templates/fit_out/entry_confirmation": ("进场装修确认表", doorside_entry),
    "lotus_wharf/document_templates/fit_out/worker_pass": ("工人出入证", plain_pass),
    "lotus_wharf/document_templates/fit_out/completion_request": ("装修竣工验收申请表", owner_request),
    "lotus_wharf/document_templates/fit_out/completion_record": ("竣工验收表", owner_completion),
    "lotus_wharf/document_templates/fit_out/refund_approval": ("退款验收单", three_signatures),
}
"""Path in the company's folder → (title, what makes the paper)."""


def main() -> None:
    for name, (title, make) in PAPERS.items():
        path = COMPANY / f"{name}.docx"
        path.parent.mkdir(parents=True, exist_ok=True)
        make().save(path, title)
        print(path)


if __name__ == "__main__":
    main()
