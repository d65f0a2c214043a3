"""Values of a posted page that are not a procedure's form: one text, one sum, one file, each checked for its kind."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from datetime import date
from decimal import Decimal
from typing import Any

from pyramid.httpexceptions import HTTPBadRequest

from core.domain.text import printable
from core.errors import FieldProblem, InvalidInput
from core.web.asking import Request

KEY = re.compile(r"[0-9a-f]{16,64}")
SUM = re.compile(r"\d{1,12}(\.\d{1,2})?")
PNG_URL = "data:image/png;base64,"
MOST_INK = 800_000


def text(request: Request, name: str, longest: int = 500, *, source: Any = None) -> str:
    """The text posted as `name`, trimmed; empty when it is absent. 400 when a file stands there instead."""
    value = (request.POST if source is None else source).get(name, "")
    if not isinstance(value, str):
        raise HTTPBadRequest(f"`{name}` is not text")
    if len(value) > longest:
        raise InvalidInput([FieldProblem(name, request.tr("最多 %(n)s 个字符", n=longest))])
    return printable(value.strip(), name)


def asked(request: Request, name: str, longest: int = 200) -> str:
    """The text asked for in the address (`?name=…`), cut to `longest`."""
    return request.GET.get(name, "")[:longest].strip()


def texts(request: Request, name: str, most: int = 500) -> list[str]:
    """All texts posted as `name`."""
    values = request.POST.getall(name)
    if len(values) > most or not all(isinstance(value, str) for value in values):
        raise HTTPBadRequest(f"`{name}` is not a list of texts")
    return values


def whole(request: Request, name: str, least: int, most: int, default: int | None = None) -> int:
    """A whole number between `least` and `most`."""
    said = text(request, name, 12)
    if not said and default is not None:
        return default
    if not said.isascii() or not said.isdecimal() or not least <= int(said) <= most:
        raise InvalidInput(
            [
                FieldProblem(
                    name, request.tr("请填写 %(least)s 到 %(most)s 之间的整数", least=least, most=most)
                )
            ]
        )
    return int(said)


def fen(request: Request, name: str) -> int | None:
    """A sum typed in 元 (`3,276.00`), as 分; None when nothing was typed."""
    said = text(request, name, 20).replace(",", "").replace(",", "").replace(" ", "")
    if not said:
        return None
    if not said.isascii() or not SUM.fullmatch(said):
        raise InvalidInput([FieldProblem(name, request.tr("请填写金额，如 3276.00"))])
    return int(Decimal(said) * 100)


def a_day(request: Request, said: str, default: date) -> date:
    """A date written like 2026-03-01; `default` when nothing was said."""
    if not said:
        return default
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise InvalidInput([FieldProblem("day", request.tr("请填写日期，如 2026-03-01"))]) from None


def version(request: Request) -> int | None:
    """The version of the case that the page was made from."""
    said = text(request, "version", 12)
    return int(said) if said.isascii() and said.isdecimal() else None


def request_key(request: Request) -> str | None:
    """The one-time key of the posted form; None when it carries none."""
    said = text(request, "request_key", 64)
    return said if KEY.fullmatch(said) else None


def form_key(request: Request) -> str:
    """A one-time key for the forms of this page; a page that shows a refused form again keeps the posted one."""
    kept = request_key(request) if request.method == "POST" else None
    return kept or secrets.token_hex(12)


def upload(request: Request, name: str) -> tuple[bytes, str] | None:
    """(bytes, file name) of the file posted as `name`; None when no file was chosen."""
    value = request.POST.get(name)
    if value is None or value == b"" or value == "":
        return None
    if not hasattr(value, "file"):
        raise HTTPBadRequest(f"`{name}` is not a file")
    return value.file.read(), str(value.filename or "")


def ink(request: Request, name: str) -> bytes | None:
    """The PNG that the signature pad put into `name`; None when nothing was drawn."""
    said = request.POST.get(name, "")
    if not isinstance(said, str) or len(said) > MOST_INK or not (said == "" or said.startswith(PNG_URL)):
        raise HTTPBadRequest(f"`{name}` is not a drawing")
    if not said:
        return None
    try:
        return base64.b64decode(said.removeprefix(PNG_URL), validate=True)
    except binascii.Error:
        raise HTTPBadRequest(f"`{name}` is not a drawing") from None
