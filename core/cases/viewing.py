"""A whole case as its reader sees it: judged, masked, worded. The one source of the case page and of the API."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

from core.cases.casefile import CaseFile, open_file
from core.cases.children import may_open
from core.cases.consents import asked, given, open_roles, proposal
from core.cases.deposits import is_settled, settlement_of
from core.cases.desk import Desk
from core.cases.fact_views import fact_views
from core.cases.gates import Gates, Judgement, checklist_sums
from core.cases.issuing import verify_path
from core.cases.lifecycle import deciders
from core.cases.money_views import money_view
from core.cases.people import masked, owners_of
from core.cases.printing import EVIDENCE_TITLES, RESULT_TITLES
from core.cases.signing import default_name, may_witness, next_signers, signer_title
from core.cases.timing import is_overdue, valid_to
from core.cases.views import (
    ApprovalView,
    CaseView,
    CheckItemView,
    ChecklistView,
    ChildView,
    DocumentView,
    DueDocument,
    OpenableView,
    OutcomeView,
    PaperView,
    PartyView,
    ProposalView,
    SettlementView,
    SignerView,
    StepView,
    UnitView,
)
from core.cases.voiding import may_void
from core.domain.base import Text
from core.domain.papers import RequiredDocument
from core.domain.procedures import Procedure, Step
from core.errors import GateClosed
from core.store.models import CheckResult, Document, Unit

STATE_TITLES = {"open": Text(zh="办理中", en="Open"), "suspended": Text(zh="已暂停", en="Suspended"),
                "withdrawn": Text(zh="已撤回", en="Withdrawn"), "completed": Text(zh="已办结", en="Completed")}
PERSONAL = ("service", "manager", "archive")
"""Roles that may see identity numbers and phones unmasked, each time with an event."""


def case_view(desk: Desk, case_id: str) -> CaseView:
    """The case for its reader; NotFound for strangers."""
    return desk.once(("view", case_id), lambda: view_of(open_file(desk, case_id)))


def view_of(file: CaseFile, gates: Gates | None = None) -> CaseView:
    """As `case_view`, of a file that is open already."""
    desk, case, procedure = file.desk, file.case, file.bundle.procedure
    gates = gates or Gates(file)
    read_only = _read_only(file)
    file.read_signatures()
    desk.names(_hands(file))
    documents = _documents(file, read_only)
    steps = tuple(_step(file, gates, judged, documents) for judged in gates.all())
    papers = [paper for step in steps for paper in step.papers if paper.state != "optional"]
    return CaseView(
        id=case.id, estate=case.estate, estate_title=desk.say(desk.office.estate(case.estate).title),
        procedure=case.procedure, procedure_title=desk.say(procedure.title), number=case.number, state=case.state,
        state_title=state_title(file), version=case.version,
        unit=unit_view(desk, case.unit) if case.unit else None, parties=_parties(file), steps=steps,
        current=_current(steps), money=money_view(file, read_only), documents=documents, opened_at=case.opened_at,
        opened_by=desk.name_of(case.opened_by), handler=desk.name_of(case.handler_id),
        papers_present=sum(paper.state in ("present", "waived") for paper in papers), papers_total=len(papers),
        read_only=read_only, may_withdraw=case.ended_at is None and desk.has_role(case.estate, procedure.withdraw or file.roles),
        may_see_personal=desk.has_role(case.estate, PERSONAL), subject=case.subject, place=case.place,
        parent=_child(file.parent, "") if file.parent else None,
        children=tuple(_child(CaseFile(desk, row), row.kind) for row in file.children),
        openable=_openable(file, gates) if not read_only else ())


def state_title(file: CaseFile) -> str:
    """What the state of the case is called: an end that an outcome leads to bears that outcome's title."""
    return named_state(file.desk, file.bundle.procedure, file.case.state)


def named_state(desk: Desk, procedure: Procedure, state: str) -> str:
    """As `state_title`, of a case that is not open before us."""
    if state in STATE_TITLES:
        return desk.say(STATE_TITLES[state])
    titles = [one.title for step in procedure.steps for one in step.outcomes if one.end == state]
    return desk.say(titles[0]) if titles else state


def _child(file: CaseFile, kind: str) -> ChildView:
    title = file.desk.say(file.bundle.procedure.title)
    return ChildView(file.case.id, kind, title, file.case.number, state_title(file), file.case.opened_at, file.case.ended_at)


def _openable(file: CaseFile, gates: Gates) -> tuple[OpenableView, ...]:
    return tuple(OpenableView(kind.name, file.desk.say(kind.title),
                              tuple(may_open(file, kind, gates.holds, lambda step: gates.judge(step).status)),
                              _may_begin(file, kind.of))
                 for kind in file.bundle.procedure.children)


