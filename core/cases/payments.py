"""Money at the counter: paying, cancelling a receipt, giving back, doing without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from core.cases.casefile import CaseFile, open_file
from core.cases.desk import Desk
from core.cases.gates import Gates
from core.cases.issuing import issue_for_receipt, take_number
from core.cases.progress import advance, reopen
from core.cases.values import ledger_sums
from core.cases.voiding import void_document
from core.domain.documents import Series
from core.domain.procedures import Step
from core.errors import FieldProblem, Forbidden, InvalidInput, MoneyRefused, NotFound
from core.money import METHODS, allocate, check_refund
from core.store.models import CashDay, Charge, LedgerLine, Receipt, SeriesNumber, new_id

RECEIPT, VOUCHER = "receipt", "refund_voucher"
"""Documents that a payment and a refund issue by themselves, where the procedure declares them."""


def pay(desk: Desk, case_id: str, methods: Mapping[str, int | None], *, charges: Sequence[str] | None = None,
        payer: str = "", version: int | None = None) -> Receipt:
    """Take a payment of the open charges (all, or those named) and issue its numbered receipt.

    `methods`: 分 by method in the order of paying; None: the rest of what is due. Raises MoneyRefused (too much, too
    little, nothing due, the day is closed), GateClosed while the paying step is closed.
    """
    file = open_file(desk, case_id, version=version, change=True)
    step = _paying_step(file)
    gates = Gates(file)
    gates.require_open(step, "收款")
    due = _due(file, charges)
    if not due:
        raise MoneyRefused("没有应收未收的款项", number=2407)
    split = allocate(_rest(methods, sum(fen for _, fen in due)), due)
    receipt, taken = _receipt(file, "receipt", payer or _payer(file), sum(part.fen for part in split))
    for part in split:
        _line(file, receipt, part.charge, "payment", part.fen, method=part.method)
    issue_for_receipt(file, gates, RECEIPT, receipt, taken)
    file.record("money.paid", receipt=receipt.id, number=receipt.number, fen=receipt.total,
                methods={part.method: sum(p.fen for p in split if p.method == part.method) for part in split})
    advance(file)
    return receipt


def cancel_receipt(desk: Desk, receipt_id: str, reason: str, *, version: int | None = None) -> Receipt:
    """Cancel a receipt: its number stays, its money is due again, its document is void; a step it closed reopens."""
    file, receipt = _receipt_file(desk, receipt_id, version)
    step = _paying_step(file)
    _reasoned(reason)
    if receipt.kind != "receipt" or receipt.state != "issued":
        raise MoneyRefused(f"收据 {receipt.number} 已作废,不能再次作废", number=2420)
    _not_closed(desk, file.case.estate, receipt)
    paid = [row for row in file.lines if row.receipt_id == receipt.id and row.kind == "payment"]
    held = ledger_sums(file)
    for row in paid:
        if held.charges[row.charge_id].refunded:
            raise MoneyRefused("这张收据的款项已有退款,不能作废", number=2421)
    receipt.state, receipt.cancelled_by, receipt.cancelled_at = "cancelled", desk.actor.user_id, desk.now
    receipt.cancel_reason = reason.strip()
    for row in paid:
        _line(file, receipt, row.charge_id, "cancellation", -row.amount, method=row.method, reason=reason.strip())
    _void_receipt_document(file, receipt, reason)
    file.record("receipt.cancelled", receipt=receipt.id, number=receipt.number, fen=receipt.total)
    run = file.run(step.name)
    if run is not None and run.state == "done":
        reopen(file, step.name, new_round=False)
    advance(file)
    return receipt


def refund(desk: Desk, charge_id: str, fen: int, method: str, reason: str, *, version: int | None = None) -> Receipt:
    """Give back part or all of what was paid for a charge, by a numbered voucher; never more than is still held."""
    charge = desk.session.get(Charge, charge_id)
    if charge is None:
        raise NotFound("没有这笔应收")
    file = open_file(desk, charge.case_id, version=version, change=True)
    _paying_step(file, ended=True)
    _reasoned(reason)
    if method not in METHODS:
        raise MoneyRefused(f"没有“{method}”这种支付方式", remedy="可用:" + "、".join(METHODS), number=2404)
    sums = ledger_sums(file).charges[charge_id]
    check_refund(sums.paid + sums.refunded - sums.deducted, sums.refunded, fen)
    voucher, taken = _receipt(file, "refund", _payer(file), fen)
    _line(file, voucher, charge_id, "refund", -fen, method=method, reason=reason.strip())
    issue_for_receipt(file, Gates(file), VOUCHER, voucher, taken)
    file.record("money.refunded", receipt=voucher.id, number=voucher.number, fen=fen, charge=charge_id)
    return voucher


def waive_charge(desk: Desk, charge_id: str, reason: str, *, version: int | None = None) -> None:
    """Do without what is still due of a charge, with a reason, by a role that the fee names."""
    charge = desk.session.get(Charge, charge_id)
    if charge is None:
        raise NotFound("没有这笔应收")
    file = open_file(desk, charge.case_id, version=version, change=True)
    file.require_open()
    fee = file.bundle.fee(charge.fee)
    if not fee.waive:
        raise Forbidden(f"“{desk.say(fee.title)}”不可减免")
    desk.require_role(file.case.estate, fee.waive, f"减免“{desk.say(fee.title)}”")
    _reasoned(reason)
    left = ledger_sums(file).charges[charge_id].open
    if not left:
        raise MoneyRefused("这笔款项没有未收金额", number=2407)
    _line(file, None, charge_id, "waiver", left, reason=reason.strip())
    file.record("charge.waived", charge=charge_id, fen=left)
    advance(file)


# ---------------------------------------------------------------- parts


def _paying_step(file: CaseFile, *, ended: bool = False) -> Step:
    if not ended:
        file.require_open()
    steps = [step for step in file.bundle.procedure.steps if step.fees]
    if not steps:
        raise NotFound("本手续没有收费步骤")
    open_first = [step for step in steps if (run := file.run(step.name)) and run.state == "open"]
    step = (open_first or steps)[0]
    file.desk.require_role(file.case.estate, step.role, f"“{file.desk.say(step.title)}”")
    return step


def _due(file: CaseFile, named: Sequence[str] | None) -> list[tuple[str, int]]:
    sums = ledger_sums(file).charges
    unknown = set(named or ()) - sums.keys()
    if unknown:
        raise NotFound("没有这笔应收")
    return [(row.id, sums[row.id].open) for row in file.charges
            if sums[row.id].open and (named is None or row.id in named)]


def _rest(methods: Mapping[str, int | None], due: int) -> list[tuple[str, int]]:
    given = sum(fen for fen in methods.values() if fen is not None)
    if list(methods.values()).count(None) > 1:
        raise MoneyRefused("只能有一种方式支付余额", number=2408)
    rows = [(method, due - given if fen is None else fen) for method, fen in methods.items()]
    if not rows:
        raise MoneyRefused("请选择支付方式", number=2408)
    return rows


def _payer(file: CaseFile) -> str:
    people = file.people.get("owner") or next(iter(file.people.values()), [])
    return people[0]["name"] if people else ""


def _receipt(file: CaseFile, kind: str, payer: str, fen: int) -> tuple[Receipt, SeriesNumber]:
    """A receipt or voucher of today, with the next number of its series (the document that prints it names it)."""
    desk, case = file.desk, file.case
    day = desk.today(case.estate)
    if desk.session.scalar(select(CashDay.id).where(CashDay.estate == case.estate, CashDay.day == day)):
        raise MoneyRefused(f"{day.isoformat()} 已日结,不能再收付款", number=2430)
    taken = take_number(file, _series(file, kind), document_id=None)
    row = Receipt(id=new_id(), estate=case.estate, case_id=case.id, kind=kind, series=taken.series, number=taken.number,
                  payer=payer, total=fen, state="issued", business_date=day, by=desk.actor.user_id, at=desk.now,
                  cancel_reason="")
    desk.session.add(row)
    file.receipts.append(row)
    return row, taken


def _series(file: CaseFile, kind: str) -> Series:
    name = RECEIPT if kind == "receipt" else VOUCHER
    for rule in file.bundle.documents:
        if rule.name == name and rule.series:
            return file.bundle.series_named(rule.series)
    title = {"receipt": "收据", "refund": "退款凭证"}[kind]
    return Series.model_validate({"name": kind, "title": title, "pattern": "{year}{number:06d}", "restart": "year"})


def _line(file: CaseFile, receipt: Receipt | None, charge: str, kind: str, fen: int, *, method: str = "",
          reason: str = "") -> None:
    desk, case = file.desk, file.case
    row = LedgerLine(estate=case.estate, case_id=case.id, charge_id=charge, receipt_id=receipt.id if receipt else None,
                     kind=kind, method=method, amount=fen, reason=reason, business_date=desk.today(case.estate),
                     by=desk.actor.user_id, at=desk.now)
    desk.session.add(row)
    file.lines.append(row)


def _receipt_file(desk: Desk, receipt_id: str, version: int | None) -> tuple[CaseFile, Receipt]:
    receipt = desk.session.get(Receipt, receipt_id)
    if receipt is None:
        raise NotFound("没有这张收据")
    return open_file(desk, receipt.case_id, version=version, change=True), receipt


def _void_receipt_document(file: CaseFile, receipt: Receipt, reason: str) -> None:
    document = next((row for row in file.documents if row.id == receipt.document_id), None)
    if document is not None:
        void_document(file, document, reason, witness=None)


def _not_closed(desk: Desk, estate: str, receipt: Receipt) -> None:
    for day in {receipt.business_date, desk.today(estate)}:
        if desk.session.scalar(select(CashDay.id).where(CashDay.estate == estate, CashDay.day == day)):
            raise MoneyRefused(f"{day.isoformat()} 已日结,收据 {receipt.number} 不能作废;请改办退款",
                               remedy="请办理退款", number=2431)


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput([FieldProblem("reason", "请写明原因")])

