"""Blank forms: every document of the estate's procedures, to be printed and filled in by pen."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from core.cases.issuing import WORD
from core.walkthroughs.blank_papers import blank_names, blank_word
from core.web.acts import page
from core.web.asking import Request
from core.web.headers import file_answer


@view_config(route_name="blanks", request_method="GET")
def show(request: Request) -> Response:
    """All blank forms of the estate, by procedure."""
    library, estate = request.office.library, request.place.name
    procedures = [(name, request.desk.say(library.bundle(estate, name).procedure.title), blank_names(library, estate, name))
                  for name in library.procedures(estate)]
    return page(request, "blanks.jinja2", {"procedures": [row for row in procedures if row[2]]})


@view_config(route_name="blank", request_method="GET")
def download(request: Request) -> Response:
    """One blank form as a Word file; it has no number and is not recorded."""
    office, matched = request.office, request.matchdict
    title, data = blank_word(office.library, office.template_filters, request.place.name, matched["procedure"], matched["name"])
    return file_answer(data, f"{title}.docx", WORD, inline=False)
