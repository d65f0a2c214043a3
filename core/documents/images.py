"""Pictures: cleaned on the way in, drawn as inline pictures on the way out."""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass

from core.documents.exact import attribute
from core.documents.faults import RenderFault
from core.errors import FieldProblem, InvalidInput

_EMU_PER_MM = 36_000
_EMU_PER_PIXEL = 9_525  # at 96 dpi, as a screen shows it


@dataclass(frozen=True, eq=False)
class Image:
    """A picture in a context: PNG or JPEG bytes, and millimetres; a missing side keeps the proportions."""

    data: bytes
    width_mm: float | None = None
    height_mm: float | None = None
    alt: str = ""


@dataclass(frozen=True)
class CleanImage:
    """A picture without metadata: bytes, media type, pixels."""

    bytes: bytes
    media_type: str
    width: int
    height: int


def clean(data: bytes, max_pixels: int = 25_000_000) -> CleanImage:
    """The JPEG or PNG re-encoded: upright, without EXIF or other metadata.

    InvalidInput 2120 for other formats and broken files, 2121 for more than `max_pixels`.
    """
    # Pillow is half the start-up time of this floor and only needed where pictures come in.
    from PIL import Image as Pillow, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Pillow.DecompressionBombWarning)
            with Pillow.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
                if picture.width * picture.height > max_pixels:
                    raise _refused(f"图片过大：{picture.width}×{picture.height} 像素", 2121)
                kind = picture.format
                upright = ImageOps.exif_transpose(picture)
                upright.load()
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as error:
        raise _refused("图片过大", 2121) from error
    except (OSError, ValueError, SyntaxError, struct.error, MemoryError) as error:
        raise _refused("只接受完好的 JPEG 或 PNG 图片", 2120) from error
    return _encoded(upright, str(kind))


def _encoded(picture, kind: str) -> CleanImage:  # type: ignore[no-untyped-def]
    from PIL import Image as Pillow

    out = io.BytesIO()
    if kind == "JPEG":
        bare = Pillow.new("RGB", picture.size)
        bare.paste(picture.convert("RGB"))
        bare.save(out, "JPEG", quality=88, optimize=True)
        return CleanImage(out.getvalue(), "image/jpeg", *picture.size)
    mode = "RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB"
    # A new picture, because a copy would carry text chunks and profiles along.
    bare = Pillow.new(mode, picture.size)
    bare.paste(picture.convert(mode))
    bare.save(out, "PNG", optimize=True)
    return CleanImage(out.getvalue(), "image/png", *picture.size)


def _refused(message: str, number: int) -> InvalidInput:
    return InvalidInput([FieldProblem("", message, number)], message)


def measured(data: bytes) -> tuple[str, int, int]:
    """File ending (`png`, `jpeg`), width and height in pixels, read from the head of the file."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) > 24:
        return "png", *struct.unpack(">II", data[16:24])
    if data[:3] == b"\xff\xd8\xff":
        size = _jpeg_size(data)
        if size:
            return "jpeg", *size
    raise RenderFault("图片不是 PNG 或 JPEG", number=3204)


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    place = 2
    while place + 9 < len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return width, height
        place += 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
    return None


def extent(image: Image) -> tuple[int, int]:
    """Width and height in EMU."""
    _, pixels_wide, pixels_high = measured(image.data)
    if not pixels_wide or not pixels_high:
        raise RenderFault("图片没有大小", number=3204)
    wide, high = image.width_mm, image.height_mm
    if wide is None and high is None:
        return pixels_wide * _EMU_PER_PIXEL, pixels_high * _EMU_PER_PIXEL
    if wide is None:
        return round(high * _EMU_PER_MM * pixels_wide / pixels_high), round(high * _EMU_PER_MM)  # type: ignore[operator]
    if high is None:
        return round(wide * _EMU_PER_MM), round(wide * _EMU_PER_MM * pixels_high / pixels_wide)
    return round(wide * _EMU_PER_MM), round(high * _EMU_PER_MM)


_DRAWING = (
    '<w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<wp:extent cx="%(cx)d" cy="%(cy)d"/><wp:docPr id="1" name="Picture %(n)d"%(descr)s/>'
    '<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>'
    '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>'
    '<pic:nvPicPr><pic:cNvPr id="0" name="%(file)s"/><pic:cNvPicPr/></pic:nvPicPr>'
    '<pic:blipFill><a:blip r:embed="%(rel)s"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
    '<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="%(cx)d" cy="%(cy)d"/></a:xfrm>'
    '<a:prstGeom prst="rect"/></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>'
)


def drawing(image: Image, relation: str, file: str, number: int) -> str:
    """The `<w:drawing>` of an inline picture; ids of docPr are numbered afterwards for the whole document."""
    wide, high = extent(image)
    descr = f' descr="{attribute(image.alt)}"' if image.alt else ""
    return _DRAWING % {"cx": wide, "cy": high, "n": number, "descr": descr, "file": file, "rel": relation}
