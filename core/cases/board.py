"""The progress board (入伙进度表, S0 A20 §4.1.5): every unit of an estate and how far its case is."""

from __future__ import annotations

from sqlalchemy import select

from core.cases.desk import Desk
from core.cases.views import BoardCell, BoardView
from core.errors import NotFound
from core.store.models import Case, CaseParty, CheckResult, Person, StepRun, Unit

STATES = ("none", "open", "defects", "done", "withdrawn")


def board(desk: Desk, estate: str, procedure: str) -> BoardView:
    """Buildings as blocks, floors as rows (top first), units as cells, with the counts of the legend."""
    desk.enter(estate)
    if procedure not in desk.office.library.procedures(estate):
        raise NotFound(f"本项目没有手续“{procedure}”")
    rule = desk.office.library.bundle(estate, procedure).procedure
    cases = _latest_cases(desk, estate, procedure)
    steps = _open_steps(desk, estate, procedure)
    titles = {step.name: desk.say(step.title) for step in rule.steps}
    defects, owners = _with_defects(desk, estate, procedure), _owners(desk, estate, procedure)
    counts: dict[str, int] = dict.fromkeys(STATES, 0)
    blocks: dict[str, dict[int, list[BoardCell]]] = {}
    query = select(Unit).where(Unit.estate == estate)
    for unit in sorted(desk.session.scalars(query), key=_place):
        case = cases.get(unit.id)
        cell = _cell(unit, case, steps.get(case.id, "") if case else "", titles, case is not None and case.id in defects,
                     owners.get(case.id, "") if case else "")
        counts[cell.state] += 1
        blocks.setdefault(unit.building, {}).setdefault(unit.floor, []).append(cell)
    buildings = tuple((building, tuple((floor, tuple(cells)) for floor, cells in sorted(floors.items(), reverse=True)))
                      for building, floors in blocks.items())
    return BoardView(procedure, desk.say(rule.title), buildings, counts)


def _place(unit: Unit) -> tuple[int, str, int, str, int, str]:
    return (_number(unit.building), unit.building, _number(unit.entrance), unit.entrance, unit.floor, unit.room)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 10_000


def _cell(unit: Unit, case: Case | None, step: str, titles: dict[str, str], defects: bool, owner: str) -> BoardCell:
    room = f"{unit.entrance}-{unit.room}" if unit.entrance else unit.room
    if case is None:
        return BoardCell(unit.id, unit.code, room, "none")
    state = "withdrawn" if case.state == "withdrawn" else "done" if case.ended_at else "defects" if defects else "open"
    step = step.partition("@")[0]  # of an item, the step
    lacks = f"待办：{titles[step]}" if step in titles and not case.ended_at else ""
    return BoardCell(unit.id, unit.code, room, state, case.id, titles.get(step, ""), owner, lacks)


def _latest_cases(desk: Desk, estate: str, procedure: str) -> dict[str, Case]:
    query = select(Case).where(Case.estate == estate, Case.procedure == procedure).order_by(Case.id)
    return {case.unit_id: case for case in desk.session.scalars(query) if case.unit_id}


def _open_steps(desk: Desk, estate: str, procedure: str) -> dict[str, str]:
    query = (select(StepRun.case_id, StepRun.step).join(Case, Case.id == StepRun.case_id)
             .where(StepRun.estate == estate, StepRun.state == "open", Case.procedure == procedure)
             .order_by(StepRun.opened_at.desc()))
    return {row.case_id: row.step for row in desk.session.execute(query)}


def _with_defects(desk: Desk, estate: str, procedure: str) -> set[str]:
    """Cases of which some item's newest result is a failure."""
    query = (select(CheckResult.case_id, CheckResult.step, CheckResult.item, CheckResult.result)
             .join(Case, Case.id == CheckResult.case_id)
             .where(Case.estate == estate, Case.procedure == procedure, Case.ended_at.is_(None))
             .order_by(CheckResult.round, CheckResult.at))
    newest: dict[tuple[str, str, str], str] = {}
    for case, step, item, result in desk.session.execute(query):
        newest[case, step, item] = result
    return {case for (case, _, _), result in newest.items() if result == "failed"}


def _owners(desk: Desk, estate: str, procedure: str) -> dict[str, str]:
    query = (select(CaseParty.case_id, Person.name).join(Person, Person.id == CaseParty.person_id)
             .join(Case, Case.id == CaseParty.case_id)
             .where(Case.estate == estate, Case.procedure == procedure, CaseParty.party == "owner", CaseParty.until.is_(None)))
    return {row.case_id: row.name for row in desk.session.execute(query)}
