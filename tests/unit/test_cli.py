"""The command line: quick, explains itself, answers in JSON, ends with the codes it documents."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from core.cli.commands import EXIT_CODES, Command, Group, exit_code
from core.cli.program import COMMANDS, shouxu
from core.cli.reference import all_commands, reference
from core.errors import ConversionFailed, DefinitionErrors, GateClosed, MissingPart, SettingsError, StoreUnavailable
from tests.remembered_kit import remembering

ROOT = Path(__file__).resolve().parents[2]
LEAVES = {name: command for name, command in all_commands() if isinstance(command, Command)}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs a command on an installation of its own."""
    monkeypatch.setenv("SHOUXU_DATA_DIR", str(remembering(tmp_path / "var")))
    monkeypatch.delenv("SHOUXU_SECRET", raising=False)

    def run(*arguments: str, stdin: str = "") -> Result:
        result = CliRunner().invoke(shouxu, list(arguments), input=stdin, prog_name="shouxu")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


# ---------------------------------------------------------------- help


def test_help_imports_nothing_heavy():
    """How long it takes is measured by `python -m bench start`."""
    code = ("import sys; sys.argv = ['shouxu', '--help']\n"
            "from core.cli import main\n"
            "try: main()\n"
            "except SystemExit: pass\n"
            "print([n for n in ('rich', 'sqlalchemy', 'pydantic', 'pyramid', 'docxtpl', 'PIL') if n in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("[]")


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_has_an_example_and_json(name: str):
    command = LEAVES[name]
    assert command.example.startswith(name)
    assert "--json" in {option for parameter in command.params for option in parameter.opts}


@pytest.mark.parametrize("name", LEAVES)
def test_every_example_is_understood(name: str):
    for line in LEAVES[name].example.splitlines():
        understood(line.split()[1:])


def understood(words: list[str]) -> None:
    arguments = [ROOT / "README.md" if "." in word and word.split(".")[-1] in ("docx", "json", "pdf", "xlsx") else word
                 for word in words if word != "/srv/shouxu/estates" and word != "--estates"]
    command: click.Command = shouxu
    context = click.Context(shouxu, info_name="shouxu")
    while isinstance(command, click.Group):
        command = command.get_command(context, str(arguments.pop(0)))  # type: ignore[assignment]
        context = click.Context(command, parent=context)
    command.parse_args(click.Context(command, parent=context.parent), [str(word) for word in arguments])


@pytest.mark.parametrize(("name", "said"), [(name, said) for name, (_, said) in COMMANDS.items()])
def test_the_list_says_what_the_command_says(name: str, said: str):
    command = shouxu.get_command(click.Context(shouxu), name)
    assert command is not None
    assert (command.help or "").splitlines()[0].removesuffix(".").startswith(said.removesuffix(".").split(":")[0][:12])


def test_the_reference_is_up_to_date():
    page = ROOT / "docs" / "reference" / "cli.md"
    assert page.read_text(encoding="utf-8") == reference(), "python -m core.cli.reference > docs/reference/cli.md"


def test_the_reference_names_every_command_and_code():
    page = reference()
    assert all(f"## {name}\n" in page for name in LEAVES)
    assert all(f"| {code} | {said} |" in page for code, said in EXIT_CODES.items())
    assert max(len(line) for line in page.splitlines() if not line.startswith("|")) <= 120


def test_a_wrong_word_gets_the_nearest(run):
    result = run("wakl")
    assert result.exit_code == 2
    assert "walk" in result.output


# ---------------------------------------------------------------- codes and errors


@pytest.mark.parametrize(("error", "code"), [
    (GateClosed("closed"), 1), (SettingsError("wrong"), 1), (DefinitionErrors([]), 1), (MissingPart("no soffice"), 3),
    (StoreUnavailable("away"), 3), (ConversionFailed("none", number=3301), 3),
    (ConversionFailed("late", number=3302), 1)])
def test_exit_codes(error, code: int):
    assert exit_code(error) == code


def test_an_error_is_one_place_and_one_line_of_help(run, tmp_path: Path):
    data = tmp_path / "data.json"
    data.write_text('{"a": 1,\n "b": }', encoding="utf-8")
    template = tmp_path / "t.docx"
    template.write_bytes(b"")
    result = run("render", str(template), str(data), "-o", str(tmp_path / "out.docx"))
    assert result.exit_code == 1
    assert f"{data}:2:7  SX-1201  " in result.stderr
    assert not (tmp_path / "out.docx").exists()
    answer = json.loads(run("render", str(template), str(data), "-o", str(tmp_path / "out.docx"), "--json").stdout)
    assert (answer["code"], answer["line"], answer["column"]) == ("SX-1201", 2, 7)


def test_a_wrong_setting_ends_with_1(run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SHOUXU_LISTEN", "nowhere")
    result = run("check")
    assert result.exit_code == 1
    assert "SHOUXU_LISTEN" in result.stderr


def test_an_ini_file_is_read(run, tmp_path: Path):
    ini = tmp_path / "shouxu.ini"
    estates = tmp_path / "estates"
    shutil.copytree(ROOT / "estates", estates)
    ini.write_text(f"[app:main]\nuse = egg:shouxu\nshouxu.estates_dir = {estates}\n", encoding="utf-8")
    listed = json.loads(run("-c", str(ini), "estates", "list", "--json").stdout)["estates"]
    assert str(estates / "cuiwei" / "jade_garden") in {estate["folder"] for estate in listed}


@pytest.mark.parametrize("words", [
    "schemas --out {0}/schemas",
    "walk move_in/missing_papers --estate jade_garden --clock 2026-03-01T09:00:00+08:00 --no-pdf --out {0}/walk",
    "new estate somewhere --company {0}"])
def test_a_place_that_cannot_be_written_is_told(run, tmp_path: Path, words: str):
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = run(*(word.format(tmp_path / "file") for word in words.split()))
    assert result.exit_code == 1 and "Traceback" not in result.stderr
    assert str(tmp_path / "file") in result.stderr


def test_version(run):
    assert run("version").stdout.startswith("shouxu ")
    assert set(json.loads(run("version", "--json").stdout)) == {"shouxu", "python"}


def test_groups_explain_themselves(run):
    assert {name for name, command in all_commands() if not isinstance(command, Group)} == set(LEAVES)
    for name, command in all_commands():
        if isinstance(command, Group):
            result = run(*name.split()[1:], "--help")
            assert result.exit_code == 0
            assert "Commands:" in result.output


def test_colour_only_on_a_terminal():
    done = subprocess.run([sys.executable, "-c", "from core.cli import main; main()", "verify", "README.md"], cwd=ROOT,
                          capture_output=True, text=True, check=False,
                          env={**os.environ, "SHOUXU_DATA_DIR": "/nonexistent/x"})
    assert "\x1b[" not in done.stdout + done.stderr
