"""Waivers of charges: who may do without how much, and those that wait for somebody else's consent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.cases.casefile import CaseFile
from core.domain.fees import Waive
from core.domain.money import fen, show
from core.errors import MoneyRefused
from core.store.models import Charge

ASKED, GRANTED, REFUSED = "waiver", "waiver_granted", "waiver_refused"
"""Kinds of what is said of a waiver, of the step at which the charge is collected: asked for (`value`: the charge), and the
answer to it (`value`: what was asked)."""
_NOBODY = Waive()


@dataclass(frozen=True)
class Asked:
    """A waiver of `fen` that waits for consent."""

    id: str
    charge: str
    fen: int
    reason: str
    by: str
    at: datetime


def rule_of(file: CaseFile, charge: Charge) -> Waive:
    """Who may waive a charge; nobody where no fee of the case is called so (a plugin's own charge)."""
    return next((fee.waive for fee in file.bundle.fees if fee.name == charge.fee), _NOBODY)


def most(file: CaseFile, charge: Charge) -> int:
    """How much of the charge may still be waived, in 分: what is due, within the limit of its fee."""
    sums, rule = file.sums().charges[charge.id], rule_of(file, charge)
    if not rule.by:
        return 0
    return sums.open if rule.most is None else max(0, min(sums.open, fen(rule.most) - sums.waived))


def waiting(file: CaseFile, charge: Charge) -> Asked | None:
    """The waiver of the charge that waits for consent."""
    if not rule_of(file, charge).approval:
        return None
    answered = {act.value for act in file.acts if act.kind in (GRANTED, REFUSED)}
    act = next((act for act in reversed(file.acts) if act.kind == ASKED and act.value == charge.id), None)
    if act is None or act.id in answered or not act.note:
        return None
    said = file.desk.unseal(file.case.estate, act.note)
    return Asked(act.id, charge.id, said["fen"], said["reason"], act.by, act.at)


def require_fits(file: CaseFile, charge: Charge, amount: int) -> None:
    """MoneyRefused unless `amount` is above zero, still due and within the limit of the fee."""
    due, limit = file.sums().charges[charge.id].open, most(file, charge)
    if not due:
        raise MoneyRefused("这笔款项没有未收金额", number=2407)
    if amount <= 0:
        raise MoneyRefused(f"减免金额要大于零，现为 {show(amount)} 元", number=2405)
    if amount > limit:
        why = f"未收 {show(due)} 元" if limit == due else f"按收费标准最多再减免 {show(limit)} 元"
        raise MoneyRefused(f"“{charge.title}”{why}，不能减免 {show(amount)} 元", number=2409)
