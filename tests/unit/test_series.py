"""Series: gapless, in order, never reused; stock, voids, reports (N01, N02)."""

from datetime import UTC, datetime
from threading import Thread

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import booleans, integers

from core.domain.documents import Series
from core.errors import DefinitionError, GateClosed, InvalidInput, Refused
from core.store import series as numbers
from core.store.engine import make_engine
from core.store.models import SeriesNumber
from core.store.session import session_factory, unit_of_work

AT = datetime(2026, 3, 1, 1, tzinfo=UTC)
PLAIN = Series(name="receipt", title="收据", pattern="{estate}-{year}-{number:04d}", restart="year")
STOCK = Series(name="certificate", title="入住证明", book=25, stock=True)


@pytest.fixture
def factory(database_url):
    engine = make_engine(database_url)
    yield session_factory(engine)
    engine.dispose()


def take(session, series=PLAIN, key=None, year=2026, document="d"):
    return numbers.take(
        session,
        estate="jade",
        series=series,
        at=AT,
        by="u1",
        document_id=document,
        local_year=year,
        estate_code="YL",
        request_key=key,
    )


def receive(session, books=1, report=None):
    return numbers.requisition(
        session, estate="jade", series=STOCK, books=books, by="u1", at=AT, local_year=2026, report=report
    )


def test_numbers_run_and_start_again_each_year(factory):
    with unit_of_work(factory) as session:
        taken = [take(session).number for _ in range(3)] + [take(session, year=2027).number]
    assert taken == ["YL-2026-0001", "YL-2026-0002", "YL-2026-0003", "YL-2027-0001"]


def test_what_is_rolled_back_is_taken_next(factory):
    with pytest.raises(RuntimeError), unit_of_work(factory) as session:
        take(session)
        session.flush()
        raise RuntimeError
    with unit_of_work(factory) as session:
        assert take(session).value == 1
        with pytest.raises(RuntimeError), session.begin_nested():
            assert take(session).value == 2
            raise RuntimeError
        assert take(session).value == 2


def test_the_same_request_gets_the_same_number(factory):
    with unit_of_work(factory) as session:
        first = take(session, key="k1").number
        assert take(session, key="k1").number == first
    with unit_of_work(factory) as session:
        assert take(session, key="k1").number == first
        assert take(session, key="k2").number != first


def test_blanks_are_received_before_they_are_used(factory):
    with unit_of_work(factory) as session:
        with pytest.raises(GateClosed) as caught:
            take(session, STOCK)
        assert caught.value.number == numbers.EXHAUSTED
        book = receive(session)
        assert (book.first, book.last) == (1, 25)
        assert [take(session, STOCK).number for _ in range(25)][-1] == "00025"
        with pytest.raises(GateClosed):
            take(session, STOCK)


def test_blanks_are_received_again_only_with_the_report(factory):
    with unit_of_work(factory) as session:
        receive(session)
        taken = [take(session, STOCK) for _ in range(20)]
        numbers.void(taken[3], by="u1", at=AT, reason="写错", witness="u2")
        with pytest.raises(GateClosed) as caught:
            receive(session)
        assert caught.value.number == numbers.NOT_REPORTED
        with pytest.raises(GateClosed, match="作废应为 1"):
            receive(session, report={"issued": 19, "void": 0, "left": 5})
        book = receive(session, 2, {"issued": 19, "void": 1, "left": 5})
        assert (book.first, book.last) == (26, 75)
        assert book.report == {"first": 1, "last": 25, "issued": 19, "void": 1, "left": 5}
        use = numbers.use_of_last_batch(session, estate="jade", series=STOCK, local_year=2026)
        assert use == numbers.Use(26, 75, 0, 0, 50)
        with pytest.raises(InvalidInput):
            receive(session, 0)


def test_a_void_keeps_number_reason_and_both_hands(factory):
    with unit_of_work(factory) as session:
        first, second = take(session), take(session)
        with pytest.raises(InvalidInput) as caught:
            numbers.void(first, by="u1", at=AT, reason=" ", witness="u1")
        assert [p.field for p in caught.value.problems] == ["reason", "witness"]
        numbers.void(first, by="u1", at=AT, reason="写错", witness="u2")
        with pytest.raises(Refused, match="已经作废"):
            numbers.void(first, by="u1", at=AT, reason="写错", witness="u2")
        assert take(session).value == second.value + 1
    with unit_of_work(factory, readonly=True) as session:
        fates = numbers.register(session, estate="jade", series=PLAIN, period="2026")
    assert [(fate.value, fate.state) for fate in fates] == [(1, "void"), (2, "issued"), (3, "issued")]
    assert (fates[0].reason, fates[0].voided_by, fates[0].witness, fates[0].voided_at) == (
        "写错",
        "u1",
        "u2",
        AT,
    )


