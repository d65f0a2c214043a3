"""The commands at work on an installation of their own: units, staff, templates, verification, the demo."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from core.cli.program import shouxu
from tests.remembered_kit import remembering

ROOT = Path(__file__).resolve().parents[2]
GARDEN = ROOT / "estates" / "cuiwei" / "jade_garden"
NOTICE = {"estate": {"title": "玉兰花园"}, "company": {"title": "翠微物业服务有限公司"}}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs a command on an installation of its own."""
    monkeypatch.setenv("SHOUXU_DATA_DIR", str(remembering(tmp_path / "var")))
    monkeypatch.delenv("SHOUXU_SECRET", raising=False)
    monkeypatch.delenv("SHOUXU_DATABASE_URL", raising=False)

    def run(*arguments: object, stdin: str = "") -> Result:
        result = CliRunner().invoke(shouxu, [str(one) for one in arguments], input=stdin, prog_name="shouxu")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def told(result: Result) -> dict:
    return json.loads(result.stdout)


def units_of(run, estate: str) -> int:
    """How many units the command line counts at an estate."""
    listed = {one["estate"]: one for one in told(run("estates", "list", "--json"))["estates"]}
    return listed[estate]["units"]


# ---------------------------------------------------------------- check


def test_check_finds_nothing_wrong_and_keeps_nothing(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SHOUXU_DATA_DIR", str(tmp_path / "new"))
    result = run("check", "--json")
    found = told(result)
    assert (result.exit_code, found["problems"]) == (0, [])
    assert found["walkthroughs"] >= 5 and found["templates"] >= 15
    assert not (tmp_path / "new").exists()


def test_check_lists_every_mistake_at_its_place(run, tmp_path: Path):
    estates = tmp_path / "estates"
    shutil.copytree(ROOT / "estates", estates)
    folder = estates / "cuiwei" / "jade_garden" / "form_definitions" / "move_in"
    (folder / "fee_schedule.yaml").write_text(
        "fees:\n  - {name: card_fee, rate: 15 元}\n  - {name: card_fees, remove: true}\n", encoding="utf-8")
    (folder / "walkthroughs").mkdir()
    (folder / "walkthroughs" / "void.yaml").write_text(
        "walkthrough: void\ntitle: 作废\nprocedure: move_in\nunit: 3-2-501\nacts:\n  - open: {by: wang}\n"
        "  - sbmit: {step: verify, by: wang}\n", encoding="utf-8")
    result = run("check", "--estates", estates)
    assert result.exit_code == 1
    assert "fee_schedule.yaml:2:28  SX-1212" in result.stderr
    assert "fee_schedule.yaml:3:" in result.stderr
    (folder / "fee_schedule.yaml").unlink()
    result = run("check", "--estates", estates)
    assert "walkthroughs/void.yaml:7:5  SX-1210" in result.stderr and "submit" in result.stderr
    problems = told(run("check", "--estates", estates, "--json"))["problems"]
    assert [(row["line"], row["column"]) for row in problems] == [(7, 5)]


def test_check_looks_into_templates(run, tmp_path: Path):
    import docx

    estates = tmp_path / "estates"
    shutil.copytree(ROOT / "estates", estates)
    folder = estates / "cuiwei" / "jade_garden" / "document_templates" / "move_in"
    folder.mkdir(parents=True, exist_ok=True)
    document = docx.Document()
    document.add_paragraph("业主 {{ parties.owner.nmae }} 单元 {{ unit.code }}")
    document.save(str(folder / "covenant.docx"))
    result = run("check", "--estates", estates)
    assert result.exit_code == 1
    assert "covenant.docx:1:1  SX-3120  " in result.stderr
    assert "parties.owner.nmae" in result.stderr and "name" in result.stderr


# ---------------------------------------------------------------- units and staff


def test_units_come_in_all_or_none(run, tmp_path: Path):
    spreadsheet = GARDEN / "units.xlsx"
    dry = told(run("import", "units", spreadsheet, "--estate", "jade_garden", "--dry-run", "--json"))
    assert (dry["rows"], dry["problems"]) == (1158, [])
    first = told(run("import", "units", spreadsheet, "--estate", "jade_garden", "--json"))
    again = told(run("import", "units", spreadsheet, "--estate", "jade_garden", "--json"))
    assert (first["created"], again["created"], again["updated"]) == (1158, 0, 0)
    assert units_of(run, "jade_garden") == 1158
    table = run("estates", "list").stdout
    assert "jade_garden" in table and max(cell_len(line) for line in table.splitlines()) <= 80


def test_a_mistake_in_a_spreadsheet_has_its_cell(run, tmp_path: Path):
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "units"
    for row in (("code", "building", "area"), ("1-1-101", "1", "96.38"), ("1-1-102", "1", "large")):
        sheet.append(row)
    book.save(tmp_path / "units.xlsx")
    result = run("import", "units", tmp_path / "units.xlsx", "--estate", "jade_garden")
    assert result.exit_code == 1
    assert "units!C3" in result.stdout
    assert units_of(run, "jade_garden") == 0


def test_an_unknown_estate_is_refused(run):
    result = run("import", "units", GARDEN / "units.xlsx", "--estate", "nowhere", "--json")
    assert (result.exit_code, told(result)["code"]) == (1, "SX-2004")


def test_staff(run):
    add = ("users", "add", "wang", "--name", "王晓梅", "--estate", "jade_garden", "--role", "service",
           "--password-stdin")
    weak = run(*add, "--json", stdin="short\n")
    assert (weak.exit_code, told(weak)["errors"][0]["field"]) == (1, "password")
    unknown = run("users", "add", "li", "--name", "李", "--estate", "jade_garden", "--role", "servce",
                  "--password-stdin", stdin="Yulan-2026-in\n")
    assert unknown.exit_code == 1 and "service" in unknown.stderr
    assert run(*add, stdin="Yulan-2026-in\n").exit_code == 0
    assert run(*add, stdin="Yulan-2026-in\n").exit_code == 1  # the name is taken
    run("users", "grant", "wang", "--estate", "jade_garden", "--role", "manager")
    roles = {"jade_garden": ["manager", "service"]}
    assert told(run("users", "list", "--json"))["users"] == [
        {"username": "wang", "name": "王晓梅", "active": True, "admin": False, "roles": roles}]
    assert "王晓梅" in run("users", "list", "--estate", "jade_garden").stdout
    run("users", "revoke", "wang", "--estate", "jade_garden", "--role", "manager")
    assert run("users", "password", "wang", "--password-stdin", stdin="Another-2026-pw\n").exit_code == 0
    assert run("users", "deactivate", "wang").exit_code == 0
    after = told(run("users", "list", "--json"))["users"][0]
    assert (after["active"], after["roles"]) == (False, {"jade_garden": ["service"]})
    assert run("users", "deactivate", "nobody").exit_code == 1


# ---------------------------------------------------------------- papers


def test_render_is_the_engine_alone(run, tmp_path: Path):
    import docx
    from PIL import Image

    template = tmp_path / "template.docx"
    document = docx.Document()
    document.add_paragraph("{{ estate.title }} {{ logo }} {{ amount|capitals }}")
    document.save(str(template))
    Image.new("RGB", (40, 20), "red").save(tmp_path / "logo.png")
    data = tmp_path / "data.json"
    printed = {**NOTICE, "amount": "1637.51", "logo": {"$image": "logo.png", "height": 10}}
    data.write_text(json.dumps(printed), encoding="utf-8")
    first = told(run("render", template, data, "-o", tmp_path / "a.docx", "--json"))["written"][0]
    second = told(run("render", template, data, "-o", tmp_path / "b.docx", "--json"))["written"][0]
    assert first["sha256"] == second["sha256"]
    words = "".join(paragraph.text for paragraph in docx.Document(str(tmp_path / "a.docx")).paragraphs)
    assert "玉兰花园" in words and "壹仟陆佰叁拾柒元伍角壹分" in words


def test_render_says_what_the_data_lack(run, tmp_path: Path):
    import docx

    document = docx.Document()
    document.add_paragraph("{{ estate.title }} {{ nothing }}")
    document.save(str(tmp_path / "template.docx"))
    (tmp_path / "data.json").write_text(json.dumps(NOTICE), encoding="utf-8")
    result = run("render", tmp_path / "template.docx", tmp_path / "data.json", "-o", tmp_path / "out.docx")
    assert result.exit_code == 1 and "SX-3201" in result.stderr and "nothing" in result.stderr
    assert not (tmp_path / "out.docx").exists()
    (tmp_path / "data.json").write_text('{"logo": {"$image": "gone.png"}}', encoding="utf-8")
    result = run("render", tmp_path / "template.docx", tmp_path / "data.json", "-o", tmp_path / "out.docx")
    assert result.exit_code == 1 and "gone.png" in result.stderr
    result = run("render", tmp_path / "template.docx", tmp_path / "data.json", "-o", tmp_path / "o.docx", "--seal")
    assert result.exit_code == 2


def test_render_without_libreoffice_says_what_is_missing(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import docx

    monkeypatch.setenv("SHOUXU_SOFFICE", str(tmp_path / "no" / "soffice"))
    document = docx.Document()
    document.add_paragraph("{{ estate.title }}")
    document.save(str(tmp_path / "template.docx"))
    (tmp_path / "data.json").write_text(json.dumps(NOTICE), encoding="utf-8")
    result = run("render", tmp_path / "template.docx", tmp_path / "data.json", "-o", tmp_path / "out.docx",
                 "--pdf", tmp_path / "out.pdf", "--json")
    assert (result.exit_code, told(result)["code"]) == (3, "SX-3301")
    assert (tmp_path / "out.docx").exists() and not (tmp_path / "out.pdf").exists()


def test_a_strange_file_is_not_accepted_and_makes_no_register(run, tmp_path: Path):
    (tmp_path / "strange.pdf").write_bytes(b"%PDF-1.7 nothing")
    result = run("verify", tmp_path / "strange.pdf", "--json")
    assert (result.exit_code, told(result)["accepted"]) == (1, False)
    assert not (tmp_path / "var" / "shouxu.sqlite").exists()


# ---------------------------------------------------------------- the demo


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory):
    """An installation with the demo, what loading it said, and a way to run commands there."""
    folder = remembering(tmp_path_factory.mktemp("demo") / "var")

    def run(*arguments: object) -> Result:
        result = CliRunner(env={"SHOUXU_DATA_DIR": str(folder), "SHOUXU_SECRET": ""}).invoke(
            shouxu, [str(one) for one in arguments], prog_name="shouxu")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return folder, told(run("demo", "--json")), run


def test_the_demo_is_loaded_once(demo):
    _, first, run = demo
    assert first["made"]["units of jade_garden"] == 1158 and min(first["made"].values()) >= 1
    assert {row["username"] for row in first["logins"]} >= {"wang", "li", "chen", "zhao", "sun"}
    assert first["address"] == "http://127.0.0.1:6543"
    assert set(told(run("demo", "--json"))["made"].values()) == {0}
    table = run("demo").stdout
    assert "yulan-wang-2026" in table and max(cell_len(line) for line in table.splitlines()) <= 80
    listed = told(run("users", "list", "--json"))["users"]
    assert {row["username"] for row in listed} == {row["username"] for row in first["logins"]}


def test_the_demo_shows_cases_in_different_states(demo):
    folder, _, _ = demo
    with sqlite3.connect(folder / "shouxu.sqlite") as database:
        states = [state for (state,) in database.execute('select state from "case"')]
        (ahead,) = database.execute("select count(*) from event where at > datetime('now', '+1 minute')").fetchone()
        (free,) = database.execute('select count(*) from "case" join unit on unit.id = unit_id where code = ?',
                                   ("3-2-501",)).fetchone()
    database.close()
    assert states.count("completed") >= 2 and states.count("open") >= 4
    assert (ahead, free) == (0, 0)


def test_the_register_knows_what_became_of_a_paper(demo, tmp_path: Path):
    folder, _, run = demo
    with sqlite3.connect(folder / "shouxu.sqlite") as database:
        words = dict(database.execute("select state, word from document where name = 'occupancy_certificate'"))
    database.close()
    paper = tmp_path / "paper.docx"
    for state, accepted in (("issued", True), ("void", False)):
        content = (folder / "blobs" / words[state][:2] / words[state][2:]).read_bytes()
        paper.write_bytes(content)
        result = run("verify", paper, "--json")
        assert (told(result)["accepted"], told(result)["record"]["state"]) == (accepted, state)
        assert result.exit_code == (0 if accepted else 1)
        paper.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert run("verify", paper).exit_code == 1


def test_the_worker_says_why_a_pdf_cannot_be_made(demo, monkeypatch: pytest.MonkeyPatch):
    _, _, run = demo
    monkeypatch.setenv("SHOUXU_SOFFICE", "/nonexistent/soffice")
    result = run("worker", "--once", "--json")
    assert result.exit_code == 1
    assert told(result)["tried"] >= 50 and told(result)["waiting"] >= 50


def test_the_demo_is_refused_where_others_can_reach_it(run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SHOUXU_LISTEN", "0.0.0.0:6543")
    monkeypatch.setenv("SHOUXU_SECRET", "x" * 40)
    result = run("demo", "--json")
    assert (result.exit_code, told(result)["code"]) == (1, "SX-1005")


# ---------------------------------------------------------------- the server


def test_serve_brings_the_database_up_and_ends_in_order(tmp_path: Path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "SHOUXU_DATA_DIR": str(tmp_path / "var"), "SHOUXU_SECRET": ""}
    server = subprocess.Popen([sys.executable, "-c", "from core.cli import main; main()", "serve", "--listen",
                               f"127.0.0.1:{port}", "--json"], cwd=ROOT, env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        health = _answer(f"http://127.0.0.1:{port}/health", server)
    finally:
        server.terminate()
        said, errors = server.communicate(timeout=60)
    assert health["database"] == "ok"
    assert json.loads(said) == {"address": f"http://127.0.0.1:{port}", "listen": f"127.0.0.1:{port}"}
    assert server.returncode == 0, errors
    assert "pkg_resources" not in errors
    assert (tmp_path / "var" / "shouxu.sqlite").exists()


def _answer(url: str, server: subprocess.Popen) -> dict:
    for _ in range(300):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return json.load(answer)
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the server did not answer at {url}")
