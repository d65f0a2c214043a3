"""Coming in, going out, and what a session is worth."""

from __future__ import annotations

import pytest

from core.store.models import User
from core.store.session import unit_of_work
from core.store.users import activate, create_user, deactivate, grant, set_password

HOME = "/e/jade_garden/"


@pytest.fixture
def newcomer(house):
    """A user of this test alone."""
    with unit_of_work(house.office.sessions) as session:
        at = house.office.clock.now()
        user = create_user(
            session,
            username=f"new{len(house.browsers)}{at:%M%S%f}",
            name="新人",
            password="Yulan-2026-test",
            by="",
            at=at,
            weak=True,
        )
        session.flush()
        grant(session, user.id, "jade_garden", "service", by="", at=at)
    return user


def test_login_leads_to_the_page_that_was_asked_for(house):
    browser = house.browser()
    answer = browser.get(HOME + "units?q=1-1")
    assert answer.status_int == 303 and answer.location.startswith("http://localhost/login?next=")
    form = house.form(answer.follow(), "/login")
    form["username"], form["password"] = "wang", "Yulan-2026-test"
    assert form.submit().location == "http://localhost" + HOME + "units?q=1-1"


@pytest.mark.parametrize(
    "where", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_login_never_leads_elsewhere(house, where):
    form = house.form(house.browser().get("/login", {"next": where}), "/login")
    form["username"], form["password"] = "wang", "Yulan-2026-test"
    assert form.submit().location == "http://localhost/"


def test_wrong_password_says_neither_which_was_wrong_nor_who_exists(house, newcomer):
    wrong = house.log_in(house.browser(), newcomer.username, "wrong")
    nobody = house.log_in(house.browser(), "nobody-here", "wrong")
    assert wrong.status_int == nobody.status_int == 401
    assert wrong.html.select_one(".summary").text == nobody.html.select_one(".summary").text
    assert newcomer.username in wrong  # what was typed is kept


def test_the_eleventh_try_is_refused(house, newcomer):
    tries = house.app.registry["shouxu.tries"]
    tries.forget("address:127.0.0.1")
    statuses = [house.log_in(house.browser(), newcomer.username, "wrong").status_int for _ in range(11)]
    tries.forget("address:127.0.0.1")
    assert statuses == [401] * 10 + [429]


def test_a_login_begins_a_new_session(house, newcomer):
    browser = house.browser()
    before = browser.get("/login").html.select_one("input[name=csrf_token]")["value"]
    house.log_in(browser, newcomer.username)
    after = browser.get(HOME).html.select_one("input[name=csrf_token]")["value"]
    assert before != after


def test_logging_out_ends_the_session(house, newcomer):
    browser = house.browser()
    house.log_in(browser, newcomer.username)
    house.form(browser.get(HOME), "/logout").submit()
    assert browser.get(HOME).status_int == 303


def test_changed_password_and_deactivation_end_sessions(house, newcomer):
    browser = house.browser()
    house.log_in(browser, newcomer.username)
    at = house.office.clock.now()
    with unit_of_work(house.office.sessions) as session:
        set_password(session, newcomer.id, "Another-2026-word", by="", at=at)
    assert browser.get(HOME).status_int == 303
    house.log_in(browser, newcomer.username, "Another-2026-word")
    assert browser.get(HOME).status_int == 200
    with unit_of_work(house.office.sessions) as session:
        deactivate(session, newcomer.id, by="", at=at)
    assert browser.get(HOME).status_int == 303
    with unit_of_work(house.office.sessions) as session:
        activate(session, newcomer.id, by="", at=at)


def test_new_password_needs_the_old_one_and_keeps_this_session(house, newcomer):
    browser, other = house.browser(), house.browser()
    house.log_in(browser, newcomer.username)
    house.log_in(other, newcomer.username)
    form = house.form(browser.get("/account"), "/account")
    form["old"], form["new"], form["again"] = "wrong", "Another-2026-word", "Another-2026-word"
    refused = form.submit(status="*")
    assert refused.status_int == 422 and 'href="#f-old"' in refused
    form["old"] = "Yulan-2026-test"
    assert form.submit().status_int == 303
    assert browser.get("/account").status_int == 200
    assert other.get(HOME).status_int == 303


def test_an_idle_session_ends(house, newcomer, monkeypatch):
    browser = house.browser()
    house.log_in(browser, newcomer.username)
    import pyramid.session

    later = pyramid.session.time.time() + 31 * 60
    monkeypatch.setattr(pyramid.session.time, "time", lambda: later)
    assert browser.get(HOME).status_int == 303


def test_a_changed_cookie_is_no_session(house, newcomer):
    browser = house.browser()
    house.log_in(browser, newcomer.username)
    cookie = browser.cookies["shouxu"]
    browser.set_cookie("shouxu", cookie[:-3] + "AAA")
    assert browser.get(HOME).status_int == 303


def test_what_was_typed_survives_an_expired_login(house, newcomer):
    case = house.open_case()
    page = house.browser("wang").get(house.case(case, "/steps/verify"))
    form = house.form(page, "/steps/verify/form")
    values = {name: value for name, value in form.submit_fields() if name and name != "csrf_token"}
    values |= {"f-remarks": "写了很久的备注", "action": "submit"}
    browser = house.browser()
    token = browser.get("/login").html.select_one("input[name=csrf_token]")["value"]
    asked = browser.post(house.case(case, "/steps/verify/form"), {**values, "csrf_token": token}, status="*")
    assert asked.status_int == 401 and "写了很久的备注" in asked
    again = house.form(asked, "/login")
    again["username"], again["password"] = newcomer.username, "Yulan-2026-test"
    resumed = again.submit(status="*")
    assert resumed.status_int == 200 and "写了很久的备注" in resumed
    answer = house.form(resumed, "/steps/verify/form").submit(status="*")
    assert (
        answer.status_int == 422 and "写了很久的备注" in answer
    )  # the date is still missing; nothing typed is lost


def test_csrf_token_is_asked_of_every_post(house):
    browser = house.browser("wang")
    for path in ("/logout", "/language", "/account", HOME + "new/move_in", HOME + "cash", "/verify"):
        assert browser.post(path, {"csrf_token": "wrong"}, status="*").status_int == 400, path


def test_passwords_are_not_shown_again(house):
    answer = house.log_in(house.browser(), "wang", "Secret-typed-1")
    assert "Secret-typed-1" not in answer


def test_language_is_kept_in_the_browser(house):
    browser = house.browser()
    form = house.form(browser.get("/login"), "/language")
    form.submit("locale", value="en")
    assert "Log in" in browser.get("/login")


def test_user_pages_are_for_administrators(house):
    assert house.browser("wang").get("/admin/users", status="*").status_int == 403
    page = house.browser("root").get("/admin/users")
    assert "王晓梅" in page


def test_administrator_adds_and_changes_a_user(house):
    browser = house.browser("root")
    form = house.form(browser.get("/admin/users/new"), "/admin/users/new")
    form["username"], form["name"], form["password"] = "lin", "林一", "short"
    refused = form.submit(status="*")
    assert refused.status_int == 422 and 'value="林一"' in refused
    form["password"] = "Yulan-2026-new!"
    boxes = {box._value: box for box in form.fields["grant"]}
    boxes["jade_garden:finance"].checked = True
    assert form.submit().status_int == 303
    with unit_of_work(house.office.sessions, readonly=True) as session:
        user = session.query(User).filter_by(username="lin").one()
        assert [(row.estate, row.role) for row in user.grants] == [("jade_garden", "finance")]
    form = house.form(browser.get(f"/admin/users/{user.id}"), f"/admin/users/{user.id}")
    form["name"] = "林一一"
    {box._value: box for box in form.fields["grant"]}["jade_garden:finance"].checked = False
    assert form.submit().status_int == 303
    assert "林一一" in browser.get("/admin/users")
