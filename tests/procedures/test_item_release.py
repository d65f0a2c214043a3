"""物品放行: the figures of the sources stand in the data, and the third single item of a unit is looked into."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from docx import Document as WordFile

from core.cases.definitions import load_definitions
from core.cases.desk import Office
from core.clock import FixedClock
from core.definitions.library import Library
from core.domain.bundle import Bundle
from core.settings import Settings
from core.walkthroughs.player import Player
from core.walkthroughs.report import rehearse
from core.walkthroughs.script import read_script
from core.walkthroughs.stage import furnish, stage
from tests.remembered_kit import remembering

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "form_definitions/item_release"
START = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
ASKED = """
walkthrough: asked
title: asked
procedure: item_release
unit: {unit}
acts:
  - open: {{by: wang}}
  - submit:
      step: ask
      by: wang
      values: {{carrier: owner, reason: {reason}, purpose: 带走, goods: [{{kind: appliance, item: 电视机, count: {count}, note: ""}}]}}
  - papers: {{step: ask, by: wang, have: {{carrier_id: [original_seen]}}}}
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings.load(data_dir=remembering(tmp_path_factory.mktemp("item_release")), secret="s" * 40)


@pytest.fixture(scope="module")
def library(settings: Settings) -> Library:
    return load_definitions(settings)[1]


@pytest.fixture(scope="module")
def bundle(library: Library) -> Bundle:
    return library.bundle("jade_garden", "item_release")


@pytest.fixture
def office(settings: Settings) -> Iterator[Office]:
    with stage(settings, START) as office:
        furnish(office, "jade_garden", {"3-2-501", "7-1-302"})
        yield office


def asked(office: Office, folder: Path, unit: str = "3-2-501", reason: str = "temporary", count: int = 1) -> str:
    """Declare an item and say how the look at frequent items stands."""
    path = folder / "asked.yaml"
    path.write_text(ASKED.format(unit=unit, reason=reason, count=count), encoding="utf-8")
    assert isinstance(office.clock, FixedClock)
    player = Player(office, "jade_garden", read_script(path), office.clock)
    player.play()
    return player.view().step("attention").status


# ---------------------------------------------------------------- figures


def test_dues_of_today_and_who_may_pass_them(bundle: Bundle):
    """FEE20: all dues to the day; S4-X lets nobody pass, the override is an estate's."""
    dues = bundle.procedure.step("dues")
    (need,) = dues.needs_fact.values()
    assert list(dues.needs_fact) == ["unit.arrears_fen"] and need.max_age is not None and need.max_age.days == 0
    assert dues.when == "ask.reason == 'moving_out'" and "unit.arrears_fen == 0" in (dues.until or "")
    assert dues.override is not None and dues.override.role == ("manager",)
    assert [choice.value for choice in bundle.form("clearance").field("settled").choices] == [
        "water", "electricity", "gas", "property_fee"]


def test_carriers_and_reasons_of_the_sources(bundle: Bundle):
    form = bundle.form("request")
    assert {"owner", "tenant", "child", "domestic", "worker", "company_staff"} <= {one.value for one in form.field("carrier").choices}
    assert [one.value for one in form.field("reason").choices] == ["moving_out", "temporary"]  # CLS03
    kinds = {one.value for column in form.field("goods").columns if column.name == "kind" for one in column.choices}
    assert {"furniture", "desk", "computer", "appliance", "carton", "bag"} <= kinds


@pytest.mark.parametrize("step", ["consent", "company_consent"])
def test_nobody_reached_nothing_released(bundle: Bundle, step: str):
    outcomes = {one.name: one for one in bundle.procedure.step(step).outcomes}
    assert outcomes["unreachable"].wait and outcomes["refused"].end == "refused" and outcomes["agreed"].goes_on
    assert step in bundle.procedure.step("slip").requires
    calls = bundle.form(bundle.procedure.step(step).form or "").field("calls")
    assert {column.name for column in calls.columns if column.required} == {"called_at", "phone", "answer"}


def test_three_signatures_or_two_and_the_call(bundle: Bundle):
    """N04, C50: an owner who was called does not sign."""
    there, called = bundle.document("release_slip"), bundle.document("release_slip_by_phone")
    assert (there.sign.parties, there.sign.roles) == (("carrier", "owner"), ("service",))
    assert (called.sign.parties, called.sign.roles) == (("carrier",), ("service",))
    assert there.series == called.series == "release_slip" and there.template == called.template
    assert len(there.copies) == len(called.copies) == 2


