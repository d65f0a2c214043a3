"""The inbox page and its endpoint: told to a role, counted in the top bar, read once for all of them."""

from __future__ import annotations

import pytest
from webtest import TestApp

from core.cases.building import system_actor
from core.cases.notices import tell
from core.store.session import unit_of_work

ESTATE = "jade_garden"
INBOX = f"/e/{ESTATE}/inbox"


def told(house, *roles: str, case: str = "", step: str = "", zh: str = "“验证”已超过时限", en: str = "“Verify” is overdue") -> list[str]:
    with unit_of_work(house.office.sessions) as session:
        desk = house.office.desk(session, system_actor(house.office))
        return [row.id for row in tell(desk, ESTATE, roles, "overdue", case or None, step, zh, en)]


def count(page) -> str:
    found = page.html.select_one("header .count")
    return found.contents[0].strip() if found else ""


@pytest.fixture
def sun(house) -> TestApp:
    """The browser of somebody alone in their role, with an empty inbox."""
    browser = house.browser("sun")
    page = browser.get(INBOX)
    if "全部标为已读" in page:
        house.form(page, "/inbox/read").submit()
    return browser


def test_the_count_stands_in_the_top_bar_of_every_page(house, sun):
    assert count(sun.get(f"/e/{ESTATE}/")) == ""
    told(house, "archive")
    told(house, "archive", "finance")
    for path in (f"/e/{ESTATE}/", f"/e/{ESTATE}/cases", INBOX):
        page = sun.get(path)
        assert count(page) == "2"
        assert page.html.select_one(f'header nav a[href="{INBOX}"]').text.startswith("通知")
    assert count(sun.get("/account")) == ""


def test_a_notice_leads_to_its_step_and_is_read_once(house, sun):
    case = house.open_case()
    told(house, "archive", case=case, step="verify")
    page = sun.get(INBOX)
    link = page.html.find("a", string="“验证”已超过时限")
    assert link["href"] == house.case(case, "/steps/verify")
    assert sun.get(link["href"]).status_int == 200
    answer = [form for form in page.forms.values() if form.action.endswith("/inbox/read")][1].submit()
    assert (answer.status_int, answer.location) == (303, f"http://localhost{INBOX}")
    after = answer.follow()
    assert "已标为已读" in after and count(after) == ""
    assert "孙静怡" in after.html.find(id="lately").find_parent("section").text


def test_all_that_stand_on_the_page_are_marked_and_no_later_ones(house, sun):
    told(house, "archive")
    told(house, "archive")
    page = sun.get(INBOX)
    (late,) = told(house, "archive", zh="后来的", en="Later")
    after = house.form(page, "/inbox/read").submit().follow()
    assert [row.text for row in after.html.find(id="waiting").find_parent("section").select("li a, li > span:nth-of-type(2)")
            if "后来的" in row.text] == ["后来的"]
    assert count(after) == "1"
    assert sun.post(f"{INBOX}/read", {"notice": late}, status=400).status_int == 400  # without a CSRF token nothing is marked
    assert count(sun.get(INBOX)) == "1"


def test_nobody_reads_anothers_inbox(house, sun):
    told(house, "archive", zh="只给档案员", en="For records only")
    assert "只给档案员" in sun.get(INBOX)
    assert "只给档案员" not in house.browser("li").get(INBOX)
    house.browser("stranger").get(INBOX, status=404)
    TestApp(house.app).get(INBOX, status=303)


def test_the_page_speaks_english(house, sun):
    told(house, "archive")
    sun.set_cookie("shouxu_locale", "en")
    page = sun.get(INBOX)
    sun.set_cookie("shouxu_locale", "zh_CN")
    assert "Mark all as read" in page and "“Verify” is overdue" in page and "Overdue" in page
    words = " ".join(part.text for part in page.html.select("main h1, main h2, main button, main .badge"))
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in words)


def test_an_error_page_does_not_ask_for_the_count(house, sun):
    told(house, "archive")
    page = sun.get(f"/e/{ESTATE}/cases/{'0' * 26}", status=404)
    assert count(page) == ""


def test_the_page_escapes_what_it_shows(house, sun):
    told(house, "archive", zh="<script>alert(1)</script>", en="x")
    assert "<script>alert" not in sun.get(INBOX)
