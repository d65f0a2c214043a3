"""Idempotency-Key: one effect and one answer, also when the same request comes twice at once; on both databases."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from core.store.models import Case, IdempotentAnswer, LedgerLine, Unit
from core.store.session import unit_of_work
from tests.http.api_client import ESTATE, Program, settled, token_of


@pytest.fixture
def small(tmp_path, database_url):
    office, app = settled(tmp_path, database_url, ("wang", "zhao"))
    with unit_of_work(office.sessions, readonly=True) as session:
        units = list(session.scalars(select(Unit.id).where(Unit.estate == ESTATE).order_by(Unit.code)))
    return office, app, units


def count(office, model) -> int:
    with unit_of_work(office.sessions, readonly=True) as session:
        return session.scalar(select(func.count()).select_from(model))


def test_repeats_have_one_effect_and_one_answer(small):
    office, app, units = small
    wang = Program(app, token_of(office, "wang"))
    body = {"procedure": "move_in", "unit": units[0]}
    first = wang.post("/cases", body, 201, key="open-1")
    again = wang.post("/cases", body, 201, key="open-1")
    assert again.body == first.body and again.headers["Idempotent-Replayed"] == "true"
    assert {name: again.headers[name] for name in ("ETag", "Location")} == {
        name: first.headers[name] for name in ("ETag", "Location")
    }
    assert count(office, Case) == 1
    other = wang.post("/cases", {"procedure": "move_in", "unit": units[1]}, 422, key="open-1").json
    assert other["code"] == "SX-2106"
    assert wang.post("/people", {"name": "李四"}, 422, key="open-1").json["code"] == "SX-2106"
    # the key is the user's own
    zhao = Program(app, token_of(office, "zhao"))
    assert zhao.post("/cases", {"procedure": "move_in", "unit": units[1]}, 201, key="open-1").json != first.json
    assert count(office, Case) == 2


def test_refusals_are_not_kept(small):
    office, app, units = small
    wang = Program(app, token_of(office, "wang"))
    case = wang.post("/cases", {"procedure": "move_in", "unit": units[0]}, 201).json["case"]
    path = f"/cases/{case}/suspension"
    wang.post(path, {"reason": ""}, 422, key="rest")
    assert count(office, IdempotentAnswer) == 0
    wang.post(path, {"reason": "等资料"}, 200, key="rest")
    wang.post(path, {"reason": "等资料"}, 200, key="rest")
    assert wang.post(path, {"reason": "等资料"}, 409).json["code"] == "SX-2210"
    wang.post("/people", {"name": "李四"}, 400, key="k" * 201)


def test_kept_answers_are_sealed_and_forgotten_in_time(small):
    office, app, _ = small
    wang = Program(app, token_of(office, "wang"))
    first = wang.post("/people", {"name": "李四"}, 201, key="person").json["id"]
    with unit_of_work(office.sessions) as session:
        row = session.scalars(select(IdempotentAnswer)).one()
        assert first.encode() not in row.body
        session.execute(update(IdempotentAnswer).values(at=row.at - timedelta(hours=49)))
    assert wang.post("/people", {"name": "李四"}, 201, key="person").json["id"] != first
    assert count(office, IdempotentAnswer) == 1


def test_the_same_request_at_the_same_moment(small):
    office, app, units = small
    token = token_of(office, "wang")
    answers: list = []
    start = threading.Barrier(6)

    def send(unit: str, key: str) -> None:
        program = Program(app, token)
        start.wait()
        answers.append((key, program.post("/cases", {"procedure": "move_in", "unit": unit}, 201, key=key).json["case"]))

    threads = [threading.Thread(target=send, args=(units[number % 2], f"key-{number % 2}")) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6 and len(set(answers)) == 2
    assert count(office, Case) == 2 and count(office, IdempotentAnswer) == 2


def test_two_programs_on_one_version(small):
    office, app, units = small
    token = token_of(office, "wang")
    case = Program(app, token).post("/cases", {"procedure": "move_in", "unit": units[0]}, 201).json
    statuses: list[int] = []
    start = threading.Barrier(4)

    def send(number: int) -> None:
        program = Program(app, token)
        start.wait()
        answer = program.browser.post_json(
            f"/api/v1/estates/{ESTATE}/cases/{case['case']}/suspension",
            {"reason": f"原因 {number}"},
            headers=program.headers | {"If-Match": f'"{case["version"]}"'},
            status="*",
        )
        statuses.append(answer.status_int)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409, 409, 409]
    assert count(office, LedgerLine) == 0
