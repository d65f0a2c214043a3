"""The longest case there can be: every name a template may print, with the longest Chinese values.

It has the shape of what core.cases.printing freezes; a test holds the two against each other.
"""

from __future__ import annotations

from typing import Any

from core.definitions.estates import EstateDefinition
from core.documents.images import Image
from core.documents.qr import qr_png
from core.domain.bundle import Bundle
from core.domain.documents import Document
from core.domain.forms import Field, Form
from core.domain.procedures import Step
from core.forms.words import LongTextType, TextType, limits
from core.walkthroughs.form_shapes import form_values

LONG = 60
"""Characters of a text that is no field of a form."""
_TEXTS = {kind.name: kind for kind in (TextType, LongTextType)}
ROWS = 3
DAY, AMOUNT, WORDS, PHONE = "2026年12月31日", "9,999,999.99", "玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分", "0755-26001234"
_BY_TYPE = {"integer": "99999", "decimal": "9999999.99", "money": AMOUNT, "date": DAY, "time": "23:59",
            "datetime": f"{DAY} 23:59", "yes_no": "是", "phone": PHONE, "resident_id": "320199196808136656",
            "passport": "XA0000801XA", "company_code": "91110198MA0CW26YLT", "unit": "12-2-1001"}


def longest(bundle: Bundle, estate: EstateDefinition, rule: Document, parent: Bundle | None = None) -> dict[str, Any]:
    """Everything that the template of `rule` may print at `estate`, as long as it gets. `parent`: of what it is a sub-case."""
    own, company = estate.estate, estate.company
    ink = Image(qr_png("ink"), height_mm=15)
    title = {"title": _text(20), "to": _text(12)}
    return {
        "estate": {"title": own.title.zh, "address": str(own.address or _text(40)), "phone": own.phone or PHONE},
        "company": {"title": company.title.zh, "address": str(company.address or _text(40)),
                    "phone": company.phone or PHONE},
        "unit": {"code": "12-2-1001", "building": "12", "entrance": "2", "floor": "10", "room": "1001",
                 "area": "1142.06", "building_type": "电梯房", "layout": _text(10), "use": "住宅", "status": "sold",
                 **{fact.name: _text(20) for fact in bundle.procedure.facts if fact.subject == "unit"}},
        "case": {"number": "RH-2026-00001", "opened_on": DAY, "place": _text(40)},
        "parties": _parties(bundle),
        "forms": {form.name: _form(form) for form in bundle.forms},
        "item": {**_person(), "number": "99"},
        "steps": _steps(bundle),
        "parent": {"number": "ZX-2026-00001", "parties": _parties(parent), "steps": _steps(parent),
                   "forms": {form.name: _form(form) for form in parent.forms}} if parent else
                  {"number": "", "forms": {}, "parties": {}, "steps": {}},
        "children": {kind.name: [{"number": "WZ-2026-00001", "opened_on": DAY, "ended_on": DAY, "title": kind.title.zh}] * ROWS
                     for kind in bundle.procedure.children},
        "settlement": {"held": AMOUNT, "deducted": AMOUNT, "refund": AMOUNT, "capitals": WORDS,
                       "lines": [{"title": _text(12), "amount": AMOUNT, "origin": "WZ-2026-00001"}] * ROWS},
        "rounds": {step.name: [_round(bundle, step)] * ROWS for step in bundle.procedure.steps if step.repeat},
        "checklist": _checklist(bundle),
        "papers": [{"title": item.title.zh, "state": "已免交", "count": "99", "evidence": "已验原件、留复印件、收原件",
                    "note": _text(30)} for papers in bundle.required_documents for item in papers.items],
        "staff": {"name": _text(10)},
        "price_lists": {prices.name: {"title": prices.title.zh, "items": [
            {"title": item.title.zh, "group": str(item.group or ""), "unit": item.unit.zh, "price": item.price,
             "sample": "示例标准"} for item in prices.items]} for prices in bundle.price_lists},
        "texts": {clause.name: clause.text.zh for clause in bundle.texts},
        "today": DAY,
        "fees": [_fee(fee.title.zh) for fee in bundle.fees] or [_fee(_text(12))],
        "fees_total": {"amount": AMOUNT, "capitals": WORDS}, "paid_total": {"amount": AMOUNT, "capitals": WORDS},
        "receipt": {"number": "2026000001", "date": DAY, "payer": _text(30), "total": AMOUNT, "capitals": WORDS,
                    "cashier": _text(10), "reason": _text(40),
                    "lines": [{**_line(), "title": fee.title.zh, **_why()} for fee in bundle.fees] or [{**_line(), **_why()}],
                    "methods": [_line()] * ROWS},
        "document": {"number": "RH-2026-00001-99", "title": rule.title.zh, "code": rule.code, "date": DAY,
                     "copy": _text(8), "copies": [title] * len(rule.copies), "state": "", "blank": False,
                     "verify_url": f"https://{'x' * 80}",
                     "qr": Image(qr_png("qr"), height_mm=18, width_mm=18),
                     "signers": [{"as": "owner", "kind": "party", "title": _text(8), "name": _text(10)}] * ROWS},
        "signatures": {name: {"name": _text(10), "ink": ink, "date": DAY} for name in _signers(bundle, estate)},
        "extra": {},
    }


