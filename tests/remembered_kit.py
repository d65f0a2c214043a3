"""What one test found right, the others need not look at again: definitions, templates and plates of the shipped procedures."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from core.cases.definitions import load_definitions
from core.definitions.library import Library
from core.definitions.remembered import folder_of
from core.loader import Plugins
from core.settings import Settings

NOWHERE = Path("/nonexistent")
"""A data folder that is not there: what is remembered lies in the cache of the user, which every run of the tests has for itself."""


def remembering(data_dir: Path) -> Path:
    """The data folder, made, whose memory all tests of this run share."""
    shared = folder_of(NOWHERE)
    shared.mkdir(parents=True, exist_ok=True)
    data_dir.mkdir(parents=True, exist_ok=True)
    (data_dir / "cache").symlink_to(shared, target_is_directory=True)
    return data_dir


@cache
def shipped_definitions() -> tuple[Plugins, Library]:
    """The shipped procedures at the shipped estates, read once; for offices that do not change them."""
    return load_definitions(Settings.load(data_dir=NOWHERE, secret="k" * 40))
