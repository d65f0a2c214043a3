"""Writes docs/reference/carried.md: what the sources ask for, id by id, beside the definitions that carry it.

`python docs/carried.py` writes the page. What the ids mean stands in docs/reference/ids.yaml; a definition carries an
id when the id stands in one of its `source:` texts (a comment tells, it does not carry). A test fails when the page is
out of date, when an id is neither carried nor explained, and when a definition names an id that is not listed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from core.definitions.reader import Node

ROOT = Path(__file__).resolve().parent.parent
DEFINITIONS = ROOT / "form_definitions"
LIST = ROOT / "docs" / "reference" / "ids.yaml"
PAGE = ROOT / "docs" / "reference" / "carried.md"
SHOWN = 4
"""So many places are shown for an id, from different files where there are any."""

KINDS = {"F": ("Forms and papers", "documents.yaml"), "FEE": ("Fees, deposits, money", "fee_schedule.yaml"),
         "REQ": ("What must be brought", "required_documents.yaml"), "CL": ("Lists", "checklists.yaml"),
         "CLS": ("Classes", "forms"), "SLA": ("Times", "procedure.yaml"),
         "N": ("Numbers, copies, voiding", "documents.yaml")}
"""Kind → its heading, and the file where one expects it, whose places are shown first."""

_ID = re.compile(r"\b(CLS|CL|FEE|F|N|REQ|SLA)(\d+)([a-z]?)\b(?:[–-](CLS|CL|FEE|F|N|REQ|SLA)?(\d*)([a-z]?)\b)?")


@dataclass(frozen=True)
class Place:
    """A `source:` that names ids: file below form_definitions, line from 1, name of the part it belongs to."""

    file: str
    line: int
    part: str
    ids: tuple[str, ...]


def listed() -> dict[str, dict[str, Any]]:
    """The ids of ids.yaml: id → {title, procedures, source[, instead]}."""
    return yaml.safe_load(LIST.read_text(encoding="utf-8"))["ids"]


def ids_in(text: str, known: Collection[str] = ()) -> list[str]:
    """The ids that a text names, once each, in its order.

    Ranges are spelt out: `CL07a–d` and `F24–F26` are four and three ids. A list that `known` has in parts only may be
    named as a whole: `CL07` is all of CL07a to CL07h.
    """
    found: dict[str, None] = {}
    for kind, number, letter, _, last, last_letter in _ID.findall(text):
        if letter and last_letter:
            found |= dict.fromkeys(f"{kind}{number}{chr(code)}" for code in range(ord(letter), ord(last_letter) + 1))
        elif last:
            found |= dict.fromkeys(f"{kind}{one:0{len(number)}}" for one in range(int(number), int(last) + 1))
        else:
            one = kind + number + letter
            parts = [part for part in sorted(known) if not letter and re.fullmatch(rf"{one}[a-z]", part)]
            found |= dict.fromkeys(parts if parts and one not in known else [one])
    return list(found)


def files(folder: Path = DEFINITIONS) -> list[Path]:
    """Every definition file below a folder, in the order of their names."""
    return sorted(folder.rglob("*.yaml"))


def named(folder: Path = DEFINITIONS) -> dict[str, str]:
    """Every id that the files name anywhere, comments too → the last file that does."""
    known = set(listed())
    return {one: path.relative_to(folder).as_posix() for path in files(folder)
            for one in ids_in(path.read_text(encoding="utf-8"), known)}


def places(folder: Path = DEFINITIONS) -> list[Place]:
    """Every `source:` below a folder that names ids, file by file."""
    from core.definitions.reader import read

    known = set(listed())
    found: list[Place] = []
    for path in files(folder):
        name = path.relative_to(folder).as_posix()
        tree = read(path, name)
        for at, node in tree.walk():
            ids = ids_in(node.value, known) if at[-1:] == ("source",) and isinstance(node.value, str) else []
            if ids:
                found.append(Place(name, node.mark.line, _part(tree, at), tuple(ids)))
    return found


def _part(tree: Node, at: tuple[str | int, ...]) -> str:
    """What the line belongs to: the name of the step, document, fee … or, at the top of a file, nothing."""
    if len(at) < 3:
        return ""
    if isinstance(at[1], str):
        return at[1]
    name = tree.value[at[0]].value[at[1]].value.get("name")
    return name.value if name is not None else ""


def carriers(folder: Path = DEFINITIONS) -> dict[str, list[Place]]:
    """Id → the places that carry it, in the order in which they are shown."""
    found: dict[str, list[Place]] = {}
    for place in places(folder):
        for one in place.ids:
            found.setdefault(one, []).append(place)
    return {one: sorted(rows, key=lambda row: _rank(one, row)) for one, rows in found.items()}


def _rank(one: str, place: Place) -> tuple[bool, bool, str, int]:
    """First the file where one expects the id; last the clauses, which only repeat what another line does."""
    inside = place.file.split("/")
    return KINDS[kind_of(one)][1] not in inside, "texts.yaml" in inside, place.file, place.line


def kind_of(one: str) -> str:
    """The letters of an id: `FEE` of `FEE01`."""
    return one.rstrip("abcdefgh").rstrip("0123456789")


# ---------------------------------------------------------------- the page


def page() -> str:
    """The page as Markdown."""
    told = yaml.safe_load(LIST.read_text(encoding="utf-8"))
    ids, found = told["ids"], carriers()
    lines = ["# What carries what", "",
             "<!-- Written by docs/carried.py; change ids.yaml or the definitions it reads, then run it again. -->", "",
             "What the [source documents](glossary.md#the-five-source-documents) ask for in the procedures below, id "
             "by id, beside the lines of the definitions that carry it (at most "
             f"{SHOWN}, from different files where there are any). An id is carried where it stands in a `source:` "
             "text. What no line carries says what stands instead.", "",
             "| | procedure | in `form_definitions/` |", "|---|---|---|"]
    for number, procedure in told["procedures"].items():
        by = procedure["by"] if isinstance(procedure["by"], list) else [procedure["by"]]
        lines.append(f"| {number} | {procedure['title']} | {', '.join(f'`{one}`' for one in by)} |")
    for kind, (heading, _) in KINDS.items():
        lines += ["", f"## {heading} ({kind})", "", "| id | 中文 | of | source | carried by |", "|---|---|---|---|---|"]
        lines += [f"| {one} | {said['title']} | {' '.join(said['procedures'])} | {said['source']} "
                  f"| {_cell(said, found.get(one, []))} |" for one, said in ids.items() if kind_of(one) == kind]
    return "\n".join([*lines, ""])


def _cell(said: dict[str, Any], rows: list[Place]) -> str:
    if not rows:
        return f"*Instead:* {said.get('instead', '')}"
    first = {row.file: row for row in reversed(rows)}
    shown = sorted(first.values(), key=rows.index)[:SHOWN]
    shown = sorted([*shown, *(row for row in rows if row not in shown)][:SHOWN], key=rows.index)
    more = len(rows) - len(shown)
    return "<br>".join(map(_link, shown)) + (f"<br>and {more} more" if more else "")


def _link(place: Place) -> str:
    where = f"[{place.file}:{place.line}](../../form_definitions/{place.file}#L{place.line})"
    return f"{where} `{place.part}`" if place.part else where


def main() -> int:
    """Write the page."""
    sys.path.insert(0, str(ROOT))
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
