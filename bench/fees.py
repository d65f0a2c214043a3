"""Fees: a whole schedule priced, each charge with the explanation that is kept with it."""

from __future__ import annotations

from datetime import date
from statistics import median
from typing import Any

from bench.figures import ROUNDS, Figure, milliseconds
from core.domain.fees import Fee
from core.money import schedule

FEES = 20
FIGURES = {"fees_us": Figure(f"a schedule of {FEES} fees priced and explained", "µs", most=300)}
_VALUES: dict[str, Any] = {"unit.area": "98.50", "unit.building_type": "elevator", "verify.cards": 4, "verify.handover": "2026-03-10",
                           "read.tons": "120.4", "today": date(2026, 3, 2)}
_KINDS: tuple[dict[str, Any], ...] = (
    {"rate": "2.80", "per": ["m2", "month"], "months": 3, "from": "verify.handover", "source": "合同第三条"},
    {"by": "unit.building_type", "amounts": {"walk_up": "500", "elevator": "1000"}, "refundable": True},
    {"rate": "15.00", "per": "piece", "quantity": "verify.cards", "sample": True},
    {"tiers": [{"up_to": 50, "rate": "1.20"}, {"up_to": 100, "rate": "1.00"}, {"rate": "0.80"}], "of": "read.tons"},
    {"rate": "2.80", "per": ["m2", "month"], "until": "quarter_end", "prorate": "days", "from": "verify.handover",
     "versions": [{"since": "2026-01-01", "rate": "3.00"}]})


def measure(rounds: int = ROUNDS) -> dict[str, float]:
    """All of `FIGURES`."""
    fees = [Fee.model_validate({"name": f"fee_{at}", "title": f"费用 {at}", "stage": "s", **_KINDS[at % len(_KINDS)]})
            for at in range(FEES)]

    def whole() -> None:
        for priced in schedule(fees, "s", _VALUES.get, lambda _: True):
            priced.as_data()

    milliseconds(whole, times=50)
    return {"fees_us": round(median(milliseconds(whole, times=rounds * 200)) * 1000, 1)}
