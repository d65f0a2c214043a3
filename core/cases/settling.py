"""Settling a deposit: the deductions are booked, the rest is given back, each by its own line."""

from __future__ import annotations

from dataclasses import asdict

from core.cases.casefile import open_file
from core.cases.deposits import Settlement, held, is_settled, settlement
from core.cases.desk import Desk
from core.cases.gates import Gates
from core.cases.payments import deduct, give_back
from core.cases.progress import advance
from core.domain.money import show
from core.errors import GateClosed, MoneyRefused, NotFound
from core.store.models import StepAct


def settle(desk: Desk, case_id: str, step: str, method: str, *, version: int | None = None) -> Settlement:
    """Take the deductions off the deposit and give the rest back by `method`.

    GateClosed while consents are missing or it is settled; MoneyRefused (SX-2425) when the deductions are more than what is
    held: what is above it must be collected before.
    """
    file = open_file(desk, case_id, version=version, change=True)
    file.require_open()
    said, gates = file.step(step), Gates(file)
    desk.require_role(file.case.estate, said.role, f"“{desk.say(said.title)}”")
    if said.settle is None:
        raise NotFound(desk.tr("本步骤没有押金结算", "This step settles no deposit"))
    gates.require_open(said, "结算")
    judged = gates.judge(step)
    first = [one for one in judged.missing if one.kind not in ("settle", "document", "signature", "outcome")]
    if judged.status == "done" or is_settled(file, said):
        raise GateClosed(desk.tr("押金已结算", "The deposit is settled already"), number=2204)
    if first:
        raise GateClosed(desk.tr("还不能结算押金", "The deposit cannot be settled yet"), first, number=2205)
    found = settlement(file, said.settle)
    if found.deducted > found.held:
        raise MoneyRefused(desk.tr(f"扣款 {show(found.deducted)} 元超过所押 {show(found.held)} 元",
                                   f"Deductions of CNY {show(found.deducted)} exceed the CNY {show(found.held)} held"), number=2425)
    less = found.deducted
    for there, charge, left in held(file, said.settle.deposit):
        if there is not file:
            there.case.version += 1  # it was opened to look only
        taken = min(less, left)
        less -= taken
        if taken:
            deduct(there, charge.id, taken, desk.say(said.title))
        if left > taken:
            give_back(there, charge.id, left - taken, method, desk.say(said.title))
        if there is not file:
            advance(there)  # it says itself what it still holds
    file.add(file.acts, StepAct(case_id=file.case.id, step=said.name, round=file.round(said.name), kind="settled", role="",
                                value="", note=desk.seal(file.case.estate, asdict(found)), by=desk.actor.user_id, at=desk.now))
    file.record("deposit.settled", step=said.name, held=found.held, deducted=found.deducted, refund=found.refund)
    advance(file)
    return found
