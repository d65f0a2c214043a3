"""docxtemplater and Carbone, the engines of other houses, in Node: measured beside our own where Node is there."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

_HERE = Path(__file__).parent
TIMES = 10
ENGINES = ("docxtemplater", "carbone")
Render = Callable[[], float]


def missing() -> str:
    """Why they cannot be measured; nothing when they can. Fetched by npm when they are not there yet."""
    if not shutil.which("node") or not shutil.which("npm"):
        return "node and npm are not on this machine"
    if not (_HERE / "node_modules" / "docxtemplater").is_dir():
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=_HERE, check=False)
        if done.returncode:
            return "npm could not fetch docxtemplater and carbone"
    return ""


@contextmanager
def warm(engine: str, template: Path, values: dict[str, Any]) -> Iterator[tuple[Render, bytes]]:
    """A process that renders `template` with `values`: a function that gives the milliseconds of one rendering, and a document."""
    with TemporaryDirectory(prefix="shouxu-rival-") as folder:
        said, out = Path(folder) / "values.json", Path(folder) / "out.docx"
        said.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
        process = subprocess.Popen(["node", "measure.js", engine, str(template), str(said), str(out)], cwd=_HERE, text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin is not None and process.stdout is not None
        asked, answers = process.stdin, process.stdout

        def milliseconds() -> float:
            asked.write(f"{TIMES}\n")
            asked.flush()
            return float(answers.readline())

        try:
            if answers.readline().strip() != "ready":
                raise RuntimeError(f"{engine} does not render {template.name}")
            yield milliseconds, out.read_bytes()
        finally:
            asked.close()
            answers.close()
            if process.wait(timeout=30):
                raise RuntimeError(f"{engine} ended with {process.returncode}")
