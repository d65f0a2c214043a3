"""What the sources ask for and what carries it: the list of ids, the definitions and the page agree."""

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
def carried() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("docs_carried", DOCS / "carried.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def found(carried: ModuleType) -> dict[str, list[Any]]:
    """Id → the places of the definitions that carry it."""
    return carried.carriers()


# ---------------------------------------------------------------- list, definitions, page


def test_the_page_of_what_carries_what_is_up_to_date(carried: ModuleType) -> None:
    assert carried.PAGE.read_text(encoding="utf-8") == carried.page(), "run: python docs/carried.py"


def test_every_id_is_carried_or_says_what_stands_instead(carried: ModuleType, found: dict[str, list[Any]]) -> None:
    lacking = [one for one, said in carried.listed().items() if one not in found and not said.get("instead")]
    assert lacking == [], "name them in the `source:` that carries them, or say `instead:` in docs/reference/ids.yaml"


def test_nothing_stands_instead_of_what_is_carried(carried: ModuleType, found: dict[str, list[Any]]) -> None:
    needless = [one for one, said in carried.listed().items() if one in found and "instead" in said]
    assert needless == [], "it is carried now: take `instead:` out of docs/reference/ids.yaml"


def test_every_id_of_the_definitions_is_listed(carried: ModuleType) -> None:
    known = carried.listed()
    assert {one: file for one, file in carried.named().items() if one not in known} == {}


def test_an_id_is_carried_where_its_procedure_is_defined(carried: ModuleType, found: dict[str, list[Any]]) -> None:
    told = yaml.safe_load(carried.LIST.read_text(encoding="utf-8"))
    by = {number: {said["by"]} if isinstance(said["by"], str) else set(said["by"])
          for number, said in told["procedures"].items()}
    folders = {folder for some in by.values() for folder in some}
    assert [folder for folder in folders if not (carried.DEFINITIONS / folder / "procedure.yaml").is_file()] == []
    astray = {}
    for one, rows in found.items():
        homes = {folder for number in told["ids"][one]["procedures"] for folder in by[number]}
        if not homes & {row.file.split("/")[0] for row in rows}:
            astray[one] = sorted(homes)
    assert astray == {}


def test_the_list_is_whole_and_in_order(carried: ModuleType) -> None:
    ids = carried.listed()
    kinds = list(carried.KINDS)

    def place(one: str) -> tuple[int, int, str]:
        number = re.fullmatch(r"[A-Z]+(\d+)([a-z]?)", one)
        assert number, one
        return kinds.index(carried.kind_of(one)), int(number[1]), number[2]

    assert list(ids) == sorted(ids, key=place)
    assert all(re.search(r"[\u4e00-\u9fff]", said["title"]) and said["procedures"] for said in ids.values())
    glossary = (DOCS / "reference" / "glossary.md").read_text(encoding="utf-8")
    about = glossary.partition("## The five source documents")[2]
    sources = {source for said in ids.values() for source in re.findall(r"\bS\d(?:-[0-9A-Zab]+)?", said["source"])}
    assert {source for source in sources if not re.search(rf"\b{source}\b", about)} == set()


# ---------------------------------------------------------------- how it reads


@pytest.mark.parametrize(("text", "ids"), [
    ("S1-2 §2.3 (F52, N05)", ["F52", "N05"]),
    ("S1-2 §2.5.1–2.5.4 (CL07a–d)", ["CL07a", "CL07b", "CL07c", "CL07d"]),
    ("REQ01–REQ03, F24-26", ["REQ01", "REQ02", "REQ03", "F24", "F25", "F26"]),
    ("CL07 and CL10", ["CL07a", "CL07b", "CL10"]),
    ("CLS06; FEE05, FEE05", ["CLS06", "FEE05"]),
    ("S4-X 5 – KH-03-R05, FX2026, C07, KPI04, SF6", []),
])
def test_ids_of_a_text(carried: ModuleType, text: str, ids: list[str]) -> None:
    assert carried.ids_in(text, ("CL07a", "CL07b", "CL10")) == ids


def test_a_source_carries_and_a_comment_does_not(carried: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "lend"
    folder.mkdir()
    (folder / "documents.yaml").write_text(
        "# The slip (F32).\ndocuments:\n  - name: slip\n    title: {zh: 签收表, en: Slip}\n    source: S4-X 8 (F20)\n"
        "    copies:\n      - {name: stub, source: \"S2-a (F16, N05)\"}  # N09\n", encoding="utf-8")
    (folder / "form.yaml").write_text("form: slip\nsource: S2-a (F16)\n", encoding="utf-8")
    found = carried.carriers(tmp_path)
    assert {one: [(row.file, row.line, row.part) for row in rows] for one, rows in found.items()} == {
        "F20": [("lend/documents.yaml", 5, "slip")], "N05": [("lend/documents.yaml", 7, "slip")],
        "F16": [("lend/documents.yaml", 7, "slip"), ("lend/form.yaml", 2, "")]}
    assert set(carried.named(tmp_path)) == {"F32", "F20", "F16", "N05", "N09"}


def test_links_lead_to_lines_that_name_the_id(carried: ModuleType) -> None:
    page = carried.PAGE.read_text(encoding="utf-8")
    known, seen = carried.listed(), 0
    for row in re.findall(r"^\| ([A-Z]+\d+[a-z]?) \|(.*)$", page, re.MULTILINE):
        for path, line in re.findall(r"\]\((\S+?)#L(\d+)\)", row[1]):
            target = (carried.PAGE.parent / path).resolve()
            said = target.read_text(encoding="utf-8").splitlines()[int(line) - 1]
            assert row[0] in carried.ids_in(said, known), (row[0], path, line)
            seen += 1
    assert seen > len(known)
