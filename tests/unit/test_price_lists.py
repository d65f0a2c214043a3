"""Price lists: shown with their prices where one chooses, priced row by row, explained row by row, checked when loaded."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from core.definitions.library import Library
from core.domain.fees import Fee, PriceList
from core.domain.sources import ProcedureSource
from core.errors import DefinitionErrors, MoneyRefused
from core.money import price, schedule

ROOT = Path(__file__).resolve().parents[2]
LISTS = [PriceList.model_validate({"name": "services", "title": "价目表", "items": [
    {"name": "tap", "title": {"zh": "更换水龙头", "en": "Replace a tap"}, "price": "30.00", "unit": {"zh": "个", "en": "pc"}},
    {"name": "wire", "title": "布线", "price": "0.335", "unit": "米", "sample": True}]})]


def fee(**said) -> Fee:
    return Fee.model_validate({"name": "services", "title": "服务费", "stage": "repair", **said})


BY_LIST = fee(rows={"of": "intake.items", "item": "service", "quantity": "count", "price_list": "services"})
BY_ROW = fee(rows={"of": "work.materials", "item": "material", "quantity": "count", "price": "unit_price"})


def reported(*rows: tuple[str, object]) -> Callable[[str], object]:
    return {"intake.items": [{"service": name, "count": count} for name, count in rows]}.get


# ---------------------------------------------------------------- pricing


def test_rows_of_a_price_list_with_a_line_for_each():
    priced = price(BY_LIST, reported(("tap", 2), ("wire", "1.5")), lists=LISTS)
    assert [row.fen for row in priced.rows] == [6000, 50]  # 0.5025 元 is half a 分 above, rounded row by row
    assert priced.fen == 6050
    assert priced.rule.zh == "共 2 项，逐项计价后相加" and priced.rule.en == "2 items, priced one by one and added up"
    assert [(line.name, line.title.zh) for line in priced.lines][:3] == [("rule", "计算"), ("row", "更换水龙头"), ("row", "布线")]
    assert priced.lines[1].value.zh == "30.00 元/个 × 2 = 60.00 元"
    assert priced.lines[1].value.en == "CNY 30.00/pc × 2 = CNY 60.00"
    assert priced.sample, "one sample price makes the sum a sample"
    data = priced.as_data()
    assert data["rows"][0] == {"title": {"zh": "更换水龙头", "en": "Replace a tap"}, "unit": {"zh": "个", "en": "pc"},
                               "unit_price": "30.00", "quantity": "2", "fen": 6000, "sample": False}


def test_rows_that_bring_their_own_price():
    values = {"work.materials": [{"material": "角阀", "count": "2.00", "unit_price": "18.50"}]}
    priced = price(BY_ROW, values.get)
    assert priced.fen == 3700 and priced.rows[0].rule.zh == "18.50 元 × 2.00 = 37.00 元"


@given(st.lists(st.tuples(st.sampled_from(["tap", "wire"]), st.integers(0, 99)), min_size=1, max_size=12))
def test_the_rows_add_up_to_the_sum(rows):
    priced = price(BY_LIST, reported(*rows), lists=LISTS)
    assert priced.fen == sum(row.fen for row in priced.rows) and len(priced.rows) == len(rows)


def test_without_a_quantity_a_row_counts_once():
    once = fee(rows={"of": "intake.items", "item": "service", "price_list": "services"})
    assert price(once, reported(("tap", 7)), lists=LISTS).fen == 3000


@pytest.mark.parametrize("values", [{}, {"intake.items": None}, {"intake.items": []}])
def test_a_table_without_rows_makes_no_charge(values):
    assert schedule([BY_LIST], "repair", values.get, lambda _: True, LISTS) == []


def test_a_price_set_by_somebody():
    agreed = fee(amount_of="assess.quote", source="S1-4 §4-4c")
    priced = price(agreed, {"assess.quote": "120.5"}.get)
    assert (priced.fen, priced.unit_price, priced.rule.zh) == (12050, "120.50", "核定金额 120.50 元")
    with pytest.raises(MoneyRefused) as refused:
        price(agreed, {}.get)
    assert refused.value.number == 2410 and "assess.quote" in refused.value.what


@pytest.mark.parametrize(("rows", "number", "said"), [
    ([{"service": "roof", "count": 1}], 2411, "roof"),
    ([{"service": "tap", "count": None}], 2410, "intake.items.count"),
    ([{"service": "tap", "count": -1}], 2410, "intake.items.count"),
    ([{"service": None, "count": 1}], 2410, "intake.items.service"),
    ("tap", 2410, "intake.items"),
    ([["tap", 1]], 2410, "intake.items"),
])
def test_what_cannot_be_priced_is_named(rows, number, said):
    with pytest.raises(MoneyRefused) as refused:
        price(BY_LIST, {"intake.items": rows}.get, lists=LISTS)
    assert refused.value.number == number and said in refused.value.what


@pytest.mark.parametrize("said", [
    {"rows": {"of": "a.b", "item": "c"}},
    {"rows": {"of": "a.b", "item": "c", "price_list": "d", "price": "e"}},
    {"amount": "1", "amount_of": "a.b"},
    {"amount_of": "a.b", "rows": {"of": "a.b", "item": "c", "price": "e"}},
    {"amount_of": "quote"},
])
def test_a_fee_has_one_way_and_a_row_one_price(said):
    with pytest.raises(ValueError, match=r"价目|rows|amount"):
        fee(**said)


# ---------------------------------------------------------------- definitions


@pytest.fixture
def repairs(tmp_path: Path) -> Callable[..., Library]:
    """Loads the repairs of the house after one passage of one file was changed."""
    definitions = tmp_path / "repairs"
    shutil.copytree(ROOT / "form_definitions/repairs", definitions)
    estates = tmp_path / "estates"
    (estates / "acme/park").mkdir(parents=True)
    (estates / "acme/company.yaml").write_text("company: acme\ntitle: 某某物业\n", encoding="utf-8")
    (estates / "acme/park/estate.yaml").write_text("estate: park\ntitle: 公园\n", encoding="utf-8")

    def load(file: str = "", old: str = "", new: str = "", *, override: str = "") -> Library:
        if file:
            text = (definitions / file).read_text(encoding="utf-8")
            assert old in text
            (definitions / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        if override:
            own = estates / "acme/park/form_definitions/repairs"
            own.mkdir(parents=True)
            (own / "fee_schedule.yaml").write_text(override, encoding="utf-8")
        return Library.load([ProcedureSource("repairs", definitions, ROOT / "document_templates/repairs", "1")], estates)

    return load


def test_the_choices_of_a_form_are_the_items_with_their_prices(repairs):
    bundle = repairs().bundle("park", "repairs")
    for form in ("intake", "arrival"):
        column = next(one for one in bundle.form(form).field("items").columns if one.name == "service")
        assert [choice.value for choice in column.choices] == [item.name for item in bundle.price_list("services").items]
        assert column.choices[0].title.zh == "更换水龙头（30.00 元/个）"
        assert column.choices[0].title.en == "Replace a tap (CNY 30.00/pc)"


def test_an_estate_changes_prices_in_one_place(repairs):
    override = """
