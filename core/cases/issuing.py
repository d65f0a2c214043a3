"""Issuing a document, in one transaction and in this order: take the number, freeze the context (which prints it),
render, reparse, put the blob, append the event. A blob without a row is swept later; a number without a document cannot be."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy.orm.attributes import set_committed_value

from core.cases.casefile import CaseFile, open_file
from core.cases.desk import Desk
from core.cases.gates import Gates, signing_of
from core.cases.hooks import HookCase, hooks_of
from core.cases.printing import all_signatures, context_of, signer_titles, with_images
from core.cases.progress import advance
from core.clock import show_date
from core.documents.engine import Template, compiled
from core.documents.faults import RenderFault
from core.domain.documents import Document as DocumentRule, Series
from core.domain.procedures import Step
from core.errors import GateClosed, NotFound
from core.security.codes import verify_code
from core.store import blobs, series as numbers
from core.store.models import Document, Receipt, SeriesNumber, new_id
from core.store.outbox import enqueue

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF_TASK = "pdf"
def issue(desk: Desk, case_id: str, step: str, name: str, *, version: int | None = None) -> Document:
    """Issue the document `name` of a step; one that stands already in this round is returned as it is.

    Raises GateClosed with the reasons, Forbidden, RenderFailed naming template and field.
    """
    file = open_file(desk, case_id, version=version, change=True)
    rule, said, gates = _allowed(file, step, name)
    standing = gates.in_round(said, rule)
    if standing:
        return standing[-1]
    document = _issue(file, gates, said, rule)
    advance(file)
    return document


def issue_all(desk: Desk, case_id: str, step: str, *, version: int | None = None) -> list[Document]:
    """Issue every document of a step that is due and can be issued, in packet order."""
    file = open_file(desk, case_id, version=version, change=True)
    file.require_open()
    return issue_due(file, step)


def issue_due(file: CaseFile, step: str) -> list[Document]:
    """As `issue_all`, in a file that is already open for change."""
    said, gates = file.step(step), Gates(file)
    file.desk.require_role(file.case.estate, said.role, f"“{file.desk.say(said.title)}”")
    due = [rule for rule in gates.documents(said)
           if not rule.optional and not gates.in_round(said, rule) and not gates.not_issuable(said, rule)]
    made = [_issue(file, gates, said, rule) for rule in sorted(due, key=lambda rule: rule.packet)]
    if made:
        advance(file)
    return made


def preview(desk: Desk, case_id: str, step: str, name: str) -> bytes:
    """The Word file as it would be issued now, stamped 草稿, without a number; nothing is stored."""
    file = open_file(desk, case_id)
    said = file.step(step)
    desk.require_role(file.case.estate, said.role, f"“{desk.say(said.title)}”")
    rule = _rule(file, said, name)
    frozen = freeze(file, Gates(file), rule, said.name, number="(草稿)")
    return rendered(file, rule, frozen, stamp="草稿")


# ---------------------------------------------------------------- one document


def _allowed(file: CaseFile, step: str, name: str) -> tuple[DocumentRule, Step, Gates]:
    file.require_open()
    said = file.step(step)
    file.desk.require_role(file.case.estate, said.role, f"“{file.desk.say(said.title)}”")
    rule, gates = _rule(file, said, name), Gates(file)
    if rule not in gates.documents(said):
        raise GateClosed(f"《{file.desk.say(rule.title)}》不适用于本件", number=2221)
    reasons = gates.not_issuable(said, rule)
    if reasons:
        raise GateClosed(f"还不能出具《{file.desk.say(rule.title)}》", reasons, number=2220)
    return rule, said, gates


def _rule(file: CaseFile, step: Step, name: str) -> DocumentRule:
    if name not in step.documents:
        raise NotFound(f"本步骤没有文书“{name}”")
    return file.bundle.document(name)


def _issue(file: CaseFile, gates: Gates, step: Step, rule: DocumentRule) -> Document:
    identity = new_id()
    taken = take_number(file, file.bundle.series_named(rule.series), rule.name, document_id=identity) if rule.series else None
    if taken is not None and taken.document_id != identity:  # this very request issued it before
        return next(row for row in file.documents if row.id == taken.document_id)
    return write(file, gates, rule, step.name, identity=identity, taken=taken)


def issue_for_receipt(file: CaseFile, gates: Gates, name: str, receipt: Receipt, taken: SeriesNumber) -> Document | None:
    """The printed receipt or voucher with the number it already has; None where the procedure declares none."""
    rule = next((rule for rule in file.bundle.documents if rule.name == name), None)
    if rule is None:
        return None
    document = write(file, gates, rule, "", identity=new_id(), taken=taken, receipt=receipt)
    taken.document_id = receipt.document_id = document.id
    return document


def request_part(file: CaseFile, part: str) -> str | None:
    """The key of one numbered paper within the request: a request may take several, each of them once."""
    key = file.desk.request_key
    return f"{key}/{file.case.id}/{part}" if key else None


def take_number(file: CaseFile, series: Series, part: str, *, document_id: str | None) -> SeriesNumber:
    """The next number of `series` at the case's estate, in this transaction; the same request gets for the same `part`
    the number it got before."""
    desk, estate = file.desk, file.desk.office.estate(file.case.estate)
    taken = numbers.take(desk.session, estate=estate.name, series=series, at=desk.now, by=desk.actor.user_id,
                         document_id=document_id, local_year=desk.today(estate.name).year,
                         estate_code=estate.code or estate.name, request_key=request_part(file, part))
    hooks = hooks_of(file)
    if hooks.heard("number") and taken in desk.session.new:  # not for a number that the same request got before
        taken.number = hooks.number(case=HookCase(file), series=series.name, value=taken.value) or taken.number
    return taken


def write(file: CaseFile, gates: Gates, rule: DocumentRule, step: str, *, identity: str, taken: SeriesNumber | None,
          receipt: Receipt | None = None, replaces: str | None = None, number: str = "") -> Document:
    """Freeze, render, store and record one document under `taken` (or a number of the case's own)."""
    desk, case = file.desk, file.case
    number = number or (taken.number if taken else f"{case.number}-{len(file.documents) + 1:02d}")
    series = taken.series if taken else "case"
    frozen = freeze(file, gates, rule, step, number=number, series=series, receipt=receipt)
    data = rendered(file, rule, frozen)
    sha256 = keep(desk, case.estate, data, WORD, f"{rule.title.zh}-{number}.docx")
    signers = frozen["document"]["signers"]
    document = Document(
        id=identity, estate=case.estate, case_id=case.id, step=step, name=rule.name, title=rule.title.zh, code=rule.code,
        series=series, number=number, round=file.round(step) if step else 1, state="issued",
        copies={"copies": [{"name": copy.name, "title": copy.title.zh, "to": str(copy.to or "")} for copy in rule.copies]},
        signers={"signers": signers, "order": _order(file, step, rule), "signing": rule.signing},
        signed=not signers, seal=rule.seal, template=file.bundle.templates[rule.template],
        context=desk.seal(case.estate, packed(frozen)), word=sha256, pdf_state="pending", replaces_id=replaces,
        by=desk.actor.user_id, at=desk.now)
    set_committed_value(document, "signatures", [])  # nobody has signed yet, and nobody needs to ask
    file.add(file.documents, document)
    file.record("document.issued", step=step, document=identity, name=rule.name, series=series, number=number,
                sha256=sha256, template=document.template)
    request_pdf(desk, document)
    return document


def freeze(file: CaseFile, gates: Gates, rule: DocumentRule, step: str, *, number: str, series: str = "case",
           receipt: Receipt | None = None) -> dict[str, Any]:
    """The whole context of a document as plain JSON: what is kept sealed, and what its template prints."""
    desk, case = file.desk, file.case
    context = context_of(file, gates, rule, prints(desk, file.bundle.templates[rule.template]), step=step, receipt=receipt)
    url = f"{desk.office.settings.base_url.rstrip('/')}{verify_path(desk, case.estate, series, number)}"
    context["document"] = {
        "number": number, "title": rule.title.zh, "code": rule.code, "date": show_date(desk.today(case.estate)),
        "copy": "", "copies": [{"title": copy.title.zh, "to": str(copy.to or "")} for copy in rule.copies],
        "state": "", "blank": False, "verify_url": url, "qr": {"$qr": url, "height": 18, "alt": "核验二维码"},
        "signers": signer_titles(file, step, rule)}
    context["signatures"] = all_signatures(file, rule, step)
    return context


def rendered(file: CaseFile, rule: DocumentRule, frozen: dict[str, Any], *, stamp: str = "") -> bytes:
    """The Word file of a frozen context; deterministic. RenderFailed names document, template and field."""
    try:
        return printed_word(file.desk, file.bundle.templates[rule.template], frozen, stamp=stamp)
    except RenderFault as fault:
        raise fault.of(f"《{file.desk.say(rule.title)}》模板 {rule.template}") from fault


def printed_word(desk: Desk, template: str, frozen: dict[str, Any], *, stamp: str = "") -> bytes:
    """The Word file of a frozen context from the template of that hash."""
    return _template(desk, template).render(with_images(frozen, desk.office.blobs), stamp=stamp)


def _template(desk: Desk, sha256: str) -> Template:
    return compiled(sha256, desk.office.template, filters=desk.office.template_filters, shelf=desk.office.shelf)


def prints(desk: Desk, template: str) -> set[str]:
    """The dotted names that the template of that hash prints."""
    return {name for part in _template(desk, template).variables.values() for name in part}


def verify_path(desk: Desk, estate: str, series: str, number: str) -> str:
    """Where the QR code leads: estate, series, number and a short code that cannot be guessed."""
    code = verify_code(desk.office.secret, estate, series, number)
    return f"/verify/{estate}/{series}/{number}?c={code}"


def packed(frozen: dict[str, Any]) -> str:
    """A frozen context as text, small and the same for the same values."""
    return json.dumps(frozen, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def unpacked(desk: Desk, document: Document) -> dict[str, Any]:
    """The frozen context of an issued document."""
    return json.loads(desk.unseal(document.estate, document.context))


def keep(desk: Desk, estate: str, data: bytes, media_type: str, name: str) -> str:
    """Put bytes into the blob store and note them; the same bytes are one blob."""
    return blobs.keep(desk.session, desk.office.blobs, data, media_type=media_type, estate=estate, name=name[:255],
                      by=desk.actor.user_id, at=desk.now)


def request_pdf(desk: Desk, document: Document) -> None:
    """Ask for the PDF of what the document is now; the runner hears of it after the commit."""
    enqueue(desk.session, task=PDF_TASK, key=f"{document.id}:{document.word[:16]}", estate=document.estate,
            payload={"document": document.id, "word": document.word}, at=desk.now)


def _order(file: CaseFile, step: str, rule: DocumentRule) -> str:
    return signing_of(file.step(step), rule).order if step else rule.sign.order

