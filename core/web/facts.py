"""Facts: confirming one that a step needs, and bringing in those of many units from a spreadsheet."""

from __future__ import annotations

from urllib.parse import quote

from pyramid.response import Response
from pyramid.view import view_config

from core.cases.fact_import import KINDS, ROLES, FactReport, import_facts, kind_of, summary, template_of
from core.cases.fact_sheets import XLSX, marked
from core.cases.facts import confirm_fact
from core.errors import FieldProblem, Forbidden, InvalidInput, NotFound, Refused
from core.web import entered
from core.web.acts import Refusal, carry_out, once_more, page, start_over
from core.web.asking import Request
from core.web.steps import after_step, step_page


@view_config(route_name="step_fact", request_method="POST")
def confirm(request: Request) -> Response:
    """Say what was found out about a fact, as of now."""
    case_id, matched = request.context.case_id, request.matchdict

    def act() -> None:
        confirm_fact(request.desk, case_id, matched["step"], matched["name"], entered.text(request, "value", 200),
                     version=entered.version(request), typed=True)

    return carry_out(request, act, to=after_step(request), said=request.tr("已登记"),
                     again=lambda refusal: step_page(request, refusal))


# ---------------------------------------------------------------- from a spreadsheet


@view_config(route_name="facts_import", request_method="GET")
def ask(request: Request) -> Response:
    """Which kind, which file; and the sheet to fill."""
    return import_page(request)


def import_page(request: Request, refusal: Refusal | None = None, report: FactReport | None = None,
                dry_run: bool = False) -> Response:
    kind, desk = kind_of(request.matchdict["kind"]), request.desk
    kinds = [(one.name, desk.say(one.title)) for one in KINDS.values()]
    columns = [(desk.say(column.title), desk.say(column.hint)) for column in kind.columns]
    said = summary(report, desk, dry_run=dry_run) if report else ""
    return page(request, "facts_import.jinja2",
                {"kind": kind.name, "title": desk.say(kind.title), "kinds": kinds, "columns": columns, "report": report,
                 "said": said, "may_import": desk.has_role(request.place.name, ROLES)}, refusal)


@view_config(route_name="facts_import", request_method="POST")
def bring_in(request: Request) -> Response:
    """Check the file, give back a copy with its mistakes beside their cells, or take it in: all rows or none."""
    action = entered.text(request, "action", 20)
    kind = kind_of(request.matchdict["kind"])
    dry_run = action != "import"
    try:
        found = entered.upload(request, "file")
        if found is None:
            raise InvalidInput([FieldProblem("file", request.tr("请选择表格文件"))])
        report = import_facts(request.desk, request.place.name, kind.name, found[0], dry_run=dry_run)
        request.db.flush()
        if action == "copy" and report.problems:
            copy = marked(request.desk, found[0], report.problems)
            start_over(request)
            return _sheet(copy, f"{kind.name}.errors.xlsx")
    except (NotFound, Forbidden):
        raise
    except Refused as error:
        return once_more(request, error, lambda refusal: import_page(request, refusal))
    if report.problems:
        request.response.status_int = 422
    return import_page(request, report=report, dry_run=dry_run)


@view_config(route_name="facts_template", request_method="GET")
def sheet(request: Request) -> Response:
    """The sheet to fill, with every unit."""
    kind = kind_of(request.matchdict["kind"])
    return _sheet(template_of(request.desk, request.place.name, kind.name), f"{kind.name}.xlsx")


def _sheet(data: bytes, name: str) -> Response:
    response = Response(data, content_type=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response
