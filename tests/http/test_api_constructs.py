"""What procedures may say beyond forms and papers, for programs: the same acts, each answer held against its description."""

from __future__ import annotations

from typing import Any

import pytest

from core.cases import approving, lifecycle
from core.store.models import Case, Receipt, StepAct
from tests.cases_kit import Definitions
from tests.constructs_kit import FILLED, MAPLE, load
from tests.http.api_client import Program
from tests.http.constructs_client import Maple, maple_in

ROOT = f"/api/v1/estates/{MAPLE}"


@pytest.fixture(scope="session")
def constructs(tmp_path_factory: pytest.TempPathFactory) -> Definitions:
    return load(tmp_path_factory.mktemp("constructs"))


@pytest.fixture
def maple(tmp_path, sqlite_url, constructs) -> Maple:
    return maple_in(tmp_path, sqlite_url, constructs)


@pytest.fixture
def maple_on_both(tmp_path, database_url, constructs) -> Maple:
    return maple_in(tmp_path, database_url, constructs)


def at(case: str, rest: str = "") -> str:
    return f"{ROOT}/cases/{case}{rest}"


def fill(program: Program, case: str, step: str, **more: Any) -> dict[str, Any]:
    values = FILLED[step.partition("@")[0]] | more
    return program.post(at(case, f"/steps/{step}/form"), {"values": values}).json


def test_procedures_say_what_they_are_about(maple):
    rows = {row["name"]: row for row in maple.program("wang").get(f"{ROOT}/procedures").json}
    assert rows["leak"]["subject"] == ["place", "unit"] and rows["memo"]["subject"] == ["person", "estate"]
    assert rows["works"]["children"][0] == {"kind": "breach", "title": "违章", "procedure": "breach"}
    assert rows["works"]["startable"] and not rows["breach"]["startable"]
    steps = {step["name"]: step for step in rows["works"]["steps"]}
    assert steps["passes"]["each"] == "workers" and steps["approve"]["approvals"] == ["service", "engineering"]
    assert {"name": "workers", "title": "施工人员", "kind": "person", "many": True, "optional": True} in rows["works"]["parties"]


def test_a_case_about_a_place(maple):
    wang = maple.program("wang")
    refused = wang.post(f"{ROOT}/cases", {"procedure": "leak"}, 422)
    assert refused.json["errors"][0]["field"] == "place"
    made = wang.post(f"{ROOT}/cases", {"procedure": "leak", "place": "大堂"}, 201, key="leak-1")
    again = wang.post(f"{ROOT}/cases", {"procedure": "leak", "place": "大堂"}, 201, key="leak-1")
    assert again.json == made.json and len(maple.kit.rows(Case, procedure="leak")) == 1
    case = wang.get(at(made.json["case"])).json
    assert (case["subject"], case["place"], case["unit"]) == ("place", "大堂", None)
    assert case["steps"][0]["due_at"] and case["steps"][0]["overdue"] is False
    row = wang.get(f"{ROOT}/cases", procedure="leak").json["rows"][0]
    assert (row["place"], row["unit"], row["state_title"]) == ("大堂", "", "办理中")
    memo = wang.post(f"{ROOT}/cases", {"procedure": "memo"}, 201).json
    assert wang.get(at(memo["case"])).json["subject"] == "person"
    assert wang.post(f"{ROOT}/cases", {"procedure": "breach"}, 409).json["code"] == "SX-2262"


def test_items_have_their_own_addresses(maple):
    case = maple.kit.works("entry", workers=("张一", "李二"))
    wang = maple.program("wang")
    assert wang.get(at(case, "/steps/passes@1")).json["item"] == "张一"
    assert wang.get(at(case, "/steps/passes%402")).json["group"] == "办证"
    wang.get(at(case, "/steps/passes@1/form"))
    standing = fill(wang, case, "passes@2")
    assert standing["steps"] | {"passes@1": "open", "passes@2": "open"} == standing["steps"]
    issued = wang.post(at(case, "/steps/passes@2/documents"), {}, 201).json
    assert issued["steps"]["passes@2"] == "done" and issued["documents"][0]["step"] == "passes@2"
    whole = wang.post(at(case, "/steps/passes/form"), {"values": FILLED["passes"]}, 404).json
    assert "passes@1、passes@2" in whole["detail"]
    assert wang.get(at(case, "/steps/passes"), 404)
    assert wang.get(at(case, "/steps/passes@7"), 404)


