"""docs/how-to/change-an-estate.md, done as it is written: every command run, every file written, every answer compared."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from docx import Document

from core.cli.program import shouxu
from tests.remembered_kit import remembering

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/how-to/change-an-estate.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$|^<!-- word: (\S+): (.*?) -->$", re.MULTILINE | re.DOTALL)
EXIT = re.compile(r"\s+# 退出码 (\d)$")


def blocks() -> Iterator[tuple[str, str]]:
    for found in BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        yield ("word", f"{found[3]}\n{found[4]}") if found[3] else (found[1], found[2])


class Player:
    """Does what the page says, in a folder of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.said = ""

    def sh(self, text: str) -> None:
        self.said = ""
        for line in text.strip().splitlines():
            code = int(match[1]) if (match := EXIT.search(line)) else 0
            words = shlex.split(EXIT.sub("", line), comments=True)
            if words[0] == "shouxu":
                result = CliRunner().invoke(shouxu, words[1:], prog_name="shouxu")
                if result.exception and not isinstance(result.exception, SystemExit):
                    raise result.exception
                assert result.exit_code == code, f"{line}\n{result.output}"
                self.said += result.output
            elif words[0] == "mkdir":
                (self.home / words[-1]).mkdir(parents=True)
            elif words[0] == "cp":
                for name in words[1:-1]:
                    shutil.copy(self.home / name, self.home / words[-1])
            else:
                raise AssertionError(f"the page uses {words[0]}")

    def yaml(self, text: str) -> None:
        path = self.home / text.partition("\n")[0].removeprefix("# ")
        assert path.parent.is_dir(), "only files that the folder has already, or beside them"
        path.write_text(text, encoding="utf-8")

    def text(self, text: str) -> None:
        for line in text.strip().splitlines():
            assert line.strip() in self.said, f"{line!r} is not in\n{self.said}"

    def word(self, text: str) -> None:
        name, _, words = text.strip().partition("\n")
        template = Document(str(self.home / name))
        template.add_paragraph(words)
        template.save(str(self.home / name))


def test_everything_on_the_page_is_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "estates/cuiwei", tmp_path / "estates/cuiwei", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "document_templates").symlink_to(ROOT / "document_templates")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHOUXU_ESTATES_DIR", str(tmp_path / "estates"))
    monkeypatch.setenv("SHOUXU_DATA_DIR", str(remembering(tmp_path / "var")))
    monkeypatch.delenv("SHOUXU_SECRET", raising=False)
    player = Player(tmp_path)
    played = [kind for kind, text in blocks() if getattr(player, kind)(text) is None]
    assert played.count("sh") >= 8 and played.count("yaml") >= 7
    rows = json.loads(CliRunner().invoke(shouxu, ["diff", "maple_court", "--json"]).stdout)["differences"]
    assert {row["file"] for row in rows} == {"fee_schedule.yaml", "checklists.yaml", "texts.yaml", "required_documents.yaml",
                                             "procedure.yaml", "document_templates/key_custody.docx"}
    assert len(list((tmp_path / "OUT").glob("*.docx"))) >= 1
    assert (tmp_path / ".vscode/settings.json").is_file()


def test_the_page_names_only_commands_that_are_there() -> None:
    known = set(shouxu.list_commands(None))  # type: ignore[arg-type]
    text = PAGE.read_text(encoding="utf-8")
    assert set(re.findall(r"(?m)(?:^|`)shouxu (\w+)", text)) <= known
