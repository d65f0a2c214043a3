"""Every charge says why it is what it is, and where that is written: on the page, in the API and on paper the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cases import payments
from core.cases.casefile import open_file
from core.cases.explaining import Explaining
from core.cases.gates import Gates
from core.cases.printing import context_of
from core.definitions.library import Library
from core.store.models import Receipt
from tests.cases_kit import ELM
from tests.language_kit import Office, office

STEPS = """
    steps:
      - {name: ask, title: 问, role: service, form: ask}
      - {name: pay, title: 交费, role: finance, fees: s, requires: ask}
"""
FORM = """
    form: ask
    title: 问
    fields:
      - {name: day, title: 起计日, type: date, required: true}
"""
FEES = """fees:
  - name: service
    title: 服务费
    source: 合同第三条
    stage: s
    rate: "2.00"
    per: [m2, month]
    months: 3
    from: ask.day
    versions:
      - {since: 2026-07-01, rate: "3.00"}
  - {name: card, title: 卡费, stage: s, amount: 15}
"""
COMPANY = """fees:
  - name: service
    months: 6
"""
ESTATE = """fees:

  - name: service
    rate: "2.50"
"""


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Office:
    return office(tmp_path, database_url, {"lend": {"procedure.yaml": STEPS, "forms/ask.yaml": FORM, "fee_schedule.yaml": FEES}})


def override(house: Office, folder: Path, *, company: str = "", estate: str = "") -> None:
    """Write what company and estate say otherwise, and let the house take it."""
    for home, text in ((folder / "estates" / "acme", company), (folder / "estates" / "acme" / ELM, estate)):
        target = home / "form_definitions" / "lend" / "fee_schedule.yaml"
        if text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    house.office.take(Library.load(house.office.library.sources.values(), folder / "estates"))


def charged(house: Office, day: str = "2026-03-10", code: str = "3-2-501") -> str:
    case = house.open("lend", code)
    house.submit("wang", case, "ask", {"day": day})
    return case


def explained(house: Office, case: str, fee: str = "service"):
    return next(row.explanation for row in house.view(case).money.charges if row.fee == fee)


def written(explanation) -> list[tuple[str, str, int, list[str]]]:
    return [(one["layer"], Path(one["file"]).as_posix().rpartition("form_definitions")[0][-22:], one["line"], one["keys"])
            for one in explanation["written"]]


def test_it_says_file_and_line_of_the_plugin(house: Office, tmp_path: Path) -> None:
    found = explained(house, charged(house))
    assert [(layer, line, keys) for layer, _, line, keys in written(found)] == [("plugin", 6, ["rate", "months", "from"])]
    line = found["lines"][-1]
    assert line["name"] == "written" and line["title"]["zh"] == "标准出处"
    assert line["value"]["zh"].startswith("手续标准 ") and line["value"]["zh"].endswith("form_definitions/lend/fee_schedule.yaml:6")
    assert {"rule", "period", "date", "sum", "source", "written"} == {one["name"] for one in found["lines"]}
    assert found["priced_on"] == "2026-03-02" and found["pinned_on"] is None


def test_each_layer_is_named_by_what_it_says(house: Office, tmp_path: Path) -> None:
    override(house, tmp_path, company=COMPANY, estate=ESTATE)
    found = explained(house, charged(house))
    assert [(layer, line, keys) for layer, _, line, keys in written(found)] == [
        ("estate", 4, ["rate"]), ("company", 3, ["months"]), ("plugin", 9, ["from"])]
    said = found["lines"][-1]["value"]["zh"]
    assert "项目标准 " in said and f"acme/{ELM}/form_definitions/lend/fee_schedule.yaml:4（rate）" in said and "公司标准 " in said


def test_a_version_is_named_where_it_stands(house: Office, tmp_path: Path) -> None:
    found = explained(house, charged(house, "2026-07-01"))
    assert written(found)[0][2:] == (11, ["rate", "months", "from"]) and found["since"] == "2026-07-01"
    before = explained(house, charged(house, "2026-06-30", "3-2-502"))
    assert written(before)[0][2] == 6 and before["since"] is None


def test_a_case_of_before_says_since_when_it_is_pinned(house: Office, tmp_path: Path) -> None:
    case = charged(house)
    kept = explained(house, case)
    override(house, tmp_path, estate=ESTATE)
    found = explained(house, case)
    assert found["written"] == [] and found["pinned_on"] == "2026-03-02"
    assert found["lines"][-1]["value"]["zh"] == "按 2026-03-02 固定的标准（标准此后已有改动）"
    assert found["lines"][-1]["value"]["en"] == "As pinned on 2026-03-02; changed since"
    assert found["lines"][:-1] == kept["lines"][:-1] and found["fen"] == kept["fen"]  # what was counted stays


def test_paper_page_and_api_say_the_same(house: Office, tmp_path: Path) -> None:
    case = charged(house)
    on_page = explained(house, case)
    house.act("chen", payments.pay, case, {"cash": None})
    receipt = house.rows(Receipt, case_id=case)[0]
    with house.reading("chen") as desk:
        file = open_file(desk, case)
        rule = type("Rule", (), {"name": "receipt"})()
        printed = context_of(file, Gates(file), rule, {"fees[].title", "receipt.number"}, receipt=desk.session.get(Receipt, receipt.id))
    paper = printed["fees"][0]
    assert paper["lines"] == [{"title": one["title"]["zh"], "value": one["value"]["zh"]} for one in on_page["lines"]]
    assert paper["rule"] == on_page["rule"]["zh"] == "2.00 元/㎡·月 × 97.15 ㎡ × 3 个月"
    line = printed["receipt"]["lines"][0]
    assert (line["rule"], line["period"]) == (paper["rule"], "2026年3月10日 至 2026年6月9日")


def test_a_procedure_that_is_gone_leaves_the_explanation(house: Office, tmp_path: Path) -> None:
    case = charged(house)
    house.office.take(Library.load([], tmp_path / "estates"))
    with house.reading() as desk:
        file = open_file(desk, case)
        found = Explaining(file)(file.charges[0])
    assert found["fen"] == 58290 and found["pinned_on"] == "2026-03-02"
