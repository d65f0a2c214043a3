"""What was found right before, remembered between runs: the same definitions fit each other, and the same template prints the
same values, as long as neither they nor the program has changed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from types import ModuleType

MOST = 20_000
"""Keys that are kept; beyond that the memory begins anew."""


class Remembered:
    """The keys of what was right, in one file: of the data folder, or of the user's own cache where there is no such folder (the
    command line in a checkout). Without `data_dir` nothing is remembered."""

    def __init__(self, data_dir: Path | None, name: str, *program: ModuleType) -> None:
        """`program`: the packages that judge; when a file of them changes, nothing is known."""
        self.path = folder_of(data_dir) / f"{name}.json" if data_dir is not None else None
        self._program = _fingerprint(tuple(folder for package in program for folder in package.__path__))
        self._known = self._read()
        self._fresh: set[str] = set()

    def key(self, *said: str | bytes) -> str:
        """What stands for those words in this program."""
        digest = hashlib.sha256(self._program.encode())
        for word in said:
            data = word.encode() if isinstance(word, str) else word
            digest.update(len(data).to_bytes(8) + data)
        return digest.hexdigest()

    def knows(self, key: str) -> bool:
        """Whether it was found right before."""
        return key in self._known or key in self._fresh

    def add(self, key: str) -> None:
        """It was found right now."""
        self._fresh.add(key)

    def save(self) -> None:
        """Keep what is new; a folder that cannot be written is no reason to fail."""
        if self.path is None or not self._fresh:
            return
        known = self._known if len(self._known) < MOST else set[str]()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self.path.with_suffix(f".{os.getpid()}")
            fresh.write_text(json.dumps(sorted(known | self._fresh)), encoding="utf-8")
            fresh.replace(self.path)
        except OSError:
            return

    def _read(self) -> set[str]:
        try:
            return set(json.loads(self.path.read_text(encoding="utf-8"))) if self.path else set()
        except (OSError, ValueError):
            return set()


def folder_of(data_dir: Path) -> Path:
    """Where an installation keeps what it can make again: with its data, or where this user's programs do (XDG base
    directories)."""
    return data_dir / "cache" if data_dir.is_dir() else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "shouxu"


@lru_cache
def _fingerprint(folders: Iterable[str]) -> str:
    """The modules of a program as they lie on the disk."""
    found = [f"{path}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for folder in folders for path in sorted(Path(folder).glob("*.py"))]
    return hashlib.sha256("\n".join(found).encode()).hexdigest()
