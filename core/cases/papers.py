"""Required documents at the counter: seen, kept, or waived with a reason."""

from __future__ import annotations

from collections.abc import Sequence

from core.cases.attachments import is_kept
from core.cases.casefile import CaseFile, open_file
from core.cases.desk import Desk
from core.cases.gates import Gates
from core.cases.progress import advance
from core.cases.words import reason_given
from core.domain.papers import RequiredDocument
from core.domain.procedures import Step
from core.errors import FieldProblem, GateClosed, InvalidInput, NotFound
from core.store.models import PaperMark


def mark_paper(desk: Desk, case_id: str, step: str, paper: str, evidence: Sequence[str], *, count: int = 1,
               blob: str | None = None, version: int | None = None) -> None:
    """Say what was seen or kept of a required document; nothing ticked takes an earlier mark back.

    `blob`: SHA-256 of an uploaded scan. The earlier marks stay in the history.
    """
    mark_papers(desk, case_id, step, {paper: {"evidence": list(evidence), "count": count, "blob": blob}}, version=version)


def mark_papers(desk: Desk, case_id: str, step: str, marks: dict[str, dict], *, version: int | None = None) -> None:
    """Several papers at once: `{paper: {"evidence": [...], "count": 1, "blob": None}}`.

    In a step that is done a mark may be added to, not taken back (GateClosed SX-2204).
    """
    file = open_file(desk, case_id, version=version, change=True)
    rule, gates = _step(file, step)
    for name, said in marks.items():
        paper = _paper(gates, rule, name)
        ticked = list(said.get("evidence", ()))
        unknown = sorted(set(ticked) - set(paper.evidence))
        if unknown:
            raise InvalidInput([FieldProblem(f"papers.{name}", f"“{desk.say(paper.title)}”没有“{unknown[0]}”这一项")])
        count = said.get("count", 1)
        if not 0 <= count <= 999:
            raise InvalidInput([FieldProblem(f"papers.{name}", "份数应在 0 到 999 之间")])
        blob = said.get("blob")
        if blob and not is_kept(desk, file.case.estate, blob):
            raise NotFound("没有这个附件")
        file.add(file.marks, PaperMark(case_id=file.case.id, step=step, paper=name, blob=blob,
                                       evidence={"marks": ticked, "count": count}, by=desk.actor.user_id, at=desk.now))
        file.record("paper.marked", step=step, paper=name, marks=ticked, count=count, blob=blob or "")
    if gates.judge(step).status == "done" and gates.missing_papers(rule):
        raise GateClosed("本步骤已办完，资料登记不能撤销", gates.missing_papers(rule), number=2204)
    advance(file)


def waive_paper(desk: Desk, case_id: str, step: str, paper: str, reason: str, *, version: int | None = None) -> None:
    """Do without a required document, with a reason, by a role that the paper names."""
    file = open_file(desk, case_id, version=version, change=True)
    rule, gates = _step(file, step, role=False)
    said = _paper(gates, rule, paper)
    if not said.waive:
        raise InvalidInput([FieldProblem(f"papers.{paper}", f"“{desk.say(said.title)}”不可免交")])
    desk.require_role(file.case.estate, said.waive, f"免交“{desk.say(said.title)}”")
    why = reason_given(reason, "请写明免交的原因")
    if gates.is_there(rule, said):
        raise InvalidInput([FieldProblem(f"papers.{paper}", f"“{desk.say(said.title)}”已交验或已免交")])
    file.add(file.marks, PaperMark(case_id=file.case.id, step=step, paper=paper, evidence={"marks": [], "count": 0},
                                   waived=True, reason=why, by=desk.actor.user_id, at=desk.now))
    file.record("paper.waived", step=step, paper=paper)
    advance(file)


def _step(file: CaseFile, name: str, *, role: bool = True) -> tuple[Step, Gates]:
    file.require_open()
    step, gates = file.step(name), Gates(file)
    if role:
        file.desk.require_role(file.case.estate, step.role, f"“{file.desk.say(step.title)}”")
    gates.require_open(step, "登记资料")
    return step, gates


def _paper(gates: Gates, step: Step, name: str) -> RequiredDocument:
    for paper in gates.papers(step):
        if paper.name == name:
            return paper
    raise NotFound(f"本步骤没有资料“{name}”")


