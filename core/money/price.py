"""Pricing a fee: the sum in 分 and, as data, how it came about.

All of it is exact: Decimals of enough digits, parts of a month as fractions, and one rounding at the end, half-up to 分. What of a
fee is the same for everybody (its words, its rates as numbers) is prepared once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from core.domain.fees import COUNTED, Fee, PriceList, Start, Tier
from core.domain.money import fen, show
from core.errors import MoneyRefused
from core.money.explained import Counted, Priced, Said, Slice
from core.money.inputs import EXACT, Lookup, day, exact, found, missing, needed, number, rounded
from core.money.period import Months, Period, period
from core.money.tables import over_rows, table

_WORDS: dict[str, Said] = {"m2": Said("㎡", "m²"), "month": Said("月", "month"), "piece": Said("件", "piece"),
                           "person": Said("人", "person"), "day": Said("日", "day")}
_AREA = "unit.area"
_ONE, _NONE = Months(1), Months(0)
_MOST_PREPARED = 4096


def price(fee: Fee, values: Lookup, *, months: int | None = None, lists: Iterable[PriceList] = (), on: date | None = None) -> Priced:
    """`fee` priced with `values`; `months` replaces how long the fee says; `lists`: the price lists; `on`: the day on which it
    is priced, else the value `today`.

    Computed exactly and rounded once, half-up to 分; over a table row by row, so that the rows add up to the sum.
    MoneyRefused 2410 when a value is missing or is not what the fee needs, 2411 when a table, the tiers or a price list have no
    amount for it; both name the fee and the value.
    """
    on = on or _today(fee, values)
    starts, chosen = _first_day(fee, fee.start, values) if fee.start is not None else (None, "")
    since: date | None = None
    if fee.versions:
        own = starts or on
        if own is None:
            raise missing(fee, "today")
        since, fee = fee.in_force(own)
    plan = _plan(fee)
    span = period(starts, months or fee.months, None if months else fee.until, fee.prorate) if starts is not None else None
    said = months or fee.months
    charged = span.months if span else Months(said) if said else None
    counted = over_rows(fee, fee.rows, values, {one.name: one for one in lists}) if fee.rows is not None else plan.count(values, charged)
    return Priced(fee.name, fee.title, counted, fee.refundable, fee.source, charged.many if charged and charged.of == 1 else None,
                  starts, span.ends if span else None, _begun(span), on, since, chosen)


def schedule(fees: Iterable[Fee], stage: str, values: Lookup, holds: Callable[[str], bool],
             lists: Iterable[PriceList] = (), *, on: date | None = None) -> list[Priced]:
    """Every fee of `stage` whose `when` holds, priced, in the order of the schedule; an empty table makes none."""
    lists, priced = tuple(lists), list[Priced]()
    for fee in fees:
        if fee.stage == stage and (fee.when is None or holds(fee.when)) and (fee.rows is None or table(fee, fee.rows, values)):
            on = on or _today(fee, values)
            priced.append(price(fee, values, lists=lists, on=on))
    return priced


# ---------------------------------------------------------------- in time


def _today(fee: Fee, values: Lookup) -> date | None:
    said = found("today", values)
    return None if said is None else day(fee, "today", said)


def _first_day(fee: Fee, start: Start, values: Lookup) -> tuple[date, str]:
    """The day from which the fee runs and, where it was chosen among several, the name of that date."""
    names = start.earliest or start.latest
    if len(names) == 1:
        return day(fee, names[0], needed(fee, names[0], values)), ""
    known = [(day(fee, name, said), name) for name in names if (said := found(name, values)) is not None]
    if not known:
        raise missing(fee, "、".join(names))
    return min(known) if start.earliest else max(known)


def _begun(span: Period | None) -> str:
    return span.begun.shown if span is not None and span.begun != _ONE else ""


# ---------------------------------------------------------------- what is the same for everybody


class _Plan:
    """A fee prepared for counting: `count` takes the values and how many months are charged."""

    __slots__ = ("count", "fee")

    def __init__(self, fee: Fee) -> None:
        self.fee = fee
        self.count: Callable[[Lookup, Months | None], Counted]
        if fee.tiers:
            self.count = _over_tiers(fee)
        elif fee.rate is not None:
            self.count = _by_rate(fee, fee.rate)
        elif fee.amount_of is not None:
            self.count = _assessed(fee, fee.amount_of)
        elif fee.amounts:
            self.count = _by_table(fee, fee.by or "")
        else:
            said, amount = fee.amount or "0", fen(fee.amount or "0")
            rule = Said(f"{show(amount)} 元", f"CNY {show(amount)}")
            self.count = lambda values, months: Counted(amount, rule, said, sample=fee.sample)


_plans: dict[int, _Plan] = {}


def _plan(fee: Fee) -> _Plan:
    """The fee prepared; kept by the very object, for fees are frozen and live as long as their bundle."""
    plan = _plans.get(id(fee))
    if plan is None or plan.fee is not fee:
        if len(_plans) >= _MOST_PREPARED:
            _plans.clear()
        plan = _plans[id(fee)] = _Plan(fee)
    return plan


def _assessed(fee: Fee, name: str) -> Callable[[Lookup, Months | None], Counted]:
    def count(values: Lookup, months: Months | None) -> Counted:
        amount = number(fee, name, needed(fee, name, values))
        said = show(fen(amount))
        return Counted(fen(amount), Said(f"核定金额 {said} 元", f"CNY {said} as assessed"), f"{amount:.2f}", sample=fee.sample)

    return count


def _by_table(fee: Fee, name: str) -> Callable[[Lookup, Months | None], Counted]:
    labels = {key: Said.of(fee.labels[key]) if key in fee.labels else Said(key, key) for key in fee.amounts}
    known = {key: (amount := fen(said), Said(f"{show(amount)} 元（{labels[key].zh}）", f"CNY {show(amount)} ({labels[key].en})"), said)
             for key, said in fee.amounts.items()}

    def count(values: Lookup, months: Months | None) -> Counted:
        key = str(needed(fee, name, values))
        if key not in known:
            raise MoneyRefused(f"费用“{fee.title}”没有 {name} 为“{key}”的金额", number=2411,
                               remedy=f"收费标准 {fee.name} 只有：" + "、".join(fee.amounts))
        amount, rule, said = known[key]
        return Counted(amount, rule, said, key=key, sample=fee.sample)

    return count


def _by_rate(fee: Fee, rate: str) -> Callable[[Lookup, Months | None], Counted]:
    price_of_one = Decimal(rate)
    names = {per: _AREA if per == "m2" else fee.quantity or "" for per in fee.per if per != "month"}
    say = _product(fee, rate, fee.per)

    def count(values: Lookup, months: Months | None) -> Counted:
        amount, quantities = price_of_one, dict[str, str]()
        many, of = _ONE
        for per in fee.per:
            if per == "month":
                months = months or _NONE
                many, of = months
                quantities[per] = months.shown
            else:
                name = names[per]
                value = number(fee, name, needed(fee, name, values))
                amount = EXACT.multiply(amount, value)
                quantities[per] = f"{value:f}"
        return Counted(rounded(amount, many, of), say(quantities), rate, quantities, sample=fee.sample)

    return count


def _over_tiers(fee: Fee) -> Callable[[Lookup, Months | None], Counted]:
    name = fee.measure or ""
    per = next((one for one in fee.per if one != "month"), "m2" if name == _AREA else "piece")
    unit = Said.of(fee.unit) if fee.unit else _WORDS[per] if per in fee.per or per == "m2" else Said("", "")
    by_month = "month" in fee.per
    tiers = _prepared(fee.tiers, unit)
    says = [_product(fee, tier.rate, (per, "month") if by_month else (per,), unit) for tier in fee.tiers] if fee.whole else []

    def tier_of(value: Decimal) -> int:
        for at, tier in enumerate(tiers):
            if tier.ends is None or value <= tier.ends:
                return at
        raise MoneyRefused(f"费用“{fee.title}”的分档只到 {fee.tiers[-1].up_to}，现为“{value:f}”（{name}）", number=2411,
                           remedy=f"请在收费标准 {fee.name} 里补上更高的一档")

    def count(values: Lookup, months: Months | None) -> Counted:
        value = number(fee, name, needed(fee, name, values))
        reached = tier_of(value)
        quantities, (many, of) = {per: f"{value:f}"}, _ONE
        if by_month:
            months = months or _NONE
            many, of = months
            quantities["month"] = months.shown
        if fee.whole:
            rule = says[reached](quantities)
            rule = Said(f"{rule.zh}（全部按第 {reached + 1} 档）", f"{rule.en} (all of it in tier {reached + 1})")
            amount = EXACT.multiply(tiers[reached].rate, value)
            return Counted(rounded(amount, many, of), rule, fee.tiers[reached].rate, quantities, sample=fee.sample)
        last = tiers[reached]
        taken = EXACT.subtract(value, last.above)
        part = EXACT.multiply(last.rate, taken)
        slices = (*last.below, Slice.of(f"{last.above:f}", last.said.up_to or "", last.said.rate, f"{taken:f}", exact(part), unit))
        amount = EXACT.add(last.amount, part)
        return Counted(rounded(amount, many, of), _in_tiers(len(slices), amount, quantities.get("month")), "", quantities,
                       slices=slices, sample=fee.sample)

    return count


class _Tier(NamedTuple):
    """A tier as numbers; `below`: the tiers below it, all full, and what they come to."""

    above: Decimal
    ends: Decimal | None
    rate: Decimal
    said: Tier
    below: tuple[Slice, ...]
    amount: Decimal


def _prepared(tiers: Iterable[Tier], unit: Said) -> list[_Tier]:
    prepared, above, below, amount = list[_Tier](), Decimal(0), tuple[Slice, ...](), Decimal(0)
    for tier in tiers:
        ends, rate = Decimal(tier.up_to) if tier.up_to is not None else None, Decimal(tier.rate)
        prepared.append(_Tier(above, ends, rate, tier, below, amount))
        if ends is not None:
            taken = EXACT.subtract(ends, above)
            part = EXACT.multiply(rate, taken)
            below = (*below, Slice.of(f"{above:f}", tier.up_to or "", tier.rate, f"{taken:f}", exact(part), unit))
            above, amount = ends, EXACT.add(amount, part)
    return prepared


# ---------------------------------------------------------------- words


def _product(fee: Fee, rate: str, pers: Iterable[str], named: Said | None = None) -> Callable[[dict[str, str]], Said]:
    """Says `2.80 元/㎡·月 × 98.50 ㎡ × 3 个月` of the quantities; `named`: what one of all but months is called."""
    own = Said.of(fee.unit) if fee.unit is not None else None
    words = {per: named if named is not None and per != "month" else own if own is not None and per in COUNTED else _WORDS[per]
             for per in pers}
    said = [word for word in words.values() if word.zh]
    zh, en = f"{rate} 元", f"CNY {rate}"
    if said:
        zh, en = f"{zh}/{'·'.join(word.zh for word in said)}", f"{en}/{'·'.join(word.en for word in said)}"
    behind = {per: (" 个月" if per == "month" else f" {word.zh}" if word.zh else "", f" {word.en}" if word.en else "",
                    "s" if word is _WORDS[per] and per != "m2" else "") for per, word in words.items()}

    def say(quantities: dict[str, str]) -> Said:
        zhs, ens = zh, en
        for per, quantity in quantities.items():
            in_zh, in_en, plural = behind[per]
            zhs += f" × {quantity}{in_zh}"
            ens += f" × {quantity}{in_en}" if quantity == "1" else f" × {quantity}{in_en}{plural}"
        return Said(zhs, ens)

    return say


def _in_tiers(many: int, amount: Decimal, months: str | None) -> Said:
    """`分 3 档计价 124.00 元/月 × 3 个月`."""
    shown = exact(amount)
    zh, en = f"分 {many} 档计价", f"{many} tier{'s' if many > 1 else ''}"
    if months is None:
        return Said(f"{zh}，合计 {shown} 元", f"{en}, CNY {shown} in all")
    return Said(f"{zh} {shown} 元/月 × {months} 个月", f"{en}, CNY {shown}/month × {months} months")
