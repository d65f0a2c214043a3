"""Payments laid onto charges, and the day's cash sheet."""

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from core.errors import MoneyRefused
from core.money import METHODS, CashRow, allocate, cash_sheet, check_refund

AMOUNTS = st.integers(1, 10**7)


@given(st.lists(AMOUNTS, min_size=1, max_size=8), st.lists(st.integers(0, 10**8), max_size=6))
def test_allocation_uses_everything_up(charges, cuts):
    total = sum(charges)
    points = sorted({cut % total for cut in cuts} | {0, total})
    payments = [(list(METHODS)[at % len(METHODS)], b - a) for at, (a, b) in enumerate(pairwise(points))]
    named = [(f"c{at}", amount) for at, amount in enumerate(charges)]
    parts = allocate(payments, named)
    for at, (method, amount) in enumerate(payments):
        mine = [part for part in parts if part.payment == at]
        assert sum(part.fen for part in mine) == amount
        assert {part.method for part in mine} == {method}
    for charge, amount in named:
        assert sum(part.fen for part in parts if part.charge == charge) == amount
    assert all(part.fen > 0 for part in parts)


@pytest.mark.parametrize(
    ("payments", "charges", "number"),
    [
        ([("cash", 100)], [("a", 101)], 2402),
        ([("cash", 102)], [("a", 101)], 2403),
        ([("shells", 101)], [("a", 101)], 2404),
        ([("cash", 0), ("card", 101)], [("a", 101)], 2405),
        ([("cash", -1), ("card", 102)], [("a", 101)], 2405),
        ([("cash", 1)], [("a", 0), ("b", 1)], 2405),
    ],
)
def test_allocation_refuses_what_does_not_fit(payments, charges, number):
    with pytest.raises(MoneyRefused) as refused:
        allocate(payments, charges)
    assert refused.value.number == number


def test_the_message_says_what_is_missing():
    with pytest.raises(MoneyRefused, match=r"还差 1\.50 元"):
        allocate([("cash", 100)], [("a", 250)])


def test_refunds_never_exceed_what_is_held():
    check_refund(paid=1000, refunded=400, asked=600)
    with pytest.raises(MoneyRefused, match=r"最多可退 6\.00 元"):
        check_refund(paid=1000, refunded=400, asked=601)
    with pytest.raises(MoneyRefused):
        check_refund(paid=1000, refunded=0, asked=0)


def test_cash_sheet_counts_by_method_and_keeps_cancelled_numbers():
    sheet = cash_sheet(
        [
            CashRow("payment", "cash", 50_000, "SJ-9"),
            CashRow("payment", "wechat", 30_000, "SJ-10"),
            CashRow("payment", "cash", 20_000, "SJ-10"),
            CashRow("payment", "card", 10_000, "SJ-11"),
            CashRow("cancelled", "card", 10_000, "SJ-11"),
            CashRow("refund", "cash", 5_000, "TK-1"),
        ]
    )
    nets = {total.method: total.net for total in sheet.methods}
    assert nets == {"cash": 65_000, "card": 0, "transfer": 0, "wechat": 30_000, "alipay": 0}
    assert (sheet.first_receipt, sheet.last_receipt, sheet.receipts) == ("SJ-9", "SJ-11", 3)
    assert sheet.cancelled == ("SJ-11",) and sheet.refunds == ("TK-1",)
    assert sheet.total.received == 110_000 and sheet.total.net == sum(nets.values())


def test_an_empty_day_has_a_sheet_too():
    sheet = cash_sheet([])
    assert sheet.total.net == 0 and sheet.receipts == 0 and sheet.first_receipt == ""
    assert len(sheet.methods) == len(METHODS)
