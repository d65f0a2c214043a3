"""Waivers on the money page and in the API: asked for by one, consented to by another, in part and with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update
from webtest import TestApp

from core.app import make_app
from core.store.models import User
from core.store.session import unit_of_work
from tests.cases_kit import ELM
from tests.http.api_client import Program, token_of
from tests.http.conftest import House
from tests.http.constructs_client import stored, words
from tests.language_kit import Office, office

STEPS = "steps:\n  - {name: pay, title: 交费, role: finance, fees: s}\n"
FEES = """
    fees:
      - {name: debris, title: 垃圾费, stage: s, amount: 1200, waive: {by: finance, approval: manager, most: 500}}
      - {name: card, title: 卡费, stage: s, amount: 20, waive: finance}
"""


@pytest.fixture
def where(tmp_path: Path, sqlite_url: str) -> Office:
    found = office(tmp_path, sqlite_url, {"lend": {"procedure.yaml": STEPS, "fee_schedule.yaml": FEES}})
    with unit_of_work(found.office.sessions) as session:
        session.execute(update(User).values(password=stored()))
    return found


def browser(app, name: str) -> TestApp:
    found = TestApp(app)
    assert House.log_in(found, name).status_int == 303
    return found


def test_a_waiver_goes_over_the_page(where: Office) -> None:
    app, case = make_app(where.office.settings, office=where.office), where.open("lend")
    money = f"/e/{ELM}/cases/{case}/money"
    chen, zhao = browser(app, "chen"), browser(app, "zhao")
    debris, card = where.view(case, "chen").money.charges
    page = chen.get(money)
    assert "怎么算的" in page.text and "标准出处" in page.text and "fee_schedule.yaml:3" in page.text
    form = House.form(page, f"/{debris.id}/waive")
    assert form["amount"].value == "500.00"
    assert "同意后生效" in page.html.find("form", action=form.action).get_text()
    form["amount"], form["reason"] = "600", "老人"
    assert "最多再减免 500.00 元" in form.submit(status="*").text
    form["amount"] = "400"
    assert form.submit().status_int == 303
    asked = chen.get(money)
    assert "申请减免 400.00 元" in words(asked) and "老人" in words(asked)
    assert not [one for one in asked.forms.values() if one.action.endswith("/waive/answer")]
    answer = House.form(zhao.get(money), f"/{debris.id}/waive/answer")
    assert "请" in answer.submit("answer", value="refuse", status="*").text  # a refusal says why
    assert where.view(case).money.charges[0].waiver is not None
    answer = House.form(zhao.get(money), f"/{debris.id}/waive/answer")
    assert answer.submit("answer", value="consent").status_int == 303
    page = chen.get(money)
    assert "已免 400.00 元" in words(page)
    part = House.form(page, f"/{card.id}/waive")
    part["amount"], part["reason"] = "5", "磨损"
    assert part.submit().status_int == 303
    assert [row.open_fen for row in where.view(case).money.charges] == [80000, 1500]
    assert "申请减免" in chen.get(f"/e/{ELM}/cases/{case}/history").text


def test_a_waiver_goes_over_the_api(where: Office) -> None:
    app, case = make_app(where.office.settings, office=where.office), where.open("lend")
    root = f"/api/v1/estates/{ELM}"
    chen, zhao = (Program(app, token_of(where.office, name, "read", "money", estate=ELM)) for name in ("chen", "zhao"))
    debris, card = chen.get(f"{root}/cases/{case}").json["money"]["charges"]
    assert (debris["may_waive"], debris["waivable_fen"], debris["waiver"]) == (True, 50000, None)
    assert debris["explanation"]["written"][0]["layer"] == "plugin" and debris["explanation"]["lines"][-1]["name"] == "written"
    waive, answer = f"{root}/charges/{debris['id']}/waiver", f"{root}/charges/{debris['id']}/waiver/answer"
    assert chen.post(waive, {"reason": "老人", "fen": 50001}, 409).json["code"] == "SX-2409"
    assert chen.post(waive, {"reason": " ", "fen": 1}, 422).json["errors"][0]["field"] == "reason"
    chen.post(waive, {"reason": "老人", "fen": 30000})
    assert chen.post(waive, {"reason": "老人", "fen": 1}, 409).json["code"] == "SX-2412"
    waits = zhao.get(f"{root}/cases/{case}").json["money"]["charges"][0]["waiver"]
    assert (waits["fen"], waits["reason"], waits["may_answer"]) == (30000, "老人", True)
    chen.post(answer, {"consent": True}, 403)
    zhao.post(answer, {"consent": False}, 422)
    zhao.post(answer, {"consent": True})
    assert zhao.post(answer, {"consent": True}, 409).json["code"] == "SX-2412"
    chen.post(f"{root}/charges/{card['id']}/waiver", {"reason": "磨损"})
    charges = chen.get(f"{root}/cases/{case}").json["money"]["charges"]
    assert [(row["waived_fen"], row["open_fen"]) for row in charges] == [(30000, 90000), (2000, 0)]
