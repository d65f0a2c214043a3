"""The papers that only 荷塘雅苑 has, and those that it words otherwise: `python estates/cuiwei/lotus_court/document_templates/papers.py`.

The look is the house's; a paper of the same file name takes the place of the standard one.
"""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from docx.oxml.ns import qn

from document_templates.fit_out.applying import fee_notice as fit_out_fees
from document_templates.fit_out.completing import completion_record, refund_approval
from document_templates.house import CENTRE, LEFT, RIGHT, Cell, Paper, ink, label, signed_on, value
from document_templates.item_release.papers import release_slip

PLACE = "{{ unit.building }} 栋 {% if unit.entrance %}{{ unit.entrance }} 单元 {% endif %}{{ unit.room }} 室{% if not document.blank %}（{{ unit.code }}）{% endif %}"
SIX = (22, 32, 22, 34, 22, 38)
FOUR = (28, 57, 28, 57)
HEATING = ("heating_scope", "heating_price", "heating_comfort", "heating_duties", "heating_trial", "heating_stop", "heating_effect")
CARE = ("care_scope", "care_keys", "care_report", "care_valuables", "care_end")


def _unit(paper: Paper) -> Paper:
    return paper.grid(SIX, [
        [label("房屋"), value(PLACE, 3), label("建筑面积"), value("{{ unit.area }} 平方米")],
        [label("客户"), value("{{ parties.owner.name }}", 3), label("联系电话"), value("{{ parties.owner.phone }}")],
    ])


def paper_check() -> Paper:
    """S2-a (F36): who issued the notice, who comes, and what the chart branches on."""
    form = "forms.intake"
    paper = _unit(Paper().title())
    paper.grid(SIX, [
        [label("通知书编号"), value(f"{{{{ {form}.notice_number }}}}"), label("签发单位"), value(f"{{{{ {form}.notice_issuer }}}}"),
         label("通知书\n入住时间"), value(f"{{{{ {form}.notice_deadline }}}}")],
        [label("租户"), value("{{ parties.tenant.name|default('无', true) }}"), label("委托人"), value("{{ parties.agent.name|default('无', true) }}"),
         label("费用起计"), value(f"{{{{ {form}.fee_from }}}}")],
        [label("客户情况"), value("　".join(f"{{{{ {form}.{name}_is.yes|tick }}}} {title}" for name, title in
                                      (("non_local", "外地户口"), ("fit_out_together", "一并办理装修"), ("television", "开通有线电视"))), 5)],
    ])
    paper.rows((12, 62, 40, 14, 20, 22), ("序号", "资料名称", "查验方式", "份数", "结果", "备注"), "paper in papers",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ paper.title }}", "{{ paper.evidence }}",
                Cell("{{ paper.count }}", align=CENTRE), Cell("{{ paper.state }}", align=CENTRE), "{{ paper.note }}"])
    paper.grid((28, 142), [
        [label("移交经营部"), value(f"{{{{ {form}.special_is.yes|tick }}}} 是　{{{{ {form}.special_is.no|tick }}}} 否　　{{{{ {form}.special_matter }}}}", height=12)],
        [label("备注"), value(f"{{{{ {form}.remarks }}}}", height=12)],
    ])
    paper.text("说明：资料齐全的继续办理；缺件的请客户补齐后再办。证件原件当场查验后交还，复印件存入客户档案，专柜保管。", "Note")
    return paper.signatures([("查验人", "service")])


