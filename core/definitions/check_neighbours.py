"""What procedures of one estate say of each other: sub-cases, follow-ups, deposits, facts. They never import each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from core.definitions.answers import DATES, Answers
from core.definitions.assembly import Assembly
from core.definitions.check_circles import check_circles
from core.definitions.check_rules import check_name, check_words, column_of
from core.definitions.findings import Findings
from core.definitions.reader import PathTuple
from core.definitions.readings import PROCEDURE, Reading, fee_inputs, prefills, rules
from core.definitions.vocabulary import case_types, case_words, person_names
from core.definitions.words import known_words, unknown
from core.domain.bundle import Bundle
from core.domain.procedures import Child, Deduction, Party, Step
from core.errors import DefinitionError, RuleError
from core.rules import Rule
from core.rules.rule import ANY_ANSWER
from core.rules.types import TEXT, RuleType

KIND = ("手续", "procedure")


def check_neighbours(assemblies: Mapping[str, Assembly], absent: Collection[str], judged: Collection[str]) -> list[DefinitionError]:
    """The mistakes between the procedures of one estate, by name; only those of `judged` are told.

    `absent`: procedures that the estate has but that cannot be read or are out of service; what they say is not known.
    """
    around = _Around({name: assembly.bundle("", "") for name, assembly in assemblies.items()}, frozenset(absent))
    problems: list[DefinitionError] = []
    for name in judged:
        if name in assemblies:
            findings = Findings(assemblies[name])
            _Procedure(findings, around, around.bundles[name]).check()
            problems += findings.problems
    return problems


@dataclass
class _Around:
    """The procedures of one estate, those that cannot be read, and by procedure whose sub-cases it is used for."""

    bundles: Mapping[str, Bundle]
    absent: frozenset[str]
    parents: dict[str, list[tuple[Bundle, Child]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for bundle in self.bundles.values():
            for child in bundle.procedure.children:
                self.parents.setdefault(child.of, []).append((bundle, child))

    @property
    def names(self) -> set[str]:
        return {*self.bundles, *self.absent}


class _Procedure:
    def __init__(self, findings: Findings, around: _Around, bundle: Bundle) -> None:
        self.findings = findings
        self.around = around
        self.bundle = bundle
        self.parents = [parent for parent, _ in around.parents.get(bundle.procedure.name, [])]

    def check(self) -> None:
        procedure = self.bundle.procedure
        for at, child in enumerate(procedure.children):
            self.child(at, child)
        for at, step in enumerate(procedure.steps):
            self.step(("steps", at), step)
        self.facts()
        if self.parents:
            self.below()
        elif not self.around.absent:
            self.alone()

    def add(self, path: PathTuple, what: str, number: int, remedy: str = "") -> None:
        self.findings.add(PROCEDURE, path, what, number, remedy)

    # ------------------------------------------------------------ what it opens

    def child(self, at: int, child: Child) -> None:
        path: PathTuple = ("children", at)
        other = self.offered((*path, "procedure"), child.of)
        if other is not None:
            self.same_subject((*path, "procedure"), other)
            check_circles(self.findings, self.bundle, at, child, other)

    def offered(self, path: PathTuple, name: str) -> Bundle | None:
        """The procedure `name` of the estate; a finding when it has none."""
        if name not in self.around.names:
            mine = self.around.names - {self.bundle.procedure.name}
            self.add(path, f"本项目不办理：{unknown(*KIND, name, mine)}", 1230,
                     "把它写进 estate.yaml 的 procedures (offer it in estate.yaml)")
        return self.around.bundles.get(name)

    def same_subject(self, path: PathTuple, other: Bundle) -> None:
        lacking = [one for one in self.bundle.procedure.subject if one not in other.procedure.subject]
        if lacking:
            name = other.procedure.name
            self.add(path, f"`{name}` 不是关于 {'、'.join(lacking)} 的，本手续却是 (`{name}` is about no {', '.join(lacking)})", 1212,
                     f"在 {name}/procedure.yaml 的 subject 里补上 (add it to its `subject`)")

    def step(self, here: PathTuple, step: Step) -> None:
        for at, follow_up in enumerate(step.starts):
            path: PathTuple = (*here, "starts", at, "procedure")
            if follow_up.optional and follow_up.procedure not in self.around.names:
                continue
            other = self.offered(path, follow_up.procedure)
            if other is None:
                continue
            if other.procedure.only_as_child:
                self.add(path, f"`{follow_up.procedure}` 只能作为子手续开办 (opened from its parent only)", 1212)
            elif not follow_up.when:
                self.same_subject(path, other)
        if step.settle:
            self.deposit((*here, "settle", "deposit"), step.settle.deposit)
            for at, less in enumerate(step.settle.less):
                self.deduction((*here, "settle", "less", at, "amount"), less)
        if step.validity and step.validity.extended_by:
            self.extension((*here, "validity", "extended_by"), step.validity.extended_by)

    def deposit(self, path: PathTuple, name: str) -> None:
        fees = [fee for bundle in self.around.bundles.values() for fee in bundle.fees]
        held = sorted({fee.name for fee in fees if fee.refundable})
        if name in held or self.around.absent:
            return
        if any(fee.name == name for fee in fees):
            self.add(path, f"费用 `{name}` 没有写 refundable: true，不是押金 (`{name}` is not refundable)", 1212)
        else:
            self.findings.known(PROCEDURE, path, ("押金", "refundable fee"), name, held)

    def deduction(self, path: PathTuple, less: Deduction) -> None:
        if less.amount.count(".") == 2:
            self.of_child(path, less.amount, ("money",), "金额 (money)")

    def extension(self, path: PathTuple, said: str) -> None:
        if said.count(".") != 2:
            self.add(path, f"`{said}` 要写成 子手续.步骤.日期字段 (KIND.STEP.FIELD of a sub-case)", 1212)
        else:
            self.of_child(path, said, DATES, "日期 (a date)")

    def of_child(self, path: PathTuple, said: str, types: tuple[str, ...], what: str) -> None:
        """`KIND.STEP.FIELD` is a field of one of `types` in the procedure of that kind of sub-case."""
        kind, _, name = said.partition(".")
        children = {child.name: child for child in self.bundle.procedure.children}
        if kind not in children:
            if path[-1] == "extended_by":  # an unknown kind of a deduction is told by the procedure's own check
                self.findings.known(PROCEDURE, path, ("子手续", "kind of sub-case"), kind, children)
            return
        child = self.around.bundles.get(children[kind].of)
        if child is None:
            return
        answers = Answers(child)
        if name in answers.fields and name not in answers.of_types(types):
            self.add(path, f"`{said}` 不是{what}", 1212, known_words(f"{kind}.{one}" for one in answers.of_types(types)))
        elif name.partition(".")[0] not in answers.blind:
            self.findings.known(PROCEDURE, path, ("字段", "field"), said, [f"{kind}.{one}" for one in answers.of_types(types)])

    # ------------------------------------------------------------ what it shares

    def facts(self) -> None:
        """One fact means the same everywhere: the same type. Told at each of them, for nobody can say which is right."""
        for at, fact in enumerate(self.bundle.procedure.facts):
            for name, bundle in self.around.bundles.items():
                for other in bundle.procedure.facts:
                    if (other.subject, other.name) == (fact.subject, fact.name) and other.type != fact.type:
                        self.add(("facts", at, "type"), f"`{fact.name}` 在 `{name}` 里写的是 {other.type} (it is {other.type} in `{name}`)",
                                 1212, "同一个情况在各手续里类型要一致 (one fact, one type)")

    # ------------------------------------------------------------ whose sub-case it is

    def alone(self) -> None:
        """No procedure of the estate has it as a sub-case."""
        procedure = self.bundle.procedure
        said = f"没有手续以 `{procedure.name}` 为子手续 (no procedure has it as a sub-case)"
        remedy = "在上级手续的 children 里写上它 (name it in `children` of its parent)"
        if procedure.only_as_child:
            self.add(("only_as_child",), said, 1234, remedy)
            return
        for at, step in enumerate(procedure.steps):
            if step.ladder:
                self.add(("steps", at, "ladder"), said, 1234, remedy)
        for at, party in enumerate(procedure.parties):
            if party.start.startswith("parent."):
                self.add(("parties", at, "from"), said, 1234, remedy)
        for reading, name in (*self.rules_of_parent(), *self.names_of_parent()):
            self.findings.rule(reading.file, reading.path, RuleError(said, column=column_of(name, reading.text), number=1230), remedy)

    def below(self) -> None:
        """What it reads of its parent, and what its ladder lets rest, is there in at least one of them."""
        procedure = self.bundle.procedure
        for at, party in enumerate(procedure.parties):
            if party.start.startswith("parent."):
                self.party(("parties", at, "from"), party)
        steps = [step.name for parent in self.parents for step in parent.procedure.steps]
        for at, step in enumerate(procedure.steps):
            for number, rung in enumerate(step.ladder.rungs if step.ladder else ()):
                self.findings.all_known(PROCEDURE, ("steps", at, "ladder", "rungs", number, "suspends"),
                                        ("上级手续的步骤", "step of the parent"), rung.suspends, steps)
        types: dict[str, RuleType] = {}
        for parent in self.parents:
            types |= {f"parent.{name}": kind for name, kind in case_types(parent, None).items()}
        in_rules = {name: kind for name, kind in types.items() if name.split(".")[1] in steps}
        people = {f"parent.{name}": TEXT for parent in self.parents for name in person_names(parent)}
        for known, found in ((in_rules, self.rules_of_parent()), ({**types, **people}, self.names_of_parent())):
            for reading, name in found:
                check_name(self.findings, reading.file, reading.path, name, known, reading.text)
        words: dict[str, tuple[str, ...]] = {}
        for parent in self.parents:
            for name, found in case_words(parent).items():
                words[f"parent.{name}"] = (*words.get(f"parent.{name}", ()), *found)
        for reading in {reading for reading, _ in self.rules_of_parent()}:
            check_words(self.findings, reading.file, reading.path, reading.text, words)

    def party(self, path: PathTuple, party: Party) -> None:
        """Whoever stands in the parent as the party that is named may stand here too: of its kind, and as many."""
        name = party.start.removeprefix("parent.")
        others = [other for parent in self.parents for other in parent.procedure.parties]
        self.findings.known(PROCEDURE, path, ("上级手续的当事人", "party of the parent"), name, sorted({other.name for other in others}))
        for other in others:
            if other.name == name and party.kind not in ("either", other.kind):
                self.add(path, f"上级手续的 `{name}` 是 {other.kind}，这里只能是 {party.kind} "
                         f"(there {other.kind}, here {party.kind} only)", 1212)
            elif other.name == name and other.many and not party.many:
                self.add(path, f"上级手续的 `{name}` 可有多位，这里只能一位 (there several, here one)", 1212, "写 many: true")

    def rules_of_parent(self) -> Iterator[tuple[Reading, str]]:
        """Every rule that reads a value of the parent, with the name that it reads."""
        procedure = self.bundle.procedure
        provided = [Reading(PROCEDURE, ("provides", name), text) for name, text in procedure.provides.items()]
        for reading in (*rules(self.bundle), *provided):
            if "parent." in reading.text:
                try:
                    names = Rule.compile(reading.text, ANY_ANSWER).names
                except RuleError:
                    continue  # told by the procedure's own check
                yield from ((reading, name) for name in sorted(names) if name.startswith("parent."))

    def names_of_parent(self) -> Iterator[tuple[Reading, str]]:
        """Every prefill and input of a fee that is taken from the parent."""
        for reading in (*(reading for _, _, reading in fee_inputs(self.bundle)), *prefills(self.bundle)):
            if reading.text.startswith("parent."):
                yield reading, reading.text
