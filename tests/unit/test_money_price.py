"""Fees priced and explained."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from core.domain.fees import Fee
from core.errors import MoneyRefused
from core.money import price, schedule
from core.money.period import last_day

VALUES = {
    "unit.area": "98.50",
    "unit.building_type": "elevator",
    "register.cards": 4,
    "register.handover": "2026-03-01",
}


def fee(**said):
    return Fee.model_validate({"name": "property_fee", "title": "物业服务费", "stage": "move_in", **said})


def test_rate_by_area_and_months_with_its_explanation():
    priced = price(
        fee(
            rate="2.80",
            per=["m2", "month"],
            months=3,
            **{"from": "register.handover"},
            source="S1-1 §4.4a",
            sample=True,
        ),
        VALUES.get,
    )
    assert priced.fen == 82740
    assert (priced.starts, priced.ends) == (date(2026, 3, 1), date(2026, 5, 31))
    assert priced.rule.zh == "2.80 元/㎡·月 × 98.50 ㎡ × 3 个月"
    assert priced.rule.en == "CNY 2.80/m²·month × 98.50 m² × 3 months"
    assert [line.name for line in priced.lines] == ["rule", "period", "sum", "source", "sample"]
    data = json.loads(json.dumps(priced.as_data()))
    assert data["quantities"] == {"m2": "98.50", "month": "3"} and data["ends"] == "2026-05-31"
    assert data["sample"] is True and data["unit_price"] == "2.80"


def test_the_product_is_rounded_once():
    # 0.005 × 1 m² would be 1 分 if rounded before the months, 3 分 in all
    assert price(fee(rate="0.005", per=["m2", "month"], months=3), {"unit.area": "1"}.get).fen == 2


@given(
    st.decimals("0.01", "99.999999", places=6), st.decimals("0.01", "99999.99", places=2), st.integers(1, 120)
)
def test_rate_is_exact_against_whole_numbers(rate, area, months):
    priced = price(fee(rate=f"{rate:f}", per=["m2", "month"], months=months), {"unit.area": area}.get)
    millionths = int(rate * 10**6) * int(area * 100) * months  # 10^-8 元
    assert priced.fen == (millionths + 500_000) // 10**6


def test_table_by_building_type():
    deposit = fee(
        name="fit_out_deposit",
        title="装修保证金",
        by="unit.building_type",
        refundable=True,
        amounts={"walk_up": "500", "elevator": "1000"},
    )
    priced = price(deposit, VALUES.get)
    assert (priced.fen, priced.key, priced.refundable) == (100_000, "elevator", True)
    with pytest.raises(MoneyRefused) as refused:
        price(deposit, {"unit.building_type": "villa"}.get)
    assert refused.value.number == 2411
    assert "装修保证金" in refused.value.what and "villa" in refused.value.what
    assert "walk_up" in refused.value.remedy


def test_pieces_and_fixed_amounts():
    assert price(fee(rate="5", per="piece", quantity="register.cards"), VALUES.get).fen == 2000
    assert price(fee(amount="180.5"), VALUES.get).fen == 18050


def test_an_amount_reads_the_same_in_the_explanation_as_in_the_sum():
    fixed = price(fee(amount="2000"), VALUES.get).rule
    assert (fixed.zh, fixed.en) == ("2,000.00 元", "CNY 2,000.00")
    labels = {"elevator": {"zh": "电梯房", "en": "elevator"}}
    by_type = price(fee(by="unit.building_type", amounts={"elevator": "12600"}, labels=labels), VALUES.get).rule
    assert (by_type.zh, by_type.en) == ("12,600.00 元（电梯房）", "CNY 12,600.00 (elevator)")


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"unit.area": None},
        {"unit.area": "large"},
        {"unit.area": "NaN"},
        {"unit.area": -1},
        {"unit.area": True},
    ],
)
def test_a_missing_or_wrong_value_names_fee_and_value(values):
    with pytest.raises(MoneyRefused) as refused:
        price(fee(rate="2.80", per="m2"), values.get)
    assert refused.value.number == 2410
    assert "物业服务费" in refused.value.what and "unit.area" in refused.value.what


def test_a_lookup_may_raise_key_error_and_a_date_must_be_one():
    with pytest.raises(MoneyRefused):
        price(fee(rate="2.80", per="m2"), {}.__getitem__)
    with pytest.raises(MoneyRefused) as refused:
        price(fee(amount="1", **{"from": "register.handover"}), {"register.handover": "soon"}.get)
    assert "register.handover" in refused.value.what


def test_the_estate_may_say_other_months():
    six = price(
        fee(rate="1", per=["m2", "month"], months=3, **{"from": "register.handover"}), VALUES.get, months=6
    )
    assert (six.fen, six.months, six.ends) == (59100, 6, date(2026, 8, 31))


@pytest.mark.parametrize(
    ("starts", "months", "ends"),
    [
        ("2026-03-01", 6, "2026-08-31"),
        ("2026-01-28", 1, "2026-02-27"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-12-15", 1, "2027-01-14"),
        ("2024-01-30", 1, "2024-02-29"),
        ("2026-03-01", 12, "2027-02-28"),
    ],
)
def test_last_day_of_months(starts, months, ends):
    assert last_day(date.fromisoformat(starts), months) == date.fromisoformat(ends)


def test_schedule_takes_the_stage_and_what_holds():
    fees = [
        fee(amount="1"),
        fee(name="b", amount="2", when="unit.use == 'shop'"),
        fee(name="c", amount="3", when="unit.use == 'home'"),
        fee(name="d", amount="4", stage="later"),
    ]
    asked = []

    def holds(rule):
        asked.append(rule)
        return "home" in rule

    assert [priced.fee for priced in schedule(fees, "move_in", VALUES.get, holds)] == ["property_fee", "c"]
    assert asked == ["unit.use == 'shop'", "unit.use == 'home'"]


def test_unit_price_stays_as_written():
    assert price(fee(amount="180.50"), VALUES.get).unit_price == "180.50"
    assert Decimal(price(fee(amount="180.50"), VALUES.get).fen) == 18050
