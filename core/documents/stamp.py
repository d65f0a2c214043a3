"""The face of a company seal (公章): ring, five-pointed star, the company's name on the arc, a title below.

Round, 40 mm, red, the name read clockwise from the lower left to the lower right, as company seals are cut
by custom (国发〔1999〕25 号: 企业印章 round, name on the arc from left to right, five-pointed star).
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFont

from core.documents.fonts import installed
from core.errors import SealFailed

SEAL_MM = 40.0

_RED = (205, 18, 28)
_OPACITY = 0.8
_SUPERSAMPLE = 3
_LARGEST_PIXELS = 25_000_000


@dataclass(frozen=True)
class SealFace:
    """What a seal says: the company on the arc, and the title under the star (合同专用章, empty for 公章)."""

    company: str
    title: str = ""


@lru_cache(maxsize=64)
def draw_seal(face: SealFace, *, dpi: int = 300) -> bytes:
    """The seal as PNG on a transparent ground, `SEAL_MM` wide; SealFailed (3403) without a Chinese font."""
    mask = _Drawing(round(SEAL_MM / 25.4 * dpi)).draw(face)
    image = Image.new("RGBA", mask.size, (*_RED, 0))
    image.putalpha(mask.point([round(level * _OPACITY) for level in range(256)]))
    return _png(image, dpi)


def read_stamp(picture: bytes) -> bytes:
    """A seal picture given by the company, as PNG with transparency; raises SealFailed (3406).

    A scan without transparency loses its white paper.
    """
    try:
        with Image.open(io.BytesIO(picture), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > _LARGEST_PIXELS:
                raise SealFailed("印章图片过大 (the seal picture is too large)", number=3406)
            image = opened.convert("RGBA")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise SealFailed(f"印章图片无法读取 (cannot read the seal picture): {error}", number=3406) from error
    alpha = image.getchannel("A")
    if alpha.getextrema()[0] == 255:
        # Paper is light in every channel; red ink is dark in green and blue.
        darkest = ImageChops.darker(image.getchannel("G"), image.getchannel("B"))
        image.putalpha(ImageChops.invert(darkest))
    return _png(image, 300)


class _Drawing:
    """Draws in millimetres on a grey mask, several times larger than needed, and reduces it at the end."""

    def __init__(self, pixels: int) -> None:
        self._pixels = pixels
        self._scale = pixels * _SUPERSAMPLE / SEAL_MM
        self._size = pixels * _SUPERSAMPLE
        self._middle = self._size / 2
        self._mask = Image.new("L", (self._size, self._size), 0)
        face = installed().face("song", bold=True)
        if face is None:
            raise SealFailed(
                "没有可以刻章的中文字体 (no Chinese font to draw the seal with)",
                remedy="安装 fonts-noto-cjk，或在设置中给出印章图片",
                number=3403,
            )
        self._font = ImageFont.truetype(str(face.path), 200, index=face.index)

    def draw(self, face: SealFace) -> Image.Image:
        self._ring(outer=19.8, width=1.15)
        self._star(radius=6.8)
        self._arc(face.company, rim=17.9)
        if face.title:
            self._line(face.title, below=11.6)
        return self._mask.resize((self._pixels, self._pixels), Image.Resampling.LANCZOS)

    def _ring(self, *, outer: float, width: float) -> None:
        reach = outer * self._scale
        box = (self._middle - reach, self._middle - reach, self._middle + reach, self._middle + reach)
        ImageDraw.Draw(self._mask).ellipse(box, outline=255, width=round(width * self._scale))

    def _star(self, *, radius: float) -> None:
        inner = radius * math.sin(math.radians(18)) / math.sin(math.radians(54))
        points = []
        for corner in range(10):
            reach = (radius if corner % 2 == 0 else inner) * self._scale
            angle = math.radians(36 * corner)
            points.append((self._middle + reach * math.sin(angle), self._middle - reach * math.cos(angle)))
        ImageDraw.Draw(self._mask).polygon(points, fill=255)

    def _arc(self, text: str, *, rim: float) -> None:
        """Characters evenly on the arc, heads outwards; long names get narrower ones, not a closed circle."""
        count = len(text)
        if not count:
            return
        height = 5.6 if count <= 14 else max(3.6, 5.6 - 0.14 * (count - 14))
        spread = min(258.0, 170.0 + 15.0 * max(count - 6, 0))
        step = min(34.0, spread / max(count - 1, 1))
        middle_radius = rim - height / 2
        # The feet of the characters stand closer together than their heads.
        room = math.radians(step) * (rim - height) * 1.06
        width = min(height * 0.84, room)
        for place, character in enumerate(text):
            angle = (place - (count - 1) / 2) * step
            x = middle_radius * math.sin(math.radians(angle))
            y = -middle_radius * math.cos(math.radians(angle))
            self._character(character, x, y, width, height, angle)

    def _line(self, text: str, *, below: float) -> None:
        height = 4.0
        width = min(height * 0.86, 19.0 / len(text))
        for place, character in enumerate(text):
            self._character(
                character, (place - (len(text) - 1) / 2) * width * 1.06, below, width, height, 0.0
            )

    def _character(
        self, character: str, x: float, y: float, width: float, height: float, angle: float
    ) -> None:
        """One character in a box of `width` × `height` mm around (x, y) from the middle, turned clockwise."""
        size = self._font.size
        tile = Image.new("L", (round(size), round(size)), 0)
        # The ideographic box of a Chinese font stands 0.88 em above and 0.12 em below the baseline.
        ImageDraw.Draw(tile).text((size / 2, size * 0.88), character, fill=255, font=self._font, anchor="ms")
        tile = tile.resize(
            (round(width * self._scale), round(height * self._scale)), Image.Resampling.LANCZOS
        )
        turned = tile.rotate(-angle, Image.Resampling.BICUBIC, expand=True)
        layer = Image.new("L", self._mask.size, 0)
        left = self._middle + x * self._scale - turned.width / 2
        top = self._middle + y * self._scale - turned.height / 2
        layer.paste(turned, (round(left), round(top)))
        self._mask = ImageChops.lighter(self._mask, layer)


def _png(image: Image.Image, dpi: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", dpi=(dpi, dpi), optimize=False)
    return out.getvalue()
