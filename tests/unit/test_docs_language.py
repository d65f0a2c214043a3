"""Each page of the language is true: its example is played, its mistakes are made, and no construct is without a page."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from pydantic import BaseModel

from core.domain import facts, procedures as shapes, timing
from core.domain.documents import Signing
from core.errors import DefinitionErrors
from core.walkthroughs.player import Player
from core.walkthroughs.script import Script, read_script
from tests.cases_kit import ELM
from tests.language_kit import Office, office, procedures

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "language"
PAGES = sorted(FOLDER.glob("*.md"))
BLOCK = re.compile(r"^```(yaml|text) (\S+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
WRONG = re.compile(r"^\| `(.+?)` → `(.+?)` \| SX-(\d{4}) (.+?) \|$", re.MULTILINE)
KEYS = re.compile(r"^\*Keys of (a step|the procedure)\*: (.+)$", re.MULTILINE)

OWN_KEYS: dict[str, tuple[type[BaseModel], ...]] = {
    "approvals": (shapes.Approvals,), "children": (shapes.Child,), "classify": (timing.Classify, timing.Suggestion, timing.Escalation),
    "counts": (facts.Count,), "due": (timing.Due, timing.Overdue), "facts": (facts.Fact,), "ladder": (shapes.Ladder, shapes.Rung),
    "needs_fact": (facts.NeedsFact,), "opens": (timing.Opens,), "outcomes": (shapes.Outcome,), "override": (shapes.Override,),
    "parties": (shapes.Party,), "repeat": (timing.Repeat,), "settle": (shapes.Settle, shapes.Deduction), "sign": (Signing,),
    "starts": (shapes.FollowUp,), "validity": (timing.Validity, timing.DaysBy)}
"""What may stand below a key, and so on its page."""
EVERYWHERE = {"name", "title", "source"}

of_each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


@dataclass
class Example:
    """The blocks of a page. `said`: files by procedure; `templates`: lines of Word files by procedure; `walks`: in their order."""

    said: dict[str, dict[str, str]] = field(default_factory=dict)
    templates: dict[str, dict[str, str]] = field(default_factory=dict)
    walks: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, page: Path) -> Example:
        """Each file belongs to the procedure above it."""
        found, name = cls(), ""
        for language, file, text in BLOCK.findall(page.read_text(encoding="utf-8")):
            if file == "walkthrough":
                found.walks.append(text)
            elif file == "procedure":
                name = re.findall(r"^procedure: (\w+)$", text, re.MULTILINE)[0]
                found.said[name] = {"procedure.yaml": text}
            elif language == "text":
                found.templates.setdefault(name, {})[file] = text
            else:
                found.said[name][file] = text
        return found

    def changed(self, old: str, new: str) -> dict[str, dict[str, str]]:
        """The files with one passage written otherwise; it must stand in them once."""
        assert sum(text.count(old) for files in self.said.values() for text in files.values()) == 1, f"`{old}` is not there once"
        return {name: {path: text.replace(old, new) for path, text in files.items()} for name, files in self.said.items()}

    def print_templates(self, folder: Path) -> None:
        for name, files in self.templates.items():
            home = folder / "document_templates" / name
            home.mkdir(parents=True)
            for file, text in files.items():
                word = Document()
                for line in text.splitlines():
                    word.add_paragraph(line)
                word.save(str(home / file))

    def scripts(self, folder: Path) -> list[Script]:
        found = []
        for at, text in enumerate(self.walks):
            name = re.findall(r"^walkthrough: (\w+)$", text, re.MULTILINE)[0]
            path = folder / f"walk_{at}" / f"{name}.yaml"
            path.parent.mkdir()
            path.write_text(text, encoding="utf-8")
            found.append(read_script(path))
        return found


def keys_of(page: Path, whose: str) -> list[str]:
    return [key for of, listed in KEYS.findall(page.read_text(encoding="utf-8")) if of == whose
            for key in re.findall(r"`(\w+)`", listed)]


def plain(sentence: str) -> str:
    """Without what a table changes of it."""
    return re.sub(r"[`；;：:]", " ", sentence)


# ---------------------------------------------------------------- the examples


@of_each_page
def test_the_example_goes_as_described(page: Path, tmp_path: Path, database_url: str) -> None:
    example = Example.of(page)
    assert example.said and example.walks
    example.print_templates(tmp_path)
    house: Office = office(tmp_path, database_url, example.said)
    refused: list[Any] = []
    for script in example.scripts(tmp_path):
        player = Player(house.office, ELM, script, house.clock)
        player.play()
        refused += [act for act in player.played if act.refused]
    assert refused, "the page shows nothing that is refused"


def wrong_rows() -> list[Any]:
    return [pytest.param(page, *row, id=f"{page.stem}-{at}") for page in PAGES
            for at, row in enumerate(WRONG.findall(page.read_text(encoding="utf-8")))]


@pytest.mark.parametrize(("page", "old", "new", "number", "says"), wrong_rows())
def test_check_says_what_the_page_says(page: Path, old: str, new: str, number: str, says: str, tmp_path: Path) -> None:
    example = Example.of(page)
    example.print_templates(tmp_path)
    with pytest.raises(DefinitionErrors) as caught:
        procedures(tmp_path, example.changed(old, new))
    told = [(f"{problem.number}", plain(problem.what)) for problem in caught.value.problems]
    assert any(code == number and plain(says) in what for code, what in told), told


@of_each_page
def test_every_page_shows_a_mistake(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `") and "| SX-" in line]
    assert rows and len(rows) == len(WRONG.findall(text))


# ---------------------------------------------------------------- nothing is left out


@pytest.mark.parametrize(("whose", "shape"), [("a step", shapes.Step), ("the procedure", shapes.Procedure)])
def test_every_key_has_its_page(whose: str, shape: type[BaseModel]) -> None:
    known = {info.alias or name for name, info in shape.model_fields.items()}
    named = {key: page.stem for page in PAGES for key in keys_of(page, whose)}
    assert known - named.keys() == set(), "keys without a page"
    assert named.keys() - known == set(), "pages for keys that do not exist"


@pytest.mark.parametrize("key", OWN_KEYS)
def test_the_page_of_a_key_names_what_stands_below_it(key: str) -> None:
    pages = [page for page in PAGES if key in (*keys_of(page, "a step"), *keys_of(page, "the procedure"))]
    said = {word for page in pages for span in re.findall(r"`([^`\n]+)`", page.read_text(encoding="utf-8"))
            for word in re.findall(r"\w+", span)}
    below = {info.alias or name for shape in OWN_KEYS[key] for name, info in shape.model_fields.items()}
    assert below - said - EVERYWHERE == set()


def test_every_shape_is_held_against_its_page() -> None:
    """A model that a later construct brings must stand in OWN_KEYS."""
    of_language = {shape for module in (shapes, timing, facts) for shape in vars(module).values()
                   if isinstance(shape, type) and issubclass(shape, BaseModel) and shape.__module__ == module.__name__}
    held = {shape for found in OWN_KEYS.values() for shape in found} | {shapes.Step, shapes.Procedure, timing.Length}
    assert of_language - held == set()


@of_each_page
def test_a_page_is_short_and_has_its_chinese_paragraph(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ") and len(re.findall(r"[\u4e00-\u9fff]", lines[2])) > 15
    assert len(lines) <= 110
