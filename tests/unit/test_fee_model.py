"""Fees against a plain model of the pages: whole numbers and fractions, written without a look at how the house counts."""

from __future__ import annotations

import calendar
import json
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given, settings, strategies as st

from core.domain.fees import Fee
from core.money import price, schedule

# ---------------------------------------------------------------- the model


def half_up(yuan: Fraction) -> int:
    fen = yuan * 100
    whole = fen.numerator // fen.denominator
    return whole + 1 if fen - whole >= Fraction(1, 2) else whole


def days_of(first: date, last: date) -> list[date]:
    return [first + timedelta(at) for at in range((last - first).days + 1)]


def months_of(said: dict[str, Any], first: date | None) -> Fraction:
    """How many months are charged, counted day by day where a month is begun."""
    if first is None or ("months" in said and said["prorate"] == "none"):
        return Fraction(said["months"])
    year, month, many = first.year, first.month, 0
    while True:  # to the end of the last month, one calendar month after the other
        many += 1
        ended = {"month_end": True, "quarter_end": month in (3, 6, 9, 12), "half_year_end": month in (6, 12),
                 "year_end": month == 12}[said["until"]] if "until" in said else many == said["months"]
        if ended:
            break
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    charged = days_of(first, date(first.year, first.month, calendar.monthrange(first.year, first.month)[1]))
    if said["prorate"] == "days":
        return many - 1 + Fraction(len(charged), charged[-1].day)
    if said["prorate"] == "half_month" and first.day >= 16:
        return many - Fraction(1, 2)
    return Fraction(many)


def over_tiers(tiers: list[dict[str, str]], whole: bool, number: Fraction) -> Fraction:
    """What lies in each tier at the rate of that tier; or all of it at the rate of the tier that the number reaches."""
    ends = [Fraction(tier["up_to"]) if "up_to" in tier else None for tier in tiers]
    rates = [Fraction(tier["rate"]) for tier in tiers]
    if whole:
        return next(rate for end, rate in zip(ends, rates, strict=True) if end is None or number <= end) * number
    total, below = Fraction(0), Fraction(0)
    for end, rate in zip(ends, rates, strict=True):
        reach = number if end is None or number < end else end
        total += max(Fraction(0), reach - below) * rate
        below = reach
    return total


def in_force(said: dict[str, Any], own: date) -> dict[str, Any]:
    """The rates of the versions, each from its day on."""
    found = dict(said)
    for version in said.get("versions", ()):
        if date.fromisoformat(version["since"]) <= own:
            found |= {key: value for key, value in version.items() if key != "since"}
    return found


def total(said: dict[str, Any], values: dict[str, Any], today: date) -> int:
    names = said.get("from")
    if isinstance(names, dict):
        known = [date.fromisoformat(values[name]) for name in next(iter(names.values())) if values.get(name)]
        first: date | None = min(known) if "earliest" in names else max(known)
    else:
        first = date.fromisoformat(values[names]) if names else None
    said = in_force(said, first or today)
    months = months_of(said, first) if "month" in said.get("per", ()) else Fraction(1)
    if "amount" in said:
        return half_up(Fraction(said["amount"]))
    if "amounts" in said:
        return half_up(Fraction(said["amounts"][values[said["by"]]]))
    if "tiers" in said:
        name = said.get("of") or said.get("quantity") or "unit.area"
        return half_up(over_tiers(said["tiers"], said.get("whole", False), Fraction(values[name])) * months)
    yuan = Fraction(said["rate"]) * months
    if "m2" in said["per"]:
        yuan *= Fraction(values["unit.area"])
    if "piece" in said["per"]:
        yuan *= Fraction(values[said["quantity"]])
    return half_up(yuan)


# ---------------------------------------------------------------- schedules that are drawn


def decimals(most: int, places: int) -> st.SearchStrategy[str]:
    return st.integers(0, most * 10**places).map(lambda n: f"{n // 10**places}.{n % 10**places:0{places}d}" if places else str(n))


DAYS = st.dates(date(2023, 1, 1), date(2030, 12, 31))
RATES = decimals(999, 6) | decimals(99, 2) | st.integers(0, 500).map(str)
NUMBERS = decimals(500, 2) | decimals(100_000, 3) | st.integers(0, 200).map(str)


@st.composite
def tiers(draw: st.DrawFn) -> list[dict[str, str]]:
    ends = sorted(draw(st.sets(st.integers(1, 400), min_size=1, max_size=4)))
    return [*({"up_to": str(end), "rate": draw(RATES)} for end in ends), {"rate": draw(RATES)}]


