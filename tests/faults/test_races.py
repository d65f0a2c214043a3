"""Races on one estate: one winner, the others told what changed; no number missing, none twice; nobody waits for ever."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.cases import filling, issuing, opening, papers, payments, signing, stock, voiding
from core.errors import Conflict, MoneyRefused, ShouxuError
from core.store import events
from core.store.models import Case, Document, Draft, PaperMark, Receipt, SeriesNumber
from core.store.session import conflict, unit_of_work
from tests.cases_kit import ELM, INK, JADE, Definitions, House, furnished, load

LARGE = os.environ.get("SHOUXU_FAULTS") == "large"
RACES = 1000 if LARGE else 30
CASES = 30 if LARGE else 6


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> Definitions:
    return load(tmp_path_factory.mktemp("definitions"))


@pytest.fixture
def house(tmp_path: Path, database_url: str, definitions: Definitions) -> Iterator[House]:
    made = furnished(tmp_path, database_url, definitions)
    yield made
    made.office.sessions.kw["bind"].dispose()


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act gave or raised, all begun at the same moment."""
    results: list[Any] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(at: int) -> None:
        start.wait()
        try:
            results[at] = acts[at]()
        except Exception as error:
            results[at] = conflict(error) or error

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return results


def test_two_clerks_with_the_same_page_have_one_winner_and_one_who_is_told_what_changed(house: House) -> None:
    case = house.begin("trial")
    for race in range(RACES):
        seen = house.view(case).version
        evidence = ["original_seen"] if race % 2 else ["original_seen", "copy_kept"]
        results = at_once(*(partial(house.act, who, papers.mark_paper, case, "ask", "card", evidence, version=seen)
                            for who in ("wang", "liu")))
        lost = [result for result in results if isinstance(result, Conflict)]
        assert results.count(None) == 1 and len(lost) == 1, results
        winner = ("王晓梅", "刘欣")[results.index(None)]
        assert [(row["by"], row["what"]) for row in lost[0].changes] == [(winner, "paper.marked")]
    assert len(house.rows(PaperMark)) == RACES


def test_twenty_identical_posts_with_one_key_are_one_case(house: House) -> None:
    unit = house.unit("3-2-501")
    results = at_once(*[lambda: house.act("wang", opening.open_case, JADE, "move_in", unit, key="one click").id] * 20)
    assert len(set(results)) == 1, results
    assert [(row.id, row.number) for row in house.rows(Case)] == [(results[0], "RH-2026-00001")]
    assert house.begin(code="9-1-1001", key="another") and house.rows(Case)[-1].number == "RH-2026-00002"


def test_ten_clerks_who_begin_the_same_unit_make_one_case(house: House) -> None:
    unit = house.unit("3-2-501")
    results = at_once(*[lambda: house.act("wang", opening.open_case, JADE, "move_in", unit).id] * 10)
    made = [result for result in results if isinstance(result, str)]
    assert len(made) == 1, results
    refused = [result for result in results if not isinstance(result, str)]
    assert {(type(error), error.number, error.changes[0]["case"]) for error in refused} == {(Conflict, 2303, made[0])}
    assert len(house.rows(Case)) == 1


def test_parallel_issuing_is_gapless_and_in_order(house: House) -> None:
    house.act("wang", stock.requisition, ELM, "slip", 400)
    cases = [house.begin("trial") for _ in range(CASES)]
    for case in cases:
        house.mark_all(case, "ask")
    # one submits and issues in one act, the other issues what was filled in before: both lock in the same order
    for case in cases[::2]:
        house.act("wang", filling.submit, case, "ask", {"pieces": 1, "urgent": True})
    acts = [lambda case=case: house.act("wang", issuing.issue_all, case, "ask") for case in cases[::2]]
    acts += [lambda case=case: house.act("liu", filling.submit, case, "ask", {"pieces": 1, "urgent": True}, issue=True)
             for case in cases[1::2]]
    results = at_once(*acts)
    assert not [result for result in results if isinstance(result, BaseException)], results
    numbers = [row.number for row in house.rows(SeriesNumber, series="slip")]
    assert sorted(numbers) == [f"H{value:03d}" for value in range(1, 2 * CASES + 1)]
    assert sorted(row.number for row in house.rows(Document, series="slip")) == sorted(numbers)
    with unit_of_work(house.office.sessions, readonly=True) as session:
        assert events.verify_chain(session, ELM).whole


def test_the_same_document_asked_for_ten_times_at_once_is_issued_once(house: House) -> None:
    house.blanks("slip", ELM)
    case = house.begin("trial")
    house.mark_all(case, "ask")
    house.act("wang", filling.submit, case, "ask", {"pieces": 1, "urgent": False})
    results = at_once(*[lambda: house.act("wang", issuing.issue, case, "ask", "slip").number] * 10)
    assert set(results) == {"H001"} and len(house.rows(SeriesNumber)) == 1


def test_a_bill_paid_at_two_desks_is_paid_once(house: House) -> None:
    case = house.trial("advance")
    results = at_once(*[lambda: house.act("chen", payments.pay, case, {"cash": None}, charges=None)] * 2,
                      *[lambda: house.act("chen", payments.pay, case, {"card": 1300})] * 2)
    # whoever comes later finds nothing due of the advance: the balance, due by then, does not fit 13.00
    paid = [row for row in house.rows(Receipt) if row.total == 1300]
    assert len(paid) == 1, results
    assert {type(result) for result in results} <= {Receipt, MoneyRefused}
    assert house.view(case).money.due_fen + sum(row.total for row in house.rows(Receipt)) == 1300 + 2000


def test_everything_at_once_on_one_estate_never_waits_for_ever(house: House) -> None:
    """Signing, voiding, paying, cancelling, issuing and drafts together: every act is done or politely refused."""
    house.act("wang", stock.requisition, ELM, "slip", 400)
    for _ in range(3 if LARGE else 1):
        verdicts = [house.trial("verdict") for _ in range(3)]
        signing_papers = [house.act("zhao", issuing.issue, case, "verdict", "protocol") for case in verdicts]
        slips = [house.documents(case, "slip")[0] for case in verdicts]
        receipts = house.rows(Receipt)[-3:]
        acts: list[Callable[[], Any]] = []
        for paper, slip, receipt, case in zip(signing_papers, slips, receipts, verdicts, strict=True):
            acts += [lambda paper=paper: house.act("zhao", signing.sign_ink, paper.id, "owner", INK, shown=paper.word),
                     lambda slip=slip: house.act("wang", voiding.void, slip.id, "污损", "liu"),
                     lambda receipt=receipt: house.act("chen", payments.cancel_receipt, receipt.id, "登记有误"),
                     lambda case=case: house.act("liu", filling.save_draft, case, "ask", {"note": "稿"}),
                     lambda case=case: house.act("liu", filling.save_draft, case, "ask", {"note": "另一稿"}),
                     lambda case=case: house.act("zhao", voiding.reissue, house.documents(case, "protocol")[0].id, "有误")]
        results = at_once(*acts)
        assert not [result for result in results if isinstance(result, BaseException) and not isinstance(result, ShouxuError)], results
        assert {getattr(result, "status", 0) for result in results if isinstance(result, ShouxuError)} <= {409}, results
        assert len(house.rows(Draft)) >= len(verdicts)
    states = Counter(row.state for row in house.rows(SeriesNumber, series="slip"))
    assert states["void"] == len(house.rows(Document, series="slip", state="void")) > 0
    with unit_of_work(house.office.sessions, readonly=True) as session:
        assert events.verify_chain(session, ELM).whole
