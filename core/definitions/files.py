"""The files of a procedure: which there are, where they stand in each layer, and what each one holds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from core.definitions.words import known_words, unknown
from core.domain.base import Frozen
from core.domain.documents import Documents, Texts
from core.domain.fees import FeeSchedule
from core.domain.forms import Form
from core.domain.papers import Checklists, RequiredDocuments
from core.domain.procedures import Procedure
from core.domain.registers import Registers
from core.errors import DefinitionError, Mark

MODELS: Mapping[str, type[Frozen]] = {
    "procedure.yaml": Procedure,
    "fee_schedule.yaml": FeeSchedule,
    "required_documents.yaml": RequiredDocuments,
    "checklists.yaml": Checklists,
    "documents.yaml": Documents,
    "texts.yaml": Texts,
    "registers.yaml": Registers,
}
"""Files at the top of a procedure's folder; `forms/*.yaml` hold a Form each, `walkthroughs/*.yaml` a
described case."""

FOLDERS = ("forms", "walkthroughs")
_NOT_DOCX = (".doc", ".docm", ".docx", ".dot", ".dotm", ".dotx", ".odt", ".rtf", ".wps")
PASSED_OVER = ("__pycache__", "__init__.py")


@dataclass(frozen=True)
class Layer:
    """One layer of a procedure: the folder of its definitions and the folder of its templates."""

    definitions: Path
    templates: Path


@dataclass(frozen=True)
class Template:
    """A Word template of one layer: file name, place, SHA-256 of its bytes."""

    name: str
    path: Path
    sha256: str


def shown(path: Path) -> str:
    """The path as people see it in messages: relative to where they stand, with forward slashes."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def model_of(relative: str) -> type[Frozen] | None:
    """The model of a file of a procedure's folder, None for walkthroughs and foreign files."""
    if relative.startswith("forms/"):
        return Form
    return MODELS.get(relative)


def definition_files(folder: Path, problems: list[DefinitionError]) -> dict[str, Path]:
    """Relative name → path of every definition in `folder`, in order; what does not belong there is a
    problem."""
    found: dict[str, Path] = {}
    for entry in _entries(folder):
        if entry.is_dir() and entry.name in FOLDERS:
            for inner in _entries(folder / entry.name):
                if inner.name.endswith(".yaml") and inner.is_file():
                    found[f"{entry.name}/{inner.name}"] = Path(inner.path)
                else:
                    problems.append(_foreign(Path(inner.path), ()))
        elif entry.is_file() and entry.name in MODELS:
            found[entry.name] = Path(entry.path)
        else:
            problems.append(_foreign(Path(entry.path), (*MODELS, *FOLDERS)))
    return found


def templates(folder: Path, problems: list[DefinitionError]) -> dict[str, Template]:
    """File name → template of every .docx in `folder`; other kinds of text documents are a problem.

    What is no text document (the sources of a template, a note) is passed over.
    """
    found: dict[str, Template] = {}
    for entry in _entries(folder):
        if entry.name.startswith("~$"):  # Word's lock file of an open document
            continue
        path = Path(entry.path)
        if entry.name.endswith(".docx") and entry.is_file():
            found[entry.name] = Template(entry.name, path, sha256(path.read_bytes()).hexdigest())
        elif path.suffix.lower() in _NOT_DOCX:
            problems.append(
                DefinitionError(
                    f"模板要另存为 .docx:`{entry.name}` (a template is a .docx)",
                    Mark(shown(path)),
                    number=1205,
                )
            )
    return found


def folders(folder: Path) -> list[Path]:
    """The folders inside `folder`, by name, without hidden ones and caches."""
    return [Path(entry.path) for entry in _entries(folder) if entry.is_dir()]


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        return sorted(
            (entry for entry in entries if not entry.name.startswith(".") and entry.name not in PASSED_OVER),
            key=lambda entry: entry.name,
        )


def _foreign(path: Path, known: tuple[str, ...]) -> DefinitionError:
    return DefinitionError(
        unknown("文件", "file", path.name, known),
        Mark(shown(path)),
        number=1205,
        remedy=known_words(known) or "这个文件夹里只放 .yaml (only .yaml here)",
    )
