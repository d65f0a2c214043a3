"""The folder `estates/`: companies, their estates, and what each of them overrides."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from core.definitions.files import Layer, folders, shown
from core.definitions.layers import Merged
from core.definitions.reader import read
from core.definitions.validation import validate
from core.definitions.words import known_words, unknown
from core.domain.base import Frozen
from core.domain.estates import Company, Estate
from core.errors import DefinitionError, DefinitionErrors, Mark

DEFINITIONS, TEMPLATES, PLUGINS = "form_definitions", "document_templates", "plugins"
_LAYER_FOLDERS = (DEFINITIONS, TEMPLATES, PLUGINS)

M = TypeVar("M", bound=Frozen)


@dataclass(frozen=True)
class EstateDefinition:
    """An estate with its company and the folder it is described in."""

    estate: Estate
    company: Company
    folder: Path

    @property
    def name(self) -> str:
        return self.estate.estate

    def offers(self, procedure: str) -> bool:
        """Whether the estate does this procedure; an estate that names none does all."""
        return not self.estate.procedures or procedure in self.estate.procedures


def load_estates(
    folder: Path | None, procedures: Collection[str]
) -> tuple[dict[str, EstateDefinition], list[DefinitionError]]:
    """Every estate by name, in order of company and estate, and the mistakes found."""
    estates: dict[str, EstateDefinition] = {}
    problems: list[DefinitionError] = []
    for company_folder in folders(folder) if folder else []:
        company = _described(company_folder / "company.yaml", Company, problems)
        _check_layer_folders(company_folder, procedures, problems)
        for estate_folder in folders(company_folder):
            if estate_folder.name in _LAYER_FOLDERS:
                continue
            estate = _described(estate_folder / "estate.yaml", Estate, problems)
            _check_layer_folders(estate_folder, procedures, problems)
            if company and estate:
                _add(EstateDefinition(estate, company, estate_folder), estates, procedures, problems)
    return estates, problems


def overridden(estate: EstateDefinition, procedure: str) -> list[Layer]:
    """The layers of company and estate that say something about `procedure`, lowest first."""
    layers = [
        Layer(folder / DEFINITIONS / procedure, folder / TEMPLATES / procedure)
        for folder in (estate.folder.parent, estate.folder)
    ]
    return [layer for layer in layers if layer.definitions.is_dir() or layer.templates.is_dir()]


def _described(path: Path, model: type[M], problems: list[DefinitionError]) -> M | None:
    if not path.is_file():
        problems.append(DefinitionError(f"缺少 {path.name} (missing {path.name})", Mark(shown(path)), number=1205))
        return None
    try:
        tree = read(path, shown(path))
    except DefinitionErrors as error:
        problems.extend(error.problems)
        return None
    value, found = validate(model, Merged(tree))
    problems.extend(found)
    if value is not None and getattr(value, model.__name__.lower()) != path.parent.name:
        problems.append(
            DefinitionError(
                f"这里应写 `{path.parent.name}`,与文件夹同名 (must be the name of its folder)",
                tree.nearest((model.__name__.lower(),))[0].mark,
                number=1212,
            )
        )
    return value


def _add(
    found: EstateDefinition,
    estates: dict[str, EstateDefinition],
    procedures: Collection[str],
    problems: list[DefinitionError],
) -> None:
    path = found.folder / "estate.yaml"
    tree = read(path, shown(path))
    if found.name in estates:
        other = shown(estates[found.name].folder)
        problems.append(
            DefinitionError(
                f"项目 `{found.name}` 已在 {other} (estate exists already)",
                tree.nearest(("estate",))[0].mark,
                number=1203,
            )
        )
        return
    estates[found.name] = found
    for at, name in enumerate(found.estate.procedures):
        if name not in procedures:
            problems.append(
                DefinitionError(
                    unknown("手续", "procedure", name, procedures),
                    tree.nearest(("procedures", at))[0].mark,
                    number=1230,
                    remedy=known_words(procedures),
                )
            )


def _check_layer_folders(folder: Path, procedures: Collection[str], problems: list[DefinitionError]) -> None:
    """An override of a procedure that does not exist would never be looked at: say so."""
    for kind in (DEFINITIONS, TEMPLATES):
        for layer in folders(folder / kind):
            if layer.name not in procedures:
                problems.append(
                    DefinitionError(
                        unknown("手续", "procedure", layer.name, procedures),
                        Mark(shown(layer)),
                        number=1222,
                        remedy=known_words(procedures),
                    )
                )
