"""What a PDF shows: its pages, its text with positions, its pictures.

PDFium reads and draws; pikepdf reads the object tree. PDFium is not thread-safe, so every use of it here
holds one lock.
"""

from __future__ import annotations

import io
import re
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium

_PDFIUM = threading.RLock()


class UnreadablePdf(ValueError):
    """The bytes are not a PDF that can be read."""


@dataclass(frozen=True)
class Box:
    """A rectangle on a page in points, origin at the lower left of the page."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2

    def union(self, other: Box) -> Box:
        return Box(
            min(self.left, other.left),
            min(self.bottom, other.bottom),
            max(self.right, other.right),
            max(self.top, other.top),
        )


@dataclass(frozen=True)
class Hit:
    """Where a text stands: page (from 0) and the box around its characters."""

    page: int
    box: Box


def squeeze(text: str) -> str:
    """The letters, digits and symbols of a text, compatibility forms unified, case folded, all else dropped.

    Two texts that look alike on paper squeeze to the same string: spaces, line breaks, hyphens put in by the
    setting and glyph look-alikes (Kangxi radicals, ligatures) do not count.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LNS")


def page_texts(pdf: bytes) -> list[str]:
    """The text of each page in content order; raises UnreadablePdf."""
    with _open(pdf) as document:
        texts = []
        for number in range(len(document)):
            page = document[number]
            textpage = page.get_textpage()
            texts.append(textpage.get_text_range())
            textpage.close()
            page.close()
        return texts


def page_boxes(pdf: bytes) -> list[Box]:
    """The visible rectangle of each page in points; raises UnreadablePdf."""
    with _open(pdf) as document:
        return [Box(*(document[number].get_cropbox() or (0, 0, 595, 842))) for number in range(len(document))]


def find_text(pdf: bytes, *patterns: str) -> tuple[list[Hit], ...]:
    """For each regular expression every place where it matches, in page and text order; raises UnreadablePdf.

    A pattern is matched against the page's text without any white space, so it must not ask for spaces.
    """
    compiled = [re.compile(pattern) for pattern in patterns]
    found: tuple[list[Hit], ...] = tuple([] for _ in patterns)
    with _open(pdf) as document:
        for number in range(len(document)):
            page = document[number]
            textpage = page.get_textpage()
            places, text = _letters(textpage)
            for pattern, hits in zip(compiled, found, strict=True):
                hits += [
                    Hit(number, _box_around(textpage, places[match.start() : match.end()]))
                    for match in pattern.finditer(text)
                    if match.group()
                ]
            textpage.close()
            page.close()
    return found


def draw_page(pdf: bytes, page: int, *, dpi: int = 100) -> bytes:
    """One page as PNG, annotations (seals) included; raises UnreadablePdf."""
    with _open(pdf) as document:
        document.init_forms()
        bitmap = document[page].render(scale=dpi / 72, may_draw_forms=True)  # pyright: ignore[reportArgumentType]
        image = bitmap.to_pil()
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def count_images(pdf: bytes) -> int:
    """The number of distinct pictures that the pages use (masks do not count); raises UnreadablePdf."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            found: set[tuple[int, int]] = set()
            seen: set[tuple[int, int]] = set()
            for page in document.pages:
                _collect_images(page.obj.get("/Resources"), found, seen)
            return len(found)
    except (pikepdf.PdfError, ValueError, RecursionError) as error:
        raise UnreadablePdf(str(error)) from error


@contextmanager
def _open(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError as error:
            raise UnreadablePdf(str(error)) from error
        try:
            yield document
        except pypdfium2.PdfiumError as error:
            raise UnreadablePdf(str(error)) from error
        finally:
            document.close()


def _letters(textpage: pypdfium2.PdfTextPage) -> tuple[list[int], str]:
    """The characters of a page that are not white space: their places, and the text they make."""
    places: list[int] = []
    letters: list[str] = []
    for place in range(textpage.count_chars()):
        letter = chr(pdfium.FPDFText_GetUnicode(textpage, place))
        if letter.strip() and letter.isprintable():
            places.append(place)
            letters.append(letter)
    return places, "".join(letters)


def _box_around(textpage: pypdfium2.PdfTextPage, places: list[int]) -> Box:
    whole = Box(*textpage.get_charbox(places[0]))
    for place in places[1:]:
        whole = whole.union(Box(*textpage.get_charbox(place)))
    return whole


def _collect_images(
    resources: pikepdf.Object | None, found: set[tuple[int, int]], seen: set[tuple[int, int]]
) -> None:
    objects = resources.get("/XObject") if resources is not None else None
    if objects is None:
        return
    for item in objects.values():
        if not isinstance(item, pikepdf.Stream) or item.objgen in seen:
            continue
        seen.add(item.objgen)
        if item.get("/Subtype") == "/Image":
            found.add(item.objgen)
        elif item.get("/Subtype") == "/Form":
            _collect_images(item.get("/Resources"), found, seen)