def _signers(bundle: Bundle, estate: EstateDefinition) -> list[str]:
    procedure = bundle.procedure
    names = {party.name for party in procedure.parties} | {role.name for role in estate.estate.roles}
    names |= {role for step in procedure.steps for role in step.role}
    names |= {role for step in procedure.steps if step.sign for role in step.sign.roles}
    return sorted(names | {role for rule in bundle.documents for role in rule.sign.roles})


def _parties(bundle: Bundle) -> dict[str, Any]:
    return {party.name: [_person()] * ROWS if party.many else _person() for party in bundle.procedure.parties}


def _steps(bundle: Bundle) -> dict[str, Any]:
    consent = {"role": _text(8), "name": _text(10), "date": DAY, "note": _text(40)}
    return {step.name: {"done": DAY, "by": _text(10), "outcome": _text(8), "rung": _text(8), "rounds": "9", "valid_to": DAY,
                        "approvals": [consent] * max(1, len(step.approvals.by) if step.approvals else 1)}
            for step in bundle.procedure.steps}


def _round(bundle: Bundle, step: Step) -> dict[str, Any]:
    form = next((form for form in bundle.forms if form.name == step.form), None)
    return {"day": DAY, "done": True, "role": _text(8), "by": _text(10), "failed": _text(LONG), "form": _form(form) if form else {}}


def longest_text() -> str:
    """A text for a name that is not declared anywhere."""
    return _text(LONG)


def _text(length: int) -> str:
    return ("永和九年岁在癸丑暮春之初会于会稽山阴之兰亭修禊事也群贤毕至少长咸集" * (length // 32 + 1))[:length]


def _person() -> dict[str, Any]:
    return {"name": _text(30), "kind": "company", "id_type": "统一社会信用代码", "id_number": "91110198MA0CW26YLT",
            "phone": PHONE, "address": _text(40), "representative": _text(10),
            "representative_id": "320199196808136656", "present": True}


def _form(form: Form) -> dict[str, Any]:
    return form_values(form, _value, rows=ROWS, ticked=True)


def _value(field: Field, in_row: bool) -> Any:
    if field.type in ("ink", "photo"):
        return Image(qr_png("picture"), height_mm=15)
    if field.choices:
        titles = [choice.title.zh for choice in field.choices]
        return "、".join(titles) if field.type == "choices" else max(titles, key=len)
    if field.type in _TEXTS:
        return _text(limits(field, _TEXTS[field.type].longest)[1])
    usual = _BY_TYPE.get(field.type, _text(LONG))
    return max(usual, str(field.max), key=len) if field.type in ("integer", "decimal") and field.max is not None else usual


def _checklist(bundle: Bundle) -> dict[str, Any]:
    rows = [{"group": str(item.group or ""), "title": item.title.zh, "result": "不合格", "passed": False,
             "failed": True, "note": _text(40), "defect": _text(40), "round": "9", "open": True, "was_failed": True}
            for checklist in bundle.checklists for item in checklist.items]
    return {"items": rows, "open": rows, "open_count": str(len(rows)), "reworked": rows, "rounds": "9"}


def _fee(title: str) -> dict[str, Any]:
    return {"title": title, **_why(), "unit_price": "9,999.99", "quantity": "1142.06 × 12", "amount": AMOUNT,
            "capitals": WORDS, "refundable": "可退", "source": "S0 A20 §4.1.2.7",
            "sample": "示例标准", "lines": [{"title": _text(8), "value": _text(40)}] * ROWS,
            "rows": [{"title": _text(20), "unit": "平方米", "unit_price": "9,999.99", "quantity": "1142.06", "amount": AMOUNT}] * ROWS}


def _why() -> dict[str, str]:
    return {"rule": _text(30), "period": f"{DAY} 至 {DAY}"}


def _line() -> dict[str, str]:
    return {"title": _text(12), "amount": AMOUNT}
