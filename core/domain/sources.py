"""Where a procedure's definitions and templates stand: what a plugin tells the house."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

PASSED_OVER = ".passed_over"
"""A folder of `estates/` with a file of this name is no company: broken samples, what is being written."""


@dataclass(frozen=True)
class ProcedureSource:
    """A procedure, its folder of YAML files, its folder of Word templates, and the version of its plugin."""

    name: str
    definitions: Path
    templates: Path
    version: str = ""

    @classmethod
    def from_packages(
        cls,
        name: str,
        version: str = "",
        *,
        definitions: str = "form_definitions",
        templates: str = "document_templates",
    ) -> ProcedureSource:
        """The source whose folders are called `name` inside the importable packages `definitions` and
        `templates`."""
        return cls(name, _folder(definitions, name), _folder(templates, name), version)


@dataclass(frozen=True)
class Overlay:
    """A layer between the plugin and the company: the same files again, merged over a procedure of another
    plugin."""

    procedure: str
    definitions: Path
    templates: Path


def _folder(package: str, name: str) -> Path:
    return Path(str(files(package))) / name
