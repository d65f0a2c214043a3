"""What procedures may say beyond forms and papers, on the pages: items, consent, time, sub-cases, settlement, subjects."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from core.cases import approving, lifecycle
from core.cases.reading import WORDS
from core.cases.sweeping import sweep_due
from core.store.models import Case, CaseParty, Draft, Person, Receipt, StepAct, Submission
from tests.cases_kit import Definitions
from tests.constructs_kit import MAPLE, load
from tests.http.conftest import House
from tests.http.constructs_client import Maple, maple_in, words

CORE = Path(__file__).resolve().parents[2] / "core"
HOME = f"/e/{MAPLE}"


@pytest.fixture(scope="session")
def constructs(tmp_path_factory: pytest.TempPathFactory) -> Definitions:
    return load(tmp_path_factory.mktemp("constructs"))


@pytest.fixture
def maple(tmp_path, sqlite_url, constructs) -> Maple:
    return maple_in(tmp_path, sqlite_url, constructs)


@pytest.fixture
def maple_on_both(tmp_path, database_url, constructs) -> Maple:
    """Once on SQLite and once on PostgreSQL."""
    return maple_in(tmp_path, database_url, constructs)


def led(answer) -> str:
    """Where an answer leads to."""
    assert answer.status_int == 303, answer.text
    return answer.location or ""


def summary(page) -> str:
    return page.html.find(class_="summary").get_text(" ")


# ---------------------------------------------------------------- items


def test_items_stand_under_their_step_and_take_every_address(maple):
    case = maple.kit.works("entry", workers=("张一", "李二"))
    base = f"{HOME}/cases/{case}/steps"
    wang = maple.browser("wang")
    assert led(wang.get(f"{base}/passes")).endswith("/steps/passes@1")
    page = maple.page("wang", case, "passes@1")
    group = page.html.find("ol", class_="items")
    assert [a.get_text(" ", strip=True) for a in group.find_all("a")] == ["◐ 张一 可办理", "◐ 李二 可办理"]
    assert group.find("a", attrs={"aria-current": "step"})["href"].endswith("/steps/passes@1")
    assert "0/2" in group.parent.get_text()
    assert wang.get(f"{base}/passes%402").status_int == 200
    assert wang.get(f"{base}/passes%409", status="*").status_int == 404
    assert maple.send("wang", case, "passes@2", "form", "draft", **{"f-trade": "木工"}).status_int == 303
    assert [row.step for row in maple.kit.rows(Draft)] == ["passes@2"]
    assert "木工" in maple.send("wang", case, "passes@2", "form", "check").text
    assert led(maple.send("wang", case, "passes@2", "form", "submit")).endswith("?from=passes%402")
    assert wang.get(f"{base}/passes@2/preview/pass").status_int == 200
    assert House.form(wang.get(f"{base}/passes@2/issue"), "/issue").submit().status_int == 303
    assert maple.kit.status(case) | {"passes@1": "open", "passes@2": "done"} == maple.kit.status(case)
    assert maple.page("wang", case).request.path.endswith("/steps/passes@1")  # on to the next of them


def test_checklist_of_a_role_takes_its_key(maple):
    case = maple.kit.works("accept")
    path = f"{HOME}/cases/{case}/steps/patrol@engineering/checklist"
    form = House.form(maple.browser("li").get(path), "/checklist")
    form["result-fire"], form["result-noise"] = "passed", "passed"
    assert led(form.submit()).endswith("?from=patrol%40engineering")
    assert maple.send("li", case, "patrol@engineering", "form", "submit").status_int == 303
    status = maple.kit.status(case)
    assert (status["patrol@engineering"], status["patrol@service"]) == ("done", "open")


def test_nothing_is_done_for_the_step_as_a_whole(maple):
    case = maple.kit.works("entry", workers=("张一",))
    form = House.form(maple.page("wang", case, "passes@1"), "/passes@1/form")
    form.action = form.action.replace("passes@1", "passes")
    form["f-trade"] = "木工"
    assert form.submit("action", value="submit", status="*").status_int == 404
    assert all(row.step != "passes" for row in maple.kit.rows(Submission))


def test_many_items_are_folded_and_unfold_around_the_present_one(maple):
    case = maple.kit.works("entry", workers=tuple(f"工{at}" for at in range(9)))
    assert maple.page("wang", case, "entry").html.find("details", class_="more").find("ol", class_="items")
    assert maple.page("wang", case, "passes@9").html.select("details ol.items") == []


# ---------------------------------------------------------------- consent


def test_two_roles_consent_and_the_outcome_is_taken_by_itself(maple_on_both):
    maple = maple_on_both
    case = maple.kit.works("approve")
    shut = maple.page("wang", case, "approve")
    assert "本步其余各项办完后才能审批" in words(shut, "approvals") and "还剩" in words(shut)
    maple.kit.fill("wang", case, "approve")
    page = maple.page("wang", case, "approve")
    assert words(page, "approvals") == "同意情况 ○ 客服部 待同意 ○ 工程部 待同意 意见 （选填） 同意 审批"
    assert "approved" not in [box["value"] for box in page.html.find(id="outcome").find_all("input", type="radio")]
    assert maple.send("wang", case, "approve", "approve", note="图纸齐全").status_int == 303
    assert "✓ 客服部 王晓梅 已同意" in words(maple.page("li", case, "approve"), "approvals")
    assert "图纸齐全" in words(maple.page("li", case, "approve"), "approvals")
    assert not maple.page("wang", case, "approve").html.find("form", action=re.compile("/approve$"))
    assert maple.send("li", case, "approve", "approve").status_int == 303
    assert maple.kit.status(case)["pay"] == "open"


def test_a_second_consent_by_one_person_is_refused(maple):
    case = maple.kit.works("approve")
    maple.kit.fill("wang", case, "approve")
    page = maple.page("jack", case, "approve")
    choices = [label.get_text(strip=True) for label in page.html.find(id="approvals").find_all("label", class_="choice")]
    assert choices == ["客服部", "工程部"]
    stale = House.form(page, "/approve/approve")
    maple.send("jack", case, "approve", "approve", role="engineering")
    stale["version"] = str(maple.kit.case(case).version)
    refused = stale.submit(status="*")
    assert refused.status_int == 409 and "SX-2257" in summary(refused)
    assert len([act for act in maple.kit.rows(StepAct) if act.kind == "approval"]) == 1


def test_an_outcome_waits_for_the_consent_of_another(maple):
    case = maple.kit.works("approve")
    maple.kit.fill("wang", case, "approve")
    page = maple.page("li", case, "approve")
    assert "不同意 （须写原因） （须经项目经理同意）" in words(page, "outcome")
    refused = maple.send("li", case, "approve", "outcome", outcome="refused")
    assert refused.status_int == 422 and refused.html.find("input", value="refused").has_attr("checked")
    assert maple.send("li", case, "approve", "outcome", outcome="refused", reason="图纸不合格").status_int == 303
    assert "审批 施工 1" in words(maple.browser("zhao").get(HOME + "/"))
    page = maple.page("zhao", case, "approve")
    assert "已提出结论“不同意”，同意后生效。 原因 — 图纸不合格 李建国" in words(page, "approvals")
    assert "○ 项目经理 待同意 事由：不同意" in words(page, "approvals") and "您可以查看" not in words(page)
    assert maple.send("zhao", case, "approve", "approve").status_int == 303
    assert maple.kit.case(case).state == "refused"
    assert "不同意" in words(maple.page("wang", case, "approve")) and "办结" in words(maple.page("wang", case, "approve"))


def test_returning_opens_the_step_before(maple):
    case = maple.kit.works("approve")
    maple.kit.fill("wang", case, "approve")
    assert maple.send("wang", case, "approve", "outcome", outcome="returned", reason="缺图").status_int == 303
    assert maple.kit.status(case)["apply"] == "open"


def test_a_missed_deadline_asks_for_one_more_consent(maple):
    case = maple.kit.works("approve")
    maple.kit.fill("wang", case, "approve")
    maple.kit.clock.advance(timedelta(days=3))
    sweep_due(maple.kit.office)
    assert "审批 施工 逾期 1 1" in words(maple.browser("zhao").get(HOME + "/"))
    page = maple.page("zhao", case, "approve")
    assert "逾期 已超过 1 天" in words(page) and "项目经理 待同意 事由：超过时限" in words(page, "approvals")
    for who in ("wang", "li", "zhao"):
        assert maple.kit.status(case)["approve"] == "open"
        assert maple.send(who, case, "approve", "approve").status_int == 303
    assert "逾期办结" in words(maple.page("wang", case, "approve"))


# ---------------------------------------------------------------- time


def test_facts_are_confirmed_and_an_exception_passes_them(maple):
    first, second = maple.kit.works("permit"), maple.kit.works("permit", "3-2-502")
    page = maple.page("chen", first, "permit")
    assert "须核实的数据" in words(page, "facts") and "您可以查看" not in words(page)
    assert maple.send("chen", first, "permit", "facts/unit.arrears_fen", value="0").status_int == 303
    assert "有效" in words(maple.page("chen", first, "permit"), "facts")
    assert maple.page("wang", second, "permit").html.find(id="override") is None
    nothing = maple.send("zhao", second, "permit", "override", reason="  ")
    assert nothing.status_int == 422 and "特批须写明原因" in summary(nothing)
    assert nothing.html.find("a", href="#f-reason") and nothing.html.find(id="f-reason").find_parent(id="override")
    assert maple.send("zhao", second, "permit", "override", reason="业主已在银行付款").status_int == 303
    history = maple.browser("wang").get(f"{HOME}/cases/{second}/history")
    assert "发证 · 业主已在银行付款" in words(history)


def test_what_expires_is_said_and_renewed(maple):
    case = maple.kit.works("entry", workers=("张一",))
    page = maple.page("wang", case, "permit")
    assert "有效期至 2026年4月1日 ✓ 有效" in words(page)
    maple.kit.clock.advance(timedelta(days=40))
    sweep_due(maple.kit.office)
    shut = maple.page("wang", case, "passes@1")
    assert "这一步还不能办理" in words(shut) and "续办" in words(shut)
    page = maple.page("wang", case, "permit")
    assert "已过期" in words(page)
    assert maple.send("wang", case, "permit", "renew", reason="工期延长").status_int == 303
    assert maple.kit.status(case)["permit"] == "open" and "第 2 轮" in words(maple.page("wang", case, "permit"))
    history = maple.browser("wang").get(f"{HOME}/cases/{case}/history")
    assert "续办 · 发证 · 工期延长" in words(history) and "有效期" in words(history)


def test_minutes_run_and_the_lists_say_so(maple):
    case = maple.kit.start("leak", place="大堂")
    assert "还剩 4 分钟" in words(maple.page("wang", case, "report"))
    maple.kit.clock.advance(timedelta(minutes=12))
    assert "! 逾期 已超过" in words(maple.page("wang", case, "report"))
    rows = maple.browser("wang").get(f"{HOME}/cases?procedure=leak")
    assert "大堂" in words(rows) and "! 逾期" in words(rows)
    home = words(maple.browser("wang").get(HOME + "/"))
    assert "登记 渗漏 逾期 1 1" in home and "大堂" in home
    assert "大堂" in words(maple.browser("wang").get(f"{HOME}/search?q=SL-2026-00001"))
    assert maple.browser("wang").get(f"{HOME}/board/leak").status_int == 200


def test_a_waiting_step_says_until_when_and_who_may_pass_it(maple):
    case = maple.kit.works("refund")
    assert "才能办" in words(maple.page("chen", case, "refund"))
    assert maple.page("chen", case, "refund").html.find(id="override") is None
    assert maple.send("zhao", case, "refund", "override", reason="业主出国").status_int == 303
    assert maple.kit.status(case)["refund"] == "open"


# ---------------------------------------------------------------- classes


def test_the_suggested_class_is_chosen_until_somebody_decides(maple):
    case = maple.kit.start("leak", place="大堂")
    maple.kit.fill("wang", case, "report", wet=True)
    page = maple.page("wang", case, "grade")
    assert "规则建议级别 重要 由经办人决定" in words(page)
    form = House.form(page, "/grade/form")
    assert form["f-level"].value == "important"
    form["f-level"], form["f-department"] = "minor", "security"
    assert form.submit("action", value="submit").status_int == 303
    page = maple.page("wang", case, "grade")
    assert "级别 轻微 规则建议：重要" in words(page)
    assert "安保部" in words(maple.page("gao", case, "arrive"))  # where the form sent it
    assert maple.send("gao", case, "arrive", "form", "submit", **{"f-matter": "消防栓漏水"}).status_int == 303
    maple.kit.clock.advance(timedelta(days=8))
    sweep_due(maple.kit.office)
    assert "级别 重大" in words(maple.page("wang", case, "grade"))
    assert "级别升高 · 分级 · 重大" in words(maple.browser("wang").get(f"{HOME}/cases/{case}/history"))


# ---------------------------------------------------------------- sub-cases


def test_sub_cases_are_opened_once_and_lead_back(maple_on_both):
    maple = maple_on_both
    case = maple.kit.works("entry")
    maple.kit.pass_step(case, "entry")
    page = maple.page("li", case, "accept")
    form = House.form(page, "/children/breach")
    first, second = form.submit(), form.submit()
    assert first.location == second.location and len(maple.kit.rows(Case, parent_id=case)) == 1
    child = led(first).rpartition("/")[2]
    page = maple.page("li", child, "record")
    number = maple.kit.case(case).number
    assert page.html.find("nav", class_="crumbs").find("a", string=f"施工 {number}")["href"].endswith(case)
    assert f"所属 施工 {number}" in words(page, "children")
    assert "违章处理 WZ-2026-00001 ◐ 办理中" in words(maple.page("li", case, "accept"), "children")
    again = House.form(maple.page("li", case, "accept"), "/children/breach").submit()
    assert again.location != first.location
    maple.kit.fill("li", child, "record", severity="heavy")
    assert "级次 书面通知" in words(maple.page("li", child, "order"))


def test_a_kind_that_may_not_be_opened_says_why(maple):
    case = maple.kit.works("entry")
    assert maple.page("li", case, "entry").html.find(id="why-breach") is None  # entry is open: breaches may be
    early = maple.kit.works("pay", "3-2-502")
    page = maple.page("li", early, "pay")
    assert page.html.find("button", attrs={"aria-describedby": "why-breach"}).has_attr("disabled")
    assert "先办到“进场”" in words(page, "children")
    assert maple.page("chen", early, "pay").html.find(id="children") is None  # finance begins no breach
    form = House.form(maple.page("li", case, "entry"), "/children/breach")
    form.action = form.action.replace(case, early)
    refused = form.submit(status="*")
    assert refused.status_int == 409 and "先办到“进场”" in summary(refused)
    assert maple.kit.rows(Case, parent_id=early) == []


def test_a_resting_step_leads_to_the_sub_case(maple):
    case = maple.kit.works("accept", workers=("张一",))
    for _ in range(3):
        child = maple.kit.breach(case)
    page = maple.page("wang", case, "passes@1")
    link = page.html.find("a", string=re.compile("暂停，办结后恢复"))
    assert link["href"].endswith(f"/cases/{child}")
    assert "还有违章没有处理完" not in words(page)


def test_only_what_may_begin_by_itself_is_offered(maple):
    home = maple.browser("wang").get(HOME + "/")
    tiles = [tile.get_text(strip=True) for tile in home.html.find_all(class_="tile")]
    assert tiles == ["＋ 施工", "＋ 渗漏", "＋ 留言"]
    assert maple.browser("wang").get(f"{HOME}/new/breach", status="*").status_int == 404
    hits = maple.browser("wang").get(f"{HOME}/search?q=3-2-501")
    assert "留言" not in words(hits) and "渗漏" in words(hits)


# ---------------------------------------------------------------- settlement


def test_a_deposit_is_settled_on_its_page(maple_on_both):
    maple = maple_on_both
    kit = maple.kit
    case = kit.works("accept")
    child = kit.breach(case)
    kit.fill("li", child, "order", penalty="120.00")
    kit.act("li", lifecycle.decide, child, "check", "rectified")
    kit.fill("li", case, "accept", damages="30.50")
    kit.act("zhao", approving.override, case, "refund", "业主出国")
    assert "审批和其余各项办完后才能结算" in words(maple.page("chen", case, "refund"), "settlement")
    wrong = maple.page("chen", case, "refund")
    assert not wrong.html.find("form", action=re.compile("/settle$"))
    for who in ("li", "wang", "chen"):
        assert maple.send(who, case, "refund", "approve").status_int == 303
    page = maple.page("chen", case, "refund")
    number = kit.case(child).number
    assert words(page, "settlement").startswith(
        f"押金结算 押金结算 项目 来自 金额（元） 所押金额 500.00 扣：违约金 违章处理 {number} −120.00 扣：赔偿")
    assert "应退还 349.50" in words(page, "settlement") and "叁佰肆拾玖元伍角整" in words(page, "settlement")
    assert page.html.find(id="settlement").find("a", string=re.compile(number))["href"].endswith(child)
    form = House.form(page, "/settle")
    refused = form.submit(status="*")
    assert refused.status_int == 422 and "请选择退款方式" in words(refused, "settlement")
    form = House.form(refused, "/settle")
    form["method"] = "transfer"
    assert form.submit().status_int == 303
    assert form.submit(status="*").status_int == 409
    page = maple.page("chen", case, "refund")
    assert "✓ 已结算" in words(page, "settlement") and "已退还 349.50" in words(page, "settlement")
    assert [row.total for row in kit.rows(Receipt, kind="refund")] == [34950]
    history = maple.browser("chen").get(f"{HOME}/cases/{case}/history")
    assert "结算押金 · 退押金 · 退还 349.50 元，扣除 150.50 元" in words(history)


def test_deductions_beyond_the_deposit_are_said_before(maple):
    kit = maple.kit
    case = kit.works("accept")
    kit.fill("li", case, "accept", damages="600.00")
    kit.act("zhao", approving.override, case, "refund", "试")
    for who in ("li", "wang", "chen"):
        kit.act(who, approving.approve, case, "refund")
    page = maple.page("chen", case, "refund")
    assert "请先收取不足的 100.00 元" in words(page, "settlement")
    assert not page.html.find("form", action=re.compile("/settle$"))


# ---------------------------------------------------------------- people and subjects


def test_several_people_are_registered_in_a_row(maple):
    case = maple.kit.works("approve")
    path = f"{HOME}/cases/{case}/parties/many/workers"
    wang = maple.browser("wang")
    assert wang.get(f"{HOME}/cases/{case}/parties/many/owner", status="*").status_int == 404
    assert wang.get(f"{HOME}/cases/{case}/parties").html.find("a", href=path)
    form = House.form(wang.get(path), "/many/workers")
    form["name-0"], form["name-1"], form["id_number-1"], form["phone-3"] = "张一", "李二", "110101199003077758", "13800138000"
    more = form.submit("action", value="rows")
    assert len(more.html.select("tbody tr")) == 10 and more.html.select("#f-name-1")[0]["value"] == "李二"
    refused = House.form(more, "/many/workers").submit("action", value="save", status="*")
    assert refused.status_int == 422 and refused.html.find("a", href="#f-name-3")
    assert refused.html.select("#f-name-3")[0]["aria-invalid"] == "true" and maple.kit.rows(CaseParty, party="workers") == []
    form = House.form(refused, "/many/workers")
    form["name-3"] = "王三"
    assert form.submit("action", value="save").status_int == 303
    assert "3 位 张一、李二、王三" in words(maple.page("wang", case, "apply"))
    form = House.form(wang.get(path), "/many/workers")
    form["name-0"], form["id_number-0"], form["name-1"] = "李二", "110101199003077758", "赵四"
    assert form.submit("action", value="save").status_int == 303
    assert [row.number for row in maple.kit.rows(CaseParty, party="workers") if row.until is None] == [1, 2, 3, 4]
    assert House.form(wang.get(path), "/many/workers").submit("action", value="save", status="*").status_int == 422


def test_a_case_about_a_place_begins_with_the_place(maple):
    wang = maple.browser("wang")
    page = wang.get(f"{HOME}/new/leak")
    form = next(form for form in page.forms.values() if "place" in form.fields)
    refused = form.submit(status="*")
    assert refused.status_int == 422 and refused.html.find(id="f-place").find_parent(class_="has-error")
    form = next(form for form in refused.forms.values() if "place" in form.fields)
    form["place"], form["name"], form["phone"] = "地下车库", "周小满", "13900139000"
    first, second = form.submit(), form.submit()
    assert first.location == second.location and len(maple.kit.rows(Person, name="周小满")) == 1
    case = maple.kit.rows(Case, procedure="leak")[0]
    assert (case.subject, case.place, case.unit_id) == ("place", "地下车库", None)
    page = maple.page("wang", case.id, "report")
    assert page.html.find("h1").get_text() == "地下车库 · 渗漏" and "周小满" in words(page)
    for rest in ("/parties", "/money", "/documents", "/lifecycle", "/history"):
        assert wang.get(f"{HOME}/cases/{case.id}{rest}").status_int == 200
    unit = wang.get(f"{HOME}/new/leak?q=3-2-501")
    assert House.form(unit, "/new/leak").submit("unit", index=0).status_int == 303
    assert [row.subject for row in maple.kit.rows(Case, procedure="leak")] == ["place", "unit"]


def test_a_case_about_a_person_or_the_estate(maple):
    wang = maple.browser("wang")
    empty = House.form(wang.get(f"{HOME}/new/memo"), "/new/memo").submit()
    case = led(empty).rpartition("/")[2]
    assert maple.page("wang", case, "write").html.find("h1").get_text() == "枫园 · 留言"
    form = House.form(wang.get(f"{HOME}/new/memo"), "/new/memo")
    form["name"] = "林望"
    case = led(form.submit()).rpartition("/")[2]
    assert maple.page("wang", case, "write").html.find("h1").get_text() == "林望 · 留言"
    assert "林望" in words(wang.get(f"{HOME}/cases"))


# ---------------------------------------------------------------- all of them


def test_every_recorded_kind_has_words():
    """What core records of a case can be read in its history."""
    said = re.compile(r"\brecord\(\s*((?:[^()]|\([^()]*\))*?)(?:,|\))")
    kinds: set[str] = set()
    for path in CORE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for call in re.finditer(r"\bfile\.record\(", text):
            first = said.match(text, call.start() + len("file."))
            assert first, path
            kinds |= set(re.findall(r'"([a-z_]+\.[a-z_]+)"', first[1]))
    assert len(kinds) > 25 and {"form.corrected", "form.submitted"} <= kinds
    kinds |= {"step.opened", "step.skipped"}  # put together from the state
    assert kinds <= WORDS.keys(), sorted(kinds - WORDS.keys())
    assert all(text.en and text.zh for text in WORDS.values())


def test_pages_stay_strict_and_whole_in_both_languages(maple):
    case = maple.kit.works("accept", workers=("张一",))
    child = maple.kit.breach(case)
    leak = maple.kit.start("leak", place="大堂")
    paths = [f"/cases/{case}/steps/{step}" for step in maple.kit.status(case)]
    paths += [f"/cases/{child}/steps/order", f"/cases/{leak}/steps/grade", f"/cases/{case}/parties/many/workers",
              "/new/leak", "/new/memo", "/cases?procedure=works&state=refused", "/"]
    for locale in ("zh_CN", "en"):
        browser = maple.browser("jack")
        browser.set_cookie("shouxu_locale", locale)
        for path in paths:
            page = browser.get(HOME + path)
            assert "script-src 'self'" in page.headers["Content-Security-Policy"]
            assert page.html.find_all(style=True) == [] and page.html.find_all("style") == [], path
            assert all(script.get("src") for script in page.html.find_all("script")), path
            ids = [tag["id"] for tag in page.html.find_all(id=True)]
            assert len(ids) == len(set(ids)), (path, sorted(one for one in ids if ids.count(one) > 1))
            for label in page.html.find_all("label", attrs={"for": True}):
                assert label["for"] in ids, (path, label["for"])
