"""The inbox for programs."""

from __future__ import annotations

import pytest

from core.cases.building import system_actor
from core.cases.notices import tell
from core.store.session import unit_of_work
from tests.http.api_client import ESTATE, Program, settled, token_of


@pytest.fixture
def counter(tmp_path, database_url):
    office, app = settled(tmp_path, database_url, ("wang", "chen"))
    return office, app


def told(office, *roles: str) -> list[str]:
    with unit_of_work(office.sessions) as session:
        desk = office.desk(session, system_actor(office))
        return [row.id for row in tell(desk, ESTATE, roles, "raised", None, "", "已升级", "Raised")]


def test_a_program_reads_and_marks_the_inbox_of_its_user(counter):
    office, app = counter
    mine, other = told(office, "service", "finance")
    wang = Program(app, token_of(office, "wang", "read", "write"))
    found = wang.get("/inbox", 200).json
    assert found["unread"] == 1
    (row,) = found["rows"]
    assert (row["id"], row["kind"], row["text"], row["role"], row["read_at"]) == (mine, "raised", "已升级", "service", None)
    assert wang.post("/inbox/read", {"notices": [mine, other]}).json == {"marked": 1, "unread": 0}
    assert wang.post("/inbox/read", {"notices": [mine]}).json == {"marked": 0, "unread": 0}
    chen = Program(app, token_of(office, "chen", "read"))
    assert chen.get("/inbox").json["unread"] == 1
    chen.post("/inbox/read", {"notices": [other]}, 403)  # reading is all that the token may


@pytest.mark.parametrize("body", [{}, {"notices": []}, {"notices": "all"}, {"notices": [1]}, {"all": True}])
def test_what_is_no_list_of_notices_is_refused(counter, body):
    office, app = counter
    Program(app, token_of(office, "wang")).post("/inbox/read", body, 422)
