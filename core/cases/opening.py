"""Beginning a case: pinned to the definitions of this moment, numbered, with its people."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from core.cases.casefile import CaseFile, open_file
from core.cases.desk import Desk
from core.cases.gates import Gates
from core.cases.progress import advance, reopen
from core.cases.words import reason_given
from core.domain.bundle import Bundle
from core.domain.procedures import Party, Procedure
from core.errors import Conflict, FieldProblem, GateClosed, InvalidInput, NotFound
from core.store.models import Case, CaseParty, Definition, Ownership, Person, Unit
from core.store.series import take_case_number
from core.store.upsert import insert


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

    `key`: the same key opens the same case (a double click is one case). Raises NotFound, Forbidden, InvalidInput for
    people who do not fit, Conflict (SX-2303: the unit has an open case of this procedure already, `changes` names it;
    SX-2305: the key was used for another unit or procedure).
    """
    desk.enter(estate)
    bundle = _bundle(desk, estate, procedure)
    rule = bundle.procedure
    desk.require_role(estate, rule.steps[0].role, f"“{desk.say(rule.title)}”")
    unit = desk.session.get(Unit, unit_id)
    if unit is None or unit.estate != estate:
        raise NotFound("没有这套房屋")
    desk.queue(estate)  # whoever comes second waits here and then sees the first one's case
    if key and (known := _by_key(desk, estate, key)):
        if (known.unit_id, known.procedure) != (unit_id, procedure):
            raise Conflict(f"这次提交已用于办件 {known.number}，请重新打开页面再办", number=2305)
        return known
    if rule.one_open_per_unit:
        _refuse_second(desk, estate, procedure, unit)
    people = _parties(desk, unit, rule, parties or {})
    number = take_case_number(desk.session, estate=estate, prefix=rule.prefix or "SX", year=desk.today(estate).year)
    _pin(desk, bundle)
    case = Case(estate=estate, procedure=procedure, number=number, unit_id=unit.id, exclusive=rule.one_open_per_unit,
                pin=bundle.pin, opening_key=key, opened_at=desk.now, opened_by=desk.actor.user_id, version=1)
    case.unit = unit
    desk.session.add(case)
    desk.session.flush()
    file = CaseFile(desk, case)
    for party, person in people:
        add_party(file, party, person)
    file.record("case.opened", procedure=procedure, number=number, unit=unit.id, pin=bundle.pin)
    advance(file)
    return case


def _bundle(desk: Desk, estate: str, procedure: str) -> Bundle:
    stopped = desk.office.plugins.reason(procedure, estate)
    if stopped:
        raise GateClosed(f"本手续暂停服务：{stopped}", number=2212)
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
        desk.office.blobs.put(desk.office.template(sha256))
    row = {"pin": bundle.pin, "estate": bundle.estate, "procedure": bundle.procedure.name,
           "bundle": zlib.compress(bundle.canonical.encode()), "stored_at": desk.now}
    desk.session.execute(insert(desk.session, Definition).values(row).on_conflict_do_nothing(index_elements=["pin"]))


# ---------------------------------------------------------------- people of a case


def _parties(desk: Desk, unit: Unit, rule: Procedure, named: Mapping[str, Sequence[str]]) -> list[tuple[Party, Person]]:
    """Who stands in the case when it begins, checked: those named, else the owners of the unit where a party says so."""
    unknown = sorted(set(named) - {party.name for party in rule.parties})
    if unknown:
        raise NotFound(f"本手续没有当事人“{unknown[0]}”")
    # who names the owner names all of them: the register of the unit is then not asked
    owners = [] if any(party.start and party.name in named for party in rule.parties) else _owners(desk, unit)
    found: list[tuple[Party, Person]] = []
    for party in rule.parties:
        if party.name in named:
            people = [_person(desk, unit.estate, person) for person in named[party.name]]
        elif party.start == "unit.owners":
            # the first owner is the owner, the others are the co-owners
            there = {person.id for _, person in found}
            left = [person for person in owners if person.id not in there]
            people = left if party.many else left[:1]
            if not people and not party.optional:
                raise InvalidInput([FieldProblem(f"parties.{party.name}", f"{unit.code} 没有登记业主，请先登记业主或指定当事人")])
        else:
            people = []
        _require_fit(desk, party, people)
        found += [(party, person) for person in people]
    return found