def test_consents_are_given_one_by_one(maple_on_both):
    maple = maple_on_both
    case = maple.kit.works("approve")
    wang, li, jack = maple.program("wang"), maple.program("li"), maple.program("jack")
    early = wang.post(at(case, "/steps/approve/approve"), {}, 409).json
    assert early["code"] == "SX-2205" and [one["kind"] for one in early["reasons"]] == ["form"]
    fill(wang, case, "approve")
    version = maple.kit.case(case).version
    wang.post(at(case, "/steps/approve/approve"), {"note": "齐"}, 200, key="c-1", version=version)
    wang.post(at(case, "/steps/approve/approve"), {"note": "齐"}, 200, key="c-1", version=version)  # the same request again
    assert [act.role for act in maple.kit.rows(StepAct)] == ["service"]
    assert li.post(at(case, "/steps/approve/approve"), {}, 409, version=version).json["code"] == "SX-2300"
    approvals = li.get(at(case, "/steps/approve")).json["approvals"]
    assert [(row["role"], row["by"], row["note"], row["mine"]) for row in approvals] == [
        ("service", "王晓梅", "齐", False), ("engineering", "", "", True)]
    assert maple.program("gao").post(at(case, "/steps/approve/approve"), {}, 403).json["code"] == "SX-2003"
    done = jack.post(at(case, "/steps/approve/approve"), {"role": "engineering"}).json
    assert done["steps"]["approve"] == "done" and done["steps"]["pay"] == "open"


def test_a_proposed_outcome_waits(maple):
    case = maple.kit.works("approve")
    wang, zhao = maple.program("wang"), maple.program("zhao")
    fill(wang, case, "approve")
    said = wang.post(at(case, "/steps/approve/outcomes"), {"outcome": "refused", "reason": "缺图"}).json
    assert said["state"] == "open"
    step = zhao.get(at(case, "/steps/approve")).json
    assert (step["proposed"]["outcome"], step["proposed"]["reason"], step["may_approve"]) == ("refused", "缺图", True)
    assert {row["name"]: (row["automatic"], row["consents"]) for row in step["outcomes"]} == {
        "approved": (True, []), "returned": (False, []), "refused": (False, ["项目经理"])}
    ended = zhao.post(at(case, "/steps/approve/approve"), {}).json
    assert ended["state"] == "refused"
    assert [row["id"] for row in wang.get(f"{ROOT}/cases", state="refused").json["rows"]] == [case]


def test_exceptions_and_renewals_need_a_reason(maple):
    case = maple.kit.works("permit")
    zhao, wang = maple.program("zhao"), maple.program("wang")
    assert wang.post(at(case, "/steps/permit/override"), {"reason": "急"}, 403).json["code"] == "SX-2003"
    assert zhao.post(at(case, "/steps/permit/override"), {"reason": " "}, 422).json["errors"][0]["field"] == "reason"
    zhao.post(at(case, "/steps/permit/override"), {"reason": "银行已付"}, key="o-1")
    assert zhao.post(at(case, "/steps/permit/override"), {"reason": "银行已付"}, 409).json["code"] == "SX-2255"
    done = wang.post(at(case, "/steps/permit/documents"), {}, 201).json
    assert done["steps"]["permit"] == "done"
    assert wang.get(at(case, "/steps/permit")).json["valid_to"] == "2026-04-01"
    opened = wang.post(at(case, "/steps/permit/renew"), {"reason": "工期延长"}).json
    assert opened["steps"]["permit"] == "open"
    assert wang.post(at(case, "/steps/apply/renew"), {"reason": "试"}, 409).json["code"] == "SX-2256"


