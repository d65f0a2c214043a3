"""A whole house for the tests of pages and API: the real application over a database with the sample estate."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from webtest import Form, TestApp, TestResponse

from core.app import make_app
from core.cases.building import build_office, system_actor
from core.cases.desk import Office
from core.cases.registration import import_units
from core.settings import SHIPPED, Settings
from core.store.models import Unit
from core.store.session import unit_of_work
from core.store.users import create_user, grant
from tests.remembered_kit import remembering

ESTATE = "jade_garden"
PASSWORD = "Yulan-2026-test"
STAFF = {
    "wang": ("王晓梅", "service"),
    "li": ("李建国", "engineering"),
    "chen": ("陈淑芬", "finance"),
    "zhao": ("赵明远", "manager"),
    "sun": ("孙静怡", "archive"),
    "zhou": ("周维", "estate_it"),
    "stranger": ("外人", ""),
}


@dataclass
class House:
    """The running house: its office and application, and browsers of its staff."""

    office: Office
    app: Any
    units: list[str]
    browsers: dict[str, TestApp] = field(default_factory=dict)

    def browser(self, name: str = "") -> TestApp:
        """A browser in which `name` is logged in; without a name, nobody is."""
        if not name:
            return TestApp(self.app)
        if name not in self.browsers:
            self.browsers[name] = browser = TestApp(self.app)
            assert self.log_in(browser, name).status_int == 303
        return self.browsers[name]

    def unit(self) -> str:
        """The code of a unit that no test has used."""
        return self.units.pop(0)

    def open_case(self, code: str = "") -> str:
        """The id of a new move-in case, begun on the page."""
        code = code or self.unit()
        page = self.browser("wang").get(f"/e/{ESTATE}/new/move_in", {"q": code})
        answer = self.form(page, "/new/move_in").submit("unit", index=0)
        assert answer.status_int == 303, answer.text
        return answer.location.rpartition("/")[2]

    @staticmethod
    def case(case_id: str, rest: str = "") -> str:
        """The address of a case, or of something below it."""
        return f"/e/{ESTATE}/cases/{case_id}{rest}"

    @staticmethod
    def log_in(browser: TestApp, name: str, password: str = PASSWORD) -> TestResponse:
        """Fill in the login page."""
        form = House.form(browser.get("/login"), "/login")
        form["username"], form["password"] = name, password
        return form.submit(status="*")

    @staticmethod
    def form(page: TestResponse, ending: str) -> Form:
        """The POST form of a page whose address ends like that (a form without one goes to its own page)."""
        own = page.request.path
        for form in page.forms.values():
            address = (form.action or own).split("?")[0].split("#")[0]
            if form.method.lower() == "post" and address.endswith(ending):
                return form
        raise AssertionError(f"no form to {ending}: {[form.action for form in page.forms.values()]}")


def settings_in(folder: Path, **more: Any) -> Settings:
    """Settings of a house that writes into `folder`."""
    return Settings.load(data_dir=folder, workers=0, **more)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[House]:
    """One house for all tests of this folder; each test takes a unit of its own."""
    yield fresh_house(tmp_path_factory.mktemp("house"), sqlite_template)


def fresh_house(folder: Path, template: Path) -> House:
    """A house on SQLite that nobody else uses; `template` is a database with the schema."""
    with sqlite3.connect(template) as source, sqlite3.connect(folder / "shouxu.sqlite") as target:
        source.backup(target)
    return built(folder)


@pytest.fixture
def house_on_postgresql(tmp_path: Path, postgresql_url: str) -> House:
    """The same house on PostgreSQL, for one test."""
    return built(tmp_path, database_url=postgresql_url)


def built(folder: Path, **more: Any) -> House:
    """A house that writes into `folder`, over a database with the schema."""
    estates = folder / "estates"
    shutil.copytree(SHIPPED / "estates", estates, ignore=shutil.ignore_patterns("__pycache__"))
    _second_estate(estates)
    office = build_office(settings_in(remembering(folder), estates_dir=estates, **more), durable=False)
    return House(office, make_app(office.settings, office=office), _furnish(office))


def _second_estate(estates: Path) -> None:
    """An estate of another name with the same procedures, where nobody but `stranger` works."""
    other = estates / "cuiwei" / "far_garden"
    other.mkdir()
    said = (estates / "cuiwei" / ESTATE / "estate.yaml").read_text(encoding="utf-8")
    said = said.replace(f"estate: {ESTATE}", "estate: far_garden").replace("code: YL", "code: FAR")
    (other / "estate.yaml").write_text(said, encoding="utf-8")


def _furnish(office: Office) -> list[str]:
    book = (SHIPPED / "estates" / "cuiwei" / ESTATE / "units.xlsx").read_bytes()
    codes: list[str] = []
    with unit_of_work(office.sessions) as session:
        desk = office.desk(session, system_actor(office))
        import_units(desk, ESTATE, book, only=lambda code: code.startswith(("1-", "2-")))
        import_units(desk, "far_garden", book, only=lambda code: code.startswith("3-"))
        codes = [unit.code for unit in session.query(Unit).filter_by(estate=ESTATE).order_by(Unit.code)]
        for username, (name, role) in STAFF.items():
            user = create_user(
                session, username=username, name=name, password=PASSWORD, by="", at=desk.now, weak=True
            )
            session.flush()
            grant(session, user.id, ESTATE if role else "far_garden", role or "service", by="", at=desk.now)
        create_user(
            session,
            username="root",
            name="管理员",
            password=PASSWORD,
            by="",
            at=desk.now,
            admin=True,
            weak=True,
        )
    return codes
