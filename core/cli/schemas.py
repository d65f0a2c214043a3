"""`shouxu schemas`: the JSON Schemas of the YAML files, so that an editor completes and underlines while one types."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from core.cli.commands import Command, json_option

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command(cls=Command, example="shouxu schemas --out schemas --editor .")
@click.option("--out", type=FOLDER, metavar="DIR", help="Folder to write them to, one file each.")
@click.option("--editor", type=FOLDER, metavar="DIR",
              help="Folder that is opened in the editor: .vscode/settings.json there says which schema is for which file.")
@json_option
def schemas(out: Path | None, editor: Path | None, as_json: bool) -> None:
    """Write the JSON Schemas of the YAML files, for editors.

    Without --out: which files there is a schema for. With --editor the mapping for VS Code and whatever else reads
    `yaml.schemas` (the YAML extension of Red Hat) is written; other settings that stand there are kept.
    """
    from core.cli.terminal import say, show_json, show_table
    from core.definitions.schema import json_schemas

    if editor is not None and out is None:
        raise click.UsageError("--editor needs --out: the folder of the schemas")
    found = json_schemas()
    names = {pattern: file_name(pattern) for pattern in found}
    if out is None:
        if as_json:
            show_json(found)
        else:
            show_table(("files", "schema"), sorted(names.items()))
        return
    out.mkdir(parents=True, exist_ok=True)
    for pattern, schema in found.items():
        (out / names[pattern]).write_text(json.dumps(schema, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    written = [str(out / name) for name in names.values()]
    if editor is not None:
        written.append(str(_mapped(editor, out, names)))
    if as_json:
        show_json({"written": written})
    else:
        say(f"{len(found)} schemas in {out}" + (f"; {written[-1]} says which is for which file" if editor else ""), "green")


def file_name(pattern: str) -> str:
    """What the schema of that file pattern is called: `estate.fee_schedule.json` for an estate's, `fee_schedule.json` for a plugin's."""
    name = pattern.rpartition("/")[2].removesuffix(".yaml")
    name = "form" if name == "*" else name
    return f"{'estate.' if '/form_definitions/' in pattern else ''}{name}.json"


def _mapped(folder: Path, out: Path, names: dict[str, str]) -> Path:
    """Write the mapping; what else the editor's settings say stays."""
    path = folder / ".vscode" / "settings.json"
    said: dict[str, Any] = {}
    if path.exists():
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise click.UsageError(f"{path} is not plain JSON ({error}); write the mapping by hand") from None
    there = os.path.relpath(out.resolve(), folder.resolve()).replace(os.sep, "/")
    own = {f"{'' if there.startswith('.') else './'}{there}/{name}": [f"**/{pattern}" if not pattern.startswith("form_definitions")
                                                                     else pattern] for pattern, name in names.items()}
    said["yaml.schemas"] = {**{key: value for key, value in said.get("yaml.schemas", {}).items() if key not in own}, **own}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(said, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path
