"""Builds the templates of `bench.render`: a one-page form of thirty rows, plain and with ink and QR."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

_COLUMNS = (
    ("序号", "{{ loop.index }}", 12),
    ("房间", "{{ row.room }}", 25),
    ("检查项目", "{{ row.name }}", 55),
    ("结果", "{{ row.result }}", 20),
    ("轮次", "{{ row.round }}", 14),
    ("说明", "{{ row.note }}", 44),
)


def build(path: Path, pictures: bool) -> None:
    """Writes one template."""
    document = Document()
    style: Any = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(9)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "宋体")
    style.paragraph_format.space_after = Pt(0)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin = section.bottom_margin = Mm(20)
    section.header.paragraphs[0].text = "{{ company }}    {{ estate }}    编号:{{ number }}"
    section.footer.paragraphs[0].text = "{{ unit }}    {{ date }}"
    title = document.add_paragraph("房屋验收记录表")
    title.alignment, title.runs[0].font.size, title.runs[0].bold = WD_ALIGN_PARAGRAPH.CENTER, Pt(16), True
    document.add_paragraph("房号:{{ unit }}    业主:{{ owner }}    电话:{{ phone }}    日期:{{ date }}")
    table = document.add_table(rows=4, cols=len(_COLUMNS), style="Table Grid")
    for index, (head, cell, width) in enumerate(_COLUMNS):
        table.rows[0].cells[index].text = head
        table.rows[2].cells[index].text = cell
        table.columns[index].width = Mm(width)
    table.rows[1].cells[0].text = "{%tr for row in items %}"
    table.rows[3].cells[0].text = "{%tr endfor %}"
    document.add_paragraph("说明:{{ remark }}")
    document.add_paragraph(
        "验收人:{{ inspector }}    业主签名:" + ("{{ ink }}    {{ qr }}" if pictures else "")
    )
    document.core_properties.title = "房屋验收记录表 {{ number }}"
    document.save(str(path))


if __name__ == "__main__":
    here = Path(__file__).parent
    build(here / "inspection.docx", pictures=False)
    build(here / "inspection_signed.docx", pictures=True)
