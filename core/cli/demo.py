"""`shouxu demo`: the sample estate, ready to be looked at."""

from __future__ import annotations

import click

from core.cli.commands import Command, json_option


@click.command(cls=Command, example="shouxu demo --serve")
@click.option("--serve", is_flag=True, help="Serve it afterwards.")
@json_option
def demo(serve: bool, as_json: bool) -> None:
    """Load the sample estate: units, logins, certificates, cases under way.

    What is there already stays as it is. The logins have known passwords, so this is refused where others than
    this machine can reach the server.
    """
    from core.cases.building import build_office
    from core.cli.installation import installed_settings
    from core.cli.serve import run_server
    from core.cli.terminal import say, show_json, show_table, status
    from core.errors import SettingsError
    from core.store.schema import upgrade
    from core.walkthroughs.demonstration import demo_logins, load_demo

    settings = installed_settings(demo=True)
    if settings.is_reachable:
        raise SettingsError(f"演示账号的密码是公开的，不能在 {settings.base_url} 使用 (known passwords)", number=1005,
                            remedy="演示请监听 127.0.0.1")
    office = build_office(settings)
    upgrade(office.sessions.kw["bind"])
    made: dict[str, int] = {}
    with status("loading the sample estate") as tell:
        for what, count in load_demo(office):
            tell(what)
            made[what] = count
    logins = demo_logins(office)
    if as_json:
        show_json({"address": settings.base_url, "made": made, "logins": [vars(login) for login in logins]})
    else:
        new = [f"{count} {what}" if count > 1 else what for what, count in made.items() if count]
        say("made: " + "; ".join(new) if new else "the sample estate is loaded already")
        show_table(("login", "password", "role"), [(row.username, row.password, row.title) for row in logins])
        say(settings.base_url, "bold")
    if serve:
        run_server(settings)
