"""Files that are small outside and large inside, for every kind of file that comes in."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from functools import cache

import xlsxwriter
from PIL import Image

from tests.documents.word_templates import changed, unzipped, with_text

MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LAUGHS = b"<!DOCTYPE x [<!ENTITY a0 'ha'>" + b"".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>".encode() for n in range(1, 10)
) + b"]>"


@cache
def bombs() -> dict[str, tuple[bytes, str]]:
    """(bytes, file name) by what it is."""
    return {
        "Word, 300 MB in a picture": (_with_member(with_text("x"), "word/media/a.png", 300), "a.docx"),
        "Word, 300 MB in its styles": (_with_member(with_text("x"), "word/more.xml", 300), "a.docx"),
        "Word, many members": (_with_many(with_text("x")), "a.docx"),
        "Word, entities": (changed(with_text("x"), word__document=lambda xml: xml.replace(b"?>", b"?>" + LAUGHS, 1)), "a.docx"),
        "Word, a lie about sizes": (_lying(with_text("x")), "a.docx"),
        "Word in Word": (_with_member(with_text("x"), "word/embeddings/a.docx", 1), "a.docx"),
        "Excel, 300 MB of rows": (_with_member(_workbook(), "xl/worksheets/sheet1.xml", 300, b"<row/>"), "a.xlsx"),
        "Excel, 300 MB of words": (_with_member(_workbook(), "xl/sharedStrings.xml", 300, b"<si><t>a</t></si>"), "a.xlsx"),
        "Excel, entities in its words": (_with_laughs("xl/sharedStrings.xml", b"sst"), "a.xlsx"),
        "Excel, entities in its rows": (_with_laughs("xl/worksheets/sheet1.xml", b"worksheet"), "a.xlsx"),
        "Excel, many members": (_with_many(_workbook()), "a.xlsx"),
        "PNG, 60,000 × 60,000 in its head": (_png(60_000, b"\0" * 1000), "a.png"),
        "PNG, 20,000 × 20,000 white": (_flat(20_000), "a.png"),
        "PNG, 100 MB in a remark": (_png(10, b"\0" * 20, _chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(100_000_000), 9))), "a.png"),
        "PNG, 100 MB of colours": (_png(10, b"\0" * 20, _chunk(b"iCCP", b"k\0\0" + zlib.compress(bytes(100_000_000), 9))), "a.png"),
        "JPEG, 60,000 × 60,000 in its head": (_jpeg(), "a.jpg"),
        "PDF, 300 MB in a stream": (_pdf(), "a.pdf"),
        "PDF, a thousand levels": (b"%PDF-1.7\n1 0 obj\n" + b"[" * 100_000 + b"]" * 100_000 + b"\nendobj\n%%EOF\n", "a.pdf"),
        "gzip": (zlib.compress(bytes(50_000_000), 9, 31), "a.gz"),
    }


def _with_member(data: bytes, name: str, megabytes: int, filling: bytes = b"\0") -> bytes:
    """The zip file with a member that unpacks to so much."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for old, body in unzipped(data).items():
            if old != name:
                archive.writestr(old, body)
        with archive.open(name, "w") as member:
            if name.startswith("xl/"):
                root = b"sst" if "Strings" in name else b"worksheet"
                member.write(b"<" + root + b' xmlns="' + MAIN + b'">' + (b"" if root == b"sst" else b"<sheetData>"))
            for _ in range(megabytes):
                member.write(filling * (1_000_000 // len(filling)))
    return out.getvalue()


def _with_many(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in unzipped(data).items():
            archive.writestr(name, body)
        for number in range(20_000):
            archive.writestr(f"x/{number}.xml", b"")
    return out.getvalue()


def _lying(data: bytes) -> bytes:
    """A directory that says a gigabyte less than there is."""
    whole = _with_member(data, "word/media/a.png", 200)
    place = whole.rindex(b"PK\x01\x02")
    return whole[: place + 24] + struct.pack("<I", 100) + whole[place + 28 :]


def _workbook() -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    for name, heads in (("units", ("code", "building", "entrance", "floor", "room", "area")), ("owners", ("code", "name"))):
        book.add_worksheet(name).write_row(0, 0, heads)
    book.close()
    return out.getvalue()


def _with_laughs(name: str, root: bytes) -> bytes:
    out = io.BytesIO()
    words = b"<t>&a9;</t>"
    row = b"<sheetData><row><c t='inlineStr'><is>" + words + b"</is></c></row></sheetData>"
    body = row if root == b"worksheet" else b"<si>" + words + b"</si>"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for old, said in unzipped(_workbook()).items():
            if old != name:
                archive.writestr(old, said)
        archive.writestr(name, b"<?xml version='1.0'?>" + LAUGHS + b"<" + root + b" xmlns='" + MAIN + b"'>" + body + b"</" + root + b">")
    return out.getvalue()


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png(side: int, pixels: bytes, more: bytes = b"") -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + more + _chunk(b"IDAT", zlib.compress(pixels)) + _chunk(b"IEND", b"")


def _flat(side: int) -> bytes:
    out = io.BytesIO()
    Image.new("1", (side, side)).save(out, "PNG")
    return out.getvalue()


def _jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (16, 16)).save(out, "JPEG")
    data = out.getvalue()
    place = data.index(b"\xff\xc0") + 5
    return data[:place] + struct.pack(">HH", 60_000, 60_000) + data[place + 4 :]


def _pdf() -> bytes:
    """A PDF whose objects stand in a stream that unpacks to 300 MB."""
    press = zlib.compressobj(9)
    stream = b"".join(press.compress(b"0 " * 500_000) for _ in range(300)) + press.flush()
    head = b"%%PDF-1.7\n1 0 obj\n<</Type/ObjStm/N 1000000/First 10/Filter/FlateDecode/Length %d>>\nstream\n" % len(stream)
    tail = b"\nendstream\nendobj\ntrailer\n<</Root 2 0 R/Size 3>>\nstartxref\n9\n%%EOF\n"
    return head + stream + tail
