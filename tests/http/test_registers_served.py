"""Registers as they are read: on the page, as Excel, as Word, by the API."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import openpyxl
import pytest
from docx import Document as WordFile
from sqlalchemy import func, select

from core.domain.registers import Register
from core.store.models import Case, Unit
from core.store.session import unit_of_work
from core.web import registers as pages
from tests.http.api_client import ESTATE, Program, token_of

REGISTERS = f"/e/{ESTATE}/registers"
LISTED = Register.model_validate({"name": "listed", "title": {"zh": "办件登记", "en": "Cases"}, "of": "cases", "columns": [
    {"name": "number", "value": "case.number"}, {"name": "unit", "value": "unit.code"}, {"name": "opened", "value": "case.opened_at"}],
    "flag": {"when": "case.open", "title": {"zh": "在办", "en": "Open"}},
    "checks": [{"name": "never", "title": {"zh": "没有办件", "en": "No cases"}, "check": "totals.count == 0"}]})


@pytest.fixture(scope="module", autouse=True)
def listed(house) -> Iterator[int]:
    """How many move-ins there are; a register that lists them beside those that are shipped."""
    for _ in range(3):
        house.open_case()
    library = house.office.library
    bundle = library.bundle(ESTATE, "move_in")
    library._bundles[ESTATE, "move_in", ()] = bundle.model_copy(update={"registers": (*bundle.registers, LISTED)})
    yield counted(house, Case, Case.procedure == "move_in")
    library._bundles[ESTATE, "move_in", ()] = bundle


def counted(house, model, *conditions) -> int:
    with unit_of_work(house.office.sessions, readonly=True) as session:
        return session.scalar(select(func.count()).select_from(model).where(model.estate == ESTATE, *conditions)) or 0


# ---------------------------------------------------------------- pages


def test_every_register_is_on_the_list_and_opens(house):
    browser = house.browser("zhao")
    page = browser.get(REGISTERS)
    links = [link["href"] for link in page.html.select("main a[href]")]
    assert f"{REGISTERS}/move_in/handover" in links and len(links) == len(set(links)) >= 9
    assert page.html.select_one('nav a[aria-current="page"]')["href"] == REGISTERS
    for link in links:
        for period in ("", "?period=year", "?period=all", "?from=2026-01-01&until=2030-12-31", "?from=2026-01-01", "?start=7"):
            opened = browser.get(link + period)
            assert opened.status_int == 200 and opened.html.h1, link
            assert not opened.html.select("[style], style, script:not([src])")


def test_the_page_counts_every_unit(house):
    page = house.browser("wang").get(f"{REGISTERS}/move_in/handover")
    figures = {one.span.text: one.strong.text for one in page.html.select(".totals > div")}
    units = counted(house, Unit)
    assert figures["总户数"] == str(units)
    assert int(figures["已交房"]) + int(figures["办理中"]) + int(figures["未办理"]) == units
    assert int(figures["办理中"]) >= 3
    assert [row.td.text for row in page.html.select("tbody tr")] == ["1", "2"]


def test_pages_of_rows_are_all_rows(house, listed, monkeypatch):
    monkeypatch.setattr(pages, "SHOWN", 2)
    browser, seen, path = house.browser("wang"), [], f"{REGISTERS}/move_in/listed?period=all"
    while path:
        page = browser.get(path)
        seen += [row.td.text for row in page.html.select("tbody tr")]
        path = next((link["href"] for link in page.html.select(".pager a") if link.text == "下一页"), "")
    assert len(seen) == len(set(seen)) == listed
    assert [link.text for link in page.html.select(".pager a")] == ["上一页"]
    first = browser.get(f"{REGISTERS}/move_in/listed?period=all")
    assert first.html.select("tbody tr td a")[0]["href"].startswith(f"/e/{ESTATE}/cases/")


def test_a_check_that_does_not_hold_is_said(house, listed):
    page = house.browser("wang").get(f"{REGISTERS}/move_in/listed?period=all")
    assert [[part.text for part in item.select("span")] for item in page.html.select(".card > ul.plain > li")] == [
        ["! 不符", "没有办件"]]
    assert page.html.select(".totals strong")[-1].text == str(listed)  # flagged: all of them are open


def test_a_chart_is_drawn_without_scripts(house):
    page = house.browser("wang").get(f"{REGISTERS}/move_in/handover")
    assert page.html.select("svg") == []  # nobody has moved in: nothing to draw
    house.office.library._bundles[ESTATE, "move_in", ()] = house.office.library.bundle(ESTATE, "move_in").model_copy(update={
        "registers": (LISTED.model_copy(update={"name": "drawn", "chart": LISTED_CHART}),)})
    try:
        drawn = house.browser("wang").get(f"{REGISTERS}/move_in/drawn?period=year").html.svg
        assert drawn["aria-label"] == "件数 · 月份" and len(drawn.select("rect")) == 12
        heights = [float(bar["height"]) for bar in drawn.select("rect")]
        assert max(heights) > 100 and min(heights) == 0 and all(not bar.get("style") for bar in drawn.select("*"))
    finally:
        bundle = house.office.library.assembly(ESTATE, "move_in").bundle(ESTATE, "")
        house.office.library._bundles[ESTATE, "move_in", ()] = house.office.library.bundle(ESTATE, "move_in").model_copy(update={
            "registers": (*bundle.registers, LISTED)})


LISTED_CHART = Register.model_validate({"name": "x", "title": "x", "of": "cases", "group_by": ["month"], "chart": {"by": "month"}}).chart


def test_periods_that_make_no_sense(house):
    browser = house.browser("wang")
    for query in ("from=2026-02-30", "until=soon", "from=2026-03-02&until=2026-03-01"):
        page = browser.get(f"{REGISTERS}/move_in/listed?{query}", status=422)
        assert page.html.select_one(".summary") is not None and page.html.h1.text == "办件登记"
        browser.get(f"{REGISTERS}/move_in/listed/file.xlsx?{query}", status=422)
    for query in ("period=century", "start=-1", "start=x", "from=", "start=99999999"):
        assert browser.get(f"{REGISTERS}/move_in/listed?{query}").status_int == 200


def test_who_may_read(house):
    assert house.browser("wang").get(f"{REGISTERS}/move_in/fees", status="*").status_int == 403
    assert house.browser("chen").get(f"{REGISTERS}/move_in/fees").status_int == 200
    assert "fees" not in house.browser("wang").get(REGISTERS)
    for path in (REGISTERS, f"{REGISTERS}/move_in/listed", f"{REGISTERS}/move_in/listed/file.xlsx"):
        assert house.browser("stranger").get(path, status="*").status_int == 404
        assert house.browser().get(path, status="*").status_int in (302, 303, 401)
    for path in ("move_in/nothing", "nothing/listed", "move_in/nothing/file.docx", "move_in/listed/file.pdf"):
        assert house.browser("wang").get(f"{REGISTERS}/{path}", status="*").status_int == 404


def test_the_menu_leads_there_in_both_languages(house):
    browser = house.browser("li")
    browser.set_cookie("shouxu_locale", "en")
    page = browser.get(f"{REGISTERS}/move_in/listed?period=all")
    browser.set_cookie("shouxu_locale", "zh_CN")
    assert page.html.h1.text == "Cases" and page.html.select_one('nav a[aria-current="page"]').text == "Registers"
    assert [head.text for head in page.html.select("thead th")] == ["Case", "Unit", "Opened at", "Open", "Cases"]


# ---------------------------------------------------------------- files


def test_excel_and_word_of_the_period(house, listed):
    browser = house.browser("wang")
    answer = browser.get(f"{REGISTERS}/move_in/listed/file.xlsx?period=all")
    assert answer.content_type.endswith("spreadsheetml.sheet") and "attachment" in answer.headers["Content-Disposition"]
    summary, rows = openpyxl.load_workbook(io.BytesIO(answer.body)).worksheets
    assert (rows.max_row, summary["A1"].value) == (listed + 1, "办件登记")
    word = WordFile(io.BytesIO(browser.get(f"{REGISTERS}/move_in/listed/file.docx?period=all").body))
    assert len(word.tables[0].rows) == listed + 1
    printed = [cell.text for row in word.tables[0].rows[1:] for cell in row.cells[:2]]
    assert printed == [str(cell.value) for row in rows.iter_rows(min_row=2, max_col=2) for cell in row]
    answer = browser.get(f"{REGISTERS}/move_in/listed/file.csv?period=all")
    assert answer.content_type == "text/csv" and ".csv" in answer.headers["Content-Disposition"]
    lines = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"), newline="")))
    assert [cell for line in lines[1:] for cell in line[:2]] == printed
    empty = browser.get(f"{REGISTERS}/move_in/listed/file.xlsx?from=2001-01-01&until=2001-12-31")
    assert openpyxl.load_workbook(io.BytesIO(empty.body)).worksheets[1].max_row == 1


# ---------------------------------------------------------------- API


@pytest.fixture(scope="module")
def program(house) -> Program:
    return Program(house.app, token_of(house.office, "wang"))


def test_the_api_gives_the_same(house, program, listed):
    names = {(row["procedure"], row["name"]) for row in program.get("/registers").json}
    assert ("move_in", "listed") in names and ("move_in", "fees") not in names
    whole = program.get("/registers/move_in/listed", **{"from": "2020-01-01"}, limit=1000).json
    assert (whole["row_count"], len(whole["rows"]), whole["next"], whole["flagged"]) == (listed, listed, None, listed)
    assert whole["first"] == "2020-01-01" and whole["last"] is None
    assert [(column["name"], column["kind"]) for column in whole["columns"]] == [("number", "text"), ("unit", "text"), ("opened", "moment")]
    assert whole["totals"] == [{"name": "count", "title": "件数", "kind": "whole", "value": listed}]
    assert whole["checks"] == [{"name": "never", "title": "没有办件", "holds": False, "source": ""}]
    with unit_of_work(house.office.sessions, readonly=True) as session:
        found = session.execute(select(Case.id, Case.number, Case.opened_at).where(Case.estate == ESTATE, Case.procedure == "move_in")
                                .order_by(Case.opened_at, Case.id)).all()
    assert [(row["case"], row["values"]["number"], row["values"]["opened"]) for row in whole["rows"]] == [
        (case, number, at.isoformat().replace("+00:00", "Z")) for case, number, at in found]
    rows, start = [], 0
    while start is not None:
        page = program.get("/registers/move_in/listed", **{"from": "2020-01-01"}, limit=2, start=start).json
        rows, start = rows + page["rows"], page["next"]
    assert rows == whole["rows"]


def test_groups_of_the_api(program):
    answer = program.get("/registers/move_in/handover").json
    assert answer["first"] is None and answer["rows"] == []
    assert [group["unit.building"] for group in answer["groups"]] == ["1", "2"]
    assert sum(group["count"] for group in answer["groups"]) == answer["totals"][0]["value"]


def test_what_the_api_refuses(program):
    program.get("/registers/move_in/fees", 403)
    program.get("/registers/move_in/nothing", 404)
    for query in ({"from": "soon"}, {"from": "2026-03-02", "until": "2026-03-01"}, {"limit": "0"}, {"first": "2026-03-01"}):
        program.get("/registers/move_in/listed", 422, **query)
