"""The small house of tests/data/constructs behind its pages and its API."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import update
from webtest import TestApp, TestResponse

from core.app import make_app
from core.security import passwords
from core.store.models import User
from core.store.session import unit_of_work
from tests.cases_kit import Definitions
from tests.constructs_kit import MAPLE, Constructs, furnished
from tests.http.api_client import Program, token_of
from tests.http.conftest import PASSWORD, House


class Maple:
    """The estate `maple_court`: `kit` does acts below the pages, `browser` and `program` come from outside."""

    def __init__(self, kit: Constructs) -> None:
        self.kit, self.app = kit, make_app(kit.office.settings, office=kit.office)
        self._browsers: dict[str, TestApp] = {}

    def browser(self, name: str) -> TestApp:
        """A browser in which `name` is logged in."""
        if name not in self._browsers:
            self._browsers[name] = TestApp(self.app)
            assert House.log_in(self._browsers[name], name).status_int == 303
        return self._browsers[name]

    def program(self, name: str, *scopes: str) -> Program:
        return Program(self.app, token_of(self.kit.office, name, *scopes, estate=MAPLE))

    def page(self, name: str, case: str, step: str = "", status: int = 200) -> TestResponse:
        """The page of a step; without a step, where the case's address leads to."""
        rest = f"/steps/{step}" if step else ""
        answer = self.browser(name).get(f"/e/{MAPLE}/cases/{case}{rest}", status="*")
        answer = answer if step else answer.follow(status="*")
        assert answer.status_int == status, answer.text
        return answer

    def send(self, name: str, case: str, step: str, act: str, button: str = "", **said: Any) -> TestResponse:
        """Fill in and send one form of a step's page."""
        form = House.form(self.page(name, case, step), f"/{act}")
        for field, value in said.items():
            form[field] = value
        return form.submit("action", value=button, status="*") if button else form.submit(status="*")


@cache
def stored() -> str:
    """The hash of everybody's password."""
    return passwords.hashed(PASSWORD)


def maple_in(folder: Path, database_url: str, definitions: Definitions) -> Maple:
    """A house of its own on that database; everybody has the same password."""
    kit = furnished(folder, database_url, definitions)
    with unit_of_work(kit.office.sessions) as session:
        session.execute(update(User).values(password=stored()))
    return Maple(kit)


def words(page: TestResponse, anchor: str = "main") -> str:
    """The text of one part of a page as it is read."""
    (part,) = page.html.select(f"#{anchor}")
    return re.sub(r"\s+", " ", part.get_text(" ")).strip()
