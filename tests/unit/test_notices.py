"""The inbox of a role: told once, read once for all of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.cases.notices import MOST_UNREAD, NOTIFY_TASK, inbox, mark_read, tell, unread_count
from core.errors import NotFound
from core.store.models import Job, Notice
from tests.cases_kit import JADE, House


def told(house: House, *roles: str, case: str | None = None, step: str = "", kind: str = "overdue") -> list[str]:
    with house.at("zhou") as desk:
        return [notice.id for notice in tell(desk, JADE, roles, kind, case, step, "“验房”已超过时限", "“Inspect” is overdue")]


def rows(house: House, name: str) -> list[tuple[str, str]]:
    with house.reading(name) as desk:
        return [(row.role, row.text) for row in inbox(desk, JADE).rows if row.read_at is None]


def test_each_role_is_told_once_with_a_job(house: House) -> None:
    notices = told(house, "service", "manager", "service")
    assert [(row.role, row.kind, row.text["en"], row.read_at) for row in house.rows(Notice)] == [
        ("service", "overdue", "“Inspect” is overdue", None), ("manager", "overdue", "“Inspect” is overdue", None)]
    jobs = house.rows(Job, task=NOTIFY_TASK)
    assert [(job.key, job.payload, job.state) for job in jobs] == [(one, {"notice": one}, "waiting") for one in notices]


def test_what_is_rolled_back_was_never_told(house: House) -> None:
    with pytest.raises(RuntimeError), house.at("zhou") as desk:
        tell(desk, JADE, ["service"], "overdue", None, "", "迟了", "Late")
        raise RuntimeError
    assert house.rows(Notice) == [] and house.rows(Job, task=NOTIFY_TASK) == []


def test_everybody_of_the_role_sees_it_and_nobody_else(house: House) -> None:
    case = house.begin()
    told(house, "service", case=case, step="verify")
    for name in ("wang", "liu"):
        with house.reading(name) as desk:
            found = inbox(desk, JADE)
            assert (found.unread, unread_count(desk, JADE)) == (1, 1)
            (row,) = found.rows
            assert (row.case, row.case_number, row.step, row.role_title) == (case, house.view(case).number, "verify", "客户服务")
    assert rows(house, "chen") == []
    assert rows(house, "zhao") == []  # a manager may stand in for service, but is not told for it
    with house.reading("elm") as desk, pytest.raises(NotFound):
        inbox(desk, JADE)


def test_one_reads_for_the_whole_role(house: House) -> None:
    first, second = told(house, "service", "finance")
    third = told(house, "service")[0]
    assert house.act("wang", mark_read, JADE, [first, second, "unknown"]) == 1  # not that of another role
    assert house.act("liu", mark_read, JADE, [first]) == 0
    with house.reading("liu") as desk:
        found = inbox(desk, JADE)
    assert found.unread == 1
    assert [(row.id, row.read_by) for row in found.rows] == [(third, ""), (first, "王晓梅")]
    assert {row.id: row.read_by for row in house.rows(Notice)} == {first: "user-wang", second: None, third: None}


def test_strangers_mark_nothing(house: House) -> None:
    (notice,) = told(house, "service")
    with pytest.raises(NotFound):
        house.act("elm", mark_read, JADE, [notice])
    assert house.rows(Notice)[0].read_at is None


def test_a_full_inbox_shows_the_newest_and_counts_all(sqlite_house: House) -> None:
    house = sqlite_house
    with house.at("zhou") as desk:
        for number in range(MOST_UNREAD + 3):
            tell(desk, JADE, ["service"], "overdue", None, "", f"第 {number} 件", f"Number {number}")
    with house.reading() as desk:
        found = inbox(desk, JADE)
    assert (found.unread, len(found.rows), found.rows[0].text) == (MOST_UNREAD + 3, MOST_UNREAD, f"第 {MOST_UNREAD + 2} 件")


def test_what_was_read_goes_out_of_sight_after_a_month(sqlite_house: House) -> None:
    house = sqlite_house
    (notice,) = told(house, "service")
    house.act("wang", mark_read, JADE, [notice])
    house.clock.advance(timedelta(days=29))
    with house.reading() as desk:
        assert [row.id for row in inbox(desk, JADE).rows] == [notice]
    house.clock.advance(timedelta(days=2))
    with house.reading() as desk:
        assert inbox(desk, JADE).rows == ()


def test_the_reader_chooses_the_language(sqlite_house: House) -> None:
    house = sqlite_house
    told(house, "finance")
    with house.reading("chen") as desk:
        desk.locale = "en"
        (row,) = inbox(desk, JADE).rows
    assert (row.text, row.role_title) == ("“Inspect” is overdue", "Finance")
