"""Consenting to a step with four eyes, passing its conditions with a reason, renewing what has expired."""

from __future__ import annotations

from core.cases.casefile import CaseFile, open_file
from core.cases.consents import LATE, WHOLE, asked, given, open_roles
from core.cases.desk import Desk
from core.cases.gates import Gates
from core.cases.lifecycle import take_effect
from core.cases.progress import advance, reopen
from core.cases.words import reason_given, words
from core.domain.procedures import Approvals, Step
from core.errors import Forbidden, GateClosed
from core.store.models import StepAct

AFTER_CONSENT = ("approval", "outcome", "until", "settle", "document", "signature")
"""What may still be missing of a step when it is consented to."""


def approve(desk: Desk, case_id: str, step: str, note: str = "", *, role: str = "", version: int | None = None) -> StepAct:
    """Consent to a step, for the role of the reader that is asked next (or for `role`).

    Forbidden for those whose consent nobody asks; GateClosed while the step is closed or incomplete, when the consent was
    given already, and for a second consent by the same person where four eyes are asked for (SX-2257).
    """
    file = open_file(desk, case_id, version=version, change=True)
    file.require_open()
    said, gates = file.step(step), Gates(file)
    title = desk.say(said.title)
    desk.require_role(file.case.estate, _consenters(said), desk.tr(f"“{title}”的审批", f"Consent to “{title}”"))
    gates.require_open(said, "审批")
    judged = gates.judge(step)
    if judged.status == "done":
        raise GateClosed(desk.tr("本步骤已办完", "This step is done"), number=2204)
    first = [one for one in judged.missing if one.kind not in AFTER_CONSENT]
    if first:
        raise GateClosed(desk.tr(f"“{desk.say(said.title)}”还不能审批", f"“{desk.say(said.title)}” is not ready for consent"),
                         first, number=2205)
    what, rule, mine = _my_part(file, said, role)
    if rule.distinct and any(act.by == desk.actor.user_id for act in given(file, said, what)):
        raise GateClosed(desk.tr("您已同意过，须由另一人审批（双人复核）", "You have consented already; another person must (four eyes)"),
                         number=2257)
    text = words(note, "note")
    act = StepAct(case_id=file.case.id, step=said.name, round=file.round(said.name), kind="approval", role=mine, value=what,
                  note=desk.seal(file.case.estate, text) if text else None, by=desk.actor.user_id, at=desk.now)
    file.add(file.acts, act)
    file.record("step.approved", step=said.name, role=mine, to=what)
    if what not in (WHOLE, LATE) and not open_roles(file, said, what, rule):
        take_effect(file, said, what)
    else:
        advance(file)
    return act


def _consenters(step: Step) -> tuple[str, ...]:
    """Everybody whose consent the step may ever ask for; where nobody's is asked, those who work on it."""
    rules = [step.approvals, *(one.approvals for one in step.outcomes)]
    asked_for = {role for rule in rules if rule for role in rule.by} | {role for due in step.due for role in due.overdue.approvals}
    return tuple(sorted(asked_for)) or step.role


def _my_part(file: CaseFile, step: Step, role: str) -> tuple[str, Approvals, str]:
    """What the reader consents to, and for which role."""
    desk, own = file.desk, file.desk.roles(file.case.estate)
    title, waiting = desk.say(step.title), asked(file, step)
    for what, rule in waiting:
        for mine in open_roles(file, step, what, rule):
            if mine in own and role in ("", mine):
                return what, rule, mine

    def named(role: str) -> str:
        return desk.office.role_title(file.case.estate, role, desk.locale)

    everybody = sorted({one for _, rule in waiting for one in rule.by})
    if not own.intersection(everybody):
        titles = "、".join(named(one) for one in everybody)
        raise Forbidden(desk.tr(f"“{title}”由{titles}审批", f"“{title}” is for {titles} to consent to"), number=2003)
    for what, rule in waiting:
        there = {act.role for act in given(file, step, what)}
        if own.intersection(rule.by) - there and rule.mode == "sequence":
            first = named(open_roles(file, step, what, rule)[0])
            raise GateClosed(desk.tr(f"请先由{first}审批", f"First the consent of {first}"), number=2259)
    raise GateClosed(desk.tr("您的岗位已同意过", "Your role has consented already"), number=2258)


def override(desk: Desk, case_id: str, step: str, reason: str, *, version: int | None = None) -> StepAct:
    """Pass a step's waiting time, stale facts and `until`, with a reason; Forbidden for others, GateClosed (SX-2255) where
    the procedure does not allow it or nothing stands in the way."""
    file = open_file(desk, case_id, version=version, change=True)
    file.require_open()
    said = file.step(step)
    if said.override is None:
        passing = {role for one in file.bundle.procedure.steps if one.override for role in one.override.role}
        desk.require_role(file.case.estate, (*file.roles, *passing), f"“{desk.say(said.title)}”")
        raise GateClosed(desk.tr(f"“{desk.say(said.title)}”不允许特批", f"“{desk.say(said.title)}” cannot be passed"), number=2255)
    desk.require_role(file.case.estate, said.override.role, desk.tr(f"特批“{desk.say(said.title)}”", f"Passing “{desk.say(said.title)}”"))
    text = reason_given(reason, desk.tr("特批须写明原因", "Say why it is passed"))
    judged = Gates(file).judge(said.name)
    hinders = [one for one in (*judged.why_not, *judged.missing) if one.kind in ("wait", "fact", "until")]
    others = [one for one in judged.why_not if one.kind != "wait"]
    if others:
        raise GateClosed(desk.tr("还不能特批", "It cannot be passed yet"), others, number=2202)
    if not hinders:
        raise GateClosed(desk.tr("没有需要特批的条件", "Nothing stands in the way"), number=2255)
    act = StepAct(case_id=file.case.id, step=said.name, round=file.round(said.name), kind="override", role="", value="",
                  note=desk.seal(file.case.estate, text), by=desk.actor.user_id, at=desk.now)
    file.add(file.acts, act)
    file.record("step.overridden", step=said.name, passed=sorted({one.kind for one in hinders}), reason=text)
    advance(file)
    return act


def renew(desk: Desk, case_id: str, step: str, reason: str, *, version: int | None = None) -> None:
    """Open a step again whose permit, pass or slip has run out (or is about to): a new round gives a new one.

    GateClosed (SX-2256) when what it gave has no end or was not given yet, or a new round is open already.
    """
    file = open_file(desk, case_id, version=version, change=True)
    file.require_open()
    said = file.step(step)
    desk.require_role(file.case.estate, said.role, f"“{desk.say(said.title)}”")
    text = reason_given(reason, desk.tr("续办须写明原因", "Say why it is renewed"))
    run = file.run(said.name)
    if run is None or run.state != "done" or run.valid_until is None:
        raise GateClosed(desk.tr(f"“{desk.say(said.title)}”没有可续办的有效期", f"“{desk.say(said.title)}” has nothing to renew"),
                         number=2256)
    reopen(file, said.name, new_round=True)
    file.record("step.renewed", step=said.name, reason=text)
    advance(file)
