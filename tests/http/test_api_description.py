"""The OpenAPI document is whole, and says of every address what is there."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema_rs
import pytest
from webtest import TestApp

from core.api import ENDPOINTS
from core.api.endpoints import PREFIX
from core.api.openapi import plain_path, table
from core.security.tokens import SCOPES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "api.md"


@pytest.fixture(scope="module")
def document(house):
    return TestApp(house.app).get("/api/v1/openapi.json").json


def test_every_endpoint_is_described(document):
    said = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert said == {(one.method, PREFIX + plain_path(one.path)) for one in ENDPOINTS}
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert all(operation["summary"].endswith(".") for operation in operations)
    public = {name for name, operation in zip(names, operations, strict=True) if operation["security"] == []}
    assert public == {"read_verification"}
    scopes = {scope for operation in operations for need in operation["security"] for scope in need["token"]}
    assert scopes == set(SCOPES)


def test_every_reference_leads_somewhere(document):
    found = set()

    def walk(value) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                found.add(value["$ref"])
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(document)
    for reference in found:
        place = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
    assert {name.rpartition("/")[2] for name in found if "/schemas/" in name} == set(document["components"]["schemas"])


def test_schemas_are_json_schema(document):
    assert document["openapi"] == "3.1.0"
    for name, schema in document["components"]["schemas"].items():
        jsonschema_rs.Draft202012Validator({"components": document["components"], **schema})
        assert schema["type"] == "object", name
    for path, methods in document["paths"].items():
        parameters = set(re.findall(r"{(\w+)}", path))
        for operation in methods.values():
            assert {row["name"] for row in operation["parameters"] if row.get("in") == "path"} == parameters
            success = [status for status in operation["responses"] if status.startswith("2")]
            assert len(success) == 1 and all("description" in operation["responses"][status] for status in success)


def test_it_is_kept_by_its_hash(house):
    browser = TestApp(house.app)
    first = browser.get("/api/v1/openapi.json")
    assert browser.get("/api/v1/openapi.json", headers={"If-None-Match": first.headers["ETag"]}).status_int == 304


def test_the_page_names_every_address():
    assert table(ENDPOINTS) in PAGE.read_text(encoding="utf-8"), "put `table(ENDPOINTS)` into the page again"
