"""Bringing cases to newer definitions on the page and on the wire; on both databases."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from webtest import TestApp, TestResponse

from core.app import make_app
from core.cases import filling
from core.store.models import Case, User
from core.store.session import unit_of_work
from tests.cases_kit import ELM
from tests.http.api_client import Program, token_of
from tests.http.conftest import House
from tests.http.constructs_client import stored
from tests.language_kit import Office, office, procedures

ASK = "form: ask\ntitle: 申请表\nfields: [{name: size, title: 面积, type: integer, required: true, min: %d}]\n"
STEPS = "steps: [{name: ask, title: 申请, form: ask}, {name: check, title: 检查, requires: ask}]"
API = f"/api/v1/estates/{ELM}"


@dataclass
class Elm:
    """The estate seen through the application, with definitions that change."""

    folder: Path
    house: Office
    app: Any = field(init=False)

    def __post_init__(self) -> None:
        self.app = make_app(self.house.office.settings, office=self.house.office)
        with unit_of_work(self.house.office.sessions) as session:
            session.execute(update(User).values(password=stored()))

    def browser(self, name: str) -> TestApp:
        browser = TestApp(self.app)
        assert House.log_in(browser, name).status_int == 303
        return browser

    def program(self, name: str, *scopes: str) -> Program:
        return Program(self.app, token_of(self.house.office, name, *scopes, estate=ELM))

    def case(self, code: str, size: int | None = None) -> str:
        case = self.house.open("job", code)
        if size:
            self.house.act("elm", filling.submit, case, "ask", {"size": size})
        return case

    def row(self, case: str) -> Case:
        return self.house.rows(Case, id=case)[0]

    def changed(self, least: int = 5, procedure: str = STEPS) -> None:
        """The estate asks for at least so much from now on."""
        folder = self.folder / f"later{len(list(self.folder.iterdir()))}"
        folder.mkdir()
        self.house.office.library = procedures(folder, {"job": {"procedure.yaml": procedure, "forms/ask.yaml": ASK % least}})


@pytest.fixture
def elm(tmp_path: Path, database_url: str) -> Elm:
    return Elm(tmp_path, office(tmp_path, database_url, {"job": {"procedure.yaml": STEPS, "forms/ask.yaml": ASK % 1}}))


def words(answer: TestResponse) -> str:
    (main,) = answer.html.select("main")
    return re.sub(r"\s+", " ", main.get_text(" ")).strip()


# ---------------------------------------------------------------- programs


def test_a_program_previews_and_migrates(elm: Elm) -> None:
    case = elm.case("3-2-501", 3)
    program = elm.program("zhao", "read", "write")
    same = program.get(f"{API}/cases/{case}/migration").json
    assert same["same"] and program.get(f"{API}/outdated").json == []
    elm.changed()
    assert [row["case"] for row in program.get(f"{API}/outdated", procedure="job").json] == [case]
    answer = program.get(f"{API}/cases/{case}/migration")
    seen = answer.json
    assert answer.headers["ETag"] == f'"{seen["version"]}"'
    assert [(row["step"], row["field"], row["value"]) for row in seen["misfits"]] == [("ask", "size", "3")]
    assert {row["step"]: (row["before"], row["after"]) for row in seen["steps"]} == {"ask": ("done", "open"), "check": ("open", "closed")}
    assert seen["changes"] == [{"kind": "field", "how": "changed", "name": "size", "title": "面积", "step": "ask", "was": "",
                                "parts": ["min"], "held": "已填"}]
    path = f"{API}/cases/{case}/migration"
    program.post(path, {"reason": "新标准", "to": "0" * 64}, status=409)
    program.post(path, {"reason": "新标准", "to": seen["after"]}, status=409, version=seen["version"] + 7)
    program.post(path, {"reason": " "}, status=422)
    done = program.post(path, {"reason": "新标准", "to": seen["after"]}, version=seen["version"], key="once").json
    assert done["after"] == elm.row(case).pin == seen["after"] and done["steps"] == {"ask": "open", "check": "closed"}
    assert [(row["step"], row["how"]) for row in done["reopened"]] == [("ask", "round")]
    assert program.post(path, {"reason": "新标准", "to": seen["after"]}, version=seen["version"], key="once").json == done
    assert program.post(path, {"reason": "新标准"}, status=409).json["code"] == "SX-2265"


def test_programs_without_the_role_or_the_scope_are_refused(elm: Elm) -> None:
    case = elm.case("3-2-501", 3)
    elm.changed()
    path = f"{API}/cases/{case}/migration"
    elm.program("li", "read", "write").get(path, status=403)
    elm.program("li", "read", "write").post(path, {"reason": "新标准"}, status=403)
    elm.program("zhao", "read").post(path, {"reason": "新标准"}, status=403)
    assert elm.row(case).pin != elm.program("zhao", "read").get(path).json["after"]


# ---------------------------------------------------------------- people


def test_the_page_of_a_case_shows_what_would_change_and_does_it(elm: Elm) -> None:
    case = elm.case("3-2-501", 3)
    elm.changed()
    zhao = elm.browser("zhao")
    steps = zhao.get(f"/e/{ELM}/cases/{case}").follow()
    shown = steps.click("改用新定义", verbose=False)
    said = words(shown)
    for expected in ("重新填表", "面积", "要重新办理的步骤", "不再合适的内容", "定义的不同之处"):
        assert expected in said
    form = House.form(shown, "/migrate")
    form["reason"] = ""
    refused = form.submit(status=422)
    assert "写明" in words(refused)
    form = House.form(refused, "/migrate")
    form["reason"] = "新标准"
    done = form.submit(status=303).follow().follow()
    assert "已改用新定义" in done.text and "填写《申请表》" in words(done)
    after = zhao.get(f"/e/{ELM}/cases/{case}/migrate")
    assert "没有要改的" in words(after) and not after.html.select("[name=to]")
    assert "改用新定义" in words(zhao.get(f"/e/{ELM}/cases/{case}/history"))


def test_a_page_that_is_too_old_is_refused(elm: Elm) -> None:
    case = elm.case("3-2-501")
    elm.changed()
    zhao = elm.browser("zhao")
    form = House.form(zhao.get(f"/e/{ELM}/cases/{case}/migrate"), "/migrate")
    form["reason"] = "新标准"
    elm.changed(7)
    assert "SX-2306" in form.submit(status=409).text
    form = House.form(zhao.get(f"/e/{ELM}/cases/{case}/migrate"), "/migrate")
    form["reason"] = "新标准"
    elm.house.act("elm", filling.submit, case, "ask", {"size": 3})
    assert "SX-2300" in form.submit(status=409).text


def test_many_are_chosen_on_one_page(elm: Elm) -> None:
    easy, again, left = elm.case("3-2-501"), elm.case("3-2-502", 3), elm.case("9-1-1001")
    elm.changed()
    zhao = elm.browser("zhao")
    listed = zhao.get(f"/e/{ELM}/cases").click("按旧定义办理的办件")
    boxes = {box["value"].partition(":")[0]: box.has_attr("checked") for box in listed.html.select("[name=case]")}
    assert boxes == {easy: True, again: False, left: True}
    assert "重新办理" in words(listed) and "没有要重办的" in words(listed)
    form = House.form(listed, "/outdated")
    form["reason"] = "新标准"
    for box in form.fields["case"]:
        box.checked = not box._value.startswith(left)
    done = form.submit(status=303).follow()
    assert "2 件已改用新定义" in done.text
    assert [box["value"].partition(":")[0] for box in done.html.select("[name=case]")] == [left]
    assert elm.row(easy).pin == elm.row(again).pin != elm.row(left).pin
    nobody = House.form(done, "/outdated")
    nobody["reason"] = "新标准"
    for box in nobody.fields["case"]:
        box.checked = False
    assert "请选择办件" in nobody.submit(status=422).text


def test_what_cannot_be_brought_over_is_not_offered(elm: Elm) -> None:
    elm.case("3-2-501")
    elm.changed(procedure="subject: place\n" + STEPS)
    listed = elm.browser("zhao").get(f"/e/{ELM}/outdated")
    assert "不能改" in words(listed) and not listed.html.select("[name=case]")


def test_others_see_no_such_page(elm: Elm) -> None:
    case = elm.case("3-2-501")
    elm.changed()
    li = elm.browser("li")
    assert "按旧定义" not in li.get(f"/e/{ELM}/cases").text
    assert "改用新定义" not in li.get(f"/e/{ELM}/cases/{case}").follow().text
    for path in (f"/e/{ELM}/outdated", f"/e/{ELM}/cases/{case}/migrate"):
        li.get(path, status=403)
    token = li.get(f"/e/{ELM}/cases").html.select_one("[name=csrf_token]")
    assert token is not None
    said = {"csrf_token": token["value"], "reason": "新标准", "case": f"{case}:1", "procedure": "job"}
    li.post(f"/e/{ELM}/outdated", said, status=403)
    assert elm.row(case).version == 1


def test_the_pages_speak_english(elm: Elm) -> None:
    case = elm.case("3-2-501", 3)
    elm.changed()
    zhao = elm.browser("zhao")
    zhao.set_cookie("shouxu_locale", "en")
    for path in (f"/e/{ELM}/outdated", f"/e/{ELM}/cases/{case}/migrate"):
        heads = [head.get_text() for head in zhao.get(path).html.select("main th, main h2, main button")]
        assert heads and not [head for head in heads if re.search("[\u4e00-\u9fff]", head.replace("申请", ""))]
