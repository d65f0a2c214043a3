"""Lists for the counter: search, today, cases, units, history, and personal data when somebody needs them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased

from core.cases.casefile import CaseFile, PersonData, open_file
from core.cases.desk import Desk
from core.cases.people import owners_of
from core.cases.viewing import PERSONAL, case_view, named_state, unit_view
from core.cases.views import CaseRow, HistoryRow, Page, TodayView, UnitView
from core.domain.base import Text
from core.domain.money import show
from core.domain.procedures import Procedure, Step
from core.errors import Forbidden
from core.store.models import (
    Case,
    CaseParty,
    Document,
    Draft,
    Event,
    Job,
    Ownership,
    Person,
    Remark,
    StepAct,
    StepRun,
    Unit,
)

__all__ = ["SearchHit", "case_list", "case_view", "history", "reveal", "search", "today", "units"]

MOST_HITS = 20
WORDS: dict[str, Text] = {
    "case.opened": Text(zh="开始办理", en="Case opened"),
    "case.ended": Text(zh="办结", en="Case ended"),
    "case.suspended": Text(zh="暂停", en="Suspended"),
    "case.resumed": Text(zh="恢复", en="Resumed"),
    "case.withdrawn": Text(zh="撤回", en="Withdrawn"),
    "case.handed_over": Text(zh="移交", en="Handed over"),
    "case.migrated": Text(zh="改用新定义", en="Brought to newer definitions"),
    "case.child_opened": Text(zh="开办子件", en="Sub-case opened"),
    "case.follow_up": Text(zh="后续办件", en="Follow-up case opened"),
    "step.opened": Text(zh="步骤开放", en="Step opened"),
    "step.skipped": Text(zh="步骤不适用", en="Step does not apply"),
    "step.done": Text(zh="步骤办完", en="Step done"),
    "step.reopened": Text(zh="步骤重新开放", en="Step reopened"),
    "step.decided": Text(zh="选定结果", en="Outcome chosen"),
    "step.proposed": Text(zh="提出结果，待同意", en="Outcome proposed, waits for consent"),
    "step.approved": Text(zh="同意", en="Consent given"),
    "step.overridden": Text(zh="特批通过", en="Conditions passed by exception"),
    "step.renewed": Text(zh="续办", en="Renewed"),
    "step.expired": Text(zh="有效期届满", en="Validity ran out"),
    "step.rung": Text(zh="处理级次", en="Rung"),
    "deadline.missed": Text(zh="超过时限", en="Deadline missed"),
    "class.raised": Text(zh="级别升高", en="Class raised"),
    "form.submitted": Text(zh="提交表单", en="Form filed"),
    "form.corrected": Text(zh="更正表单", en="Form corrected"),
    "form.carried": Text(zh="按新定义转入表单", en="Form carried to newer definitions"),
    "paper.marked": Text(zh="登记资料", en="Papers recorded"),
    "paper.waived": Text(zh="免交资料", en="Paper waived"),
    "checklist.recorded": Text(zh="登记检查结果", en="Checks recorded"),
    "fact.confirmed": Text(zh="确认数据", en="Fact confirmed"),
    "charges.made": Text(zh="生成应收", en="Charges raised"),
    "charge.waived": Text(zh="减免", en="Charge waived"),
    "charge.waiver_asked": Text(zh="申请减免", en="Waiver asked for"),
    "charge.waiver_refused": Text(zh="不同意减免", en="Waiver refused"),
    "money.paid": Text(zh="收款", en="Payment taken"),
    "money.refunded": Text(zh="退款", en="Refunded"),
    "money.deducted": Text(zh="从押金中扣除", en="Taken off the deposit"),
    "deposit.settled": Text(zh="结算押金", en="Deposit settled"),
    "receipt.cancelled": Text(zh="作废收据", en="Receipt cancelled"),
    "document.issued": Text(zh="出具文书", en="Document issued"),
    "document.signed": Text(zh="签字", en="Signed"),
    "document.sealed": Text(zh="盖章", en="Sealed"),
    "document.voided": Text(zh="作废文书", en="Document voided"),
    "document.superseded": Text(zh="文书被替换", en="Document superseded"),
    "party.added": Text(zh="登记当事人", en="Party added"),
    "party.removed": Text(zh="当事人退出", en="Party removed"),
    "personal.revealed": Text(zh="查看证件信息", en="Identity data shown"),
}
"""What the kinds of events are called in a case's history."""


@dataclass(frozen=True)
class SearchHit:
    """One find: a unit, a case or a document, and where it leads."""

    kind: Literal["unit", "case", "document"]
    id: str
    title: str
    detail: str
    case_id: str = ""


