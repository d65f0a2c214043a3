"""Files that were read before, remembered between runs: reading YAML takes longer than anything else that a start does."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.definitions import reader
from core.definitions.reader import Node
from core.definitions.remembered import folder_of
from core.errors import Mark

MOST = 4_000
"""Trees that are kept; more would take longer to find than to read again."""


class Trees:
    """Trees by the content of their files, in one file of the data folder or of the user's cache."""

    def __init__(self, data_dir: Path) -> None:
        self.path = folder_of(data_dir) / "trees.json"
        stat = os.stat(reader.__file__)
        self._program = f"{stat.st_size}:{stat.st_mtime_ns}"
        self._known: dict[str, Any] | None = None
        self._used: dict[str, Any] = {}
        self._fresh = False

    def tree(self, data: bytes, name: str, parse: Callable[[], Node]) -> Node:
        """The tree of a file with that content; parsed when it is not known."""
        key = hashlib.sha256(data).hexdigest()
        if self._known is None:
            self._known = self._read()
        packed = self._known.get(key)
        if packed is None:
            node = parse()
            self._used[key], self._fresh = _packed(node), True
            return node
        self._used[key] = packed
        return _unpacked(packed, name)

    def save(self) -> None:
        """Keep what was used; a folder that cannot be written is no reason to fail."""
        if not self._fresh or len(self._used) > MOST:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self.path.with_suffix(f".{os.getpid()}")
            said = {"program": self._program, "trees": {**(self._known or {}), **self._used} if self._room() else self._used}
            fresh.write_text(json.dumps(said, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
            fresh.replace(self.path)
        except OSError:
            return

    def _room(self) -> bool:
        return len(self._known or {}) + len(self._used) <= MOST

    def _read(self) -> dict[str, Any]:
        try:
            said = json.loads(self.path.read_text(encoding="utf-8"))
            return said["trees"] if said["program"] == self._program else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}


@contextmanager
def remembering(data_dir: Path | None) -> Iterator[None]:
    """Read files through the memory of `data_dir` meanwhile; without one, from the files alone."""
    if data_dir is None:
        yield
        return
    trees = Trees(data_dir)
    before = reader.memory.set(trees.tree)
    try:
        yield
    finally:
        reader.memory.reset(before)
    trees.save()


def _packed(node: Node) -> list[Any]:
    value = node.value
    if isinstance(value, dict):
        value = {key: _packed(one) for key, one in value.items()}
    elif isinstance(value, list):
        value = [_packed(one) for one in value]
    mark, key = node.mark, node.key_mark
    return [value, mark.line, mark.column, key.line, key.column, node.inset]


def _unpacked(packed: list[Any], name: str) -> Node:
    value, line, column, key_line, key_column, inset = packed
    if isinstance(value, dict):
        value = {key: _unpacked(one, name) for key, one in value.items()}
    elif isinstance(value, list):
        value = [_unpacked(one, name) for one in value]
    mark = Mark(name, line, column)
    return Node(value, mark, mark if (key_line, key_column) == (line, column) else Mark(name, key_line, key_column), inset)
