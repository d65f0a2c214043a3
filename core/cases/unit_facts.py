"""Facts of one unit for programs: what is known, and what they say of it (origin `api`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from core.cases.desk import Desk
from core.cases.fact_import import KINDS, ROLES
from core.cases.fact_waking import wake_readers
from core.cases.fact_words import API, checked
from core.cases.facts import Said, put_fact, put_together
from core.domain.facts import Fact, FactType
from core.errors import FieldProblem, InvalidInput, NotFound
from core.store.models import Fact as Row, Unit


@dataclass(frozen=True)
class UnitFact:
    """A fact of a unit. `outside`: its part from outside of Shouxu, `origin` and `as_of` are of it where there is one;
    `cases`: what cases say. Money is whole 分, dates are ISO text, null is unknown."""

    name: str
    title: str
    type: FactType
    value: int | bool | str | None
    outside: int | bool | str | None
    cases: int | bool | str | None
    as_of: datetime | None
    origin: str


def declared_facts(desk: Desk, estate: str) -> dict[str, Fact]:
    """The facts of units that the estate's procedures declare or that files are imported for, by name."""
    library = desk.office.library
    procedures = [library.bundle(estate, name).procedure for name in library.procedures(estate)]
    found = {fact.name: fact for procedure in procedures for fact in procedure.facts if fact.subject == "unit"}
    return {kind.fact.name: kind.fact for kind in KINDS.values()} | found


def unit_facts(desk: Desk, estate: str, code: str) -> list[UnitFact]:
    """Everything that is declared of the unit with that code, known or not; NotFound for strangers and unknown codes."""
    unit, declared = _unit(desk, estate, code), declared_facts(desk, estate)
    said: dict[str, list[Said]] = defaultdict(list)
    for row in desk.session.scalars(select(Row).where(Row.estate == estate, Row.subject == f"unit:{unit.id}")):
        said[row.name].append(Said(row.value.get("value"), row.as_of, row.origin, row.at, row.by))
    found: list[UnitFact] = []
    for name in sorted(declared):
        fact, seen = declared[name], put_together(declared[name], said[name])
        found.append(UnitFact(name, desk.say(fact.title), fact.type, _json(seen.value), _json(seen.outside), _json(seen.cases),
                              seen.as_of, seen.origin))
    return found


def put_unit_facts(desk: Desk, estate: str, code: str, said: Mapping[str, tuple[Any, datetime | None]]) -> None:
    """Say facts of a unit: by name the value and when it was true (None: now). All of them or none.

    What another origin said stays, the newest counts. InvalidInput names `facts.NAME.value` or `facts.NAME.as_of`: a name that
    nothing declares, a value of another type, a time to come, or older than what was said before.
    """
    unit = _unit(desk, estate, code)
    desk.require_role(estate, ROLES, desk.tr("写入数据", "Saying facts"))
    desk.queue(estate)
    subject, declared, problems = f"unit:{unit.id}", declared_facts(desk, estate), list[FieldProblem]()
    query = select(Row).where(Row.estate == estate, Row.subject == subject, Row.origin == API)
    before = {row.name: row for row in desk.session.scalars(query)}
    new: dict[str, tuple[Any, datetime]] = {}
    for name, (value, as_of) in said.items():
        fact = declared.get(name)
        if fact is None:
            known = desk.tr("、", ", ").join(sorted(declared))
            unknown = desk.tr(f"没有这个名称；现有：{known}", f"not declared; there are: {known}")
            problems.append(FieldProblem(f"facts.{name}", unknown))
            continue
        try:
            new[name] = checked(desk, fact, value, f"facts.{name}.value"), as_of or desk.now
        except InvalidInput as wrong:
            problems += wrong.problems
        problems += _wrong_time(desk, name, as_of, before.get(name))
    if problems:
        raise InvalidInput(problems)
    for name, (value, as_of) in new.items():
        put_fact(desk, estate, subject, name, value, API, as_of)
    desk.record(estate, "facts.put", unit=unit.id, names=sorted(new))
    wake_readers(desk, estate, {subject}, set(new))


def _wrong_time(desk: Desk, name: str, as_of: datetime | None, before: Row | None) -> list[FieldProblem]:
    if as_of is None:
        return []
    if as_of > desk.now:
        return [FieldProblem(f"facts.{name}.as_of", desk.tr("不能晚于现在", "not later than now"))]
    if before is not None and before.as_of > as_of:
        said = before.as_of.isoformat(timespec="seconds")
        return [FieldProblem(f"facts.{name}.as_of", desk.tr(f"已写入过更新的数据（{said}）", f"newer data was put already ({said})"))]
    return []


def _unit(desk: Desk, estate: str, code: str) -> Unit:
    desk.enter(estate)
    unit = desk.session.scalar(select(Unit).where(Unit.estate == estate, Unit.code == code))
    if unit is None:
        raise NotFound(desk.tr(f"没有房号“{code}”", f"No unit “{code}”"))
    return unit


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
