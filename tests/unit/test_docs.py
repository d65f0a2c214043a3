"""What the pages say is true: links, commands, targets, names, numbers and blocks of YAML are held against the code."""

from __future__ import annotations

import ast
import importlib.util
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import get_args

import click
import pytest
import yaml

from core.cli.reference import all_commands
from core.definitions.files import shown
from core.definitions.reader import read
from core.domain.estates import BASE_ROLES
from core.domain.papers import Evidence
from core.money import METHODS
from core.settings import Settings
from core.walkthroughs.rehearsal import examine
from tests.remembered_kit import remembering

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
GLOSSARY = (DOCS / "reference" / "glossary.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w*)[^\n`]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
CITED = re.compile(r"\b(?:CL|FEE|REQ|[CFN])\d{2,3}\b")
ESTATE = "estates/cuiwei/jade_garden/"

of_each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path, *languages: str) -> Iterator[str]:
    """The code blocks of a page in one of the languages."""
    yield from (body for language, body in BLOCK.findall(text_of(page)) if language in languages)


def files_of(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in (ROOT / folder).rglob("*")
                    if path.suffix in (".py", ".yaml", ".md", ".jinja2") and "broken" not in path.parts)


# ---------------------------------------------------------------- links


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as they are made on the web."""
    plain = BLOCK.sub("", text_of(page))
    found = re.findall(r"^#+ (.+)$", plain, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in found}


@of_each_page
def test_links_to_headings_lead_somewhere(page: Path) -> None:
    lost = []
    for link in re.findall(r"\]\(([^)\s]+)\)", BLOCK.sub("", text_of(page))):
        path, _, anchor = link.partition("#")
        if anchor and not re.match(r"[a-z]+:|.*\.yaml#L\d+$", link):  # lines: test_docs_carried.py
            target = (page.parent / path).resolve() if path else page
            lost += [link] if anchor not in anchors(target) else []
    assert lost == []


def test_every_page_is_on_the_map() -> None:
    named = set(re.findall(r"\]\(([^)#\s]+)", text_of(DOCS / "index.md")))
    pages = {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")} - {"index.md"}
    assert pages - named == set()


# ---------------------------------------------------------------- commands


def commands() -> dict[str, click.Command]:
    return dict(all_commands())


def said_commands(page: Path) -> Iterator[list[str]]:
    """What a page calls as `shouxu …`, in blocks and in running text, as words."""
    for body in blocks(page, "sh"):
        for line in body.splitlines():
            found = re.search(r"(?:^|[\s;(/])shouxu( .*)", line.split("#")[0])
            if found and "pip install" not in line:
                yield shlex.split(found.group(1))
    for words in re.findall(r"`shouxu ([^`]+)`", BLOCK.sub("", text_of(page))):
        yield words.replace("…", "").split()


@of_each_page
def test_commands_exist_with_their_options(page: Path) -> None:
    known, wrong = commands(), []
    not_built = re.findall(r"`shouxu diff`|`why`|`new`", text_of(page)) if page.name == "decisions.md" else []
    for words in said_commands(page):
        if not_built and words[:1] == ["diff"]:
            continue
        if "-c" in words:
            del words[words.index("-c"):words.index("-c") + 2]
        name = "shouxu"
        while words and f"{name} {words[0]}" in known:
            name += f" {words.pop(0)}"
        capital = words and words[0].isupper()  # `shouxu COMMAND --help`
        options = {option for row in known[name].params for option in row.opts} | {"--help", "-h"}
        if (name == "shouxu" and words and not capital and not words[0].startswith("-")) \
                or any(word not in options for word in words if word.startswith("--")):
            wrong.append(f"{name}: {words}")
    assert wrong == []


@of_each_page
def test_targets_of_make_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    said = set(re.findall(r"^make ([a-z-]+)|`make ([a-z-]+)`", text_of(page), re.MULTILINE))
    assert {one or other for one, other in said} <= targets


# ---------------------------------------------------------------- definitions in the pages


@of_each_page
def test_yaml_of_the_pages_can_be_read(page: Path, tmp_path: Path) -> None:
    for position, body in enumerate(blocks(page, "yaml")):
        if not body.startswith("# add to: "):
            path = tmp_path / f"{position}.yaml"
            path.write_text(body, encoding="utf-8")
            assert read(path, shown(path)).value


@pytest.mark.parametrize("name", ["how-to/estate-it.md", "tutorial/first-move-in.md"])
def test_changes_of_the_estate_fit(name: str, tmp_path: Path) -> None:
    estates = tmp_path / "estates"
    shutil.copytree(ROOT / "estates" / "cuiwei", estates / "cuiwei", ignore=shutil.ignore_patterns("*.py"))
    written = 0
    for body in blocks(DOCS / name, "yaml"):
        place, _, rest = body.partition("\n")
        found = re.fullmatch(rf"# (add to: )?{ESTATE}(\S+)", place)
        if found:
            path = estates / "cuiwei" / "jade_garden" / found[2]
            path.write_text(text_of(path) + rest if found[1] else rest, encoding="utf-8")
            written += 1
    assert written
    problems = examine(Settings.load(None, estates_dir=estates, data_dir=remembering(tmp_path / "var"), secret="0" * 64)).problems
    assert [str(problem) for problem in problems] == []


# ---------------------------------------------------------------- words and numbers


def test_every_cited_number_is_explained() -> None:
    cited: dict[str, str] = {}
    for path in [ROOT / "README.md", *files_of("core", "plugins", "shouxu", "form_definitions", "document_templates",
                                               "estates", "docs")]:
        if path.name != "glossary.md" and path.name != "errors.md":
            cited |= dict.fromkeys(CITED.findall(text_of(path)), path.relative_to(ROOT).as_posix())
    explained = set(re.findall(r"^\| ((?:CL|FEE|REQ|[CFN])\d{2,3}) \|", GLOSSARY, re.MULTILINE))
    explained |= set(yaml.safe_load(text_of(DOCS / "reference" / "ids.yaml"))["ids"])  # they stand in carried.md
    explained |= set(yaml.safe_load(text_of(DOCS / "reference" / "contradictions.yaml"))["contradictions"])  # in contradictions.md
    codes = {"F12", "F401"}  # a cell of a spreadsheet, a rule of the linter
    assert {number: path for number, path in cited.items() if number not in explained | codes} == {}


def test_every_source_is_explained() -> None:
    said = {source for path in files_of("form_definitions", "estates") if path.suffix == ".yaml"
            for source in re.findall(r"\bS\d(?:-[0-9A-Zab]+)?", " ".join(re.findall(r"source: (.*)", text_of(path))))}
    assert len(said) > 5
    about = GLOSSARY.partition("## The five source documents")[2]
    assert {source for source in said if not re.search(rf"\b{source}\b", about)} == set()


def test_the_glossary_names_what_is_issued() -> None:
    listed = set(re.findall(r"^\| F\d+ \|.*\| `([a-z_]+)` \|$", GLOSSARY, re.MULTILINE))
    documents = yaml.safe_load(text_of(ROOT / "form_definitions" / "move_in" / "documents.yaml"))["documents"]
    issued = {document["name"] for document in documents}
    assert listed <= issued
    assert issued - listed == {"receipt", "refund_voucher"}


def test_words_of_the_glossary_are_those_of_the_code() -> None:
    first_cells = re.findall(r"^\| ([^|]*)\|", GLOSSARY, re.MULTILINE)
    words = {word for cell in first_cells for word in re.findall(r"`([a-z_]+)`", cell)}
    assert {*BASE_ROLES, *get_args(Evidence), *METHODS} <= words
    house = GLOSSARY.partition("## Words of the house")[2].partition("\n## ")[0]
    said = re.findall(r"^\| (\S[^|]*) \| [^|]*[\u4e00-\u9fff]", house, re.MULTILINE)[1:]
    assert len(said) == len(set(said)) > 55


def test_the_logins_are_those_of_the_demo() -> None:
    users = yaml.safe_load(text_of(ROOT / "estates" / "cuiwei" / "jade_garden" / "demo_users.yaml"))["users"]
    for page in (ROOT / "README.md", DOCS / "tutorial" / "first-move-in.md"):
        table = text_of(page).partition("<!-- demo logins: begin -->")[2].partition("<!-- demo logins: end -->")[0]
        rows = re.findall(r"^\| `(\w+)` (\S+) \| `(\S+)` \| `(\w+)`", table, re.MULTILINE)
        assert rows == [(user["username"], user["name"], user["password"], user["roles"][0]) for user in users]


# ---------------------------------------------------------------- names of the code


def names_of_core() -> set[str]:
    """Every function, class, method, field and module of core."""
    found: set[str] = set()
    for path in (ROOT / "core").rglob("*.py"):
        found |= {path.stem, path.parent.name}
        for node in ast.walk(ast.parse(text_of(path))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found.add(node.name)
            elif isinstance(node, ast.arg):
                found.add(node.arg)
            elif isinstance(node, ast.AnnAssign | ast.Assign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def test_the_request_meets_functions_that_exist() -> None:
    page = text_of(DOCS / "explanation" / "one-request.md")
    said = re.findall(r"`([A-Za-z_][\w.]*)(?:\([^`]*\))?`", BLOCK.sub("", page))
    dotted = {name for name in said if "." in name or "_" in name or name[0].isupper()}
    known = names_of_core()
    lost = {name for name in dotted if name.rpartition(".")[2] not in known}
    # kinds of events are text; the rest belongs to other programs
    assert lost - {"document.issued", "document.sealed", "query_only"} == set()
    assert len(dotted) > 40


def test_tests_that_security_names_exist() -> None:
    page = text_of(DOCS / "explanation" / "security.md")
    named = re.findall(r"`((?:unit|documents|faults|http|procedures|browser)/test_\S+?\.py)`", page)
    assert len(named) > 15
    assert [name for name in named if not list((ROOT / "tests").glob(name))] == []


# ---------------------------------------------------------------- error numbers


@pytest.fixture(scope="module")
def error_numbers() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("docs_error_numbers", DOCS / "error_numbers.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_every_error_number_has_one_meaning(error_numbers: ModuleType) -> None:
    used, explained = error_numbers.numbers_in_code(), set(error_numbers.MEANINGS)
    assert used - explained == set(), "say in docs/error_numbers.py what they mean"
    assert list(error_numbers.MEANINGS) == sorted(error_numbers.MEANINGS)


def test_the_page_of_error_numbers_is_up_to_date(error_numbers: ModuleType) -> None:
    assert text_of(error_numbers.PAGE) == error_numbers.page(), "run: python docs/error_numbers.py"
