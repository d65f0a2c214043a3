"""Checks that every name points at something that is there, and that nothing lies about unused."""

from __future__ import annotations

import string
from collections.abc import Collection

from core.definitions.assembly import Assembly
from core.definitions.check_fees import check_waiver
from core.definitions.files import shown
from core.definitions.findings import Findings
from core.definitions.readings import CHECKLISTS, DOCUMENTS, FEES, PAPERS, PROCEDURE, TEXTS
from core.definitions.words import known_words, unknown
from core.domain.bundle import Bundle
from core.domain.documents import Signing
from core.domain.procedures import Step
from core.errors import DefinitionError, Mark

OF_THE_CASHIER = frozenset({"receipt", "refund_voucher"})
"""Documents that money floors issue by themselves; no step names them."""
TEMPLATES_OF_THE_CASHIER = frozenset({"cash_sheet.docx", "register.docx"})
"""Templates that the cash desk and the registers print without issuing a document."""

_NUMBER_WORDS = ("number", "year", "estate")


def check_references(findings: Findings, bundle: Bundle, roles: Collection[str]) -> None:
    """Steps, parties, documents, fees, papers, checklists: whatever they name must exist."""
    procedure = bundle.procedure
    findings.once(PROCEDURE, ("steps",), _names(procedure.steps))
    for at, step in enumerate(procedure.steps):
        _check_step(findings, bundle, at, step, roles)
    for at, party in enumerate(procedure.parties):
        if party.authority:
            findings.known(
                PROCEDURE,
                ("parties", at, "authority"),
                ("资料组", "set of required documents"),
                party.authority,
                _names(bundle.required_documents),
            )
    findings.all_known(PROCEDURE, ("withdraw",), ("角色", "role"), procedure.withdraw, roles)
    _check_documents(findings, bundle, roles)
    _check_papers(findings, bundle, roles)
    for at, fee in enumerate(bundle.fees):
        check_waiver(findings, at, fee.waive, roles)
    findings.once(FEES, ("fees",), _names(bundle.fees))
    findings.once(TEXTS, ("texts",), (clause.name for clause in bundle.texts))
    findings.once(PROCEDURE, ("parties",), _names(procedure.parties))


def _check_step(findings: Findings, bundle: Bundle, at: int, step: Step, roles: Collection[str]) -> None:
    procedure, here = bundle.procedure, ("steps", at)
    steps = _names(procedure.steps)
    findings.all_known(PROCEDURE, (*here, "role"), ("角色", "role"), step.role, roles)
    findings.all_known(PROCEDURE, (*here, "requires"), ("步骤", "step"), step.requires, steps)
    for word, kind, names in (
        ("form", ("表单", "form"), [form.form for form in bundle.forms]),
        ("required_documents", ("资料组", "set of required documents"), _names(bundle.required_documents)),
        ("checklist", ("检查表", "checklist"), _names(bundle.checklists)),
        ("fees", ("收费阶段", "fee stage"), sorted({fee.stage for fee in bundle.fees})),
    ):
        if (named := getattr(step, word)) is not None:
            findings.known(PROCEDURE, (*here, word), kind, named, names)
    findings.all_known(PROCEDURE, (*here, "documents"), ("文书", "document"), step.documents, _names(bundle.documents))
    if step.sign:
        _check_signing(findings, PROCEDURE, (*here, "sign"), step.sign, bundle, roles)
    findings.once(PROCEDURE, (*here, "outcomes"), _names(step.outcomes))
    for number, outcome in enumerate(step.outcomes):
        there = (*here, "outcomes", number)
        findings.all_known(PROCEDURE, (*there, "reopen"), ("步骤", "step"), outcome.reopen, steps)
        if outcome.end:
            findings.known(PROCEDURE, (*there, "end"), ("结束状态", "end"), outcome.end, procedure.ends)


def _check_signing(
    findings: Findings,
    file: str,
    path: tuple[str | int, ...],
    sign: Signing,
    bundle: Bundle,
    roles: Collection[str],
) -> None:
    parties = _names(bundle.procedure.parties)
    findings.all_known(file, (*path, "parties"), ("当事人", "party"), sign.parties, parties)
    findings.all_known(file, (*path, "roles"), ("角色", "role"), sign.roles, roles)


def _check_documents(findings: Findings, bundle: Bundle, roles: Collection[str]) -> None:
    findings.once(DOCUMENTS, ("documents",), _names(bundle.documents))
    findings.once(DOCUMENTS, ("series",), _names(bundle.series))
    for at, document in enumerate(bundle.documents):
        here = ("documents", at)
        if document.series:
            findings.known(DOCUMENTS, (*here, "series"), ("编号册", "series"), document.series, _names(bundle.series))
        findings.known(DOCUMENTS, (*here, "template"), ("模板", "template"), document.template, bundle.templates)
        findings.once(DOCUMENTS, (*here, "copies"), [copy.name for copy in document.copies])
        _check_signing(findings, DOCUMENTS, (*here, "sign"), document.sign, bundle, roles)
    for at, series in enumerate(bundle.series):
        _check_number(findings, ("series", at, "pattern"), series.pattern, series.restart)


