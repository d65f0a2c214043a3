"""What was found right before, remembered between runs of `check`: a template that printed the longest values prints them again
as long as neither it, nor they, nor the program has changed."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import core.documents
import core.walkthroughs

MOST = 20_000
"""Keys that are kept; beyond that the memory begins anew."""


class Checked:
    """The keys of what was right, in one file of the data folder; nothing is remembered where there is no such folder."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / "cache" / "checked.json" if data_dir.is_dir() else None
        self._known = self._read()
        self._fresh: set[str] = set()

    def key(self, template: str, context: dict[str, Any]) -> str:
        """What stands for a template (by its SHA-256) with these values in this program."""
        said = json.dumps(context, sort_keys=True, ensure_ascii=False, default=lambda value: type(value).__name__)
        return hashlib.sha256(f"{PROGRAM}\n{template}\n{said}".encode()).hexdigest()

    def knows(self, key: str) -> bool:
        """Whether it was found right before."""
        return key in self._known

    def add(self, key: str) -> None:
        """It was found right now."""
        self._fresh.add(key)

    def save(self) -> None:
        """Keep what is new; a folder that cannot be written is no reason to fail."""
        if self.path is None or not self._fresh:
            return
        known = self._known if len(self._known) < MOST else set[str]()
        try:
            self.path.parent.mkdir(exist_ok=True)
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


def _program() -> str:
    """The modules that compile, print and fill templates, as they lie on the disk."""
    found = [f"{path}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for package in (core.documents, core.walkthroughs)
             for folder in package.__path__ for path in sorted(Path(folder).glob("*.py"))]
    return hashlib.sha256("\n".join(found).encode()).hexdigest()


PROGRAM = _program()
