"""The day's money: the cash sheet, and closing the day, after which nothing more is booked on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from core.cases.desk import Desk
from core.cases.views import CashSheetView, ReceiptView
from core.cases.words import words
from core.domain.money import show
from core.errors import FieldProblem, InvalidInput, MoneyRefused
from core.money import METHODS, CashRow, cash_sheet as computed
from core.store.models import CashDay, Charge, LedgerLine, Receipt, new_id

FINANCE = ("finance", "manager")
_KINDS = {"payment": "payment", "cancellation": "cancelled", "refund": "refund"}


def cash_sheet(desk: Desk, estate: str, day: date) -> CashSheetView:
    """What came in and went out at `estate` on `day`, by method and by receipt."""
    desk.enter(estate)
    desk.require_role(estate, FINANCE, "现金日报")
    receipts, lines = _receipts(desk, estate, day), _lines(desk, estate, day)
    numbers = {row.id: row.number for row in desk.session.execute(
        select(Receipt.id, Receipt.number).where(Receipt.id.in_({line.receipt_id for line in lines})))}
    titles = {row.id: row.title for row in desk.session.execute(
        select(Charge.id, Charge.title).where(Charge.id.in_({line.charge_id for line in lines})))}
    sheet = computed([CashRow(_KINDS[line.kind], line.method, abs(line.amount), numbers[line.receipt_id or ""])  # type: ignore[arg-type]
                      for line in lines])
    closed = desk.session.scalar(select(CashDay).where(CashDay.estate == estate, CashDay.day == day))
    return CashSheetView(
        day=day, closed=closed is not None, closed_by=desk.name_of(closed.by) if closed else "",
        methods=tuple((desk.say(row.title), row.received - row.cancelled, row.refunded) for row in sheet.methods
                      if row.received or row.refunded or row.cancelled),
        receipts=receipt_views(desk, receipts, lines, titles), taken_fen=sheet.total.received - sheet.total.cancelled,
        refunded_fen=sheet.total.refunded, net_fen=sheet.total.net,
        cash_fen=next((row.net for row in sheet.methods if row.method == "cash"), 0),
        counted_fen=closed.counted_cash if closed else None, note=closed.note if closed else "", first_number=sheet.first_receipt,
        last_number=sheet.last_receipt, cancelled=len(sheet.cancelled))


def close_day(desk: Desk, estate: str, day: date, counted_fen: int, note: str = "") -> CashDay:
    """Close `day` with the cash that was counted; a difference needs a note. A day is closed once, never in advance."""
    desk.enter(estate)
    desk.require_role(estate, ("finance",), "日结")
    desk.queue(estate)  # whoever is booking now finishes first, whoever comes later finds the day closed
    sheet = cash_sheet(desk, estate, day)
    if sheet.closed:
        raise MoneyRefused(f"{day.isoformat()} 已日结", number=2430)
    if day > desk.today(estate):
        raise MoneyRefused("不能提前日结", number=2432)
    if counted_fen < 0:
        raise InvalidInput([FieldProblem("counted", "实点现金不能小于零")])
    said = words(note, "note")
    if counted_fen != sheet.cash_fen and not said:
        raise InvalidInput([FieldProblem("note", f"账面现金 {show(sheet.cash_fen)} 元，实点 {show(counted_fen)} 元，请写明差额原因")])
    totals: dict[str, Any] = {"taken": sheet.taken_fen, "refunded": sheet.refunded_fen, "net": sheet.net_fen, "cash": sheet.cash_fen,
              "receipts": len(sheet.receipts), "cancelled": sheet.cancelled}
    row = CashDay(id=new_id(), estate=estate, day=day, totals=totals, counted_cash=counted_fen,
                  note=said, by=desk.actor.user_id, at=desk.now)
    desk.session.add(row)
    desk.record(estate, "day.closed", day=day.isoformat(), counted=counted_fen, **totals)
    return row


def require_day_open(desk: Desk, estate: str, day: date, what: str, number: int = 2430) -> None:
    """MoneyRefused when `day` is closed."""
    if desk.session.scalar(select(CashDay.id).where(CashDay.estate == estate, CashDay.day == day)):
        raise MoneyRefused(f"{day.isoformat()} 已日结,{what}", number=number)


def receipt_views(desk: Desk, receipts: Sequence[Receipt], lines: Iterable[LedgerLine],
                  titles: Mapping[str, str]) -> tuple[ReceiptView, ...]:
    """Receipts as pages show them, with methods and charges from their ledger `lines`; `titles` of charges by id."""
    methods: dict[str, dict[str, int]] = {row.id: {} for row in receipts}
    charged: dict[str, dict[str, int]] = {row.id: {} for row in receipts}
    for line in lines:
        if line.receipt_id in methods and line.kind in ("payment", "refund"):
            method, title = desk.say(METHODS[line.method]), titles[line.charge_id]
            methods[line.receipt_id][method] = methods[line.receipt_id].get(method, 0) + abs(line.amount)
            charged[line.receipt_id][title] = charged[line.receipt_id].get(title, 0) + abs(line.amount)
    names = desk.names({row.by for row in receipts})
    return tuple(ReceiptView(row.id, row.kind, row.number, row.payer, row.total, row.state, tuple(methods[row.id].items()),  # type: ignore[arg-type]
                             tuple(charged[row.id].items()), row.document_id, row.at, names[row.by], row.cancel_reason)
                 for row in receipts)


def _receipts(desk: Desk, estate: str, day: date) -> list[Receipt]:
    return list(desk.session.scalars(select(Receipt).where(Receipt.estate == estate, Receipt.business_date == day)
                                     .order_by(Receipt.at, Receipt.id)))


def _lines(desk: Desk, estate: str, day: date) -> list[LedgerLine]:
    query = select(LedgerLine).where(LedgerLine.estate == estate, LedgerLine.business_date == day,
                                     LedgerLine.kind.in_(tuple(_KINDS)))
    return list(desk.session.scalars(query))
