"""Values that differ within an estate: any value may be a choice `by` what the unit is.

    months: {by: building, values: {3: 6}, default: 3}

It is settled in its own layer before layers are merged: where neither a value nor a `default` fits, the layer says nothing
there, and what stands below it goes on to count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from core.definitions.reader import Node, PathTuple
from core.definitions.words import known_words, unknown
from core.errors import DefinitionError

PERSON_TYPE = "person_type"
ATTRIBUTES = ("building", "building_type", "use", "layout", PERSON_TYPE)
"""What a choice may go by: of the unit, and whether the first of its owners is a `person` or a `company`."""

PERSON_TYPES = ("person", "company")
MOST = 64
"""How many combinations one procedure of one estate may have: each is checked by itself."""

Attributes = Mapping[str, str]
"""What is known of a unit, by attribute; what is not known is left out."""

Kind = tuple[tuple[str, str], ...]
"""Which of the named values a unit has, by attribute in order; empty for all that no choice names."""

_KEYS = {"by", "values", "default"}
_NOTHING = object()


def choices_in(tree: Node) -> tuple[dict[str, tuple[str, ...]], list[DefinitionError]]:
    """The attributes that a file goes by, each with the values it names, and what is wrong with its choices."""
    named: dict[str, dict[str, None]] = {}
    problems: list[DefinitionError] = []
    for _, node in _choices(tree):
        by, values = node.value["by"], node.value["values"]
        if by.value not in ATTRIBUTES:
            problems.append(DefinitionError(unknown("属性", "attribute", by.value, ATTRIBUTES), by.mark, number=1230,
                                            remedy=known_words(ATTRIBUTES)))
            continue
        if by.value == PERSON_TYPE:
            problems += [DefinitionError(unknown("取值", "value", value, PERSON_TYPES), child.key_mark, number=1230,
                                         remedy=known_words(PERSON_TYPES))
                         for value, child in values.value.items() if value not in PERSON_TYPES]
        named.setdefault(by.value, {}).update(dict.fromkeys(values.value))
    return {by: tuple(values) for by, values in named.items()}, problems


def _choices(tree: Node) -> Iterator[tuple[PathTuple, Node]]:
    return ((path, node) for path, node in tree.walk() if _is_choice(node))


def _is_choice(node: Node) -> bool:
    """Whether a node is a choice: `by` one plain word and `values` by name; with a dotted name it is a value of the case."""
    value = node.value
    if not isinstance(value, dict) or not value.keys() >= {"by", "values"} or not value.keys() <= _KEYS:
        return False
    by, values = value["by"].value, value["values"].value
    return isinstance(by, str) and "." not in by and isinstance(values, dict)


def settled(tree: Node, kind: Mapping[str, str]) -> Node | None:
    """The tree with every choice settled for one kind of unit; None when nothing of it is left."""
    found = _settled(tree, kind)
    return None if found is _NOTHING else found


def _settled(node: Node, kind: Mapping[str, str]) -> Any:
    if _is_choice(node):
        value = node.value
        chosen = value["values"].value.get(kind.get(value["by"].value, ""), value.get("default", _NOTHING))
        if chosen is _NOTHING:
            return _NOTHING
        inner = _settled(chosen, kind)
        return inner if inner is _NOTHING else Node(inner.value, inner.mark, node.key_mark, inner.inset)
    if isinstance(node.value, dict):
        return _with(node, {key: _settled(child, kind) for key, child in node.value.items()})
    if isinstance(node.value, list):
        return _with(node, dict(enumerate(_settled(child, kind) for child in node.value)))
    return node


def _with(node: Node, members: Mapping[Any, Any]) -> Node:
    left = {key: child for key, child in members.items() if child is not _NOTHING}
    value = left if isinstance(node.value, dict) else list(left.values())
    return Node(value, node.mark, node.key_mark, node.inset)


def kinds_of(named: Mapping[str, Iterable[str]]) -> list[Kind]:
    """Every combination of named values, the one of units that no choice names (nothing) first."""
    attributes = sorted(named)
    rows = product(*[("", *named[attribute]) for attribute in attributes])
    return [tuple((attribute, value) for attribute, value in zip(attributes, row, strict=True) if value) for row in rows]


def kind_of(named: Mapping[str, Iterable[str]], unit: Attributes) -> Kind:
    """Which of those combinations a unit is."""
    return tuple((attribute, value) for attribute in sorted(named)
                 if (value := unit.get(attribute, "")) and value in tuple(named[attribute]))
