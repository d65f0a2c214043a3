"""What is charged: rules that say an amount and can explain it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field as Key, ValidationError, model_validator

from core.domain.base import Frozen, Name, Named, Names, Rule, Text, Words, _listed

Per = Literal["m2", "month", "piece", "day", "person"]
COUNTED = ("piece", "person", "day")
Until = Literal["month_end", "quarter_end", "half_year_end", "year_end"]
Prorate = Literal["none", "days", "half_month"]


def _written(value: Any) -> Any:
    """A whole number without quotes is as good as one with."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _amount(value: str) -> str:
    amount = Decimal(value)  # a ValueError of its own wording is raised by the caller on junk
    if amount < 0 or not amount.is_finite():
        raise ValueError("金额不能为负 (an amount is not negative)")
    return value


Amount = Annotated[str, Key(pattern=r"^\d{1,12}(\.\d{1,6})?$"), AfterValidator(_amount),
                   BeforeValidator(_written, json_schema_input_type=int | str)]
"""An amount of 元 as written: a string of digits, so that no float touches money."""


class PriceItem(Named):
    """One line of a price list: what is done, its price in 元, and per what."""

    price: Amount
    unit: Words = Text(zh="次", en="time")
    group: Words | None = None
    sample: bool = Key(default=False, description="The sources give no price: this one is an example to be replaced.")


class PriceList(Named):
    """Services with their prices: shown before the work, chosen in a form (`choices_from`), priced by `rows` of a fee."""

    items: tuple[PriceItem, ...]

    def item(self, name: str) -> PriceItem:
        """The item called `name`; KeyError when the list has none."""
        for item in self.items:
            if item.name == name:
                return item
        raise KeyError(name)


