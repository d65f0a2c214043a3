"""What belongs to a row but stands in other tables: forms, rounds of steps, people, money, papers, sub-cases.

Each kind is read once for all rows, by the same conditions as the rows themselves, and looked up by the case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json
from sqlalchemy import case as either, func, select

from core.definitions.register_names import Kind, one_step
from core.domain.forms import Form
from core.domain.money import fen
from core.domain.procedures import Step
from core.registers.sources import MONEY, item_of, moved_by, run_names, step_name
from core.store.models import Case, CaseParty, Charge, Document, Person, StepAct, StepRun, Submission

if TYPE_CHECKING:
    from core.registers.reading import Reading

Found = dict[str, Sequence[Any]]
"""Columns by name, one value per row."""
Lines = Sequence[tuple[int, Mapping[str, Any]]]

NO_ROUND: Mapping[str, Any] = {
    **dict.fromkeys(("done", "skipped", "open", "missed", "overridden", "valid", "expired"), False),
    "round": 0, "outcome": "", "rung": ""}
"""What is said of a step that never opened; the rest is not known."""


@dataclass(frozen=True)
class Covered:
    """A sealed value that has not been opened: it is, one by one, where it is shown masked."""

    data: bytes
    key: str
    form: Form | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Base:
    """The rows to which something belongs: ids, cases; step keys and rounds, or the lines of a table, where rows are such."""

    ids: Sequence[str]
    cases: Sequence[str]
    steps: Sequence[str] = ()
    rounds: Sequence[int] = ()
    lines: Lines = ()

    def looked_up(self, rows: Mapping[str, Any], nothing: Any = None) -> list[Any]:
        """What stands in `rows` for each row's case."""
        return [rows.get(case, nothing) for case in self.cases]


def attached(reading: Reading, fixed: Sequence[Sequence[Any]], lines: Lines | None, names: Iterable[str]) -> Found:
    """Columns for those of `names` that are no columns of the rows' own tables."""
    base = Base(*fixed, lines=lines or ())  # type: ignore[arg-type]
    by_head: dict[str, list[str]] = defaultdict(list)
    for name in names:
        by_head[name.partition(".")[0]].append(name)
    found: Found = {}
    for head, wanted in by_head.items():
        found |= _ATTACHED.get(head, _step)(reading, base, wanted)
    return found


# ---------------------------------------------------------------- values of forms


def stored(path: str) -> Any:
    """A value of a form's JSON as text: both databases give it so without taking the JSON apart."""
    return Submission.plain[tuple(path.split("."))].as_string()


def from_text(kind: Kind, zone: tzinfo, ways: Mapping[Kind, Callable[[Any], Any]] | None = None) -> Callable[[Any], Any]:
    """What makes a value to count with of the text (SQLite: also number) that the database gave."""
    turn = (ways or _FROM_TEXT).get(kind) or (lambda said: _moment(said, zone))
    return lambda said: None if said is None else turn(said)


def _moment(said: str, zone: tzinfo) -> datetime | None:
    """A date with a time as somebody wrote it: of the estate's clock."""
    if not said:
        return None
    found = datetime.fromisoformat(said)
    return found.astimezone(zone) if found.tzinfo else found.replace(tzinfo=zone)


_FROM_TEXT: Mapping[Kind, Callable[[Any], Any]] = {
    "text": str, "whole": int, "money": lambda said: fen(str(said)), "decimal": lambda said: Decimal(str(said)),
    "date": lambda said: date.fromisoformat(said) if said else None, "texts": lambda said: tuple(from_json(said)),
    "yes_no": lambda said: said in (1, "1", "true")}  # SQLite takes true out of JSON as 1
_FROM_JSON: Mapping[Kind, Callable[[Any], Any]] = {**_FROM_TEXT, "texts": tuple, "yes_no": bool}


def _submissions(reading: Reading, step: str, paths: Sequence[str], *, sealed: bool = False) -> dict[str, tuple[Any, ...]]:
    """(round, revision, values …) of the newest submission of a step, by case."""
    columns = [Submission.round, Submission.revision, *map(stored, paths), *([Submission.sealed] if sealed else [])]
    query = select(Submission.case_id, *columns).where(
        Submission.step == step, Submission.case_id.in_(reading.case_ids))
    newest: dict[str, tuple[Any, ...]] = {}
    for case, *row in reading.connection.execute(query).all():
        if case not in newest or newest[case][:2] < (row[0], row[1]):
            newest[case] = tuple(row)
    return newest


