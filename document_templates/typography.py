"""Fonts and paragraph styles of every paper, and how text with **bold** and ☑ is set in them."""

from __future__ import annotations

import re
from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from document_templates.word import indent_first_line, set_fonts

SONG, HEI, SYMBOL = "宋体", "黑体", "Segoe UI Symbol"
CENTRE, LEFT, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.RIGHT
JUSTIFY = WD_ALIGN_PARAGRAPH.JUSTIFY

# name: (East Asian font, Latin font, size, bold, alignment, line spacing, space before and after,
# characters that the first line is moved in)
STYLES: dict[str, tuple[str, str, float, bool, Any, Any, float, float, int]] = {
    "Estate": (SONG, "Times New Roman", 10.5, False, CENTRE, 1.0, 0, 3, 0),
    "Paper Title": (HEI, "Arial", 18, False, CENTRE, 1.0, 0, 9, 0),
    "Lead": (SONG, "Times New Roman", 10.5, False, LEFT, 1.25, 0, 4, 0),
    # 1.5 lines of 12 pt, said in points: fonts differ in what they call one line.
    "Body": (SONG, "Times New Roman", 12, False, JUSTIFY, Pt(21), 0, 0, 2),
    "Clause": (SONG, "Times New Roman", 12, False, JUSTIFY, Pt(21), 0, 0, 2),
    "Section": (HEI, "Arial", 10.5, False, LEFT, 1.0, 8, 4, 0),
    "Cell": (SONG, "Times New Roman", 10.5, False, LEFT, 1.0, 0, 0, 0),
    "Cell Label": (SONG, "Times New Roman", 10.5, False, CENTRE, 1.0, 0, 0, 0),
    "Cell Head": (HEI, "Arial", 10.5, False, CENTRE, 1.0, 0, 0, 0),
    "Note": (SONG, "Times New Roman", 9, False, LEFT, 1.25, 3, 0, 0),
    "Seal": (SONG, "Times New Roman", 10.5, False, CENTRE, 1.8, 0, 0, 0),
    "Great Title": (HEI, "Arial", 26, False, CENTRE, 1.0, 4, 10, 0),
    "Large": (SONG, "Times New Roman", 12, False, LEFT, 1.0, 0, 0, 0),
    "Edge": (SONG, "Times New Roman", 10, False, CENTRE, 1.0, 0, 0, 0),
    "Gap": (SONG, "Times New Roman", 4, False, LEFT, 1.0, 0, 0, 0),
    "Slip Title": (HEI, "Arial", 14, False, CENTRE, 1.0, 0, 2, 0),
    "Cut": (SONG, "Times New Roman", 9, False, CENTRE, 1.0, 8, 8, 0),
    "Tag": (SONG, "Times New Roman", 2, False, LEFT, Pt(2), 0, 0, 0),
    "Small": (SONG, "Times New Roman", 8, False, LEFT, 1.0, 0, 0, 0),
}
_SYMBOLS = re.compile(r"(\{\{[^{}]*\|tick[^{}]*\}\}|[☑☐✂]+)")


def add_styles(file: Any) -> None:
    """The styles of the house in a new Word file."""
    normal = file.styles["Normal"]
    set_fonts(normal.element.get_or_add_rPr(), SONG, "Times New Roman")
    normal.font.size = Pt(10.5)
    for name, (east, latin, size, bold, align, line, before, after, indent) in STYLES.items():
        style = file.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = normal
        set_fonts(style.element.get_or_add_rPr(), east, latin)
        style.font.size, style.font.bold = Pt(size), bold
        shape = style.paragraph_format
        shape.alignment, shape.line_spacing = align, line
        shape.space_before, shape.space_after = Pt(before), Pt(after)
        if indent:
            indent_first_line(style.element.get_or_add_pPr(), indent)


def write(paragraph: Paragraph, text: str) -> None:
    """The words in runs: `**bold**` in 黑体, check boxes in a font that has them."""
    for place, piece in enumerate(re.split(r"\*\*(.+?)\*\*", text)):
        for part in _SYMBOLS.split(piece):
            if part:
                run = paragraph.add_run(part)
                if _SYMBOLS.fullmatch(part):
                    # Chinese fonts have no ☑; in a run of their own font they keep their place in the line.
                    set_fonts(run._r.get_or_add_rPr(), SYMBOL, SYMBOL)
                elif place % 2:
                    set_fonts(run._r.get_or_add_rPr(), HEI, "Arial")
