"""A paper to be filled in by pen: lines to write on in running text, empty cells with room in tables, boxes to tick.

A blank is printed as a value like any other, a line of `＿`; what it looks like in the end depends on where it stands.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from lxml import etree

from core.documents import archive
from core.documents.engine import Template, strict
from core.documents.filters import FILTERS
from core.documents.package import DECLARATION, W

_LINE = "＿"
DATE = "　　　年　　月　　日"
ROOM_MM = 8.0
"""The least height of a row that is written in by hand, in mm."""

LINE_MM = 7.5
"""From one line in a cell to the next, in mm."""
_BEHIND_SPACING = frozenset(f"{W}{name}" for name in (
    "ind", "contextualSpacing", "mirrorIndents", "suppressOverlap", "jc", "textDirection", "textAlignment", "textboxTightWrap",
    "outlineLvl", "divId", "cnfStyle", "rPr", "sectPr", "pPrChange"))
_CHARACTER_MM = 3.7
_DATE_MM = 46.0  # what the words of a date need of a cell; in a narrower one the label has to do
_TWIPS = 1440 / 25.4
_SYMBOL = "Segoe UI Symbol"
_CLOSING = re.compile(r"[^以]{0,12}(以上共[^项]*项，)?以下空白[\s—─-]*")


def line(characters: int) -> str:
    """A line to write so many Chinese characters on."""
    return _LINE * max(characters, 2)


def is_blank(value: Any) -> bool:
    """Whether a value is one of ours, to be filled in by hand."""
    return isinstance(value, str) and (_LINE in value or "　　年" in value or "☐" in value)


class Uncounted(int):
    """How many rows there are: nobody knows yet, so a line is printed; comparisons see the spare rows."""

    def __str__(self) -> str:
        return line(3)


def blank_filters(filters: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """The filters of a template, which let blanks through as they are; no box is ticked."""
    return {name: _through(function) for name, function in {**FILTERS, **filters}.items()} | {
        "tick": lambda value, wanted=None: "☐",
        "count": lambda value: Uncounted(len(value)),
        "length": lambda value: Uncounted(len(value)),
        "sum": lambda value, attribute=None: line(5)}


_WORK_ON_ROWS = frozenset({"at_least", "join", "first", "last", "reverse", "default", "d", "optional", "string"})


def _through(function: Callable[..., Any]) -> Callable[..., Any]:
    if function in [FILTERS[name] for name in _WORK_ON_ROWS]:
        return function
    return lambda value, *given, **named: value if is_blank(value) else function(value, *given, **named)


def blank_paper(template: Template, context: Mapping[str, Any], stamp: str = "") -> bytes:
    """The Word file of a blank paper; `template` is compiled with `blank_filters`. RenderFault as for any paper."""
    return _roomy(template.render(context, stamp=stamp))


def _roomy(word: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(word)) as packed:
        members = {info.filename: packed.read(info) for info in packed.infolist()}
    for name, data in members.items():
        if re.fullmatch(r"word/document\d*\.xml", name):
            members[name] = DECLARATION + etree.tostring(_with_room(strict(data)), encoding="UTF-8")
    return archive.assembled(archive.laid_out(()), [archive.packed(name, data) for name, data in members.items()])


def _with_room(tree: etree._Element) -> etree._Element:
    """Cells that hold nothing but lines are left empty, their rows made high enough; no table is closed."""
    for row in list(tree.iter(f"{W}tr")):
        if _CLOSING.fullmatch("".join(text.text or "" for text in row.iter(f"{W}t"))):
            table = row.getparent()
            assert table is not None
            table.remove(row)
            continue
        emptied = [_emptied(paragraph, cell) for cell in row.findall(f"{W}tc") for paragraph in cell.findall(f"{W}p")]
        lined = [(paragraph, cell) for cell in row.findall(f"{W}tc") for paragraph in cell.findall(f"{W}p")
                 if any(_LINE in (text.text or "") for text in paragraph.iter(f"{W}t"))]
        if any(emptied) or lined:
            _heighten(row)
        for paragraph, cell in lined:
            if len(cell.findall(f"{W}p")) > 1 or _is_long(paragraph, cell):
                _set_line_height(paragraph)
    for text in tree.iter(f"{W}t"):
        text.text = (text.text or "").replace("☑", "☐")
    for run in list(tree.iter(f"{W}r")):
        _boxes_apart(run)
    return tree


def _boxes_apart(run: etree._Element) -> None:
    """Each ☐ in a run and font of its own: Chinese fonts have none, and it would be set out of its place."""
    texts = run.findall(f"{W}t")
    if len(texts) != 1 or len(run) - (run.find(f"{W}rPr") is not None) != 1:
        return
    pieces = [piece for piece in re.split("(☐)", texts[0].text or "") if piece]
    if len(pieces) < 2:
        return
    for piece in reversed(pieces):
        own = deepcopy(run)
        text = own.find(f"{W}t")
        assert text is not None
        text.text = piece
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        if piece == "☐":
            _set_symbol_font(own)
        run.addnext(own)
    parent = run.getparent()
    assert parent is not None
    parent.remove(run)


def _set_symbol_font(run: etree._Element) -> None:
    properties = run.find(f"{W}rPr")
    if properties is None:
        properties = etree.Element(f"{W}rPr")
        run.insert(0, properties)
    for known in properties.findall(f"{W}rFonts"):
        properties.remove(known)
    fonts = {f"{W}{place}": _SYMBOL for place in ("ascii", "hAnsi", "cs", "eastAsia")}
    properties.insert(0, etree.Element(f"{W}rFonts", fonts | {f"{W}hint": "eastAsia"}))


def _emptied(paragraph: etree._Element, cell: etree._Element) -> bool:
    texts = list(paragraph.iter(f"{W}t"))
    words = "".join(text.text or "" for text in texts)
    lines = _LINE in words and not words.strip(f"{_LINE} 　、，；")
    if not lines and not (words.strip() == DATE.strip() and _millimetres(cell) < _DATE_MM):
        return False
    for text in texts:
        text.text = ""
    return True


def _is_long(paragraph: etree._Element, cell: etree._Element) -> bool:
    """Whether the paragraph will take more than one line of its cell."""
    words = "".join(text.text or "" for text in paragraph.iter(f"{W}t"))
    wide = sum(1.0 if ord(character) > 0x2000 else 0.5 for character in words)
    return paragraph.find(f".//{W}br") is not None or wide * _CHARACTER_MM > _millimetres(cell) - 4


def _set_line_height(paragraph: etree._Element) -> None:
    """Lines to write on stand as far from each other as a hand needs."""
    properties = paragraph.find(f"{W}pPr")
    if properties is None:
        properties = etree.Element(f"{W}pPr")
        paragraph.insert(0, properties)
    spacing = properties.find(f"{W}spacing")
    if spacing is None:
        spacing = etree.Element(f"{W}spacing")
        after = next((child for child in properties if child.tag in _BEHIND_SPACING), None)
        properties.append(spacing) if after is None else after.addprevious(spacing)
    spacing.set(f"{W}line", str(round(LINE_MM * _TWIPS)))
    spacing.set(f"{W}lineRule", "atLeast")


def _millimetres(cell: etree._Element) -> float:
    width = cell.find(f"{W}tcPr/{W}tcW")
    said = "" if width is None else width.get(f"{W}w", "")
    return int(said) / _TWIPS if said.isdecimal() else _DATE_MM


def _heighten(row: etree._Element) -> None:
    properties = row.find(f"{W}trPr")
    if properties is None:
        properties = etree.Element(f"{W}trPr")
        # the schema wants exceptions of the row first, then its properties, then its cells
        row.insert(1 if len(row) and row[0].tag == f"{W}tblPrEx" else 0, properties)
    height = properties.find(f"{W}trHeight")
    if height is None:
        height = etree.SubElement(properties, f"{W}trHeight")
    least = round(ROOM_MM * _TWIPS)
    height.set(f"{W}val", str(max(least, int(height.get(f"{W}val") or 0))))
    height.set(f"{W}hRule", "atLeast")
