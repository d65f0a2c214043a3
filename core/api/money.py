"""Money outside of one payment: doing without, giving back, cancelling, and the day's sheet."""

from __future__ import annotations

from datetime import date

from core.api.answers import ClosedDay, Receipted, Standing, receipted, standing
from core.api.endpoints import Call, endpoint
from core.api.estates import ESTATE
from core.api.requests import Because, Closing, Refunding, WaiverAnswer, Waiving
from core.cases.cash import cash_sheet, close_day
from core.cases.payments import answer_waiver, cancel_receipt, refund, waive_charge
from core.cases.views import CashSheetView
from core.errors import NotFound
from core.store.models import Charge


@endpoint("POST", f"{ESTATE}/charges/{{charge}}/waiver", "money", answer=Standing, body=Waiving, versioned=True)
def post_charge_waiver(call: Call) -> Standing:
    """Do without what is still due of a charge, or part of it, with a reason; where the fee asks for consent it waits for it."""
    said: Waiving = call.body
    waive_charge(call.desk, call["charge"], said.reason, fen=said.fen, version=call.version)
    return _standing(call)


@endpoint("POST", f"{ESTATE}/charges/{{charge}}/waiver/answer", "money", answer=Standing, body=WaiverAnswer, versioned=True)
def post_waiver_answer(call: Call) -> Standing:
    """Consent to the waiver that waits, or refuse it with a reason; never by who asked for it."""
    said: WaiverAnswer = call.body
    answer_waiver(call.desk, call["charge"], said.consent, said.reason, version=call.version)
    return _standing(call)


def _standing(call: Call) -> Standing:
    return standing(call.desk, call.session.get_one(Charge, call["charge"]).case_id)


@endpoint("POST", f"{ESTATE}/charges/{{charge}}/refunds", "money", answer=Receipted, body=Refunding, status=201,
          versioned=True)
def post_refund(call: Call) -> Receipted:
    """Give back part or all of what was paid for a charge, by a numbered voucher."""
    said: Refunding = call.body
    return receipted(call.desk, refund(call.desk, call["charge"], said.fen, said.method, said.reason,
                                       version=call.version))


@endpoint("POST", f"{ESTATE}/receipts/{{receipt}}/cancellation", "money", answer=Receipted, body=Because,
          versioned=True)
def post_cancellation(call: Call) -> Receipted:
    """Cancel a receipt: its number stays, its money is due again."""
    return receipted(call.desk, cancel_receipt(call.desk, call["receipt"], call.body.reason, version=call.version))


@endpoint("GET", f"{ESTATE}/cash-sheets/{{day}}", "read", answer=CashSheetView)
def read_cash_sheet(call: Call) -> CashSheetView:
    """What came in and went out on a day, by method and by receipt."""
    return cash_sheet(call.desk, call.estate, _day(call))


@endpoint("POST", f"{ESTATE}/cash-sheets/{{day}}/closing", "money", answer=ClosedDay, body=Closing, status=201)
def post_closing(call: Call) -> ClosedDay:
    """Close the day with the cash that was counted; afterwards nothing more is booked on it."""
    row = close_day(call.desk, call.estate, _day(call), call.body.counted_fen, call.body.note)
    return ClosedDay(row.day, row.counted_cash, row.totals)


def _day(call: Call) -> date:
    try:
        return date.fromisoformat(call["day"])
    except ValueError:
        raise NotFound("没有这一天；请写成 2026-03-01") from None
