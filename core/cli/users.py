"""`shouxu users`: staff, and what they may do where."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from core.cli.commands import Command, Group, json_option


@click.group(cls=Group)
def users() -> None:
    """Add staff and say what they may do."""


def _given_password(password_stdin: bool) -> str:
    """The password from standard input or from the keyboard, never from the command line."""
    if password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def password_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")(command)


@contextmanager
def _desk() -> Iterator[Any]:
    from core.cli.installation import counter, installed_office

    with counter(installed_office()) as desk:
        yield desk


def _answer(as_json: bool, line: str, **data: Any) -> None:
    from core.cli.terminal import say, show_json

    if as_json:
        show_json(data)
    else:
        say(line)


def _roles(desk: Any, estate: str, roles: tuple[str, ...]) -> None:
    """Refuse a role the estate does not know, with the nearest right one."""
    from core.definitions.words import known_words, unknown
    from core.domain.estates import BASE_ROLES
    from core.errors import FieldProblem, InvalidInput

    known = {*BASE_ROLES, *(role.name for role in desk.office.estate(estate).roles)}
    wrong = [FieldProblem("role", f"{unknown('岗位', 'role', role, known)} {known_words(known)}".strip())
             for role in roles if role not in known]
    if wrong:
        raise InvalidInput(wrong)


@users.command(cls=Command, example="shouxu users add wang --name 王晓梅 --estate jade_garden --role service")
@click.argument("username")
@click.option("--name", required=True, help="Name as it stands on papers.")
@click.option("--estate", metavar="NAME", help="Estate of the roles.")
@click.option("--role", "roles", multiple=True, metavar="ROLE", help="Role at the estate; may be given several times.")
@click.option("--admin", is_flag=True, help="Administers every estate and the users.")
@password_option
@json_option
def add(username: str, name: str, estate: str | None, roles: tuple[str, ...], admin: bool, password_stdin: bool,
        as_json: bool) -> None:
    """Add somebody who logs in. The password is asked for, or read from standard input."""
    from core.store import users as staff

    if bool(roles) != bool(estate):
        raise click.UsageError("--estate and --role belong together")
    password = _given_password(password_stdin)
    with _desk() as desk:
        if estate:
            _roles(desk, estate, roles)
        user = staff.create_user(desk.session, username=username, name=name, password=password, admin=admin,
                                 by=desk.actor.user_id, at=desk.now)
        for role in roles:
            staff.grant(desk.session, user.id, estate or "", role, by=desk.actor.user_id, at=desk.now)
    _answer(as_json, f"{username} added" + (f": {', '.join(roles)} at {estate}" if roles else ""),
            username=user.username, name=user.name, admin=admin, estate=estate, roles=list(roles))


@users.command("list", cls=Command, example="shouxu users list --estate jade_garden")
@click.option("--estate", metavar="NAME", help="Only those with a role there.")
@json_option
def list_(estate: str | None, as_json: bool) -> None:
    """List users with their roles."""
    from sqlalchemy import select

    from core.cli.terminal import say, show_json, show_table
    from core.store.models import User

    with _desk() as desk:
        rows = [_row(user) for user in desk.session.scalars(select(User).order_by(User.username))]
    rows = [row for row in rows if estate is None or estate in row["roles"]]
    if as_json:
        show_json({"users": rows})
    elif rows:
        show_table(("user", "name", "active", "roles"),
                   [(row["username"], row["name"], "yes" if row["active"] else "no", _in_words(row)) for row in rows])
    else:
        say("nobody yet; shouxu users add --help shows how to add somebody")


def _row(user: Any) -> dict[str, Any]:
    roles: dict[str, list[str]] = {}
    for grant in sorted(user.grants, key=lambda grant: (grant.estate, grant.role)):
        roles.setdefault(grant.estate, []).append(grant.role)
    return {"username": user.username, "name": user.name, "active": user.active, "admin": user.admin, "roles": roles}


def _in_words(row: dict[str, Any]) -> str:
    said = [f"{estate}: {', '.join(roles)}" for estate, roles in row["roles"].items()]
    return "; ".join((["administrator"] if row["admin"] else []) + said)


@users.command(cls=Command, example="shouxu users grant wang --estate jade_garden --role manager")
@click.argument("username")
@click.option("--estate", required=True, metavar="NAME", help="Estate of the role.")
@click.option("--role", required=True, metavar="ROLE", help="Role to give.")
@json_option
def grant(username: str, estate: str, role: str, as_json: bool) -> None:
    """Give somebody a role at an estate."""
    from core.store import users as staff

    with _desk() as desk:
        _roles(desk, estate, (role,))
        user = staff.find_user(desk.session, username)
        staff.grant(desk.session, user.id, estate, role, by=desk.actor.user_id, at=desk.now)
        row = _row(user)
    _answer(as_json, f"{username} is {role} at {estate}", **row)


@users.command(cls=Command, example="shouxu users revoke wang --estate jade_garden --role manager")
@click.argument("username")
@click.option("--estate", required=True, metavar="NAME", help="Estate of the role.")
@click.option("--role", required=True, metavar="ROLE", help="Role to take away.")
@json_option
def revoke(username: str, estate: str, role: str, as_json: bool) -> None:
    """Take a role at an estate away."""
    from core.store import users as staff

    with _desk() as desk:
        user = staff.find_user(desk.session, username)
        staff.revoke(desk.session, user.id, estate, role, by=desk.actor.user_id, at=desk.now)
        row = _row(user)
    _answer(as_json, f"{username} is no longer {role} at {estate}", **row)


@users.command(cls=Command, example="shouxu users password wang")
@click.argument("username")
@password_option
@json_option
def password(username: str, password_stdin: bool, as_json: bool) -> None:
    """Set somebody's password; their sessions end."""
    from core.store import users as staff

    new = _given_password(password_stdin)
    with _desk() as desk:
        user = staff.find_user(desk.session, username)
        staff.set_password(desk.session, user.id, new, by=desk.actor.user_id, at=desk.now)
        row = _row(user)
    _answer(as_json, f"password of {username} set", **row)


@users.command(cls=Command, example="shouxu users deactivate wang")
@click.argument("username")
@json_option
def deactivate(username: str, as_json: bool) -> None:
    """Let somebody log in no longer; name and history stay."""
    from core.store import users as staff

    with _desk() as desk:
        user = staff.find_user(desk.session, username)
        staff.deactivate(desk.session, user.id, by=desk.actor.user_id, at=desk.now)
        row = _row(user)
    _answer(as_json, f"{username} can no longer log in", **row)
