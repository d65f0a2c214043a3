"""`shouxu new estate`: a folder that passes `shouxu check` at once, and whose comments are true."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from core.cli.program import shouxu
from core.settings import SHIPPED
from tests.remembered_kit import remembering


@pytest.fixture
def estates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the shipped company, to be written into."""
    folder = tmp_path / "estates"
    shutil.copytree(SHIPPED / "estates" / "cuiwei", folder / "cuiwei", ignore=shutil.ignore_patterns("__pycache__", "*.xlsx"))
    monkeypatch.setenv("SHOUXU_DATA_DIR", str(remembering(tmp_path / "var")))
    monkeypatch.setenv("SHOUXU_ESTATES_DIR", str(folder))
    monkeypatch.delenv("SHOUXU_SECRET", raising=False)
    return folder


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(shouxu, list(arguments), prog_name="shouxu")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


def changed(estate: str) -> list[dict[str, Any]]:
    return json.loads(run("diff", estate, "--json").stdout)["differences"]


def uncommented(text: str) -> str:
    """The examples of a file, in force: what a person does who takes away every `# ` below the head."""
    head, _, examples = text.partition("\n\n")
    first = [line for line in head.splitlines() if not line.startswith(("#", "{}"))]
    return "\n".join([*first, *(line.removeprefix("# ") for line in examples.splitlines())]) + "\n"


def test_it_passes_check_at_once_and_changes_nothing(estates: Path) -> None:
    titles = ("--title", "枫园", "--company-title", "示例物业")
    found = json.loads(run("new", "estate", "maple", "--company", "acme", *titles, "--json").stdout)
    assert found["folder"] == str(estates / "acme" / "maple") and any(path.endswith("company.yaml") for path in found["written"])
    assert "no problems" in run("check").stdout
    assert changed("maple") == []
    assert json.loads(run("estates", "list", "--json").stdout)["estates"][0] | {"folder": ""} == {
        "estate": "maple", "title": "枫园", "company": "示例物业", "units": 0, "folder": "",
        "procedures": sorted(path.name for path in (SHIPPED / "form_definitions").iterdir() if (path / "procedure.yaml").exists())}


def test_every_example_is_what_stands_there(estates: Path) -> None:
    run("new", "estate", "maple", "--company", "acme")
    files = sorted((estates / "acme/maple/form_definitions").rglob("*.yaml"))
    assert {path.stem for path in files} >= {"fee_schedule", "required_documents", "checklists", "texts", "procedure"}
    for path in files:
        path.write_text(uncommented(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert "no problems" in run("check").stdout
    found = changed("maple")
    assert len(found) > 500
    assert {row["change"] for row in found} == {"same"}


def test_one_line_uncommented_is_one_change(estates: Path) -> None:
    run("new", "estate", "maple", "--company", "cuiwei")
    path = estates / "cuiwei/maple/form_definitions/move_in/fee_schedule.yaml"
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^\{\}.*\n", "", text)
    for line in ("fees:", "  - name: property_fee", '    rate: "2.80"'):
        text = text.replace(f"# {line}", line.replace("2.80", "3.10"), 1)
    path.write_text(text, encoding="utf-8")
    assert "no problems" in run("check").stdout
    [row] = changed("maple")
    assert (row["path"], row["base"]["value"], row["own"]["value"]) == (["fees", "property_fee", "rate"], "2.80", "3.10")


def test_based_on_another_takes_its_changes_but_not_its_name(estates: Path) -> None:
    run("new", "estate", "maple", "--company", "cuiwei", "--based-on", "jade_garden", "--title", "枫园")
    assert "no problems" in run("check").stdout
    assert [row["words"] for row in changed("maple")] == [row["words"] for row in changed("jade_garden")] != []
    rows = json.loads(run("diff", "jade_garden", "maple", "--json").stdout)["differences"]
    assert {(row["change"], *row["path"]) for row in rows} == {("removed", key) for key in ("code", "source", "address", "phone", "demo")}


def test_a_new_estate_can_be_rehearsed(estates: Path, tmp_path: Path) -> None:
    run("new", "estate", "maple", "--company", "acme")
    for name in ("units.xlsx", "demo_users.yaml"):
        shutil.copy(SHIPPED / "estates/cuiwei/jade_garden" / name, estates / "acme/maple")
    clock = "2026-03-02T09:00:00+08:00"
    run("walk", "item_release", "--estate", "maple", "--no-pdf", "--out", str(tmp_path / "out"), "--clock", clock)
    assert list((tmp_path / "out").glob("*.docx"))


@pytest.mark.parametrize(("arguments", "says"), [
    (("Maple", "--company", "acme"), "NAME"), (("3maple", "--company", "acme"), "NAME"), (("枫园", "--company", "acme"), "NAME"),
    (("../maple", "--company", "acme"), "NAME"), (("plugins", "--company", "acme"), "NAME"),
    (("maple", "--company", "Acme Ltd"), "--company"), (("maple", "--company", "form_definitions"), "--company"),
    (("jade_garden", "--company", "cuiwei"), "jade_garden"), (("jade_garden", "--company", "acme"), "jade_garden"),
    (("maple", "--company", "acme", "--based-on", "jade_gardn"), "jade_garden"),
])
def test_bad_names_and_taken_ones_are_refused_and_nothing_is_written(estates: Path, arguments: tuple[str, ...], says: str) -> None:
    before = sorted(estates.rglob("*"))
    assert says in run("new", "estate", *arguments, code=1).stderr
    assert sorted(estates.rglob("*")) == before


def test_a_folder_that_is_there_is_left_alone(estates: Path) -> None:
    (estates / "cuiwei" / "maple").mkdir()
    (estates / "cuiwei" / "maple" / "estate.yaml").write_text("estate: maple\ntitle: 枫园\n", encoding="utf-8")
    run("new", "estate", "maple", "--company", "cuiwei", code=1)
    assert (estates / "cuiwei" / "maple" / "estate.yaml").read_text(encoding="utf-8") == "estate: maple\ntitle: 枫园\n"
