"""What comes in as a file: the type is what the bytes say, not what the name or the browser says."""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
from typing import Literal

import magic
from PIL import Image, ImageOps

from core.errors import FieldProblem, InvalidInput

Kind = Literal["photo", "ink", "file", "scan"]

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
ALLOWED: dict[Kind, tuple[str, ...]] = {
    "photo": (JPEG, PNG),
    "ink": (PNG,),
    "scan": (JPEG, PNG, PDF),
    "file": (JPEG, PNG, PDF),
}
MOST_BYTES: dict[Kind, int] = {"photo": 10_000_000, "ink": 500_000, "scan": 20_000_000, "file": 20_000_000}
MOST_PIXELS = 25_000_000
TITLES = {JPEG: "JPEG", PNG: "PNG", PDF: "PDF"}
SUFFIX = {JPEG: ".jpg", PNG: ".png", PDF: ".pdf"}


def checked(data: bytes, kind: Kind, field: str = "") -> tuple[bytes, str]:
    """The bytes to keep and their media type; InvalidInput at `field` for anything else than was asked for.

    Pictures are opened and written anew: what hides behind or inside them (scripts, places, device names)
    does not come in. Turned as the camera was held.
    """
    if not data:
        raise _refused(field, "文件是空的")
    if len(data) > MOST_BYTES[kind]:
        raise _refused(field, f"文件过大，不能超过 {MOST_BYTES[kind] / 1_000_000:g} MB")
    media_type = magic.from_buffer(data[:8192], mime=True)
    if media_type not in ALLOWED[kind]:
        allowed = "、".join(TITLES[each] for each in ALLOWED[kind])
        raise _refused(field, f"只接受 {allowed} 文件")
    if media_type == PDF:
        return data, PDF
    return _rewritten(data, media_type, field), media_type


def plain_name(name: str) -> str:
    """A file name that is safe to show and to offer for saving: no path, no control characters, at most 120
    characters."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    clean = "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*').strip(" .")
    return clean[-120:] or "file"


def _rewritten(data: bytes, media_type: str, field: str) -> bytes:
    form = TITLES[media_type]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=(form,)) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise _refused(field, f"图片过大，不能超过 {MOST_PIXELS // 1_000_000} 百万像素")
                image.load()
                return _written(ImageOps.exif_transpose(image), form)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _refused(field, "图片无法打开，可能已损坏") from None


def _written(image: Image.Image, form: str) -> bytes:
    target = io.BytesIO()
    if form == "JPEG":
        image.convert("RGB").save(target, "JPEG", quality=88, optimize=True)
    else:
        kept = image if image.mode in ("L", "LA", "RGB", "RGBA", "1") else image.convert("RGBA")
        kept.info.clear()
        kept.save(target, "PNG")
    return target.getvalue()


def _refused(field: str, message: str) -> InvalidInput:
    return InvalidInput([FieldProblem(field, message, 2130)])
