"""One verdict for every face: conditions, rows, rules, and nothing but the form's own fields."""

import time
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st
from webob.multidict import MultiDict

from core.domain.forms import Form
from core.errors import InvalidInput
from core.forms import Answers, Context, Posted, check, read, rule_values
from core.forms.answers import MOST_FIELDS

FORM = Form.model_validate(
    {
        "form": "registration",
        "title": "登记",
        "code": "F-01",
        "fields": [
            {"name": "validate", "title": "姓名", "type": "text", "required": True, "max": 20},
            {"name": "kind", "title": "类别", "type": "choice", "choices": ["owner", "agent"]},
            {
                "name": "reason",
                "title": "代办原因",
                "type": "text",
                "when": "kind == 'agent'",
                "required": True,
            },
            {
                "name": "proof",
                "title": "委托书号",
                "type": "integer",
                "required_when": "kind == 'agent'",
                "min": 1,
            },
            {"name": "paid", "title": "实付", "type": "money"},
            {"name": "area", "title": "面积", "type": "decimal"},
            {"name": "hobbies", "title": "爱好", "type": "choices", "choices": ["tea", "go"]},
            {"name": "agreed", "title": "同意", "type": "yes_no"},
            {"name": "start", "title": "开始", "type": "date"},
            {"name": "end", "title": "结束", "type": "date"},
            {
                "name": "family",
                "title": "家庭成员",
                "type": "table",
                "max_rows": 3,
                "columns": [
                    {"name": "name", "title": "姓名", "type": "text", "required": True},
                    {"name": "age", "title": "年龄", "type": "integer", "min": 0, "max": 150},
                    {
                        "name": "school",
                        "title": "学校",
                        "type": "text",
                        "when": "row.age != null && row.age < 18",
                    },
                ],
            },
            {
                "name": "address",
                "title": "地址",
                "type": "group",
                "fields": [
                    {"name": "street", "title": "街道", "type": "text"},
                    {
                        "name": "post",
                        "title": "邮编",
                        "type": "text",
                        "pattern": "[0-9]{6}",
                        "required_when": "address.street != null",
                    },
                ],
            },
        ],
        "rules": [
            {
                "name": "order",
                "check": "start == null || end == null || start <= end",
                "field": "end",
                "message": {"zh": "结束不能早于开始", "en": "The end is before the start"},
            },
            {"name": "enough", "check": "paid == null || paid >= 10000", "message": "实付不足 100 元"},
        ],
    }
)
LEAST = {"validate": "张三"}


def problems(raw, **context):
    return {problem.field: problem.message for problem in check(FORM, raw, Context(**context)).problems}


def test_typed_values_of_everything():
    checked = check(
        FORM,
        {
            "validate": "张三",
            "kind": "agent",
            "reason": "出差",
            "proof": 7,
            "paid": "100",
            "area": "98.5",
            "hobbies": ["go"],
            "agreed": True,
            "start": "2026-03-01",
            "end": "2026-03-02",
            "family": [{"name": "张小", "age": 7, "school": "一小"}],
            "address": {"street": "人民路", "post": "518000"},
        },
    )
    assert checked.ok
    assert checked.raise_if_wrong() == {
        "validate": "张三",
        "kind": "agent",
        "reason": "出差",
        "proof": 7,
        "paid": Decimal("100.00"),
        "area": Decimal("98.5"),
        "hobbies": ["go"],
        "agreed": True,
        "start": "2026-03-01",
        "end": "2026-03-02",
        "family": [{"name": "张小", "age": 7, "school": "一小"}],
        "address": {"street": "人民路", "post": "518000"},
    }


def test_what_was_not_answered_is_none_or_an_empty_list():
    assert check(FORM, LEAST).values == {
        "validate": "张三",
        "kind": None,
        "reason": None,
        "proof": None,
        "paid": None,
        "area": None,
        "hobbies": [],
        "agreed": None,
        "start": None,
        "end": None,
        "family": [],
        "address": {"street": None, "post": None},
    }


def test_required_and_required_when():
    assert problems({}) == {"validate": "请填写姓名"}
    assert problems({"validate": " 　"}) == {"validate": "请填写姓名"}
    assert problems({**LEAST, "kind": "agent"}) == {"reason": "请填写代办原因", "proof": "请填写委托书号"}
    assert problems({**LEAST, "address": {"street": "人民路"}}) == {"address-post": "请填写邮编"}


def test_a_field_that_is_not_asked_is_dropped_with_its_problems():
    checked = check(FORM, {**LEAST, "kind": "owner", "reason": "x" * 600})
    assert checked.ok and checked.values["reason"] is None
    adult = check(FORM, {**LEAST, "family": [{"name": "李", "age": 40, "school": "大学"}]})
    assert adult.ok and adult.values["family"][0]["school"] is None


def test_rules_across_fields():
    assert problems({**LEAST, "start": "2026-03-02", "end": "2026-03-01"}) == {"end": "结束不能早于开始"}
    assert problems({**LEAST, "start": "2026-03-02", "end": "2026-03-01"}, locale="en") == {
        "end": "The end is before the start"
    }
    assert problems({**LEAST, "paid": "99.99"}) == {"": "实付不足 100 元"}
    # a wrong value has its own message; the rule that reads it waits
    assert problems({**LEAST, "start": "2026-03-02", "end": "soon"}) == {"end": "请填写日期，如 2026-03-01"}


