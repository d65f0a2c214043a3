"""The counter's main act over HTTP: one POST that files a form with sealed fields and issues its Word document.

The whole request through waitress, with login, CSRF token and every hash; beside it, in the same round, one bare docxtpl
render of the same template and context. On SQLite (`synchronous=FULL`) and on PostgreSQL.
"""

from __future__ import annotations

import time
from itertools import chain
from statistics import mean, median

from sqlalchemy import select

from bench.client import Answer, Browser
from bench.counter import Counter, can_trace, served, traced
from bench.docxtpl_way import plain_render
from bench.figures import ROUNDS, Figure, fsync_milliseconds, median_ratio, milliseconds, quantile
from bench.house import CLERK, ESTATE, PAPER, PASSWORD, House, house
from bench.server import COMMITS, FLUSHES, STATEMENTS, TOOK
from core.cases.definitions import FILTERS
from core.cases.issuing import unpacked
from core.documents.filters import FILTERS as HOUSE_FILTERS
from core.store.models import Document

REQUESTS, CLIENTS, TRACED, PAGES = 40, 4, 20, 10
"""Requests of a round; clients at once; requests whose flushes are counted; pages of a round."""
BACKENDS = ("sqlite", "postgresql")
WORDS = {
    "p50_ms": Figure("submit and issue, one client: median", "ms"),
    "p95_ms": Figure("submit and issue, one client: 95 of 100", "ms"),
    "docxtpl_ms": Figure("one bare docxtpl render of that document", "ms"),
    "p50_renders": Figure("submit and issue, one client: median", "renders", most=0.5),
    "p95_renders": Figure("submit and issue, one client: 95 of 100", "renders", most=1),
    "clients_p50_ms": Figure("submit and issue, four clients at once: median", "ms"),
    "clients_p95_ms": Figure("submit and issue, four clients at once: 95 of 100", "ms"),
    "clients_p95_renders": Figure("submit and issue, four clients at once: 95 of 100", "renders", most=2),
    "per_second": Figure("submitted and issued by four clients", "1/s"),
    "statements": Figure("statements of a submit and issue", "number"),
    "fsyncs": Figure("flushes to the disk of a submit and issue, median", "number", most=3),
    "fsyncs_mean": Figure("the same, mean: with the checkpoints that some requests make", "number"),
    "case_page_ms": Figure("page of a case with nine documents, server time", "ms"),
    "case_page_renders": Figure("page of a case with nine documents, server time", "renders", most=1),
    "case_page_statements": Figure("statements of that page", "number"),
    "fsync_ms": Figure("one flush of 8 KB to the disk of this machine", "ms"),
}
FIGURES = {f"http_{backend}_{name}": figure for backend in BACKENDS for name, figure in WORDS.items()}


def measure(rounds: int = ROUNDS, requests: int = REQUESTS, backends: tuple[str, ...] = BACKENDS) -> dict[str, float]:
    """All of `FIGURES`, for `backends`."""
    found: dict[str, float] = {}
    for backend in backends:
        found |= {f"http_{backend}_{name}": round(value, 3) for name, value in _on(backend, rounds, requests).items()}
    return found


def _on(backend: str, rounds: int, requests: int) -> dict[str, float]:
    with house(backend) as where:
        nine = where.with_nine_documents()
        cases = where.registering(rounds * requests * 2 + TRACED + 8)
        with served(where) as (port, process):
            counter = Counter(Browser(port), cases)
            counter.browser.log_in(CLERK, PASSWORD)
            counter.send(counter.forms(8))  # what a server learns with its first requests
            found = _timed(where, counter, nine, rounds, requests)
            return found | _flushes(counter, process) | {"fsync_ms": fsync_milliseconds(str(where.settings.data_dir))}


def _timed(where: House, counter: Counter, nine: str, rounds: int, requests: int) -> dict[str, float]:
    render = _render(where)
    renders: list[float] = []
    alone: list[list[Answer]] = []
    together: list[list[Answer]] = []
    pages: list[list[Answer]] = []
    speed: list[float] = []
    render()
    for _ in range(rounds):
        posts, more = counter.forms(requests), counter.forms(requests)
        renders.append(median(milliseconds(render, 5)))
        alone.append(counter.send(posts))
        pages.append([counter.browser.get(f"/e/{ESTATE}/cases/{nine}/steps/sign") for _ in range(PAGES)])
        begun = time.perf_counter()
        together.append(counter.send_at_once(more, CLIENTS))
        speed.append(requests / (time.perf_counter() - begun))
    one, four = [_seconds(answers) for answers in alone], [_seconds(answers) for answers in together]
    served_in = [median(float(page.headers[TOOK]) for page in round_) for round_ in pages]
    return {
        "docxtpl_ms": median(renders),
        "p50_ms": quantile([*chain.from_iterable(one)], 0.5),
        "p95_ms": quantile([*chain.from_iterable(one)], 0.95),
        "p50_renders": median_ratio([quantile(times, 0.5) for times in one], renders),
        "p95_renders": median_ratio([quantile(times, 0.95) for times in one], renders),
        "clients_p50_ms": quantile([*chain.from_iterable(four)], 0.5),
        "clients_p95_ms": quantile([*chain.from_iterable(four)], 0.95),
        "clients_p95_renders": median_ratio([quantile(times, 0.95) for times in four], renders),
        "per_second": median(speed),
        "statements": median(float(answer.headers[STATEMENTS]) for answers in alone for answer in answers),
        "case_page_ms": median(served_in), "case_page_renders": median_ratio(served_in, renders),
        "case_page_statements": float(pages[-1][-1].headers[STATEMENTS]),
    }


def _seconds(answers: list[Answer]) -> list[float]:
    return [answer.seconds * 1000 for answer in answers]


def _render(where: House):
    """The bare render of the registration that the counter issued last."""
    with where.desk() as desk:
        query = select(Document).where(Document.name == PAPER).order_by(Document.at.desc()).limit(1)
        document = desk.session.scalars(query).one()
        return plain_render(where.office.template(document.template), unpacked(desk, document), {**HOUSE_FILTERS, **FILTERS})


def _flushes(counter: Counter, process: int) -> dict[str, float]:
    """Flushes of one request: those of the server process (counted with strace, by the server itself where there is none),
    and one for each commit that PostgreSQL is asked for."""
    counted: list[float] = []
    posts = counter.forms(TRACED)
    if can_trace():
        with traced(process) as so_far:
            for post in posts:
                before = so_far()
                answer = counter.send([post])[0]
                counted.append(so_far() - before + float(answer.headers[COMMITS]))
    else:
        counted = [float(answer.headers[FLUSHES]) for answer in counter.send(posts)]
    return {"fsyncs": median(counted), "fsyncs_mean": mean(counted)}
