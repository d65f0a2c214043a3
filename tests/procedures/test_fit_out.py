"""装修 as data: what the sources say stands in the YAML; a deposit is collected once and found where it was paid; yesterday's
patrol does not count for today."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from core.cases.desk import Office
from core.cases.opening import open_child
from core.cases.unit_facts import unit_facts
from core.cases.viewing import case_view
from core.cases.views import CaseView
from core.clock import FixedClock
from core.definitions.library import Library
from core.domain.bundle import Bundle
from core.errors import GateClosed
from core.loader import load_plugins
from core.settings import Settings
from core.store.session import unit_of_work
from core.walkthroughs.acts import Act
from core.walkthroughs.player import Player
from core.walkthroughs.script import Script, read_script
from core.walkthroughs.staff import actor_called
from core.walkthroughs.stage import furnish, stage
from tests.remembered_kit import remembering

ROOT = Path(__file__).resolve().parents[2]
DEFINITIONS = ROOT / "form_definitions"
FIT_OUT = DEFINITIONS / "fit_out/walkthroughs"
FAMILY = ("fit_out", "special_permit", "hidden_works", "violation")
START = datetime.fromisoformat("2026-02-02T09:00:00+08:00")
UNIT = "8-1-301"


@pytest.fixture(scope="module")
def library() -> Library:
    plugins = load_plugins("plugins", ROOT / "estates", installed=False)
    return Library.load(plugins.sources, ROOT / "estates", overlays=plugins.overlays, absent=plugins.out_of_service)


@pytest.fixture(scope="module")
def bundles(library: Library) -> dict[str, Bundle]:
    return {name: library.bundle("jade_garden", name) for name in FAMILY}


@pytest.fixture(scope="module")
def fit_out(bundles: dict[str, Bundle]) -> Bundle:
    return bundles["fit_out"]


# ---------------------------------------------------------------- figures


def test_seven_days_ahead_and_one_working_day(fit_out):
    apply, approve = fit_out.procedure.step("apply"), fit_out.procedure.step("approve")
    assert [(due.days, due.before) for due in apply.due] == [(7, "apply.start_on")]
    assert {due.working_days for due in approve.due} == {1} and {due.after for due in approve.due} == {"apply.done", "authority.done"}


def test_two_heads_with_four_eyes(fit_out):
    approvals = fit_out.procedure.step("approve").approvals
    assert (approvals.mode, set(approvals.by), approvals.distinct) == ("all", {"service_head", "engineering_head"}, True)


def test_sixty_ninety_and_never_more_than_120_days(fit_out):
    validity = fit_out.procedure.step("permit").validity
    assert validity.days.values == {"small": 60, "medium": 60, "large": 90} and validity.max_days == 120
    assert validity.extended_by == "special_permit.apply.extend_to"


def test_amounts_of_the_sources_and_samples(fit_out, bundles):
    fees = {fee.name: fee for fee in fit_out.fees}
    deposit = fees["fit_out_deposit"]
    assert deposit.amounts == {"walk_up": "500", "elevator": "1000"} and deposit.refundable and not deposit.sample
    assert (fees["pass_fee"].rate, fees["pass_fee"].sample) == ("5.00", False)
    assert fees["debris_fee"].sample and fees["management_fee"].sample
    special = {fee.name: fee for fee in bundles["special_permit"].fees}
    assert special["temporary_power"].amount_of == "price.amount" and special["extinguisher_deposit"].refundable


def test_a_pass_takes_two_photos_and_a_copy_of_the_card(fit_out):
    papers = {paper.name: paper for paper in fit_out.papers("worker").items}
    assert (papers["photos"].count, papers["id_copy"].evidence) == (2, ("copy_kept",))


def test_papers_of_the_application_and_of_the_contractor(fit_out):
    application = {paper.name: paper for paper in fit_out.papers("application").items}
    drawings = {"plan", "ceiling_plan", "piping_plan", "wiring_plan", "section"}
    assert drawings | {"responsible_id", "licence", "qualification"} <= set(application)
    assert "commercial" in (application["design_qualification"].when or "")
    assert len(fit_out.papers("contractor").items) == 4  # S1-2 §3.1


def test_every_prohibition_of_cl07_is_looked_at_once(fit_out):
    """11 + 8 + 6 + 5 + 8 + 3 + 5 + 3; a to d also stand as heads on the patrol."""
    counted: Counter[str] = Counter()
    for name in ("patrol", "completion"):
        for item in fit_out.checklist(name).items:
            for head in re.findall(r"CL07([a-h])", item.source):
                counted[head] += 1
    assert {head: counted[head] for head in "abcdefgh"} == {"a": 12, "b": 9, "c": 7, "d": 6, "e": 8, "f": 3, "g": 5, "h": 3}
    assert sum("CL10" in item.source for item in fit_out.checklist("patrol").items) == 9


def test_three_departments_patrol_daily(fit_out):
    patrol = fit_out.procedure.step("patrol")
    assert set(patrol.role) == {"service", "engineering", "security"}
    assert (patrol.repeat.every, patrol.repeat.per_role, patrol.repeat.until) == ("day", True, "accept.done")


def test_a_month_and_three_consents_before_the_refund(fit_out):
    procedure = fit_out.procedure
    assert {procedure.step(name).opens.months for name in ("recheck", "review_refund")} == {1}
    review, refund = procedure.step("review_refund"), procedure.step("refund")
    assert (review.approvals.mode, review.approvals.by) == ("sequence", ("engineering", "service", "finance"))
    assert (refund.sign.parties, refund.sign.roles) == (("owner", "responsible"), ("manager",))
    assert {less.amount for less in refund.settle.less} == {
        "violation.order.penalty", "violation.order.damages", "hidden_works.open_up.cost", "accept.damages", "recheck.damages"}


def test_the_ladder_and_what_it_lets_rest(bundles):
    ladder = bundles["violation"].procedure.step("measure").ladder
    assert [rung.name for rung in ladder.rungs] == ["oral", "notice", "final", "clear_site"]
    assert ladder.start == {"serious": "notice"} and ladder.rungs[-1].suspends == ("entry", "patrol")


def test_copies(bundles):
    copies = {rule.name: len(rule.copies) for bundle in bundles.values() for rule in bundle.documents}
    assert (copies["application"], copies["rectification_order"], copies["department_notice"], copies["worker_pass"]) == (2, 3, 3, 1)


def test_a_closed_water_test_takes_24_hours_at_10_cm(bundles):
    rules = {rule.name: rule.check for rule in next(form for form in bundles["hidden_works"].forms if form.name == "inspection").rules}
    assert "water_hours >= 24" in rules["hours_under_water"] and "water_depth >= 10" in rules["depth_of_water"]


def test_sub_procedures_open_from_the_fit_out_only(bundles):
    children = {child.name: child for child in bundles["fit_out"].procedure.children}
    assert set(children) == set(FAMILY[1:]) and all(child.until == "accept" for child in children.values())
    assert all(bundles[name].procedure.only_as_child for name in FAMILY[1:])


def test_every_paper_of_the_sources_is_there(bundles):
    said = " ".join(rule.source for bundle in bundles.values() for rule in bundle.documents)
    assert [number for number in (*range(51, 59), 60, 61, 62, *range(66, 77), 79) if f"F{number}" not in said] == []


@pytest.mark.parametrize("name", FAMILY)
def test_titles_stand_in_both_languages_and_steps_have_sources(bundles, name):
    bundle = bundles[name]
    named = [*bundle.procedure.steps, *bundle.procedure.parties, *bundle.procedure.children, *bundle.documents, *bundle.series,
             *bundle.fees, *(item for one in bundle.required_documents for item in one.items),
             *(item for one in bundle.checklists for item in one.items), *(field for form in bundle.forms for field in form.fields),
             *(outcome for step in bundle.procedure.steps for outcome in step.outcomes)]
    assert [one.name for one in named if not (one.title.zh and one.title.en)] == []
    assert [step.name for step in bundle.procedure.steps if not (step.source and step.role)] == []


def test_chinese_texts_use_full_width_punctuation():
    wrong = [f"{path.name}:{number} {line.strip()}"
             for folder in FAMILY for path in (DEFINITIONS / folder).rglob("*.yaml")
             for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
             if not line.lstrip().startswith("#") and re.search(r"[\u4e00-\u9fff][,;:!?](?=[\u4e00-\u9fff])", line)]
    assert wrong == []


# ---------------------------------------------------------------- played


@contextmanager
def office_with(tmp_path: Path) -> Iterator[tuple[Office, FixedClock]]:
    settings = Settings.load(data_dir=remembering(tmp_path), secret="s" * 40)
    with stage(settings, START) as office:
        furnish(office, "jade_garden", {UNIT})
        assert isinstance(office.clock, FixedClock)
        yield office, office.clock


def without(script: Script, *words: str) -> Script:
    """The script without acts of these words."""
    kept = [at for at, act in enumerate(script.said.acts) if act.word not in words]
    return replace(script, said=script.said.model_copy(update={"acts": tuple(script.said.acts[at] for at in kept)}),
                   marks=tuple(script.marks[at] for at in kept))


def standard() -> Script:
    return without(read_script(FIT_OUT / "standard.yaml"), "expect", "refused")


def seen(player: Player) -> CaseView:
    return player.view()


def stops_at(word: str, step: str):
    def stop(act: Act) -> bool:
        return act.word == word and act.step == step
    return stop


def test_a_deposit_held_since_move_in_is_not_charged_again_but_given_back(tmp_path):
    """C03: collected at move-in, settled by the fit-out, and free for the next one to collect anew."""
    with office_with(tmp_path) as (office, clock):
        handover = without(read_script(DEFINITIONS / "move_in/walkthroughs/individual.yaml"), "expect", "refused")
        move_in = Player(office, "jade_garden", handover, clock, unit=UNIT)
        move_in.play()
        assert seen(move_in).money.deposit_fen == 50000
        script = standard()
        acts = tuple(Act.model_validate({"pay": {"step": "pay", "by": "chen", "methods": {"cash": "rest"}}}) if act.pay else act
                     for act in script.said.acts)
        player = Player(office, "jade_garden", replace(script, said=script.said.model_copy(update={"acts": acts})), clock)
        player.play()
        money = seen(player).money
        assert {row.fee for row in money.charges} == {"management_fee", "pass_fee"} and seen(player).state == "completed"
        given = seen(move_in).money
        assert given.deposit_fen == 0 and given.charged_fen - given.paid_fen == 50000 - 12000  # the wall tiles stay
        with unit_of_work(office.sessions, readonly=True) as session:
            desk = office.desk(session, actor_called(session, "wang", "jade_garden"))
            held = {fact.name: fact.value for fact in unit_facts(desk, "jade_garden", UNIT)}
        assert (held["deposit_held_fen"], held["fit_out_active"]) == (0, False)  # the next fit-out collects anew


def test_no_sub_case_before_its_time(tmp_path):
    with office_with(tmp_path) as (office, clock):
        player = Player(office, "jade_garden", standard(), clock)
        player.play(stop=stops_at("submit", "survey"))
        with unit_of_work(office.sessions) as session, pytest.raises(GateClosed) as closed:
            desk = office.desk(session, actor_called(session, "wang", "jade_garden"))
            open_child(desk, player.case_id, "violation", {})
        assert [reason.kind for reason in closed.value.reasons] == ["requires"]


def test_yesterdays_patrol_does_not_count_for_today(tmp_path):
    with office_with(tmp_path) as (office, clock):
        player = Player(office, "jade_garden", standard(), clock)
        days = iter(range(3))
        player.play(stop=lambda act: act.word == "later" and next(days) == 1)  # two days of patrols are over
        with unit_of_work(office.sessions, readonly=True) as session:
            desk = office.desk(session, actor_called(session, "gao", "jade_garden"))
            step = case_view(desk, player.case_id).step("patrol@security")
        assert step.status == "open" and step.checklist is not None
        assert (step.checklist.checked, step.checklist.open_items) == (0, 31)  # what failed yesterday is in the history only
        failed = next(item for item in step.checklist.items if item.name == "passes_worn")
        assert failed.result == "" and len(failed.history) == 1
