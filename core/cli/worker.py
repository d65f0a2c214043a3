"""`shouxu worker`: works off the queue in a process of its own."""

from __future__ import annotations

import click

from core.cli.commands import OK, PROBLEMS, Command, json_option


@click.command(cls=Command, example="shouxu worker --once")
@click.option("--once", is_flag=True, help="Work off what waits now, then end; 1 when a PDF file could not be made.")
@json_option
@click.pass_context
def worker(ctx: click.Context, once: bool, as_json: bool) -> None:
    """Work off the queue: PDF files and seals.

    For installations whose server runs with `workers = 0`, or with Celery.
    """
    from core.cli.installation import installed_office
    from core.cli.terminal import say, show_json
    from core.jobs.runner import work_for_ever, worker_of
    from core.store.outbox import counts
    from core.store.session import unit_of_work

    office = installed_office()
    if not once:
        say("working; Ctrl+C stops it") if not as_json else show_json({"state": "working"})
        work_for_ever(office)
        return
    tried = worker_of(office).run_pending()
    with unit_of_work(office.sessions, readonly=True) as session:
        left = counts(session)
    unfinished = left.get("failed", 0) + left.get("waiting", 0)
    if as_json:
        show_json({"tried": tried, **left})
    else:
        say(f"{tried} jobs tried; " + ", ".join(f"{count} {state}" for state, count in sorted(left.items())),
            "red" if unfinished else "green")
    ctx.exit(PROBLEMS if unfinished else OK)
