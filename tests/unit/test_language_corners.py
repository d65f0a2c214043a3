"""Corners of the language that random cases (test_language_model) have found, each with the smallest procedure that shows it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.cases import approving, lifecycle, opening
from core.cases.casefile import open_file
from core.cases.facts import confirm_fact
from core.cases.people import add_person
from core.cases.sweeping import sweep_due
from core.errors import GateClosed
from core.store.models import Event
from tests.cases_kit import ELM
from tests.language_kit import Office, office


@pytest.fixture
def house(tmp_path, sqlite_url):
    return lambda **said: office(tmp_path, sqlite_url, said)


def missed(with_: Office, case: str) -> list[str]:
    return [event.data["step"] for event in with_.rows(Event, case_id=case, kind="deadline.missed")]


def join(with_: Office, case: str, name: str) -> None:
    with with_.at("elm") as desk:
        opening.set_party(desk, case, "people", add_person(desk, ELM, {"name": name}).id)


# ---------------------------------------------------------------- waiting times


WAIT = """
    steps:
      - {name: a, title: a}
      - {name: b, title: b, requires: a, opens: {after: a.done, hours: 5}, outcomes: {on: {}, back: {reopen: a}}}
"""


def test_a_waiting_time_is_not_over_while_the_case_is_suspended(house):
    with_ = house(job=WAIT)
    case = with_.open("job")
    with_.done(case, "a")
    with_.act("elm", lifecycle.suspend, case, "等业主")
    with_.wait(hours=6)
    assert with_.statuses(case)["b"] == "closed"
    with_.act("elm", lifecycle.resume, case)
    assert with_.statuses(case)["b"] == "closed"
    with_.wait(hours=5)
    assert with_.statuses(case)["b"] == "open"


def test_a_waiting_time_rests_in_a_later_round_too(house):
    with_ = house(job=WAIT)
    case = with_.open("job")
    with_.done(case, "a")
    with_.wait(hours=6)
    with_.decide(case, "b", "back")
    with_.done(case, "a")
    with_.act("elm", lifecycle.suspend, case, "等业主")
    with_.wait(hours=6)
    with_.act("elm", lifecycle.resume, case)
    assert with_.statuses(case)["b"] == "closed"
    with_.wait(hours=5)
    assert with_.statuses(case)["b"] == "open"


# ---------------------------------------------------------------- deadlines


def test_what_is_done_late_is_late_although_no_sweep_came_between(house):
    with_ = house(job="""
        steps:
          - {name: a, title: a, due: {hours: 2}}
          - {name: why, title: why, requires: a, when: a.overdue}
    """)
    case = with_.open("job")
    with_.clock.set(with_.clock.now().replace(hour=12))
    with_.done(case, "a")
    assert with_.statuses(case)["why"] == "open" and missed(with_, case) == []
    sweep_due(with_.office)
    assert with_.step(case, "a").overdue and missed(with_, case) == ["a"]


def test_a_deadline_that_was_over_before_the_case_was_suspended_is_missed(house):
    with_ = house(job="steps: [{name: a, title: a, due: {hours: 2}}]")
    case = with_.open("job")
    with_.clock.set(with_.clock.now().replace(hour=12))
    with_.act("elm", lifecycle.suspend, case, "等业主")
    sweep_due(with_.office)
    assert missed(with_, case) == ["a"]


def test_a_deadline_that_was_kept_stays_so_when_the_step_opens_for_a_correction(house):
    with_ = house(job="""
        steps:
          - {name: a, title: a, due: {hours: 2}}
          - {name: b, title: b, requires: a, outcomes: {on: {}, back: {reopen: a, round: false}}}
    """)
    case = with_.open("job")
    with_.done(case, "a")
    with_.wait(days=3)
    with_.decide(case, "b", "back")
    with_.wait(minutes=5)
    assert not with_.step(case, "a").overdue and missed(with_, case) == []


def test_a_step_that_waits_for_another_try_goes_on_waiting_after_a_suspension(house):
    with_ = house(job="steps: [{name: a, title: a, due: {hours: 2}, outcomes: {on: {}, later: {wait: true}}}]")
    case = with_.open("job")
    with_.decide(case, "a", "later")
    with_.act("elm", lifecycle.suspend, case, "等业主")
    with_.wait(hours=1)
    with_.act("elm", lifecycle.resume, case)
    with_.wait(days=1)
    assert missed(with_, case) == []


def test_a_step_for_each_of_nobody_is_never_late(house):
    with_ = house(job="""
        parties: {people: {title: people, many: true, optional: true}}
        steps: [{name: a, title: a, each: people, due: {hours: 2, after: case.opened}}, {name: b, title: b}]
    """)
    case = with_.open("job")
    with_.wait(days=1)
    assert with_.statuses(case)["a"] == "skipped" and missed(with_, case) == []


def test_what_somebody_missed_who_has_left_since_keeps_no_other_timer_from_firing(house):
    with_ = house(job="""
        parties: {people: {title: people, many: true}}
        steps: [{name: a, title: a, each: people, due: {hours: 2}}, {name: b, title: b, due: {hours: 3}}]
    """)
    case = with_.open("job")
    join(with_, case, "张三")
    join(with_, case, "李四")
    with_.clock.advance(timedelta(days=1))  # and nothing has swept yet
    with with_.at("elm") as desk:
        gone = next(row.person_id for row in open_file(desk, case).parties if row.number == 2)
        opening.remove_party(desk, case, "people", gone, "退出")
    sweep_due(with_.office)
    assert missed(with_, case) == ["a@1", "b"]


# ---------------------------------------------------------------- validity


def test_what_one_of_several_was_given_runs_out_for_all_that_requires_it(house):
    with_ = house(job="""
        parties: {people: {title: people, many: true}}
        steps: [{name: a, title: a, each: people, validity: {days: 1}}, {name: b, title: b, requires: a}]
    """)
    case = with_.open("job")
    join(with_, case, "张三")
    with_.done(case, "a@1")
    with_.wait(days=5)
    assert with_.statuses(case)["b"] == "closed" and with_.kinds(case, "b") == {"expired"}
    with_.act("elm", approving.renew, case, "a@1", "到期")
    with_.done(case, "a@1")
    assert with_.statuses(case)["b"] == "open"


def test_what_a_round_before_gave_runs_out_for_nobody_when_the_step_no_longer_applies(house):
    with_ = house(job="""
        steps:
          - {name: g, title: g, outcomes: {on: {}, off: {}}}
          - {name: a, title: a, requires: g, when: "g.outcome == 'on'", validity: {days: 1}}
          - {name: b, title: b, requires: a, outcomes: {fine: {}, back: {reopen: [g, a]}}}
    """)
    case = with_.open("job")
    with_.decide(case, "g", "on")
    with_.done(case, "a")
    with_.decide(case, "b", "back")
    with_.decide(case, "g", "off")
    with_.wait(days=5)
    assert with_.statuses(case) == {"g": "done", "a": "skipped", "b": "open"}


def test_what_has_run_out_leaves_alone_what_every_item_has_done(house):
    with_ = house(job="""
        parties: {people: {title: people, many: true}}
        steps:
          - {name: a, title: a, validity: {days: 1}}
          - {name: b, title: b, requires: a, each: people}
          - {name: c, title: c, requires: b}
    """)
    case = with_.open("job")
    with_.done(case, "a")
    join(with_, case, "张三")
    with_.done(case, "b@1")
    with_.wait(days=5)
    assert with_.statuses(case) == {"a": "done", "b@1": "done", "c": "open"}


# ---------------------------------------------------------------- outcomes, consents, facts


def test_choosing_another_outcome_takes_back_the_one_that_waits_for_consent(house):
    with_ = house(job="""
        steps: [{name: a, title: a, outcomes: {on: {}, off: {end: stopped, approvals: manager}}}]
        ends: [completed, stopped]
    """)
    case = with_.open("job")
    with_.decide(case, "a", "off")
    with_.decide(case, "a", "on")
    assert with_.view(case, "elm").state == "completed"


def test_an_outcome_that_was_consented_to_in_the_round_takes_effect_again_at_once(house):
    with_ = house(job="""
        steps:
          - {name: a, title: a, outcomes: {on: {approvals: manager}}}
          - {name: b, title: b, requires: a, outcomes: {on: {}, back: {reopen: a, round: false}}}
    """)
    case = with_.open("job")
    with_.decide(case, "a", "on")
    with_.act("zhao", approving.approve, case, "a")
    with_.decide(case, "b", "back")
    assert with_.statuses(case) == {"a": "open", "b": "closed"}
    with_.decide(case, "a", "on")
    assert with_.statuses(case) == {"a": "done", "b": "open"}


def test_a_step_that_asks_for_consent_is_not_completed_past_its_outcome(house):
    with_ = house(job="""
        children: {sub: {}}
        steps: [{name: a, title: a}, {name: z, title: z}]
    """, sub="""
        only_as_child: true
        steps:
          - {name: t, title: t, until: parent.a.done, approvals: manager, outcomes: {on: {}, off: {end: stopped}}}
          - {name: u, title: u, requires: t, when: "t.outcome == 'on'"}
        ends: [completed, stopped]
    """)
    case = with_.open("job")
    below = with_.act("elm", opening.open_child, case, "sub").id
    with_.act("zhao", approving.approve, below, "t")
    with_.done(case, "a")
    with_.done(below, "t")
    assert with_.statuses(below) == {"t": "done", "u": "open"}


def test_a_fact_is_not_confirmed_for_a_step_that_is_closed_again(house):
    with_ = house(job="""
        facts: {dues: {type: integer, subject: unit, title: dues}}
        steps:
          - {name: a, title: a}
          - {name: b, title: b, requires: a, needs_fact: {unit.dues: {}}}
          - {name: c, title: c, requires: a, outcomes: {on: {}, back: {reopen: a}}}
    """)
    case = with_.open("job")
    with_.done(case, "a")
    with_.decide(case, "c", "back")
    with pytest.raises(GateClosed):
        with_.act("elm", confirm_fact, case, "b", "unit.dues", 5)
