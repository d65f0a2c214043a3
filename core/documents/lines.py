"""Line ends and tabs inside printed values become Word's own, in the look of the run they stand in."""

from __future__ import annotations

import re

_TEXT = re.compile(r"<w:t(?: [^>]*)?>([^<]*[\n\t\a\f][^<]*)</w:t>")
_SPACE = '<w:t xml:space="preserve">'
# What a copy of properties must not carry along: the look before a tracked change, and the end of a section.
_CHANGE = re.compile(r"<w:(rPrChange|pPrChange)(?: [^>]*)?(?:/>|>.*?</w:\1>)", re.DOTALL)
_SECTION = re.compile(r"<w:sectPr(?: [^>]*)?(?:/>|>.*?</w:sectPr>)", re.DOTALL)


def resolved(xml: str) -> str:
    """The part with LF as `<w:br/>`, TAB as `<w:tab/>`, and Listing's marks for paragraph and page."""
    pieces, last = [], 0
    for found in _TEXT.finditer(xml):
        run = _properties(xml, found.start(), "w:r")
        text = found.group(1).replace("\n", f"</w:t><w:br/>{_SPACE}")
        text = text.replace("\t", f"</w:t></w:r><w:r>{run}<w:tab/></w:r><w:r>{run}{_SPACE}")
        before = xml[last : found.start()]
        if "\a" in text or "\f" in text:
            text, before = _paragraphs(text, run, _properties(xml, found.start(), "w:p"), before)
        opening = found.group()[: found.start(1) - found.start()]
        pieces += before, opening if "space=" in opening else _SPACE, text, "</w:t>"
        last = found.end()
    pieces.append(xml[last:])
    return "".join(pieces)


def _paragraphs(text: str, run: str, paragraph: str, before: str) -> tuple[str, str]:
    """The text as several paragraphs, and what stands before it: the end of a section goes with the last of them."""
    look = _SECTION.sub("", paragraph)
    close, fresh = "</w:t></w:r></w:p>", f"<w:p>{look}<w:r>{run}{_SPACE}"
    text = text.replace("\a", close + fresh)
    text = text.replace("\f", f'{close}<w:p><w:r><w:br w:type="page"/></w:r></w:p>{fresh}')
    section = _SECTION.search(paragraph)
    if section and section.group() in before:
        head, _, rest = before.rpartition(section.group())
        said, last = look.removesuffix("</w:pPr>") or "<w:pPr>", text.rindex(fresh)
        ended = f"<w:p>{said}{section.group()}</w:pPr><w:r>{run}{_SPACE}"
        return text[:last] + ended + text[last + len(fresh) :], head + rest
    return text, before


def _properties(xml: str, end: int, element: str) -> str:
    """The properties of the `element` (`w:r`, `w:p`) that holds the place `end`, without what they were before a tracked change."""
    start = _opening(xml, end, element)
    if start < 0:
        return ""
    start, name = xml.index(">", start) + 1, f"{element}Pr"
    if not xml.startswith(f"<{name}>", start):
        return ""
    stop, closing = start, f"</{name}>"
    while True:
        stop = xml.index(closing, stop) + len(closing)
        if xml.count(f"<{name}>", start, stop) <= xml.count(closing, start, stop):
            break
    own = xml[start:stop]
    return _CHANGE.sub("", own) if "Change" in own else own


def _opening(xml: str, end: int, element: str) -> int:
    """Where the element that is open at `end` begins: a text box before it in the same run holds runs of its own."""
    closed = 0
    while True:
        end = xml.rfind(element, 0, end)
        if end < 0:
            return -1
        before, after = xml[end - 1], xml[end + len(element)]
        if after not in " />":
            continue
        if before == "/":
            closed += 1
        elif before == "<" and xml[xml.index(">", end) - 1] != "/":
            if not closed:
                return end - 1
            closed -= 1
