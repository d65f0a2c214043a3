"""Money at the counter: paying, cancelling a receipt, giving back, doing without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from core.cases import waivers
from core.cases.casefile import CaseFile, open_file
from core.cases.cash import require_day_open
from core.cases.desk import Desk
from core.cases.gates import Gates
from core.cases.issuing import issue_for_receipt, request_part, take_number
from core.cases.notices import tell
from core.cases.progress import advance, reopen
from core.cases.voiding import void_document
from core.cases.words import MOST_NAME, reason_given, words
from core.domain.documents import Series
from core.domain.money import show
from core.domain.procedures import Step
from core.errors import Forbidden, GateClosed, MoneyRefused, NotFound
from core.money import METHODS, allocate, check_refund
from core.store.models import Charge, LedgerLine, Receipt, SeriesNumber, StepAct, new_id

RECEIPT, VOUCHER = "receipt", "refund_voucher"
"""Documents that a payment and a refund issue by themselves, where the procedure declares them."""


def pay(desk: Desk, case_id: str, methods: Mapping[str, int | None], *, charges: Sequence[str] | None = None,
        payer: str = "", version: int | None = None) -> Receipt:
    """Take a payment of the open charges (all, or those named) and issue its numbered receipt.

    `methods`: 分 by method in the order of paying; None: the rest of what is due. Raises MoneyRefused (too much, too
    little, nothing due, the day is closed), GateClosed while the paying step is closed.
    """
    file = open_file(desk, case_id, version=version, change=True)
    file.require_open()
    step, gates = _paying_step(file), Gates(file)
    gates.require_open(step, "收款")
    if (earlier := _same_request(file, "receipt")) is not None:
        return earlier
    due = _due(file, charges)
    if not due:
        raise MoneyRefused("没有应收未收的款项", number=2407)
    split = allocate(_rest(methods, sum(fen for _, fen in due)), due)
    receipt, taken = _receipt(file, "receipt", words(payer, "payer", most=MOST_NAME) or _payer(file), sum(part.fen for part in split))
    for part in split:
        _line(file, receipt, part.charge, "payment", part.fen, method=part.method)
    issue_for_receipt(file, gates, RECEIPT, receipt, taken)
    file.record("money.paid", receipt=receipt.id, number=receipt.number, fen=receipt.total,
                methods={part.method: sum(p.fen for p in split if p.method == part.method) for part in split})
    advance(file)
    return receipt


def cancel_receipt(desk: Desk, receipt_id: str, reason: str, *, version: int | None = None) -> Receipt:
    """Cancel a receipt: its number stays, its money is due again, its document is void; a step it closed reopens."""
    row = desk.session.get(Receipt, receipt_id)
    file = open_file(desk, row.case_id if row else None, version=version, change=True, unknown="没有这张收据")
    receipt = next(one for one in file.receipts if one.id == receipt_id)
    file.require_open()
    _paying_step(file)
    said = reason_given(reason, "请写明作废收据的原因")
    if receipt.kind != "receipt":
        raise MoneyRefused("退款凭证不能作废", number=2422)
    if receipt.state != "issued":
        raise MoneyRefused(f"收据 {receipt.number} 已作废，不能再次作废", number=2420)
    for day in sorted({receipt.business_date, desk.today(file.case.estate)}):
        require_day_open(desk, file.case.estate, day, f"收据 {receipt.number} 不能作废；请改办退款", 2431)
    paid = [row for row in file.lines if row.receipt_id == receipt.id and row.kind == "payment"]
    held = file.sums()
    for row in paid:
        if held.charges[row.charge_id].refunded:
            raise MoneyRefused("这张收据的款项已有退款，不能作废", number=2421)
    receipt.state, receipt.cancelled_by, receipt.cancelled_at = "cancelled", desk.actor.user_id, desk.now
    receipt.cancel_reason = said
    for row in paid:
        _line(file, receipt, row.charge_id, "cancellation", -row.amount, method=row.method, reason=said)
    _void_receipt_document(file, receipt, said)
    file.record("receipt.cancelled", receipt=receipt.id, number=receipt.number, fen=receipt.total)
    _reopen_paying_steps(file, {row.charge_id for row in paid})
    advance(file)
    return receipt


def refund(desk: Desk, charge_id: str, fen: int, method: str, reason: str, *, version: int | None = None) -> Receipt:
    """Give back part or all of what was paid for a charge, by a numbered voucher; never more than is still held.

    Also of a case that has ended: deposits are often given back long after.
    """
    file = _file_of_charge(desk, charge_id, version)
    file.require_awake()
    _paying_step(file)
    if (earlier := _same_request(file, "refund")) is not None:
        return earlier
    return give_back(file, charge_id, fen, method, reason_given(reason, "请写明退款原因"))


def give_back(file: CaseFile, charge_id: str, fen: int, method: str, said: str) -> Receipt:
    """As `refund`, in a file that is open for change, for those who may."""
    if method not in METHODS:
        raise MoneyRefused(f"没有“{method}”这种支付方式", remedy="可用:" + "、".join(METHODS), number=2404)
    sums = file.sums().charges[charge_id]
    check_refund(sums.paid + sums.refunded - sums.deducted, sums.refunded, fen)
    voucher, taken = _receipt(file, "refund", _payer(file), fen)
    _line(file, voucher, charge_id, "refund", -fen, method=method, reason=said)
    issue_for_receipt(file, Gates(file), VOUCHER, voucher, taken)
    file.record("money.refunded", receipt=voucher.id, number=voucher.number, fen=fen, charge=charge_id)
    return voucher


def deduct(file: CaseFile, charge_id: str, fen: int, said: str) -> None:
    """Keep part of a deposit for good; the file is open for change."""
    _line(file, None, charge_id, "deduction", fen, reason=said)
    file.record("money.deducted", charge=charge_id, fen=fen)


def waive_charge(desk: Desk, charge_id: str, reason: str, *, fen: int | None = None, version: int | None = None) -> None:
    """Do without what is still due of a charge, or `fen` of it, with a reason, by a role that the fee names.

    Where the fee asks for somebody's consent the waiver waits for it, and they are told. MoneyRefused for more than is due
    or than the fee allows (SX-2409), and while another waiver of the charge waits (SX-2412).
    """
    file = _file_of_charge(desk, charge_id, version)
    file.require_open()
    charge = next(row for row in file.charges if row.id == charge_id)
    rule = waivers.rule_of(file, charge)
    if not rule.by:
        raise Forbidden(f"“{charge.title}”不可减免")
    desk.require_role(file.case.estate, rule.by, f"减免“{charge.title}”")
    said = reason_given(reason, "请写明减免原因")
    if waivers.waiting(file, charge):
        raise MoneyRefused(f"“{charge.title}”已有一笔减免等待同意", number=2412)
    amount = waivers.most(file, charge) or file.sums().charges[charge_id].open if fen is None else fen
    waivers.require_fits(file, charge, amount)
    if rule.approval:
        _ask(file, charge, rule.approval, amount, said)
    else:
        _line(file, None, charge_id, "waiver", amount, reason=said)
        file.record("charge.waived", charge=charge_id, fen=amount)
    advance(file)


def answer_waiver(desk: Desk, charge_id: str, consent: bool, reason: str = "", *, version: int | None = None) -> None:
    """Consent to the waiver that waits, or refuse it with a reason; by a role that the fee names, and by somebody else than
    who asked for it (SX-2257)."""
    file = _file_of_charge(desk, charge_id, version)
    file.require_open()
    charge = next(row for row in file.charges if row.id == charge_id)
    rule = waivers.rule_of(file, charge)
    if not rule.approval:
        raise Forbidden(f"“{charge.title}”的减免不需要审批")
    desk.require_role(file.case.estate, rule.approval, f"审批“{charge.title}”的减免")
    asked = waivers.waiting(file, charge)
    if asked is None:
        raise MoneyRefused(f"“{charge.title}”没有等待同意的减免", number=2412)
    if asked.by == desk.actor.user_id:
        raise GateClosed(desk.tr("减免由您提出，须由另一人审批（双人复核）", "You asked for it; another person must consent (four eyes)"),
                         number=2257)
    said = words(reason, "reason") if consent else reason_given(reason, "不同意须写明原因")
    if consent:
        waivers.require_fits(file, charge, asked.fen)
    _say(file, charge, waivers.GRANTED if consent else waivers.REFUSED, asked.id, {"reason": said})
    if consent:
        _line(file, None, charge_id, "waiver", asked.fen, reason=asked.reason)
        file.record("charge.waived", charge=charge_id, fen=asked.fen, asked_by=asked.by, reason=said)
    else:
        file.record("charge.waiver_refused", charge=charge_id, fen=asked.fen, asked_by=asked.by, reason=said)
    advance(file)


def _ask(file: CaseFile, charge: Charge, roles: Sequence[str], fen: int, reason: str) -> None:
    """Keep what is asked for, and tell those whose consent it needs."""
    step = _say(file, charge, waivers.ASKED, charge.id, {"fen": fen, "reason": reason})
    file.record("charge.waiver_asked", charge=charge.id, fen=fen, reason=reason)
    number, title = file.case.number, charge.title
    tell(file.desk, file.case.estate, roles, "waiver", file.case.id, step, f"{number} “{title}”减免 {show(fen)} 元，等您同意",
         f"{number} A waiver of CNY {show(fen)} waits for your consent: {title}")


def _say(file: CaseFile, charge: Charge, kind: str, value: str, note: Mapping[str, object]) -> str:
    """Keep what was said of a waiver with the step that collects the charge; returns the step's name."""
    step = next((one.name for one in file.steps if one.fees == charge.stage), "")
    file.add(file.acts, StepAct(id=new_id(), case_id=file.case.id, step=step, round=charge.round, kind=kind, role="", value=value,
                                note=file.desk.seal(file.case.estate, dict(note)), by=file.desk.actor.user_id, at=file.desk.now))
    return step


