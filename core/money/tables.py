"""A fee over the rows of a table: each row has its price, from a price list or from the row itself."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.domain.fees import Fee, PriceItem, PriceList, Rows
from core.errors import MoneyRefused
from core.money.explained import Counted, PricedRow, Said
from core.money.inputs import EXACT, Lookup, needed, number, rounded


def over_rows(fee: Fee, rule: Rows, values: Lookup, lists: Mapping[str, PriceList]) -> Counted:
    """The sum over the rows, each rounded by itself, so that the rows add up to it."""
    rows = tuple(_row(fee, rule, row, lists) for row in table(fee, rule, values))
    many = len(rows)
    said = Said(f"共 {many} 项，逐项计价后相加", f"{many} item{'s' if many > 1 else ''}, priced one by one and added up")
    return Counted(sum(row.fen for row in rows), said, rows=rows, sample=fee.sample or any(row.sample for row in rows))


def table(fee: Fee, rule: Rows, values: Lookup) -> list[Mapping[str, Any]]:
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
        return needed(fee, f"{rule.of}.{column}", lambda _: row.get(column))

    quantity = number(fee, f"{rule.of}.{rule.quantity}", cell(rule.quantity)) if rule.quantity else Decimal(1)
    said = str(cell(rule.item))
    if rule.price_list is not None:
        item = _listed(fee, lists.get(rule.price_list), said)
        title, unit, unit_price, sample = Said.of(item.title), Said.of(item.unit), item.price, item.sample
    else:
        title, unit, sample = Said(said, said), Said("", ""), False
        unit_price = f"{number(fee, f'{rule.of}.{rule.price}', cell(rule.price or '')):f}"
    return PricedRow(title, unit, unit_price, f"{quantity:f}", rounded(EXACT.multiply(Decimal(unit_price), quantity)), sample)


def _listed(fee: Fee, prices: PriceList | None, name: str) -> PriceItem:
    try:
        if prices is not None:
            return prices.item(name)
    except KeyError:
        pass
    raise MoneyRefused(f"费用“{fee.title}”的价目表里没有“{name}”", number=2411,
                       remedy=f"请在 fee_schedule.yaml 的价目表 {fee.rows.price_list if fee.rows else ''} 里补上这一项")