def test_a_rule_that_cannot_be_evaluated_does_not_pass():
    form = Form.model_validate(
        {
            "form": "f",
            "title": "f",
            "fields": [{"name": "a", "title": "a", "type": "integer"}],
            "rules": [{"name": "r", "check": "a > 1", "message": "太小"}],
        }
    )
    assert [problem.message for problem in check(form, {}).problems] == ["太小"]


def test_facts_are_readable_in_rules():
    form = Form.model_validate(
        {
            "form": "f",
            "title": "f",
            "fields": [{"name": "a", "title": "a", "type": "integer"}],
            "rules": [{"name": "r", "check": "a < unit.floor", "message": "太高"}],
        }
    )
    assert check(form, {"a": 3}, Context(facts={"unit": {"floor": 5}})).ok
    assert not check(form, {"a": 7}, Context(facts={"unit": {"floor": 5}})).ok


def test_rows_keep_the_index_they_came_with_and_empty_ones_go():
    posted = Posted(
        [("f-validate", "张三"), ("f-family-0-name", " "), ("f-family-2-name", "李"), ("f-family-5-age", "x")]
    )
    checked = check(FORM, posted)
    assert {problem.field for problem in checked.problems} == {"family-5-age", "family-5-name"}
    assert [row["name"] for row in checked.values["family"]] == ["李", None]


def test_more_rows_than_allowed_are_refused_never_cut():
    rows = [{"name": str(at)} for at in range(4)]
    assert problems({**LEAST, "family": rows}) == {"family": "最多 3 行，请删去多余的行"}
    assert check(FORM, {**LEAST, "family": [{}] * 50 + rows[:3]}).ok, "empty rows do not count"


@pytest.mark.parametrize(
    "name",
    [
        "id",
        "is_admin",
        "case_id",
        "family-0-salary",
        "family-x-name",
        "family-00-name",
        "family-0",
        "address-city",
        "address",
        "validate-x",
        "family-999999-name",
        "__class__",
        "name\x00",
    ],
)
def test_a_form_sets_only_its_own_fields(name):
    posted = check(FORM, Posted([("f-validate", "张三"), (f"f-{name}", "1")]))
    assert [problem.number for problem in posted.problems] == [2104]
    assert posted.values == check(FORM, LEAST).values


def test_unknown_json_is_refused_wherever_it_stands():
    assert list(problems({**LEAST, "id": 1})) == ["id"]
    assert list(problems({**LEAST, "family": [{"name": "a", "salary": 1}]})) == ["family-0-salary"]
    assert list(problems({**LEAST, "address": {"city": "x"}})) == ["address-city"]
    assert list(problems({**LEAST, "reason": 5, "kind": "owner"})) == []
    for junk in ([], "x", 5, None):
        assert "" in problems(junk)


def test_names_of_the_page_are_left_alone():
    assert check(FORM, Posted([("f-validate", "张三"), ("csrf_token", "x"), ("version", "3")])).ok


def test_one_value_per_field():
    assert "只能填一个值" in problems(Posted([("f-validate", "a"), ("f-validate", "b")]))["validate"]


@pytest.mark.parametrize(
    ("text", "position", "code"),
    [
        ("a\x00b", 2, "U+0000"),
        ("\x1fa", 1, "U+001F"),
        ("一\r\n\x07", 3, "U+0007"),
        ("a\ud800", 2, "U+D800"),
        ("\ufffe", 1, "U+FFFE"),
    ],
)
def test_what_no_paper_can_carry_is_refused_with_its_position(text, position, code):
    found = check(FORM, {"validate": text}).problems
    assert [(p.field, p.number) for p in found] == [("validate", 2110)]
    assert f"第 {position} 个字符({code})" in found[0].message
    row = check(FORM, {**LEAST, "family": [{"name": text}]}).problems
    assert [p.field for p in row] == ["family-0-name"]


@settings(deadline=None)
@given(st.text(min_size=1, max_size=8))
def test_text_is_kept_exactly_or_refused(text):
    """Nothing but normal form, line ends and outer blanks may differ."""
    form = Form.model_validate(
        {"form": "f", "title": "f", "fields": [{"name": "t", "title": "t", "type": "long_text"}]}
    )
    checked = check(form, {"t": text})
    expected = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip() or None
    assert checked.problems or checked.values["t"] == expected


def test_raise_if_wrong_carries_every_problem():
    with pytest.raises(InvalidInput) as refused:
        check(FORM, {"paid": "x", "area": "y"}).raise_if_wrong()
    assert [problem.field for problem in refused.value.problems] == ["validate", "paid", "area"]


