"""`shouxu estates`: which estates this installation knows."""

from __future__ import annotations

import click

from core.cli.commands import Command, Group, json_option


@click.group(cls=Group)
def estates() -> None:
    """Show the estates of this installation."""


@estates.command("list", cls=Command, example="shouxu estates list")
@json_option
def list_(as_json: bool) -> None:
    """List estates with company, procedures and size."""
    from sqlalchemy import func, select

    from core.cli.installation import installed_office
    from core.cli.terminal import say, show_json, show_table
    from core.store.models import Unit
    from core.store.session import unit_of_work

    office = installed_office()
    with unit_of_work(office.sessions, readonly=True) as session:
        query = select(Unit.estate, func.count()).group_by(Unit.estate)
        counted = {row[0]: row[1] for row in session.execute(query)}
    rows = [{"estate": name, "title": known.estate.title.zh, "company": known.company.title.zh,
             "procedures": list(office.library.procedures(name)),
             "units": counted.get(name, 0), "folder": str(known.folder)}
            for name, known in office.library.estates.items()]
    if as_json:
        show_json({"estates": rows})
    elif rows:
        show_table(("estate", "title", "company", "procedures", "units"),
                   [(row["estate"], row["title"], row["company"], ", ".join(row["procedures"]), row["units"])
                    for row in rows], right=("units",))
    else:
        say(f"no estate in {office.settings.estates_dir}; an estate is a folder with estate.yaml")
