"""Every field type: what it takes, what it refuses and how it says so."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st
from stdnum.cn import ric

from core.domain.base import Text
from core.domain.forms import FIELD_TYPES, Field, Form
from core.errors import PluginError
from core.forms import (
    BUILT_IN,
    Context,
    FieldType,
    FieldTypes,
    Posted,
    Wrong,
    check,
    messages,
    printed,
    shown,
    to_json,
)

EXTRA = {
    "choice": {"choices": ["a", "b"]},
    "choices": {"choices": ["a", "b", "c"]},
    "table": {"columns": [{"name": "n", "title": "n", "type": "text"}]},
    "group": {"fields": [{"name": "n", "title": "n", "type": "text"}]},
}
SHA = "0123456789abcdef" * 4


def form_of(type_, **said):
    return Form.model_validate(
        {
            "form": "one",
            "title": "一",
            "fields": [{"name": "q", "title": "问", "type": type_, **EXTRA.get(type_, {}), **said}],
        }
    )


def typed(type_, text, context=None, **said):
    checked = check(form_of(type_, **said), Posted([("f-q", text)]), context)
    return checked.values["q"] if checked.ok else [problem.message for problem in checked.problems]


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("text", "  张三 ", "张三"),
        ("text", "e\u0301", "é"),
        ("long_text", "一\r\n二", "一\n二"),
        ("integer", "１２", 12),
        ("integer", "-3", -3),
        ("integer", "1,000", 1000),
        ("decimal", "98.50", Decimal("98.50")),
        ("decimal", "-0.0", Decimal(0)),
        ("money", "3,276", Decimal("3276.00")),
        ("money", "¥3276.5元", Decimal("3276.50")),
        ("date", "2026/3/1", "2026-03-01"),
        ("date", "2026年3月1日", "2026-03-01"),
        ("time", "9:05", "09:05"),
        ("time", "23:59:00", "23:59"),
        ("datetime", "2026-03-01T09:30", "2026-03-01T09:30"),
        ("datetime", "2026-3-1 9:30", "2026-03-01T09:30"),
        ("choice", "b", "b"),
        ("yes_no", "是", True),
        ("yes_no", "no", False),
        ("phone", "138 0013 8000", "13800138000"),
        ("phone", "+86 13800138000", "13800138000"),
        ("phone", "(0755)26001234", "0755-26001234"),
        ("phone", "010-62001234", "010-62001234"),
        ("phone", "400-800-1234", "400-800-1234"),
        ("phone", "+852 9123 4567", "+85291234567"),
        ("resident_id", "11010519491231002x", "11010519491231002X"),
        ("resident_id", "110105 19491231 002X", "11010519491231002X"),
        ("passport", "e12345678", "E12345678"),
        ("company_code", "91110000600037341L", "91110000600037341L"),
        ("unit", "3-2-501", "3-2-501"),
        ("unit", "玉兰3栋501", "玉兰3栋501"),
        ("person", "李四", "李四"),
        ("file", SHA, SHA),
        ("photo", SHA, SHA),
        ("ink", SHA, SHA),
    ],
)
def test_taken_and_normalised(type_, text, value):
    taken = typed(type_, text)
    assert taken == value and type(taken) is type(value)


@pytest.mark.parametrize(
    ("type_", "text", "message"),
    [
        ("text", "一\n二", "请写在一行内"),
        ("text", "长" * 501, "最多 500 个字，现有 501 个"),
        ("integer", "1.5", "请填写整数，如 3"),
        ("integer", "9" * 16, "数字太长"),
        ("integer", "1e3", "请填写整数，如 3"),
        ("decimal", "NaN", "请填写数字，如 12.5"),
        ("decimal", "Infinity", "请填写数字，如 12.5"),
        ("decimal", "1.234", "最多 2 位小数"),
        ("decimal", "1e9999999", "请填写数字，如 12.5"),
        ("money", "12.345", "最多 2 位小数"),
        ("money", "9" * 14, "数字太长"),
        ("money", "很多", "请填写金额，如 3276.00"),
        ("date", "2026-02-30", "请填写日期，如 2026-03-01"),
        ("date", "20260301", "请填写日期，如 2026-03-01"),
        ("time", "24:00", "请填写时间，如 09:30"),
        ("datetime", "2026-03-01", "请填写日期和时间，如 2026-03-01 09:30"),
        ("choice", "z", "“z”不在可选项中"),
        ("yes_no", "maybe", "请选择是或否"),
        ("phone", "1380013800", "手机号应为 11 位，现为 10 位"),
        ("phone", "12345678901", "请填写手机号(11 位)或带区号的座机号，如 0755-26001234"),
        ("resident_id", "11010519491231002", "身份证号应为 18 位，现为 17 位"),
        ("resident_id", "110105194912310021", "身份证号第 18 位应为 X"),
        ("resident_id", "11010519491331002X", "身份证号第 7–14 位不是有效的出生日期"),
        ("resident_id", "1101051949A231002X", "身份证号第 11 位应为数字"),
        ("passport", "E1", "护照号应为 5–15 位字母或数字"),
        ("company_code", "91110000600037341X", "统一社会信用代码第 18 位应为 L"),
        ("company_code", "9111000060003734IL", "统一社会信用代码第 17 位“I”有误"),
        ("company_code", "9111", "统一社会信用代码应为 18 位，现为 4 位"),
        ("unit", "3 栋 501", "房号只含字母、数字、汉字和 - / . _ #"),
        ("file", "x", "文件没有传好，请重新上传"),
        ("ink", SHA.upper(), "签名没有传好，请重签"),
    ],
)
def test_refused_with_a_sentence(type_, text, message):
    assert typed(type_, text) == [message]


def test_the_same_sentence_in_english():
    assert typed("resident_id", "110105194912310021", Context(locale="en")) == [
        "Character 18 of the resident ID should be X"
    ]


def test_every_message_stands_in_both_languages():
    for what, (zh, en) in messages._SAYINGS.items():
        assert zh and en and not zh.isascii(), what
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in en), what
        assert set(_details(zh)) == set(_details(en)), what


def _details(text):
    return [part.split("}")[0] for part in text.split("{")[1:]]


@settings(max_examples=30, deadline=None)
@given(st.integers(110000, 659004), st.dates(date(1900, 1, 1), date(2025, 12, 31)), st.integers(0, 999))
def test_every_resident_id_with_its_check_character_is_taken_and_no_other(county, born, serial):
    number = f"{county}{born:%Y%m%d}{serial:03d}"
    right = ric.calc_check_digit(number + "0")
    assert typed("resident_id", number + right) == number + right
    for wrong in set("0123456789X") - {right}:
        assert typed("resident_id", number + wrong) == [f"身份证号第 18 位应为 {right}"]


def test_nobody_is_born_tomorrow():
    today = Context(today=date(1949, 12, 30))
    assert typed("resident_id", "11010519491231002X", today) == ["身份证号第 7–14 位不是有效的出生日期"]


def test_limits():
    assert typed("integer", "5", min=6) == ["不能小于 6"]
    assert typed("money", "5", max="4.99") == ["不能大于 4.99"]
    assert typed("date", "2026-03-01", min="2026-03-02") == ["不能早于 2026年3月2日"]
    assert typed("date", "2026-03-03", Context(locale="en"), max="2026-03-02") == [
        "Must not be later than 2 March 2026"
    ]
    assert typed("text", "abc", max=2) == ["最多 2 个字，现有 3 个"]
    assert typed("text", "a", min=2) == ["至少 2 个字，现有 1 个"]
    assert typed("decimal", "1.2345", places=4) == Decimal("1.2345")
    assert typed("decimal", "1.5", places=0) == ["最多 0 位小数"]


def test_pattern_is_re2_and_matches_the_whole_text():
    assert typed("text", "AB12", pattern="[A-Z]+[0-9]+") == "AB12"
    assert typed("text", "AB12x", pattern="[A-Z]+[0-9]+") == ["格式不符合要求"]
    assert typed("text", "a" * 400 + "!", pattern="(a+)+") == ["格式不符合要求"], (
        "linear where `re` would never end"
    )


def test_what_does_not_exist_is_refused():
    context = Context(unit_exists="1-101".__eq__, person_exists="p1".__eq__, blob_exists=SHA.__eq__)
    assert typed("unit", "1-101", context) == "1-101"
    assert typed("unit", "1-102", context) == ["没有房屋“1-102”"]
    assert typed("person", "p2", context) == ["没有找到“p2”"]
    assert typed("photo", SHA, context) == SHA
    assert typed("photo", SHA[::-1], context) == ["文件没有传好，请重新上传"]


def test_choices_are_kept_in_the_order_of_the_form():
    posted = Posted([("f-q", "c"), ("f-q", "a")])
    assert check(form_of("choices"), posted).values["q"] == ["a", "c"]
    assert check(form_of("choices"), {"q": []}).values["q"] == []
    twice = check(form_of("choices"), {"q": ["a", "a"]})
    assert [problem.message for problem in twice.problems] == ["“a”选了两次"]


@pytest.mark.parametrize(
    ("type_", "value", "said"),
    [
        ("text", 5, "JSON string"),
        ("integer", "5", "JSON integer"),
        ("integer", 5.0, "JSON integer"),
        ("integer", True, "JSON integer"),
        ("decimal", True, "JSON number"),
        ("money", [], "JSON number"),
        ("yes_no", "yes", "true 或 false"),
        ("yes_no", 1, "true 或 false"),
        ("choices", "a", "JSON array"),
        ("date", 20260301, "JSON string"),
        ("table", {}, "JSON array"),
        ("group", [], "JSON object"),
        ("decimal", float("nan"), "NaN"),
        ("money", float("inf"), "NaN"),
        ("money", 10**40, "数字太长"),
        ("integer", 10**30, "数字太长"),
        ("decimal", 1e300, "最多 40 个字"),
    ],
)
def test_json_of_the_wrong_type_is_told_apart(type_, value, said):
    checked = check(form_of(type_), {"q": value})
    assert len(checked.problems) == 1 and said in checked.problems[0].message
    assert checked.problems[0].field == "q"


def test_json_numbers_become_exact():
    assert check(form_of("money"), {"q": 0.1}).values["q"] == Decimal("0.10")
    assert check(form_of("decimal", places=6), {"q": 1e-05}).values["q"] == Decimal("0.00001")
    assert check(form_of("money"), {"q": "1,234.50"}).values["q"] == Decimal("1234.50")


@pytest.mark.parametrize(
    ("type_", "value", "page", "paper"),
    [
        ("date", "2026-03-01", "1 March 2026", "2026年3月1日"),
        ("datetime", "2026-03-01T09:30", "1 March 2026 09:30", "2026年3月1日 09:30"),
        ("money", Decimal("3276.00"), "3,276.00", "3,276.00"),
        ("yes_no", False, "No", "否"),
        ("choices", ["a", "b"], "a, b", "a、b"),
        ("photo", SHA, SHA[:8], SHA),
        ("text", None, "", ""),
    ],
)
def test_shown_and_printed(type_, value, page, paper):
    assert shown(form_of(type_), {"q": value}, "en")["q"] == page
    assert printed(form_of(type_), {"q": value})["q"] == paper


def test_titles_of_choices_and_suffixes_are_shown():
    form = form_of("choice", choices=[{"value": "a", "title": {"zh": "甲", "en": "First"}}], suffix="类")
    assert shown(form, {"q": "a"})["q"] == "甲 类"
    assert printed(form, {"q": "a"})["q"] == "甲"


@pytest.mark.parametrize(
    ("type_", "value", "mask"),
    [
        ("phone", "13800138000", "138****8000"),
        ("resident_id", "310101199001011234", "3101**********1234"),
        ("text", "张三", "张*"),
        ("text", "张", "张*"),
        ("text", "欧阳小明明", "欧***"),
        ("passport", "E12345678", "E1*****78"),
        ("money", Decimal("1.00"), "***"),
    ],
)
def test_masks(type_, value, mask):
    assert BUILT_IN.of(form_of(type_).fields[0]).mask(value) == mask


@pytest.mark.parametrize("name", FIELD_TYPES)
def test_every_type_is_described(name):
    type_ = BUILT_IN.of(form_of(name).fields[0])
    assert type_.title.zh and type_.title.en and type_.__doc__
    assert type_.ui(form_of(name).fields[0])["widget"]
    assert isinstance(type_.json_schema(form_of(name).fields[0]), dict)


class PlateType(FieldType):
    """A car plate, as a plugin would add it."""

    name = "plate"
    title = Text(zh="车牌", en="Plate")

    def parse(self, text: str, field: Field) -> str:
        if len(text) != 7:
            raise Wrong(Text(zh="车牌应为 7 位", en="A plate has 7 characters"))
        return text.upper()


def test_a_plugin_adds_a_type_of_the_same_class():
    types = BUILT_IN.with_([PlateType()])
    assert typed("plate", "粤b12345", Context(types=types)) == "粤B12345"
    assert typed("plate", "粤b", Context(types=types)) == ["车牌应为 7 位"]
    assert "plate" in types and "plate" not in BUILT_IN
    with pytest.raises(PluginError):
        types.with_([PlateType()])
    with pytest.raises(PluginError):
        FieldTypes([FieldType()])


def test_values_keep_through_the_store():
    form = form_of("money")
    assert to_json(form, {"q": Decimal("1.50")}) == {"q": "1.50"}