def test_a_draft_keeps_what_was_entered_and_is_judged_later():
    draft = read(FORM, Posted([("f-paid", "viel"), ("f-family-4-name", "李"), ("f-hobbies", "go")])).as_data()
    resumed = Answers.from_data(draft)
    assert resumed.scalars["paid"] == "viel"
    assert {problem.field for problem in check(FORM, resumed).problems} == {"validate", "paid"}
    other = Form.model_validate(
        {
            "form": "registration",
            "title": "x",
            "fields": [
                {"name": "hobbies", "title": "h", "type": "text"},
                {
                    "name": "validate",
                    "title": "v",
                    "type": "group",
                    "fields": [{"name": "a", "title": "a", "type": "text"}],
                },
            ],
        }
    )
    assert check(other, Answers.from_data({"scalars": {"validate": "x", "paid": "1"}})).ok


def test_rule_values_are_what_rules_see():
    values = check(FORM, {**LEAST, "paid": "100", "area": "1.5", "family": [{"name": "a"}]}).values
    seen = rule_values(FORM, values)
    assert seen["paid"] == 10000 and seen["area"] == 1.5 and seen["start"] is None
    assert seen["family"] == [{"name": "a", "age": None, "school": None}]


# ---------------------------------------------------------------- both faces

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=6) | st.sampled_from(
    ["owner", "agent", "2026-03-01", "2026-02-01", "100", "99.99", "518000", "１２", "\x00", "é", "e\u0301"]
)
NUMBERS = st.integers(-5, 10**16)
ROW = st.fixed_dictionaries({}, optional={"name": TEXTS, "age": NUMBERS, "school": TEXTS})
JSON = st.fixed_dictionaries(
    {},
    optional={
        "validate": TEXTS,
        "kind": TEXTS,
        "reason": TEXTS,
        "proof": NUMBERS,
        "paid": TEXTS,
        "area": TEXTS,
        "hobbies": st.lists(st.sampled_from(["tea", "go", "chess"]), max_size=3),
        "agreed": st.booleans(),
        "start": TEXTS,
        "end": TEXTS,
        "family": st.lists(ROW, max_size=5),
        "address": st.fixed_dictionaries({}, optional={"street": TEXTS, "post": TEXTS}),
        "stranger": TEXTS,
    },
)


def as_posted(data):
    """The same answers as a browser would post them."""
    pairs = []
    for name, value in data.items():
        if isinstance(value, dict):
            pairs += [(f"f-{name}-{inner}", text) for inner, text in value.items()]
        elif name == "family":
            pairs += [
                (f"f-family-{at}-{inner}", str(cell))
                for at, row in enumerate(value)
                for inner, cell in row.items()
            ]
        elif isinstance(value, list):
            pairs += [(f"f-{name}", text) for text in value]
        else:
            pairs.append((f"f-{name}", ("yes" if value else "no") if isinstance(value, bool) else str(value)))
    return pairs


@settings(max_examples=300, deadline=None)
@given(JSON, st.sampled_from(["zh_CN", "en"]))
def test_both_faces_give_the_same_verdict(data, locale):
    context = Context(locale=locale)
    by_json, by_web = check(FORM, data, context), check(FORM, MultiDict(as_posted(data)), context)
    assert by_json.values == by_web.values
    assert sorted(by_json.problems, key=repr) == sorted(by_web.problems, key=repr)


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from([field.name for field in FORM.fields] + ["x", "name"]), inner, max_size=4
            )
        ),
    )
)
def test_any_json_gets_a_verdict(data):
    checked = check(FORM, data)
    assert checked.problems or checked.values["validate"]


# ---------------------------------------------------------------- figures

WIDE = Form.model_validate(
    {
        "form": "wide",
        "title": "宽",
        "fields": [
            {
                "name": "rows",
                "title": "行",
                "type": "table",
                "max_rows": 500,
                "columns": [
                    {"name": f"c{at}", "title": "列", "type": type_}
                    for at, type_ in enumerate(
                        ["text", "integer", "phone", "date", "money", "text", "yes_no", "decimal"]
                    )
                ],
            }
        ],
    }
)
ROWS = [
    {
        "c0": "张三",
        "c1": at,
        "c2": "13800138000",
        "c3": "2026-03-01",
        "c4": "12.50",
        "c5": "备注",
        "c6": True,
        "c7": "1.5",
    }
    for at in range(500)
]


def fastest(act, times=5):
    durations = []
    for _ in range(times):
        started = time.perf_counter()
        act()
        durations.append(time.perf_counter() - started)
    return min(durations)


def test_a_large_table_is_judged_at_once():
    assert check(WIDE, {"rows": ROWS}).ok
    # 7 ms on a quiet machine; the bound only has to catch what grows with the square
    assert fastest(lambda: check(WIDE, {"rows": ROWS})) < 0.1


def test_a_posted_table_does_not_grow_with_the_square():
    pairs = [
        (f"f-rows-{at}-{name}", "yes" if value is True else str(value))
        for at, row in enumerate(ROWS)
        for name, value in row.items()
    ]
    assert check(WIDE, MultiDict(pairs)).ok
    assert fastest(lambda: check(WIDE, MultiDict(pairs))) < 0.2


def test_a_form_without_end_is_refused():
    with pytest.raises(InvalidInput) as refused:
        Posted([(f"f-x{at}", "1") for at in range(MOST_FIELDS + 1)])
    assert refused.value.problems[0].number == 2120
