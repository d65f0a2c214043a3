"""One procedure of one estate: its layers read, merged and validated, with the place of every value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, cast

from core.definitions.choices import Kind, choices_in, settled
from core.definitions.files import Layer, Source, Survey, Template, model_of, shown
from core.definitions.layers import Addition, Merged, merge
from core.definitions.price_choices import with_prices
from core.definitions.reader import Node, PathTuple, read_bytes
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
class Part:
    """One file after merging: the files it was made of, what their choices go by, the merged tree, what it holds, and the
    mistakes found in it."""

    sources: tuple[Source, ...]
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    merged: Merged | None = None
    model: Frozen | None = None
    problems: list[DefinitionError] = field(default_factory=list)


@dataclass
class Assembly:
    """A procedure after merging. `parts`: its files by relative name.

    `kind`: for which units it was settled; `named`: the attributes and values that its files go by;
    `templates`: the winning template by name; `top`: the highest layer;
    `walkthroughs`: files by name, the highest layer winning; `problems`: everything found so far.
    """

    procedure: str
    folder: Path
    top: Layer
    kind: Kind = ()
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    templates: dict[str, Template] = field(default_factory=dict)
    walkthroughs: dict[str, Path] = field(default_factory=dict)
    problems: list[DefinitionError] = field(default_factory=list)

    def model(self, relative: str, kind: type[M]) -> M | None:
        """The model of the file `relative`, None when it is absent or broken."""
        part = self.parts.get(relative)
        return part.model if part and isinstance(part.model, kind) else None

    def node(self, relative: str, path: PathTuple = ()) -> Node:
        """The node at (or nearest above) `path` of a file; KeyError when there is no such file, or none that can be read."""
        merged = self.parts[relative].merged
        if merged is None:
            raise KeyError(relative)
        return merged.node.nearest(path)[0]

    def is_of_the_top(self, relative: str) -> bool:
        """Whether the highest layer has a file `relative` of its own."""
        part = self.parts.get(relative)
        return bool(part) and any(source.path == self.top.definitions / relative for source in part.sources)

    def mark(self, relative: str, path: PathTuple = ()) -> Mark:
        """The place of `path` in the file `relative`; of the procedure's folder when there is no such
        file."""
        try:
            return self.node(relative, path).mark
        except KeyError:
            return Mark(shown(self.folder / relative))

    def bundle(self, estate: str, version: str, placed: Mapping[str, str] = MappingProxyType({})) -> Bundle:
        """The bundle for `estate`; only of an assembly without problems. `placed`: hashes of templates that tags are put into, by
        name."""
        documents = self.model("documents.yaml", Documents) or Documents()
        fees = self.model("fee_schedule.yaml", FeeSchedule) or FeeSchedule()
        return Bundle(
            estate=estate,
            procedure=cast(Procedure, self.parts[PROCEDURE].model),
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
            templates={name: placed.get(name) or self.templates[name].sha256 for name in sorted(self.templates)},
            plugin_version=version,
        )

    def forms(self) -> tuple[Form, ...]:
        """The forms, by file name."""
        return tuple(model for name in sorted(self.parts) if isinstance(model := self.parts[name].model, Form))


def assemble(procedure: str, layers: Sequence[Layer], surveys: Sequence[Survey], kind: Kind = (), base: Assembly | None = None) -> Assembly:
    """Merge what was read of `layers` (lowest first) into an assembly for one kind of unit; mistakes are collected in its
    `problems`. Of `base`, the files that no higher layer touches are taken as they are."""
    done = Assembly(procedure, layers[0].definitions, layers[-1], kind)
    stacks = stacks_of(surveys)
    for relative, stack in stacks.items():
        known = base.parts.get(relative) if base else None
        if known is None or known.sources != stack.sources or (known.named and base and base.kind != kind):
            known = resolve(procedure, relative, stack, kind, [name for name in stacks if not stacks[name].above])
        done.parts[relative] = known
        done.problems += known.problems
        for attribute, values in known.named.items():
            done.named[attribute] = tuple(dict.fromkeys((*done.named.get(attribute, ()), *values)))
    if PROCEDURE not in stacks and not any(one.problems for one in surveys):
        done.problems.append(DefinitionError("缺少 procedure.yaml (missing procedure.yaml)",
                                             Mark(shown(done.folder / PROCEDURE)), number=1205))
    for found in surveys:
        done.templates |= found.templates
        done.walkthroughs |= found.walkthroughs
        done.problems += found.problems
    return done


@dataclass(frozen=True)
class Stack:
    """One file in each layer that has it, lowest first; `above`: the lowest layer of all does not have the file."""

    sources: tuple[Source, ...]
    above: bool


def stacks_of(surveys: Sequence[Survey]) -> dict[str, Stack]:
    """Relative name → the file in every layer. Walkthroughs replace each other and are not among them."""
    found: dict[str, Stack] = {}
    for at, one in enumerate(surveys):
        for relative, source in one.definitions.items():
            there = found.get(relative)
            found[relative] = Stack((*there.sources, source), there.above) if there else Stack((source,), above=at > 0)
    return found


def resolve(procedure: str, relative: str, stack: Stack, kind: Kind, base: Sequence[str]) -> Part:
    """One file merged and validated; `base`: the files that the lowest layer has."""
    part = Part(stack.sources)
    trees = [tree for source in stack.sources if (tree := _tree(source, relative, kind, part)) is not None]
    if len(trees) < len(stack.sources) and (not trees or part.problems):
        return part
    merged = part.merged = _merged(relative, trees, base, above=stack.above)
    if relative == PROCEDURE:
        merged.node = listed(merged.node)
    holds = model_of(relative)
    if holds is not None:
        part.model, problems = validate(holds, merged)
        part.problems += problems
        if part.model is not None:
            part.problems += _misnamed(procedure, relative, part)
    return part


def _merged(relative: str, trees: Sequence[Node], base: Sequence[str], *, above: bool) -> Merged:
    """The layers as one tree. What only a higher layer says is an addition: new, or meant for something gone."""
    first = trees[0]
    if not above:
        return merge(trees)
    if not relative.startswith("forms/"):
        empty: dict[str, Any] = {
            key: Node([], node.mark, node.key_mark) if isinstance(node.value, list) else node
            for key, node in first.value.items()
        }
        return merge([Node(empty, first.mark, first.key_mark), *trees])
    merged = merge(trees)
    forms = tuple(Path(name).stem for name in base if name.startswith("forms/"))
    merged.additions[merged.node.mark] = Addition(Path(relative).stem, forms)
    return merged


def _tree(source: Source, relative: str, kind: Kind, part: Part) -> Node | None:
    """The tree of one layer, settled for the kind of unit; what its choices go by, and mistakes, are noted in `part`."""
    try:
        tree = read_bytes(source.data, shown(source.path))
    except DefinitionErrors as error:
        part.problems.extend(error.problems)
        return None
    if not isinstance(tree.value, dict):
        part.problems.append(DefinitionError("文件最上层要写成 `键: 值` (a file is a mapping)", tree.mark, number=1212))
        return None
    named, problems = choices_in(tree) if b"values:" in source.data else ({}, [])
    part.problems += problems
    for attribute, values in named.items():
        part.named[attribute] = tuple(dict.fromkeys((*part.named.get(attribute, ()), *values)))
    settled_tree = settled(tree, dict(kind)) if named else tree
    return written_out(settled_tree) if settled_tree is not None and relative == PROCEDURE else settled_tree


def _misnamed(procedure: str, relative: str, part: Part) -> list[DefinitionError]:
    """A procedure is called like its folder, a form like its file."""
    model = part.model
    if isinstance(model, Procedure) and model.procedure != procedure:
        wanted, key = procedure, "procedure"
    elif isinstance(model, Form) and model.form != Path(relative).stem:
        wanted, key = Path(relative).stem, "form"
    else:
        return []
    return [
        DefinitionError(
            f"这里应写 `{wanted}`,与文件夹或文件同名 (must be `{wanted}`, the name of its folder or file)",
            part.merged.node.nearest((key,))[0].mark if part.merged else None,
            number=1212,
        )
    ]
