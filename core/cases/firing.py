"""What a timer does when its time has come: a step opens, a deadline is missed, a class is raised, a round comes again,
a permit expires. Each writes its event, tells who must know, and moves the case on."""

from __future__ import annotations

from core.cases.casefile import CaseFile
from core.cases.notices import tell
from core.cases.progress import advance, reopen
from core.cases.timing import due_number
from core.domain.procedures import Step
from core.domain.timing import Escalation
from core.store.models import StepAct, Timer


def fire(file: CaseFile, timer: Timer) -> None:
    """Do what the timer was set for, once, and move the case on. The file is open for change."""
    timer.state, timer.fired_at = "fired", file.desk.now
    step = next((one for one in file.steps if one.name == timer.step), None)
    if step is None:  # it was done for somebody who has left since: nobody is late any more
        timer.state = "stopped"
        return
    {"opens": _opens, "due": _misses, "escalate": _raises, "repeat": _repeats, "expiry": _expires}[timer.kind](file, step, timer)
    advance(file)


def _opens(file: CaseFile, step: Step, timer: Timer) -> None:
    """Nothing but moving on: the gate itself sees that the time has come."""


def _misses(file: CaseFile, step: Step, timer: Timer) -> None:
    rule = step.due[due_number(timer)]
    _note_miss(file, step, timer, rule.overdue.notify)


def _note_miss(file: CaseFile, step: Step, timer: Timer, roles: tuple[str, ...]) -> None:
    run = file.run(step.name)
    if run is not None and run.round == timer.round:
        run.overdue_at = timer.at
    file.record("deadline.missed", step=step.name, round=timer.round, at=timer.at.isoformat())
    title = step.title
    _tell(file, roles, "overdue", step, f"“{title.zh}”已超过时限", f"“{title.in_('en')}” is overdue")


def _raises(file: CaseFile, step: Step, timer: Timer) -> None:
    rule = step.classify
    if rule is None:
        return
    raised: Escalation = rule.escalate[int(timer.name)]
    file.add(file.acts, StepAct(case_id=file.case.id, step=step.name, round=timer.round, kind="escalation", role="",
                                value=raised.to, note=None, by=file.desk.actor.user_id, at=file.desk.now))
    file.record("class.raised", step=step.name, to=raised.to)
    _tell(file, raised.notify or step.role, "raised", step, f"“{step.title.zh}”已升级为 {_choice(file, step, raised.to, 'zh')}",
          f"“{step.title.in_('en')}” was raised to {_choice(file, step, raised.to, 'en')}")


def _choice(file: CaseFile, step: Step, value: str, locale: str) -> str:
    field = file.bundle.form(step.form or "").field(step.classify.field) if step.classify else None
    return next((one.title.in_(locale) for one in (field.choices if field else ()) if one.value == value), value)


def _repeats(file: CaseFile, step: Step, timer: Timer) -> None:
    run = file.run(step.name)
    if run is None or run.round != timer.round or step.repeat is None:
        return
    if run.state == "open":
        _note_miss(file, step, timer, step.repeat.overdue.notify)
        run.state, run.done_at = "skipped", file.desk.now
    reopen(file, step.name, new_round=True)


def _expires(file: CaseFile, step: Step, timer: Timer) -> None:
    file.record("step.expired", step=step.name, round=timer.round)
    _tell(file, step.role, "expired", step, f"“{step.title.zh}”的有效期已过", f"“{step.title.in_('en')}” has expired")


def _tell(file: CaseFile, roles: tuple[str, ...], kind: str, step: Step, zh: str, en: str) -> None:
    if roles:
        tell(file.desk, file.case.estate, roles, kind, file.case.id, step.name, f"{file.case.number} {zh}",
             f"{file.case.number} {en}")
