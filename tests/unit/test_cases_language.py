"""Each construct of the language does in a case what its page says."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.cases import approving, filling, opening, settling
from core.cases.facts import confirm_fact
from core.cases.lifecycle import resume, suspend, withdraw
from core.cases.people import add_person
from core.errors import Forbidden, GateClosed
from core.store.models import Event, StepRun, Timer
from tests.cases_kit import ELM
from tests.language_kit import office


@pytest.fixture
def house(tmp_path, database_url):
    return lambda said: office(tmp_path, database_url, {"job": said} if isinstance(said, str) or "procedure.yaml" in said else said)


def kinds_of(caught) -> set[str]:
    return {reason.kind for reason in caught.value.reasons}


# ---------------------------------------------------------------- consent


APPROVE = """
    steps:
      - {name: ask, title: ask, role: service}
      - name: approve
        title: approve
        requires: [ask]
        approvals: {mode: MODE, by: [manager, finance], distinct: true}
        outcomes: {approved: {}, returned: {reopen: [ask]}, refused: {end: refused}}
      - {name: after, title: after, role: service, requires: [approve]}
    ends: [completed, refused]
"""


def test_all_must_consent_and_the_case_goes_on_by_itself(house):
    with_ = house(APPROVE.replace("MODE", "all"))
    case = with_.open("job")
    with pytest.raises(GateClosed) as closed:
        with_.act("zhao", approving.approve, case, "approve")
    assert kinds_of(closed) == {"requires"}
    with_.done(case, "ask")
    assert with_.kinds(case, "approve") == {"approval"}
    with pytest.raises(Forbidden):
        with_.act("li", approving.approve, case, "approve")
    with_.act("zhao", approving.approve, case, "approve", "同意")
    with pytest.raises(GateClosed) as twice:
        with_.act("zhao", approving.approve, case, "approve")
    assert twice.value.number == 2258
    assert with_.statuses(case)["approve"] == "open"
    with_.act("chen", approving.approve, case, "approve")
    assert with_.statuses(case) == {"ask": "done", "approve": "done", "after": "open"}
    [run] = with_.rows(StepRun, step="approve")
    assert run.outcome == "approved"
    rows = with_.step(case, "approve").approvals
    assert [(row.role, row.by, row.note) for row in rows] == [("manager", "赵明远", "同意"), ("finance", "陈淑芬", "")]


def test_four_eyes_are_two_people(house):
    with_ = house(APPROVE.replace("MODE", "all"))
    case = with_.open("job")
    with_.done(case, "ask")
    with_.act("elm", approving.approve, case, "approve", role="manager")
    with pytest.raises(GateClosed) as same:
        with_.act("elm", approving.approve, case, "approve", role="finance")
    assert same.value.number == 2257
    with_.act("chen", approving.approve, case, "approve")
    assert with_.statuses(case)["approve"] == "done"


def test_any_one_is_enough(house):
    with_ = house(APPROVE.replace("MODE", "any"))
    case = with_.open("job")
    with_.done(case, "ask")
    with_.act("chen", approving.approve, case, "approve")
    assert with_.statuses(case)["approve"] == "done"


def test_a_sequence_is_kept(house):
    with_ = house(APPROVE.replace("MODE", "sequence"))
    case = with_.open("job")
    with_.done(case, "ask")
    with pytest.raises(GateClosed) as early:
        with_.act("chen", approving.approve, case, "approve")
    assert early.value.number == 2259 and "manager" in early.value.what
    with_.act("zhao", approving.approve, case, "approve")
    with_.act("chen", approving.approve, case, "approve")
    assert with_.statuses(case)["approve"] == "done"


def test_an_approver_may_return_it_and_consents_count_anew(house):
    with_ = house(APPROVE.replace("MODE", "all"))
    case = with_.open("job")
    with_.done(case, "ask")
    with_.act("zhao", approving.approve, case, "approve")
    with_.decide(case, "approve", "returned", by="chen")
    assert with_.statuses(case) == {"ask": "open", "approve": "closed", "after": "closed"}
    with_.done(case, "ask")
    with_.act("chen", approving.approve, case, "approve")
    assert with_.statuses(case)["approve"] == "open"  # the manager's consent was to the round before
    with_.decide(case, "approve", "refused", by="zhao")
    assert with_.view(case, "elm").state == "refused"


def test_an_outcome_may_need_consent(house):
    with_ = house("""
        steps:
          - name: consent
            title: consent
            role: engineering
            outcomes: {accepted: {}, refused: {end: returned, reason: required, approvals: [manager]}}
          - {name: work, title: work, role: engineering, requires: [consent]}
        ends: [completed, returned]
    """)
    case = with_.open("job")
    with_.decide(case, "consent", "refused", "嫌贵", by="li")
    assert with_.view(case, "elm").state == "open" and with_.kinds(case, "consent") == {"approval"}
    with pytest.raises(Forbidden):
        with_.act("li", approving.approve, case, "consent")
    with_.act("zhao", approving.approve, case, "consent")
    assert with_.view(case, "elm").state == "returned"


# ---------------------------------------------------------------- conditions and passing them


def test_a_waiting_time_holds_a_step_back_and_time_opens_it(house):
    with_ = house("""
        steps:
          - {name: accept, title: accept, role: service}
          - {name: refund, title: refund, role: service, requires: [accept], opens: {after: accept.done, months: 1}}
    """)
    case = with_.open("job")
    with_.done(case, "accept")
    [reason] = with_.step(case, "refund").why_not
    assert reason.kind == "wait" and "2026-04-02" in reason.message
    with pytest.raises(GateClosed):
        with_.done(case, "refund")
    with_.go_to("2026-04-01T23:59:00+08:00")
    assert with_.statuses(case)["refund"] == "closed"
    assert with_.go_to("2026-04-02T00:00:01+08:00") == 1
    assert [run.step for run in with_.rows(StepRun, state="open")] == ["refund"]  # opened without anybody's act
    with_.done(case, "refund")
    assert with_.view(case, "elm").state == "completed"


def test_a_condition_may_be_passed_with_a_reason_where_the_procedure_says_so(house):
    with_ = house("""
        facts: {arrears_fen: {type: integer, subject: unit, title: 欠费}}
        steps:
          - name: dues
            title: dues
            role: finance
            until: "unit.arrears_fen == 0"
            needs_fact: {unit.arrears_fen: {max_age: {days: 0}}}
            override: {role: manager, reason: required}
          - {name: after, title: after, role: service, requires: [dues]}
    """)
    case = with_.open("job")
    assert with_.kinds(case, "dues") == {"fact", "until"}
    with_.act("chen", confirm_fact, case, "dues", "unit.arrears_fen", 12300)
    assert with_.kinds(case, "dues") == {"until"}
    with pytest.raises(Forbidden):
        with_.act("chen", approving.override, case, "dues", "老客户")
    with_.act("zhao", approving.override, case, "dues", "业主书面承诺下周结清")
    assert with_.statuses(case) == {"dues": "done", "after": "open"}
    with pytest.raises(GateClosed):
        with_.act("zhao", approving.override, case, "after", "无")


def test_a_fact_grows_stale(house):
    with_ = house("""
        facts: {arrears_fen: {type: integer, subject: unit, title: 欠费}}
        steps:
          - {name: ask, title: ask, role: service}
          - {name: dues, title: dues, role: finance, requires: [ask], until: "unit.arrears_fen == 0",
             needs_fact: {unit.arrears_fen: {max_age: {days: 0}}}}
    """)
    first, second = with_.open("job"), with_.open("job", "9-1-1001")
    with_.done(first, "ask")
    with_.act("chen", confirm_fact, first, "dues", "unit.arrears_fen", 0)
    assert with_.view(first, "elm").state == "completed"
    with_.done(second, "ask")
    assert with_.kinds(second, "dues") == {"fact", "until"}  # of another unit nothing is known
    with_.wait(days=1)
    third = with_.open("job")
    with_.done(third, "ask")
    assert with_.kinds(third, "dues") == {"fact"}  # known, but of yesterday


# ---------------------------------------------------------------- deadlines


def events(with_, case: str, kind: str) -> list[Event]:
    return with_.rows(Event, case_id=case, kind=kind)


DUE = """
    steps:
      - {name: ask, title: ask, role: service}
      - name: answer
        title: answer
        role: service
        requires: [ask]
        due: {working_days: 1, after: ask.done, overdue: {notify: [manager], approvals: [manager]}}
