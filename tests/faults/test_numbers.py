"""Numbers under fire: no gap, no duplicate, no lost acknowledgement (small here, large by `make faults`)."""

import json
import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import select

from core.domain.documents import Series
from core.store import events, series
from core.store.engine import make_engine
from core.store.models import SeriesNumber
from core.store.session import session_factory, unit_of_work

ROOT = Path(__file__).resolve().parents[2]
LARGE = os.environ.get("SHOUXU_FAULTS") == "large"
PROCESSES, NUMBERS, KILLS = (50, 20_000, 200) if LARGE else (4, 200, 5)
SERIES = Series.model_validate({"name": "certificate", "title": "入住证明"})


def test_kills_leave_no_gap_no_duplicate_and_lose_nothing(database_url):
    script = ROOT / "tests" / "faults" / "numbers_run.py"
    command = [sys.executable, str(script), database_url, str(PROCESSES), str(NUMBERS), str(KILLS)]
    said = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=2400,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert said.returncode == 0, said.stderr[-3000:]
    found = json.loads(said.stdout)
    print(f"{NUMBERS} numbers, {PROCESSES} processes, {found['killed']} kills: {found['seconds']} s")
    assert found["killed"] == KILLS
    assert found["contradictions"] == []
    assert sorted(found["acknowledged"].values()) == list(range(1, NUMBERS + 1))
    with unit_of_work(session_factory(make_engine(database_url)), readonly=True) as session:
        rows = session.scalars(select(SeriesNumber))
        stored = {row.request_key: row.value for row in rows}
        assert stored == found["acknowledged"]
        assert session.query(SeriesNumber).count() == NUMBERS
        assert series.gaps(session, estate="jade", series=SERIES) == []
        # a kill between commit and acknowledgement makes the request come again: same number, one more event
        assert NUMBERS <= events.verify_chain(session, "jade").require().count <= NUMBERS + KILLS