def test_the_register_shows_blanks_too(factory):
    with unit_of_work(factory) as session:
        receive(session)
        take(session, STOCK)
        fates = numbers.register(session, estate="jade", series=STOCK)
    assert len(fates) == 25
    assert [(fate.number, fate.state) for fate in fates[:2]] == [("00001", "issued"), ("00002", "blank")]


def test_many_at_once_take_each_number_once(factory):
    taken = []

    def work():
        for _ in range(25):
            with unit_of_work(factory) as session:
                number = take(session).value
            taken.append(number)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 101))
    with unit_of_work(factory, readonly=True) as session:
        assert numbers.gaps(session, estate="jade", series=PLAIN, period="2026") == []


def test_one_request_sent_many_times_at_once_takes_one_number(factory):
    taken = []

    def work():
        with unit_of_work(factory) as session:
            number = take(session, key="same").value
        taken.append(number)

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == [1] * 8


def test_case_numbers_run_per_prefix_and_year(factory):
    def number(prefix, year):
        return numbers.take_case_number(session, estate="jade", prefix=prefix, year=year)

    with unit_of_work(factory) as session:
        assert [number("RH", 2026), number("RH", 2026), number("ZX", 2026), number("", 2027)] == [
            "RH-2026-00001",
            "RH-2026-00002",
            "ZX-2026-00001",
            "2027-00001",
        ]


@pytest.mark.parametrize(
    "pattern", ["{number.real}", "{number!r}", "{0}", "{number:{year}d}", "{other}", "{number:0x}", "{number"]
)
def test_a_pattern_holds_only_the_three_names(pattern):
    with pytest.raises(DefinitionError):
        numbers.write_number(pattern, number=1, year=2026, estate="YL")


class Certificates(RuleBasedStateMachine):
    """Any mix of receiving, taking, losing and voiding keeps each number in exactly one state."""

    factory: object

    def __init__(self):
        super().__init__()
        with unit_of_work(self.factory) as session:
            for row in session.query(SeriesNumber):
                session.delete(row)
            session.connection().exec_driver_sql("DELETE FROM series_counter")
            session.connection().exec_driver_sql("DELETE FROM series_book")
        self.states, self.stock = {}, 0

    @rule(books=integers(1, 2))
    def receive(self, books):
        with unit_of_work(self.factory) as session:
            use = numbers.use_of_last_batch(session, estate="jade", series=STOCK, local_year=2026)
            report = use and {"issued": use.issued, "void": use.void, "left": use.left}
            self.stock = receive(session, books, report).last

    @precondition(lambda self: len(self.states) < self.stock)
    @rule(lost=booleans())
    def take(self, lost):
        with unit_of_work(self.factory) as session:
            value = take(session, STOCK).value
            assert value == len(self.states) + 1
            session.rollback() if lost else self.states.update({value: "issued"})

    @precondition(lambda self: self.states)
    @rule(pick=integers(0, 10**6))
    def void(self, pick):
        value = pick % len(self.states) + 1
        with unit_of_work(self.factory) as session:
            row = session.query(SeriesNumber).filter_by(value=value).one()
            if self.states[value] == "void":
                with pytest.raises(Refused):
                    numbers.void(row, by="u1", at=AT, reason="x")
            else:
                numbers.void(row, by="u1", at=AT, reason="x", witness="u2")
                self.states[value] = "void"

    @invariant()
    def each_number_has_one_fate(self):
        with unit_of_work(self.factory, readonly=True) as session:
            fates = numbers.register(session, estate="jade", series=STOCK)
        expected = self.states | dict.fromkeys(range(len(self.states) + 1, self.stock + 1), "blank")
        assert {fate.value: fate.state for fate in fates} == expected
        assert len(fates) == self.stock


def test_every_history_leaves_each_number_in_one_state(sqlite_url):
    Certificates.factory = session_factory(make_engine(sqlite_url, durable=False))
    run_state_machine_as_test(
        Certificates,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Certificates.factory is not None
