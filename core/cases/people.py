"""People and firms, and who owns what: kept sealed, found by name, initials, and the tail of a phone."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from core.cases.casefile import PersonData
from core.cases.desk import Desk
from core.domain.text import printable
from core.errors import FieldProblem, InvalidInput, NotFound
from core.store.models import Ownership, Person, Unit, new_id

SEALED = ("id_type", "id_number", "phone", "address", "representative", "representative_id")
LONGEST = 200


def add_person(desk: Desk, estate: str, data: Mapping[str, Any]) -> Person:
    """Register a person or firm: `{name, kind, id_type, id_number, phone, address, representative, …}`.

    Somebody with the same name and identity number is that somebody: their data are brought up to date. For everybody
    who has a step in some procedure of the estate.
    """
    desk.enter(estate)
    desk.require_role(estate, _counter_roles(desk, estate), "登记当事人")
    said = _checked(data)
    desk.queue(estate)
    known = _known(desk, estate, said)
    if known is not None:
        kept = desk.unseal(estate, known.sealed)
        fresh = kept | {key: said[key] for key in SEALED if said.get(key)}
        if fresh != kept:
            known.sealed = desk.seal(estate, fresh)
            _index(desk, known, fresh)
            desk.record(estate, "person.updated", person=known.id)
        return known
    person = person_row(desk, estate, said)
    desk.session.add(person)
    desk.session.flush()
    desk.record(estate, "person.added", person=person.id)
    return person


def _counter_roles(desk: Desk, estate: str) -> tuple[str, ...]:
    """Every role that has a step in some procedure of the estate."""
    library = desk.office.library
    return tuple(sorted({role for procedure in library.procedures(estate)
                         for step in library.bundle(estate, procedure).procedure.steps for role in step.role}))


def person_row(desk: Desk, estate: str, said: Mapping[str, str]) -> Person:
    """A new row for a person, not yet in the session."""
    sealed = {key: said.get(key, "") for key in SEALED}
    person = Person(id=new_id(), estate=estate, kind=said.get("kind", "person"), name=said["name"],
                    pinyin=initials(said["name"]), phone_tail="", id_index="", phone_index="",
                    sealed=desk.seal(estate, sealed), salt=secrets.token_bytes(16), created_at=desk.now)
    _index(desk, person, sealed)
    return person


def _index(desk: Desk, person: Person, said: Mapping[str, str]) -> None:
    cipher = desk.office.cipher
    person.phone_tail = said.get("phone", "")[-4:]
    person.id_index = cipher.index(person.estate, said["id_number"]) if said.get("id_number") else ""
    person.phone_index = cipher.index(person.estate, said["phone"]) if said.get("phone") else ""


def _checked(data: Mapping[str, Any]) -> dict[str, str]:
    unknown = sorted(set(data) - {"name", "kind", *SEALED})
    problems = [FieldProblem(name, f"没有“{name}”这一项") for name in unknown]
    said: dict[str, str] = {}
    for key in ("name", "kind", *SEALED):
        value = data.get(key) or ""
        if not isinstance(value, str) or len(value) > LONGEST:
            problems.append(FieldProblem(key, f"请填写不超过 {LONGEST} 个字的文字"))
            continue
        said[key] = printable(value.strip(), key)
    said["kind"] = said.get("kind") or "person"
    if not said.get("name"):
        problems.append(FieldProblem("name", "请填写姓名或公司名称"))
    if said["kind"] not in ("person", "company"):
        problems.append(FieldProblem("kind", "请选择个人或公司"))
    if problems:
        raise InvalidInput(problems)
    return said


def _known(desk: Desk, estate: str, said: Mapping[str, str]) -> Person | None:
    if not said.get("id_number"):
        return None
    index = desk.office.cipher.index(estate, said["id_number"])
    return desk.session.scalar(select(Person).where(Person.estate == estate, Person.id_index == index,
                                                    Person.name == said["name"], Person.erased_at.is_(None)))


@lru_cache(maxsize=8192)
def initials(name: str) -> str:
    """Pinyin initials of a name: 张三 → zs; letters and digits stay."""
    from pypinyin import Style, lazy_pinyin  # its dictionaries take a third of a second to load

    return "".join(part[:1] if len(name) > len(part) or len(part) > 1 else part
                   for part in lazy_pinyin(name, style=Style.FIRST_LETTER)).lower().replace(" ", "")[:255]


def transfer_unit(desk: Desk, unit_id: str, person_ids: Sequence[str], on: date) -> None:
    """The unit has new owners from `on`; the former ones stay in the history."""
    unit = desk.session.get(Unit, unit_id)
    if unit is None or not desk.actor.knows(unit.estate):
        raise NotFound("没有这套房屋")
    desk.require_role(unit.estate, ("service", "manager", "estate_it"), "登记业主")
    if not person_ids or len(set(person_ids)) < len(person_ids):
        raise InvalidInput([FieldProblem("persons", "请指定新业主，每人一次")])
    people = [desk.session.get(Person, person) for person in person_ids]
    if any(person is None or person.estate != unit.estate for person in people):
        raise NotFound("没有这位业主")
    desk.queue(unit.estate)
    for row in desk.session.scalars(select(Ownership).where(Ownership.unit_id == unit_id, Ownership.until.is_(None))):
        if on < row.since:
            raise InvalidInput([FieldProblem("on", f"早于现业主的登记日期 {row.since.isoformat()}")])
        row.until = on
    share = f"1/{len(person_ids)}" if len(person_ids) > 1 else ""
    for person in person_ids:
        desk.session.add(Ownership(unit_id=unit_id, person_id=person, share=share, since=on))
    desk.record(unit.estate, "unit.transferred", unit=unit_id, owners=list(person_ids), on=on.isoformat())


def owners_of(desk: Desk, estate: str, unit_ids: Sequence[str]) -> dict[str, list[str]]:
    """Names of the present owners by id of the estate's units."""
    found: dict[str, list[str]] = {unit: [] for unit in unit_ids}
    if not found:
        return found
    today = desk.today(estate)
    query = (select(Ownership.unit_id, Person.name).join(Person, Person.id == Ownership.person_id)
             .where(Ownership.unit_id.in_(unit_ids), Ownership.since <= today,
                    (Ownership.until.is_(None)) | (Ownership.until > today)).order_by(Ownership.since, Ownership.id))
    for unit, name in desk.session.execute(query):
        found[unit].append(name)
    return found


def masked(person: PersonData) -> PersonData:
    """A person's data as pages show them: 张*, 138****1234, 3101**********1234."""
    number, phone = person.get("id_number", ""), person.get("phone", "")
    name = person.get("name", "")
    shown = name if person.get("kind") == "company" else name[:1] + "*" * max(len(name) - 1, 0)
    return {**person, "name": shown,
            "id_number": number[:4] + "*" * max(len(number) - 8, 0) + number[-4:] if len(number) > 8 else "*" * len(number),
            "phone": phone[:3] + "*" * max(len(phone) - 7, 0) + phone[-4:] if len(phone) > 7 else "*" * len(phone)}
