"""Bars as plain geometry, for a template to draw: upright for time and for many short names, else lying."""

from __future__ import annotations

from dataclasses import dataclass

from core.registers.tables import RegisterTable
from core.registers.words import Spoken

WIDTH, HEIGHT, LABELS, FIGURES = 720, 240, 150, 90
"""Of the drawing, in its own units; the column of labels and that of figures beside lying bars."""
ROW, TOP, BOTTOM = 28, 24, 24
UPRIGHT = ("month", "quarter", "year")
LONGEST_LABEL = 11
MANY, SHORT = 8, 3


@dataclass(frozen=True)
class DrawnBar:
    """One bar: its rectangle, and where its label and its figure stand."""

    x: float
    y: float
    width: float
    height: float
    label: str
    label_x: float
    label_y: float
    value: str
    value_x: float
    value_y: float


@dataclass(frozen=True)
class Drawing:
    """The bars of a chart. `upright`: labels stand below the bars, else at their left."""

    title: str
    width: int
    height: int
    upright: bool
    bars: tuple[DrawnBar, ...]
    more: int = 0


def drawing(table: RegisterTable, spoken: Spoken) -> Drawing | None:
    """The chart of a register; None where it has none or there is nothing to show."""
    by, of = table.chart, table.chart_of
    if by is None or of is None or not any(bar.value for bar in table.bars):
        return None
    said = [(spoken.say(by, bar.label) or "—", spoken.say(of, bar.value), float(bar.value or 0)) for bar in table.bars]
    upright = by.name in UPRIGHT or (len(said) > MANY and max(len(label) for label, *_ in said) <= SHORT)
    bars = _standing(said) if upright else _lying(said)
    return Drawing(f"{of.title} · {by.title}", WIDTH, HEIGHT if upright else ROW * len(bars) + 8, upright, bars, table.more_bars)


def _standing(said: list[tuple[str, str, float]]) -> tuple[DrawnBar, ...]:
    most, slot, floor = max(value for *_, value in said), WIDTH / len(said), HEIGHT - BOTTOM
    wide = min(slot * 0.64, 56)
    found: list[DrawnBar] = []
    for at, (label, text, value) in enumerate(said):
        high = max(value, 0) / most * (floor - TOP) if most > 0 else 0
        middle = slot * (at + 0.5)
        found.append(_bar(middle - wide / 2, floor - high, wide, high, label, middle, HEIGHT - 7, text if value else "", middle,
                          floor - high - 6))
    return tuple(found)


def _lying(said: list[tuple[str, str, float]]) -> tuple[DrawnBar, ...]:
    most, room = max(value for *_, value in said), WIDTH - LABELS - FIGURES
    found: list[DrawnBar] = []
    for at, (label, text, value) in enumerate(said):
        long, y = max(value, 0) / most * room if most > 0 else 0, 4 + at * ROW
        short = label if len(label) <= LONGEST_LABEL else f"{label[:LONGEST_LABEL - 1]}…"
        found.append(_bar(LABELS, y + 4, long, ROW - 8, short, LABELS - 8, y + 19, text, LABELS + long + 8, y + 19))
    return tuple(found)


def _bar(x: float, y: float, width: float, height: float, label: str, label_x: float, label_y: float, value: str,
         value_x: float, value_y: float) -> DrawnBar:
    def at(number: float) -> float:
        return round(number, 1)

    return DrawnBar(at(x), at(y), at(width), at(height), label, at(label_x), at(label_y), value, at(value_x), at(value_y))
