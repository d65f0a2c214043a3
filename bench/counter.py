"""The server process, and the counter in front of it: forms filled beforehand, sent one by one or by several at once."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bench.client import Answer, Browser, Post, filled
from bench.house import ESTATE, REGISTRATION, STEP, House

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def served(house: House, *arguments: str) -> Iterator[tuple[int, int]]:
    """(port, process id) of a server over `house`; `arguments`: of bench.server."""
    settings = house.settings
    own = {"SHOUXU_DATA_DIR": str(settings.data_dir), "SHOUXU_DATABASE_URL": settings.database_url, "SHOUXU_WORKERS": "0",
           "SHOUXU_SECRET": settings.secret.get_secret_value(), "SHOUXU_BASE_URL": settings.base_url}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SHOUXU_")}
    process = subprocess.Popen([sys.executable, "-m", "bench.server", *arguments], cwd=ROOT, env=clean | own,
                               stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        assert port, "the server did not start"
        yield int(port), process.pid
    finally:
        process.terminate()
        process.wait(30)


class Counter:
    """A clerk with a browser and a pile of cases whose registration waits."""

    def __init__(self, browser: Browser, cases: list[str]) -> None:
        self.browser = browser
        self.cases = cases

    def forms(self, count: int) -> list[Post]:
        """The next `count` cases' forms, read from their pages and filled."""
        return [self._form(self.cases.pop()) for _ in range(count)]

    def _form(self, case_id: str) -> Post:
        path = f"/e/{ESTATE}/cases/{case_id}/steps/{STEP}"
        return filled(self.browser.get(path), f"{path}/form", _typed(REGISTRATION), ("action", "submit_issue"))

    def send(self, posts: list[Post]) -> list[Answer]:
        """One after the other."""
        return [_filed(self.browser.send(post)) for post in posts]

    def send_at_once(self, posts: list[Post], clients: int) -> list[Answer]:
        """By `clients` browsers of the same login, each with its own connection and its share of the forms."""
        port, cookies = self.browser.port, self.browser.cookies

        def one(share: list[Post]) -> list[Answer]:
            browser = Browser(port, cookies)
            return [_filed(browser.send(post)) for post in share]

        with ThreadPoolExecutor(clients) as pool:
            return [answer for answers in pool.map(one, [posts[at::clients] for at in range(clients)]) for answer in answers]


def _typed(values: dict[str, object]) -> dict[str, str]:
    """The values as the fields of the page take them."""
    found: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, list):
            found |= {f"f-{name}-{at}-{column}": str(text) for at, row in enumerate(value) for column, text in row.items()}
        else:
            found[f"f-{name}"] = {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    return found


def _filed(answer: Answer) -> Answer:
    if answer.status != 303:
        raise RuntimeError(f"not filed: {answer.status}\n{answer.body.decode(errors='replace')[:3000]}")
    return answer


# ---------------------------------------------------------------- flushes


@contextmanager
def traced(process: int) -> Iterator[Callable[[], int]]:
    """A function that says how often a running process has flushed to the disk so far, as strace sees it."""
    with tempfile.NamedTemporaryFile("r") as report:
        strace = subprocess.Popen(["strace", "-f", "-e", "trace=fsync,fdatasync", "-p", str(process), "-o", report.name],
                                  stderr=subprocess.PIPE, text=True)
        try:
            assert strace.stderr is not None
            said = strace.stderr.readline()
            if "attached" not in said:
                raise RuntimeError(f"strace: {said.strip()}")
            yield lambda: len(re.findall(r"\b(?:fsync|fdatasync)\(", Path(report.name).read_text()))
        finally:
            strace.send_signal(signal.SIGINT)
            strace.wait(10)


def can_trace() -> bool:
    """Whether strace is on this machine."""
    return shutil.which("strace") is not None
