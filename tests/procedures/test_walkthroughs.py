"""Every walkthrough at every estate goes as described; what it writes is the same each time, sealed, and verifiable."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.cells import cell_len
from sqlalchemy import select

from core.cases.building import system_actor
from core.cases.definitions import load_definitions
from core.cases.issuing import unpacked
from core.cli.program import shouxu
from core.definitions.library import Library
from core.errors import DefinitionErrors, MissingPart
from core.loader import Plugins
from core.settings import Settings
from core.store.models import Document
from core.store.session import unit_of_work
from core.walkthroughs.acts import Act
from core.walkthroughs.longest import longest
from core.walkthroughs.player import Player
from core.walkthroughs.report import Report, rehearse
from core.walkthroughs.script import read_script
from core.walkthroughs.stage import furnish, stage
from tests.remembered_kit import remembering, shipped_definitions

ROOT = Path(__file__).resolve().parents[2]
START = datetime.fromisoformat("2026-03-01T09:00:00+08:00")
SECRET = "s" * 40


def settings_in(folder: Path, **more: Any) -> Settings:
    return Settings.load(data_dir=folder, secret=SECRET, **more)


def every_walkthrough() -> list[tuple[str, Path]]:
    """(estate, file) of each, read where they stand."""
    library = shipped_definitions()[1]
    return [(estate, path) for estate in library.estates for procedure in library.procedures(estate)
            for path in library.walkthroughs(procedure, estate)]


def enough(walks: list[tuple[str, Path]]) -> list[tuple[str, Path]]:
    """All of them at the first estate; elsewhere an estate's own, and one of each procedure: the others are the same files. With
    SHOUXU_FAULTS=large all of them everywhere."""
    if os.environ.get("SHOUXU_FAULTS") == "large":
        return walks
    kept, seen = [], set()
    for estate, path in walks:
        key = estate, path.parent.parent.name
        if estate == "jade_garden" or "estates" in path.relative_to(ROOT).parts or key not in seen:
            kept.append((estate, path))
        seen.add(key)
    return kept


JADE = ("--estate", "jade_garden")
WALKS = enough(every_walkthrough())
IDS = [f"{estate}-{path.stem}" for estate, path in WALKS]
INDIVIDUAL = ROOT / "form_definitions" / "move_in" / "walkthroughs" / "individual.yaml"
VOID, COMPANY, SHORT = (INDIVIDUAL.with_name(f"{name}.yaml") for name in ("void", "company", "missing_papers"))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return settings_in(remembering(tmp_path_factory.mktemp("installation")))


@pytest.fixture(scope="module")
def definitions(settings: Settings) -> tuple[Plugins, Library]:
    """Read once for all walks, as `shouxu walk --all` does."""
    return load_definitions(settings)


def walk(settings: Settings, path: Path, out: Path, estate: str = "jade_garden", *, pdf: bool | None = False,
         definitions: tuple[Plugins, Library] | None = None) -> Report:
    return rehearse(settings, read_script(path), estate, start=START, out=out, pdf=pdf, definitions=definitions)


# ---------------------------------------------------------------- as described


def is_refused(act: Act) -> bool:
    """Whether the act is refused, or one of those in its sub-case."""
    return act.word == "refused" or bool(act.child and any(is_refused(one) for one in act.child.acts))


@pytest.mark.parametrize(("estate", "path"), WALKS, ids=IDS)
def test_it_goes_as_described(settings: Settings, definitions: tuple[Plugins, Library], tmp_path: Path, estate: str, path: Path):
    report = walk(settings, path, tmp_path, estate, definitions=definitions)
    assert report.failure is None, str(report.failure)
    told = json.loads((tmp_path / "walk.json").read_text(encoding="utf-8"))
    assert told["passed"] and told["number"]
    assert told["documents"] or not any(act.issue for act in read_script(path).said.acts)  # who is refused gets no paper
    for document in told["documents"]:
        content = (tmp_path / document["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == document["sha256"]
        assert document["copies"] and document["number"]
    assert len(list(tmp_path.glob("*.docx"))) == len(told["documents"])
    wanted = sum(is_refused(act) for act in read_script(path).said.acts)
    assert len({row["line"] for row in told["refusals"]}) == wanted
    assert all(row["message"] and row["kind"] for row in told["refusals"])


@pytest.mark.parametrize("path", [INDIVIDUAL, VOID], ids=lambda path: path.stem)
def test_the_same_clock_gives_the_same_papers(settings: Settings, tmp_path: Path, path: Path):
    walk(settings, path, tmp_path / "a")
    elsewhere = settings_in(tmp_path / "other")
    walk(elsewhere, path, tmp_path / "b")
    first, second = ({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()} for name in "ab")
    assert first.keys() == second.keys() and len(first) > 1
    assert [name for name, content in first.items() if content != second[name]] == []


def test_ledger_and_steps_are_told(settings: Settings, tmp_path: Path):
    told = walk(settings, INDIVIDUAL, tmp_path).as_data()
    assert told["ledger"]["charged"] == told["ledger"]["paid"] == "1637.51"
    assert sum(float(row["amount"]) for row in told["ledger"]["charges"]) == pytest.approx(1637.51)
    assert {row["state"] for row in told["steps"]} == {"done"}
    certificate = next(row for row in told["documents"] if row["name"] == "occupancy_certificate")
    assert (certificate["number"], len(certificate["copies"]), certificate["state"]) == ("00001", 3, "issued")
    assert certificate["signatures"][0]["as"] == "owner"


def test_an_earlier_walk_leaves_nothing_behind(settings: Settings, tmp_path: Path):
    (tmp_path / "own.txt").write_text("mine", encoding="utf-8")
    walk(settings, INDIVIDUAL, tmp_path)
    walk(settings, SHORT, tmp_path)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".docx", ".json", ".txt"]


# ---------------------------------------------------------------- when it does not


def changed(tmp_path: Path, old: str, new: str, source: Path) -> Path:
    """A copy of a walkthrough with one passage changed."""
    text = source.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / source.name
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def line_of(path: Path, words: str) -> int:
    return next(at for at, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if words in line)


@pytest.mark.parametrize(("old", "new", "place", "said"), [
    ("kind: paper", "kind: role", "- refused:", "paper:缺少“购房合同书”"),
    ("says: 购房合同书", "says: 天气", "- refused:", "购房合同书"),
    ("act: {issue: {step: verify, documents: [paper_check], by: wang}}",
     "act: {papers: {step: verify, by: wang, have: {}}}", "- refused:", "却办成了"),
    ("cards: 1", "cards: 99", "- submit:", "被拒绝"),
    ('charged: "0.00"', 'charged: "0.01"', "- expect:", "实际 0.00"),
    ("state: open", "state: completed", "- expect:", "实际 open"),
    ("packet: open", "packet: closed", "- expect:", "packet 应为 closed，实际 open"),
    ("paper_check: issued", "paper_check: absent", "- expect:", "issued"),
    ("- open: {by: wang}", "- open: {by: nobody}", "- open:", "nobody"),
    ("- issue: {step: verify, documents: [paper_check], by: wang}", "- issue: {step: archive, documents: all, by: sun}",
     "- issue:", "先办完“开入住证明”"),
    ("- later: {days: 2}", "- pay: {by: chen, methods: {cash: rest}}", "- pay:", "先办完“填登记表”"),
], ids=["other-kind", "other-words", "not-refused", "refused", "ledger", "state", "step", "document", "staff", "closed",
        "unpayable"])
def test_what_goes_otherwise_is_told_at_its_line(settings: Settings, tmp_path: Path, old: str, new: str, place: str,
                                                 said: str):
    path = changed(tmp_path, old, new, SHORT)
    failure = walk(settings, path, tmp_path / "out").failure
    told = json.loads((tmp_path / "out" / "walk.json").read_text(encoding="utf-8"))
    assert failure is not None and failure.mark is not None and failure.code == "SX-1290"
    assert failure.mark.file.endswith("missing_papers.yaml")
    assert place in path.read_text(encoding="utf-8").splitlines()[failure.mark.line - 1]
    assert said in failure.what
    assert not told["passed"] and told["failure"]["line"] == failure.mark.line


@pytest.mark.parametrize(("old", "new", "word"), [
    ("  - open: {by: wang}", "  - opne: {by: wang}", "open"),
    ("step: packet, as: owner, way: tablet", "step: packet, as: owner, way: tabelt", "tablet"),
    ("kind: requires", "kind: requried", "requires"),
    ("- later: {days: 7}", "- later: {days: soon}", "整数"),
    ("walkthrough: individual", "walkthrough: somebody", "individual"),
    ("  - open: {by: wang}", "  - {open: {by: wang}, later: {days: 1}}", "exactly one"),
    ("sign: {document: paper_check, as", "sign: {as", "document"),
])
def test_a_mistake_in_a_script_has_its_place(tmp_path: Path, old: str, new: str, word: str):
    path = changed(tmp_path, old, new, INDIVIDUAL)
    with pytest.raises(DefinitionErrors) as caught:
        read_script(path)
    (problem,) = caught.value.problems
    assert problem.mark is not None and problem.mark.line == line_of(path, new.splitlines()[0])
    assert word in f"{problem.what} {problem.remedy}"


def test_a_unit_the_estate_does_not_have(settings: Settings, tmp_path: Path):
    failure = walk(settings, changed(tmp_path, "unit: 9-1-801", "unit: 99-9-999", SHORT), tmp_path / "out").failure
    assert failure is not None and "99-9-999" in failure.what


# ---------------------------------------------------------------- what papers may print


@pytest.mark.parametrize("path", [INDIVIDUAL, COMPANY, VOID], ids=lambda path: path.stem)
def test_the_longest_case_has_the_names_of_real_ones(settings: Settings, path: Path):
    script, estate = read_script(path), "jade_garden"
    with stage(settings, START) as office:
        furnish(office, estate, {script.said.unit})
        Player(office, estate, script, office.clock).play()  # type: ignore[arg-type]
        bundle = office.library.bundle(estate, script.said.procedure)
        with unit_of_work(office.sessions, readonly=True) as session:
            desk = office.desk(session, system_actor(office))
            contexts = {row.name: unpacked(desk, row) for row in session.scalars(select(Document))}
    assert contexts
    for name, context in contexts.items():
        declared = longest(bundle, office.library.estate(estate), bundle.document(name))
        assert list(unknown(context, declared)) == []
        assert context.keys() <= declared.keys()


def unknown(real: Any, declared: Any, path: str = ""):
    """Paths of a frozen context that the longest case does not have."""
    if isinstance(real, dict) and not {"$image", "$qr"} & real.keys():
        for name, value in real.items():
            if not isinstance(declared, dict) or name not in declared:
                yield f"{path}.{name}"
            else:
                yield from unknown(value, declared[name], f"{path}.{name}")
    elif isinstance(real, list):
        for value in real:
            yield from unknown(value, declared[0] if declared else None, f"{path}[]")


# ---------------------------------------------------------------- the command


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SHOUXU_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("SHOUXU_SECRET", raising=False)
    return lambda *words: CliRunner().invoke(shouxu, [str(word) for word in words], prog_name="shouxu")


CLOCK = ("--clock", "2026-03-01T09:00:00+08:00")


def test_walk_by_procedure_plays_the_standard_one(run, tmp_path: Path):
    result = run("walk", "move_in", "--estate", "jade_garden", *CLOCK, "--out", tmp_path / "out", "--no-pdf")
    assert result.exit_code == 0, result.output
    assert max(cell_len(line) for line in result.stdout.splitlines() if str(tmp_path) not in line) <= 80
    told = json.loads((tmp_path / "out" / "walk.json").read_text(encoding="utf-8"))
    assert (told["walkthrough"], told["clock"]) == ("individual", "2026-03-01T09:00:00+08:00")


def test_walk_all_gives_each_a_folder(run, tmp_path: Path):
    result = run("walk", "move_in", "--all", *JADE, *CLOCK, "--out", tmp_path / "out", "--no-pdf", "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 0 and len(told) == len([
        1 for estate, path in WALKS if estate == "jade_garden" and path.parents[1].name == "move_in"])
    assert {row["walkthrough"] for row in told} == {path.name for path in (tmp_path / "out").iterdir()}


def test_walk_of_a_file_that_goes_wrong_ends_with_1(run, tmp_path: Path):
    path = changed(tmp_path, "state: open", "state: completed", SHORT)
    result = run("walk", path, *JADE, *CLOCK, "--out", tmp_path / "out", "--no-pdf")
    assert result.exit_code == 1
    assert f":{line_of(path, '- expect:')}:5  SX-1290  " in result.stderr


@pytest.mark.parametrize(("words", "near"), [(("move_inn",), "move_in"), (("move_in/individul", *JADE), "individual"),
                                             (("move_in", "--estate", "jade_gardn"), "jade_garden")])
def test_walk_of_something_unknown_names_the_nearest(run, tmp_path: Path, words: tuple[str, ...], near: str):
    result = run("walk", *words, *CLOCK, "--out", tmp_path / "out")
    assert result.exit_code == 1 and f"`{near}`" in result.stderr


def test_a_clock_needs_its_zone(run, tmp_path: Path):
    assert run("walk", "move_in", "--clock", "2026-03-01T09:00:00", "--out", tmp_path).exit_code == 2


def test_pdf_without_libreoffice_is_a_missing_part(tmp_path: Path):
    settings = settings_in(tmp_path / "var", soffice=str(tmp_path / "no" / "soffice"))
    with pytest.raises(MissingPart):
        walk(settings, SHORT, tmp_path / "out", pdf=True)
    report = walk(settings, SHORT, tmp_path / "out", pdf=None)
    assert report.failure is None and "LibreOffice" in report.pdf_note


# ---------------------------------------------------------------- sealed


@pytest.fixture(scope="module")
def sealed(soffice: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Report]:
    """A walk with PDF files and seals, and the installation whose seal it is."""
    folder = tmp_path_factory.mktemp("sealed")
    settings = settings_in(folder / "var")
    return settings, walk(settings, INDIVIDUAL, folder / "out", pdf=True)


def test_every_document_has_its_pdf(sealed: tuple[Settings, Report]):
    _, report = sealed
    assert report.failure is None, str(report.failure)
    assert [row["number"] for row in report.documents if not row["pdf"] or row["pdf_error"]] == []
    for row in report.documents:
        content = (report.folder / row["pdf"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row["pdf_sha256"]


def test_every_sealed_pdf_is_valid(sealed: tuple[Settings, Report], pdfsig: str):
    _, report = sealed
    with_seal = [row for row in report.documents if row["sealed"]]
    assert len(with_seal) >= 8
    for row in with_seal:
        done = subprocess.run([pdfsig, report.folder / row["pdf"]], capture_output=True, text=True, check=False)
        assert "Signature is Valid" in done.stdout, f"{row['pdf']}: {done.stdout}{done.stderr}"


def test_verify_accepts_what_was_sealed_and_refuses_what_was_changed(sealed: tuple[Settings, Report], tmp_path: Path,
                                                                      monkeypatch: pytest.MonkeyPatch):
    settings, report = sealed
    monkeypatch.setenv("SHOUXU_DATA_DIR", str(settings.data_dir))

    def verdict(content: bytes) -> tuple[int, dict]:
        (tmp_path / "paper.pdf").write_bytes(content)
        result = CliRunner().invoke(shouxu, ["verify", str(tmp_path / "paper.pdf"), "--json"])
        return result.exit_code, json.loads(result.stdout)

    row = next(row for row in report.documents if row["name"] == "occupancy_certificate")
    paper = (report.folder / row["pdf"]).read_bytes()
    code, told = verdict(paper)
    assert (code, told["accepted"]) == (0, True)
    (signature,) = told["signatures"]
    assert signature["signer"] == "翠微物业服务有限公司" and signature["at"].startswith("2026-03-")
    middle = len(paper) // 2
    for changed_paper in (paper[:middle] + bytes([paper[middle] ^ 1]) + paper[middle + 1:], paper + b"\n"):
        code, told = verdict(changed_paper)
        assert (code, told["accepted"]) == (1, False)
