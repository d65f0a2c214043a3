"""Word templates built for the tests, and a way to compare two Word files part by part."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docxtpl import DocxTemplate
from lxml import etree

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
FOOTNOTES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    f'<w:footnotes xmlns:w="{W}"><w:footnote w:id="1"><w:p><w:r><w:t>%s</w:t></w:r></w:p></w:footnote>'
    "</w:footnotes>"
)


def saved(document: WordDocument) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_text(*paragraphs: str, header: str = "", footer: str = "") -> bytes:
    document = Document()
    for words in paragraphs:
        document.add_paragraph(words)
    if header:
        document.sections[0].header.paragraphs[0].text = header
    if footer:
        document.sections[0].footer.paragraphs[0].text = footer
    return saved(document)


def with_table(*rows: tuple[str, ...], before: tuple[str, ...] = ()) -> bytes:
    document = Document()
    for words in before:
        document.add_paragraph(words)
    table = document.add_table(rows=len(rows), cols=max(map(len, rows)))
    for row, words in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, words, strict=False):
            cell.text = text
    return saved(document)


def with_footnote(words: str) -> bytes:
    """One paragraph with a footnote whose text is `words`."""
    members = unzipped(with_text("正文 {{ name }}"))
    members["word/footnotes.xml"] = (FOOTNOTES % words).encode()
    members["[Content_Types].xml"] = members["[Content_Types].xml"].replace(
        b"</Types>",
        b'<Override PartName="/word/footnotes.xml" ContentType="application/vnd.'
        b'openxmlformats-officedocument.wordprocessingml.footnotes+xml"/></Types>',
    )
    members["word/_rels/document.xml.rels"] = members["word/_rels/document.xml.rels"].replace(
        b"</Relationships>",
        b'<Relationship Id="rIdFoot" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        b'footnotes" Target="footnotes.xml"/></Relationships>',
    )
    return zipped(members)


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def changed(data: bytes, **replacements: Callable[[bytes], bytes]) -> bytes:
    """The file with some members rewritten; `word__document` stands for `word/document.xml`."""
    members = unzipped(data)
    for key, rewrite in replacements.items():
        name = f"{key.replace('__', '/')}.xml"
        members[name] = rewrite(members[name])
    return zipped(members)


def by_docxtpl(
    data: bytes, context: Mapping[str, Any] | Callable[[DocxTemplate], Mapping[str, Any]]
) -> bytes:
    """docxtpl's own rendering with autoescape."""
    template = DocxTemplate(io.BytesIO(data))
    template.init_docx()
    template.render(dict(context(template) if callable(context) else context), autoescape=True)
    out = io.BytesIO()
    template.save(out)
    return out.getvalue()


def normalised(data: bytes) -> dict[str, bytes]:
    """Every XML part in canonical form; pictures by their content, without numbers and names."""
    members = unzipped(data)
    parts = {}
    for name, body in members.items():
        if re.fullmatch(r"word/(document|header\d+|footer\d+|footnotes)\.xml|docProps/core\.xml", name):
            parts[name] = _canonical(name, body, members)
    return parts


def _canonical(name: str, body: bytes, members: Mapping[str, bytes]) -> bytes:
    tree = etree.fromstring(body, etree.XMLParser(remove_blank_text=True))
    folder, _, leaf = name.rpartition("/")
    rels = etree.fromstring(members.get(f"{folder}/_rels/{leaf}.rels", b"<none/>"))
    targets = {entry.get("Id", ""): entry.get("Target", "") for entry in rels}
    for element in tree.iter():
        if f"{_R}embed" in element.attrib:
            target = targets[element.get(f"{_R}embed", "")]
            path = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
            element.set(f"{_R}embed", hashlib.sha256(members[path]).hexdigest())
        if isinstance(element.tag, str) and etree.QName(element).localname in ("docPr", "cNvPr"):
            for attribute in ("id", "name"):
                if attribute in element.attrib:
                    del element.attrib[attribute]
    if folder == "docProps":
        # docxtpl writes the properties that a template does not have as empty ones.
        for element in [child for child in tree if not child.text]:
            tree.remove(element)
    return etree.tostring(tree, method="c14n", exclusive=True)


def paragraphs(data: bytes) -> list[str]:
    return [paragraph.text for paragraph in Document(io.BytesIO(data)).paragraphs]


def cells(data: bytes, table: int = 0) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in Document(io.BytesIO(data)).tables[table].rows]
