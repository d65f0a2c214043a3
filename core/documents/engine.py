"""Word files from templates: compiled once, then only rendered, reparsed, deflated and put together.

    once per template:  package.opened ── source (patch_xml) ── Jinja tree ── admission ── plate (── shelf)
    once per document:  code of each part ── lines, ids ── strict reparse ── deflate ── archive.assembled

Same template, same context: the same bytes. A compiled template is shared by all threads.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from xml.parsers import expat

from jinja2 import TemplateError, UndefinedError
from jinja2.environment import Template as JinjaTemplate
from lxml import etree

from core.documents import archive, context as contexts, grid, hollow, lines, watermark
from core.documents.blueprint import Blueprint, Part, drawn_up
from core.documents.environment import Cage
from core.documents.faults import RenderFault, Spot, TemplateFault
from core.documents.images import Image, drawing, measured
from core.documents.limits import within
from core.documents.package import DECLARATION, OFFICE, RELS, Package, opened, rels_of
from core.documents.plate import Plate, PlatePart, cut
from core.documents.printing import NeedsPlainWay, press
from core.documents.shelf import Shelf, key_of

_DRAWING_IDS = re.compile(r'(<wp:docPr [^>]*?\bid=")\d+(")')
_FIRST_DRAWING_ID = 1001
# Level 1 is half the time of level 6 for a fifth more bytes; the unchanging members are pressed hard, once.
_LEVEL = 1


@dataclass
class _Gallery:
    """The pictures of one rendering, each kept once however often it is printed."""

    prefix: str
    relation: str
    files: dict[bytes, str] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=lambda: count(_FIRST_DRAWING_ID))

    def file(self, data: bytes) -> str:
        name = self.files.get(data)
        if name is None:
            name = self.files[data] = f"{self.prefix}{len(self.files) + 1}.{measured(data)[0]}"
        return name


@dataclass
class _Sheet:
    """One part while it is printed: the pictures it refers to, and whether a value brought XML of its own."""

    gallery: _Gallery
    relations: dict[str, str] = field(default_factory=dict)
    brought_xml: bool = False

    def place(self, image: Image) -> str:
        file = self.gallery.file(image.data)
        relation = self.relations.setdefault(file, f"{self.gallery.relation}{len(self.relations) + 1}")
        return drawing(image, relation, file.rpartition("/")[2], len(self.gallery.files))

    def include(self, subdocument: object) -> str:
        raise NeedsPlainWay


class Template:
    """A compiled Word template; make it with `Template.compile`."""

    def __init__(self, sha256: str, plate: Plate, cage: Cage, draw_up: Callable[[], Blueprint], shelf: Shelf | None = None) -> None:
        """`draw_up`: gives the blueprint again, for what a plate alone cannot answer; `shelf`: where stamped ones wait."""
        self.sha256, self.plate = sha256, plate
        self._cage, self._draw_up, self._shelf = cage, draw_up, shelf
        self._pressed = [(part, cage.template_class.from_code(cage, part.code, {})) for part in plate.parts]
        self._rels = {member.name: member for member in plate.rels}
        self._stamped: dict[str, Template] = {}
        self._lock = threading.Lock()
        self._known_blueprint: Blueprint | None = None

    @classmethod
    def compile(cls, data: bytes, *, filters: Mapping[str, Callable[..., Any]] | None = None) -> Template:
        """The template in `data` (a .docx), gated and compiled; TemplateFault 31xx with part and paragraph.

        `filters`: more filters by name (`capitals`), each from one value to text.
        """
        cage = Cage(filters)
        blueprint = drawn_up(opened(data), cage)
        template = cls(hashlib.sha256(data).hexdigest(), cut(blueprint), cage, lambda: blueprint)
        template._known_blueprint = blueprint
        return template

    @property
    def variables(self) -> dict[str, tuple[str, ...]]:
        """The dotted names that each part uses, sorted: `form.items[].name` for a field of rows."""
        return {part.name: part.variables for part in self.plate.parts if part.variables}

    @property
    def uses_subdocuments(self) -> bool:
        """Whether it has a place for sub-documents, which take the slow way."""
        return self.plate.uses_subdocuments

    @property
    def blueprint(self) -> Blueprint:
        """All that compiling found out; made again where the template came from the disk."""
        if self._known_blueprint is None:
            self._known_blueprint = self._draw_up()
        return self._known_blueprint

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts that hold tags, the body first."""
        return self.blueprint.parts

    @property
    def package(self) -> Package:
        """The Word file it was made from."""
        return self.blueprint.package

    @property
    def cage(self) -> Cage:
        """The environment it runs in."""
        return self._cage

    def render(
        self,
        context: Mapping[str, Any],
        images: Mapping[str, Image | None] | None = None,
        *,
        media: Mapping[str, bytes] | None = None,
        stamp: str = "",
    ) -> bytes:
        """The document as .docx bytes, every part reparsed strictly.

        `context`: plain data by name; `images`: further top-level names that print pictures; `media`: new
        bytes for pictures of the template by file name (`logo.png`); `stamp`: a word across each page
        (作废, 草稿). RenderFault 32xx with part and paragraph.
        """
        template = self._with_stamp(stamp) if stamp else self
        try:
            names = contexts.names({**context, **images} if images else context)
            return template._rendered(names, media)
        except NeedsPlainWay:
            from core.documents.plainway import rendered_plainly

            return rendered_plainly(template, names, media)

    def _with_stamp(self, words: str) -> Template:
        with self._lock:
            if words not in self._stamped:
                if len(self._stamped) >= 8:
                    self._stamped.clear()
                self._stamped[words] = _made(
                    self.sha256, self._cage, lambda: drawn_up(watermark.stamped(self.package, words), self._cage), self._shelf, words
                )
            return self._stamped[words]

    def _rendered(self, names: dict[str, Any], media: Mapping[str, bytes] | None) -> bytes:
        gallery = _Gallery(self.plate.media, self.plate.relation)
        fresh: list[archive.Member] = []
        rels = dict(self._rels)
        for part, jinja in self._pressed:
            sheet = press.sheet = _Sheet(gallery)
            data = _finished(part, self._printed(part, jinja, names), sheet)
            fresh.append(archive.packed(part.name, data, _LEVEL))
            if sheet.relations:
                name = rels_of(part.name)
                rels[name] = archive.packed(name, _with_images(part.rels, part.name, sheet.relations), _LEVEL)
        fresh += rels.values()
        fresh += [archive.packed(name, data, 0) for data, name in gallery.files.items()]
        return archive.assembled(self._still_with(media) if media else self.plate.still, fresh)

    def _printed(self, part: PlatePart, jinja: JinjaTemplate, names: dict[str, Any]) -> str:
        try:
            return within(jinja.root_render_func(jinja.new_context(names, shared=True)))  # type: ignore[arg-type]  # a generator in fact
        except (
            RenderFault,
            UndefinedError,
            TypeError,
            ValueError,
            ArithmeticError,
            LookupError,
            AttributeError,
            TemplateError,
            RecursionError,
        ) as error:
            drawn = next(drawn for drawn in self.parts if drawn.name == part.name)
            raise explained(error, drawn, jinja) from error

    def _still_with(self, media: Mapping[str, bytes]) -> archive.Stem:
        members = self.package.members
        unknown = [name for name in media if f"word/media/{name}" not in members]
        if unknown:
            raise RenderFault(f"模板里没有图片 {unknown[0]}", number=3204)
        changing = {part.name for part in self.plate.parts} | set(self._rels)
        return archive.laid_out(
            archive.packed(name, media.get(name.removeprefix("word/media/"), data), 1)
            for name, data in members.items()
            if name not in changing
        )