def search(desk: Desk, estate: str, text: str) -> list[SearchHit]:
    """Units, cases and documents by unit code, name, pinyin initials, phone tail (4 digits and more) or number."""
    desk.enter(estate)
    text = text.strip()
    if not text:
        return []
    return [*_units_found(desk, estate, text), *_cases_found(desk, estate, text), *_documents_found(desk, estate, text)]


def _units_found(desk: Desk, estate: str, text: str) -> list[SearchHit]:
    query = select(Unit).where(Unit.estate == estate, Unit.code.startswith(text, autoescape=True)).order_by(Unit.code)
    found = {unit.id: unit for unit in desk.session.scalars(query.limit(MOST_HITS))}
    for unit in desk.session.scalars(_owned_by(desk, estate, text).limit(MOST_HITS)):
        found.setdefault(unit.id, unit)
    owners = owners_of(desk, estate, list(found))
    return [SearchHit("unit", unit.id, unit_view(desk, unit, tuple(owners[unit.id])).label, "、".join(owners[unit.id]))
            for unit in list(found.values())[:MOST_HITS]]


def _owned_by(desk: Desk, estate: str, text: str) -> Select[Unit]:
    return (select(Unit).join(Unit.ownerships).join(Person, Person.id == Ownership.person_id)
            .where(Unit.estate == estate, Ownership.until.is_(None), _person_is(desk, estate, text))
            .order_by(Unit.code).distinct())


def _person_is(desk: Desk, estate: str, text: str) -> Any:
    digits = "".join(letter for letter in text if letter.isdigit())
    ways = [Person.name.startswith(text, autoescape=True)]
    if text.isascii() and text.isalpha():
        ways.append(Person.pinyin.startswith(text.lower()))
    if len(digits) == 4:
        ways.append(Person.phone_tail == digits)
    if len(digits) >= 8:
        ways += [Person.phone_index == desk.office.cipher.index(estate, text),
                 Person.id_index == desk.office.cipher.index(estate, text)]
    return (Person.estate == estate) & Person.erased_at.is_(None) & or_(*ways)


def _cases_found(desk: Desk, estate: str, text: str) -> list[SearchHit]:
    query = (select(Case).where(Case.estate == estate, or_(
        Case.number.startswith(text.upper(), autoescape=True), Case.unit_id.in_(
            select(Unit.id).where(Unit.estate == estate, Unit.code.startswith(text, autoescape=True))),
        Case.id.in_(select(CaseParty.case_id).join(Person).where(CaseParty.until.is_(None), _person_is(desk, estate, text)))))
        .order_by(Case.opened_at.desc()).limit(MOST_HITS))
    rows = _case_rows(desk, list(desk.session.scalars(query)))
    return [SearchHit("case", row.id, f"{row.number} {row.procedure_title}", f"{row.about} {row.owner} {row.step_title}".strip(),
                      row.id) for row in rows]


def _documents_found(desk: Desk, estate: str, text: str) -> list[SearchHit]:
    query = (select(Document).where(Document.estate == estate, Document.number == text)
             .order_by(Document.at.desc()).limit(MOST_HITS))
    return [SearchHit("document", row.id, f"{row.title} {row.number}", "作废" if row.state == "void" else "", row.case_id or "")
            for row in desk.session.scalars(query)]


# ---------------------------------------------------------------- lists


def case_list(desk: Desk, estate: str, *, procedure: str | None = None, state: str | None = None, step: str | None = None,
              after: str = "", limit: int = 50) -> Page:
    """Cases of an estate, newest first; `after` is the cursor of the page before."""
    desk.enter(estate)
    query = select(Case).where(Case.estate == estate)
    if procedure:
        query = query.where(Case.procedure == procedure)
    if state:
        query = query.where(Case.state == state)
    if step:
        # an item of a per-item step (`passes@3`) counts as the step
        named = or_(StepRun.step == step, StepRun.step.startswith(f"{step}@", autoescape=True))
        query = query.where(Case.id.in_(select(StepRun.case_id).where(
            StepRun.estate == estate, named, StepRun.state == "open")))
    total = desk.session.scalar(select(func.count()).select_from(query.subquery()))
    if after:
        query = query.where(Case.id < after)
    limit = max(1, min(limit, 200))
    rows = list(desk.session.scalars(query.order_by(Case.id.desc()).limit(limit + 1)))
    shown = rows[:limit]
    return Page(tuple(_case_rows(desk, shown)), shown[-1].id if len(rows) > limit else "", total)


