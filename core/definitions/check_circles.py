"""A procedure and its sub-case that wait for each other: neither could ever be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.definitions.findings import Findings
from core.definitions.reader import PathTuple
from core.definitions.readings import PROCEDURE
from core.definitions.waiting import untils, waits_while
from core.domain.bundle import Bundle
from core.domain.procedures import Child, Step

Node = tuple[str, str]
"""A procedure and a step of it, or the end of the procedure (an empty name)."""
Ways = Mapping[Node, Sequence[Node]]


def check_circles(findings: Findings, parent: Bundle, at: int, child: Child, below: Bundle) -> None:
    """Refuse a sub-case that ends only after a step of its parent which waits for the sub-case: by `until`, by `requires`, or
    because a ladder lets it rest meanwhile."""
    ways = {**_of_parent(parent, child, below), **_of_child(parent, below)}
    ring = _ring(ways, (below.procedure.name, ""))
    if ring:
        said = " → ".join(f"{procedure}.{step}" if step else procedure for procedure, step in ring)
        findings.add(PROCEDURE, _place(parent, at, child), f"本手续与子手续互相等待：{said} (procedure and sub-case wait for each other)",
                     1232, "两边的 until 只留一边等 (let only one of them wait)")


def _of_parent(parent: Bundle, child: Child, below: Bundle) -> dict[Node, list[Node]]:
    """What every step of the parent waits for."""
    end, name = (below.procedure.name, ""), parent.procedure.name
    resting = {step for one in below.procedure.steps if one.ladder for rung in one.ladder.rungs for step in rung.suspends}
    found: dict[Node, list[Node]] = {}
    for step in parent.procedure.steps:
        waits = step.name in resting or waits_while(step.until, {"children": {child.name: {"open": 1, "count": 1, "well": 0}}})
        found[name, step.name] = [(name, one) for one in step.requires] + [end] * waits
    return found


def _of_child(parent: Bundle, below: Bundle) -> dict[Node, list[Node]]:
    """What every step of the sub-case waits for; its end waits for all of them."""
    name, steps = below.procedure.name, below.procedure.steps
    found: dict[Node, list[Node]] = {(name, ""): [(name, step.name) for step in steps]}
    for step in steps:
        awaited = [one.name for one in parent.procedure.steps if any(waits_while(text, _not_yet(one)) for text in untils(step))]
        found[name, step.name] = [(name, one) for one in step.requires] + [(parent.procedure.name, one) for one in awaited]
    return found


def _not_yet(step: Step) -> dict[str, Any]:
    return {"parent": {step.name: {"done": False, "skipped": False, "outcome": ""}}}


def _ring(ways: Ways, start: Node) -> list[Node]:
    """The shortest way from `start` back to it; empty when there is none."""
    before: dict[Node, Node] = {}
    waiting = [start]
    for node in waiting:
        for after in ways.get(node, ()):
            if after == start:
                ring = [start, node] if node != start else [start]
                while ring[-1] != start:
                    ring.append(before[ring[-1]])
                return ring[::-1]
            if after not in before:
                before[after] = node
                waiting.append(after)
    return []


def _place(parent: Bundle, at: int, child: Child) -> PathTuple:
    """Where the parent says that it waits, else where it names the sub-case."""
    for number, step in enumerate(parent.procedure.steps):
        if step.until and f"children.{child.name}." in step.until:
            return "steps", number, "until"
    return "children", at
