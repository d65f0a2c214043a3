"""`shouxu serve`: the server, its database brought up to date, its jobs worked off beside it."""

from __future__ import annotations

import click

from core.cli.commands import Command, json_option


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


def run_server(settings) -> None:
    """Serve until interrupted."""
    from core.app import serve as serve_app
    from core.store.schema import upgrade

    upgrade(settings.database_url)
    serve_app(settings)
