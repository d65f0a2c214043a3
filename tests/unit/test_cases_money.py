"""Money at the counter: every 分 accounted for, by method and by day, and never more given back than was taken."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from core.cases import payments, voiding
from core.cases.cash import cash_sheet, close_day
from core.errors import Forbidden, GateClosed, InvalidInput, MoneyRefused, NotFound
from core.money import METHODS
from core.store.models import LedgerLine, Receipt, SeriesNumber
from tests.cases_kit import ELM, JADE, NINE, House

TODAY = NINE.date()
DUE = 1300  # a trial's advance: 2 pieces × 2.50 deposit + 8.00 handling


def standing(house: House, case: str) -> dict[str, tuple[int, int, int]]:
    return {row.fee: (row.amount_fen, row.paid_fen, row.open_fen) for row in house.view(case).money.charges}


# ---------------------------------------------------------------- paying


def test_exact_and_rest_by_several_methods_close_the_step(house: House) -> None:
    case = house.trial("advance")
    receipt = house.act("chen", payments.pay, case, {"cash": 700, "wechat": None})
    assert (receipt.number, receipt.total, receipt.payer) == ("2026000001", DUE, "林婉清")
    found = house.view(case).money
    assert (found.due_fen, found.deposit_fen, found.paid_fen) == (2000, 500, DUE)  # the balance is charged now
    assert found.receipts[0].methods == (("现金", 700), ("微信支付", 600))
    assert found.receipts[0].lines == (("押金", 500), ("手续费", 800))
    assert [(row.method, row.amount) for row in house.rows(LedgerLine)] == [("cash", 500), ("cash", 200), ("wechat", 600)]
    assert house.status(case)["advance"] == "done" and house.status(case)["balance"] == "open"


@pytest.mark.parametrize(("methods", "number"), [
    ({"cash": DUE - 1}, 2402), ({"cash": DUE + 1}, 2403), ({"shells": DUE}, 2404), ({"cash": 0, "card": DUE}, 2405),
    ({"cash": -5, "card": DUE + 5}, 2405), ({}, 2408), ({"cash": None, "card": None}, 2408), ({"cash": DUE, "card": None}, 2405)])
def test_an_amount_that_does_not_fit_is_refused_and_takes_no_number(sqlite_house: House, methods, number) -> None:
    case = sqlite_house.trial("advance")
    with pytest.raises(MoneyRefused) as refused:
        sqlite_house.act("chen", payments.pay, case, methods)
    assert refused.value.number == number
    assert sqlite_house.rows(Receipt) == [] and sqlite_house.rows(SeriesNumber, series="receipt") == []
    assert standing(sqlite_house, case) == {"deposit": (500, 0, 500), "handling": (800, 0, 800)}


def test_some_charges_may_be_paid_before_others(sqlite_house: House) -> None:
    house = sqlite_house
    case = house.trial("advance")
    deposit, handling = house.view(case).money.charges
    house.act("chen", payments.pay, case, {"cash": 500}, charges=[deposit.id], payer=" 林望 ")
    assert standing(house, case) == {"deposit": (500, 500, 0), "handling": (800, 0, 800)}
    assert [one.message for one in house.view(case).step("advance").missing] == ["尚欠 8.00 元"]
    with pytest.raises(MoneyRefused, match="没有应收未收"):
        house.act("chen", payments.pay, case, {"cash": None}, charges=[deposit.id])
    with pytest.raises(NotFound):
        house.act("chen", payments.pay, case, {"cash": None}, charges=["nothing"])
    house.act("chen", payments.pay, case, {"card": None}, charges=[handling.id])
    assert [row.payer for row in house.rows(Receipt)] == ["林望", "林婉清"]
    assert house.status(case)["advance"] == "done"


@pytest.mark.parametrize("payer", ["响\x07铃", "长" * 61])
def test_a_payer_that_no_receipt_can_carry_is_refused_at_its_field(sqlite_house: House, payer: str) -> None:
    case = sqlite_house.trial("advance")
    with pytest.raises(InvalidInput) as refused:
        sqlite_house.act("chen", payments.pay, case, {"cash": None}, payer=payer)
    assert refused.value.problems[0].field == "payer"


def test_paying_waits_for_its_step_and_for_its_role(sqlite_house: House) -> None:
    case = sqlite_house.trial("ask")
    with pytest.raises(GateClosed, match="还没有开放"):
        sqlite_house.act("chen", payments.pay, case, {"cash": None})
    with pytest.raises(Forbidden):
        sqlite_house.act("wang", payments.pay, sqlite_house.trial("advance"), {"cash": None})


# ---------------------------------------------------------------- cancelling


def test_a_cancelled_receipt_makes_its_charges_due_again_and_reopens_their_step_only(house: House) -> None:
    case = house.trial("verdict")
    first = house.rows(Receipt)[0]
    with pytest.raises(InvalidInput):
        house.act("chen", payments.cancel_receipt, first.id, "")
    house.act("chen", payments.cancel_receipt, first.id, "付款方式登记有误")
    found = house.view(case)
    assert {step.name: step.status for step in found.steps}["advance"] == "open"
    assert [(one.kind, one.step) for one in found.step("verdict").why_not] == [("requires", "advance")]
    assert standing(house, case) == {"deposit": (500, 0, 500), "handling": (800, 0, 800), "final": (2000, 2000, 0)}
    assert (found.money.receipts[0].state, found.money.receipts[0].cancel_reason) == ("cancelled", "付款方式登记有误")
    assert found.money.deposit_fen == 0
    with pytest.raises(MoneyRefused) as refused:
        house.act("chen", payments.cancel_receipt, first.id, "再作废")
    assert refused.value.number == 2420
    again = house.act("chen", payments.pay, case, {"card": None})
    assert again.number == "2026000003" and house.status(case)["verdict"] == "open"


def test_a_cancelled_receipt_voids_the_paper_that_was_printed(sqlite_house: House) -> None:
    house = sqlite_house
    case = house.begin()
    house.move_in(case, "inspect")
    receipt = house.rows(Receipt)[0]
    paper = house.documents(case, "receipt")[0]
    assert (paper.id, paper.number) == (receipt.document_id, receipt.number)
    for act in (voiding.void, voiding.reissue):
        with pytest.raises(GateClosed, match="请在款项处办理"):
            house.act("chen", act, paper.id, "不要了")
    house.act("chen", payments.cancel_receipt, receipt.id, "登记有误")
    assert house.documents(case, "receipt") == []
    assert house.documents(case, "receipt", "void")[0].void_reason == "登记有误"
    assert house.rows(SeriesNumber, series="receipt")[0].state == "void"
    assert house.status(case)["pay"] == "open" and house.status(case)["inspect"] == "closed"
    house.act("chen", payments.pay, case, {"cash": None})
    assert [row.number for row in house.documents(case, "receipt")] == ["2026000002"]
    assert house.status(case)["inspect"] == "open"


def test_a_receipt_whose_money_went_back_and_a_voucher_cannot_be_cancelled(sqlite_house: House) -> None:
    house = sqlite_house
    case = house.trial("balance")
    receipt, deposit = house.rows(Receipt)[0], house.view(case).money.charges[0]
    voucher = house.act("chen", payments.refund, deposit.id, 100, "cash", "部分退还")
    for identity, number in ((receipt.id, 2421), (voucher.id, 2422)):
        with pytest.raises(MoneyRefused) as refused:
            house.act("chen", payments.cancel_receipt, identity, "作废")
        assert refused.value.number == number


# ---------------------------------------------------------------- refunds and waivers


def test_refunds_stop_at_what_is_held(sqlite_house: House) -> None:
    house = sqlite_house
    case = house.trial("balance")
    deposit = house.view(case).money.charges[0].id
    voucher = house.act("chen", payments.refund, deposit, 200, "transfer", "退还部分押金")
    assert (voucher.number, voucher.kind, voucher.total) == ("2026000001", "refund", 200)
    for fen, number in ((301, 2406), (0, 2405), (-300, 2405)):
        with pytest.raises(MoneyRefused) as refused:
            house.act("chen", payments.refund, deposit, fen, "cash", "再退")
        assert refused.value.number == number
    with pytest.raises(MoneyRefused) as refused:
        house.act("chen", payments.refund, deposit, 100, "shells", "再退")
    assert refused.value.number == 2404
    with pytest.raises(InvalidInput):
        house.act("chen", payments.refund, deposit, 100, "cash", "  ")
    house.act("chen", payments.refund, deposit, 300, "cash", "退清")
    assert standing(house, case)["deposit"] == (500, 0, 0)  # what was given back is not due again
    assert house.view(case).money.deposit_fen == 0
    assert house.status(case)["advance"] == "done"


def test_only_the_role_that_the_fee_names_waives_and_only_what_is_still_due(sqlite_house: House) -> None:
    house = sqlite_house
    case = house.trial("advance")
    deposit, handling = house.view(case, "zhao").money.charges
    assert (deposit.may_waive, handling.may_waive) == (False, True)
    assert not house.view(case, "chen").money.charges[1].may_waive
    for who, charge in (("chen", handling.id), ("zhao", deposit.id)):
        with pytest.raises(Forbidden):
            house.act(who, payments.waive_charge, charge, "困难户")
    house.act("zhao", payments.waive_charge, handling.id, "困难户")
    assert standing(house, case)["handling"] == (800, 0, 0) and house.view(case).money.charges[1].waived
    with pytest.raises(MoneyRefused, match="没有未收金额"):
        house.act("zhao", payments.waive_charge, handling.id, "再免")
    receipt = house.act("chen", payments.pay, case, {"cash": None})
    assert receipt.total == 500
    with pytest.raises(MoneyRefused) as refused:
        house.act("chen", payments.refund, handling.id, 1, "cash", "没有收过的钱")
    assert refused.value.number == 2406


def test_the_same_request_takes_and_gives_money_once(house: House) -> None:
    case = house.trial("advance")
    receipts = set()
    for _ in range(3):
        with house.at("chen", key="r1") as desk:
            receipts.add(payments.pay(desk, case, {"cash": None}).id)
    deposit = house.view(case).money.charges[0].id
    for _ in range(3):
        with house.at("chen", key="r2") as desk:
            receipts.add(payments.refund(desk, deposit, 100, "cash", "退还").id)
    assert len(receipts) == 2 and [row.total for row in house.rows(Receipt)] == [DUE, 100]


# ---------------------------------------------------------------- the day


def test_the_cash_sheet_is_the_ledger_and_a_closed_day_books_nothing(house: House) -> None:
    first, second = house.trial("advance"), house.trial("balance")  # the second paid 13.00 in cash
    kept = house.rows(Receipt)[0]
    house.act("chen", payments.pay, first, {"cash": 300, "alipay": None})
    cancelled = house.rows(Receipt)[1]
    house.act("chen", payments.cancel_receipt, cancelled.id, "重收")
    house.act("chen", payments.refund, house.view(second).money.charges[0].id, 250, "cash", "退还")
    with house.reading("chen") as desk:
        sheet = cash_sheet(desk, ELM, TODAY)
        assert cash_sheet(desk, JADE, TODAY).net_fen == 0
    lines = [row for row in house.rows(LedgerLine) if row.kind in ("payment", "cancellation", "refund")]
    assert sheet.net_fen == sum(row.amount for row in lines) == 1300 - 250
    assert sheet.cash_fen == sum(row.amount for row in lines if row.method == "cash") == 1050
    assert {title: taken - back for title, taken, back in sheet.methods} == {"现金": 1050, "支付宝": 0}
    assert (sheet.first_number, sheet.last_number, sheet.cancelled, len(sheet.receipts)) == ("2026000001", "2026000002", 1, 3)
    assert not sheet.closed and kept.state == "issued"
    for who, day, counted, note, error in [("wang", TODAY, 1050, "", Forbidden), ("zhao", TODAY, 1050, "", Forbidden),
                                           ("chen", TODAY, 1000, "", InvalidInput), ("chen", TODAY, -1, "少", InvalidInput),
                                           ("chen", TODAY + timedelta(days=1), 0, "", MoneyRefused)]:
        with pytest.raises(error):
            house.act(who, close_day, ELM, day, counted, note)
    house.act("chen", close_day, ELM, TODAY, 1000, "短款 0.50 元，次日补")
    with house.reading("zhao") as desk:
        closed = cash_sheet(desk, ELM, TODAY)
        assert (closed.closed, closed.counted_fen, closed.closed_by, closed.net_fen) == (True, 1000, "陈淑芬", sheet.net_fen)
    charge = house.view(second).money.charges[0].id
    for number, act in [(2430, lambda: house.act("chen", payments.pay, first, {"cash": None})),
                        (2430, lambda: house.act("chen", payments.refund, charge, 100, "cash", "退")),
                        (2431, lambda: house.act("chen", payments.cancel_receipt, kept.id, "作废")),
                        (2430, lambda: house.act("chen", close_day, ELM, TODAY, 1000, "再结"))]:
        with pytest.raises(MoneyRefused) as refused:
            act()
        assert refused.value.number == number
    assert len(house.rows(LedgerLine)) == len(lines)
    house.clock.advance(timedelta(days=1))
    assert house.act("chen", payments.pay, first, {"cash": None}).business_date == date(2026, 3, 3)


def test_the_day_is_the_estate_s_not_that_of_greenwich(sqlite_house: House) -> None:
    house = sqlite_house
    case = house.trial("advance")
    house.clock.advance(timedelta(hours=22))  # 7:00 in Shanghai on the 3rd, still the 2nd in UTC
    assert house.act("chen", payments.pay, case, {"cash": None}).business_date == date(2026, 3, 3)


# ---------------------------------------------------------------- a model


@dataclass
class Model:
    """What the counter believes, in whole 分, without looking into the ledger."""

    amount: dict[str, int]
    paid: dict[str, int] = field(default_factory=dict)
    refunded: dict[str, int] = field(default_factory=dict)
    waived: dict[str, int] = field(default_factory=dict)
    receipts: dict[str, dict[str, int]] = field(default_factory=dict)  # standing ones: charge -> fen
    till: dict[str, int] = field(default_factory=lambda: dict.fromkeys(METHODS, 0))
    methods: dict[str, dict[str, int]] = field(default_factory=dict)

    def open(self, charge: str) -> int:
        return self.amount[charge] - self.paid.get(charge, 0) - self.waived.get(charge, 0)


def test_a_random_day_at_the_counter_agrees_with_an_independent_model(house: House) -> None:
    """Promise 6 at a small scale: payments, cancellations, refunds and waivers in any order, 0 分 off at the end."""
    chance = random.Random(20260302)
    case = house.trial("advance")
    charges = {row.id: row for row in house.view(case).money.charges}
    model, done, refused = Model({row.id: row.amount_fen for row in charges.values()}), 0, 0
    for _ in range(70):
        act = chance.choice([_pay, _pay, _pay, _cancel, _cancel, _refund, _waive])
        try:
            act(house, case, model, chance)
            done += 1
        except MoneyRefused:
            refused += 1
        found = house.view(case).money
        assert {row.id: (row.paid_fen, row.open_fen) for row in found.charges if row.id in charges} == {
            charge: (model.paid.get(charge, 0) - model.refunded.get(charge, 0), max(0, model.open(charge))) for charge in charges}
    assert done > 12 and refused > 5
    with house.reading("chen") as desk:
        sheet = cash_sheet(desk, ELM, TODAY)
    assert sheet.net_fen == sum(model.till.values()) and sheet.cash_fen == model.till["cash"]
    assert all(model.refunded.get(charge, 0) <= model.paid.get(charge, 0) for charge in charges)


def _pay(house: House, case: str, model: Model, chance: random.Random) -> None:
    due = {charge: model.open(charge) for charge in model.amount if model.open(charge) > 0}
    chosen = sorted(chance.sample(sorted(due), chance.randint(1, len(due)))) if due else sorted(model.amount)
    wanted = sum(due.get(charge, 0) for charge in chosen)
    first, second = chance.sample(sorted(METHODS), 2)
    part = chance.randint(0, wanted + 50)
    receipt = house.act("chen", payments.pay, case, {first: part, second: None} if part else {second: None}, charges=chosen)
    assert receipt.total == wanted
    model.receipts[receipt.id] = {charge: due[charge] for charge in chosen if due.get(charge)}
    model.methods[receipt.id] = {first: part, second: wanted - part}
    for charge, fen in model.receipts[receipt.id].items():
        model.paid[charge] = model.paid.get(charge, 0) + fen
    for method, fen in model.methods[receipt.id].items():
        model.till[method] += fen


def _cancel(house: House, case: str, model: Model, chance: random.Random) -> None:
    rows = house.rows(Receipt, case_id=case, kind="receipt")
    if not rows:
        raise MoneyRefused("nothing to cancel yet")
    receipt = chance.choice(rows).id
    may = receipt in model.receipts and not any(model.refunded.get(charge) for charge in model.receipts[receipt])
    try:
        house.act("chen", payments.cancel_receipt, receipt, "登记有误")
    except MoneyRefused:
        assert not may
        raise
    assert may
    for charge, fen in model.receipts.pop(receipt).items():
        model.paid[charge] -= fen
    for method, fen in model.methods.pop(receipt).items():
        model.till[method] -= fen


def _refund(house: House, case: str, model: Model, chance: random.Random) -> None:
    charge, method = chance.choice(sorted(model.amount)), chance.choice(sorted(METHODS))
    fen = chance.choice([1, 37, 100, 250, 500])
    held = model.paid.get(charge, 0) - model.refunded.get(charge, 0)
    try:
        house.act("chen", payments.refund, charge, fen, method, "退还")
    except MoneyRefused:
        assert fen > held
        raise
    assert fen <= held
    model.refunded[charge] = model.refunded.get(charge, 0) + fen
    model.till[method] -= fen


def _waive(house: House, case: str, model: Model, chance: random.Random) -> None:
    handling = next(row for row in house.view(case).money.charges if row.fee == "handling").id
    left = model.open(handling)
    if chance.random() < 0.7:
        raise MoneyRefused("not today")
    house.act("zhao", payments.waive_charge, handling, "困难户")
    model.waived[handling] = model.waived.get(handling, 0) + left


def test_fifty_racing_refunds_never_give_back_more_than_was_paid(house: House) -> None:
    case = house.trial("balance")
    deposit = house.view(case).money.charges[0].id  # 5.00 held
    results: list[int] = []

    def give_back() -> None:
        try:
            house.act("chen", payments.refund, deposit, 15, "cash", "退还")
            results.append(15)
        except MoneyRefused as refused:
            assert refused.number == 2406
            results.append(0)

    threads = [threading.Thread(target=give_back) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 50 and sum(results) == 495  # 33 × 0.15, the 34th would be too much
    assert -sum(row.amount for row in house.rows(LedgerLine, kind="refund")) == 495
    numbers = sorted(row.number for row in house.rows(Receipt, kind="refund"))
    assert len(set(numbers)) == 33 and int(numbers[-1][-5:]) - int(numbers[0][-5:]) == 32  # and no gap
