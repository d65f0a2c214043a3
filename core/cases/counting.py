"""How many cases share something with this one: the same unit, the same person, the same answer, within so many days."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import distinct, func, select

from core.cases.casefile import CaseFile
from core.cases.timing import Holds
from core.domain.facts import Count
from core.security.codes import keyed_digest
from core.store.models import Case, CaseKey, CaseParty, new_id
from core.store.upsert import insert


def count_values(file: CaseFile) -> dict[str, int]:
    """By name of the count: this case and the others of its procedure that were opened within its days before it."""
    return {rule.name: _count(file, rule) for rule in file.bundle.procedure.counts}


def _count(file: CaseFile, rule: Count) -> int:
    case, since = file.case, file.case.opened_at - timedelta(days=rule.days)
    if rule.when is not None or not (rule.by == "subject" or rule.by.startswith("parties.")):
        return _same_key(file, rule.name, since)
    query = select(func.count(distinct(Case.id))).where(
        Case.estate == case.estate, Case.procedure == case.procedure, Case.state != "withdrawn", Case.opened_at > since,
        Case.opened_at <= case.opened_at)
    if rule.by == "subject":
        query = query.where(Case.unit_id == case.unit_id, Case.place == case.place)
    else:
        people = [row.person_id for row in file.parties if row.party == rule.by.partition(".")[2]]
        query = query.join(CaseParty, CaseParty.case_id == Case.id).where(CaseParty.person_id.in_(people))
    return file.desk.session.scalar(query) or 0


def _same_key(file: CaseFile, name: str, since: datetime) -> int:
    mine = select(CaseKey.digest).where(CaseKey.case_id == file.case.id, CaseKey.name == name).scalar_subquery()
    query = select(func.count()).select_from(CaseKey).join(Case, Case.id == CaseKey.case_id).where(
        CaseKey.estate == file.case.estate, CaseKey.procedure == file.case.procedure, CaseKey.name == name,
        CaseKey.digest == mine, CaseKey.at > since, Case.state != "withdrawn")
    return file.desk.session.scalar(query) or 0


def write_keys(file: CaseFile, holds: Holds) -> None:
    """Note by what this case is counted with others; a case whose rule does not hold is not counted."""
    file.desk.session.flush()
    for rule in file.bundle.procedure.counts:
        value = _value(file, rule) if holds(rule.when) else None
        if value in (None, "") or (rule.when is None and (rule.by == "subject" or rule.by.startswith("parties."))):
            continue
        digest = keyed_digest(file.desk.office.secret, file.case.estate, rule.name, str(value))
        row = {"id": new_id(), "estate": file.case.estate, "procedure": file.case.procedure, "case_id": file.case.id, "name": rule.name,
               "digest": digest, "at": file.case.opened_at}
        statement = insert(file.desk.session, CaseKey).values(**row)
        file.desk.session.execute(statement.on_conflict_do_update(index_elements=["case_id", "name"], set_={"digest": digest}))


def _value(file: CaseFile, rule: Count) -> str | None:
    if rule.by == "subject":
        return f"{file.case.unit_id or ''}/{file.case.place}"
    head, _, field = rule.by.partition(".")
    if head == "parties":
        return next((row.person_id for row in file.parties if row.party == field), None)
    return file.effective(head).get(field)
