"""What programs are told of a form agrees with what they get."""

import json

import jsonschema_rs
from hypothesis import given, settings, strategies as st

from core.domain.forms import Form
from core.forms import check, json_schema, ui_schema

FORM = Form.model_validate(
    {
        "form": "f",
        "title": {"zh": "表", "en": "Form"},
        "code": "F-1",
        "fields": [
            {
                "name": "name",
                "title": {"zh": "姓名", "en": "Name"},
                "type": "text",
                "required": True,
                "min": 2,
                "max": 4,
            },
            {"name": "count", "title": "数", "type": "integer", "min": 1, "max": 5},
            {"name": "pay", "title": "金额", "type": "money", "suffix": "元"},
            {"name": "area", "title": "面积", "type": "decimal", "places": 1},
            {
                "name": "kind",
                "title": "类",
                "type": "choice",
                "choices": ["a", "b"],
                "required": True,
                "when": "count == 2",
            },
            {"name": "many", "title": "多", "type": "choices", "choices": ["a", "b"]},
            {"name": "ok", "title": "可", "type": "yes_no"},
            {"name": "scan", "title": "件", "type": "file"},
            {
                "name": "rows",
                "title": "行",
                "type": "table",
                "columns": [{"name": "n", "title": "n", "type": "text", "required": True}],
            },
            {
                "name": "place",
                "title": "址",
                "type": "group",
                "fields": [{"name": "s", "title": "s", "type": "time"}],
            },
        ],
        "rules": [{"name": "r", "check": "count == null || count > 0", "message": "x", "field": "count"}],
    }
)
SCHEMA = json_schema(FORM)
VALIDATOR = jsonschema_rs.Draft202012Validator(SCHEMA)


def test_it_is_a_schema_and_says_the_shape():
    jsonschema_rs.meta.validate(SCHEMA)
    assert SCHEMA["$schema"].endswith("2020-12/schema")
    assert SCHEMA["required"] == ["name"], "a field with `when` is not always required"
    assert SCHEMA["additionalProperties"] is False
    assert SCHEMA["properties"]["name"]["maxLength"] == 4
    assert json_schema(FORM, "en")["properties"]["name"]["title"] == "Name"
    json.dumps(SCHEMA)


def test_ui_schema_has_order_titles_widgets_and_conditions():
    ui = ui_schema(FORM)
    assert ui["order"][0] == "name" and ui["order"][-1] == "place"
    assert ui["fields"]["name"]["title"] == {"zh": "姓名", "en": "Name"}
    assert ui["fields"]["kind"]["when"] == "count == 2" and ui["fields"]["kind"]["widget"] == "radio"
    assert ui["fields"]["rows"]["fields"]["n"]["widget"] == "text"
    assert ui["rules"] == [
        {
            "name": "r",
            "check": "count == null || count > 0",
            "field": "count",
            "message": {"zh": "x", "en": "x"},
        }
    ]
    json.dumps(ui)


WORDS = st.sampled_from(["", "a", "ab", "abcde", "王小二", "09:30", "b", "1.5", "12.345", "x"])
VALUE = (
    st.none()
    | st.booleans()
    | st.integers(-1, 7)
    | WORDS
    | st.lists(WORDS, max_size=2)
    | st.floats(0, 9)
    | st.lists(st.dictionaries(st.sampled_from(["n", "zz"]), WORDS, max_size=2), max_size=2)
    | st.fixed_dictionaries({"s": WORDS})
)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from([field.name for field in FORM.fields]), VALUE, max_size=6), WORDS)
def test_what_the_verdict_takes_the_schema_takes(data, name):
    data.setdefault("name", name)
    if data.get("kind") is not None and data.get("count") != 2:
        del data["kind"]  # dropped unseen by the verdict, whatever it is
    if check(FORM, data).ok and not any(row == {} for row in data.get("rows") or ()):
        assert VALIDATOR.is_valid(data), [error.message for error in VALIDATOR.iter_errors(data)]


def test_the_schema_refuses_strangers_and_wrong_types():
    assert VALIDATOR.is_valid({"name": "王小二"})
    for wrong in (
        {},
        {"name": 5},
        {"name": "王小二", "x": 1},
        {"name": "王小二", "count": "1"},
        {"name": "王小二", "rows": [{"n": "a", "zz": 1}]},
        {"name": "王小二", "ok": "yes"},
    ):
        assert not VALIDATOR.is_valid(wrong), wrong
        assert not check(FORM, wrong).ok, wrong
