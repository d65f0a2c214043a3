"""`shouxu due` on an installation of its own."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from core.cases.opening import open_case
from core.cli.due import _late
from core.cli.installation import counter, installed_office
from core.cli.program import shouxu
from core.store.models import Timer
from tests.remembered_kit import remembering

ESTATE = "jade_garden"
AT = datetime.fromisoformat("2026-03-05T10:00:00+08:00")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs a command on an installation of its own."""
    monkeypatch.setenv("SHOUXU_DATA_DIR", str(remembering(tmp_path / "var")))
    monkeypatch.delenv("SHOUXU_SECRET", raising=False)

    def run(*arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(shouxu, list(arguments), prog_name="shouxu")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    return run


@pytest.fixture
def number(run: Any) -> str:
    """The number of a case that began, with a timer missed, one due and one to come; nothing but the timers asks for time."""
    from core.cases.building import system_actor
    from core.cases.registration import import_units
    from core.settings import SHIPPED
    from core.store.models import Unit

    office = installed_office()
    with counter(office) as desk:
        book = (SHIPPED / "estates" / "cuiwei" / ESTATE / "units.xlsx").read_bytes()
        import_units(desk, ESTATE, book, only=lambda code: code == "1-1-101")
        desk.session.flush()
        case = open_case(desk, ESTATE, "move_in", desk.session.query(Unit).one().id)
        assert desk.actor == system_actor(office)
        for late, kind, state in ((timedelta(days=2, hours=3), "due", "fired"), (timedelta(minutes=5), "expiry", "waiting"),
                                  (timedelta(hours=-30), "escalate", "waiting")):
            desk.session.add(Timer(estate=ESTATE, case_id=case.id, step="verify", kind=kind, base_at=AT, at=AT - late, state=state))
        number = case.number
    office.sessions.kw["bind"].dispose()
    return number


def test_the_list_fits_the_terminal_and_says_how_late(run: Any, number: str) -> None:
    said = run("due", "--estate", ESTATE, "--at", "2026-03-05T10:00").stdout
    assert [line.split() for line in said.splitlines()] == [
        ["case", "step", "kind", "when", "state", "late"],
        [number, "验证", "due", "2026-03-03", "07:00", "overdue", "2d", "3h"],
        [number, "验证", "expiry", "2026-03-05", "09:55", "due", "5m"],
        [number, "验证", "escalate", "2026-03-06", "16:00", "waiting", "-1d", "6h"]]
    assert max(map(len, said.splitlines())) <= 80


def test_the_list_as_json(run: Any, number: str) -> None:
    found = json.loads(run("due", "--estate", ESTATE, "--at", "2026-03-05T02:00:00+00:00", "--limit", "2", "--json").stdout)
    assert (found["estate"], found["at"]) == (ESTATE, "2026-03-05T02:00:00+00:00")
    assert [(row["case_number"], row["step"], row["kind"], row["state"], row["late_seconds"]) for row in found["due"]] == [
        (number, "verify", "due", "overdue", 51 * 3600), (number, "verify", "expiry", "due", 300)]
    assert found["due"][0]["at"] == "2026-03-02T23:00:00+00:00"


def test_nothing_due(run: Any) -> None:
    assert run("due", "--estate", ESTATE).stdout == f"nothing is due at {ESTATE}\n"
    assert json.loads(run("due", "--estate", ESTATE, "--json").stdout)["due"] == []


def test_mistakes_are_named(run: Any) -> None:
    assert "SX-2004" in run("due", "--estate", "nowhere", code=1).stderr
    assert "--at" in run("due", "--estate", ESTATE, "--at", "soon", code=2).stderr
    assert "--estate" in run("due", code=2).stderr


@pytest.mark.parametrize(("seconds", "said"), [(0, "0m"), (59, "0m"), (60, "1m"), (3600, "1h"), (-5400, "-1h 30m"),
                                               (86400, "1d"), (180000, "2d 2h"), (-59, "0m")])
def test_how_late(seconds: int, said: str) -> None:
    assert _late(seconds) == said
