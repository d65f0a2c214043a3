"""The outbox and its runners: each job done once, whoever dies on the way."""

import socket
import threading
import time
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from celery.contrib.testing.worker import start_worker

from core.errors import ConversionFailed, NotFound
from core.jobs.celery import CeleryRunner, make_app
from core.jobs.threads import ThreadRunner
from core.jobs.work import Chore, Task, Worker
from core.store import outbox
from core.store.engine import make_engine
from core.store.models import Job
from core.store.session import session_factory, unit_of_work

AT = datetime(2026, 3, 1, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.time = AT

    def __call__(self):
        return self.time


@pytest.fixture
def factory(database_url):
    engine = make_engine(database_url)
    yield session_factory(engine)
    engine.dispose()


def ask(factory, count=1, task="pdf", at=AT, key="k"):
    with unit_of_work(factory) as session:
        return [
            outbox.enqueue(session, task=task, key=f"{key}{n}", estate="jade", payload={"n": n}, at=at)
            for n in range(count)
        ]


def states(factory):
    with unit_of_work(factory, readonly=True) as session:
        return outbox.counts(session)


def look(factory, job_id):
    with unit_of_work(factory, readonly=True) as session:
        return session.get(Job, job_id)


def done(context, jobs):
    return {job.id: {"n": job.payload["n"]} for job in jobs}


# ---------------------------------------------------------------- the outbox


def test_the_same_work_is_asked_for_once(factory):
    assert ask(factory) == ask(factory)
    assert states(factory) == {"waiting": 1}


def test_what_is_rolled_back_was_never_asked_for(factory):
    woken = []
    factory.configure(info={outbox.WAKE: woken.append})
    with pytest.raises(RuntimeError), unit_of_work(factory) as session:
        outbox.enqueue(session, task="pdf", key="k", estate="jade", payload={}, at=AT)
        raise RuntimeError
    assert (states(factory), woken) == ({}, [])
    assert ask(factory) == woken


def test_a_batch_holds_jobs_of_one_task(factory):
    ask(factory, 5), ask(factory, 2, "seal")
    seen = []
    tasks = [Task("pdf", lambda c, jobs: seen.append(len(jobs)) or done(c, jobs), 3), Task("seal", done)]
    assert Worker(factory, tasks, now=Clock()).run_pending() == 7
    assert seen == [3, 2]
    assert states(factory) == {"done": 7}


def test_the_limit_and_the_result_are_kept(factory):
    first, *_ = ask(factory, 3)
    worker = Worker(factory, [Task("pdf", done)], now=Clock())
    assert worker.run_pending(1) == 1
    assert (look(factory, first).state, look(factory, first).progress) == ("done", {"n": 0})
    assert look(factory, first).finished_at == AT


def test_a_failed_attempt_waits_longer_each_time(factory):
    clock, [job] = Clock(), ask(factory)

    def broken(context, jobs):
        raise ConversionFailed("soffice 没有回答")

    worker = Worker(factory, [Task("pdf", broken)], now=clock)
    waits = []
    while look(factory, job).state == "waiting":
        clock.time = look(factory, job).run_after
        assert worker.run_pending() == 1
        waits.append(int((look(factory, job).run_after - clock.time).total_seconds()))
    assert waits[:7] == [5, 10, 20, 40, 80, 160, 320]
    found = look(factory, job)
    assert (found.state, found.attempts, found.error) == ("failed", 8, "SX-3300 soffice 没有回答")
    assert ask(factory, at=clock.time) == [job]  # asked for again: it starts anew
    assert (look(factory, job).state, look(factory, job).attempts) == ("waiting", 0)


def test_one_bad_job_does_not_spoil_the_batch(factory):
    jobs = ask(factory, 3)
    task = Task("pdf", lambda c, found: {jobs[0]: {}, jobs[1]: ValueError("bad")}, 5)
    assert Worker(factory, [task], now=Clock()).run_pending() == 3
    assert [look(factory, job).state for job in jobs] == ["done", "waiting", "waiting"]
    assert look(factory, jobs[1]).error == "ValueError: bad"
    assert "no answer" in look(factory, jobs[2]).error


def test_a_dead_workers_job_comes_back(factory):
    clock, [job] = Clock(), ask(factory)
    with unit_of_work(factory) as session:
        assert outbox.claim(session, worker="dead", at=AT, batches={"pdf": 1})
    worker = Worker(factory, [Task("pdf", done)], now=clock)
    assert worker.run_pending() == 0
    clock.time = AT + timedelta(seconds=121)
    assert worker.run_pending() == 0  # put back, with a pause
    clock.time += timedelta(seconds=6)
    assert worker.run_pending() == 1
    with unit_of_work(factory) as session:
        assert not outbox.finish(session, worker="dead", job_id=job, at=AT, result={})
        assert not outbox.fail(session, worker="dead", job_id=job, at=AT, error="late")
        assert not outbox.report_progress(session, worker="dead", job_id=job, progress={"done": 1})
    assert look(factory, job).state == "done"


def test_a_long_job_keeps_its_lease(factory):
    [job] = ask(factory)
    second = []

    def long(context, jobs):
        begun = look(factory, job).lease_until
        end = time.monotonic() + 10
        while look(factory, job).lease_until == begun and time.monotonic() < end:
            time.sleep(0.02)
        second.append(look(factory, job).lease_until - begun)
        return done(context, jobs)

    Worker(factory, [Task("pdf", long)], lease=timedelta(seconds=0.6)).run_pending()
    assert second[0] > timedelta(0)
    assert look(factory, job).state == "done"


def test_a_cancelled_job_is_not_done(factory):
    first, second = ask(factory, 2)

    def cancelled_meanwhile(context, jobs):
        with unit_of_work(factory) as session:
            outbox.cancel(session, jobs[0].id, at=AT)
            assert outbox.renew(session, worker=jobs[0].worker, ids=[jobs[0].id], at=AT) == set()
        return done(context, jobs)

    with unit_of_work(factory) as session:
        outbox.cancel(session, first, at=AT)
        with pytest.raises(NotFound):
            outbox.cancel(session, "x", at=AT)
    assert Worker(factory, [Task("pdf", cancelled_meanwhile)], now=Clock()).run_pending() == 1
    assert [look(factory, job).state for job in (first, second)] == ["cancelled", "cancelled"]


def test_work_for_later_waits(factory):
    clock = Clock()
    with unit_of_work(factory) as session:
        outbox.enqueue(
            session,
            task="pdf",
            key="k",
            estate="jade",
            payload={"n": 1},
            at=AT,
            run_after=AT + timedelta(hours=1),
        )
    worker = Worker(factory, [Task("pdf", done)], now=clock)
    assert worker.run_pending() == 0
    clock.time += timedelta(hours=1)
    assert worker.run_pending() == 1


def test_two_workers_never_do_the_same_job(factory):
    ask(factory, 40)
    seen = Counter()
    guard = threading.Lock()

    def note(context, jobs):
        with guard:
            seen.update(job.id for job in jobs)
        return done(context, jobs)

    workers = [
        threading.Thread(target=Worker(factory, [Task("pdf", note, 3)], now=Clock()).run_pending)
        for _ in range(4)
    ]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    assert len(seen) == 40
    assert set(seen.values()) == {1}
    assert states(factory) == {"done": 40}


# ---------------------------------------------------------------- the runners


class RunnerContract:
    """What every runner does; a subclass gives the fixture `make_runner(worker) -> Runner` (started)."""

    def wait(self, factory, expected, seconds=20):
        end = time.monotonic() + seconds
        while states(factory) != expected and time.monotonic() < end:
            time.sleep(0.05)
        assert states(factory) == expected

    def test_jobs_are_done_once_each(self, factory, make_runner):
        seen = Counter()
        runner = make_runner(
            Worker(
                factory, [Task("pdf", lambda c, jobs: seen.update(j.id for j in jobs) or done(c, jobs), 4)]
            )
        )
        factory.configure(info={outbox.WAKE: runner.submit})
        ids = ask(factory, 20, at=datetime.now(UTC))
        self.wait(factory, {"done": 20})
        assert seen == Counter(ids)

    def test_jobs_that_wait_already_are_done(self, factory, make_runner):
        ask(factory, 3)
        make_runner(Worker(factory, [Task("pdf", done)]))
        self.wait(factory, {"done": 3})
        assert states(factory) == {"done": 3}

    def test_a_failing_job_does_not_stop_the_others(self, factory, make_runner):
        def picky(context, jobs):
            if jobs[0].payload["n"] == 1:
                raise ValueError("no")
            return done(context, jobs)

        runner = make_runner(Worker(factory, [Task("pdf", picky)]))
        factory.configure(info={outbox.WAKE: runner.submit})
        ids = ask(factory, 4, at=datetime.now(UTC))
        self.wait(factory, {"done": 3, "waiting": 1})
        assert look(factory, ids[1]).error == "ValueError: no"


    def test_chores_are_done_at_once_and_again(self, factory, make_runner):
        done, enough = [], threading.Event()

        def broken(context):
            done.append("broken")
            raise ValueError("no")

        def counted(context):
            done.append(context)
            if done.count("house") == 3:
                enough.set()
            return 1

        make_runner(Worker(factory, [], "house", chores=[Chore("broken", broken), Chore("counted", counted)]))
        assert enough.wait(20)
        assert done[:4] == ["broken", "house", "broken", "house"]


class TestThreads(RunnerContract):
    @pytest.fixture
    def make_runner(self):
        made = []

        def make(worker):
            made.append(ThreadRunner(worker, 2, poll=0.2, chores=0.2))
            made[-1].start()
            return made[-1]

        yield make
        for runner in made:
            runner.stop()

    def test_without_threads_nobody_does_chores(self, factory):
        done = []
        runner = ThreadRunner(Worker(factory, [], chores=[Chore("count", lambda _: done.append(1) or 1)]), 0, chores=0.01)
        runner.start()
        time.sleep(0.1)
        runner.stop()
        assert done == []

    def test_stopping_waits_for_the_running_job(self, factory, make_runner):
        begun = threading.Event()
        runner = make_runner(
            Worker(factory, [Task("pdf", lambda c, jobs: begun.set() or time.sleep(0.3) or done(c, jobs))])
        )
        ask(factory, 1)
        assert begun.wait(10)
        runner.stop()
        assert states(factory) == {"done": 1}


def broker():
    """Redis where there is one, else Celery's broker inside this process."""
    try:
        socket.create_connection(("127.0.0.1", 6379), 1).close()
    except OSError:
        return "memory://"
    return "redis://127.0.0.1:6379/9"


class TestCelery(RunnerContract):
    @pytest.fixture
    def make_runner(self):
        stops = []

        def make(worker):
            app = make_app(broker(), lambda: worker)
            app.conf.task_default_queue = f"test-{uuid.uuid4().hex}"
            running = start_worker(
                app, pool="solo", perform_ping_check=False, shutdown_timeout=20, loglevel="ERROR"
            )
            running.__enter__()
            runner = CeleryRunner(app, worker, every=0.5, forgotten=timedelta(0))
            runner.start()
            stops.append((runner, running))
            return runner

        yield make
        for runner, running in stops:
            runner.stop()
            running.__exit__(None, None, None)

    def test_no_broker_loses_nothing(self, factory):
        worker = Worker(factory, [Task("pdf", done)])
        runner = CeleryRunner(make_app("redis://127.0.0.1:1/0", lambda: worker), worker)
        factory.configure(info={outbox.WAKE: runner.submit})
        ask(factory)
        assert states(factory) == {"waiting": 1}
