"""Every template of the project prints what docxtpl prints from it, with the longest case there can be.

docxtpl is given our filters, and taught two things that no template can do without: a name after a dot is a field
(`document.items`, not a method of Python), and a value prints as on paper (是, nothing for nothing).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from docx.shared import Emu
from docxtpl import DocxTemplate, InlineImage
from jinja2 import Environment, StrictUndefined, Undefined
from markupsafe import Markup

from core.cases.definitions import FILTERS as OURS, load_definitions
from core.cli.installation import bare_settings
from core.definitions.library import Library
from core.documents.context import BLANK, Blank, Group, Rows
from core.documents.engine import Template
from core.documents.environment import Cage
from core.documents.images import Image, extent
from core.documents.printing import plain
from core.domain.bundle import Bundle
from core.domain.documents import Document
from core.walkthroughs.longest import longest
from tests.documents.word_templates import normalised


class Taught(Environment):
    """docxtpl's environment with names after a dot as fields, and values as they stand on paper."""

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined, finalize=lambda value: value if _of_word(value) else plain(value))
        self.filters.update({name: made for name, made in Cage(OURS).filters.items() if not name.startswith("@")})

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Blank):
            return BLANK
        if isinstance(obj, Group | Mapping):
            fields = obj.fields if isinstance(obj, Group) else obj
            return fields[attribute] if attribute in fields else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)

    getitem = getattr  # type: ignore[assignment]


def _of_word(value: Any) -> bool:
    return isinstance(value, Markup | InlineImage | Undefined) or hasattr(value, "__html__")


def _with_pictures(value: Any, document: DocxTemplate) -> Any:
    if isinstance(value, Image):
        wide, high = extent(value)
        return InlineImage(document, io.BytesIO(value.data), Emu(wide), Emu(high))
    if isinstance(value, Mapping):
        return {name: _with_pictures(one, document) for name, one in value.items()}
    if isinstance(value, list | tuple | Rows):
        return [_with_pictures(one, document) for one in value]
    return value


def by_taught_docxtpl(template: bytes, context: Mapping[str, Any]) -> bytes:
    document = DocxTemplate(io.BytesIO(template))
    document.init_docx()
    document.render(_with_pictures(context, document), Taught(), autoescape=True)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_the_rest(context: dict[str, Any], template: Template) -> None:
    """The context with the names that plugins and registers provide, three rows wherever a template wants rows."""
    paths = {path for paths in template.variables.values() for path in paths}
    known = set(context) - {"extra"}
    for path in paths:
        words = path.split(".")
        if words[0].rstrip("[]") not in known and not any(other.startswith((f"{path}.", f"{path}[]")) for other in paths):
            _put(context, words)


def _put(here: dict[str, Any], words: list[str]) -> None:
    name, rest = words[0], words[1:]
    if name.endswith("[]"):
        rows = here.setdefault(name[:-2], [{} for _ in range(3)] if rest else ["甲 & 乙", "<丙>", "丁"])
        for row in rows if rest else ():
            _put(row, rest)
    elif rest:
        _put(here.setdefault(name, {}), rest)
    else:
        here.setdefault(name, "物业 & <管理>")


ROOT = Path(__file__).parents[2]
TEMPLATES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("document_templates", "estates")
    for path in (ROOT / folder).rglob("*.docx")
    if "broken" not in path.parts and path.parent != ROOT / "document_templates"
)


OF_THE_HOUSE = ("cash_sheet", "register")
"""Templates that no procedure declares: the house prints them itself."""


@pytest.fixture(scope="module")
def library() -> Library:
    return load_definitions(bare_settings())[1]


@pytest.fixture(scope="module")
def printed_by(library: Library) -> dict[str, tuple[Bundle, str, str, Document]]:
    """By SHA-256 of a template: the definitions, the estate, the procedure and the document that print it."""
    found: dict[str, tuple[Bundle, str, str, Document]] = {}
    for estate in library.estates:
        for procedure in library.procedures(estate):
            for kind in library.kinds(estate, procedure):
                bundle = library.bundle(estate, procedure, dict(kind))
                for rule in bundle.documents:
                    if rule.template in bundle.templates:
                        found.setdefault(bundle.templates[rule.template], (bundle, estate, procedure, rule))
    return found


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_prints_what_docxtpl_prints(name: str, library: Library, printed_by: dict[str, tuple[Bundle, str, str, Document]]) -> None:
    template = (ROOT / name).read_bytes()
    compiled, context = Template.compile(template, filters=OURS), {}
    if Path(name).stem not in OF_THE_HOUSE:
        bundle, estate, procedure, rule = printed_by[hashlib.sha256(template).hexdigest()]
        parents = (library.bundle(estate, other) for other in library.procedures(estate))
        parent = next((other for other in parents if any(kind.procedure == procedure for kind in other.procedure.children)), None)
        context = {**longest(bundle, library.estate(estate), rule, parent), "extra": {}}
    with_the_rest(context, compiled)
    ours = normalised(compiled.render(context))
    theirs = normalised(by_taught_docxtpl(template, context))
    assert ours.keys() >= theirs.keys()
    assert {part for part in theirs if ours[part] != theirs[part]} == set()