def water_test() -> Paper:
    """S2-a (F17): what was filled, how long it stood, and what was seen below."""
    fill, check = "forms.water_fill", "forms.water_check"
    paper = _unit(Paper().title())
    paper.grid(FOUR, [
        [label("试验部位"), value(f"{{{{ {fill}.room }}}}"), label("水面高出地面"), value(f"{{{{ {fill}.depth }}}} 厘米")],
        [label("蓄水时间"), value(f"{{{{ {fill}.filled_on }}}}　{{{{ {fill}.filled_at }}}}"), label("蓄水人"), value(f"{{{{ {fill}.filled_by }}}}")],
        [label("上次维修"), value(f"{{{{ {fill}.repaired|default('首次试验', true) }}}}", 3)],
        [label("查验时间"), value(f"{{{{ {check}.checked_on }}}}　{{{{ {check}.checked_at }}}}"), label("查验时水深"), value(f"{{{{ {check}.depth_left }}}} 厘米")],
        [label("楼下查看"), value(f"{{{{ {check}.below }}}}", 3, height=14)],
        [label("结论"), value(f"{{{{ {check}.leak_is.no|tick }}}} 未见渗漏，合格　　{{{{ {check}.leak_is.yes|tick }}}} 渗漏，不合格", 3)],
        [label("渗漏部位"), value(f"{{{{ {check}.where_leak|default('—', true) }}}}", 3, height=12)],
    ], height=11)
    paper.text("不合格的由工程组维修，本单一联转经营部；维修后重新蓄水查验，直到合格。", "Note")
    return paper.signatures([("客户签名", "owner"), ("查验人", "engineering")])


def rectification_order() -> Paper:
    """S2-a (N07): the original of the inspection sheet goes to 经营部, engineering repairs by this paper."""
    paper = _unit(Paper().title())
    paper.grid(FOUR, [
        [label("验房日期"), value("{{ forms.inspection.inspected_on }}"), label("维修期限"),
         value("{{ forms.inspection.finish_by|default('　　　　年　　月　　日', true) }}")],
        [label("进户方式"), value("{{ forms.inspection.key_left_is.yes|tick }} 凭留存钥匙进户　　{{ forms.inspection.key_left_is.yes|tick(false) }} 与客户另行约定时间", 3)],
        [label("转交原件"), value("《房屋交付验收单》原件一份转经营部，管理处留复印件。", 3)],
    ])
    paper.text("客户验房提出下列问题，由工程组维修，维修后请客户再次验收。", "Lead", keep=True)
    paper.rows((12, 24, 40, 58, 36), ("序号", "部位", "项目", "问题说明", "维修情况"), "item in checklist.open",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ item.group }}", "{{ item.title }}", "{{ item.note }}", ""], height=10)
    paper.grid((28, 142), [[label("共计"), value("{{ checklist.open_count }} 项")]])
    paper.sealed("一、本单一式三份，经营部、工程组、管理处各存一份。", "二、进户维修请先与客户联系，离场时断水断电、关好门窗。")
    return paper.grid((24, 61, 24, 61), [
        [label("工程组\n转　出"), value(ink("engineering"), align=CENTRE, height=17), label("经营部\n接　收"),
         value(ink("business"), align=CENTRE, height=17)],
        [label("日期"), value(signed_on("engineering"), align=CENTRE), label("日期"), value(signed_on("business"), align=CENTRE)],
    ], keep=True)


def fee_notice() -> Paper:
    """S2-a (F23): without a word of the fit-out deposit, which is not collected here (C03)."""
    paper = Paper().title()
    paper.grid((24, 61, 24, 61), [
        [label("客户"), value("{{ parties.owner.name }}"), label("房号"), value("{{ unit.code }}")],
        [label("建筑面积"), value("{{ unit.area }} 平方米"), label("办件编号"), value("{{ case.number }}")],
        [label("费用起计"), value("{{ forms.intake.fee_from }}"), label("开单日期"), value("{{ document.date }}")],
    ])
    paper.rows((12, 54, 56, 22, 26), ("序号", "收费项目", "计算依据", "单价", "金额（元）"), "fee in fees",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ fee.title }}{% if fee.sample %}\n（{{ fee.sample }}）{% endif %}",
                "{{ fee.rule }}{% if fee.period %}，{{ fee.period }}{% endif %}", Cell("{{ fee.unit_price|money }}", align=RIGHT),
                Cell("{{ fee.amount }}", align=RIGHT)], height=9,
               total=[Cell("合计", 2, label=True, style="Cell Head"), Cell("人民币（大写）{{ fees_total.capitals }}", 2, align=LEFT),
                      Cell("{{ fees_total.amount }}", align=RIGHT, bold=True)])
    paper.sealed("一、请凭本单到财务部交费，每笔款项均开具收据。", "二、有线电视费、供暖费为代收费用，标准以公布的为准。",
                 "三、对收费有疑问请当场了解，咨询电话 {{ estate.phone }}。")
    return paper.signatures([("签收人\n（客户）", "owner")])


