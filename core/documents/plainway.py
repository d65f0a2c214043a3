"""Sub-documents: rendered by docxtpl itself, then packed again, so that bytes are the same each time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from docx.shared import Emu
from docxtpl import DocxTemplate, InlineImage
from docxtpl.subdoc import Subdoc
from jinja2 import TemplateError
from lxml import etree

from core.documents import archive
from core.documents.context import Subdocument
from core.documents.faults import RenderFault, Spot
from core.documents.images import Image, extent
from core.documents.limits import begin
from core.documents.package import opened
from core.documents.printing import press

if TYPE_CHECKING:
    from core.documents.engine import Template


class _Desk:
    """Places pictures and sub-documents through docxtpl's own objects."""

    def __init__(self, document: DocxTemplate) -> None:
        self.document = document
        self.brought_xml = False
        self.included: dict[bytes, Subdoc] = {}

    def place(self, image: Image) -> str:
        wide, high = extent(image)
        inline = str(InlineImage(self.document, io.BytesIO(image.data), Emu(wide), Emu(high)))
        return inline.removeprefix("</w:t></w:r><w:r>").removesuffix('</w:r><w:r><w:t xml:space="preserve">')

    def include(self, subdocument: Subdocument) -> str:
        """Its parts are taken into the document once, however often it is printed."""
        known = self.included.get(subdocument.data)
        if known is None:
            opened(subdocument.data)
            known = self.included[subdocument.data] = self.document.new_subdoc(io.BytesIO(subdocument.data))
        return str(known)


def rendered_plainly(template: Template, names: dict[str, Any], media: Mapping[str, bytes] | None) -> bytes:
    """The document by docxtpl's way: slower by a factor of about fifty, with sub-documents in place."""
    members = dict(template.package.members)
    members.update({f"word/media/{name}": data for name, data in (media or {}).items()})
    document = DocxTemplate(io.BytesIO(_zipped(members)))
    press.sheet = _Desk(document)
    begin()
    try:
        document.render(names, template.cage)
    except RenderFault:
        raise
    except (
        TemplateError,
        TypeError,
        ValueError,
        ArithmeticError,
        LookupError,
        AttributeError,
        etree.XMLSyntaxError,
    ) as error:
        raise RenderFault(f"无法计算：{error}", number=3205) from error
    out = io.BytesIO()
    document.save(out)
    with zipfile.ZipFile(out) as saved:
        rendered = {info.filename: saved.read(info) for info in saved.infolist()}
    for name, data in rendered.items():
        if name.endswith((".xml", ".rels")):
            _prove(name, data)
    return _zipped(rendered)


def _prove(name: str, data: bytes) -> None:
    from core.documents.engine import strict

    try:
        strict(data)
    except etree.XMLSyntaxError as error:
        raise RenderFault(f"生成的 XML 有误({error})", Spot(name), number=3203) from error


def _zipped(members: Mapping[str, bytes]) -> bytes:
    return archive.assembled(
        archive.laid_out(archive.packed(name, data, 6) for name, data in members.items()), ()
    )
