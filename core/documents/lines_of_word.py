"""The words of a Word file, paragraph by paragraph, for the screen on which somebody signs."""

from __future__ import annotations

import io
import zipfile

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


def text_of(word: bytes) -> list[str]:
    """The paragraphs of the body that hold words; a table row is one paragraph, its cells parted by ` | `."""
    with zipfile.ZipFile(io.BytesIO(word)) as package:
        body = etree.fromstring(package.read("word/document.xml"), _PARSER).find(f"{W}body")
    found: list[str] = []
    for block in body if body is not None else ():
        if block.tag == f"{W}p":
            found.append(_words(block))
        elif block.tag == f"{W}tbl":
            found += [" | ".join(_words(cell) for cell in row.iter(f"{W}tc")) for row in block.iter(f"{W}tr")]
    return [line for line in (line.strip() for line in found) if line.strip("| ")]


def _words(node: etree._Element) -> str:
    said = {f"{W}t": lambda leaf: leaf.text or "", f"{W}br": lambda leaf: "\n", f"{W}tab": lambda leaf: "\t"}
    return "".join(said[leaf.tag](leaf) for leaf in node.iter(*said))
