"""Text on its way into XML: it comes out exactly as it went in, with LF for every line end, or is refused with its position."""

from __future__ import annotations

import re
from html import unescape

from core.documents.faults import RenderFault
from core.domain.text import exact
from core.errors import InvalidInput

_MARKUP = re.compile("<[^>]*>")


def escaped(text: str) -> str:
    """Text for XML elements; RenderFault 3202 with position."""
    # One C call settles most Chinese names, numbers and words.
    if text.isalnum():
        return text
    if not text.isprintable():
        text = checked(text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;")


def attribute(text: str) -> str:
    """Text for XML attributes, where a bare line end would be read as a blank."""
    return escaped(text).replace("\n", "&#10;").replace("\t", "&#9;")


def marked(xml: str) -> str:
    """XML that a RichText or Listing brings; positions are counted in its text. BEL and FF are theirs: paragraph and page."""
    if xml.isprintable():
        return xml
    checked(unescape(_MARKUP.sub("", xml)).replace("\a", " ").replace("\f", " "))
    return _with_line_feeds(xml)


def checked(text: str) -> str:
    """`text` with LF line ends; RenderFault 3202 with the position of what no document can carry."""
    try:
        return exact(text)
    except InvalidInput as error:
        raise RenderFault(error.problems[0].message, number=3202) from None


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
