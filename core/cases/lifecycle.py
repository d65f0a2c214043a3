"""A case as a whole: decide, complete a step, suspend, resume, withdraw, hand over."""

from __future__ import annotations

from sqlalchemy import select

from core.cases.casefile import CaseFile, open_file
from core.cases.consents import open_roles, proposal
from core.cases.desk import Desk
from core.cases.gates import Gates
from core.cases.progress import advance, end, finish, reopen
from core.cases.timing import go_on, rest
from core.cases.words import reason_given, words
from core.domain.procedures import Outcome, Step
from core.errors import FieldProblem, GateClosed, InvalidInput, NotFound
from core.store.models import StepAct, User


def decide(desk: Desk, case_id: str, step: str, outcome: str, reason: str = "", *, version: int | None = None) -> None:
    """Choose a step's outcome: go on, reopen steps, end the case, or wait for another try."""
    file = open_file(desk, case_id, version=version, change=True)
    said, chosen = _outcome(file, step, outcome)
    why = (reason_given(reason, f"选择“{desk.say(chosen.title)}”须写明原因") if chosen.reason == "required"
           else words(reason, "reason"))
    earlier = proposal(file, said)
    if earlier and earlier.value != outcome:  # choosing another one takes it back: its consents are not waited for
        _note_choice(file, said, "", "")
    gates = Gates(file)
    gates.require_open(said, "选定结果")
    missing = [one for one in gates.judge(step).missing if one.kind != "outcome"]
    run = file.run(step)
    if run is None or run.state != "open":
        raise GateClosed("本步骤已办完", number=2204)
    if missing and not (chosen.end or chosen.reopen or chosen.wait):
        raise GateClosed(f"“{desk.say(said.title)}”还没有办完", missing, number=2205)
    if chosen.approvals:
        _propose(file, said, chosen, why)
        return
    file.record("step.decided", step=step, outcome=outcome, reason=why)
    take_effect(file, said, outcome)


def _propose(file: CaseFile, step: Step, chosen: Outcome, why: str) -> None:
    """The outcome waits for consent; choosing another one takes it back."""
    _note_choice(file, step, chosen.name, why)
    file.record("step.proposed", step=step.name, outcome=chosen.name, reason=why)
    if chosen.approvals and not open_roles(file, step, chosen.name, chosen.approvals):
        take_effect(file, step, chosen.name)  # all have consented to it in this round before
    else:
        advance(file)


def _note_choice(file: CaseFile, step: Step, outcome: str, why: str) -> None:
    """Note the outcome that waits for consent in this round from now on; none: nothing waits any more."""
    desk = file.desk
    file.add(file.acts, StepAct(case_id=file.case.id, step=step.name, round=file.round(step.name), kind="proposal", role="",
                                value=outcome, note=desk.seal(file.case.estate, why) if why else None,
                                by=desk.actor.user_id, at=desk.now))


def take_effect(file: CaseFile, step: Step, outcome: str) -> None:
    """Let a chosen outcome have its effect: wait, end the case, open steps again, or simply go on."""
    chosen = next(one for one in step.outcomes if one.name == outcome)
    run = file.run(step.name)
    if chosen.wait:
        rest(file, step.name)
        advance(file)
        return
    go_on(file, step.name)
    if run is not None:
        run.outcome = outcome
    if chosen.end:
        finish(file, step.name)
        end(file, chosen.end)
        advance(file)
        return
    if chosen.reopen:
        for name in chosen.reopen:
            for key in file.keys(file.step(name)) if "@" not in name else [name]:
                reopen(file, key, new_round=chosen.round)
        finish(file, step.name)
        reopen(file, step.name, new_round=True)
    advance(file)


def deciders(step: Step) -> tuple[str, ...]:
    """Who may choose a step's outcome: its roles, and those whose consent it asks for; empty: anybody."""
    return (*step.role, *(step.approvals.by if step.approvals else ())) if step.role else ()


def _outcome(file: CaseFile, step: str, outcome: str) -> tuple[Step, Outcome]:
    file.require_open()
    said = file.step(step)
    file.desk.require_role(file.case.estate, deciders(said), f"“{file.desk.say(said.title)}”")
    for chosen in said.outcomes:
        if chosen.name == outcome:
            return said, chosen
    raise NotFound(f"“{file.desk.say(said.title)}”没有结果“{outcome}”")


def complete(desk: Desk, case_id: str, step: str, *, version: int | None = None) -> None:
    """Say that a step without parts of its own is done; GateClosed with what is missing."""
    file = open_file(desk, case_id, version=version, change=True)
    file.require_open()
    said = file.step(step)
    desk.require_role(file.case.estate, said.role, f"“{desk.say(said.title)}”")
    gates = Gates(file)
    gates.require_open(said, "办完")
    judged = gates.judge(step)
    if judged.status == "done":
        return
    if judged.missing:
        raise GateClosed(f"“{desk.say(said.title)}”还没有办完", judged.missing, number=2205)
    if not judged.automatic:
        finish(file, step)
    advance(file)
    run = file.run(step)
    if run is None or run.state == "open":  # there is consent, but no outcome that simply goes on
        raise GateClosed(f"请为“{desk.say(said.title)}”选定结果", number=2205)


def suspend(desk: Desk, case_id: str, reason: str, *, version: int | None = None) -> None:
    """Let the case rest: nothing can be done until somebody resumes it."""
    file, said = _whole(desk, case_id, reason, version, "暂停办件")
    if file.case.state == "suspended":
        raise GateClosed("本件已暂停", number=2210)
    file.case.state, file.case.suspended_at = "suspended", desk.now
    rest(file)
    file.record("case.suspended", reason=said)


def resume(desk: Desk, case_id: str, reason: str = "", *, version: int | None = None) -> None:
    """Go on with a suspended case."""
    file, said = _whole(desk, case_id, reason or "恢复", version, "恢复办件")
    if file.case.state != "suspended":
        raise GateClosed("本件没有暂停", number=2213)
    go_on(file)
    file.case.state, file.case.suspended_at = "open", None
    file.record("case.resumed", reason=said)
    advance(file)


def withdraw(desk: Desk, case_id: str, reason: str, *, version: int | None = None) -> None:
    """End the case without its result; documents, numbers and money stay as they are."""
    file, said = _whole(desk, case_id, reason, version, "撤回办件")
    file.case.state, file.case.ended_at = "withdrawn", desk.now
    file.record("case.withdrawn", reason=said)
    advance(file)


def hand_over(desk: Desk, case_id: str, username: str, reason: str, *, version: int | None = None) -> None:
    """Give the case to another member of staff."""
    file, said = _whole(desk, case_id, reason, version, "移交办件", anybody=True)
    user = desk.session.scalar(select(User).where(User.username == username, User.active.is_(True)))
    if user is None or not any(grant.estate == file.case.estate for grant in user.grants):
        raise InvalidInput([FieldProblem("username", f"本项目没有员工“{username}”")])
    file.case.handler_id = user.id
    file.record("case.handed_over", to=user.id, reason=said)


def _whole(desk: Desk, case_id: str, reason: str, version: int | None, act: str, *,
           anybody: bool = False) -> tuple[CaseFile, str]:
    """The file and the reason, for those who may pause, end or (`anybody` who works on it) hand over a running case."""
    file = open_file(desk, case_id, version=version, change=True)
    desk.require_role(file.case.estate, file.roles if anybody else file.bundle.procedure.withdraw or file.roles, act)
    if file.case.ended_at is not None:
        file.require_open()
    return file, reason_given(reason, f"{act}须写明原因")
