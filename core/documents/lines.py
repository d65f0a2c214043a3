"""Line ends and tabs inside printed values become Word's own, in the look of the run they stand in."""

from __future__ import annotations

import re

_TEXT = re.compile(r"<w:t(?: [^>]*)?>([^<]*[\n\t\a\f][^<]*)</w:t>")
_SPACE = '<w:t xml:space="preserve">'
# What a copy of properties must not carry along: the look before a tracked change, and the end of a section.
_PAST = re.compile(r"<w:(rPrChange|pPrChange|sectPr)(?: [^>]*)?(?:/>|>.*?</w:\1>)", re.DOTALL)


def resolved(xml: str) -> str:
    """The part with LF as `<w:br/>`, TAB as `<w:tab/>`, and Listing's marks for paragraph and page."""
    pieces, last = [], 0
    for found in _TEXT.finditer(xml):
        run = _properties(xml, found.start(), "w:r")
        text = found.group(1).replace("\n", f"</w:t><w:br/>{_SPACE}")
        text = text.replace("\t", f"</w:t></w:r><w:r>{run}<w:tab/></w:r><w:r>{run}{_SPACE}")
        if "\a" in text or "\f" in text:
            text = _paragraphs(text, run, _properties(xml, found.start(), "w:p"))
        opening = found.group()[: found.start(1) - found.start()]
        pieces += xml[last : found.start()], opening if "space=" in opening else _SPACE, text, "</w:t>"
        last = found.end()
    pieces.append(xml[last:])
    return "".join(pieces)


def _paragraphs(text: str, run: str, paragraph: str) -> str:
    close, fresh = "</w:t></w:r></w:p>", f"<w:p>{paragraph}<w:r>{run}{_SPACE}"
    text = text.replace("\a", close + fresh)
    return text.replace("\f", f'{close}<w:p><w:r><w:br w:type="page"/></w:r></w:p>{fresh}')


def _properties(xml: str, end: int, element: str) -> str:
    """The properties of the `element` (`w:r`, `w:p`) that holds the place `end`, without their past."""
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
    return _PAST.sub("", own) if "Change" in own or "sectPr" in own else own


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
