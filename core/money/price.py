"""Pricing a fee: the sum in 分 and, as data, how it came about."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation, localcontext
from typing import Any

from core.domain.base import Text
from core.domain.fees import Fee
from core.domain.money import fen, show
from core.errors import MoneyRefused

Lookup = Callable[[str], Any]
"""The value behind a dotted name (`unit.area`, `register.cards`); None or KeyError when there is none."""

_WORDS: dict[str, tuple[str, str]] = {  # of one unit: behind the price | behind the quantity, zh then en
    "m2": ("㎡", "m²"), "month": ("月", "month"), "piece": ("件", "piece"), "person": ("人", "person"),
    "day": ("日", "day"),
}
_AREA = "unit.area"


@dataclass(frozen=True)
class Line:
    """One line of an explanation: what it is, and its value in both languages."""

    name: str
    title: Text
    value: Text


@dataclass(frozen=True)
class Priced:
    """A priced fee: `fen` and everything that explains it.

    `quantities`: how much of each unit (`{"m2": "98.50", "month": "3"}`); `unit_price` in 元 as written;
    `starts`/`ends`: first and last day that the sum pays for; `key`: the row taken from a table of amounts.
    """

    fee: str
    title: Text
    fen: int
    rule: Text
    unit_price: str
    quantities: dict[str, str]
    refundable: bool = False
    months: int | None = None
    starts: date | None = None
    ends: date | None = None
    key: str = ""
    source: str = ""
    sample: bool = False

    @property
    def lines(self) -> tuple[Line, ...]:
        """The explanation line by line, for pages and papers."""
        lines = [Line("rule", Text(zh="计算", en="Rule"), self.rule)]
        if self.starts:
            until = f" – {self.ends.isoformat()}" if self.ends else ""
            period = self.starts.isoformat() + until
            lines.append(Line("period", Text(zh="计费期间", en="Period"), Text(zh=period, en=period)))
        lines.append(Line("sum", Text(zh="金额", en="Sum"),
                          Text(zh=f"{show(self.fen)} 元", en=f"CNY {show(self.fen)}")))
        if self.source:
            lines.append(Line("source", Text(zh="依据", en="Source"), Text(zh=self.source, en=self.source)))
        if self.sample:
            lines.append(Line("sample", Text(zh="说明", en="Note"),
                              Text(zh="示例标准，请换成本项目的收费标准",
                               en="A sample rate; replace it with your own")))
        return tuple(lines)

    def as_data(self) -> dict[str, Any]:
        """All of it as JSON, to be kept with the charge."""
        return {
            "fee": self.fee, "title": _both(self.title), "fen": self.fen, "rule": _both(self.rule),
            "unit_price": self.unit_price, "quantities": dict(self.quantities), "refundable": self.refundable,
            "months": self.months, "key": self.key, "source": self.source, "sample": self.sample,
            "starts": self.starts.isoformat() if self.starts else None,
            "ends": self.ends.isoformat() if self.ends else None,
            "lines": [{"name": x.name, "title": _both(x.title), "value": _both(x.value)} for x in self.lines],
        }


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en or text.zh}


def price(fee: Fee, values: Lookup, *, months: int | None = None) -> Priced:
    """`fee` priced with `values`; `months` replaces the number of months the fee says.

    Computed in Decimal and rounded once, half-up to 分. MoneyRefused 2410 when a value is missing or is not
    what the fee needs, 2411 when a table has no amount for it; both name the fee and the value.
    """
    months = fee.months if months is None else months
    starts = _day(fee, fee.start, values) if fee.start else None
    ends = last_day(starts, months) if starts and months else None
    if fee.rate is not None:
        quantities = {per: _quantity(fee, per, values, months) for per in fee.per}
        amount, unit_price, key = _product(Decimal(fee.rate), quantities.values()), fee.rate, ""
    else:
        quantities, key = {}, _key(fee, values) if fee.by else ""
        unit_price = fee.amounts[key] if fee.by else fee.amount or "0"
        amount = Decimal(unit_price)
    shown = {per: _plain(quantity) for per, quantity in quantities.items()}
    return Priced(fee.name, fee.title, fen(amount), _rule(fee, unit_price, shown, key), unit_price, shown,
                  refundable=fee.refundable, months=months, starts=starts, ends=ends, key=key,
                  source=fee.source, sample=fee.sample)


def schedule(fees: Iterable[Fee], stage: str, values: Lookup, holds: Callable[[str], bool]) -> list[Priced]:
    """Every fee of `stage` whose `when` holds, priced, in the order of the schedule."""
    return [price(fee, values) for fee in fees
            if fee.stage == stage and (fee.when is None or holds(fee.when))]


def last_day(starts: date, months: int) -> date:
    """The last day of `months` months that begin on `starts`: the day before the same day of the month.

    Where that month is too short to have the day, its own last day (31 January + 1 month → 28 February).
    """
    year, month = divmod(starts.year * 12 + starts.month - 1 + months, 12)
    longest = calendar.monthrange(year, month + 1)[1]
    if starts.day > longest:
        return date(year, month + 1, longest)
    return date(year, month + 1, starts.day) - timedelta(days=1)


def _product(rate: Decimal, quantities: Iterable[Decimal]) -> Decimal:
    with localcontext() as context:
        context.prec = 100  # exact: 18 digits of rate and at most 20 of each quantity
        for quantity in quantities:
            rate *= quantity
        return rate


def _value(fee: Fee, name: str, values: Lookup) -> Any:
    try:
        value = values(name)
    except KeyError:
        value = None
    if value is None or value == "":
        raise MoneyRefused(f"费用“{fee.title}”需要 {name} 的值，现在没有", number=2410,
                           remedy=f"请先填写 {name}(收费标准 {fee.name})")
    return value


def _quantity(fee: Fee, per: str, values: Lookup, months: int | None) -> Decimal:
    if per == "month":
        return Decimal(months or 0)
    name = _AREA if per == "m2" else fee.quantity or ""
    value = _value(fee, name, values)
    try:
        number = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0 or len(number.as_tuple().digits) > 20:
        raise MoneyRefused(f"费用“{fee.title}”需要数字 {name}，现为“{value}”", number=2410)
    return number


def _day(fee: Fee, name: str, values: Lookup) -> date:
    value = _value(fee, name, values)
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise MoneyRefused(f"费用“{fee.title}”需要日期 {name}，现为“{value}”", number=2410) from None


def _key(fee: Fee, values: Lookup) -> str:
    key = str(_value(fee, fee.by or "", values))
    if key not in fee.amounts:
        raise MoneyRefused(f"费用“{fee.title}”没有 {fee.by} 为“{key}”的金额", number=2411,
                           remedy=f"收费标准 {fee.name} 只有:" + "、".join(fee.amounts))
    return key


def _plain(number: Decimal) -> str:
    return f"{number:f}"


def _rule(fee: Fee, unit_price: str, quantities: dict[str, str], key: str) -> Text:
    if not quantities:
        label = fee.labels.get(key, Text(zh=key, en=key))
        return Text(zh=f"{unit_price} 元" + (f"({label.zh})" if key else ""),
                    en=f"CNY {unit_price}" + (f" ({label.en or label.zh})" if key else ""))
    zh = f"{unit_price} 元/" + "·".join(_WORDS[per][0] for per in quantities)
    en = f"CNY {unit_price}/" + "·".join(_WORDS[per][1] for per in quantities)
    for per, quantity in quantities.items():
        zh += f" × {quantity} " + ("个月" if per == "month" else _WORDS[per][0])
        en += f" × {quantity} {_WORDS[per][1]}" + ("s" if per not in ("m2",) and quantity != "1" else "")
    return Text(zh=zh, en=en)
