"""The day's cash sheet on paper, from the Word template `cash_sheet.docx` of the estate's procedures."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.cases.cash import cash_sheet
from core.cases.desk import Desk
from core.cases.issuing import printed_word
from core.cases.views import CashSheetView
from core.clock import show_date
from core.domain.money import capitals, show
from core.errors import NotFound

TEMPLATE = "cash_sheet.docx"
KINDS = {"receipt": "收款", "refund": "退款"}
STATES = {"issued": "", "cancelled": "已作废"}


def cash_sheet_word(desk: Desk, estate: str, day: date) -> tuple[bytes, str]:
    """(Word file, file name) of the cash sheet of `day`; NotFound where no procedure of the estate brings the template."""
    sheet = cash_sheet(desk, estate, day)
    office = desk.office
    bundles = [office.library.bundle(estate, name) for name in office.library.procedures(estate)]
    template = next((bundle.templates[TEMPLATE] for bundle in bundles if TEMPLATE in bundle.templates), None)
    if template is None:
        raise NotFound("本项目没有现金日报模板")
    context = {"company": {"title": office.company(estate).title.zh}, "estate": {"title": office.estate(estate).title.zh},
               "cash": _values(desk, sheet)}
    return printed_word(desk, template, context), f"现金日报-{day.isoformat()}.docx"


def _values(desk: Desk, sheet: CashSheetView) -> dict[str, Any]:
    counted = sheet.counted_fen
    return {
        "day": show_date(sheet.day), "cashier": sheet.closed_by or desk.actor.name, "first_number": sheet.first_number,
        "last_number": sheet.last_number, "cancelled": str(sheet.cancelled), "taken": show(sheet.taken_fen),
        "refunded": show(sheet.refunded_fen), "net": show(sheet.net_fen), "capitals": capitals(sheet.net_fen),
        "cash": show(sheet.cash_fen), "counted": "" if counted is None else show(counted),
        "difference": "" if counted is None else show(counted - sheet.cash_fen), "note": sheet.note,
        "methods": [{"title": title, "taken": show(taken), "refunded": show(refunded), "net": show(taken - refunded)}
                    for title, taken, refunded in sheet.methods],
        "receipts": [{"number": row.number, "kind": KINDS[row.kind], "payer": row.payer, "amount": show(row.total_fen),
                      "state": STATES[row.state]} for row in sheet.receipts]}
