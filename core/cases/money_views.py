"""A case's money as its reader sees it: each charge with its explanation and what may be done with it, and the receipts."""

from __future__ import annotations

from core.cases import waivers
from core.cases.casefile import CaseFile
from core.cases.cash import receipt_views
from core.cases.explaining import Explaining
from core.cases.views import ChargeView, MoneyView, WaiverView
from core.domain.money import capitals, show
from core.store.models import Charge


def money_view(file: CaseFile, read_only: str) -> MoneyView:
    """What was charged, paid and given back; `read_only`: why nothing can be done in the case now, empty when something can."""
    desk, sums, explain = file.desk, file.sums(), Explaining(file)
    titles = {row.id: row.title for row in file.charges}
    return MoneyView(charges=tuple(_charge(file, row, read_only, explain) for row in file.charges),
                     receipts=receipt_views(desk, file.receipts, file.lines, titles), charged_fen=sums.charged,
                     paid_fen=sums.paid, due_fen=sums.due, deposit_fen=sums.deposit,
                     total_capitals=capitals(sums.charged), notice=_money_notice(file))


def _money_notice(file: CaseFile) -> str:
    """What must not be forgotten when a case has ended: deposits held, money taken for nothing."""
    if file.case.ended_at is None:
        return ""
    sums = file.sums()
    if file.case.state == "withdrawn" and sums.paid > sums.deposit:
        return f"本件已撤回，已收 {show(sums.paid)} 元未退" + (f"，其中押金 {show(sums.deposit)} 元" if sums.deposit else "")
    return f"本件{'已撤回' if file.case.state == 'withdrawn' else '已办结'}，仍有押金 {show(sums.deposit)} 元未退" if sums.deposit else ""


def _charge(file: CaseFile, row: Charge, read_only: str, explain: Explaining) -> ChargeView:
    desk, estate, said = file.desk, file.case.estate, file.sums().charges[row.id]
    fee = next((fee for fee in file.bundle.fees if fee.name == row.fee), None)
    rule, waits, limit = waivers.rule_of(file, row), waivers.waiting(file, row), waivers.most(file, row)
    return ChargeView(
        id=row.id, fee=row.fee, title=desk.say(fee.title) if fee else row.title, amount_fen=row.amount, paid_fen=said.paid,
        open_fen=said.open, refundable=row.refundable, refundable_fen=said.paid - said.deducted, waived=bool(said.waived),
        sample=bool(row.explanation.get("sample")), explanation=explain(row), waived_fen=said.waived,
        may_waive=bool(limit) and waits is None and not read_only and desk.has_role(estate, rule.by), waivable_fen=limit,
        consent=_titles(file, rule.approval), waiver=_waiver(file, rule.approval, waits, read_only) if waits else None)


def _waiver(file: CaseFile, roles: tuple[str, ...], asked: waivers.Asked, read_only: str) -> WaiverView:
    desk = file.desk
    may = not read_only and asked.by != desk.actor.user_id and desk.has_role(file.case.estate, roles)
    return WaiverView(asked.fen, asked.reason, desk.name_of(asked.by), asked.at, _titles(file, roles), may)


def _titles(file: CaseFile, roles: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(file.desk.office.role_title(file.case.estate, role, file.desk.locale) for role in roles)
