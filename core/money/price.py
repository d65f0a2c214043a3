"""Pricing a fee: the sum in 分 and, as data, how it came about."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation, localcontext
from typing import Any

from core.domain.base import Text
from core.domain.fees import Fee, PriceItem, PriceList, Rows
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
class PricedRow:
    """One row of a table, priced: `unit_price` in 元 as written, `quantity` as entered, rounded half-up to `fen`."""

    title: Text
    unit: Text
    unit_price: str
    quantity: str
    fen: int
    sample: bool = False

    @property
    def rule(self) -> Text:
        """`30.00 元/个 × 2 = 60.00 元`."""
        per_zh, per_en = (f"/{self.unit.zh}", f"/{self.unit.en or self.unit.zh}") if self.unit.zh else ("", "")
        return Text(zh=f"{self.unit_price} 元{per_zh} × {self.quantity} = {show(self.fen)} 元",
                    en=f"CNY {self.unit_price}{per_en} × {self.quantity} = CNY {show(self.fen)}")

    def as_data(self) -> dict[str, Any]:
        """The row as JSON."""
        return {"title": _both(self.title), "unit": _both(self.unit), "unit_price": self.unit_price,
                "quantity": self.quantity, "fen": self.fen, "sample": self.sample}


@dataclass(frozen=True)
class Priced:
    """A priced fee: `fen` and everything that explains it.

    `quantities`: how much of each unit (`{"m2": "98.50", "month": "3"}`); `unit_price` in 元 as written;
    `starts`/`ends`: first and last day that the sum pays for; `key`: the row taken from a table of amounts;
    `rows`: what a sum over a table consists of.
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
    rows: tuple[PricedRow, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """The explanation line by line, for pages and papers."""
        lines = [Line("rule", Text(zh="计算", en="Rule"), self.rule)]
        lines += [Line("row", row.title, row.rule) for row in self.rows]
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
            "ends": self.ends.isoformat() if self.ends else None, "rows": [row.as_data() for row in self.rows],
            "lines": [{"name": x.name, "title": _both(x.title), "value": _both(x.value)} for x in self.lines],
        }


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en or text.zh}


def price(fee: Fee, values: Lookup, *, months: int | None = None, lists: Iterable[PriceList] = ()) -> Priced:
    """`fee` priced with `values`; `months` replaces the number of months the fee says; `lists`: the price lists.

    Computed in Decimal and rounded once, half-up to 分; over a table row by row, so that the rows add up to the sum.
    MoneyRefused 2410 when a value is missing or is not what the fee needs, 2411 when a table or a price list has no
    amount for it; both name the fee and the value.
    """
    if fee.rows is not None:
        return _over_rows(fee, fee.rows, values, {one.name: one for one in lists})
    months = fee.months if months is None else months
    starts = _day(fee, fee.start, values) if fee.start else None
    ends = last_day(starts, months) if starts and months else None
    if fee.rate is not None:
        quantities = {per: _quantity(fee, per, values, months) for per in fee.per}
        amount, unit_price, key = _product(Decimal(fee.rate), quantities.values()), fee.rate, ""
    elif fee.amount_of is not None:
        amount, quantities, key = _number(fee, fee.amount_of, _value(fee, fee.amount_of, values)), {}, ""
        unit_price = f"{amount:.2f}"
    else:
        quantities, key = {}, _key(fee, values) if fee.by else ""
        unit_price = fee.amounts[key] if fee.by else fee.amount or "0"
        amount = Decimal(unit_price)
    shown = {per: _plain(quantity) for per, quantity in quantities.items()}
    return Priced(fee.name, fee.title, fen(amount), _rule(fee, unit_price, shown, key), unit_price, shown,
                  refundable=fee.refundable, months=months, starts=starts, ends=ends, key=key,
                  source=fee.source, sample=fee.sample)


