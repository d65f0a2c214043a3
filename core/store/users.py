"""Users, their roles and their programs' tokens; each change stands on the chain `_system`."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from core.errors import FieldProblem, InvalidInput, NotFound
from core.security import passwords, tokens
from core.security.limits import Tries
from core.security.policy import Actor
from core.store import events
from core.store.models import ApiToken, Grant, User, new_id
from core.store.session import SessionFactory, unit_of_work

USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
ROLE = re.compile(r"[a-z][a-z0-9_]{0,62}")


# ---------------------------------------------------------------- log-in


def authenticate(
    factory: SessionFactory, username: str, password: str, *, at: datetime, tries: Tries, address: str = "",
    check: Callable[[str, str], bool] | None = None,
) -> Actor | None:
    """The actor who logged in, or None; TooManyTries after ten failed tries in five minutes.

    `check`: who else knows the passwords of known, active users (an identity provider), instead of those kept here.
    Works in transactions of its own: the slow check of the password must not keep other writers waiting.
    """
    who = [f"user:{username.lower()}"] + ([f"address:{address}"] if address else [])
    tries.require(*who)
    with unit_of_work(factory, readonly=True) as session:
        user = _by_name(session, username)
        stored = user.password if user is not None and user.active else None
    right = passwords.verify(password, stored) if check is None else stored is not None and check(username, password)
    with unit_of_work(factory) as session:
        kind = "user_logged_in" if right else "login_failed"
        events.append(session, estate=events.SYSTEM, kind=kind, by=user.id if user else "", at=at)
    if not right or user is None:
        return None
    tries.forget(*who)  # a counter behind one address logs in many times a day; only failures count
    return actor_of(user)


# asked by every request: one statement of the tables, without objects
_USER, _GRANT = User.__table__.c, Grant.__table__.c
_ACTOR = (
    select(_USER.id, _USER.username, _USER.name, _USER.admin, _USER.locale, _USER.epoch, _GRANT.estate, _GRANT.role)
    .select_from(User.__table__.outerjoin(Grant.__table__))
    .where(_USER.id == bindparam("user"), _USER.active.is_(True))
)


def actor_by_id(session: Session | Connection, user_id: str, epoch: int) -> Actor | None:
    """The actor of a session, or None when it has ended (password changed, deactivated, roles changed)."""
    rows = session.execute(_ACTOR, {"user": user_id}).all()
    return _actor(rows[0], rows) if rows and rows[0].epoch == epoch else None


def actor_of(user: User) -> Actor:
    """What a user may do, from the grants."""
    return _actor(user, user.grants)


def _actor(user: Any, grants: Iterable[Any]) -> Actor:
    roles: dict[str, set[str]] = {}
    for grant in grants:
        if grant.estate is not None:
            roles.setdefault(grant.estate, set()).add(grant.role)
    held = {estate: frozenset(names) for estate, names in roles.items()}
    return Actor(user.id, user.username, user.name, user.admin, held, locale=user.locale, epoch=user.epoch)


# ---------------------------------------------------------------- users


def create_user(
    session: Session,
    *,
    username: str,
    name: str,
    password: str,
    by: str,
    at: datetime,
    admin: bool = False,
    locale: str = "zh_CN",
    weak: bool = False,
) -> User:
    """A new user; InvalidInput for a bad or taken user name or a weak password (`weak`: the demo's known
    ones)."""
    username = username.strip().lower()
    _require_username(username, name)
    if not weak:
        passwords.require_strong(password, username)
    stored = passwords.hashed(password)  # before the first query, which may lock the database
    if _by_name(session, username):
        raise InvalidInput([FieldProblem("username", "该用户名已被使用")])
    user = User(
        id=new_id(),
        username=username,
        name=name.strip(),
        password=stored,
        admin=admin,
        locale=locale,
        active=True,
        epoch=0,
        created_at=at,
        grants=[],
    )
    session.add(user)
    _record(session, "user_created", user, by, at, admin=admin)
    return user


def set_password(session: Session, user_id: str, password: str, *, by: str, at: datetime) -> None:
    """A new password; every session of the user ends."""
    stored = passwords.hashed(password)
    user = get_user(session, user_id)
    passwords.require_strong(password, user.username)
    user.password, user.epoch = stored, user.epoch + 1
    _record(session, "password_set", user, by, at)


def deactivate(session: Session, user_id: str, *, by: str, at: datetime) -> None:
    """The user can no longer log in; sessions and tokens end, name and history stay."""
    user = get_user(session, user_id)
    if user_id == by:
        raise InvalidInput([FieldProblem("user", "不能停用自己的账号")])
    user.active, user.epoch = False, user.epoch + 1
    _record(session, "user_deactivated", user, by, at)


def activate(session: Session, user_id: str, *, by: str, at: datetime) -> None:
    """The user can log in again."""
    user = get_user(session, user_id)
    user.active = True
    _record(session, "user_activated", user, by, at)


def set_name(session: Session, user_id: str, name: str, *, by: str, at: datetime) -> None:
    """The user's name as papers and pages show it; what was issued keeps the earlier one."""
    user, name = get_user(session, user_id), name.strip()
    if not name or len(name) > 100:
        raise InvalidInput([FieldProblem("name", "请填写姓名")])
    if user.name != name:
        user.name = name
        _record(session, "user_renamed", user, by, at)


