"""axe finds nothing on any kind of page: in Chinese by day and by night, and in English."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.premises import INSPECTION, INTAKE, Counter, Premises, Staff, begin, draw, put

Call = Callable[..., Staff]
ONLY_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
RUN = """async (options) => {
    const found = await axe.run(document, {resultTypes: ["violations"], iframes: false, ...options});
    return found.violations.map(rule => `${rule.id}: ${rule.help}\\n` + rule.nodes.map(node =>
        `  ${node.target} ${node.html.slice(0, 160)}\\n  ${node.failureSummary.replaceAll("\\n", " ")}`).join("\\n"));
}"""


@dataclass
class Site:
    """Cases prepared for looking at, and who looks in which language."""

    staff: Call
    fresh: Counter
    halfway: Counter
    sign: str
    document: str
    verify: str
    user: str

    def reader(self, who: str, language: str) -> Staff:
        """`who` at a browser that speaks `language`."""
        if language == "zh":
            return self.staff(who)
        reader = self.staff(who, "english", locale="en-GB")
        address = {"name": "shouxu_locale", "value": "en", "url": reader.premises.address}
        reader.context.add_cookies([address])  # type: ignore[list-item]
        return reader


@pytest.fixture(scope="module")
def site(staff: Call, premises: Premises) -> Site:
    """A case just begun, and one with papers to sign, fees to pay, then a defect found."""
    wang, li, chen, zhao, admin = (staff(name) for name in ("wang", "li", "chen", "zhao", "admin"))
    fresh = begin(wang, premises.unit())
    halfway = premises.case_before("sign", "sign")
    href = halfway.step(wang, "sign").locator("a[href*='/sign/owner']").first.get_attribute("href") or ""
    page = halfway.go(chen, "/pay?step=pay")
    chen.press("确认收款")
    expect(page.locator(".flash")).to_contain_text("收据已开具")
    halfway.fill(li, "inspect", INSPECTION)
    page = halfway.go(li, "/steps/inspect/checklist")
    page.locator(".tap", has_text="不合格").first.click()
    page.locator(".check input[maxlength]").first.fill("门锁松动")
    li.press("保存结果", ".progress-bar")
    page = halfway.go(zhao, "/documents")
    page.locator("#doc-list a.pick", has_text="收款收据").click()
    document = page.url.partition(premises.address)[2]
    verify = page.get_by_role("link", name="验证页").get_attribute("href") or ""
    page = admin.go("/admin/users")
    user = page.get_by_role("link", name="wang").get_attribute("href") or ""
    premises.work_done()
    return Site(staff, fresh, halfway, href, document, verify, user)


def pages() -> dict[str, Callable[[Site, str], Staff]]:
    """How to get to every kind of page."""

    def plain(who: str, path: str) -> Callable[[Site, str], Staff]:
        def visit(site: Site, language: str) -> Staff:
            reader = site.reader(who, language)
            reader.go(path)
            return reader
        return visit

    def of_case(who: str, rest: str, which: str = "halfway") -> Callable[[Site, str], Staff]:
        def visit(site: Site, language: str) -> Staff:
            reader = site.reader(who, language)
            getattr(site, which).go(reader, rest)
            return reader
        return visit

    def of_site(who: str, name: str) -> Callable[[Site, str], Staff]:
        return lambda site, language: plain(who, getattr(site, name))(site, language)

    return {
        "login": plain("", "/login"),
        "login refused": login_refused,
        "verify": plain("", "/verify"),
        "verify unknown": plain("", "/verify/jade_garden/certificate/00099?c=AAAAAA"),
        "verify known": of_site("", "verify"),
        "no such page": plain("wang", "/nothing/here"),
        "home": plain("wang", "/"),
        "search": plain("wang", "/search?q=3-2"),
        "search finds nothing": plain("wang", "/search?q=nobody"),
        "cases": plain("wang", "/cases?procedure=move_in"),
        "begin": plain("wang", "/new/move_in?q=3-2"),
        "board": plain("wang", "/board/move_in?state=open"),
        "units": plain("wang", "/units"),
        "import": plain("zhao", "/units/import"),
        "stock": plain("zhao", "/stock"),
        "series": plain("zhao", "/stock/receipt"),
        "cash sheet": plain("chen", "/cash"),
        "inbox": plain("wang", "/inbox"),
        "account": plain("wang", "/account"),
        "users": plain("admin", "/admin/users"),
        "new user": plain("admin", "/admin/users/new"),
        "user": of_site("admin", "user"),
        "estates": plain("admin", "/admin/estates"),
        "rules": plain("zhao", "/definitions"),
        "rules of a procedure": plain("zhao", "/definitions/move_in"),
        "fees tried": fees_tried,
        "template checked": plain("zhao", "/definitions/move_in/templates"),
        "case begun": of_case("wang", "/steps/verify", "fresh"),
        "case closed step": of_case("wang", "/steps/keys", "fresh"),
        "case of another role": of_case("chen", "/steps/verify", "fresh"),
        "form refused": form_refused,
        "check answers": check_answers,
        "draft": of_case("wang", "/steps/verify/preview/paper_check", "fresh"),
        "case done step": of_case("wang", "/steps/register"),
        "case to sign": of_case("wang", "/steps/sign"),
        "case with a defect": of_case("li", "/steps/inspect"),
        "checklist": of_case("li", "/steps/inspect/checklist?all=1"),
        "checklist refused": checklist_refused,
        "issue": of_case("li", "/steps/inspect/issue"),
        "signing": of_site("wang", "sign"),
        "signing refused": signing_refused,
        "pay refused": pay_refused,
        "money": of_case("chen", "/money"),
        "documents": of_case("wang", "/documents"),
        "document": of_site("zhao", "document"),
        "parties": of_case("wang", "/parties"),
        "history": of_case("wang", "/history"),
        "lifecycle": of_case("zhao", "/lifecycle"),
    }


def login_refused(site: Site, language: str) -> Staff:
    reader = site.reader("", language)
    reader.go("/login")
    reader.page.locator("#f-username").fill("wang")
    reader.page.locator("#f-password").fill("wrong")
    reader.page.locator("[data-primary]").click()
    return reader


def fees_tried(site: Site, language: str) -> Staff:
    reader = site.reader("zhao", language)
    page = reader.go("/definitions/move_in/try")
    page.locator("#f-unit").fill("3-2-501")
    page.locator("[data-primary]").click()
    return reader


def form_refused(site: Site, language: str) -> Staff:
    reader = site.reader("wang", language)
    page = site.fresh.step(reader, "verify")
    put(page, "cards", "many")
    page.locator("#form [data-primary]").click()
    return reader


def check_answers(site: Site, language: str) -> Staff:
    reader = site.reader("wang", language)
    page = site.fresh.step(reader, "verify")
    for name, value in INTAKE.items():
        put(page, name, value)
    page.locator("#form button[value='check']").click()
    return reader


def checklist_refused(site: Site, language: str) -> Staff:
    reader = site.reader("li", language)
    page = site.halfway.go(reader, "/steps/inspect/checklist")
    page.locator(".tap.fails").nth(3).click()
    page.locator(".progress-bar button").click()
    return reader


def signing_refused(site: Site, language: str) -> Staff:
    reader = site.reader("wang", language)
    page = reader.go(site.sign)
    draw(page)
    page.locator("[data-ink-clear]").click()
    page.locator("[data-primary]").click()
    return reader


def pay_refused(site: Site, language: str) -> Staff:
    reader = site.reader("chen", language)
    site.fresh.go(reader, "/pay")
    return reader


PAGES = pages()


@pytest.fixture(scope="module")
def axe(axe_script: Path) -> Iterator[Callable[..., list[str]]]:
    """Run axe on the page that somebody is looking at: what it finds."""
    source = axe_script.read_text(encoding="utf-8")

    def look(reader: Staff, **options: Any) -> list[str]:
        if not reader.page.evaluate("typeof axe === 'object'"):
            reader.page.evaluate(source)
        return reader.page.evaluate(RUN, options)

    yield look


@pytest.mark.parametrize("name", PAGES)
def test_nothing_found_in_chinese(name: str, site: Site, axe: Callable[..., list[str]]) -> None:
    reader = PAGES[name](site, "zh")
    expect(reader.page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert axe(reader) == []
    reader.page.emulate_media(color_scheme="dark")
    try:
        assert axe(reader, **ONLY_COLOURS) == []
    finally:
        reader.page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("name", PAGES)
def test_nothing_found_in_english(name: str, site: Site, axe: Callable[..., list[str]]) -> None:
    reader = PAGES[name](site, "en")
    expect(reader.page.locator("html")).to_have_attribute("lang", "en")
    assert axe(reader, rules={"color-contrast": {"enabled": False}}) == []
    own = reader.page.locator("nav a, th, .hint, .empty").all_inner_texts()
    assert [said for said in own if re.search("[\u4e00-\u9fff]", said)] == []
