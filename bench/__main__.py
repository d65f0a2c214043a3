"""`make bench`: every measurement, a table on the screen, and bench/results.json.

`python -m bench [NAME …]`: only those modules (the names in bench/__init__.py); their figures replace the
earlier ones in the file. Ends with 1 when a target is missed.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table
from sqlalchemy import __version__ as sqlalchemy_version

from bench import MODULES, RESULTS, figures_of
from bench.figures import Figure, fsync_milliseconds
from bench.house import POSTGRESQL


def main(names: list[str]) -> int:
    """Measure, write down, show; 1 when a target is missed."""
    unknown = sorted(set(names) - set(MODULES))
    if unknown:
        sys.exit(f"no measurement is called {', '.join(unknown)}; there are {', '.join(MODULES)}")
    kept: dict[str, Any] = json.loads(RESULTS.read_text())["figures"] if names and RESULTS.exists() else {}
    figures = figures_of()
    console = Console(stderr=True)
    for name in names or MODULES:
        with console.status(f"{name} …"):
            measured = importlib.import_module(f"bench.{name}").measure()
        kept |= {figure: described(figures[figure], value) for figure, value in measured.items()}
    kept = {name: kept[name] for name in figures if name in kept}
    RESULTS.write_text(json.dumps({"machine": machine(), "figures": kept}, ensure_ascii=False, indent=2) + "\n")
    Console().print(table(kept))
    return 1 if any(row["met"] is False for row in kept.values()) else 0


def described(figure: Figure, value: float) -> dict[str, Any]:
    """A figure as it stands in the file."""
    return {"what": figure.what, "value": value, "unit": figure.unit, "target": figure.target, "met": figure.met(value)}


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {"at": datetime.now(UTC).isoformat(timespec="seconds"), "cpus": os.cpu_count(), "processor": platform.machine(),
            "system": platform.system(), "python": platform.python_version(), "sqlalchemy": sqlalchemy_version,
            "databases": databases(), "fsync_ms": round(fsync_milliseconds(tempfile.gettempdir()), 3),
            "load": round(os.getloadavg()[0], 2)}


def databases() -> dict[str, str]:
    """Versions of the two databases."""
    import sqlite3

    with psycopg.connect(POSTGRESQL.replace("+psycopg", "")) as connection:
        version = connection.info.server_version
    return {"sqlite": f"{sqlite3.sqlite_version}, WAL, synchronous=FULL", "postgresql": f"{version // 10000}.{version % 10000}"}


def table(rows: dict[str, dict[str, Any]]) -> Table:
    """The figures for the screen."""
    drawn = Table(title="shouxu: speed", title_justify="left")
    for title in ("figure", "what", "value", "unit", "target", "met"):
        drawn.add_column(title, justify="right" if title == "value" else "left")
    for name, row in rows.items():
        met = {True: "[green]yes", False: "[red]no", None: ""}[row["met"]]
        drawn.add_row(name, row["what"], f"{row['value']:,.4g}", row["unit"], row["target"], met)
    return drawn


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
