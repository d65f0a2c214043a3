"""报修 and its monthly settlement: data says all but the adding up of the month's tables and the rate of KPI04."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from shouxu import CaseView, FieldProblem, ProcedureSource, hookimpl

version = "1.0.0"
SETTLEMENT = "repair_settlement"
RATED = frozenset({"civil", "water", "heating"})
RATE = Decimal(98)
"""Of repairs to building, water and heating at least so many per cent are handled. Source: S3-9 (KPI04)."""


@hookimpl
def procedures() -> list[ProcedureSource]:
    """`repairs` (P13, P14, P16) and `repair_settlement` (P15). Source: S1-4; S4-R."""
    return [ProcedureSource.from_packages(name, version) for name in ("repairs", SETTLEMENT)]


@hookimpl
def validate_submission(case: CaseView, step: str, values: Mapping[str, Any]) -> list[FieldProblem]:
    """A rate below that of KPI04 needs its reason."""
    if case.procedure != SETTLEMENT or step != "statistics":
        return []
    rate = _rate(values["trades"], RATED)
    if rate is not None and rate < RATE and not values["reason"]:
        return [FieldProblem("reason", f"处理率 {rate}% 低于 {RATE}%，请写明原因与措施")]
    return []


@hookimpl
def document_context(case: CaseView, document: str) -> Mapping[str, Any]:
    """What the month's sheets print under `extra`: which month, the sum of each, how much is paid, the rates."""
    if case.procedure != SETTLEMENT:
        return {}
    month, counts = case.forms.get("collect", {}), case.forms.get("statistics", {})
    paid, public, trades = month.get("paid", ()), month.get("public", ()), counts.get("trades", ())
    return {
        "month": _month(month.get("month", "")),
        "paid_total": _sum(paid, "amount"), "paid_received": _sum((row for row in paid if row["paid"]), "amount"),
        "paid_open": _sum((row for row in paid if not row["paid"]), "amount"), "public_total": _sum(public, "cost"),
        "reported": str(sum(row["reported"] for row in trades)), "handled": str(sum(row["handled"] for row in trades)),
        "rated": _shown(_rate(trades, RATED)), "overall": _shown(_rate(trades, {row["trade"] for row in trades})),
    }


def _sum(rows: Iterable[Mapping[str, Any]], column: str) -> str:
    return f"{sum((row[column] for row in rows), Decimal(0)):,.2f}"


def _rate(rows: Iterable[Mapping[str, Any]], trades: Collection[str]) -> Decimal | None:
    """Handled of reported in per cent, one place; None when nothing was reported."""
    counted = [row for row in rows if row["trade"] in trades]
    reported = sum(row["reported"] for row in counted)
    if not reported:
        return None
    return (Decimal(100 * sum(row["handled"] for row in counted)) / reported).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _month(said: str) -> str:
    """`2026-03` as papers print it: 2026年3月."""
    year, _, number = said.partition("-")
    return f"{year}年{int(number)}月" if number else said


def _shown(rate: Decimal | None) -> str:
    return "—" if rate is None else f"{rate}%"
