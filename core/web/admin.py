"""Administration: who works here and may do what where, and which estates there are."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import func, select

from core.cases.seals import seal_warnings
from core.domain.estates import BASE_ROLES
from core.errors import FieldProblem, InvalidInput
from core.store.models import Case, Unit, User
from core.store.users import (
    activate,
    create_user,
    deactivate,
    get_user,
    grant,
    revoke,
    set_administers,
    set_name,
    set_password,
)
from core.web import entered
from core.web.acts import Refusal, carry_out, page, see
from core.web.asking import Request
from core.web.rendering import word

Granted = set[tuple[str, str]]


def known_roles(request: Request, estate: str) -> list[tuple[str, str]]:
    """(name, title) of every role of the estate."""
    office = request.office
    named = {role.name: role.title.in_(request.locale_name) for role in office.estate(estate).roles}
    return [
        (name, named.get(name) or office.role_title(estate, name, request.locale_name))
        for name in dict.fromkeys((*named, *BASE_ROLES))
    ]


# ---------------------------------------------------------------- users


@view_config(route_name="users", request_method="GET", permission="admin")
def users(request: Request) -> Response:
    """Everybody, with their roles."""
    titles = {
        name: (known.estate.title.in_(request.locale_name), dict(known_roles(request, name)))
        for name, known in request.office.library.estates.items()
    }
    rows = []
    for user in request.db.scalars(select(User).order_by(User.active.desc(), User.username)):
        held: dict[str, list[str]] = {}
        for row in sorted(user.grants, key=lambda row: (row.estate, row.role)):
            title, roles = titles.get(row.estate, (row.estate, {}))
            held.setdefault(title, []).append(roles.get(row.role, row.role))
        rows.append(
            {
                "id": user.id,
                "username": user.username,
                "name": user.name,
                "admin": user.admin,
                "active": user.active,
                "roles": list(held.items()),
            }
        )
    return page(request, "users.jinja2", {"users": rows})


@view_config(route_name="user_new", request_method="GET", permission="admin")
def ask_new(request: Request) -> Response:
    """The form of a new user."""
    return user_page(request, None)


@view_config(route_name="user", request_method="GET", permission="admin")
def ask_changed(request: Request) -> Response:
    """The form of a known user."""
    return user_page(request, request.context.user)


def user_page(request: Request, user: User | None, refusal: Refusal | None = None) -> Response:
    estates = [
        {
            "name": name,
            "title": known.estate.title.in_(request.locale_name),
            "roles": known_roles(request, name),
        }
        for name, known in request.office.library.estates.items()
    ]
    if request.method == "POST":
        granted = {str(value) for value in request.POST.getall("grant")}
        posted = {name: str(request.POST.get(name, "")) for name in ("username", "name")}
        admin = "admin" in request.POST
    else:
        granted = {f"{row.estate}:{row.role}" for row in user.grants} if user else set()
        posted, admin = {}, bool(user and user.admin)
    return page(
        request,
        "user.jinja2",
        {
            "user": user,
            "estates": estates,
            "granted": granted,
            "posted": posted,
            "chosen_admin": admin,
            "errors": refusal.fields if refusal else {},
        },
        refusal,
    )


@view_config(route_name="user_new", request_method="POST", permission="admin")
def add(request: Request) -> Response:
    """Add somebody who logs in."""

    def act() -> None:
        by, at = request.actor.user_id, request.desk.now
        user = create_user(
            request.db,
            username=entered.text(request, "username", 64),
            name=entered.text(request, "name", 60),
            password=str(request.POST.get("password", "")),
            admin="admin" in request.POST,
            by=by,
            at=at,
        )
        request.db.flush()
        _set_grants(request, user, _chosen(request))

    return carry_out(
        request,
        act,
        to=request.route_path("users"),
        said=request.tr("用户已添加"),
        again=lambda refusal: user_page(request, None, refusal),
    )


@view_config(route_name="user", request_method="POST", permission="admin")
def change(request: Request) -> Response:
    """Change name, password, roles, or whether they may log in."""
    user_id = request.context.user.id

    def act() -> None:
        user, by, at = get_user(request.db, user_id), request.actor.user_id, request.desk.now
        password = str(request.POST.get("password", ""))
        if password:
            set_password(request.db, user_id, password, by=by, at=at)
        set_name(request.db, user_id, entered.text(request, "name", 60), by=by, at=at)
        if user.admin != ("admin" in request.POST):
            set_administers(request.db, user_id, "admin" in request.POST, by=by, at=at)
        if user.active != ("active" in request.POST):
            (activate if "active" in request.POST else deactivate)(request.db, user_id, by=by, at=at)
        _set_grants(request, user, _chosen(request))

    return carry_out(
        request,
        act,
        to=request.route_path("users"),
        said=request.tr("已保存"),
        again=lambda refusal: user_page(request, request.db.get(User, user_id), refusal),
    )


def _chosen(request: Request) -> Granted:
    chosen: Granted = set()
    for said in entered.texts(request, "grant", 500):
        estate, _, role = said.partition(":")
        if estate not in request.office.library.estates or role not in dict(known_roles(request, estate)):
            raise InvalidInput([FieldProblem("grant", request.tr("没有这个岗位"))])
        chosen.add((estate, role))
    return chosen


def _set_grants(request: Request, user: User, wanted: Granted) -> None:
    by, at = request.actor.user_id, request.desk.now
    held = {(row.estate, row.role) for row in user.grants}
    for estate, role in sorted(wanted - held):
        grant(request.db, user.id, estate, role, by=by, at=at)
    for estate, role in sorted(held - wanted):
        revoke(request.db, user.id, estate, role, by=by, at=at)


# ---------------------------------------------------------------- estates


@view_config(route_name="estates", request_method="GET", permission="admin")
def estates(request: Request) -> Response:
    """Every estate: what it offers, what is out of service and why, how much there is."""
    locale, office = request.locale_name, request.office
    units = _counts(request, Unit)
    cases = _counts(request, Case)
    rows: list[dict[str, Any]] = []
    for name, known in office.library.estates.items():
        procedures = [
            (
                office.library.bundle(name, procedure).procedure.title.in_(locale),
                office.plugins.out_of_service.get(procedure, ""),
            )
            for procedure in office.library.procedures(name)
        ]
        rows.append(
            {
                "name": name,
                "title": known.estate.title.in_(locale),
                "company": known.company.title.in_(locale),
                "demo": known.estate.demo,
                "units": units.get(name, 0),
                "cases": cases.get(name, 0),
                "procedures": procedures,
                "roles": [title for _, title in known_roles(request, name)],
                "mine": request.actor.knows(name),
            }
        )
    return page(request, "estates.jinja2", {"estates": rows, "definitions": request.registry["shouxu.reloader"].state,
                                            "seals": seal_warnings(office)})


@view_config(route_name="definitions_reload", request_method="POST", permission="admin")
def definitions_reload(request: Request) -> Response:
    """Read the definitions again; what is wrong with them stands on the page of estates."""
    renewed = request.registry["shouxu.reloader"].reload()
    said = word("定义已重新读取并采用") if renewed else word("新的定义有错误，没有采用")
    return see(request, request.route_path("estates"), request.tr(said), "ok" if renewed else "bad")


def _counts(request: Request, model: Any) -> dict[str, int]:
    rows = request.db.execute(select(model.estate, func.count()).group_by(model.estate))
    return {row[0]: row[1] for row in rows}
