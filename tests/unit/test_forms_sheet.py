"""The spreadsheet face: a template to fill, and problems beside their cells."""

import io
from datetime import datetime

import openpyxl
import pytest

from core.domain.forms import Form
from core.errors import InvalidInput
from core.forms import check
from core.forms.sheet import read_rows, template

FORM = Form.model_validate(
    {
        "form": "residents",
        "title": "住户",
        "fields": [
            {"name": "name", "title": "姓名", "type": "text", "required": True},
            {"name": "id_card", "title": "身份证号", "type": "resident_id"},
            {"name": "born", "title": "生日", "type": "date"},
            {"name": "cards", "title": "卡数", "type": "integer"},
            {"name": "use", "title": "用途", "type": "choice", "choices": ["home", "rent"]},
            {"name": "likes", "title": "爱好", "type": "choices", "choices": ["tea", "go"]},
            {
                "name": "place",
                "title": "地址",
                "type": "group",
                "fields": [{"name": "street", "title": "街道", "type": "text"}],
            },
        ],
    }
)
NAMES = ["name", "id_card", "born", "cards", "use", "likes", "place-street"]


def sheet(*rows, names=tuple(NAMES)):
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["标题"] * len(names))
    page.append(list(names))
    for row in rows:
        page.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_the_template_has_titles_names_and_choices():
    book = openpyxl.load_workbook(io.BytesIO(template(FORM)))
    page = book.worksheets[0]
    assert [cell.value for cell in page[1]] == ["姓名 *", "身份证号", "生日", "卡数", "用途", "爱好", "街道"]
    assert [cell.value for cell in page[2]] == NAMES
    assert page["B2"].font.color.rgb == "FF888888"
    assert len(page.data_validations.dataValidation) == 1
    assert read_rows(FORM, template(FORM)) == []


def test_rows_become_the_values_of_the_form():
    rows = read_rows(
        FORM,
        sheet(
            ["张三", "11010519491231002X", datetime(1949, 12, 31), 2.0, "home", "go、tea", "人民路"],
            [None] * 7,
            ["李四"],
        ),
    )
    assert [row.number for row in rows] == [3, 5]
    assert (
        rows[0].problems == ()
        and rows[0].values
        == check(
            FORM,
            {
                "name": "张三",
                "id_card": "11010519491231002X",
                "born": "1949-12-31",
                "cards": 2,
                "use": "home",
                "likes": ["tea", "go"],
                "place": {"street": "人民路"},
            },
        ).values
    )
    assert rows[1].values["name"] == "李四"


def test_problems_stand_beside_their_cells():
    rows = read_rows(FORM, sheet([None, "110105194912310021", "soon", 1.5, "own", None, None]))
    assert {(problem.cell, problem.field) for problem in rows[0].problems} == {
        ("A3", "name"),
        ("B3", "id_card"),
        ("C3", "born"),
        ("D3", "cards"),
        ("E3", "use"),
    }
    assert "第 18 位应为 X" in next(p.message for p in rows[0].problems if p.cell == "B3")


def test_formulas_and_errors_are_refused():
    rows = read_rows(FORM, sheet(["=1+1", None, None, "=SUM(A1:A9)"], ["x", None, None, "#DIV/0!"]))
    assert [problem.cell for problem in rows[0].problems] == ["A3", "D3"]
    assert all("公式" in problem.message for problem in rows[0].problems)
    assert rows[1].problems[0].cell == "D4" and "#DIV/0!" in rows[1].problems[0].message


@pytest.mark.parametrize(
    ("names", "said"),
    [(("name", "salary"), "salary"), (("name", "name"), "重复"), (("born",), "缺少的列:name")],
)
def test_columns_must_be_those_of_the_form(names, said):
    with pytest.raises(InvalidInput) as refused:
        read_rows(FORM, sheet(names=names))
    assert refused.value.number == 2131 and said in refused.value.what


def test_what_is_no_sheet_is_refused():
    whole = template(FORM)
    junk = [b"", b"PK\x03\x04", b"%PDF-1.7", whole[:-40], whole.replace(b"worksheets", b"worksheetz")]
    junk += [whole[:at] + b"\xff" * 8 + whole[at + 8 :] for at in range(40, len(whole) - 8, 97)]
    for data in junk:
        try:
            assert isinstance(read_rows(FORM, data), list)
        except InvalidInput as refused:
            assert refused.number in (2130, 2131)
    with pytest.raises(InvalidInput):
        read_rows(FORM, b"hello")
