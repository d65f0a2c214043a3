"""The papers of 隐蔽工程验收: the notice of opening up, and the record."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from document_templates.fit_out.parts import Row, long_rows, two, where, wide
from document_templates.house import CENTRE, Cell, Paper, by_hand

NOTICE = (
    two("工程部位", "{{ forms.notice.part }}，{{ forms.notice.place }}", "装修办件", "{{ parent.number }}"),
    two("报验日期", "{{ forms.notice.notified_on }}", "报验时状态", "{{ forms.notice.covered_is.no|tick }} 未覆盖　{{ forms.notice.covered_is.yes|tick }} 已覆盖"),
)


def _part(rows: Sequence[Row]) -> Paper:
    return where(Paper().title(), [*NOTICE, *rows])


def opening_notice() -> Paper:
    form = "forms.opening"
    paper = _part([
        two("揭开日期", f"{{{{ {form}.opened_on }}}}", "揭开范围", f"{{{{ {form}.extent }}}}"),
        wide("代为揭开费用", by_hand(f"☐ 无，由业主自行揭开　　☐ {{{{ {form}.cost }}}} 元，由业主承担", f"{{% if {form}.cost == '0.00' %}}无，由业主自行揭开{{% else %}}{{{{ {form}.cost }}}} 元，由业主承担{{% endif %}}")),
    ])
    paper.text("{{ texts.opening_words }}")
    paper.signatures([("业主签名", "owner"), ("工程人员", "engineering")])
    return paper.sealed("本通知单一式两份，业主与物业各存一份。", "有疑问请致电客户服务中心 {{ estate.phone }}。", height=44)


def hidden_record() -> Paper:
    form = "forms.inspection"
    paper = _part([
        two("验收日期", f"{{{{ {form}.inspected_on }}}}", "验收人", f"{{{{ {form}.engineer }}}}"),
        wide("闭水试验", f"{{% if document.blank %}}☐ 不涉及　　☐ {{% endif %}}{{% if document.blank or {form}.water_test_is.yes %}}{{{{ {form}.water_hours }}}} 小时，水深 {{{{ {form}.water_depth }}}} 厘米{{% else %}}不涉及{{% endif %}}"),
    ])
    paper.rows((14, 86, 24, 46), ("序号", "查验项目", "结果", "问题与复验"), "item in checklist.items",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ item.title }}", Cell("{{ item.result }}", align=CENTRE),
                "{% if document.blank %}{% elif item.defect %}{{ item.defect }}{% if item.was_failed and not item.open %}（复验合格）{% endif %}{% else %}—{% endif %}"], height=8)
    long_rows(paper, [
        ("验收意见", f"{{{{ {form}.opinion }}}}", 16),
        ("验收结论", by_hand("☐ 合格，可以覆盖　　☐ 尚有 {{ checklist.open_count }} 项不合格，整改复验前不得覆盖", "{% if checklist.open %}**尚有 {{ checklist.open_count }} 项不合格，整改复验前不得覆盖**{% else %}**合格，可以覆盖**{% endif %}"), 9),
    ])
    paper.tag(f"{{%p if {form}.photos %}}")
    paper.text("覆盖前照片", "Section", keep=True).text(f"{{{{ {form}.photos }}}}", "Cell", align=CENTRE)
    paper.tag("{%p endif %}")
    paper.text("{{ texts.hidden_words }}")
    paper.text("本记录一式两份，装修负责人与物业各存一份。", "Note", keep=True)
    return paper.signatures([("装修负责人", "responsible"), ("工程人员", "engineering")])


PAPERS: Mapping[str, tuple[str, Callable[[], Paper]]] = {
    "opening_notice": ("隐蔽工程揭开通知单", opening_notice),
    "hidden_record": ("隐蔽工程验收记录", hidden_record),
}
