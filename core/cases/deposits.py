"""What is held of a deposit and what is taken off it: refund = held − deductions, each line explained, never below zero."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from core.cases.casefile import CaseFile, open_file
from core.cases.children import child_files
from core.domain.money import fen
from core.domain.procedures import Settle, Step
from core.errors import NotFound, Reason
from core.store.models import Charge, StepAct


@dataclass(frozen=True)
class Line:
    """A deduction: what it is for, how much in 分, and whence."""

    name: str
    title: str
    fen: int
    origin: str


@dataclass(frozen=True)
class Settlement:
    """What is held of the deposit, what is taken off, and what is left to be refunded; all in 分."""

    held: int
    lines: tuple[Line, ...]

    @property
    def deducted(self) -> int:
        return sum(line.fen for line in self.lines)

    @property
    def refund(self) -> int:
        return self.held - self.deducted


def settlement(file: CaseFile, rule: Settle) -> Settlement:
    """The settlement as it stands now; the deposit is looked for wherever the unit paid it."""
    return Settlement(sum(amount for _, _, amount in held(file, rule.deposit)), tuple(_lines(file, rule)))


def settlement_of(file: CaseFile, step: Step) -> Settlement:
    """As it was settled in the step's present round, else as it stands now. NotFound when the step settles nothing."""
    if step.settle is None:
        raise NotFound(file.desk.tr("本步骤没有押金结算", "This step settles no deposit"))
    act = _settled(file, step)
    if act is None or not act.note:
        return settlement(file, step.settle)
    kept = file.desk.unseal(file.case.estate, act.note)
    return Settlement(kept["held"], tuple(Line(**line) for line in kept["lines"]))


def _lines(file: CaseFile, rule: Settle) -> list[Line]:
    found = []
    for less in rule.less:
        parts, title = less.amount.split("."), less.title.zh
        if len(parts) == 3:
            kind, step, field = parts
            found += [Line(less.name, title, amount, child.case.number) for child in child_files(file, kind)
                      if (amount := _money(child, step, field))]
        elif amount := _money(file, *parts):
            found.append(Line(less.name, title, amount, file.case.number))
    return found


def _money(file: CaseFile, step: str, field: str) -> int:
    said = file.effective(step).get(field)
    return fen(str(said)) if said not in (None, "") else 0


def held(file: CaseFile, fee: str) -> list[tuple[CaseFile, Charge, int]]:
    """The deposits of that name of the unit: the file of each, its charge, and what can still be refunded of it."""
    charges = [row for row in file.charges if row.fee == fee and row.refundable]
    if file.case.unit_id:
        query = select(Charge).where(Charge.unit_id == file.case.unit_id, Charge.fee == fee, Charge.case_id != file.case.id)
        charges += [row for row in file.desk.session.scalars(query.order_by(Charge.at, Charge.id)) if row.refundable]
    found = []
    for row in charges:
        there = file if row.case_id == file.case.id else open_file(file.desk, row.case_id)
        left = there.sums().charges[row.id].held
        if left > 0:
            found.append((there, row, left))
    return found


def is_settled(file: CaseFile, step: Step) -> bool:
    """Whether the step's deposit was settled in its present round."""
    return _settled(file, step) is not None


def _settled(file: CaseFile, step: Step) -> StepAct | None:
    current = file.round(step.name)
    return next((act for act in file.acts if (act.step, act.kind, act.round) == (step.name, "settled", current)), None)


def missing_settlement(file: CaseFile, step: Step) -> list[Reason]:
    """A reason while the step's deposit is not settled."""
    if step.settle is None or is_settled(file, step):
        return []
    said = file.desk.tr("押金尚未结算退还", "The deposit is not settled yet")
    return [Reason("settle", said, step.name, step.settle.deposit, step.source)]
