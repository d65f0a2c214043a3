"""`shouxu serve`: the server, its database brought up to date, its jobs worked off beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from core.cli.commands import Command, json_option

if TYPE_CHECKING:
    from core.settings import Settings


@click.command(cls=Command, example="shouxu serve --listen 127.0.0.1:6543")
@click.option("--listen", metavar="HOST:PORT", help="Address and port; default: the one in the settings.")
@json_option
def serve(listen: str | None, as_json: bool) -> None:
    """Run the server until it is told to stop.

    The database is brought to the version of the program first, and the job runner of the settings is started.
    """
    from core.cli.installation import installed_settings
    from core.cli.terminal import say, show_json

    settings = installed_settings(listen=listen)
    if as_json:
        show_json({"address": settings.base_url, "listen": settings.listen})
    else:
        say(f"shouxu: {settings.base_url}  (Ctrl+C stops it)")
    run_server(settings)


def run_server(settings: Settings) -> None:
    """Serve until interrupted or told to end (SIGTERM); what is being worked on is finished first."""
    import signal
    import sys
    import warnings

    from core.store.schema import upgrade

    # Pyramid 2.1 still asks setuptools for it; nobody who starts a server can do anything about that.
    warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
    from core.app import serve as serve_app

    upgrade(settings.database_url)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    serve_app(settings)
