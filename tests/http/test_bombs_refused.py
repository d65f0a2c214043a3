"""Bombs at every door: each POST address of the pages and of the API, refused quickly and without unpacking."""

from __future__ import annotations

import base64
import os
import re
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from webtest import TestApp, Upload

from tests.faults.bombs import bombs
from tests.http.api_client import token_of
from tests.http.conftest import ESTATE, House
from tests.http.test_web_apart import addresses

LARGE = os.environ.get("SHOUXU_FAULTS") == "large"
SECONDS, MEMORY = 2.0, 150 * 2**20
"""What one answer may take: of the processor (other tests share the machine), and of memory."""
FIELDS = ("file", "scan", "photo-x", "upload:f-proof", "upload:f-ink")
DOORS = {
    "templates": ("zhou", "/definitions/move_in/templates", "file", {"name": "key_custody.docx", "action": "check"}),
    "units": ("zhou", "/units/import", "file", {}),
    "verify": ("", "/verify", "file", {}),
}


@pytest.fixture(scope="module", autouse=True)
def _warm(house: House) -> None:
    """The first PDF that is verified makes the seals of the house and imports what reads PDFs: no part of an answer."""
    page = house.browser("").get("/verify")
    form = house.form(page, "/verify")
    form["file"] = Upload("a.pdf", b"%PDF-1.7")
    assert form.submit(status="*").status_int < 500


class Watched:
    """Seconds and bytes that were taken."""

    def __enter__(self) -> Watched:
        Path("/proc/self/clear_refs").write_text("5", "ascii")  # the peak begins anew
        self._before, self._started = _peak(), time.thread_time()
        return self

    def __exit__(self, *error: object) -> None:
        self.seconds, self.memory = time.thread_time() - self._started, _peak() - self._before


def _peak() -> int:
    status = Path("/proc/self/status").read_text("ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) * 1024  # type: ignore[union-attr]


def _token(browser: TestApp) -> str:
    page = browser.get("/login" if not browser.cookies else "/account")
    return str(page.html.select("input[name=csrf_token]")[0]["value"])


@pytest.mark.parametrize("kind", bombs())
@pytest.mark.parametrize("door", DOORS)
def test_a_door_that_wants_a_file(house: House, door: str, kind: str) -> None:
    who, path, field, others = DOORS[door]
    browser, (data, name) = house.browser(who), bombs()[kind]
    address = path if path == "/verify" else f"/e/{ESTATE}{path}"
    fields = {"csrf_token": _token(browser), field: Upload(name, data), **others}
    with Watched() as took:
        answer = browser.post(address, fields, status="*")
    # the door that verifies answers for any file: it is none of ours
    assert answer.status_int in ((200, 400, 413, 415, 422) if door == "verify" else (400, 413, 415, 422)), answer.text[:500]
    assert took.seconds < SECONDS and took.memory < MEMORY, (took.seconds, took.memory / 2**20)
    if door == "verify":
        assert "没有" in answer or "不是" in answer or answer.status_int >= 400


def test_every_other_address_of_the_pages(house: House) -> None:
    case = house.open_case()
    tried, most = 0, 3 if LARGE else 9
    for who in ("wang", "zhou") if LARGE else ("wang",):
        browser = house.browser(who)
        token = _token(browser)
        for path in addresses(house.app, estate=ESTATE, case=case, document="0" * 32):
            if path.endswith(("/templates", "/lifecycle")):
                continue  # tried alone, and the one that would end the case
            for kind, (data, name) in list(bombs().items())[tried % most :: most]:
                fields: dict[str, Any] = {one: Upload(name, data) for one in FIELDS}
                fields |= {"csrf_token": token, "action": "submit", "ink": "data:image/png;base64," + base64.b64encode(data).decode()}
                with Watched() as took:
                    answer = browser.post(path, fields, status="*")
                assert answer.status_int < 500, (path, kind)
                assert took.seconds < SECONDS and took.memory < MEMORY, (path, kind, took.seconds, took.memory / 2**20)
            tried += 1
    assert tried > 40


@pytest.mark.parametrize("kind", bombs())
def test_the_doors_of_the_api(house: House, kind: str) -> None:
    data, name = bombs()[kind]
    app, headers = TestApp(house.app), {"Authorization": f"Bearer {token_of(house.office, 'zhou')}"}
    root = f"/api/v1/estates/{ESTATE}"
    for path, others in ((f"{root}/units/imports", {}), (f"{root}/uploads", {"kind": "photo"}), (f"{root}/uploads", {"kind": "ink"})):
        key = {"Idempotency-Key": sha256(f"{path} {others} {kind}".encode()).hexdigest()}
        with Watched() as took:
            answer = app.post(path, {"file": Upload(name, data), **others}, headers=headers | key, status="*")
        assert 400 <= answer.status_int < 500, (path, answer.text[:300])
        assert took.seconds < SECONDS and took.memory < MEMORY, (path, took.seconds, took.memory / 2**20)
    with Watched() as took:
        answer = app.post("/api/v1/verify", {"file": Upload(name, data)}, headers=headers, status="*")
    assert answer.status_int < 500
    assert took.seconds < SECONDS and took.memory < MEMORY, (took.seconds, took.memory / 2**20)
