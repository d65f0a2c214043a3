"""The order of steps: what comes before what, cycles, and steps that can never open."""

from __future__ import annotations

from core.definitions.findings import Findings
from core.domain.procedures import Procedure

FILE = "procedure.yaml"


class Sequence:
    """Steps of a procedure and all steps that each one waits for, directly or not."""

    def __init__(self, procedure: Procedure) -> None:
        self.order = [step.name for step in procedure.steps]
        self._requires = {step.name: [name for name in step.requires if name in self.order] for step in procedure.steps}
        self.ancestors = {name: self._above(name) for name in self.order}

    def _above(self, name: str) -> set[str]:
        found: set[str] = set()
        waiting = list(self._requires[name])
        while waiting:
            step = waiting.pop()
            if step not in found:
                found.add(step)
                waiting += self._requires[step]
        return found

    def later(self, step: str, *, own: bool) -> set[str]:
        """Steps whose values may not be known yet at `step`; `own`: whether its own values are known
        already."""
        before = set(self.order[: self.order.index(step)]) | self.ancestors[step]
        return set(self.order) - before - ({step} if own else set())


def check_sequence(findings: Findings, procedure: Procedure, sequence: Sequence) -> None:
    """Refuse cycles in `requires`, and steps that wait for a step of a cycle."""
    if len(set(sequence.order)) < len(sequence.order):
        return  # two steps of one name: which of them is meant cannot be told
    in_cycle = {name for name in sequence.order if name in sequence.ancestors[name]}
    reported: set[str] = set()
    for at, step in enumerate(procedure.steps):
        if step.name in in_cycle and step.name not in reported:
            ring = sorted(name for name in sequence.ancestors[step.name] if step.name in sequence.ancestors[name])
            reported |= set(ring)
            findings.add(
                FILE,
                ("steps", at, "requires"),
                f"步骤互相等待：{' ↔ '.join(ring)} (steps wait for each other)",
                1232,
            )
        elif step.name not in in_cycle and in_cycle & sequence.ancestors[step.name]:
            findings.add(FILE, ("steps", at, "requires"), f"步骤 `{step.name}` 永远打不开 (step can never open)", 1233)