def _case_rows(desk: Desk, cases: list[Case]) -> list[CaseRow]:
    ids = [case.id for case in cases]
    if not ids:
        return []
    units = {unit.id: unit for unit in desk.session.scalars(select(Unit).where(Unit.id.in_({c.unit_id for c in cases if c.unit_id})))}
    people: dict[str, dict[str, str]] = defaultdict(dict)
    for case_id, party, name in desk.session.execute(
            select(CaseParty.case_id, CaseParty.party, Person.name).join(Person)
            .where(CaseParty.case_id.in_(ids), CaseParty.until.is_(None)).order_by(CaseParty.number)):
        people[case_id].setdefault(party, name)
    open_steps: dict[str, StepRun] = {}
    for run in desk.session.scalars(select(StepRun).where(StepRun.case_id.in_(ids), StepRun.state == "open")
                                    .order_by(StepRun.opened_at)):
        open_steps.setdefault(run.case_id, run)
    return [_case_row(desk, case, units.get(case.unit_id or ""), people[case.id], open_steps.get(case.id)) for case in cases]


def _case_row(desk: Desk, case: Case, unit: Unit | None, people: dict[str, str], run: StepRun | None) -> CaseRow:
    procedure = desk.office.bundle(desk.session, case.pin).procedure
    step = run.step if run and case.ended_at is None else ""
    first = next((people[party.name] for party in procedure.parties if party.name in people), "")
    title = desk.say(procedure.step(step.partition("@")[0]).title) if step else ""
    late = bool(run) and case.state == "open" and (run.overdue_at is not None or (run.due_at is not None and run.due_at < desk.now))
    return CaseRow(case.id, case.number, case.procedure, desk.say(procedure.title), unit.code if unit else "",
                   people.get("owner", first), case.state, step, title, case.opened_at, run.due_at if run else None,
                   place=case.place, state_title=named_state(desk, procedure, case.state), overdue=late)


def units(desk: Desk, estate: str, *, text: str = "", after: str = "", limit: int = 50) -> Page:
    """Units of an estate in the order of their codes; `text` is the beginning of a code or an owner."""
    desk.enter(estate)
    query = select(Unit).where(Unit.estate == estate)
    if text.strip():
        matching = _owned_by(desk, estate, text.strip()).with_only_columns(Unit.id).order_by(None)
        query = query.where(or_(Unit.code.startswith(text.strip(), autoescape=True), Unit.id.in_(matching)))
    total = desk.session.scalar(select(func.count()).select_from(query.subquery()))
    if after:
        query = query.where(Unit.code > after)
    limit = max(1, min(limit, 200))
    rows = list(desk.session.scalars(query.order_by(Unit.code).limit(limit + 1)))
    shown = rows[:limit]
    owners = owners_of(desk, estate, [unit.id for unit in shown])
    views: tuple[UnitView, ...] = tuple(unit_view(desk, unit, tuple(owners[unit.id])) for unit in shown)
    return Page(views, shown[-1].code if len(rows) > limit else "", total)


def today(desk: Desk, estate: str) -> TodayView:
    """What a clerk has before them: open steps of their roles, own drafts, recent cases, jobs under way."""
    desk.enter(estate)
    rules = {name: desk.office.library.bundle(estate, name).procedure for name in desk.office.library.procedures(estate)}
    counts = _to_do(desk, estate, rules)
    rows = [(name, step.name, desk.say(step.title), counts[name, step.name][0], counts[name, step.name][1])
            for name, rule in rules.items() for step in rule.steps if (name, step.name) in counts]
    mine = aliased(Draft)
    drafts = list(desk.session.scalars(select(Case).join(mine, mine.case_id == Case.id).where(
        Case.estate == estate, mine.user_id == desk.actor.user_id).order_by(mine.saved_at.desc()).limit(10)))
    recent = list(desk.session.scalars(select(Case).where(Case.estate == estate).order_by(Case.opened_at.desc()).limit(8)))
    return TodayView(tuple(rows), tuple(_case_rows(desk, drafts)), tuple(_case_rows(desk, recent)), _jobs(desk, estate))


def _to_do(desk: Desk, estate: str, rules: Mapping[str, Procedure]) -> dict[tuple[str, str], list[int]]:
    """(open, overdue) by procedure and step, as far as they are work of the reader's roles."""
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    steps = {(name, step.name): step for name, rule in rules.items() for step in rule.steps}
    late = func.sum(or_(StepRun.overdue_at.is_not(None), StepRun.due_at < desk.now).cast(StepRun.round.type))
    running = (StepRun.estate == estate) & (StepRun.state == "open") & (Case.state == "open")
    query = (select(Case.procedure, StepRun.step, func.count(), late).join(Case, Case.id == StepRun.case_id)
             .where(running).group_by(Case.procedure, StepRun.step))
    for procedure, key, many, overdue in desk.session.execute(query):
        name, _, item = key.partition("@")
        step = steps.get((procedure, name))
        if step is None:
            continue
        if desk.has_role(estate, (item,) if item in step.role else _hands(step)):
            counts[procedure, name][0] += many
            counts[procedure, name][1] += overdue or 0
        elif overdue and desk.roles(estate) & {role for due in step.due for role in due.overdue.approvals}:
            counts[procedure, name] = [overdue, overdue]
    chosen = (select(Case.procedure, StepAct.step, StepAct.value, func.count(StepAct.case_id.distinct()))
              .join(StepRun, (StepRun.case_id == StepAct.case_id) & (StepRun.step == StepAct.step) & (StepRun.round == StepAct.round))
              .join(Case, Case.id == StepAct.case_id).where(running, StepAct.kind == "proposal")
              .group_by(Case.procedure, StepAct.step, StepAct.value))
    for procedure, key, outcome, many in desk.session.execute(chosen):
        name = key.partition("@")[0]
        step = steps.get((procedure, name))
        asked = {role for one in (step.outcomes if step else ()) if one.name == outcome and one.approvals for role in one.approvals.by}
        if (procedure, name) not in counts and desk.roles(estate) & asked:
            counts[procedure, name] = [many, 0]
    return counts


