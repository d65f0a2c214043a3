"""Word, piece by piece: what python-docx has no words for (East Asian fonts, borders, fields, a frozen archive)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import OxmlElement, parse_xml
from docx.shared import Mm
from docx.text.paragraph import Paragraph

SHADE = "EFEFEF"  # light enough for black and white print

_KEPT_STYLES = frozenset({"Normal", "DefaultParagraphFont", "TableNormal", "NoList"})
_NOT_NEEDED = ("stylesWithEffects", "customXml", "thumbnail", "numbering", "webSettings")


def lean(file: Any) -> None:
    """Without what the empty document brings along and no paper uses: a tenth of the bytes for each copy issued."""
    for owner in (file.part, file.part.package):
        for name, relation in list(owner.rels.items()):
            if any(word in relation.reltype for word in _NOT_NEEDED):
                del owner.rels[name]
    styles = file.styles.element
    for style in styles.findall(qn("w:style")):
        if style.get(qn("w:styleId")) not in _KEPT_STYLES:
            styles.remove(style)
    latent = styles.find(qn("w:latentStyles"))
    if latent is not None:
        styles.remove(latent)


def set_fonts(properties: Any, east: str, latin: str) -> None:
    """East Asian and Latin font, always both said."""
    fonts = properties.get_or_add_rFonts()
    for name, font in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", east)):
        fonts.set(qn(f"w:{name}"), font)
    fonts.set(qn("w:hint"), "eastAsia")


def indent_first_line(properties: Any, characters: int) -> None:
    indent = OxmlElement("w:ind")
    indent.set(qn("w:firstLineChars"), str(characters * 100))
    indent.set(qn("w:firstLine"), str(characters * 240))
    properties.append(indent)


def shape_table(table: Any, widths: Sequence[float], *, borders: bool = True) -> None:
    """Fixed widths, 0.5 pt borders, 1.7 mm between border and text."""
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    properties = table._tbl.tblPr
    edges = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        edge = OxmlElement(f"w:{side}")
        for name, setting in (
            ("val", "single" if borders else "nil"),
            ("sz", "4"),
            ("space", "0"),
            ("color", "000000"),
        ):
            edge.set(qn(f"w:{name}"), setting)
        edges.append(edge)
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(int(1.7 * 56.7) if borders else 0))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    properties.append(edges)
    properties.append(margins)
    _in_order(properties)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)


_TABLE_ORDER = (
    "tblStyle",
    "tblpPr",
    "tblOverlap",
    "bidiVisual",
    "tblStyleRowBandSize",
    "tblStyleColBandSize",
    "tblW",
    "jc",
    "tblCellSpacing",
    "tblInd",
    "tblBorders",
    "shd",
    "tblLayout",
    "tblCellMar",
    "tblLook",
)


def _in_order(properties: Any) -> None:
    """Word refuses table properties out of the order of its schema."""
    rank = {qn(f"w:{name}"): place for place, name in enumerate(_TABLE_ORDER)}
    for child in sorted(properties, key=lambda element: rank.get(element.tag, 99)):
        properties.append(child)


def flag_row(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))


def shade(cell: Any) -> None:
    shade = OxmlElement("w:shd")
    for name, setting in (("val", "clear"), ("color", "auto"), ("fill", SHADE)):
        shade.set(qn(f"w:{name}"), setting)
    properties = cell._tc.get_or_add_tcPr()
    align = properties.find(qn("w:vAlign"))
    if align is not None:
        align.addprevious(shade)
    else:
        properties.append(shade)


def align_vertically(cell: Any, where: str) -> None:
    """Where the text of a cell stands: `top`, `center`, `bottom`."""
    properties = cell._tc.get_or_add_tcPr()
    align = properties.find(qn("w:vAlign"))
    if align is None:
        align = OxmlElement("w:vAlign")
        properties.append(align)
    align.set(qn("w:val"), where)


def upright(cell: Any) -> Paragraph:
    """Sets a cell merged over all rows upright, without lines on its outer sides; the paragraph it holds."""
    for row in cell._tc.getparent().getparent().findall(qn("w:tr")):
        borders = OxmlElement("w:tcBorders")
        for side in ("top", "bottom", "right"):
            border = OxmlElement(f"w:{side}")
            border.set(qn("w:val"), "nil")
            borders.append(border)
        row.findall(qn("w:tc"))[-1].get_or_add_tcPr().find(qn("w:vAlign")).addprevious(borders)
    direction = OxmlElement("w:textDirection")
    direction.set(qn("w:val"), "tbRlV")
    cell._tc.get_or_add_tcPr().find(qn("w:vAlign")).addprevious(direction)
    for spare in cell.paragraphs[1:]:
        spare._p.getparent().remove(spare._p)
    return cell.paragraphs[0]


def strike(paragraph: Any, wide: float, high: float) -> None:
    """A thin line from the lower left to the upper right of a cell of `wide` × `high` mm, whose first paragraph this is.

    As a drawing: the diagonal border that Word has for cells is not drawn by other programs.
    """
    inset = 1.7  # mm between border and text
    paragraph._p.append(parse_xml(
        f'<w:r {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><w:rPr><w:noProof/></w:rPr><w:pict><v:line '
        f'style="position:absolute;z-index:1;mso-position-horizontal-relative:text;mso-position-vertical-relative:text" '
        f'from="{-inset}mm,{high}mm" to="{wide - inset}mm,0" strokeweight="0.5pt" strokecolor="#404040"/></w:pict></w:r>'))


def line_below(paragraph: Any) -> None:
    border, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, setting in (("val", "single"), ("sz", "4"), ("space", "3"), ("color", "7F7F7F")):
        bottom.set(qn(f"w:{name}"), setting)
    border.append(bottom)
    properties = paragraph._p.get_or_add_pPr()
    tabs = properties.find(qn("w:tabs"))
    if tabs is not None:
        tabs.addprevious(border)
    else:
        properties.append(border)


def add_field(paragraph: Any, code: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def count_pages_from_one(section: Any) -> None:
    """The pages of a section (`w:sectPr`) count from one."""
    numbers = OxmlElement("w:pgNumType")
    numbers.set(qn("w:start"), "1")
    section.find(qn("w:pgMar")).addnext(numbers)


def chinese_count(number: int) -> str:
    ones = "零一二三四五六七八九"
    if number <= 10:
        return ones[number] if number < 10 else "十"
    tens, rest = divmod(number, 10)
    return ("十" if tens == 1 else ones[tens] + "十") + (ones[rest] if rest else "")


# Written here, because other packages change the name spaces with which python-docx writes it.
_PROPERTIES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" \
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{title}</dc:title><dc:creator>Shouxu</dc:creator>\
<dcterms:created xsi:type="dcterms:W3CDTF">2026-01-01T00:00:00Z</dcterms:created></cp:coreProperties>"""


def properties_of(title: str) -> bytes:
    """The core properties of a template."""
    return _PROPERTIES.format(title=escape(title)).encode()


def frozen(data: bytes, instead: Mapping[str, bytes]) -> bytes:
    """The archive with its members in order and without the time of day; `instead`: other bytes for some members."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as packed, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as frozen:
        for name in sorted(packed.namelist(), key=lambda member: (member != "[Content_Types].xml", member)):
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            frozen.writestr(member, instead.get(name) or packed.read(name))
    return out.getvalue()
