"""Compiling: from a Word file to the code of its parts, everything that is done once per template."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import CodeType

from jinja2 import TemplateError, TemplateSyntaxError, nodes
from lxml import etree

from core.documents import admission, grid, hollow
from core.documents.environment import Cage
from core.documents.faults import Spot, TemplateFault
from core.documents.names import Use, uses
from core.documents.package import DECLARATION, TYPES, Package
from core.documents.source import MARK, Source, has_tags, property_source, tree_of, word_source
from core.documents.syntax import said

_DC = "{http://purl.org/dc/elements/1.1/}"
# The properties that docxtpl renders.
_PROPERTIES = frozenset(
    _DC + name for name in ("title", "subject", "creator", "description", "identifier", "language")
)
_EMPTYING = re.compile(r"\{[{%](p|tc)\s")
_GROWING_COLUMNS = re.compile(r"\{%\s*(tc|hm|colspan)\b")
_IMAGE_TYPES = {"png": "image/png", "jpeg": "image/jpeg", "jpg": "image/jpeg"}


@dataclass(frozen=True)
class Part:
    """One compiled part, and what explains it."""

    name: str
    code: CodeType
    source: Source
    uses: tuple[Use, ...]
    mend_grid: bool
    hollows: bool
    own_prefixes: bool
    word: bool


@dataclass(frozen=True)
class Blueprint:
    """All that compiling found out."""

    package: Package
    parts: tuple[Part, ...]
    uses_subdocuments: bool


def drawn_up(package: Package, cage: Cage) -> Blueprint:
    """The blueprint of a gated Word file; TemplateFault 3104–3113 with part and paragraph."""
    package = package.having(
        {"[Content_Types].xml": _with_image_types(package.members["[Content_Types].xml"])}
    )
    parts = []
    for name, word in _candidates(package):
        part = _compiled_part(name, package.members[name], word, cage)
        if part is not None:
            parts.append(part)
    return Blueprint(
        package, tuple(parts), any("{{p " in p for part in parts for p in part.source.paragraphs)
    )


def word_parts(package: Package) -> Iterator[str]:
    """The parts in which people write: the body, then headers, footers and notes."""
    yield package.main
    for name in package.related(package.main, "header", "footer", "footnotes", "endnotes"):
        if name.endswith(".xml") and name != package.main:
            yield name


def _candidates(package: Package) -> Iterator[tuple[str, bool]]:
    yield from ((name, True) for name in word_parts(package))
    for relation in package.relations(""):
        if relation.kind == "core-properties" and relation.target in package.members:
            yield relation.target, False


def _compiled_part(name: str, data: bytes, word: bool, cage: Cage) -> Part | None:
    tree = tree_of(name, data)
    if not has_tags("".join(map(str, tree.itertext()))) and not has_tags(data.decode("utf-8", "replace")):
        return None
    uneven = grid.uneven(tree)
    source = word_source(name, tree) if word else property_source(name, tree, _PROPERTIES)
    if word:
        source = replace(source, text=hollow.filled(source.text))
    syntax = _parsed(source, cage)
    found = tuple(uses(syntax))
    admission.settle(syntax, MARK, "text" if word else "@attribute")
    mend = word and (uneven or any(_GROWING_COLUMNS.search(words) for words in source.paragraphs))
    hollows = word and any(_EMPTYING.search(words) for words in source.paragraphs)
    own_prefixes = "xmlns" in source.text.partition(">")[2]
    return Part(name, _code(source, syntax, cage), source, found, mend, hollows, own_prefixes, word)


def _parsed(source: Source, cage: Cage) -> nodes.Template:
    try:
        syntax = cage.parse(source.text, source.part, f"<{source.part}>")
        admission.admit(syntax, cage)
        return syntax
    except TemplateSyntaxError as error:
        what, remedy = said(error.message or "", source.tags(error.lineno))
        raise TemplateFault(what, source.spot(error.lineno), number=3110, remedy=remedy) from error
    except admission.Forbidden as error:
        raise TemplateFault(
            error.what, source.spot(error.line), number=error.number, remedy=error.remedy
        ) from None
    except RecursionError as error:
        raise TemplateFault("标记嵌套过深", Spot(source.part), number=3111) from error
    except (ValueError, OverflowError) as error:  # a number of more digits than Python reads
        raise TemplateFault("标记里的数字过长", Spot(source.part), number=3110) from error


def _code(source: Source, syntax: nodes.Template, cage: Cage) -> CodeType:
    try:
        return cage.compile(syntax, source.part, f"<{source.part}>")  # type: ignore[return-value]
    except TemplateError as error:
        line = getattr(error, "lineno", 1) or 1
        raise TemplateFault(f"标记有误：{error.message}", source.spot(line), number=3110) from error
    except (RecursionError, SyntaxError, MemoryError) as error:
        raise TemplateFault("标记嵌套过深", Spot(source.part), number=3111) from error


def _with_image_types(data: bytes) -> bytes:
    """The content types with PNG and JPEG declared, so that adding a picture changes nothing here."""
    tree = tree_of("[Content_Types].xml", data)
    known = {entry.get("Extension", "").lower() for entry in tree.iter(f"{TYPES}Default")}
    for ending, kind in _IMAGE_TYPES.items():
        if ending not in known:
            tree.insert(0, etree.Element(f"{TYPES}Default", {"Extension": ending, "ContentType": kind}))
    return DECLARATION + etree.tostring(tree)
