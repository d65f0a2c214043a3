"""What an estate says otherwise than the layers below it, or than another estate: every value beside the other, each at its place.

Whole merged trees are compared, for every kind of unit that a choice names, so that what is shown is what counts. A
difference that is there for some units only says for which.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from core.definitions.assembly import Assembly, assemble
from core.definitions.choices import Attributes, Kind, kind_of, kinds_of, settled
from core.definitions.estates import EstateDefinition
from core.definitions.files import Layer, Survey, shown, survey
from core.definitions.library import Library
from core.definitions.reader import Node, PathTuple, read, read_bytes
from core.domain.sources import Overlay
from core.errors import DefinitionErrors, Mark

Change = Literal["changed", "added", "removed", "moved", "same", "replaced"]
ESTATE_FILE = "estate.yaml"
_IDENTITY = ("name", "value", "procedure", "form")


@dataclass(frozen=True)
class Said:
    """A value and where it stands; `layer`: plugin, overlay, company or estate."""

    value: Any
    mark: Mark
    layer: str = ""

    def as_data(self) -> dict[str, Any]:
        return {"value": self.value, "file": self.mark.file, "line": self.mark.line, "column": self.mark.column,
                "layer": self.layer}


@dataclass(frozen=True)
class Difference:
    """One value that differs. `base` is what stands below, or at the first of two estates; `own` what counts.

    `path`: names of items and keys; `titles`: what people call them. `change`: `same` is a value said again as it was,
    `moved` an item at another place (`base` and `own` name the item it follows), `replaced` a file put in another's place.
    `by`: the attributes of the unit that decide; `when`: for which values, without those that are not named.
    """

    procedure: str
    file: str
    path: PathTuple
    titles: tuple[str, ...]
    change: Change
    base: Said | None
    own: Said | None
    source: str = ""
    by: tuple[str, ...] = ()
    when: Kind = ()

    def as_data(self) -> dict[str, Any]:
        """The difference as plain values."""
        return {"procedure": self.procedure, "file": self.file, "path": list(self.path), "titles": list(self.titles),
                "change": self.change, "base": self.base.as_data() if self.base else None,
                "own": self.own.as_data() if self.own else None, "source": self.source, "by": list(self.by),
                "when": dict(self.when)}


@dataclass
class Standing:
    """A procedure as somebody has it: its layers, lowest first, each with what it is called."""

    procedure: str
    layers: list[tuple[str, Layer]]
    _kinds: dict[Kind, Assembly] = field(default_factory=dict)

    @cached_property
    def surveys(self) -> list[Survey]:
        """What stands in each layer's folders now."""
        return [survey(layer) for _, layer in self.layers]

    def assembly(self, kind: Kind = ()) -> Assembly:
        """The merged files for one kind of unit."""
        if kind not in self._kinds:
            self._kinds[kind] = assemble(self.procedure, [layer for _, layer in self.layers], self.surveys, kind)
        return self._kinds[kind]

    @property
    def named(self) -> dict[str, tuple[str, ...]]:
        """The attributes and values by which its files go."""
        return self.assembly().named

    def said_for(self, unit: Attributes) -> Assembly:
        """The merged files for what is known of a unit."""
        return self.assembly(kind_of(self.named, unit))

    def layer_of(self, mark: Mark) -> str:
        """Which layer a place is in."""
        for name, layer in reversed(self.layers):
            if any(_inside(mark.file, folder) for folder in (layer.definitions, layer.templates)):
                return name
        return ""

    def said(self, node: Node) -> Said:
        return Said(node.plain, node.mark, self.layer_of(node.mark))

    def speaker(self, file: str, path: PathTuple, kind: Kind) -> Said | None:
        """The highest layer that says something at `path`: where an item was taken out or put elsewhere."""
        for (name, _), surveyed in reversed(list(zip(self.layers, self.surveys, strict=True))):
            found = _raw(surveyed, file, path, kind)
            if found is not None:
                return Said(found.plain, found.key_mark if found.value is None else found.mark, name)
        return None


