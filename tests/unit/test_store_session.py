"""Sessions: read-only ones, hooks after the commit, what a lost database looks like."""

import sqlite3
import threading
import time
from datetime import UTC, datetime

import psycopg
import pytest
import transaction
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from core.errors import Conflict, StoreUnavailable
from core.store import engine as engines
from core.store.engine import make_engine
from core.store.models import CaseNumber, Fact
from core.store.queue import FairQueue
from core.store.session import after_commit, conflict, session_factory, tm_session, unit_of_work


@pytest.fixture
def factory(database_url):
    engine = make_engine(database_url)
    yield session_factory(engine)
    engine.dispose()


def row(n=1):
    return CaseNumber(estate="e", prefix="RH", year=2026, last=n)


def count(factory):
    with unit_of_work(factory, readonly=True) as session:
        return session.query(CaseNumber).count()


def test_work_is_committed_at_the_end_of_the_block(factory):
    with unit_of_work(factory) as session:
        session.add(row())
    assert count(factory) == 1


def test_work_is_rolled_back_when_the_block_raises(factory):
    with pytest.raises(RuntimeError), unit_of_work(factory) as session:
        session.add(row())
        session.flush()
        raise RuntimeError
    assert count(factory) == 0


def test_a_reader_cannot_write(factory):
    with pytest.raises(DBAPIError), unit_of_work(factory, readonly=True) as session:
        session.add(row())
        session.flush()
    assert count(factory) == 0
    with unit_of_work(factory) as session:
        session.add(row())
    assert count(factory) == 1


def test_a_reader_does_not_wait_for_a_writer(factory):
    with unit_of_work(factory) as session:
        session.add(row())
        session.flush()
        begun = time.monotonic()
        assert count(factory) == 0
        assert time.monotonic() - begun < 1


def test_hooks_run_once_after_the_commit_and_never_after_a_rollback(factory):
    said = []
    with unit_of_work(factory) as session:
        session.add(row())
        after_commit(session, lambda: said.append(count(factory)))
        session.commit()
        session.get(CaseNumber, ("e", "RH", 2026)).last = 2
    assert said == [1]
    with pytest.raises(RuntimeError), unit_of_work(factory) as session:
        after_commit(session, lambda: said.append("no"))
        session.execute(text("select 1"))
        raise RuntimeError
    assert said == [1]


def test_hooks_of_a_savepoint_go_with_it(factory):
    said = []
    with unit_of_work(factory) as session:
        session.execute(text("select 1"))
        after_commit(session, lambda: said.append("outer"))
        with pytest.raises(RuntimeError), session.begin_nested():
            after_commit(session, lambda: said.append("dropped"))
            raise RuntimeError
        with session.begin_nested():
            after_commit(session, lambda: said.append("kept"))
        assert said == []
    assert said == ["outer", "kept"]


def test_a_failing_hook_does_not_undo_what_is_stored(factory):
    with unit_of_work(factory) as session:
        session.add(row())
        after_commit(session, lambda: 1 / 0)
    assert count(factory) == 1


def test_the_transaction_of_a_request_commits_statements_too(factory):
    tm = transaction.TransactionManager(explicit=True)
    said = []
    tm.begin()
    session = tm_session(factory, tm)
    session.execute(text("insert into case_number (estate, prefix, year, last) values ('e', 'RH', 2026, 1)"))
    after_commit(session, lambda: said.append(1))
    tm.commit()
    assert (count(factory), said) == (1, [1])
    tm.begin()
    session = tm_session(factory, tm)
    session.execute(text("delete from case_number"))
    tm.abort()
    assert count(factory) == 1


def test_a_request_that_reads_cannot_write(factory):
    tm = transaction.TransactionManager(explicit=True)
    tm.begin()
    session = tm_session(factory, tm, readonly=True)
    with pytest.raises(DBAPIError):
        session.execute(text("delete from case_number"))
    tm.abort()


