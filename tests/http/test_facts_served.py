"""Facts on the wire and on the page: programs say them, clerks confirm them, spreadsheets bring them; on both databases."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

import pytest
from openpyxl import load_workbook
from webtest import TestApp, TestResponse, Upload

from core.app import make_app
from core.cases.building import system_actor
from core.cases.desk import Office
from core.cases.opening import open_case
from core.cases.registration import import_units
from core.store.models import Fact, Unit
from core.store.session import unit_of_work
from core.store.users import create_user, grant
from tests.cases_kit import ELM, Definitions, spreadsheet
from tests.facts_kit import ARREARS, load, office_in, sheet
from tests.http.api_client import Program, token_of
from tests.http.conftest import PASSWORD, House

API = f"/api/v1/estates/{ELM}"
UNIT = f"{API}/units/3-2-501/facts"
PAGES = f"/e/{ELM}"
STAFF = {"wang": "service", "chen": "finance", "zhao": "manager", "li": "engineering", "zhou": "security"}
HEAD = ("房号", "欠费（元）", "截至日期")


@pytest.fixture(scope="session")
def definitions() -> Definitions:
    return load()


@dataclass
class Elm:
    """An estate with a few units, seen through the application."""

    office: Office
    app: Any
    house: House = field(init=False)

    def __post_init__(self) -> None:
        self.house = House(self.office, self.app, [])

    def program(self, name: str, *scopes: str) -> Program:
        return Program(self.app, token_of(self.office, name, *scopes, estate=ELM))

    def open(self, procedure: str = "leaving", code: str = "3-2-501") -> str:
        with unit_of_work(self.office.sessions) as session:
            desk = self.office.desk(session, system_actor(self.office))
            unit = session.query(Unit).filter_by(estate=ELM, code=code).one()
            return open_case(desk, ELM, procedure, unit.id).id

    def facts(self, name: str = "arrears_fen") -> list[Fact]:
        with unit_of_work(self.office.sessions, readonly=True) as session:
            return session.query(Fact).filter_by(name=name).all()


@pytest.fixture
def elm(tmp_path, database_url, definitions) -> Elm:
    office, _ = office_in(tmp_path, database_url, definitions)
    with unit_of_work(office.sessions) as session:
        desk = office.desk(session, system_actor(office))
        import_units(desk, ELM, spreadsheet())
        for name, role in STAFF.items():
            user = create_user(session, username=name, name=name.title(), password=PASSWORD, by="", at=desk.now, weak=True)
            session.flush()
            grant(session, user.id, ELM, role, by="", at=desk.now)
    return Elm(office, make_app(office.settings, office=office))


def put(program: Program, facts: dict[str, Any], status: int = 200) -> TestResponse:
    answer = program.browser.put_json(UNIT, {"facts": facts}, headers=program.headers, status="*")
    assert answer.status_int == status, answer.text
    program.contract.holds("put", UNIT, answer)
    return answer


# ---------------------------------------------------------------- programs


def test_a_program_says_a_fact_and_the_case_goes_on(elm: Elm) -> None:
    case, chen = elm.open(), elm.program("chen")
    known = {row["name"]: row for row in chen.get(UNIT).json}
    assert known["arrears_fen"]["value"] is None and known["read_on"]["type"] == "date"
    [lacks] = chen.get(f"{API}/cases/{case}/steps/dues").json["missing"][:1]
    assert (lacks["kind"], lacks["target"]) == ("fact", ARREARS)
    answer = put(chen, {"arrears_fen": {"value": 0}, "read_on": {"value": "2026-03-01", "as_of": "2026-03-01T08:00:00+08:00"}})
    known = {row["name"]: row for row in answer.json}
    assert known["arrears_fen"] | {"as_of": ""} == {"name": "arrears_fen", "title": "物业欠费", "type": "integer", "value": 0,
                                                   "outside": 0, "cases": None, "as_of": "", "origin": "api"}
    assert known["read_on"]["value"] == "2026-03-01" and known["read_on"]["as_of"].startswith("2026-03-01T00:00:00")
    steps = {step["name"]: step["status"] for step in chen.get(f"{API}/cases/{case}").json["steps"]}
    assert steps["dues"] == "done"
    put(chen, {"arrears_fen": {"value": 0}})
    assert len(elm.facts()) == 1


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"arrears": {"value": 1}}, "facts.arrears"), ({"arrears_fen": {"value": "1"}}, "facts.arrears_fen.value"),
    ({"arrears_fen": {"value": True}}, "facts.arrears_fen.value"), ({"arrears_fen": {"value": -1}}, "facts.arrears_fen.value"),
    ({"arrears_fen": {"value": 1, "as_of": "2026-03-09T08:00:00+08:00"}}, "facts.arrears_fen.as_of"),
    ({"arrears_fen": {"value": 1, "as_of": "2026-03-01T08:00:00"}}, "facts.arrears_fen.as_of"),
    ({"arrears_fen": {}}, "facts.arrears_fen.value"), ({}, "facts"), ({"arrears_fen": {"value": 1, "by": 2}}, "facts.arrears_fen.by"),
]


def test_what_is_wrong_is_told_at_its_place_and_nothing_is_stored(elm: Elm) -> None:
    chen = elm.program("chen")
    for facts, place in WRONG:
        answer = put(chen, {**({"keys_out": {"value": 1}} if facts else {}), **facts}, 422)
        assert place in [row["field"] for row in answer.json["errors"]], facts
    assert elm.facts() == elm.facts("keys_out") == []


def test_who_may_say_facts(elm: Elm) -> None:
    put(elm.program("chen", "read"), {"arrears_fen": {"value": 1}}, 403)
    put(elm.program("li"), {"arrears_fen": {"value": 1}}, 403)
    chen = elm.program("chen")
    for path in (f"{API}/units/9-9-999/facts", "/api/v1/estates/jade_garden/units/3-2-501/facts"):
        assert chen.get(path, 404).json["code"] == "SX-2004"


def test_a_program_confirms_a_fact_of_a_step(elm: Elm) -> None:
    case, chen = elm.open(), elm.program("chen")
    step = f"{API}/cases/{case}/steps/dues"
    [fact] = chen.get(f"{step}/facts").json
    assert (fact["name"], fact["fresh"], fact["may"], fact["kind"]) == (ARREARS, False, True, "money")
    assert not elm.program("wang").get(f"{step}/facts").json[0]["may"]
    elm.program("wang").post(f"{step}/facts/{ARREARS}", {"value": 0}, 403)
    assert chen.post(f"{step}/facts/{ARREARS}", {"value": "0"}, 422).json["errors"][0]["field"] == "value"
    assert chen.post(f"{step}/facts/remark", {"value": "x"}, 404).status_int == 404
    version = chen.get(f"{API}/cases/{case}").json["version"]
    first = chen.post(f"{step}/facts/{ARREARS}", {"value": 12}, 200, key="once", version=version)
    again = chen.post(f"{step}/facts/{ARREARS}", {"value": 12}, 200, key="once", version=version)
    assert again.body == first.body and again.headers["Idempotent-Replayed"] == "true"
    assert first.json["steps"]["dues"] == "open"
    assert chen.post(f"{step}/facts/{ARREARS}", {"value": 0}, 409, version=version).json["code"] == "SX-2300"
    assert chen.post(f"{step}/facts/arrears_fen", {"value": 0}, 200).json["steps"]["dues"] == "done"


# ---------------------------------------------------------------- the step's page


def test_a_clerk_confirms_on_the_page(elm: Elm) -> None:
    case = elm.open()
    address = f"{PAGES}/cases/{case}/steps/dues"
    browser = elm.house.browser("chen")
    page = browser.get(address)
    assert "物业欠费" in page and "还没有记录" in page and "须为当天的数据" in page
    assert f'href="{address}#facts"' in page
    form = House.form(page, f"/facts/{ARREARS}")
    form["value"] = "1.234"
    again = form.submit(status=422)
    assert "最多两位小数" in again and 'value="1.234"' in again and 'href="#f-value"' in again and elm.facts() == []
    form = House.form(again, f"/facts/{ARREARS}")
    form["value"] = "3,276.5"
    told = form.submit().follow().follow()
    assert "3,276.50 元" in told and "人工确认" in told and "有效" in told
    form = House.form(browser.get(address), f"/facts/{ARREARS}")
    form["value"] = "0"
    assert form.submit().status_int == 303
    assert elm.program("chen").get(f"{API}/cases/{case}").json["steps"][0]["status"] == "done"


def test_others_see_who_confirms(elm: Elm) -> None:
    address = f"{PAGES}/cases/{elm.open()}/steps/dues"
    page = elm.house.browser("wang").get(address)
    assert "由finance、manager确认" in page
    assert not [form for form in page.forms.values() if (form.action or "").endswith(ARREARS)]


def test_each_kind_of_fact_has_its_control(elm: Elm) -> None:
    case, works = elm.open(), elm.open("works")
    chen, wang = elm.program("chen"), elm.house.browser("wang")
    steps = f"{API}/cases/{case}/steps"
    chen.post(f"{steps}/dues/facts/{ARREARS}", {"value": 0}, 200)
    address = f"{PAGES}/cases/{case}/steps/meters"
    form = House.form(wang.get(address), "/facts/unit.read_on")
    assert form["value"].attrs["type"] == "date"
    form["value"] = "2026-03-01"
    form.submit()
    form = House.form(wang.get(address), "/facts/unit.remark")
    form["value"] = "无"
    form.submit()
    page = wang.get(f"{PAGES}/cases/{case}/steps/calm")
    assert "本系统的办件已计入 是" in page
    form = House.form(page, "/facts/unit.works_active")
    form["value"] = "no"  # nobody outside works; the case still does
    form.submit()
    assert elm.facts("works_active")[0].subject.startswith("unit:")
    assert "有效" in wang.get(f"{PAGES}/cases/{case}/steps/calm") and works


def test_the_page_speaks_english(elm: Elm) -> None:
    browser = elm.house.browser("chen")
    page = browser.get(f"{PAGES}/cases/{elm.open()}/steps/dues")
    browser.set_cookie("shouxu_locale", "en")
    page = browser.get(page.request.path)
    assert "Nothing is known of “Arrears”" in page and "To be confirmed" in page and "核实" not in page


# ---------------------------------------------------------------- sheets


def test_a_sheet_is_fetched_filled_checked_and_brought_in(elm: Elm) -> None:
    case, browser = elm.open(), elm.house.browser("chen")
    page = browser.get(f"{PAGES}/facts/balances")
    book = load_workbook(io.BytesIO(page.click("下载空白表格").body))
    filled = book.active
    assert filled is not None and filled["A2"].value == "3-2-501"
    filled["B2"], filled["C2"] = "0.001", "2026-03-02"
    target = io.BytesIO()
    book.save(target)

    def send(action: str, data: bytes, status: int) -> TestResponse:
        form = House.form(browser.get(f"{PAGES}/facts/balances"), "/facts/balances")
        form["file"] = Upload("a.xlsx", data)
        return form.submit("action", value=action, status=status)

    wrong = send("import", target.getvalue(), 422)
    assert "balances!B2" in wrong and elm.facts() == []
    copy = send("copy", target.getvalue(), 200)
    assert "balances.errors.xlsx" in copy.headers["Content-Disposition"]
    marked = load_workbook(io.BytesIO(copy.body))["balances"]
    assert "最多两位小数" in marked["D2"].value and elm.facts() == []
    filled["B2"] = 0
    target = io.BytesIO()
    book.save(target)
    assert "检查通过" in send("check", target.getvalue(), 200) and elm.facts() == []
    assert "1 件办件因此推进" in send("import", target.getvalue(), 200) and len(elm.facts()) == 1
    assert elm.program("chen").get(f"{API}/cases/{case}").json["steps"][0]["status"] == "done"
    assert "不是可读的" in send("check", b"no sheet", 422)


def test_the_pages_of_sheets_open_for_staff_only(elm: Elm) -> None:
    browser = elm.house.browser("li")
    for kind in ("balances", "deposits", "keys", "open-cases"):
        page = browser.get(f"{PAGES}/facts/{kind}")
        assert page.status_int == 200 and not [form for form in page.forms.values() if form.action.endswith(kind)]
        assert browser.get(f"{PAGES}/facts/{kind}/template.xlsx").body[:2] == b"PK"
    assert browser.get(f"{PAGES}/facts/rents", status=404)
    posted = {"csrf_token": House.form(browser.get("/account"), "")["csrf_token"].value, "action": "import"}
    files = [("file", "a.xlsx", sheet(HEAD, ("3-2-501", 0, "2026-03-01")))]
    assert browser.post(f"{PAGES}/facts/balances", posted, upload_files=files, status=403) and elm.facts() == []
    assert TestApp(elm.app).get(f"{PAGES}/facts/balances/template.xlsx", status="*").status_int in (303, 401)
