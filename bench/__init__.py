"""Measurements against their targets: `make bench`. Each module has FIGURES (what, unit, target) and `measure()`."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.figures import Figure

MODULES = ("render", "packet", "volume", "start", "board", "http", "language", "registers", "estates", "fees")
RESULTS = Path(__file__).with_name("results.json")


def figures_of(modules: Iterable[str] = MODULES) -> dict[str, Figure]:
    """Every figure of those modules by name, in order."""
    return {name: figure for module in modules
            for name, figure in importlib.import_module(f"bench.{module}").FIGURES.items()}
