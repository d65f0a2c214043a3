"""Beginning a case: pinned to the definitions of this moment, numbered, with its people."""

from __future__ import annotations

import zlib

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from core.cases.casefile import CaseFile, open_file
from core.cases.desk import Desk
from core.cases.progress import advance
from core.domain.bundle import Bundle
from core.domain.procedures import Party, Procedure
from core.errors import Conflict, FieldProblem, GateClosed, InvalidInput, NotFound
from core.store.models import Case, CaseParty, Definition, Ownership, Person, Unit
from core.store.series import take_case_number


def startable(desk: Desk, estate: str) -> list[tuple[str, str]]:
    """(name, title) of every procedure the person may begin at `estate`, in the estate's order."""
    desk.enter(estate)
    found: list[tuple[str, str]] = []
    for name in desk.office.library.procedures(estate):
        if desk.office.plugins.reason(name, estate):
            continue
        procedure = desk.office.library.bundle(estate, name).procedure
        if desk.has_role(estate, procedure.steps[0].role):
            found.append((name, desk.say(procedure.title)))
    return found


def open_case(desk: Desk, estate: str, procedure: str, unit_id: str, parties: dict[str, list[str]] | None = None,
              *, key: str | None = None) -> Case:
    """Begin `procedure` for a unit; owners come from the unit unless `parties` (person ids) says otherwise.

    `key`: the same key opens the same case (a double click is one case). Raises NotFound, Forbidden,
    Conflict (SX-2303: the unit has an open case of this procedure already; `changes` names it).
    """
    desk.enter(estate)
    if key and (known := _by_key(desk, estate, key)):
        return known
    bundle = _bundle(desk, estate, procedure)
    rule = bundle.procedure
    desk.require_role(estate, rule.steps[0].role, f"“{desk.say(rule.title)}”")
    unit = desk.session.get(Unit, unit_id)
    if unit is None or unit.estate != estate:
        raise NotFound("没有这套房屋")
    # The number's counter is locked first: whoever comes second waits here and then sees the first one's case.
    number = take_case_number(desk.session, estate=estate, prefix=rule.prefix or "SX", year=desk.today(estate).year)
    if key and (known := _by_key(desk, estate, key)):
        return known
    if rule.one_open_per_unit:
        _refuse_second(desk, estate, procedure, unit)
    _pin(desk, bundle)
    case = Case(estate=estate, procedure=procedure, number=number, unit_id=unit.id, exclusive=rule.one_open_per_unit,
                pin=bundle.pin, opening_key=key, opened_at=desk.now, opened_by=desk.actor.user_id, version=1)
    case.unit = unit
    desk.session.add(case)
    desk.session.flush()
    file = CaseFile(desk, case)
    for party in rule.parties:
        for person in _people(desk, unit, party, (parties or {}).get(party.name)):
            add_party(file, party, person)
    file.record("case.opened", procedure=procedure, number=number, unit=unit.id, pin=bundle.pin)
    advance(file)
    return case


def _bundle(desk: Desk, estate: str, procedure: str) -> Bundle:
    stopped = desk.office.plugins.reason(procedure, estate)
    if stopped:
        raise GateClosed(f"本手续暂停服务:{stopped}", number=2212)
    if procedure not in desk.office.library.procedures(estate):
        raise NotFound(f"本项目没有手续“{procedure}”")
    return desk.office.library.bundle(estate, procedure)


def _by_key(desk: Desk, estate: str, key: str) -> Case | None:
    return desk.session.scalar(select(Case).where(Case.estate == estate, Case.opening_key == key))


def _refuse_second(desk: Desk, estate: str, procedure: str, unit: Unit) -> None:
    other = desk.session.scalar(select(Case).where(Case.estate == estate, Case.procedure == procedure,
                                                   Case.unit_id == unit.id, Case.ended_at.is_(None)))
    if other is not None:
        raise Conflict(f"{unit.code} 已有未办结的办件 {other.number}", number=2303,
                       changes=[{"case": other.id, "number": other.number, "what": "case.opened",
                                 "at": other.opened_at.isoformat(), "by": desk.name_of(other.opened_by)}])


