"""Our render against one bare docxtpl render of the same template, in the same minute.

Template: one page, an inspection form with a 30-row table, header and footer, in `bench/templates/` (built by
`python -m bench.templates.inspection`). Ours includes the strict reparse of every part and the SHA-256.
"""

from __future__ import annotations

import hashlib
import io
import json
import statistics
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage

from bench.figures import Figure
from core.documents.engine import Template
from core.documents.images import Image
from core.documents.qr import qr_png

FIGURES = {
    "render_ms": Figure("one render of our own, page with a table of 30 rows", "ms"),
    "docxtpl_ms": Figure("the same by docxtpl", "ms"),
    "render_images_ms": Figure("one render of our own with ink and QR code", "ms"),
    "docxtpl_images_ms": Figure("the same by docxtpl", "ms"),
    "compile_ms": Figure("compiling that template, once per process", "ms"),
    "ratio": Figure("docxtpl's time over ours", "times", least=20),
    "ratio_images": Figure("docxtpl's time over ours, with pictures", "times", least=20),
}
_HERE = Path(__file__).parent / "templates"
_ROOMS = ("客厅", "主卧", "次卧", "厨房", "卫生间", "阳台")
_ITEMS = ("墙面平整无空鼓", "地面坡度", "门窗开启", "插座通电", "给水排水")


def context() -> dict[str, Any]:
    """The values of the form: thirty items of six rooms."""
    rows = [
        {
            "room": _ROOMS[n // 5],
            "name": _ITEMS[n % 5],
            "result": "合格" if n % 7 else "不合格",
            "note": "门锁 & 把手松动" if n % 7 == 0 else "",
            "round": 1,
        }
        for n in range(30)
    ]
    return {
        "company": "玉兰物业服务有限公司",
        "estate": "玉兰花园",
        "number": "YF-2026-0001",
        "unit": "3栋2单元1201",
        "owner": "欧阳明月",
        "phone": "13800000000",
        "date": "2026年3月1日",
        "inspector": "李工",
        "items": rows,
        "remark": "业主同意整改后复验",
    }


def ink() -> bytes:
    """A signature-like PNG, 300 × 120, grey."""
    rows = b"".join(
        b"\x00" + bytes(255 if abs((x * 7) % 120 - y) > 3 else 0 for x in range(300)) for y in range(120)
    )
    pieces = (
        (b"IHDR", struct.pack(">IIBBBBB", 300, 120, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in pieces
    )


def _timed(act: Callable[[], object], times: int) -> float:
    """Milliseconds of one act, the mean of `times` in a row."""
    start = time.perf_counter()
    for _ in range(times):
        act()
    return (time.perf_counter() - start) / times * 1000


def _ours(template: Template, values: dict[str, Any]) -> Callable[[], str]:
    return lambda: hashlib.sha256(template.render(values)).hexdigest()


def _docxtpl(
    data: bytes, values: dict[str, Any], images: dict[str, tuple[bytes, int]]
) -> Callable[[], bytes]:
    def act() -> bytes:
        document = DocxTemplate(io.BytesIO(data))
        document.init_docx()
        pictures = {
            name: InlineImage(document, io.BytesIO(png), Mm(width)) for name, (png, width) in images.items()
        }
        document.render({**values, **pictures}, autoescape=True)
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()

    return act


def measure(rounds: int = 5) -> dict[str, float]:
    """Milliseconds and ratios: medians of `rounds`, plain and with ink and a QR code."""
    plain, pictures = ((_HERE / name).read_bytes() for name in ("inspection.docx", "inspection_signed.docx"))
    images = {"ink": (ink(), 40), "qr": (qr_png("https://example.org/verify/jade/YF/1?c=abcdef"), 20)}
    values = context()
    ours_plain = _ours(Template.compile(plain), values)
    ours_images = _ours(
        Template.compile(pictures), values | {k: Image(png, width) for k, (png, width) in images.items()}
    )
    theirs_plain, theirs_images = _docxtpl(plain, values, {}), _docxtpl(pictures, values, images)
    acts = {
        "render_ms": (ours_plain, 50),
        "docxtpl_ms": (theirs_plain, 3),
        "render_images_ms": (ours_images, 50),
        "docxtpl_images_ms": (theirs_images, 3),
    }
    for act, _ in acts.values():
        act()
    samples: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(rounds):
        for name, (act, times) in acts.items():
            samples[name].append(_timed(act, times))
    found = {name: statistics.median(values) for name, values in samples.items()}
    found["compile_ms"] = _timed(lambda: Template.compile(plain), 3)
    found["ratio"] = found["docxtpl_ms"] / found["render_ms"]
    found["ratio_images"] = found["docxtpl_images_ms"] / found["render_images_ms"]
    return {name: round(value, 3) for name, value in found.items()}


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
