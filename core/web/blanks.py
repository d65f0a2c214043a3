"""Blank forms: every document of the estate's procedures, to be printed and filled in by pen."""

from __future__ import annotations

from collections import Counter

from pyramid.response import Response
from pyramid.view import view_config

from core.cases.issuing import WORD
from core.domain.documents import Document
from core.walkthroughs.blank_papers import blank_documents, blank_word
from core.web.acts import page
from core.web.asking import Request
from core.web.headers import file_answer


@view_config(route_name="blanks", request_method="GET")
def show(request: Request) -> Response:
    """All blank forms of the estate, by procedure."""
    library, estate = request.office.library, request.place.name
    procedures = [(name, request.desk.say(library.bundle(estate, name).procedure.title), _listed(request, name))
                  for name in library.procedures(estate)]
    return page(request, "blanks.jinja2", {"procedures": [row for row in procedures if row[2]]})


def _listed(request: Request, procedure: str) -> list[dict[str, str]]:
    """The documents of a procedure; those of one title are told apart by who signs them."""
    library, estate, say = request.office.library, request.place.name, request.desk.say
    documents = blank_documents(library, estate, procedure)
    several = {title for title, times in Counter(say(rule.title) for rule in documents).items() if times > 1}
    parties = {party.name: say(party.title) for party in library.bundle(estate, procedure).procedure.parties}

    def signers(rule: Document) -> str:
        roles = (request.office.role_title(estate, role, request.locale_name) for role in rule.sign.roles)
        return request.tr("、").join([*(parties.get(party, party) for party in rule.sign.parties), *roles])

    return [{"name": rule.name, "title": say(rule.title), "signers": signers(rule) if say(rule.title) in several else ""}
            for rule in documents]


@view_config(route_name="blank", request_method="GET")
def download(request: Request) -> Response:
    """One blank form as a Word file; it has no number and is not recorded."""
    office, matched = request.office, request.matchdict
    title, data = blank_word(office.library, office.template_filters, request.place.name, matched["procedure"], matched["name"])
    return file_answer(data, f"{title}.docx", WORD, inline=False)
