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
    """The charges of the step's stage, priced now if they are not there yet."""
    stage, current = step.fees or "", file.round(step.name)
    there = [row for row in file.charges if row.stage == stage]
    if there:
        return there
    desk, case = file.desk, file.case
    bundle = file.bundle
    for priced in schedule(bundle.fees, stage, lambda name: dotted(file, name), gates.holds, bundle.price_lists):
        row = Charge(estate=case.estate, case_id=case.id, unit_id=case.unit_id, stage=stage, fee=priced.fee,
                     title=priced.title.zh, round=current, amount=priced.fen, refundable=priced.refundable,
                     explanation=priced.as_data(), by=desk.actor.user_id, at=desk.now)
        file.add(file.charges, row)
    for extra in hooks_of(file).charges(case=HookCase(file), step=step.name):
        if any(row.fee == extra.name for row in file.charges):
            raise PluginError(f"应收“{extra.name}”重复", number=1013)
        row = Charge(estate=case.estate, case_id=case.id, unit_id=case.unit_id, stage=stage, fee=extra.name,
                     title=extra.title.zh, round=current, amount=fen(extra.amount), refundable=extra.refundable,
                     explanation=_explained(extra), by=desk.actor.user_id, at=desk.now)
        file.add(file.charges, row)
    desk.session.flush()
    made = [row for row in file.charges if row.stage == stage]
    if made:
        file.record("charges.made", step=step.name, stage=stage, charges=[row.id for row in made],
                    fen=sum(row.amount for row in made))
    return made


def _explained(extra: ExtraCharge) -> dict[str, Any]:
    """A plugin's charge in the shape in which priced fees explain themselves (core.money.price.Priced.as_data)."""
    title = {"zh": extra.title.zh, "en": extra.title.en or extra.title.zh}
    rule = {"zh": extra.reason or extra.title.zh, "en": extra.reason or title["en"]}
    return {"fee": extra.name, "title": title, "fen": fen(extra.amount), "rule": rule, "unit_price": str(extra.amount),
            "quantities": {}, "refundable": extra.refundable, "months": None, "key": "", "source": "", "sample": False,
            "starts": None, "ends": None, "rows": [],
            "lines": [{"name": "rule", "title": {"zh": "计算", "en": "Rule"}, "value": rule}]}
