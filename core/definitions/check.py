"""`shouxu check`: everything that is wrong with the definitions, without serving anything."""

from __future__ import annotations

from pathlib import Path

from core.definitions.files import shown
from core.definitions.library import Library
from core.definitions.reader import read
from core.errors import DefinitionError, DefinitionErrors, Mark
from core.loader import Plugins


def check_all(plugins: Plugins, estates_dir: Path | None) -> list[DefinitionError]:
    """Every mistake in the definitions of all procedures as every estate has them, in order of place.

    A plugin that is out of service is a mistake too (SX-1250). An empty list means that the house may open.
    """
    problems = [
        DefinitionError(f"插件 `{name}` 已停用 (out of service): {reason}", Mark(name), number=1250)
        for name, reason in plugins.out_of_service.items()
    ]
    try:
        library = Library.of(plugins, estates_dir)
    except DefinitionErrors as error:
        problems += error.problems
    else:
        problems += _walkthrough_problems(library)
    return list(DefinitionErrors(problems).problems)


def _walkthrough_problems(library: Library) -> list[DefinitionError]:
    """Walkthroughs that cannot be read; what they say is judged by the floor that runs them."""
    paths = {
        path
        for estate in library.estates
        for procedure in library.procedures(estate)
        for path in library.walkthroughs(procedure, estate)
    }
    problems: list[DefinitionError] = []
    for path in sorted(paths):
        try:
            read(path, shown(path))
        except DefinitionErrors as error:
            problems += error.problems
    return problems
