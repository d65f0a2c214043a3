"""The daily cash sheet (日报表): what came in and went out, by way of paying."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from core.domain.base import Text
from core.money.allocate import METHODS


@dataclass(frozen=True)
class CashRow:
    """One ledger line of the day: `fen` (above zero) by `method` under the number of its receipt or refund.

    payment: received; cancelled: a payment of the day taken back with its receipt; refund: given back.
    """

    kind: Literal["payment", "cancelled", "refund"]
    method: str
    fen: int
    number: str


@dataclass(frozen=True)
class MethodTotal:
    """分 by one method; `net` is what must lie in the till or stand on the statement."""

    method: str
    title: Text
    received: int = 0
    cancelled: int = 0
    refunded: int = 0

    @property
    def net(self) -> int:
        return self.received - self.cancelled - self.refunded


@dataclass(frozen=True)
class CashSheet:
    """Totals of a day in 分; receipts from–to in the order of their numbers; cancelled ones keep theirs."""

    methods: tuple[MethodTotal, ...]
    total: MethodTotal
    first_receipt: str
    last_receipt: str
    receipts: int
    cancelled: tuple[str, ...]
    refunds: tuple[str, ...]


def cash_sheet(rows: Iterable[CashRow]) -> CashSheet:
    """The sheet of `rows`; a payment that was cancelled comes twice: as `payment` and as `cancelled`."""
    rows = tuple(rows)
    numbers = {kind: sorted({row.number for row in rows if row.kind == kind}, key=_in_order)
               for kind in ("payment", "cancelled", "refund")}
    receipts = numbers["payment"]
    methods = [*METHODS, *sorted({row.method for row in rows} - METHODS.keys())]
    return CashSheet(
        methods=tuple(_total(name, METHODS.get(name, Text(zh=name)), [r for r in rows if r.method == name])
                      for name in methods),
        total=_total("", Text(zh="合计", en="Total"), rows),
        first_receipt=receipts[0] if receipts else "",
        last_receipt=receipts[-1] if receipts else "",
        receipts=len(receipts),
        cancelled=tuple(numbers["cancelled"]),
        refunds=tuple(numbers["refund"]),
    )


def _in_order(number: str) -> tuple[int, str]:
    # 9999 stands before 10000 although its text is greater
    return len(number), number


def _total(method: str, title: Text, rows: Iterable[CashRow]) -> MethodTotal:
    sums = {"payment": 0, "cancelled": 0, "refund": 0}
    for row in rows:
        sums[row.kind] += row.fen
    return MethodTotal(method, title, sums["payment"], sums["cancelled"], sums["refund"])
