"""What is charged, paid, due and held, from charges and ledger lines; the one computation for pages, papers, gates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

Charged = tuple[str, int, bool]
"""(charge id, amount in 分, refundable)"""
Moved = tuple[str, str, int]
"""(charge id, kind, signed amount in 分); kinds as in the ledger: payment, cancellation, refund, deduction, waiver"""


@dataclass(frozen=True)
class ChargeSums:
    """One charge in 分: `paid` net of cancellations and refunds, `waived`, `open` still due, `held` refundable."""

    amount: int
    paid: int
    refunded: int
    waived: int
    deducted: int
    refundable: bool

    @property
    def open(self) -> int:
        # A refunded deposit is not due again: only what was never paid or was cancelled is.
        return max(0, self.amount - self.paid - self.refunded - self.waived)

    @property
    def held(self) -> int:
        return self.paid - self.deducted if self.refundable else 0


@dataclass(frozen=True)
class Sums:
    """A case's money in 分, and each charge's."""

    charged: int = 0
    paid: int = 0
    due: int = 0
    deposit: int = 0
    charges: dict[str, ChargeSums] = field(default_factory=dict)


def sums(charged: Iterable[Charged], moved: Iterable[Moved]) -> Sums:
    """The sums of `charged` after `moved`; lines of unknown charges are a programming error (KeyError)."""
    by_kind: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for charge, kind, amount in moved:
        by_kind[charge][kind] += amount
    charges: dict[str, ChargeSums] = {}
    for charge, amount, refundable in charged:
        lines = by_kind[charge]
        refunded = -lines["refund"]
        charges[charge] = ChargeSums(amount, lines["payment"] + lines["cancellation"] - refunded, refunded,
                                     lines["waiver"], lines["deduction"], refundable)
    return Sums(charged=sum(c.amount for c in charges.values()), paid=sum(c.paid for c in charges.values()),
                due=sum(c.open for c in charges.values()), deposit=sum(c.held for c in charges.values()), charges=charges)