class Rows(Frozen):
    """A fee by the rows of a table field: each row has its price, from a price list or from the row itself.

    `of`: dotted name of the table (`intake.items`); the others are columns of it. `item`: what is paid for; with
    `price_list` the name of an item of that list. `price`: a column of money. `quantity`: how many, else one.
    """

    of: str = Key(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")
    item: Name
    price_list: Name | None = None
    price: Name | None = None
    quantity: Name | None = None

    @model_validator(mode="after")
    def _one_price(self) -> Rows:
        if (self.price_list is None) == (self.price is None):
            raise ValueError("rows 的单价写 price_list 或 price 其中一个 (either `price_list` or `price`)")
        return self


class Tier(Frozen):
    """One tier of a progressive price: up to and including `up_to`, the last without; `rate` in 元 for one."""

    up_to: Amount | None = Key(default=None, description="The tier ends here, inclusive; the last tier goes on without it.")
    rate: Amount


def _rising(tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
    """Tiers that follow each other: the ends rise, and only the last has none."""
    below = Decimal(0)
    for at, tier in enumerate(tiers):
        if tier.up_to is None:
            if at < len(tiers) - 1:
                raise ValueError("只有最后一档可以不写 up_to (only the last tier is without `up_to`)")
        elif Decimal(tier.up_to) <= below:
            raise ValueError(f"各档的 up_to 要逐档增大，{tier.up_to} 不大于 {below} (each `up_to` is above the one before)")
        else:
            below = Decimal(tier.up_to)
    return tiers


class Start(Frozen):
    """From which date a fee runs: the earliest or the latest of those dates that are known."""

    earliest: tuple[str, ...] = Key(default=(), description="The earliest of these dates, as far as they are known.")
    latest: tuple[str, ...] = Key(default=(), description="The latest of these dates, as far as they are known.")

    @property
    def names(self) -> tuple[str, ...]:
        """The dotted names of the dates."""
        return self.earliest or self.latest

    @model_validator(mode="after")
    def _one_choice(self) -> Start:
        if bool(self.earliest) == bool(self.latest):
            raise ValueError("from 写一个日期，或 earliest、latest 其中一个 (one date, or `earliest` or `latest` of several)")
        return self


def _start(value: Any) -> Any:
    return {"earliest": (value,)} if isinstance(value, str) else value


class Waive(Frozen):
    """Who may do without a fee, and whose consent that needs.

    `approval`: the roles of which another person must consent; `most`: how much of one charge may be waived in all, in 元.
    """

    by: Names = ()
    approval: Names = ()
    most: Amount | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Waive:
        if not self.by and (self.approval or self.most is not None):
            raise ValueError("减免要写 by：哪些岗位可以提出 (a waiver says `by`: the roles that may ask for it)")
        return self


def _waive(value: Any) -> Any:
    return {"by": value} if isinstance(value, (str, list, tuple)) else value


Pers = Annotated[tuple[Per, ...], BeforeValidator(_listed, json_schema_input_type=Per | tuple[Per, ...])]
Tiers = Annotated[tuple[Tier, ...], AfterValidator(_rising)]
Months = Annotated[int, Key(ge=1, le=120)]


_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _date(value: Any) -> Any:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("日期写成 2026-07-01 (a date is written 2026-07-01)")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"没有 {value} 这一天 (there is no such day)") from None


class FeeVersion(Frozen):
    """What else of a fee is so from a date on, the keys as in `Fee`; what it does not say stays as it was before."""

    since: Annotated[date, BeforeValidator(_date, json_schema_input_type=str)] = Key(
        description="First day: 2026-07-01. The fee's own date counts: `from`, else the day on which it is priced.")
    amount: Amount | None = None
    rate: Amount | None = None
    per: Pers | None = None
    tiers: Tiers | None = None
    whole: bool | None = None
    months: Months | None = None
    until: Until | None = None
    prorate: Prorate | None = None
    quantity: str | None = None
    of: str | None = None
    unit: Words | None = None
    by: str | None = None
    amounts: dict[str, Amount] | None = None
    labels: dict[str, Words] | None = None
    sample: bool | None = None
    source: str | None = None


def _in_order(versions: tuple[FeeVersion, ...]) -> tuple[FeeVersion, ...]:
    for before, after in pairwise(versions):
        if after.since == before.since:
            raise ValueError(f"versions 的日期 {after.since} 重复 (the date stands twice)")
        if after.since < before.since:
            raise ValueError(f"versions 按日期先后排列：{after.since} 早于 {before.since} (versions stand in the order of their dates)")
    return versions


_WAYS = ("amount", "amount_of", "rate", "tiers", "amounts", "rows")
_INSTEAD = (_WAYS, ("months", "until"), ("quantity", "of"))
"""Keys that stand for each other: a version that says one of them takes the others out."""


class Fee(Named):
    """One rule of a fee schedule; exactly one of `amount`, `amount_of`, `rate`, `tiers`, `amounts`, `rows`.

    amount: a fixed sum in 元. amount_of: the money field of a form, where somebody set the price (`assess.quote`).
    rate × per…: 元 per m2 (of `unit.area`), month (`months` or `until`), piece/person/day (`quantity`).
    tiers: rates by slices of a number (`of`, else `quantity`, else of `unit.area`); × months with `per: month`.
    amounts: a table by the value of `by` (a dotted name, like `unit.building_type`).
    rows: the sum over the rows of a table, each explained; a table without rows makes no charge.
    """

    stage: Name = Key(description="When it is collected; a step says `fees: STAGE`.")
    amount: Amount | None = None
    amount_of: str | None = Key(default=None, pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$",
                                description="Dotted name of a money field: `assess.quote`.")
    rate: Amount | None = None
    per: Pers = ()
    tiers: Tiers = Key(default=(), description="Progressive rates: each slice of the number at its own rate.")
    whole: bool = Key(default=False, description="The tier into which the number falls decides the rate of all of it.")
    of: str | None = Key(default=None, description="Dotted name of the number that `tiers` divide: `unit.area`, `read.tons`.")
    unit: Words | None = Key(default=None, description="What one piece is called: 吨, 度, 张.")
    quantity: str | None = Key(default=None, description="Dotted name of a number: `register.cards`.")
    by: str | None = None
    amounts: dict[str, Amount] = Key(default_factory=dict)
    labels: dict[str, Words] = Key(default_factory=dict, description="What papers call the keys of `amounts`: 多层.")
    rows: Rows | None = None
    months: Months | None = None
    until: Until | None = Key(default=None, description="Instead of `months`: charged until this end of the calendar.")
    prorate: Prorate = Key(default="none", description="How the month counts that is begun: whole, by its days, as half from the 16th.")
    start: Annotated[Start | None, BeforeValidator(_start, json_schema_input_type=str | Start)] = Key(
        default=None, alias="from", description="Dotted name of the date from which it runs, or `{earliest: […]}`, `{latest: […]}`.")
    versions: Annotated[tuple[FeeVersion, ...], AfterValidator(_in_order)] = Key(
        default=(), description="What changes from a date on.")
    when: Rule | None = None
    refundable: bool = False
    priced_at: Literal["opening", "charge"] = "charge"
    was: Names = Key(default=(), description="Names that this fee had before.")
    sample: bool = Key(default=False, description="The sources give no amount: this one is an example to be replaced.")
    waive: Annotated[Waive, BeforeValidator(_waive, json_schema_input_type=Names | Waive)] = Key(
        default=Waive(), description="Roles that may waive it, with a reason; or `{by: …, approval: …, most: …}`.")

    @cached_property
    def dated(self) -> tuple[tuple[date, Fee], ...]:
        """The fee as it is from each date of `versions` on, oldest first."""
        if not self.versions:
            return ()
        said, found = self.model_dump(by_alias=True, exclude={"versions"}, exclude_none=True), list[tuple[date, Fee]]()
        for version in self.versions:
            # what is not said is None, so that the versions are the same after a bundle was stored and read again
            changes = version.model_dump(by_alias=True, exclude={"since"}, exclude_none=True)
            for group in _INSTEAD:
                if not changes.keys().isdisjoint(group):
                    said = {key: value for key, value in said.items() if key not in group}
            if not (said.get("tiers") or "tiers" in changes):
                said = {key: value for key, value in said.items() if key not in ("whole", "of")}
            said |= changes
            found.append((version.since, Fee.model_validate(said)))
        return tuple(found)

    def in_force(self, day: date) -> tuple[date | None, Fee]:
        """Since when and how the fee is in force on `day`: a version, or itself before the first."""
        found: tuple[date | None, Fee] = None, self
        for version in self.dated:
            if version[0] > day:
                break
            found = version
        return found

    @property
    def measure(self) -> str | None:
        """The dotted name of the number that `tiers` divide; None when nothing says one."""
        return self.of or self.quantity or ("unit.area" if "m2" in self.per else None)

    @model_validator(mode="after")
    def _one_way(self) -> Fee:
        said = [way for way in _WAYS if getattr(self, way) not in (None, (), {})]
        if len(said) != 1:
            raise ValueError(f"费用 `{self.name}` 只能写 amount、amount_of、rate、tiers、amounts、rows 其中一种;"
                             "改用另一种时，把原来的写成 ~ (exactly one of them)")
        self._fits_its_way(said[0])
        self._fits_its_time()
        try:
            self.dated  # noqa: B018 - each version is a fee that must hold together
        except ValidationError as error:
            raise ValueError(f"费用 `{self.name}` 的 versions：" + error.errors()[0]["msg"].removeprefix("Value error, ")) from None
        return self

    def _fits_its_way(self, way: str) -> None:
        if way == "rate" and not self.per:
            raise ValueError(f"费用 `{self.name}` 写了 rate，还要写 per (a rate needs `per`)")
        if way == "amounts" and not self.by:
            raise ValueError(f"费用 `{self.name}` 写了 amounts，还要写 by (amounts need `by`)")
        counted = set(self.per) & set(COUNTED)
        if len(counted) > 1:
            raise ValueError(f"fee `{self.name}` counts {', '.join(sorted(counted))}: one quantity, one unit")
        if counted and way == "rate" and self.quantity is None:
            raise ValueError(f"费用 `{self.name}` 按件、人或天计，还要写 quantity (needs `quantity`)")
        if way == "tiers":
            if self.measure is None:
                raise ValueError(f"费用 `{self.name}` 分档计价，还要写按什么分档：of 或 quantity (tiers need `of` or `quantity`)")
            if self.of and self.quantity:
                raise ValueError(f"费用 `{self.name}` 的 of 和 quantity 只写一个 (`of` or `quantity`, not both)")
            if counted and "m2" in self.per:
                raise ValueError(f"费用 `{self.name}` 只能按一个数分档 (tiers divide one number)")
        elif self.of or self.whole:
            raise ValueError(f"费用 `{self.name}` 的 of、whole 只用于 tiers (`of` and `whole` belong to `tiers`)")

    def _fits_its_time(self) -> None:
        if self.months is not None and self.until is not None:
            raise ValueError(f"费用 `{self.name}` 的 months 和 until 只写一个 (`months` or `until`, not both)")
        if "month" in self.per and self.months is None and self.until is None:
            raise ValueError(f"费用 `{self.name}` 按月计，还要写 months 或 until (per month needs `months` or `until`)")
        if self.start is None and (self.until or self.prorate != "none"):
            raise ValueError(f"费用 `{self.name}` 的 until、prorate 要有 from：从哪天起算 (`until` and `prorate` need `from`)")
        if self.prorate != "none" and "month" not in self.per:
            raise ValueError(f"费用 `{self.name}` 不按月计，没有可折算的月份 (`prorate` is for a fee per month)")


class FeeSchedule(Frozen):
    """The file `fee_schedule.yaml`."""

    fees: tuple[Fee, ...] = ()
    price_lists: tuple[PriceList, ...] = ()
