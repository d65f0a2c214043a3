"""Our render against one of docxtpl, docxtemplater and Carbone: the same form with the same values, in the same minute.

Templates: one page, an inspection form with a 30-row table, header and footer, in `bench/templates/` (built by
`python -m bench.templates.inspection`), in the language of each engine. Ours includes the strict reparse of every
part and the SHA-256. Each engine is measured as its own documentation uses it, in a process that is warm.
"""

from __future__ import annotations

import hashlib
import io
import json
import statistics
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from docx import Document
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage

from bench import rivals
from bench.figures import Figure, median_ratio
from core.documents.engine import Template
from core.documents.images import Image
from core.documents.qr import qr_png
from core.documents.stamp import SealFace, draw_seal

FIGURES = {
    "render_ms": Figure("one render of our own, page with a table of 30 rows", "ms"),
    "docxtpl_ms": Figure("the same by docxtpl", "ms"),
    "docxtemplater_ms": Figure("the same by docxtemplater (Node)", "ms"),
    "carbone_ms": Figure("the same by Carbone (Node)", "ms"),
    "ratio": Figure("docxtpl's time over ours", "times", least=35),
    "ratio_docxtemplater": Figure("docxtemplater's time over ours", "times", least=8),
    "ratio_carbone": Figure("Carbone's time over ours", "times"),
    "render_images_ms": Figure("one render of our own with ink, seal and QR code", "ms"),
    "docxtpl_images_ms": Figure("the same by docxtpl", "ms"),
    "ratio_images": Figure("docxtpl's time over ours, with pictures", "times", least=25),
    "render_lean_ms": Figure("one render of our own from a template of 13 KB", "ms"),
    "docxtpl_lean_ms": Figure("the same by docxtpl", "ms"),
    "ratio_lean": Figure("docxtpl's time over ours, lean template", "times", least=15),
    "render_long_ms": Figure("one render of our own, table of 2,164 rows", "ms"),
    "docxtpl_long_ms": Figure("the same by docxtpl", "ms"),
    "ratio_long": Figure("docxtpl's time over ours, 2,164 rows", "times", least=4),
    "long_growth": Figure("time of a row among 20,000 over that of one among 2,164", "times", most=1.25),
    "compile_ms": Figure("compiling that template, once per installation", "ms"),
    "first_use_ms": Figure("a new process: plate from the disk, and its first render", "ms", most=3),
}
_HERE = Path(__file__).parent / "templates"
_ROOMS = ("客厅", "主卧", "次卧", "厨房", "卫生间", "阳台")
_ITEMS = ("墙面平整无空鼓", "地面坡度", "门窗开启", "插座通电", "给水排水")


