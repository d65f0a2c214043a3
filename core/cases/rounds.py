"""The rounds of repeated steps, as a paper sums them up: which day, whose, by whom, what was written and what failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.cases.casefile import CaseFile
from core.clock import show_date
from core.domain.forms import Form
from core.domain.procedures import Step
from core.store.models import StepRun

Printed = Callable[[CaseFile, Form, Mapping[str, Any]], dict[str, Any]]
"""How the values of a form are printed (core.cases.printing.printed)."""


def rounds_of(file: CaseFile, printed: Printed) -> dict[str, list[dict[str, Any]]]:
    """By repeated step its rounds that are over, in the order of their days; one that nobody did has `done` False."""
    found: dict[str, list[dict[str, Any]]] = {}
    for step in file.bundle.procedure.steps:
        if step.repeat:
            runs = [(run.opened_at, key, run) for key in file.keys(step) for run in file.runs
                    if run.step == key and run.state != "open" and _was_due(file, run)]
            found[step.name] = [_row(file, step, key, run, printed) for _, key, run in sorted(runs, key=lambda one: one[:2])]
    return found


def _was_due(file: CaseFile, run: StepRun) -> bool:
    """Whether the round was done or missed; one that was closed because the step came to its end was neither."""
    return run.state == "done" or run.overdue_at is not None


def _row(file: CaseFile, step: Step, key: str, run: StepRun, printed: Printed) -> dict[str, Any]:
    office, estate, item = file.desk.office, file.case.estate, key.partition("@")[2]
    form = file.bundle.form(step.form) if step.form else None
    filed = next((row for row in reversed(file.submissions) if (row.step, row.round) == (key, run.round)), None)
    return {"day": show_date(office.calendar(estate).local_date(run.opened_at)), "done": run.state == "done",
            "role": office.role_title(estate, item) if item else "",
            "by": file.desk.name_of(run.done_by) if run.state == "done" else "",
            "form": printed(file, form, file.opened(filed) if filed else {}) if form else {}, "failed": _failed(file, step, key, run)}


def _failed(file: CaseFile, step: Step, key: str, run: StepRun) -> str:
    """The titles of what failed in that round."""
    if step.checklist is None:
        return ""
    checklist, until = file.bundle.checklist(step.checklist), run.done_at or file.desk.now
    last = {row.item: row.result for row in file.checks if row.step == key and run.opened_at <= row.at <= until}
    return "、".join(item.title.zh for item in checklist.items if last.get(item.name) in checklist.failed)