def _pin(desk: Desk, bundle: Bundle) -> None:
    """Keep the definitions and templates that the case starts with, once per pin."""
    if desk.session.get(Definition, bundle.pin) is not None:
        return
    for sha256 in sorted(set(bundle.templates.values())):
        desk.office.blobs.put(desk.office.library.template(sha256))
    row = {"pin": bundle.pin, "estate": bundle.estate, "procedure": bundle.procedure.name,
           "bundle": zlib.compress(bundle.canonical.encode()), "stored_at": desk.now}
    dialect = postgresql if desk.session.get_bind().dialect.name == "postgresql" else sqlite
    desk.session.execute(dialect.insert(Definition).values(row).on_conflict_do_nothing(index_elements=["pin"]))


def _people(desk: Desk, unit: Unit, party: Party, named: list[str] | None) -> list[Person]:
    if named is not None:
        people = [desk.session.get(Person, person) for person in named]
        if any(person is None or person.estate != unit.estate for person in people):
            raise NotFound("没有这位当事人")
        return [person for person in people if person is not None]
    if party.start != "unit.owners":
        return []
    today = desk.today(unit.estate)
    query = (select(Person).join(Ownership, Ownership.person_id == Person.id)
             .where(Ownership.unit_id == unit.id, Ownership.since <= today,
                    (Ownership.until.is_(None)) | (Ownership.until > today)).order_by(Ownership.since, Ownership.id))
    owners = list(desk.session.scalars(query))
    if not owners and not party.optional:
        raise InvalidInput([FieldProblem("parties.owner", f"{unit.code} 没有登记业主,请先登记业主或指定当事人")])
    return owners if party.many else owners[:1]


def add_party(file: CaseFile, party: Party, person: Person) -> CaseParty:
    """Put `person` into the case as `party`, with an event."""
    row = CaseParty(case_id=file.case.id, party=party.name, person_id=person.id, since=file.desk.now)
    row.person = person
    file.desk.session.add(row)
    file.forget("people")
    file.parties.append(row)
    file.record("party.added", party=party.name, person=person.id)
    return row


def set_party(desk: Desk, case_id: str, party: str, person_id: str, *, version: int | None = None) -> None:
    """Make a person a party of the case; one who stood there before steps down unless the party is many."""
    file = open_file(desk, case_id, version=version, change=True)
    file.require_open()
    rule = _party(file.bundle.procedure, party)
    _require_any_role(file, f"登记{desk.say(rule.title)}")
    person = desk.session.get(Person, person_id)
    if person is None or person.estate != file.case.estate:
        raise NotFound("没有这位当事人")
    if rule.kind != "either" and rule.kind != person.kind:
        wanted = "个人" if rule.kind == "person" else "公司"
        raise InvalidInput([FieldProblem(f"parties.{party}", f"{desk.say(rule.title)}须为{wanted}")])
    for row in list(file.parties):
        if row.party == party and (not rule.many or row.person_id == person_id):
            row.until = desk.now
            file.parties.remove(row)
    add_party(file, rule, person)
    advance(file)


def remove_party(desk: Desk, case_id: str, party: str, person_id: str, reason: str, *, version: int | None = None) -> None:
    """Let a person step down as party, with a reason; the row stays in the history."""
    file = open_file(desk, case_id, version=version, change=True)
    file.require_open()
    _require_any_role(file, "变更当事人")
    rows = [row for row in file.parties if row.party == party and row.person_id == person_id]
    if not rows:
        raise NotFound("本件没有这位当事人")
    for row in rows:
        row.until = desk.now
        file.parties.remove(row)
    file.forget("people")
    file.record("party.removed", party=party, person=person_id, reason=reason)
    advance(file)


def _party(procedure: Procedure, name: str) -> Party:
    try:
        return procedure.party(name)
    except KeyError:
        raise NotFound(f"本手续没有当事人“{name}”") from None


def _require_any_role(file: CaseFile, act: str) -> None:
    roles = tuple(sorted({role for step in file.bundle.procedure.steps for role in step.role}))
    file.desk.require_role(file.case.estate, roles, act)
