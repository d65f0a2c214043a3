"""The measure of all HTTP figures: one document rendered by docxtpl alone, from the same template and context."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import Environment

from core.documents.qr import qr_png


def plain_render(template: bytes, frozen: dict[str, Any], filters: dict[str, Callable[..., Any]]) -> Callable[[], bytes]:
    """A function that does it once: template from bytes, autoescape on, the QR code as an InlineImage."""
    def render() -> bytes:
        document = DocxTemplate(io.BytesIO(template))
        document.init_docx()
        words = Environment(autoescape=True)
        words.filters.update(filters)
        document.render(_with_pictures(frozen, document), words, autoescape=True)
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()

    return render


def _with_pictures(value: Any, document: DocxTemplate) -> Any:
    if isinstance(value, dict):
        if "$qr" in value:
            return InlineImage(document, io.BytesIO(qr_png(value["$qr"])), height=Mm(value["height"]))
        return {name: _with_pictures(inner, document) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_pictures(inner, document) for inner in value]
    return value
