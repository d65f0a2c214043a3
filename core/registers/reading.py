"""Rows of a register out of the database, as columns: the rows with one statement, what belongs to them with one each.

No statement asks for one case at a time, and none reads the events: sixty thousand cases cost as many statements as one.
Values are kept by column, since most of what is done with them is done to a whole column.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cached_property
from itertools import compress
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from core.cases.desk import Desk
from core.definitions.register_names import RegisterNames
from core.domain.bundle import Bundle
from core.domain.registers import Rows
from core.registers.attached import attached, table_lines
from core.registers.sources import Read, Turns, frame_of
from core.store.models import User

KEY = ("row.id", "row.number")
"""What a row is told apart by: its id, and which line of a table it is."""


class Columns:
    """The values of rows by name; `size`: how many rows."""

    def __init__(self, size: int, values: dict[str, Sequence[Any]]) -> None:
        self.size, self.values = size, values

    def __getitem__(self, name: str) -> Sequence[Any]:
        return self.values[name]

    def kept(self, mask: Sequence[bool]) -> Columns:
        """The rows for which `mask` is true."""
        return Columns(sum(mask), {name: list(compress(column, mask)) for name, column in self.values.items()})

    def rows(self, names: Sequence[str], at: Iterable[int]) -> Iterator[tuple[Any, ...]]:
        """The values of those names, row by row, of the rows at those places."""
        columns = [self.values[name] for name in names]
        return (tuple([column[place] for column in columns]) for place in at)


class Reading:
    """One reading of `rows` at an estate from `first` to `last` (both included; None: open), for `names`.

    `ids`: only these rows; the period has been looked at before.
    """

    def __init__(self, desk: Desk, estate: str, bundle: Bundle, rows: Rows, names: Iterable[str],
                 first: date | None = None, last: date | None = None, *, ids: Collection[str] | None = None) -> None:
        self.bundle, self.rows = bundle, rows
        # rows of objects would cost twice as much as rows of values
        self.connection = desk.session.connection()
        self.names = tuple(dict.fromkeys((*KEY, *names)))
        self.known = RegisterNames(bundle).of(rows)
        users = {row.id: row.name for row in self.connection.execute(select(User.id, User.name))}
        self.turns = Turns(desk.office.calendar(estate), users, desk.now)
        self.frame = frame_of(bundle, estate, rows, self.turns)
        dates = self.frame.dates
        self.dated, self._dated_by_moment = dates[rows.on or next(iter(dates))] if dates else (None, False)
        self.conditions = [*self.frame.conditions,
                           *(self._period(first, last) if ids is None else [self.frame.row_id.in_(ids)])]

    def columns(self) -> Columns:
        """Every row, in the order of its date."""
        reads = {name: read for name in self.names if (read := self._read(name)) is not None}
        sql, places = _once([*self.fixed, *(column for read in reads.values() for column in read.columns)])
        rows = self.connection.execute(self._ordered(self._joined(self.select(*sql), reads.values()))).all()
        found: list[Any] = list(zip(*rows, strict=True)) if rows else [()] * len(sql)
        size, lines = len(rows), None
        if self.rows.table:
            at, lines = self._lines(found[places[id(self.frame.case_id)]])
            found, size = [[column[place] for place in at] for column in found], len(at)
        values = {name: _made(read, [found[places[id(column)]] for column in read.columns], size)
                  for name, read in reads.items()}
        fixed = [found[places[id(column)]] for column in self.fixed]
        values |= attached(self, fixed, lines, [name for name in self.names if name not in values])
        return Columns(size, values)

    # ------------------------------------------------------------ what those who look things up ask for

    @cached_property
    def fixed(self) -> list[Any]:
        """What every row is read with, so that what belongs to it can be looked up: its id, case, step and round."""
        frame = self.frame
        return [column for column in (frame.row_id, frame.case_id, frame.step, frame.round) if column is not None]

    def select(self, *columns: Any) -> Select[Any]:
        """Those columns of the rows."""
        return self.frame.select(*columns).where(*self.conditions)

    @cached_property
    def case_ids(self) -> Any:
        """The ids of the rows' cases, as a statement for others to contain."""
        return self.select(self.frame.case_id)

    # ------------------------------------------------------------ the rows

    def _period(self, first: date | None, last: date | None) -> Iterator[ColumnElement[bool]]:
        if self.dated is None:
            return
        begin, end = self.turns.bounds(first, last)
        if not self._dated_by_moment:
            begin, end = first, last + timedelta(days=1) if last else None
        if begin is not None:
            yield self.dated >= begin
        yield self.dated < end if end is not None else self.dated.is_not(None)

    def _read(self, name: str) -> Read | None:
        """How a name is read that is a column of the rows' own tables; None for what belongs to them."""
        if name == "row.number" and not self.rows.table:
            return Read((), lambda: 0)
        if name in ("row.id", "case.id"):
            return Read((self.frame.row_id if name == "row.id" else self.frame.case_id,))
        if name in _OF_DATE:
            return self._of_date(_OF_DATE[name])
        return self.frame.names.get(name)

    def _of_date(self, word: Callable[[Any], Any]) -> Read:
        if self.dated is None:
            return Read((), lambda: None)
        day: Callable[[Any], Any] = self.turns.day if self._dated_by_moment else lambda value: value
        return Read((self.dated,), lambda value: word(day(value)))

    def _joined(self, query: Select[Any], reads: Iterable[Read]) -> Select[Any]:
        """The statement with the tables that only some names need."""
        for join in dict.fromkeys(read.join for read in reads if read.join is not None):
            query = join(self, query)
        return query

    def _ordered(self, query: Select[Any]) -> Select[Any]:
        return query.order_by(*([self.frame.order] if self.dated is None else [self.dated, self.frame.row_id]))

    def _lines(self, cases: Sequence[str]) -> tuple[list[int], list[tuple[int, dict[str, Any]]]]:
        """For each line of the table the place of its case, and (number, line)."""
        tables = table_lines(self, self.rows.table or "")
        at: list[int] = []
        lines: list[tuple[int, dict[str, Any]]] = []
        for place, case in enumerate(cases):
            for number, line in enumerate(tables.get(case, ()), 1):
                at.append(place)
                lines.append((number, line))
        return at, lines


def _once(columns: Iterable[Any]) -> tuple[list[Any], dict[int, int]]:
    """Each column once, and where it stands by its identity: == of columns makes a condition."""
    found: list[Any] = []
    places: dict[int, int] = {}
    for column in columns:
        if id(column) not in places:
            places[id(column)] = len(found)
            found.append(column)
    return found, places


def _made(read: Read, columns: Sequence[Sequence[Any]], size: int) -> Sequence[Any]:
    turn = read.turn
    if turn is None:
        return columns[0]
    if not columns:
        return [turn()] * size
    return turned(turn, columns[0]) if len(columns) == 1 else [turn(*values) for values in zip(*columns, strict=True)]


def turned(turn: Callable[[Any], Any], column: Sequence[Any]) -> Sequence[Any]:
    """Each value of a column turned; the same value once."""
    try:
        known = {value: turn(value) for value in set(column)}
    except TypeError:  # a value out of JSON
        return [turn(value) for value in column]
    return [known[value] for value in column]


def month_of(day: date) -> str:
    """`2026-03`."""
    return f"{day.year}-{day.month:02d}"


def quarter_of(day: date) -> str:
    """`2026-Q1`."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


_OF_DATE: dict[str, Callable[[date], Any]] = {
    "on": lambda day: day, "month": month_of, "quarter": quarter_of, "year": lambda day: str(day.year)}
