"""The copies of one issued file, told apart: each with its label (第二联 财务联　财务部留存) at the right edge.

Word files get the label into their headers, PDF pages get it drawn over. Neither changes the issued file itself: the
labelled ones are for the printer.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

import pikepdf
from PIL import Image, ImageDraw, ImageFont

from core.documents import archive
from core.documents.fonts import installed
from core.documents.package import Package
from core.documents.watermark import LABEL_RIGHT, LABEL_SIZE, LABEL_TOP, labelled

_STEP = LABEL_SIZE * 1.06  # from one character to the next
_DOTS = 75  # along each side of a character: 600 to the inch


@dataclass(frozen=True)
class Printed:
    """A PDF for the printer, once for each of `labels` (an empty label prints none).

    `parts`: how many copies the file itself holds, one after the other; they are printed as they stand.
    """

    pdf: bytes
    labels: tuple[str, ...] = ("",)
    parts: int = 1


def word_copies(word: bytes, labels: Sequence[str]) -> list[bytes]:
    """The issued Word file `word` with each of `labels`, in their order; the same bytes for the same input."""
    with zipfile.ZipFile(io.BytesIO(word)) as packed:
        members = {info.filename: packed.read(info) for info in packed.infolist()}
    main = next(one.target for one in Package(members, "").relations("") if one.kind == "officeDocument")
    # The place of the label is made once, and only its words differ from copy to copy. No file can say its own hash.
    place = hashlib.sha256(word).hexdigest()
    marked = labelled(Package(members, main), place, max(map(len, labels), default=0)).members
    changed = {name: data for name, data in marked.items() if members.get(name) is not data}
    still = archive.laid_out(archive.packed(name, data, 1) for name, data in members.items() if name not in changed)
    return [archive.assembled(still, [archive.packed(name, data.replace(place.encode(), escape(label).encode()), 1)
                                      for name, data in changed.items()]) for label in labels]


def bound(papers: Iterable[Printed], *, both_sides: bool = True) -> bytes:
    """One PDF of all papers and their copies, in their order.

    `both_sides`: each copy begins on a new sheet; where the one before ends on a front side, a blank page of its size
    follows. What can be seen on the pages stays (seals are pressed into them), signatures in the file do not: a signature
    covers a file of its own. Raises pikepdf.PdfError for bytes that are no PDF.
    """
    book = pikepdf.new()
    labels: dict[str, pikepdf.Object] = {}
    for paper in papers:
        with pikepdf.open(io.BytesIO(paper.pdf)) as source:
            source.flatten_annotations("print")
            first, length = len(book.pages), len(source.pages)
            # All copies before the first label: pages copied later would be those that have it already.
            for _ in paper.labels:
                book.pages.extend(source.pages)
        for place, label in enumerate(paper.labels):
            if label and label not in labels:
                labels[label] = _label(book, label)
            start = first + place * length
            for page in list(book.pages)[start : start + length] if label else ():
                _write(book, page, labels[label])
        if both_sides:
            _leave_backs_blank(book, first, len(paper.labels) * _parts(length, paper.parts))
    target = io.BytesIO()
    book.save(target, deterministic_id=True)
    return target.getvalue()


def _parts(pages: int, copies: int) -> int:
    """In how many parts of the same length the pages fall; slips that share sheets are one part."""
    return copies if pages % copies == 0 else 1


def _leave_backs_blank(book: pikepdf.Pdf, first: int, parts: int) -> None:
    """A blank page after each of the parts from page `first` on, where they have an odd number of pages."""
    length = (len(book.pages) - first) // parts
    if length % 2 == 0:
        return
    for end in range(len(book.pages), first, -length):
        page = book.pages[end - 1]
        blank = {"Type": pikepdf.Name.Page, "MediaBox": page.mediabox, "Rotate": page.obj.get("/Rotate", 0),
                 "Resources": pikepdf.Dictionary(), "Contents": pikepdf.Stream(book, b"")}
        book.pages.insert(end, pikepdf.Page(book.make_indirect(pikepdf.Dictionary(**blank))))


# ---------------------------------------------------------------- the label on a page


def _write(book: pikepdf.Pdf, page: pikepdf.Page, label: pikepdf.Object) -> None:
    """The label over the page, at the right edge; what stands on the page stays as it is."""
    right, top = float(page.mediabox[2]), float(page.mediabox[3])
    # The pages of two copies are one and the same until here: what is theirs alone is put beside what they share.
    own = pikepdf.Dictionary(_entries(page.obj.get("/Resources", pikepdf.Dictionary())))
    own.XObject = pikepdf.Dictionary({**_entries(own.get("/XObject", pikepdf.Dictionary())), "/ShouxuLabel": label})
    page.obj.Resources = own
    before = page.obj.get("/Contents", pikepdf.Array())
    pieces = list(before) if isinstance(before, pikepdf.Array) else [before]  # type: ignore[call-overload]
    place = f"Q q 1 0 0 1 {right - LABEL_RIGHT:.2f} {top - LABEL_TOP:.2f} cm /ShouxuLabel Do Q".encode()
    page.obj.Contents = pikepdf.Array([book.make_stream(b"q"), *pieces, book.make_stream(place)])


def _entries(of: pikepdf.Object) -> dict[str, pikepdf.Object]:
    return {str(name): value for name, value in of.items()}


def _label(book: pikepdf.Pdf, label: str) -> pikepdf.Object:
    """The label as a form to be placed by its head: real text, in a font of its own that has just its characters.

    It is set as a line that runs down the page, in glyphs that are turned back, so it is read and copied as one line.
    """
    codes = {character: place for place, character in enumerate(dict.fromkeys(label), 1)}
    drawn = {character: _glyph(character) for character in codes}
    names = {character: f"/g{place}" for character, place in codes.items()}
    advance = 1000 * _STEP / LABEL_SIZE
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type3, FontBBox=[0, 0, 1000, 1000], Resources=pikepdf.Dictionary(),
        FontMatrix=[0.001, 0, 0, 0.001, 0, 0], FirstChar=1, LastChar=len(codes), Widths=[advance] * len(codes),
        CharProcs=pikepdf.Dictionary({names[one]: book.make_stream(f"{advance:.1f} 0 0 0 1000 1000 d1 ".encode() + data)
                                      for one, data in drawn.items()}),
        Encoding=pikepdf.Dictionary(Type=pikepdf.Name.Encoding, Differences=[1, *map(pikepdf.Name, names.values())]),
        ToUnicode=book.make_stream(_meaning(codes)))
    text = bytes(codes[character] for character in label).hex()
    content = f"BT /Label {LABEL_SIZE} Tf 0 -1 1 0 0 0 Tm <{text}> Tj ET".encode()
    high = _STEP * len(label)
    return book.make_stream(content, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, -high, LABEL_SIZE, 0],
                            Resources=pikepdf.Dictionary(Font=pikepdf.Dictionary(Label=book.make_indirect(font))))


@lru_cache(maxsize=1024)
def _glyph(character: str) -> bytes:
    """What draws one character in a box of 1000, turned a quarter back; nothing without a Chinese font."""
    face = installed().face("hei")
    if face is None or character.isspace():
        return b""
    font = ImageFont.truetype(str(face.path), _DOTS, index=face.index)
    picture = Image.new("1", (_DOTS, _DOTS), 0)
    # The ideographic box of a Chinese font stands 0.88 em above and 0.12 em below the baseline.
    ImageDraw.Draw(picture).text((_DOTS / 2, _DOTS * 0.88), character, fill=1, font=font, anchor="ms")
    size = f"BI /W {_DOTS} /H {_DOTS} /IM true /BPC 1 /D [1 0] /F /AHx ID ".encode()
    return b"0 1000 -1000 0 1000 0 cm " + size + picture.tobytes().hex().encode() + b"> EI"


def _meaning(codes: dict[str, int]) -> bytes:
    """The map from codes to characters, for readers that search and copy."""
    pairs = "\n".join(f"<{code:02x}> <{character.encode('utf-16-be').hex()}>" for character, code in codes.items())
    return (f"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Label def /CMapType 2 def\n"
            f"1 begincodespacerange <00> <ff> endcodespacerange\n{len(codes)} beginbfchar\n{pairs}\nendbfchar\n"
            f"endcmap end end").encode()
