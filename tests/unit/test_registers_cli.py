"""`shouxu register` on an installation of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from core.cli.program import shouxu
from tests.remembered_kit import remembering

ROOT = Path(__file__).resolve().parents[2]
GARDEN = ROOT / "estates" / "cuiwei" / "jade_garden"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs a command on an installation of its own, whose estate has its units."""
    monkeypatch.setenv("SHOUXU_DATA_DIR", str(remembering(tmp_path / "var")))
    for name in ("SHOUXU_SECRET", "SHOUXU_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: object) -> Result:
        result = CliRunner().invoke(shouxu, [str(one) for one in arguments], prog_name="shouxu")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    assert run("import", "units", GARDEN / "units.xlsx", "--estate", "jade_garden").exit_code == 0
    return run


def test_a_register_for_people_for_programs_and_for_excel(run: Any, tmp_path: Path) -> None:
    asked = ("register", "move_in", "handover", "--estate", "jade_garden")
    found = json.loads(run(*asked, "--json").stdout)
    assert (found["totals"]["count"], found["totals"]["not_begun"], len(found["groups"])) == (1158, 1158, 23)
    assert found["from"] is None and found["rows"] == [] and found["row_count"] == 1158
    result = run(*asked, "--xlsx", tmp_path / "handover.xlsx")
    assert result.exit_code == 0 and "总户数: 1,158" in result.stdout and "handover.xlsx" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 100
    sheet = openpyxl.load_workbook(tmp_path / "handover.xlsx").worksheets[0]
    rows = [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows() if row[0].value is not None]
    assert [row[0] for row in rows].count("1") == 1 and ["总户数", 1158] in rows


def test_periods_lists_and_mistakes(run: Any) -> None:
    names = {row["name"] for row in json.loads(run("register", "move_in", "--estate", "jade_garden", "--json").stdout)}
    assert {"handover", "keys", "certificates", "fees"} <= names
    asked = ("register", "move_in", "certificates", "--estate", "jade_garden", "--json")
    found = json.loads(run(*asked, "--from", "2026-03-01", "--until", "2026-03-31").stdout)
    assert (found["from"], found["until"], found["row_count"], found["checks"]) == ("2026-03-01", "2026-03-31", 0, {"every_number": True})
    assert run(*asked, "--from", "2026-03-02", "--until", "2026-03-01").exit_code == 1
    assert run(*asked, "--from", "soon").exit_code == 2
    for wrong in (("move_in", "nothing"), ("nothing", "keys")):
        result = run("register", *wrong, "--estate", "jade_garden", "--json")
        assert result.exit_code == 1 and json.loads(result.stdout)["code"] == "SX-2004"
