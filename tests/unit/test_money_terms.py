"""Tiers, dated versions, where a fee begins, and the month that is begun."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.definitions.library import Library
from core.domain.base import Named
from core.domain.fees import Fee, FeeVersion, Start, Tier, Waive
from core.errors import DefinitionErrors, MoneyRefused
from core.money import price
from tests.language_kit import procedures

WATER = [{"up_to": 50, "rate": "1.20"}, {"up_to": 100, "rate": "1.00"}, {"rate": "0.80"}]


def fee(**said):
    return Fee.model_validate({"name": "fee", "title": "费用", "stage": "s", **said})


def lines(priced, name):
    return [(line.title.zh, line.value.zh) for line in priced.lines if line.name == name]


# ---------------------------------------------------------------- tiers


@pytest.mark.parametrize(("tons", "fen"), [
    ("0", 0), ("0.5", 60), ("50", 6000), ("50.01", 6001), ("100", 11000), ("120", 12600), ("1000000", 80003000)])
def test_each_slice_has_its_own_rate(tons, fen):
    assert price(fee(tiers=WATER, quantity="read.tons"), {"read.tons": tons}.get).fen == fen


@pytest.mark.parametrize(("tons", "fen", "rate"), [("0", 0, "1.20"), ("50", 6000, "1.20"), ("50.01", 5001, "1.00"), ("120", 9600, "0.80")])
def test_whole_takes_the_rate_of_the_tier_for_all_of_it(tons, fen, rate):
    priced = price(fee(tiers=WATER, whole=True, of="read.tons"), {"read.tons": tons}.get)
    assert (priced.fen, priced.unit_price) == (fen, rate)


def test_the_slices_are_explained_and_rounded_once_together():
    said = fee(tiers=WATER, of="read.tons", unit={"zh": "吨", "en": "t"})
    priced = price(said, {"read.tons": "120.004"}.get)
    assert priced.fen == 12600  # 126.0032
    assert priced.rule.zh == "分 3 档计价，合计 126.0032 元"
    assert lines(priced, "tier") == [
        ("0 – 50 吨", "1.20 元 × 50 = 60.00 元"), ("50 – 100 吨", "1.00 元 × 50 = 50.00 元"),
        ("100 吨以上", "0.80 元 × 20.004 = 16.0032 元")]
    data = json.loads(json.dumps(priced.as_data()))
    assert data["slices"][2] == {"above": "100", "up_to": "", "rate": "0.80", "quantity": "20.004", "amount": "16.0032"}
    assert data["quantities"] == {"piece": "120.004"}


def test_tiers_over_the_area_by_month():
    said = fee(tiers=[{"up_to": 90, "rate": "2"}, {"rate": "3"}], per=["m2", "month"], months=3)
    priced = price(said, {"unit.area": "98.50"}.get)
    assert priced.fen == (18000 + 2550) * 3 and priced.rule.zh == "分 2 档计价 205.50 元/月 × 3 个月"
    assert priced.quantities == {"m2": "98.50", "month": "3"}
    whole = price(said.model_copy(update={"whole": True}), {"unit.area": "98.50"}.get)
    assert whole.fen == 88650 and whole.rule.zh == "3 元/㎡·月 × 98.50 ㎡ × 3 个月（全部按第 2 档）"
    assert whole.rule.en == "CNY 3/m²·month × 98.50 m² × 3 months (all of it in tier 2)"


def test_above_the_last_tier_there_is_no_price():
    with pytest.raises(MoneyRefused) as refused:
        price(fee(tiers=WATER[:2], of="read.tons"), {"read.tons": "100.01"}.get)
    assert refused.value.number == 2411 and "100" in refused.value.what and "read.tons" in refused.value.what


@pytest.mark.parametrize(("said", "says"), [
    ({"tiers": [{"up_to": 50, "rate": 1}, {"up_to": 50, "rate": 2}], "of": "a.b"}, "逐档增大"),
    ({"tiers": [{"up_to": 0, "rate": 1}, {"rate": 2}], "of": "a.b"}, "逐档增大"),
    ({"tiers": [{"rate": 1}, {"up_to": 50, "rate": 2}], "of": "a.b"}, "只有最后一档"),
    ({"tiers": [{"up_to": 50, "rate": "-1"}], "of": "a.b"}, "rate"),
    ({"tiers": WATER}, "of 或 quantity"),
    ({"tiers": WATER, "of": "a.b", "quantity": "a.c"}, "只写一个"),
    ({"tiers": WATER, "of": "a.b", "amount": 3}, "其中一种"),
    ({"tiers": WATER, "of": "a.b", "per": ["piece", "m2"]}, "只能按一个数"),
    ({"amount": 3, "whole": True}, "只用于 tiers"),
    ({"rate": 3, "per": "m2", "of": "a.b"}, "只用于 tiers"),
    ({"rate": 3, "per": "month"}, "months 或 until"),
    ({"rate": 3, "per": "month", "months": 3, "until": "year_end", "from": "a.b"}, "只写一个"),
    ({"rate": 3, "per": "month", "until": "year_end"}, "从哪天起算"),
    ({"rate": 3, "per": "month", "months": 3, "prorate": "days"}, "从哪天起算"),
    ({"amount": 3, "prorate": "days", "from": "a.b"}, "没有可折算的月份"),
    ({"amount": 3, "from": {"earliest": ["a.b"], "latest": ["a.c"]}}, "其中一个"),
    ({"amount": 3, "from": {}}, "其中一个"),
    ({"amount": 3, "versions": [{"since": "2026-07-01", "amount": 4}, {"since": "2026-07-01", "amount": 5}]}, "重复"),
    ({"amount": 3, "versions": [{"since": "2026-07-02", "amount": 4}, {"since": "2026-07-01", "amount": 5}]}, "先后"),
    ({"amount": 3, "versions": [{"since": "2026-02-30", "amount": 4}]}, "没有 2026-02-30"),
    ({"amount": 3, "versions": [{"since": 20260701, "amount": 4}]}, "2026-07-01"),
    ({"amount": 3, "versions": [{"since": "2026-07-01", "rate": 4}]}, "versions：费用 `fee` 写了 rate，还要写 per"),
    ({"amount": 3, "versions": [{"since": "2026-07-01", "amount": 4, "rate": 4}]}, "其中一种"),
    ({"amount": 3, "versions": [{"since": "2026-07-01", "stage": "x"}]}, "stage"),
    ({"amount": 3, "waive": {"approval": "manager"}}, "by"),
])
def test_what_makes_no_sense_is_no_fee(said, says):
    with pytest.raises(ValidationError) as refused:
        fee(**said)
    assert says in str(refused.value)


# ---------------------------------------------------------------- dated versions


DATED = {"rate": "2.80", "per": ["m2", "month"], "months": 3, "versions": [
    {"since": "2026-07-01", "rate": "3.00", "source": "2026 年 6 月公示"},
    {"since": "2027-01-01", "months": 6},
    {"since": "2028-01-01", "amount": "900"},
    {"since": "2029-01-01", "tiers": [{"up_to": 50, "rate": 1}, {"rate": 2}], "until": "year_end"}]}


@pytest.mark.parametrize(("day", "fen"), [
    ("2026-06-30", 280 * 3 * 100), ("2026-07-01", 300 * 3 * 100), ("2026-12-31", 300 * 3 * 100), ("2027-01-01", 300 * 6 * 100),
    ("2028-03-01", 90000), ("2029-11-01", (50 + 100) * 2 * 100)])
def test_the_version_in_force_on_the_own_date_counts(day, fen):
    said = fee(**DATED, **{"from": "verify.handover"})
    # the day of pricing is another: what counts is the fee's own date
    priced = price(said, {"unit.area": 100, "verify.handover": day, "today": "2030-01-01"}.get)
    assert priced.fen == fen


def test_without_a_start_the_day_of_pricing_counts():
    said = fee(**{**DATED, "versions": DATED["versions"][:2]})
    assert price(said, {"unit.area": 100, "today": "2026-06-30"}.get).fen == 84000
    later = price(said, {"unit.area": 100}.get, on=date(2026, 7, 1))
    assert later.fen == 90000 and later.source == "2026 年 6 月公示"
    assert lines(later, "version") == [("执行标准", "自 2026-07-01 起执行的标准")]
    assert lines(later, "date") == [("计价日期", "2026-07-01")]
    with pytest.raises(MoneyRefused, match="today"):
        price(said, {"unit.area": 100}.get)


def test_a_stored_fee_has_the_same_versions():
    said = fee(**DATED, **{"from": "verify.handover"}, waive=["manager"])
    again = Fee.model_validate_json(said.model_dump_json(by_alias=True))
    assert again == said and again.dated == said.dated
    assert [whole.rate for _, whole in again.dated] == ["3.00", "3.00", None, None]
    assert again.waive.by == ("manager",)


def test_a_fee_of_before_is_read_again():
    """As bundles were stored before: the names of roles, one date."""
    before = {"name": "fee", "title": {"zh": "费用", "en": ""}, "source": "", "stage": "s", "amount": "3", "amount_of": None, "rate": None,
              "per": [], "months": None, "quantity": None, "by": None, "amounts": {}, "rows": None, "labels": {}, "from": "a.b",
              "when": None, "refundable": False, "priced_at": "charge", "waive": [], "sample": False}
    read = Fee.model_validate_json(json.dumps(before))
    assert read.waive.by == () and read.start is not None and read.start.names == ("a.b",)


# ---------------------------------------------------------------- where it begins, and the month that is begun


@pytest.mark.parametrize(("said", "starts", "ends", "months"), [
    ({"months": 3}, "2026-03-10", "2026-06-09", "3"),
    ({"months": 3, "prorate": "days"}, "2026-03-10", "2026-05-31", "2 22/31"),
    ({"months": 3, "prorate": "half_month"}, "2026-03-15", "2026-05-31", "3"),
    ({"months": 3, "prorate": "half_month"}, "2026-03-16", "2026-05-31", "2.5"),
    ({"months": 1, "prorate": "days"}, "2026-02-28", "2026-02-28", "1/28"),
    ({"months": 1, "prorate": "half_month"}, "2026-02-28", "2026-02-28", "0.5"),
    ({"until": "month_end"}, "2026-03-10", "2026-03-31", "1"),
    ({"until": "quarter_end"}, "2026-02-10", "2026-03-31", "2"),
    ({"until": "quarter_end", "prorate": "days"}, "2026-02-15", "2026-03-31", "1 14/28"),
    ({"until": "half_year_end"}, "2026-06-30", "2026-06-30", "1"),
    ({"until": "half_year_end", "prorate": "half_month"}, "2026-07-01", "2026-12-31", "6"),
    ({"until": "year_end", "prorate": "days"}, "2024-02-29", "2024-12-31", "10 1/29"),
    ({"until": "year_end"}, "2026-12-31", "2026-12-31", "1"),
])
def test_the_period_is_named(said, starts, ends, months):
    priced = price(fee(rate="31", per="month", **said, **{"from": "verify.day"}), {"verify.day": starts}.get)
    assert (priced.starts, priced.ends) == (date.fromisoformat(starts), date.fromisoformat(ends))
    assert priced.quantities == {"month": months}
    assert lines(priced, "period") == [("计费期间", f"{starts} – {ends}")]


def test_a_begun_month_is_explained_and_exact():
    said = fee(rate="2.80", per=["m2", "month"], months=3, prorate="days", **{"from": "verify.day"})
    priced = price(said, {"unit.area": "98.50", "verify.day": "2026-03-10"}.get)
    assert priced.fen == 74733  # 275.80 × 84/31 = 747.3290…: rounded once, at the end
    assert priced.rule.zh == "2.80 元/㎡·月 × 98.50 ㎡ × 2 22/31 个月"
    assert lines(priced, "begun") == [("不足整月", "2026 年 3 月自 10 日起，计 22/31 个月")]
    assert priced.months is None
    first = price(said, {"unit.area": "98.50", "verify.day": "2026-03-01"}.get)
    assert first.fen == 82740 and first.months == 3 and lines(first, "begun") == []


def test_the_start_is_chosen_among_several():
    values = {"verify.handover": "2026-03-10", "estate.fee_start": "2026-04-01", "verify.notice": None}
    said = {"rate": 1, "per": "month", "months": 1}
    names = ["verify.handover", "estate.fee_start", "verify.notice"]
    earliest = price(fee(**said, **{"from": {"earliest": names}}), values.get)
    latest = price(fee(**said, **{"from": {"latest": names}}), values.get)
    assert (earliest.starts, latest.starts) == (date(2026, 3, 10), date(2026, 4, 1))
    assert lines(latest, "start") == [("起计日", "2026-04-01（estate.fee_start）")]
    with pytest.raises(MoneyRefused, match=r"verify\.notice"):
        price(fee(**said, **{"from": {"latest": ["verify.notice", "verify.other"]}}), values.get)


@pytest.mark.parametrize("value", ["1E+30", "1E-30", "123456789012345678901", Fee])
def test_a_number_without_measure_is_refused_and_not_multiplied_out(value):
    with pytest.raises(MoneyRefused) as refused:
        price(fee(rate=1, per="m2"), {"unit.area": value}.get)
    assert refused.value.number == 2410


def test_more_than_capitals_can_say_is_refused():
    with pytest.raises(MoneyRefused) as refused:
        price(fee(rate="999999999999", per="m2"), {"unit.area": "99999"}.get)
    assert refused.value.number == 2401


# ---------------------------------------------------------------- what `check` says


STEPS = """
    steps:
      - {name: ask, title: 问, role: service, form: ask}
      - {name: pay, title: 交费, role: finance, fees: s, requires: ask}
