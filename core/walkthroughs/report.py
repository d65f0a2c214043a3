"""What came of a walk: every document as a file, and walk.json with steps, refusals, ledger and documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from core.cases.desk import Office
from core.cases.finishing import make_pdfs
from core.cases.issuing import PDF_TASK
from core.cases.views import CaseView, DocumentView
from core.clock import FixedClock
from core.definitions.library import Library
from core.domain.money import yuan
from core.errors import DefinitionError, MissingPart
from core.loader import Plugins
from core.settings import Settings
from core.store.models import Document, Job
from core.store.session import unit_of_work
from core.walkthroughs.player import Played, Player
from core.walkthroughs.script import Script
from core.walkthroughs.stage import furnish, stage

WALK = "walk.json"


@dataclass
class Report:
    """A walk that was played. Money in 元 as text; paths relative to `folder`; `failure`: where it left its path."""

    walkthrough: str
    title: str
    procedure: str
    estate: str
    unit: str
    clock: str
    folder: Path
    number: str = ""
    state: str = ""
    steps: list[dict[str, Any]] = field(default_factory=list)
    acts: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[dict[str, Any]] = field(default_factory=list)
    ledger: dict[str, Any] = field(default_factory=dict)
    documents: list[dict[str, Any]] = field(default_factory=list)
    pdf_note: str = ""
    failure: DefinitionError | None = None

    def as_data(self) -> dict[str, Any]:
        """The report as it stands in walk.json."""
        wrong = self.failure
        return {name: value for name, value in vars(self).items() if name not in ("folder", "failure")} | {
            "passed": wrong is None,
            "failure": None if wrong is None else {
                **({} if wrong.mark is None else asdict(wrong.mark)), "code": wrong.code, "message": wrong.what,
                "remedy": wrong.remedy}}


def rehearse(settings: Settings, script: Script, estate: str, *, start: datetime, out: Path, pdf: bool | None = None,
             definitions: tuple[Plugins, Library] | None = None) -> Report:
    """Play `script` at `estate` from `start` on a stage of its own and write what came of it into `out`.

    `pdf`: also PDF files and seals (None: when the converter is there; True without one: MissingPart). `definitions`:
    already loaded. A walk that goes wrong is reported, with its documents so far.
    """
    report = Report(script.name, script.said.title.zh, script.said.procedure, estate, script.said.unit,
                    start.isoformat(), out)
    with stage(settings, start, definitions) as office:
        clock = office.clock
        assert isinstance(clock, FixedClock)
        _require_converter(office, pdf)
        furnish(office, estate, {script.said.unit})
        player = Player(office, estate, script, clock)
        try:
            player.play()
        except DefinitionError as error:
            report.failure = error
        if pdf is not False:
            report.pdf_note = _make_pdfs(office)
        _tell(report, player)
        _write(report, office)
    return report


def _require_converter(office: Office, pdf: bool | None) -> None:
    missing = office.papers.converter.available() if pdf else None
    if missing:
        raise MissingPart(missing, remedy="或加上 --no-pdf，只生成 Word 文书 (or --no-pdf)")


def _make_pdfs(office: Office) -> str:
    """All PDF files in one call of the converter, sealed; a line that says why there are none."""
    missing = office.papers.converter.available()
    if missing:
        return missing
    with unit_of_work(office.sessions, readonly=True) as session:
        current = {row.id: row.word for row in session.scalars(select(Document))}
        jobs = [job for job in session.scalars(select(Job).order_by(Job.created_at, Job.id))
                if job.task == PDF_TASK and current.get(job.payload.get("document", "")) == job.payload.get("word")]
        session.expunge_all()
    make_pdfs(office, jobs)
    return ""


# ---------------------------------------------------------------- what is told


def _tell(report: Report, player: Player) -> None:
    report.acts = [_act(row) for row in player.played]
    report.refusals = [{**_place(row), "act": row.act, "step": row.step, "kind": reason.kind, "message": reason.message,
                        "source": reason.source} for row in player.played for reason in row.refused]
    if not player.case_id:
        return
    view = player.view()
    report.number, report.state = view.number, view.state
    report.steps = [{"name": step.name, "title": step.title, "state": step.status, "round": step.round,
                     "why_not": [reason.message for reason in step.why_not],
                     "missing": [reason.message for reason in step.missing]} for step in view.steps]
    report.ledger = _ledger(view)
    report.documents = _documents(player, view)
    for name, case_id in player.children.items():
        report.documents += _documents(player, player.view(case_id), f"{name}-")


def _documents(player: Player, view: CaseView, prefix: str = "") -> list[dict[str, Any]]:
    """The documents of a case in packet order; `prefix`: before the names of a sub-case's files."""
    order = {rule.name: rule.packet for rule in player.office.library.bundle(player.estate, view.procedure).documents}
    rows = sorted(view.documents, key=lambda row: (order.get(row.name, 50), row.number))
    return [_document(row, order, prefix) for row in rows]


