"""投诉受理: the figures of the sources stand in the data, and five complaints on one matter are a 重大投诉."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.cases.building import system_actor
from core.cases.casefile import open_file
from core.cases.definitions import load_definitions
from core.cases.desk import Office
from core.cases.progress import advance
from core.cases.sweeping import sweep_due
from core.clock import FixedClock
from core.definitions.library import Library
from core.domain.bundle import Bundle
from core.settings import Settings
from core.store.session import unit_of_work
from core.walkthroughs.player import Player
from core.walkthroughs.script import read_script
from core.walkthroughs.stage import furnish, stage
from tests.remembered_kit import remembering

START = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
UNITS = ("3-2-501", "7-1-302", "6-1-201", "10-1-502", "2-1-301")
JUDGED = """
walkthrough: judged
title: judged
procedure: complaints
unit: {unit}
acts:
  - open: {{by: wang}}
  - submit:
      step: receive
      by: wang
      values: {{about: facility, object: 水泵房, item: 停水, matter: {matter}, department: engineering, content: 停水, apologised: true}}
  - issue: {{step: receive, documents: all, by: wang}}
  - submit: {{step: judge, by: zhao, values: {{verified_by: 钱志强, finding: 属实, signs: [inconvenience]}}}}
  - decide: {{step: judge, outcome: valid, by: zhao}}
