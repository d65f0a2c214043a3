"""`shouxu import`: units and owners from a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import click

from core.cli.commands import OK, PROBLEMS, Command, Group, json_option


@click.group("import", cls=Group)
def importing() -> None:
    """Bring in units and owners from a spreadsheet."""


@importing.command(cls=Command, example="shouxu import units units.xlsx --estate jade_garden --dry-run")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE.xlsx")
@click.option("--estate", required=True, metavar="NAME", help="Name of the estate.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@json_option
@click.pass_context
def units(ctx: click.Context, file: Path, estate: str, dry_run: bool, as_json: bool) -> None:
    """Import the units and owners in FILE.

    The sheet `units` has a row per unit, the sheet `owners` a row per owner. All rows or none: with a single
    mistake nothing is stored, and every mistake is listed with its cell.
    """
    from core.cases.registration import import_units
    from core.cli.installation import counter, installed_office
    from core.cli.terminal import say, show_json, show_table

    office = installed_office()
    with counter(office) as desk:
        report = import_units(desk, estate, file.read_bytes(), dry_run=dry_run)
    if as_json:
        show_json({"rows": report.rows, "created": report.created, "updated": report.updated, "dry_run": dry_run,
                   "problems": [{"cell": row.field, "message": row.message} for row in report.problems]})
    else:
        if report.problems:
            show_table(("cell", "problem"), [(row.field, row.message) for row in report.problems])
        verb = "would be " if dry_run or report.problems else ""
        say(f"{report.rows} rows: {report.created} {verb}created, {report.updated} {verb}updated, "
            f"{len(report.problems)} problems", "red" if report.problems else "green")
    ctx.exit(PROBLEMS if report.problems else OK)
