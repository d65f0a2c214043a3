"""Filters over rows, with Jinja's names and meanings: sorting, choosing, grouping, cutting into portions.

Their fields are those of the rows (`attribute='fee'`); methods, indexes and dotted paths into Python are not.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from jinja2.tests import TESTS

from core.documents.context import Group, Rows, shown
from core.documents.faults import RenderFault
from core.documents.printing import Missing, named, plain

_MOST_CUT = 1_000


def rows_of(value: Any, name: str) -> Rows:
    """The rows that a filter goes through; RenderFault for what has none."""
    if isinstance(value, Missing):
        str(value)  # raises, with the name
    if isinstance(value, Rows):
        return value
    if isinstance(value, list | tuple | str):
        return Rows(list(value))
    if value is None:
        return Rows([])
    raise RenderFault(f"{named(value)}没有多行，不能用 {name}", number=3205)


def field(row: Any, name: str | None) -> Any:
    """A field of a row, the row itself without a name; a dotted name goes deeper."""
    for word in name.split(".") if name else ():
        if not isinstance(row, Group) or word not in row.fields:
            return str(Missing(obj=row, name=word))
        row = shown(row.fields[word])
    return row


class Portion(Group):
    """One value of `groupby` with its rows: `{% for room, items in rows|groupby('room') %}`."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fields.values())


def _order(value: Any, case_sensitive: bool) -> tuple[int, Any]:
    """Numbers before words, nothing first; letters of either case together unless they are told apart."""
    if value is None or value == "":
        return 0, 0
    if isinstance(value, bool | int | float | Decimal):
        return 1, Decimal(str(value)) if not isinstance(value, bool) else Decimal(int(value))
    text = plain(value)
    return 2, text if case_sensitive else text.lower()


def sort(value: Any, reverse: bool = False, case_sensitive: bool = False, attribute: str | None = None) -> Rows:
    """The rows in order, by one or several fields (`attribute='room,name'`); equal ones stay as they were."""
    names = attribute.split(",") if attribute else [None]
    rows = list(rows_of(value, "sort"))
    return Rows(sorted(rows, key=lambda row: [_order(field(row, name), case_sensitive) for name in names], reverse=reverse))


def unique(value: Any, case_sensitive: bool = False, attribute: str | None = None) -> Rows:
    """The first row of each value."""
    seen, kept = set(), []
    for row in rows_of(value, "unique"):
        key = _order(field(row, attribute), case_sensitive)
        if key not in seen:
            seen.add(key)
            kept.append(row)
    return Rows(kept)


def mapped(value: Any, attribute: str, default: Any = None) -> Rows:
    """One field of each row."""
    def one(row: Any) -> Any:
        missing = default is not None and isinstance(row, Group) and attribute not in row.fields
        return default if missing else field(row, attribute)

    return Rows([one(row) for row in rows_of(value, "map")])


def _chosen(name: str, wanted: bool, with_field: bool) -> Callable[..., Rows]:
    def choose(value: Any, *said: Any) -> Rows:
        attribute, said = (said[0], said[1:]) if with_field else (None, said)
        test = said[0] if said else None
        if test is not None and test not in _TESTS:
            raise RenderFault(f"{name} 没有判断 {test}", number=3205)

        def holds(row: Any) -> bool:
            here = field(row, attribute)
            return bool(here) if test is None else bool(_TESTS[test](here, *said[1:]))

        try:
            return Rows([row for row in rows_of(value, name) if holds(row) is wanted])
        except TypeError as error:
            raise RenderFault(f"{name} 的写法不对，应如 {name}('room', 'eq', '客厅')", number=3205) from error

    return choose


_TESTS = {name: TESTS[name] for name in ("eq", "equalto", "==", "ne", "!=", "gt", "greaterthan", ">", "ge", ">=", "lt", "lessthan", "<",
                                         "le", "<=", "in", "none", "odd", "even", "divisibleby", "true", "false", "number", "string")}


def groupby(value: Any, attribute: str, default: Any = None, case_sensitive: bool = False) -> Rows:
    """`grouper` and `list`, one for each value of the field, in the order of the values."""
    def key(row: Any) -> Any:
        missing = default is not None and isinstance(row, Group) and attribute not in row.fields
        return default if missing else field(row, attribute)

    rows = sorted(rows_of(value, "groupby"), key=lambda row: _order(key(row), case_sensitive))
    found = []
    for _, together in itertools.groupby(rows, key=lambda row: _order(key(row), case_sensitive)):
        some = list(together)
        found.append(Portion({"grouper": key(some[0]), "list": Rows(some)}))
    return Rows(found)


def _bounded(count: Any, name: str) -> int:
    if not isinstance(count, int) or not 0 < count <= _MOST_CUT:
        raise RenderFault(f"{name} 的份数应在 1 与 {_MOST_CUT} 之间", number=3205)
    return count


def batch(value: Any, linecount: int, fill_with: Any = None) -> Rows:
    """The rows, `linecount` at a time; the last portion is filled up with `fill_with` where it is given."""
    count, rows = _bounded(linecount, "batch"), list(rows_of(value, "batch"))
    portions = [rows[at : at + count] for at in range(0, len(rows), count)]
    if portions and fill_with is not None:
        portions[-1] += [fill_with] * (count - len(portions[-1]))
    return Rows([Rows(portion) for portion in portions])


def cut(value: Any, slices: int, fill_with: Any = None) -> Rows:
    """The rows in `slices` columns of nearly the same length, the longer ones first."""
    return Rows([Rows(column) for column in _columns(list(rows_of(value, "slice")), _bounded(slices, "slice"), fill_with)])


def _columns(rows: list[Any], count: int, fill_with: Any) -> Iterator[list[Any]]:
    each, longer = divmod(len(rows), count)
    at = 0
    for number in range(count):
        size = each + (number < longer)
        yield rows[at : at + size] + ([fill_with] if fill_with is not None and longer and number >= longer else [])
        at += size


def _extreme(name: str, choose: Callable[..., Any]) -> Callable[..., Any]:
    def extreme(value: Any, case_sensitive: bool = False, attribute: str | None = None) -> Any:
        rows = list(rows_of(value, name))
        return choose(rows, key=lambda row: _order(field(row, attribute), case_sensitive)) if rows else None

    return extreme


def reverse(value: Any) -> Any:
    """The rows, or the letters, from the end."""
    return value[::-1] if isinstance(value, str) else Rows(list(rows_of(value, "reverse"))[::-1])


ROW_FILTERS: dict[str, Callable[..., Any]] = {
    "sort": sort,
    "unique": unique,
    "map": mapped,
    "select": _chosen("select", True, False),
    "reject": _chosen("reject", False, False),
    "selectattr": _chosen("selectattr", True, True),
    "rejectattr": _chosen("rejectattr", False, True),
    "groupby": groupby,
    "batch": batch,
    "slice": cut,
    "min": _extreme("min", min),
    "max": _extreme("max", max),
    "reverse": reverse,
    "list": lambda value: rows_of(value, "list"),
}
