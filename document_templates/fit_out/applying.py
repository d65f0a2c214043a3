"""Before the works: guide, application, undertaking, authorisations, approval, agreement, fees."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from collections.abc import Callable, Mapping

from document_templates.fit_out.parts import FOUR, PLACE, choices, long_rows, where
from document_templates.house import CENTRE, LEFT, RIGHT, Cell, Paper, label, value

GUIDE = (("一、怎样申报", ("guide_apply", "guide_papers", "guide_authority", "guide_decision", "guide_money")),
         ("二、施工与验收", ("guide_permit", "guide_period", "guide_hours", "guide_hidden", "guide_completion")),
         ("三、禁止和注意的事项", ("ban_outside", "ban_structure", "ban_wiring", "ban_water", "ban_gas", "ban_fire", "ban_transport", "ban_debris")))
UNDERTAKING = ("undertaking_rules", "undertaking_responsible", "undertaking_training", "undertaking_damage", "undertaking_patrol",
               "undertaking_money", "undertaking_delegate")
AGREEMENT = ("agreement_scope", "agreement_permit", "agreement_bans", "agreement_service", "agreement_fees", "agreement_breach",
             "agreement_hidden", "agreement_completion", "agreement_deposit", "agreement_dispute")
SITE_FIRE = ("site_duty", "site_extinguishers", "site_hot_work", "site_goods", "site_power", "site_ways", "site_people", "site_liability")
WORKS = (("surfaces", "墙、顶、地面"), ("partitions", "隔墙"), ("wiring", "强弱电"), ("water", "给排水"), ("waterproofing", "防水"),
         ("kitchen", "厨房"), ("bathroom", "卫生间"), ("doors", "门、柜"), ("air_conditioning", "空调"), ("other", "其他"))


def guide() -> Paper:
    paper = Paper().title()
    paper.text("尊敬的业主：欢迎装修您的房屋。为了房屋安全和邻里和睦，请在申报前阅读以下内容，有疑问请到客户服务中心咨询，电话 {{ estate.phone }}。", "Lead")
    for title, names in GUIDE:
        paper.text(title, "Section", keep=True)
        paper.grid((12, 158), [[value(str(place), align=CENTRE), value(f"{{{{ texts.{name} }}}}")] for place, name in enumerate(names, 1)], height=6)
    return paper


def application() -> Paper:
    form = "forms.application"
    paper = where(Paper().title())
    paper.grid((28, 57, 28, 57), [
        [label("申报日期"), value(f"{{{{ {form}.filed_on }}}}"), label("场所性质"), value(f"{{{{ {form}.premises }}}}")],
        [label("计划工期"), value(f"{{{{ {form}.start_on }}}} 至 {{{{ {form}.end_on }}}}", 3)],
        [label("工程规模"), value(choices("application", "size", (("small", "小型"), ("medium", "中型"), ("large", "较大"))), 3)],
        [label("装修内容"), value(choices("application", "works", WORKS[:6]) + "\n" + choices("application", "works", WORKS[6:]), 3, height=13)],
        [label("内容说明"), value(f"{{{{ {form}.scope }}}}", 3, height=14)],
        [label("须报批事项"), value(f"{{{{ {form}.structure_is.yes|tick }}}} 结构改动　{{{{ {form}.fire_is.yes|tick }}}} 消防报建　{{{{ {form}.gas_is.yes|tick }}}} 燃气改动　（无则不勾）", 3)],
        [label("出入证"), value(f"申办 {{{{ {form}.pass_count }}}} 证　{{{{ {form}.remarks }}}}"), label("协议签署"), value(f"{{{{ {form}.agreement_signer }}}}")],
        [label("代办人"), value("{% if parties.agent.present %}受托人 {{ parties.agent.name }}{% elif parties.tenant.present %}租户 {{ parties.tenant.name }}{% else %}业主本人{% endif %}"),
         label("负责人证件"), value("{{ parties.responsible.id_number }}")],
    ])
    paper.text("交验资料", "Section", keep=True)
    paper.rows((12, 92, 44, 22), ("序号", "资料名称", "查验方式", "结果"), "paper in papers",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ paper.title }}", "{{ paper.evidence }}", Cell("{{ paper.state }}", align=CENTRE)], height=5.8)
    paper.text("申报人保证所填内容属实，按批准的图纸施工。本表一式两份，物业与业主各存一份。", "Note", keep=True)
    return paper.signatures([("业主签名", "owner"), ("装修负责人", "responsible")])


def undertaking() -> Paper:
    paper = where(Paper().title())
    paper.text("为维护房屋安全和全体业主的权益，业主与装修负责人就上列房屋的装修共同承诺：")
    paper.clauses(UNDERTAKING)
    paper.text("", "Gap")
    return paper.signatures([("业主签名", "owner"), ("装修负责人", "responsible")])


def power_of_attorney() -> Paper:
    return _mandate("agent", "受托人", "委托人系{{ estate.title }} " + PLACE + " 的业主，因故不能亲自到场，委托上列受托人办理本房屋的装修手续。",
                    "attorney_powers", "attorney_effect", "自签署之日起，至本房屋装修验收、退还保证金之日止。")


def tenant_authorisation() -> Paper:
    return _mandate("tenant", "租户", "本人系{{ estate.title }} " + PLACE + " 的业主，现授权上列租户装修本房屋。",
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
    return paper.signatures([("业主签名", "owner"), (f"{caption}\n签　名", who)], height=24)


def authority_guide() -> Paper:
    paper = where(Paper().title())
    paper.text("您申报的装修涉及下列须由政府主管部门批准的事项。请先取得批准文件，再由我们完成审批；勾选的为本次须办的事项。", "Lead")
    paper.grid((34, 136), [
        [value("{{ forms.application.structure_is.yes|tick }} 结构改动"), value("{{ texts.authority_structure }}", height=20)],
        [value("{{ forms.application.fire_is.yes|tick }} 消防报建"), value("{{ texts.authority_fire }}", height=20)],
        [value("{{ forms.application.gas_is.yes|tick }} 燃气改动"), value("{{ texts.authority_gas }}", height=20)],
        [value("联系方式"), value("{{ texts.authority_places }}")],
    ])
    return paper.text("批准文件请交原件核对、留存复印件。咨询电话 {{ estate.phone }}。", "Note")


def approval_sheet() -> Paper:
    form = "forms.approval"
    paper = where(Paper().title())
    long_rows(paper, [
        ("申报内容", "{{ forms.application.scope }}", 14),
        ("批准工期", "{{ forms.application.start_on }} 至 {{ forms.application.end_on }}（{{ forms.application.size }}）", 8),
        ("资料与图纸", f"{{{{ {form}.papers_valid_is.yes|tick }}}} 资料齐全、证照有效　　{{{{ {form}.drawings_sound_is.yes|tick }}}} 图纸符合装修规定", 8),
        ("客服部意见", f"{{{{ {form}.service_opinion }}}}", 12),
        ("工程部意见", f"{{{{ {form}.engineering_opinion }}}}", 12),
        ("附加要求", f"{{{{ {form}.conditions }}}}", 14),
        ("审批", "{% for one in steps.approve.approvals %}{{ one.role }} {{ one.name }} {{ one.date }}{% if not loop.last %}；{% endif %}{% endfor %}", 8),
    ])
    paper.text("{{ texts.approval_words }}")
    paper.signatures([("客服主管", "service_head"), ("工程主管", "engineering_head")], height=12)
    paper.signatures([("业主确认", "owner")])
    return paper.sealed("本批准书一式两份，业主与物业各存一份。", "批准只及于上列内容，变更须另办手续。", height=36)


def _agreement(caption: str, who: str, note: str) -> Paper:
    paper = Paper().title()
    paper.grid((28, 80, 28, 34), [
        [label(caption), value(f"{{{{ parties.{who}.name }}}}"), label("联系电话"), value(f"{{{{ parties.{who}.phone }}}}")],
        [label("证件号码"), value(f"{{{{ parties.{who}.id_number }}}}"), label("房号"), value("{{ unit.code }}")],
        [label("乙方"), value("{{ company.title }}"), label("联系电话"), value("{{ estate.phone }}")],
    ])
    paper.text(f"为规范{{{{ estate.title }}}} {{{{ unit.code }}}} 的装修活动，保障房屋安全和相邻业主的权益，双方约定如下{note}：")
    paper.clauses(AGREEMENT)
    return paper.text("", "Gap").parties(caption, who=who)


def agreement() -> Paper:
    return _agreement("甲方（业主）", "owner", "")


def agreement_by_delegate() -> Paper:
    return _agreement("甲方（装修负责人）", "responsible", "。甲方受业主 {{ parties.owner.name }} 在《装修承诺书》中的委托签署，效力及于业主")


def fire_undertaking() -> Paper:
    paper = where(Paper().title())
    paper.text("为预防装修期间的火灾和治安事故，装修负责人就上列房屋的施工现场承诺：")
    paper.clauses(SITE_FIRE)
    paper.text("", "Gap")
    paper.signatures([("装修负责人", "responsible")])
    return paper.sealed("本承诺书一式两份，装修负责人与物业各存一份。", height=34)


def fee_notice() -> Paper:
    paper = where(Paper().title(), contractor=False)
    paper.rows((12, 46, 58, 18, 12, 24), ("序号", "收费项目", "计算依据", "单价", "可退", "金额（元）"), "fee in fees",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ fee.title }}{% if fee.sample %}（{{ fee.sample }}）{% endif %}",
                "{{ fee.rule }}", Cell("{{ fee.unit_price|money }}", align=RIGHT),
                Cell("{{ fee.refundable }}", align=CENTRE), Cell("{{ fee.amount }}", align=RIGHT)], height=9,
               total=[Cell("合计", 2, label=True, style="Cell Head"), Cell("人民币（大写）{{ fees_total.capitals }}", 3, align=LEFT),
                      Cell("{{ fees_total.amount }}", align=RIGHT, bold=True)])
    return paper.sealed("一、请凭本表到财务处交费，每笔款项均开具收据，请核对后妥善保存。",
                        "二、本房屋已交装修保证金的，不再重复收取。",
                        "三、装修保证金在验收合格、使用一个月并复验后，扣除应扣款项，余额无息退还。",
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
