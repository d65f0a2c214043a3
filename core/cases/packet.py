"""The bytes of documents: one for the screen or printer, or a case's whole packet in declared order."""

from __future__ import annotations

import io
import zipfile
from typing import Literal

import pikepdf

from core.cases.casefile import CaseFile, open_file
from core.cases.desk import Desk
from core.cases.issuing import WORD, printed_word, unpacked
from core.errors import ConversionFailed, GateClosed, NotFound
from core.store.models import Document

Kind = Literal["word", "pdf"]
PDF = "application/pdf"
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def document_bytes(desk: Desk, document_id: str, kind: Kind = "word", *, copy: int | None = None) -> tuple[bytes, str, str]:
    """(bytes, file name, media type) of an issued document; `copy` (0-based) prints the label of that copy on the Word file.

    ConversionFailed while the PDF is not there yet (503: it waits in the queue), NotFound for strangers.
    """
    named = desk.session.get(Document, document_id)
    file = open_file(desk, named.case_id if named else None, unknown="没有这份文书")
    row = next(document for document in file.documents if document.id == document_id)
    name = f"{row.title}-{row.number}"
    if kind == "word":
        return (_word(file, row, copy), f"{name}.docx", WORD)
    if row.pdf is None:
        why = row.pdf_error or desk.office.papers.converter.available() or "正在生成"
        raise ConversionFailed(f"《{row.title}》的 PDF 还没有生成：{why}", remedy="稍候再试;Word 文书随时可用", number=3310)
    return desk.office.blobs.get(row.pdf), f"{name}.pdf", PDF


def _word(file: CaseFile, row: Document, copy: int | None) -> bytes:
    if copy is None:
        return file.desk.office.blobs.get(row.word)
    copies = row.copies["copies"]
    if not 0 <= copy < len(copies):
        raise NotFound(f"《{row.title}》没有第 {copy + 1} 联")
    frozen = unpacked(file.desk, row)
    frozen["document"]["copy"] = copies[copy]["title"]
    stamp = "作废" if row.state == "void" else ""
    return printed_word(file.desk, row.template, frozen, stamp=stamp)


def packet(desk: Desk, case_id: str, kind: Literal["zip", "pdf"] = "zip") -> bytes:
    """All standing documents of a case in packet order: a zip of Word and PDF files, or one PDF with every copy."""
    file = open_file(desk, case_id)
    order = {rule.name: rule.packet for rule in file.bundle.documents}
    rows = sorted((row for row in file.documents if row.state == "issued"), key=lambda row: (order.get(row.name, 99), row.at))
    if not rows:
        raise GateClosed("本件还没有文书可打印", number=2260)
    return _zip(file, rows) if kind == "zip" else _joined(file, rows)


def _zip(file: CaseFile, rows: list[Document]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as package:
        for at, row in enumerate(rows, start=1):
            name = f"{at:02d}-{row.title}-{row.number}".replace("/", "-")
            package.writestr(zipfile.ZipInfo(f"{name}.docx", _ZIP_TIME), file.desk.office.blobs.get(row.word))
            if row.pdf:
                package.writestr(zipfile.ZipInfo(f"{name}.pdf", _ZIP_TIME), file.desk.office.blobs.get(row.pdf))
    return target.getvalue()


def _joined(file: CaseFile, rows: list[Document]) -> bytes:
    """Every copy of every document; an odd number of pages is followed by a blank one, for printing on both sides."""
    missing = [row.title for row in rows if row.pdf is None]
    if missing:
        raise ConversionFailed(f"还有 {len(missing)} 份文书的 PDF 未生成：{'、'.join(missing[:5])}", remedy="稍候再试", number=3310)
    book = pikepdf.new()
    for row in rows:
        with pikepdf.open(io.BytesIO(file.desk.office.blobs.get(row.pdf or ""))) as source:
            for _ in row.copies["copies"]:
                book.pages.extend(source.pages)
                if len(source.pages) % 2:
                    book.add_blank_page(page_size=(595.28, 841.89))
    target = io.BytesIO()
    book.save(target, deterministic_id=True)
    return target.getvalue()
