"""`shouxu new`: the beginning of an estate, for whoever writes no programs."""

from __future__ import annotations

import click

from core.cli.commands import Command, Group, json_option


@click.group(cls=Group)
def new() -> None:
    """Begin an estate: a folder that passes `shouxu check` and says what can be changed."""


@new.command("estate", cls=Command, example="shouxu new estate maple_court --company cuiwei --title 枫园")
@click.argument("name")
@click.option("--company", required=True, metavar="COMPANY", help="Folder of the company; it is made when it is new.")
@click.option("--title", default="", metavar="TEXT", help="What people call the estate; default: its name.")
@click.option("--company-title", default="", metavar="TEXT", help="What people call a new company.")
@click.option("--based-on", metavar="ESTATE", help="Take over the changes of this estate: definitions and templates, roles, settings.")
@json_option
def estate(name: str, company: str, title: str, company_title: str, based_on: str | None, as_json: bool) -> None:
    """Begin the estate NAME in the folder of COMPANY.

    Leaves estate.yaml, a README and, for each procedure, the files that may be changed: all of them comments, which show what
    stands in the procedure now. Nothing is written when the name cannot be or is taken.
    """
    from core.cases.definitions import load_definitions
    from core.cli.installation import bare_settings
    from core.cli.terminal import say, show_json
    from core.definitions.files import shown
    from core.definitions.new_estate import NewEstate, begin

    settings = bare_settings()
    plugins, library = load_definitions(settings)
    asked = NewEstate(name, company, title, company_title, based_on)
    written = begin(library, plugins.overlays, settings.estates_dir, asked)
    home = settings.estates_dir / company / name
    if as_json:
        show_json({"estate": name, "company": company, "folder": str(home), "written": [shown(path) for path in written]})
        return
    say(f"{shown(home)}: {len(written)} files", "green")
    for path in written:
        if path.parent == home or path.name == "company.yaml":
            say(f"  {shown(path)}")
    say(f"  {shown(home)}/form_definitions/…")
    say("next: shouxu check; then read README.md there")
