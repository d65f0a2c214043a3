"""The pages without what npm fetches, and without any script at all: slower to use, and everything still works."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.premises import INTAKE, Premises, Staff, begin

Call = Callable[..., Staff]


def test_vendor_folder_is_absent(staff: Call, premises: Premises) -> None:
    wang = staff("wang", "bare")
    asked: list[str] = []
    wang.context.route(re.compile(r"/static/vendor/"), lambda route: (asked.append(route.request.url), route.abort()))
    counter = premises.case_before("sign", "packet")
    page = counter.step(wang, "packet")
    page.locator("a[href*='/sign/owner']").first.click()
    assert page.evaluate("typeof window.SignaturePad") == "undefined"
    wang.press("确认签名")
    expect(page.get_by_text("请先在框内签名")).to_be_visible()
    counter.sign_here(wang)
    counter.sign(wang, "packet")
    counter.status(wang, "packet", "已完成")
    page = wang.go("/")
    assert page.evaluate("typeof window.htmx") == "undefined"
    page.keyboard.type("3-2-501")
    page.keyboard.press("Enter")
    wang.sees("林婉清")
    assert any("signature_pad" in url for url in asked)
    assert any("htmx" in url for url in asked)


def test_script_is_off_papers_and_forms(staff: Call, premises: Premises) -> None:
    wang = staff("wang", "plain", java_script_enabled=False)
    counter = begin(wang, premises.unit())
    counter.papers(wang)
    counter.fill(wang, "verify", {**INTAKE, "notice_deadline": "", "remarks": "留着"})
    expect(wang.page.locator("#e-f-notice_deadline")).to_be_visible()
    expect(wang.page.locator("#f-remarks")).to_have_value("留着")
    counter.fill(wang, "verify", INTAKE)
    expect(wang.page.locator(".flash")).to_contain_text("已提交")
    counter.issue(wang, "verify")
    counter.sign(wang, "verify")
    counter.status(wang, "verify", "已完成")


def test_script_is_off_signed_on_paper(staff: Call, premises: Premises) -> None:
    wang = staff("wang", "plain", java_script_enabled=False)
    counter = premises.case_before("sign", "register")
    page = counter.step(wang, "register")
    page.locator("a[href*='/sign/owner']").first.click()
    expect(page.get_by_role("button", name="确认签名")).to_be_hidden()
    assert counter.sign_on_paper(wang, "register") == 1
    counter.status(wang, "register", "已完成")


def test_script_is_off_payment(staff: Call, premises: Premises) -> None:
    chen = staff("chen", "plain", java_script_enabled=False)
    counter = premises.case_before("pay", "pay")
    counter.step(chen, "pay").get_by_role("link", name=re.compile("收款 .* 元")).click()
    chen.page.locator("main").get_by_role("radio", name="刷卡").check()
    chen.press("确认收款")
    expect(chen.page.locator(".flash")).to_contain_text("收据已开具")
    counter.status(chen, "pay", "已完成")
