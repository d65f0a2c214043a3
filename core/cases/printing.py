"""What a document prints: the declared names of a template's context, frozen when the document is issued.

Everything is plain JSON, so that it can be kept sealed and printed again; pictures stand as `{"$image": …}` until
`with_images` turns them into pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from core import forms
from core.cases.casefile import CaseFile, PersonData
from core.cases.consents import given
from core.cases.deposits import settlement_of
from core.cases.explaining import Explaining
from core.cases.facts import fact_texts
from core.cases.gates import Gates, signing_of
from core.cases.hooks import HookCase, hooks_of
from core.cases.rounds import rounds_of
from core.cases.timing import valid_to, validity_of
from core.cases.values import dotted, unit_values
from core.clock import show_date
from core.documents.images import Image
from core.documents.qr import qr_png
from core.domain.base import Text
from core.domain.documents import Document as DocumentRule
from core.domain.forms import Form
from core.domain.money import capitals, show
from core.domain.papers import Checklist
from core.domain.procedures import Step
from core.errors import MoneyRefused
from core.money import METHODS, schedule
from core.store.models import Receipt

RESULT_TITLES = {"passed": Text(zh="合格", en="Passed"), "failed": Text(zh="不合格", en="Failed"),
                 "not_applicable": Text(zh="不适用", en="Not applicable")}
EVIDENCE_TITLES = {"original_seen": Text(zh="已验原件", en="Original seen"), "copy_kept": Text(zh="留复印件", en="Copy kept"),
                   "original_kept": Text(zh="收原件", en="Original kept"), "photo_kept": Text(zh="留照片", en="Photo kept")}
ID_TITLES = {"resident_id": "居民身份证", "passport": "护照", "uscc": "统一社会信用代码", "company_code": "统一社会信用代码",
             "": ""}
BUILDING_TYPES = {"walk_up": "多层", "elevator": "电梯房"}
PICTURES = {"ink": 15, "photo": 40}
"""Field types that print a picture, with its height in mm."""
_PERSON = ("name", "kind", "id_type", "id_number", "phone", "address", "representative", "representative_id")


def context_of(file: CaseFile, gates: Gates, rule: DocumentRule, prints: Collection[str], *, step: str = "",
               receipt: Receipt | None = None) -> dict[str, Any]:
    """What a template prints of this case, but for `document` and `signatures`, which change after issue.

    `prints`: the dotted names that the template uses. A paper keeps no more of anybody than it shows.
    """
    desk, case = file.desk, file.case
    estate, company = desk.office.estate(case.estate), desk.office.company(case.estate)
    calendar = desk.office.calendar(case.estate)
    parts: dict[str, Callable[[], Any]] = {
        "estate": lambda: {"title": estate.title.zh, "address": str(estate.address or ""), "phone": estate.phone},
        "company": lambda: {"title": company.title.zh, "address": str(company.address or ""), "phone": company.phone},
        "unit": lambda: _unit(file),
        "case": lambda: {"number": case.number, "opened_on": show_date(calendar.local_date(case.opened_at)),
                         "place": case.place},
        "parties": lambda: _parties(file),
        "forms": lambda: _forms(file, prints, step),
        "item": lambda: _person(file.item(step) or {}),
        "steps": lambda: _steps(file),
        "parent": lambda: _parent(file, prints),
        "children": lambda: _children(file),
        "settlement": lambda: _settlement(file, step),
        "rounds": lambda: rounds_of(file, printed),
        "checklist": lambda: _checklist(file, gates, step),
        "papers": lambda: _papers(file, gates, step),
        "staff": lambda: {"name": desk.actor.name},
        "price_lists": lambda: _price_lists(file),
        "texts": lambda: {clause.name: clause.text.zh for clause in file.bundle.texts},
        "today": lambda: show_date(calendar.local_date(desk.now)),
        "receipt": lambda: _receipt(file, receipt) if receipt else {},
        "extra": lambda: dict(hooks_of(file).document_context(case=HookCase(file), document=rule.name)),
    }
    wanted = {name.partition(".")[0].removesuffix("[]") for name in prints}
    context = {name: part() for name, part in parts.items() if name in wanted}
    return context | _fees(file, gates) if wanted & {"fees", "fees_total", "paid_total"} else context


# ---------------------------------------------------------------- parts of the context


def _unit(file: CaseFile) -> dict[str, Any]:
    values = unit_values(file)
    return {**values, **fact_texts(file, "unit"), "area": f"{values['area']:.2f}" if values else "", "floor": str(values.get("floor", "")),
            "building_type": BUILDING_TYPES.get(values.get("building_type", ""), values.get("building_type", ""))}


def _parties(file: CaseFile) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for party in file.bundle.procedure.parties:
        people = [_person(person) for person in file.people.get(party.name, [])]
        found[party.name] = people if party.many else (people[0] if people else _person({}))
    return found


def _person(person: PersonData) -> dict[str, str]:
    said = {key: str(person.get(key, "") or "") for key in _PERSON}
    return said | {"id_type": ID_TITLES.get(said["id_type"], said["id_type"]), "present": bool(person)}  # type: ignore[dict-item]


def _forms(file: CaseFile, prints: Collection[str], step: str = "") -> dict[str, Any]:
    """The forms a paper prints; of a per-item step that of the item the paper is for."""
    by_form = {one.form: one.name for one in reversed(file.bundle.procedure.steps) if one.form}
    if "@" in step and (own := file.step(step).form):
        by_form[own] = step
    wanted = {name.split(".")[1] for name in prints if name.startswith("forms.")}
    return {form.name: printed(file, form, _stored(file, by_form.get(form.name, ""))) for form in file.bundle.forms
            if form.name in wanted or "forms" in prints}


def _stored(file: CaseFile, step: str) -> dict[str, Any]:
    """What was filed, with the class that time has raised; a correction is printed from the form that makes it."""
    rule = next((one.classify for one in file.bundle.procedure.steps if one.name == step), None)
    values = file.values(step)
    return {**values, rule.field: file.effective(step)[rule.field]} if rule and rule.field in values else values


def _steps(file: CaseFile) -> dict[str, Any]:
    """Each step: when it was done and by whom, until when it is good, its rung, outcome, rounds, and who consented."""
    desk, calendar, found = file.desk, file.desk.office.calendar(file.case.estate), dict[str, Any]()
    for step in file.bundle.procedure.steps:
        run = file.run(step.name)
        given_until = valid_to(file, step.name) if step.validity and not (run and run.state == "open") else None
        done = run.done_at if run and run.state == "done" else None
        chosen = next((one.title.zh for one in step.outcomes if run and one.name == run.outcome), "")
        rung = next((one.title.zh for one in (step.ladder.rungs if step.ladder else ()) if run and one.name == run.rung), "")
        found[step.name] = {
            "done": show_date(calendar.local_date(done)) if done else "", "by": desk.name_of(run.done_by) if run and done else "",
            "outcome": chosen, "rung": rung, "rounds": str(run.round) if run else "0",
            "valid_to": _last_day(file, given_until) or _good_until(file, step),
            "approvals": [{"role": desk.office.role_title(file.case.estate, act.role), "name": desk.name_of(act.by),
                           "date": show_date(calendar.local_date(act.at)),
                           "note": desk.unseal(file.case.estate, act.note) if act.note else ""} for act in given(file, step)]}
    return found


def _good_until(file: CaseFile, step: Step) -> str:
    """Until when what an open step is about to give will be good: its own paper says so."""
    return _last_day(file, validity_of(file, step, file.desk.now) if step.validity else None)


def _last_day(file: CaseFile, until: datetime | None) -> str:
    """The last day before a moment, as papers print it."""
    calendar = file.desk.office.calendar(file.case.estate)
    return show_date(calendar.local_date(until - timedelta(seconds=1))) if until else ""


def _parent(file: CaseFile, prints: Collection[str]) -> dict[str, Any]:
    """The parent case: its number, parties and forms."""
    parent = file.parent
    if parent is None:
        return {"number": "", "forms": {}, "parties": {}, "steps": {}}
    named = {name.removeprefix("parent.") for name in prints if name.startswith("parent.")}
    return {"number": parent.case.number, "forms": _forms(parent, named), "parties": _parties(parent), "steps": _steps(parent)}


def _children(file: CaseFile) -> dict[str, list[dict[str, str]]]:
    """The sub-cases of each kind: number, day, state."""
    calendar = file.desk.office.calendar(file.case.estate)
    return {kind.name: [{"number": row.number, "opened_on": show_date(calendar.local_date(row.opened_at)),
                         "ended_on": show_date(calendar.local_date(row.ended_at)) if row.ended_at else "", "title": kind.title.zh}
                        for row in file.children if row.kind == kind.name and row.state != "withdrawn"]
            for kind in file.bundle.procedure.children}


def _settlement(file: CaseFile, step: str) -> dict[str, Any]:
    """What is held of the deposit, what is taken off and why, and what is given back."""
    if not step or file.step(step).settle is None:
        return {"held": "", "lines": [], "deducted": "", "refund": "", "capitals": ""}
    found = settlement_of(file, file.step(step))
    return {"held": show(found.held), "deducted": show(found.deducted), "refund": show(max(found.refund, 0)),
            "capitals": capitals(max(found.refund, 0)),
            "lines": [{"title": line.title, "amount": show(line.fen), "origin": line.origin} for line in found.lines]}


def printed(file: CaseFile, form: Form, stored: Mapping[str, Any]) -> dict[str, Any]:
    """A form's values as papers print them; unanswered ones empty; `<choice>_is.<value>` for check boxes, `<choices>_list` for a
    row each."""
    types = file.desk.office.field_types
    found = forms.printed(form, forms.from_json(form, stored, types), types)
    for field in form.fields:
        value = stored.get(field.name)
        if field.type in PICTURES:
            found[field.name] = {"$image": value, "height": PICTURES[field.type]} if value else None
        elif field.choices:
            chosen = value if isinstance(value, list) else [value]
            found[f"{field.name}_is"] = {choice.value: choice.value in chosen for choice in field.choices}
            if field.type == "choices":
                found[f"{field.name}_list"] = [choice.title.zh for choice in field.choices if choice.value in chosen]
        elif field.type == "yes_no":
            found[f"{field.name}_is"] = {"yes": value is True, "no": value is False}
    return found


def _checklist(file: CaseFile, gates: Gates, own: str = "") -> dict[str, Any]:
    """The list of the step the paper belongs to; a paper of a step without one prints the lists of all."""
    rows: list[dict[str, Any]] = []
    rounds = 0
    steps = [file.step(own)] if own and file.step(own).checklist else file.steps
    for step in steps:
        if step.checklist:
            checklist, items = gates.checklist_items(step)
            rows += [_check_row(file, checklist, step.name, item) for item in items]
            rounds = max([rounds, *(row.round for row in file.checks if row.step == step.name)])
    still = [row for row in rows if row["open"]]
    reworked = [row for row in rows if row["was_failed"]]
    return {"items": rows, "open": still, "open_count": str(len(still)), "reworked": reworked, "rounds": str(rounds)}


def _check_row(file: CaseFile, checklist: Checklist, step: str, item: Any) -> dict[str, Any]:
    earlier = [row for row in file.checks if row.step == step and row.item == item.name]
    last = file.results(step).get(item.name)
    first_note = next((row.note for row in earlier if row.result in checklist.failed), "")
    return {"group": str(item.group or ""), "title": item.title.zh,
            "result": str(RESULT_TITLES.get(last.result, last.result)) if last else "",
            "passed": bool(last) and last.result == "passed", "failed": bool(last) and last.result in checklist.failed,
            "note": last.note if last else "", "defect": first_note, "round": str(last.round) if last else "",
            "open": last is None or last.result in checklist.failed,
            "was_failed": any(row.result in checklist.failed for row in earlier)}


def _papers(file: CaseFile, gates: Gates, own: str = "") -> list[dict[str, str]]:
    """The papers of the step the paper belongs to; a paper of a step that asks for none prints those of all."""
    rows: list[dict[str, str]] = []
    for step in [file.step(own)] if own and file.step(own).required_documents else file.steps:
        for paper in gates.papers(step):
            mark = file.mark(step.name, paper.name)
            ticked = mark.evidence.get("marks", []) if mark else []
            state = "已免交" if mark and mark.waived else ("已交验" if ticked else ("可不交" if paper.optional else "未交"))
            rows.append({"title": paper.title.zh, "state": state, "count": str(mark.evidence.get("count", "")) if ticked and mark else "",
                         "evidence": "、".join(EVIDENCE_TITLES[one].zh for one in ticked), "note": mark.reason if mark else ""})
    return rows


def _fees(file: CaseFile, gates: Gates) -> dict[str, Any]:
    explained = [*map(Explaining(file), file.charges)]
    if not explained:
        explained = _expected(file, gates)
    total = sum(row["fen"] for row in explained)
    rows = [{"title": row["title"]["zh"], "rule": row["rule"]["zh"], "unit_price": row["unit_price"],
             "quantity": " × ".join(f"{amount}" for amount in row["quantities"].values()), "amount": show(row["fen"]),
             "capitals": capitals(row["fen"]), "refundable": "可退" if row["refundable"] else "",
             "period": _period(row["starts"], row["ends"]),
             "source": row["source"], "sample": "示例标准" if row["sample"] else "",
             "lines": [{"title": one["title"]["zh"], "value": one["value"]["zh"]} for one in row["lines"]],
             "rows": [{"title": one["title"]["zh"], "unit": one["unit"]["zh"], "unit_price": one["unit_price"],
                       "quantity": one["quantity"], "amount": show(one["fen"])} for one in row.get("rows", ())]}
            for row in explained]
    sums = file.sums()
    return {"fees": rows, "fees_total": {"amount": show(total), "capitals": capitals(total)},
            "paid_total": {"amount": show(sums.paid), "capitals": capitals(sums.paid)}}


def _price_lists(file: CaseFile) -> dict[str, Any]:
    """The price lists as they are shown to customers."""
    return {one.name: {"title": one.title.zh, "items": [
        {"title": item.title.zh, "group": str(item.group or ""), "unit": item.unit.zh, "price": item.price,
         "sample": "示例标准" if item.sample else ""} for item in one.items]} for one in file.bundle.price_lists}


def _period(starts: str | None, ends: str | None) -> str:
    return " 至 ".join(show_date(date.fromisoformat(day)) for day in (starts, ends) if day)


def _expected(file: CaseFile, gates: Gates) -> list[dict[str, Any]]:
    """What will be charged, priced with what is known now: the fee notice comes before the charge."""
    rows: list[dict[str, Any]] = []
    for stage in dict.fromkeys(step.fees for step in file.bundle.procedure.steps if step.fees):
        try:
            rows += [priced.as_data() for priced in
                     schedule(file.bundle.fees, stage, lambda name: dotted(file, name), gates.holds,
                              file.bundle.price_lists)]
        except MoneyRefused:  # an input of a fee is filed in a later step: the notice goes out without that stage
            continue
    return rows


def _receipt(file: CaseFile, receipt: Receipt) -> dict[str, Any]:
    charges = {row.id: row for row in file.charges}
    lines = [row for row in file.lines if row.receipt_id == receipt.id and row.kind in ("payment", "refund")]
    by_charge: dict[str, int] = {}
    by_method: dict[str, int] = {}
    for row in lines:
        by_charge[row.charge_id] = by_charge.get(row.charge_id, 0) + abs(row.amount)
        by_method[row.method] = by_method.get(row.method, 0) + abs(row.amount)
    return {"number": receipt.number, "date": show_date(receipt.business_date), "payer": receipt.payer,
            "lines": [{"title": charges[charge].title, "amount": show(fen), **_why(charges[charge].explanation)}
                      for charge, fen in by_charge.items()],
            "methods": [{"title": METHODS[method].zh, "amount": show(fen)} for method, fen in by_method.items()],
            "total": show(receipt.total), "capitals": capitals(receipt.total), "cashier": file.desk.actor.name,
            "reason": next((row.reason for row in lines if row.reason), "")}


def _why(explanation: Mapping[str, Any]) -> dict[str, str]:
    return {"rule": explanation["rule"]["zh"], "period": _period(explanation["starts"], explanation["ends"])}


# ---------------------------------------------------------------- what changes after issue


def signer_titles(file: CaseFile, step_name: str, rule: DocumentRule) -> list[dict[str, str]]:
    """Who must sign `rule`: `{"as": "owner", "kind": "party", "title": "业主", "name": …}` in their order."""
    step = file.step(step_name) if step_name else None
    signing = signing_of(step, rule) if step else rule.sign
    rows: list[dict[str, str]] = []
    for party in signing.parties:
        item = file.item(step_name) if step is not None and step.each == party else None
        people = [item] if item else file.people.get(party, [])
        if not people and file.bundle.procedure.party(party).optional:
            continue
        rows.append({"as": party, "kind": "party", "title": file.bundle.procedure.party(party).title.zh,
                     "name": people[0]["name"] if people else ""})
    rows += [{"as": role, "kind": "role", "title": file.desk.office.role_title(file.case.estate, role), "name": ""}
             for role in signing.roles]
    return rows


def all_signatures(file: CaseFile, rule: DocumentRule, step: str) -> dict[str, Any]:
    """Every name a template may ask under `signatures`, all empty."""
    names = {party.name for party in file.bundle.procedure.parties}
    names |= {role for one in file.bundle.procedure.steps for role in one.role}
    names |= {role.name for role in file.desk.office.estate(file.case.estate).roles}
    names |= {row["as"] for row in signer_titles(file, step, rule)}
    return {name: {"name": "", "ink": None, "date": ""} for name in sorted(names)}


def with_images(value: Any, blobs: Any) -> Any:
    """The context with `{"$image": sha256, "height": mm}` and `{"$qr": text, "height": mm}` as pictures."""
    if isinstance(value, dict):
        if "$image" in value:
            return Image(blobs.get(value["$image"]), height_mm=value.get("height"), alt=value.get("alt", ""))
        if "$qr" in value:
            return Image(qr_png(value["$qr"]), height_mm=value.get("height"), width_mm=value.get("height"),
                         alt=value.get("alt", ""))
        return {name: with_images(inner, blobs) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_images(inner, blobs) for inner in value]
    return value
