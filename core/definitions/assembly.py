"""One procedure of one estate: its layers read, merged and validated, with the place of every value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from core.definitions.files import Layer, Template, definition_files, model_of, shown, templates
from core.definitions.layers import Addition, Merged, merge
from core.definitions.price_choices import with_prices
from core.definitions.reader import Node, PathTuple, read
from core.definitions.short_forms import listed, written_out
from core.definitions.validation import validate
from core.domain.base import Frozen
from core.domain.bundle import Bundle
from core.domain.documents import Documents, Texts
from core.domain.fees import FeeSchedule
from core.domain.forms import Form
from core.domain.papers import Checklists, RequiredDocuments
from core.domain.procedures import Procedure
from core.domain.registers import Registers
from core.errors import DefinitionError, DefinitionErrors, Mark

M = TypeVar("M", bound=Frozen)
PROCEDURE = "procedure.yaml"


@dataclass
class Assembly:
    """A procedure after merging. `files`: merged tree by relative name; `models`: what they hold.

    `templates`: the winning template by name; `top_templates`: the highest layer's folder of templates;
    `walkthroughs`: files by name, the highest layer winning; `problems`: everything found so far.
    """

    procedure: str
    folder: Path
    top_templates: Path
    files: dict[str, Merged] = field(default_factory=dict)
    models: dict[str, Frozen] = field(default_factory=dict)
    templates: dict[str, Template] = field(default_factory=dict)
    walkthroughs: dict[str, Path] = field(default_factory=dict)
    problems: list[DefinitionError] = field(default_factory=list)

    def model(self, relative: str, kind: type[M]) -> M | None:
        """The model of the file `relative`, None when it is absent or broken."""
        found = self.models.get(relative)
        return found if isinstance(found, kind) else None

    def node(self, relative: str, path: PathTuple = ()) -> Node:
        """The node at (or nearest above) `path` of a file."""
        return self.files[relative].node.nearest(path)[0]

    def mark(self, relative: str, path: PathTuple = ()) -> Mark:
        """The place of `path` in the file `relative`; of the procedure's folder when there is no such
        file."""
        return self.node(relative, path).mark if relative in self.files else Mark(shown(self.folder / relative))

    def bundle(self, estate: str, version: str) -> Bundle:
        """The bundle for `estate`; only of an assembly without problems."""
        documents = self.model("documents.yaml", Documents) or Documents()
        fees = self.model("fee_schedule.yaml", FeeSchedule) or FeeSchedule()
        return Bundle(
            estate=estate,
            procedure=cast(Procedure, self.models["procedure.yaml"]),
            forms=tuple(with_prices(form, fees.price_lists) for form in self.forms()),
            fees=fees.fees,
            price_lists=fees.price_lists,
            required_documents=(
                self.model("required_documents.yaml", RequiredDocuments) or RequiredDocuments()
            ).required_documents,
            checklists=(self.model("checklists.yaml", Checklists) or Checklists()).checklists,
            documents=documents.documents,
            series=documents.series,
            texts=(self.model("texts.yaml", Texts) or Texts()).texts,
            registers=(self.model("registers.yaml", Registers) or Registers()).registers,
            templates={name: self.templates[name].sha256 for name in sorted(self.templates)},
            plugin_version=version,
        )

    def forms(self) -> tuple[Form, ...]:
        """The forms, by file name."""
        return tuple(model for name in sorted(self.models) if isinstance(model := self.models[name], Form))


def assemble(procedure: str, layers: Sequence[Layer]) -> Assembly:
    """Read and merge `layers` (lowest first) into an assembly; mistakes are collected in its `problems`."""
    done = Assembly(procedure, layers[0].definitions, layers[-1].templates)
    stacks = _stacks(layers, done)
    for relative, stack in stacks.items():
        merged = _merged(relative, stack, [name for name in stacks if not stacks[name].above])
        if relative == PROCEDURE:
            merged.node = listed(merged.node)
        done.files[relative] = merged
        kind = model_of(relative)
        if kind is None:
            continue
        model, problems = validate(kind, merged)
        done.problems += problems
        if model is not None:
            done.models[relative] = model
            done.problems += _misnamed(done, relative, model)
    if "procedure.yaml" not in stacks and not done.problems:
        done.problems.append(
            DefinitionError(
                "缺少 procedure.yaml (missing procedure.yaml)",
                Mark(shown(done.folder / "procedure.yaml")),
                number=1205,
            )
        )
    for layer in layers:
        done.templates |= templates(layer.templates, done.problems)
    return done


@dataclass
class _Stack:
    """The trees of one file, lowest layer first; `above`: the lowest layer of all does not have the file."""

    above: bool
    trees: list[Node] = field(default_factory=list)


def _stacks(layers: Sequence[Layer], done: Assembly) -> dict[str, _Stack]:
    """Relative name → stack. Walkthroughs replace each other and are not merged."""
    stacks: dict[str, _Stack] = {}
    for at, layer in enumerate(layers):
        for relative, path in definition_files(layer.definitions, done.problems).items():
            if relative.startswith("walkthroughs/"):
                done.walkthroughs[relative] = path
                continue
            tree = _tree(path, done.problems)
            if tree is not None:
                whole = written_out(tree) if relative == PROCEDURE else tree
                stacks.setdefault(relative, _Stack(above=at > 0)).trees.append(whole)
    return stacks


def _merged(relative: str, stack: _Stack, base: Sequence[str]) -> Merged:
    """The stack as one tree. What only a higher layer says is an addition: new, or meant for something gone."""
    first = stack.trees[0]
    if not stack.above:
        return merge(stack.trees)
    if not relative.startswith("forms/"):
        empty: dict[str, Any] = {
            key: Node([], node.mark, node.key_mark) if isinstance(node.value, list) else node
            for key, node in first.value.items()
        }
        return merge([Node(empty, first.mark, first.key_mark), *stack.trees])
    merged = merge(stack.trees)
    forms = tuple(Path(name).stem for name in base if name.startswith("forms/"))
    merged.additions[merged.node.mark] = Addition(Path(relative).stem, forms)
    return merged


def _tree(path: Path, problems: list[DefinitionError]) -> Node | None:
    try:
        tree = read(path, shown(path))
    except DefinitionErrors as error:
        problems.extend(error.problems)
        return None
    if not isinstance(tree.value, dict):
        problems.append(DefinitionError("文件最上层要写成 `键: 值` (a file is a mapping)", tree.mark, number=1212))
        return None
    return tree


def _misnamed(done: Assembly, relative: str, model: Frozen) -> list[DefinitionError]:
    """A procedure is called like its folder, a form like its file."""
    if isinstance(model, Procedure) and model.procedure != done.procedure:
        wanted, key = done.procedure, "procedure"
    elif isinstance(model, Form) and model.form != Path(relative).stem:
        wanted, key = Path(relative).stem, "form"
    else:
        return []
    return [
        DefinitionError(
            f"这里应写 `{wanted}`,与文件夹或文件同名 (must be `{wanted}`, the name of its folder or file)",
            done.mark(relative, (key,)),
            number=1212,
        )
    ]