def table_lines(reading: Reading, table: str) -> dict[str, list[dict[str, Any]]]:
    """The lines of the table `STEP.FIELD`, as filed last or as corrected later, by case."""
    step, _, path = table.partition(".")
    raw = {case: row[2] for case, row in _submissions(reading, step, [path]).items()}
    _correct(reading, reading.bundle.procedure.step(step), path, raw)
    return {case: from_json(lines) if lines else [] for case, lines in raw.items()}


# ---------------------------------------------------------------- steps


def _step(reading: Reading, base: Base, names: Sequence[str]) -> Found:
    """`STEP.done_on` and `STEP.FIELD` of one step: of its newest round, of its newest filing."""
    step = reading.bundle.procedure.step(names[0].partition(".")[0])
    fields = [name for name in names if reading.known[name].field is not None]
    words = [name for name in names if name not in fields]
    found: Found = {}
    if words:
        runs = _runs(reading, step.name, [name.rpartition(".")[2] for name in words])
        for name in words:
            word = name.rpartition(".")[2]
            found[name] = base.looked_up(runs[word], NO_ROUND.get(word))
    if fields:
        filed = _filed(reading, step, [name.partition(".")[2] for name in fields])
        found |= {name: base.looked_up(filed[name.partition(".")[2]]) for name in fields}
    return found


def _runs(reading: Reading, step: str, words: Sequence[str]) -> dict[str, dict[str, Any]]:
    """By word what the newest round of a step says, by case."""
    from core.registers.reading import turned

    reads = {word: run_names(reading.turns)[word] for word in words}
    query = select(StepRun.case_id, StepRun.round, *(column for read in reads.values() for column in read.columns)).where(
        StepRun.step == step, StepRun.case_id.in_(reading.case_ids))
    newest: dict[str, Sequence[Any]] = {}
    for row in reading.connection.execute(query).all():
        if row[0] not in newest or newest[row[0]][1] < row[1]:
            newest[row[0]] = row
    columns: list[Sequence[Any]] = list(zip(*newest.values(), strict=True)) if newest else [()] * (2 + 2 * len(reads))
    found, at = {}, 2
    for word, read in reads.items():
        given, at = columns[at:at + len(read.columns)], at + len(read.columns)
        turn = read.turn
        made = given[0] if turn is None else turned(turn, given[0]) if len(given) == 1 else [turn(*one) for one in zip(*given, strict=True)]
        found[word] = dict(zip(columns[0], made, strict=True))
    return found


def _filed(reading: Reading, step: Step, paths: Sequence[str]) -> dict[str, dict[str, Any]]:
    """By path of the step's form its newest values, by case; sealed ones covered."""
    known = {path: reading.known[f"{step.name}.{path}"] for path in paths}
    newest = _submissions(reading, step.name, paths, sealed=any(one.sealed for one in known.values()))
    form = reading.bundle.form(step.form or "")
    found: dict[str, dict[str, Any]] = {}
    for at, path in enumerate(paths, 2):
        if known[path].sealed:
            found[path] = {case: Covered(row[-1], path.replace(".", "-"), form) if row[-1] else None for case, row in newest.items()}
            continue
        raw = {case: row[at] for case, row in newest.items()}
        _correct(reading, step, path, raw)
        _raise(reading, step, path, raw)
        turn = from_text(known[path].kind, reading.turns.zone)
        turns = {value: turn(value) for value in set(raw.values())}
        found[path] = {case: turns[value] for case, value in raw.items()}
    return found


def _correct(reading: Reading, step: Step, path: str, values: dict[str, Any]) -> None:
    """What a later step, in its present round, found to be otherwise counts from then on."""
    for corrected, later in reading.bundle.procedure.corrections.get(step.name, ()):
        if corrected != path:
            continue
        rounds = _runs(reading, later, ["round"])["round"]
        for case, row in _submissions(reading, later, [path]).items():
            if case in values and row[2] not in (None, "", "[]") and row[0] == rounds.get(case, row[0]):
                values[case] = row[2]


