"""The papers of 入伙, one function each; the words are ours, the look is the house's."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from collections.abc import Callable, Mapping

from document_templates.house import CENTRE, RIGHT, Cell, Paper, by_hand, ink, label, signed_on, value
from document_templates.move_in.agreements import AGREEMENTS
from document_templates.move_in.money_papers import MONEY_PAPERS
from document_templates.registers import register

PLACE = "{{ unit.building }} 栋 {% if unit.entrance %}{{ unit.entrance }} 单元 {% endif %}{{ unit.room }} 室{% if not document.blank %}（{{ unit.code }}）{% endif %}"
CO_OWNERS = "{% for one in parties.co_owners %}{{ one.name }}{% if not loop.last %}、{% endif %}{% else %}无{% endfor %}"
SIX = (23, 36, 22, 35, 19, 35)  # a date of two-digit month and day stays on one line
FOUR = (28, 57, 28, 57)


def _unit(paper: Paper) -> Paper:
    return paper.grid(SIX, [
        [label("房屋"), value(PLACE, 3), label("建筑面积"), value("{{ unit.area }} 平方米")],
        [label("业主"), value("{{ parties.owner.name }}", 3), label("联系电话"), value("{{ parties.owner.phone }}")],
    ])


def power_of_attorney() -> Paper:
    paper = Paper().title()
    paper.grid(FOUR, [
        [label("委托人"), value("{{ parties.owner.name }}"), label("联系电话"), value("{{ parties.owner.phone }}")],
        [label("证件类型"), value("{{ parties.owner.id_type }}"), label("证件号码"), value("{{ parties.owner.id_number }}")],
        [label("受托人"), value("{{ parties.agent.name }}"), label("联系电话"), value("{{ parties.agent.phone }}")],
        [label("证件类型"), value("{{ parties.agent.id_type }}"), label("证件号码"), value("{{ parties.agent.id_number }}")],
    ])
    paper.text(f"委托人系{{{{ estate.title }}}} {PLACE} 的业主，因故不能亲自到场，现委托上列受托人办理本房屋的入伙事宜。")
    paper.text("**一、委托权限**　{{ texts.attorney_powers }}")
    paper.text("**二、委托效力**　{{ texts.attorney_effect }}")
    paper.text("**三、委托期限**　自委托人签署之日起，至本房屋入伙手续办结之日止。")
    paper.text("委托人为单位的，由法定代表人签名并加盖单位印章。受托人办理时应当出示本人身份证原件。", "Note")
    return paper.signatures([("委托人\n签　名", "owner"), ("受托人\n签　名", "agent")], height=26)


def paper_check() -> Paper:
    paper = _unit(Paper().title())
    paper.grid(SIX, [
        [label("通知书编号"), value("{{ forms.intake.notice_number }}"), label("通知书\n入住时间"), value("{{ forms.intake.notice_deadline }}"),
         label("费用起计"), value("{{ forms.intake.fee_from }}")],
        [label("业主类别"), value(by_hand("☐ 个人　☐ 单位", "{% if parties.owner.kind == 'company' %}单位{% else %}个人{% endif %}")),
         label("受托人"), value("{{ parties.agent.name|default('无', true) }}"),
         label("智能卡"), value("{{ forms.intake.cards }} 张")],
    ])
    paper.rows((12, 58, 44, 14, 20, 22), ("序号", "资料名称", "查验方式", "份数", "结果", "备注"), "paper in papers",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ paper.title }}", "{{ paper.evidence }}",
                Cell("{{ paper.count }}", align=CENTRE), Cell("{{ paper.state }}", align=CENTRE), "{{ paper.note }}"])
    paper.grid((24, 146), [[label("受理备注"), value("{{ forms.intake.remarks }}", height=14)]])
    paper.text("说明：证件原件当场查验后交还本人；复印件仅用于本次入伙办理和业主档案，专柜保管。", "Note")
    return paper.signatures([("查验人", "service")])


def documents_received() -> Paper:
    paper = _unit(Paper().title())
    paper.text("本人已收到下列入伙资料，并已听取工作人员对办理顺序和注意事项的说明。", "Lead")
    paper.rows((16, 118, 36), ("序号", "资料名称及份数", "签收"), "title in forms.documents_received.papers_given_list",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ title }}", Cell("☑ 已收", align=CENTRE)], height=8)
    paper.grid(FOUR, [
        [label("办理说明"), value("{{ forms.documents_received.explained_is.yes|tick }} 已向业主说明"),
         label("签收日期"), value("{{ forms.documents_received.received_on }}")],
        [label("备注"), value("{{ forms.documents_received.remarks }}", 3)],
        [label("发放人"), value("{{ staff.name }}"), label("办件编号"), value("{{ case.number }}")],
    ])
    return paper.signatures([("签收人\n（业主）", "owner")])


def registration() -> Paper:
    form = "forms.registration"
    paper = Paper().title()
    paper.grid(SIX, [
        [label("房屋"), value(PLACE, 3), label("建筑面积"), value("{{ unit.area }} 平方米")],
        [label("业主类别"), value(f"{{{{ {form}.owner_kind_is.person|tick }}}} 个人　　{{{{ {form}.owner_kind_is.company|tick }}}} 单位", 3),
         label("户型"), value("{{ unit.layout }}")],
        [label("姓名\n（名称）"), value(f"{{{{ {form}.owner_name }}}}", 3), label("性别"),
         value(f"{{{{ {form}.gender_is.male|tick }}}} 男　{{{{ {form}.gender_is.female|tick }}}} 女")],
        [label("证件类型"), value(f"{{{{ {form}.id_type }}}}"), label("证件号码"),
         value(f"{{{{ {form}.resident_id }}}}{{{{ {form}.passport }}}}{{{{ {form}.company_code }}}}", 3)],
        [label("法定代表人"), value(f"{{{{ {form}.representative }}}}"), label("联系电话"), value(f"{{{{ {form}.phone }}}}"),
         label("备用电话"), value(f"{{{{ {form}.phone_2 }}}}")],
        [label("通讯地址"), value(f"{{{{ {form}.postal_address }}}}", 5)],
        [label("工作单位"), value(f"{{{{ {form}.employer }}}}", 3), label("车牌号码"), value(f"{{{{ {form}.plates }}}}")],
        [label("房屋用途"), value("　".join(f"{{{{ {form}.occupancy_is.{name}|tick }}}} {title}" for name, title in
                                         (("own", "自住"), ("let", "出租"), ("office", "办公"), ("vacant", "暂不入住"))), 3),
         label("预计入住"), value(f"{{{{ {form}.moving_in_on }}}}")],
        [label("紧急联系人"), value(f"{{{{ {form}.emergency_contact }}}}"), label("与业主关系"), value(f"{{{{ {form}.emergency_relation }}}}"),
         label("联系电话"), value(f"{{{{ {form}.emergency_phone }}}}")],
        [label("共有人"), value(CO_OWNERS, 5)],
    ], height=9)
    paper.text("家庭成员及同住人", "Section", keep=True)
    paper.rows((14, 34, 30, 52, 40), ("序号", "姓名", "与业主关系", "身份证号码", "联系电话"), f"one in {form}.family",
               [Cell("{{ loop.index }}", align=CENTRE), Cell("{{ one.person_name }}", align=CENTRE), Cell("{{ one.relation }}", align=CENTRE),
                Cell("{{ one.resident_id }}", align=CENTRE), Cell("{{ one.phone }}", align=CENTRE)], height=8)
    paper.grid((24, 146), [
        [label("备注"), value(f"{{{{ {form}.remarks }}}}", height=12)],
        [label("信息告知"), value(f"{{{{ {form}.consent_is.yes|tick }}}} 本人已被告知并同意：上述信息由物业服务企业为提供物业服务的目的收集和保存，"
                              "不向无关的人提供；情况变更时及时告知更正。")],
    ])
    return paper.signatures([("业主签名", "owner")])


def inspection() -> Paper:
    form = "forms.inspection"
    paper = Paper().title()
    meters = " ".join(f"{title} {{{{ {form}.{name}.reading|default('—', true) }}}}　" for title, name in
                      (("水", "water"), ("热水", "hot_water"), ("电", "electricity"), ("燃气", "gas")))
    paper.grid(SIX, [
        [label("房屋"), value(PLACE, 3), label("建筑面积"), value("{{ unit.area }} 平方米")],
        [label("业主"), value("{{ parties.owner.name }}"), label("验房日期"), value(f"{{{{ {form}.inspected_on }}}}"),
         label("陪同人员"), value(f"{{{{ {form}.housekeeper }}}}、{{{{ {form}.technician }}}}")],
        [label("底表读数"), value(meters.strip(), 5)],
    ], height=7)
    side = (20, 46, 19)
    halves = ("部位", "验收项目", "结果")
    table_cells = ["{{ item.group }}", "{{ item.title }}", Cell("{{ item.result }}", align=CENTRE),
                   "{% if not loop.last %}{{ loop.nextitem.group }}{% endif %}", "{% if not loop.last %}{{ loop.nextitem.title }}{% endif %}",
                   Cell("{% if not loop.last %}{{ loop.nextitem.result }}{% endif %}", align=CENTRE)]
    paper.pairs((*side, *side), (*halves, *halves), "item in checklist.items", table_cells, height=6.2)
    paper.text("验收中提出的问题", "Section", keep=True)
    paper.rows((12, 26, 46, 86), ("序号", "部位", "项目", "问题说明"), "item in checklist.open",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ item.group }}", "{{ item.title }}", "{{ item.note }}"], height=6.2)
    paper.grid((24, 146), [
        [label("验收意见"), value(f"{{{{ {form}.remarks }}}}", height=10)],
        [label("整改约定"), value(f"要求 {{{{ {form}.finish_by|default('　　　　年　　月　　日', true) }}}}前整改完毕；"
                              f"整改期间 {{{{ {form}.key_left_is.yes|tick }}}} 同意 {{{{ {form}.key_left_is.no|tick }}}} 不同意 留存一把入户门钥匙。")],
    ])
    return paper.signatures([("业主签名", "owner"), ("工程人员", "engineering")])


def meter_readings() -> Paper:
    paper = _unit(Paper().title())
    rows = [[Cell(text, label=True, style="Cell Head") for text in ("表具", "表号", "底数", "单位", "备注")]]
    for title, name, unit in (("水　表", "water", "吨"), ("热水表", "hot_water", "吨"), ("电　表", "electricity", "度"), ("燃气表", "gas", "立方米")):
        meter = f"forms.inspection.{name}"
        rows.append([label(title), value(f"{{{{ {meter}.meter_number }}}}", align=CENTRE),
                     value(f"{{{{ {meter}.reading|default('—', true) }}}}", align=RIGHT), value(unit, align=CENTRE), value("")])
    paper.grid((30, 44, 36, 24, 36), rows, height=11)
    paper.grid(FOUR, [[label("抄表日期"), value("{{ forms.inspection.inspected_on }}"),
                       label("抄表人"), value("{{ forms.inspection.technician }}")]])
    paper.text("以上底数由双方在验房时共同抄录，作为业主开始使用水、热水、电、燃气的起算数。未安装的表具以“—”表示。", "Note")
    return paper.signatures([("业主签名", "owner"), ("工程人员", "engineering")])


def rectification_order() -> Paper:
    paper = _unit(Paper().title())
    paper.grid(FOUR, [
        [label("施工单位"), value("", 3)],
        [label("验房日期"), value("{{ forms.inspection.inspected_on }}"), label("要求完成"),
         value("{{ forms.inspection.finish_by|default('　　　　年　　月　　日', true) }}")],
        [label("进户方式"), value("{{ forms.inspection.key_left_is.yes|tick }} 凭留存钥匙进户　　{{ forms.inspection.key_left_is.yes|tick(false) }} 与业主另行约定时间", 3)],
    ])
    paper.text("下列项目经业主验房提出，请按期整改。整改完毕通知物业复查，并由业主复验签字。", "Lead", keep=True)
    paper.rows((12, 24, 40, 58, 36), ("序号", "部位", "项目", "问题说明", "整改情况"), "item in checklist.open",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ item.group }}", "{{ item.title }}", "{{ item.note }}", ""], height=10)
    paper.grid((28, 142), [[label("共计"), value("{{ checklist.open_count }} 项")]])
    paper.sealed("一、整改须符合交付标准，不得影响相邻部位。", "二、进户施工请先与物业联系，保持室内清洁，离场时断水断电、关好门窗。", by="签发单位：")
    return _received(paper, "签发人", "engineering", "施工单位\n签　　收")


def _received(paper: Paper, caption: str, who: str, other: str) -> Paper:
    """One signer of the program, and one from outside who signs by hand only."""
    return paper.grid((24, 61, 24, 61), [
        [label(caption), value(ink(who), align=CENTRE, height=17), label(other), value("", height=17)],
        [label("日期"), value(signed_on(who), align=CENTRE), label("日期"), value("　　　　年　　月　　日", align=CENTRE)],
    ], keep=True)


def reinspection() -> Paper:
    paper = _unit(Paper().title())
    paper.text("下列项目在验房时提出，施工单位已经整改，经业主与物业共同复验，结果如下。", "Lead", keep=True)
    paper.rows((12, 24, 40, 58, 36), ("序号", "部位", "项目", "原问题说明", "复验结果"), "item in checklist.reworked",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ item.group }}", "{{ item.title }}", "{{ item.defect }}",
                Cell("{{ item.result }}", align=CENTRE)], height=9)
    paper.grid(FOUR, [
        [label("首次验房"), value("{{ forms.inspection.inspected_on }}"), label("复验日期"), value("{{ document.date }}")],
        [label("复验意见"), value("上列项目整改合格，业主同意接收。", 3)],
    ])
    paper.sealed("一、复验合格的项目自复验之日起视为交付。", "二、保修期内再次出现同类问题的，业主可以随时报修。")
    return paper.signatures([("业主签名", "owner"), ("工程人员", "engineering")])


def key_receipt() -> Paper:
    paper = _unit(Paper().title())
    paper.rows((16, 60, 34, 60), ("序号", "种类", "数量（把、张）", "备注"), "key in forms.key_receipt.key_table",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ key.kind }}", Cell("{{ key.count }}", align=CENTRE), "{{ key.note }}"], height=8)
    paper.grid(FOUR, [
        [label("当场试用"), value("{{ forms.key_receipt.tried_is.yes|tick }} 已逐把试用，全部完好", 3)],
        [label("钥匙托管"), value("{{ forms.key_receipt.custody_is.yes|tick }} 委托托管 {{ forms.key_receipt.custody_count }} 把　　"
                              "{{ forms.key_receipt.custody_is.no|tick }} 不托管", 3)],
        [label("领取日期"), value("{{ forms.key_receipt.received_on }}"), label("办件编号"), value("{{ case.number }}")],
    ])
    paper.text("钥匙领取后由业主自行保管。建议入住前更换入户门锁芯；门禁卡遗失请立即到客户服务中心挂失。", "Note")
    return paper.signatures([("业主签名", "owner"), ("发放人", "service")])


def key_custody() -> Paper:
    paper = _unit(Paper().title())
    paper.grid(FOUR, [
        [label("托管数量"), value("{{ forms.key_receipt.custody_count }} 把"), label("托管至"),
         value("{{ forms.key_receipt.custody_until|default('业主取回之日', true) }}")],
        [label("托管用途"), value("{{ forms.key_receipt.custody_purpose }}", 3)],
        [label("封存袋编号"), value("{{ forms.key_receipt.custody_bag }}"), label("封存人、日期"),
         value("{{ forms.key_receipt.custody_sealed_by }}　{{ forms.key_receipt.received_on }}")],
    ])
    paper.text("业主因实际需要，请求{{ estate.title }}管理处代为保管上列房屋的钥匙。双方就托管事项声明如下：")
    paper.clauses(("custody_scope", "custody_seal", "custody_entry", "custody_valuables", "custody_return"))
    return paper.text("", "Gap").parties("业主")


def handover_deed() -> Paper:
    paper = _unit(Paper().title())
    paper.text("甲方（接收方）：{{ parties.owner.name }}", "Lead")
    paper.text("乙方（交付方）：{{ company.title }}", "Lead")
    paper.clauses(("handover_statement", "handover_effect"))
    meters = "".join(f"{{% if forms.inspection.{name}.reading %}}，{title} {{{{ forms.inspection.{name}.reading }}}} {unit}{{% endif %}}"
                     for title, name, unit in (("热水", "hot_water", "吨"), ("电", "electricity", "度"), ("燃气", "gas", "立方米")))
    paper.text(f"**第三条**　交接时计量表底数：水 {{{{ forms.inspection.water.reading|default('—', true) }}}} 吨{meters}。", "Clause")
    paper.text("**第四条**　物业服务费自 {{ forms.intake.fee_from }}起计算；入伙费用共计人民币{{ fees_total.capitals }}（¥{{ fees_total.amount }}），已经结清。", "Clause")
    paper.text("**第五条**　随房交付钥匙：{% for key in forms.key_receipt.key_table %}{{ key.kind }} {{ key.count }}{% if not loop.last %}，{% endif %}{% endfor %}。", "Clause")
    paper.text("**第六条**　本交接书一式两份，双方各执一份，自签署之日起生效。", "Clause")
    return paper.text("", "Gap").parties("甲方")


def occupancy_certificate() -> Paper:
    """Three sheets, one for each copy; S2-b §1.2: seal and signature on every one."""
    paper = Paper()
    paper.tag("{%p for copy in document.copies %}")
    paper.tag("{%p if not loop.first %}").page_break().tag("{%p endif %}")
    paper.text("{{ estate.title }}", "Estate")
    paper.text("{{ document.title }}", "Great Title")
    paper.text("编号：**{{ document.number }}**", "Large", align=RIGHT).text("", "Gap")
    paper.grid((26, 52, 26, 58), [  # a code of 18 capitals stays on one line
        [label("项目名称"), value("{{ estate.title }}　{{ estate.address }}", 3, style="Large")],
        [label("房屋"), value(PLACE, 3, style="Large")],
        [label("建筑面积"), value("{{ unit.area }} 平方米", style="Large"), label("户型"), value("{{ unit.layout }}", style="Large")],
        [label("业主"), value("{{ parties.owner.name }}", 3, style="Large")],
        [label("证件类型"), value("{{ parties.owner.id_type }}", style="Large"), label("证件号码"), value("{{ parties.owner.id_number }}", style="Large")],
        [label("共有人"), value(CO_OWNERS, 3, style="Large")],
        [label("通知书\n入住时间"), value("{{ forms.certificate.notice_deadline }}", style="Large"),
         label("实际\n办理日期"), value("{{ forms.certificate.actual_on }}", style="Large")],
        [value("　　{{ texts.certificate_statement }}", 4, height=24, style="Large")],
        [label("业主签字"), value(ink("owner"), height=20), label("年月日"), value("{{ forms.certificate.actual_on }}", style="Large")],
    ], height=12, edge="{{ copy.title }}{% if copy.to %}　{{ copy.to }}{% endif %}")
    paper.sealed("一、本证明一式三联，按编号顺序开具，涂改无效。", "二、填写错误须作废的，三联均标注“作废”，与存根一并保存，编号不再使用。",
                 height=44)
    return paper.tag("{%p endfor %}")


def archive_list() -> Paper:
    paper = _unit(Paper().title())
    paper.grid(FOUR, [[label("办件编号"), value("{{ case.number }}"), label("档案盒号"), value("{{ forms.archive.box }}")]])
    paper.rows((16, 124, 30), ("序号", "文字档案", "在档"), "title in forms.archive.papers_filed_list",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ title }}", Cell("☑", align=CENTRE)], height=6.4)
    paper.grid((28, 142), [
        [label("计算机档案"), value("{{ forms.archive.computer_filed }}")],
        [label("进度标签"), value("{{ forms.archive.label_is.yes|tick }} 已在入伙进度表上贴标签")],
        [label("备注"), value("{{ forms.archive.remarks }}")],
    ])
    return paper.signatures([("归档人", "archive")])


PAPERS: Mapping[str, tuple[str, Callable[[], Paper]]] = {
    "power_of_attorney": ("授权委托书", power_of_attorney),
    "paper_check": ("验查客户资料情况登记表", paper_check),
    "documents_received": ("入伙资料签收表", documents_received),
    "registration": ("入伙客户情况登记表", registration),
    "inspection": ("房屋验收交接表", inspection),
    "meter_readings": ("水、热水、电、燃气底表单", meter_readings),
    "rectification_order": ("工程返修单", rectification_order),
    "reinspection": ("返修工程验收单", reinspection),
    "key_receipt": ("钥匙签收单", key_receipt),
    "key_custody": ("托管门匙责任声明书", key_custody),
    "handover_deed": ("楼宇交接书", handover_deed),
    "occupancy_certificate": ("房屋入住证明", occupancy_certificate),
    "archive_list": ("入伙档案目录", archive_list),
    **AGREEMENTS,
    **MONEY_PAPERS,
    "register": ("登记表", register),
}
