"""Merging any layers: the same each time, as a plain model has it, nothing more the second time, and unrelated overrides in any order."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import assume, given, strategies as st

from core.definitions.layers import Merged, merge
from core.definitions.reader import read_bytes

Tree = dict[str, Any]
SCALARS = st.one_of(st.integers(-9, 99), st.booleans(), st.sampled_from(["a", "办理", "2.80", "yes"]), st.none())
NAMES = ("ask", "pay", "look", "sign", "keep")
KEYS = ("title", "role", "due", "help")


@st.composite
def items(draw: st.DrawFn, names: st.SearchStrategy[str], *, override: bool) -> list[Tree]:
    """Items with names of their own; those of an override may also be placed or taken out."""
    found = []
    for name in draw(st.lists(names, unique=True, min_size=1, max_size=4)):
        item: Tree = {"name": name} | draw(st.dictionaries(st.sampled_from(KEYS), SCALARS, max_size=3))
        if override and draw(st.integers(0, 4)) == 0:
            item = {"name": name, "remove": True}
        elif override and draw(st.integers(0, 3)) == 0:
            item[draw(st.sampled_from(("after", "before")))] = draw(names.filter(lambda other, name=name: other != name))
        found.append(item)
    return found


def layers(names: tuple[str, ...] = NAMES, *, override: bool, keys: tuple[str, ...] = KEYS) -> st.SearchStrategy[Tree]:
    """The tree of a file: values, lists of values, a mapping, a list of named items."""
    values = st.one_of(SCALARS, st.lists(st.integers(0, 9), max_size=3))
    return st.fixed_dictionaries({}, optional={
        "steps": items(st.sampled_from(names), override=override), "hours": st.dictionaries(st.sampled_from(keys), values, min_size=1),
        **dict.fromkeys(keys, values)}).filter(bool)


def merged(*trees: Tree) -> Merged:
    return merge([read_bytes(json.dumps(tree, ensure_ascii=False).encode(), f"layer{at}.yaml") for at, tree in enumerate(trees)])


def said(tree: Any) -> Any:
    """The tree as models read it: a value that is null is not said."""
    if isinstance(tree, dict):
        return {key: said(value) for key, value in tree.items() if value is not None}
    return [said(value) for value in tree] if isinstance(tree, list) else tree


def plain(base: Tree, over: Tree) -> Tree:
    """What merging means, in the plainest words."""
    result = copy.deepcopy(base)
    for key, value in over.items():
        if value is None:
            result.pop(key, None)
        elif key == "steps" and key in result:
            result[key] = plain_items(result[key], value)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = plain(result[key], value)
        else:
            result[key] = copy.deepcopy(value)
    return result


def plain_items(base: list[Tree], over: list[Tree]) -> list[Tree]:
    found = copy.deepcopy(base)
    for item in over:
        place = next((at for at, one in enumerate(found) if one["name"] == item["name"]), None)
        if item.get("remove"):
            if place is not None:
                del found[place]
            continue
        bare = {key: value for key, value in item.items() if key not in ("after", "before")}
        if place is None:
            found.append(bare)
        else:
            found[place] = plain(found[place], bare)
        for word in ("after", "before"):
            others = [one for one in found if one["name"] != item["name"]]
            anchor = next((at for at, one in enumerate(others) if one["name"] == item.get(word)), None)
            if anchor is not None:
                mine = next(one for one in found if one["name"] == item["name"])
                found = [*others[:anchor + (word == "after")], mine, *others[anchor + (word == "after"):]]
    return found


BASE, OVER = layers(override=False), layers(override=True)


@given(BASE, OVER, OVER)
def test_layers_merge_as_the_plain_model_has_it(base: Tree, company: Tree, estate: Tree) -> None:
    assume("steps" in base or "steps" not in company or "steps" not in estate)  # what no layer below has is no override
    moved = [item for over in (company, estate) for item in over.get("steps", ()) if item.keys() & {"after", "before", "remove"}]
    assume("steps" in base or not moved)
    assert said(merged(base, company, estate).node.plain) == said(plain(plain(base, company), estate))


@given(BASE, OVER, OVER)
def test_the_same_layers_give_the_same(base: Tree, company: Tree, estate: Tree) -> None:
    one, other = merged(base, company, estate), merged(base, company, estate)
    assert one.node == other.node  # with the place of every value
    assert one.additions == other.additions
    assert [str(problem) for problem in one.problems] == [str(problem) for problem in other.problems]


@given(BASE, OVER)
def test_an_override_that_is_there_already_changes_nothing(base: Tree, over: Tree) -> None:
    assume("steps" in base or "steps" not in over)
    once = merged(base, over)
    assume(not once.problems and not any(item.get("remove") for item in over.get("steps", ())))  # to remove again is a mistake
    assume(not _placed_by_each_other(over))
    assert said(merged(base, over, over).node.plain) == said(once.node.plain)


def _placed_by_each_other(over: Tree) -> bool:
    """Whether where an item goes depends on another that is moved too: then order is what the override says."""
    placed = [item for item in over.get("steps", ()) if item.keys() & {"after", "before"}]
    return len(placed) > 1


UNRELATED = (layers(NAMES[:2], override=True, keys=KEYS[:2]), layers(NAMES[2:4], override=True, keys=KEYS[2:]))


@given(layers(override=False), *UNRELATED)
def test_overrides_of_different_things_merge_in_any_order(base: Tree, one: Tree, other: Tree) -> None:
    base = base | {"steps": [{"name": name, "title": name} for name in NAMES]}
    one, other = (over | {"steps": [_in_its_place(item) for item in over.get("steps", ())]} if "steps" in over else over
                  for over in (one, other))
    assert said(merged(base, one, other).node.plain) == said(merged(base, other, one).node.plain)


def _in_its_place(item: Tree) -> Tree:
    return {key: value for key, value in item.items() if key not in ("after", "before")}