"""
FORM = """
    form: ask
    title: 问
    fields:
      - {name: tons, title: 吨, type: decimal, required: true, min: 0, max: 100}
      - {name: day, title: 日, type: date, required: true}
      - {name: other, title: 日, type: date}
      - {name: size, title: 大小, type: choice, choices: [small, large], required: true}
"""


def checked(folder: Path, schedule: str) -> Library:
    return procedures(folder, {"lend": {"procedure.yaml": STEPS, "forms/ask.yaml": FORM, "fee_schedule.yaml": schedule}})


@pytest.mark.parametrize(("said", "number", "says"), [
    ("tiers: »[{up_to: 99, rate: 1}], of: ask.tons", 1237, "超过 99 时没有单价"),
    ("tiers: »[{up_to: 99, rate: 1}], of: unit.area", 1237, "超过 99"),
    ("tiers: [{rate: 1}], of: »ask.day", 1212, "要是数"),
    ("tiers: [{rate: 1}], of: »ask.tonnes", 1240, "ask.tons"),
    ("tiers: »[{up_to: 9, rate: 1}, {up_to: 8, rate: 1}], of: ask.tons", 1212, "逐档增大"),
    ("amount: 3, from: {latest: [ask.day, »ask.tons]}", 1212, "要是日期"),
    ("amount: 3, from: »ask.other", 1237, "可以不填"),
    ("amount: 3, from: {earliest: [»ask.other]}", 1237, "可以不填"),
    ("amount: 3, versions: [{since: 2026-07-01, amounts: »{small: 1}, by: ask.size}]", 1237, "没有写 large 的金额"),
    ("amount: 3, versions: [{since: 2026-07-01, tiers: »[{up_to: 9, rate: 1}], of: ask.tons}]", 1237, "超过 9"),
    ("amount: 3, versions: »[{since: 2026-07-01, amount: 4}, {since: 2026-07-01, amount: 5}]", 1212, "重复"),
    ("amount: 3, versions: [{since: »1 July, amount: 4}]", 1212, "2026-07-01"),
    ("amount: 3, waive: [»managers]", 1230, "managers"),
    ("amount: 3, waive: {by: finance, approval: [»managers]}", 1230, "managers"),
    ("amount: 3, waive: {by: finance, most: »0}", 1212, "不可减免"),
    ("amount: 3, waive: »{approval: [manager]}", 1212, "by"),
])
def test_a_mistake_is_told_at_its_place(tmp_path, said, number, says):
    row = f"  - {{name: fee, title: 费用, stage: s, {said}}}"
    with pytest.raises(DefinitionErrors) as caught:
        checked(tmp_path, f"fees:\n{row.replace('»', '')}\n")
    told = [(one.number, str(one.mark).partition(".yaml:")[2], one.what + one.remedy) for one in caught.value.problems]
    assert [(code, place) for code, place, _ in told] == [(number, f"2:{row.index('»') + 1}")] and says in told[0][2], told


@pytest.mark.parametrize("said", [
    "tiers: [{up_to: 100, rate: 1}], of: ask.tons",
    "tiers: [{up_to: 50, rate: 1}, {rate: 2}], per: [m2, month], until: quarter_end, from: ask.day, prorate: days",
    "amount: 3, from: {latest: [ask.day, ask.other, case.opened_on]}",
    "amount: 3, waive: {by: finance, approval: manager, most: 500}",
    "amount: 3, waive: finance",
])
def test_what_makes_sense_is_taken(tmp_path, said):
    assert checked(tmp_path, f"fees:\n  - {{name: fee, title: 费用, stage: s, {said}}}\n").bundle("elm_court", "lend").fees


def test_the_page_names_every_key():
    page = (Path(__file__).resolve().parents[2] / "docs" / "language" / "fees.md").read_text(encoding="utf-8")
    said = {word for span in re.findall(r"`([^`\n]+)`", page) for word in re.findall(r"\w+", span)}
    keys = {info.alias or name for shape in (Fee, FeeVersion, Tier, Start, Waive) for name, info in shape.model_fields.items()}
    assert keys - Named.model_fields.keys() - said == set()
