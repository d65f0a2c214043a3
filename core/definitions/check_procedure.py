"""Everything that must hold across the files of a procedure before a customer stands at the counter."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from core.definitions.assembly import Assembly
from core.definitions.check_fields import check_form
from core.definitions.check_references import (
    CHECKLISTS,
    DOCUMENTS,
    FEES,
    PAPERS,
    PROCEDURE,
    check_references,
    check_unused,
)
from core.definitions.check_rules import check_name, check_rule
from core.definitions.findings import Findings
from core.definitions.reader import PathTuple
from core.definitions.sequence import Sequence, check_sequence
from core.definitions.vocabulary import OPENING, case_types, person_names
from core.domain.bundle import Bundle
from core.domain.fees import Fee
from core.errors import DefinitionError
from core.rules.types import TEXT, RuleType


@dataclass(frozen=True)
class Surroundings:
    """What a procedure meets outside its own files: field types, roles, and the estate's settings (None: no
    estate)."""

    field_types: frozenset[str]
    roles: frozenset[str]
    settings: tuple[tuple[str, str | int | bool], ...] | None = None


def check_procedure(assembly: Assembly, around: Surroundings) -> list[DefinitionError]:
    """The mistakes of an assembly whose files are valid one by one."""
    findings = Findings(assembly)
    bundle = assembly.bundle("", "")
    check_references(findings, bundle, around.roles)
    if not findings.problems:  # a misspelt name would be told a second time as something unused
        check_unused(findings, assembly, bundle)
    sequence = Sequence(bundle.procedure)
    check_sequence(findings, bundle.procedure, sequence)
    for form in bundle.forms:
        check_form(findings, form, around.field_types)
    settings = None if around.settings is None else dict(around.settings)
    _Rules(findings, bundle, sequence, settings).check()
    return findings.problems


class _Rules:
    """Rules, fee inputs and prefills against the names known at their step."""

    def __init__(
        self, findings: Findings, bundle: Bundle, sequence: Sequence, settings: Mapping[str, object] | None
    ) -> None:
        self.findings = findings
        self.bundle = bundle
        self.sequence = sequence
        self.types: dict[str, RuleType] = case_types(bundle, settings)
        self.estate_open = settings is None

    def check(self) -> None:
        for at, step in enumerate(self.bundle.procedure.steps):
            here: PathTuple = ("steps", at)
            if step.when:
                self.rule(PROCEDURE, (*here, "when"), step.when, self.sequence.later(step.name, own=False))
            if step.until:
                self.rule(PROCEDURE, (*here, "until"), step.until, self.sequence.later(step.name, own=True))
        self.papers()
        self.documents()
        for at, fee in enumerate(self.bundle.fees):
            self.fee(("fees", at), fee)
        self.prefills()

    def rule(self, file: str, path: PathTuple, text: str, later: Collection[str]) -> None:
        check_rule(self.findings, file, path, text, self.types, later, estate_open=self.estate_open)

    def later_at(self, word: str, name: str, *, own: bool) -> set[str]:
        """Steps that come later than any step whose `word` names `name`."""
        later: set[str] = set()
        for step in self.bundle.procedure.steps:
            said = getattr(step, word)
            if said == name or (isinstance(said, tuple) and name in said):
                later |= self.sequence.later(step.name, own=own)
        return later

    def papers(self) -> None:
        for at, papers in enumerate(self.bundle.required_documents):
            later = self.later_at("required_documents", papers.name, own=True)
            for number, paper in enumerate(papers.items):
                if paper.when:
                    self.rule(PAPERS, ("required_documents", at, "items", number, "when"), paper.when, later)
        for at, checklist in enumerate(self.bundle.checklists):
            later = self.later_at("checklist", checklist.name, own=True)
            for number, item in enumerate(checklist.items):
                if item.when:
                    self.rule(CHECKLISTS, ("checklists", at, "items", number, "when"), item.when, later)

    def documents(self) -> None:
        for at, document in enumerate(self.bundle.documents):
            if document.when:
                later = self.later_at("documents", document.name, own=True)
                self.rule(DOCUMENTS, ("documents", at, "when"), document.when, later)

    def fee(self, path: PathTuple, fee: Fee) -> None:
        """Every input of a fee exists before its step; what is priced at opening needs only what is known
        then."""
        later = self.later_at("fees", fee.stage, own=False)
        if fee.when:
            self.rule(FEES, (*path, "when"), fee.when, later)
        for word, key in (("by", "by"), ("quantity", "quantity"), ("start", "from")):
            name = getattr(fee, word)
            if name is None or not self.name(FEES, (*path, key), name, later):
                continue
            if fee.priced_at == "opening" and not name.startswith(OPENING):
                self.findings.add(
                    FEES,
                    (*path, key),
                    f"开办时计价，但 `{name}` 那时还没有 (priced at opening, but `{name}` is not known then)",
                    1231,
                )

    def name(self, file: str, path: PathTuple, name: str, later: Collection[str], more: Collection[str] = ()) -> bool:
        if self.estate_open and name.startswith("estate."):
            return True
        return check_name(self.findings, file, path, name, {**self.types, **dict.fromkeys(more, TEXT)}, name, later)

    def prefills(self) -> None:
        people = person_names(self.bundle)
        for form in self.bundle.forms:
            later = self.later_at("form", form.form, own=False)
            for at, field in enumerate(form.fields):
                if field.prefill:
                    path = ("fields", at, "prefill")
                    self.name(f"forms/{form.form}.yaml", path, field.prefill, later, people)
