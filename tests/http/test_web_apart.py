"""Estates are apart: read from Pyramid's own introspection, every address with a foreign id is a 404."""

from __future__ import annotations

import re

import pytest

from core.cases.desk import Office
from core.store.models import Case, Charge, Document, Unit
from core.store.session import unit_of_work

HOLES = re.compile(r"\{(\w+)(?::(?:(\w+)\|[^}]*|[^}|]*))?\}")
VALUES = {
    "procedure": "move_in",
    "step": "verify",
    "paper": "notice",
    "name": "paper_check",
    "series": "certificate",
    "kind": "pdf",
    "signer": "owner",
    "party": "owner",
    "sha": "0" * 64,
    "register": "x",
    "person": "x",
    "charge": "x",
    "receipt": "x",
}


def addresses(app, **values: str) -> list[str]:
    """Every address of the staff pages that names an estate, with its holes filled."""
    found = []
    for entry in app.registry.introspector.get_category("routes"):
        pattern = entry["introspectable"]["pattern"]
        if pattern.startswith("/e/{estate}"):
            found.append(HOLES.sub(lambda hole: hole.group(2) or {**VALUES, **values}[hole.group(1)], pattern))
    return found


@pytest.fixture(scope="module")
def issued(house) -> dict[str, str]:
    """A case of jade_garden with a document, and a case of the other estate."""
    case = house.open_case()
    browser = house.browser("wang")
    house.form(browser.get(house.case(case, "/steps/verify")), "/steps/verify/papers").submit()
    form = house.form(browser.get(house.case(case, "/steps/verify")), "/form")
    form["f-notice_deadline"] = "2026-03-31"
    form.submit("action", value="submit")
    house.form(browser.get(house.case(case, "/steps/verify/issue")), "/issue").submit()
    stranger = house.browser("stranger")
    with unit_of_work(house.office.sessions, readonly=True) as session:
        document = session.query(Document).filter_by(case_id=case).first()
        assert document is not None
        unit = session.query(Unit).filter_by(estate="far_garden").first()
    page = stranger.get("/e/far_garden/new/move_in", {"q": unit.code})
    foreign = house.form(page, "/new/move_in").submit("unit", index=0).location.rpartition("/")[2]
    return {"case": case, "document": document.id, "foreign": foreign}


def _token(browser) -> str:
    return browser.get("/account").html.select_one("input[name=csrf_token]")["value"]


def test_a_stranger_finds_nothing(house, issued):
    browser = house.browser("stranger")
    token = _token(browser)
    paths = addresses(house.app, estate="jade_garden", case=issued["case"], document=issued["document"])
    assert len(paths) > 30
    for path in paths:
        assert browser.get(path, status="*").status_int == 404, path
        assert browser.post(path, {"csrf_token": token}, status="*").status_int == 404, path


def test_a_foreign_case_under_the_own_estate_is_not_there(house, issued):
    browser = house.browser("wang")
    token = _token(browser)
    paths = [
        path
        for path in addresses(
            house.app, estate="jade_garden", case=issued["foreign"], document=issued["document"]
        )
        if issued["foreign"] in path
    ]
    assert len(paths) > 20
    for path in paths:
        assert browser.get(path, status="*").status_int == 404, path
        assert browser.post(path, {"csrf_token": token, "reason": "x"}, status="*").status_int == 404, path


def test_a_document_is_found_under_its_own_case_only(house, issued):
    other = house.open_case()
    browser = house.browser("wang")
    for path in addresses(house.app, estate="jade_garden", case=other, document=issued["document"]):
        if issued["document"] in path:
            assert browser.get(path, status="*").status_int == 404, path


def test_a_charge_of_another_case_cannot_be_touched(house, issued):
    browser = house.browser("chen")
    token = _token(browser)
    other = house.open_case()
    with unit_of_work(house.office.sessions, readonly=True) as session:
        charge = session.query(Charge).filter(Charge.case_id != other).first()
    named = charge.id if charge is not None else "x"
    for rest in (f"/charges/{named}/waive", f"/charges/{named}/refund", "/receipts/x/cancel"):
        values = {"csrf_token": token, "reason": "x", "amount": "1", "method": "cash"}
        assert browser.post(house.case(other, rest), values, status="*").status_int == 404


def test_nobody_is_let_in_without_a_login(house, issued):
    browser = house.browser()
    for path in addresses(house.app, estate="jade_garden", case=issued["case"], document=issued["document"]):
        answer = browser.get(path, status="*")
        assert answer.status_int == 303 and "/login?next=" in answer.location, path


def test_a_form_sets_only_its_own_fields(house):
    """Every column of a case is added to a post; none but the version moves."""
    case = house.open_case()
    browser = house.browser("wang")
    form = house.form(browser.get(house.case(case, "/steps/verify")), "/form")
    values = [(name, value) for name, value in form.submit_fields() if name]
    columns = [(column.name, "1") for column in Case.__table__.columns if column.name != "version"]
    before = _columns(house.office, case)
    answer = browser.post(
        house.case(case, "/steps/verify/form"), [*values, *columns, ("action", "draft")], status="*"
    )
    assert answer.status_int == 303
    assert _columns(house.office, case) == before
    strange = [*values, ("f-state", "completed"), ("f-notice_deadline", "2026-03-31"), ("action", "submit")]
    refused = browser.post(house.case(case, "/steps/verify/form"), strange, status="*")
    assert refused.status_int == 422
    assert _columns(house.office, case) == before


def _columns(office: Office, case: str) -> dict[str, object]:
    with unit_of_work(office.sessions, readonly=True) as session:
        row = session.get(Case, case)
        assert row is not None
        return {column.name: getattr(row, column.key) for column in Case.__table__.columns}
