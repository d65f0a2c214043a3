"""`shouxu diff`: every override beside the base value, each at its place."""

from __future__ import annotations

import json
import shutil
import textwrap
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from core.cli.program import shouxu
from core.definitions.difference_words import units, value_words, words
from core.definitions.differing import Difference, Said, differences
from core.definitions.library import Library, ProcedureSource
from core.domain.sources import Overlay
from core.errors import Mark
from core.settings import SHIPPED
from tests.cases_kit import ELM
from tests.language_kit import procedures
from tests.remembered_kit import remembering

JOB = {
    "procedure.yaml": """
        source: S9 A1
        parties: {owner: {title: 业主, kind: either, from: unit.owners}}
        steps:
          - {name: ask, title: 申请, role: service, form: ask, source: S9 A1 §1}
          - {name: look, title: 查看, role: engineering, checklist: rooms, requires: [ask]}
          - {name: pay, title: 交费, role: finance, fees: start, requires: [look]}
          - {name: done, title: 办结, role: service, requires: [pay]}
        """,
    "forms/ask.yaml": """
        form: ask
        title: 申请表
        fields:
          - {name: why, title: 原因, type: choice, choices: [leak, {value: noise, title: 噪声}]}
        """,
    "fee_schedule.yaml": """
        fees:
          - {name: deposit, title: 装修保证金, stage: start, amount: "1000.00", refundable: true, source: S9 A1 §2}
          - {name: card, title: 工本费, stage: start, amount: "15.00"}
        """,
    "checklists.yaml": """
        checklists:
          - {name: rooms, title: 房间, items: [{name: walls, title: 墙面}, {name: floor, title: 地面}]}
        """,
    "texts.yaml": """
        texts:
          - {name: noise, text: 夜间不得施工。}
        """,
}


