"""Registers: lists and statistics over what happened, said as data; each procedure brings its own in `registers.yaml`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field as Key, model_validator

from core.domain.base import Frozen, Name, Named, Names, Rule, Words, _listed

Of = Literal["cases", "children", "units", "steps", "deadlines", "documents", "charges", "lines", "rows"]
"""What one row is: a case, a sub-case, a unit with its newest case, a round of a step, a deadline, an issued paper, a charge,
a movement of money, a line of a table in a form."""

Period = Literal["day", "month", "quarter", "year", "all"]

Dotted = Annotated[str, Key(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){0,3}$")]
"""A name that a row knows: `month`, `unit.code`, `intake.kind`, `fees.deposit.paid_fen`, `inspect.water.reading`."""

Dotteds = Annotated[tuple[Dotted, ...], BeforeValidator(_listed, json_schema_input_type=Dotted | tuple[Dotted, ...])]

LISTED = ("steps", "deadlines", "documents", "charges", "lines", "children")
"""Kinds of rows of which `only` may name some."""


class RegisterColumn(Frozen):
    """A column: the value of a name, for each row. A sensitive value stands here only `masked`: 138****1234."""

    name: Name
    title: Words | None = Key(default=None, description="Default: what the value is called.")
    value: Dotted = Key(description="Dotted name that a row knows: `unit.code`, `document.number`, `STEP.FIELD`.")
    masked: bool = Key(default=False, description="Needed for identity numbers, phones and other sensitive fields.")


class Total(Frozen):
    """A figure over rows: of all of them at the foot, of each group in its line.

    Without another word it counts rows. `sum`, `average`: of a column or a dotted name; `distinct`: how many different values;
    `share`: of how many rows this rule holds, in percent. `when`: only rows for which it holds (the base of a share).
    """

    name: Name
    title: Words | None = Key(default=None, description="Default: what is counted.")
    sum: Dotted | None = Key(default=None, description="A column or dotted name that is summed.")
    average: Dotted | None = Key(default=None, description="A column or dotted name, of which the mean is taken.")
    distinct: Dotted | None = Key(default=None, description="A dotted name, of which the different values are counted.")
    share: Rule | None = Key(default=None, description="Of how many rows this rule holds, in percent.")
    when: Rule | None = Key(default=None, description="Only rows for which this rule holds.")

    @property
    def way(self) -> Literal["count", "sum", "average", "distinct", "share"]:
        """How it is counted."""
        ways: tuple[Any, ...] = ("sum", "average", "distinct", "share")
        return next((way for way in ways if getattr(self, way) is not None), "count")

    @property
    def of(self) -> str:
        """The column or dotted name that is summed, averaged or told apart; empty for others."""
        return self.sum or self.average or self.distinct or ""

    @model_validator(mode="after")
    def _one_way(self) -> Total:
        if sum(getattr(self, way) is not None for way in ("sum", "average", "distinct", "share")) > 1:
            raise ValueError(f"`{self.name}` 只能写 sum、average、distinct、share 其中一种 (exactly one of them)")
        return self


def _total(value: Any) -> Any:
    """`count`, `{sum: amount}`: a figure is called like what it counts unless it says its name."""
    if isinstance(value, str):
        return {"name": value} if value == "count" else value
    if isinstance(value, dict) and "name" not in value:
        said = next((value[way] for way in ("sum", "average", "distinct") if isinstance(value.get(way), str)), "")
        return {"name": said.rpartition(".")[2], **value} if said else value
    return value


Counted = Annotated[Total, BeforeValidator(_total, json_schema_input_type=Literal["count"] | Total)]


class Chart(Frozen):
    """Bars: `of` (a total) by a name; the other totals stay in the table."""

    by: Dotted = Key(description="One bar for each value of this name; `month` stands for time.")
    of: Name = Key(default="count", description="The total that is drawn.")


class Repeats(Frozen):
    """Rows that agree in `by` within so many days: `flag` reads how many as `repeats`, the row itself included."""

    by: Dotteds = Key(min_length=1, description="In what they agree.")
    days: int = Key(ge=1, le=3650, description="Within how many days.")


class Flag(Frozen):
    """Rows that somebody should look at, marked in the table."""

    when: Rule = Key(description="Rows for which it holds; it may read `repeats`.")
    title: Words = Key(description="What the mark means.")


class Rows(Frozen):
    """Which rows: of what, which of them, by which date they count to a period, and a filter."""

    of: Of = Key(description="What one row is: cases, children, units, steps, deadlines, documents, charges, lines, rows.")
    only: Names = Key(default=(), description="Only these steps, documents, fees or kinds of sub-case.")
    table: Dotted | None = Key(default=None, description="For `of: rows`: the table field, `STEP.FIELD`.")
    procedures: Literal["own", "all"] = Key(
        default="own", description="all: charges, lines and documents of every procedure of the estate.")
    on: Dotted | None = Key(default=None, description="The date by which a row counts to a period.")
    where: Rule | None = Key(default=None, description="Only rows for which this rule holds.")

    @model_validator(mode="after")
    def _shape(self) -> Rows:
        if (self.of == "rows") != (self.table is not None):
            raise ValueError("of: rows 要写 table，其他不写 (`of: rows` needs `table`, others have none)")
        if self.only and self.of not in LISTED:
            raise ValueError(f"of: {self.of} 不能写 only (`only` does not go with `of: {self.of}`)")
        if self.procedures == "all" and self.of not in ("charges", "lines", "documents"):
            raise ValueError("procedures: all 只用于 charges、lines、documents (goes with charges, lines, documents only)")
        if self.of == "units" and self.on is not None:
            raise ValueError("of: units 是当前状态，没有日期 (`of: units` shows the present and has no date)")
        return self


class Figure(Rows):
    """One more figure of the same period, counted over other rows: what `checks` compares with."""

    name: Name
    title: Words
    sum: Dotted | None = Key(default=None, description="A dotted name that is summed; without `sum` and `distinct` rows are counted.")
    distinct: Dotted | None = Key(default=None, description="A dotted name, of which the different values are counted.")
    source: str = ""

    @property
    def total(self) -> Total:
        """How it is counted."""
        return Total(name=self.name, title=self.title, sum=self.sum, distinct=self.distinct)


class RegisterCheck(Named):
    """Something that must be so, over `totals.NAME` and `figures.NAME`; money is whole 分. When it is not, the page says so."""

    check: Rule = Key(description="CEL over `totals.NAME` and `figures.NAME`.")


class Register(Rows, Named):
    """A list of rows with totals, or a statistic of groups, or both."""

    period: Period = Key(default="month", description="The period that is shown first.")
    columns: tuple[RegisterColumn, ...] = Key(default=(), description="What is shown of each row.")
    group_by: Dotteds = Key(default=(), description="One line for each value (or combination of values).")
    totals: tuple[Counted, ...] = Key(default=(Total(name="count"),), description="What is counted, over all rows and each group.")
    chart: Chart | None = Key(default=None, description="Bars of one total.")
    repeats: Repeats | None = Key(default=None, description="Counts for `flag` how many rows agree within some days.")
    flag: Flag | None = Key(default=None, description="Rows that somebody should look at.")
    figures: tuple[Figure, ...] = Key(default=(), description="Further figures of the period, for `checks`.")
    checks: tuple[RegisterCheck, ...] = Key(default=(), description="What must agree.")
    roles: Names = Key(default=(), description="Roles that may read it; empty: everybody of the estate.")
    help: Words | None = Key(default=None, description="A sentence shown above it.")

    @model_validator(mode="after")
    def _something_to_show(self) -> Register:
        if not self.columns and not self.group_by:
            raise ValueError("要写 columns 或 group_by，或两者都写 (needs `columns`, `group_by` or both)")
        if self.repeats and not self.flag:
            raise ValueError("写了 repeats，还要写 flag (`repeats` needs `flag`)")
        return self

    def column(self, name: str) -> RegisterColumn | None:
        """The column called `name`; None when there is none."""
        return next((column for column in self.columns if column.name == name), None)

    def counted(self, total: Total) -> str:
        """The dotted name that `total` sums, averages or tells apart: of its column, or as it says."""
        column = self.column(total.of)
        return column.value if column else total.of


class Registers(Frozen):
    """The file `registers.yaml`."""

    registers: tuple[Register, ...] = Key(default=(), description="Lists and statistics of the procedure.")