def set_administers(session: Session, user_id: str, admin: bool, *, by: str, at: datetime) -> None:
    """Whether the user administers every estate and the users; nobody takes it from themselves."""
    user = get_user(session, user_id)
    if user_id == by and not admin:
        raise InvalidInput([FieldProblem("admin", "不能取消自己的管理员身份")])
    if user.admin != admin:
        user.admin = admin
        _record(session, "administration_changed", user, by, at, admin=admin)


def grant(session: Session, user_id: str, estate: str, role: str, *, by: str, at: datetime) -> None:
    """Give a role at an estate; nothing happens when the user has it."""
    user = get_user(session, user_id)
    if not ROLE.fullmatch(role):
        raise InvalidInput([FieldProblem("role", f"没有名为 {role[:64]} 的岗位")])
    if any((each.estate, each.role) == (estate, role) for each in user.grants):
        return
    user.grants.append(Grant(id=new_id(), estate=estate, role=role))
    _record(session, "role_granted", user, by, at, estate=estate, role=role)


def revoke(session: Session, user_id: str, estate: str, role: str, *, by: str, at: datetime) -> None:
    """Take a role at an estate away; open sessions have it no longer at their next request."""
    user = get_user(session, user_id)
    kept = [each for each in user.grants if (each.estate, each.role) != (estate, role)]
    if len(kept) == len(user.grants):
        return
    user.grants = kept
    _record(session, "role_revoked", user, by, at, estate=estate, role=role)


def get_user(session: Session, user_id: str) -> User:
    """The user; NotFound when there is none."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("没有找到该用户")
    return user


def find_user(session: Session, username: str) -> User:
    """The user called `username`; NotFound when there is none."""
    user = _by_name(session, username)
    if user is None:
        raise NotFound(f"没有名为 {username[:32]} 的用户")
    return user


def _by_name(session: Session, username: str) -> User | None:
    name = username.strip().lower()
    return (
        session.scalars(select(User).where(User.username == name)).one_or_none()
        if "\x00" not in name
        else None
    )


def _require_username(username: str, name: str) -> None:
    problems = []
    if not USERNAME.fullmatch(username):
        problems.append(FieldProblem("username", "用户名须为 2 至 32 位小写字母、数字、点、横线，以字母开头"))
    if not name.strip() or len(name) > 100:
        problems.append(FieldProblem("name", "请填写姓名"))
    if problems:
        raise InvalidInput(problems)


def _record(session: Session, kind: str, user: User, by: str, at: datetime, **data: object) -> None:
    events.append(session, estate=events.SYSTEM, kind=kind, by=by, at=at, data={"user": user.id, **data})


# ---------------------------------------------------------------- tokens


def issue_token(
    session: Session,
    user_id: str,
    *,
    estate: str,
    name: str,
    scopes: Iterable[str],
    by: str,
    at: datetime,
    expires_at: datetime | None = None,
) -> str:
    """A token for a program that acts as the user at one estate; returned once, kept as a digest."""
    user = get_user(session, user_id)
    allowed = sorted(tokens.require_scopes(scopes))
    token = tokens.make_token()
    row = ApiToken(
        id=new_id(),
        user_id=user.id,
        estate=estate,
        name=name[:255],
        digest=tokens.digest(token),
        scopes={"scopes": allowed},
        created_at=at,
        expires_at=expires_at,
    )
    session.add(row)
    _record(session, "token_issued", user, by, at, token=row.id, estate=estate, scopes=allowed)
    return token


def revoke_token(session: Session, token_id: str, *, by: str, at: datetime) -> None:
    """The token is refused from now on; NotFound when there is none."""
    row = session.get(ApiToken, token_id)
    if row is None:
        raise NotFound("没有找到该令牌")
    if row.revoked_at is None:
        row.revoked_at = at
        _record(session, "token_revoked", get_user(session, row.user_id), by, at, token=row.id)


def actor_of_token(session: Session, token: str, *, at: datetime) -> Actor | None:
    """The actor of a token, or None: it has the user's roles at the token's estate and never administers."""
    row = session.scalars(select(ApiToken).where(ApiToken.digest == tokens.digest(token))).one_or_none()
    if row is None or not tokens.matches(token, row.digest) or row.revoked_at is not None:
        return None
    user = session.get(User, row.user_id)
    if user is None or not user.active or (row.expires_at is not None and row.expires_at <= at):
        return None
    roles = actor_of(user).roles.get(row.estate, frozenset())
    return Actor(
        user.id,
        user.username,
        user.name,
        False,
        {row.estate: roles} if roles else {},
        frozenset(row.scopes["scopes"]),
        row.id,
        user.locale,
        user.epoch,
    )


def generated_password() -> str:
    """A password that is strong by its making, for first log-ins: `Kx7-…`."""
    return f"{secrets.token_urlsafe(12)}-A7"
