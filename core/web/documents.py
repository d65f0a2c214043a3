"""Documents of a case: issuing after a last look, reading, printing, voiding."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.view import view_config

from core.cases.issuing import WORD, issue, preview
from core.cases.packet import document_bytes, packet
from core.cases.reading import case_view
from core.cases.views import CaseView, DocumentView
from core.cases.voiding import reissue, void
from core.documents.lines_of_word import text_of
from core.errors import FieldProblem, InvalidInput, NotFound
from core.store.models import Document
from core.web import entered
from core.web.acts import Refusal, carry_out, page
from core.web.asking import Request
from core.web.cases import colleagues
from core.web.headers import file_answer

# ---------------------------------------------------------------- issuing
from core.web.rendering import word
from core.web.steps import after_step, step_of


@view_config(route_name="issue", request_method="GET")
def last_look(request: Request) -> Response:
    """What is going to be issued, before anything takes a number."""
    return issue_page(request)


def issue_page(request: Request, refusal: Refusal | None = None) -> Response:
    case = case_view(request.desk, request.context.case_id)
    return page(
        request, "issue.jinja2", {"case": case, "step": step_of(case, request.matchdict["step"])}, refusal
    )


@view_config(route_name="issue", request_method="POST")
def issue_chosen(request: Request) -> Response:
    """Issue the chosen documents, all or none, in packet order."""
    case_id, step = request.context.case_id, request.matchdict["step"]

    def act() -> list[Document]:
        chosen = set(entered.texts(request, "name", 60))
        case = case_view(request.desk, case_id)
        due = [row.name for row in step_of(case, step).due_documents]
        strangers = sorted(chosen - set(due))
        issued = {row.name for row in case.documents if row.step == step}
        if strangers and not set(strangers) <= issued:
            raise NotFound(word("没有找到这一页"))
        if not chosen:
            raise InvalidInput([FieldProblem("name", request.tr("请至少选择一份文书"))])
        made, version = [], entered.version(request)
        for name in [name for name in due if name in chosen]:
            made.append(issue(request.desk, case_id, step, name, version=version))
            version = None  # the first of them has moved it on
        return made

    return carry_out(
        request,
        act,
        to=after_step(request),
        said=request.tr("文书已出具"),
        again=lambda refusal: issue_page(request, refusal),
    )


@view_config(route_name="preview", request_method="GET")
def show_preview(request: Request) -> Response:
    """The words of a document as it would be issued now; `?word=1` is the Word file with 草稿 across it."""
    matched = request.matchdict
    data = preview(request.desk, request.context.case_id, matched["step"], matched["name"])
    if "word" in request.GET:
        return file_answer(data, f"{matched['name']}-draft.docx", WORD, inline=False)
    case = case_view(request.desk, request.context.case_id)
    return page(
        request,
        "preview.jinja2",
        {
            "case": case,
            "step": step_of(case, matched["step"]),
            "paragraphs": text_of(data),
            "word": request.path + "?word=1",
        },
    )


# ---------------------------------------------------------------- reading


@view_config(route_name="documents", request_method="GET")
def every(request: Request) -> Response:
    """All documents of the case; the first of them open."""
    return document_page(request, None)


@view_config(route_name="document", request_method="GET")
def one(request: Request) -> Response:
    """One document beside the list."""
    return document_page(request, request.context.document_id)


def document_page(request: Request, document_id: str | None, refusal: Refusal | None = None) -> Response:
    case = case_view(request.desk, request.context.case_id)
    chosen = _chosen(case, document_id)
    paragraphs = text_of(request.office.blobs.get(chosen.word)) if chosen and not chosen.pdf else ()
    return page(
        request,
        "documents.jinja2",
        {
            "case": case,
            "document": chosen,
            "paragraphs": paragraphs,
            "colleagues": colleagues(request, case.estate) if chosen and chosen.may_void else [],
            "posted": _voiding(request),
            "errors": refusal.fields if refusal else {},
        },
        refusal,
    )


def _voiding(request: Request) -> dict[str, str]:
    voids = request.matched_route is not None and request.matched_route.name == "document_void"
    return {name: str(request.POST.get(name, "")) for name in ("reason", "witness")} if voids else {}


def _chosen(case: CaseView, document_id: str | None) -> DocumentView | None:
    if document_id is None:
        return next((row for row in case.documents if row.state == "issued"), None)
    return next((row for row in case.documents if row.id == document_id), None)


@view_config(route_name="document_file", request_method="GET")
def download(request: Request) -> Response:
    """The issued file; `?copy=2` prints the name of the second copy on the Word file."""
    kind = "pdf" if request.matchdict["kind"] == "pdf" else "word"
    said = entered.asked(request, "copy", 3)
    copy = int(said) - 1 if said.isascii() and said.isdecimal() and int(said) else None
    data, name, media_type = document_bytes(request.desk, request.context.document_id, kind, copy=copy)
    return file_answer(data, name, media_type, inline=kind == "pdf")


@view_config(route_name="packet", request_method="GET")
def whole_packet(request: Request) -> Response:
    """Everything of the case: one PDF for the printer (`?sides=one` without blank pages), or a ZIP of all files."""
    case = case_view(request.desk, request.context.case_id)
    kind = "pdf" if request.matchdict["kind"] == "pdf" else "zip"
    data = packet(request.desk, case.id, kind, both_sides=entered.asked(request, "sides", 3) != "one")
    return file_answer(data, f"{case.number}.{kind}", f"application/{kind}", inline=kind == "pdf")


# ---------------------------------------------------------------- taking back


@view_config(route_name="document_void", request_method="POST")
def make_void(request: Request) -> Response:
    """Void the document: the number stays, with reason and both hands."""
    document = request.context.document_id
    return carry_out(
        request,
        lambda: void(
            request.desk,
            document,
            entered.text(request, "reason", 200),
            entered.text(request, "witness", 64) or None,
        ),
        to=request.route_path("document", **request.matchdict),
        said=request.tr("已作废，编号保留"),
        again=lambda refusal: document_page(request, document, refusal),
    )


@view_config(route_name="document_reissue", request_method="POST")
def make_anew(request: Request) -> Response:
    """Issue the document anew; the old one is superseded."""
    document, matched = request.context.document_id, request.matchdict
    return carry_out(
        request,
        lambda: reissue(request.desk, document, entered.text(request, "reason", 200)),
        to=lambda new: request.route_path(
            "document", estate=matched["estate"], case=matched["case"], document=new.id
        ),
        said=request.tr("已重新出具"),
        again=lambda refusal: document_page(request, document, refusal),
    )