def _agreement(opening: str, clauses: Sequence[str], *rows: Sequence[Cell]) -> Paper:
    paper = Paper().title()
    paper.grid((28, 74, 28, 40), [
        [label("甲方（客户）"), value("{{ parties.owner.name }}"), label("联系电话"), value("{{ parties.owner.phone }}")],
        [label("证件号码"), value("{{ parties.owner.id_number }}"), label("房号"), value("{{ unit.code }}")],
        [label("乙方"), value("{{ company.title }}"), label("联系电话"), value("{{ estate.phone }}")],
        *rows,
    ])
    paper.text(opening)
    paper.clauses(clauses)
    return paper.text("", "Gap").parties("甲方（客户）")


def heating_agreement() -> Paper:
    return _agreement("就{{ estate.title }} {{ unit.code }}（建筑面积 {{ unit.area }} 平方米）的冬季供暖，双方约定如下：", HEATING)


def custody_agreement() -> Paper:
    return _agreement("甲方将{{ estate.title }} {{ unit.code }} 托管给乙方，双方约定如下：", CARE,
                      [label("托管事项"), value("{{ forms.registration.custody_scope }}", 3, height=14)])


# ------------------------------------------------------------ fit-out and release, by the duties of S3-8


def reworded(paper: Paper, words: Mapping[str, str]) -> Paper:
    """The standard's paper with words exchanged; ValueError for words that it does not have."""
    left = set(words)
    for text in paper.file.element.body.iter(qn("w:t")):
        for old, new in words.items():
            if old in (text.text or ""):
                text.text = text.text.replace(old, new)
                left.discard(old)
    if left:
        raise ValueError(f"the standard's paper has no {'、'.join(sorted(left))}")
    return paper


def fees_of_fit_out() -> Paper:
    """C05: the deposit back as soon as the works are accepted."""
    return reworded(fit_out_fees(), {"装修保证金在验收合格、使用一个月并复验合格后": "装修保证金在验收合格后"})


def accepted_works() -> Paper:
    """C05: what stands beneath the record."""
    return reworded(completion_record(), {"验收合格，使用一个月后由物业复验，无明显质量问题的退还装修保证金。": "验收合格后即可办理退还装修保证金。"})


def refund_at_once() -> Paper:
    """C05: no second look that could be printed."""
    return reworded(refund_approval(), {"使用后复验": "退款日期", "{{ steps.recheck.done }}": "{{ document.date }}"})


def signed_slip() -> Paper:
    """C50: the owner signs, called or not; only for staff of a firm the call stands instead."""
    return reworded(release_slip(), {
        "(forms.phone_call.calls or forms.company_call.calls)": "forms.company_call.calls",
    })


PAPERS: Mapping[str, tuple[str, Callable[[], Paper]]] = {
    "move_in/paper_check": ("验查客户资料情况登记表", paper_check),
    "move_in/water_test": ("卫生间防水试验记录单", water_test),
    "move_in/rectification_order": ("房屋交付验收单转交单", rectification_order),
    "move_in/fee_notice": ("收费单", fee_notice),
    "move_in/heating_agreement": ("供暖协议", heating_agreement),
    "move_in/custody_agreement": ("托管协议", custody_agreement),
    "fit_out/fee_notice": ("装修收费一览表", fees_of_fit_out),
    "fit_out/completion_record": ("室内装修工程竣工验收表", accepted_works),
    "fit_out/refund_approval": ("退还装修保证金审批单", refund_at_once),
    "item_release/release_slip": ("出门条", signed_slip),
}
"""Path below this folder → (title, what makes the paper)."""


def build(folder: Path) -> list[Path]:
    """Writes every template below `folder`; the paths written."""
    written = []
    for name, (title, make) in PAPERS.items():
        written.append(folder / f"{name}.docx")
        written[-1].parent.mkdir(parents=True, exist_ok=True)
        make().save(written[-1], title)
    return written


if __name__ == "__main__":
    for path in build(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent):
        print(path)
