"""Whose consent a step asks for, who has given it, and whether somebody passed its conditions."""

from __future__ import annotations

from core.cases.casefile import CaseFile
from core.cases.timing import missed
from core.domain.procedures import Approvals, Step
from core.errors import Reason
from core.store.models import StepAct

WHOLE, LATE = "", "overdue"
"""What a consent is given to when it is not one of the step's outcomes: the step itself, or its being late."""


def asked(file: CaseFile, step: Step) -> list[tuple[str, Approvals]]:
    """What is to be consented to now, and by whom: the step itself, an outcome that was chosen, a missed deadline."""
    found: list[tuple[str, Approvals]] = []
    if step.approvals:
        found.append((WHOLE, step.approvals))
    chosen = proposal(file, step)
    outcome = next((one for one in step.outcomes if chosen and one.name == chosen.value), None)
    if outcome and outcome.approvals:
        found.append((outcome.name, outcome.approvals))
    late = tuple(dict.fromkeys(role for rule in missed(file, step) for role in rule.overdue.approvals)) if step.due else ()
    if late:
        found.append((LATE, Approvals(by=late)))
    return found


def given(file: CaseFile, step: Step, what: str = WHOLE) -> list[StepAct]:
    """The consents to `what` in the step's present round."""
    current = file.round(step.name)
    return [act for act in file.acts if (act.step, act.kind, act.value, act.round) == (step.name, "approval", what, current)]


def proposal(file: CaseFile, step: Step) -> StepAct | None:
    """The outcome that was chosen in this round and waits for consent."""
    current = file.round(step.name)
    return next((act for act in reversed(file.acts)
                 if act.step == step.name and act.kind == "proposal" and act.round == current), None)


def open_roles(file: CaseFile, step: Step, what: str, rule: Approvals) -> list[str]:
    """The roles whose consent is still asked for now, in their order; in a sequence only the next."""
    there = {act.role for act in given(file, step, what)}
    left = [role for role in rule.by if role not in there]
    if rule.mode == "any" and there:
        return []
    return left[:1] if rule.mode == "sequence" else left


def is_approved(file: CaseFile, step: Step) -> bool:
    """Whether everybody whose consent the step asks for has given it."""
    return all(not open_roles(file, step, what, rule) for what, rule in asked(file, step))


def missing_approvals(file: CaseFile, step: Step) -> list[Reason]:
    """A reason for each consent that is still missing."""
    desk, found = file.desk, list[Reason]()
    for what, rule in asked(file, step):
        left = open_roles(file, step, what, rule)
        titles = [desk.office.role_title(file.case.estate, role, desk.locale) for role in left]
        if rule.mode == "any" and len(left) > 1:
            said = desk.tr(f"等待{'或'.join(titles)}同意", f"Waits for the consent of {' or '.join(titles)}")
            found.append(Reason("approval", said, step.name, left[0], step.source))
        else:
            found += [Reason("approval", desk.tr(f"等待{title}同意", f"Waits for the consent of {title}"), step.name, role,
                             step.source) for role, title in zip(left, titles, strict=True)]
    return found


def overridden(file: CaseFile, step: Step) -> bool:
    """Whether somebody passed the step's conditions in this round."""
    current = file.round(step.name)
    return bool(step.override) and any(act.step == step.name and act.kind == "override" and act.round == current
                                       for act in file.acts)