def _raise(reading: Reading, step: Step, path: str, values: dict[str, Any]) -> None:
    """A class that time has raised."""
    rule = step.classify
    if rule is None or rule.field != path:
        return
    rank = {value: place for place, value in enumerate(rule.order)}
    query = select(StepAct.case_id, StepAct.value).where(
        StepAct.step == step.name, StepAct.kind == "escalation", StepAct.case_id.in_(reading.case_ids))
    for case, raised in reading.connection.execute(query):
        if case in values and rank.get(raised, -1) > rank.get(values[case], -1):
            values[case] = raised


def _form(reading: Reading, base: Base, names: Sequence[str]) -> Found:
    """`form.FIELD`: what was filed in the very round that the row is, or in which the paper was issued."""
    step = one_step(reading.bundle, reading.rows)
    assert step is not None  # else the name is not known
    form = reading.bundle.form(step.form or "")
    paths = [name.partition(".")[2] for name in names]
    query = select(Submission.case_id, Submission.step, Submission.round, Submission.revision, Submission.sealed,
                   *map(stored, paths)).where(Submission.form == form.name, Submission.case_id.in_(reading.case_ids))
    newest: dict[tuple[str, str, int], Sequence[Any]] = {}
    for row in reading.connection.execute(query).all():
        key = (row[0], row[1], row[2])
        if key not in newest or newest[key][3] < row[3]:
            newest[key] = row
    rows = [newest.get(key) for key in zip(base.cases, base.steps, base.rounds, strict=True)]
    found: Found = {}
    for at, (name, path) in enumerate(zip(names, paths, strict=True), 5):
        known = reading.known[name]
        if known.sealed:
            found[name] = [Covered(row[4], path.replace(".", "-"), form) if row and row[4] else None for row in rows]
        else:
            turn = from_text(known.kind, reading.turns.zone)
            found[name] = [turn(row[at]) if row else None for row in rows]
    return found


def _row(reading: Reading, base: Base, names: Sequence[str]) -> Found:
    """`row.COLUMN` of the lines of a table."""
    found: Found = {}
    for name in names:
        column = name.partition(".")[2]
        if name == "row.number":
            found[name] = [number for number, _ in base.lines]
            continue
        turn = from_text(reading.known[name].kind, reading.turns.zone, _FROM_JSON)
        found[name] = [turn(line.get(column)) for _, line in base.lines]
    return found


# ---------------------------------------------------------------- people


def _parties(reading: Reading, base: Base, names: Sequence[str]) -> Found:
    asked = {name: tuple(name.split(".")[1:3]) for name in names}
    people: dict[str, dict[str, list[tuple[str, bytes]]]] = defaultdict(lambda: defaultdict(list))
    query = (select(CaseParty.case_id, CaseParty.party, Person.name, Person.sealed).join(Person, Person.id == CaseParty.person_id)
             .where(CaseParty.party.in_({party for party, _ in asked.values()}), CaseParty.until.is_(None),
                    CaseParty.case_id.in_(reading.case_ids)).order_by(CaseParty.since, CaseParty.id))
    for case, party, name, sealed in reading.connection.execute(query):
        people[party][case].append((name, sealed))
    ways: Mapping[str, Callable[[list[tuple[str, bytes]]], Any]] = {
        "count": len, "name": lambda found: "、".join(name for name, _ in found)}

    def covered(word: str) -> Callable[[list[tuple[str, bytes]]], Any]:
        return lambda found: Covered(found[0][1], word) if found else None

    return {name: [(ways.get(word) or covered(word))(people[party].get(case, [])) for case in base.cases]
            for name, (party, word) in asked.items()}


def _item(reading: Reading, base: Base, names: Sequence[str]) -> Found:
    """`item.name`: the person whom an item of a per-item step stands for."""
    party_of = {step.name: step.each for step in reading.bundle.procedure.steps if step.each}
    query = (select(CaseParty.case_id, CaseParty.party, CaseParty.number, Person.name)
             .join(Person, Person.id == CaseParty.person_id)
             .where(CaseParty.party.in_(set(party_of.values())), CaseParty.case_id.in_(reading.case_ids)))
    people: dict[Any, str] = {(case, party, str(number)): name for case, party, number, name in reading.connection.execute(query)}
    found = [people.get((case, party_of.get(step_name(key or "")), item_of(key or "")), "")
             for case, key in zip(base.cases, base.steps, strict=True)]
    return dict.fromkeys(names, found)


