"""Definitions changed while the server serves: new ones count from the next case on, a bad change is refused and told."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from docx import Document
from sqlalchemy import select

from core.cases.desk import Office
from core.store.models import Case
from core.store.session import unit_of_work
from core.walkthroughs.reloading import Reloader
from tests.http.conftest import ESTATE, House, fresh_house

FEE = "fees:\n  - {name: card_fee, title: {zh: 门禁卡费（新）, en: Card}}\n"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> House:
    """A house of their own: other tests write into the files of theirs."""
    return fresh_house(tmp_path_factory.mktemp("house"), sqlite_template)


@pytest.fixture
def reloader(house: House) -> Iterator[Reloader]:
    """The watcher of the house; afterwards the house has the definitions that it had before."""
    found = house.app.registry["shouxu.reloader"]
    folder = override(house.office).parent
    there = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    yield found
    for path in [path for path in folder.rglob("*") if path.is_file() and path not in there]:
        path.unlink()
    for path, data in there.items():
        path.write_bytes(data)
    assert found.reload()


def override(office: Office) -> Path:
    return office.settings.estates_dir / "cuiwei" / ESTATE / "form_definitions" / "move_in" / "fee_schedule.yaml"


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    moment = time.time_ns()
    os.utime(path, ns=(moment, moment))


def rows_of(house: House) -> list[Case]:
    with unit_of_work(house.office.sessions, readonly=True) as session:
        return list(session.scalars(select(Case)))


def card_fee(house: House) -> str:
    return house.office.library.bundle(ESTATE, "move_in").fee("card_fee").title.zh


def test_a_change_counts_from_the_next_case_on(house: House, reloader: Reloader) -> None:
    before, pin = card_fee(house), house.office.library.bundle(ESTATE, "move_in").pin
    case = house.open_case()
    assert not reloader.look()
    write(override(house.office), FEE)
    assert reloader.look()
    assert card_fee(house) == "门禁卡费（新）" != before
    assert house.office.library.bundle(ESTATE, "move_in").pin != pin
    assert not reloader.look()
    opened = house.open_case()
    pins = {row.id: row.pin for row in rows_of(house)}
    assert (pins[case], pins[opened]) == (pin, house.office.library.bundle(ESTATE, "move_in").pin)


def test_a_bad_change_is_refused_and_the_old_definitions_serve(house: House, reloader: Reloader) -> None:
    before = card_fee(house)
    write(override(house.office), FEE.replace("card_fee", "card_fees"))
    assert not reloader.look()
    assert card_fee(house) == before
    [problem] = reloader.state.problems
    assert "fee_schedule.yaml:2:" in str(problem)
    assert "card_fee" in str(problem)
    browser = house.browser()
    health = browser.get("/health").json
    assert (health["status"], health["definitions_refused"]) == ("degraded", 1)
    admin = house.browser("root")
    said = admin.get("/admin/estates")
    assert "没有采用" in said.text
    assert "fee_schedule.yaml:2:" in said.text
    write(override(house.office), FEE)
    again = admin.get("/admin/estates").forms
    form = next(form for form in again.values() if form.action.endswith("/admin/definitions"))
    assert "已重新读取并采用" in form.submit().follow().text
    assert card_fee(house) == "门禁卡费（新）"
    assert reloader.state.problems == ()


def test_a_bad_template_is_refused(house: House, reloader: Reloader) -> None:
    folder = house.office.settings.estates_dir / "cuiwei" / ESTATE / "document_templates" / "move_in"
    assert not folder.exists()
    folder.mkdir(parents=True)
    try:
        document = Document()
        document.add_paragraph("{{ nothing.of.that }}")
        document.save(str(folder / "covenant.docx"))
        assert not reloader.look()
        assert "covenant.docx" in str(reloader.state.problems[0])
    finally:
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
        folder.parent.rmdir()


def test_it_looks_by_itself(house: House, reloader: Reloader) -> None:
    watcher = Reloader(house.office, 0.05)
    watcher.start()
    try:
        write(override(house.office), FEE)
        end = time.monotonic() + 30
        while card_fee(house) != "门禁卡费（新）":
            assert time.monotonic() < end
            time.sleep(0.05)
    finally:
        watcher.stop()
