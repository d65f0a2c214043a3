"""A register as its reader gets it: rows, groups, totals, figures, checks, bars; all from one reading of the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

from core.cases.desk import Desk
from core.definitions.register_names import DATES, Kind, Known
from core.domain.base import Text
from core.domain.bundle import Bundle
from core.domain.registers import Figure, Register, Rows, Total
from core.errors import NotFound, RuleError
from core.money import METHODS
from core.registers.counting import Counter, RowRule, grouped, in_order, kind_of, names_in, repeats_of
from core.registers.periods import Span, months_of, span_of
from core.registers.reading import KEY, Columns, Reading
from core.rules import Activation, Rule

COUNT = Text(zh="件数", en="Count")
MOST_BARS = 40
Values = tuple[Any, ...]


@dataclass(frozen=True)
class Column:
    """A column of the table: what it is called, what kind of values stand in it, words for them."""

    name: str
    title: str
    kind: Kind
    words: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A row: the case it leads to (empty: none), its values in the order of the columns, whether it is flagged."""

    case_id: str
    values: Values
    flagged: bool = False


@dataclass(frozen=True)
class Counted:
    """A total or a figure."""

    name: str
    title: str
    kind: Kind
    value: Any
    source: str = ""


@dataclass(frozen=True)
class Checked:
    """A check: whether it holds; `error` says why that cannot be told."""

    name: str
    title: str
    holds: bool
    error: str = ""
    source: str = ""


@dataclass(frozen=True)
class Bar:
    """A bar of the chart: what it stands for, and its value."""

    label: Any
    value: Any


@dataclass(frozen=True)
class RegisterTable:
    """A register over a period. Values are raw: money in 分, dates, aware moments; `core.registers.words` says them.

    `rows`: those asked for; `row_count`: how many there are. `groups`: for each group the values of `group_columns`: first
    what it is grouped by, then the totals. Totals, groups and checks are of all rows.
    """

    estate: str
    procedure: str
    name: str
    title: str
    source: str
    help: str
    span: Span
    dated: bool
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    row_count: int
    group_columns: tuple[Column, ...] = ()
    groups: tuple[Values, ...] = ()
    totals: tuple[Counted, ...] = ()
    figures: tuple[Counted, ...] = ()
    checks: tuple[Checked, ...] = ()
    flag: str = ""
    flagged: int = 0
    chart: Column | None = None
    chart_of: Column | None = None
    bars: tuple[Bar, ...] = ()
    more_bars: int = 0


@dataclass(frozen=True)
class RegisterEntry:
    """A register in the list of an estate."""

    procedure: str
    procedure_title: str
    name: str
    title: str
    source: str
    help: str


def registers_of(desk: Desk, estate: str) -> list[RegisterEntry]:
    """Every register of the estate that the reader may read, procedure by procedure."""
    desk.enter(estate)
    library = desk.office.library
    found: list[RegisterEntry] = []
    for procedure in library.procedures(estate):
        bundle = library.bundle(estate, procedure)
        found += [RegisterEntry(procedure, desk.say(bundle.procedure.title), one.name, desk.say(one.title), one.source,
                                desk.say(one.help) if one.help else "")
                  for one in bundle.registers if desk.has_role(estate, one.roles)]
    return found


def register_table(desk: Desk, estate: str, procedure: str, name: str, span: Span | None = None, *, start: int = 0,
                   size: int | None = None) -> RegisterTable:
    """The register `name` of a procedure over `span`; None: over its own present period.

    With `size` so many rows from `start` on (nothing else is read of the others than what is counted), else all of them.
    NotFound for strangers and where there is no such register; Forbidden for roles that may not read it.
    """
    desk.enter(estate)
    bundle = _bundle(desk, estate, procedure)
    register = next((one for one in bundle.registers if one.name == name), None)
    if register is None:
        raise NotFound(desk.tr(f"没有登记表“{name}”", f"There is no register `{name}`"))
    desk.require_role(estate, register.roles, f"“{desk.say(register.title)}”")
    return _Made(desk, estate, bundle, register, span or span_of(register.period, desk.today(estate)), start, size).table()