class Bench:
    """A library of one procedure, `job`, whose company and estates say what a test gives them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.company = folder / "estates" / "acme"
        procedures(folder, {"job": JOB})

    def says(self, text: str, file: str = "fee_schedule.yaml", home: str = ELM) -> None:
        path = self.company / home / "form_definitions" / "job" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).strip() + "\n", encoding="utf-8")

    def template(self, data: bytes, home: str | None = None) -> None:
        folder = (self.company / home if home else self.folder) / "document_templates" / "job"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "slip.docx").write_bytes(data)

    def found(self, estate: str = ELM, other: str | None = None, overlays: tuple[Overlay, ...] = ()) -> list[Difference]:
        source = ProcedureSource("job", self.folder / "form_definitions/job", self.folder / "document_templates/job", "1")
        library = Library.load([source], self.folder / "estates", overlays=overlays)
        return differences(library, overlays, estate, other)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def line(found: list[Difference]) -> list[tuple[str, str, Any, Any]]:
    return [(one.change, words(one), one.base and one.base.value, one.own and one.own.value) for one in found]


def test_nothing_changed(bench: Bench) -> None:
    assert bench.found() == []


def test_a_changed_fee_stands_beside_the_base_with_file_line_and_source(bench: Bench) -> None:
    bench.says("""
        fees:
          - name: deposit
            amount: "1500.00"
        """)
    [one] = bench.found()
    assert (words(one), one.change, one.source) == ("费用 → 装修保证金 → amount", "changed", "S9 A1 §2")
    assert one.base and one.own
    assert (one.base.value, one.base.layer, one.own.value, one.own.layer) == ("1000.00", "plugin", "1500.00", "estate")
    base = (bench.folder / "form_definitions/job/fee_schedule.yaml").read_text(encoding="utf-8").splitlines()
    assert 'amount: "1000.00"' in base[one.base.mark.line - 1]
    assert (one.own.mark.line, one.own.mark.column) == (3, 13)
    assert one.own.mark.file.endswith(f"acme/{ELM}/form_definitions/job/fee_schedule.yaml")


def test_added_removed_said_again_and_taken_back(bench: Bench) -> None:
    bench.says("""
        fees:
          - {name: card, remove: true}
          - {name: deposit, amount: "1000.00", refundable: ~}
          - {name: box, title: 信报箱, stage: start, amount: 20}
        """)
    found = bench.found()
    assert {(change, said) for change, said, _, _ in line(found)} == {
        ("removed", "费用 → 装修保证金 → refundable"), ("same", "费用 → 装修保证金 → amount"), ("removed", "费用 → 工本费"),
        ("added", "费用 → 信报箱")}
    gone = next(one for one in found if words(one) == "费用 → 工本费")
    assert gone.own and (gone.own.value, gone.own.mark.line) == (None, 2)
    back = next(one for one in found if words(one).endswith("refundable"))
    assert back.own and (back.own.mark.line, back.base and back.base.value) == (3, True)
    added = next(one for one in found if one.change == "added")
    assert added.base is None and added.own and added.own.value["amount"] == 20


def test_the_item_that_was_placed_is_the_one_that_moved(bench: Bench) -> None:
    bench.says("""
        steps:
          - {name: pay, after: ask, requires: [ask]}
          - {name: look, requires: [pay]}
        """, "procedure.yaml")
    found = bench.found()
    moved = [one for one in found if one.change == "moved"]
    assert line(moved) == [("moved", "流程 → 步骤 → 交费", "look", "ask")]
    assert value_words(moved[0].own, "moved") == "在 ask 之后"
    assert {words(one) for one in found if one.change == "changed"} == {"流程 → 步骤 → 交费 → requires", "流程 → 步骤 → 查看 → requires"}


def test_a_new_item_between_others_moves_nobody(bench: Bench) -> None:
    bench.says("checklists:\n  - {name: rooms, items: [{name: roof, title: 顶棚, after: walls}]}", "checklists.yaml")
    assert [(change, said) for change, said, _, _ in line(bench.found())] == [("added", "检查表 → 房间 → 顶棚")]


def test_choices_of_a_field_by_value(bench: Bench) -> None:
    bench.says("form: ask\nfields:\n  - {name: why, choices: [{value: noise, title: 太吵}, {value: smell, title: 异味}]}", "forms/ask.yaml")
    assert [(change, said) for change, said, _, _ in line(bench.found())] == [
        ("changed", "表单 → ask → 原因 → choices → 太吵 → title"), ("added", "表单 → ask → 原因 → choices → 异味")]


def test_what_differs_by_building_is_said_for_each(bench: Bench) -> None:
    bench.says("""
        fees:
          - name: deposit
            amount: {by: building, values: {1: "800", 2: "900"}, default: "1200"}
          - name: card
            amount: {by: use, values: {shop: "30.00"}}
        """)
    found = bench.found()
    assert [(one.path[-2], one.by, dict(one.when), one.own and one.own.value) for one in found] == [
        ("deposit", ("building",), {}, "1200"), ("deposit", ("building",), {"building": "1"}, "800"),
        ("deposit", ("building",), {"building": "2"}, "900"), ("card", ("use",), {"use": "shop"}, "30.00")]
    assert [units(one) for one in found] == ["其他楼栋", "楼栋 1", "楼栋 2", "用途 shop"]


def test_a_choice_that_takes_an_item_out_for_some(bench: Bench) -> None:
    bench.says("fees:\n  - {name: card, remove: {by: use, values: {parking: true}}}")
    [one] = bench.found()
    assert (one.change, words(one), units(one)) == ("removed", "费用 → 工本费", "用途 parking")


def test_the_company_is_told_from_the_estate(bench: Bench) -> None:
    bench.says('fees: [{name: deposit, amount: "1100"}]', home="")
    bench.says('fees: [{name: card, amount: "16"}]')
    assert [one.own and one.own.layer for one in bench.found()] == ["company", "estate"]


def test_the_layer_of_another_plugin_is_named(bench: Bench) -> None:
    over = bench.folder / "over" / "job"
    over.mkdir(parents=True)
    (over / "fee_schedule.yaml").write_text('fees: [{name: card, amount: "17"}]', encoding="utf-8")
    bench.says('fees: [{name: card, amount: "16"}]')
    [one] = bench.found(overlays=(Overlay("job", over, over),))
    assert one.base and one.own
    assert (one.base.layer, one.base.value, one.own.layer, one.own.value) == ("overlay", "17", "estate", "16")


def test_replaced_and_repeated_templates(bench: Bench) -> None:
    (bench.folder / "form_definitions/job/documents.yaml").write_text(
        "documents: [{name: slip, title: 单据, template: slip.docx, optional: true}]", encoding="utf-8")
    definition = bench.folder / "form_definitions/job/procedure.yaml"
    definition.write_text(definition.read_text(encoding="utf-8").replace("fees: start", "fees: start, documents: [slip]"), encoding="utf-8")
    bench.template(b"first")
    bench.template(b"second", ELM)
    [one] = bench.found()
    assert (words(one), one.change) == ("模板 → slip.docx", "replaced")
    bench.template(b"first", ELM)
    assert [one.change for one in bench.found()] == ["same"]


def test_a_form_of_its_own_and_a_file_the_base_lacks(bench: Bench) -> None:
    bench.says("form: extra\ntitle: 附加\nfields: [{name: note, title: 备注, type: text}]", "forms/extra.yaml")
    bench.says("steps: [{name: done, form: extra}]", "procedure.yaml")
    bench.says("required_documents: [{name: owner, title: 资料, items: [{name: id, title: 身份证}]}]", "required_documents.yaml")
    bench.says("steps: [{name: done, form: extra, required_documents: owner}]", "procedure.yaml")
    assert {(change, said) for change, said, _, _ in line(bench.found())} == {
        ("added", "流程 → 步骤 → 办结 → form"), ("added", "流程 → 步骤 → 办结 → required_documents"), ("added", "表单 → extra"),
        ("added", "所需资料 → 资料")}


def test_two_estates(bench: Bench) -> None:
    other = bench.company / "park"
    other.mkdir()
    (other / "estate.yaml").write_text("estate: park\ntitle: 公园\ncode: GY\nsettings: {floor: 3}\n", encoding="utf-8")
    bench.says('fees: [{name: deposit, amount: "1100"}, {name: card, amount: "15.00"}]')
    bench.says('fees: [{name: deposit, amount: "1200"}]', home="park")
    found = bench.found(ELM, "park")
    assert line(found) == [("changed", "项目 → code", "YY", "GY"), ("added", "项目 → 设置", None, {"floor": 3}),
                           ("changed", "费用 → 装修保证金 → amount", "1100", "1200")]
    assert line(bench.found("park", ELM))[-1] == ("changed", "费用 → 装修保证金 → amount", "1200", "1100")


def test_a_procedure_that_only_one_offers(bench: Bench) -> None:
    other = bench.company / "park"
    other.mkdir()
    (other / "estate.yaml").write_text("estate: park\ntitle: 公园\ncode: YY\nprocedures: [other]\n", encoding="utf-8")
    shutil.copytree(bench.folder / "form_definitions/job", bench.folder / "form_definitions/other")
    path = bench.folder / "form_definitions/other/procedure.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("procedure: job", "procedure: other"), encoding="utf-8")
    sources = [ProcedureSource(name, bench.folder / "form_definitions" / name, bench.folder / "none") for name in ("job", "other")]
    found = differences(Library.load(sources, bench.folder / "estates"), (), ELM, "park")
    assert ("removed", "项目 → 办理的手续 → job") in {(one.change, words(one)) for one in found}


@pytest.mark.parametrize(("value", "said"), [
    (True, "是"), ({"zh": "甲", "en": "a"}, "甲"), (["a", "b"], "a、b"), ([], "（空）"),
    ({"name": "x", "title": "甲", "amount": "3"}, "amount 3"), ("好" * 300, "好" * 199 + "…")])
def test_values_in_words(value: Any, said: str) -> None:
    assert value_words(Said(value, Mark("x.yaml")), "changed") == said


# ---------------------------------------------------------------- the command


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs a command on the shipped estates with one fee changed."""
    estates = tmp_path / "estates"
    shutil.copytree(SHIPPED / "estates", estates, ignore=shutil.ignore_patterns("__pycache__", "*.xlsx"))
    own = estates / "cuiwei/jade_garden/form_definitions/move_in/fee_schedule.yaml"
    own.write_text('fees:\n  - {name: property_fee, rate: "3.10"}\n', encoding="utf-8")
    monkeypatch.setenv("SHOUXU_DATA_DIR", str(remembering(tmp_path / "var")))
    monkeypatch.setenv("SHOUXU_ESTATES_DIR", str(estates))
    monkeypatch.delenv("SHOUXU_SECRET", raising=False)

    def run(*arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(shouxu, list(arguments), prog_name="shouxu")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    return run


def test_the_table_names_values_lines_and_files(run: Any) -> None:
    said = run("diff", "jade_garden").stdout
    assert "3.10  项目:2" in said and "2.80  标准:" in said
    assert "jade_garden/form_definitions/move_in/fee_schedule.yaml" in said
    assert "房屋验收 → 土建质量" in said and "去掉" in said


def test_json_carries_everything(run: Any) -> None:
    found = json.loads(run("diff", "jade_garden", "--json", "--procedure", "move_in").stdout)
    fee = next(row for row in found["differences"] if row["path"] == ["fees", "property_fee", "rate"])
    assert (fee["base"]["value"], fee["own"]["value"], fee["own"]["line"], fee["own"]["layer"]) == ("2.80", "3.10", 2, "estate")
    assert fee["words"].startswith("费用 → ") and fee["source"]


def test_unknown_estates_are_named(run: Any) -> None:
    assert "SX-2004" in run("diff", "nowhere", code=1).stderr
    assert "SX-2004" in run("diff", "jade_garden", "nowhere", code=1).stderr
    assert "没有不同" in run("diff", "jade_garden", "jade_garden").stdout
