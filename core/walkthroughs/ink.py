"""Signatures and scans for walkthroughs: drawn from the name, so that the same walk makes the same papers."""

from __future__ import annotations

import io
from random import Random

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 600, 200
INK = (20, 32, 90, 255)


def handwriting(name: str) -> bytes:
    """Strokes that stand for a signature of `name`, as PNG on a transparent ground."""
    picture = Image.new("RGBA", (WIDTH, HEIGHT), (255, 255, 255, 0))
    _write(ImageDraw.Draw(picture), name, (30, 30, WIDTH - 30, HEIGHT - 30))
    return _png(picture)


def signed_sheet(name: str) -> bytes:
    """A scan of a sheet with lines of grey text and a signature of `name` at its foot, as PNG."""
    page = Image.new("RGB", (827, 1169), "white")
    draw = ImageDraw.Draw(page)
    random = Random(f"sheet {name}")
    for line in range(26):
        draw.rectangle((90, 120 + line * 30, 90 + random.randint(420, 640), 128 + line * 30), fill=(205, 205, 205))
    _write(draw, name, (480, 960, 740, 1060))
    return _png(page)


def _write(draw: ImageDraw.ImageDraw, name: str, box: tuple[int, int, int, int]) -> None:
    random = Random(name)
    left, top, right, bottom = box
    width = (right - left) / max(len(name), 2)
    for at in range(max(len(name), 2)):
        for _ in range(3):
            points = [(left + width * (at + random.uniform(0.05, 0.95)), random.uniform(top, bottom)) for _ in range(3)]
            draw.line(_curve(*points), fill=INK, width=max(3, (bottom - top) // 24), joint="curve")


Point = tuple[float, float]


def _curve(start: Point, bend: Point, end: Point) -> list[Point]:
    def between(t: float, axis: int) -> float:
        return (1 - t) ** 2 * start[axis] + 2 * (1 - t) * t * bend[axis] + t ** 2 * end[axis]

    return [(between(step / 16, 0), between(step / 16, 1)) for step in range(17)]


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
