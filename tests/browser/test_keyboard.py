"""What hands do at a counter: keys, double clicks, Back, a login that ran out, and pages that come quickly."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Response, expect
from sqlalchemy import func, select

from core.store.models import Case, Receipt, Unit
from core.store.session import unit_of_work
from tests.browser.premises import ESTATE, INTAKE, Premises, Staff, begin, put

Call = Callable[..., Staff]
MOST_BYTES = 200_000


def cases_of(premises: Premises, code: str) -> int:
    with unit_of_work(premises.office.sessions, readonly=True) as session:
        query = select(func.count()).select_from(Case).join(Unit, Unit.id == Case.unit_id).where(Unit.code == code)
        return session.scalar(query) or 0


def test_slash_goes_to_the_search_box(staff: Call) -> None:
    wang = staff("wang")
    page = wang.go("/cases")
    page.locator("h1").click()
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("3/2")
    expect(page.locator("#search")).to_have_value("3/2")
    page = wang.go("/")
    expect(page.locator("#search-main")).to_be_focused()


def test_focus_is_visible_and_starts_with_the_skip_link(staff: Call) -> None:
    page = staff("wang").go("/cases")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="跳到正文")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    for _ in range(6):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", page.evaluate("document.activeElement.outerHTML")


def test_control_enter_files_the_form(staff: Call, premises: Premises) -> None:
    wang = staff("wang")
    counter = begin(wang, premises.unit())
    page = counter.step(wang, "verify")
    for name, value in INTAKE.items():
        put(page, name, value)
    page.locator("#f-remarks").click()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".flash")).to_contain_text("已提交")


def test_draft_saves_itself_and_is_resumed(staff: Call, premises: Premises) -> None:
    wang = staff("wang", "drafting")
    wang.page.clock.install()
    counter = begin(wang, premises.unit())
    page = counter.step(wang, "verify")
    page.locator("#f-remarks").fill("还没写完")
    with page.expect_response(lambda answer: answer.request.method == "POST") as saved:
        page.clock.run_for(21_000)
    assert saved.value.status == 204
    expect(page.locator("[data-autosave-said]")).to_contain_text("草稿已自动保存")
    page = counter.step(staff("wang"), "verify")
    expect(page.locator("#f-remarks")).to_have_value("还没写完")
    expect(page.locator("#form .badge").first).to_contain_text("草稿")


def test_double_click_begins_one_case(staff: Call, premises: Premises) -> None:
    wang, code = staff("wang"), premises.unit()
    page = wang.go(f"/new/move_in?q={code}")
    page.get_by_role("button", name=re.compile("开始办理")).first.dblclick()
    page.wait_for_url(re.compile("/steps/verify"))
    assert cases_of(premises, code) == 1


def test_back_and_once_more_begins_one_case(staff: Call, premises: Premises) -> None:
    wang, code = staff("wang", "plain", java_script_enabled=False), premises.unit()
    page = wang.go(f"/new/move_in?q={code}")
    page.get_by_role("button", name=re.compile("开始办理")).first.click()
    page.wait_for_url(re.compile("/steps/verify"))
    begun = urlsplit(page.url).path
    page.go_back()
    page.get_by_role("button", name=re.compile("开始办理")).first.click()
    page.wait_for_load_state()
    assert cases_of(premises, code) == 1
    assert urlsplit(page.url).path == begun or page.locator(".summary").count()


def test_back_after_filing_a_form(staff: Call, premises: Premises) -> None:
    wang = staff("wang")
    counter = begin(wang, premises.unit())
    counter.fill(wang, "verify", INTAKE)
    page = wang.page
    expect(page.locator(".flash")).to_contain_text("已提交")
    page.go_back()
    button = page.locator("#form").get_by_role("button", name="提交本步", exact=True)
    if button.count():
        button.click()
        page.wait_for_load_state()
    said = page.locator("main").inner_text()
    assert page.locator("#form").get_by_role("button", name="更正").count() or "已" in said
    page = counter.go(wang, "/history")
    filed = page.locator("tbody tr", has_text="入伙受理").count()
    assert filed <= 1, said


def test_two_clerks_the_second_is_told(staff: Call, premises: Premises) -> None:
    wang, zhao = staff("wang"), staff("zhao")
    counter = begin(wang, premises.unit())
    late = counter.step(zhao, "verify")
    put(late, "remarks", "晚到一步")
    counter.papers(wang)
    for name, value in INTAKE.items():
        put(late, name, value)
    late.locator("#form").get_by_role("button", name="提交本步", exact=True).click()
    expect(late.locator(".summary")).to_contain_text("王晓梅 登记资料")
    expect(late.locator("#f-remarks")).to_have_value("晚到一步")
    zhao.picture("80-second-clerk")
    late.locator("#form").get_by_role("button", name="提交本步", exact=True).click()
    expect(late.locator(".flash")).to_contain_text("已提交")


def test_login_ran_out_and_nothing_is_lost(staff: Call, premises: Premises) -> None:
    wang = staff("wang", "tired")
    counter = begin(wang, premises.unit())
    page = counter.step(wang, "verify")
    for name, value in {**INTAKE, "remarks": "写了很久"}.items():
        put(page, name, value)
    wang.context.clear_cookies(name="shouxu")
    wang.press("提交本步", "#form")
    wang.sees("登录已过期")
    wang.picture("81-login-ran-out")
    page.locator("#f-username").fill("wang")
    page.locator("#f-password").fill(premises.logins["wang"])
    wang.press("登录")
    wang.sees("您填写的内容还在")
    wang.press("继续提交")
    expect(page.locator("#form")).to_contain_text("写了很久")


def test_double_click_on_payment_gives_one_receipt(staff: Call, premises: Premises) -> None:
    chen = staff("chen")
    counter = premises.case_before("pay", "pay")
    page = counter.go(chen, "/pay?step=pay")
    page.get_by_role("button", name="确认收款").dblclick()
    expect(page.locator(".flash")).to_contain_text("收据已开具")
    case = counter.case.rpartition("/")[2]
    with unit_of_work(premises.office.sessions, readonly=True) as session:
        taken = session.scalar(select(func.count()).select_from(Receipt).where(Receipt.case_id == case))
    assert taken == 1


@pytest.mark.parametrize("path", ["/login", "/", "/cases", "/board/move_in", "/units", "/new/move_in", "case", "sign"])
def test_first_load_is_light(path: str, staff: Call, premises: Premises) -> None:
    """No page needs more than 200 KB as a server in front of this one compresses it."""
    wang = staff("wang")
    if path in ("case", "sign"):
        path = begin(wang, premises.unit()).case + "/steps/verify"
    fresh = staff("" if path == "/login" else "wang", f"weighing {path}")
    answers: list[Response] = []
    fresh.page.on("response", lambda answer: answers.append(answer))
    fresh.go(path)
    fresh.page.wait_for_load_state("networkidle")
    weight = {urlsplit(answer.url).path: len(gzip.compress(answer.body(), 6)) for answer in answers if answer.ok}
    assert weight, ESTATE
    assert sum(weight.values()) < MOST_BYTES, weight