def _made(sha256: str, cage: Cage, draw_up: Callable[[], Blueprint], shelf: Shelf | None, stamp: str = "") -> Template:
    """The template whose plate lies on the shelf; else one drawn up now, and put there."""
    key = key_of(sha256, stamp, cage.own_filters) if shelf else ""
    plate = shelf.find(key) if shelf else None
    if plate is None:
        plate = cut(draw_up())
        if shelf:
            shelf.keep(key, plate)
    return Template(sha256, plate, cage, draw_up, shelf)


# ---------------------------------------------------------------- rendering


def explained(error: Exception, part: Part, jinja: JinjaTemplate) -> RenderFault:
    """What went wrong while a part was printed, with the paragraph whose code raised."""
    line, trace = 1, error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == part.code.co_filename:
            line = jinja.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    spot = part.source.spot(line)
    if isinstance(error, RenderFault):
        return RenderFault(error.plain, spot, number=error.number)
    if isinstance(error, UndefinedError):
        return RenderFault(f"缺少 {_missing_name(error, part, line)}", spot, number=3201)
    return RenderFault(f"无法计算：{error}", spot, number=3205)


def _missing_name(error: UndefinedError, part: Part, line: int) -> str:
    """The full dotted name where the template has one that ends in the missing word."""
    words = re.findall(r"'([^']*)'", error.message or "")
    if not words:
        return str(error.message)
    named = [use for use in part.uses if use.path.rpartition(".")[2].rstrip("[]") == words[-1]]
    nearest = min(named, key=lambda use: abs(use.line - line), default=None)
    return nearest.path if nearest else words[-1]


