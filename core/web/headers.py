"""Headers of every answer: nothing from elsewhere, nothing inline, nothing kept by shared machines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from pyramid.config import Configurator
from pyramid.response import Response

from core.web.asking import Request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; object-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
FILE_POLICY = "frame-ancestors 'self'"
"""For PDFs, which a page of ours shows in a frame; the browser's viewer brings its own parts."""
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), payment=(), usb=()",
}


def includeme(config: Configurator) -> None:
    config.add_tween("core.web.headers.headers_factory", over="core.web.faults.faults_factory")


def headers_factory(handler: Callable[[Request], Response], registry: Any) -> Callable[[Request], Response]:
    secure = bool(registry["shouxu.settings"].session_secure_cookie)

    def headers(request: Request) -> Response:
        response = handler(request)
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        if secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if "Cache-Control" not in response.headers and not request.environ.get("PATH_INFO", "").startswith(
            "/static/"
        ):
            response.headers["Cache-Control"] = "no-store"
        return response

    return headers


def file_answer(data: bytes, name: str, media_type: str, *, inline: bool) -> Response:
    """A file under its own name, whatever letters that has; `inline`: shown, where the browser can."""
    way = "inline" if inline else "attachment"
    answer = Response(data, content_type=media_type)
    # not as an argument: WebOb would drop the content type
    answer.headers["Content-Disposition"] = f"{way}; filename=\"document\"; filename*=UTF-8''{quote(name, safe='')}"
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    return answer
