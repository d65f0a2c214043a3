"""The form as pages draw it, its sensitive parts covered, its paper twin, and its WTForms class."""

import pytest
import wtforms

from core.domain.forms import Form
from core.forms import (
    Context,
    Posted,
    answers_of,
    blank,
    check,
    first_answers,
    form_class,
    from_json,
    join,
    masked,
    split,
    to_json,
    view,
)
from core.forms.plan import plan_of

FORM = Form.model_validate(
    {
        "form": "register",
        "title": {"zh": "登记表", "en": "Register"},
        "code": "F-02",
        "fields": [
            {
                "name": "name",
                "title": "姓名",
                "type": "text",
                "required": True,
                "prefill": "parties.owner.name",
                "sensitive": True,
                "help": "与身份证一致",
            },
            {"name": "phone", "title": "电话", "type": "phone", "width": "third"},
            {
                "name": "cards",
                "title": "门禁卡",
                "type": "integer",
                "default": 2,
                "min": 1,
                "max": 9,
                "suffix": "张",
            },
            {"name": "pets", "title": "宠物", "type": "yes_no", "default": False},
            {"name": "breed", "title": "品种", "type": "text", "when": "pets == true"},
            {
                "name": "use",
                "title": "用途",
                "type": "choice",
                "choices": [{"value": "home", "title": "自住"}, "rent"],
            },
            {
                "name": "family",
                "title": "家庭",
                "type": "table",
                "min_rows": 1,
                "columns": [
                    {"name": "who", "title": "姓名", "type": "text"},
                    {"name": "id_card", "title": "证件", "type": "resident_id"},
                ],
            },
            {
                "name": "address",
                "title": "地址",
                "type": "group",
                "fields": [{"name": "street", "title": "街道", "type": "text"}],
            },
            {"name": "scan", "title": "扫描件", "type": "file"},
        ],
    }
)
VALUES = check(
    FORM,
    {
        "name": "张三",
        "phone": "13800138000",
        "cards": 3,
        "pets": True,
        "breed": "柴犬",
        "use": "home",
        "family": [{"who": "李四", "id_card": "11010519491231002X"}],
        "address": {"street": "人民路"},
    },
).raise_if_wrong()


def field(drawn, path):
    found = [
        x
        for f in drawn.fields
        for x in (f, *f.fields, *f.columns, *(y for row in f.rows for y in row.fields))
    ]
    return next(x for x in found if x.path == path)


def test_sections_fields_and_controls():
    drawn = view(FORM)
    assert [section.title for section in drawn.sections] == ["", "家庭", "地址", ""]
    name = field(drawn, "name")
    assert (name.html_name, name.required, name.help, name.widget) == ("f-name", True, "与身份证一致", "text")
    assert name.attributes["autocomplete"] == "off" and name.attributes["maxlength"] == "500"
    assert "pattern" not in name.attributes
    cards = field(drawn, "cards")
    assert cards.attributes == {"autocomplete": "off", "inputmode": "numeric", "min": "1", "max": "9"}
    assert cards.suffix == "张"
    assert field(drawn, "phone").attributes["inputmode"] == "tel"
    assert [choice.title for choice in field(drawn, "use").choices] == ["自住", "rent"]
    assert [choice.value for choice in field(drawn, "pets").choices] == ["yes", "no"]
    assert drawn.has_uploads and field(drawn, "scan").widget == "file"


def test_rows_and_the_new_row_of_a_table():
    table = field(view(FORM, empty_rows=2), "family")
    assert [row.index for row in table.rows] == [0, 1]
    assert [column.html_name for column in table.columns] == [
        "f-family-__row__-who",
        "f-family-__row__-id_card",
    ]
    kept = check(FORM, Posted([("f-family-7-who", "李")]))
    assert [row.index for row in field(view(FORM, kept.answers, empty_rows=2), "family").rows] == [7, 8]


