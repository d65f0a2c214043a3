"""Hostile templates under limits: no file, no process, no socket, at most 10 seconds, at most 512 MB (whole by `make faults`).

Each goes through the child that tries what comes from outside, and through the engine in a process of our own. What the child
stops for its time or memory never comes to the engine; all else must end there by itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.documents.faults import TemplateFault
from core.documents.trial import tried
from tests.documents.hostile_templates import GIVEN, INJECTIONS, corpus

ROOT = Path(__file__).resolve().parents[2]
LARGE = os.environ.get("SHOUXU_FAULTS") == "large"
SECONDS, MEMORY, START = 10, 512 * 2**20, 2
STOPPED = (3130, 3131)
ALL = {name: make for name, make, dear in corpus() if LARGE or not dear}
TRIED = ALL if LARGE else dict(list(ALL.items())[::9])
RUN = ALL if LARGE else {name: make for at, (name, make) in enumerate(ALL.items()) if at < len(INJECTIONS) or at % 3 == 0}


@pytest.fixture(scope="module")
def verdicts() -> dict[str, int]:
    """The number with which the child refuses each, 0 for those that it passes."""
    found = {}
    for name, make in TRIED.items():
        started = time.monotonic()
        try:
            problems = tried(make(), [GIVEN]).problems[0]
            found[name] = problems[0].number if problems else 0
        except TemplateFault as fault:
            found[name] = fault.number
        assert time.monotonic() - started < SECONDS + START, name
    return found


def test_the_child_answers_for_each(verdicts: dict[str, int]) -> None:
    assert 3133 not in verdicts.values(), "none comes so far that it could reach for anything"
    refused = [name for name, number in verdicts.items() if number]
    assert all(name in refused for name in verdicts if name.startswith("injection"))
    assert len(refused) > len(verdicts) / 2


def test_the_engine_ends_by_itself_and_touches_nothing(verdicts: dict[str, int], tmp_path: Path) -> None:
    names = [name for name in RUN if verdicts.get(name) not in STOPPED]
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests/faults/templates_run.py"), str(SECONDS)],
        input=json.dumps(names),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "TMPDIR": str(tmp_path)},
        timeout=60 + len(names) * (SECONDS + 1),
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    *rows, end = map(json.loads, done.stdout.splitlines())
    assert [row["name"] for row in rows] == names
    assert [row for row in rows if row["touched"]] == []
    assert [row for row in rows if row["ended"] != "rendered" and not row["ended"].isdigit()] == [], "refused with a number, or harmless"
    assert {row["name"]: row["ended"] for row in rows if row["name"].startswith("injection") and row["ended"] == "rendered"} == {}
    assert end["memory"] < MEMORY
    assert list(tmp_path.iterdir()) == []
    print(f"{len(rows)} templates, slowest {max(row['seconds'] for row in rows)} s, {end['memory'] / 2**20:.0f} MB")
