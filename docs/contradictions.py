"""Writes docs/reference/contradictions.md: where the sources differ, and which variant each sample estate has.

`python docs/contradictions.py` writes the page from docs/reference/contradictions.yaml and from the files it names: links lead
to the line of the part that says so. A test fails when the page is out of date, when a part is not where the list says it
is, and when an estate's README and the list tell different things.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
DEFINITIONS = ROOT / "form_definitions"
ESTATES = ROOT / "estates"
LIST = ROOT / "docs" / "reference" / "contradictions.yaml"
PAGE = ROOT / "docs" / "reference" / "contradictions.md"
SAMPLES = ("cuiwei/jade_garden", "cuiwei/lotus_court", "cuiwei/cloud_terrace", "yunting/lotus_wharf", "yunting/maple_grove")
"""The five sample estates, in the order of the page."""


@dataclass(frozen=True)
class Words:
    """A text in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh if self.zh == self.en else f"{self.zh} · {self.en}"


@dataclass(frozen=True)
class Place:
    """A part of a definition file: path below the project, line from 1, and what the list calls the file and the part."""

    path: str
    line: int
    file: str
    part: str

    def link(self, text: str) -> str:
        """A link from the page to the line."""
        return f"[{text}](../../{self.path}#L{self.line})"


@dataclass(frozen=True)
class Contradiction:
    """One of the list. `places`: of the estates that say something themselves; `chosen`: the variant of every estate."""

    number: str
    about: Words
    variants: dict[str, tuple[Words, str]]
    base: str
    where: Place | None
    keys: str
    chosen: dict[str, str]
    places: dict[str, Place]
    comes_with: Words | None


def contradictions() -> list[Contradiction]:
    """The whole list, with every part found; LookupError when one is not where the list says it is."""
    rows = yaml.safe_load(LIST.read_text(encoding="utf-8"))["contradictions"]
    return [_read(number, row) for number, row in rows.items()]


def _read(number: str, row: dict[str, Any]) -> Contradiction:
    variants = {name: (Words(str(zh), str(en)), str(source)) for name, (zh, en, source) in row["variants"].items()}
    about = Words(*row["about"])
    if "comes_with" in row:
        return Contradiction(number, about, variants, "", None, "", {}, {}, Words(*row["comes_with"]))
    file, part, keys = row["where"]
    where = None if file == "estate.yaml" else found(DEFINITIONS / file, part, file)
    said = {name: tuple(cells) for name, cells in row["estates"].items()}
    base = row.get("base", "")
    chosen = {name(one): said[name(one)][0] if name(one) in said else base for one in SAMPLES}
    places = {name(one): _estate_place(one, *said[name(one)][1:]) for one in SAMPLES if name(one) in said}
    return Contradiction(number, about, variants, base, where, keys, chosen, places, None)


def name(sample: str) -> str:
    """`jade_garden` of `cuiwei/jade_garden`."""
    return sample.rpartition("/")[2]


def _estate_place(sample: str, file: str, part: str) -> Place:
    if file == "estate.yaml":
        return found(ESTATES / sample / file, part, file)
    if file.startswith("company/"):
        below = file.removeprefix("company/")
        return found((ESTATES / sample).parent / "form_definitions" / below, part, file)
    return found(ESTATES / sample / "form_definitions" / file, part, file)


def found(path: Path, part: str, file: str) -> Place:
    """The line of a part: where a name, a value of a choice or a key of that name stands for the first time."""
    told = re.compile(rf"^[^#]*(?:\b(?:name|value): {part}\b|\b{part}:)")
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next((at for at, line in enumerate(lines, 1) if told.match(line)), None)
    if at is None:
        raise LookupError(f"{path.relative_to(ROOT)}: no `{part}`")
    return Place(path.relative_to(ROOT).as_posix(), at, file, part)


# ---------------------------------------------------------------- the page


def titles() -> dict[str, str]:
    """Name → Chinese title of each sample estate."""
    return {name(one): yaml.safe_load((ESTATES / one / "estate.yaml").read_text(encoding="utf-8"))["title"]["zh"] for one in SAMPLES}


def page() -> str:
    """The page as Markdown."""
    names = titles()
    readmes = {one: f"[`{name(one)}`](../../estates/{one}/README.md)" for one in SAMPLES}
    estates = "，".join(f"{names[name(one)]} {readmes[one]}" for one in SAMPLES)
    lines = ["# Where the sources differ 来源互相矛盾之处（C）", "",
             "<!-- Written by docs/contradictions.py; change contradictions.yaml or the estates it reads, then run it again. -->",
             "",
             "[来源文件](glossary.md#the-five-source-documents)在五十处说法不一。哪种做法都不写进程序："
             "标准（`form_definitions/`）取一种，项目要用另一种，就在自己的文件夹里改数据。"
             "下面每一处列出各种说法、写在哪里，以及五个样例项目各用哪一种；没有链接的沿用标准，空格的做法没有样例项目用。", "",
             "The [source documents](glossary.md#the-five-source-documents) contradict each other in fifty places. None of the "
             "variants is in the program: the base (`form_definitions/`) has one of them, and an estate that works otherwise says so in "
             "data, in its own folder. For each place: the variants in short, where an estate says it, and which of them each of the "
             "five sample estates has; an estate without a link does as the base does, and a variant with an empty cell is no sample "
             "estate's. "
             "`tests/procedures/test_contradictions.py` plays them: two estates, the same program, another behaviour.", "",
             f"样例项目 · sample estates: {estates}", ""]
    for one in contradictions():
        lines += [f"## {one.number} {one.about}", "", *_body(one, names), ""]
    return "\n".join(lines)


def _body(one: Contradiction, names: dict[str, str]) -> list[str]:
    lines = ["| 做法 · variant | 出处 · source | 项目 · estates |", "|---|---|---|"]
    for variant, (words, source) in one.variants.items():
        mark = "（标准 · base）" if variant == one.base else ""
        having = [_estate(one, estate, names) for estate, chosen in one.chosen.items() if chosen == variant]
        lines.append(f"| {words}{mark} | {source} | {'<br>'.join(having)} |")
    if one.comes_with:
        return [*lines, "", f"还没有这项手续，随它一起来 · Comes with a procedure that is not here yet: {one.comes_with}"]
    place = f"{one.where.link(one.where.file)} `{one.where.part}`" if one.where else "`estate.yaml`"
    return [*lines, "", f"写在 · said in: {place}: {f'`{one.keys}`' if one.keys.isidentifier() else one.keys}"]


def _estate(one: Contradiction, estate: str, names: dict[str, str]) -> str:
    place = one.places.get(estate)
    return f"{names[estate]} · {place.link(place.file)} `{place.part}`" if place else f"{names[estate]} · 同标准 as the base"


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
