"""On site: works permit, worker pass, entry check, notice to the departments, patrols in summary."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from collections.abc import Callable, Mapping

from document_templates.fit_out.parts import (
    EMERGENCY,
    PLACE,
    copy_mark,
    long_rows,
    received,
    sheet_per_copy,
    two,
    where,
    wide,
)
from document_templates.house import CENTRE, RIGHT, Cell, Paper, label, value


def _large(text: str, span: int = 1, *, height: float = 0.0) -> Cell:
    return value(text, span, style="Large", height=height)


def works_permit() -> Paper:
    """One sheet for the door of the unit, one for the office; S4-X 装修 10: a phone for emergencies stands on it."""
    paper = sheet_per_copy(Paper())
    paper.text("{{ estate.title }}", "Estate").text("{{ document.title }}", "Great Title")
    paper.text("编号：**{{ document.number }}**", "Large", align=RIGHT).text("", "Gap")
    paper.grid((30, 51, 30, 51), [
        [label("施工房屋"), _large(PLACE, 3)],
        [label("业主"), _large("{{ parties.owner.name }}", 3)],
        [label("施工单位"), _large("{{ parties.contractor.name|default('业主自行安排施工', true) }}", 3)],
        [label("装修负责人"), _large("{{ parties.responsible.name }}"), label("联系电话"), _large("{{ parties.responsible.phone }}")],
        [label("施工内容"), _large("{{ forms.application.scope }}", 3, height=30)],
        [label("工程规模"), _large("{{ forms.application.size }}"), label("发证日期"), _large("{{ document.date }}")],
        [label("有效期"), _large("**{{ forms.application.start_on }} 至 {{ steps.permit.valid_to }}**", 3)],
        [label("施工时间"), _large("{{ texts.permit_hours }}", 3, height=13)],
        [label("应急电话"), _large(f"**{EMERGENCY}**", 3)],
        [_large("　　{{ texts.permit_words }}", 4, height=22)],
    ], height=11.5, edge="{{ copy.title }}{% if copy.to %}　{{ copy.to }}{% endif %}")
    paper.sealed("一、本证仅限上列房屋和内容，不得转借、涂改。", "二、动火、临时用电、夜间施工、留宿，另行办理许可。", height=42)
    return paper.tag("{%p endfor %}")


def worker_pass() -> Paper:
    """Front and back of a pass of the same size (96 by 104 mm), cut out and glued together; S1-2 §6.1 says what stands on them."""
    paper = Paper()
    paper.text("正面与背面沿外框剪下，背对背粘合后塑封", "Cut", keep=True)
    paper.grid((36, 14, 46), [
        [value("{{ estate.title }}\n**{{ document.title }}**", 3, style="Slip Title", align=CENTRE, height=18)],
        [value("{% if forms.pass.portrait %}{{ forms.pass.portrait }}{% else %}粘贴一寸\n免冠照片{% endif %}", align=CENTRE, height=43),
         value("姓名：**{{ item.name }}**\n工种：{{ forms.pass.trade }}\n房屋：{{ unit.code }}\n单位：{{ parties.contractor.name|default('业主自行安排', true) }}", 2, style="Large")],
        [value("编号\n**{{ document.number }}**\n有效期至\n**{{ steps.permit.valid_to }}**", 2, style="Large", height=43),
         value("{{ company.title }}（盖章）\n{{ document.date }}", style="Seal")],
    ], keep=True)
    paper.text("✂ ┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈", "Cut", keep=True)
    return paper.grid((28, 68), [
        [label("身份证号"), value("{{ item.id_number }}")],
        [label("特种作业证"), value("{{ forms.pass.certificate|default('无', true) }}")],
        [value("身份证复印件粘贴处", 2, height=60, align=CENTRE)],
        [value("{{ texts.pass_words }}服务电话 {{ estate.phone }}。", 2, height=28)],
    ])


def entry_confirmation() -> Paper:
    form = "forms.entry"
    paper = where(Paper().title(), [
        two("进场日期", f"{{{{ {form}.entered_on }}}}", "物业确认人", f"{{{{ {form}.engineer }}}}"),
        two("灭火器", f"{{{{ {form}.extinguishers }}}} 具", "施工证", f"{{{{ {form}.permit_posted_is.yes|tick }}}} 已张贴在门上"),
        two("水表读数", f"{{% if {form}.water_reading %}}{{{{ {form}.water_reading }}}} 吨{{% else %}}未抄{{% endif %}}",
            "电表读数", f"{{% if {form}.power_reading %}}{{{{ {form}.power_reading }}}} 度{{% else %}}未抄{{% endif %}}"),
    ])
    paper.text("双方共同查看，确认进场时的现状如下。“合格”表示完好，“不合格”表示已有损坏，写明情况。", "Lead", keep=True)
    paper.rows((12, 26, 62, 20, 50), ("序号", "部位", "项目", "现状", "说明"), "item in checklist.items",
               [Cell("{{ loop.index }}", align=CENTRE), Cell("{{ item.group }}", align=CENTRE), "{{ item.title }}", Cell("{{ item.result }}", align=CENTRE), "{{ item.note }}"])
    long_rows(paper, [("现状说明", f"{{{{ {form}.remarks|default('无', true) }}}}", 15)])
    paper.text("进场后出现的公共设施损坏，由装修负责人修复或者照价赔偿。本表一式两份，双方各存一份。", "Note", keep=True)
    return paper.signatures([("装修负责人", "responsible"), ("工程人员", "engineering")])


def department_notice() -> Paper:
    """One sheet for each department; S4-X 装修 12: one notice per unit."""
    paper = copy_mark(sheet_per_copy(Paper()).title())
    where(paper, [
        two("进场日期", "{{ forms.entry.entered_on }}", "施工证有效期", "至 {{ steps.permit.valid_to }}"),
        two("施工人员", "{% if parties.workers %}{{ parties.workers|length }} 人{% else %}尚未登记{% endif %}", "灭火器", "{{ forms.entry.extinguishers }} 具"),
        wide("工程规模", "{{ forms.application.size }}"),
        wide("施工内容", "{{ forms.application.scope }}", height=20),
    ])
    paper.text("{{ texts.notice_words }}")
    paper.tag("{%p if parties.workers %}")
    paper.text("施工人员名单", "Section", keep=True)
    paper.rows((28, 57, 85), ("序号", "姓名", "联系电话"), "one in parties.workers",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ one.name }}", "{{ one.phone }}"])
    paper.tag("{%p else %}").text("施工人员尚未登记，办妥出入证后另行知会。").text("", "Gap").tag("{%p endif %}")
    received(paper, "发单人", "service", "签收人")
    return paper.tag("{%p endfor %}")


def patrol_summary() -> Paper:
    """Every round of the daily patrol, department by department."""
    paper = where(Paper().title(), [
        two("办件编号", "{{ case.number }}", "进场日期", "{{ forms.entry.entered_on }}"),
        wide("违章处理", "{{ children.violation|length }} 起{% for one in children.violation %}{% if loop.first %}：{% endif %}{{ one.number }}{% if not loop.last %}、{% endif %}{% endfor %}"),
    ])
    unseen = "{% if one.done %}{{ one.form.NAME|default('—', true) }}{% else %}—{% endif %}"
    paper.rows((35, 27, 18, 12, 30, 48), ("日期", "部门", "巡查人", "人数", "正在施工", "发现与处理"), "one in rounds.patrol",
               [Cell("{{ one.day }}", align=CENTRE), Cell("{{ one.role }}", align=CENTRE),
                Cell("{% if one.done %}{{ one.by }}{% else %}未巡查{% endif %}", align=CENTRE), Cell(unseen.replace("NAME", "on_site"), align=CENTRE),
                unseen.replace("NAME", "works_now"),
                "{% if one.failed %}不合格：{{ one.failed }}。{% endif %}{% if one.form.findings %}{{ one.form.findings }}{% elif one.failed %}{% elif one.done %}正常{% else %}—{% endif %}"], height=6.2)
    paper.text("本表由每日巡查记录汇总，原记录在办件中保存。", "Note", keep=True)
    return paper.signatures([("汇总人", "service")], height=14)


SITE: Mapping[str, tuple[str, Callable[[], Paper]]] = {
    "works_permit": ("装修施工证", works_permit),
    "worker_pass": ("装修人员临时出入证", worker_pass),
    "entry_confirmation": ("进场装修确认表", entry_confirmation),
    "department_notice": ("业主装修入场知会单", department_notice),
    "patrol_summary": ("装修巡检记录汇总表", patrol_summary),
}
