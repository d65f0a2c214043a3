"""A program that calls the API, and a house small enough to be settled on any database."""

from __future__ import annotations

import base64
import io
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from openpyxl import Workbook
from PIL import Image, ImageDraw
from sqlalchemy import select
from webtest import TestApp, TestResponse

from core.app import make_app
from core.cases.building import build_office, system_actor
from core.cases.desk import Office
from core.cases.registration import import_units
from core.security.tokens import SCOPES
from core.settings import Settings
from core.store.models import User
from core.store.session import unit_of_work
from core.store.users import create_user, grant, issue_token
from tests.remembered_kit import shipped_definitions

ESTATE = "jade_garden"
ROOT = f"/api/v1/estates/{ESTATE}"
STAFF = {"wang": "service", "li": "engineering", "chen": "finance", "zhao": "manager", "sun": "archive"}
UNITS = ("3-1-101", "3-1-102", "3-1-201", "3-1-202", "3-1-301")


def settled(folder: Path, database_url: str, staff: tuple[str, ...] = tuple(STAFF)) -> tuple[Office, Any]:
    """(office, application) over an empty database, with five units and `staff`, each in their role."""
    office = build_office(Settings.load(data_dir=folder, database_url=database_url, workers=0), durable=False,
                          definitions=shipped_definitions())
    with unit_of_work(office.sessions) as session:
        desk = office.desk(session, system_actor(office))
        import_units(desk, ESTATE, book_of_units())
        for name in staff:
            user = create_user(session, username=name, name=name.title(), password="x", by="", at=desk.now, weak=True)
            session.flush()
            grant(session, user.id, ESTATE, STAFF[name], by="", at=desk.now)
    return office, make_app(office.settings, office=office)


@cache
def book_of_units() -> bytes:
    """A spreadsheet of UNITS, each with an owner."""
    book = Workbook()
    units = book.create_sheet("units")
    owners = book.create_sheet("owners")
    units.append(["code", "building", "entrance", "floor", "room", "area"])
    owners.append(["code", "name", "id_type", "id_number", "phone", "address", "since"])
    for number, code in enumerate(UNITS):
        building, entrance, room = code.split("-")
        units.append([code, building, entrance, int(room[0]), room, "96.66"])
        phone = f"1380013800{number}"
        owners.append([code, f"业主{number}", "passport", f"E1234567{number}", phone, "翠微路", "2025-09-30"])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def token_of(office: Office, username: str, *scopes: str, estate: str = ESTATE) -> str:
    """A token with `scopes` (none: all) that acts as `username` at `estate`."""
    with unit_of_work(office.sessions) as session:
        user = session.scalars(select(User).where(User.username == username)).one()
        return issue_token(session, user.id, estate=estate, name="test", scopes=scopes or SCOPES, by="",
                           at=office.clock.now())


class Program:
    """A client with one token; every answer is held against the OpenAPI document."""

    def __init__(self, app: Any, token: str) -> None:
        self.browser = TestApp(app)
        self.headers = {"Authorization": f"Bearer {token}"}
        self.contract = contract(app)

    def get(self, path: str, status: int = 200, **query: Any) -> TestResponse:
        answer = self.browser.get(_whole(path), query, headers=self.headers, status="*")
        return self._seen("get", answer, status)

    def post(self, path: str, body: Any = None, status: int | None = None, *, key: str = "",
             version: int | str | None = None, **headers: str) -> TestResponse:
        sent = {**self.headers, **headers} | ({"Idempotency-Key": key} if key else {})
        if version is not None:
            sent["If-Match"] = f'"{version}"' if isinstance(version, int) else version
        answer = self.browser.post_json(_whole(path), body or {}, headers=sent, status="*")
        return self._seen("post", answer, status)

    def upload(self, path: str, name: str, data: bytes, status: int = 201, key: str = "", **texts: str) -> TestResponse:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        answer = self.browser.post(_whole(path), texts, upload_files=[(name, f"{name}.bin", data)], headers=headers,
                                   status="*")
        return self._seen("post", answer, status)

    def _seen(self, method: str, answer: TestResponse, status: int | None) -> TestResponse:
        wanted = (200, 201) if status is None else (status,)
        assert answer.status_int in wanted, f"{answer.status}\n{answer.text[:2000]}"
        self.contract.holds(method, answer.request.path, answer)
        return answer


class Contract:
    """The OpenAPI document, asked whether an answer is as it says."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.paths = [(re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), path)
                      for path in document["paths"]]
        self.validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def holds(self, method: str, path: str, answer: TestResponse) -> None:
        said = next(name for pattern, name in self.paths if pattern.fullmatch(path))
        operation = self.document["paths"][said][method]
        if answer.status_int >= 400:
            assert answer.content_type == "application/problem+json"
            errors = self._errors("problem", {"$ref": "#/components/schemas/Problem"}, answer)
        elif answer.content_type == "application/json":
            assert str(answer.status_int) in operation["responses"], f"{said}: {answer.status}"
            schema = operation["responses"][str(answer.status_int)]["content"]["application/json"]["schema"]
            errors = self._errors(operation["operationId"], schema, answer)
        else:
            assert answer.content_type in operation["responses"]["200"]["content"]
            return
        assert errors == [], f"{said}: {errors[0]}"

    def _errors(self, name: str, schema: dict[str, Any], answer: TestResponse) -> list[Any]:
        if name not in self.validators:
            whole = {"components": self.document["components"], **schema}
            self.validators[name] = jsonschema_rs.Draft202012Validator(whole)
        return list(self.validators[name].iter_errors(answer.json))


@cache
def contract(app: Any) -> Contract:
    """The contract of an application."""
    return Contract(TestApp(app).get("/api/v1/openapi.json").json)


def _whole(path: str) -> str:
    return path if path.startswith("/api/") else ROOT + path


def ink() -> bytes:
    """A drawn line as PNG."""
    picture = Image.new("RGBA", (300, 90), (255, 255, 255, 0))
    ImageDraw.Draw(picture).line((20, 70, 120, 20, 280, 60), fill=(16, 20, 24, 255), width=5)
    return _saved(picture, "PNG")


def scan() -> bytes:
    """A white sheet as JPEG."""
    return _saved(Image.new("RGB", (400, 600), "white"), "JPEG")


def base64_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _saved(picture: Image.Image, form: str) -> bytes:
    target = io.BytesIO()
    picture.save(target, form)
    return target.getvalue()