def _finished(part: PlatePart, text: str, sheet: _Sheet) -> bytes:
    """The bytes of a part: breaks and ids put in, then proved to be XML."""
    if part.word:
        if "\n" in text or "\t" in text or "\a" in text or "\f" in text:
            text = lines.resolved(text)
        if "<wp:docPr " in text:
            text = _DRAWING_IDS.sub(lambda m: f"{m[1]}{next(sheet.gallery.ids)}{m[2]}", text)
        if part.hollows:
            text = hollow.filled(text)
    try:
        data = DECLARATION + text.encode()
        if part.mend_grid:
            tree = strict(data)
            grid.mend(tree)
            return DECLARATION + etree.tostring(tree, encoding="UTF-8")
        _prove(data, part.own_prefixes or sheet.brought_xml)
    except (etree.XMLSyntaxError, expat.ExpatError, UnicodeEncodeError) as error:
        near = _words_before(text, *_place_of(error))
        raise RenderFault(f"生成的 XML 有误({error})", Spot(part.name, 0, near), number=3203) from error
    return data


def _place_of(error: Exception) -> tuple[int, int]:
    """Line (the declaration is the first) and column of what is wrong, each 0 where nobody knows."""
    return getattr(error, "lineno", 0) or 0, getattr(error, "offset", 0) or 0


def _words_before(text: str, line: int, column: int) -> str:
    """The last words of the document before a place, for somebody who looks for them in Word."""
    lines = text.split("\n")
    if not 1 < line <= len(lines) + 1:
        return ""
    here = lines[line - 2].encode("utf-8", "replace")[:column].decode("utf-8", "ignore")
    before = "\n".join((*lines[: line - 2], here))[-4_000:]
    return re.sub(r"<[^<>]*>|^[^<]*>|<[^>]*$", " ", before).strip()[-20:].strip()


def _prove(data: bytes, own_prefixes: bool) -> None:
    """ExpatError for whatever is not exact XML; twice as fast as making a tree. Prefixes are looked at where they can come and go:
    those of the root were looked at when the template was compiled, and text brings none."""
    expat.ParserCreate(namespace_separator=" " if own_prefixes else None).Parse(data, True)


_readers = threading.local()


def strict(data: bytes) -> etree._Element:
    """The tree of a finished part; XMLSyntaxError for whatever is not exact XML."""
    parser = getattr(_readers, "strict", None)
    if parser is None:
        parser = _readers.strict = etree.XMLParser(
            resolve_entities=False, no_network=True, collect_ids=False, huge_tree=False
        )
    return etree.fromstring(data, parser)


def _with_images(rels: bytes | None, part: str, relations: Mapping[str, str]) -> bytes:
    folder = part.rpartition("/")[0] + "/"
    tree = strict(rels or f'<Relationships xmlns="{RELS[1:-1]}"/>'.encode())
    for file, relation in relations.items():
        entry = {"Id": relation, "Type": f"{OFFICE}image", "Target": _target(file, folder)}
        etree.SubElement(tree, f"{RELS}Relationship", entry)
    return DECLARATION + etree.tostring(tree, encoding="UTF-8")


def _target(file: str, folder: str) -> str:
    return file.removeprefix(folder) if file.startswith(folder) else f"/{file}"


# ---------------------------------------------------------------- cache

_MOST, _MOST_BYTES = 128, 64 * 1024 * 1024
_compiled: OrderedDict[tuple[str, frozenset[Any]], Template] = OrderedDict()
_compiled_lock = threading.Lock()


def compiled(
    data_or_hash: bytes | str,
    loader: Callable[[str], bytes] | None = None,
    *,
    filters: Mapping[str, Callable[..., Any]] | None = None,
    shelf: Shelf | None = None,
) -> Template:
    """The template of these bytes, or of this SHA-256 (then `loader` fetches it when it is not at hand).

    Keeps the 128 last used, or fewer when they are large; `shelf` keeps them between runs. A template is its
    hash, so nothing here can grow stale.
    """
    digest = data_or_hash if isinstance(data_or_hash, str) else hashlib.sha256(data_or_hash).hexdigest()
    key = digest, frozenset((filters or {}).items())
    with _compiled_lock:
        if key in _compiled:
            _compiled.move_to_end(key)
            return _compiled[key]
    cage = Cage(filters)

    def draw_up() -> Blueprint:
        data = data_or_hash if isinstance(data_or_hash, bytes) else loader(digest) if loader else b""
        if hashlib.sha256(data).hexdigest() != digest:
            raise TemplateFault("模板内容与其散列值不符", number=3101)
        return drawn_up(opened(data), cage)

    template = _made(digest, cage, draw_up, shelf)
    with _compiled_lock:
        _compiled[key] = template
        while len(_compiled) > 1 and (len(_compiled) > _MOST or sum(one.plate.size for one in _compiled.values()) > _MOST_BYTES):
            _compiled.popitem(last=False)
    return template
