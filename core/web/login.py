"""Coming in, going out, the reader's own account, and the language."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.response import Response
from pyramid.view import view_config

from core.errors import FieldProblem, InvalidInput, NotLoggedIn, Refused
from core.security.limits import Tries
from core.store.users import actor_of, authenticate, get_user, set_password
from core.web import entered
from core.web.acts import Refusal, carry_out, page, refusal_of
from core.web.asking import Request
from core.web.identity import begin_session, end_session
from core.web.language import COOKIE
from core.web.rendering import LOCALES, word

MOST_CARRIED, MOST_CARRIED_BYTES = 400, 200_000
NOT_CARRIED = ("csrf_token", "username", "password")


@view_config(route_name="root", request_method="GET", permission="public")
def root(request: Request) -> Response:
    """To the reader's first estate, or to the login."""
    if request.actor is None:
        return HTTPSeeOther(request.route_path("login"))
    if request.my_estates:
        return HTTPSeeOther(request.route_path("home", estate=request.my_estates[0][0]))
    return HTTPSeeOther(request.route_path("estates" if request.actor.admin else "account"))


# ---------------------------------------------------------------- in


@view_config(route_name="login", request_method="GET", permission="public")
def ask(request: Request) -> Response:
    """The login page."""
    return login_page(request, None)


def login_page(request: Request, refusal: Refusal | None, *, carry: bool = False) -> Response:
    """The login page; `carry`: with what was posted to the address that needed a login."""
    carried = _carried(request) if carry else _still_carried(request)
    resume = (request.path if carry else entered.text(request, "resume", 2000)) if carried else ""
    username = entered.text(request, "username", 64) if request.method == "POST" and not carry else ""
    following = (
        request.GET.get("next", "") if request.method == "GET" else entered.text(request, "next", 2000)
    )
    return page(
        request,
        "login.jinja2",
        {
            "next": _inside(following),
            "username": username,
            "carried": carried,
            "resume": resume,
            "demo_logins": _demo_logins(request),
        },
        refusal,
    )


def _demo_logins(request: Request) -> tuple[tuple[str, str, str], ...]:
    """Names and passwords of the demo, where this is one."""
    return request.registry.get("shouxu.demo_logins", ()) if request.office.settings.demo else ()


def to_login(request: Request) -> Response:
    """To the login, and back here afterwards."""
    return HTTPSeeOther(f"{request.route_path('login')}?next={quote(request.path_qs, safe='')}")


@view_config(route_name="login", request_method="POST", permission="public")
def come_in(request: Request) -> Response:
    """Check name and password: at most ten tries in five minutes, and no answer says which of the two was wrong."""
    try:
        password = request.POST.get("password", "")
        actor = authenticate(
            request.office.sessions,
            entered.text(request, "username", 64),
            password if isinstance(password, str) else "",
            at=request.office.clock.now(),
            tries=_tries(request),
            address=request.remote_addr or "",
            check=request.office.identity.check if request.office.identity else None,
        )
        if actor is None:
            raise NotLoggedIn(word("用户名或密码不对"), remedy=word("请核对大小写后再试"))
    except Refused as error:
        return login_page(request, refusal_of(request, error))
    carried, resume = _still_carried(request), _inside(entered.text(request, "resume", 2000))
    begin_session(request, actor)
    if carried and resume:
        return page(request, "resume.jinja2", {"carried": carried, "resume": resume})
    return HTTPSeeOther(_inside(entered.text(request, "next", 2000)) or "/")


def _tries(request: Request) -> Tries:
    return request.registry.setdefault("shouxu.tries", Tries())


def _inside(path: str) -> str:
    """`path` when it is one of ours, else nothing: a login never leads to another server."""
    parts = urlsplit(path.replace("\\", "/")) if path.startswith("/") else None
    return (
        path if parts and not parts.scheme and not parts.netloc and not path.startswith(("//", "/\\")) else ""
    )


def _carried(request: Request) -> list[tuple[str, str]]:
    pairs = [
        (name, value)
        for name, value in request.POST.items()
        if isinstance(value, str) and name not in NOT_CARRIED
    ]
    fits = (
        len(pairs) <= MOST_CARRIED
        and sum(len(name) + len(value) for name, value in pairs) <= MOST_CARRIED_BYTES
    )
    return pairs if fits else []


def _still_carried(request: Request) -> list[tuple[str, str]]:
    prefix = "carried:"
    return (
        [
            (name.removeprefix(prefix), value)
            for name, value in request.POST.items()
            if name.startswith(prefix) and isinstance(value, str)
        ]
        if request.method == "POST"
        else []
    )


# ---------------------------------------------------------------- out


@view_config(route_name="logout", request_method="POST", permission="public")
def go_out(request: Request) -> Response:
    """End the session."""
    end_session(request)
    return HTTPSeeOther(request.route_path("login"))


# ---------------------------------------------------------------- the reader's own


@view_config(route_name="language", request_method="POST", permission="public")
def choose_language(request: Request) -> Response:
    """Keep the language in this browser."""
    locale = entered.text(request, "locale", 10)
    answer = HTTPSeeOther(_inside(entered.text(request, "back", 2000)) or "/")
    if locale in LOCALES:
        answer.set_cookie(
            COOKIE,
            locale,
            max_age=365 * 24 * 3600,
            samesite="Lax",
            httponly=True,
            secure=bool(request.office.settings.session_secure_cookie),
        )
    return answer


@view_config(route_name="account", request_method="GET", permission="user")
def account(request: Request) -> Response:
    """Who the reader is, and what they may do where."""
    return account_page(request)


def account_page(request: Request, refusal: Refusal | None = None) -> Response:
    office, actor = request.office, request.actor
    grants = [
        (
            known.estate.title.in_(request.locale_name),
            [office.role_title(name, role, request.locale_name) for role in sorted(actor.roles[name])],
        )
        for name, known in office.library.estates.items()
        if actor.roles.get(name)
    ]
    return page(request, "account.jinja2", {"user": actor, "grants": grants}, refusal)


@view_config(route_name="account", request_method="POST", permission="user")
def new_password(request: Request) -> Response:
    """Change the reader's password; every other session of theirs ends."""

    def act() -> None:
        new = str(request.POST.get("new", ""))
        if new != str(request.POST.get("again", "")):
            raise InvalidInput([FieldProblem("again", request.tr("两次输入的新密码不一样"))])
        session, actor, now = request.db, request.actor, request.desk.now
        if (
            authenticate(
                request.office.sessions,
                actor.username,
                str(request.POST.get("old", "")),
                at=now,
                tries=_tries(request),
            )
            is None
        ):
            raise InvalidInput([FieldProblem("old", request.tr("现在的密码不对"))])
        set_password(session, actor.user_id, new, by=actor.user_id, at=now)
        session.flush()
        begin_session(request, actor_of(get_user(session, actor.user_id)))

    return carry_out(
        request,
        act,
        to=request.route_path("account"),
        said=request.tr("密码已更改"),
        again=lambda refusal: account_page(request, refusal),
    )