@st.composite
def fees(draw: st.DrawFn) -> dict[str, Any]:
    way = draw(st.sampled_from(["amount", "amounts", "rate", "tiers"]))
    said: dict[str, Any] = {"prorate": "none"}
    start = draw(st.sampled_from([None, "a.day", {"earliest": ["a.day", "a.other", "a.none"]}, {"latest": ["a.day", "a.other", "a.none"]}]))
    if start:
        said["from"] = start
    if way == "amount":
        said["amount"] = draw(RATES)
    elif way == "amounts":
        said |= {"by": "a.kind", "amounts": {"x": draw(RATES), "y": draw(RATES)}}
    else:
        per = draw(st.sets(st.sampled_from(["m2", "month"] if way == "tiers" else ["m2", "month", "piece"]), min_size=way == "rate"))
        said["per"] = draw(st.permutations(sorted(per)))
        if way == "rate":
            said["rate"] = draw(RATES)
            said |= {"quantity": "a.pieces"} if "piece" in per else {}
        else:
            said |= {"tiers": draw(tiers()), "whole": draw(st.booleans())}
            said |= draw(st.sampled_from([{"of": "a.tons"}, {"quantity": "a.pieces"}, {"of": "unit.area"}]))
        if "month" in per:
            said |= {"months": draw(st.integers(1, 120))}
            if start:
                said["prorate"] = draw(st.sampled_from(["none", "days", "half_month"]))
                if draw(st.booleans()):
                    del said["months"]
                    said["until"] = draw(st.sampled_from(["month_end", "quarter_end", "half_year_end", "year_end"]))
    key = {"amount": RATES, "rate": RATES, "tiers": tiers(), "amounts": st.fixed_dictionaries({"x": RATES, "y": RATES})}[way]
    said["versions"] = [{"since": day.isoformat(), way: draw(key)} for day in sorted(draw(st.sets(DAYS, max_size=3)))]
    return said


@dataclass(frozen=True)
class Drawn:
    said: list[dict[str, Any]]
    values: dict[str, Any]
    today: date

    @property
    def fees(self) -> list[Fee]:
        return [Fee.model_validate({"name": f"f{at}", "title": f"费{at}", "stage": "s", **one}) for at, one in enumerate(self.said)]


@st.composite
def schedules(draw: st.DrawFn) -> Drawn:
    values = {"unit.area": draw(NUMBERS), "a.tons": draw(NUMBERS), "a.pieces": draw(st.integers(0, 99)), "a.none": None,
              "a.kind": draw(st.sampled_from("xy")), "a.day": draw(DAYS).isoformat(), "a.other": draw(DAYS).isoformat()}
    return Drawn(draw(st.lists(fees(), min_size=1, max_size=5)), values, draw(DAYS))


# ---------------------------------------------------------------- house and model


@settings(max_examples=400, deadline=None)
@given(schedules())
def test_every_sum_is_that_of_the_model(drawn: Drawn) -> None:
    priced = schedule(drawn.fees, "s", drawn.values.get, lambda _: True, on=drawn.today)
    assert [one.fen for one in priced] == [total(said, drawn.values, drawn.today) for said in drawn.said]
    assert all(one.fen >= 0 for one in priced)


@settings(max_examples=100, deadline=None)
@given(schedules())
def test_pricing_is_the_same_each_time_and_after_the_schedule_was_stored(drawn: Drawn) -> None:
    values = {**drawn.values, "today": drawn.today}
    stored = [Fee.model_validate_json(fee.model_dump_json(by_alias=True)) for fee in drawn.fees]
    first, again, later = ([one.as_data() for one in schedule(fees, "s", values.get, lambda _: True)]
                           for fees in (drawn.fees, drawn.fees, stored))
    assert json.dumps(first, ensure_ascii=False) == json.dumps(again, ensure_ascii=False) == json.dumps(later, ensure_ascii=False)


@settings(max_examples=150, deadline=None)
@given(schedules())
def test_an_explanation_adds_up_and_names_its_period(drawn: Drawn) -> None:
    for fee, said in zip(drawn.fees, drawn.said, strict=True):
        priced = price(fee, drawn.values.get, on=drawn.today)
        if priced.slices:
            parts = sum((Fraction(part.amount) for part in priced.slices), Fraction(0))
            assert half_up(parts * _months(priced.quantities.get("month", "1"))) == priced.fen
            assert sum(Fraction(part.quantity) for part in priced.slices) == Fraction(next(iter(priced.quantities.values())))
        if "from" in said:
            assert priced.starts is not None and priced.starts.isoformat() in (drawn.values["a.day"], drawn.values["a.other"])
        if priced.ends:
            assert priced.starts is not None and priced.ends >= priced.starts
        names = [line.name for line in priced.lines]
        assert names.count("rule") == names.count("sum") == names.count("date") == 1
        assert all(line.value.zh and line.value.en and line.title.zh and line.title.en for line in priced.lines)


def _months(shown: str) -> Fraction:
    """`2 22/31`, `2.5`."""
    return sum((Fraction(part) for part in shown.split()), Fraction(0))


@settings(max_examples=100, deadline=None)
@given(tiers(), st.integers(0, 400_000), st.integers(0, 50_000), st.booleans())
def test_more_never_costs_less_by_slices(said: list[dict[str, str]], thousandths: int, more: int, month: bool) -> None:
    fee = Fee.model_validate({"name": "f", "title": "费", "stage": "s", "tiers": said, "of": "a.tons",
                              **({"per": "month", "months": 3} if month else {})})
    below, above = (price(fee, {"a.tons": f"{n / 1000:.3f}"}.get).fen for n in (thousandths, thousandths + more))
    assert below <= above
