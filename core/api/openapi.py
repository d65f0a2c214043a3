"""The description for programs: OpenAPI 3.1, made from the endpoints and their models, so that it stays true."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from core.api.endpoints import PREFIX, Endpoint, File
from core.api.problems import Problem
from core.security.tokens import SCOPES

REF = "#/components/schemas/{model}"
PROBLEM = "application/problem+json"
DESCRIPTION = """Everything that the staff pages do. A token acts as its user, at one estate, within its scopes.

* Every POST takes `Idempotency-Key`: the same key with the same request has one effect and one answer; with another
  request it is refused (SX-2106). A refusal is not kept: put it right and send the same key again.
* `ETag` is the version of the case; send it back as `If-Match`. When somebody was faster the answer is 409 (SX-2300)
  with `changes` that say what happened, never 412.
* Errors are `application/problem+json` with a stable `code`; `errors` names fields, `reasons` says why a gate is
  closed.
* Lists come in pages: send `next` as `after` until it is empty. Money is whole 分, times are UTC."""
HEADERS: dict[str, dict[str, Any]] = {
    "Idempotency-Key": {"name": "Idempotency-Key", "in": "header", "description": "One per request; a UUID is good.",
                        "schema": {"type": "string", "minLength": 1, "maxLength": 200}},
    "If-Match": {"name": "If-Match", "in": "header", "schema": {"type": "string"},
                 "description": "ETag of the case as it was read; without it the act is done on whatever stands."},
    "Accept-Language": {"name": "Accept-Language", "in": "header", "schema": {"type": "string"},
                        "description": "zh-CN or en; else the language of the token's user."},
}
REFUSED = {"400": "Not understood", "401": "No valid token", "403": "Not within the token's scopes or the user's roles",
           "404": "Does not exist, or not for this token",
           "409": "A gate is closed, money does not fit, or somebody was faster",
           "413": "Too large", "415": "Another content type is asked for", "422": "Wrong values, each at its field",
           "503": "Try again: nothing was stored"}


def describe(endpoints: Sequence[Endpoint], version: str) -> dict[str, Any]:
    """The OpenAPI document of `endpoints`."""
    schemas, definitions = _schemas(endpoints)
    problem = {"$ref": REF.format(model="Problem")}
    paths: dict[str, dict[str, Any]] = {}
    for said in endpoints:
        paths.setdefault(PREFIX + plain_path(said.path), {})[said.method.lower()] = _operation(said, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shouxu 手续", "version": version, "description": DESCRIPTION},
        "servers": [{"url": "/"}], "paths": paths,
        "components": {
            "schemas": definitions,
            "parameters": HEADERS,
            "responses": {status: {"description": text, "content": {PROBLEM: {"schema": problem}}}
                          for status, text in REFUSED.items()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer",
                                          "description": f"sx_…; scopes: {', '.join(SCOPES)}"}}},
    }


def plain_path(path: str) -> str:
    """A Pyramid pattern as OpenAPI writes it: without regular expressions."""
    return re.sub(r"{(\w+):[^}]*}", r"{\1}", path)


def table(endpoints: Sequence[Endpoint]) -> str:
    """The table of docs/reference/api.md: every address with its scopes and what it does."""
    rows = ["| method | below `/api/v1` | scopes | |", "|---|---|---|---|"]
    rows += [f"| `{said.method}` | `{plain_path(said.path)}` | {', '.join(said.scopes) or '—'} | {said.summary} |"
             for said in endpoints]
    return "\n".join(rows)


def _schemas(endpoints: Sequence[Endpoint]) -> tuple[dict[Any, dict[str, Any]], dict[str, Any]]:
    wanted: dict[tuple[Any, JsonSchemaMode], TypeAdapter[Any]] = {}
    for said in endpoints:
        if said.body is not None:
            wanted[_key(said.body), "validation"] = TypeAdapter(said.body)
        if said.answer not in (None, File):
            wanted[_key(said.answer), "serialization"] = said.adapter
    wanted["Problem", "serialization"] = TypeAdapter(Problem)
    found, definitions = TypeAdapter.json_schemas([(key, mode, adapter) for (key, mode), adapter in wanted.items()],
                                                  ref_template=REF)
    return {key: dict(schema) for key, schema in found.items()}, dict(definitions.get("$defs", {}))


def _key(model: Any) -> str:
    return f"{getattr(model, '__module__', '')}.{model!r}"


def _operation(said: Endpoint, schemas: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": said.name, "summary": said.summary, "tags": [_tag(said)],
        "security": [] if said.public else [{"token": list(said.scopes)}],
        "parameters": _parameters(said, schemas), "responses": _responses(said, schemas)}
    body = _body(said, schemas)
    return operation | ({"requestBody": body} if body else {})


def _tag(said: Endpoint) -> str:
    return said.handler.__module__.rpartition(".")[2]


def _parameters(said: Endpoint, schemas: dict[Any, dict[str, Any]]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for name, pattern in re.findall(r"{(\w+)(?::([^}]*))?}", said.path):
        choices = pattern.split("|") if "|" in pattern else None
        rows.append({"name": name, "in": "path", "required": True,
                     "schema": {"type": "string"} | ({"enum": choices} if choices else {})})
    if said.query is not None:
        rows += _query(said.query)
    names = ["Accept-Language"] if not said.public else []
    names += ["Idempotency-Key"] if said.method == "POST" and not said.reads else []
    names += ["If-Match"] if said.versioned and said.method != "GET" else []
    return rows + [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _query(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema()
    rows: list[dict[str, Any]] = []
    for name, said in schema.get("properties", {}).items():
        about = {"description": said.pop("description")} if "description" in said else {}
        needed = name in schema.get("required", ())
        rows.append({"name": name, "in": "query", "required": needed, "schema": said} | about)
    return rows


def _body(said: Endpoint, schemas: dict[Any, dict[str, Any]]) -> dict[str, Any] | None:
    content: dict[str, Any] = {}
    own = schemas[_key(said.body), "validation"] if said.body is not None else None
    if own is not None and (not said.files or said.either):
        content["application/json"] = {"schema": own}
    if said.files:
        parts = {name: {"type": "string", "contentMediaType": "application/octet-stream"} for name in said.files}
        whole: dict[str, Any] = {"type": "object", "properties": parts, "required": list(said.files)}
        content["multipart/form-data"] = {"schema": {"allOf": [own, whole]} if own else whole}
    if not content:
        return None
    fields = said.body.model_fields.values() if said.body else ()
    needed = bool(said.files) or any(field.is_required() for field in fields)
    return {"required": needed, "content": content}


def _responses(said: Endpoint, schemas: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "Done" if said.method != "GET" else "Found"}
    if said.answer is File:
        answer["content"] = {media: {} for media in said.media}
    elif said.answer is not None:
        answer["content"] = {"application/json": {"schema": schemas[_key(said.answer), "serialization"]}}
    if said.versioned:
        answer["headers"] = {"ETag": {"description": "The version of the case", "schema": {"type": "string"}}}
    statuses = [status for status in REFUSED if _can_be(said, status)]
    return {str(said.status): answer} | {status: {"$ref": f"#/components/responses/{status}"} for status in statuses}


def _can_be(said: Endpoint, status: str) -> bool:
    if said.public:
        return status in ("400", "422", "503")
    if status in ("413", "415"):
        return said.body is not None or bool(said.files)
    return True
