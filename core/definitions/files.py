"""The files of a procedure: which there are, where they stand in each layer, and what each one holds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

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


Stamp = tuple[int, int]
"""When a file was changed (ns) and its bytes: what says without reading it that it is still the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A file as it was read, which is not looked at again: what stands on the disk may be changed meanwhile. Equal to itself
    only, so that comparing costs nothing."""

    path: Path
    stamp: Stamp
    data: bytes


@dataclass(frozen=True)
class Template:
    """A Word template of one layer: file name, place, SHA-256 of its bytes."""

    name: str
    path: Path
    sha256: str
    stamp: Stamp = (0, 0)


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


def _definition_entries(folder: Path, problems: list[DefinitionError]) -> dict[str, os.DirEntry[str]]:
    """Relative name → place of every definition in `folder`, in order; what does not belong there is a problem."""
    found: dict[str, os.DirEntry[str]] = {}
    for entry in _entries(folder):
        if entry.is_dir() and entry.name in FOLDERS:
            for inner in _entries(folder / entry.name):
                if inner.name.endswith(".yaml") and inner.is_file():
                    found[f"{entry.name}/{inner.name}"] = inner
                else:
                    problems.append(_foreign(Path(inner.path), ()))
        elif entry.is_file() and entry.name in MODELS:
            found[entry.name] = entry
        else:
            problems.append(_foreign(Path(entry.path), (*MODELS, *FOLDERS)))
    return found


@dataclass
class Survey:
    """What stands in a layer now. `definitions`: by relative name; `walkthroughs`: where each stands; `templates`: by file
    name; `problems`: what does not belong there or cannot be read."""

    definitions: dict[str, Source] = field(default_factory=dict)
    walkthroughs: dict[str, Path] = field(default_factory=dict)
    templates: dict[str, Template] = field(default_factory=dict)
    problems: list[DefinitionError] = field(default_factory=list)


def survey(layer: Layer, before: Survey | None = None) -> Survey:
    """Read a layer; of `before`, what has not been changed since is not read again."""
    found = Survey()
    for relative, entry in _definition_entries(layer.definitions, found.problems).items():
        if relative.startswith("walkthroughs/"):
            found.walkthroughs[relative] = Path(entry.path)
            continue
        known = before.definitions.get(relative) if before else None
        if known is not None and known.stamp == _stamp(entry):
            found.definitions[relative] = known
        else:
            path = Path(entry.path)
            try:
                found.definitions[relative] = Source(path, _stamp(entry), path.read_bytes())
            except OSError as error:
                found.problems.append(DefinitionError(f"读不了这个文件 (cannot read): {error.strerror}", Mark(shown(path)), number=1205))
    found.templates = templates(layer.templates, found.problems, before.templates if before else {})
    return found


def same(one: Survey, other: Survey) -> bool:
    """Whether both hold the same files."""
    return (one.definitions == other.definitions and one.walkthroughs == other.walkthroughs
            and {name: found.sha256 for name, found in one.templates.items()}
            == {name: found.sha256 for name, found in other.templates.items()} and not one.problems and not other.problems)


def _stamp(entry: os.DirEntry[str]) -> Stamp:
    said = entry.stat()
    return said.st_mtime_ns, said.st_size


def templates(folder: Path, problems: list[DefinitionError], before: Mapping[str, Template] = MappingProxyType({})) -> dict[str, Template]:
    """File name → template of every .docx in `folder`; other kinds of text documents are a problem.

    What is no text document (the sources of a template, a note) is passed over.
    """
    found: dict[str, Template] = {}
    for entry in _entries(folder):
        if entry.name.startswith("~$"):  # Word's lock file of an open document
            continue
        path = Path(entry.path)
        if entry.name.endswith(".docx") and entry.is_file():
            known = before.get(entry.name)
            same = known is not None and known.stamp == _stamp(entry)
            found[entry.name] = known if known and same else Template(
                entry.name, path, sha256(path.read_bytes()).hexdigest(), _stamp(entry))
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