def _may_begin(file: CaseFile, procedure: str) -> bool:
    """Whether the estate has that procedure and the reader a role in its first step."""
    office, estate = file.desk.office, file.case.estate
    if procedure not in office.library.procedures(estate) or office.plugins.reason(procedure, estate):
        return False
    return file.desk.has_role(estate, office.library.bundle(estate, procedure).procedure.steps[0].role)


def _hands(file: CaseFile) -> set[str]:
    """Everybody whose name the view shows, so that they are read at once."""
    case = file.case
    found = {case.opened_by, case.handler_id or "", *(run.done_by or "" for run in file.runs)}
    found |= {row.by for rows in (file.marks, file.checks, file.receipts, file.documents, file.acts) for row in rows}
    return found | {signature.witness for document in file.documents for signature in document.signatures}


def _read_only(file: CaseFile) -> str:
    try:
        file.require_open()
    except GateClosed as closed:
        return closed.what
    return ""


def _result(desk: Desk, name: str) -> str:
    return desk.say(RESULT_TITLES[name]) if name in RESULT_TITLES else name


def _current(steps: tuple[StepView, ...]) -> str:
    """The step to show first: the reader's own that is open, else any that is open, else the last that was done."""
    for wanted in (lambda step: step.status == "open" and step.mine, lambda step: step.status == "open"):
        for step in steps:
            if wanted(step):
                return step.name
    done = [step.name for step in steps if step.status == "done"]
    return done[-1] if done else steps[0].name


def unit_view(desk: Desk, unit: Unit, owners: tuple[str, ...] | None = None) -> UnitView:
    """A unit as pages show it: 3栋2单元501."""
    entrance = f"{unit.entrance}单元" if unit.entrance else ""
    label = f"{unit.building}栋{entrance}{unit.room}" if unit.room else unit.code
    named = tuple(owners_of(desk, unit.estate, [unit.id])[unit.id]) if owners is None else owners
    return UnitView(unit.id, unit.code, label, unit.building, unit.entrance, unit.floor, unit.room, f"{unit.area:.2f}",
                    unit.building_type, unit.layout, unit.use, unit.status, named)


def _parties(file: CaseFile) -> tuple[PartyView, ...]:
    rows: list[PartyView] = []
    for row, known in file.persons:
        title = file.desk.say(file.bundle.procedure.party(row.party).title)
        person = masked(known)
        rows.append(PartyView(row.party, title, row.person_id, row.person.name, row.person.kind,  # type: ignore[arg-type]
                              person.get("id_type", ""), person.get("id_number", ""), person.get("phone", "")))
    return tuple(rows)


def _step(file: CaseFile, gates: Gates, judged: Judgement, documents: tuple[DocumentView, ...]) -> StepView:
    desk, step, run = file.desk, judged.step, file.run(judged.step.name)
    shown = judged.status in ("open", "done")
    return StepView(
        name=step.name, title=desk.say(step.title), status=judged.status,  # type: ignore[arg-type]
        roles=tuple(desk.office.role_title(file.case.estate, role, desk.locale) for role in step.role),
        mine=desk.has_role(file.case.estate, step.role), round=run.round if run else 1,
        why_not=tuple(judged.why_not), missing=tuple(judged.missing), form=step.form,
        papers=tuple(_paper(file, step, paper, gates) for paper in gates.papers(step)),
        checklist=_checklist(file, gates, step) if step.checklist else None, fees=bool(step.fees),
        documents=tuple(row for row in documents if row.step == step.name),
        due_documents=_due(file, gates, step) if shown else (),
        outcomes=_outcomes(file, step), may_decide=bool(step.outcomes) and desk.has_role(file.case.estate, deciders(step)),
        can_complete=judged.status == "open" and not judged.missing and not judged.automatic,
        help=desk.say(step.help) if step.help else "", source=step.source, due_at=run.due_at if run else None,
        done_at=run.done_at if run else None, done_by=desk.name_of(run.done_by) if run else "",
        submitted=bool(step.form) and file.filed(step.name), **_beyond(file, gates, judged))


def _outcomes(file: CaseFile, step: Step) -> tuple[OutcomeView, ...]:
    """What may come of the step; the first that simply goes on is taken by itself where the step as a whole is consented to."""
    desk = file.desk
    itself = next((one.name for one in step.outcomes if one.goes_on), "") if step.approvals else ""
    return tuple(OutcomeView(one.name, desk.say(one.title), one.reason == "required", one.name == itself, tuple(
        desk.office.role_title(file.case.estate, role, desk.locale) for role in (one.approvals.by if one.approvals else ())))
        for one in step.outcomes)


