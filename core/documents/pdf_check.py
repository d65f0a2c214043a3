"""Does the PDF show what the Word file says? LibreOffice may leave things out and still report success."""

from __future__ import annotations

import hashlib
import io
import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from core.documents.pdf_content import UnreadablePdf, count_images, page_texts, squeeze
from core.errors import ConversionFailed

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_V = "{urn:schemas-microsoft-com:vml}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_RASTER = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff")
# Where the setting puts something of its own between two pieces of one paragraph.
_BREAKS = frozenset(
    _W + name
    for name in (
        "footnoteReference",
        "endnoteReference",
        "drawing",
        "pict",
        "object",
        "sym",
        "commentReference",
        "ruby",
    )
)


@dataclass(frozen=True)
class WordContent:
    """What a Word file must show: squeezed pieces of its paragraphs, and the number of distinct pictures."""

    pieces: tuple[str, ...]
    images: int


def read_word(docx: bytes) -> WordContent:
    """Read what a Word file says; raises ConversionFailed (3307) when it is no Word file."""
    try:
        with zipfile.ZipFile(io.BytesIO(docx)) as package:
            body = _parse(package.read("word/document.xml"))
            pieces = tuple(piece for piece in map(squeeze, _pieces(body)) if piece)
            return WordContent(pieces, _count_media(package, body))
    except (zipfile.BadZipFile, KeyError, etree.XMLSyntaxError, OSError) as error:
        raise ConversionFailed(
            "这不是可以读取的 Word 文件 (not a readable Word file)", number=3307
        ) from error


def check_pdf(word: WordContent, pdf: bytes) -> None:
    """Accept the PDF of a Word file or raise ConversionFailed.

    3303: no complete PDF; 3304: text of the Word file is missing; 3305: a picture is missing.
    """
    if not pdf.startswith(b"%PDF-") or b"%%EOF" not in pdf[-1024:]:
        raise ConversionFailed("转换结果不是完整的 PDF (the output is not a complete PDF)", number=3303)
    try:
        pages = page_texts(pdf)
        images = count_images(pdf)
    except UnreadablePdf as error:
        raise ConversionFailed(f"转换结果无法读取 (unreadable PDF): {error}", number=3303) from error
    if not pages:
        raise ConversionFailed("转换结果没有页面 (the PDF has no page)", number=3303)
    lost = _first_lost_piece(word.pieces, squeeze("".join(pages)), breaks=len(pages) - 1)
    if lost is not None:
        raise ConversionFailed(
            f"PDF 缺少 Word 中的文字 (text missing from the PDF): “{lost[:24]}”", number=3304
        )
    if images < word.images:
        raise ConversionFailed(
            f"PDF 只有 {images} 张图片，Word 有 {word.images} 张"
            f" (the PDF shows {images} of {word.images} pictures)",
            number=3305,
        )


def _first_lost_piece(pieces: tuple[str, ...], shown: str, *, breaks: int) -> str | None:
    for piece in pieces:
        if not _occurs(piece, shown, breaks):
            return piece
    return None


def _occurs(piece: str, shown: str, breaks: int) -> bool:
    """A paragraph may be cut once per page break (header and footer stand between), nowhere else."""
    while piece not in shown:
        if breaks == 0:
            return False
        low, high = 0, len(piece) - 1  # longest beginning that is shown
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if piece[:middle] in shown else (low, middle - 1)
        if low == 0:
            return False
        piece, breaks = piece[low:], breaks - 1
    return True


# ---------------------------------------------------------------- Word


def _parse(xml: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(xml, parser)


def _pieces(body: etree._Element) -> Iterator[str]:
    for paragraph in _live(body, _W + "p"):
        yield from "".join(_paragraph_text(paragraph)).split("\0")


def _live(root: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Elements of a tag that are shown: not deleted by a revision, not a newer drawing's fallback."""
    for element in root:
        if not isinstance(element.tag, str) or element.tag in (_MC + "Fallback", _W + "del", _W + "moveFrom"):
            continue
        if element.tag == tag:
            yield element
        yield from _live(element, tag)


def _paragraph_text(paragraph: etree._Element) -> Iterator[str]:
    depth = 0  # inside complex fields: their cached result is computed anew by the setting
    for run in _runs(paragraph):
        if run.tag == _W + "fldSimple":
            yield "\0"
            continue
        hidden = _is_hidden(run)
        for child in run:
            if child.tag == _W + "fldChar":
                depth += {"begin": 1, "end": -1}.get(child.get(_W + "fldCharType", ""), 0)
                yield "\0"
            elif child.tag in _BREAKS or child.tag == _MC + "AlternateContent":
                yield "\0"
            elif child.tag == _W + "t" and depth <= 0 and not hidden:
                yield child.text or ""


def _runs(element: etree._Element) -> Iterator[etree._Element]:
    for child in element:
        if child.tag in (_W + "r", _W + "fldSimple"):
            yield child
        elif child.tag in (
            _W + "hyperlink",
            _W + "ins",
            _W + "moveTo",
            _W + "smartTag",
            _W + "sdt",
            _W + "sdtContent",
        ):
            yield from _runs(child)


def _is_hidden(run: etree._Element) -> bool:
    vanish = run.find(f"{_W}rPr/{_W}vanish")
    return vanish is not None and vanish.get(_W + "val", "1") not in ("0", "false", "off")


def _count_media(package: zipfile.ZipFile, body: etree._Element) -> int:
    digests = set(_media(package, "word/document.xml", body))
    relations = _relations(package, "word/document.xml")
    for target in _shown_margins(body, relations):
        digests.update(_media(package, target, _parse(package.read(target))))
    return len(digests)


def _shown_margins(body: etree._Element, relations: dict[str, str]) -> Iterator[str]:
    """Header and footer parts that page one surely shows."""
    section = next(body.iter(_W + "sectPr"), None)
    if section is None:
        return
    kind = "first" if section.find(_W + "titlePg") is not None else "default"
    for reference in section:
        if (
            reference.tag in (_W + "headerReference", _W + "footerReference")
            and reference.get(_W + "type") == kind
        ):
            target = relations.get(reference.get(_R + "id", ""))
            if target:
                yield target


def _media(package: zipfile.ZipFile, part: str, root: etree._Element) -> Iterator[bytes]:
    relations = _relations(package, part)
    ids = [blip.get(_R + "embed") for blip in _live(root, _A + "blip")]
    ids += [data.get(_R + "id") for data in _live(root, _V + "imagedata")]
    for target in {relations.get(identity or "") for identity in ids}:
        if target and target.lower().endswith(_RASTER):
            yield hashlib.sha256(package.read(target)).digest()


def _relations(package: zipfile.ZipFile, part: str) -> dict[str, str]:
    folder, name = posixpath.split(part)
    try:
        root = _parse(package.read(f"{folder}/_rels/{name}.rels"))
    except KeyError:
        return {}
    targets = {}
    for relation in root:
        if relation.get("TargetMode") != "External":
            target = relation.get("Target", "")
            full = (
                target.lstrip("/")
                if target.startswith("/")
                else posixpath.normpath(posixpath.join(folder, target))
            )
            targets[relation.get("Id", "")] = full
    return targets
