"""The how-to "A new procedure" builds a plugin that works."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from docx import Document

from core.settings import Settings
from core.walkthroughs.rehearsal import examine
from tests.remembered_kit import remembering

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "how-to" / "new-procedure.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```(?:python|yaml)\n# (key_loan/\S+)\n(.*?)```", re.DOTALL)
CLOCK = datetime.fromisoformat("2026-03-01T09:00:00+08:00")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A house with the plugin of the page beside its own, and the sample estate offering it."""
    package = f"plugins_of_{tmp_path.name}".replace("-", "_")
    folder = tmp_path / package
    for name, text in BLOCK.findall(PAGE):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    template = folder / "key_loan" / "document_templates" / "loan_slip.docx"
    template.parent.mkdir()
    document = Document()
    for line in re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)[0].splitlines():
        document.add_paragraph(line)
    document.save(str(template))
    # what stands in `plugins/` is loaded from there
    (folder / "__init__.py").write_text(f"__path__.append({str(ROOT / 'plugins')!r})\n", encoding="utf-8")
    estates = tmp_path / "estates"
    shutil.copytree(ROOT / "estates" / "cuiwei", estates / "cuiwei", ignore=shutil.ignore_patterns("*.py"))
    estate = estates / "cuiwei" / "jade_garden" / "estate.yaml"
    said = estate.read_text(encoding="utf-8")
    assert "procedures: [" in said
    estate.write_text(said.replace("procedures: [", "procedures: [key_loan, "), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield Settings.load(None, plugins=package, estates_dir=estates, data_dir=remembering(tmp_path / "var"), secret="0" * 64)
    for module in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        del sys.modules[module]


def test_the_page_has_every_file() -> None:
    named = {name for name, _ in BLOCK.findall(PAGE)}
    assert named == {"key_loan/__init__.py", *(f"key_loan/form_definitions/{name}.yaml" for name in (
        "procedure", "documents", "forms/loan", "forms/returned", "walkthroughs/simple"))}


def test_check_finds_nothing(settings: Settings) -> None:
    found = examine(settings)
    assert [str(problem) for problem in found.problems] == []
    assert found.procedures > 1  # its own, beside those of the house


def test_its_walkthrough_goes_as_described(settings: Settings, tmp_path: Path) -> None:
    from core.cli.walk import walk_all

    report, = walk_all(settings, "key_loan", "jade_garden", CLOCK, tmp_path / "out", every=False, pdf=False)
    assert report.failure is None, report.failure
    assert report.number == "YS-2026-00001"
    assert ["七天" in row["message"] for row in report.refusals] == [True]
    slip = next(iter((tmp_path / "out").rglob("*.docx")))
    words = [paragraph.text for paragraph in Document(str(slip)).paragraphs]
    assert "经办 王晓梅  2026年3月1日" in words
