"""What a case knows of its sub-cases: how many there are, which of them lets a step rest, and on which rung each stands."""

from __future__ import annotations

from typing import Any

from core.cases.casefile import CaseFile
from core.domain.procedures import Child, Rung, Step
from core.errors import Reason
from core.store.models import Case

ENDED_BADLY = ("withdrawn",)


def child_values(file: CaseFile) -> dict[str, dict[str, int]]:
    """By kind of sub-case: how many there are (withdrawn ones do not count), are open, and ended well."""
    found = {}
    for kind in file.bundle.procedure.children:
        rows = [row for row in file.children if row.kind == kind.name and row.state not in ENDED_BADLY]
        found[kind.name] = {"count": len(rows), "open": sum(row.ended_at is None for row in rows),
                            "well": sum(_well(file, row) for row in rows)}
    return found


def _well(file: CaseFile, row: Case) -> bool:
    return row.ended_at is not None and CaseFile(file.desk, row).bundle.procedure.ended_well(row.state)


def child_files(file: CaseFile, kind: str) -> list[CaseFile]:
    """The files of the sub-cases of a kind that were not withdrawn."""
    return [CaseFile(file.desk, row) for row in file.children if row.kind == kind and row.state not in ENDED_BADLY]


def may_open(file: CaseFile, kind: Child, holds: Any, status: Any) -> list[Reason]:
    """Why a sub-case of this kind cannot be opened now; `holds` judges a rule, `status` says where a step stands."""
    desk, title = file.desk, file.desk.say(kind.title)
    if kind.start and status(kind.start) not in ("open", "done"):
        first = desk.say(file.step(kind.start).title)
        return [Reason("requires", desk.tr(f"先办到“{first}”", f"Not before “{first}”"), kind.start, kind.start, kind.source)]
    if kind.until and status(kind.until) == "done":
        last = desk.say(file.step(kind.until).title)
        return [Reason("when", desk.tr(f"“{last}”已办完，不能再开“{title}”", f"“{last}” is done: no more “{title}”"), kind.until,
                       kind.until, kind.source)]
    if not holds(kind.when):
        return [Reason("when", desk.tr(f"“{title}”不适用于本件", f"“{title}” does not apply here"), kind.name, "", kind.source)]
    return []


# ---------------------------------------------------------------- ladders


def next_rung(file: CaseFile, step: Step) -> str:
    """The rung of this sub-case: one above the highest that earlier ones of its kind had, at least the one that `start` says
    for its value; the last rung is the end of the ladder. Empty while that value is not known."""
    ladder = step.ladder
    if ladder is None or file.parent is None:
        return ladder.rungs[0].name if ladder else ""
    names = [rung.name for rung in ladder.rungs]
    least = 0
    if ladder.by is not None:
        head, _, field = ladder.by.partition(".")
        value = file.effective(head).get(field)
        if value is None:
            return ""
        least = names.index(ladder.start[value]) if value in ladder.start else 0
    before = [run.rung for row in file.parent.children
              if row.kind == file.case.kind and row.id != file.case.id and row.state not in ENDED_BADLY
              and row.opened_at <= file.case.opened_at
              for run in CaseFile(file.desk, row).runs if run.step == step.name and run.rung in names]
    above = max((names.index(one) + 1 for one in before), default=0)
    return names[min(max(above, least), len(names) - 1)]


def set_rungs(file: CaseFile) -> None:
    """Note on which rung each open step with a ladder stands."""
    for step in file.bundle.procedure.steps:
        run = file.run(step.name) if step.ladder else None
        if run is not None and run.state == "open" and (rung := next_rung(file, step)) != run.rung:
            run.rung = rung
            file.record("step.rung", step=step.name, rung=rung)


def suspending(file: CaseFile, step: str) -> list[Case]:
    """The open sub-cases on a rung that lets `step` of this case rest."""
    found = []
    for row in file.children:
        if row.ended_at is None:
            child = CaseFile(file.desk, row)
            if any(step in rung.suspends for rung in _rungs_of(child)):
                found.append(row)
    return found


def _rungs_of(child: CaseFile) -> list[Rung]:
    found = []
    for step in child.bundle.procedure.steps:
        run = child.run(step.name) if step.ladder else None
        found += [rung for rung in (step.ladder.rungs if step.ladder else ()) if run and run.rung == rung.name]
    return found
