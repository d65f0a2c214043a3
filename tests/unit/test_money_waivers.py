"""Waivers: part of a charge, up to a limit, with the consent of somebody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cases import payments
from core.cases.notices import inbox
from core.cases.reading import WORDS
from core.errors import Forbidden, GateClosed, InvalidInput, MoneyRefused
from core.store.models import Event, LedgerLine, StepAct
from tests.cases_kit import ELM
from tests.language_kit import Office, office

STEPS = """
    steps:
      - {name: pay, title: 交费, role: finance, fees: s}
      - {name: after, title: 其后, role: service, requires: pay}
"""
FEES = """
    fees:
      - {name: free, title: 服务费, stage: s, amount: 800, waive: finance}
      - {name: guarded, title: 垃圾费, stage: s, amount: 1200, waive: {by: [finance, manager], approval: [manager], most: 500}}
      - {name: limited, title: 卡费, stage: s, amount: 100, waive: {by: finance, most: 60}}
      - {name: fixed, title: 押金, stage: s, amount: 50, refundable: true}
"""


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Office:
    return office(tmp_path, database_url, {"lend": {"procedure.yaml": STEPS, "fee_schedule.yaml": FEES}})


def charge(house: Office, case: str, fee: str, by: str = "chen"):
    return next(row for row in house.view(case, by).money.charges if row.fee == fee)


def number_of(refused) -> int:
    return refused.value.number


def test_part_of_a_charge_is_waived_and_the_rest_stays_due(house: Office) -> None:
    case = house.open("lend")
    free = charge(house, case, "free")
    assert (free.may_waive, free.waivable_fen, free.consent) == (True, 80000, ())
    house.act("chen", payments.waive_charge, free.id, "优惠", fen=30000)
    free = charge(house, case, "free")
    assert (free.waived_fen, free.open_fen, free.waived, free.waivable_fen) == (30000, 50000, True, 50000)
    for amount, number in ((0, 2405), (-1, 2405), (50001, 2409)):
        with pytest.raises(MoneyRefused) as refused:
            house.act("chen", payments.waive_charge, free.id, "优惠", fen=amount)
        assert number_of(refused) == number
    house.act("chen", payments.waive_charge, free.id, "全免")  # all of the rest
    assert charge(house, case, "free").open_fen == 0
    with pytest.raises(MoneyRefused) as refused:
        house.act("chen", payments.waive_charge, free.id, "再免")
    assert number_of(refused) == 2407


def test_the_limit_holds_for_all_waivers_together(house: Office) -> None:
    case = house.open("lend")
    limited = charge(house, case, "limited")
    assert limited.waivable_fen == 6000
    house.act("chen", payments.waive_charge, limited.id, "优惠", fen=4000)
    with pytest.raises(MoneyRefused, match=r"最多再减免 20\.00 元"):
        house.act("chen", payments.waive_charge, limited.id, "优惠", fen=2001)
    house.act("chen", payments.waive_charge, limited.id, "优惠")  # as much as may be
    limited = charge(house, case, "limited")
    assert (limited.waived_fen, limited.open_fen, limited.may_waive) == (6000, 4000, False)
    with pytest.raises(MoneyRefused) as refused:
        house.act("chen", payments.waive_charge, limited.id, "优惠")
    assert number_of(refused) == 2409


def test_a_guarded_waiver_waits_for_somebody_else(house: Office) -> None:
    case = house.open("lend")
    guarded = charge(house, case, "guarded")
    assert (guarded.waivable_fen, guarded.consent) == (50000, (house.office.role_title(ELM, "manager"),))
    with pytest.raises(InvalidInput):
        house.act("chen", payments.waive_charge, guarded.id, "  ", fen=100)
    house.act("chen", payments.waive_charge, guarded.id, "装修未产生垃圾", fen=40000)
    guarded = charge(house, case, "guarded")
    assert (guarded.open_fen, guarded.waived_fen, guarded.may_waive) == (120000, 0, False)
    assert guarded.waiver is not None and guarded.waiver.fen == 40000 and guarded.waiver.reason == "装修未产生垃圾"
    assert guarded.waiver.by == "陈淑芬" and not guarded.waiver.may_answer
    with house.reading("zhao") as desk:
        assert any("400.00" in row.text and row.case == case for row in inbox(desk, ELM).rows)
    with pytest.raises(MoneyRefused) as refused:
        house.act("chen", payments.waive_charge, guarded.id, "再来一笔", fen=1)
    assert number_of(refused) == 2412
    with pytest.raises(Forbidden):
        house.act("chen", payments.answer_waiver, guarded.id, True)
    waiver = charge(house, case, "guarded", "zhao").waiver
    assert waiver is not None and waiver.may_answer
    house.act("zhao", payments.answer_waiver, guarded.id, True, "同意")
    guarded = charge(house, case, "guarded")
    assert (guarded.open_fen, guarded.waived_fen, guarded.waiver, guarded.waivable_fen) == (80000, 40000, None, 10000)
    with pytest.raises(MoneyRefused) as refused:
        house.act("zhao", payments.answer_waiver, guarded.id, True)
    assert number_of(refused) == 2412
    told = {event.kind: event.data for event in house.rows(Event, case_id=case)}
    assert told["charge.waiver_asked"]["fen"] == told["charge.waived"]["fen"] == 40000
    assert told["charge.waived"]["asked_by"] == "user-chen"
    assert "装修未产生垃圾" not in str(told), "what somebody typed stands outside of the chain"
    assert {kind for kind in told if "waive" in kind} <= WORDS.keys()
    line = house.rows(LedgerLine, case_id=case, kind="waiver")[0]
    assert (line.amount, line.reason, line.by) == (40000, "装修未产生垃圾", "user-zhao")


def test_nobody_consents_to_what_they_asked_for(house: Office) -> None:
    case = house.open("lend")
    guarded = charge(house, case, "guarded").id
    house.act("zhao", payments.waive_charge, guarded, "优惠", fen=100)  # the manager may ask, and may consent, but not both
    waiver = charge(house, case, "guarded", "zhao").waiver
    assert waiver is not None and not waiver.may_answer
    for consent in (True, False):
        with pytest.raises(GateClosed) as refused:
            house.act("zhao", payments.answer_waiver, guarded, consent, "自己批")
        assert number_of(refused) == 2257
    house.act("elm", payments.answer_waiver, guarded, True)
    assert charge(house, case, "guarded").waived_fen == 100


def test_a_refusal_says_why_and_another_waiver_may_follow(house: Office) -> None:
    case = house.open("lend")
    guarded = charge(house, case, "guarded").id
    house.act("chen", payments.waive_charge, guarded, "优惠", fen=50000)
    with pytest.raises(InvalidInput):
        house.act("zhao", payments.answer_waiver, guarded, False)
    house.act("zhao", payments.answer_waiver, guarded, False, "没有依据")
    found = charge(house, case, "guarded")
    assert (found.waived_fen, found.waiver, found.may_waive) == (0, None, True)
    house.act("chen", payments.waive_charge, guarded, "另有依据", fen=100)
    house.act("zhao", payments.answer_waiver, guarded, True)
    assert charge(house, case, "guarded").waived_fen == 100
    assert [act.kind for act in house.rows(StepAct, case_id=case)] == ["waiver", "waiver_refused", "waiver", "waiver_granted"]


def test_consent_never_waives_more_than_is_still_due(house: Office) -> None:
    case = house.open("lend")
    guarded = charge(house, case, "guarded").id
    house.act("chen", payments.waive_charge, guarded, "优惠", fen=50000)
    house.act("chen", payments.pay, case, {"cash": None}, charges=[guarded])  # paid meanwhile
    with pytest.raises(MoneyRefused) as refused:
        house.act("zhao", payments.answer_waiver, guarded, True)
    assert number_of(refused) == 2407
    assert charge(house, case, "guarded").waived_fen == 0


def test_the_step_is_done_when_the_rest_is_paid(house: Office) -> None:
    case = house.open("lend")
    for fee in ("free", "limited"):
        house.act("chen", payments.waive_charge, charge(house, case, fee).id, "优惠")
    guarded = charge(house, case, "guarded").id
    house.act("chen", payments.waive_charge, guarded, "优惠")
    rest = [charge(house, case, fee).id for fee in ("limited", "fixed")]
    house.act("chen", payments.pay, case, {"cash": None}, charges=rest)
    house.act("zhao", payments.answer_waiver, guarded, True)
    assert house.statuses(case)["pay"] == "open"
    receipt = house.act("chen", payments.pay, case, {"cash": None})
    assert receipt.total == 70000
    assert house.statuses(case) == {"pay": "done", "after": "open"}


def test_strangers_and_other_roles_waive_nothing(house: Office) -> None:
    case = house.open("lend")
    for fee, by in (("fixed", "chen"), ("free", "wang"), ("guarded", "wang")):
        with pytest.raises(Forbidden):
            house.act(by, payments.waive_charge, charge(house, case, fee).id, "优惠")
    with pytest.raises(Forbidden):
        house.act("zhao", payments.answer_waiver, charge(house, case, "free").id, True)
    assert not charge(house, case, "guarded", "wang").may_waive
