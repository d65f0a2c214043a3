"""What no document can carry is refused where it is typed, with field and position: on pages, by the API, in spreadsheets."""

from __future__ import annotations

import io

import pytest
import xlsxwriter
from webtest import TestApp

from core.domain.forms import Form
from core.forms.sheet import read_rows
from tests.http.api_client import token_of
from tests.http.conftest import ESTATE, House

BAD = ["\x07", "\x0b", "\x1f", "\x7f", "\ufffe", "\uffff"]
FORM = Form.model_validate({"form": "ask", "title": "申请", "fields": [{"name": "words", "title": "说明", "type": "long_text"}]})


def said(bad: str) -> str:
    return f"第 3 个字符(U+{ord(bad):04X})无法印在文书上，请删除"


@pytest.fixture(scope="module")
def case(house: House) -> str:
    """A case whose registration form is open."""
    return house.open_case()


@pytest.mark.parametrize("bad", BAD, ids=ascii)
def test_on_a_page(house: House, case: str, bad: str) -> None:
    form = house.form(house.browser("wang").get(house.case(case, "/steps/verify")), "/form")
    form["f-notice_deadline"] = f"甲乙{bad}丙"
    answer = form.submit("action", value="submit", status="*")
    assert answer.status_int == 422 and said(bad) in answer
    assert [link.text.strip() for link in answer.html.select("a[href='#f-notice_deadline']")] == [said(bad)]


@pytest.mark.parametrize("bad", [*BAD, "\ud800"], ids=ascii)
def test_by_the_api(house: House, case: str, bad: str) -> None:
    app, headers = TestApp(house.app), {"Authorization": f"Bearer {token_of(house.office, 'wang')}"}
    address = f"/api/v1/estates/{ESTATE}/cases/{case}/steps/verify/form:check"
    answer = app.post_json(address, {"values": {"notice_deadline": f"甲乙{bad}丙"}}, headers=headers, status="*")
    assert answer.status_int < 500
    found = [(row["field"], row["message"]) for row in answer.json.get("problems") or answer.json["errors"]]
    assert ("notice_deadline", said(bad)) in [(field.rpartition(".")[2], message) for field, message in found]


@pytest.mark.parametrize("bad", ["\x07", "\x0b", "\x1f", "\x7f"], ids=ascii)
def test_in_a_spreadsheet(bad: str) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("ask")
    for row, word in enumerate(("说明", "words", f"甲乙{bad}丙")):
        sheet.write_string(row, 0, word)
    book.close()
    [found] = read_rows(FORM, out.getvalue())
    [problem] = found.problems
    assert (problem.cell, problem.field, problem.number) == ("A3", "words", 2110) and problem.message == said(bad)


def test_a_line_end_from_excel_is_a_line_end() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("ask")
    for row, word in enumerate(("说明", "words", "甲\r\n乙")):
        sheet.write_string(row, 0, word)
    book.close()
    [found] = read_rows(FORM, out.getvalue())
    assert found.values == {"words": "甲\n乙"}
