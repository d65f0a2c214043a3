"""What is measured, what it should be at most, and how samples become one figure."""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

ROUNDS = 5
"""A ratio is taken within one round, on one machine in the same seconds; the figure is the median of the rounds."""


@dataclass(frozen=True)
class Figure:
    """One measured name: what it is, its unit, and the most (`least`: the least) it should be; None: for information."""

    what: str
    unit: str
    most: float | None = None
    least: float | None = None

    def met(self, value: float) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.most is not None:
            return value <= self.most
        return value >= self.least if self.least is not None else None

    @property
    def target(self) -> str:
        """The target in words: `≤ 0.5`; empty where there is none."""
        if self.most is not None:
            return f"≤ {self.most:g}"
        return f"≥ {self.least:g}" if self.least is not None else ""


def quantile(samples: Sequence[float], share: float) -> float:
    """The sample below or at which `share` of all lie (nearest rank)."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, max(0, -(-len(ordered) * round(share * 1000) // 1000) - 1))]


def median_ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """The median of the rounds' ratios."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


def milliseconds(act: Callable[[], object], times: int = 1) -> list[float]:
    """How long each of `times` runs of `act` took."""
    taken = []
    for _ in range(times):
        begun = perf_counter()
        act()
        taken.append((perf_counter() - begun) * 1000)
    return taken


def fsync_milliseconds(folder: str | None = None, times: int = 40) -> float:
    """The median time to write 8 KB to a file and flush it to the disk, in the folder where the house writes."""
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        def flushed() -> None:
            file.write(b"\0" * 8192)
            file.flush()
            os.fsync(file.fileno())

        return statistics.median(milliseconds(flushed, times))
