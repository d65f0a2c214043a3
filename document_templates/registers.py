"""A register on paper: not a paper of a case; what it shows stands under `register`, with as many columns as it has."""

# ruff: noqa: E501 - a row of a paper reads best on one line, and a Chinese character counts as two
from __future__ import annotations

from document_templates.house import CENTRE, LEFT, RIGHT, Cell, Paper, label, value
from document_templates.word import flag_row, shape_table


def register() -> Paper:
    """Groups and rows of a register, totals and checks below; across the sheet."""
    paper = _Register(landscape=True, numbered=False)
    paper.title("{{ register.title }}")
    paper.text("期间：{{ register.period }}{% if register.source %}　　依据：{{ register.source }}{% endif %}", "Lead", align=CENTRE, keep=True)
    paper.tag("{%p for part in register.parts %}")
    paper.columns()
    paper.tag("{%p endfor %}")
    paper.grid((28, 229), [
        [label("合计"), value("{% for one in register.totals %}{{ one.title }} {{ one.value }}{% if not loop.last %}；{% endif %}{% endfor %}")],
        [label("核对"), value("{% for one in register.checks %}{{ one.title }}：{{ one.holds }}{% if not loop.last %}；{% endif %}"
                           "{% else %}——{% endfor %}")],
    ], keep=True)
    return paper.grid((28, 57, 28, 58, 28, 58), [
        [label("制表"), value("{{ register.by }}"), label("复核"), value(""), label("制表日期"), value("{{ register.printed_on }}")],
    ], height=12, keep=True)


class _Register(Paper):
    """A paper with a table whose columns come from what it shows."""

    def columns(self) -> None:
        """The table of one part: numbers stand at the right."""
        heads = ("{%tc for head in part.heads %}", "{{ head }}", "{%tc endfor %}")
        cells = ("{%tc for cell in row.cells %}", "{%tc if cell.right %}", "{{ cell.text }}", "{%tc else %}", "{{ cell.text }}",
                 "{%tc endif %}", "{%tc endfor %}")
        widths = [self.width / len(cells)] * len(cells)
        table = self.file.add_table(0, len(cells))
        shape_table(table, widths)
        spare = [Cell()] * (len(cells) - len(heads))
        row = self._row(table, widths, [*(Cell(text, label=True, style="Cell Head") for text in heads), *spare], 7.0, True)
        for cell in row.cells[len(heads):]:
            row._tr.remove(cell._tc)
        flag_row(row, "w:tblHeader")
        self._row(table, widths, [Cell("{%tr for row in part.rows %}", len(cells))], 0, False)
        self._row(table, widths, [Cell(text, align=RIGHT if at == 2 else LEFT) for at, text in enumerate(cells)], 6.5, False)
        self._row(table, widths, [Cell("{%tr endfor %}", len(cells))], 0, False)
        self._after()