def schedule(fees: Iterable[Fee], stage: str, values: Lookup, holds: Callable[[str], bool],
             lists: Iterable[PriceList] = ()) -> list[Priced]:
    """Every fee of `stage` whose `when` holds, priced, in the order of the schedule; an empty table makes none."""
    lists = tuple(lists)
    priced = (price(fee, values, lists=lists) for fee in fees
              if fee.stage == stage and (fee.when is None or holds(fee.when)) and not _is_empty(fee, values))
    return list(priced)


def last_day(starts: date, months: int) -> date:
    """The last day of `months` months that begin on `starts`: the day before the same day of the month.

    Where that month is too short to have the day, its own last day (31 January + 1 month → 28 February).
    """
    year, month = divmod(starts.year * 12 + starts.month - 1 + months, 12)
    longest = calendar.monthrange(year, month + 1)[1]
    if starts.day > longest:
        return date(year, month + 1, longest)
    return date(year, month + 1, starts.day) - timedelta(days=1)


# ---------------------------------------------------------------- sums over a table


def _is_empty(fee: Fee, values: Lookup) -> bool:
    return fee.rows is not None and not _table(fee, fee.rows, values)


def _over_rows(fee: Fee, rule: Rows, values: Lookup, lists: Mapping[str, PriceList]) -> Priced:
    rows = tuple(_row(fee, rule, row, lists) for row in _table(fee, rule, values))
    sample = fee.sample or any(row.sample for row in rows)
    return Priced(fee.name, fee.title, sum(row.fen for row in rows), _rule_of_rows(rows), "", {},
                  refundable=fee.refundable, source=fee.source, sample=sample, rows=rows)


def _table(fee: Fee, rule: Rows, values: Lookup) -> list[Mapping[str, Any]]:
    """The rows of the table; none while its form is not filed."""
    try:
        rows = values(rule.of)
    except KeyError:
        rows = None
    if not rows:
        return []
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise MoneyRefused(f"费用“{fee.title}”需要表格 {rule.of}，现为“{rows}”", number=2410)
    return rows


def _row(fee: Fee, rule: Rows, row: Mapping[str, Any], lists: Mapping[str, PriceList]) -> PricedRow:
    def cell(column: str) -> Any:
        return _value(fee, f"{rule.of}.{column}", lambda _: row.get(column))

    quantity = _number(fee, f"{rule.of}.{rule.quantity}", cell(rule.quantity)) if rule.quantity else Decimal(1)
    said = str(cell(rule.item))
    if rule.price_list is not None:
        item = _listed(fee, lists.get(rule.price_list), said)
        title, unit, unit_price, sample = item.title, item.unit, item.price, item.sample
    else:
        title, unit, sample = Text(zh=said, en=said), Text(zh=""), False
        unit_price = _plain(_number(fee, f"{rule.of}.{rule.price}", cell(rule.price or "")))
    return PricedRow(title, unit, unit_price, _plain(quantity), fen(_product(Decimal(unit_price), [quantity])), sample)


def _listed(fee: Fee, prices: PriceList | None, name: str) -> PriceItem:
    try:
        if prices is not None:
            return prices.item(name)
    except KeyError:
        pass
    raise MoneyRefused(f"费用“{fee.title}”的价目表里没有“{name}”", number=2411,
                       remedy=f"请在 fee_schedule.yaml 的价目表 {fee.rows.price_list if fee.rows else ''} 里补上这一项")


def _rule_of_rows(rows: tuple[PricedRow, ...]) -> Text:
    many = len(rows)
    return Text(zh=f"共 {many} 项，逐项计价后相加", en=f"{many} item{'s' if many > 1 else ''}, priced one by one and added up")


# ---------------------------------------------------------------- values


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
    return _number(fee, name, _value(fee, name, values))


def _number(fee: Fee, name: str, value: Any) -> Decimal:
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
    if fee.amount_of is not None:
        return Text(zh=f"核定金额 {unit_price} 元", en=f"CNY {unit_price} as assessed")
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
