"""The papers that only 云台华府 has, and those that it words otherwise: `python estates/cuiwei/cloud_terrace/document_templates/papers.py`.

The look is the house's; a paper of the same file name takes the place of the standard one.
"""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from document_templates.house import CENTRE, LEFT, RIGHT, Cell, Paper, label, value

PLACE = "{{ unit.building }} 栋 {% if unit.entrance %}{{ unit.entrance }} 单元 {% endif %}{{ unit.room }} 室{% if not document.blank %}（{{ unit.code }}）{% endif %}"
SIX = (22, 32, 22, 36, 22, 36)
FOUR = (28, 57, 28, 57)


def _unit(paper: Paper) -> Paper:
    return paper.grid(SIX, [
        [label("房屋"), value(PLACE, 3), label("建筑面积"), value("{{ unit.area }} 平方米")],
        [label("业主"), value("{{ parties.owner.name }}", 3), label("联系电话"), value("{{ parties.owner.phone }}")],
    ])


def countersign_sheet() -> Paper:
    """A18 四-二 (F04): which department has done its part, who signed for it and when."""
    paper = _unit(Paper().title())
    paper.grid(FOUR, [
        [label("通知书编号"), value("{{ forms.intake.notice_number }}"), label("通知书\n入伙时间"), value("{{ forms.intake.notice_deadline }}")],
        [label("费用起计"), value("{{ forms.intake.fee_from }}"), label("办件编号"), value("{{ case.number }}")],
        [label("已收款项"), value("人民币（大写）{{ fees_total.capitals }}（¥{{ fees_total.amount }}）", 3)],
    ], height=9)
    paper.text("部门会签", "Section", keep=True)
    paper.rows((12, 44, 34, 34, 46), ("序号", "部门", "会签人", "日期", "意见"), "one in steps.countersign.approvals",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ one.role }}", Cell("{{ one.name }}", align=CENTRE), Cell("{{ one.date }}", align=CENTRE),
                "{{ one.note }}"], height=14)
    paper.text("会签齐全后，业主凭本表和各项交费发票到客户服务中心验证。缺项的，先到相应部门补办。", "Note")
    return paper.signatures([("业主签名", "owner"), ("客服经理", "service_head")])


def rectification_order() -> Paper:
    """A18 四-七: what engineering tells the developer."""
    paper = _unit(Paper().title())
    paper.grid(FOUR, [
        [label("验房日期"), value("{{ forms.inspection.inspected_on }}"), label("希望完成"),
         value("{{ forms.inspection.finish_by|default('　　　　年　　月　　日', true) }}")],
        [label("陪同客服"), value("{{ forms.inspection.housekeeper }}"), label("工程人员"), value("{{ forms.inspection.technician }}")],
    ])
    paper.text("业主验房时提出下列问题，记入《房屋交接表》，现反馈开发商，请沟通解决并书面答复。", "Lead", keep=True)
    paper.rows((12, 26, 46, 86), ("序号", "部位", "项目", "问题说明"), "item in checklist.open",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ item.group }}", "{{ item.title }}", "{{ item.note }}"], height=9)
    paper.grid((28, 142), [[label("共计"), value("{{ checklist.open_count }} 项")], [label("开发商答复"), value("", height=24)]])
    paper.sealed("一、本单一式三份，开发商、工程部、业主各存一份。", "二、请在希望完成的日期前书面答复，由工程部告知业主。", by="反馈单位：")
    return paper.signatures([("业主签名", "owner"), ("工程人员", "engineering")])


def inspection() -> Paper:
    """A18 四-五, 四-六: handed over as seen; no key stays for works, and nothing is promised for the builder."""
    form = "forms.inspection"
    paper = Paper().title()
    meters = " ".join(f"{title} {{{{ {form}.{name}.reading|default('—', true) }}}}　" for title, name in
                      (("水", "water"), ("热水", "hot_water"), ("电", "electricity"), ("燃气", "gas")))
    paper.grid(SIX, [
        [label("房屋"), value(PLACE, 3), label("建筑面积"), value("{{ unit.area }} 平方米")],
        [label("业主"), value("{{ parties.owner.name }}"), label("验房日期"), value(f"{{{{ {form}.inspected_on }}}}"),
         label("陪同人员"), value(f"{{{{ {form}.housekeeper }}}}、{{{{ {form}.technician }}}}")],
        [label("底表读数"), value(meters.strip(), 5)],
    ], height=9)
    paper.rows((14, 30, 66, 24, 36), ("序号", "部位", "检查项目", "结果", "说明"), "item in checklist.items",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ item.group }}", "{{ item.title }}", Cell("{{ item.result }}", align=CENTRE),
                "{{ item.note }}"], height=8)
    paper.grid((24, 146), [[label("验收意见"), value(f"{{{{ {form}.remarks }}}}", height=14)]])
    paper.text("表上记录的问题由工程部反馈开发商沟通解决，结果另行告知业主。", "Note")
    return paper.signatures([("业主签名", "owner"), ("工程人员", "engineering")])


