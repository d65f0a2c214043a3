"""A walkthrough read from its file: every mistake at file:line:column, and the place of each act kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from core.definitions.files import shown
from core.definitions.layers import Merged
from core.definitions.reader import read
from core.definitions.validation import validate
from core.domain.base import Frozen, Name, Words
from core.errors import DefinitionError, DefinitionErrors, Mark
from core.walkthroughs.acts import Act, PartySaid

FAILED = 1290
"""The number of a walk that does not go as described."""


class Walkthrough(Frozen):
    """The file of a walkthrough. `standard`: the one that is played when only its procedure is named."""

    walkthrough: Name
    title: Words
    procedure: Name
    unit: str = ""
    place: str = ""
    standard: bool = False
    parties: dict[Name, PartySaid] = {}
    acts: tuple[Act, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Script:
    """A walkthrough with the place of each of its acts. `mark`: the place of its unit."""

    path: Path
    said: Walkthrough
    mark: Mark
    marks: tuple[Mark, ...]

    @property
    def name(self) -> str:
        return self.said.walkthrough


def read_script(path: Path) -> Script:
    """The walkthrough in `path`; DefinitionErrors with every mistake."""
    tree = read(path, shown(path))
    said, problems = validate(Walkthrough, Merged(tree))
    if said is None or problems:
        raise DefinitionErrors(problems)
    if said.walkthrough != path.stem:
        raise DefinitionErrors([DefinitionError(f"这里应写 `{path.stem}`,与文件名相同 (must be the name of its file)",
                                                tree.nearest(("walkthrough",))[0].mark, number=1212)])
    marks = tuple(tree.nearest(("acts", at))[0].mark for at in range(len(said.acts)))
    return Script(path, said, tree.nearest(("unit",) if said.unit else ("procedure",))[0].mark, marks)
