"""`shouxu cases` on an installation of its own, whose estate changes its definitions."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from core.cases.opening import open_case
from core.cases.registration import import_units
from core.cli.installation import counter, installed_office
from core.cli.program import shouxu
from core.settings import SHIPPED
from core.store.models import Case, Unit
from core.store.session import unit_of_work
from tests.remembered_kit import remembering

ESTATE = "jade_garden"
MORE = """required_documents:
  - name: owner
    items:
      - {name: new_proof, title: 新证明}
"""


@pytest.fixture
def estates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the estates of an installation of its own."""
    folder = tmp_path / "estates"
    shutil.copytree(SHIPPED / "estates", folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setenv("SHOUXU_DATA_DIR", str(remembering(tmp_path / "var")))
    monkeypatch.setenv("SHOUXU_ESTATES_DIR", str(folder))
    monkeypatch.delenv("SHOUXU_SECRET", raising=False)
    return folder


@pytest.fixture
def run(estates: Path):
    """Runs a command on it."""
    def run(*arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(shouxu, ["cases", *arguments], prog_name="shouxu")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    return run


@pytest.fixture
def numbers(estates: Path) -> list[str]:
    """The numbers of two cases that began before the definitions changed."""
    office = installed_office()
    with counter(office) as desk:
        book = (SHIPPED / "estates" / "cuiwei" / ESTATE / "units.xlsx").read_bytes()
        import_units(desk, ESTATE, book, only=lambda code: code in ("1-1-101", "1-1-102"))
        desk.session.flush()
        found = [open_case(desk, ESTATE, "move_in", unit.id).number for unit in desk.session.query(Unit).order_by(Unit.code)]
    office.sessions.kw["bind"].dispose()
    return found


def change(estates: Path) -> None:
    """From now on the estate asks for one more paper."""
    place = estates / "cuiwei" / ESTATE / "form_definitions" / "move_in" / "required_documents.yaml"
    place.parent.mkdir(parents=True, exist_ok=True)
    said = place.read_text(encoding="utf-8") if place.exists() else ""
    if said:
        said = said.rstrip() + "\n" + MORE.partition("\n")[2]
    place.write_text(said or MORE, encoding="utf-8")


def pins() -> dict[str, str]:
    office = installed_office()
    with unit_of_work(office.sessions, readonly=True) as session:
        found = {case.number: case.pin for case in session.query(Case)}
    office.sessions.kw["bind"].dispose()
    return found


def test_one_case_is_shown_and_then_brought_over(run: Any, numbers: list[str], estates: Path) -> None:
    first, second = numbers
    assert "already" in run("migrate", first, "--estate", ESTATE).stdout
    change(estates)
    before = pins()
    said = run("migrate", first, "--estate", ESTATE).stdout
    assert "new_proof" in said and "--apply" in said and max(map(len, said.splitlines())) <= 100
    assert pins() == before
    found = json.loads(run("migrate", first, "--json").stdout)
    assert (found["may"], found["done"], found["before"]) == (True, False, before[first])
    assert [(row["kind"], row["name"]) for row in found["changes"] if row["how"] == "added"] == [("paper", "new_proof")]
    assert "--reason" in run("migrate", first, "--apply", code=2).stderr
    done = run("migrate", first, "--apply", "--reason", "新标准").stdout
    assert "stands on the present definitions now" in done
    after = pins()
    assert after[first] == found["after"] and after[second] == before[second]


def test_outdated_cases_are_counted_and_brought_over_together(run: Any, numbers: list[str], estates: Path) -> None:
    change(estates)
    rows = json.loads(run("outdated", "--estate", ESTATE, "--json").stdout)
    assert {row["procedure"]: (row["open"], row["outdated"]) for row in rows["procedures"] if row["open"]} == {"move_in": (2, 2)}
    listed = run("outdated", "--estate", ESTATE, "--procedure", "move_in").stdout
    assert all(number in listed for number in numbers) and "2 cases" in listed
    assert "move_in" in run("outdated", "--estate", ESTATE).stdout
    every = ("migrate", "--all", "--procedure", "move_in", "--estate", ESTATE)
    before = pins()
    assert "nothing was changed" in run(*every).stdout and pins() == before
    done = json.loads(run(*every, "--apply", "--reason", "新标准", "--json").stdout)
    assert [(row["number"], row["done"]) for row in done["cases"]] == [(number, True) for number in numbers]
    assert not set(pins().values()) & set(before.values())
    assert "no open case" in run(*every).stdout


def test_one_that_cannot_be_is_left_and_the_others_are_done(run: Any, numbers: list[str], estates: Path) -> None:
    from core.cases.lifecycle import suspend

    office = installed_office()
    with counter(office) as desk:
        suspend(desk, desk.session.query(Case).filter_by(number=numbers[0]).one().id, "等")
    office.sessions.kw["bind"].dispose()
    change(estates)
    before = pins()
    said = run("migrate", "--all", "--procedure", "move_in", "--estate", ESTATE, "--apply", "--reason", "新标准", code=1).stdout
    assert "refused" in said and "done" in said
    after = pins()
    assert after[numbers[0]] == before[numbers[0]] and after[numbers[1]] != before[numbers[1]]


def test_mistakes_are_named(run: Any, estates: Path) -> None:
    assert "SX-2004" in run("migrate", "RH-2026-99999", code=1).stderr
    assert "SX-2004" in run("outdated", "--estate", "nowhere", code=1).stderr
    for wrong in ((), ("--all", "--estate", ESTATE), ("X", "--all", "--procedure", "move_in", "--estate", ESTATE)):
        assert "--all" in run("migrate", *wrong, code=2).stderr
