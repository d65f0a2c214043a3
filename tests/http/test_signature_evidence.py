"""Ink signatures with their evidence: who, as what, when, the hash of what was shown, the witness, the device."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core.cases import issuing
from core.cases.words import device_words
from core.store.models import Signature
from core.store.session import unit_of_work
from core.walkthroughs.staff import actor_called
from tests import cases_kit
from tests.http.api_client import Program, ink, token_of
from tests.http.conftest import ESTATE, House, fresh_house

TABLET = "Mozilla/5.0 (Linux; Android 13; desk tablet 2) Chrome/126.0"
PROGRAM = "counter-kiosk/3.1"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> House:
    return fresh_house(tmp_path_factory.mktemp("house"), sqlite_template)


@pytest.fixture(scope="module")
def papers(house: House) -> tuple[str, dict[str, Any]]:
    """A case in which the owner signed one paper on the page, and another through a program."""
    kit = cases_kit.House(house.office, house.office.clock)  # type: ignore[arg-type]
    with unit_of_work(house.office.sessions, readonly=True) as session:
        kit.actors = {name: actor_called(session, name, ESTATE) for name in ("wang", "li", "chen", "zhao")}
    case = kit.begin(code=house.unit(), parties={"owner": [kit.person(**cases_kit.OWNER)]})
    kit.move_in(case, "sign")
    rows = {name: kit.act("wang", issuing.issue, case, "sign", name) for name in ("covenant", "service_agreement")}
    return case, {name: (row.id, row.word) for name, row in rows.items()}


def stored(house: House, document: str) -> Signature:
    with unit_of_work(house.office.sessions, readonly=True) as session:
        row = session.scalars(select(Signature).where(Signature.document_id == document, Signature.signer == "owner")).one()
        session.expunge(row)
        return row


def the_six(row: Signature) -> tuple[str, str, str, str, str]:
    assert abs(datetime.now(UTC) - row.at) < timedelta(minutes=5)  # when
    return row.name, row.signer, row.shown, row.witness, row.device


def user_id(house: House, name: str) -> str:
    with unit_of_work(house.office.sessions, readonly=True) as session:
        return actor_called(session, name, ESTATE).user_id


def test_a_signature_on_the_tablet_keeps_all_six_and_the_page_shows_them(
    house: House, papers: tuple[str, dict[str, Any]]
) -> None:
    case, rows = papers
    document, word = rows["covenant"]
    browser = house.browser("wang")
    page = browser.get(house.case(case, f"/documents/{document}/sign/owner"))
    assert word[:16] in page.text  # what is signed is what is shown
    form = house.form(page, "/ink")
    form["ink"] = _ink()
    browser.extra_environ["REMOTE_ADDR"] = "192.168.7.21"
    assert form.submit(headers={"User-Agent": TABLET}, status="*").status_int == 303
    six = the_six(stored(house, document))
    assert six == ("林婉清", "owner", word, user_id(house, "wang"), f"192.168.7.21 {TABLET}")
    shown = browser.get(house.case(case, f"/documents/{document}")).text
    for words in ("林婉清", "业主", "王晓梅", word, f"192.168.7.21 {TABLET}"):
        assert words in shown, words


def test_a_signature_through_a_program_keeps_all_six_and_the_api_says_them(
    house: House, papers: tuple[str, dict[str, Any]]
) -> None:
    case, rows = papers
    document, word = rows["service_agreement"]
    program = Program(house.app, token_of(house.office, "wang"))
    program.browser.extra_environ |= {"HTTP_USER_AGENT": PROGRAM, "REMOTE_ADDR": "192.168.7.30"}
    page = program.get(f"/documents/{document}/signing", signer="owner").json
    assert page["shown"] == word
    program.post(f"/documents/{document}/signatures", {"signer": "owner", "shown": page["shown"], "ink": _ink().split(",", 1)[1]}, 201)
    assert the_six(stored(house, document)) == ("林婉清", "owner", word, user_id(house, "wang"), f"192.168.7.30 {PROGRAM}")
    (said,) = (row for row in program.get(f"/cases/{case}").json["documents"] if row["id"] == document)
    (owner,) = (signer for signer in said["signers"] if signer["signer"] == "owner")
    assert (owner["name"], owner["signer"], owner["title"], owner["witness"], owner["shown"], owner["device"]) == (
        "林婉清", "owner", "业主", "王晓梅", word, f"192.168.7.30 {PROGRAM}")
    assert owner["signed_at"] and owner["way"] == "tablet"
    assert said["word"] != word  # with the ink on it the paper is another file; the evidence names what was seen


def test_a_device_with_an_endless_name_is_cut() -> None:
    assert len(device_words("10.0.0.7", "x" * 5000)) == 200
    assert device_words(None, "a\x00b\r\nc") == "abc" and device_words(None, None) == ""


def _ink() -> str:
    return "data:image/png;base64," + base64.b64encode(ink()).decode()
