"""An office without pages for the tests of core/cases: two estates, a few units, their staff, a clock that can be moved."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from docx import Document as WordFile
from openpyxl import Workbook
from PIL import Image, ImageDraw
from sqlalchemy import select

from core.cases import checks, filling, issuing, opening, papers, payments, signing, stock
from core.cases.building import build_office
from core.cases.desk import Desk, Office
from core.cases.people import add_person
from core.cases.registration import OWNER_COLUMNS, UNIT_COLUMNS, import_units
from core.cases.viewing import case_view
from core.cases.views import CaseView, DocumentView
from core.clock import FixedClock
from core.definitions.library import Library
from core.domain.estates import BASE_ROLES
from core.domain.sources import ProcedureSource
from core.loader import Plugins, load_plugins
from core.security.policy import Actor
from core.settings import SHIPPED, Settings
from core.store.models import Grant, Unit, User
from core.store.session import unit_of_work

DATA = Path(__file__).resolve().parent / "data"
JADE, ELM = "jade_garden", "elm_court"
NINE = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
STAFF = {"wang": ("王晓梅", "service", "archive", "estate_it"), "liu": ("刘欣", "service"), "li": ("李建国", "engineering"),
         "chen": ("陈淑芬", "finance"), "zhao": ("赵明远", "manager"), "zhou": ("周海", "security")}
OWNER = {"name": "林婉清", "id_type": "resident_id", "id_number": "110101199003077758", "phone": "13812345678",
         "address": "示例市玉兰路 1 号"}
FIRM = {"name": "示例贸易有限公司", "kind": "company", "id_type": "uscc", "id_number": "91110000MA00000000"}
COLUMNS = ("code", "building", "entrance", "floor", "room", "area", "building_type")
UNITS = [("3-2-501", "3", "2", 5, "501", "97.15", "walk_up"), ("3-2-502", "3", "2", 5, "502", "88.00", "walk_up"),
         ("9-1-1001", "9", "1", 10, "1001", "120.50", "elevator")]
Definitions = tuple[Plugins, Library]


def drawn(size: tuple[int, int] = (300, 100)) -> bytes:
    """A stroke of ink on a transparent ground, as the pad sends it."""
    image = Image.new("RGBA", size, (255, 255, 255, 0))
    ImageDraw.Draw(image).line([(20, 80), (90, 20), (160, 90), (270, 30)], fill=(10, 20, 90, 255), width=6)
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


INK = drawn()


def load(folder: Path) -> Definitions:
    """The shipped estates and, at `elm_court`, the procedure `trial` of tests/data."""
    estates = folder / "estates"
    shutil.copytree(SHIPPED / "estates", estates, ignore=shutil.ignore_patterns("__pycache__", "*.xlsx"))
    shutil.copytree(DATA / "trial" / "estates" / "acme", estates / "acme")
    templates = folder / "document_templates"
    templates.mkdir()
    slip = WordFile()
    slip.add_paragraph("{{ document.number }} {{ parties.owner.name }} {{ forms.request.pieces }} {{ document.copy }}")
    slip.add_paragraph("业主 {{ signatures.owner.name }} {{ signatures.owner.ink }} {{ signatures.owner.date }}")
    slip.save(str(templates / "slip.docx"))
    trial = ProcedureSource("trial", DATA / "trial" / "form_definitions" / "trial", templates, "1")
    plugins = load_plugins("plugins", estates)
    return plugins, Library.load([*plugins.sources, trial], estates)


def furnished(folder: Path, database_url: str, definitions: Definitions) -> House:
    """An office over a database that has the schema and nothing else."""
    estates = next(iter(definitions[1].estates.values())).folder.parents[1]
    settings = Settings.load(data_dir=folder / "data", database_url=database_url, secret="k" * 40, estates_dir=estates)
    clock = FixedClock(NINE, timedelta(seconds=1))
    house = House(build_office(settings, clock=clock, durable=False, definitions=definitions), clock)
    house.move_in_staff_and_owners()
    return house


@dataclass
class House:
    """The office, its clock, and what the tests do in it."""

    office: Office
    clock: FixedClock
    actors: dict[str, Actor] = field(default_factory=dict)

    def move_in_staff_and_owners(self, both: tuple[str, ...] = (JADE, ELM)) -> None:
        for username, (name, *roles) in STAFF.items():
            held = {estate: frozenset(roles) for estate in both}
            self.actors[username] = Actor(f"user-{username}", username, name, roles=held)
        everything = {ELM: frozenset(BASE_ROLES)}
        self.actors["elm"] = Actor("user-elm", "elm", "榆园的人", roles=everything)  # a stranger to jade_garden
        with unit_of_work(self.office.sessions) as session:
            for actor in self.actors.values():
                user = User(id=actor.user_id, username=actor.username, name=actor.name, password="-", created_at=NINE)
                user.grants = [Grant(estate=estate, role=role) for estate, held in actor.roles.items() for role in held]
                session.add(user)
        for estate in both:
            with self.at("wang") as desk:
                import_units(desk, estate, spreadsheet())

    @contextmanager
    def at(self, name: str, *, key: str | None = None) -> Iterator[Desk]:
        """A desk for one act of `name`, committed at the end of the block."""
        with unit_of_work(self.office.sessions) as session:
            yield self.office.desk(session, self.actors[name], request_key=key)

    @contextmanager
    def reading(self, name: str = "wang") -> Iterator[Desk]:
        with unit_of_work(self.office.sessions, readonly=True) as session:
            yield self.office.desk(session, self.actors[name])

    def rows(self, model: type[Any], **equal: Any) -> list[Any]:
        with unit_of_work(self.office.sessions, readonly=True) as session:
            return list(session.scalars(select(model).filter_by(**equal).order_by(model.id)))

    def unit(self, code: str, estate: str = JADE) -> str:
        return self.rows(Unit, estate=estate, code=code)[0].id

    def person(self, estate: str = JADE, **data: str) -> str:
        with self.at("wang") as desk:
            return add_person(desk, estate, data).id

    def begin(self, procedure: str = "move_in", code: str = "3-2-501", by: str = "wang", *, key: str | None = None,
              parties: dict[str, list[str]] | None = None) -> str:
        estate = ELM if procedure == "trial" else JADE
        with self.at(by) as desk:
            return opening.open_case(desk, estate, procedure, self.unit(code, estate), parties, key=key).id

    def view(self, case: str, by: str = "wang") -> CaseView:
        with self.reading(by) as desk:
            return case_view(desk, case)

    def status(self, case: str) -> dict[str, str]:
        return {step.name: step.status for step in self.view(case).steps}

    def documents(self, case: str, name: str, state: str = "issued") -> list[DocumentView]:
        return [row for row in self.view(case).documents if row.name == name and row.state == state]

    def act(self, by: str, do: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """`do(desk, …)` as one act of `by`."""
        with self.at(by) as desk:
            return do(desk, *given, **named)

    # ------------------------------------------------------------ a move-in

    def mark_all(self, case: str, step: str, by: str = "wang") -> None:
        marks = {paper.name: {"evidence": [one[0] for one in paper.evidence], "count": paper.count}
                 for paper in self.view(case).step(step).papers}
        self.act(by, papers.mark_papers, case, step, marks)

    def submit(self, by: str, case: str, step: str, values: Mapping[str, Any], **more: Any) -> None:
        self.act(by, filling.submit, case, step, values, issue=True, **more)

    def sign_all(self, case: str) -> None:
        """Everybody signs everything that waits: roles under their own login, parties in ink."""
        waiting = True
        while waiting:
            waiting = [(row, signer) for row in self.view(case).documents if row.state == "issued"
                       for signer in row.signers if signer.next][:1]
            for row, signer in waiting:
                hand = {"engineering": "li", "finance": "chen", "manager": "zhao"}
                if signer.kind == "role":
                    self.act(hand.get(signer.signer, "wang"), signing.sign_account, row.id, signer.signer)
                    continue
                witness = {"inspect": "li", "verdict": "zhao"}.get(row.step, "wang")
                with self.at(witness) as desk:
                    shown = signing.signing_page(desk, row.id, signer.signer).shown
                    signing.sign_ink(desk, row.id, signer.signer, INK, shown=shown)

    def check_all(self, case: str, step: str, by: str = "li", **other: dict[str, Any]) -> int:
        checklist = self.view(case).step(step).checklist
        assert checklist is not None
        results: dict[str, Any] = {item.name: {"result": "passed"} for item in checklist.items} | other
        return self.act(by, checks.record_checks, case, step, results)

    def move_in(self, case: str, before: str) -> None:
        """Play a move-in until the step `before` is open."""
        for step in MOVE_IN:
            if step == before:
                return
            if step == "verify":
                self.mark_all(case, "verify")
            if step == "sign":
                self.act("wang", issuing.issue_all, case, "sign")
            elif step == "pay":
                self.act("chen", payments.pay, case, {"cash": None})
            else:
                if step == "inspect":
                    self.check_all(case, "inspect")
                self.submit("li" if step == "inspect" else "wang", case, step, MOVE_IN[step])
            self.sign_all(case)

    def blanks(self, series: str = "certificate", estate: str = JADE, books: int = 1) -> None:
        self.act("wang", stock.requisition, estate, series, books)

    # ------------------------------------------------------------ a trial

    def trial(self, before: str, *, urgent: bool = False) -> str:
        """The id of a trial case whose step `before` is open."""
        case = self.begin("trial")
        if before == "ask":
            return case
        self.mark_all(case, "ask")
        if not self.rows_of_series("slip"):
            self.blanks("slip", ELM, books=20)
        self.submit("wang", case, "ask", {"pieces": 2, "urgent": urgent})
        if before in ("survey", "advance"):
            return case
        if urgent:
            self.check_all(case, "survey")
        self.act("chen", payments.pay, case, {"cash": None})
        if before == "balance":
            return case
        self.act("chen", payments.pay, case, {"cash": None})
        if before == "verdict":
            return case
        raise KeyError(before)

    def rows_of_series(self, name: str) -> list[Any]:
        from core.store.models import SeriesBook

        return self.rows(SeriesBook, series=name)


MOVE_IN: dict[str, dict[str, Any]] = {
    "verify": {"notice_deadline": "2026-03-31", "fee_from": "2026-03-01", "cards": 2},
    "packet": {"papers_given": ["covenant"], "explained": True, "received_on": "2026-03-02"},
    "register": {"owner_kind": "person", "owner_name": "林婉清", "id_type": "resident_id",
                 "resident_id": "110101199003077758", "phone": "13812345678", "postal_address": "示例市玉兰路 1 号",
                 "occupancy": "own", "emergency_contact": "林望", "emergency_phone": "13987654321", "consent": True,
                 "family": [{"person_name": "周小满", "relation": "女"}]},
    "sign": {},
    "pay": {},
    "inspect": {"inspected_on": "2026-03-02", "housekeeper": "王", "technician": "李", "water": {"reading": "1"},
                "electricity": {"reading": "2"}},
    "keys": {"key_table": [{"kind": "entrance", "count": 5}], "tried": True, "custody": False, "received_on": "2026-03-02"},
    "certificate": {"notice_deadline": "2026-03-31", "actual_on": "2026-03-02"},
    "archive": {"papers_filed": ["notice"], "computer_filed": ["area"], "box": "A1", "label": True},
}
"""What is filled in at each step, in order."""


def spreadsheet() -> bytes:
    """Three units, two of them with an owner: a person, and a firm."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "units"
    sheet.append(list(COLUMNS))
    for row in UNITS:
        sheet.append([str(Decimal(cell)) if name == "area" else cell for name, cell in zip(COLUMNS, row, strict=True)])
    owners = book.create_sheet("owners")
    owners.append(list(OWNER_COLUMNS))
    for code, owner in (("3-2-501", OWNER), ("3-2-502", OWNER | {"name": "吴一凡", "id_number": "", "phone": ""}),
                        ("9-1-1001", FIRM)):
        owners.append([code, *(owner.get(name, "") for name in OWNER_COLUMNS[1:-1]), date(2026, 1, 5).isoformat()])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


assert set(COLUMNS) <= set(UNIT_COLUMNS)
