"""Saying things on a terminal: tables that fit, colour only where somebody looks, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.errors import Conflict, DefinitionError, DefinitionErrors, GateClosed, InvalidInput, ShouxuError

WIDTH = 80


def console(*, errors: bool = False) -> Console:
    """The terminal; into a file or pipe it writes plain text, 80 columns wide."""
    stream = sys.stderr if errors else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else WIDTH, highlight=False, soft_wrap=False)


def say(line: str, style: str = "") -> None:
    """One line, as it is: nothing in it is markup, and it is never broken."""
    console().print(Text(line, style=style), soft_wrap=True)


def warn(line: str) -> None:
    """One line beside the answer, on standard error."""
    console(errors=True).print(Text(line, style="yellow"), soft_wrap=True)


def show_json(value: Any) -> None:
    """`value` as JSON on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def show_table(heads: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "",
               right: Sequence[str] = ()) -> None:
    """A table no wider than the terminal; `right`: heads of columns with figures."""
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for head in heads:
        table.add_column(head, justify="right" if head in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    console().print(table)


def show_error(error: ShouxuError, *, as_json: bool = False) -> None:
    """The error for people on standard error, or as a problem document on standard output."""
    if as_json:
        show_json(problem(error))
        return
    terminal = console(errors=True)
    for line, style in _lines(error):
        terminal.print(Text(line, style=style), soft_wrap=True)


def problem(error: ShouxuError) -> dict[str, Any]:
    """The error as a problem document; mistakes in definitions each with file, line and column."""
    if isinstance(error, DefinitionErrors):
        return error.as_problem() | {"problems": [mistake(one) for one in error.problems]}
    if isinstance(error, DefinitionError):
        return error.as_problem() | mistake(error)
    return error.as_problem()


def mistake(error: DefinitionError) -> dict[str, Any]:
    """One mistake in a definition as plain values."""
    mark = error.mark
    place = {"file": mark.file, "line": mark.line, "column": mark.column} if mark else {}
    return {**place, "code": error.code, "message": error.what, "remedy": error.remedy}


def _lines(error: ShouxuError) -> Iterator[tuple[str, str]]:
    if isinstance(error, DefinitionErrors):
        for one in error.problems:
            yield from _lines(one)
        return
    place = f"{error.mark}  " if isinstance(error, DefinitionError) and error.mark else ""
    yield f"{place}{error.code}  {error.what}", "red"
    if isinstance(error, InvalidInput):
        yield from ((f"    {row.field}: {row.message}", "") for row in error.problems)
    if isinstance(error, GateClosed):
        yield from ((f"    {row.message}", "") for row in error.reasons)
    if isinstance(error, Conflict):
        yield from (("    " + " ".join(str(part) for part in row.values()), "") for row in error.changes)
    if error.remedy:
        yield f"    {error.remedy}", "dim"


@contextmanager
def status(title: str) -> Iterator[Callable[[str], None]]:
    """A line that says what is done just now, on a terminal only; yields a function that changes it."""
    terminal = console(errors=True)
    if not terminal.is_terminal:
        yield lambda what: None
        return
    with terminal.status(title) as line:
        yield lambda what: line.update(f"{title}: {what}")
