"""The language at work: all gates of a large case, and a large table filed by API and by form.

The gates are judged as a request does it: from a file whose rows have been read, with nothing remembered from before.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from webob.multidict import MultiDict

from bench.figures import ROUNDS, Figure, milliseconds
from core.cases.casefile import open_file
from core.cases.filling import check_answers, form_view, submit
from core.cases.gates import Gates
from core.errors import InvalidInput
from core.forms import Posted
from core.store.schema import upgrade
from tests.language_kit import Office, office

STEPS, RULES, ROWS, COLUMNS = 20, 50, 500, 8
FIGURES = {
    "gates_ms": Figure(f"all gates of a case with {STEPS} steps and {RULES} rules", "ms", most=2),
    "table_api_ms": Figure(f"judging a table of {ROWS} rows × {COLUMNS} columns given as JSON", "ms", most=10),
    "table_form_ms": Figure("the same, posted by a form", "ms", most=80),
}


def measure(rounds: int = ROUNDS) -> dict[str, float]:
    """All of `FIGURES`, on SQLite."""
    with TemporaryDirectory(prefix="shouxu-bench-", ignore_cleanup_errors=True) as folder:
        url = f"sqlite:///{folder}/shouxu.sqlite"
        upgrade(url)
        where = office(Path(folder), url, {"large": _large(), "table": _table()})
        try:
            return {"gates_ms": _gates(where, rounds), **_tables(where, rounds)}
        finally:
            where.office.sessions.kw["bind"].dispose()


def _large() -> dict[str, str]:
    """Steps that are all open after the first, each with two rules; the papers of the first bring their number up."""
    steps = "".join(f"""
          - {{name: s{at}, title: s{at}, role: service, requires: [s0],
             when: "s0.pieces > {at} || unit.area > 10.0", until: "s0.pieces >= 0"}}""" for at in range(1, STEPS))
    papers = "".join(f"""
              - {{name: p{at}, title: p{at}, optional: true, when: "s0.pieces > {at % 7} && unit.floor >= 0"}}"""
                     for at in range(RULES - 2 * (STEPS - 1)))
    return {"procedure.yaml": f"""
        steps:
          - {{name: s0, title: s0, role: service, form: ask, required_documents: all}}{steps}
    """, "required_documents.yaml": f"""
        required_documents:
          - name: all
            title: all
            items:{papers}
    """, "forms/ask.yaml": """
        form: ask
        title: ask
        fields: [{name: pieces, title: n, type: integer, required: true}]
    """}


def _table() -> dict[str, str]:
    kinds = ("text", "integer", "money", "date", "choice", "decimal", "phone", "yes_no")
    columns = "\n".join(f"              - {{name: c{at}, title: c{at}, type: {kind}"
                        + (", choices: [a, b]" if kind == "choice" else ", places: 2" if kind == "decimal" else "") + "}"
                        for at, kind in enumerate(kinds))
    return {"procedure.yaml": """
        steps: [{name: s0, title: s0, role: service, form: list}]
    """, "forms/list.yaml": f"""
        form: list
        title: list
        fields:
          - name: items
            title: items
            type: table
            max_rows: {ROWS}
            columns:
{columns}
    """}


def _gates(where: Office, rounds: int) -> float:
    case = where.open("large")
    where.act("wang", submit, case, "s0", {"pieces": 30})
    taken: list[float] = []
    with where.reading("wang") as desk:
        file = open_file(desk, case)
        Gates(file).all()  # rows are read, rules compiled
        for _ in range(rounds * 10):
            taken += milliseconds(lambda: Gates(file).all())
    return round(median(taken), 3)


def _tables(where: Office, rounds: int) -> dict[str, float]:
    rows = [{"c0": f"第 {at} 行", "c1": at, "c2": "12.50", "c3": "2026-03-01", "c4": "a", "c5": "1.25", "c6": "13812345678", "c7": True}
            for at in range(ROWS)]
    case = where.open("table")
    posted = MultiDict([(f"f-items-{at}-{name}", {True: "true"}.get(value, str(value)) if isinstance(value, bool) else str(value))
                        for at, row in enumerate(rows) for name, value in row.items()])
    with where.reading("wang") as desk:
        form_view(desk, case, "s0")

        def judged(raw: object) -> None:
            try:
                check_answers(desk, case, "s0", raw).raise_if_wrong()
            except InvalidInput as error:
                raise RuntimeError(str(error.problems[:3])) from error

        by_api = [milliseconds(lambda: judged({"items": rows}))[0] for _ in range(rounds * 3)]
        by_form = [milliseconds(lambda: judged(Posted(posted)))[0] for _ in range(rounds * 3)]
    return {"table_api_ms": round(median(by_api), 3), "table_form_ms": round(median(by_form), 3)}
