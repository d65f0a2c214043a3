"""The bytes of documents: one for the screen or printer, or a case's whole packet in declared order.

Copies (联) come about in one of two ways. A template that goes through `document.copies` lays them out itself, each with
its own label, signature and seal: such a file is printed once. Of any other, each copy is the same file with its label at
the right edge. What was issued (bytes, hash, seal) is never changed by it.
"""

from __future__ import annotations

import io
import zipfile
from typing import Literal

from core.cases.casefile import CaseFile, open_file
from core.cases.desk import Desk
from core.cases.issuing import WORD, printed_word, prints, unpacked
from core.documents.copies import Printed, bound, word_copies
from core.errors import ConversionFailed, GateClosed, NotFound
from core.store.models import Document

Kind = Literal["word", "pdf"]
PDF = "application/pdf"
LATER = "稍候再试；Word 文书有效，可先打印"
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def document_bytes(desk: Desk, document_id: str, kind: Kind = "word", *, copy: int | None = None) -> tuple[bytes, str, str]:
    """(bytes, file name, media type) of an issued document; `copy` (0-based) is that copy alone, with its label, in Word.

    ConversionFailed while the PDF is not there yet (503: it waits in the queue), NotFound for strangers.
    """
    named = desk.session.get(Document, document_id)
    file = open_file(desk, named.case_id if named else None, unknown="没有这份文书")
    row = next(document for document in file.documents if document.id == document_id)
    name = f"{row.title}-{row.number}"
    if kind == "word":
        return (_word(file, row, copy), f"{name}.docx", WORD)
    if row.pdf is None:
        raise ConversionFailed(f"《{row.title}》的 PDF 还没有生成：{_why_no_pdf(desk, row)}", remedy=LATER, number=3310)
    return desk.office.blobs.get(row.pdf), f"{name}.pdf", PDF


def packet(desk: Desk, case_id: str, kind: Literal["zip", "pdf"] = "zip", *, both_sides: bool = True) -> bytes:
    """All standing documents of a case in packet order, with every copy; void and superseded ones are not among them.

    zip: a list of contents, each document as it was issued (Word and PDF), and its labelled copies in Word. pdf: one file
    for the printer; with `both_sides` each copy begins on a new sheet. GateClosed 2260 where nothing stands; for pdf
    ConversionFailed 3310 naming the documents that have none yet.
    """
    file = open_file(desk, case_id)
    order = {rule.name: rule.packet for rule in file.bundle.documents}
    rows = sorted((row for row in file.documents if row.state == "issued"),
                  key=lambda row: (order.get(row.name, 99), row.at, row.id))
    if not rows:
        raise GateClosed("本件还没有文书可打印", number=2260)
    return _zip(file, rows) if kind == "zip" else _book(file, rows, both_sides)


# ---------------------------------------------------------------- copies


def _titles(row: Document) -> list[str]:
    """What stands at the edge of each copy: `第二联 财务联　财务部留存`; nothing where there is but one."""
    copies = row.copies["copies"]
    return ["　".join(filter(None, (copy["title"], copy["to"]))) for copy in copies] if len(copies) > 1 else [""]


def _lays_out_copies(desk: Desk, row: Document) -> bool:
    return len(row.copies["copies"]) > 1 and any(name.startswith("document.copies[]") for name in prints(desk, row.template))


def _word(file: CaseFile, row: Document, copy: int | None) -> bytes:
    if copy is None:
        return file.desk.office.blobs.get(row.word)
    count = len(row.copies["copies"])
    if not 0 <= copy < count:
        raise NotFound(f"《{row.title}》没有第 {copy + 1} 联")
    if _lays_out_copies(file.desk, row):
        return _printed_copy(file, row, copy)
    return _labelled(file, row, file.desk.office.blobs.get(row.word))[copy]


def _labelled(file: CaseFile, row: Document, word: bytes) -> list[bytes]:
    """Each copy of a document whose template does not lay them out."""
    if "document.copy" in prints(file.desk, row.template):
        return [_printed_copy(file, row, copy) for copy in range(len(row.copies["copies"]))]
    titles = _titles(row)
    return word_copies(word, titles) if any(titles) else [word]


def _printed_copy(file: CaseFile, row: Document, copy: int) -> bytes:
    """The document with one copy only, from a template that prints the names of copies."""
    frozen = unpacked(file.desk, row)
    one = row.copies["copies"][copy]
    frozen["document"] |= {"copy": one["title"], "copies": [{"title": one["title"], "to": one["to"]}]}
    return printed_word(file.desk, row.template, frozen, stamp="作废" if row.state == "void" else "")


# ---------------------------------------------------------------- all of a case


def _zip(file: CaseFile, rows: list[Document]) -> bytes:
    desk, target = file.desk, io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as package:

        def put(name: str, data: bytes) -> None:
            package.writestr(zipfile.ZipInfo(name, _ZIP_TIME), data)

        put("00-目录.txt", _contents(file, rows))
        for at, row in enumerate(rows, start=1):
            name, word = _file_name(f"{at:02d}-{row.title}-{row.number}"), desk.office.blobs.get(row.word)
            put(f"{name}.docx", word)
            if row.pdf:
                put(f"{name}.pdf", desk.office.blobs.get(row.pdf))
            copies = row.copies["copies"]
            if len(copies) > 1 and not _lays_out_copies(desk, row):
                for place, data in enumerate(_labelled(file, row, word)):
                    put(f"{name}（{place + 1}{_file_name(copies[place]['title'])}）.docx", data)
    return target.getvalue()


def _file_name(words: str) -> str:
    """The words without what some system refuses in a file name."""
    return "".join("-" if character in '/\\:*?"<>|' else character for character in words if not character.isspace())


def _contents(file: CaseFile, rows: list[Document]) -> bytes:
    """What is in the packet, in order: number, title, copies and where they go, hashes; what is missing, and why."""
    desk = file.desk
    lines = [f"{desk.office.estate(file.case.estate).title.zh}　{file.case.number}　文书目录", ""]
    for at, row in enumerate(rows, start=1):
        copies = [f"{copy['title']}{f'（{to}）' if (to := copy['to']) else ''}" for copy in row.copies["copies"]]
        lines += [f"{at:02d}　{row.title}　{row.number}　{len(copies)} 份：{'、'.join(copies)}", f"　　Word SHA-256 {row.word}",
                  f"　　PDF  SHA-256 {row.pdf}" if row.pdf else f"　　PDF 还没有生成：{_why_no_pdf(desk, row)}。{LATER}。"]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")


def _book(file: CaseFile, rows: list[Document], both_sides: bool) -> bytes:
    desk = file.desk
    missing = [f"《{row.title}》{row.number}：{_why_no_pdf(desk, row)}" for row in rows if row.pdf is None]
    if missing:
        raise ConversionFailed(f"还有 {len(missing)} 份文书的 PDF 未生成：{'；'.join(missing)}",
                               remedy="稍候再试；或先下载 ZIP，用其中的 Word 文书打印", number=3310)
    return bound((_printed(file, row) for row in rows), both_sides=both_sides)


def _printed(file: CaseFile, row: Document) -> Printed:
    pdf = file.desk.office.blobs.get(row.pdf or "")
    if _lays_out_copies(file.desk, row):
        return Printed(pdf, parts=len(row.copies["copies"]))
    return Printed(pdf, tuple(_titles(row)))


def _why_no_pdf(desk: Desk, row: Document) -> str:
    return row.pdf_error or desk.office.papers.converter.available() or "正在生成"
