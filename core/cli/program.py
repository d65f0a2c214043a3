"""The program `shouxu`: its commands by name, and what is said before any of them."""

from __future__ import annotations

import click

from core.cli.commands import EXIT_CODES, Command, Group, json_option

COMMANDS = {
    "serve": ("core.cli.serve:serve", "Run the server."),
    "check": ("core.cli.check:check", "Find every mistake in definitions and templates."),
    "new": ("core.cli.new:new", "Begin an estate: a folder that passes `shouxu check`."),
    "diff": ("core.cli.diff:diff", "Show what an estate changed, beside what it was."),
    "why": ("core.cli.why:why", "Say why a step is closed and what it still needs."),
    "schemas": ("core.cli.schemas:schemas", "Write the JSON Schemas of the YAML files, for editors."),
    "walk": ("core.cli.walk:walk", "Play a described case and write its documents."),
    "blank": ("core.cli.blank:blank", "Write blank forms, to be filled in by pen."),
    "render": ("core.cli.render:render", "Fill one Word template from a JSON file."),
    "verify": ("core.cli.verify:verify", "Say whether a file was issued here, unchanged."),
    "import": ("core.cli.importing:importing", "Bring in units and owners from a spreadsheet."),
    "users": ("core.cli.users:users", "Add staff and say what they may do."),
    "estates": ("core.cli.estates:estates", "Show the estates of this installation."),
    "cases": ("core.cli.cases:cases", "Bring open cases to newer definitions."),
    "due": ("core.cli.due:due", "List deadlines missed, what is due now, and what comes next."),
    "register": ("core.cli.registers:register", "Show a register over a period; write it to Excel."),
    "worker": ("core.cli.worker:worker", "Work off the queue: PDF files, seals, notices."),
    "demo": ("core.cli.demo:demo", "Load the sample estate."),
}
CODES = "Exit codes: " + "; ".join(f"{code} {said}" for code, said in EXIT_CODES.items()) + "."


@click.group(cls=Group, lazy=COMMANDS, epilog=CODES)
@click.option("-c", "--config", type=click.Path(exists=True, dir_okay=False), envvar="SHOUXU_CONFIG",
              metavar="FILE.ini",
              help="Settings `shouxu.NAME = …` in its section [app:main]; SHOUXU_NAME in the environment wins.")
@click.pass_context
def shouxu(ctx: click.Context, config: str | None) -> None:
    """手续 – forms and documents of property management.

    Each command explains itself: shouxu COMMAND --help.
    """
    ctx.obj = config


@shouxu.command(cls=Command, example="shouxu version --json")
@json_option
def version(as_json: bool) -> None:
    """Say which version this is."""
    import platform
    from importlib.metadata import version as installed

    from core.cli.terminal import say, show_json

    found = {"shouxu": installed("shouxu"), "python": platform.python_version()}
    if as_json:
        show_json(found)
    else:
        say(f"shouxu {found['shouxu']} (Python {found['python']})")
