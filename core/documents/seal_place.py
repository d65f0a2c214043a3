"""Where a seal goes on the page: over the company's name and its date (骑年盖月), as it is done by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.documents.pdf_content import Box, Hit, find_text, page_boxes
from core.documents.stamp import SEAL_MM

_MM = 72 / 25.4
_MARGIN = 6 * _MM
_HALF = SEAL_MM / 2 * _MM
_NEAR = 32 * _MM  # a signature block is about as high as a seal
_DATE = r"\d{4}年\d{1,2}月\d{1,2}日|\d{4}-\d{2}-\d{2}|年[_＿]*月[_＿]*日|日期"


@dataclass(frozen=True)
class Place:
    """What to look for: any of `anchors` (spaces and width of brackets ignored); `page` from 0 narrows it."""

    anchors: tuple[str, ...] = ("（盖章）", "（公章）", "（签章）", "（印章）")
    page: int | None = None


@dataclass(frozen=True)
class Spot:
    """The page (from 0) and the square in points that the seal will fill."""

    page: int
    box: Box


def find_spot(pdf: bytes, company: str, place: Place) -> Spot:
    """The spot for the company's seal; raises UnreadablePdf.

    On the last page with an anchor: over the company's name beside it and the date under it. Without an
    anchor: over the last name that has a date under it. Otherwise: lower right of the last page.
    """
    return find_spots(pdf, company, place)[-1]


def find_spots(pdf: bytes, company: str, place: Place) -> list[Spot]:
    """As `find_spot`, the last one; before it, every other anchor that has the company's name beside it.

    A file may hold several copies of a paper, and each copy wants its seal (S2-b §1.2).
    """
    pages = page_boxes(pdf)
    found = find_text(pdf, _pattern(place.anchors), _pattern((company,)), _DATE)
    marks, names, dates = ([hit for hit in hits if place.page in (None, hit.page)] for hits in found)
    mark = marks[-1] if marks else _last_dated(names, dates)
    if mark is None:
        page = place.page if place.page is not None and place.page < len(pages) else len(pages) - 1
        sheet = pages[page]
        return [Spot(page, _square(sheet.right - 25 * _MM - _HALF, sheet.bottom + 25 * _MM + _HALF, sheet))]
    copies = [other for other in marks[:-1] if _nearest(other, names) is not None]
    return [Spot(hit.page, _square(*_over(hit, names, dates), pages[hit.page])) for hit in (*copies, mark)]


def _over(mark: Hit, names: list[Hit], dates: list[Hit]) -> tuple[float, float]:
    name = _nearest(mark, names)
    if name is not None:
        x, y = name.box.centre
    else:  # room for the seal is to the right of “（盖章）：”
        x, y = mark.box.right + 8 * _MM, mark.box.centre[1]
    date = _nearest(mark, [hit for hit in dates if hit.box.top < mark.box.top + 2 * _MM])
    if date is None:
        return x, y - 6 * _MM
    date_x, date_y = date.box.centre
    reach = _HALF * 0.8
    return min(max((x + date_x) / 2, x - reach), x + reach), max((y + date_y) / 2, y - reach)


def _nearest(mark: Hit, others: list[Hit]) -> Hit | None:
    """The nearest hit in the same signature block, left and right parties kept apart."""
    x, y = mark.box.centre
    near = []
    for other in others:
        other_x, other_y = other.box.centre
        beside = abs(other_x - x) - (other.box.right - other.box.left) / 2
        if other.page == mark.page and abs(other_y - y) <= _NEAR and beside <= 2 * _NEAR:
            near.append((abs(other_y - y) + max(beside, 0), other))
    return min(near, key=lambda pair: pair[0])[1] if near else None


def _last_dated(names: list[Hit], dates: list[Hit]) -> Hit | None:
    for name in reversed(names):
        below = [
            d for d in dates if d.page == name.page and 0 < name.box.centre[1] - d.box.centre[1] <= _NEAR
        ]
        if below:
            return name
    return None


def _square(x: float, y: float, sheet: Box) -> Box:
    x = min(max(x, sheet.left + _MARGIN + _HALF), sheet.right - _MARGIN - _HALF)
    y = min(max(y, sheet.bottom + _MARGIN + _HALF), sheet.top - _MARGIN - _HALF)
    return Box(x - _HALF, y - _HALF, x + _HALF, y + _HALF)


def _pattern(texts: tuple[str, ...]) -> str:
    """Any of the texts without white space, brackets of either width; never matches when there are none."""
    words = [re.escape("".join(text.split())) for text in texts if text.strip()]
    joined = "|".join(words) or r"(?!)"
    return re.sub(r"（|\\\(", "[（(]", re.sub(r"）|\\\)", "[）)]", joined))
