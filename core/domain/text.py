"""Text that can stand in every document: normalised, or refused with its position."""

from __future__ import annotations

import re
import unicodedata

from core.errors import FieldProblem, InvalidInput

# What XML 1.0 cannot carry, plus BEL and FF, which Word turns into a paragraph and a page.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def exact(value: str, field: str = "") -> str:
    """`value` with LF line ends and nothing else changed; raises InvalidInput naming the 1-based position and code point
    of the first character that cannot stand in a document."""
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    found = _UNPRINTABLE.search(text)
    if found:
        raise InvalidInput([unprintable(field, found.start() + 1, found.group())])
    return text


def printable(value: str, field: str = "") -> str:
    """`value` in NFC with LF line ends, as forms keep it; raises InvalidInput as `exact` does."""
    text = exact(value, field)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def unprintable(field: str, position: int, character: str) -> FieldProblem:
    """The problem for one character that no document can carry."""
    return FieldProblem(field, f"第 {position} 个字符(U+{ord(character):04X})无法印在文书上，请删除", 2110)
