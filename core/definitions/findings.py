"""The list that checks write to: each finding at its place in the merged files."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from core.definitions.assembly import Assembly
from core.definitions.reader import PathTuple
from core.definitions.words import known_words, unknown
from core.errors import DefinitionError, Mark, RuleError


@dataclass
class Findings:
    """Mistakes found in one assembly."""

    assembly: Assembly
    problems: list[DefinitionError] = field(default_factory=list)

    def add(self, file: str, path: PathTuple, what: str, number: int, remedy: str = "") -> None:
        """A mistake at `path` of `file`."""
        self.problems.append(DefinitionError(what, self.assembly.mark(file, path), number=number, remedy=remedy))

    def add_key(self, file: str, path: PathTuple, what: str, number: int, remedy: str = "") -> None:
        """A mistake at the key at the end of `path`."""
        self.problems.append(DefinitionError(what, self.assembly.node(file, path).key_mark, number=number, remedy=remedy))

    def known_keys(
        self, file: str, path: PathTuple, kind: tuple[str, str], given: Iterable[str], names: Collection[str]
    ) -> None:
        """`known` for each key of a mapping, at the key."""
        for name in given:
            if name not in names:
                self.add_key(file, (*path, name), unknown(*kind, name, names), 1230, known_words(names))

    def known(self, file: str, path: PathTuple, kind: tuple[str, str], name: str, names: Iterable[str]) -> None:
        """A mistake unless `name` is one of `names`; `kind` is what it names, in Chinese and English."""
        names = list(names)
        if name not in names:
            self.add(file, path, unknown(*kind, name, names), 1230, known_words(names))

    def all_known(
        self, file: str, path: PathTuple, kind: tuple[str, str], given: Iterable[str], names: Collection[str]
    ) -> None:
        """`known` for each of a list."""
        for at, name in enumerate(given):
            self.known(file, (*path, at), kind, name, names)

    def once(self, file: str, path: PathTuple, names: Iterable[str], key: str = "name") -> None:
        """A mistake for every name that stands twice in the list at `path`."""
        seen: set[str] = set()
        for at, name in enumerate(names):
            if name in seen:
                self.add(file, (*path, at, key), f"`{name}` 重复 (`{name}` stands twice)", 1203)
            seen.add(name)

    def rule(self, file: str, path: PathTuple, error: RuleError, remedy: str = "") -> None:
        """A broken rule, at the character where it stands in the file when that can be told."""
        node = self.assembly.node(file, path)
        mark = node.mark
        if node.inset is not None and error.line == 1:
            mark = Mark(mark.file, mark.line, mark.column + node.inset + error.column - 1)
        self.problems.append(DefinitionError(error.what, mark, number=error.number, remedy=remedy or error.remedy))