def _check_number(findings: Findings, path: tuple[str | int, ...], pattern: str, restart: str) -> None:
    try:
        words = {name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None}
        pattern.format(number=1, year=2026, estate="X") if words <= set(_NUMBER_WORDS) else None
    except (ValueError, IndexError, KeyError) as error:
        findings.add(DOCUMENTS, path, f"编号写法有误 (bad number pattern): {error}", 1212)
        return
    for word in sorted(words - set(_NUMBER_WORDS)):
        findings.add(
            DOCUMENTS,
            path,
            unknown("编号成分", "part", word, _NUMBER_WORDS),
            1213,
            known_words(_NUMBER_WORDS),
        )
    if "number" not in words:
        findings.add(DOCUMENTS, path, "编号里缺少 {number} (the pattern lacks {number})", 1212)
    if restart == "year" and "year" not in words:
        findings.add(
            DOCUMENTS,
            path,
            "每年重新编号时要有 {year}，否则号码会重复 (numbers would repeat without {year})",
            1212,
        )


def _check_papers(findings: Findings, bundle: Bundle, roles: Collection[str]) -> None:
    findings.once(PAPERS, ("required_documents",), _names(bundle.required_documents))
    for at, papers in enumerate(bundle.required_documents):
        here = ("required_documents", at, "items")
        findings.once(PAPERS, here, _names(papers.items))
        for number, paper in enumerate(papers.items):
            findings.all_known(
                PAPERS,
                (*here, number, "alternatives"),
                ("资料", "required document"),
                paper.alternatives,
                _names(papers.items),
            )
            findings.all_known(PAPERS, (*here, number, "waive"), ("角色", "role"), paper.waive, roles)
    findings.once(CHECKLISTS, ("checklists",), _names(bundle.checklists))
    for at, checklist in enumerate(bundle.checklists):
        here = ("checklists", at)
        findings.once(CHECKLISTS, (*here, "items"), _names(checklist.items))
        for word in ("failed", "note_on", "photo_on"):
            findings.all_known(
                CHECKLISTS, (*here, word), ("检查结果", "result"), getattr(checklist, word), checklist.results
            )


def check_unused(findings: Findings, assembly: Assembly, bundle: Bundle) -> None:
    """Refuse what no step ever reaches: the name is misspelt, or something was forgotten.

    A form or template of a lower layer may stand idle: an estate took out the step or the document that used it, and cannot
    take out the file itself.
    """
    steps = bundle.procedure.steps
    forms = {step.form for step in steps}
    for form in bundle.forms:
        file = f"forms/{form.form}.yaml"
        if form.form not in forms and assembly.is_of_the_top(file):
            _unused(findings, file, ("form",), form.form)
    papers = {step.required_documents for step in steps} | {party.authority for party in bundle.procedure.parties}
    _each_unused(findings, PAPERS, "required_documents", _names(bundle.required_documents), papers)
    _each_unused(findings, CHECKLISTS, "checklists", _names(bundle.checklists), {step.checklist for step in steps})
    issued = {name for step in steps for name in step.documents} | OF_THE_CASHIER
    _each_unused(findings, DOCUMENTS, "documents", _names(bundle.documents), issued)
    stages = {step.fees for step in steps}
    for at, fee in enumerate(bundle.fees):
        if fee.stage not in stages:
            _unused(findings, FEES, ("fees", at, "stage"), fee.stage)
    printed = {document.template for document in bundle.documents} | TEMPLATES_OF_THE_CASHIER
    for template in assembly.templates.values():
        if template.name not in printed and template.path.parent == assembly.top.templates:
            findings.problems.append(
                DefinitionError(
                    f"模板 `{template.name}` 没有文书使用 (no document uses this template)",
                    Mark(shown(template.path)),
                    number=1234,
                )
            )


def _each_unused(findings: Findings, file: str, key: str, names: list[str], used: Collection[str | None]) -> None:
    for at, name in enumerate(names):
        if name not in used:
            _unused(findings, file, (key, at, "name"), name)


def _unused(findings: Findings, file: str, path: tuple[str | int, ...], name: str) -> None:
    findings.add(
        file,
        path,
        f"没有步骤用到 `{name}` (no step uses `{name}`)",
        1234,
        "请在 procedure.yaml 的步骤里写上它，或删去 (name it in a step, or remove it)",
    )


def _names(items: Collection[object]) -> list[str]:
    return [str(item.name) for item in items]  # type: ignore[attr-defined]