def _hands(step: Step) -> tuple[str, ...]:
    """The roles for whom a step is work: those that do it, and those whose consent it asks for."""
    return (*step.role, *(step.approvals.by if step.approvals else ()))


def _jobs(desk: Desk, estate: str) -> tuple[tuple[str, int, int], ...]:
    titles = {"pdf": "生成 PDF", "notify": "发送通知"}
    rows: dict[str, list[int]] = {}
    for task, state, many in desk.session.execute(
            select(Job.task, Job.state, func.count()).where(Job.estate == estate, Job.state.in_(("waiting", "running", "failed")))
            .group_by(Job.task, Job.state)):
        counts = rows.setdefault(task, [0, 0])
        counts[state == "failed"] += many
    return tuple((titles.get(task, task), counts[0], counts[1]) for task, counts in rows.items())


def history(desk: Desk, case_id: str) -> list[HistoryRow]:
    """What happened to a case, newest first: who, when, what."""
    file = open_file(desk, case_id)
    rows = list(desk.session.scalars(select(Event).where(Event.case_id == case_id).order_by(Event.seq.desc())))
    names = desk.names({row.by for row in rows})
    titles = {step.name: desk.say(step.title) for step in (*file.bundle.procedure.steps, *file.steps)}
    papers = {rule.name: desk.say(rule.title) for rule in file.bundle.documents}
    reasons = {row.seq: desk.unseal(row.estate, row.sealed)
               for row in desk.session.scalars(select(Remark).where(Remark.case_id == case_id))}
    found: list[HistoryRow] = []
    for row in rows:
        step = row.data.get("step", "")  # of an item that has left, at least the step
        about = [titles.get(step) or titles.get(step.partition("@")[0], ""), papers.get(row.data.get("name", ""), ""),
                 _told(file, row), str(row.data.get("number", "")), reasons.get(row.seq, "")]
        what = " · ".join(word for word in (desk.say(WORDS[row.kind]) if row.kind in WORDS else row.kind, *about) if word)
        found.append(HistoryRow(row.at, names[row.by], what, row.kind, row.seq))
    return found


def _told(file: CaseFile, row: Event) -> str:
    """What an event says beside its step, in words: the role that consented, the outcome, the class, the rung, the sum."""
    desk, data, kind = file.desk, row.data, row.kind
    step = next((one for one in file.bundle.procedure.steps if one.name == str(data.get("step", "")).partition("@")[0]), None)
    if kind == "step.approved":
        return desk.office.role_title(file.case.estate, data.get("role", ""), desk.locale)
    if kind in ("step.decided", "step.proposed") and step:
        return next((desk.say(one.title) for one in step.outcomes if one.name == data.get("outcome")), "")
    if kind == "step.rung" and step and step.ladder:
        return next((desk.say(one.title) for one in step.ladder.rungs if one.name == data.get("rung")), "")
    if kind == "class.raised" and step and step.classify and step.form:
        choices = file.bundle.form(step.form).field(step.classify.field).choices
        return next((desk.say(one.title) for one in choices if one.value == data.get("to")), str(data.get("to", "")))
    if kind == "deposit.settled":
        return desk.tr(f"退还 {show(data['refund'])} 元，扣除 {show(data['deducted'])} 元",
                       f"CNY {show(data['refund'])} back, CNY {show(data['deducted'])} taken off")
    return ""


def reveal(desk: Desk, case_id: str) -> list[tuple[str, PersonData]]:
    """Parties with their identity numbers and phones, for roles that may; every look is an event."""
    file = open_file(desk, case_id)
    if not desk.has_role(file.case.estate, PERSONAL):
        raise Forbidden("没有查看证件信息的权限")
    file.record("personal.revealed", persons=[row.person_id for row in file.parties])
    return [(row.party, {**desk.unseal(file.case.estate, row.person.sealed), "name": row.person.name,
                         "kind": row.person.kind}) for row in file.parties]
