"""Who is at the other end: a signed session names the user; everything else is read anew from the store."""

from __future__ import annotations

import secrets
from typing import Any

from pyramid.config import Configurator
from pyramid.csrf import CookieCSRFStoragePolicy, new_csrf_token
from pyramid.security import Allowed, Denied
from pyramid.session import JSONSerializer, SignedCookieSessionFactory

from core.security.keys import derive
from core.security.policy import Actor
from core.settings import Settings
from core.store.session import glance
from core.store.users import actor_by_id
from core.web.asking import Request
from core.web.places import Place

API = "/api/"
"""Programs come here with tokens; sessions and CSRF tokens are for pages only."""


def includeme(config: Configurator) -> None:
    registry: Any = config.registry
    settings: Settings = registry["shouxu.settings"]
    idle = settings.session_idle_minutes * 60
    config.set_session_factory(
        SignedCookieSessionFactory(
            derive(settings.secret.get_secret_value(), "session").hex(),
            serializer=JSONSerializer(),
            cookie_name="shouxu",
            secure=bool(settings.session_secure_cookie),
            httponly=True,
            samesite="Lax",
            timeout=idle,
            reissue_time=min(60, idle // 4),
            max_age=None,
        )
    )
    config.set_csrf_storage_policy(
        CookieCSRFStoragePolicy(
            cookie_name="shouxu_csrf",
            secure=bool(settings.session_secure_cookie),
            httponly=True,
            samesite="Lax",
        )
    )
    config.set_default_csrf_options(
        require_csrf=True, callback=lambda request: not request.path_info.startswith(API)
    )
    config.set_security_policy(Policy())
    config.set_default_permission("member")
    config.add_request_method(actor_of, "actor", reify=True)


class Policy:
    """`public`: anybody; `user`: logged in; `member`: works at the estate of the address; `admin`: administers."""

    def identity(self, request: Request) -> Actor | None:
        return request.actor

    def authenticated_userid(self, request: Request) -> str | None:
        return request.actor.user_id if request.actor else None

    def permits(self, request: Request, context: Any, permission: str) -> Allowed | Denied:
        actor: Actor | None = request.actor
        held = (
            permission == "public"
            or (permission == "user" and actor is not None)
            or (permission == "member" and actor is not None and isinstance(context, Place))
            or (permission == "admin" and actor is not None and actor.admin)
        )
        return Allowed("%s", permission) if held else Denied("%s", permission)

    def remember(self, request: Request, userid: str, **options: Any) -> list[Any]:
        return []

    def forget(self, request: Request, **options: Any) -> list[Any]:
        return []


def actor_of(request: Request) -> Actor | None:
    """The user of the session; None when there is none, they were deactivated, or all their sessions were ended.

    Read in a transaction of its own, so that a page of a POST that is refused still knows who asked.
    """
    finder = request.registry.get("shouxu.actor_of_api")
    if request.path_info.startswith(API):
        return finder(request) if finder else None
    named = request.session.get("user")
    if not isinstance(named, str):
        return None
    with glance(request.office.sessions) as connection:
        return actor_by_id(connection, named, int(request.session.get("epoch", -1)))


def begin_session(request: Request, actor: Actor) -> None:
    """A new session; whatever the browser had before is gone, also its CSRF token."""
    request.session.invalidate()
    request.session.update(user=actor.user_id, epoch=actor.epoch, sid=secrets.token_hex(8))
    new_csrf_token(request)


def end_session(request: Request) -> None:
    """Forget the user."""
    request.session.invalidate()
    new_csrf_token(request)