def _act(row: Played) -> dict[str, Any]:
    outcome = "refused" if row.act == "refused" else "done"
    return {**_place(row), "act": row.act, "step": row.step, "by": row.by, "at": row.at.isoformat(), "outcome": outcome}


def _place(row: Played) -> dict[str, Any]:
    return {"line": row.mark.line}


def _ledger(view: CaseView) -> dict[str, Any]:
    money = view.money
    return {
        "charged": _yuan(money.charged_fen), "paid": _yuan(money.paid_fen), "due": _yuan(money.due_fen),
        "deposit": _yuan(money.deposit_fen),
        "charges": [{"fee": row.fee, "title": row.title, "amount": _yuan(row.amount_fen), "paid": _yuan(row.paid_fen),
                     "open": _yuan(row.open_fen), "refundable": row.refundable, "sample": row.sample}
                    for row in money.charges],
        "receipts": [{"kind": row.kind, "number": row.number, "payer": row.payer, "total": _yuan(row.total_fen),
                      "state": row.state, "methods": {title: _yuan(fen) for title, fen in row.methods},
                      "cancel_reason": row.cancel_reason} for row in money.receipts]}


def _yuan(fen: int) -> str:
    return str(yuan(fen))


def _document(row: DocumentView, order: Mapping[str, int], prefix: str) -> dict[str, Any]:
    stem = f"{prefix}{order.get(row.name, 50):02d}-{row.name}-{row.number}"
    signatures = [{"as": one.signer, "name": one.name, "way": one.way} for one in row.signers if one.signed_at]
    return {"name": row.name, "title": row.title, "code": row.code, "number": row.number, "step": row.step,
            "state": row.state, "signed": row.signed, "sealed": row.sealed,
            "copies": [{"title": title, "to": to} for title, to in row.copies], "signatures": signatures,
            "path": f"{stem}.docx", "sha256": row.word,
            "pdf": f"{stem}.pdf" if row.pdf else None, "pdf_sha256": row.pdf, "pdf_error": row.pdf_error,
            "verify": row.verify_path}


# ---------------------------------------------------------------- what is written


def _write(report: Report, office: Office) -> None:
    report.folder.mkdir(parents=True, exist_ok=True)
    _clear(report.folder)
    for row in report.documents:
        for path, sha256 in ((row["path"], row["sha256"]), (row["pdf"], row["pdf_sha256"])):
            if path and sha256:
                (report.folder / path).write_bytes(office.blobs.get(sha256))
    data = json.dumps(report.as_data(), ensure_ascii=False, indent=2)
    (report.folder / WALK).write_text(data + "\n", encoding="utf-8")


def _clear(folder: Path) -> None:
    """Take away what an earlier walk wrote here, so that nothing old stands among the new."""
    earlier = folder / WALK
    if not earlier.is_file():
        return
    for row in json.loads(earlier.read_text(encoding="utf-8")).get("documents", []):
        for name in (row.get("path"), row.get("pdf")):
            if name and Path(name).name == name:
                (folder / name).unlink(missing_ok=True)