def standing(library: Library, overlays: Iterable[Overlay], estate: str | None, procedure: str) -> Standing:
    """The procedure as the estate has it; without an estate as its plugin brings it."""
    source = library.sources[procedure]
    layers = [("plugin", Layer(source.definitions, source.templates))]
    layers += [("overlay", Layer(one.definitions, one.templates)) for one in overlays if one.procedure == procedure]
    if estate is not None:
        known = library.estate(estate)
        home = known.folder / "form_definitions"
        layers += [("estate" if layer.definitions.parent == home else "company", layer) for layer in known.layers.get(procedure, ())]
    return Standing(procedure, layers)


def differences(library: Library, overlays: Sequence[Overlay], estate: str, other: str | None = None) -> list[Difference]:
    """What `estate` says otherwise than the procedures' own files; with `other`, how that one differs from `estate`."""
    known = library.estate(estate)
    if other is None:
        return [found for name in library.procedures(estate)
                for found in compared(standing(library, overlays, None, name), standing(library, overlays, estate, name))]
    against = library.estate(other)
    there, here = library.procedures(estate), library.procedures(other)
    found = _described(known, against)
    for name in (*there, *(one for one in here if one not in there)):
        if name in there and name in here:
            mine, theirs = standing(library, overlays, estate, name), standing(library, overlays, other, name)
            found += [one for one in compared(mine, theirs) if one.change != "same"]
        else:
            found.insert(0, _offered(name, known if name in there else against, there=name in there))
    return found


def compared(base: Standing, own: Standing) -> list[Difference]:
    """How `own` differs from `base`, each value once; what holds for some units only is condensed to what decides."""
    named = {key: tuple(dict.fromkeys((*base.named.get(key, ()), *own.named.get(key, ())))) for key in {**base.named, **own.named}}
    found: dict[tuple[str, PathTuple, bool], dict[Kind, Difference]] = {}
    kinds = kinds_of(named)
    for kind in kinds:
        for one in _Comparison(base, own, kind).all():
            found.setdefault((one.file, one.path, one.change == "moved"), {})[kind] = one
    return [one for by_kind in found.values() for one in _condensed(by_kind, named, kinds)]


def _condensed(by_kind: Mapping[Kind, Difference], named: Mapping[str, Sequence[str]], kinds: Sequence[Kind]) -> Iterator[Difference]:
    """One difference for each combination of the attributes on which it really depends."""
    left = [key for key in sorted(named) if any(_without(kind, key) != kind and _told(by_kind.get(kind)) !=
                                                _told(by_kind.get(_without(kind, key))) for kind in kinds)]
    for kind in kinds:
        if kind in by_kind and all(key in left for key, _ in kind):
            yield replace(by_kind[kind], by=tuple(left), when=kind)


def _without(kind: Kind, key: str) -> Kind:
    return tuple(pair for pair in kind if pair[0] != key)


def _told(one: Difference | None) -> Any:
    return (one.change, one.base, one.own) if one else None


# ---------------------------------------------------------------- one kind of unit


