"""Cases that wait for a fact: moved on when somebody says it."""

from __future__ import annotations

import structlog
from sqlalchemy import select

from core.cases.casefile import open_file
from core.cases.desk import Desk
from core.errors import ShouxuError
from core.store.models import Case, CaseParty

log = structlog.get_logger("shouxu.facts")


def wake_readers(desk: Desk, estate: str, subjects: set[str], names: set[str], *, but: str = "") -> list[str]:
    """Move on the open cases of those subjects that read those facts; gives the ids of the cases that moved.

    The caller stands in the estate's queue. `but`: the case that says them, which moves on by itself; what it sets going never
    comes back to it. A case that cannot move (its plugin refuses) stays as it is and catches up with its next act; what was
    said of the fact stands.
    """
    awake: set[str] = desk.session.info.setdefault("facts_awake", set())
    moved: list[str] = []
    desk.session.flush()  # those who wait read the facts from the store
    for case_id in _readers(desk, estate, subjects, names):
        if case_id == but or case_id in awake:
            continue
        before = {but, case_id} - awake
        awake |= before
        try:
            with desk.session.begin_nested():
                if _moved_on(desk, case_id):
                    moved.append(case_id)
        except ShouxuError as error:
            log.warning("case_not_moved", case=case_id, error=error.code)
        finally:
            awake -= before
    return moved


def _moved_on(desk: Desk, case_id: str) -> bool:
    from core.cases.progress import nudge

    file = open_file(desk, case_id)
    if desk.office.plugins.reason(file.case.procedure, estate := file.case.estate) or not desk.actor.knows(estate):
        return False
    return nudge(desk, case_id)


def _readers(desk: Desk, estate: str, subjects: set[str], names: set[str]) -> list[str]:
    """Open cases of any of the subjects whose procedure declares any of the facts."""
    query = (select(Case.id, Case.pin, Case.unit_id, Case.place)
             .where(Case.estate == estate, Case.ended_at.is_(None), Case.state == "open").order_by(Case.id))
    units = {subject.removeprefix("unit:") for subject in subjects if subject.startswith("unit:")}
    if len(units) == len(subjects) <= 100:
        query = query.where(Case.unit_id.in_(units))
    people = {subject.removeprefix("person:") for subject in subjects if subject.startswith("person:")}
    theirs = set(desk.session.scalars(select(CaseParty.case_id).where(
        CaseParty.person_id.in_(people), CaseParty.until.is_(None)))) if people else set[str]()
    reads: dict[str, bool] = {}
    found: list[str] = []
    for case in desk.session.execute(query):
        about = ("estate" in subjects or case.unit_id in units or case.id in theirs
                 or (case.place and f"place:{case.place}"[:255] in subjects))
        if not about:
            continue
        if case.pin not in reads:
            declared = desk.office.bundle(desk.session, case.pin).procedure.facts
            reads[case.pin] = bool({fact.name for fact in declared} & names)
        if reads[case.pin]:
            found.append(case.id)
    return found
