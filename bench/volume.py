"""Many documents: what memory keeps of five thousand, and how many two processes write, each with a row and a file."""

from __future__ import annotations

import gc
import json
import os
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure
from bench.render import context, ink, template
from core.documents.engine import compiled
from core.documents.images import Image
from core.documents.qr import qr_png
from core.documents.stamp import SealFace, draw_seal
from core.store import blobs
from core.store.engine import make_engine
from core.store.schema import upgrade
from core.store.session import session_factory, unit_of_work

FIGURES = {
    "memory_growth_mb": Figure("5,000 documents with ink, seal and QR code in one process: growth of its memory", "MB", most=20),
    "written_per_second": Figure("documents that two processes write, each with a row and a file (SQLite)", "1/s", least=400),
}
DOCUMENTS = 5_000
SECONDS = 4.0
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def measure(rounds: int = 5) -> dict[str, float]:
    """All of `FIGURES`."""
    grown = float(_python("memory"))
    return {"memory_growth_mb": round(grown, 2), "written_per_second": round(statistics.median(_written() for _ in range(rounds)), 1)}


def _python(*words: str) -> str:
    return subprocess.run([sys.executable, "-m", "bench.volume", *words], capture_output=True, text=True, check=True).stdout


def _resident() -> float:
    """Megabytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _print_many() -> float:
    """Each document with a signature and a code of its own, as papers have them."""
    printed, values, stroke = compiled(template("inspection_signed")), context(), ink()
    seal = Image(draw_seal(SealFace("玉兰物业服务有限公司")), 40)

    def one(number: int) -> None:
        # a comment behind the picture's end makes it another one for everybody who compares bytes
        own = Image(stroke + number.to_bytes(8), 40)
        code = Image(qr_png(f"https://example.org/{number}"), 20)
        printed.render(values | {"number": f"YF-{number:06d}", "ink": own, "seal": seal, "qr": code})

    for number in range(300):
        one(number)
    gc.collect()
    before = _resident()
    for number in range(300, 300 + DOCUMENTS):
        one(number)
    gc.collect()
    return _resident() - before


def _written() -> float:
    with TemporaryDirectory(prefix="shouxu-bench-", ignore_cleanup_errors=True) as folder:
        upgrade(f"sqlite:///{folder}/shouxu.sqlite")
        begin = str(time.time() + 3)
        running = [subprocess.Popen([sys.executable, "-m", "bench.volume", "write", folder, begin, str(number)], stdout=subprocess.PIPE,
                                    text=True) for number in range(2)]
        return sum(json.loads(process.communicate(timeout=120)[0]) for process in running) / SECONDS


def _write(folder: str, begin: float, who: int) -> int:
    """How many documents one process wrote between `begin` and the end."""
    printed, values = compiled(template("inspection")), context()
    store, sessions = blobs.BlobStore.from_url(f"{folder}/blobs"), session_factory(make_engine(f"sqlite:///{folder}/shouxu.sqlite"))
    time.sleep(max(0.0, begin - time.time()))
    count, end = 0, begin + SECONDS
    while time.time() < end:
        data = printed.render(values | {"number": f"YF-{who}-{count:06d}"})
        with unit_of_work(sessions) as session:
            blobs.keep(session, store, data, media_type=WORD, estate="jade_garden", name=f"{who}-{count}.docx", by="",
                       at=datetime.now(UTC))
        count += 1
    return count


if __name__ == "__main__":
    if sys.argv[1] == "memory":
        print(_print_many())
    else:
        print(json.dumps(_write(sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))))
