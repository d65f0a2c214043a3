"""Who may do what: roles are held per estate; a stranger to an estate learns nothing, not even that it
exists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.errors import Forbidden, NotFound
from core.security.tokens import SCOPES


@dataclass(frozen=True)
class Actor:
    """Who acts: a user, or a program on a user's behalf within `scopes` (None: a person, not limited by
    scopes).

    `roles`: role names by estate. `admin`: administers users and estates and sees every estate, but holds
    no role there by itself. `epoch`: of the user when the actor was made; a session with an older one has
    ended.
    """

    user_id: str
    username: str
    name: str
    admin: bool = False
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    scopes: frozenset[str] | None = None
    token_id: str | None = None
    locale: str = "zh_CN"
    epoch: int = 0

    def knows(self, estate: str) -> bool:
        """Whether the estate exists for this actor."""
        return self.admin or bool(self.roles.get(estate))


def roles_of(
    actor: Actor, estate: str, stands_in: Mapping[str, Iterable[str]] | None = None
) -> frozenset[str]:
    """The roles the actor has at the estate, with those it stands in for (`stands_in`: role → roles, estate
    data)."""
    held = set(actor.roles.get(estate, ()))
    open_ = list(held)
    while open_:
        for other in (stands_in or {}).get(open_.pop(), ()):
            if other not in held:
                held.add(other)
                open_.append(other)
    return frozenset(held)


def may(
    actor: Actor,
    estate: str,
    roles: Iterable[str] = (),
    *,
    scope: str | None = None,
    stands_in: Mapping[str, Iterable[str]] | None = None,
) -> bool:
    """Whether the actor may do what one of `roles` may (empty: anybody of the estate) and its token covers
    `scope`."""
    if not actor.knows(estate) or not has_scope(actor, scope):
        return False
    wanted = set(roles)
    return not wanted or bool(wanted & roles_of(actor, estate, stands_in))


def has_scope(actor: Actor, scope: str | None) -> bool:
    """Whether a program's token covers `scope`; people are not limited by scopes."""
    if scope is not None and scope not in SCOPES:
        raise ValueError(f"no scope is called {scope}")
    return scope is None or actor.scopes is None or scope in actor.scopes


def require(
    actor: Actor,
    estate: str,
    roles: Iterable[str] = (),
    *,
    scope: str | None = None,
    stands_in: Mapping[str, Iterable[str]] | None = None,
) -> None:
    """Nothing when `may`; NotFound for a stranger to the estate; Forbidden, saying what is needed,
    otherwise."""
    if not actor.knows(estate):
        raise NotFound("没有找到该页面或记录")
    if not has_scope(actor, scope):
        raise Forbidden(f"该令牌没有 {scope} 权限", remedy="请使用具备该权限的令牌")
    wanted = tuple(roles)
    if wanted and not may(actor, estate, wanted, stands_in=stands_in):
        raise Forbidden("您的岗位不能办理此项", remedy=f"需要岗位: {'、'.join(wanted)}")


def require_admin(actor: Actor) -> None:
    """Forbidden unless the actor administers users and estates, in person."""
    if not actor.admin or actor.scopes is not None:
        raise Forbidden("只有系统管理员可以办理此项")
