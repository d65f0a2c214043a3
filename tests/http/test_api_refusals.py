"""What the API refuses, and how: tokens, scopes, strangers, gates, wrong values, junk."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from webtest import TestApp

from core.store.models import ApiToken, Case, Unit
from core.store.session import unit_of_work
from core.store.users import issue_token, revoke_token
from tests.http.api_client import ESTATE, ROOT, Program, base64_text, book_of_units, ink, scan, token_of


@pytest.fixture(scope="module")
def wang(house):
    return Program(house.app, token_of(house.office, "wang"))


def unit_id(house, code: str = "") -> str:
    with unit_of_work(house.office.sessions) as session:
        return session.scalars(select(Unit.id).where(Unit.estate == ESTATE, Unit.code == (code or house.unit()))).one()


@pytest.fixture(scope="module")
def case(house, wang):
    return wang.post("/cases", {"procedure": "move_in", "unit": unit_id(house)}, 201).json["case"]


# ---------------------------------------------------------------- who


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer sx_" + "a" * 43, "Basic d2FuZzp4", "Bearer sx_é", "sx_x"]
)
def test_without_a_good_token(house, header):
    headers = {"Authorization": header} if header is not None else {}
    answer = TestApp(house.app).get(f"{ROOT}/units", headers=headers, status=401)
    assert answer.json["code"] == "SX-2001"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_revoked_and_expired_tokens(house):
    office = house.office
    token = token_of(office, "wang")
    program = Program(house.app, token)
    program.get("/units")
    with unit_of_work(office.sessions) as session:
        row = session.scalars(select(ApiToken).order_by(ApiToken.id.desc())).first()
        revoke_token(session, row.id, by="", at=office.clock.now())
    assert program.get("/units", 401).json["code"] == "SX-2001"
    with unit_of_work(office.sessions) as session:
        late = issue_token(
            session,
            row.user_id,
            estate=ESTATE,
            name="late",
            scopes=["read"],
            by="",
            at=office.clock.now(),
            expires_at=office.clock.now() - timedelta(seconds=1),
        )
    Program(house.app, late).get("/units", 401)


def test_a_login_of_the_pages_opens_nothing(house):
    browser = house.browser("wang")
    assert browser.get(f"/e/{ESTATE}/").status_int == 200
    assert browser.get(f"{ROOT}/units", status=401).json["code"] == "SX-2001"
    assert browser.post_json(f"{ROOT}/cases", {"procedure": "move_in", "unit": "x"}, status=401)


def test_a_token_opens_no_page(house, wang):
    answer = TestApp(house.app).get(f"/e/{ESTATE}/", headers=wang.headers, status=303)
    assert "/login" in answer.location


@pytest.mark.parametrize(
    ("scopes", "method", "path", "body"),
    [
        (("read",), "post", "/cases", {"procedure": "move_in", "unit": "x"}),
        (("write",), "get", "/units", None),
        (("read", "write"), "post", "/cases/x/payments", {"methods": {"cash": None}}),
        (("read", "write", "money"), "post", "/documents/x/void", {"reason": "x"}),
        (("read", "write", "money"), "get", "/documents/x.docx", None),
        (("read", "write", "documents"), "post", "/cases/x/parties/disclosure", {}),
    ],
)
def test_scopes(house, scopes, method, path, body):
    program = Program(house.app, token_of(house.office, "wang", *scopes))
    answer = program.get(path, 403) if method == "get" else program.post(path, body, 403)
    assert answer.json["code"] == "SX-2003" and "令牌" in answer.json["detail"]


def test_issuing_with_a_form_needs_its_own_scope(house, case):
    program = Program(house.app, token_of(house.office, "wang", "read", "write"))
    program.post(f"/cases/{case}/steps/verify/form", {"values": {}, "issue": True}, 403)
    program.get(f"/cases/{case}/steps/verify/form", 403, personal="true")


def test_roles_hold_for_programs_too(house, case):
    li = Program(house.app, token_of(house.office, "li"))
    answer = li.post(f"/cases/{case}/steps/verify/papers", {"papers": {"notice": {"evidence": []}}}, 403)
    assert answer.json["code"] == "SX-2003"


def test_a_stranger_learns_nothing(house, wang, case):
    stranger = Program(house.app, token_of(house.office, "stranger", estate="far_garden"))
    assert [row["name"] for row in stranger.get("/api/v1/estates").json] == ["far_garden"]
    unknown = stranger.get("/api/v1/estates/no_such_place/units", 404).json
    assert stranger.get("/units", 404).json == unknown
    for path in (
        f"{ROOT}/cases/{case}",
        f"/api/v1/estates/far_garden/cases/{case}",
        f"/api/v1/estates/far_garden/cases/{case}/steps/verify/form",
    ):
        assert stranger.get(path, 404).json["code"] == "SX-2004"
    stranger.post(f"/api/v1/estates/far_garden/cases/{case}/withdrawal", {"reason": "x"}, 404)
    wang.get(f"/cases/{case}")


# ---------------------------------------------------------------- what


def test_closed_gate_gives_its_reasons(wang, case):
    problem = wang.post(f"/cases/{case}/payments", {"methods": {"cash": None}}, 403).json
    assert problem["code"] == "SX-2003"
    problem = wang.post(f"/cases/{case}/steps/certificate/form", {"values": {}}, 409).json
    assert problem["code"].startswith("SX-22") and problem["reasons"][0]["step"] == "keys"


def test_page_and_program_get_the_same_verdict(house, wang, case):
    values = {"notice_deadline": "31.12.", "cards": 99, "remarks": "坏\x07", "nonsense": "1"}
    problems = wang.post(f"/cases/{case}/steps/verify/form", {"values": values}, 422).json["errors"]
    dry = wang.post(f"/cases/{case}/steps/verify/form:check", {"values": values}).json["errors"]
    assert problems == dry
    browser = house.browser("wang")
    page = browser.get(house.case(case, "/steps/verify"))
    token = page.html.select_one("input[name=csrf_token]")["value"]
    posted = {f"f-{name}": str(value) for name, value in values.items()}
    posted |= {"f-fee_from": "", "csrf_token": token, "action": "submit"}
    shown = browser.post(house.case(case, "/steps/verify/form"), posted, status=422)
    for problem in problems:
        assert problem["message"] in shown.text or problem["field"] == "nonsense"
    assert {row["field"] for row in problems} == {"notice_deadline", "fee_from", "cards", "remarks", "nonsense"}
    english = wang.post(f"/cases/{case}/steps/verify/form:check", {"values": values}, **{"Accept-Language": "en-GB"})
    assert english.headers["Content-Language"] == "en" and english.json["errors"][0]["message"].isascii()


def test_a_stale_if_match_says_what_changed(house, wang, case):
    seen = wang.get(f"/cases/{case}")
    version = seen.json["version"]
    assert seen.headers["ETag"] == f'"{version}"'
    first = wang.post(f"/cases/{case}/suspension", {"reason": "等资料"}, version=version)
    assert first.json["version"] == version + 1 and first.headers["ETag"] == f'"{version + 1}"'
    stale = wang.post(f"/cases/{case}/resumption", {}, 409, version=version).json
    assert stale["code"] == "SX-2300" and stale["changes"][0]["what"] == "case.suspended"
    wang.post(f"/cases/{case}/resumption", {}, version="*")
    assert wang.post(f"/cases/{case}/suspension", {"reason": "x"}, 400, version="W/5").json["code"] == "SX-2109"


def test_names_and_members_that_nobody_knows(wang, case):
    unknown = wang.post(f"/cases/{case}/withdrawal", {"reason": "x", "resaon": "y"}, 422).json
    assert unknown["errors"] == [{"field": "resaon", "message": "没有这一项", "code": "SX-2104"}]
    missing = wang.post(f"/cases/{case}/withdrawal", {}, 422).json
    assert missing["errors"] == [{"field": "reason", "message": "缺少此项", "code": "SX-2102"}]
    wrong = wang.post(
        f"/cases/{case}/steps/verify/papers", {"papers": {"notice": {"evidence": "yes", "count": "1"}}}, 422
    )
    assert [row["field"] for row in wrong.json["errors"]] == ["papers.notice.evidence", "papers.notice.count"]
    assert wang.get("/units", 422, limit="many").json["errors"][0]["field"] == "limit"
    assert wang.get("/units", 422, txet="1").json["errors"][0]["field"] == "txet"
    assert wang.get(f"/cases/{case}/steps/nowhere", 404).json["code"] == "SX-2004"
    assert wang.get("/cash-sheets/yesterday", 404)


# ---------------------------------------------------------------- junk

JUNK = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"1",
    b'"x"',
    b"\xff\xfe{}",
    b'{"reason": NaN}',
    b'{"reason": Infinity}',
    b'{"reason": 1e999}',
    b'{"reason": "a", "reason": "b"}',
    b'{"reason": "\\ud800"}',
    b'{"\\ud800": 1}',
    b'{"reason": "a\\u0000b"}',
    b"[" * 50_000,
    b'{"a":' * 5_000,
    b"[" * 40 + b"]" * 40,
    b"9" * 10_000,
    b'{"reason": {"a": []}}',
    b'{"reason": null}',
    b'{"reason": true}',
    b'{"reason": "' + b"x" * 600 + b'"}',
    b"reason=x",
    b"\x00",
    json.dumps({"reason": "x" * 1_100_000}).encode(),
]


@pytest.mark.parametrize("body", JUNK, ids=range(len(JUNK)))
@pytest.mark.parametrize("path", ["/withdrawal", "/steps/verify/form", "/payments", "/steps/verify/checks"])
def test_junk_json_is_the_senders_mistake(wang, case, path, body):
    answer = wang.browser.post(
        f"{ROOT}/cases/{case}{path}", body, headers=wang.headers, content_type="application/json", status="*"
    )
    assert 400 <= answer.status_int < 500, f"{answer.status} {answer.text[:300]}"
    assert answer.content_type == "application/problem+json" and answer.json["code"].startswith("SX-2")


VALUES = [
    {"notice_deadline": 5},
    {"notice_deadline": ["2026-03-31"]},
    {"cards": 10**400},
    {"cards": 1e308},
    {"cards": True},
    {"remarks": {"a": 1}},
    {"remarks": "\ud800"},
    {"remarks": "\x00"},
    {"x" * 10_000: 1},
    {"\ud800": 1},
    {"": ""},
    [],
]


@pytest.mark.parametrize("values", VALUES, ids=range(len(VALUES)))
def test_junk_answers_are_the_senders_mistake(wang, case, values):
    for path in ("/form", "/form:check"):
        answer = wang.browser.post(
            f"{ROOT}/cases/{case}/steps/verify{path}",
            json.dumps({"values": values}).encode(),
            headers=wang.headers,
            content_type="application/json",
            status="*",
        )
        assert answer.status_int in (400, 422) or (path == "/form:check" and answer.json["ok"] is False)


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("text/plain", 415),
        ("", 415),
        ("application/xml; charset=bogus", 415),
        ("application/json; charset=bogus", 422),
        ("multipart/form-data", 415),
    ],
)
def test_content_types(wang, case, content_type, status):
    answer = wang.browser.post(
        f"{ROOT}/cases/{case}/withdrawal",
        b'{"reason": ""}',
        headers=wang.headers,
        content_type=content_type,
        status="*",
    )
    assert answer.status_int == status, answer.text


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "application/json",
        'multipart/form-data; boundary="',
        "multipart/form-data; boundary=x; charset=y",
    ],
)
def test_junk_uploads(wang, content_type):
    for body in (
        b"",
        b"--x\r\n",
        b"--x\r\nContent-Disposition: form-data; name=file\r\n\r\nx\r\n--x--\r\n",
        b"\xff" * 100,
    ):
        headers = wang.headers | {"Content-Type": content_type}
        answer = wang.browser.request(f"{ROOT}/uploads", method="POST", body=body, headers=headers, status="*")
        assert 400 <= answer.status_int < 500, answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/cases/%ff",
        "/cases/%00",
        "/cases/" + "x" * 5000,
        "/cases?after=%ff",
        "/cases?after=%00",
        "/cases?limit=0",
        "/cases?limit=999999999999999999999",
        "/search",
        "/search?q=a&q=b",
        "/units?text=" + "a" * 500,
        "/nowhere",
        "/cases/../..",
        "/cases/x/steps/%F0%9F%98%80",
    ],
)
def test_junk_addresses(wang, path):
    answer = wang.browser.get(ROOT + path, headers=wang.headers, status="*")
    assert 400 <= answer.status_int < 500, answer.text


def test_other_methods_are_named(wang):
    answer = wang.browser.delete(f"{ROOT}/units", headers=wang.headers, status=405)
    assert answer.headers["Allow"] == "GET, HEAD" and answer.content_type == "application/problem+json"


# ---------------------------------------------------------------- files


def test_uploads_are_what_their_bytes_say(house, wang, case):
    kept = wang.upload("/uploads", "file", scan(), kind="scan").json["sha256"]
    refused = wang.upload("/uploads", "file", b"MZ not a picture", 422, kind="photo").json
    assert refused["errors"][0]["field"] == "file"
    assert wang.upload("/uploads", "flie", scan(), 422).json["errors"][0]["field"] == "flie"
    wang.post(
        f"/cases/{case}/steps/verify/papers", {"papers": {"notice": {"evidence": ["original_seen"], "blob": kept}}}
    )
    assert wang.get(f"/cases/{case}/uploads/{kept}").content_type == "image/jpeg"
    wang.get(f"/cases/{case}/uploads/{'0' * 64}", 404)


def test_ink_is_bound_to_what_was_shown(wang, case):
    answer = wang.post("/documents/nothing/signatures", {"signer": "owner", "ink": "!!", "shown": "0" * 64}, 422)
    assert answer.json["errors"][0]["field"] == "ink"
    body = {"signer": "owner", "ink": base64_text(ink()), "shown": "0" * 64}
    wang.post("/documents/nothing/signatures", body, 404)


def test_a_dry_run_import_stores_nothing(house):
    zhou = Program(house.app, token_of(house.office, "zhou"))
    refused = zhou.upload("/units/imports", "file", b"no spreadsheet", 422, dry_run="true").json
    assert refused["errors"][0]["field"] == "file"
    dry = zhou.upload("/units/imports", "file", book_of_units(), 200, dry_run="true").json
    assert dry["rows"] == 5 and dry["created"] == 5 and dry["problems"] == []  # what it would do
    assert zhou.get("/units", text="3-1-").json["rows"] == []


def test_nothing_of_all_this_was_stored(house, case):
    with unit_of_work(house.office.sessions) as session:
        assert session.get_one(Case, case).state == "open"
