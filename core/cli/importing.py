"""`shouxu import`: units and owners, and what was so before day one, from spreadsheets."""

from __future__ import annotations

from pathlib import Path

import click

from core.cli.commands import OK, PROBLEMS, Command, Group, json_option


@click.group("import", cls=Group)
def importing() -> None:
    """Bring in units, owners, arrears, deposits, keys from spreadsheets."""


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


# ---------------------------------------------------------------- facts


def _about(kind: str, title: str, what: str) -> None:
    @importing.command(kind, cls=Command, short_help=f"Import {title} of units as facts.",
                       help=f"Import {title} of units as facts.\n\nFILE has the columns {what}. All rows or none: every "
                            "mistake is listed with its row and column, and stands beside its cell in a copy of the file.",
                       example=f"shouxu import {kind} {kind}.xlsx --estate jade_garden --dry-run")
    @click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="[FILE.xlsx]")
    @click.option("--estate", required=True, metavar="NAME", help="Name of the estate.")
    @click.option("--dry-run", is_flag=True, help="Only say what would happen.")
    @click.option("--template", type=click.Path(dir_okay=False, writable=True, path_type=Path), metavar="FILE.xlsx",
                  help="Write a sheet to fill, with every unit; import nothing.")
    @click.option("--errors", type=click.Path(dir_okay=False, writable=True, path_type=Path), metavar="FILE.xlsx",
                  help="Where the copy with its mistakes goes; else beside FILE.")
    @json_option
    @click.pass_context
    def command(ctx: click.Context, file: Path | None, estate: str, dry_run: bool, template: Path | None, errors: Path | None,
                as_json: bool) -> None:
        if (file is None) == (template is None):
            raise click.UsageError("Give FILE.xlsx to import it, or --template FILE.xlsx to write one.", ctx)
        if template is not None:
            _write_template(kind, estate, template, as_json)
        elif file is not None:
            ctx.exit(_bring_in(kind, estate, file, errors or file.with_suffix(".errors.xlsx"), dry_run, as_json))


for _kind in (("balances", "arrears", "房号 (code), 欠费（元） (arrears), 截至日期 (as_of)"),
              ("deposits", "deposits held", "房号 (code), 押金名称 (deposit), 金额（元） (amount), 截至日期 (as_of)"),
              ("keys", "keys out", "房号 (code), 在外钥匙（把） (keys), 截至日期 (as_of)"),
              ("open-cases", "open matters", "房号 (code), 未办结（件） (open_cases), 截至日期 (as_of)")):
    _about(*_kind)


def _write_template(kind: str, estate: str, target: Path, as_json: bool) -> None:
    from core.cases.fact_import import template_of
    from core.cli.installation import counter, installed_office
    from core.cli.terminal import say, show_json

    with counter(installed_office(), readonly=True) as desk:
        data = template_of(desk, estate, kind)
    target.write_bytes(data)
    if as_json:
        show_json({"template": str(target)})
    else:
        say(f"{target} written", "green")


def _bring_in(kind: str, estate: str, file: Path, errors: Path, dry_run: bool, as_json: bool) -> int:
    """Import the file, say what came of it; the exit code."""
    from core.cases.fact_import import import_facts, summary
    from core.cases.fact_sheets import marked
    from core.cli.installation import counter, installed_office
    from core.cli.terminal import say, show_json, show_table

    data = file.read_bytes()
    with counter(installed_office()) as desk:
        report = import_facts(desk, estate, kind, data, dry_run=dry_run)
        said = summary(report, desk, dry_run=dry_run)
        if report.problems:
            errors.write_bytes(marked(desk, data, report.problems))
    rows = [(*_place(problem.field), problem.message) for problem in report.problems]
    if as_json:
        show_json({"rows": report.rows, "changed": report.changed, "moved": report.moved, "dry_run": dry_run,
                   "problems": [{"row": row, "column": column, "message": message} for row, column, message in rows],
                   "copy": str(errors) if rows else None})
    else:
        if rows:
            show_table(("row", "column", "problem"), rows, right=("row",))
            say(f"{errors} written: each problem beside its cell")
        say(said, "red" if rows else "green")
    return PROBLEMS if rows else OK


def _place(cell: str) -> tuple[int, str]:
    """`balances!C5` as (5, C)."""
    place = cell.rpartition("!")[2]
    column = place.rstrip("0123456789")
    return int(place.removeprefix(column)), column
