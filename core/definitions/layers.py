"""Layers merged: plugin < company < estate.

Mappings merge by key, lists of named items merge by `name` (choices by `value`), everything else is replaced.
What may be written as a mapping by name (`parties: {owner: {many: true}}`) or as a list merges in either form.
In a higher layer `remove: true` takes an item out, `after: NAME` or `before: NAME` places one, and `key: ~`
takes a value back to its default. Every node keeps its own mark, so the merged tree says which file each
value is from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.definitions.reader import Node
from core.definitions.words import nearest
from core.errors import DefinitionError, Mark

_PLACING = ("after", "before", "remove")

BY_NAME = frozenset({"parties", "outcomes", "children", "facts", "counts", "less", "rungs"})
"""Keys under which a mapping by name may stand for a list of named items; an empty value takes every default."""


@dataclass(frozen=True)
class Addition:
    """An item that stands in a higher layer only: new, or meant for a base item that is no longer there."""

    name: str
    base: tuple[str, ...]


@dataclass
class Merged:
    """The merged tree, what higher layers added (by the mark of the item), and what does not fit."""

    node: Node
    additions: dict[Mark, Addition] = field(default_factory=dict)
    problems: list[DefinitionError] = field(default_factory=list)


def merge(layers: Sequence[Node]) -> Merged:
    """One tree of the trees of one file, lowest layer first. The layers are not changed."""
    merged = Merged(layers[0])
    for layer in layers[1:]:
        merged.node = _Merge(merged).nodes(merged.node, layer)
    return merged


class _Merge:
    def __init__(self, merged: Merged) -> None:
        self.merged = merged

    def nodes(self, base: Node, over: Node, key: str = "") -> Node:
        if key in BY_NAME and isinstance(base.value, dict | list) and isinstance(over.value, dict | list):
            return self.by_name(base, over)
        if isinstance(base.value, dict) and isinstance(over.value, dict):
            return Node(self.mappings(base.value, over.value), base.mark, base.key_mark)
        if isinstance(base.value, list) and isinstance(over.value, list):
            key = _identity(over.value)
            if key:
                return Node(self.lists(base.value, over.value, key), over.mark, over.key_mark)
        return over

    def mappings(self, base: dict[str, Node], over: dict[str, Node]) -> dict[str, Node]:
        members = dict(base)
        for key, node in over.items():
            if _removes(node):
                if key not in base:
                    self.stale("remove", key, node, tuple(base))
                members.pop(key, None)
            elif node.value is None:
                members.pop(key, None)
            elif key in base:
                members[key] = self.nodes(base[key], node, key)
            else:
                members[key] = node
        return members

    def by_name(self, base: Node, over: Node) -> Node:
        """Named items, each layer as a mapping or as a list; they stay as the base wrote them."""
        items, more = _items(base), _items(over)
        if items is None or more is None:
            return over
        if isinstance(base.value, dict):
            members = {_name(item, "name"): _unnamed(item) for item in self.lists(items, more, "name")}
            return Node(members, base.mark, base.key_mark)
        if isinstance(over.value, dict):  # in a list every item says its title, in a mapping it need not
            known = {_name(item, "name") for item in items}
            more = [item if _name(item, "name") in known else _titled(item) for item in more]
        return Node(self.lists(items, more, "name"), over.mark, over.key_mark)

    def lists(self, base: list[Node], over: list[Node], key: str) -> list[Node]:
        self.refuse_twice(base, key)
        self.refuse_twice(over, key)
        items = {_name(node, key): node for node in base}
        before = tuple(items)
        for node in over:
            name = _name(node, key)
            if _removes(node):
                if name not in items:
                    self.stale("remove", name, node, before)
                items.pop(name, None)
                continue
            bare = _bare(node)
            if name in items:
                items[name] = self.nodes(_as_mapping(items[name], key), bare)
            else:
                items[name] = bare
                self.merged.additions[bare.mark] = Addition(name, before)
            items = self.placed(items, name, node)
        return list(items.values())

    def refuse_twice(self, items: list[Node], key: str) -> None:
        """By name, the second of two would silently take the place of the first."""
        seen: set[str] = set()
        for node in items:
            name = _name(node, key)
            if name and name in seen:
                self.merged.problems.append(
                    DefinitionError(f"`{name}` 重复 (`{name}` stands twice)", node.mark, number=1203)
                )
            seen.add(name)

    def placed(self, items: dict[str, Node], name: str, node: Node) -> dict[str, Node]:
        for word in ("after", "before"):
            target = node.value.get(word)
            if target is None:
                continue
            others = [other for other in items if other != name]
            if target.value not in others:
                self.stale(word, str(target.value), target, tuple(others))
                continue
            at = others.index(target.value) + (word == "after")
            order = [*others[:at], name, *others[at:]]
            return {other: items[other] for other in order}
        return items

    def stale(self, word: str, name: str, node: Node, known: tuple[str, ...]) -> None:
        guess = nearest(name, known)
        remedy = f"下层有：{'、'.join(known)}" if known else ""
        if guess:
            remedy = f"最接近的是 `{guess}` (nearest: `{guess}`)"
        self.merged.problems.append(
            DefinitionError(
                f"`{word}` 指的 `{name}` 下层没有 (`{word}` names `{name}`, which the base does not have)",
                node.mark,
                remedy=remedy,
                number=1221,
            )
        )


def stale_override(addition: Addition, mark: Mark) -> DefinitionError:
    """The mistake of overriding what the base no longer has (or of adding something incomplete)."""
    guess = nearest(addition.name, addition.base)
    remedy = (
        f"最接近的是 `{guess}` (nearest: `{guess}`)" if guess else "若是新增一项，请写全 (a new item must be complete)"
    )
    return DefinitionError(
        f"这里覆盖 `{addition.name}`,下层没有 (overrides `{addition.name}`, which the base no longer has)",
        mark,
        remedy=remedy,
        number=1220,
    )


def _identity(items: list[Node]) -> str:
    """The key by which the items of a list are merged: `name`, `value`, or none."""
    for key in ("name", "value"):
        if items and all(
            isinstance(node.value, dict) and isinstance(_name(node, key), str) and _name(node, key) for node in items
        ):
            return key
    return ""


def _name(node: Node, key: str) -> str:
    if isinstance(node.value, dict):
        found = node.value.get(key)
        return str(found.value) if found is not None else ""
    return str(node.value)


def _items(node: Node) -> list[Node] | None:
    """The items of a list, or of a mapping by name, each with its `name`; None when they are written otherwise."""
    if isinstance(node.value, list):
        return node.value if not node.value or _identity(node.value) == "name" else None
    if not all(item.value is None or isinstance(item.value, dict) for item in node.value.values()):
        return None
    return [
        Node({"name": Node(name, item.key_mark, item.key_mark), **(item.value or {})}, item.mark, item.key_mark)
        for name, item in node.value.items()
    ]


def _unnamed(node: Node) -> Node:
    """An item under its key: its name is the key."""
    members = {key: child for key, child in node.value.items() if key != "name"}
    return Node(members, node.mark, node.value["name"].mark)


def _titled(node: Node) -> Node:
    return Node({"title": node.value["name"], **node.value}, node.mark, node.key_mark)


def _as_mapping(node: Node, key: str) -> Node:
    """A choice written as a bare word, as the mapping it stands for."""
    if isinstance(node.value, dict):
        return node
    return Node({key: node, "title": node}, node.mark, node.key_mark)


def _removes(node: Node) -> bool:
    flag = node.value.get("remove") if isinstance(node.value, dict) else None
    return flag is not None and flag.value is True


def _bare(node: Node) -> Node:
    members = {key: child for key, child in node.value.items() if key not in _PLACING}
    return Node(members, node.mark, node.key_mark)
