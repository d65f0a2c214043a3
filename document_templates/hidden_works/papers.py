"""The papers of 隐蔽工程验收: the notice of opening up, and the record."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from collections.abc import Callable, Mapping

from document_templates.fit_out.parts import FOUR, long_rows, where
from document_templates.house import CENTRE, Cell, Paper, label, value


def _part(paper: Paper) -> Paper:
    where(paper)
    return paper.grid(FOUR, [
        [label("工程部位"), value("{{ forms.notice.part }}　{{ forms.notice.place }}"), label("装修办件"), value("{{ parent.number }}")],
        [label("报验日期"), value("{{ forms.notice.notified_on }}"), label("报验时"), value("{{ forms.notice.covered_is.no|tick }} 未覆盖　{{ forms.notice.covered_is.yes|tick }} 已覆盖")],
    ])


def opening_notice() -> Paper:
    paper = _part(Paper().title())
    paper.grid(FOUR, [
        [label("揭开日期"), value("{{ forms.opening.opened_on }}"), label("费用"), value("{{ forms.opening.cost }} 元，由业主承担")],
        [label("揭开范围"), value("{{ forms.opening.extent }}", 3)],
    ])
    paper.text("　　{{ texts.opening_words }}", "Body").text("", "Gap")
    paper.signatures([("业主签名", "owner"), ("工程人员", "engineering")])
    return paper.sealed("本通知单一式两份，业主与物业各存一份。", height=46)


def hidden_record() -> Paper:
    form = "forms.inspection"
    paper = _part(Paper().title())
    paper.grid(FOUR, [
        [label("验收日期"), value(f"{{{{ {form}.inspected_on }}}}"), label("验收人"), value(f"{{{{ {form}.engineer }}}}")],
        [label("闭水试验"), value(f"{{% if {form}.water_test_is.yes %}}{{{{ {form}.water_hours }}}} 小时，水深 {{{{ {form}.water_depth }}}} 厘米{{% else %}}不涉及{{% endif %}}", 3)],
    ])
    paper.rows((14, 86, 24, 46), ("序号", "查验项目", "结果", "问题与复验"), "item in checklist.items",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ item.title }}", Cell("{{ item.result }}", align=CENTRE),
                "{{ item.defect }}{% if item.was_failed and not item.open %}（复验合格）{% endif %}"], height=8)
    long_rows(paper, [("验收意见", f"{{{{ {form}.opinion }}}}", 18)])
    paper.tag(f"{{%p if {form}.photos %}}")
    paper.text("覆盖前照片", "Section", keep=True).text(f"{{{{ {form}.photos }}}}", "Cell", align=CENTRE)
    paper.tag("{%p endif %}")
    paper.text("　　{{ texts.hidden_words }}", "Large").text("", "Gap")
    return paper.signatures([("装修负责人", "responsible"), ("工程人员", "engineering")])


PAPERS: Mapping[str, tuple[str, Callable[[], Paper]]] = {
    "opening_notice": ("隐蔽工程揭开通知单", opening_notice),
    "hidden_record": ("隐蔽工程验收记录", hidden_record),
}
