"""Every broken sample under tests/data/broken says in its first lines what must be said about it, and where.

`# expect: LINE:COLUMN SX-NNNN words`; `@` before the number: the mistake shows in another file.
"""

import re
import shutil
from pathlib import Path

import pytest

from core.definitions.library import Library, ProcedureSource
from core.definitions.reader import read
from core.errors import DefinitionError, DefinitionErrors

DATA = Path(__file__).parents[1] / "data"
BROKEN = DATA / "broken"
EXPECT = re.compile(r"# expect: (\d+):(\d+) (@ )?(SX-\d+) (.*)")


def expected(text: str) -> list[tuple[str, ...]]:
    found = [match.groups(default="") for match in EXPECT.finditer(text)]
    assert found, "a broken sample says what to expect"
    return found


def assert_said(wanted: list[tuple[str, ...]], problems: tuple[DefinitionError, ...], file: str) -> None:
    said = "\n".join(str(problem) for problem in problems)
    for line, column, elsewhere, code, words in wanted:
        place = "" if elsewhere else f"{file}:{line}:{column}  "
        hits = [problem for problem in problems
                if f"{place}{code}" in str(problem) and words in str(problem)]
        assert hits, f"wanted {place}{code} … {words}\ngot:\n{said}"
    assert len(problems) == len(wanted), f"more was said than expected:\n{said}"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    shutil.copytree(DATA / "small", tmp_path / "small")
    templates = tmp_path / "small" / "document_templates" / "lend"
    templates.mkdir(parents=True)
    (templates / "slip.docx").write_bytes(b"a template is only hashed here")
    return tmp_path / "small"


def load(small: Path) -> Library:
    source = ProcedureSource("lend", small / "form_definitions/lend", small / "document_templates/lend", "1")
    return Library.load([source], small / "estates")


@pytest.mark.parametrize("path", sorted((BROKEN / "yaml").glob("*.yaml")), ids=lambda path: path.stem)
def test_broken_yaml(path: Path) -> None:
    with pytest.raises(DefinitionErrors) as caught:
        read(path, path.name)
    wanted = expected(path.read_bytes().decode("utf-8", "replace"))
    assert_said(wanted, caught.value.problems, path.name)


@pytest.mark.parametrize("sample", sorted((BROKEN / "definitions").iterdir()), ids=lambda path: path.name)
def test_broken_definition(sample: Path, small: Path) -> None:
    [changed] = sample.rglob("*.yaml")
    shutil.copytree(sample, small / "form_definitions" / "lend", dirs_exist_ok=True)
    with pytest.raises(DefinitionErrors) as caught:
        load(small)
    assert_said(expected(changed.read_text("utf-8")), caught.value.problems, changed.name)


@pytest.mark.parametrize("sample", sorted((BROKEN / "overrides").iterdir()), ids=lambda path: path.name)
def test_broken_override(sample: Path, small: Path) -> None:
    [changed] = sample.rglob("*.yaml")
    shutil.copytree(sample, small / "estates/acme/park/form_definitions/lend")
    with pytest.raises(DefinitionErrors) as caught:
        load(small)
    assert_said(expected(changed.read_text("utf-8")), caught.value.problems, changed.name)


def test_all_mistakes_of_all_files_are_told_at_once(small: Path) -> None:
    for name in ("unknown_type", "unknown_role", "fee_per", "copies"):
        shutil.copytree(BROKEN / "definitions" / name, small / "form_definitions" / "lend", dirs_exist_ok=True)
    with pytest.raises(DefinitionErrors) as caught:
        load(small)
    # the files that do not stand by themselves come first; names across files are judged when they do
    assert {problem.code for problem in caught.value.problems} == {"SX-1213", "SX-1212"}
    shutil.copytree(DATA / "small/form_definitions/lend", small / "form_definitions/lend", dirs_exist_ok=True)
    for name in ("unknown_type", "unknown_role", "unknown_template"):
        shutil.copytree(BROKEN / "definitions" / name, small / "form_definitions" / "lend", dirs_exist_ok=True)
    with pytest.raises(DefinitionErrors) as caught:
        load(small)
    files = [Path(problem.mark.file).name for problem in caught.value.problems if problem.mark]
    assert files == ["documents.yaml", "request.yaml", "procedure.yaml"]
