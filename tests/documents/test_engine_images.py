"""Pictures on the way in, and QR codes."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from bench.render import ink
from core.documents.images import clean, measured
from core.documents.qr import qr_png
from core.errors import InvalidInput


def encoded(kind: str, size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    out = io.BytesIO()
    Pillow.new("RGB", size, "white").save(out, kind, **options)
    return out.getvalue()


def test_metadata_is_gone_and_the_picture_stands_upright() -> None:
    exif = Pillow.Exif()
    exif[0x0112], exif[0x010F] = 6, "SECRET-CAMERA"
    found = clean(encoded("JPEG", exif=exif))
    assert (found.media_type, found.width, found.height) == ("image/jpeg", 40, 60)
    assert b"SECRET-CAMERA" not in found.bytes
    text = PngInfo()
    text.add_text("Comment", "SECRET-PLACE")
    found = clean(encoded("PNG", pnginfo=text))
    assert found.media_type == "image/png" and b"SECRET-PLACE" not in found.bytes
    assert measured(found.bytes) == ("png", 60, 40)


@pytest.mark.parametrize(
    "data", [b"", b"x" * 50, encoded("GIF"), encoded("BMP"), encoded("PNG")[:60], b"%!PS-Adobe-3.0 EPSF-3.0"]
)
def test_other_formats_and_broken_files_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        clean(data)
    assert caught.value.problems[0].number == 2120


def test_bombs_are_refused_before_decoding() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    for side in (6000, 12_000, 60_000):
        head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
        with pytest.raises(InvalidInput) as caught:
            clean(
                b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
            )
        assert caught.value.problems[0].number == 2121


def test_sizes_are_read_from_the_head() -> None:
    assert measured(encoded("JPEG", (31, 17))) == ("jpeg", 31, 17)
    assert measured(ink()) == ("png", 300, 120)


def test_a_qr_code_is_a_small_one_bit_png() -> None:
    data = qr_png("https://example.org/verify/jade_garden/cert/00001?c=abcdef")
    picture = Pillow.open(io.BytesIO(data))
    picture.load()
    assert picture.mode == "1" and picture.width == picture.height and len(data) < 2000
    assert qr_png("https://example.org/verify/jade_garden/cert/00001?c=abcdef") is data
    assert picture.getpixel((0, 0)) == 255 and picture.getpixel((4 * 8, 4 * 8)) == 0