def _person(desk: Desk, estate: str, person_id: str) -> Person:
    person = desk.session.get(Person, person_id)
    if person is None or person.estate != estate or person.erased_at is not None:
        raise NotFound("没有这位当事人")
    return person


def _owners(desk: Desk, unit: Unit) -> list[Person]:
    today = desk.today(unit.estate)
    query = (select(Person).join(Ownership, Ownership.person_id == Person.id)
             .where(Ownership.unit_id == unit.id, Ownership.since <= today,
                    (Ownership.until.is_(None)) | (Ownership.until > today)).order_by(Ownership.since, Ownership.id))
    return list(desk.session.scalars(query))


def _require_fit(desk: Desk, party: Party, people: Sequence[Person]) -> None:
    title, place = desk.say(party.title), f"parties.{party.name}"
    if len(people) > 1 and not party.many:
        raise InvalidInput([FieldProblem(place, f"{title}只能有一位")])
    if any(party.kind not in ("either", person.kind) for person in people):
        raise InvalidInput([FieldProblem(place, f"{title}须为{'个人' if party.kind == 'person' else '公司'}")])


def add_party(file: CaseFile, party: Party, person: Person) -> CaseParty:
    """Put `person` into the case as `party`, with an event."""
    row = CaseParty(case_id=file.case.id, party=party.name, person_id=person.id, since=file.desk.now)
    row.person = person
    file.add(file.parties, row)
    file.people_changed()
    file.record("party.added", party=party.name, person=person.id)
    return row


def set_party(desk: Desk, case_id: str, party: str, person_id: str, *, version: int | None = None) -> None:
    """Make a person a party of the case; one who stood there before steps down unless the party is many.

    Somebody who acts for another (`authority`) brings papers: the step that asks for them opens again.
    """
    file = open_file(desk, case_id, version=version, change=True)
    file.require_open()
    rule = _party(file.bundle.procedure, party)
    desk.require_role(file.case.estate, file.roles, f"登记{desk.say(rule.title)}")
    person = _person(desk, file.case.estate, person_id)
    _require_fit(desk, rule, [person])
    for row in list(file.parties):
        if row.party == party and (not rule.many or row.person_id == person_id):
            row.until = desk.now
            file.parties.remove(row)
    add_party(file, rule, person)
    if rule.authority:
        _ask_for_authority(file)
    advance(file)


def _ask_for_authority(file: CaseFile) -> None:
    step = next((step for step in file.bundle.procedure.steps if step.required_documents), None)
    run = file.run(step.name) if step else None
    if step and run and run.state == "done" and Gates(file).missing_papers(step):
        reopen(file, step.name, new_round=False)


def remove_party(desk: Desk, case_id: str, party: str, person_id: str, reason: str, *, version: int | None = None) -> None:
    """Let a person step down as party, with a reason; the row stays in the history.

    InvalidInput when the case cannot be without: then another takes the place by `set_party`.
    """
    file = open_file(desk, case_id, version=version, change=True)
    file.require_open()
    rule = _party(file.bundle.procedure, party)
    desk.require_role(file.case.estate, file.roles, f"变更{desk.say(rule.title)}")
    said = reason_given(reason, "请写明当事人退出的原因")
    rows = [row for row in file.parties if row.party == party and row.person_id == person_id]
    if not rows:
        raise NotFound("本件没有这位当事人")
    if not rule.optional and all(row in rows for row in file.parties if row.party == party):
        raise InvalidInput([FieldProblem(f"parties.{party}", f"{desk.say(rule.title)}不能空缺，请直接登记新的{desk.say(rule.title)}")])
    for row in rows:
        row.until = desk.now
        file.parties.remove(row)
    file.people_changed()
    file.record("party.removed", party=party, person=person_id, reason=said)
    advance(file)


def _party(procedure: Procedure, name: str) -> Party:
    try:
        return procedure.party(name)
    except KeyError:
        raise NotFound(f"本手续没有当事人“{name}”") from None