def context(count: int = 30) -> dict[str, Any]:
    """The values of the form: `count` items of six rooms."""
    rows = [
        {
            "room": _ROOMS[n // 5 % 6],
            "name": _ITEMS[n % 5],
            "result": "合格" if n % 7 else "不合格",
            "note": "门锁 & 把手松动" if n % 7 == 0 else "",
            "round": 1,
            "no": n + 1,
        }
        for n in range(count)
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


def ours(template: Template, values: dict[str, Any]) -> Callable[[], str]:
    """One document of our own, with its hash."""
    return lambda: hashlib.sha256(template.render(values)).hexdigest()


def by_docxtpl(data: bytes, values: dict[str, Any], images: dict[str, tuple[bytes, int]] | None = None) -> Callable[[], bytes]:
    """One bare docxtpl render: from the bytes of the template to those of the document."""
    def act() -> bytes:
        document = DocxTemplate(io.BytesIO(data))
        document.init_docx()
        pictures = {name: InlineImage(document, io.BytesIO(png), Mm(width)) for name, (png, width) in (images or {}).items()}
        document.render({**values, **pictures}, autoescape=True)
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()

    return act


def words_of(document: bytes) -> list[str]:
    """Every paragraph and cell that says something: what all engines must agree in."""
    opened = Document(io.BytesIO(document))
    lines = [paragraph.text for paragraph in opened.paragraphs]
    lines += [cell.text for table in opened.tables for row in table.rows for cell in row.cells]
    return [line.strip() for line in lines if line.strip()]


def template(name: str) -> bytes:
    """One of the committed reference templates."""
    return (_HERE / f"{name}.docx").read_bytes()


def measure(rounds: int = 5) -> dict[str, float]:
    """Milliseconds and ratios: medians of `rounds`, each ratio taken within one round."""
    pictures = {"ink": (ink(), 40), "seal": (draw_seal(SealFace("玉兰物业服务有限公司")), 40),
                "qr": (qr_png("https://example.org/verify/jade/YF/1?c=abcdef"), 20)}
    values, long = context(), context(2_164)
    printed = {name: Image(png, width) for name, (png, width) in pictures.items()}
    plain, signed, lean = template("inspection"), template("inspection_signed"), template("inspection_lean")
    compiled = Template.compile(plain)
    acts: dict[str, tuple[Callable[[], object], int]] = {
        "render_ms": (ours(compiled, values), 50),
        "docxtpl_ms": (by_docxtpl(plain, values), 3),
        "render_images_ms": (ours(Template.compile(signed), values | printed), 50),
        "docxtpl_images_ms": (by_docxtpl(signed, values, pictures), 3),
        "render_lean_ms": (ours(Template.compile(lean), values), 50),
        "docxtpl_lean_ms": (by_docxtpl(lean, values), 3),
        "render_long_ms": (ours(compiled, long), 2),
        "docxtpl_long_ms": (by_docxtpl(plain, long), 1),
        "render_longest_ms": (ours(compiled, context(20_000)), 1),
    }
    samples: dict[str, list[float]] = {name: [] for name in acts}
    with _rivals(values) as rivals:
        samples |= {f"{engine}_ms": [] for engine in rivals}
        for act, _ in acts.values():
            act()
        for _ in range(rounds):
            for name, (act, times) in acts.items():
                samples[name].append(_timed(act, times))
            for engine, milliseconds in rivals.items():
                samples[f"{engine}_ms"].append(milliseconds())
    found = {name: statistics.median(values) for name, values in samples.items()}
    for kind in ("", "_images", "_lean", "_long"):
        found[f"ratio{kind}"] = median_ratio(samples[f"docxtpl{kind}_ms"], samples[f"render{kind}_ms"])
    for engine in rivals:
        found[f"ratio_{engine}"] = median_ratio(samples[f"{engine}_ms"], samples["render_ms"])
    found["long_growth"] = median_ratio(samples["render_longest_ms"], samples["render_long_ms"]) * 2_164 / 20_000
    found["compile_ms"] = _timed(lambda: Template.compile(plain), 3)
    found["first_use_ms"] = _first_use(rounds)
    return {name: round(found[name], 3) for name in FIGURES if name in found}


@contextmanager
def _rivals(values: dict[str, Any]) -> Iterator[dict[str, Callable[[], float]]]:
    """The engines of other houses that can be measured here, each proved to print the same words as ours."""
    why = rivals.missing()
    if why:
        print(f"docxtemplater and Carbone are not measured: {why}", file=sys.stderr)
        yield {}
        return
    expected = words_of(Template.compile(template("inspection")).render(values))
    with ExitStack() as stack:
        found = {}
        for engine in rivals.ENGINES:
            render, document = stack.enter_context(rivals.warm(engine, _HERE / f"inspection_{engine}.docx", values))
            if words_of(document) != expected:
                raise RuntimeError(f"{engine} prints other words than we do")
            found[engine] = render
        yield found


_FIRST_USE = """
import hashlib, sys, time
from pathlib import Path
from bench.render import context, template
from core.documents.engine import compiled
from core.documents.shelf import Shelf
data, values, folder = template("inspection"), context(), sys.argv[1]
digest = hashlib.sha256(data).hexdigest()
begun = time.perf_counter()
compiled(digest, lambda _: data, shelf=Shelf(folder)).render(values)
print((time.perf_counter() - begun) * 1000)
"""


def _first_use(rounds: int) -> float:
    with TemporaryDirectory(prefix="shouxu-bench-") as folder:
        def once() -> float:
            done = subprocess.run([sys.executable, "-c", _FIRST_USE, folder], capture_output=True, text=True, check=True)
            return float(done.stdout)

        once()
        return statistics.median(once() for _ in range(rounds))


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
