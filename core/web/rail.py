"""The steps of a case as the rail shows them: one after the other, the items of a step under it."""

from __future__ import annotations

from dataclasses import dataclass

from core.cases.views import CaseView, StepView

MOST_SHOWN = 8
"""Items of a step that are shown without being asked for."""


@dataclass(frozen=True)
class RailRow:
    """A step, or (`items`) a step that is done for each person or role. `folded`: too many to be shown at once."""

    name: str
    title: str
    status: str
    step: StepView | None = None
    items: tuple[StepView, ...] = ()
    folded: bool = False

    @property
    def done(self) -> int:
        """How many items are done."""
        return sum(item.status in ("done", "skipped") for item in self.items)


def rail(case: CaseView, present: str) -> list[RailRow]:
    """The rows of the rail; `present`: key of the step that is shown beside it."""
    groups: dict[str, list[StepView]] = {}
    for step in case.steps:
        groups.setdefault(step.name.partition("@")[0], []).append(step)
    return [_row(name, steps, present) for name, steps in groups.items()]


def _row(name: str, steps: list[StepView], present: str) -> RailRow:
    if not steps[0].group:
        return RailRow(name, steps[0].title, steps[0].status, steps[0])
    within = any(step.name == present for step in steps)
    return RailRow(
        name,
        steps[0].group,
        _together([step.status for step in steps]),
        items=tuple(steps),
        folded=len(steps) > MOST_SHOWN and not within,
    )


def _together(states: list[str]) -> str:
    if all(state in ("done", "skipped") for state in states):
        return "done" if "done" in states else "skipped"
    return "open" if any(state in ("open", "done") for state in states) else "closed"


def first_of(case: CaseView, name: str) -> StepView | None:
    """Of a step that is done item by item, the item to look at: one's own that is open, any that is open, else the first."""
    items = [step for step in case.steps if step.group and step.name.partition("@")[0] == name]
    for wanted in (lambda step: step.status == "open" and step.mine, lambda step: step.status == "open"):
        if found := next(filter(wanted, items), None):
            return found
    return items[0] if items else None
