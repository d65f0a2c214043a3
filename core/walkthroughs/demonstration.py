"""The sample estate, loaded into a real installation: units, logins, blank certificates, cases under way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from pydantic import Field
from sqlalchemy import func, select

from core.cases import stock
from core.cases.building import system_actor
from core.cases.desk import Office
from core.cases.registration import import_units
from core.clock import FixedClock
from core.definitions.estates import EstateDefinition
from core.definitions.files import shown
from core.definitions.layers import Merged
from core.definitions.reader import read
from core.definitions.validation import validate
from core.domain.base import Frozen, Name
from core.errors import DefinitionErrors
from core.store import users
from core.store.models import Case, Unit, User
from core.store.session import unit_of_work
from core.walkthroughs.acts import Act
from core.walkthroughs.choice import chosen
from core.walkthroughs.player import Player
from core.walkthroughs.staff import staff_of
from core.walkthroughs.stage import spreadsheet

FILE = "demo_cases.yaml"
# Requisitions come from the plan; what must be refused, and what is expected of another unit, proves nothing here.
_SKIPPED = ("requisition", "refused", "expect")


class DemoCase(Frozen):
    """A walkthrough played `days_ago` at another unit, until the step or word `before`."""

    procedure: Name
    walkthrough: Name
    unit: str
    days_ago: int = Field(1, ge=0, le=365)
    before: Name | None = None


class Plan(Frozen):
    """The file `demo_cases.yaml`. `stock`: books received by series."""

    stock: dict[Name, int] = {}
    cases: tuple[DemoCase, ...] = ()


@dataclass(frozen=True)
class Login:
    """A login of the demo: username, password, the titles of its roles, the estate."""

    username: str
    password: str
    title: str
    estate: str


def demo_estates(office: Office) -> list[EstateDefinition]:
    """The estates that say of themselves that they are samples."""
    return [known for known in office.library.estates.values() if known.estate.demo]


def demo_logins(office: Office) -> list[Login]:
    """Every login of the sample estates, as their files say."""
    return [Login(member.username, member.password, _titles(office, known.name, member.roles), known.name)
            for known in demo_estates(office) for member in staff_of(known).values() if member.password]


def _titles(office: Office, estate: str, roles: tuple[str, ...]) -> str:
    return "、".join(office.role_title(estate, role) for role in roles)


def load_demo(office: Office) -> Iterator[tuple[str, int]]:
    """Load what is not there yet; yields what was made and how many. Nothing is made twice."""
    for known in demo_estates(office):
        yield f"units of {known.name}", _load_units(office, known)
        yield f"users of {known.name}", _load_users(office, known)
        plan = _plan(known)
        for series, books in plan.stock.items():
            yield f"books of {series}", _load_stock(office, known.name, series, books)
        for case in sorted(plan.cases, key=lambda case: -case.days_ago):
            yield f"{case.procedure}/{case.walkthrough} at {case.unit}", _load_case(office, known.name, case)


def _plan(estate: EstateDefinition) -> Plan:
    path = estate.folder / FILE
    if not path.is_file():
        return Plan()
    said, problems = validate(Plan, Merged(read(path, shown(path))))
    if said is None:
        raise DefinitionErrors(problems)
    return said


def _load_units(office: Office, known: EstateDefinition) -> int:
    with unit_of_work(office.sessions, readonly=True) as session:
        if session.scalar(select(func.count()).select_from(Unit).where(Unit.estate == known.name)):
            return 0
    data = spreadsheet(known)
    with unit_of_work(office.sessions) as session:
        return import_units(office.desk(session, system_actor(office)), known.name, data).created


def _load_users(office: Office, known: EstateDefinition) -> int:
    made = 0
    for member in staff_of(known).values():
        with unit_of_work(office.sessions) as session:
            if session.scalar(select(User.id).where(User.username == member.username)) or not member.password:
                continue
            now = office.clock.now()
            user = users.create_user(session, username=member.username, name=member.name, password=member.password,
                                     admin=member.admin, by="", at=now, weak=True)
            for role in member.roles:
                users.grant(session, user.id, known.name, role, by="", at=now)
            made += 1
    return made


def _load_stock(office: Office, estate: str, series: str, books: int) -> int:
    with unit_of_work(office.sessions) as session:
        desk = office.desk(session, system_actor(office))
        if any(row.name == series and row.last_received for row in stock.stock(desk, estate)):
            return 0
        stock.requisition(desk, estate, series, books)
    return books


def _load_case(office: Office, estate: str, said: DemoCase) -> int:
    key = f"demo:{said.walkthrough}:{said.unit}"
    with unit_of_work(office.sessions, readonly=True) as session:
        if session.scalar(select(Case.id).where(Case.estate == estate, Case.opening_key == key)):
            return 0
    today = office.calendar(estate).local(office.clock.now())
    start = today.replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=said.days_ago)
    clock = FixedClock(start)
    (script,), _ = chosen(office.library, f"{said.procedure}/{said.walkthrough}", estate)
    player = Player(replace(office, clock=clock), estate, script, clock, unit=said.unit, key=key)
    player.play(skip=_SKIPPED, stop=lambda act: _is_there(act, said.before))
    return 1


def _is_there(act: Act, before: str | None) -> bool:
    return before is not None and act.word not in _SKIPPED and before in (act.step, act.word)
