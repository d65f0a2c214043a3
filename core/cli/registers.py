"""`shouxu register`: what a procedure's register says of a period."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.cli.commands import OK, PROBLEMS, Command, json_option

if TYPE_CHECKING:
    from core.registers import RegisterTable, Spoken
    from core.registers.tables import Column

DAY = click.DateTime(["%Y-%m-%d"])
MOST_LINES = 100
EXAMPLE = "shouxu register move_in certificates --estate jade_garden --from 2026-03-01 --until 2026-03-31 --xlsx list.xlsx"


@click.command(cls=Command, example=EXAMPLE)
@click.argument("procedure")
@click.argument("name", required=False)
@click.option("--estate", required=True, metavar="NAME", help="The estate.")
@click.option("--from", "first", type=DAY, metavar="DATE", help="First day; default: of the register's present period.")
@click.option("--until", "last", type=DAY, metavar="DATE", help="Last day.")
@click.option("--xlsx", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write an Excel file of all rows.")
@click.option("--csv", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write all rows as CSV.")
@json_option
@click.pass_context
def register(ctx: click.Context, procedure: str, name: str | None, estate: str, first: datetime | None, last: datetime | None,
             xlsx: Path | None, csv: Path | None, as_json: bool) -> None:
    """Show a register of a procedure over a period.

    Without NAME: which registers the procedure has. Totals and groups are of all rows; on the terminal the first rows
    are shown, in the files and in JSON all of them. Ends with 1 when a check of the register does not hold.
    """
    from core.cli.installation import counter, installed_office
    from core.cli.terminal import say, show_json, show_table
    from core.registers import Spoken, asked_span, register_csv, register_table, register_xlsx, registers_of

    office = installed_office()
    with counter(office, readonly=True) as desk:
        if name is None:
            rows = [(one.name, one.title, one.source) for one in registers_of(desk, estate) if one.procedure == procedure]
            if as_json:
                show_json([{"name": row[0], "title": row[1], "source": row[2]} for row in rows])
            else:
                show_table(("register", "title", "source"), rows)
            return
        table = register_table(desk, estate, procedure, name, asked_span(_date(first), _date(last)))
        spoken = Spoken(desk, estate)
        for path, write in ((xlsx, register_xlsx), (csv, register_csv)):
            if path is not None:
                path.write_bytes(write(desk, table))
        if as_json:
            show_json(as_data(table, spoken))
        else:
            show_register(table, spoken)
            for path in filter(None, (xlsx, csv)):
                say(f"{table.row_count} rows in {path}")
    ctx.exit(OK if all(check.holds for check in table.checks) else PROBLEMS)


def _date(said: datetime | None) -> date | None:
    return said.date() if said else None


def show_register(table: RegisterTable, spoken: Spoken) -> None:
    """Groups, the first rows, totals and checks, for people."""
    from core.cli.terminal import console, say
    from core.registers import period_words

    say(f"{table.title}  {table.estate}  {period_words(spoken.desk, table)}", "bold")
    if table.groups:
        _show(table.group_columns, [spoken.line(table.group_columns, values) for values in table.groups])
        console().print()
    if table.columns:
        _show(table.columns, [spoken.line(table.columns, row.values) for row in table.rows[:MOST_LINES]])
        if table.row_count > MOST_LINES:
            say(f"… {table.row_count - MOST_LINES} more rows; --xlsx FILE or --csv FILE writes all of them")
        console().print()
    for one in (*table.totals, *table.figures):
        say(f"{one.title}: {spoken.say(one, one.value)}")
    if table.flag:
        say(f"{table.flag}: {table.flagged}")
    for check in table.checks:
        say(f"{'✓' if check.holds else '✗'} {check.title}", "green" if check.holds else "red")


def _show(columns: tuple[Column, ...], rows: list[list[str]]) -> None:
    from core.cli.terminal import show_table
    from core.registers import RIGHT

    show_table([column.title for column in columns], rows, right=[column.title for column in columns if column.kind in RIGHT])


def as_data(table: RegisterTable, spoken: Spoken) -> dict[str, Any]:
    """The register as plain values; money in 分."""
    return {"procedure": table.procedure, "name": table.name, "title": table.title, "from": table.span.first,
            "until": table.span.last, "row_count": table.row_count, "flagged": table.flagged,
            "rows": [spoken.plain(table.columns, row.values) for row in table.rows],
            "groups": [spoken.plain(table.group_columns, values) for values in table.groups],
            "totals": {one.name: one.value for one in table.totals}, "figures": {one.name: one.value for one in table.figures},
            "checks": {check.name: check.holds for check in table.checks}}
