"""Before the works: guide, application, undertaking, authorisations, approval, agreement, fees."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from collections.abc import Callable, Mapping

from document_templates.fit_out.parts import FOUR, PLACE, choices, two, where, wide
from document_templates.house import CENTRE, LEFT, RIGHT, Cell, Paper, label, value

GUIDE = (("一、怎样申报", ("guide_apply", "guide_papers", "guide_authority", "guide_decision", "guide_money")),
         ("二、施工与验收", ("guide_permit", "guide_period", "guide_hours", "guide_hidden", "guide_completion")),
         ("三、禁止和注意的事项", ("ban_outside", "ban_structure", "ban_wiring", "ban_water", "ban_gas", "ban_fire", "ban_transport", "ban_debris")))
UNDERTAKING = ("undertaking_rules", "undertaking_responsible", "undertaking_training", "undertaking_damage", "undertaking_patrol",
               "undertaking_money", "undertaking_delegate")
AGREEMENT = ("agreement_scope", "agreement_permit", "agreement_bans", "agreement_service", "agreement_fees", "agreement_breach",
             "agreement_hidden", "agreement_completion", "agreement_deposit", "agreement_dispute")
SITE_FIRE = ("site_duty", "site_extinguishers", "site_hot_work", "site_goods", "site_power", "site_ways", "site_people", "site_liability")
WORKS = (("surfaces", "墙、顶、地面"), ("partitions", "隔墙增改"), ("wiring", "强弱电改造"), ("water", "给排水改造"), ("waterproofing", "防水"),
         ("kitchen", "厨房"), ("bathroom", "卫生间"), ("doors", "户内门、柜"), ("air_conditioning", "空调"), ("other", "其他"))


def guide() -> Paper:
    paper = Paper().title()
    paper.text("尊敬的业主：欢迎装修您的房屋。为了房屋安全和邻里和睦，请在申报前阅读以下内容，有疑问请到客户服务中心咨询，电话 {{ estate.phone }}。", "Lead")
    for title, names in GUIDE:
        paper.text(title, "Section", keep=True)
        paper.grid((12, 158), [[value(str(place), align=CENTRE), value(f"{{{{ texts.{name} }}}}")] for place, name in enumerate(names, 1)], height=6)
    return paper


def application() -> Paper:
    form = "forms.application"
    paper = where(Paper().title(), [
        two("负责人证件", "{{ parties.responsible.id_number }}", "代办人",
            "{% if document.blank %}☐ 业主本人　☐ 受托人　☐ 租户{% elif parties.agent.present %}受托人 {{ parties.agent.name }}{% elif parties.tenant.present %}租户 {{ parties.tenant.name }}{% else %}无，业主本人办理{% endif %}"),
        two("申报日期", f"{{{{ {form}.filed_on }}}}", "场所性质", f"{{{{ {form}.premises }}}}"),
        wide("计划工期", f"{{{{ {form}.start_on }}}} 至 {{{{ {form}.end_on }}}}"),
        wide("工程规模", choices("application", "size", (("small", "小型（六十天内）"), ("medium", "中型（六十天内）"), ("large", "较大（九十天内）")))),
        wide("装修内容", choices("application", "works", WORKS[:5]) + "\n" + choices("application", "works", WORKS[5:]), height=13),
        wide("内容说明", f"{{{{ {form}.scope }}}}{{% if {form}.remarks %}}（备注：{{{{ {form}.remarks }}}}）{{% endif %}}", height=13),
        wide("须报批事项", f"{{{{ {form}.structure_is.yes|tick }}}} 结构改动　{{{{ {form}.fire_is.yes|tick }}}} 消防报建　{{{{ {form}.gas_is.yes|tick }}}} 燃气改动　（无则不勾）"),
        two("出入证", f"{{% if {form}.pass_count == '0' %}}本次不申办{{% else %}}申办 {{{{ {form}.pass_count }}}} 证{{% endif %}}", "协议签署", f"{{{{ {form}.agreement_signer }}}}"),
    ], height=6.8)
    paper.text("交验资料", "Section", keep=True)
    paper.rows((12, 92, 44, 22), ("序号", "资料名称", "查验方式", "结果"), "paper in papers",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ paper.title }}", "{{ paper.evidence|default('—', true) }}", Cell("{{ paper.state }}", align=CENTRE)], height=6)
    paper.text("申报人保证所填内容属实，按批准的图纸施工。本表一式两份，物业与业主各存一份。", "Note", keep=True)
    return paper.signatures([("业主签名", "owner"), ("装修负责人", "responsible")])


def undertaking() -> Paper:
    paper = where(Paper().title())
    paper.text("为维护房屋安全和全体业主的权益，业主与装修负责人就上列房屋的装修共同承诺：")
    paper.clauses(UNDERTAKING)
    paper.text("", "Gap")
    return paper.signatures([("业主签名", "owner"), ("装修负责人", "responsible")])


def power_of_attorney() -> Paper:
    return _mandate("agent", "受托人", "委托人系{{ estate.title }}" + PLACE + "的业主，因故不能亲自到场，委托上列受托人办理本房屋的装修手续。",
                    "attorney_powers", "attorney_effect", "自签署之日起，至本房屋装修验收、退还保证金之日止。")


def tenant_authorisation() -> Paper:
    return _mandate("tenant", "租户", "本人系{{ estate.title }}" + PLACE + "的业主，现授权上列租户装修本房屋。",
                    "tenant_powers", "tenant_effect", "自签署之日起，至本次装修办结之日止。")


def _mandate(who: str, caption: str, opening: str, powers: str, effect: str, term: str) -> Paper:
    paper = Paper().title()
    paper.grid(FOUR, [
        [label("业主"), value("{{ parties.owner.name }}"), label("联系电话"), value("{{ parties.owner.phone }}")],
        [label("证件类型"), value("{{ parties.owner.id_type }}"), label("证件号码"), value("{{ parties.owner.id_number }}")],
        [label(caption), value(f"{{{{ parties.{who}.name }}}}"), label("联系电话"), value(f"{{{{ parties.{who}.phone }}}}")],
        [label("证件类型"), value(f"{{{{ parties.{who}.id_type }}}}"), label("证件号码"), value(f"{{{{ parties.{who}.id_number }}}}")],
    ])
    paper.text(opening)
    paper.text(f"**一、权限**　{{{{ texts.{powers} }}}}").text(f"**二、效力**　{{{{ texts.{effect} }}}}").text(f"**三、期限**　{term}")
    return paper.signatures([("业主签名", "owner"), (f"{caption}签名", who)], height=24)


def authority_guide() -> Paper:
    paper = where(Paper().title())
    paper.text("您申报的装修涉及下列须由政府主管部门批准的事项。请先取得批准文件，再由我们完成审批；勾选的为本次须办的事项。", "Lead")
    paper.grid((34, 136), [
        [label("报批事项"), label("怎样办理")],
        [value("{{ forms.application.structure_is.yes|tick }} 结构改动"), value("{{ texts.authority_structure }}", height=16)],
        [value("{{ forms.application.fire_is.yes|tick }} 消防报建"), value("{{ texts.authority_fire }}", height=16)],
        [value("{{ forms.application.gas_is.yes|tick }} 燃气改动"), value("{{ texts.authority_gas }}", height=16)],
        [label("联系方式"), value("{{ texts.authority_places }}", height=11)],
    ])
    return paper.text("批准文件请交原件核对、留存复印件。咨询电话 {{ estate.phone }}。", "Note")


def approval_sheet() -> Paper:
    form = "forms.approval"
    paper = where(Paper().title(), [
        wide("申报内容", "{{ forms.application.scope }}", height=14),
        wide("批准工期", "{{ forms.application.start_on }} 至 {{ forms.application.end_on }}"),
        wide("工程规模", "{{ forms.application.size }}"),
        wide("资料与图纸", f"{{{{ {form}.papers_valid_is.yes|tick }}}} 资料齐全、证照有效　　{{{{ {form}.drawings_sound_is.yes|tick }}}} 图纸符合装修规定"),
        wide("客服部意见", f"{{{{ {form}.service_opinion }}}}", height=11),
        wide("工程部意见", f"{{{{ {form}.engineering_opinion }}}}", height=11),
        wide("附加要求", f"{{{{ {form}.conditions|default('无', true) }}}}", height=13),
    ])
    paper.text("{{ texts.approval_words }}")
    paper.signatures([("客服主管", "service_head"), ("工程主管", "engineering_head")], height=12)
    paper.signatures([("业主确认", "owner")])
    return paper.sealed("本批准书一式两份，业主与物业各存一份。", "批准只及于上列内容，变更须另办手续。", height=42)


def _agreement(caption: str, who: str, opening: str) -> Paper:
    """`caption`: who the first party is; `opening`: why that one signs, where it is not the owner."""
    paper = Paper().title()
    paper.grid(FOUR, [
        wide("甲方", f"{{{{ parties.{who}.name }}}}（{caption}）"),
        two("证件号码", f"{{{{ parties.{who}.id_number }}}}", "联系电话", f"{{{{ parties.{who}.phone }}}}"),
        two("乙方", "{{ company.title }}", "联系电话", "{{ estate.phone }}"),
        two("装修房屋", PLACE, "工程规模", "{{ forms.application.size }}"),
        wide("施工单位", "{{ parties.contractor.name|default('业主自行安排施工', true) }}"),
        wide("批准工期", "{{ forms.application.start_on }} 至 {{ forms.application.end_on }}"),
    ])
    paper.text(f"{opening}为规范{{{{ estate.title }}}}上列房屋的装修活动，保障房屋安全和相邻业主的权益，双方约定如下：")
    paper.clauses(AGREEMENT)
    return paper.text("", "Gap").parties(f"甲方（{caption}）", who=who)


def agreement() -> Paper:
    return _agreement("业主", "owner", "")


def agreement_by_delegate() -> Paper:
    return _agreement("装修负责人", "responsible", "甲方受业主{{ parties.owner.name }}在《装修承诺书》中的委托签署本协议，效力及于业主。")


def fire_undertaking() -> Paper:
    paper = where(Paper().title())
    paper.text("为预防装修期间的火灾和治安事故，装修负责人就上列房屋的施工现场承诺：")
    paper.clauses(SITE_FIRE)
    paper.text("", "Gap")
    paper.signatures([("装修负责人", "responsible")])
    return paper.sealed("本承诺书一式两份，装修负责人与物业各存一份。", height=42)


def fee_notice() -> Paper:
    paper = where(Paper().title(), contractor=False)
    paper.rows((12, 44, 54, 22, 12, 26), ("序号", "收费项目", "计算依据", "单价", "可退", "金额（元）"), "fee in fees",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ fee.title }}{% if fee.sample %}\n（{{ fee.sample }}）{% endif %}",
                "{{ fee.rule }}", Cell("{{ fee.unit_price|money }}", align=RIGHT),
                Cell("{{ fee.refundable|default('不退', true) }}", align=CENTRE), Cell("{{ fee.amount }}", align=RIGHT)], height=9,
               total=[Cell("合计", 2, label=True, style="Cell Head"), Cell("人民币（大写）{{ fees_total.capitals }}", 3, align=LEFT),
                      Cell("{{ fees_total.amount }}", align=RIGHT, bold=True)])
    return paper.sealed("一、请凭本表到财务处交费，每笔款项均开具收据，请核对后妥善保存。",
                        "二、本房屋已交装修保证金的，不再重复收取。",
                        "三、装修保证金在验收合格、使用一个月并复验合格后，扣除应扣款项，余额无息退还。",
                        "四、对收费项目和标准有疑问，请当场向工作人员了解，咨询电话 {{ estate.phone }}。")


APPLYING: Mapping[str, tuple[str, Callable[[], Paper]]] = {
    "guide": ("装修申报须知", guide),
    "application": ("住宅室内装饰装修申报表", application),
    "undertaking": ("装修承诺书", undertaking),
    "power_of_attorney": ("委托书", power_of_attorney),
    "tenant_authorisation": ("业主授权书", tenant_authorisation),
    "authority_guide": ("政府报批办事指南", authority_guide),
    "approval_sheet": ("用户室内装修批准书", approval_sheet),
    "agreement": ("装修管理服务协议", agreement),
    "agreement_by_delegate": ("装修管理服务协议", agreement_by_delegate),
    "fire_undertaking": ("施工区域治安、消防承诺书", fire_undertaking),
    "fee_notice": ("装修收费一览表", fee_notice),
}
