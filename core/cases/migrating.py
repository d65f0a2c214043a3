"""Bringing an open case to newer definitions: a preview that changes nothing, and the act, with an event.

The rule: a migrated case is judged exactly as a new one with the same inputs. Nothing filed is lost: what the newer definitions
do not ask for stays in the history, what no longer fits is listed, and its step is open again so that somebody fills it in anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select

from core.cases.casefile import CaseFile, open_file
from core.cases.desk import Desk
from core.cases.earlier import MIGRATED
from core.cases.facts import write_provided
from core.cases.gates import Gates
from core.cases.migrating_carry import Carry
from core.cases.migrating_diff import changes
from core.cases.migrating_forms import renamed_draft
from core.cases.migrating_rehearsal import Rehearsal
from core.cases.migrating_time import moved_deadlines
from core.cases.migrating_views import Outcome, Outdated, OutdatedProcedure, Preview, StepStands
from core.cases.opening import bundle_for, pin
from core.cases.progress import advance, come_to_rest
from core.cases.timing import sync
from core.cases.words import reason_given
from core.domain.bundle import Bundle
from core.errors import Conflict, GateClosed, NotFound, Reason, ShouxuError
from core.store.models import Case, Draft

MIGRATORS = ("estate_it", "manager")
"""Roles that may bring cases to newer definitions."""
SAME, BLOCKED, OTHER = 2265, 2266, 2306
"""Nothing to do; not possible, with the reasons; the definitions are not those that were previewed."""


# ---------------------------------------------------------------- one case


def preview(desk: Desk, case_id: str) -> Preview:
    """What bringing the case to the definitions of today would change; nothing is stored.

    Raises Forbidden for other roles, GateClosed while the case is suspended, has ended, or is out of service.
    """
    file = open_file(desk, case_id)
    _require_role(file)
    return _preview(file, _newer(file))


def migrate(desk: Desk, case_id: str, reason: str, *, version: int | None = None, to: str | None = None) -> Preview:
    """Bring the case to the definitions of today, with a reason; gives what was changed.

    `to`: the pin that was previewed. Raises Conflict (SX-2306: the definitions are others by now; SX-2300: the case has
    changed), GateClosed (SX-2265: it stands on them already; SX-2266: it cannot be done, with the reasons).
    """
    file = open_file(desk, case_id, version=version, change=True)
    _require_role(file)
    said = reason_given(reason, desk.tr("请写明改用新定义的原因", "Say why"))
    bundle = _newer(file)
    if to is not None and to != bundle.pin:
        raise Conflict(desk.tr("预览之后定义又有变化，请重新预览", "The definitions have changed since the preview"), number=OTHER)
    found = _preview(file, bundle)
    if found.same:
        raise GateClosed(desk.tr("本件已用现行定义", "The case stands on the present definitions"), number=SAME)
    if found.blockers:
        raise GateClosed(desk.tr("本件不能改用新定义", "It cannot be brought to the newer definitions"), found.blockers, number=BLOCKED)
    _carry_over(file, bundle, said)
    return found


def _require_role(file: CaseFile) -> None:
    file.require_open()
    _require_migrator(file.desk, file.case.estate)


def _require_migrator(desk: Desk, estate: str) -> None:
    desk.require_role(estate, MIGRATORS, desk.tr("改用新定义", "Bringing a case to newer definitions"))


def _newer(file: CaseFile) -> Bundle:
    """The definitions that a case for the same unit and people would get now."""
    named: dict[str, list[str]] = defaultdict(list)
    for row in file.parties:
        named[row.party].append(row.person_id)
    return bundle_for(file.desk, file.case.estate, file.case.procedure, file.case.unit, named)


def _preview(file: CaseFile, bundle: Bundle) -> Preview:
    desk, case, before = file.desk, file.case, file.bundle
    about = case.unit.code if case.unit else case.place
    head = (case.id, case.number, case.procedure, desk.say(bundle.procedure.title), about, case.version, case.pin, bundle.pin)
    if before.pin == bundle.pin:
        return Preview(*head, same=True)
    old, new = Rehearsal(file, before), Rehearsal(file, bundle)
    old.read_all()
    carry = Carry(old, new)
    _fits_case(carry)
    carry.carry()
    gates = come_to_rest(new)
    if bundle.procedure.timed:
        sync(new, gates.holds)
    return Preview(
        *head, same=False, blockers=tuple(carry.blockers), changes=changes(old, bundle), misfits=tuple(carry.misfits),
        reopened=tuple(carry.reopened), charges=tuple(carry.charges), left=tuple(dict.fromkeys(carry.left)),
        deadlines=moved_deadlines(old, new, carry.former), steps=tuple(_stands(carry, gates)))


def _stands(carry: Carry, after: Gates) -> list[StepStands]:
    was = {carry.now(judged.step.name): judged for judged in carry.gates_before.all()}
    now = {judged.step.name: judged for judged in after.all()}
    found = []
    for key in dict.fromkeys((*now, *was)):
        old, new = was.get(key), now.get(key)
        one = new or old
        if one is not None:
            found.append(StepStands(key, carry.file.desk.say(one.step.title), old.status if old else None,  # type: ignore[arg-type]
                                    new.status if new else None,  # type: ignore[arg-type]
                                    tuple(new.missing) if new and new.status == "open" else ()))
    return found


def _fits_case(carry: Carry) -> None:
    """Whether a case about the same thing could begin by the newer definitions."""
    file, rule, desk = carry.file, carry.file.bundle.procedure, carry.file.desk
    if file.case.subject not in rule.subject:
        carry.blockers.append(Reason("subject", desk.tr("新定义的手续不办这类对象", "The newer definitions are about something else")))
    if rule.only_as_child and file.case.parent_id is None:
        carry.blockers.append(Reason("subject", desk.tr("新定义只能从所属办件中办理", "By the newer definitions it is a sub-case only")))
    other = _other_open(file) if _exclusive(file) and not file.case.exclusive else None
    if other is not None:
        said = desk.tr(f"新定义每套房屋只能有一件未办结的，还有 {other.number}", f"One open case a unit only; there is {other.number}")
        carry.blockers.append(Reason("state", said, target=other.id))


def _exclusive(file: CaseFile) -> bool:
    return file.bundle.procedure.one_open_per_unit and file.case.unit_id is not None and file.case.parent_id is None


def _other_open(file: CaseFile) -> Case | None:
    return file.desk.session.scalar(select(Case).where(
        Case.estate == file.case.estate, Case.procedure == file.case.procedure, Case.unit_id == file.case.unit_id,
        Case.ended_at.is_(None), Case.id != file.case.id, Case.exclusive.is_(True)).limit(1))


def _carry_over(file: CaseFile, bundle: Bundle, reason: str) -> None:
    desk, case, before = file.desk, file.case, file.bundle
    old = Rehearsal(file, before)
    old.read_all()
    pin(desk, bundle)
    _take_back_facts(file, bundle)
    earlier, case.pin = case.pin, bundle.pin
    new = CaseFile(desk, case)
    case.exclusive = _exclusive(new)
    carry = Carry(old, new, reason)
    new.record(MIGRATED, reason=reason, **{"from": earlier, "to": bundle.pin, "renamed": carry.renamed})
    with desk.session.no_autoflush:
        carry.carry()
    _drafts(carry)
    advance(new)
    desk.session.flush()


def _take_back_facts(file: CaseFile, bundle: Bundle) -> None:
    """What the case said of its subject and will say no more is no longer so."""
    gone = {name: rule for name, rule in file.bundle.procedure.provides.items() if name not in bundle.procedure.provides}
    if gone:
        said = CaseFile(file.desk, file.case)
        procedure = file.bundle.procedure.model_copy(update={"provides": gone})
        said.bundle = file.bundle.model_copy(update={"procedure": procedure})
        write_provided(said, lambda rule: None)


def _drafts(carry: Carry) -> None:
    """Drafts go with their step and the names of its fields; one of a step that is gone has nobody to go on with it."""
    file = carry.file
    steps = {step.name: step for step in file.steps}
    former = {step.name: step for step in carry.before.steps}
    for row in file.desk.session.scalars(select(Draft).where(Draft.case_id == file.case.id)):
        key, was = carry.now(row.step), former.get(row.step)
        step = steps.get(key)
        if step is None or step.form is None:
            file.desk.session.delete(row)
            continue
        row.step = key
        if was is not None and was.form is not None:
            data = file.desk.unseal(file.case.estate, row.sealed)
            fresh = renamed_draft(data, carry.before.bundle.form(was.form), file.bundle.form(step.form))
            row.sealed = file.desk.seal(file.case.estate, fresh)


# ---------------------------------------------------------------- many


def outdated(desk: Desk, estate: str, procedure: str | None = None) -> list[Outdated]:
    """The open cases of an estate that stand on older definitions, oldest first; those of procedures that are out of service or
    no longer offered are left out: there is nothing that they could be brought to. Forbidden for others than `MIGRATORS`."""
    desk.enter(estate)
    _require_migrator(desk, estate)
    query = select(Case).where(Case.estate == estate, Case.ended_at.is_(None)).order_by(Case.opened_at, Case.id)
    rows = desk.session.scalars(query.where(Case.procedure == procedure) if procedure else query)
    served = _served(desk, estate)
    found = []
    for case in rows:
        if case.procedure in served:
            file = CaseFile(desk, case)
            newer = _newer(file)
            if file.bundle.pin != newer.pin:
                found.append(Outdated(case.id, case.number, case.procedure, desk.say(newer.procedure.title),
                                      case.unit.code if case.unit else case.place, case.state, case.version, case.opened_at,
                                      case.pin, newer.pin))
    return found


def _served(desk: Desk, estate: str) -> set[str]:
    office = desk.office
    return {name for name in office.library.procedures(estate) if not office.plugins.reason(name, estate)}


def outdated_procedures(desk: Desk, estate: str) -> list[OutdatedProcedure]:
    """By procedure of the estate how many open cases there are, and how many of them stand on older definitions."""
    cases = outdated(desk, estate)
    library = desk.office.library
    rows = []
    for name in library.procedures(estate):
        mine = [row.before for row in cases if row.procedure == name]
        many = desk.session.query(Case).filter_by(estate=estate, procedure=name, ended_at=None).count()
        pins = tuple((one, mine.count(one)) for one in dict.fromkeys(mine))
        rows.append(OutdatedProcedure(name, desk.say(library.bundle(estate, name).procedure.title), many, len(mine), pins))
    return rows


def migrate_many(desk: Desk, cases: Sequence[tuple[str, int | None]], reason: str, *, estate: str | None = None) -> list[Outcome]:
    """Bring several cases to the definitions of today, each with the version that was seen. One that cannot be is left as it is,
    with the reasons; the others are done. `estate`: where all of them must be."""
    reason_given(reason, desk.tr("请写明改用新定义的原因", "Say why"))
    found = []
    for case_id, version in cases:
        number = ""
        try:
            file = open_file(desk, case_id)
            if estate not in (None, file.case.estate):
                raise NotFound("没有这件办件")
            number = file.case.number
            ready = preview(desk, case_id)
            if version is not None and version != file.case.version:
                raise Conflict(desk.tr("这件办件刚被别人改动", "Somebody has just changed this case"))
            if not ready.may:
                said = desk.tr("本件已用现行定义", "The case stands on the present definitions")
                found.append(Outcome(case_id, number, False, ready.blockers or (Reason("state", said),)))
                continue
        except NotFound:
            raise
        except ShouxuError as error:
            reasons = tuple(getattr(error, "reasons", ())) or (Reason("state", error.what),)
            found.append(Outcome(case_id, number, False, reasons))
            continue
        migrate(desk, case_id, reason, version=version)
        found.append(Outcome(case_id, number, True))
    return found
