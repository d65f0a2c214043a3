"""A move-in's whole packet: fifteen documents printed into one zip, and as sealed PDF files.

The documents are those that the move-in walkthrough of the sample estate issues, with the values it froze. The bare
LibreOffice call beside it converts the same fifteen Word files with the same font map and looks at nothing.
"""

from __future__ import annotations

import io
import statistics
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select

from bench.figures import ROUNDS, Figure, median_ratio, milliseconds
from bench.house import ESTATE
from bench.render import by_docxtpl, context, template
from core.cases.building import system_actor
from core.cases.definitions import load_definitions
from core.cases.issuing import printed_word, unpacked
from core.cli.installation import bare_settings
from core.clock import FixedClock
from core.documents import soffice
from core.documents.certificates import development_identity
from core.documents.fonts import installed
from core.documents.pdf import LibreOfficeConverter
from core.documents.seal import PyHankoSealer
from core.documents.stamp import SealFace
from core.store.models import Document
from core.store.session import unit_of_work
from core.walkthroughs.choice import chosen
from core.walkthroughs.player import Player
from core.walkthroughs.stage import furnish, stage

FIGURES = {
    "packet_zip_ms": Figure("fifteen documents of a move-in printed and packed", "ms"),
    "packet_zip_renders": Figure("the same in bare docxtpl renders of one page", "renders", most=2),
    "packet_soffice_s": Figure("one bare LibreOffice call over the fifteen files", "s", most=5),
    "packet_pdf_s": Figure("the fifteen as checked and sealed PDF files", "s"),
    "packet_pdf_ratio": Figure("the same over the bare call", "times", most=1.5),
}
COUNT = 15
START = datetime(2026, 3, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Packet:
    """The fifteen documents: a function that prints each anew, the words that its seal shows."""

    print_all: Callable[[], list[bytes]]
    files: dict[str, bytes]
    company: str


def measure(rounds: int = ROUNDS) -> dict[str, float]:
    """All of `FIGURES`."""
    definitions = load_definitions(bare_settings())
    with stage(bare_settings(), START, definitions) as office:
        clock = office.clock
        assert isinstance(clock, FixedClock)
        (script,), _ = chosen(office.library, "move_in", ESTATE)
        furnish(office, ESTATE, {script.said.unit})
        Player(office, ESTATE, script, clock).play()
        with unit_of_work(office.sessions, readonly=True) as session:
            desk = office.desk(session, system_actor(office))
            rows = session.scalars(select(Document).order_by(Document.at, Document.id)).all()[:COUNT]
            frozen = [(row.template, unpacked(desk, row)) for row in rows]
            if len(frozen) != COUNT:
                raise RuntimeError(f"the walkthrough issued {len(frozen)} documents, not {COUNT}")

            def print_all() -> list[bytes]:
                return [printed_word(desk, sha256, values) for sha256, values in frozen]

            files = {f"{number:02d}": data for number, data in enumerate(print_all())}
            packet = Packet(print_all, files, office.company(ESTATE).title.zh)
            return _zipped(packet, rounds) | _as_pdf(packet, rounds)


def _zipped(packet: Packet, rounds: int) -> dict[str, float]:
    def pack() -> bytes:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as package:
            for number, data in enumerate(packet.print_all()):
                package.writestr(zipfile.ZipInfo(f"{number:02d}.docx"), data)
        return target.getvalue()

    bare = by_docxtpl(template("inspection"), context())
    pack()
    bare()
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(statistics.median(milliseconds(pack, 5)))
        theirs.append(statistics.median(milliseconds(bare, 3)))
    return {"packet_zip_ms": round(statistics.median(ours), 2), "packet_zip_renders": round(median_ratio(ours, theirs), 3)}


def _as_pdf(packet: Packet, rounds: int) -> dict[str, float]:
    with TemporaryDirectory(prefix="shouxu-bench-", ignore_cleanup_errors=True) as folder:
        converter = LibreOfficeConverter(work_dir=Path(folder) / "ours")
        sealer = PyHankoSealer(development_identity(folder, packet.company, at=datetime(2025, 1, 1, tzinfo=UTC)))
        face = SealFace(packet.company, "合同专用章")

        def sealed() -> None:
            for name, pdf in converter.convert(packet.files).items():
                if not isinstance(pdf, bytes):
                    raise RuntimeError(f"{name}: {pdf}")
                sealer.seal(pdf, seal_text=face, at=START)

        bare = _bare_call(Path(folder) / "bare", packet.files)
        sealed()
        bare()
        ours, theirs = [], []
        for _ in range(rounds):
            ours += milliseconds(sealed)
            theirs += milliseconds(bare)
    return {"packet_soffice_s": round(statistics.median(theirs) / 1000, 2), "packet_pdf_s": round(statistics.median(ours) / 1000, 2),
            "packet_pdf_ratio": round(median_ratio(ours, theirs), 3)}


def _bare_call(folder: Path, files: dict[str, bytes]) -> Callable[[], Any]:
    program = soffice.find_soffice()
    if program is None:
        raise RuntimeError("LibreOffice is not on this machine")
    drafts, out, home = folder / "in", folder / "out", folder / "home"
    for place in (drafts, out, home):
        place.mkdir(parents=True)
    for name, data in files.items():
        (drafts / f"{name}.docx").write_bytes(data)
    environment = soffice.bare_environment(home) | {"FONTCONFIG_FILE": str(installed().write_config(folder))}
    command = [str(program), f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore", "--convert-to", "pdf",
               "--outdir", str(out), *map(str, sorted(drafts.iterdir()))]

    def call() -> None:
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=120)
        if len(list(out.glob("*.pdf"))) != len(files):
            raise RuntimeError("LibreOffice left some of the files out")

    return call
