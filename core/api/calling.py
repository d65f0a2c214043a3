"""From a request to an answer, the same way for every endpoint: who asks, may they, what comes, was it asked before."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from pyramid.request import Request
from pyramid.response import Response

from core.api.bearer import require_actor
from core.api.endpoints import PREFIX, Call, Endpoint, File
from core.api.intake import if_match, read_body, read_query
from core.api.replays import Replay, key_of
from core.errors import Forbidden
from core.security.policy import Actor, has_scope, require
from core.store.events import SYSTEM

LANGUAGES = {"zh-CN": "zh_CN", "zh": "zh_CN", "en": "en"}
View = Callable[[Request], Response]


def view_of(endpoint: Endpoint) -> View:
    """The Pyramid view of an endpoint."""
    def view(request: Request) -> Response:
        actor = None if endpoint.public else require_actor(request)
        if actor is not None:
            _require_scopes(actor, endpoint, request)
        locale = locale_of(request, actor)
        query = read_query(endpoint, request, locale)
        version = if_match(request) if endpoint.versioned and endpoint.method != "GET" else None
        body, files, digest = read_body(endpoint, request, locale)
        call = Call(request, actor, locale, body, query, files, version)
        request.only_reads = endpoint.reads
        key = key_of(request.headers) if endpoint.method == "POST" and not endpoint.reads else None
        return _answered(endpoint, call) if key is None else _once(endpoint, call, key, digest)

    return view


def locale_of(request: Request, actor: Actor | None) -> str:
    """`zh_CN` or `en`: what Accept-Language prefers, else what the user's account says."""
    said = request.accept_language.lookup(list(LANGUAGES), default="")
    return LANGUAGES.get(str(said)) or (actor.locale if actor is not None else "zh_CN")


def _require_scopes(actor: Actor, endpoint: Endpoint, request: Request) -> None:
    estate = (request.matchdict or {}).get("estate")
    for scope in endpoint.scopes:
        if estate is not None:
            require(actor, estate, scope=scope)
        elif not has_scope(actor, scope):
            raise Forbidden(f"该令牌没有 {scope} 权限", remedy="请使用具备该权限的令牌")


def require_scope(call: Call, scope: str) -> None:
    """Forbidden unless the token covers `scope`, for acts that need more than their endpoint does."""
    assert call.actor is not None
    require(call.actor, call.estate, scope=scope)


# ---------------------------------------------------------------- answering


def _once(endpoint: Endpoint, call: Call, key: str, digest: str) -> Response:
    request, actor = call.request, call.actor
    assert actor is not None
    estate = (request.matchdict or {}).get("estate", SYSTEM)
    replay = Replay(call.session, call.office.cipher, estate, actor.user_id, key)
    asked = hashlib.sha256(f"{request.method} {request.path_qs} {digest}".encode()).hexdigest()
    earlier = replay.answer(asked, call.office.clock.now())
    if earlier is not None:
        return earlier
    response = _answered(endpoint, call)
    replay.keep(response)
    return response


def _answered(endpoint: Endpoint, call: Call) -> Response:
    value = endpoint.handler(call)
    if endpoint.method != "GET" and not endpoint.reads:
        call.session.flush()  # what the store refuses must be refused before the answer is made
    if isinstance(value, File):
        return _file(value)
    response = Response(status=endpoint.status)
    if endpoint.answer is not None:
        response.content_type, response.body = "application/json", endpoint.adapter.dump_json(value, warnings=False)
    response.headers["Content-Language"] = call.locale.replace("_", "-")
    response.headers["Vary"] = "Authorization, Accept-Language"
    if endpoint.versioned:
        response.headers["ETag"] = f'"{value.version}"'
    if endpoint.status == 201 and (place := _location(endpoint, call, value)):
        response.headers["Location"] = place
    return response


def _location(endpoint: Endpoint, call: Call, value: Any) -> str:
    """Where what was made can be read."""
    if endpoint.name in ("open_case", "open_child"):
        return f"{PREFIX}/estates/{quote(call.estate, safe='')}/cases/{value.case}"
    return ""


def _file(file: File) -> Response:
    response = Response(file.data, content_type=file.media_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
    return response
