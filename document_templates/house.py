"""The look of every paper, made once: A4, real tables, one header, one footer, one signature block.

A `Paper` is built top to bottom and saved as a Word template. What stands between `{{ }}` and `{% %}` is printed by
the document engine; everything else (fonts, borders, margins) is fixed here, so that an estate's own template that
starts from a saved file keeps the look. The same calls make the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

from document_templates.cells import BLANK_DATE, PARTIES, Cell, by_hand, ink, label, signed_on, ticked, value
from document_templates.typography import CENTRE, HEI, JUSTIFY, LEFT, RIGHT, SONG, SYMBOL, add_styles, write
from document_templates.word import (
    add_field,
    align_vertically,
    chinese_count,
    count_pages_from_one,
    flag_row,
    frozen,
    lean,
    line_below,
    properties_of,
    shade,
    shape_table,
    strike,
    upright,
)

__all__ = ["BLANK_DATE", "CENTRE", "HEI", "JUSTIFY", "LEFT", "PARTIES", "RIGHT", "SONG", "SYMBOL", "WIDTH", "Cell", "Paper",
           "by_hand", "ink", "label", "signed_on", "ticked", "value"]
WIDTH = 170.0  # mm between the margins of A4
NOTE = 120  # characters of a note between them
SHORT = 4  # rows of a table that stays on the page of the signatures below it
CLOSED = "以下空白"
CLOSING = 9.0  # mm, the height of the row that closes a table


class Paper:
    """One Word template, built from top to bottom; `save` writes it."""

    def __init__(self, *, landscape: bool = False, numbered: bool = True) -> None:
        self.file: Any = Document()  # python-docx types its styles and parents too narrowly
        lean(self.file)
        self.width = WIDTH if not landscape else 257.0
        self._page(landscape)
        add_styles(self.file)
        self._body = self.file.element.body
        for paragraph in list(self.file.paragraphs):
            paragraph._p.getparent().remove(paragraph._p)
        self._header(numbered)
        self._footer(numbered)

    # ------------------------------------------------------------ the sheet

    def _page(self, landscape: bool) -> None:
        section = self.file.sections[0]
        wide, high = (297, 210) if landscape else (210, 297)
        section.page_width, section.page_height = Mm(wide), Mm(high)
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        section.top_margin, section.right_margin = Mm(25), Mm(20)
        section.bottom_margin, section.left_margin = Mm(20), Mm(20)
        section.header_distance, section.footer_distance = Mm(14), Mm(6)

    def _header(self, numbered: bool) -> None:
        header = self.file.sections[0].header
        paragraph = header.paragraphs[0]
        paragraph.style = self.file.styles["Small"]
        paragraph.paragraph_format.tab_stops.clear_all()
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(self.width), WD_TAB_ALIGNMENT.RIGHT)
        paragraph.add_run("{{ company.title }}")
        if numbered:
            paragraph.add_run("\t")
            paragraph.add_run(
                "{% if document.code %}{{ document.code }}　{% endif %}"
                "编号：{{ document.number|default('（草稿，未编号）', true) }}"
            )
        line_below(paragraph)

    def _footer(self, numbered: bool) -> None:
        """QR code and number at the lower left, page and pages at the lower right."""
        footer = self.file.sections[0].footer
        widths = (26, self.width - 66, 40)
        table = footer.add_table(1, 3, Mm(self.width))
        shape_table(table, widths, borders=False)
        code, hint, page = (cell.paragraphs[0] for cell in table.rows[0].cells)
        for paragraph, align in ((code, CENTRE), (hint, LEFT), (page, RIGHT)):
            paragraph.style, paragraph.alignment = self.file.styles["Small"], align
            align_vertically(_Cell(paragraph._p.getparent(), table), "bottom")
        if numbered:
            code.add_run("{% if document.qr %}{{ document.qr }}{% endif %}")
            number = table.rows[0].cells[0].add_paragraph("{% if document.qr %}{{ document.number }}{% endif %}", style="Small")
            number.alignment, number.runs[0].font.size = CENTRE, Pt(7)
            words = hint.add_run("{% if document.qr %}扫码可核验本文书的编号、日期与内容摘要{% endif %}")
            words.font.color.rgb = RGBColor(0x59, 0x59, 0x59)
        for piece in ("第 ", "PAGE", " 页", "　共 ", "NUMPAGES", " 页"):
            add_field(page, piece) if piece.isupper() else page.add_run(piece)
        self._pages = list(page._p)[-3:]
        last = footer.paragraphs[0]._p
        footer._element.remove(last)
        footer._element.append(last)  # Word wants a paragraph after a table
        footer.paragraphs[0].style = self.file.styles["Tag"]

    # ------------------------------------------------------------ text

    def title(self, text: str = "{{ document.title }}", estate: str = "{{ estate.title }}") -> Paper:
        """The estate's name, and below it the title of the paper."""
        self.text(estate, "Estate")
        return self.text(text, "Paper Title")

    def text(self, text: str, style: str = "Body", *, align: Any = None, keep: bool = False) -> Paper:
        """A paragraph; `**bold**` is set in 黑体. `keep`: it stays on the page of what follows."""
        paragraph = self.file.add_paragraph(style=style)
        write(paragraph, text)
        if align is not None:
            paragraph.alignment = align
        paragraph.paragraph_format.keep_with_next = keep or None
        return self

    def tag(self, tag: str) -> Paper:
        """A tag of its own paragraph, like `{%p if … %}`: the paragraph itself is not printed."""
        return self.text(tag, "Tag")

    def clauses(self, names: Sequence[str]) -> Paper:
        """Numbered clauses: 第一条 and the words of `texts.NAME`."""
        for place, name in enumerate(names, 1):
            self.text(f"**第{chinese_count(place)}条**　{{{{ texts.{name} }}}}", "Clause")
        return self

    def page_break(self) -> Paper:
        """The next paragraph begins the sheet of another copy, and its pages count from one again.

        What all sheets together come to says nothing about a copy, and not every office program knows the pages of a
        section: from here on the footer counts without a total.
        """
        section = deepcopy(self.file.sections[0]._sectPr)
        count_pages_from_one(section)
        self.file.add_paragraph(style="Tag")._p.get_or_add_pPr().append(section)
        if self._pages:
            count_pages_from_one(self.file.sections[-1]._sectPr)
            for piece in self._pages:
                piece.getparent().remove(piece)
            self._pages = []
        return self

    # ------------------------------------------------------------ tables

    def grid(
        self,
        widths: Sequence[float],
        rows: Sequence[Sequence[Cell]],
        *,
        height: float = 8.0,
        keep: bool = False,
        edge: str = "",
    ) -> Paper:
        """A table of label and value cells; widths in mm add up to the page, rows are at least `height` mm.

        `edge`: words set upright along the right edge, as copies are named (第一联 存根联).
        """
        table = self.file.add_table(0, len(widths) + bool(edge))
        shape_table(table, (*widths, 8.0) if edge else widths)
        for cells in rows:
            self._row(table, (*widths, 8.0) if edge else widths, [*cells, Cell()] if edge else cells, height, keep)
        if edge:
            last = len(widths)
            place = upright(table.cell(0, last).merge(table.cell(len(rows) - 1, last)))
            place.style, place.alignment = self.file.styles["Edge"], CENTRE
            place.add_run(edge)
        return self._after()

    def rows(
        self,
        widths: Sequence[float],
        heads: Sequence[str],
        loop: str,
        cells: Sequence[Cell | str],
        *,
        end: str = CLOSED,
        height: float = 7.0,
        total: Sequence[Cell] = (),
    ) -> Paper:
        """A table with one row per `loop` (`item in checklist.items`), a head that repeats, and a closing row."""
        table = self.file.add_table(0, len(widths))
        shape_table(table, widths)
        head = self._row(table, widths, [Cell(text, label=True, style="Cell Head") for text in heads], height, True)
        flag_row(head, "w:tblHeader")
        self._row(table, widths, [Cell(f"{{%tr for {loop} %}}", len(widths))], 0, False)
        self._row(table, widths, [cell if isinstance(cell, Cell) else Cell(cell) for cell in cells], height, False)
        self._row(table, widths, [Cell("{%tr endfor %}", len(widths))], 0, False)
        if end:
            self._struck(table, widths, end)
        if total:
            self._row(table, widths, total, height, False)
        return self._after()

    def pairs(
        self,
        widths: Sequence[float],
        heads: Sequence[str],
        loop: str,
        cells: Sequence[Cell | str],
        *,
        height: float = 6.0,
    ) -> Paper:
        """A table with two items of `loop` in a row: the second half prints `loop.nextitem`."""
        table = self.file.add_table(0, len(widths))
        shape_table(table, widths)
        head = self._row(table, widths, [Cell(text, label=True, style="Cell Head") for text in heads], height, True)
        flag_row(head, "w:tblHeader")
        for tag in (f"{{%tr for {loop} %}}", "{%tr if loop.index is odd %}"):
            self._row(table, widths, [Cell(tag, len(widths))], 0, False)
        self._row(table, widths, [cell if isinstance(cell, Cell) else Cell(cell) for cell in cells], height, False)
        for tag in ("{%tr endif %}", "{%tr endfor %}"):
            self._row(table, widths, [Cell(tag, len(widths))], 0, False)
        return self._after()

    def _struck(self, table: Table, widths: Sequence[float], words: str) -> None:
        """What closes a table: a row across it, struck by a diagonal line, so that nothing can be added by hand."""
        # The line crosses the middle; words that have to be read stand where it is still low.
        row = self._row(table, widths, [Cell(words, len(widths), align=CENTRE if words == CLOSED else LEFT)], CLOSING, False)
        row.height_rule = WD_ROW_HEIGHT_RULE.EXACTLY
        align_vertically(row.cells[0], "top")
        paragraph = row.cells[0].paragraphs[0]
        paragraph.paragraph_format.space_before = Pt(5)
        strike(paragraph, sum(widths), CLOSING)

    def _row(self, table: Table, widths: Sequence[float], cells: Sequence[Cell], height: float, keep: bool) -> _Row:
        row = table.add_row()
        flag_row(row, "w:cantSplit")
        tallest = max([height, *(cell.height for cell in cells)])
        if tallest:
            row.height = Mm(tallest)
        at = 0
        for cell in cells:
            place = row.cells[at] if cell.span == 1 else row.cells[at].merge(row.cells[at + cell.span - 1])
            place.width = Mm(sum(widths[at : at + cell.span]))
            self._fill(place, cell, keep)
            at += cell.span
        if at != len(widths):
            raise ValueError(
                f"the cells of a row cover {at} of {len(widths)} columns: {[cell.text for cell in cells]}"
            )
        return row

    def _fill(self, place: _Cell, cell: Cell, keep: bool) -> None:
        align_vertically(place, "center")
        if cell.label:
            shade(place)
        for index, line in enumerate(cell.text.split("\n")):
            paragraph = place.paragraphs[0] if index == 0 else place.add_paragraph()
            paragraph.style = self.file.styles[cell.style or ("Cell Label" if cell.label else "Cell")]
            write(paragraph, f"**{line}**" if cell.bold and line else line)
            if cell.align is not None:
                paragraph.alignment = cell.align
            paragraph.paragraph_format.keep_with_next = keep or None

    def _after(self) -> Paper:
        """Two tables in a row would grow together: a thin paragraph parts them."""
        return self.text("", "Gap")

    # ------------------------------------------------------------ signatures

    def signatures(self, signers: Sequence[tuple[str, str]], *, height: float = 17.0) -> Paper:
        """A row of boxes (caption, name in `signatures`) with ink, date beneath, or beside where one signs alone.

        The boxes never stand alone on a page.
        """
        parted = self._part()
        count = len(signers)
        first = 28.0 if count <= 2 else 24.0
        widths = [first, self.width / max(count, 2) - first] * max(count, 2)
        table = self.file.add_table(0, len(widths))
        shape_table(table, widths)
        signed = [cell for caption, who in signers for cell in (label(caption), value(ink(who), align=CENTRE, height=height))]
        dated = [cell for _, who in signers for cell in (label("日期"), value(signed_on(who), align=CENTRE))]
        if count == 1:
            self._row(table, widths, [*signed, *dated], height, True)
        else:
            self._row(table, widths, signed, height, True)
            self._row(table, widths, dated, 8, False)
        self._pull(2 + parted)
        return self._after()

    def parties(self, owner: str = "甲方（业主）", *, who: str = "owner", staff: str = "service") -> Paper:
        """The two sides of an agreement: `who` signs (the owner); the company seals where nothing has to be read."""
        half = self.width / 2
        table = self.file.add_table(0, 2)
        shape_table(table, (half, half), borders=False)
        for left, right, height in (
            (f"{owner}：{{{{ parties.{who}.name }}}}", "乙方：{{ company.title }}（盖章）", 16.0),
            (f"签名：{ink(who)}", "日期：{{ document.date }}", 16.0),
            (f"日期：{signed_on(who)}", "", 9.0),
            (f"乙方经办人：{ink(staff)}", "", 16.0),
        ):
            row = self._row(table, (half, half), [value(left), value(right)], height, True)
            for cell in row.cells:
                align_vertically(cell, "bottom")
        self._pull(2)
        return self._after()

    def sealed(self, *notes: str, by: str = "", on: str = "{{ document.date }}", height: float = 40.0,
               room: float = 78.0) -> Paper:
        """Notes on the left; on the right the company's name and date, with room for the seal of 40 mm (all in mm)."""
        widths = (self.width - room, room)
        table = self.file.add_table(0, 2)
        shape_table(table, widths, borders=False)
        self._row(
            table,
            widths,
            [Cell("\n".join(notes), style="Note"), Cell(f"{by}{{{{ company.title }}}}（盖章）\n{on}", style="Seal")],
            height,
            True,
        )
        self._pull(2)
        return self._after()

    def _part(self) -> bool:
        """Words that end right above a table would touch it; whether a thin paragraph had to part them."""
        last = self._body[-2] if len(self._body) > 1 else None
        if last is None or last.tag != qn("w:p"):
            return False
        above = Paragraph(last, self.file._body)
        words = str(above.style.name) not in ("Gap", "Tag") if above.style is not None else True
        if words:
            self._after()
        return words

    def _pull(self, before: int) -> None:
        """Keep what stands before a signature block on its page: the last paragraphs, and a short table right before them, stay
        with what follows."""
        blocks = [child for child in self._body if child.tag == qn("w:p")]
        for block in blocks[-before:]:
            paragraph = Paragraph(block, self.file._body)
            if "{%" not in paragraph.text:
                paragraph.paragraph_format.keep_with_next = True
        above = [child for child in self._body if child.tag == qn("w:tbl")][-2:-1]
        for table in above:
            if len(table.tr_lst) <= SHORT and self._stands_right_before(table):
                for paragraph in table.iter(qn("w:p")):
                    Paragraph(paragraph, self.file._body).paragraph_format.keep_with_next = True

    def _stands_right_before(self, table: Any) -> bool:
        """Whether no more than a note parts a table from the block that was set last."""
        between = list(self._body)[self._body.index(table) + 1 : -2]
        # not itertext(): python-docx gives paragraphs and runs a text of their own, and each word would count three times
        words = "".join(text.text or "" for child in between for text in child.iter(qn("w:t")))
        return all(child.tag == qn("w:p") for child in between) and len(words) <= NOTE and "{%" not in words

    # ------------------------------------------------------------ out

    def save(self, path: Path, title: str) -> None:
        """Write the template; the same paper gives the same bytes."""
        self._close()
        out = io.BytesIO()
        self.file.save(out)
        path.write_bytes(frozen(out.getvalue(), {"docProps/core.xml": properties_of(title)}))

    def _close(self) -> None:
        """Word wants a paragraph after the last table; on a full page it must not begin another one. Nor must that of a copy, which
        the end of the loop over all copies follows."""
        last = self._body[-2]
        if "endfor" in "".join(text.text or "" for text in last.iter(qn("w:t"))) and len(self._body) > 2:
            last = self._body[-3]
        if last.tag == qn("w:p") and not "".join(last.itertext()):
            paragraph = Paragraph(last, self.file._body)
            paragraph.style, paragraph.paragraph_format.keep_with_next = self.file.styles["Tag"], None
