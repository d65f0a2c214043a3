"""`shouxu walk`: plays a described case and writes what came of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.cli.commands import OK, PROBLEMS, Command, json_option

if TYPE_CHECKING:
    from core.settings import Settings
    from core.walkthroughs.report import Report
    from core.walkthroughs.script import Script


class Moment(click.ParamType):
    """A moment with its time zone, as ISO 8601 writes it."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None,
                ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no moment; write 2026-03-01T09:00:00+08:00", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"{value!r} lacks its time zone; write {value}+08:00", param, ctx)
        return moment


EXAMPLE = "shouxu walk move_in --estate jade_garden --clock 2026-03-01T09:00:00+08:00 --out OUT"


@click.command(cls=Command, example=EXAMPLE)
@click.argument("what", metavar="[FILE|PROCEDURE]", default="")
@click.option("--estate", metavar="NAME", help="Estate to play at; default: the one that offers the procedure.")
@click.option("--clock", type=Moment(), metavar="ISO-8601", help="When the walk begins; default: now.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, metavar="DIR",
              help="Folder for the documents and walk.json.")
@click.option("--all", "every", is_flag=True, help="Every walkthrough of the procedure, or of the estate, each in a folder of its own.")
@click.option("--pdf/--no-pdf", default=None, help="PDF files and seals; default: when LibreOffice is there.")
@json_option
@click.pass_context
def walk(ctx: click.Context, what: str, estate: str | None, clock: datetime | None, out: Path, every: bool,
         pdf: bool | None, as_json: bool) -> None:
    """Play a described case and write its documents.

    FILE is a walkthrough (.yaml); PROCEDURE plays its standard one, PROCEDURE/NAME another. The case
    runs on a throw-away database, no server is needed. Every document is written to DIR, and walk.json with the
    steps, refusals with reasons, ledger, and documents with number, copies, SHA-256 and path. The same clock gives
    the same Word files, byte for byte. Ends with 1 when the walk does not go as described.
    """
    from core.cli.installation import bare_settings
    from core.cli.terminal import show_error, show_json

    reports = walk_all(bare_settings(), what, estate, clock or datetime.now(UTC), out, every=every, pdf=pdf)
    if as_json:
        show_json([report.as_data() for report in reports] if every else reports[0].as_data())
    else:
        for report in reports:
            show_report(report)
    failures = [report.failure for report in reports if report.failure]
    if not as_json:
        for failure in failures:
            show_error(failure)
    ctx.exit(PROBLEMS if failures else OK)


def walk_all(settings: Settings, what: str, estate: str | None, clock: datetime, out: Path, *, every: bool,
             pdf: bool | None) -> list[Report]:
    """Play the chosen walkthroughs one after another, each on a stage of its own; the reports, in order."""
    from core.cases.definitions import load_definitions
    from core.walkthroughs.choice import chosen
    from core.walkthroughs.report import rehearse

    definitions = load_definitions(settings)
    scripts, at = chosen(definitions[1], what, estate, every=every)

    def folder(script: Script) -> Path:
        if not every:
            return out
        return out / script.name if what else out / script.said.procedure / script.name

    return [rehearse(settings, script, at, start=clock, out=folder(script), pdf=pdf, definitions=definitions)
            for script in scripts]


def show_report(report: Report) -> None:
    """What happened, for people."""
    from core.cli.terminal import console, say, show_table

    say(f"{report.title}  {report.estate}  {report.number}", "bold")
    show_table(("step", "state", "round"), [(row["title"], row["state"], row["round"]) for row in report.steps],
               right=("round",))
    console().print()
    show_table(("number", "document", "state", "copies", "sha256"),
               [(row["number"], row["title"], row["state"], len(row["copies"]), row["sha256"][:12])
                for row in report.documents], right=("copies",))
    console().print()
    for row in report.refusals:
        say(f"✓ refused as expected: {row['message']}")
    say(f"{len(report.documents)} documents in {report.folder}" + (f"; {report.pdf_note}" if report.pdf_note else ""))
