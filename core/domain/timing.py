"""Time in definitions: lengths, waiting times, deadlines, escalation, repetition, validity. `core.clock` counts them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field as Key, field_validator, model_validator

from core.domain.base import Frozen, Name, Names, Rule, Words

Moment = Annotated[str, Key(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$")]
"""When something happened or will: `apply.done`, `apply.opened`, `case.opened`, or a date or datetime field
`apply.start_date`."""

Period = Literal["day", "week", "month", "quarter", "half_year", "year"]


class Length(Frozen):
    """How long; exactly one unit. Days and months end when the day ends, working days when the office closes, minutes and
    hours to the minute. `same_day`: until the day ends."""

    minutes: int | None = Key(default=None, ge=0, le=525_600)
    hours: int | None = Key(default=None, ge=0, le=87_600)
    days: int | None = Key(default=None, ge=0, le=36_500)
    working_days: int | None = Key(default=None, ge=0, le=3_650)
    months: int | None = Key(default=None, ge=0, le=1_200)
    same_day: bool = False

    @property
    def units(self) -> list[str]:
        """The units that were written."""
        counted = ("minutes", "hours", "days", "working_days", "months")
        return [name for name in counted if getattr(self, name) is not None] + ["same_day"] * self.same_day

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if len(self.units) > 1 or (not self.units and self._needs_unit()):
            raise ValueError("时间只写一个单位：minutes、hours、days、working_days、months 或 same_day (exactly one unit)")
        return self

    def _needs_unit(self) -> bool:
        return True


class Overdue(Frozen):
    """What a missed deadline does: tells `notify`, and asks for the consent of `approvals` before the step is done."""

    notify: Names = ()
    approvals: Names = ()


class Due(Length):
    """A deadline of a step: so long `after` or `before` a moment. `by`: the length depends on a value; a value that `values`
    does not name has no deadline. `end_of`: when the month (week, year …) around the moment ends. It rests while the case is
    suspended or waits for the customer."""

    after: Moment | None = None
    before: Moment | None = None
    by: Moment | None = None
    values: dict[str, Length] = Key(default_factory=dict)
    end_of: Period | None = Key(default=None, description="Until this period ends at the estate, instead of a length.")
    when: Rule | None = None
    overdue: Overdue = Overdue()
    source: str = ""

    def _needs_unit(self) -> bool:
        return self.by is None and self.end_of is None

    @model_validator(mode="after")
    def _one_moment(self) -> Self:
        if self.after is not None and self.before is not None:
            raise ValueError("时限写 after 或 before 其中一个 (either `after` or `before`)")
        if self.by is not None and (self.units or not self.values):
            raise ValueError("按值定时限时写 by 和 values，不另写长度 (`by` needs `values` and no length of its own)")
        if self.end_of is not None and (self.units or self.by is not None or self.before is not None):
            raise ValueError("写了 end_of 就不写长度、by 和 before (`end_of` stands alone, with `after`)")
        if self.before is not None and (self.working_days is not None or self.same_day):
            raise ValueError("before 只能用 minutes、hours、days、months (`before` counts minutes, hours, days or months)")
        return self


class Opens(Length):
    """A waiting time: the step opens so long after a moment."""

    after: Moment
    source: str = ""


class Escalation(Length):
    """Time raises a class: after so long the value becomes `to`, `while` the rule holds, with an event."""

    to: str
    after: Moment
    while_: Rule | None = Key(default=None, alias="while")
    notify: Names = ()
    source: str = ""


class Suggestion(Frozen):
    """The class that is offered when the rule holds; whoever classifies decides."""

    to: str
    when: Rule
    source: str = ""


class Classify(Frozen):
    """A choice field of the step's form is a class: `order` from least to most."""

    field: Name
    order: tuple[str, ...] = Key(min_length=2)
    suggest: tuple[Suggestion, ...] = ()
    escalate: tuple[Escalation, ...] = ()


class Repeat(Frozen):
    """The step comes again each period, until the rule holds. `per_role`: once for each of its roles."""

    every: Period
    per_role: bool = False
    until: Rule
    overdue: Overdue = Overdue()


class DaysBy(Frozen):
    """Days by a value of the case; `default`: for values that are not named."""

    by: Moment
    values: dict[str, Annotated[int, Key(ge=1, le=3650)]]
    default: int | None = Key(default=None, ge=1, le=3650)


class Validity(Frozen):
    """How long what a step gives (permit, pass, slip) is good; afterwards no step that requires it may be worked on.

    `days`: from the day it is given (or, when that is later, from the moment `after`), at most `max_days`; `until`: a moment,
    or `end_of_day`. `extended_by`: a date field of a sub-case (`special_permit.apply.extend_to`): the latest of those that
    ended well counts.
    """

    days: int | DaysBy | None = None
    max_days: int | None = Key(default=None, ge=1, le=3650)
    after: Moment | None = Key(default=None, description="Days are counted from this moment, not before what is given.")
    until: Moment | Literal["end_of_day"] | None = None
    extended_by: Moment | None = None
    title: Words | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.days is None) == (self.until is None):
            raise ValueError("有效期写 days 或 until 其中一个 (either `days` or `until`)")
        return self

    @field_validator("days")
    @classmethod
    def _positive(cls, days: int | DaysBy | None) -> int | DaysBy | None:
        if isinstance(days, int) and days < 1:
            raise ValueError("有效期至少一天 (at least one day)")
        return days


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


Dues = Annotated[tuple[Due, ...], BeforeValidator(_one_or_more, json_schema_input_type=Due | tuple[Due, ...])]
"""One deadline or several; each counts for itself."""


def moments(*parts: Due | Opens | Escalation | Validity) -> Iterator[str]:
    """Every moment and value that parts of a step read."""
    for part in parts:
        for word in ("after", "before", "by", "until", "extended_by"):
            said = getattr(part, word, None)
            if isinstance(said, str) and said != "end_of_day":
                yield said
        if isinstance(part, Validity) and isinstance(part.days, DaysBy):
            yield part.days.by