"""
GRADED = "  - submit: {{step: grade, by: zhao, values: {{grade: minor, responsible: 李建国, finish_by: \"2026-03-04\"}}}}\n"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings.load(data_dir=remembering(tmp_path_factory.mktemp("complaints")), secret="s" * 40)


@pytest.fixture(scope="module")
def library(settings: Settings) -> Library:
    return load_definitions(settings)[1]


@pytest.fixture(scope="module")
def bundle(library: Library) -> Bundle:
    return library.bundle("jade_garden", "complaints")


@pytest.fixture
def office(settings: Settings) -> Iterator[Office]:
    with stage(settings, START) as office:
        furnish(office, "jade_garden", set(UNITS))
        yield office


def complaint(office: Office, folder: Path, unit: str, matter: str = "3月2日停水", *, graded: bool = False) -> Player:
    """A complaint that was judged valid, and graded minor when asked for."""
    path = folder / "judged.yaml"
    path.write_text((JUDGED + GRADED * graded).format(unit=unit, matter=matter), encoding="utf-8")
    assert isinstance(office.clock, FixedClock)
    player = Player(office, "jade_garden", read_script(path), office.clock)
    player.play()
    return player


# ---------------------------------------------------------------- figures


def test_limits_of_the_grades(bundle: Bundle):
    (due,) = bundle.procedure.step("resolve").due
    assert {name: length.days for name, length in due.values.items()} == {"important": 1, "major": 15}  # SLA23, SLA24
    assert due.overdue.approvals == ("manager",)
    (answer,) = bundle.procedure.step("answer").due
    assert answer.days == 2 and bundle.procedure.step("answer").when == "grade.grade == 'major'"  # SLA24
    (reply,) = bundle.procedure.step("reply").due
    assert reply.same_day and reply.after == "agree.done"  # SLA25
    assert bundle.procedure.step("agree").approvals.by == ("service_head",)  # type: ignore[union-attr]


def test_a_week_and_five_customers_make_it_major(bundle: Bundle):
    rule = bundle.procedure.step("grade").classify
    assert rule is not None and rule.order == ("minor", "important", "major")  # CLS01
    week = next(one for one in rule.escalate if one.days is not None)
    assert (week.to, week.days, week.after) == ("major", 7, "judge.done") and "SLA26" in week.source
    assert (rule.suggest[0].to, rule.suggest[0].when) == ("major", "counts.same_matter >= 5")
    assert [one.to for one in rule.suggest] == ["major", "major", "important"]


def test_a_complaint_of_anybody_about_anything(bundle: Bundle):
    assert bundle.procedure.subject == ("unit", "place", "person") and not bundle.procedure.one_open_per_unit


def test_ten_things_are_written_down(bundle: Bundle):
    """CL20: name, unit, item, content, phone, object; of conduct also course, witness, evidence, signature."""
    asked = {field.name for field in bundle.form("complaint").fields if field.required}
    assert {"customer", "location", "item", "content", "phone", "object"} <= asked
    more = {field.name for field in bundle.form("statement").fields if field.required}
    assert {"course", "witness", "evidence"} <= more
    assert bundle.procedure.step("statement").sign.parties == ("complainant",)  # type: ignore[union-attr]
    assert bundle.procedure.step("judge").requires == ("receive", "statement")


def test_the_head_of_the_department_in_charge_signs(bundle: Bundle):
    resolve = bundle.procedure.step("resolve")
    departments = {choice.value for choice in bundle.form("grading").field("department").choices}
    papers = {name.removeprefix("result_"): bundle.document(name) for name in resolve.documents}
    assert resolve.route == "grade.department" and set(papers) == departments
    assert {name: rule.sign.roles for name, rule in papers.items()} == {
        "service": ("service_head",), "engineering": ("engineering_head",), "security": ("security_head",),
        "finance": ("manager",)}


def test_forms_of_the_sources(bundle: Bundle):
    said = " ".join(rule.source for rule in bundle.documents)
    assert all(form in said for form in ("F90", "F91", "F93", "F94"))
    assert len(bundle.document("reply_form").copies) == 2


def test_everything_has_its_source_and_both_languages(bundle: Bundle):
    procedure = bundle.procedure
    assert [step.name for step in procedure.steps if not step.source] == []
    assert [rule.name for rule in bundle.documents if not rule.source] == []
    named = [*procedure.steps, *procedure.parties, *procedure.counts, *bundle.documents, *bundle.series,
             *(outcome for step in procedure.steps for outcome in step.outcomes),
             *(field for form in bundle.forms for field in form.fields)]
    assert [one.name for one in named if not (one.title.zh and one.title.en)] == []


def test_the_walkthroughs_show_the_ways_that_matter(library: Library):
    words = {path.stem: path.read_text(encoding="utf-8") for path in library.walkthroughs("complaints", "jade_garden")}
    assert set(words) == {"facility", "conduct", "charges", "invalid", "outage", "unsolved_week", "withdrawn"}
    assert "place:" in words["outage"] and "dissatisfied" in words["outage"] and "interim" in words["outage"]
    assert "objection" in words["invalid"] and "returned" in words["conduct"]


# ---------------------------------------------------------------- five customers, one matter


def test_the_fifth_complaint_on_a_matter_is_offered_as_major(office: Office, tmp_path: Path):
    for unit in UNITS[:4]:
        assert complaint(office, tmp_path, unit).view().step("grade").suggested == ""
    assert complaint(office, tmp_path, UNITS[4], "另一件事").view().step("grade").suggested == ""
    assert complaint(office, tmp_path, UNITS[4]).view().step("grade").suggested == "重大投诉"


def test_complaints_of_another_month_do_not_count(office: Office, tmp_path: Path):
    for unit in UNITS[:4]:
        complaint(office, tmp_path, unit)
    assert isinstance(office.clock, FixedClock)
    office.clock.advance(timedelta(days=31))
    assert complaint(office, tmp_path, UNITS[4]).view().step("grade").suggested == ""


def test_the_fifth_one_raises_those_before_it(office: Office, tmp_path: Path):
    first = complaint(office, tmp_path, UNITS[0], graded=True)
    for unit in UNITS[1:]:
        complaint(office, tmp_path, unit)
    assert first.view().step("grade").class_title == "轻微投诉"
    with unit_of_work(office.sessions) as session:  # any act in the case looks at it anew
        advance(open_file(office.desk(session, system_actor(office)), first.case_id, change=True))
    sweep_due(office)
    assert first.view().step("grade").class_title == "重大投诉"