def test_a_taken_key_is_a_conflict(factory):
    with pytest.raises(IntegrityError) as caught, unit_of_work(factory) as session:
        session.execute(text("insert into case_number values ('e', 'RH', 2026, 1), ('e', 'RH', 2026, 1)"))
    assert isinstance(conflict(caught.value), Conflict)


def test_a_missing_value_is_no_conflict(factory):
    with pytest.raises(IntegrityError) as caught, unit_of_work(factory) as session:
        session.execute(text("insert into case_number values ('e', 'RH', 2026, NULL)"))
    assert conflict(caught.value) is None


def test_a_stale_version_is_a_conflict():
    assert isinstance(conflict(StaleDataError("0 rows matched")), Conflict)


def test_a_locked_database_is_unavailable(sqlite_url, monkeypatch):
    monkeypatch.setattr(engines, "WAIT_SECONDS", 0.2)
    factory = session_factory(make_engine(sqlite_url))
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable), unit_of_work(factory) as session:
        session.add(row())
    assert count(factory) == 0  # reading goes on
    other.execute("ROLLBACK")
    with unit_of_work(factory) as session:
        session.add(row())
    assert count(factory) == 1


def test_a_busy_queue_is_unavailable(sqlite_url, monkeypatch):
    monkeypatch.setattr(engines, "WAIT_SECONDS", 0.2)
    factory = session_factory(make_engine(sqlite_url))
    with unit_of_work(factory) as session:
        session.add(row())
        session.flush()
        with pytest.raises(StoreUnavailable), unit_of_work(factory) as second:
            second.add(row(2))
            second.flush()
    assert count(factory) == 1


def test_no_server_is_unavailable():
    factory = session_factory(make_engine("postgresql://nobody@127.0.0.1:1/none"))
    with pytest.raises(StoreUnavailable), unit_of_work(factory) as session:
        session.execute(text("select 1"))


def test_a_lost_connection_is_unavailable_and_then_back(postgresql_url, postgresql_server):
    factory = session_factory(make_engine(postgresql_url))
    with pytest.raises(StoreUnavailable), unit_of_work(factory) as session:
        pid = session.execute(text("select pg_backend_pid()")).scalar_one()
        with psycopg.connect(postgresql_server, autocommit=True) as server:
            server.execute("select pg_terminate_backend(%s)", (pid,))
        time.sleep(0.1)
        session.add(row())
    with unit_of_work(factory) as session:
        session.add(row())
    assert count(factory) == 1


def test_the_queue_is_first_come_first_served():
    queue, order = FairQueue(), []
    assert queue.acquire(1)

    def wait(n):
        assert queue.acquire(5)
        order.append(n)
        queue.release()

    threads = []
    for n in range(6):
        threads.append(threading.Thread(target=wait, args=(n,)))
        threads[-1].start()
        while len(queue._waiting) <= n:
            time.sleep(0.001)
    assert not queue.acquire(0.01)
    queue.release()
    for thread in threads:
        thread.join()
    assert order == list(range(6))
    assert queue.acquire(0)


def test_a_queue_of_two_places_lets_two_in():
    queue = FairQueue(2)
    assert queue.acquire(0) and queue.acquire(0) and not queue.acquire(0.01)
    queue.release()
    assert queue.acquire(0) and not queue.acquire(0.01)


def test_sqlite_is_set_to_keep_its_promises(sqlite_url):
    factory = session_factory(make_engine(sqlite_url))
    with unit_of_work(factory, readonly=True) as session:
        found = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_json_keeps_chinese(factory):
    with unit_of_work(factory) as session:
        session.add(
            Fact(
                id="f",
                estate="e",
                subject="s",
                name="n",
                value={"value": "玉兰"},
                origin="",
                as_of=datetime(2026, 3, 1, tzinfo=UTC),
                at=datetime(2026, 3, 1, tzinfo=UTC),
            )
        )
    with unit_of_work(factory, readonly=True) as session:
        assert session.get(Fact, "f").value == {"value": "玉兰"}