"""


def test_a_missed_deadline_tells_once_and_asks_for_consent(house):
    with_ = house(DUE)
    case = with_.open("job")
    with_.done(case, "ask")
    assert with_.step(case, "answer").due_at == datetime.fromisoformat("2026-03-03T17:00:00+08:00")
    with_.go_to("2026-03-03T16:59:00+08:00")
    assert not with_.step(case, "answer").overdue
    with_.go_to("2026-03-03T17:00:01+08:00")
    assert with_.step(case, "answer").overdue and with_.kinds(case, "answer") == {"approval"}
    with_.go_to("2026-03-09T17:00:01+08:00")
    assert len(events(with_, case, "deadline.missed")) == 1
    with_.act("zhao", approving.approve, case, "answer")
    with_.done(case, "answer")
    assert with_.view(case, "elm").state == "completed"


def test_a_deadline_that_is_kept_never_fires(house):
    with_ = house(DUE)
    case = with_.open("job")
    with_.done(case, "ask")
    with_.done(case, "answer")
    assert with_.wait(days=10) == 0
    assert not events(with_, case, "deadline.missed")


def test_a_deadline_rests_while_the_case_is_suspended(house):
    with_ = house(DUE.replace("working_days: 1", "hours: 4"))
    case = with_.open("job")
    with_.done(case, "ask")
    before = with_.step(case, "answer").due_at
    with_.act("elm", suspend, case, "等业主")
    with_.wait(days=2)
    assert not events(with_, case, "deadline.missed")
    with_.act("elm", resume, case)
    [timer] = with_.rows(Timer, case_id=case, kind="due")
    rested = (timer.at - before).total_seconds()
    assert 2 * 86400 <= rested < 2 * 86400 + 60
    with_.wait(hours=5)
    assert len(events(with_, case, "deadline.missed")) == 1


def test_nothing_moves_in_a_suspended_case_though_its_permit_expires(house):
    with_ = house("""
        steps:
          - {name: slip, title: slip, role: service, validity: {until: end_of_day}}
          - {name: gate, title: gate, role: security, opens: {after: slip.done, days: 2}, requires: [slip]}
    """)
    case = with_.open("job")
    with_.done(case, "slip")
    with_.act("elm", suspend, case, "等业主")
    with_.wait(days=4)
    assert len(events(with_, case, "step.expired")) == 1
    assert [event.data["step"] for event in events(with_, case, "step.opened")] == ["slip"]
    with_.act("elm", resume, case)
    assert with_.statuses(case)["gate"] == "closed"  # its waiting time rested with the case


def test_several_lost_days_fire_once_after_downtime(house):
    with_ = house("""
        steps:
          - {name: entry, title: entry, role: service}
          - {name: patrol, title: patrol, role: [service, engineering], requires: [entry],
             repeat: {every: day, per_role: true, until: accept.done}}
          - {name: accept, title: accept, role: service, requires: [entry]}
    """)
    case = with_.open("job")
    with_.done(case, "entry")
    assert with_.statuses(case) == {"entry": "done", "patrol@service": "open", "patrol@engineering": "open", "accept": "open"}
    with_.done(case, "patrol@service", by="wang")
    assert with_.statuses(case)["patrol@service"] == "done"
    with pytest.raises(Forbidden):
        with_.done(case, "patrol@engineering", by="chen")
    with_.go_to("2026-03-03T08:00:00+08:00")
    assert with_.statuses(case)["patrol@service"] == "open"  # a new day, a new round
    assert len(events(with_, case, "deadline.missed")) == 1  # engineering did not go yesterday
    with_.go_to("2026-03-09T08:00:00+08:00")
    assert len(events(with_, case, "deadline.missed")) == 3
    with_.done(case, "accept")
    assert with_.view(case, "elm").state == "completed"


def test_time_raises_a_class_and_the_deadline_follows(house):
    with_ = house({"procedure.yaml": """
        steps:
          - {name: judge, title: judge, role: manager}
          - name: grade
            title: grade
            role: manager
            form: grading
            requires: [judge]
            classify:
              field: grade
              order: [minor, important, major]
              escalate: [{to: major, after: judge.done, days: 7, while: "!resolve.done"}]
          - name: resolve
            title: resolve
            role: service
            requires: [grade]
            due: {by: grade.grade, after: judge.done, values: {important: {days: 1}, major: {days: 15}}}
          - {name: report, title: report, role: service, requires: [resolve], when: "grade.grade == 'major'"}
    """, "forms/grading.yaml": """
        form: grading
        title: grading
        fields:
          - {name: grade, title: grade, type: choice, choices: [minor, important, major], required: true}
    """})
    case = with_.open("job")
    with_.done(case, "judge")
    with_.act("elm", filling.submit, case, "grade", {"grade": "minor"})
    assert with_.step(case, "resolve").due_at is None
    with_.go_to("2026-03-10T00:00:01+08:00")
    assert with_.step(case, "grade").class_title == "major"
    assert with_.step(case, "resolve").due_at == datetime.fromisoformat("2026-03-17T23:59:59+08:00")
    assert len(events(with_, case, "class.raised")) == 1
    with_.done(case, "resolve")
    assert with_.statuses(case)["report"] == "open"


# ---------------------------------------------------------------- validity, items, routes, corrections


def test_what_has_expired_must_be_renewed(house):
    with_ = house("""
        steps:
          - {name: slip, title: slip, role: service, validity: {until: end_of_day}}
          - {name: gate, title: gate, role: security, requires: [slip]}
    """)
    case = with_.open("job")
    with_.done(case, "slip")
    assert with_.step(case, "slip").valid_to == "2026-03-02"
    with_.go_to("2026-03-03T00:00:01+08:00")
    assert with_.kinds(case, "gate") == {"expired"}
    with pytest.raises(GateClosed) as expired:
        with_.done(case, "gate", by="zhou")
    assert kinds_of(expired) == {"expired"}
    with_.act("wang", approving.renew, case, "slip", "昨天没搬完")
    with_.done(case, "slip")
    with_.done(case, "gate", by="zhou")
    assert with_.view(case, "elm").state == "completed"


def test_what_is_being_renewed_is_not_renewed_again(house):
    with_ = house("""
        steps:
          - {name: slip, title: slip, role: service, validity: {until: end_of_day}}
          - {name: gate, title: gate, role: security, requires: [slip]}
    """)
    case = with_.open("job")
    with_.done(case, "slip")
    with_.act("wang", approving.renew, case, "slip", "昨天没搬完")
    with pytest.raises(GateClosed) as again:
        with_.act("wang", approving.renew, case, "slip", "再来一次")
    assert again.value.number == 2256
    assert len(events(with_, case, "step.renewed")) == 1


def test_a_step_for_each_worker(house):
    with_ = house("""
        parties: {workers: {title: 工人, kind: person, many: true}}
        steps:
          - {name: permit, title: permit, role: service}
          - {name: passes, title: 出入证, role: service, each: workers, requires: [permit]}
          - {name: end, title: end, role: service, requires: [passes]}
    """)
    case = with_.open("job")
    with_.done(case, "permit")
    assert with_.kinds(case, "passes") == {"item"}
    for name in ("张三", "李四"):
        with with_.at("wang") as desk:
            opening.set_party(desk, case, "workers", add_person(desk, ELM, {"name": name}).id)
    assert with_.statuses(case) == {"permit": "done", "passes@1": "open", "passes@2": "open", "end": "closed"}
    assert with_.step(case, "passes@2").title == "出入证（李四）"
    with_.done(case, "passes@1")
    assert with_.statuses(case)["end"] == "closed"
    with_.done(case, "passes@2")
    assert with_.statuses(case)["end"] == "open"


def test_a_step_goes_to_whom_the_form_names(house):
    with_ = house({"procedure.yaml": """
        steps:
          - {name: receive, title: receive, role: service, form: intake}
          - {name: resolve, title: resolve, route: receive.department, requires: [receive]}
    """, "forms/intake.yaml": """
        form: intake
        title: intake
        fields:
          - {name: department, title: d, type: choice, choices: [engineering, security], required: true}
    """})
    case = with_.open("job")
    with_.act("wang", filling.submit, case, "receive", {"department": "security"})
    with pytest.raises(Forbidden):
        with_.done(case, "resolve", by="li")
    with_.done(case, "resolve", by="zhou")


def test_a_later_step_corrects_an_earlier_one_and_both_stay(house):
    with_ = house({"procedure.yaml": """
        steps:
          - {name: intake, title: intake, role: service, form: intake}
          - {name: arrive, title: arrive, role: engineering, form: arrival, requires: [intake], corrects: intake.fault}
          - {name: pump, title: pump, role: engineering, requires: [arrive], when: "intake.fault == 'pump'"}
    """, "forms/intake.yaml": """
        form: intake
        title: intake
        fields: [{name: fault, title: f, type: choice, choices: [tap, pump], required: true}]
    """, "forms/arrival.yaml": """
        form: arrival
        title: arrival
        fields: [{name: fault, title: f, type: choice, choices: [tap, pump]}]
    """})
    case = with_.open("job")
    with_.act("wang", filling.submit, case, "intake", {"fault": "tap"})
    with_.act("li", filling.submit, case, "arrive", {"fault": "pump"})
    assert with_.statuses(case)["pump"] == "open"
    with with_.reading("wang") as desk:
        shown = filling.form_view(desk, case, "intake")
    assert "tap" in str(shown.view)


def test_a_skipped_step_opens_when_a_correction_asks_for_it(house):
    with_ = house({"procedure.yaml": """
        steps:
          - {name: ask, title: ask, role: service, form: intake}
          - {name: permit, title: permit, role: service, requires: [ask], when: "ask.gas"}
          - {name: work, title: work, role: service, requires: [permit]}
    """, "forms/intake.yaml": """
        form: intake
        title: intake
        fields: [{name: gas, title: g, type: yes_no, required: true}]
    """})
    case = with_.open("job")
    with_.act("wang", filling.submit, case, "ask", {"gas": False})
    assert with_.statuses(case) == {"ask": "done", "permit": "skipped", "work": "open"}
    with_.act("wang", filling.submit, case, "ask", {"gas": True}, reason="业主改装燃气")
    assert with_.statuses(case) == {"ask": "done", "permit": "open", "work": "closed"}


# ---------------------------------------------------------------- sub-cases


WORKS = {"works": """
    facts: {works_active: {type: yes_no, subject: unit, title: 装修中}}
    provides: {works_active: is_open}
    children: {breach: {from: entry, until: accept}}
    steps:
      - {name: entry, title: entry, role: engineering}
      - {name: go_on, title: go on, role: engineering, requires: [entry]}
      - {name: accept, title: accept, role: engineering, requires: [entry], until: "children.breach.open == 0"}
