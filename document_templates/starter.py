"""A Word file to start from, with every construct and beside it the words that explain it: `python -m document_templates.starter`.

It fits 房屋验收交接表 of 入伙 as it stands, so that `shouxu check` has something to check. What is explained stands in
`{#p … #}`, which is never printed. `starter.json` holds values to try it with, `starter-ink.png` the signature among them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import RGBColor

from document_templates.house import CENTRE, RIGHT, Cell, Paper, label, value

TITLE = "{{ document.title }} {{ document.number }}"
_BLUE = RGBColor(0x1F, 0x4E, 0x79)
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_NOTE = 2  # 0 and 1 are the lines above the notes
_FOOTNOTES = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:footnotes xmlns:w="{_W}">'
    '<w:footnote w:type="separator" w:id="0"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    '<w:footnote w:type="continuationSeparator" w:id="1"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>'
    f'<w:footnote w:id="{_NOTE}"><w:p><w:pPr><w:pStyle w:val="Note"/></w:pPr><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
    '<w:footnoteRef/></w:r><w:r><w:t xml:space="preserve"> {{ unit.building_type }}，{{ unit.layout }}。脚注里也可以写标记。</w:t></w:r>'
    "</w:p></w:footnote></w:footnotes>"
)


def starter() -> Paper:
    """The paper, from top to bottom."""
    paper = Paper()
    _say(paper, "起步模板。蓝色小字是说明，写在不打印的标记里，看懂后可以整段删除。"
                "先试印：shouxu render starter.docx starter.json -o out.docx")
    paper.title()
    _values(paper)
    _conditions(paper)
    _loops(paper)
    _tables(paper)
    _looks(paper)
    _end(paper)
    return paper


def _say(paper: Paper, words: str) -> None:
    """An explanation that is never printed."""
    paper.text(f"{{#p {words} #}}", "Note")
    for run in paper.file.paragraphs[-1].runs:
        run.font.color.rgb = _BLUE


def _tag(paper: Paper, tag: str) -> None:
    """A tag of its own paragraph, large enough to be read and changed."""
    paper.text(tag, "Small")


def _values(paper: Paper) -> None:
    _say(paper, "一、打印一个值：两个花括号之间写名称。值用标记自己的字体、字号、颜色。下面的表格可直接改行高、列宽、文字。")
    paper.grid((23, 62, 23, 62), [
        [label("房屋"), value("{{ unit.building }} 栋 {{ unit.entrance }} 单元 {{ unit.room }} 室"),
         label("面积"), value("{{ unit.area }} 平方米")],
        [label("业主"), value("**{{ parties.owner.name }}**"), label("验房日期"), value("{{ forms.inspection.inspected_on }}")],
        [label("代理人"), value("{{ parties.agent.name|default('无', true) }}"), label("车牌"),
         value("{{ forms.registration.plates|default('——', true) }}")],
    ])
    _say(paper, "没有填的值印成空白，用 default 可以换成别的字（上表“代理人”）。名称写错不会印成空白：检查时就会指出来。")
    paper.text("房屋概况见脚注", "Lead")
    reference = paper.file.paragraphs[-1].add_run()
    reference.font.superscript = True
    mark = OxmlElement("w:footnoteReference")
    mark.set(qn("w:id"), str(_NOTE))
    reference._r.append(mark)
    _add_footnotes(paper.file)
    paper.file.paragraphs[-1].add_run("。")


def _add_footnotes(file: Any) -> None:
    part = Part(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, _FOOTNOTES.encode(), file.part.package)
    file.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def _conditions(paper: Paper) -> None:
    _say(paper, "二、条件：整段出现或不出现，用 p 开头的标记，单独占一段（这一段本身不打印）；句子里面的条件不用 p。")
    _tag(paper, "{%p if parties.agent.present %}")
    paper.text("本次由代理人 {{ parties.agent.name }} 办理。", "Lead")
    _tag(paper, "{%p else %}")
    paper.text("本次由业主本人办理{% if forms.inspection.key_left_is.yes %}，并留存一把钥匙{% endif %}。", "Lead")
    _tag(paper, "{%p endif %}")
    _say(paper, "勾选框：条件成立印 ☑，否则印 ☐。选项的名称在“字段名_is”下面。")
    paper.text("房屋用途：{{ forms.registration.occupancy_is.own|tick }} 自住　{{ forms.registration.occupancy_is.let|tick }} 出租　"
               "{{ forms.registration.occupancy_is.office|tick }} 办公", "Lead")


def _loops(paper: Paper) -> None:
    _say(paper, "三、重复的段落：for 与 endfor 之间的段落，每一行数据印一次；loop.index 是第几行。")
    _tag(paper, "{%p for one in parties.co_owners %}")
    paper.text("共有人 {{ loop.index }}：{{ one.name }}（{{ one.id_type }} {{ one.id_number }}）", "Lead")
    _tag(paper, "{%p endfor %}")
    _say(paper, "句子里的重复：loop.last 判断是不是最后一个。只要用顿号连起来，写 join 更短。")
    paper.text("同住人：{% for one in forms.registration.family %}{{ one.person_name }}{% if not loop.last %}、{% endif %}{% endfor %}；"
               "资料：{{ forms.documents_received.papers_given_list|join('、') }}。", "Lead")


def _tables(paper: Paper) -> None:
    _say(paper, "四、重复的表格行：for 和 endfor 各占一行，这两行不打印。vm 把同一列各行竖着合并。at_least 补足空行，手写用。")
    paper.rows((24, 42, 40, 64), ("栏目", "姓名", "关系", "身份证号码"), "one in forms.registration.family|at_least(4)",
               [Cell("{% vm %}家庭成员", align=CENTRE), "{{ one.person_name }}", "{{ one.relation }}", "{{ one.resident_id }}"], end="")
    _say(paper, "cellbg 给一格上底色（六位颜色，不写井号）。合计写在循环之后，用 sum 把各行相加，用 capitals 写成大写。")
    paper.rows((14, 26, 56, 34, 40), ("序号", "部位", "项目", "结果", "说明"), "item in checklist.items",
               [Cell("{{ loop.index }}", align=CENTRE), "{{ item.group }}", "{{ item.title }}",
                Cell("{% cellbg 'F8CBAD' if item.failed else 'FFFFFF' %}{{ item.result }}", align=CENTRE), "{{ item.note }}"], end="")
    paper.rows((44, 80, 46), ("收费项目", "计算", "金额（元）"), "fee in fees",
               ["{{ fee.title }}", "{{ fee.rule }}", Cell("{{ fee.amount|money }}", align=RIGHT)], end="",
               total=[Cell("合计（大写）{{ fees|sum('amount')|capitals }}", 2), Cell("{{ fees|sum('amount')|money }}", align=RIGHT)])
    _say(paper, "五、重复的列：tc 开头的标记各占一格。hm 把循环出来的几格合并成一格，colspan 把一格横跨几列。")
    paper.grid((30, 40, 60, 40), [
        [label("费用"), Cell("{%tc for fee in fees %}"), Cell("{% hm %}各项金额（元）", align=CENTRE), Cell("{%tc endfor %}")],
        [label("名称"), Cell("{%tc for fee in fees %}"), Cell("{{ fee.title }}", align=CENTRE), Cell("{%tc endfor %}")],
        [label("金额"), Cell("{%tc for fee in fees %}"), Cell("{{ fee.amount }}", align=CENTRE), Cell("{%tc endfor %}")],
        [Cell("{% colspan fees|length + 1 %}列数随收费项目的多少而变，本行总是横跨整张表。", 4)],
    ])


def _looks(paper: Paper) -> None:
    _say(paper, "六、同一句里两种字体：r 开头的标记把前后各自的字体留住。")
    paper.text("结论：{%r if checklist.open %}**有 {{ checklist.open_count }} 项待整改**{%r else %}全部合格{%r endif %}。", "Lead")
    _say(paper, "七、多行文字：表单里分了行，印出来也分行。花括号中间加下划线，印出来就是花括号本身。")
    paper.text("验收意见：{{ forms.inspection.remarks }}", "Lead")
    paper.text("（模板里写 {_{ unit.room }_} 打印房号。）", "Note")
    _say(paper, "八、条款：texts 后面是条款的名称，文字改在 texts.yaml。")
    paper.clauses(("covenant_aim", "covenant_use"))


def _end(paper: Paper) -> None:
    _say(paper, "九、签名：电子签名是图片，没有签时留空；页眉、页脚、二维码和“第几页 共几页”在页眉页脚里，双击可改。")
    paper.signatures([("业主\n签名", "owner"), ("工程\n人员", "engineering")])


def write(folder: Path) -> Path:
    """Writes starter.docx into `folder`; its path."""
    path = folder / "starter.docx"
    starter().save(path, TITLE)
    return path


def main() -> None:
    print(write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent))


if __name__ == "__main__":
    main()