# ---------------------------------------------------------------- money


def _sums(reading: Reading, words: Sequence[str], by: Sequence[Any], *conditions: Any) -> Sequence[Any]:
    """What those words of the charges of the rows' cases come to, by those columns."""
    charges = select(Charge.id).where(Charge.case_id.in_(reading.case_ids), *conditions)
    moved = moved_by(charges)
    return reading.connection.execute(
        select(*by, *(func.sum(MONEY[word]) for word in words)).outerjoin(moved, moved.c.charge_id == Charge.id)
        .where(Charge.case_id.in_(reading.case_ids), *conditions).group_by(*by)).all()


def _fees(reading: Reading, base: Base, names: Sequence[str]) -> Found:
    asked = {name: tuple(name.split(".")[1:3]) for name in names}
    words = sorted({word for _, word in asked.values()})
    fees = {fee for fee, _ in asked.values()}
    rows = {(row[0], row[1]): row[2:] for row in _sums(reading, words, [Charge.case_id, Charge.fee], Charge.fee.in_(fees))}
    nothing = [0] * len(words)
    return {name: [int(rows.get((case, fee), nothing)[words.index(word)]) for case in base.cases]
            for name, (fee, word) in asked.items()}


def _ledger(reading: Reading, base: Base, names: Sequence[str]) -> Found:
    words = [{"deposit_fen": "held_fen"}.get(word := name.partition(".")[2], word) for name in names]
    rows = {row[0]: row[1:] for row in _sums(reading, words, [Charge.case_id])}
    nothing = [0] * len(words)
    return {name: [int(rows.get(case, nothing)[at]) for case in base.cases] for at, name in enumerate(names)}


# ---------------------------------------------------------------- papers and sub-cases

Paper = tuple[str, str, datetime]
"""(state, number, when it was issued)"""


def _documents(reading: Reading, base: Base, names: Sequence[str]) -> Found:
    papers: dict[Any, dict[Any, list[Paper]]] = defaultdict(lambda: defaultdict(list))
    query = (select(Document.case_id, Document.name, Document.state, Document.number, Document.at)
             .where(Document.name.in_({name.split(".")[1] for name in names}), Document.case_id.in_(reading.case_ids))
             .order_by(Document.at, Document.id))
    for case, paper, state, number, at in reading.connection.execute(query):
        papers[paper][case].append((state, number, at))
    ways: Mapping[str, Callable[[list[Paper]], Any]] = {
        "count": lambda rows: sum(state == "issued" for state, _, _ in rows),
        "void": lambda rows: sum(state == "void" for state, _, _ in rows),
        "number": lambda rows: next((number for state, number, _ in reversed(rows) if state == "issued"), ""),
        "numbers": lambda rows: "、".join(number for _, number, _ in rows),
        "issued_on": lambda rows: next((reading.turns.day(at) for state, _, at in reversed(rows) if state == "issued"), None)}
    found: Found = {}
    for name in names:
        _, paper, word = name.split(".")
        found[name] = [ways[word](papers[paper].get(case, [])) for case in base.cases]
    return found


def _children(reading: Reading, base: Base, names: Sequence[str]) -> Found:
    """Sub-cases as rules count them: all that were not withdrawn, and those that are open."""
    still = either((Case.ended_at.is_(None), 1), else_=0)
    query = (select(Case.parent_id, Case.kind, func.count(), func.sum(still))
             .where(Case.parent_id.in_(reading.case_ids), Case.state != "withdrawn").group_by(Case.parent_id, Case.kind))
    rows = {(row[0], row[1]): {"count": row[2], "open": int(row[3])} for row in reading.connection.execute(query)}
    found: Found = {}
    for name in names:
        _, kind, word = name.split(".")
        found[name] = [rows.get((case, kind), {}).get(word, 0) for case in base.cases]
    return found


_ATTACHED: Mapping[str, Callable[[Any, Base, Sequence[str]], Found]] = {
    "form": _form, "row": _row, "parties": _parties, "item": _item, "fees": _fees, "ledger": _ledger,
    "documents": _documents, "children": _children}
