"""`shouxu blank`: the paper twins of documents, to be filled in by pen."""

from __future__ import annotations

from pathlib import Path

import click

from core.cli.commands import Command, json_option


@click.command(cls=Command, example="shouxu blank move_in --estate jade_garden --out blank --pdf")
@click.argument("procedure")
@click.argument("document", required=False)
@click.option("--estate", metavar="NAME", required=True, help="As this estate prints it.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, metavar="DIR", help="Folder for the files.")
@click.option("--pdf", is_flag=True, help="Make PDF files as well.")
@json_option
def blank(procedure: str, document: str | None, estate: str, out: Path, pdf: bool, as_json: bool) -> None:
    """Write blank forms: what is printed to be filled in by pen.

    Every document of PROCEDURE, or DOCUMENT alone: lines to write on, boxes to tick, spare rows. A blank form has no number
    and is not recorded.
    """
    from core.cases.definitions import FILTERS, load_definitions
    from core.cases.paperworks import PaperWorks
    from core.cli.installation import bare_settings
    from core.cli.terminal import say, show_json
    from core.walkthroughs.blank_papers import blank_documents, blank_word

    settings = bare_settings()
    plugins, library = load_definitions(settings)
    names = [document] if document else [rule.name for rule in blank_documents(library, estate, procedure)]
    filters = {**FILTERS, **plugins.everywhere().template_filters()}
    words = {f"{name}.docx": blank_word(library, filters, estate, procedure, name)[1] for name in names}
    out.mkdir(parents=True, exist_ok=True)
    files: dict[str, bytes] = dict(words)
    for name, made in (PaperWorks(settings).converter.convert(words) if pdf else {}).items():
        if not isinstance(made, bytes):
            raise made
        files[f"{name.removesuffix('.docx')}.pdf"] = made
    for name, data in files.items():
        (out / name).write_bytes(data)
    if as_json:
        show_json({"written": [str(out / name) for name in files]})
    else:
        for name in files:
            say(str(out / name))
