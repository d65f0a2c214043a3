"""`shouxu due`: what is overdue, due and still to come at an estate."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import click

from core.cli.commands import Command, json_option

MINUTE, HOUR, DAY = 60, 3600, 86400


@click.command(cls=Command, example="shouxu due --estate jade_garden --at 2026-03-05T10:00")
@click.option("--estate", required=True, metavar="NAME", help="Which estate: the name of its folder.")
@click.option("--at", "moment", metavar="TIME", help="As of then, like 2026-03-05T10:00 at the estate; else now.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=200, show_default=True, help="How many lines at most.")
@json_option
def due(estate: str, moment: str | None, limit: int, as_json: bool) -> None:
    """List deadlines missed, what is due now, and what time will do next.

    Deadlines, waiting times, rising classes, rounds that come again and permits that run out, of open cases, earliest
    first. Nothing is changed: `shouxu worker --once` lets happen what is due.
    """
    from core.cases.due import due_list
    from core.cli.installation import counter, installed_office
    from core.cli.terminal import say, show_json, show_table

    office = installed_office()
    at = _moment(moment, office.calendar(estate).zone) if moment else None
    with counter(office, readonly=True) as desk:
        at = at or desk.now
        rows = due_list(desk, estate, at, limit)
    if as_json:
        found = [asdict(row) | {"at": row.at.isoformat()} for row in rows]
        show_json({"estate": estate, "at": at.isoformat(), "due": found})
        return
    if not rows:
        say(f"nothing is due at {estate}")
        return
    local = office.calendar(estate).local
    show_table(("case", "step", "kind", "when", "state", "late"),
               [(row.case_number, row.step_title, row.kind, f"{local(row.at):%Y-%m-%d %H:%M}", row.state,
                 _late(row.late_seconds)) for row in rows], right=("late",))


def _moment(said: str, zone: object) -> datetime:
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        raise click.BadParameter(f"{said!r} is no time; like 2026-03-05T10:00", param_hint="--at") from None
    return found if found.tzinfo else found.replace(tzinfo=zone)  # type: ignore[arg-type]


def _late(seconds: int) -> str:
    """`2d 3h` past its time, `-40m` still to come."""
    sign, left = ("-" if seconds <= -MINUTE else ""), abs(seconds)
    for size, name, smaller, inner in ((DAY, "d", HOUR, "h"), (HOUR, "h", MINUTE, "m")):
        if left >= size:
            rest = left % size // smaller
            return f"{sign}{left // size}{name}" + (f" {rest}{inner}" if rest else "")
    return f"{sign}{left // MINUTE}m"
