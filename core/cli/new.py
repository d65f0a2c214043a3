"""`shouxu new`: the beginning of an estate or of a Word template, for whoever writes no programs."""

from __future__ import annotations

from pathlib import Path

import click

from core.cli.commands import Command, Group, json_option


@click.group(cls=Group)
def new() -> None:
    """Begin an estate or a Word template: files that pass `shouxu check` and say what can be changed."""


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


STARTER = ("starter.docx", "starter.json", "starter-ink.png")
"""The Word file to start from, values to try it with, and the signature among them; they lie in document_templates/."""


@new.command("template", cls=Command, example="shouxu new template my_templates")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@json_option
def template(folder: Path, as_json: bool) -> None:
    """Begin a Word template in FOLDER: starter.docx, which shows and explains every construct, and values to try it with.

    Nothing is written when one of its files is there already.
    """
    from core.cli.terminal import say, show_json
    from core.definitions.files import shown
    from core.errors import FieldProblem, InvalidInput
    from core.settings import SHIPPED

    there = [folder / name for name in STARTER if (folder / name).exists()]
    if there:
        raise InvalidInput([FieldProblem("FOLDER", f"{path} 已经存在 (the file exists)") for path in there])
    folder.mkdir(parents=True, exist_ok=True)
    for name in STARTER:
        (folder / name).write_bytes((SHIPPED / "document_templates" / name).read_bytes())
    if as_json:
        show_json({"written": [str(folder / name) for name in STARTER]})
        return
    say(f"{shown(folder)}: {len(STARTER)} files", "green")
    say(f"next: shouxu render {shown(folder / STARTER[0])} {shown(folder / STARTER[1])} -o out.docx")
    say("the guide: docs/how-to/write-a-template.md")