def test_the_slip_is_good_for_its_day_and_holds_ten_items_at_most(bundle: Bundle):
    validity = bundle.procedure.step("slip").validity
    assert validity is not None and validity.until == "end_of_day"
    assert bundle.form("request").field("goods").max_rows == 10


def test_seven_things_at_the_gate(bundle: Bundle):
    items = [item.name for item in bundle.checklist("release").items]
    assert items == ["identity", "goods", "reason", "dues", "consent", "signatures", "blanks"]  # CL14


def test_everything_has_its_source_and_both_languages(bundle: Bundle):
    procedure = bundle.procedure
    assert [step.name for step in procedure.steps if not step.source] == []
    named = [*procedure.steps, *procedure.parties, *procedure.counts, *procedure.facts, *bundle.documents, *bundle.series,
             *(item for one in bundle.required_documents for item in one.items),
             *(item for one in bundle.checklists for item in one.items),
             *(outcome for step in procedure.steps for outcome in step.outcomes),
             *(field for form in bundle.forms for field in form.fields)]
    assert [one.name for one in named if not (one.title.zh and one.title.en)] == []
    said = " ".join(rule.source for rule in (*bundle.documents, *procedure.steps, *procedure.facts))
    assert all(mark in said for mark in ("F96", "N04", "FEE20", "REQ11", "CL14", "CLS03"))


def test_the_walkthroughs_show_the_ways_that_matter(library: Library):
    words = {path.stem: path.read_text(encoding="utf-8") for path in library.walkthroughs("item_release", "jade_garden")}
    assert set(words) == {"owner_temporary", "tenant_moves_out", "dues_overridden", "company_staff", "refused_by_owner",
                          "expired_slip", "corrected_reason"}
    assert "unreachable" in words["tenant_moves_out"] and "override" in words["dues_overridden"]
    assert "renew" in words["expired_slip"] and "turned_back" in words["expired_slip"]


# ---------------------------------------------------------------- the paper


def test_unused_lines_are_struck(settings: Settings, tmp_path: Path):
    report = rehearse(settings, read_script(HERE / "walkthroughs/tenant_moves_out.yaml"), "jade_garden", start=START,
                      out=tmp_path, pdf=False)
    assert report.failure is None, str(report.failure)
    (slip,) = tmp_path.glob("*.docx")
    goods = [table for table in WordFile(str(slip)).tables if table.cell(0, 0).text == "序号"]
    assert len(goods) == 2  # one for each copy
    for table in goods:
        rows = [[cell.text for cell in row.cells] for row in table.rows[1:-1]]
        assert [row[0] for row in rows] == ["1", "2", "3"]
        closing = table.rows[-1]
        assert closing.cells[0].text == "以上共 3 项，以下空白"
        assert len(list(closing._tr.iter("{urn:schemas-microsoft-com:vml}line"))) == 1  # struck
    said = " ".join(cell.text for table in WordFile(str(slip)).tables for row in table.rows for cell in row.cells)
    assert "联系不上" in said and "同意放行" in said and "见去电核实" in said


# ---------------------------------------------------------------- single items


def test_the_third_single_item_within_a_month_is_looked_into(office: Office, tmp_path: Path):
    assert [asked(office, tmp_path) for _ in range(3)] == ["skipped", "skipped", "open"]


def test_only_single_items_of_the_same_unit_count(office: Office, tmp_path: Path):
    others = [("7-1-302", "temporary", 1), ("3-2-501", "temporary", 2), ("3-2-501", "moving_out", 1)]
    assert [asked(office, tmp_path, *how) for how in others] == ["skipped"] * 3
    assert [asked(office, tmp_path) for _ in range(2)] == ["skipped", "skipped"]


def test_after_a_month_it_begins_again(office: Office, tmp_path: Path):
    assert [asked(office, tmp_path) for _ in range(2)] == ["skipped", "skipped"]
    assert isinstance(office.clock, FixedClock)
    office.clock.advance(timedelta(days=31))
    assert asked(office, tmp_path) == "skipped"
