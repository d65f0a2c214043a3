"""Who runs what where: companies, estates, roles, and what an estate's folder says."""

from __future__ import annotations

from typing import Literal

from pydantic import Field as Key

from core.domain.base import Frozen, Name, Named, Names, Words

BASE_ROLES = ("service", "service_head", "finance", "engineering", "engineering_head", "security", "security_head",
              "manager", "estate_it", "archive")
"""Roles that every procedure may name; an estate renames (aliases) and adds."""


class Role(Named):
    """A role of an estate's staff. `aliases`: what the house calls it; `stands_in_for`: roles it may act as."""

    aliases: tuple[str, ...] = ()
    stands_in_for: Names = ()


class OfficeHours(Frozen):
    """Opening hours of one kind of day, 24 h local time."""

    opens: str = Key(default="08:00", pattern=r"^\d\d:\d\d$")
    closes: str = Key(default="17:00", pattern=r"^\d\d:\d\d$")


class Company(Frozen):
    """The file `company.yaml`."""

    company: Name
    title: Words
    address: Words | None = None
    phone: str = ""
    uscc: str = ""


class Estate(Frozen):
    """The file `estate.yaml`."""

    estate: Name
    title: Words
    code: str = Key(default="", pattern=r"^[A-Z0-9]{0,8}$", description="Short code in numbers; default: the name.")
    address: Words | None = None
    phone: str = ""
    timezone: str = "Asia/Shanghai"
    hours: OfficeHours = OfficeHours()
    roles: tuple[Role, ...] = ()
    procedures: Names = Key(default=(), description="Procedures offered here; empty: all.")
    settings: dict[str, str | int | bool] = Key(default_factory=dict)
    demo: bool = False
    source: str = ""

    @property
    def name(self) -> str:
        return self.estate


class Unit(Frozen):
    """A unit (房屋) as the spreadsheet import and rules see it; area in m², two places as text."""

    code: str
    building: str
    entrance: str = ""
    floor: int = 0
    room: str = ""
    area: str
    building_type: Literal["walk_up", "elevator"] | str = "elevator"
    layout: str = ""
    use: Literal["home", "shop", "parking"] | str = "home"
    status: str = "vacant"
