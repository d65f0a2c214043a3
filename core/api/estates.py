"""Estates, their procedures, units and people, and what was handed in."""

from __future__ import annotations

from core.api.answers import (
    ChildSaid,
    EstateAnswer,
    Imported,
    Kept,
    Made,
    PartySaid,
    ProblemRow,
    ProcedureAnswer,
    StepSaid,
    UnitPage,
)
from core.api.endpoints import Call, endpoint
from core.api.requests import ImportedUnits, NewOwners, NewPerson, NewUpload, SearchFor, UnitsOf
from core.cases.attachments import keep_upload
from core.cases.board import board as board_of
from core.cases.opening import startable
from core.cases.people import add_person, transfer_unit
from core.cases.reading import SearchHit, search as found, units as units_page
from core.cases.registration import import_units
from core.cases.viewing import unit_view
from core.cases.views import BoardView, UnitView
from core.errors import FieldProblem, InvalidInput, NotFound
from core.store.models import Unit

ESTATE = "/estates/{estate}"


@endpoint("GET", "/estates", "read", answer=list[EstateAnswer])
def list_estates(call: Call) -> list[EstateAnswer]:
    """The estate of the token, with the roles of its user there."""
    actor = call.desk.actor
    scopes = tuple(sorted(actor.scopes or ()))
    return [EstateAnswer(name, call.desk.say(known.estate.title), known.estate.code, call.desk.say(known.company.title),
                         known.estate.timezone, tuple(sorted(actor.roles.get(name, ()))), scopes)
            for name, known in call.office.library.estates.items() if actor.knows(name)]


@endpoint("GET", f"{ESTATE}/procedures", "read", answer=list[ProcedureAnswer])
def list_procedures(call: Call) -> list[ProcedureAnswer]:
    """The procedures of the estate with their steps."""
    office, desk = call.office, call.desk
    may = {name for name, _ in startable(desk, call.estate)}
    rows: list[ProcedureAnswer] = []
    for name in office.library.procedures(call.estate):
        said = office.library.bundle(call.estate, name).procedure
        steps = tuple(StepSaid(step.name, desk.say(step.title), step.role, step.requires, step.form, step.documents, step.each,
                               step.approvals.by if step.approvals else ()) for step in said.steps)
        parties = tuple(PartySaid(one.name, desk.say(one.title), one.kind, one.many, one.optional) for one in said.parties)
        children = tuple(ChildSaid(one.name, desk.say(one.title), one.of) for one in said.children)
        rows.append(ProcedureAnswer(said.name, desk.say(said.title), said.source, name in may,
                                    office.plugins.reason(name, call.estate) or "", steps, said.subject, parties, children))
    return rows


@endpoint("GET", f"{ESTATE}/board/{{procedure}}", "read", answer=BoardView)
def read_board(call: Call) -> BoardView:
    """The progress board: every unit, and how far its case is."""
    return board_of(call.desk, call.estate, call["procedure"])


@endpoint("GET", f"{ESTATE}/search", "read", answer=list[SearchHit], query=SearchFor)
def search(call: Call) -> list[SearchHit]:
    """Units, cases and documents by code, name, initials, phone or number."""
    return found(call.desk, call.estate, call.query.q)


@endpoint("GET", f"{ESTATE}/units", "read", answer=UnitPage, query=UnitsOf)
def list_units(call: Call) -> UnitPage:
    """Units in the order of their codes."""
    asked: UnitsOf = call.query
    page = units_page(call.desk, call.estate, text=asked.text, after=asked.after, limit=asked.limit)
    return UnitPage(page.rows, page.next, page.total)


# before `units/{unit}`: the first address that fits is taken
@endpoint("POST", f"{ESTATE}/units/imports", "write", answer=Imported, body=ImportedUnits, files=("file",))
def post_units(call: Call) -> Imported:
    """Units and owners from a spreadsheet (.xlsx): all rows or none; `dry_run` only says what would happen."""
    dry_run = call.body.dry_run
    report = import_units(call.desk, call.estate, call.files["file"].data, dry_run=dry_run)
    if report.problems and not dry_run:
        raise InvalidInput(report.problems)
    return Imported(report.rows, report.created, report.updated, report.people,
                    tuple(map(problem_row, report.problems)))


@endpoint("GET", f"{ESTATE}/units/{{unit}}", "read", answer=UnitView)
def read_unit(call: Call) -> UnitView:
    """One unit with its present owners."""
    unit = call.session.get(Unit, call["unit"])
    if unit is None or unit.estate != call.desk.enter(call.estate).name:
        raise NotFound("没有这套房屋")
    return unit_view(call.desk, unit)


@endpoint("POST", f"{ESTATE}/units/{{unit}}/owners", "write", answer=UnitView, body=NewOwners)
def post_owners(call: Call) -> UnitView:
    """The unit has new owners from a day on; the former ones stay in the history."""
    transfer_unit(call.desk, call["unit"], call.body.people, call.body.on)
    call.session.flush()
    return read_unit.handler(call)


@endpoint("POST", f"{ESTATE}/people", "write", answer=Made, body=NewPerson, status=201)
def post_person(call: Call) -> Made:
    """Register a person or firm; one with the same name and identity number is brought up to date."""
    return Made(add_person(call.desk, call.estate, call.body.model_dump()).id)


@endpoint("POST", f"{ESTATE}/uploads", "write", answer=Kept, body=NewUpload, files=("file",), status=201)
def post_upload(call: Call) -> Kept:
    """Hand in a file: PDF, JPEG or PNG, by `kind`; forms, papers and checks name it by its hash."""
    upload = call.files["file"]
    return Kept(keep_upload(call.desk, call.estate, upload.data, upload.name, call.body.kind, field="file"))


def problem_row(problem: FieldProblem) -> ProblemRow:
    return ProblemRow(problem.field, problem.message, f"SX-{problem.number}")
