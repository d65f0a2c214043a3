"""What a fee is counted from: values by dotted name, read as numbers and dates, or refused with the name of fee and value."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from core.domain.fees import Fee
from core.domain.money import GREATEST_FEN
from core.errors import MoneyRefused

Lookup = Callable[[str], Any]
"""The value behind a dotted name (`unit.area`, `register.cards`); None or KeyError when there is none."""
EXACT = Context(prec=120)
"""Room for a rate of 18 digits, two quantities of 20 and their sum: nothing is rounded on the way."""
_MOST_DIGITS = 20


def found(name: str, values: Lookup) -> Any:
    """The value, None when there is none."""
    try:
        value = values(name)
    except KeyError:
        return None
    return None if value == "" else value


def needed(fee: Fee, name: str, values: Lookup) -> Any:
    """The value; MoneyRefused 2410 when there is none."""
    value = found(name, values)
    if value is None:
        raise missing(fee, name)
    return value


def missing(fee: Fee, name: str) -> MoneyRefused:
    return MoneyRefused(f"费用“{fee.title}”需要 {name} 的值，现在没有", number=2410, remedy=f"请先填写 {name}(收费标准 {fee.name})")


def number(fee: Fee, name: str, value: Any) -> Decimal:
    """A number that is not negative and has few digits when it is written out: 1E+30 has thirty-one."""
    try:
        said = Decimal(str(value)) if value.__class__ is not bool else None
    except InvalidOperation:
        said = None
    if said is not None and said.is_finite() and said >= 0:
        _, digits, exponent = said.as_tuple()
        if len(digits) <= _MOST_DIGITS and -_MOST_DIGITS <= exponent <= _MOST_DIGITS - len(digits):  # type: ignore[operator]
            return said
    raise MoneyRefused(f"费用“{fee.title}”需要数字 {name}，现为“{value}”", number=2410)


def day(fee: Fee, name: str, value: Any) -> date:
    """A date, also the date of a moment or as text."""
    if value.__class__ is date:
        return value
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise MoneyRefused(f"费用“{fee.title}”需要日期 {name}，现为“{value}”", number=2410) from None


def rounded(amount: Decimal, many: int = 1, of: int = 1) -> int:
    """`amount` in 元 × many / of, in 分, half-up."""
    above, below = amount.as_integer_ratio()
    above, below = above * many, below * of
    fen = (200 * above + below) // (2 * below)
    if fen > GREATEST_FEN:
        raise MoneyRefused(f"金额 {fen // 100} 超出范围", number=2401)
    return fen


def exact(amount: Decimal) -> str:
    """An exact amount with two places at least."""
    whole, _, places = f"{amount:f}".partition(".")
    return f"{whole}.{places.rstrip('0'):0<2}"