price_lists:
  - name: services
    items:
      - {name: tap, price: "45.00", sample: false}
      - {name: drill, remove: true}
      - {name: gutter, title: 清理雨水斗, price: "25.00", unit: 个, after: tap}
"""
    bundle = repairs(override=override).bundle("park", "repairs")
    column = next(one for one in bundle.form("intake").field("items").columns if one.name == "service")
    assert [choice.title.zh for choice in column.choices][:2] == ["更换水龙头（45.00 元/个）", "清理雨水斗（25.00 元/个）"]
    assert "drill" not in {choice.value for choice in column.choices}


FEES = "fee_schedule.yaml"


@pytest.mark.parametrize(("file", "old", "new", "said", "place"), [
    (FEES, "price_list: services}", "price_list: servcies}", "`servcies`", FEES),
    (FEES, "item: service, quantity", "item: servce, quantity", "`servce`", FEES),
    (FEES, "quantity: count, price_list", "quantity: note, price_list", "`note`", FEES),
    (FEES, "of: intake.items", "of: intake.content", "不是表格", FEES),
    (FEES, "of: intake.items", "of: intake.itmes", "intake.itmes", FEES),
    (FEES, "amount_of: assess.quote", "amount_of: assess.opinion", "opinion", FEES),
    (FEES, "of: work.materials, item: material", "of: visit.materials, item: material", "visit.materials", FEES),
    (FEES, "name: angle_valve", "name: tap", "`tap` 重复", FEES),
    ("forms/intake.yaml", "choices_from: services", "choices_from: servces", "`servces`", "forms/intake.yaml"),
    ("forms/arrival.yaml", "choices_from: services", "choices: [tap]", "choices_from", FEES),
    ("forms/intake.yaml", "type: integer, required: true, default: 1, min: 1", "type: integer, default: 1, min: 1", "可以不填", FEES),
    ("forms/arrival.yaml", "default: 1, min: 1, max: 99", "default: 1, max: 99", "负数", FEES),
    ("forms/intake.yaml", "type: text, required: true, max: 60", "type: text, choices_from: services, max: 60", "choices_from",
     "forms/intake.yaml"),
], ids=["list", "column", "quantity", "no-table", "table", "amount_of", "later", "twice", "choices", "correction", "optional",
        "negative", "text"])
def test_a_mistake_is_told_at_its_place(repairs, file, old, new, said, place):
    with pytest.raises(DefinitionErrors) as caught:
        repairs(file, old, new)
    problems = caught.value.problems
    assert any(said in problem.what and problem.mark is not None and problem.mark.file.endswith(place) for problem in problems), \
        [str(problem) for problem in problems]
