"""Turning a stage of the fee schedule into charges, each with its explanation."""

from __future__ import annotations

from typing import Any

from core.cases.casefile import CaseFile
from core.cases.gates import Gates
from core.cases.hooks import HookCase, hooks_of
from core.cases.values import dotted
from core.domain.extensions import ExtraCharge
from core.domain.money import fen
from core.domain.procedures import Step
from core.errors import PluginError
from core.money import schedule
from core.store.models import Charge


def ensure_charges(file: CaseFile, step: Step, gates: Gates) -> list[Charge]:
    """The charges of the step's stage; what is not charged yet is priced now."""
    stage, current = step.fees or "", file.round(step.name)
    desk, case, bundle = file.desk, file.case, file.bundle
    there = {row.fee for row in file.charges if row.stage == stage}
    before = len(file.charges)
    missing = [fee for fee in bundle.fees if fee.name not in there]
    for priced in schedule(missing, stage, lambda name: dotted(file, name), gates.holds, bundle.price_lists):
        row = Charge(estate=case.estate, case_id=case.id, unit_id=case.unit_id, stage=stage, fee=priced.fee,
                     title=priced.title.zh, round=current, amount=priced.fen, refundable=priced.refundable,
                     explanation=priced.as_data(), by=desk.actor.user_id, at=desk.now)
        file.add(file.charges, row)
    for extra in hooks_of(file).charges(case=HookCase(file), step=step.name):
        if extra.name in there:
            continue
        if any(row.fee == extra.name for row in file.charges):
            raise PluginError(f"应收“{extra.name}”重复", number=1013)
        row = Charge(estate=case.estate, case_id=case.id, unit_id=case.unit_id, stage=stage, fee=extra.name,
                     title=extra.title.zh, round=current, amount=fen(extra.amount), refundable=extra.refundable,
                     explanation=_explained(extra), by=desk.actor.user_id, at=desk.now)
        file.add(file.charges, row)
    desk.session.flush()
    made = file.charges[before:]
    if made:
        file.record("charges.made", step=step.name, stage=stage, charges=[row.id for row in made],
                    fen=sum(row.amount for row in made))
    return [row for row in file.charges if row.stage == stage]


def _explained(extra: ExtraCharge) -> dict[str, Any]:
    """A plugin's charge in the shape in which priced fees explain themselves (core.money.explained.Priced.as_data)."""
    title = {"zh": extra.title.zh, "en": extra.title.en or extra.title.zh}
    rule = {"zh": extra.reason or extra.title.zh, "en": extra.reason or title["en"]}
    return {"fee": extra.name, "title": title, "fen": fen(extra.amount), "rule": rule, "unit_price": str(extra.amount),
            "quantities": {}, "refundable": extra.refundable, "months": None, "key": "", "source": "", "sample": False,
            "starts": None, "ends": None, "begun": "", "priced_on": None, "since": None, "rows": [], "slices": [],
            "lines": [{"name": "rule", "title": {"zh": "计算", "en": "Rule"}, "value": rule}]}
