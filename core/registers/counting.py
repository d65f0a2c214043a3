"""Counting rows: rules over them, repeated ones, groups, totals."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from core.definitions.register_names import Kind, Known
from core.domain.registers import Repeats, Total
from core.registers.reading import Columns
from core.rules import Activation, Rule

ONE_PLACE = Decimal("0.1")


class RowRule:
    """A rule over rows. Rows that agree in what it reads are asked once: most rules read a name or two."""

    def __init__(self, text: str) -> None:
        self._rule = Rule.compile(text)
        self._names = sorted(self._rule.names)

    def over(self, columns: Columns) -> list[bool]:
        """For each row whether the rule holds."""
        if not self._names:
            return [self._rule.holds(Activation({}))] * columns.size
        keys = list(zip(*(columns[name] for name in self._names), strict=True))
        known = {key: self._rule.holds(Activation(nested(zip(self._names, key, strict=True)))) for key in set(keys)}
        return [known[key] for key in keys]


def names_in(*rules: str | None) -> set[str]:
    """The names that rules read."""
    return {name for text in rules if text for name in Rule.compile(text).names}


def nested(named: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """`{"unit": {"code": …}}` of `unit.code`."""
    found: dict[str, Any] = {}
    for name, value in named:
        *above, last = name.split(".")
        place = found
        for word in above:
            place = place.setdefault(word, {})
        place[last] = value
    return found


def repeats_of(rule: Repeats, columns: Columns) -> list[int]:
    """For each row how many rows agree with it in `by` within the days up to it, the row included."""
    window: dict[tuple[Any, ...], deque[date]] = defaultdict(deque)
    counts: list[int] = []
    for day, *key in zip(columns["on"], *(columns[name] for name in rule.by), strict=True):
        dates = window[tuple(key)]
        while dates and dates[0] <= day - timedelta(days=rule.days):
            dates.popleft()
        dates.append(day)
        counts.append(len(dates))
    return counts


# ---------------------------------------------------------------- totals


def kind_of(total: Total, known: Known | None) -> Kind:
    """What kind of value a total is."""
    if total.way == "share":
        return "percent"
    if total.way == "average":
        return "money" if known and known.kind == "money" else "decimal"
    return known.kind if total.way == "sum" and known else "whole"


class Counter:
    """Counts one total over rows, all of them or those at some places; `name`: what it sums, averages or tells apart."""

    def __init__(self, total: Total, name: str, columns: Columns, known: Known | None) -> None:
        self._way, self._size = total.way, columns.size
        self._when = RowRule(total.when).over(columns) if total.when else None
        self._share = RowRule(total.share).over(columns) if total.share else ()
        self._column = columns[name] if total.of else ()
        self._money = known is not None and known.kind == "money"

    def of(self, places: Sequence[int] | None = None) -> Any:
        """The total of the rows at `places`; None: of all."""
        at: Sequence[int] = range(self._size) if places is None else places
        when = self._when
        if when is not None:
            at = [place for place in at if when[place]]
        if self._way == "count":
            return len(at)
        if self._way == "share":
            return _percent(sum(map(self._share.__getitem__, at)), len(at))
        values = [value for place in at if (value := self._column[place]) is not None]
        if self._way == "distinct":
            return len(set(values) - {""})
        return sum(values) if self._way == "sum" else _average(values, money=self._money)


def _percent(part: int, whole: int) -> Decimal | None:
    return (Decimal(100 * part) / whole).quantize(ONE_PLACE, ROUND_HALF_UP) if whole else None


def _average(values: Sequence[Any], *, money: bool) -> Any:
    if not values:
        return None
    mean = Decimal(sum(values)) / len(values)
    return int(mean.quantize(Decimal(1), ROUND_HALF_UP)) if money else mean.quantize(ONE_PLACE, ROUND_HALF_UP)


# ---------------------------------------------------------------- groups

Key = tuple[Any, ...]


def grouped(columns: Columns, names: Sequence[str]) -> dict[Key, list[int]]:
    """Places of rows by what those names say of them."""
    found: dict[Key, list[int]] = defaultdict(list)
    for place, key in enumerate(zip(*(columns[name] for name in names), strict=True)):
        found[key].append(place)
    return found


def in_order(keys: Iterable[Key], known: Sequence[Known]) -> list[Key]:
    """Keys of groups as people expect them: choices in the order of the form, numbers by size, nothing last."""
    orders = [{value: at for at, value in enumerate(one.words)} for one in known]

    def place(key: Key) -> tuple[Any, ...]:
        return tuple(_place(value, order) for value, order in zip(key, orders, strict=True))

    return sorted(keys, key=place)


def _place(value: Any, order: Mapping[Any, int]) -> tuple[bool, int, Decimal, str]:
    known = order.get(value, len(order))
    number = Decimal(str(value)) if str(value).isascii() and str(value).isdigit() else Decimal(10**9)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        number = Decimal(value)
    return value is None or value == "", known, number, str(value)