def test_sub_cases_are_opened_through_their_parent(maple_on_both):
    maple = maple_on_both
    li = maple.program("li")
    early = maple.kit.works("pay")
    reasons = li.post(at(early, "/children/breach"), {}, 409).json["reasons"]
    assert reasons[0]["message"] == "先办到“进场”" and reasons[0]["step"] == "entry"
    assert li.post(at(early, "/children/nothing"), {}, 404)
    case = maple.kit.works("accept", "3-2-502")
    version = maple.kit.case(case).version
    assert li.post(at(case, "/children/breach"), {}, 409, version=version - 1).json["code"] == "SX-2300"
    made = li.post(at(case, "/children/breach"), {}, 201, key="b-1", version=version)
    again = li.post(at(case, "/children/breach"), {}, 201, key="b-1", version=version)
    assert made.json == again.json and made.headers["Location"].endswith(f"/cases/{made.json['case']}")
    assert len(maple.kit.rows(Case, parent_id=case)) == 1
    child = li.get(at(made.json["case"])).json
    assert child["parent"]["id"] == case and made.headers["ETag"] == f'"{child["version"]}"'
    fill(li, made.json["case"], "record", severity="heavy")
    assert li.get(at(made.json["case"], "/steps/order")).json["rung"] == "书面通知"
    parent = li.get(at(case)).json
    assert [row["number"] for row in parent["children"]] == [child["number"]]
    assert [(row["kind"], row["reasons"]) for row in parent["openable"]] == [("breach", []), ("extension", [])]


def test_a_deposit_is_settled_once(maple_on_both):
    maple = maple_on_both
    kit = maple.kit
    case = kit.works("accept")
    child = kit.breach(case)
    kit.fill("li", child, "order", penalty="120.00")
    kit.act("li", lifecycle.decide, child, "check", "rectified")
    kit.fill("li", case, "accept")
    kit.act("zhao", approving.override, case, "refund", "业主出国")
    chen = maple.program("chen")
    assert chen.post(at(case, "/steps/refund/settle"), {"method": "cash"}, 409).json["reasons"][0]["kind"] == "approval"
    for who in ("li", "wang", "chen"):
        maple.program(who).post(at(case, "/steps/refund/approve"), {})
    step = chen.get(at(case, "/steps/refund")).json
    assert step["settlement"] == {"held_fen": 50000, "lines": [["违约金", 12000, kit.case(child).number]], "refund_fen": 38000,
                                  "settled": False, "may_settle": True}
    narrow = maple.program("chen", "read", "write")
    assert narrow.post(at(case, "/steps/refund/settle"), {"method": "cash"}, 403)
    assert chen.post(at(case, "/steps/refund/settle"), {"method": "gold"}, 409).json["code"] == "SX-2404"
    done = chen.post(at(case, "/steps/refund/settle"), {"method": "transfer"}, key="s-1")
    assert chen.post(at(case, "/steps/refund/settle"), {"method": "transfer"}, key="s-1").json == done.json
    assert (done.json["refund_fen"], done.json["lines"][0]["origin"]) == (38000, kit.case(child).number)
    assert [row.total for row in kit.rows(Receipt, kind="refund")] == [38000]
    assert chen.get(at(case, "/steps/refund")).json["settlement"]["held_fen"] == 50000
    assert chen.post(at(case, "/steps/refund/settle"), {"method": "transfer"}, 409).json["code"] == "SX-2204"


def test_the_suggested_class_stands_in_the_form(maple):
    case = maple.kit.start("leak", place="大堂")
    wang = maple.program("wang")
    fill(wang, case, "report")
    assert wang.get(at(case, "/steps/grade/form")).json["values"]["level"] == "important"
    fill(wang, case, "grade", level="minor")
    step = wang.get(at(case, "/steps/grade")).json
    assert (step["class_title"], step["suggested"]) == ("轻微", "重要")
    assert wang.get(at(case, "/steps/arrive")).json["roles"] == ["工程部"]