class _Comparison:
    """Two standings compared for one kind of unit."""

    def __init__(self, base: Standing, own: Standing, kind: Kind) -> None:
        self.base, self.own, self.kind = base, own, kind
        self.file = ""
        self.roots: tuple[Node | None, Node | None] = (None, None)

    def all(self) -> Iterator[Difference]:
        below, above = self.base.assembly(_known(self.base, self.kind)), self.own.assembly(_known(self.own, self.kind))
        for name in (*below.parts, *(one for one in above.parts if one not in below.parts)):
            self.file = name
            first, second = self.roots = _tree(below, name), _tree(above, name)
            if first is None and second is not None and not name.startswith("forms/"):  # a file of lists that the base lacks
                first = _emptied(second)
            yield from self.nodes((), first, second)
        yield from self.whole_files("document_templates", {name: (one.path, one.sha256) for name, one in below.templates.items()},
                                    {name: (one.path, one.sha256) for name, one in above.templates.items()})
        yield from self.whole_files("", {name: (path, str(path)) for name, path in below.walkthroughs.items()},
                                    {name: (path, str(path)) for name, path in above.walkthroughs.items()})

    def nodes(self, path: PathTuple, base: Node | None, own: Node | None) -> Iterator[Difference]:
        if base is None or own is None:
            if base is not None or own is not None:
                yield self.gone(path, base) if base is not None else self.difference("added", path, None, own)
            return
        first, second = _members(base), _members(own)
        if first is None or second is None or isinstance(base.value, dict) != isinstance(own.value, dict):
            if base.plain != own.plain:
                yield self.difference("changed", path, base, own)
            elif base.mark != own.mark and not (path and path[-1] in _IDENTITY):
                yield self.difference("same", path, base, own)
            return
        for key in (*first, *(one for one in second if one not in first)):
            yield from self.nodes((*path, key), first.get(key), second.get(key))
        if isinstance(own.value, list):
            yield from self.moved(path, list(first), list(second))

    def moved(self, path: PathTuple, first: list[Any], second: list[Any]) -> Iterator[Difference]:
        """The fewest items that must change their place to come from one order to the other."""
        common = [key for key in second if key in first]
        rank = {key: at for at, key in enumerate(first)}
        staying = _longest_rising([key for key in common if not self.placed((*path, key))] or common, rank)
        staying = _longest_rising(common, rank, staying)
        after = {key: before for before, key in pairwise(["", *common])}
        was = {key: before for before, key in pairwise(["", *(key for key in first if key in set(second))])}
        for key in common:
            if key not in staying:
                one = self.difference("moved", (*path, key), None, None)
                place = self.own.speaker(self.file, (*path, key), self.kind)
                at = self.base.speaker(self.file, (*path, key), self.kind)
                yield replace(one, base=Said(was[key], at.mark, at.layer) if at else None,
                              own=Said(after[key], place.mark, place.layer) if place else None)

    def placed(self, path: PathTuple) -> bool:
        """Whether somebody wrote where the item goes: then it is the one that was moved."""
        said = self.own.speaker(self.file, path, self.kind)
        return said is not None and isinstance(said.value, dict) and bool(said.value.keys() & {"after", "before"})

    def gone(self, path: PathTuple, base: Node) -> Difference:
        """Something that stands below only: `own` is where a higher layer took it out."""
        found = self.difference("removed", path, base, None)
        where = self.own.speaker(self.file, path, self.kind)
        return replace(found, own=Said(None, where.mark, where.layer)) if where and where.layer not in ("plugin",) else found

    def difference(self, change: Change, path: PathTuple, base: Node | None, own: Node | None) -> Difference:
        titles, source = _spoken(self.roots, path)
        return Difference(self.own.procedure, self.file, path, titles, change, self.base.said(base) if base else None,
                          self.own.said(own) if own else None, source)

    def whole_files(self, folder: str, base: Mapping[str, tuple[Path, str]], own: Mapping[str, tuple[Path, str]]) -> Iterator[Difference]:
        for name in sorted({*base, *own}):
            first, second = base.get(name), own.get(name)
            if first and second and first[0] == second[0]:
                continue
            change: Change = "added" if first is None else "removed" if second is None else "replaced"
            if first and second and first[1] == second[1]:
                change = "same"
            yield Difference(self.own.procedure, f"{folder}/{name}".lstrip("/"), (), (), change, _file(self.base, first),
                             _file(self.own, second))


def _emptied(root: Node) -> Node:
    """The tree of a file of lists that a layer does not have."""
    lists = {key: Node([], node.mark, node.key_mark) if isinstance(node.value, list) else node for key, node in root.value.items()}
    return Node(lists, root.mark, root.key_mark)


def _tree(assembly: Assembly, file: str) -> Node | None:
    part = assembly.parts.get(file)
    return part.merged.node if part and part.merged else None


def _file(standing: Standing, found: tuple[Path, str] | None) -> Said | None:
    if found is None:
        return None
    mark = Mark(shown(found[0]))
    return Said(found[0].name, mark, standing.layer_of(mark))


def _known(standing: Standing, kind: Kind) -> Kind:
    """The kind of unit as that side knows it: what it does not name is nothing special there."""
    return kind_of(standing.named, dict(kind))


def _inside(file: str, folder: Path) -> bool:
    return file.startswith(shown(folder) + "/")


# ---------------------------------------------------------------- trees