def _bundle(desk: Desk, estate: str, procedure: str) -> Bundle:
    if procedure not in desk.office.library.procedures(estate):
        raise NotFound(desk.tr(f"本项目没有手续“{procedure}”", f"The estate has no procedure `{procedure}`"))
    return desk.office.library.bundle(estate, procedure)


class _Made:
    """One register in the making."""

    def __init__(self, desk: Desk, estate: str, bundle: Bundle, register: Register, span: Span, start: int,
                 size: int | None) -> None:
        self.desk, self.estate, self.bundle, self.register = desk, estate, bundle, register
        self.start, self.size = start, size
        self.dated = bool(DATES[register.of])
        self.span = span if self.dated else Span()
        self.reading = self._reading()

    def table(self) -> RegisterTable:
        desk, register = self.desk, self.register
        totals = tuple(Counted(total.name, self._total_title(total), self._kind(total), self._counter(total).of())
                       for total in register.totals)
        figures = tuple(self._figure(figure) for figure in register.figures)
        bars, more = self._bars()
        return RegisterTable(
            self.estate, self.bundle.procedure.name, register.name, desk.say(register.title), register.source,
            desk.say(register.help) if register.help else "", self.span, self.dated,
            tuple(self._column(one.name, one.value, one.title) for one in register.columns), self._shown(), self.columns.size,
            self._group_columns() if register.group_by else (), self._groups() if register.group_by else (),
            totals, figures, self._checks(totals, figures), desk.say(register.flag.title) if register.flag else "",
            sum(self._kept[1]), self._named_column(register.chart.by) if register.chart else None,
            self._total_column(self._chart_total()) if register.chart else None, bars, more)

    # ------------------------------------------------------------ rows

    def _reading(self) -> Reading:
        """All rows, with what is counted by; with what is shown as well, when all of them are."""
        register = self.register
        names = [*register.group_by, *(register.counted(total) for total in register.totals if total.of),
                 *([register.chart.by] if register.chart else []),
                 *(["on", *register.repeats.by] if register.repeats else ())]
        rules = names_in(register.where, register.flag.when if register.flag else None,
                         *(text for total in register.totals for text in (total.when, total.share)))
        first = self.span.first
        if first is not None and register.repeats:
            first -= timedelta(days=register.repeats.days)  # what came shortly before counts as repeated
        shown = self._shown_names if self.size is None else ()
        return Reading(self.desk, self.estate, self.bundle, register, [*names, *sorted(rules - {"repeats"}), *shown], first,
                       self.span.last)

    @property
    def _shown_names(self) -> tuple[str, ...]:
        return ("case.id", *(column.value for column in self.register.columns))

    @cached_property
    def _kept(self) -> tuple[Columns, list[bool]]:
        """The rows of the period that pass the filter, and whether each is flagged."""
        columns = filtered(self.register, self.reading)
        flag, repeats = self.register.flag, self.register.repeats
        if flag is None:
            return columns, [False] * columns.size
        if repeats:
            columns.values["repeats"] = repeats_of(repeats, columns)
            columns = columns.kept([self.span.first is None or on >= self.span.first for on in columns["on"]])
        return columns, RowRule(flag.when).over(columns)

    @property
    def columns(self) -> Columns:
        return self._kept[0]

    def _shown(self) -> tuple[Row, ...]:
        """The rows that were asked for, in the order of their dates."""
        if not self.register.columns:
            return ()
        columns, flags = self._kept
        end = columns.size if self.size is None else min(self.start + self.size, columns.size)
        wanted = range(self.start, end)
        source, places = columns, list(wanted)
        if self.size is not None:
            keys = list(columns.rows(KEY, wanted))
            source = Reading(self.desk, self.estate, self.bundle, self.register, self._shown_names,
                             ids={row_id for row_id, _ in keys}).columns()
            at = {key: place for place, key in enumerate(source.rows(KEY, range(source.size)))}
            places = [at[key] for key in keys]
        rows = source.rows(self._shown_names, places)
        return tuple([Row(case or "", tuple(values), flags[place]) for place, (case, *values) in zip(wanted, rows, strict=True)])

    # ------------------------------------------------------------ columns

    def _column(self, name: str, value: str, title: Text | None) -> Column:
        known = self.reading.known[value]
        return Column(name, self.desk.say(title or known.title), known.kind, self._words(value, known))

    def _words(self, name: str, known: Known) -> Mapping[str, Text]:
        if name == "line.method":
            return METHODS
        library = self.desk.office.library
        if name == "case.procedure":
            return {one: library.bundle(self.estate, one).procedure.title for one in library.procedures(self.estate)}
        if name in ("step.item", "deadline.item"):  # a number, or the role of a step that each role does
            return {role.name: role.title for role in self.desk.office.estate(self.estate).roles}
        return known.words

    def _named_column(self, name: str) -> Column:
        return self._column(name, name, next((one.title for one in self.register.columns if one.value == name), None))

    def _total_column(self, total: Total) -> Column:
        return Column(total.name, self._total_title(total), self._kind(total))

    def _total_title(self, total: Total) -> str:
        if total.title:
            return self.desk.say(total.title)
        column = self.register.column(total.of)
        if column and column.title:
            return self.desk.say(column.title)
        known = self._known(total)
        return self.desk.say(known.title if known else COUNT)

    def _known(self, total: Total) -> Known | None:
        return self.reading.known.get(self.register.counted(total)) if total.of else None

    def _kind(self, total: Total) -> Kind:
        return kind_of(total, self._known(total))

    # ------------------------------------------------------------ totals and groups

    def _counter(self, total: Total) -> Counter:
        return Counter(total, self.register.counted(total), self.columns, self._known(total))

    def _group_columns(self) -> tuple[Column, ...]:
        return (*(self._named_column(name) for name in self.register.group_by),
                *(self._total_column(total) for total in self.register.totals))

    def _groups(self) -> tuple[Values, ...]:
        by = grouped(self.columns, self.register.group_by)
        counters = [self._counter(total) for total in self.register.totals]
        known = [self.reading.known[name] for name in self.register.group_by]
        return tuple((*key, *(counter.of(by[key]) for counter in counters)) for key in in_order(by, known))

    def _figure(self, figure: Figure) -> Counted:
        names = names_in(figure.where) | ({figure.total.of} if figure.total.of else set())
        reading = Reading(self.desk, self.estate, self.bundle, figure, sorted(names), self.span.first, self.span.last)
        known = reading.known.get(figure.total.of)
        value = Counter(figure.total, figure.total.of, filtered(figure, reading), known).of()
        return Counted(figure.name, self.desk.say(figure.title), kind_of(figure.total, known), value, figure.source)

    def _checks(self, totals: Iterable[Counted], figures: Iterable[Counted]) -> tuple[Checked, ...]:
        values = {"totals": {one.name: one.value for one in totals}, "figures": {one.name: one.value for one in figures}}
        found: list[Checked] = []
        for one in self.register.checks:
            try:
                verdict = Rule.compile(one.check).verdict(Activation(values))
                holds, error = verdict.holds, verdict.error
            except RuleError as wrong:
                holds, error = False, wrong.what
            found.append(Checked(one.name, self.desk.say(one.title), holds, error, one.source))
        return tuple(found)

    # ------------------------------------------------------------ chart

    def _chart_total(self) -> Total:
        assert self.register.chart is not None
        return next(total for total in self.register.totals if total.name == self.register.chart.of)

    def _bars(self) -> tuple[tuple[Bar, ...], int]:
        """The bars in order; with too many of them the largest, and how many are left out."""
        chart = self.register.chart
        if chart is None:
            return (), 0
        counter, by = self._counter(self._chart_total()), grouped(self.columns, [chart.by])
        if chart.by == "month":
            for month in months_of(self.span)[:MOST_BARS]:
                by.setdefault((month,), [])
        bars = [Bar(key[0], counter.of(by[key])) for key in in_order(by, [self.reading.known[chart.by]])]
        if len(bars) <= MOST_BARS:
            return tuple(bars), 0
        largest = sorted(range(len(bars)), key=lambda at: -(bars[at].value or 0))[:MOST_BARS]
        return tuple(bars[at] for at in sorted(largest)), len(bars) - MOST_BARS


def filtered(rows: Rows, reading: Reading) -> Columns:
    """The rows that pass the filter."""
    columns = reading.columns()
    return columns if rows.where is None else columns.kept(RowRule(rows.where).over(columns))


__all__ = ["Bar", "Checked", "Column", "Counted", "RegisterEntry", "RegisterTable", "Row", "register_table", "registers_of"]
