"""Who calls: the user behind a bearer token. A login of the pages opens nothing here."""

from __future__ import annotations

from pyramid.request import Request

from core.errors import NotLoggedIn
from core.security import tokens
from core.security.policy import Actor
from core.store.session import unit_of_work
from core.store.users import actor_of_token

SCHEME = "bearer"
CHALLENGE = 'Bearer realm="shouxu"'


def actor_of_api(request: Request) -> Actor | None:
    """The actor of the request's token; None without one, or when it is unknown, revoked or expired."""
    scheme, _, said = request.headers.get("Authorization", "").partition(" ")
    token = said.strip()
    if scheme.lower() != SCHEME or not tokens.SHAPE.fullmatch(token):
        return None
    with unit_of_work(request.office.sessions, readonly=True) as session:
        return actor_of_token(session, token, at=request.office.clock.now())


def require_actor(request: Request) -> Actor:
    """The actor of the request; NotLoggedIn with the challenge that HTTP asks for."""
    actor: Actor | None = request.actor
    if actor is None:
        request.add_response_callback(_challenge)
        raise NotLoggedIn("没有令牌，或令牌无效、已撤销、已过期",
                          remedy="请以 Authorization: Bearer sx_… 发送有效的令牌")
    return actor


def _challenge(request: Request, response: object) -> None:
    response.headers["WWW-Authenticate"] = CHALLENGE  # type: ignore[attr-defined]
