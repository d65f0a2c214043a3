"""Line ends and tabs inside printed values become Word's own, in the look of the run they stand in."""

from __future__ import annotations

import re

_TEXT = re.compile(r"<w:t(?: [^>]*)?>([^<]*[\n\t\a\f][^<]*)</w:t>")
_SPACE = '<w:t xml:space="preserve">'


def resolved(xml: str) -> str:
    """The part with LF as `<w:br/>`, TAB as `<w:tab/>`, and Listing's marks for paragraph and page."""
    pieces, last = [], 0
    for found in _TEXT.finditer(xml):
        run = _properties(xml, found.start(), "w:r", "w:rPr")
        text = found.group(1).replace("\n", f"</w:t><w:br/>{_SPACE}")
        text = text.replace("\t", f"</w:t></w:r><w:r>{run}<w:tab/></w:r><w:r>{run}{_SPACE}")
        if "\a" in text or "\f" in text:
            text = _paragraphs(text, run, _properties(xml, found.start(), "w:p", "w:pPr"))
        opening = found.group()[: found.start(1) - found.start()]
        pieces += xml[last : found.start()], opening if "space=" in opening else _SPACE, text, "</w:t>"
        last = found.end()
    pieces.append(xml[last:])
    return "".join(pieces)


def _paragraphs(text: str, run: str, paragraph: str) -> str:
    close, fresh = "</w:t></w:r></w:p>", f"<w:p>{paragraph}<w:r>{run}{_SPACE}"
    text = text.replace("\a", close + fresh)
    return text.replace("\f", f'{close}<w:p><w:r><w:br w:type="page"/></w:r></w:p>{fresh}')


def _properties(xml: str, end: int, element: str, properties: str) -> str:
    """The properties of the nearest `element` that opens before `end`."""
    start = max(xml.rfind(f"<{element}>", 0, end), xml.rfind(f"<{element} ", 0, end))
    if start < 0:
        return ""
    start = xml.index(">", start) + 1
    if not xml.startswith(f"<{properties}>", start):
        return ""
    return xml[start : xml.index(f"</{properties}>", start) + len(properties) + 3]
