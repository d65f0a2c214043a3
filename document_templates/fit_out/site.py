"""On site: works permit, worker pass, entry check, notice to the departments, patrols in summary."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from collections.abc import Callable, Mapping

from document_templates.fit_out.parts import FOUR, PLACE, copy_mark, long_rows, sheet_per_copy, where
from document_templates.house import CENTRE, RIGHT, Cell, Paper, ink, label, value


def _large(text: str, span: int = 1, *, height: float = 0.0) -> Cell:
    return value(text, span, style="Large", height=height)


def works_permit() -> Paper:
    """One sheet for the door of the unit, one for the office; S4-X 装修 10: the service phone stands on it."""
    paper = sheet_per_copy(Paper())
    paper.text("{{ estate.title }}", "Estate").text("{{ document.title }}", "Great Title")
    paper.text("编号：**{{ document.number }}**", "Large", align=RIGHT).text("", "Gap")
    paper.grid((30, 52, 30, 50), [
        [label("施工房屋"), _large(PLACE, 3)],
        [label("业主"), _large("{{ parties.owner.name }}", 3)],
        [label("施工单位"), _large("{{ parties.contractor.name|default('业主自行安排施工', true) }}", 3)],
        [label("装修负责人"), _large("{{ parties.responsible.name }}"), label("联系电话"), _large("{{ parties.responsible.phone }}")],
        [label("施工内容"), _large("{{ forms.application.scope }}", 3, height=32)],
        [label("工程规模"), _large("{{ forms.application.size }}"), label("发证日期"), _large("{{ document.date }}")],
        [label("有效期至"), _large("**{{ steps.permit.valid_to }}**", 3)],
        [label("静音时间"), _large("上午八点至十二点、下午两点至六点", 3)],
        [label("服务电话"), _large("**{{ estate.phone }}**（二十四小时）", 3)],
        [_large("　　{{ texts.permit_words }}", 4, height=20)],
    ], height=12, edge="{{ copy.title }}{% if copy.to %}　{{ copy.to }}{% endif %}")
    paper.sealed("一、本证仅限上列房屋和内容，不得转借、涂改。", "二、到期未完工的，到客户服务中心办理延期。", height=42)
    return paper.tag("{%p endfor %}")


def worker_pass() -> Paper:
    """Front and back of a pass, to be cut out and folded; S1-2 §6.1 says what stands on them."""
    paper = Paper()
    paper.text("正面与背面沿外框剪下，对贴塑封", "Cut", keep=True)
    paper.grid((36, 60), [
        [value("{{ estate.title }}", 2, align=CENTRE)],
        [value("{{ document.title }}", 2, style="Slip Title")],
        [value("{% if forms.pass.portrait %}{{ forms.pass.portrait }}{% else %}粘贴一寸免冠照片{% endif %}", align=CENTRE, height=42),
         value("姓名：**{{ item.name }}**\n工种：{{ forms.pass.trade }}\n单元：{{ unit.code }}\n单位：{{ parties.contractor.name|default('业主自行安排', true) }}", style="Large")],
        [label("编号"), value("**{{ document.number }}**", style="Large")],
        [label("有效期至"), value("**{{ steps.permit.valid_to }}**", style="Large")],
        [value("{{ company.title }}（盖章）\n{{ document.date }}", 2, style="Seal", height=46)],
    ], height=9, keep=True)
    paper.text("✂ ┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈", "Cut", keep=True)
    return paper.grid((36, 60), [
        [label("身份证号"), value("{{ item.id_number }}")],
        [value("身份证复印件粘贴处", 2, height=57, align=CENTRE)],
        [value("{{ texts.pass_words }}服务电话 {{ estate.phone }}。", 2, style="Small")],
    ])


def entry_confirmation() -> Paper:
    form = "forms.entry"
    paper = where(Paper().title())
    paper.grid(FOUR, [
        [label("进场日期"), value(f"{{{{ {form}.entered_on }}}}"), label("物业确认人"), value(f"{{{{ {form}.engineer }}}}")],
        [label("灭火器"), value(f"{{{{ {form}.extinguishers }}}} 具"), label("施工证"), value(f"{{{{ {form}.permit_posted_is.yes|tick }}}} 已张贴在门上")],
        [label("水表读数"), value(f"{{{{ {form}.water_reading|default('—', true) }}}}"), label("电表读数"), value(f"{{{{ {form}.power_reading|default('—', true) }}}}")],
    ])
    paper.text("双方共同查看，确认进场时的现状如下。“合格”表示完好，“不合格”表示已有损坏，写明情况。", "Lead", keep=True)
    paper.rows((12, 26, 62, 20, 50), ("序号", "部位", "项目", "现状", "说明"), "item in checklist.items",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ item.group }}", "{{ item.title }}", Cell("{{ item.result }}", align=CENTRE), "{{ item.note }}"])
    long_rows(paper, [("现状说明", f"{{{{ {form}.remarks }}}}", 16)])
    paper.text("进场后出现的公共设施损坏，由装修负责人修复或者照价赔偿。本表一式两份，双方各存一份。", "Note", keep=True)
    return paper.signatures([("装修负责人", "responsible"), ("工程人员", "engineering")])


def department_notice() -> Paper:
    """One sheet for each department; S4-X 装修 12: one notice per unit."""
    paper = sheet_per_copy(Paper()).title()
    paper = copy_mark(paper)
    where(paper)
    paper.grid(FOUR, [
        [label("施工证"), value("有效期至 {{ steps.permit.valid_to }}"), label("进场日期"), value("{{ forms.entry.entered_on }}")],
        [label("工程规模"), value("{{ forms.application.size }}"), label("施工人员"), value("{{ parties.workers|length }} 人，灭火器 {{ forms.entry.extinguishers }} 具")],
        [label("施工内容"), value("{{ forms.application.scope }}", 3, height=20)],
    ])
    paper.text("　　{{ texts.notice_words }}", "Large")
    paper.text("施工人员名单", "Section", keep=True)
    paper.rows((16, 60, 94), ("序号", "姓名", "联系电话"), "one in parties.workers",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ one.name }}", "{{ one.phone }}"])
    paper.grid((28, 57, 28, 57), [
        [label("发单人"), value(ink("service"), height=16), label("签收人"), value("", height=16)],
    ], keep=True)
    return paper.tag("{%p endfor %}")


def patrol_summary() -> Paper:
    """Every round of the daily patrol, department by department."""
    paper = where(Paper().title())
    paper.grid(FOUR, [[label("办件编号"), value("{{ case.number }}"), label("进场日期"), value("{{ forms.entry.entered_on }}")],
                      [label("违章处理"), value("{{ children.violation|length }} 起{% for one in children.violation %}{% if loop.first %}：{% endif %}{{ one.number }}{% if not loop.last %}、{% endif %}{% endfor %}", 3)]])
    paper.rows((36, 24, 22, 12, 34, 42), ("日期", "部门", "巡查人", "人数", "正在施工", "发现与处理"), "one in rounds.patrol",
               [Cell("{{ one.day }}", align=CENTRE), Cell("{{ one.role }}", align=CENTRE),
                Cell("{% if one.done %}{{ one.by }}{% else %}未巡查{% endif %}", align=CENTRE), Cell("{{ one.form.on_site }}", align=CENTRE), "{{ one.form.works_now }}",
                "{{ one.form.findings }}{% if one.failed %}　不合格：{{ one.failed }}{% endif %}"], height=6.2)
    paper.text("本表由每日巡查记录汇总，原记录在办件中保存。", "Note", keep=True)
    return paper.signatures([("汇总人", "service")])


SITE: Mapping[str, tuple[str, Callable[[], Paper]]] = {
    "works_permit": ("装修施工证", works_permit),
    "worker_pass": ("装修人员临时出入证", worker_pass),
    "entry_confirmation": ("进场装修确认表", entry_confirmation),
    "department_notice": ("业主装修入场知会单", department_notice),
    "patrol_summary": ("装修巡检记录汇总表", patrol_summary),
}
