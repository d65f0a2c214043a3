"""/api/v1: what the staff pages do, for programs; tokens instead of logins, the same services, no rules of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib.metadata import version
from itertools import chain
from typing import Any, NoReturn

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPMethodNotAllowed
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from core.api import (
    approving,
    cases,
    documents,
    estates,
    facts,
    inbox,
    migrating,
    money,
    registers,
    steps,
    stock,
    verifying,
)
from core.api.bearer import actor_of_api
from core.api.calling import view_of
from core.api.endpoints import PREFIX, Endpoint, endpoints_of
from core.api.openapi import describe

ENDPOINTS: tuple[Endpoint, ...] = tuple(chain.from_iterable(
    endpoints_of(module) for module in (
        estates, cases, migrating, steps, approving, facts, money, documents, stock, registers, inbox, verifying)))
DESCRIPTION = f"{PREFIX}/openapi.json"


def includeme(config: Configurator) -> None:
    """The endpoints and their description; errors, transactions and headers come from the composition root."""
    registry: Any = config.registry
    registry["shouxu.actor_of_api"] = actor_of_api
    for path in dict.fromkeys(said.path for said in ENDPOINTS):
        _add(config, path, [said for said in ENDPOINTS if said.path == path])
    config.add_route("api.description", DESCRIPTION)
    config.add_view(described(ENDPOINTS), route_name="api.description", request_method="GET",
                    permission=NO_PERMISSION_REQUIRED)


def _add(config: Configurator, path: str, endpoints: Sequence[Endpoint]) -> None:
    route = f"api.{path}"
    config.add_route(route, PREFIX + path)
    for said in endpoints:
        config.add_view(view_of(said), route_name=route, request_method=said.method, permission=NO_PERMISSION_REQUIRED)
    allowed = sorted({said.method for said in endpoints})
    config.add_view(_not_allowed(allowed), route_name=route, permission=NO_PERMISSION_REQUIRED)


def _not_allowed(methods: Sequence[str]):
    allowed = ", ".join([*methods, *(["HEAD"] if "GET" in methods else [])])

    def view(request: Request) -> NoReturn:
        request.add_response_callback(lambda _, response: response.headers.update(Allow=allowed))
        raise HTTPMethodNotAllowed()

    return view


def described(endpoints: Sequence[Endpoint]):
    """The view of the OpenAPI document, which is made when it is first asked for."""
    made: list[bytes] = []

    def view(request: Request) -> Response:
        if not made:
            made.append(json.dumps(describe(endpoints, version("shouxu")), ensure_ascii=False).encode())
        response = Response(made[0], content_type="application/json", conditional_response=True)
        response.etag = hashlib.sha256(made[0]).hexdigest()[:16]
        response.headers["Cache-Control"] = "no-cache"
        return response

    return view
