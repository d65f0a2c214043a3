"""What holds for every page: headers, static files, words in both languages, health, and polite refusals."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.store.models import Case
from core.store.session import unit_of_work
from core.web import catalogs

WEB = Path(catalogs.__file__).parent
TEMPLATES = sorted(WEB.rglob("*.jinja2"))


# ---------------------------------------------------------------- words


def test_every_word_has_its_english():
    kept = {message.id: message.string for message in catalogs.english() if message.id}
    used = set(catalogs.used())
    assert used - kept.keys() == set(), "run python -m core.web.catalogs"
    assert kept.keys() - used == set(), "run python -m core.web.catalogs"
    assert [text for text, english in kept.items() if not english] == []


def test_english_keeps_the_placeholders():
    holes = re.compile(r"%\(\w+\)s|%%s")
    wrong = [
        message.id
        for message in catalogs.english()
        if message.id and sorted(holes.findall(str(message.id))) != sorted(holes.findall(str(message.string)))
    ]
    assert wrong == []


def test_the_compiled_catalogue_is_that_of_the_text(tmp_path):
    from babel.messages.mofile import write_mo

    fresh = tmp_path / "fresh.mo"
    with fresh.open("wb") as file:
        write_mo(file, catalogs.english())
    assert fresh.read_bytes() == catalogs.MO.read_bytes()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_says_nothing_past_the_catalogue(path):
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{[{%].*?[}%]\}", "", text, flags=re.DOTALL)
    assert re.findall(r"[\u4e00-\u9fff]+", text) in ([], ["中文"])


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_nothing_inline(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:|\|safe", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


# ---------------------------------------------------------------- headers and files


@pytest.mark.parametrize(
    "path", ["/login", "/verify", "/e/jade_garden/", "/nowhere", "/health", "/static/shouxu.css"]
)
def test_headers_of_every_answer(house, path):
    headers = house.browser("wang").get(path, status="*").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_pages_are_not_kept_by_shared_machines_but_static_files_are(house):
    browser = house.browser("wang")
    page = browser.get("/e/jade_garden/")
    assert page.headers["Cache-Control"] == "no-store"
    sheet = page.html.select_one("link[rel=stylesheet]")["href"]
    assert re.search(r"\?v=[0-9a-f]{10}$", sheet)
    assert "max-age=31536000" in browser.get(sheet).headers["Cache-Control"]


def test_cookies_are_out_of_reach_of_scripts(house):
    answer = house.log_in(house.browser(), "li")
    said = answer.headers.getall("Set-Cookie")
    assert said and all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in said)


def test_own_style_stays_small():
    assert (WEB / "static" / "shouxu.css").stat().st_size <= 25 * 1024


# ---------------------------------------------------------------- health


def test_health(house):
    assert house.browser().get("/health").json["status"] in ("ok", "degraded")


def test_figures_are_for_this_machine(house):
    browser = house.browser()
    local = {"REMOTE_ADDR": "127.0.0.1"}
    assert "shouxu_requests_total" in browser.get("/metrics", extra_environ=local)
    assert browser.get("/metrics", extra_environ={"REMOTE_ADDR": "10.0.0.8"}, status="*").status_int == 404
    forwarded = browser.get(
        "/metrics", headers={"X-Forwarded-For": "10.0.0.8"}, extra_environ=local, status="*"
    )
    assert forwarded.status_int == 404


# ---------------------------------------------------------------- refusals


def test_a_page_that_is_not_there(house):
    page = house.browser("wang").get("/nowhere", status=404)
    assert "SX-2000" in page and page.html.select_one("h1")


def test_errors_below_api_are_problem_documents(house):
    answer = house.browser().get("/api/nowhere", status="*")
    assert answer.status_int in (401, 404) and answer.content_type == "application/problem+json"


def test_an_error_of_ours_gets_a_number_and_hides_its_words(house, monkeypatch):
    import core.web.home

    def broken(*_: object) -> None:
        raise RuntimeError("身份证 320199199104120046")

    monkeypatch.setattr(core.web.home, "today", broken)
    page = house.browser("wang").get("/e/jade_garden/", status=500)
    assert "SX-1000" in page and re.search(r"[0-9a-f]{8}", page.text)
    assert "320199199104120046" not in page


def test_a_double_click_is_one_case(house):
    code = house.unit()
    page = house.browser("wang").get("/e/jade_garden/new/move_in", {"q": code})
    form = house.form(page, "/new/move_in")
    first, second = form.submit("unit", index=0), form.submit("unit", index=0)
    assert first.location == second.location
    again = house.form(house.browser("wang").get("/e/jade_garden/new/move_in", {"q": code}), "/new/move_in")
    refused = again.submit("unit", index=0, status="*")
    assert refused.status_int == 409 and "RH-" in refused.html.select_one(".summary").text


def test_a_second_clerk_hears_what_changed_and_keeps_what_they_typed(house):
    case = house.open_case()
    browser, path = house.browser("wang"), house.case(case, "/steps/verify")
    form = house.form(browser.get(path), "/form")
    house.form(browser.get(path), "/steps/verify/papers").submit()
    form["f-notice_deadline"], form["f-remarks"] = "2026-03-31", "我写的备注"
    refused = form.submit("action", value="submit", status="*")
    assert refused.status_int == 409
    assert "王晓梅" in refused.html.select_one(".summary").text
    assert "我写的备注" in refused
    with unit_of_work(house.office.sessions, readonly=True) as session:
        assert (
            str(session.get(Case, case).version)
            in refused.html.select_one("#form input[name=version]")["value"]
        )
    assert house.form(refused, "/form").submit("action", value="submit").status_int == 303


def test_a_stranger_to_the_step_is_told_whose_it_is(house):
    case = house.open_case()
    form = house.form(house.browser("wang").get(house.case(case, "/steps/verify")), "/steps/verify/papers")
    values = [(name, value) for name, value in form.submit_fields() if name and name != "csrf_token"]
    browser = house.browser("chen")
    token = browser.get("/account").html.select_one("input[name=csrf_token]")["value"]
    refused = browser.post(
        house.case(case, "/steps/verify/papers"), [*values, ("csrf_token", token)], status="*"
    )
    assert refused.status_int == 403 and "客户服务" in refused
    assert "本步由客户服务办理" in browser.get(house.case(case, "/steps/verify"))


def test_verification_shows_no_content(house):
    browser = house.browser()
    assert browser.get("/verify/jade_garden/receipt/2026000001?c=wrongwrong", status=404).html.select_one(
        ".note-bad"
    )
    form = house.form(browser.get("/verify"), "/verify")
    form["file"] = ("x.pdf", b"%PDF-1.4 nothing", "application/pdf")
    assert form.submit(status="*").html.select_one(".note-bad")


def test_personal_numbers_are_masked_until_somebody_may_and_asks(house):
    case = house.open_case("2-1-101")
    browser = house.browser("wang")
    page = browser.get(house.case(case, "/parties"))
    assert "****" in page.html.select_one("main table").text
    shown = house.form(page, "/parties/reveal").submit()
    assert "****" not in shown.html.select_one("main table").text
    assert "查看证件信息" in browser.get(house.case(case, "/history"))
