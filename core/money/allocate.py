"""Payments laid onto charges, 分 by 分."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.base import Text
from core.domain.money import show
from core.errors import MoneyRefused

METHODS: dict[str, Text] = {
    "cash": Text(zh="现金", en="Cash"),
    "card": Text(zh="刷卡", en="Card"),
    "transfer": Text(zh="银行转账", en="Bank transfer"),
    "wechat": Text(zh="微信支付", en="WeChat Pay"),
    "alipay": Text(zh="支付宝", en="Alipay"),
}
"""Ways to pay, in the order of the cash sheet."""


@dataclass(frozen=True)
class Allocation:
    """`fen` of payment number `payment` (0-based) by `method` go to `charge`."""

    payment: int
    method: str
    charge: str
    fen: int


def allocate(payments: Sequence[tuple[str, int]], charges: Sequence[tuple[str, int]]) -> list[Allocation]:
    """Lay `payments` (method, 分) onto `charges` (id, open 分), both in order; each is used up exactly.

    MoneyRefused: 2402 too little, 2403 too much, 2404 unknown method, 2405 an amount that is not above zero.
    """
    _check(payments, charges)
    done: list[Allocation] = []
    open_charges = [[charge, left] for charge, left in charges]
    current = 0
    for number, (method, left) in enumerate(payments):
        while left:
            charge = open_charges[current]
            part = min(left, charge[1])
            done.append(Allocation(number, method, charge[0], part))
            left -= part
            charge[1] -= part
            current += charge[1] == 0
    return done


def _check(payments: Sequence[tuple[str, int]], charges: Sequence[tuple[str, int]]) -> None:
    for method, amount in payments:
        if method not in METHODS:
            known = "、".join(METHODS)
            raise MoneyRefused(f"没有“{method}”这种支付方式", remedy=f"可用：{known}", number=2404)
        _above_zero(amount)
    for _, amount in charges:
        _above_zero(amount)
    paid, due = sum(fen for _, fen in payments), sum(fen for _, fen in charges)
    said = f"应收 {show(due)} 元，实付 {show(paid)} 元"
    if paid < due:
        raise MoneyRefused(f"{said}，还差 {show(due - paid)} 元", number=2402)
    if paid > due:
        raise MoneyRefused(f"{said}，多付 {show(paid - due)} 元", number=2403)


def check_refund(paid: int, refunded: int, asked: int) -> None:
    """Refuse (MoneyRefused 2405, 2406) to give back nothing or more than what is still held; all in 分."""
    _above_zero(asked)
    held = paid - refunded
    if asked > held:
        raise MoneyRefused(f"最多可退 {show(held)} 元，申请退 {show(asked)} 元", number=2406)


def _above_zero(amount: int) -> None:
    if amount <= 0:
        raise MoneyRefused(f"金额须大于零，现为 {show(amount)} 元", number=2405)
