"""Every broken estate under estates/broken says in its `expected.txt`, word for word, what must be told about it.

A place in the estate's own folder is told with line and column; one in the standard files, which have a life of their own, by its
file only. `python tests/unit/test_estates_broken.py` writes every expected.txt anew: for when the words of a message were changed
on purpose, and to be read before it is kept.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from core.cases.definitions import FILTERS
from core.definitions.library import Library
from core.errors import DefinitionError, DefinitionErrors
from core.loader import Plugins, load_plugins
from core.settings import Settings
from core.walkthroughs.report import rehearse
from core.walkthroughs.script import read_script
from core.walkthroughs.template_rehearsal import template_problems

ROOT = Path(__file__).resolve().parents[2]
BROKEN = ROOT / "estates" / "broken"
SAMPLES = sorted(path.name for path in BROKEN.iterdir() if path.is_dir())
EXPECTED = "expected.txt"
START = datetime.fromisoformat("2026-03-01T09:00:00+08:00")
NUMBER = re.compile(r"SX-\d{4}")

# The numbers of definitions that no file of an estate brings about: the sum of all mistakes, what only a running rule meets, and
# the checker's own way to tell of a plugin, which `shouxu check` tells as SX-1012.
NOT_OF_AN_ESTATE = {1200, 1242, 1250}


@dataclass(frozen=True)
class House:
    """The standard procedures, read once; a folder for what the check of templates remembers."""

    plugins: Plugins
    base: Library
    data: Path

    def told(self, sample: str, at: Path) -> str:
        """Everything that is wrong with the sample, which is copied into a folder of its own below `at`."""
        company = at / sample / BROKEN.name
        company.mkdir(parents=True)
        shutil.copy(BROKEN / "company.yaml", company)
        estate = shutil.copytree(BROKEN / sample, company / sample, ignore=shutil.ignore_patterns(EXPECTED, "__pycache__"))
        return "".join(f"{line}\n" for line in _placed(self.problems(estate), estate))

    def problems(self, estate: Path) -> Iterator[object]:
        if (estate / "plugins").is_dir():
            out = load_plugins(None, estate.parents[1], installed=False).out_of_service
            yield from (f"SX-1012  {name}: {reason}" for name, reason in out.items())
        try:
            library = Library.load(self.plugins.sources, estate.parents[1], before=self.base, overlays=self.plugins.overlays,
                                   field_types=[kind.name for kind in self.plugins.field_types])
        except DefinitionErrors as errors:
            yield from errors.problems
            return
        yield from self.of_walkthroughs(library, estate)
        filters = {**FILTERS, **self.plugins.everywhere().template_filters()}
        yield from sorted(template_problems(library, filters, self.data), key=str)

    def of_walkthroughs(self, library: Library, estate: Path) -> Iterator[DefinitionError]:
        """Walkthroughs of the estate's own that cannot be read, or do not go as they are described."""
        for path in sorted(estate.glob("form_definitions/*/walkthroughs/*.yaml")):
            try:
                script = read_script(path)
            except DefinitionErrors as errors:
                yield from errors.problems
                continue
            settings = Settings.load(data_dir=self.data, secret="s" * 40, estates_dir=estate.parents[1])
            report = rehearse(settings, script, estate.name, start=START, out=self.data / "out", pdf=False,
                              definitions=(self.plugins, library))
            if report.failure:
                yield report.failure


def _placed(problems: Iterable[object], estate: Path) -> Iterator[str]:
    """Each problem with its place as people in the estate's folder see it, without line where the file is a standard one."""
    for problem in problems:
        said = str(problem).replace(f"{estate.as_posix()}/", "").replace(f"{ROOT.as_posix()}/", "")
        mark = problem.mark if isinstance(problem, DefinitionError) else None
        if mark is not None and not Path(mark.file).is_relative_to(estate):
            said = re.sub(r"^(\S+?):\d+:\d+  ", r"\1  ", said)
        yield said


def house_in(folder: Path) -> House:
    plugins = load_plugins("plugins", None, installed=False)
    return House(plugins, Library.of(plugins, None), folder)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return house_in(tmp_path_factory.mktemp("house"))


def expected(sample: str) -> str:
    return (BROKEN / sample / EXPECTED).read_text(encoding="utf-8")


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_broken_estate_is_told_what_is_wrong(house: House, sample: str, tmp_path: Path):
    assert house.told(sample, tmp_path) == expected(sample)


def test_nothing_expected_is_empty():
    assert [sample for sample in SAMPLES if not NUMBER.search(expected(sample))] == []


def test_every_number_that_an_estate_can_cause_occurs():
    known = {int(number) for number in re.findall(r"^    (12\d\d):", (ROOT / "docs/error_numbers.py").read_text("utf-8"), re.MULTILINE)}
    occurring = {int(number[3:]) for sample in SAMPLES for number in NUMBER.findall(expected(sample))}
    assert known - occurring == NOT_OF_AN_ESTATE & known


def test_the_house_opens_without_them(house: House):
    library = Library.load(house.plugins.sources, ROOT / "estates", before=house.base, overlays=house.plugins.overlays,
                           field_types=[kind.name for kind in house.plugins.field_types])
    assert library.estates.keys().isdisjoint(SAMPLES)


def test_two_companies_cannot_have_an_estate_of_one_name(house: House, tmp_path: Path):
    for company in ("broken", "cracked"):
        folder = tmp_path / company / "park"
        folder.mkdir(parents=True)
        (folder.parent / "company.yaml").write_text(f"company: {company}\ntitle: 样错\n", encoding="utf-8")
        (folder / "estate.yaml").write_text("estate: park\ntitle: 公园\nprocedures: [move_in]\n", encoding="utf-8")
    with pytest.raises(DefinitionErrors) as caught:
        Library.load(house.plugins.sources, tmp_path, before=house.base)
    [problem] = caught.value.problems
    assert str(problem) == (f"{tmp_path.as_posix()}/cracked/park/estate.yaml:1:9  SX-1203  项目 `park` 已在 "
                            f"{tmp_path.as_posix()}/broken/park (estate exists already)")


def test_each_sample_stands_in_the_list_of_the_folder():
    listed = re.findall(r"^\| `(\w+)` \|", (BROKEN / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == SAMPLES


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        standard = house_in(Path(scratch))
        for one in sys.argv[1:] or SAMPLES:
            (BROKEN / one / EXPECTED).write_text(standard.told(one, Path(scratch)), encoding="utf-8")
