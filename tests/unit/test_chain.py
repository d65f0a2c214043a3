"""The event chain: one head update a transaction, every tampering shows."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from threading import Thread

import pytest
from sqlalchemy import event, text

from core.errors import ChainBroken, StoreError
from core.store import events
from core.store.engine import make_engine
from core.store.models import ChainHead, Event
from core.store.session import session_factory, unit_of_work

AT = datetime(2026, 3, 1, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture
def engine(database_url):
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def factory(engine):
    return session_factory(engine)


def fill(factory, count=5, estate="jade"):
    with unit_of_work(factory) as session:
        for n in range(count):
            events.append(
                session,
                estate=estate,
                kind="tested",
                by="u1",
                at=AT,
                case_id=None,
                data={"n": n, "名": ["玉兰", None, True], "z": {"a": "é"}},
            )


def report(factory, estate="jade"):
    with unit_of_work(factory, readonly=True) as session:
        return events.verify_chain(session, estate)


def tamper(factory, statement):
    with unit_of_work(factory) as session:
        session.execute(text(statement))


def test_events_follow_each_other(factory):
    fill(factory)
    fill(factory, 3)
    fill(factory, 2, estate="pear")
    with unit_of_work(factory, readonly=True) as session:
        rows = session.query(Event).where(Event.estate == "jade").order_by(Event.seq).all()
    assert [row.seq for row in rows] == list(range(1, 9))
    assert all(later.previous == earlier.hash for earlier, later in pairwise(rows))
    assert report(factory).require().count == 8
    assert report(factory, "pear").count == 2
    assert report(factory, "nobody").whole


def test_many_events_cost_one_update_of_the_head(engine, factory):
    fill(factory, 1)
    said = []
    event.listen(engine, "before_cursor_execute", lambda c, cu, s, *rest: said.append(s))
    fill(factory, 20)
    assert sum(s.startswith("UPDATE chain_head") for s in said) == 1
    assert sum(s.startswith("INSERT INTO event") for s in said) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET kind = 'other' WHERE seq = 3",
        "UPDATE event SET data = '{}' WHERE seq = 3",
        "UPDATE event SET at = '2026-03-01 01:00:00.123457' WHERE seq = 3",
        "UPDATE event SET case_id = 'x' WHERE seq = 3",
        "UPDATE event SET hash = previous WHERE seq = 3",
        "DELETE FROM event WHERE seq = 3",
    ],
)
def test_a_changed_row_shows(factory, statement):
    fill(factory)
    tamper(factory, statement)
    found = report(factory)
    assert found.broken_at == 3
    assert found.count == 2
    with pytest.raises(ChainBroken):
        found.require()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM event WHERE seq = 5",
        "DELETE FROM event",
        "UPDATE chain_head SET seq = 4",
        "DELETE FROM chain_head",
    ],
)
def test_a_cut_off_end_shows(factory, statement):
    fill(factory)
    tamper(factory, statement)
    assert not report(factory).whole


def test_what_is_rolled_back_leaves_no_gap(factory):
    fill(factory, 2)
    with pytest.raises(RuntimeError), unit_of_work(factory) as session:
        events.append(session, estate="jade", kind="lost", by="u1", at=AT)
        session.flush()
        raise RuntimeError
    fill(factory, 2)
    assert report(factory).require().count == 4


def test_a_savepoint_takes_its_events_with_it(factory):
    with unit_of_work(factory) as session:
        events.append(session, estate="jade", kind="one", by="u1", at=AT)
        with pytest.raises(RuntimeError), session.begin_nested():
            events.append(session, estate="jade", kind="lost", by="u1", at=AT)
            session.flush()
            raise RuntimeError
        events.append(session, estate="jade", kind="two", by="u1", at=AT)
    assert report(factory).require().count == 2


def test_one_session_after_its_commit_reads_the_head_anew(factory):
    with unit_of_work(factory) as session:
        events.append(session, estate="jade", kind="one", by="u1", at=AT)
        session.commit()
        fill(factory, 1)
        events.append(session, estate="jade", kind="three", by="u1", at=AT)
    assert report(factory).require().count == 3


def test_many_at_once_make_one_chain(factory):
    def work():
        for _ in range(10):
            fill(factory, 3)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert report(factory).require().count == 120
    with unit_of_work(factory, readonly=True) as session:
        assert session.get(ChainHead, "jade").seq == 120


@pytest.mark.parametrize(
    "data", [{"a": 1.5}, {"a": b"x"}, {1: "a"}, {"a": ["\x00"]}, {"a": "\ud800"}, {"a": {1, 2}}]
)
def test_what_databases_store_differently_is_refused(factory, data):
    with unit_of_work(factory) as session, pytest.raises(ValueError, match="data"):
        events.append(session, estate="jade", kind="tested", by="u1", at=AT, data=data)


def test_a_digest_needs_its_salt():
    assert events.digest(b"salt", "110101") == events.digest(b"salt", "110101")
    assert events.digest(b"salt", "110101") != events.digest(b"pepper", "110101")
    assert len(events.digest(b"salt", {"a": [1]})) == 64


def test_the_time_is_kept_in_utc(factory):
    fill(factory, 1)
    with unit_of_work(factory, readonly=True) as session:
        assert session.query(Event).one().at == AT.astimezone(UTC)


def test_events_are_neither_changed_nor_removed(factory):
    fill(factory, 1)
    with pytest.raises(StoreError, match="changed"), unit_of_work(factory) as session:
        session.query(Event).one().kind = "other"
    with pytest.raises(StoreError, match="removed"), unit_of_work(factory) as session:
        session.delete(session.query(Event).one())
    assert report(factory).require().count == 1
