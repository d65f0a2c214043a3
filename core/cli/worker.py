"""`shouxu worker`: works off the queue in a process of its own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import click

from core.cli.commands import OK, PROBLEMS, Command, json_option

if TYPE_CHECKING:
    from core.cases.desk import Office


@click.command(cls=Command, example="shouxu worker --once")
@click.option("--once", is_flag=True,
              help="Work off what waits now, then end; 1 when a PDF file or a mail could not be made.")
@json_option
@click.pass_context
def worker(ctx: click.Context, once: bool, as_json: bool) -> None:
    """Work off the queue: PDF files, seals, notices; let what is due happen.

    For installations whose server runs with `workers = 0`, or with Celery.
    """
    from core.cli.installation import installed_office
    from core.cli.terminal import say, show_json
    from core.jobs.tasks import worker_of
    from core.store.outbox import counts
    from core.store.session import unit_of_work

    office = installed_office()
    if not once:
        if as_json:
            show_json({"state": "working"})
        else:
            say("working; Ctrl+C stops it")
        work_for_ever(office)
        return
    hand = worker_of(office)
    fired, tried = hand.run_chores(), hand.run_pending()
    with unit_of_work(office.sessions, readonly=True) as session:
        left = counts(session)
    unfinished = left.get("failed", 0) + left.get("waiting", 0)
    if as_json:
        show_json({"fired": fired, "tried": tried, **left})
    else:
        say(f"{fired} timers fired, {tried} jobs tried; "
            + ", ".join(f"{count} {state}" for state, count in sorted(left.items())), "red" if unfinished else "green")
    ctx.exit(PROBLEMS if unfinished else OK)


def work_for_ever(office: Office) -> None:
    """Work off jobs until interrupted: as a Celery worker, or in threads of this process."""
    from core.jobs.tasks import worker_of

    settings = office.settings
    if settings.runner == "celery":
        from core.jobs.celery import make_app

        make_app(settings.broker_url, lambda: worker_of(office)).worker_main(["worker", "--loglevel", "INFO"])
        return
    from core.jobs.threads import ThreadRunner
    from core.walkthroughs.reloading import Reloader

    runner = ThreadRunner(worker_of(office), max(settings.workers, 1))
    reloader = Reloader(office, settings.reload_seconds)
    runner.start()
    reloader.start()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        reloader.stop()
        runner.stop()
