"""Whether the server can work, for whoever watches it; figures for this machine only."""

from __future__ import annotations

from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import text

from core.cases.seals import seal_warnings
from core.errors import NotFound, ShouxuError
from core.store.session import unit_of_work
from core.web.asking import Request
from core.web.rendering import word

LOCAL = ("127.0.0.1", "::1")


@view_config(route_name="health", request_method=("GET", "HEAD"), permission="public", renderer="json")
def health(request: Request) -> dict[str, Any]:
    """`ok`, `degraded` (a procedure is out of service, a hook failed, changed definitions are refused,
    a seal's certificate ends within thirty days or cannot be used) or `down` with 503 (no database)."""
    plugins = request.office.plugins
    failures = {f"{plugin}.{hook}": count for (plugin, hook), count in plugins.failures.items()}
    database = _database(request)
    refused = request.registry["shouxu.reloader"].state.problems
    seals = [problem.code for problem in seal_warnings(request.office)]
    wrong = plugins.out_of_service or failures or refused or seals
    status = "down" if database != "ok" else "degraded" if wrong else "ok"
    request.response.status_int = 503 if status == "down" else 200
    return {
        "status": status,
        "database": database,
        "out_of_service": dict(plugins.out_of_service),
        "hook_failures": failures,
        "definitions_refused": len(refused),
        "seals": seals,
    }


def _database(request: Request) -> str:
    try:
        with unit_of_work(request.office.sessions, readonly=True) as session:
            session.execute(text("SELECT 1"))
    except ShouxuError as error:
        return error.code
    return "ok"


@view_config(route_name="metrics", request_method="GET", permission="public")
def metrics(request: Request) -> Response:
    """The figures, for a Prometheus on this machine; for others the address does not exist."""
    if request.remote_addr not in LOCAL or "X-Forwarded-For" in request.headers:
        raise NotFound(word("没有找到这一页"))
    return Response(
        generate_latest(request.registry["shouxu.figures"]), headers={"Content-Type": CONTENT_TYPE_LATEST}
    )
