"""The folder `estates/`: companies, their estates, and what each of them overrides."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from core.definitions.files import Layer, folders, shown
from core.definitions.layers import Merged
from core.definitions.reader import Node, read
from core.definitions.validation import validate
from core.definitions.words import known_words, unknown
from core.domain.base import Frozen
from core.domain.estates import Company, Estate
from core.domain.sources import PASSED_OVER
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
    layers: Mapping[str, tuple[Layer, ...]] = field(default_factory=dict)
    """What company and estate say about each procedure, lowest first; nothing of most."""

    @property
    def name(self) -> str:
        return self.estate.estate

    def offers(self, procedure: str) -> bool:
        """Whether the estate does this procedure; an estate that names none does all."""
        return not self.estate.procedures or procedure in self.estate.procedures


def load_estates(
    folder: Path | None, procedures: Collection[str], only: Collection[str] = ()
) -> tuple[dict[str, EstateDefinition], list[DefinitionError]]:
    """Every estate by name, in order of company and estate, and the mistakes found; of some `only`, without a look at others."""
    estates: dict[str, EstateDefinition] = {}
    problems: list[DefinitionError] = []
    for company_folder in folders(folder) if folder else []:
        if (company_folder / PASSED_OVER).exists() or (only and not any((company_folder / name).is_dir() for name in only)):
            continue
        company, _ = _described(company_folder / "company.yaml", Company, problems)
        shared = _layers(company_folder, procedures, problems)
        for estate_folder in folders(company_folder):
            if estate_folder.name in _LAYER_FOLDERS or (only and estate_folder.name not in only):
                continue
            estate, tree = _described(estate_folder / "estate.yaml", Estate, problems)
            layers = dict(shared)
            for name, own in _layers(estate_folder, procedures, problems).items():
                layers[name] = (*layers.get(name, ()), *own)
            if company and estate and tree:
                _add(EstateDefinition(estate, company, estate_folder, layers), tree, estates, procedures, problems)
    return estates, problems


def _described(path: Path, model: type[M], problems: list[DefinitionError]) -> tuple[M | None, Node | None]:
    """What the file describes, with the tree it was read from."""
    if not path.is_file():
        problems.append(DefinitionError(f"缺少 {path.name} (missing {path.name})", Mark(shown(path)), number=1205))
        return None, None
    try:
        tree = read(path, shown(path))
    except DefinitionErrors as error:
        problems.extend(error.problems)
        return None, None
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
    return value, tree


def _add(
    found: EstateDefinition,
    tree: Node,
    estates: dict[str, EstateDefinition],
    procedures: Collection[str],
    problems: list[DefinitionError],
) -> None:
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


def _layers(folder: Path, procedures: Collection[str], problems: list[DefinitionError]) -> dict[str, tuple[Layer, ...]]:
    """What a company or an estate says about procedures. An override of one that does not exist would never be looked at."""
    found: dict[str, tuple[Layer, ...]] = {}
    for kind in (DEFINITIONS, TEMPLATES):
        for layer in folders(folder / kind):
            if layer.name in procedures:
                found[layer.name] = (Layer(folder / DEFINITIONS / layer.name, folder / TEMPLATES / layer.name),)
            else:
                problems.append(
                    DefinitionError(
                        unknown("手续", "procedure", layer.name, procedures),
                        Mark(shown(layer)),
                        number=1222,
                        remedy=known_words(procedures),
                    )
                )
    return found