def key_custody() -> Paper:
    """A18 四-八 (F27): an agreement about emergencies only."""
    form = "forms.key_receipt"
    paper = _unit(Paper().title())
    paper.grid(FOUR, [
        [label("备用钥匙"), value(f"{{{{ {form}.custody_count }}}} 把"), label("托管至"),
         value(f"{{{{ {form}.custody_until|default('业主取回之日', true) }}}}")],
        [label("紧急情形"), value(f"{{{{ {form}.custody_purpose }}}}", 3)],
        [label("启用时通知"), value(f"{{{{ {form}.custody_contact }}}}", 3)],
        [label("封存袋编号"), value(f"{{{{ {form}.custody_bag }}}}"), label("封存人、日期"),
         value(f"{{{{ {form}.custody_sealed_by }}}}　{{{{ {form}.received_on }}}}")],
    ])
    paper.text("甲方（业主）将上列房屋的入户门备用钥匙交乙方托管，双方约定如下：")
    paper.clauses(("custody_scope", "custody_seal", "custody_entry", "custody_valuables", "custody_return"))
    return paper.text("", "Gap").parties("甲方（业主）", staff="property")


def handover_deed() -> Paper:
    """A18 四-九 (F20): the last signature, after the keys."""
    paper = _unit(Paper().title())
    paper.text("甲方（接收方）：{{ parties.owner.name }}", "Lead")
    paper.text("乙方（交付方）：{{ company.title }}", "Lead")
    paper.clauses(("handover_statement", "handover_effect"))
    paper.text("**第三条**　物业服务费自 {{ forms.intake.fee_from }}起计算；入伙款项共计人民币{{ fees_total.capitals }}（¥{{ fees_total.amount }}），已经交清并会签。", "Clause")
    paper.text("**第四条**　随房交付钥匙：{% for key in forms.key_receipt.key_table %}{{ key.kind }} {{ key.count }}{% if not loop.last %}，{% endif %}{% endfor %}。", "Clause")
    paper.text("**第五条**　本交接书一式两份，双方各执一份，自签署之日起生效。", "Clause")
    return paper.text("", "Gap").parties("甲方", staff="property")


def fee_notice() -> Paper:
    """Without a word of the fit-out deposit, which is not collected here (C03)."""
    paper = Paper().title()
    paper.grid((24, 61, 24, 61), [
        [label("业主"), value("{{ parties.owner.name }}"), label("房号"), value("{{ unit.code }}")],
        [label("建筑面积"), value("{{ unit.area }} 平方米"), label("房屋类型"), value("{{ unit.building_type }}")],
        [label("费用起计"), value("{{ forms.intake.fee_from }}"), label("办件编号"), value("{{ case.number }}")],
    ])
    paper.rows((12, 44, 54, 22, 12, 26), ("序号", "收费项目", "计算依据", "单价", "可退", "金额（元）"), "fee in fees",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ fee.title }}{% if fee.sample %}\n（{{ fee.sample }}）{% endif %}",
                "{{ fee.rule }}{% if fee.period %}，{{ fee.period }}{% endif %}", Cell("{{ fee.unit_price|money }}", align=RIGHT),
                Cell("{{ fee.refundable|default('不退', true) }}", align=CENTRE), Cell("{{ fee.amount }}", align=RIGHT)], height=9,
               total=[Cell("合计", 2, label=True, style="Cell Head"), Cell("人民币（大写）{{ fees_total.capitals }}", 3, align=LEFT),
                      Cell("{{ fees_total.amount }}", align=RIGHT, bold=True)])
    paper.sealed("一、请凭本单到财务部交费，逐项领取发票，验证时出示。", "二、入伙押金凭收据办理退还；公共维修基金代收代存。",
                 "三、对收费有疑问请当场了解，咨询电话 {{ estate.phone }}。")
    return paper.signatures([("签收人\n（业主）", "owner")])


PAPERS: Mapping[str, tuple[str, Callable[[], Paper]]] = {
    "countersign_sheet": ("入伙会签表", countersign_sheet),
    "rectification_order": ("房屋问题反馈单", rectification_order),
    "inspection": ("房屋交接表", inspection),
    "key_custody": ("紧急备用钥匙托管协议", key_custody),
    "handover_deed": ("楼宇交接书", handover_deed),
    "fee_notice": ("缴款通知单", fee_notice),
}


def build(folder: Path) -> list[Path]:
    """Writes every template into `folder`; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, (title, make) in PAPERS.items():
        written.append(folder / f"{name}.docx")
        make().save(written[-1], title)
    return written


if __name__ == "__main__":
    for path in build(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("move_in")):
        print(path)
