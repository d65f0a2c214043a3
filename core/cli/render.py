"""`shouxu render`: the document engine alone, for whoever makes templates."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from core.cli.commands import Command, json_option
from core.errors import DefinitionError, DocumentError, FieldProblem, InvalidInput, Mark

READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)
WRITABLE = click.Path(dir_okay=False, path_type=Path)


@click.command(cls=Command, example="shouxu render covenant.docx data.json -o out.docx --pdf out.pdf --seal")
@click.argument("template", type=READABLE, metavar="TEMPLATE.docx")
@click.argument("data", type=READABLE, metavar="DATA.json")
@click.option("-o", "--out", type=WRITABLE, required=True, metavar="OUT.docx", help="The Word file to write.")
@click.option("--pdf", type=WRITABLE, metavar="OUT.pdf", help="Make a PDF file of it as well.")
@click.option("--seal", is_flag=True, help="Put the seal of the company in DATA (company.title) on the PDF file.")
@json_option
def render(template: Path, data: Path, out: Path, pdf: Path | None, seal: bool, as_json: bool) -> None:
    """Fill one Word template from a JSON file.

    DATA holds what the template prints, by name. A picture is {"$image": "logo.png", "height": 15}, its path
    relative to DATA and its height in millimetres; a QR code is {"$qr": "text", "height": 18}.
    """
    from core.cli.terminal import say, show_json

    if seal and pdf is None:
        raise click.UsageError("--seal needs --pdf: the seal is put on the PDF file")
    context = read_context(data)
    word = fill(template, context, data.parent)
    out.write_bytes(word)
    if pdf:
        pdf.write_bytes(as_pdf(word, context, seal=seal))
    written = [_row(path) for path in (out, pdf) if path]
    if as_json:
        show_json({"written": written})
    else:
        for row in written:
            say(f"{row['path']}  {row['bytes']} bytes  sha256 {row['sha256']}")


def read_context(path: Path) -> dict[str, Any]:
    """The object in a JSON file; DefinitionError at its line and column."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise DefinitionError("不是 UTF-8 编码 (not UTF-8)", Mark(str(path)), number=1202) from error
    except json.JSONDecodeError as error:
        mark = Mark(str(path), error.lineno, error.colno)
        raise DefinitionError(f"JSON 写法有误 ({error.msg})", mark, number=1201) from error
    if not isinstance(value, dict):
        raise DefinitionError("最外层应是 {…} (an object is wanted)", Mark(str(path)), number=1212)
    return value


class _Folder:
    """Pictures by path, for the part of the house that knows them by hash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> bytes:
        try:
            return (self._folder / name).read_bytes()
        except OSError as error:
            raise InvalidInput([FieldProblem("$image", f"读不了图片 {name} ({error.strerror})")]) from error


def fill(template: Path, context: dict[str, Any], folder: Path) -> bytes:
    """The Word file of `template` filled from `context`; pictures are looked for in `folder`."""
    from core.cases.definitions import FILTERS
    from core.cases.printing import with_images
    from core.documents.engine import compiled

    return compiled(template.read_bytes(), filters=FILTERS).render(with_images(context, _Folder(folder)))


def as_pdf(word: bytes, context: dict[str, Any], *, seal: bool) -> bytes:
    """The PDF file of a Word file, sealed if wanted; ConversionFailed or SealFailed when that is not possible."""
    from core.cases.paperworks import PaperWorks
    from core.cli.installation import bare_settings
    from core.documents.stamp import SealFace

    company = _company(context) if seal else ""
    works = PaperWorks(bare_settings())
    result = works.converter.convert({"document": word})["document"]
    if not isinstance(result, bytes):
        raise result
    if not seal:
        return result
    return works.seals.of(company).seal(result, seal_text=SealFace(company), at=datetime.now(UTC))


def _company(context: dict[str, Any]) -> str:
    company = context.get("company")
    title = company.get("title") if isinstance(company, dict) else None
    if not isinstance(title, str) or not title:
        raise DocumentError("数据里没有 company.title，不知道盖谁的章 (company.title is missing)", number=3402)
    return title


def _row(path: Path) -> dict[str, Any]:
    import hashlib

    data = path.read_bytes()
    return {"path": str(path), "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
