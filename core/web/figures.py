"""Figures of the running process for Prometheus: requests by route and outcome, and how long they took."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from pyramid.config import Configurator
from pyramid.response import Response

from core.web.asking import Request

BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15)


def includeme(config: Configurator) -> None:
    # a register of this application's own: two applications in one process (tests) do not share figures
    registry: Any = config.registry
    figures = registry["shouxu.figures"] = CollectorRegistry()
    ProcessCollector(registry=figures)
    requests = Counter(
        "shouxu_requests",
        "Requests by route, method and status.",
        ("route", "method", "status"),
        registry=figures,
    )
    seconds = Histogram(
        "shouxu_request_seconds",
        "Server time of a request by route.",
        ("route",),
        buckets=BUCKETS,
        registry=figures,
    )
    registry["shouxu.request_figures"] = (requests, seconds)
    config.add_tween("core.web.figures.figures_factory", over="core.web.headers.headers_factory")


def figures_factory(handler: Callable[[Request], Response], registry: Any) -> Callable[[Request], Response]:
    requests, seconds = registry["shouxu.request_figures"]

    def figures(request: Request) -> Response:
        begun = perf_counter()
        response = handler(request)
        matched = getattr(request, "matched_route", None)
        route = matched.name if matched is not None else "none"
        method = (
            request.method if request.method in ("GET", "POST", "HEAD", "PUT", "DELETE", "PATCH") else "other"
        )
        requests.labels(route, method, str(response.status_int)).inc()
        seconds.labels(route).observe(perf_counter() - begun)
        return response

    return figures
