"""入伙 as data: what the sources say stands in the YAML, and the estate of 玉兰花园 is whole."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import openpyxl
import phonenumbers
import pytest
import yaml
from stdnum.cn import ric, uscc

from core.definitions.library import Library
from core.domain.bundle import Bundle
from core.loader import load_plugins
from core.walkthroughs.script import read_script

ROOT = Path(__file__).resolve().parents[2]
GARDEN = ROOT / "estates/cuiwei/jade_garden"
WALKTHROUGHS = sorted((ROOT / "form_definitions/move_in/walkthroughs").glob("*.yaml"))


@pytest.fixture(scope="module")
def library() -> Library:
    plugins = load_plugins("plugins", ROOT / "estates", installed=False)
    return Library.load(
        plugins.sources, ROOT / "estates", overlays=plugins.overlays, absent=plugins.out_of_service
    )


@pytest.fixture(scope="module")
def bundle(library: Library) -> Bundle:
    return library.bundle("jade_garden", "move_in")


@pytest.fixture(scope="module")
def sheets() -> dict[str, list[dict[str, str]]]:
    return _read(GARDEN / "units.xlsx")


def _read(path: Path) -> dict[str, list[dict[str, str]]]:
    book = openpyxl.load_workbook(path, read_only=True)
    found = {}
    for name in ("units", "owners"):
        head, *rows = book[name].iter_rows(values_only=True)
        found[name] = [
            dict(zip(head, ("" if cell is None else str(cell) for cell in row), strict=True)) for row in rows
        ]
    return found


# ---------------------------------------------------------------- the procedure


def test_the_order_of_a20(bundle):
    assert [step.name for step in bundle.procedure.steps] == [
        "verify",
        "packet",
        "register",
        "sign",
        "pay",
        "inspect",
        "keys",
        "certificate",
        "archive",
    ]
    assert all(step.source and step.title.zh and step.title.en and step.role for step in bundle.procedure.steps)


def test_no_key_before_fees_agreements_and_inspection(bundle):
    assert set(bundle.procedure.step("keys").requires) == {"sign", "pay", "inspect"}
    assert bundle.procedure.step("inspect").until == "checklist.open_items == 0"


def test_everybody_who_may_come(bundle):
    parties = {party.name: party for party in bundle.procedure.parties}
    assert parties["owner"].start == "unit.owners" and parties["owner"].kind == "either"
    assert parties["co_owners"].many and parties["co_owners"].optional
    assert parties["agent"].optional and bundle.papers(parties["agent"].authority).items


def test_papers_of_persons_firms_and_foreigners(bundle):
    papers = {paper.name: paper for paper in bundle.papers("owner").items}
    assert papers["notice"].when is None and papers["contract"].evidence == ("original_seen", "copy_kept")
    assert "company" in (papers["licence"].when or "") and "person" in (papers["owner_id"].when or "")
    assert {"passport", "visa", "work_permit", "residence_permit"} <= set(papers)


def test_amounts_of_the_sources_and_samples(bundle):
    fees = {fee.name: fee for fee in bundle.fees}
    assert fees["property_fee"].months == 3 and fees["property_fee"].sample
    deposit = fees["fit_out_deposit"]
    assert (
        deposit.amounts == {"walk_up": "500", "elevator": "1000"} and deposit.refundable and not deposit.sample
    )
    assert fees["debris_fee"].sample


def test_codes_copies_and_the_certificate_series(bundle):
    codes = {document.name: document.code for document in bundle.documents if document.code}
    assert codes == {"registration": "KH-03-R03", "inspection": "KH-03-R01", "key_custody": "KH-03-R05"}
    assert [
        len(bundle.document(name).copies) for name in ("covenant", "service_agreement", "occupancy_certificate")
    ] == [2, 3, 3]
    series = bundle.series_named("certificate")
    assert (
        series.pattern.format(number=1) == "00001"
        and series.book == 25
        and series.stock
        and series.restart == "never"
    )


def test_titles_stand_in_both_languages(bundle):
    named = [
        *bundle.procedure.steps,
        *bundle.procedure.parties,
        *bundle.documents,
        *bundle.series,
        *bundle.fees,
        *(item for one in bundle.required_documents for item in one.items),
        *(item for one in bundle.checklists for item in one.items),
        *(field for form in bundle.forms for field in form.fields),
    ]
    assert [one.name for one in named if not (one.title.zh and one.title.en)] == []


def test_chinese_texts_use_full_width_punctuation():
    wrong = []
    for path in [
        *(ROOT / "form_definitions/move_in").rglob("*.yaml"),
        *(GARDEN / "form_definitions").rglob("*.yaml"),
    ]:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.lstrip().startswith("#") and re.search(
                r"[\u4e00-\u9fff][,;:!?](?=[\u4e00-\u9fff])", line
            ):
                wrong.append(f"{path.name}:{number} {line.strip()}")
    assert wrong == []


# ---------------------------------------------------------------- the estate


def test_the_garden_has_its_own_inspection_list(bundle):
    items = {item.name: str(item.group) for item in bundle.checklist("rooms").items}
    assert {"meters", "waterproofing", "door_keys"} < set(items) and "fittings" not in items
    assert {"入户", "客厅", "卧室", "厨房", "卫生间", "阳台", "设备"} < set(items.values())


def test_blocks_entrances_units(sheets):
    units = sheets["units"]
    assert len(units) == 1158 == len({unit["code"] for unit in units})
    assert len({unit["building"] for unit in units}) == 23
    assert len({(unit["building"], unit["entrance"]) for unit in units}) == 60
    assert all(unit["code"] == f"{unit['building']}-{unit['entrance']}-{unit['room']}" for unit in units)
    status = Counter(unit["status"] for unit in units)
    assert (status["show"], status["offset"], status["lent"]) == (10, 5, 2)


def test_every_unit_has_an_owner_and_shares_add_up(sheets):
    owners = Counter(owner["code"] for owner in sheets["owners"])
    assert set(owners) == {unit["code"] for unit in sheets["units"]}
    assert {owner["share"] for owner in sheets["owners"] if owners[owner["code"]] == 2} == {"1/2"}


def test_identity_numbers_are_valid_and_belong_to_no_place(sheets):
    people = [owner for owner in sheets["owners"] if owner["id_type"] == "resident_id"]
    numbers = [owner["id_number"] for owner in people] + [
        owner["representative_id"] for owner in sheets["owners"] if owner["representative_id"]
    ]
    assert all(number[-1] == ric.calc_check_digit(number) for number in numbers)
    assert all(number[4:6] in ("98", "99") for number in numbers)
    assert len(set(numbers)) == len(numbers) > 1000
    ages = [date(2026, 3, 1).year - ric.get_birth_date(number).year for number in numbers]
    assert min(ages) >= 18 and max(ages) < 80


def test_firms_and_phones_are_valid(sheets):
    firms = [owner for owner in sheets["owners"] if owner["kind"] == "company"]
    assert firms and all(uscc.is_valid(owner["id_number"]) for owner in firms)
    mobiles = [owner["phone"] for owner in sheets["owners"] if not owner["phone"].startswith("0000")]
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(phone, "CN")) for phone in set(mobiles))


def test_the_generator_makes_this_very_list(sheets, tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("make_units", GARDEN / "make_units.py")
    assert spec and spec.loader
    maker = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "make_units", maker)
    spec.loader.exec_module(maker)
    assert maker.write(tmp_path / "units.xlsx") == (1158, len(sheets["owners"]))
    assert _read(tmp_path / "units.xlsx") == sheets


# ---------------------------------------------------------------- walkthroughs


@pytest.mark.parametrize("path", WALKTHROUGHS, ids=lambda path: path.stem)
def test_walkthroughs_speak_of_what_is_there(path, bundle, sheets):
    script = read_script(path)
    people = yaml.safe_load((GARDEN / "demo_users.yaml").read_text(encoding="utf-8"))["users"]
    assert script.said.unit in {unit["code"] for unit in sheets["units"]}
    for act in script.said.acts:
        done = act.refused.act if act.refused else act
        assert done.by in {"", *(user["username"] for user in people)}
        if not done.step:
            continue
        step = bundle.procedure.step(done.step)
        if done.issue and done.issue.documents != "all":
            assert set(done.issue.documents) <= set(step.documents)
        if (filed := done.submit or done.correct) and step.form:
            assert set(filed.values) <= {field.name for field in bundle.form(step.form).fields}
        if done.check:
            assert set(done.check.results) - {"*"} <= {item.name for item in bundle.checklist("rooms").items}


def test_walkthroughs_show_the_ways_that_matter():
    words = {path.stem: path.read_text(encoding="utf-8") for path in WALKTHROUGHS}
    assert set(words) == {"individual", "company", "agent", "void", "missing_papers"}
    assert "failed" in words["individual"] and "refused" in words["individual"]
    assert "way: paper" in words["void"] and "witness" in words["void"] and "cancel_receipt" in words["void"]
