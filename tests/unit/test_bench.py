"""The measured figures are complete, typed and documented; how fast the machine of a test is says nothing."""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path
from typing import Any

import pytest

from bench import MODULES, RESULTS, figures_of
from bench.figures import Figure, median_ratio, quantile

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "speed.md"
FIGURES = figures_of(MODULES)


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def documented() -> dict[str, str]:
    """Target by figure, from the tables of the page; `DATABASE` stands for both."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.read_text(encoding="utf-8").splitlines()
            if line.startswith("| `")]
    return {row[0].strip("`"): row[3] for row in rows}


def test_the_results_say_what_they_were_measured_on(results: dict[str, Any]) -> None:
    machine = results["machine"]
    assert machine["cpus"] >= 1 and machine["fsync_ms"] > 0
    assert machine["python"].startswith("3.") and set(machine["databases"]) == {"sqlite", "postgresql"}


def test_every_figure_was_measured(results: dict[str, Any]) -> None:
    assert list(results["figures"]) == list(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_a_result_is_well_formed(results: dict[str, Any], name: str) -> None:
    row, figure = results["figures"][name], FIGURES[name]
    assert set(row) == {"what", "value", "unit", "target", "met"}
    assert isfinite(row["value"]) and row["value"] >= 0
    assert (row["what"], row["unit"], row["target"]) == (figure.what, figure.unit, figure.target)
    assert row["met"] is figure.met(row["value"])


def test_every_figure_stands_in_the_documentation_with_its_target() -> None:
    named = {name.replace("_sqlite_", "_DATABASE_").replace("_postgresql_", "_DATABASE_"): figure.target or "—"
             for name, figure in FIGURES.items()}
    assert documented() == named


def test_a_quantile_is_one_of_the_samples() -> None:
    samples = [float(n) for n in range(1, 101)]
    assert [quantile(samples, share) for share in (0.5, 0.95, 1.0)] == [50, 95, 100]
    assert quantile([3.0], 0.95) == 3


def test_ratios_are_taken_within_their_round() -> None:
    assert median_ratio([10, 40, 30], [10, 10, 10]) == 3
    assert median_ratio([10, 100], [10, 100]) == 1


def test_a_target_has_a_direction() -> None:
    assert Figure("", "ms", most=2).met(2) is True and Figure("", "ms", most=2).met(2.1) is False
    assert Figure("", "times", least=20).met(19) is False and Figure("", "times", least=20).target == "≥ 20"
    assert Figure("", "ms").met(5) is None and Figure("", "ms").target == ""
