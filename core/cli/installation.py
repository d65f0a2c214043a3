"""The installation a command works on: its settings, its office, a desk in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from core.cases.desk import Desk, Office
    from core.settings import Settings

SECTION = "app:main"


def installed_settings(**overrides: Any) -> Settings:
    """The settings of this installation: `--config`, environment, then `overrides` that are not None."""
    from core.settings import Settings

    return Settings.load(_ini(), **{name: value for name, value in overrides.items() if value is not None})


def bare_settings(**overrides: Any) -> Settings:
    """As `installed_settings`, for commands that keep nothing: no secret is made on the way."""
    import os

    secret = None if os.environ.get("SHOUXU_SECRET") else "0" * 64
    return installed_settings(secret=secret, **overrides)


def _ini() -> dict[str, str] | None:
    context = click.get_current_context(silent=True)
    config = context.find_root().obj if context else None
    if not config:
        return None
    import plaster

    return dict(plaster.get_settings(config, SECTION))


def installed_office(**overrides: Any) -> Office:
    """The office of this installation, its database brought to the version of the program."""
    from core.cases.building import build_office
    from core.store.schema import upgrade

    settings = installed_settings(**overrides)
    office = build_office(settings)
    upgrade(office.sessions.kw["bind"])
    return office


@contextmanager
def counter(office: Office, estate: str | None = None, *, readonly: bool = False) -> Iterator[Desk]:
    """A desk for whoever sits at the machine itself: the system, with every right, in one transaction."""
    from core.cases.building import system_actor
    from core.store.session import unit_of_work

    with unit_of_work(office.sessions, readonly=readonly) as session:
        yield office.desk(session, system_actor(office))
