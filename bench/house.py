"""A whole house to measure: the sample estate in a throw-away folder, its cases brought to the step that is timed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from sqlalchemy import func, make_url, select
from sqlalchemy.orm import Session

from bench.render import ink
from core.cases.building import build_office, system_actor
from core.cases.casefile import open_file
from core.cases.desk import Desk, Office
from core.cases.filling import submit
from core.cases.gates import Gates
from core.cases.issuing import issue_all
from core.cases.opening import open_case
from core.cases.papers import mark_papers
from core.cases.payments import pay
from core.cases.registration import import_units
from core.cases.signing import open_signers, sign_account, sign_ink
from core.settings import Settings
from core.store.models import Document, Ownership, Person, Unit, User
from core.store.schema import upgrade
from core.store.session import unit_of_work
from core.store.users import actor_of, create_user, grant

ESTATE, STEP, PAPER = "jade_garden", "register", "registration"
CLERK, PASSWORD = "wang", "Yulan-2026-bench"
ROLES = ("service", "finance", "engineering")
POSTGRESQL = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
INTAKE = {"notice_deadline": "2026-03-31", "fee_from": "2026-03-01", "cards": 2}
RECEIVED = {"papers_given": ["registration_form", "covenant", "manual", "fee_list"], "explained": True,
            "received_on": "2026-03-01"}
REGISTRATION: dict[str, Any] = {
                "owner_kind": "person", "gender": "female", "postal_address": "示例市玉兰路 1 号", "employer": "示例市第二中学",
                "occupancy": "own", "emergency_contact": "林国栋", "emergency_relation": "父亲",
                "emergency_phone": "19900008801", "plates": "示A·12345", "moving_in_on": "2026-08-01",
                "family": [{"person_name": "陈思源", "relation": "配偶", "phone": "19900008802"},
                           {"person_name": "陈子涵", "relation": "子女"}], "consent": True}


@dataclass(frozen=True)
class House:
    """A furnished installation: its settings, an office of this process, its units that people own."""

    settings: Settings
    office: Office
    units: list[str]

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """The clerk at work in one transaction."""
        with unit_of_work(self.office.sessions) as session:
            clerk = session.scalars(select(User).where(User.username == CLERK)).one()
            yield self.office.desk(session, actor_of(clerk))

    def registering(self, count: int) -> list[str]:
        """Ids of new cases whose registration form is the next thing to fill."""
        found = []
        for _ in range(count):
            with self.desk() as desk:
                case = open_case(desk, ESTATE, "move_in", self.units.pop(0))
                _first_steps(desk, case.id)
                found.append(case.id)
        return found

    def with_nine_documents(self) -> str:
        """The id of a case that is paid for and has its nine documents, four of them waiting for signatures."""
        case_id = self.registering(1)[0]
        with self.desk() as desk:
            submit(desk, case_id, STEP, _answered(desk, case_id), issue=True)
            _sign(desk, case_id)
            issue_all(desk, case_id, "sign")
            pay(desk, case_id, {"cash": None})
            assert desk.session.query(Document).filter_by(case_id=case_id).count() == 9
        return case_id


def _first_steps(desk: Desk, case_id: str) -> None:
    """Papers verified and the packet handed out, with their three documents issued and signed."""
    file = open_file(desk, case_id)
    asked = Gates(file).papers(file.step("verify"))
    mark_papers(desk, case_id, "verify", {paper.name: {"evidence": list(paper.evidence), "count": paper.count} for paper in asked})
    submit(desk, case_id, "verify", INTAKE, issue=True)
    _sign(desk, case_id)
    submit(desk, case_id, "packet", RECEIVED, issue=True)
    _sign(desk, case_id)


def _answered(desk: Desk, case_id: str) -> dict[str, Any]:
    """The registration as JSON: what is known of the owner, and what the clerk adds."""
    owner = open_file(desk, case_id).people["owner"][0]
    paper = owner["id_type"]
    return REGISTRATION | {"owner_name": owner["name"], "phone": owner["phone"], "id_type": paper, paper: owner["id_number"]}


def _sign(desk: Desk, case_id: str) -> None:
    for document in desk.session.scalars(select(Document).where(Document.case_id == case_id)):
        for signer in list(open_signers(document)):
            if signer["kind"] == "role":
                sign_account(desk, document.id, signer["as"])
            else:
                sign_ink(desk, document.id, signer["as"], ink(), shown=document.word)


# ---------------------------------------------------------------- places


@contextmanager
def house(backend: str) -> Iterator[House]:
    """A furnished house on `sqlite` or `postgresql`, gone afterwards; files and SQLite as durable as in service."""
    with TemporaryDirectory(prefix="shouxu-bench-", ignore_cleanup_errors=True) as folder, _database(backend, folder) as url:
        settings = Settings.load(data_dir=Path(folder), database_url=url, workers=0, base_url="http://127.0.0.1:6543")
        upgrade(url)
        office = build_office(settings, durable=False)  # of this process, which prepares; the server's own is durable
        try:
            with unit_of_work(office.sessions) as session:
                units = _furnished(office, session)
            yield House(settings, office, units)
        finally:
            office.sessions.kw["bind"].dispose()


def _furnished(office: Office, session: Session) -> list[str]:
    desk = office.desk(session, system_actor(office))
    import_units(desk, ESTATE, (office.library.estate(ESTATE).folder / "units.xlsx").read_bytes())
    user = create_user(session, username=CLERK, name="王晓梅", password=PASSWORD, by="", at=desk.now, weak=True)
    session.flush()
    for role in ROLES:
        grant(session, user.id, ESTATE, role, by="", at=desk.now)
    owned = (select(Unit.id).join(Ownership, Ownership.unit_id == Unit.id).join(Person, Person.id == Ownership.person_id)
             .where(Unit.estate == ESTATE).group_by(Unit.id).having(func.min(Person.kind) == "person"))
    return list(session.scalars(owned.order_by(Unit.id)))


@contextmanager
def _database(backend: str, folder: str) -> Iterator[str]:
    if backend == "sqlite":
        yield f"sqlite:///{folder}/shouxu.sqlite"
        return
    name = f"shouxu_bench_{uuid.uuid4().hex[:12]}"
    server = POSTGRESQL.replace("+psycopg", "")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'".encode())
        try:
            yield make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
