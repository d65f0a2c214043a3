"""Builds the templates of the measurements: a one-page form of thirty rows, for us and docxtpl (plain, with pictures,
lean) and for the engines that are measured beside us, each in its own language."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from lxml import etree

HERE = Path(__file__).parent
_COLUMNS = (
    ("序号", "no", 12),
    ("房间", "room", 25),
    ("检查项目", "name", 55),
    ("结果", "result", 20),
    ("轮次", "round", 14),
    ("说明", "note", 44),
)
_FIELD = re.compile(r"\{\{ (\w+) \}\}")
# What a template that was cleaned by hand no longer has.
_BALLAST = re.compile(r"word/(stylesWithEffects|webSettings)\.xml|word/theme/.*|customXml/.*|docProps/(thumbnail|app).*")
_STYLES = 105


def build(rows: tuple[tuple[str, ...], ...], pictures: str = "") -> bytes:
    """The form with the given rows between the head of its table and what follows it."""
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
    table = document.add_table(rows=1 + len(rows), cols=len(_COLUMNS), style="Table Grid")
    for index, (head, _, width) in enumerate(_COLUMNS):
        table.rows[0].cells[index].text = head
        table.columns[index].width = Mm(width)
    for row, words in zip(table.rows[1:], rows, strict=True):
        for cell, text in zip(row.cells, words, strict=False):
            cell.text = text
    document.add_paragraph("说明:{{ remark }}")
    document.add_paragraph("验收人:{{ inspector }}    业主签名:" + pictures)
    document.core_properties.title = "房屋验收记录表 {{ number }}"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def ours(pictures: str = "") -> bytes:
    """In docxtpl's language."""
    cells = tuple(f"{{{{ row.{name} }}}}" for _, name, _ in _COLUMNS)
    return build((("{%tr for row in items %}",), cells, ("{%tr endfor %}",)), pictures)


def for_docxtemplater() -> bytes:
    """In docxtemplater's language: a loop begins and ends inside the cells of its row."""
    first, *between, last = (f"{{{name}}}" for _, name, _ in _COLUMNS)
    return _rewritten(build((("{#items}" + first, *between, last + "{/items}"),)), r"{\1}")


def for_carbone() -> bytes:
    """In Carbone's language: a row and the beginning of the next one are its loop."""
    cells = tuple(f"{{d.items[i].{name}}}" for _, name, _ in _COLUMNS)
    return _rewritten(build((cells, ("{d.items[i+1].no}",))), r"{d.\1}")


def _rewritten(data: bytes, field: str) -> bytes:
    return _members(data, lambda name, body: _FIELD.sub(field, body.decode()).encode() if name.endswith(".xml") else body)


def lean() -> bytes:
    """As somebody saves it who cares: without thumbnail, theme and most of the styles that nothing uses."""
    def slim(name: str, body: bytes) -> bytes | None:
        if _BALLAST.fullmatch(name):
            return None
        if name.endswith(".rels") or name == "[Content_Types].xml":
            tree = etree.fromstring(body)
            for entry in list(tree):
                target = (entry.get("Target") or entry.get("PartName") or "").lstrip("/")
                if _BALLAST.fullmatch(target) or _BALLAST.fullmatch(f"word/{target}") or target.startswith("../customXml"):
                    tree.remove(entry)
            return etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
        if name == "word/styles.xml":
            tree = etree.fromstring(body)
            for style in tree.findall(qn("w:style"))[_STYLES:]:
                tree.remove(style)
            return etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
        return body

    return _members(ours(), slim)


def _members(data: bytes, change: Any) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for info in before.infolist():
            body = change(info.filename, before.read(info))
            if body is not None:
                after.writestr(zipfile.ZipInfo(info.filename, (1980, 1, 1, 0, 0, 0)), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()


if __name__ == "__main__":
    for name, data in {"inspection": ours(), "inspection_signed": ours("{{ ink }}    {{ seal }}    {{ qr }}"), "inspection_lean": lean(),
                       "inspection_docxtemplater": for_docxtemplater(), "inspection_carbone": for_carbone()}.items():
        (HERE / f"{name}.docx").write_bytes(data)