# ---------------------------------------------------------------- parts


def _file_of_charge(desk: Desk, charge_id: str, version: int | None) -> CaseFile:
    charge = desk.session.get(Charge, charge_id)
    return open_file(desk, charge.case_id if charge else None, version=version, change=True, unknown="没有这笔应收")


def _paying_step(file: CaseFile) -> Step:
    """The paying step that is open, else the first; Forbidden for those who have no part in it."""
    steps = [step for step in file.steps if step.fees]
    if not steps:
        raise NotFound("本手续没有收费步骤")
    open_first = [step for step in steps if (run := file.run(step.name)) and run.state == "open"]
    step = (open_first or steps)[0]
    file.desk.require_role(file.case.estate, step.role, f"“{file.desk.say(step.title)}”")
    return step


def _reopen_paying_steps(file: CaseFile, charges: set[str]) -> None:
    """Open those paying steps again whose charges are due again."""
    stages = {row.stage for row in file.charges if row.id in charges}
    for step in file.steps:
        run = file.run(step.name)
        if step.fees in stages and run is not None and run.state == "done":
            reopen(file, step.name, new_round=False)


def _same_request(file: CaseFile, kind: str) -> Receipt | None:
    """The receipt or voucher that this very request made before: asked twice, it takes and gives no money twice."""
    key = file.desk.request_key
    if key is None:
        return None
    taken = file.desk.session.scalar(select(SeriesNumber.number).where(
        SeriesNumber.estate == file.case.estate, SeriesNumber.series == _series(file, kind).name,
        SeriesNumber.request_key == request_part(file, kind)))
    return next((row for row in file.receipts if row.kind == kind and row.number == taken), None)


def _due(file: CaseFile, named: Sequence[str] | None) -> list[tuple[str, int]]:
    sums = file.sums().charges
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
    require_day_open(desk, case.estate, day, "不能再收付款")
    taken = take_number(file, _series(file, kind), kind, document_id=None)
    row = Receipt(id=new_id(), estate=case.estate, case_id=case.id, kind=kind, series=taken.series, number=taken.number,
                  payer=payer, total=fen, state="issued", business_date=day, by=desk.actor.user_id, at=desk.now,
                  cancel_reason="")
    file.add(file.receipts, row)
    desk.session.flush()  # its lines name it; nothing else tells the session which comes first
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
    file.add(file.lines, row)


def _void_receipt_document(file: CaseFile, receipt: Receipt, reason: str) -> None:
    document = next((row for row in file.documents if row.id == receipt.document_id), None)
    if document is not None:
        void_document(file, document, reason, witness=None)
