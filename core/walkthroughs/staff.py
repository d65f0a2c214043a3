"""The staff of an estate that walkthroughs and the demo name: the file `demo_users.yaml` in its folder."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.definitions.estates import EstateDefinition
from core.definitions.files import shown
from core.definitions.layers import Merged
from core.definitions.reader import read
from core.definitions.validation import validate
from core.domain.base import Frozen, Names
from core.errors import DefinitionErrors, NotFound
from core.security.policy import Actor
from core.store.models import Grant, User, new_id
from core.store.users import actor_of

FILE = "demo_users.yaml"


class Member(Frozen):
    """One of the staff. `password`: of the demo's login; `admin`: administers users and estates."""

    username: str
    name: str
    roles: Names = ()
    password: str = ""
    admin: bool = False


class Staff(Frozen):
    """The file `demo_users.yaml`."""

    users: tuple[Member, ...] = ()


def staff_of(estate: EstateDefinition) -> dict[str, Member]:
    """Who works there, by username; empty without the file. DefinitionErrors with every mistake in it."""
    path = estate.folder / FILE
    if not path.is_file():
        return {}
    said, problems = validate(Staff, Merged(read(path, shown(path))))
    if said is None:
        raise DefinitionErrors(problems)
    return {member.username: member for member in said.users}


def hire(session: Session, estate: str, staff: dict[str, Member], at: datetime) -> None:
    """Make users of the staff who cannot log in: for a database that is thrown away."""
    for member in staff.values():
        grants = [Grant(id=new_id(), estate=estate, role=role) for role in member.roles]
        session.add(User(id=new_id(), username=member.username, name=member.name, password="!", admin=member.admin,
                         locale="zh_CN", active=True, epoch=0, created_at=at, grants=grants))


def actor_called(session: Session, username: str, estate: str) -> Actor:
    """Who acts under a username; NotFound, with what to do, when nobody is called so."""
    user = session.scalar(select(User).where(User.username == username))
    if user is None:
        raise NotFound(f"项目 `{estate}` 没有员工 `{username}` (no such member of staff)",
                       remedy=f"写进该项目文件夹里的 {FILE} (add them to {FILE} of the estate)")
    return actor_of(user)
