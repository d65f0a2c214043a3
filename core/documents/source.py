"""From a part of a Word file to Jinja source: docxtpl's `patch_xml`, its paragraphs kept findable."""

from __future__ import annotations

import re
from dataclasses import dataclass

from docxtpl import DocxTemplate
from lxml import etree

from core.documents.faults import Spot, TemplateFault

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Stands before each paragraph of a source, after a line end: Jinja's line numbers become paragraph numbers.
MARK = "\x01"
_NUMBERED = re.compile(f"\n{MARK}(\\d+){MARK}")
_TAGS = re.compile(r"\{\{|\{%|\{#|\}\}|%\}|#\}")
_CLOSER = {"{{": "}}", "{%": "%}", "{#": "#}"}
_MARKS = ("{{", "{%", "{#", "{_{", "}_}", "{_%", "%_}")
_WORDS = 40


@dataclass(frozen=True)
class Source:
    """Jinja source of one part; `paragraphs`: their words; `lines`: paragraph number of each source line."""

    part: str
    text: str
    paragraphs: tuple[str, ...]
    lines: tuple[int, ...]

    def spot(self, line: int) -> Spot:
        """The paragraph behind a line of the source; for a tag of a removed row, the tag's words."""
        line = min(max(line, 1), len(self.lines))
        number = self.lines[line - 1]
        tag = self.tags(line)
        words = self.paragraphs[number - 1] if number else ""
        return Spot(self.part, number, shortened(words if "{" in words or not tag else tag))

    def tags(self, line: int) -> str:
        """The tags on a line of the source."""
        return " ".join(re.findall(r"\{[{%].*?[%}]\}", self.text.split("\n")[min(max(line, 1), len(self.lines)) - 1]))


def shortened(words: str) -> str:
    """At most 40 characters of a paragraph, around its first tag."""
    start = max(words.find("{") - 10, 0)
    return words[start : start + _WORDS].strip()


def tree_of(part: str, data: bytes) -> etree._Element:
    """The part as a tree, blanks between elements dropped as python-docx drops them."""
    parser = etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise TemplateFault(f"XML 有误({error})", Spot(part), number=3104) from error


def has_tags(text: str) -> bool:
    """Whether docxtpl would find anything to do."""
    return any(mark in text for mark in _MARKS)


def word_source(part: str, tree: etree._Element) -> Source:
    """The source of a body, header, footer or footnotes part.

    TemplateFault 3112 where a tag does not end in its paragraph.
    """
    paragraphs = _paragraphs(part, tree)
    raw = etree.tostring(tree, encoding="unicode")
    for tag in re.finditer(r"<[^<>]*\{[{%#][^<>]*>", raw):
        if _left_open(tag.group()):
            raise TemplateFault("属性里的标记没有结束", Spot(part, 0, shortened(tag.group())), number=3112)
    count = iter(range(1, len(paragraphs) + 1))
    raw = re.sub(r"<w:p(?=[ />])", lambda _: f"\n{MARK}{next(count, 0)}{MARK}<w:p", raw)
    patched = _whole_entities(DocxTemplate("").patch_xml(raw))
    return _numbered(part, patched, paragraphs)


def property_source(part: str, tree: etree._Element, names: frozenset[str]) -> Source:
    """The source of docProps/core.xml: tags are read in the elements `names` only, as docxtpl does."""
    for element in tree.iter():
        if element.text and isinstance(element.tag, str) and element.tag not in names:
            element.text = re.sub(r"\{(?=[{%#])", "{_", element.text)
    paragraphs = tuple(element.text or "" for element in tree.iter() if element.text)
    for words in paragraphs:
        if _left_open(words):
            raise TemplateFault("标记没有结束", Spot(part, 0, shortened(words)), number=3112)
    return Source(part, _unescaped(etree.tostring(tree, encoding="unicode")), paragraphs, (0,))


def _paragraphs(part: str, tree: etree._Element) -> tuple[str, ...]:
    found: dict[etree._Element, list[str]] = {}
    for element in tree.iter(f"{_W}p", f"{_W}t", f"{_W}tab", f"{_W}br"):
        if element.tag == f"{_W}p":
            found[element] = []
            continue
        owner = next(element.iterancestors(f"{_W}p"), None)
        if owner is not None:
            found[owner].append((element.text or "") if element.tag == f"{_W}t" else " ")
    words = tuple("".join(pieces) for pieces in found.values())
    for number, text in enumerate(words, 1):
        # patch_xml would swallow everything up to the next closing brace, in quadratic time.
        if _left_open(text):
            raise TemplateFault(
                "标记没有在本段内结束",
                Spot(part, number, shortened(text)),
                number=3112,
                remedy="检查 {{ }} 与 {% %} 是否成对",
            )
    return words


def _left_open(text: str) -> bool:
    opener = ""
    for found in _TAGS.finditer(text):
        word = found.group()
        if not opener:
            opener = word if word in _CLOSER else ""
        elif word == _CLOSER[opener]:
            opener = ""
        elif word in _CLOSER and opener != "{#":
            return True
    return bool(opener)


def _whole_entities(text: str) -> str:
    # patch_xml leaves &amp; and &quot; inside tags, so a comparison with "A & B" would never hold.
    return re.sub(
        r"\{[{%](?:(?![%}]\}).)*&(?:amp|quot|apos);.*?[%}]\}",
        lambda m: _unescape_tag(m.group()),
        text,
        flags=re.DOTALL,
    )


def _unescaped(text: str) -> str:
    return re.sub(
        r"\{[{%].*?[%}]\}",
        lambda m: _unescape_tag(m.group().replace("&lt;", "<").replace("&gt;", ">")),
        text,
        flags=re.DOTALL,
    )


def _unescape_tag(tag: str) -> str:
    return tag.replace("&quot;", '"').replace("&apos;", "'").replace("&amp;", "&")


def _numbered(part: str, patched: str, paragraphs: tuple[str, ...]) -> Source:
    lines, current = [], 0
    for line in patched.split("\n"):
        found = re.match(f"{MARK}(\\d+){MARK}", line)
        current = int(found.group(1)) if found else current
        lines.append(current)
    return Source(part, _NUMBERED.sub(f"\n{MARK}", patched), paragraphs, tuple(lines))
