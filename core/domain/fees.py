"""What is charged: rules that say an amount and can explain it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field as Key, model_validator

from core.domain.base import Frozen, Name, Named, Names, Rule, Text, Words, _listed

Per = Literal["m2", "month", "piece", "day", "person"]


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


class Fee(Named):
    """One rule of a fee schedule; exactly one of `amount`, `amount_of`, `rate`, `amounts`, `rows`.

    amount: a fixed sum in 元. amount_of: the money field of a form, where somebody set the price (`assess.quote`).
    rate × per…: 元 per m2 (of `unit.area`), month (`months`), piece/person/day (`quantity`).
    amounts: a table by the value of `by` (a dotted name, like `unit.building_type`).
    rows: the sum over the rows of a table, each explained; a table without rows makes no charge.
    """

    stage: Name = Key(description="When it is collected; a step says `fees: STAGE`.")
    amount: Amount | None = None
    amount_of: str | None = Key(default=None, pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$",
                                description="Dotted name of a money field: `assess.quote`.")
    rate: Amount | None = None
    per: Annotated[tuple[Per, ...], BeforeValidator(_listed, json_schema_input_type=Per | tuple[Per, ...])] = ()
    months: int | None = Key(default=None, ge=1, le=120)
    quantity: str | None = Key(default=None, description="Dotted name of a number: `register.cards`.")
    by: str | None = None
    amounts: dict[str, Amount] = Key(default_factory=dict)
    rows: Rows | None = None
    labels: dict[str, Words] = Key(default_factory=dict, description="What papers call the keys of `amounts`: 多层.")
    start: str | None = Key(default=None, alias="from", description="Dotted name of the date from which it runs.")
    when: Rule | None = None
    refundable: bool = False
    priced_at: Literal["opening", "charge"] = "charge"
    waive: Names = ()
    sample: bool = Key(default=False, description="The sources give no amount: this one is an example to be replaced.")

    @model_validator(mode="after")
    def _one_way(self) -> Fee:
        ways = [self.amount is not None, self.amount_of is not None, self.rate is not None, bool(self.amounts),
                self.rows is not None]
        if sum(ways) != 1:
            raise ValueError(f"费用 `{self.name}` 只能写 amount、amount_of、rate、amounts、rows 其中一种;"
                             "改用另一种时，把原来的写成 ~ (exactly one of them)")
        if self.rate is not None and not self.per:
            raise ValueError(f"费用 `{self.name}` 写了 rate，还要写 per (a rate needs `per`)")
        if self.amounts and not self.by:
            raise ValueError(f"费用 `{self.name}` 写了 amounts，还要写 by (amounts need `by`)")
        if "month" in self.per and self.months is None:
            raise ValueError(f"费用 `{self.name}` 按月计，还要写 months (per month needs `months`)")
        counted = set(self.per) & {"piece", "person", "day"}
        if len(counted) > 1:
            raise ValueError(f"fee `{self.name}` counts {', '.join(sorted(counted))}: one quantity, one unit")
        if counted and self.quantity is None:
            raise ValueError(f"费用 `{self.name}` 按件、人或天计，还要写 quantity (needs `quantity`)")
        return self


class FeeSchedule(Frozen):
    """The file `fee_schedule.yaml`."""

    fees: tuple[Fee, ...] = ()
    price_lists: tuple[PriceList, ...] = ()
