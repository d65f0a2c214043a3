"""Tags put into a template at words that stand there: for a form that nobody may change, like one of an authority.

What comes out is a template like any other: its tags are checked, annotated, compiled and printed as if they had been
typed in Word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Protocol

from lxml import etree

from core.documents import archive
from core.documents.blueprint import word_parts
from core.documents.faults import Spot, TemplateFault
from core.documents.package import DECLARATION, Package, W, opened
from core.documents.source import shortened

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_TAG = re.compile(r"\{[{%#].*?[%}#]\}", re.DOTALL)
_NO_WORDS = "\0"  # cannot stand in XML, so nobody asks for it
Letter = tuple[etree._Element, int]
"""A character of a paragraph: the `<w:t>` that it stands in, and where in it."""


class Placement(Protocol):
    """What is put where: see `core.domain.documents.Placement`."""

    @property
    def at(self) -> str: ...
    @property
    def put(self) -> str: ...
    @property
    def where(self) -> str: ...
    @property
    def which(self) -> int | None: ...


@dataclass(frozen=True)
class _Place:
    """Where the words were found: their first and their last character."""

    spot: Spot
    first: Letter
    last: Letter


def placed(data: bytes, placements: Sequence[Placement]) -> bytes:
    """The template in `data` with a tag at the words of each placement, the same bytes each time; itself where there is none.

    TemplateFault 3140 where the words are not found, 3141 where they stand in several places; else as `opened`.
    """
    if not placements:
        return data
    package = opened(data)
    # not `source.tree_of`: what it drops between elements may be somebody's words
    trees = {name: _tree(name, package.members[name]) for name in word_parts(package)}
    for one in placements:
        _put(_the(one, list(_found(trees, one.at))), one)
    return _written(package, trees)


def _tree(part: str, data: bytes) -> etree._Element:
    try:
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError as error:
        raise TemplateFault(f"XML 有误({error})", Spot(part), number=3104) from error


def _written(package: Package, trees: dict[str, etree._Element]) -> bytes:
    fresh = {name: DECLARATION + etree.tostring(tree, encoding="UTF-8") for name, tree in trees.items()}
    members = package.having(fresh).members
    return archive.assembled(archive.laid_out(archive.packed(name, said, 6) for name, said in members.items()), ())


# ---------------------------------------------------------------- looking


def _found(trees: dict[str, etree._Element], words: str) -> Iterator[_Place]:
    """Every place where the words stand within one paragraph, in the order of the parts."""
    wanted = "".join(_folded(words))
    for part, tree in trees.items():
        for number, paragraph in enumerate(tree.iter(f"{W}p"), 1):
            if next(paragraph.iterancestors(_FALLBACK), None) is not None:
                continue  # the same words again, for programs that cannot show the shape beside it
            letters, said = _letters(paragraph)
            start = said.find(wanted) if wanted else -1
            while start >= 0:
                spot = Spot(part, number, shortened(_words(paragraph)))
                yield _Place(spot, letters[start], letters[start + len(wanted) - 1])
                start = said.find(wanted, start + len(wanted))


def _letters(paragraph: etree._Element) -> tuple[list[Letter], str]:
    """The characters of a paragraph that count when words are compared, and what each is compared as; a tag that stands there
    is no words."""
    places = [(text, at) for text in _texts(paragraph) for at in range(len(text.text or ""))]
    whole = _TAG.sub(lambda tag: _NO_WORDS * len(tag.group()), _words(paragraph))
    found = [(place, folded) for place, letter in zip(places, whole, strict=True) for folded in _folded(letter)]
    return [place for place, _ in found], "".join(folded for _, folded in found)


def _texts(paragraph: etree._Element) -> Iterator[etree._Element]:
    """Its own `<w:t>`, without those of paragraphs in a text box that hangs on it."""
    return (text for run in paragraph.iter(f"{W}r") if next(run.iterancestors(f"{W}p")) is paragraph for text in run.findall(f"{W}t"))


def _words(paragraph: etree._Element) -> str:
    return "".join(text.text or "" for text in _texts(paragraph))


def _folded(text: str) -> Iterator[str]:
    """Its characters in their usual width, without blanks: 业 主 签 字（章） is 业主签字(章)."""
    return (letter for letter in unicodedata.normalize("NFKC", text) if not letter.isspace())


def _the(one: Placement, found: list[_Place]) -> _Place:
    """The place that is meant."""
    if not found:
        raise TemplateFault(f"没有文字「{one.at}」，无处放 {one.put}", number=3140, remedy="照模板里的文字写 at:，要在同一段里")
    if one.which is None and len(found) > 1:
        raise TemplateFault(f"文字「{one.at}」出现 {len(found)} 次，不知放在哪一处", found[1].spot, number=3141,
                            remedy="at: 多写几个字，或用 which: 写明第几处")
    if one.which is not None and one.which > len(found):
        raise TemplateFault(f"文字「{one.at}」只出现 {len(found)} 次，没有第 {one.which} 处", number=3140, remedy="改小 which:")
    return found[(one.which or 1) - 1]


# ---------------------------------------------------------------- writing


def _put(place: _Place, one: Placement) -> None:
    """The tag as a run of its own, in the look of the words beside it."""
    text, at = place.first if one.where == "before" else place.last
    cut = at if one.where == "before" else at + 1
    run = next(text.iterancestors(f"{W}r"))
    rest = _split(run, text, cut)
    tag = etree.Element(f"{W}r")
    look = run.find(f"{W}rPr")
    if look is not None:
        tag.append(deepcopy(look))
    said = etree.SubElement(tag, f"{W}t", {_SPACE: "preserve"})
    said.text = f"{{{{ {one.put.strip()} }}}}"
    rest.addprevious(tag)
    if one.where == "instead":
        _wipe(place, tag)


def _split(run: etree._Element, text: etree._Element, cut: int) -> etree._Element:
    """The run cut in two at a character of one of its texts; returns the second of the two, in the same look."""
    rest = deepcopy(run)
    for part in list(rest):
        if part.tag != f"{W}rPr":
            rest.remove(part)
    after = deepcopy(text)
    after.text, text.text = (text.text or "")[cut:], (text.text or "")[:cut]
    text.set(_SPACE, "preserve")
    after.set(_SPACE, "preserve")
    rest.append(after)
    rest.extend(list(text.itersiblings()))
    run.addnext(rest)
    return rest


def _wipe(place: _Place, tag: etree._Element) -> None:
    """Take the words away that end before `tag`; blanks between them go as well."""
    paragraph = next(tag.iterancestors(f"{W}p"))
    (first, at), (last, _) = place.first, place.last
    texts = list(_texts(paragraph))
    for text in texts[texts.index(first) : texts.index(last) + 1]:
        text.text = (text.text or "")[:at] if text is first else ""
