"""Every page opens for those whose it is, in both languages, and says what it should."""

from __future__ import annotations

import pytest

ESTATE = "/e/jade_garden"
PAGES = [
    "/",
    "/search?q=1-",
    "/cases",
    "/cases?procedure=move_in&state=open",
    "/new/move_in",
    "/board/move_in",
    "/board/move_in?state=open",
    "/units",
    "/units?q=1-1",
    "/stock",
    "/stock/certificate",
    "/blanks",
    "/inbox",
]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_page_of_the_estate_opens(house, path, locale):
    browser = house.browser("wang")
    browser.set_cookie("shouxu_locale", locale)
    page = browser.get(ESTATE + path)
    browser.set_cookie("shouxu_locale", "zh_CN")
    assert page.status_int == 200
    assert ('<html lang="en">' in page) == (locale == "en")
    assert "<h1" in page


@pytest.mark.parametrize(
    "rest",
    [
        "/history",
        "/parties",
        "/lifecycle",
        "/money",
        "/documents",
        "/pay",
        *(
            f"/steps/{step}"
            for step in (
                "verify",
                "packet",
                "register",
                "sign",
                "pay",
                "inspect",
                "keys",
                "certificate",
                "archive",
            )
        ),
    ],
)
def test_page_of_a_case_opens(house, rest):
    case = house.open_case()
    assert house.browser("wang").get(house.case(case, rest)).status_int == 200


def test_case_address_leads_to_the_step_to_be_done(house):
    case = house.open_case()
    answer = house.browser("wang").get(house.case(case))
    assert answer.location.endswith("/steps/verify")


def test_pages_are_the_same_on_postgresql(house_on_postgresql):
    house = house_on_postgresql
    browser = house.browser("wang")
    case = house.open_case("2-1-101")
    for path in (
        *(ESTATE + page for page in PAGES),
        house.case(case, "/money"),
        house.case(case, "/history"),
    ):
        assert browser.get(path).status_int == 200, path
    stale = house.form(browser.get(house.case(case, "/steps/verify")), "/steps/verify/form")
    assert (
        house.form(browser.get(house.case(case, "/steps/verify")), "/steps/verify/papers").submit().status_int
        == 303
    )
    stale["f-notice_deadline"] = "2026-03-31"
    refused = stale.submit("action", value="submit", status="*")
    assert refused.status_int == 409
    answer = house.form(refused, "/steps/verify/form").submit("action", value="submit", status="*")
    assert answer.status_int == 303
    assert (
        house.form(browser.get(house.case(case, "/steps/verify/issue")), "/issue").submit().status_int == 303
    )
    assert "RH-2" in browser.get(house.case(case, "/documents"))


def test_blank_forms_are_listed_and_fetched(house):
    browser = house.browser("wang")
    page = browser.get(ESTATE + "/blanks")
    address = ESTATE + "/blanks/move_in/covenant.docx"
    assert address in page and ESTATE + "/blanks" in browser.get(ESTATE + "/")
    answer = browser.get(address)
    assert answer.body[:2] == b"PK" and "attachment" in answer.headers["Content-Disposition"]
    assert browser.get(ESTATE + "/blanks/move_in/treaty.docx", status=404)
    rows = [" ".join(row.get_text().split()) for row in page.html.select("ul.plain li")]
    alike = [row for row in rows if row.startswith("投诉处理结果单")]
    assert sorted(alike) == sorted(f"投诉处理结果单 {who}签" for who in ("客服主管", "工程主管", "秩序主管", "项目经理"))
    assert "业主公约" in rows