def _members(node: Node) -> dict[Any, Node] | None:
    """What stands inside: by key, named items by name, choices by value; None of plain values and plain lists."""
    if isinstance(node.value, dict):
        return dict(node.value)
    if not isinstance(node.value, list) or not node.value:
        return {} if isinstance(node.value, list) else None
    names = [_name(item) for item in node.value]
    if all(names) and any(isinstance(item.value, dict) for item in node.value):
        return dict(zip(names, node.value, strict=True))
    return None


def _name(item: Node) -> str:
    if isinstance(item.value, dict):
        found = item.value.get("name") or item.value.get("value")
        return str(found.value) if found is not None and found.value is not None else ""
    return str(item.value) if isinstance(item.value, str) else ""


def _spoken(roots: Sequence[Node | None], path: PathTuple) -> tuple[tuple[str, ...], str]:
    """What people call each part of the path, and the nearest source above its end."""
    titles, source = [str(step) for step in path], ""
    for root in roots:  # the last one wins
        node = root
        for at, step in enumerate(path):
            node = (_members(node) or {}).get(step) if node is not None else None
            if node is None:
                break
            titles[at] = _title(node) or titles[at]
            source = _text(node, "source") or source
        source = source or (_text(root, "source") if root else "")
    return tuple(titles), source


def _title(node: Node) -> str:
    found = node.value.get("title") if isinstance(node.value, dict) else None
    if found is None:
        return ""
    return str(found.value) if not isinstance(found.value, dict) else _text(found, "zh")


def _text(node: Node, key: str) -> str:
    found = node.value.get(key) if isinstance(node.value, dict) else None
    return found.value if found is not None and isinstance(found.value, str) else ""


def at_path(root: Node, path: PathTuple) -> Node:
    """The node at `path`, or the deepest above it; items by name."""
    node = root
    for step in path:
        inner = (_members(node) or {}).get(step)
        if inner is None:
            break
        node = inner
    return node


def _raw(surveyed: Survey, file: str, path: PathTuple, kind: Kind) -> Node | None:
    """What one layer itself says at `path`, with its `remove` and `after`; None when it says nothing there."""
    found = surveyed.definitions.get(file)
    try:
        node = settled(read_bytes(found.data, shown(found.path)), dict(kind)) if found else None
    except DefinitionErrors:
        return None
    for step in path:
        node = (_members(node) or {}).get(step) if node is not None else None
    return node


def _longest_rising(items: Sequence[Any], rank: Mapping[Any, int], wanted: Collection[Any] = ()) -> set[Any]:
    """The most items that already stand in the order of `rank`, those that are `wanted` first of all."""
    best: list[tuple[int, list[Any]]] = []
    for at, item in enumerate(items):
        before = max((best[j] for j in range(at) if rank[items[j]] < rank[item]), key=lambda one: one[0], default=(0, []))
        best.append((before[0] + (len(items) if item in wanted else 1), [*before[1], item]))
    return set(max(best, key=lambda one: one[0], default=(0, []))[1])


# ---------------------------------------------------------------- two estates


def _described(base: EstateDefinition, own: EstateDefinition) -> list[Difference]:
    """How what two estates say of themselves differs; their names and titles do."""
    first, second = (read(one.folder / ESTATE_FILE, shown(one.folder / ESTATE_FILE)) for one in (base, own))
    empty = Standing("", [])
    comparison = _Comparison(empty, empty, ())
    comparison.file, comparison.roots = ESTATE_FILE, (first, second)
    return [replace(one, base=replace(one.base, layer="estate") if one.base else None,
                    own=replace(one.own, layer="estate") if one.own else None)
            for one in comparison.nodes((), first, second)
            if one.change not in ("same", "moved") and one.path[0] not in ("estate", "title", "procedures")]


def _offered(procedure: str, by: EstateDefinition, *, there: bool) -> Difference:
    """A procedure that only one of two estates does."""
    path = by.folder / ESTATE_FILE
    said = Said(procedure, read(path, shown(path)).nearest(("procedures",))[0].mark, "estate")
    return Difference("", ESTATE_FILE, ("procedures", procedure), ("procedures", procedure), "removed" if there else "added",
                      said if there else None, None if there else said)
