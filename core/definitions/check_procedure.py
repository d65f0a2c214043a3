"""Everything that must hold across the files of a procedure before a customer stands at the counter."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from core.definitions.assembly import Assembly
from core.definitions.check_constructs import check_constructs
from core.definitions.check_fees import check_fees
from core.definitions.check_fields import check_form
from core.definitions.check_former import check_former
from core.definitions.check_price_lists import check_price_lists
from core.definitions.check_references import check_references, check_unused
from core.definitions.check_registers import check_registers
from core.definitions.check_rules import check_name, check_rule
from core.definitions.check_time import check_time
from core.definitions.findings import Findings
from core.definitions.readings import PROCEDURE, Reading, fee_inputs, prefills, rules
from core.definitions.sequence import Sequence, check_sequence
from core.definitions.vocabulary import IS_OPEN, OF_ITEM, OPENING, case_types, case_words, person_names
from core.domain.bundle import Bundle
from core.domain.facts import FactType
from core.errors import DefinitionError
from core.rules.rule import ANY_ANSWER, YES_OR_NO
from core.rules.types import TEXT, RuleType

NOTHING: Mapping[str, RuleType] = {}
_ANSWERS: Mapping[FactType, tuple[str, ...]] = {
    "yes_no": YES_OR_NO, "integer": ("INT", "DYN"), "text": ("STRING", "DYN"), "date": ("STRING", "DYN")}


@dataclass(frozen=True)
class Surroundings:
    """What a procedure meets outside its own files: field types, roles, and the estate's settings (None: no
    estate)."""

    field_types: frozenset[str]
    roles: frozenset[str]
    settings: tuple[tuple[str, str | int | bool], ...] | None = None

    def sorted(self) -> tuple[object, ...]:
        """The same in one order, as something to compare by."""
        return sorted(self.field_types), sorted(self.roles), self.settings and sorted(self.settings)


def check_procedure(assembly: Assembly, around: Surroundings) -> list[DefinitionError]:
    """The mistakes of an assembly whose files are valid one by one."""
    findings = Findings(assembly)
    bundle = assembly.bundle("", "")
    sequence = Sequence(bundle.procedure)
    check_references(findings, bundle, around.roles)
    check_registers(findings, bundle, around.roles)
    check_constructs(findings, bundle, sequence, around.roles)
    if not findings.problems:  # a misspelt name would be told a second time as something unused
        check_unused(findings, assembly, bundle)
    check_sequence(findings, bundle.procedure, sequence)
    check_time(findings, bundle, sequence, around.roles)
    check_price_lists(findings, bundle)
    check_fees(findings, bundle)
    check_former(findings, bundle)
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
        self.words = case_words(bundle)
        self.estate_open = settings is None

    def check(self) -> None:
        for reading in rules(self.bundle):
            check_rule(self.findings, reading.file, reading.path, reading.text, self.types, self.later(reading),
                       estate_open=self.estate_open, values=self.words)
        self.provided()
        for fee, _, reading in fee_inputs(self.bundle):
            if self.name(reading) and fee.priced_at == "opening" and not reading.text.startswith(OPENING):
                self.findings.add(
                    reading.file,
                    reading.path,
                    f"开办时计价，但 `{reading.text}` 那时还没有 (priced at opening, but `{reading.text}` is not known then)",
                    1231,
                )
        people = dict.fromkeys(person_names(self.bundle), TEXT)
        each = {step.name for step in self.bundle.procedure.steps if step.each}
        for reading in prefills(self.bundle):
            of_item = dict.fromkeys(OF_ITEM if reading.steps and each.issuperset(reading.steps) else (), TEXT)
            self.name(reading, {**people, **of_item})

    def later(self, reading: Reading) -> Collection[str]:
        """Steps whose values are not there yet when the reading is made."""
        return set().union(*(self.sequence.later(step, own=reading.own) for step in reading.steps))

    def name(self, reading: Reading, more: Mapping[str, RuleType] = NOTHING) -> bool:
        """Whether the dotted name that is read is known by then."""
        if self.estate_open and reading.text.startswith("estate."):
            return True
        return check_name(self.findings, reading.file, reading.path, reading.text, {**self.types, **more}, reading.text,
                          self.later(reading))

    def provided(self) -> None:
        """What the procedure tells others fits the type of its fact."""
        procedure = self.bundle.procedure
        kinds: dict[str, FactType] = {fact.name: fact.type for fact in procedure.facts}
        for name, text in procedure.provides.items():
            check_rule(self.findings, PROCEDURE, ("provides", name), text, {**self.types, **IS_OPEN},
                       estate_open=self.estate_open, values=self.words, answers=_ANSWERS[kinds[name]] if name in kinds else ANY_ANSWER)
