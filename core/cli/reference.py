"""The page docs/reference/cli.md: every command with its help. `python -m core.cli.reference` writes it out."""

from __future__ import annotations

from collections.abc import Iterator

import click

from core.cli.commands import EXIT_CODES
from core.cli.program import shouxu


def all_commands() -> Iterator[tuple[str, click.Command]]:
    """Every command by its full name, groups before their commands."""
    yield from _below("shouxu", shouxu, None)


def _below(name: str, command: click.Command, parent: click.Context | None) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(command, parent=parent, info_name=name)
    yield name, command
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            if found is not None:
                for full, inner in _below(child, found, context):
                    yield f"{name} {full}", inner


def reference() -> str:
    """The page as Markdown."""
    rows = ["# The command line", "",
            "Every command answers in JSON with `--json`, errors too, and ends with one of these codes:", "",
            "| code | meaning |", "|---|---|", *(f"| {code} | {said} |" for code, said in EXIT_CODES.items()), "",
            "A mistake in a definition is printed as `file:line:column  SX-1203  message`, with one line of help below",
            "it. Colour is used on a terminal only; tables fit 80 columns.", ""]
    for name, command in all_commands():
        rows += [f"## {name}", "", "```text", _help(name, command), "```", ""]
    return "\n".join(rows).rstrip() + "\n"


def _help(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name, terminal_width=80, max_content_width=80)
    return command.get_help(context).rstrip()


if __name__ == "__main__":
    print(reference(), end="")
