"""The gallery has every document of every procedure of all estates, filled in, void and blank; and what a blank form must be."""

from __future__ import annotations

import io
import re
import zipfile
from functools import cache

import pytest
from lxml import etree

from core.documents.blank_paper import ROOM_MM
from document_templates import gallery
from document_templates.gallery import Print

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
LIBRARY = gallery.library()
SHOWN = list(gallery.documents(LIBRARY))
NAMES = [f"{bundle.procedure.name}-{rule.name}-{estate}" for estate, bundle, rule in SHOWN]


@cache
def prints(place: int) -> dict[str, Print]:
    return {one.kind: one for one in gallery.prints(LIBRARY, *SHOWN[place])}


def members(word: bytes) -> dict[str, etree._Element]:
    with zipfile.ZipFile(io.BytesIO(word)) as packed:
        return {name: etree.fromstring(packed.read(name)) for name in packed.namelist()
                if re.fullmatch(r"word/(document|header\w*|footer\d*)\.xml", name)}


def test_nothing_is_left_out() -> None:
    """What is not shown of an estate is what an earlier one prints from the same template under the same names."""
    every = list(gallery.documents(LIBRARY, every=True))
    assert {estate for estate, _, _ in every} == set(LIBRARY.estates) and len(LIBRARY.estates) == 5
    assert {bundle.procedure.name for _, bundle, _ in every} == set(LIBRARY.sources) and len(every) > 300
    shown = {(bundle.procedure.name, rule.name, bundle.templates[rule.template]) for _, bundle, rule in SHOWN}
    assert {(bundle.procedure.name, rule.name, bundle.templates[rule.template]) for _, bundle, rule in every} == shown


@pytest.mark.parametrize("place", range(len(SHOWN)), ids=NAMES)
def test_every_document_prints_in_three_ways(place: int) -> None:
    made = prints(place)
    assert set(made) == set(gallery.KINDS)
    for kind, one in made.items():
        parts = members(one.word)
        for name, tree in parts.items():
            words = "".join(text.text or "" for text in tree.iter(f"{W}t"))
            assert not re.search(r"\{[{%#]|[}%#]\}|\bNone\b|\bTrue\b|\bFalse\b|<", words), (kind, name, words)
        stamps = [shape for tree in parts.values() for shape in tree.iter("{urn:schemas-microsoft-com:vml}textpath")
                  if shape.get("string") == "作废"]
        assert bool(stamps) is (kind == "void")


@pytest.mark.parametrize("place", range(len(SHOWN)), ids=NAMES)
def test_a_blank_form_leaves_everything_to_the_pen_and_has_room_for_it(place: int) -> None:
    tree = members(prints(place)["blank"].word)["word/document.xml"]
    words = "".join(text.text or "" for text in tree.iter(f"{W}t"))
    assert "以下空白" not in words and "☑" not in words and "扫码" not in words
    for row in tree.iter(f"{W}tr"):
        cells = [cell for cell in row.findall(f"{W}tc") if cell.find(f"{W}tcPr/{W}vMerge") is None]
        said = ["".join(text.text or "" for text in cell.iter(f"{W}t")).strip("　 ") for cell in cells]
        if len(cells) < 2 or all(said) or not any(said) or borderless(row):
            continue
        # Beside a label stands what is written by hand; at the end of a printed line a mark is enough.
        labelled = any(cell.find(f"{W}tcPr/{W}shd") is not None for cell in cells)
        height = row.find(f"{W}trPr/{W}trHeight")
        assert height is not None and int(height.get(f"{W}val", "0")) >= round((ROOM_MM if labelled else 6.0) / 25.4 * 1440), said


def borderless(row: etree._Element) -> bool:
    """Whether a row belongs to a table that only sets things side by side."""
    table = row.getparent()
    assert table is not None
    top = table.find(f"{W}tblPr/{W}tblBorders/{W}top")
    return top is None or top.get(f"{W}val") == "nil"
