"""A house of its own for the tests of what procedures may say: tests/data/constructs at `maple_court`, and nothing else."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from docx import Document as WordFile

from core.cases import facts, filling, issuing, opening, payments
from core.cases.approving import approve
from core.cases.building import build_office
from core.cases.people import add_person
from core.cases.registration import import_units
from core.clock import FixedClock
from core.definitions.library import Library
from core.domain.estates import BASE_ROLES
from core.domain.sources import ProcedureSource
from core.loader import Plugins
from core.security.policy import Actor
from core.settings import Settings
from core.store.models import Case, Grant, User
from core.store.session import unit_of_work
from tests.cases_kit import DATA, NINE, Definitions, House, spreadsheet

MAPLE = "maple_court"
CONSTRUCTS = DATA / "constructs"
PROCEDURES = ("works", "breach", "extension", "leak", "memo")
STAFF = {"wang": ("王晓梅", "service", "estate_it"), "li": ("李建国", "engineering"), "chen": ("陈淑芬", "finance"),
         "zhao": ("赵明远", "manager"), "gao": ("高远", "security"), "jack": ("万能", "service", "engineering", "finance")}
FILLED: dict[str, dict[str, Any]] = {
    "apply": {"start_on": "2026-03-20", "size": "small"}, "approve": {"opinion": "可以"}, "passes": {"trade": "瓦工"},
    "entry": {"entered_on": "2026-03-03"}, "accept": {"leaking": False}, "record": {"what": "敲承重墙", "severity": "light"},
    "order": {"penalty": "100.00"}, "report": {"matter": "大堂漏水", "wet": True},
    "grade": {"level": "important", "department": "engineering"}}
"""What is filled in at each step with a form."""


def load(folder: Path) -> Definitions:
    """The estate and its procedures; their Word templates are made here."""
    estates, templates = folder / "estates", folder / "document_templates"
    shutil.copytree(CONSTRUCTS / "estates", estates)
    for name in PROCEDURES:
        (templates / name).mkdir(parents=True)
    for name in ("permit", "pass", "settlement"):
        paper = WordFile()
        paper.add_paragraph("{{ document.title }} {{ document.number }} {{ parties.owner.name }} {{ document.copy }}")
        paper.save(str(templates / "works" / f"{name}.docx"))
    sources = [ProcedureSource(name, CONSTRUCTS / "form_definitions" / name, templates / name, "1") for name in PROCEDURES]
    return Plugins(), Library.load(sources, estates)


def furnished(folder: Path, database_url: str, definitions: Definitions) -> Constructs:
    """An office over a database that has the schema and nothing else; its clock stands until it is moved."""
    estates = next(iter(definitions[1].estates.values())).folder.parents[1]
    settings = Settings.load(data_dir=folder / "data", database_url=database_url, secret="k" * 40, estates_dir=estates)
    clock = FixedClock(NINE, timedelta(seconds=1))
    house = Constructs(build_office(settings, clock=clock, durable=False, definitions=definitions), clock)
    house.move_in_staff_and_owners()
    return house


class Constructs(House):
    """The house at `maple_court`: three units, their owners, staff of every role."""

    def move_in_staff_and_owners(self) -> None:
        for username, (name, *roles) in STAFF.items():
            self.actors[username] = Actor(f"user-{username}", username, name, roles={MAPLE: frozenset(roles)})
        self.actors["all"] = Actor("user-all", "all", "都能", roles={MAPLE: frozenset(BASE_ROLES)})
        with unit_of_work(self.office.sessions) as session:
            for actor in self.actors.values():
                user = User(id=actor.user_id, username=actor.username, name=actor.name, password="-", created_at=NINE)
                user.grants = [Grant(estate=MAPLE, role=role) for role in actor.roles[MAPLE]]
                session.add(user)
        with self.at("wang") as desk:
            import_units(desk, MAPLE, spreadsheet())

    def start(self, procedure: str = "works", code: str = "3-2-501", by: str = "wang", **more: Any) -> str:
        """The id of a new case: of a unit, or with `place` of that place; without code of what else it is about."""
        with self.at(by) as desk:
            unit = None if "place" in more or not code else self.unit(code, MAPLE)
            return opening.open_case(desk, MAPLE, procedure, unit, **more).id

    def fill(self, by: str, case: str, step: str, **more: Any) -> None:
        """File the form of `step` with its usual values, or with `more`, and issue its papers."""
        values = FILLED.get(step.partition("@")[0], {}) | more
        self.act(by, filling.submit, case, step, values, issue=True)

    def worker(self, case: str, name: str) -> None:
        """A worker is registered in the case."""
        with self.at("wang") as desk:
            person = add_person(desk, MAPLE, {"name": name}).id
            opening.set_party(desk, case, "workers", person)

    def works(self, before: str, code: str = "3-2-501", *, workers: tuple[str, ...] = (), **apply: Any) -> str:
        """The id of a case of works whose step `before` is open (`entry`: the permit is issued)."""
        case = self.start(code=code)
        for name in workers:
            self.worker(case, name)
        for step in ("apply", "approve", "pay", "permit", "entry", "accept"):
            if step == before:
                return case
            self.pass_step(case, step, **(apply if step == "apply" else {}))
        return case

    def pass_step(self, case: str, step: str, **values: Any) -> None:
        """Do what a step of `works` asks."""
        if step == "pay":
            self.act("chen", payments.pay, case, {"cash": None})
        elif step == "permit":
            self.act("chen", facts.confirm_fact, case, step, "unit.arrears_fen", 0)
            self.act("wang", issuing.issue_all, case, step)
        else:
            self.fill("li" if step in ("entry", "accept") else "wang", case, step, **values)
        if step == "approve":
            self.act("wang", approve, case, step)
            self.act("li", approve, case, step)

    def child(self, parent: str, kind: str = "breach", by: str = "li") -> str:
        """The id of a new sub-case."""
        with self.at(by) as desk:
            return opening.open_child(desk, parent, kind).id

    def breach(self, parent: str, **record: Any) -> str:
        """The id of a sub-case that waits for its order."""
        case = self.child(parent)
        self.fill("li", case, "record", **record)
        return case

    def case(self, case: str) -> Case:
        """The row of a case."""
        return self.rows(Case, id=case)[0]