def _beyond(file: CaseFile, gates: Gates, judged: Judgement) -> dict[str, Any]:
    """What only some steps have: consents, time, a settlement, facts, a rung, a class."""
    desk, step, found = file.desk, judged.step, dict[str, Any]()
    run, is_open = file.run(step.name), judged.status == "open"
    if step.approvals or step.outcomes or step.due:
        rows = _approvals(file, step, is_open)
        found |= {"approvals": rows, "may_approve": is_open and any(row.mine for row in rows), "proposed": _proposed(file, step)}
    if "@" in step.name:
        found |= _of_item(file, step)
    if step.due or step.repeat:
        found["overdue"] = is_overdue(file, step)
    if step.override and desk.has_role(file.case.estate, step.override.role):
        kinds = {reason.kind for reason in (*judged.why_not, *judged.missing)}
        found["may_override"] = bool(kinds & {"wait", "fact", "until"}) and not kinds & {"requires", "suspended", "expired"}
    if step.validity and (until := valid_to(file, step.name)):
        local = desk.office.calendar(file.case.estate).local_date(until - timedelta(seconds=1))
        found |= {"valid_to": local.isoformat(), "may_renew": judged.status == "done" and desk.has_role(file.case.estate, step.role)}
    if step.settle and judged.status in ("open", "done"):
        found["settlement"] = _settlement(file, step, judged)
    if step.needs_fact and is_open:
        found["facts"] = fact_views(file, step.name)
    if step.ladder:
        found["rung"] = next((desk.say(rung.title) for rung in step.ladder.rungs if run and rung.name == run.rung), "")
    if step.classify:
        found |= _class(file, gates, step)
    return found


def _approvals(file: CaseFile, step: Step, is_open: bool) -> tuple[ApprovalView, ...]:
    desk, estate, rows = file.desk, file.case.estate, list[ApprovalView]()
    outcomes = {one.name: desk.say(one.title) for one in step.outcomes}
    for what, rule in asked(file, step):
        to = outcomes.get(what, desk.tr("超过时限", "overdue") if what else "")
        rows += [ApprovalView(act.role, desk.office.role_title(estate, act.role, desk.locale), to, desk.name_of(act.by), act.at,
                              desk.unseal(estate, act.note) if act.note else "") for act in given(file, step, what)]
        already = rule.distinct and any(act.by == desk.actor.user_id for act in given(file, step, what))
        rows += [ApprovalView(role, desk.office.role_title(estate, role, desk.locale), to,
                              mine=is_open and not already and role in desk.roles(estate))
                 for role in open_roles(file, step, what, rule)]
    return tuple(rows)


def _proposed(file: CaseFile, step: Step) -> ProposalView | None:
    said = proposal(file, step)
    chosen = next((one for one in step.outcomes if said and one.name == said.value and one.approvals), None)
    if said is None or chosen is None:
        return None
    desk = file.desk
    reason = desk.unseal(file.case.estate, said.note) if said.note else ""
    return ProposalView(chosen.name, desk.say(chosen.title), reason, desk.name_of(said.by), said.at)


def _of_item(file: CaseFile, step: Step) -> dict[str, str]:
    """What the step as a whole is called, and whom this item of it is for."""
    name, _, item = step.name.partition("@")
    whole, person = file.bundle.procedure.step(name), file.item(step.name)
    label = person["name"] if person else file.desk.office.role_title(file.case.estate, item, file.desk.locale)
    return {"group": file.desk.say(whole.title), "item": label}


def _settlement(file: CaseFile, step: Step, judged: Judgement) -> SettlementView | None:
    if step.settle is None:
        return None
    done, found = is_settled(file, step), settlement_of(file, step)
    titles = {less.name: file.desk.say(less.title) for less in step.settle.less}
    first = [one for one in judged.missing if one.kind not in ("settle", "document", "signature", "outcome")]
    may = not done and judged.status == "open" and not first and file.desk.has_role(file.case.estate, step.role)
    lines = tuple((titles.get(line.name, line.title), line.fen, line.origin) for line in found.lines)
    return SettlementView(found.held, lines, found.refund, done, may)


def _class(file: CaseFile, gates: Gates, step: Step) -> dict[str, str]:
    rule = step.classify
    if rule is None:
        return {}
    field = file.bundle.form(step.form or "").field(rule.field)
    titles = {choice.value: file.desk.say(choice.title) for choice in field.choices}
    now = str(file.effective(step.name).get(rule.field) or "")
    offered = next((one.to for one in rule.suggest if gates.holds(one.when)), "")
    return {"class_title": titles.get(now, now), "suggested": titles.get(offered, offered)}


