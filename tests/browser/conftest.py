"""What the browser tests share: one server with the sample estate, and one Chromium per module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.premises import PICTURES, Premises, Staff, open_house

QUIET = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-first-run", "--force-color-profile=srgb")


@pytest.fixture(scope="session")
def premises(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, soffice: str) -> Iterator[Premises]:
    """The running house, ended after the last browser test."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    opened, close = open_house(tmp_path_factory.mktemp("premises"), sqlite_template, soffice)
    yield opened
    close()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium. It ends with the module: its event loop must not stay in the thread that runs other tests."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def staff(premises: Premises, browser: Browser) -> Iterator[Callable[..., Staff]]:
    """Call in somebody by user name ("": a stranger); the same call gives the same person again."""
    present: dict[str, Staff] = {}

    def call(username: str = "", seat: str = "", **context: Any) -> Staff:
        key = f"{username}@{seat}"
        if key not in present:
            present[key] = Staff(premises, browser, username, **context)
        return present[key]

    yield call
    for somebody in present.values():
        somebody.context.close()
    complaints = [line for somebody in present.values() for line in somebody.complaints]
    assert not complaints, "\n".join(complaints)
