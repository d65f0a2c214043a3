"""Where plates wait between runs: compiling takes twenty times as long as reading one back.

Plates hold code, so the folder is private to the user of the server (0700), files of anybody else are not
read, and each file proves by its SHA-256 that it is whole. Any number of processes may share the folder:
a file appears under its name when it is complete, and its name says what it was made of and by what.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

import docxtpl.template
import jinja2.compiler
from lxml import etree

from core.documents import plate as plates
from core.documents.plate import Plate

_MOST_BYTES = 256 * 1024 * 1024
_PROOF = 32


class Shelf:
    """Plates in `folder`, at most `most` bytes of them; a folder that cannot be read or written is an empty one."""

    def __init__(self, folder: str | Path, most: int = _MOST_BYTES) -> None:
        self.folder, self._most = Path(folder), most
        self._room: int | None = None

    def find(self, key: str) -> Plate | None:
        """The plate of that key, or None where there is none that is whole and ours."""
        try:
            with open(self.folder / key, "rb") as file:
                if not _ours(os.fstat(file.fileno())):
                    return None
                data = file.read()
        except OSError:
            return None
        if hashlib.sha256(data[_PROOF:]).digest() != data[:_PROOF]:
            return None
        try:
            return plates.loaded(data[_PROOF:])
        except (ValueError, TypeError, EOFError):
            return None

    def keep(self, key: str, plate: Plate) -> None:
        """Put a plate there; the oldest leave when it grows too full."""
        try:
            data = plates.dumped(plate)
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._make_room(len(data) + _PROOF)
            handle, draft = tempfile.mkstemp(prefix=".new-", dir=self.folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(hashlib.sha256(data).digest() + data)
                os.replace(draft, self.folder / key)
            except OSError:
                with suppress(OSError):
                    os.unlink(draft)
        except (OSError, ValueError):
            return

    def _make_room(self, wanted: int) -> None:
        """The folder is counted once, and again whenever what was put there since may have filled it."""
        if self._room is None or wanted > self._room:
            files = sorted(((entry.stat(), entry.path) for entry in os.scandir(self.folder)), key=lambda one: one[0].st_mtime)
            total = sum(stat.st_size for stat, _ in files)
            for stat, path in files:
                if total + wanted <= self._most:
                    break
                with suppress(OSError):
                    os.unlink(path)
                total -= stat.st_size
            # others may write there too: what they put is counted again before half of the room is used
            self._room = max((self._most - total) // 2, wanted)
        self._room -= wanted


def key_of(sha256: str, stamp: str, filters: Iterable[str]) -> str:
    """The name of a plate: of which template, with which words across it, made by which program with filters of which names.

    What a filter does is not in it: code calls filters by their names, and nothing is computed while compiling.
    """
    maker = hashlib.sha256("\0".join((_program(), stamp, *sorted(filters))).encode())
    return f"{sha256}-{maker.hexdigest()[:24]}.plate"


@cache
def _program() -> str:
    """Everything that a plate depends on: Python, the libraries that compile, and this folder's own modules."""
    said = [sys.version, sys.implementation.cache_tag or "", str(etree.LXML_VERSION)]
    # looking into what was installed, for its version, takes longer than reading a plate
    said += [_print_of(module.__name__, os.stat(str(module.__file__))) for module in (jinja2.compiler, docxtpl.template)]
    with os.scandir(Path(__file__).parent) as entries:
        said += sorted(_print_of(entry.name, entry.stat()) for entry in entries if entry.name.endswith(".py"))
    return "\n".join(said)


def _print_of(name: str, stat: os.stat_result) -> str:
    return f"{name}:{stat.st_size}:{stat.st_mtime_ns}"


def _ours(stat: os.stat_result) -> bool:
    return os.name == "nt" or (stat.st_uid == os.getuid() and not stat.st_mode & 0o022)