def test_input_is_kept_and_each_problem_stands_at_its_field():
    posted = Posted([("f-phone", "123"), ("f-cards", "many"), ("f-family-1-id_card", "x"), ("f-bad", "1")])
    checked = check(FORM, posted)
    drawn = view(FORM, checked.answers, problems=checked.problems)
    assert field(drawn, "cards").text == "many"
    assert field(drawn, "cards").errors == ("请填写整数，如 3",)
    assert field(drawn, "family-1-id_card").errors == ("身份证号应为 18 位，现为 1 位",)
    assert [error.html_id for error in drawn.errors] == [
        "f-name",
        "f-phone",
        "f-cards",
        "f-family-1-id_card",
        "",
    ]
    assert drawn.errors[0].code == "SX-2102"


def test_stored_values_come_back_and_give_the_same_values():
    answers = answers_of(FORM, VALUES)
    drawn = view(FORM, answers)
    assert field(drawn, "cards").text == "3"
    assert [choice.chosen for choice in field(drawn, "pets").choices] == [True, False]
    assert field(drawn, "family-0-who").text == "李四"
    assert check(FORM, answers).raise_if_wrong() == VALUES
    assert from_json(FORM, to_json(FORM, VALUES)) == VALUES


def test_prefill_and_default():
    answers = first_answers(FORM, {"parties.owner.name": "王五"}.get)
    assert answers.scalars == {"name": "王五", "cards": "2", "pets": "no"}
    assert first_answers(FORM, {}.__getitem__).scalars == {"cards": "2", "pets": "no"}


def test_what_is_not_asked_is_marked():
    assert not field(view(FORM, first_answers(FORM, {}.get)), "breed").asked
    drawn = view(FORM, answers_of(FORM, VALUES))
    assert field(drawn, "breed").asked and field(drawn, "breed").when == "pets == true"


def test_masked_controls_are_empty_and_show_the_mask():
    drawn = view(FORM, answers_of(FORM, VALUES), masked=True)
    assert (field(drawn, "name").text, field(drawn, "name").masked) == ("", "张*")
    assert field(drawn, "family-0-id_card").masked == "1101**********002X"
    assert field(drawn, "address-street").text == "人民路"


def test_english():
    drawn = view(FORM, context=Context(locale="en"))
    assert drawn.title == "Register"
    assert [choice.title for choice in field(drawn, "pets").choices] == ["Yes", "No"]


def test_split_and_join():
    plain, secret = split(FORM, VALUES)
    assert secret == {"name": "张三", "phone": "13800138000", "family-0-id_card": "11010519491231002X"}
    assert plain["name"] is None and plain["family"][0] == {"who": "李四", "id_card": None}
    assert "13800138000" not in repr(plain)
    before = repr(plain)
    assert join(plain, secret) == VALUES
    assert repr(plain) == before, "join changes nothing in place"


def test_masked_values():
    covered = masked(FORM, VALUES)
    assert covered["name"] == "张*" and covered["phone"] == "138****8000"
    assert covered["family"] == [{"who": "李四", "id_card": "1101**********002X"}]
    assert covered["cards"] == 3 and masked(FORM, {"name": None})["name"] is None


def test_the_class_is_a_wtforms_form_made_once():
    plan = plan_of(FORM)
    made = form_class(plan)
    assert issubclass(made, wtforms.Form)
    assert made is form_class(plan_of(FORM)) and made is not form_class(plan, "en")
    assert "f-address-street" in made() and "f-family" not in made()


@pytest.mark.parametrize("name", ["validate", "process", "meta", "data", "errors", "populate_obj"])
def test_a_field_may_be_called_like_a_method_of_wtforms(name):
    form = Form.model_validate(
        {"form": "f", "title": "f", "fields": [{"name": name, "title": "x", "type": "integer"}]}
    )
    assert check(form, Posted([(f"f-{name}", "5")])).values == {name: 5}


def test_the_blank_paper_has_every_question():
    paper = blank(FORM)
    assert (paper.title, paper.code) == ("登记表", "F-02")
    assert [row.title for row in paper.rows] == [
        "姓名",
        "电话",
        "门禁卡",
        "宠物",
        "品种",
        "用途",
        "家庭",
        "地址",
        "街道",
        "扫描件",
    ]
    assert paper.rows[5].boxes == ("自住", "rent") and paper.rows[3].boxes == ("是", "否")
    assert paper.rows[6].kind == "table" and paper.rows[6].columns == ("姓名", "证件")
