"""The paper twin of any document: what is printed for somebody who fills it in by pen, when the power is off or a house has
no tablet. It says what is the same in every case (clauses, titles, choices, things to check) and leaves room for the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.definitions.estates import EstateDefinition
from core.definitions.library import Library
from core.documents.blank_paper import DATE, blank_filters, blank_paper, line
from core.documents.engine import Template, compiled
from core.domain.bundle import Bundle
from core.domain.documents import Document
from core.domain.forms import Field, Form
from core.errors import NotFound
from core.money import METHODS
from core.walkthroughs.form_shapes import form_values
from core.walkthroughs.longest import longest

SPARE = 5
"""Rows of a table whose number nobody knows yet."""
_LONGEST_BOXES = 14
_EVIDENCE = {"original_seen": "验原件", "copy_kept": "留复印", "original_kept": "收原件", "photo_kept": "留照片"}
_MOMENT = "　　年　 月　 日　 时　 分"
_BY_TYPE = {"integer": line(4), "decimal": line(5), "money": line(6), "date": DATE, "time": "　　时　　分",
            "datetime": _MOMENT, "yes_no": "☐ 是　☐ 否", "phone": line(8), "resident_id": line(12),
            "passport": line(8), "company_code": line(12), "unit": line(6)}
_BY_NAME = {"today": DATE, "date": DATE, "day": DATE, "done": DATE, "opened_on": DATE, "ended_on": DATE, "valid_to": DATE, "name": line(5),
            "by": line(5), "payer": line(8), "phone": line(8), "id_number": line(12), "representative_id": line(12),
            "address": line(14), "capitals": line(14), "amount": line(6), "total": line(6), "held": line(6), "deducted": line(6),
            "refund": line(6), "unit_price": line(4), "area": line(4), "code": line(4), "number": line(8), "round": line(2),
            "building": line(2), "entrance": line(2), "floor": line(2), "room": line(2), "open_count": line(3),
            "rounds": line(3), "failed": "", "note": line(8), "defect": line(10)}


def blank_word(library: Library, filters: Mapping[str, Callable[..., Any]], estate: str, procedure: str,
               name: str) -> tuple[str, bytes]:
    """The title and the blank Word file of the document `name` of a procedure as the estate prints it; NotFound, RenderFault."""
    bundle = _bundle(library, estate, procedure)
    rule = next((rule for rule in bundle.documents if rule.name == name), None)
    if rule is None:
        raise NotFound(f"这项手续没有文书“{name}”")
    template = compiled(bundle.templates[rule.template], library.template, filters=_lenient(filters))
    return rule.title.zh, blank_paper(template, blank_context(bundle, library.estate(estate), rule, template,
                                                              parent_of(library, estate, procedure)))


_kept: dict[int, tuple[Any, dict[str, Callable[..., Any]]]] = {}


def _lenient(filters: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """The same filters for the same `filters`: compiled templates are kept by them."""
    if id(filters) not in _kept:
        _kept[id(filters)] = (filters, blank_filters(filters))
    return _kept[id(filters)][1]


def blank_documents(library: Library, estate: str, procedure: str) -> list[Document]:
    """The documents of a procedure as the estate has them, in packet order; NotFound where it does not."""
    return sorted(_bundle(library, estate, procedure).documents, key=lambda rule: rule.packet)


def _bundle(library: Library, estate: str, procedure: str) -> Bundle:
    if estate not in library.estates or procedure not in library.procedures(estate):
        raise NotFound("本项目没有这项手续")
    return library.bundle(estate, procedure)


def parent_of(library: Library, estate: str, procedure: str) -> Bundle | None:
    """Of which procedure this one's cases are sub-cases."""
    others = (library.bundle(estate, name) for name in library.procedures(estate))
    return next((other for other in others if any(kind.of == procedure for kind in other.procedure.children)), None)


def blank_context(bundle: Bundle, estate: EstateDefinition, rule: Document, template: Template,
                  parent: Bundle | None) -> dict[str, Any]:
    """Every name that a template may print, with what is known before a case begins."""
    full = longest(bundle, estate, rule, parent)
    known = {name: full[name] for name in ("estate", "company", "texts", "price_lists")}
    extra = {name.removeprefix("extra.") for names in template.variables.values() for name in names if name.startswith("extra.")}
    context = {name: _blank(value, name) for name, value in full.items() if name not in known}
    context["document"] |= {"title": rule.title.zh, "code": rule.code, "number": line(8), "date": DATE, "qr": None, "copy": "",
                            "verify_url": "", "state": "", "blank": True,
                            "copies": [{"title": one.title.zh, "to": str(one.to or "")} for one in rule.copies]}
    context["signatures"] = {name: {"name": "", "ink": None, "date": ""} for name in full["signatures"]}
    context["forms"] = {form.name: _form(form) for form in bundle.forms}
    if parent:
        context["parent"]["forms"] = {form.name: _form(form) for form in parent.forms}
    for step in bundle.procedure.steps:
        if step.repeat and (form := next((one for one in bundle.forms if one.name == step.form), None)):
            context["rounds"][step.name] = [{**row, "form": _form(form)} for row in context["rounds"][step.name]]
    context["fees"] = [{**_blank(row, "fees"), "title": row["title"], "sample": "", "lines": [], "rows": [_blank(row["rows"][0], "rows")]}
                       for row in full["fees"]]
    context["papers"] = [{**_blank(row, "papers"), "title": paper.title.zh, "state": "",
                          "evidence": " ".join(f"☐ {_EVIDENCE[one]}" for one in paper.evidence)}
                         for row, paper in zip(full["papers"], (item for papers in bundle.required_documents
                                                                for item in papers.items), strict=True)]
    checks = [{**_blank(row, "checklist"), "title": row["title"], "group": row["group"], "result": ""}
              for row in full["checklist"]["items"]]
    spare = [_blank(full["checklist"]["items"][0], "checklist")] * SPARE if checks else []
    context["checklist"] = {"items": checks, "open": spare, "reworked": spare, "open_count": line(3), "rounds": line(2)}
    context["receipt"]["lines"] = [_blank(full["receipt"]["lines"][0], "receipt")] * 2
    context["receipt"]["methods"] = [{"title": " ".join(f"☐ {way.zh}" for way in METHODS.values()), "amount": line(5)}]
    return {**context, **known, "extra": {name: line(8) for name in extra}}


def _blank(value: Any, name: str) -> Any:
    """A value of the longest case as a blank of the same shape: rows are spare, nothing is ticked."""
    if isinstance(value, dict):
        return {key: _blank(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_blank(value[0], name)] * (len(value) if name == "approvals" else SPARE) if value else []
    if isinstance(value, bool):
        return name in ("present", "done")
    if isinstance(value, str):
        return _BY_NAME[name] if name in _BY_NAME else line(min(len(value), 8))
    return None


# ---------------------------------------------------------------- forms


def _form(form: Form) -> dict[str, Any]:
    return form_values(form, _value, rows=SPARE, ticked=False)


def _value(field: Field, in_row: bool) -> Any:
    if field.type in ("ink", "photo"):
        return None
    if field.choices:
        titles = [choice.title.zh for choice in field.choices]
        roomy = not in_row or sum(map(len, titles)) <= _LONGEST_BOXES
        return "　".join(f"☐ {title}" for title in titles) if roomy else line(4)
    if field.type in ("text", "long_text"):
        most = int(str(field.max)) if field.max is not None else 12
        return line(min(most, 24 if field.type == "long_text" else 10))
    return _BY_TYPE.get(field.type, line(6))