""", "breach": """
    only_as_child: true
    steps:
      - name: record
        title: record
        role: security
        ladder: [{oral: {}}, {notice: {}}, {clear: {suspends: [go_on]}}]
      - {name: notice, title: notice, role: security, requires: [record], when: "record.rung != 'oral'"}
"""}


def rewritten(files: dict[str, str]) -> dict[str, str]:
    return {name: text.replace("ladder: [{oral: {}}, {notice: {}}, {clear: {suspends: [go_on]}}]",
                               "ladder: {rungs: [{oral: {}}, {notice: {}}, {clear: {suspends: [go_on]}}]}")
            for name, text in files.items()}


def breach(with_, case: str) -> str:
    return with_.act("zhou", opening.open_child, case, "breach").id


def test_sub_cases_climb_the_ladder_and_hold_the_parent(house):
    with_ = house(rewritten(WORKS))
    case = with_.open("works")
    with pytest.raises(GateClosed) as direct:
        with_.open("breach")
    assert direct.value.number == 2262
    with_.done(case, "entry")
    first = breach(with_, case)
    assert with_.step(first, "record").rung == "oral" and with_.view(first, "elm").parent.id == case
    assert "until" in with_.kinds(case, "accept")
    with_.done(first, "record", by="zhou")
    assert with_.view(first, "elm").state == "completed"
    second = breach(with_, case)
    with_.done(second, "record", by="zhou")
    assert with_.statuses(second)["notice"] == "open"
    third = breach(with_, case)
    assert with_.step(third, "record").rung == "clear"
    assert with_.kinds(case, "go_on") == {"suspended"}
    with pytest.raises(GateClosed):
        with_.done(case, "go_on")
    with_.done(third, "record", by="zhou")
    with_.done(third, "notice", by="zhou")
    with_.done(second, "notice", by="zhou")
    with_.done(case, "go_on")
    assert with_.statuses(case)["go_on"] == "done"
    with_.done(case, "accept")
    assert with_.view(case, "elm").state == "completed"
    with pytest.raises(GateClosed):
        breach(with_, case)


def test_a_withdrawn_sub_case_does_not_count(house):
    with_ = house(rewritten(WORKS))
    case = with_.open("works")
    with_.done(case, "entry")
    first = breach(with_, case)
    with_.act("elm", withdraw, first, "记错了")
    assert with_.step(breach(with_, case), "record").rung == "oral"


def test_a_step_may_start_another_procedure(house):
    with_ = house({"work": """
        steps:
          - {name: do, title: do, role: service, starts: [{procedure: visit}, {procedure: nowhere, optional: true}]}
    """, "visit": """
        steps:
          - {name: call, title: call, role: service}
    """})
    case = with_.open("work")
    with_.done(case, "do")
    [event] = events(with_, case, "case.follow_up")
    followed = with_.view(event.data["case"], "elm")
    assert followed.procedure == "visit" and followed.state == "open"
    again = with_.open("work")
    with_.done(again, "do")
    [second] = events(with_, again, "case.follow_up")
    assert second.data["case"] == event.data["case"]  # the open visit serves both


def test_a_round_that_sends_the_case_back_starts_nothing(house):
    with_ = house({"work": """
        steps:
          - {name: ask, title: ask, role: service}
          - name: check
            title: check
            role: service
            requires: [ask]
            validity: {days: 30}
            starts: [{procedure: visit}]
            outcomes: {good: {}, again: {reopen: [ask]}}
    """, "visit": """
        steps:
          - {name: call, title: call, role: service}
    """})
    case = with_.open("work")
    with_.done(case, "ask")
    with_.decide(case, "check", "again")
    assert not events(with_, case, "case.follow_up")
    assert with_.rows(StepRun, case_id=case, step="check", state="done")[0].valid_until is None
    with_.done(case, "ask")
    with_.decide(case, "check", "good")
    assert len(events(with_, case, "case.follow_up")) == 1
    assert with_.view(case, "elm").state == "completed"


def test_the_version_of_the_parent_grows_only_when_something_moves_there(house):
    with_ = house(rewritten(WORKS))
    case = with_.open("works")
    with_.done(case, "entry")
    breach(with_, case)
    second = breach(with_, case)
    seen = with_.view(case, "elm").version
    with_.done(second, "record", by="zhou")
    assert with_.view(case, "elm").version == seen


def test_a_public_place_is_no_unit(house):
    with_ = house("""
        subject: [unit, place]
        steps:
          - {name: look, title: look, role: service, due: {minutes: 5, after: case.opened}}
    """)
    case = with_.open("job", None, place="3 栋大堂")
    again = with_.open("job", None, place="3 栋大堂")
    assert case != again
    view = with_.view(case, "elm")
    assert (view.subject, view.about, view.unit) == ("place", "3 栋大堂", None)
    with_.wait(minutes=6)
    assert with_.step(case, "look").overdue


def test_cases_on_the_same_matter_are_counted(house):
    with_ = house({"procedure.yaml": """
        subject: place
        counts: {same: {by: receive.matter, days: 30, title: same}}
        steps:
          - {name: receive, title: receive, role: service, form: intake}
          - {name: major, title: major, role: manager, requires: [receive], when: "counts.same >= 3"}
    """, "forms/intake.yaml": """
        form: intake
        title: intake
        fields: [{name: matter, title: m, type: text, required: true}]
    """})
    found = []
    for matter in ("停水", "噪音", "停水", "停水"):
        case = with_.open("job", None, place="大堂")
        with_.act("wang", filling.submit, case, "receive", {"matter": matter})
        found.append(with_.statuses(case)["major"])
    assert found == ["skipped", "skipped", "skipped", "open"]


# ---------------------------------------------------------------- settlement


def test_a_deposit_is_settled_less_its_deductions(house):
    with_ = house({"procedure.yaml": """
        steps:
          - {name: pay, title: pay, role: finance, fees: deposit}
          - {name: accept, title: accept, role: service, form: accept, requires: [pay]}
          - name: refund
            title: refund
            role: finance
            requires: [accept]
            approvals: [manager]
            settle: {deposit: deposit, less: {damages: {title: 赔偿, amount: accept.damages}}}
    """, "fee_schedule.yaml": """
        fees: [{name: deposit, title: 押金, stage: deposit, amount: "500", refundable: true}]
    """, "forms/accept.yaml": """
        form: accept
        title: accept
        fields: [{name: damages, title: d, type: money}]
    """})
    from core.cases import payments

    def settled(damages: str) -> tuple[str, object]:
        case = with_.open("job", "3-2-501" if damages == "120" else "9-1-1001")
        with_.act("chen", payments.pay, case, {"cash": None})
        with_.act("wang", filling.submit, case, "accept", {"damages": damages})
        with pytest.raises(GateClosed) as early:
            with_.act("chen", settling.settle, case, "refund", "cash")
        assert kinds_of(early) == {"approval"}
        with_.act("zhao", approving.approve, case, "refund")
        return case, with_.act("chen", settling.settle, case, "refund", "cash")

    case, found = settled("120")
    assert (found.held, found.deducted, found.refund) == (50000, 12000, 38000)
    view = with_.view(case, "elm")
    assert view.state == "completed" and view.money.deposit_fen == 0
    from core.errors import MoneyRefused

    with pytest.raises(MoneyRefused) as above:
        settled("501")
    assert above.value.number == 2425
