"""`shouxu check`: everything that can be known before a customer stands at the counter."""

from __future__ import annotations

from pathlib import Path

import click

from core.cli.commands import OK, PROBLEMS, Command, json_option


@click.command(cls=Command, example="shouxu check --estates /srv/shouxu/estates")
@click.option("--estates", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR",
              help="Folder of companies and estates; default: the one in the settings.")
@click.option("--annotate", type=click.Path(file_okay=False, path_type=Path), metavar="OUT_DIR",
              help="Write a copy of each faulty Word template there, with a comment at each fault.")
@click.option("--fields", is_flag=True, help="List the fields, too, that no document prints.")
@json_option
@click.pass_context
def check(ctx: click.Context, estates: Path | None, annotate: Path | None, fields: bool, as_json: bool) -> None:
    """Find every mistake in definitions, templates, walkthroughs, plugins and settings.

    All of them at once, each at file:line:column with what to do. Nothing is changed.
    """
    from core.cli.installation import bare_settings
    from core.cli.terminal import say, show_error, show_json
    from core.walkthroughs.rehearsal import examine

    found = examine(bare_settings(estates_dir=estates), annotate, fields=fields)
    if as_json:
        show_json(found.as_data())
    else:
        for problem in found.problems:
            show_error(problem)
        for note in found.notes:
            say(f"{note.code}  {note.what}", "yellow")
        for path in found.annotated:
            say(f"已写批注 (comments written): {path}")
        say(str(found), "red" if found.problems else "green")
    ctx.exit(PROBLEMS if found.problems else OK)
