"""What a call brings: body, query and If-Match, each read once and judged by the endpoint's models."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pyramid.httpexceptions import HTTPBadRequest, HTTPRequestEntityTooLarge, HTTPUnsupportedMediaType
from pyramid.request import Request

from core.api.endpoints import Endpoint, Upload
from core.api.json_text import MOST_BYTES, clean_texts, quoted, read_json
from core.api.requests import Form
from core.errors import FieldProblem, InvalidInput, Refused

MOST_UPLOAD = 21_000_000
"""Bytes of a multipart body: the largest file that `core.security.uploads` takes, and its parts around it."""
JSON, MULTIPART = "application/json", "multipart/form-data"
UNKNOWN, WRONG, MISSING = 2104, 2101, 2102
VERSION = re.compile(r'"(\d{1,9})"')
UNREADABLE = (UnicodeError, ValueError, LookupError, OSError, RecursionError, DeprecationWarning)
"""What reading a broken body raises; WebOb raises a DeprecationWarning for every charset but UTF-8."""
SAID = {"missing": ("缺少此项", "is missing"), "extra_forbidden": ("没有这一项", "is not known"),
        "string_type": ("应为文字", "must be text"), "int_type": ("应为整数", "must be a whole number"),
        "bool_type": ("应为 true 或 false", "must be true or false"), "list_type": ("应为列表", "must be a list"),
        "dict_type": ("应为对象", "must be an object"), "model_type": ("应为对象", "must be an object"),
        "string_too_long": ("文字过长", "is too long"), "string_too_short": ("不能为空", "must not be empty"),
        "int_parsing": ("应为整数", "must be a whole number"), "too_long": ("项数过多", "has too many items"),
        "date_from_datetime_parsing": ("应为日期，如 2026-03-01", "must be a date like 2026-03-01"),
        "date_parsing": ("应为日期，如 2026-03-01", "must be a date like 2026-03-01")}


def read_query(endpoint: Endpoint, request: Request, locale: str) -> Any:
    """The query as the endpoint's model; None without one. InvalidInput for unknown, repeated or wrong members."""
    given = request.GET
    if endpoint.query is None:
        if given:
            raise InvalidInput([_unknown(name, locale) for name in given])
        return None
    twice = [name for name in set(given) if len(given.getall(name)) > 1]
    if twice:
        raise InvalidInput([FieldProblem(quoted(name), "只能出现一次") for name in twice])
    return validated(endpoint.query, clean_texts(dict(given)), locale, texts=True)


def read_body(endpoint: Endpoint, request: Request, locale: str) -> tuple[Any, dict[str, Upload], str]:
    """(model, uploads by part name, SHA-256 of what was sent). 400, 413, 415 or 422 for what is not asked for."""
    if endpoint.body is None and not endpoint.files:
        return None, {}, hashlib.sha256(b"").hexdigest()
    if endpoint.files and request.content_type == MULTIPART:
        return _parts(endpoint, request, locale)
    if endpoint.files and not endpoint.either:
        raise HTTPUnsupportedMediaType(MULTIPART)
    return _json(endpoint, request, locale)


def if_match(request: Request) -> int | None:
    """The version that the caller saw; None without If-Match (or with `*`): whatever the version is."""
    said = request.headers.get("If-Match", "").strip()
    if said in ("", "*"):
        return None
    found = VERSION.fullmatch(said)
    if found is None:
        raise Refused("If-Match 应为读取办件时得到的 ETag，如 \"7\"", number=2109)
    return int(found[1])


def validated(model: type[BaseModel], given: Any, locale: str, *, texts: bool = False) -> Any:
    """`given` as `model`; InvalidInput with every problem at its path (`lines.0.name`). `texts`: all values are texts,
    of a query or of parts."""
    try:
        return model.model_validate(given, strict=False if texts else None)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise InvalidInput([_problem(one, locale) for one in found]) from None


# ---------------------------------------------------------------- JSON


def _json(endpoint: Endpoint, request: Request, locale: str) -> tuple[Any, dict[str, Upload], str]:
    model = endpoint.body
    assert model is not None
    data = _bytes(request, MOST_BYTES)
    if not data and not any(field.is_required() for field in model.model_fields.values()):
        return model(), {}, hashlib.sha256(b"").hexdigest()
    if request.content_type != JSON:
        raise HTTPUnsupportedMediaType(JSON)
    but = frozenset({"values"}) if issubclass(model, Form) else frozenset()
    return validated(model, clean_texts(read_json(data), but=but), locale), {}, hashlib.sha256(data).hexdigest()


def _bytes(request: Request, most: int) -> bytes:
    try:
        if (request.content_length or 0) > most:
            raise HTTPRequestEntityTooLarge()
        data = request.body_file.read(most + 1)
    except UNREADABLE as error:
        raise HTTPBadRequest() from error
    if len(data) > most:
        raise HTTPRequestEntityTooLarge()
    return data


# ---------------------------------------------------------------- multipart


def _parts(endpoint: Endpoint, request: Request, locale: str) -> tuple[Any, dict[str, Upload], str]:
    texts: dict[str, Any] = {}
    files: dict[str, Upload] = {}
    digest = hashlib.sha256()
    try:
        if (request.content_length or 0) > MOST_UPLOAD:
            raise HTTPRequestEntityTooLarge()
        parts = list(request.POST.items())
        for name, value in parts:
            if name in texts or name in files:
                raise HTTPBadRequest()
            if hasattr(value, "file"):
                files[name] = Upload(value.file.read(), str(value.filename or ""))
            else:
                texts[name] = str(value)
    except UNREADABLE as error:
        raise HTTPBadRequest() from error
    # not over the bytes as sent: their boundary differs each time
    for name in sorted({*texts, *files}):
        data = files[name].data if name in files else texts[name].encode("utf-8", "surrogatepass")
        digest.update(f"{name.encode('utf-8', 'surrogatepass')!r} {len(data)} ".encode() + data)
    _named(endpoint, files, locale)
    model = endpoint.body
    said = clean_texts(texts)
    if model is None and said:
        raise InvalidInput([_unknown(name, locale) for name in said])
    return validated(model, said, locale, texts=True) if model else None, files, digest.hexdigest()


def _named(endpoint: Endpoint, files: Mapping[str, Upload], locale: str) -> None:
    problems = [_unknown(name, locale) for name in files if name not in endpoint.files]
    problems += [FieldProblem(name, _say("missing", locale), MISSING) for name in endpoint.files if name not in files]
    if problems:
        raise InvalidInput(problems)


# ---------------------------------------------------------------- problems


def _problem(error: ErrorDetails, locale: str) -> FieldProblem:
    path = ".".join(quoted(str(part)) for part in error["loc"])
    kind = error["type"]
    number = UNKNOWN if kind == "extra_forbidden" else MISSING if kind == "missing" else WRONG
    return FieldProblem(path, _say(kind, locale) or error["msg"], number)


def _say(kind: str, locale: str) -> str:
    zh, en = SAID.get(kind, ("", ""))
    return en if locale == "en" else zh


def _unknown(name: str, locale: str) -> FieldProblem:
    return FieldProblem(quoted(name), _say("extra_forbidden", locale), UNKNOWN)