def _paper(file: CaseFile, step: Step, paper: RequiredDocument, gates: Gates) -> PaperView:
    desk, mark = file.desk, file.mark(step.name, paper.name)
    ticked = set(mark.evidence.get("marks", ())) if mark else set()
    if mark and mark.waived:
        state = "waived"
    elif mark and gates.is_there(step, paper):
        state = "present"
    elif ticked:
        state = "partial"
    else:
        state = "optional" if paper.optional or _replaced(gates, step, paper) else "missing"
    return PaperView(
        name=paper.name, title=desk.say(paper.title), count=paper.count, state=state,  # type: ignore[arg-type]
        evidence=tuple((one, desk.say(EVIDENCE_TITLES[one]), one in ticked) for one in paper.evidence),
        may_waive=bool(paper.waive) and desk.has_role(file.case.estate, paper.waive), reason=mark.reason if mark else "",
        help=desk.say(paper.help) if paper.help else "", upload=paper.upload, blob=(mark.blob or "") if mark else "",
        source=paper.source or step.source, by=desk.name_of(mark.by) if mark else "", at=mark.at if mark else None)


def _replaced(gates: Gates, step: Step, paper: RequiredDocument) -> bool:
    papers = {one.name: one for one in gates.papers(step)}
    return any(name in papers and gates.is_there(step, papers[name]) for name in paper.alternatives)


def _checklist(file: CaseFile, gates: Gates, step: Step) -> ChecklistView:
    desk = file.desk
    checklist, items = gates.checklist_items(step)
    rows: dict[str, list[CheckResult]] = defaultdict(list)
    for row in file.checks:
        if row.step == step.name:
            rows[row.item].append(row)
    views: list[CheckItemView] = []
    current = file.results(step.name)
    for item in items:
        earlier, last = rows[item.name], current.get(item.name)
        failed = last is not None and last.result in checklist.failed
        views.append(CheckItemView(
            name=item.name, title=desk.say(item.title), group=desk.say(item.group) if item.group else "",
            hint=desk.say(item.hint) if item.hint else "", result=last.result if last else "",
            note=last.note if last else "", photo=(last.photo or "") if last else "", round=last.round if last else 0,
            open=last is None or failed, failed=failed,
            history=tuple((row.round, _result(desk, row.result), row.note, desk.name_of(row.by))
                          for row in earlier)))
    sums = checklist_sums(gates, step)
    return ChecklistView(checklist.name, desk.say(checklist.title),
                         tuple((one, _result(desk, one)) for one in checklist.results), tuple(views),
                         sums["rounds"], checklist.note_on, checklist.photo_on, sums["total"], sums["checked"],
                         sums["open_items"], checklist.source)


def _due(file: CaseFile, gates: Gates, step: Step) -> tuple[DueDocument, ...]:
    rows = [(rule, tuple(gates.not_issuable(step, rule))) for rule in gates.documents(step)
            if not gates.in_round(step, rule)]
    return tuple(DueDocument(rule.name, file.desk.say(rule.title), rule.code, step.name, len(rule.copies), rule.optional,
                             rule.series is not None, reasons) for rule, reasons in rows)


def _documents(file: CaseFile, read_only: str) -> tuple[DocumentView, ...]:
    packet = {rule.name: rule.packet for rule in file.bundle.documents}
    rows = sorted(file.documents, key=lambda row: (packet.get(row.name, 99), row.at, row.id))
    return tuple(document_view(file, row, read_only) for row in rows)


def document_view(file: CaseFile, row: Document, read_only: str = "") -> DocumentView:
    """One issued document for the reader."""
    desk = file.desk
    signers = tuple(_signer(file, row, said) for said in row.signers["signers"])
    standing = row.state == "issued" and not read_only
    waiting = row.pdf_state == "pending" and desk.office.papers.converter.available() is not None
    return DocumentView(
        id=row.id, name=row.name, title=row.title, code=row.code, number=row.number, step=row.step,
        state=row.state, signed=row.signed, signers=signers, signing=row.signers["signing"],  # type: ignore[arg-type]
        copies=tuple((copy["title"], copy["to"]) for copy in row.copies["copies"]), seal=row.seal,
        sealed=row.sealed_at is not None, pdf_state="waiting" if waiting else row.pdf_state,  # type: ignore[arg-type]
        pdf_error=row.pdf_error, word=row.word, pdf=row.pdf,
        verify_path=verify_path(desk, row.estate, row.series, row.number), at=row.at, by=desk.name_of(row.by),
        may_sign=standing and any(may_witness(file, row, said) for said in next_signers(row)),
        may_void=may_void(file, row), void_reason=row.void_reason, replaces=row.replaces_id or "")


def _signer(file: CaseFile, row: Document, said: dict[str, Any]) -> SignerView:
    signature = next((one for one in row.signatures if one.signer == said["as"]), None)
    title = signer_title(file, said)
    if signature is not None:
        return SignerView(said["as"], title, said["kind"], signature.name, False, signature.way, signature.at,
                          file.desk.name_of(signature.witness), signature.shown, signature.device)
    expected = default_name(file, said) if said["kind"] == "party" else ""
    return SignerView(said["as"], title, said["kind"], expected, said in next_signers(row))
