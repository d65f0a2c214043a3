"""Beginning a case: pinned to the definitions of this moment, numbered, with its people."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from core.cases.casefile import CaseFile, open_file
from core.cases.children import may_open
from core.cases.desk import Desk
from core.cases.gates import Gates
from core.cases.progress import advance, reopen
from core.cases.words import MOST_NAME, reason_given, words
from core.definitions.choices import PERSON_TYPE
from core.domain.bundle import Bundle
from core.domain.procedures import Party, Procedure, Step
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
        if not procedure.only_as_child and desk.has_role(estate, procedure.steps[0].role):
            found.append((name, desk.say(procedure.title)))
    return found


def open_case(desk: Desk, estate: str, procedure: str, unit_id: str | None, parties: dict[str, list[str]] | None = None,
              *, key: str | None = None, place: str = "", parent: CaseFile | None = None, kind: str = "",
              origin: CaseFile | None = None) -> Case:
    """Begin `procedure` for a unit, else for a `place`, a person (a party) or the estate, as the procedure's subject allows.

    Owners come from the unit unless `parties` (person ids) says otherwise. `key`: the same key opens the same case (a double
    click is one case). `parent` and `kind`: a sub-case of that kind; `origin`: the case it follows up. Raises NotFound,
    Forbidden, InvalidInput for people who do not fit, Conflict (SX-2303: the unit has an open case of this procedure
    already, `changes` names it; SX-2305: the key was used for another unit or procedure).
    """
    desk.enter(estate)
    unit = _unit(desk, estate, unit_id)
    bundle = bundle_for(desk, estate, procedure, unit, parties or {})
    rule = bundle.procedure
    if origin is None:
        desk.require_role(estate, rule.steps[0].role, f"“{desk.say(rule.title)}”")
    if rule.only_as_child and parent is None:
        raise GateClosed(desk.tr(f"“{desk.say(rule.title)}”只能从所属办件中办理", f"“{desk.say(rule.title)}” is opened from its own case"),
                         number=2262)
    subject, where = _subject(desk, rule, unit, place)
    desk.queue(estate)  # whoever comes second waits here and then sees the first one's case
    if key and (known := _by_key(desk, estate, key)):
        if (known.unit_id, known.procedure) != (unit_id, procedure):
            raise Conflict(f"这次提交已用于办件 {known.number}，请重新打开页面再办", number=2305)
        return known
    exclusive = rule.one_open_per_unit and unit is not None and parent is None
    if exclusive and unit is not None:
        _refuse_second(desk, estate, procedure, unit)
    people = _parties(desk, estate, unit, rule, parties or {}, parent)
    number = take_case_number(desk.session, estate=estate, prefix=rule.prefix or "SX", year=desk.today(estate).year)
    pin(desk, bundle)
    case = Case(estate=estate, procedure=procedure, number=number, unit_id=unit.id if unit else None, subject=subject, place=where,
                parent_id=parent.case.id if parent else None, kind=kind, origin_id=origin.case.id if origin else None,
                exclusive=exclusive, pin=bundle.pin, opening_key=key, opened_at=desk.now, opened_by=desk.actor.user_id, version=1)
    case.unit = unit
    desk.session.add(case)
    desk.session.flush()
    file = CaseFile(desk, case)
    for party, person in people:
        add_party(file, party, person)
    file.record("case.opened", procedure=procedure, number=number, unit=case.unit_id, pin=bundle.pin)
    advance(file)
    return case


def _unit(desk: Desk, estate: str, unit_id: str | None) -> Unit | None:
    unit = desk.session.get(Unit, unit_id) if unit_id else None
    if unit_id and (unit is None or unit.estate != estate):
        raise NotFound("没有这套房屋")
    return unit


def _subject(desk: Desk, rule: Procedure, unit: Unit | None, place: str) -> tuple[str, str]:
    """What the case is about, and where; InvalidInput when the procedure is not about that."""
    said = words(place, "place", most=MOST_NAME)
    found = "unit" if unit is not None else "place" if said else next((one for one in rule.subject if one in ("person", "estate")), "")
    if found not in rule.subject:
        asked = {"unit": desk.tr("请选择房屋", "Choose a unit"), "place": desk.tr("请写明地点", "Say where")}
        other = "unit" if unit is not None else "place", desk.tr("本手续不针对房屋或地点", "It is about no unit and no place")
        field, missing = next(((one, asked[one]) for one in rule.subject if one in asked), other)
        raise InvalidInput([FieldProblem(field, missing)])
    return found, said


def open_child(desk: Desk, parent_id: str, kind: str, parties: dict[str, list[str]] | None = None, *,
               key: str | None = None, version: int | None = None) -> Case:
    """Open a sub-case of a case: same subject, parties as its definition says. GateClosed with the reasons.

    The parent is locked meanwhile; its own version grows, since its rules may read what it has below it. `version`: of the
    parent. The same `key` opens the same sub-case, also where a second one may not be opened any more.
    """
    file = open_file(desk, parent_id, version=version, change=True)
    known = _by_key(desk, file.case.estate, key) if key else None
    if known is not None and (known.parent_id, known.kind) == (parent_id, kind):
        return known
    file.require_open()
    try:
        rule = file.bundle.procedure.child(kind)
    except KeyError:
        raise NotFound(desk.tr(f"本手续不能开“{kind}”", f"There is no “{kind}” below this case")) from None
    gates = Gates(file)
    reasons = may_open(file, rule, gates.holds, lambda step: gates.judge(step).status)
    if reasons:
        raise GateClosed(desk.tr(f"现在不能开“{desk.say(rule.title)}”", f"“{desk.say(rule.title)}” cannot be opened now"), reasons,
                         number=2261)
    case = open_case(desk, file.case.estate, rule.of, file.case.unit_id, parties, key=key, place=file.case.place,
                     parent=file, kind=rule.name)
    file.forget("children")
    file.record("case.child_opened", child=case.id, kind_of=rule.name, number=case.number)
    return case


def start_follow_ups(file: CaseFile, step: Step, gates: Gates) -> None:
    """Open the cases that follow the step, where the estate has their procedures."""
    desk = file.desk
    for rule in step.starts:
        offered = rule.procedure in desk.office.library.procedures(file.case.estate)
        stopped = desk.office.plugins.reason(rule.procedure, file.case.estate) if offered else "not offered"
        if (rule.optional and stopped) or not gates.holds(rule.when):
            continue
        try:
            case = open_case(desk, file.case.estate, rule.procedure, file.case.unit_id, place=file.case.place, origin=file)
        except Conflict as taken:  # the unit has such a case already: it serves this one too
            file.record("case.follow_up", step=step.name, case=taken.changes[0]["case"], number=taken.changes[0]["number"])
        else:
            file.record("case.follow_up", step=step.name, case=case.id, number=case.number)


def bundle_for(desk: Desk, estate: str, procedure: str, unit: Unit | None, named: Mapping[str, Sequence[str]]) -> Bundle:
    """The definitions that a case gets which begins now for `unit`, with the people `named` (ids by party). GateClosed
    (SX-2212) while the procedure is out of service, NotFound where the estate does not offer it."""
    stopped = desk.office.plugins.reason(procedure, estate)
    if stopped:
        raise GateClosed(f"本手续暂停服务：{stopped}", number=2212)
    if procedure not in desk.office.library.procedures(estate):
        raise NotFound(f"本项目没有手续“{procedure}”")
    library = desk.office.library
    asked = library.goes_by(estate, procedure)
    if unit is None or not asked:
        return library.bundle(estate, procedure)
    known = {name: str(getattr(unit, name)) for name in asked if name != PERSON_TYPE}
    if PERSON_TYPE in asked:
        parties = library.bundle(estate, procedure).procedure.parties
        people = [desk.session.get(Person, one) for party in parties if party.start == "unit.owners" for one in named.get(party.name, ())]
        first = next(iter(people or owners_today(desk, unit)), None)
        known[PERSON_TYPE] = first.kind if first else ""
    return library.bundle(estate, procedure, known)


def _by_key(desk: Desk, estate: str, key: str) -> Case | None:
    return desk.session.scalar(select(Case).where(Case.estate == estate, Case.opening_key == key))


def _refuse_second(desk: Desk, estate: str, procedure: str, unit: Unit) -> None:
    other = desk.session.scalar(select(Case).where(Case.estate == estate, Case.procedure == procedure,
                                                   Case.unit_id == unit.id, Case.ended_at.is_(None)))
    if other is not None:
        raise Conflict(f"{unit.code} 已有未办结的办件 {other.number}", number=2303,
                       changes=[{"case": other.id, "number": other.number, "what": "case.opened",
                                 "at": other.opened_at.isoformat(), "by": desk.name_of(other.opened_by)}])


def pin(desk: Desk, bundle: Bundle) -> None:
    """Keep the definitions and templates that a case goes by, once per pin."""
    if desk.session.get(Definition, bundle.pin) is not None:
        return
    for sha256 in sorted(set(bundle.templates.values())):
        desk.office.blobs.put(desk.office.template(sha256))
    row = {"pin": bundle.pin, "estate": bundle.estate, "procedure": bundle.procedure.name,
           "bundle": zlib.compress(bundle.canonical.encode()), "stored_at": desk.now}
    desk.session.execute(insert(desk.session, Definition).values(row).on_conflict_do_nothing(index_elements=["pin"]))


# ---------------------------------------------------------------- people of a case


def _parties(desk: Desk, estate: str, unit: Unit | None, rule: Procedure, named: Mapping[str, Sequence[str]],
             parent: CaseFile | None) -> list[tuple[Party, Person]]:
    """Who stands in the case when it begins, checked: those named, else the owners of the unit, or a party of the parent
    case, where a party says so."""
    unknown = sorted(set(named) - {party.name for party in rule.parties})
    if unknown:
        raise NotFound(f"本手续没有当事人“{unknown[0]}”")
    # who names the owner names all of them: the register of the unit is then not asked
    told = unit is None or any(party.start == "unit.owners" and party.name in named for party in rule.parties)
    owners = [] if told or unit is None else owners_today(desk, unit)
    found: list[tuple[Party, Person]] = []
    for party in rule.parties:
        if party.name in named:
            people = [_person(desk, estate, person) for person in named[party.name]]
        elif party.start.startswith("parent."):
            standing = parent.parties if parent else []
            people = [row.person for row in standing if row.party == party.start.removeprefix("parent.")]
        elif party.start == "unit.owners":
            # the first owner is the owner, the others are the co-owners
            there = {person.id for _, person in found}
            left = [person for person in owners if person.id not in there]
            people = left if party.many else left[:1]
            if not people and not party.optional and unit is not None:
                raise InvalidInput([FieldProblem(f"parties.{party.name}", f"{unit.code} 没有登记业主，请先登记业主或指定当事人")])
        else:
            people = []
        require_fit(desk, party, people)
        found += [(party, person) for person in people]
    return found


def _person(desk: Desk, estate: str, person_id: str) -> Person:
    person = desk.session.get(Person, person_id)
    if person is None or person.estate != estate or person.erased_at is not None:
        raise NotFound("没有这位当事人")
    return person


def owners_today(desk: Desk, unit: Unit) -> list[Person]:
    """The owners of a unit as of today, the longest first."""
    today = desk.today(unit.estate)
    query = (select(Person).join(Ownership, Ownership.person_id == Person.id)
             .where(Ownership.unit_id == unit.id, Ownership.since <= today,
                    (Ownership.until.is_(None)) | (Ownership.until > today)).order_by(Ownership.since, Ownership.id))
    return list(desk.session.scalars(query))


def require_fit(desk: Desk, party: Party, people: Sequence[Person]) -> None:
    """InvalidInput unless these people may stand in a case as `party`: how many, and of which kind."""
    title, place = desk.say(party.title), f"parties.{party.name}"
    if len(people) > 1 and not party.many:
        raise InvalidInput([FieldProblem(place, f"{title}只能有一位")])
    if any(party.kind not in ("either", person.kind) for person in people):
        raise InvalidInput([FieldProblem(place, f"{title}须为{'个人' if party.kind == 'person' else '公司'}")])


def add_party(file: CaseFile, party: Party, person: Person) -> CaseParty:
    """Put `person` into the case as `party`, with an event."""
    row = CaseParty(case_id=file.case.id, party=party.name, number=_next_number(file, party.name), person_id=person.id,
                    since=file.desk.now)
    row.person = person
    file.add(file.parties, row)
    file.people_changed()
    file.record("party.added", party=party.name, person=person.id)
    return row


def _next_number(file: CaseFile, party: str) -> int:
    """A number that nobody of the party has had, also nobody who has left."""
    last = file.desk.session.scalar(select(func.max(CaseParty.number)).where(CaseParty.case_id == file.case.id,
                                                                             CaseParty.party == party))
    return max(last or 0, *(row.number for row in file.parties if row.party == party), 0) + 1


def set_party(desk: Desk, case_id: str, party: str, person_id: str, *, version: int | None = None) -> None:
    """Make a person a party of the case; one who stood there before steps down unless the party is many.

    Somebody who acts for another (`authority`) brings papers: the step that asks for them opens again.
    """
    file = open_file(desk, case_id, version=version, change=True)
    file.require_open()
    rule = _party(file.bundle.procedure, party)
    desk.require_role(file.case.estate, file.roles, f"登记{desk.say(rule.title)}")
    person = _person(desk, file.case.estate, person_id)
    require_fit(desk, rule, [person])
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
