"""Where the sources differ: the list is whole, its parts are where it says, and the estates' own READMEs tell the same."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def contradictions() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("docs_contradictions", DOCS / "contradictions.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def rows(contradictions: ModuleType) -> list[Any]:
    return contradictions.contradictions()


def test_the_page_of_contradictions_is_up_to_date(contradictions: ModuleType) -> None:
    assert contradictions.PAGE.read_text(encoding="utf-8") == contradictions.page(), "run: python docs/contradictions.py"


def test_all_fifty_are_listed_in_order(rows: list[Any]) -> None:
    assert [row.number for row in rows] == [f"C{at:02d}" for at in range(1, 51)]


def test_each_has_variants_with_sources_that_are_explained(rows: list[Any]) -> None:
    about = (DOCS / "reference" / "glossary.md").read_text(encoding="utf-8").partition("## The five source documents")[2]
    for row in rows:
        assert len(row.variants) > 1, row.number
        sources = " ".join(source for _, source in row.variants.values())
        assert all(source for _, source in row.variants.values()), row.number
        assert {one for one in re.findall(r"\bS\d(?:-[0-9A-Zab]+)?", sources) if not re.search(rf"\b{one}\b", about)} == set(), row.number
        assert all(re.search(r"[\u4e00-\u9fff]", words.zh) or words.zh[0].isdigit() for words, _ in row.variants.values()), row.number


def test_only_a_procedure_that_is_not_here_excuses(rows: list[Any]) -> None:
    """C12 is about planning a campaign; every other one has a procedure, and at least two estates that differ."""
    assert [row.number for row in rows if row.comes_with] == ["C12"]
    alike = [row.number for row in rows if not row.comes_with and len(set(row.chosen.values())) < 2]
    assert alike == []


def test_every_estate_has_one_of_the_variants(contradictions: ModuleType, rows: list[Any]) -> None:
    estates = {contradictions.name(one) for one in contradictions.SAMPLES}
    for row in rows:
        if not row.comes_with:
            assert set(row.chosen) == estates, row.number
            assert set(row.chosen.values()) <= set(row.variants), row.number


def test_the_samples_are_all_estates(contradictions: ModuleType) -> None:
    found = {path.parent.relative_to(contradictions.ESTATES).as_posix()
             for path in contradictions.ESTATES.glob("*/*/estate.yaml") if "broken" not in path.parts}
    assert found == set(contradictions.SAMPLES)


def test_what_differs_from_the_base_stands_in_the_readme_of_the_estate(contradictions: ModuleType, rows: list[Any]) -> None:
    lacking = []
    for sample in contradictions.SAMPLES:
        told = set(re.findall(r"\bC\d\d\b", (contradictions.ESTATES / sample / "README.md").read_text(encoding="utf-8")))
        own = {row.number for row in rows if row.base and row.chosen.get(contradictions.name(sample)) not in ("", None, row.base)}
        lacking += [f"{sample} {number}" for number in sorted(own - told)]
    assert lacking == []


def test_what_a_readme_calls_different_is_in_the_list(contradictions: ModuleType, rows: list[Any]) -> None:
    """The first cells of the table of differences; a row may also name what this estate says as the base does."""
    by_number = {row.number: row for row in rows}
    astray = []
    for sample in contradictions.SAMPLES:
        text = (contradictions.ESTATES / sample / "README.md").read_text(encoding="utf-8")
        table = text.partition("## 与标准不同之处")[2].partition("\n## ")[0]
        numbers = {one for cell in re.findall(r"^\| ([^|]*) \|", table, re.MULTILINE) for one in re.findall(r"\bC\d\d\b", cell)}
        astray += [f"{sample} {number}" for number in sorted(numbers) if number not in by_number or by_number[number].comes_with]
    assert astray == []


def test_a_part_that_is_not_there_is_told(contradictions: ModuleType) -> None:
    path = ROOT / "form_definitions" / "move_in" / "fee_schedule.yaml"
    assert contradictions.found(path, "property_fee", "x").line == 3
    with pytest.raises(LookupError, match="no `property_tax`"):
        contradictions.found(path, "property_tax", "x")


def test_no_contradiction_is_explained_twice(contradictions: ModuleType) -> None:
    listed = set(yaml.safe_load(contradictions.LIST.read_text(encoding="utf-8"))["contradictions"])
    glossary = (DOCS / "reference" / "glossary.md").read_text(encoding="utf-8")
    assert listed & set(re.findall(r"^\| (C\d\d) \|", glossary, re.MULTILINE)) == set()
