"""The outermost layer: whatever goes wrong becomes a page or a problem document, never a stack trace."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

import structlog
from pyramid.config import Configurator
from pyramid.exceptions import URLDecodeError
from pyramid.httpexceptions import HTTPBadRequest, HTTPException, HTTPForbidden
from pyramid.renderers import render_to_response
from pyramid.response import Response
from pyramid_retry import RetryableExecutionPolicy, is_error_retryable

from core.errors import NotLoggedIn, Refused, ShouxuError
from core.store.engine import unavailable
from core.store.session import conflict
from core.web.acts import refusal_of
from core.web.asking import Request
from core.web.identity import API
from core.web.rendering import word

log = structlog.get_logger("shouxu.web")
Handler = Callable[[Request], Response]
MOST_FORM_BYTES = 4_000_000
MOST_PATH = 2_000
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data", "")
TITLES = {
    400: "请求有误",
    403: "没有权限",
    404: "没有找到",
    405: "不能这样访问",
    413: "内容过大",
    415: "类型不符",
}


def includeme(config: Configurator) -> None:
    config.add_tween("core.web.faults.faults_factory", over="pyramid_tm.tm_tween_factory")
    config.add_tween(
        "core.web.faults.reading_factory",
        under="core.web.faults.faults_factory",
        over="pyramid_tm.tm_tween_factory",
    )


def execution_policy(attempts: int = 3) -> Callable[[dict[str, Any], Any], Any]:
    """Retry what another try can mend; what fails even before the first tween is the sender's mistake or gets a 500."""
    retrying = RetryableExecutionPolicy(attempts)

    def policy(environ: dict[str, Any], router: Any) -> Any:
        try:
            return retrying(environ, router)
        except HTTPException as error:
            return error
        except (UnicodeError, ValueError, LookupError, OSError):
            return Response("Bad Request", status=400, content_type="text/plain")

    return policy


# ---------------------------------------------------------------- tweens


def reading_factory(handler: Handler, registry: Any) -> Handler:
    """Read the address and the form before anything else does, so that junk is the sender's mistake: 400."""

    def reading(request: Request) -> Response:
        try:
            _read(request)
        except HTTPException:
            raise
        except (UnicodeError, ValueError, LookupError, OSError, RecursionError, DeprecationWarning) as error:
            # the last is what WebOb raises for a form in another charset than UTF-8
            raise HTTPBadRequest("unreadable request") from error
        return handler(request)

    return reading


def _read(request: Request) -> None:
    path = request.path_info
    if len(path) > MOST_PATH or "\x00" in path:
        raise HTTPBadRequest("unreadable address")
    words = [value for pair in request.GET.items() for value in pair]
    if (
        request.method in ("POST", "PUT", "PATCH")
        and request.content_type in FORM_TYPES
        and not path.startswith(API)
    ):
        if request.content_type != "multipart/form-data" and (request.content_length or 0) > MOST_FORM_BYTES:
            raise HTTPBadRequest("form too large")
        words += [value for pair in request.POST.items() for value in pair if isinstance(value, str)]
    if any("\x00" in said for said in words):
        raise HTTPBadRequest("NUL in the request")
    for said in words:
        said.encode()  # a lone surrogate is no text


def faults_factory(handler: Handler, registry: Any) -> Handler:
    """Turn errors into answers; what a retry can mend goes through to the retry."""

    def faults(request: Request) -> Response:
        try:
            return handler(request)
        except HTTPException as error:
            if error.status_int < 400:
                return error
            return _http(request, error)
        except Exception as error:
            if is_error_retryable(request, error):
                raise
            return _answer(request, error)

    return faults


def _http(request: Request, error: HTTPException) -> Response:
    status = error.status_int
    if isinstance(error, HTTPForbidden) and _actor(request) is None and not _is_api(request):
        return _login(request)
    known = Refused(TITLES.get(status, TITLES[400]), number=2000)
    known.title = TITLES.get(status, TITLES[400])  # type: ignore[misc]
    return _show(request, known, status)


def _answer(request: Request, error: Exception) -> Response:
    if isinstance(error, URLDecodeError):
        return _http(request, HTTPBadRequest("undecodable address"))
    known = error if isinstance(error, ShouxuError) else unavailable(error) or conflict(error)
    if isinstance(known, NotLoggedIn) and not _is_api(request):
        return _login(request)
    if known is None or known.status == 500:
        return _incident(request, error, known)
    return _show(request, known, known.status)


def _incident(request: Request, error: Exception, known: ShouxuError | None) -> Response:
    incident = secrets.token_hex(4)
    # the route and the kind of error, never values: they may be somebody's
    route = request.matched_route.name if getattr(request, "matched_route", None) else ""
    log.error(
        "incident",
        incident=incident,
        route=route,
        method=request.method,
        error=type(error).__name__,
        code=known.code if known else "",
        where=_where(error),
    )
    shown = known or ShouxuError(
        word("程序出错了，刚才的操作没有保存"), remedy=word("请稍后再试；仍不行时把事件编号告诉管理员")
    )
    return _show(request, shown, shown.status, incident)


def _where(error: BaseException) -> str:
    """File and line of the innermost frames, without values."""
    frames, trace = [], error.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " > ".join(frames[-6:])


# ---------------------------------------------------------------- answers


def _is_api(request: Request) -> bool:
    return request.environ.get("PATH_INFO", "").startswith(API)


def _actor(request: Request) -> Any:
    try:
        return request.actor
    except (
        Exception
    ):  # the store is away, or the session cannot be read: the answer is for nobody in particular
        request.__dict__["actor"] = None
        return None


def _show(request: Request, error: ShouxuError, status: int, incident: str = "") -> Response:
    if _is_api(request):
        problem = error.as_problem() | {"status": status} | ({"incident": incident} if incident else {})
        return Response(
            json.dumps(problem, ensure_ascii=False),
            status=status,
            content_type="application/problem+json",
            charset="utf-8",
        )
    _actor(request)
    request.response = Response()
    request.response.status_int = status
    rows = refusal_of(request, error).rows if isinstance(error, Refused) else ()
    values = {
        "error": {
            "title": request.tr(error.title),
            "what": request.tr(error.what),
            "remedy": request.tr(error.remedy),
            "code": error.code,
            "rows": rows,
            "incident": incident,
            "back": _back(request),
        }
    }
    try:
        return render_to_response(
            "core.web:templates/error.jinja2", values, request, response=request.response
        )
    except Exception:
        log.exception("error_page_failed")
        return Response(error.code, status=status, content_type="text/plain")


def _back(request: Request) -> str:
    place = request.place
    return request.route_path("home", estate=place.name) if place is not None else "/"


def _login(request: Request) -> Response:
    """To the login; what was posted after the session had ended is carried along and sent again afterwards."""
    from core.web.login import login_page, to_login

    if request.method in ("GET", "HEAD"):
        return to_login(request)
    error = NotLoggedIn(word("登录已过期，请重新登录"), remedy=word("您填写的内容还在，登录后会继续提交"))
    request.response = Response()
    return login_page(request, refusal_of(request, error), carry=True)
