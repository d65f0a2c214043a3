"""Short forms of procedure.yaml written out, so that layers merge and every value keeps its place.

`approvals: [manager]` stands for `approvals: {by: [manager]}`, a list of rungs `[{oral: {}}, …]` for a mapping of them,
and one deadline or follow-up for a list of one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from core.definitions.reader import Node

_ONE_OR_MORE = ("due", "starts")


def written_out(tree: Node) -> Node:
    """The tree of one layer with consents and rungs as mappings. The tree itself is not changed."""
    return _steps(tree, _whole)


def listed(tree: Node) -> Node:
    """The merged tree in which one deadline or follow-up is a list of one: a path counts its items."""
    return _steps(tree, _listed)


def _steps(tree: Node, change: Callable[[dict[str, Node]], Mapping[str, Node]]) -> Node:
    steps = tree.value.get("steps")
    if steps is None or not isinstance(steps.value, list):
        return tree
    changed = [_with(step, change(step.value)) if isinstance(step.value, dict) else step for step in steps.value]
    return _with(tree, {"steps": Node(changed, steps.mark, steps.key_mark)})


def _whole(step: dict[str, Node]) -> dict[str, Node]:
    changed: dict[str, Node] = {}
    if "approvals" in step:
        changed["approvals"] = _consent(step["approvals"])
    if "outcomes" in step:
        changed["outcomes"] = _inside(step["outcomes"], "approvals", _consent)
    if "ladder" in step and isinstance(step["ladder"].value, dict) and "rungs" in step["ladder"].value:
        ladder = step["ladder"]
        changed["ladder"] = _with(ladder, {"rungs": _rungs(ladder.value["rungs"])})
    return changed


def _consent(node: Node) -> Node:
    if isinstance(node.value, str | list):
        return Node({"by": node}, node.mark, node.key_mark)
    return node


def _inside(items: Node, key: str, change: Callable[[Node], Node]) -> Node:
    """The items, in a list or by name, with the member `key` of each changed."""

    def changed(item: Node) -> Node:
        if isinstance(item.value, dict) and key in item.value:
            return _with(item, {key: change(item.value[key])})
        return item

    if isinstance(items.value, dict):
        return _with(items, {name: changed(item) for name, item in items.value.items()})
    if isinstance(items.value, list):
        return Node([changed(item) for item in items.value], items.mark, items.key_mark)
    return items


def _rungs(node: Node) -> Node:
    """`[{oral: {}}, {final: {}}]` as a mapping; as it stands when it is written otherwise, or a name stands twice."""
    if not isinstance(node.value, list) or not all(
        isinstance(item.value, dict) and len(item.value) == 1 and "name" not in item.value for item in node.value
    ):
        return node
    members = {name: body for item in node.value for name, body in item.value.items()}
    return Node(members, node.mark, node.key_mark) if len(members) == len(node.value) else node


def _listed(step: dict[str, Node]) -> dict[str, Node]:
    return {key: Node([step[key]], step[key].mark, step[key].key_mark)
            for key in _ONE_OR_MORE if key in step and isinstance(step[key].value, str | dict)}


def _with(node: Node, members: Mapping[str, Node]) -> Node:
    return Node({**node.value, **members}, node.mark, node.key_mark)
