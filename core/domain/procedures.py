"""What a procedure is: steps that open when their gates hold, parties, outcomes, sub-cases, ends.

Case management in the sense of CMMN: stages that open, repeat and may be skipped; not a flow chart.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field as Key, field_validator, model_validator

from core.domain.base import Frozen, Name, Named, Names, Rule, Words, _listed
from core.domain.documents import Signing
from core.domain.facts import Count, Fact, NeedsFact, Provides, Subject, named
from core.domain.timing import Classify, Dues, Moment, Opens, Repeat, Validity

RESERVED = frozenset({"unit", "case", "parties", "estate", "estate_facts", "ledger", "papers", "checklist", "documents", "today",
                      "children", "parent", "counts", "subject", "item", "is_open"})
"""Names that rules already use for something; no step may be called so."""


class Party(Named):
    """Somebody of a case: a person or a firm. `authority`: set of required documents an agent must bring.

    `start`: prefilled from the unit's owners, or from the party of that name of the case it is a sub-case of.
    """

    kind: Literal["person", "company", "either"] = "person"
    start: str = Key(default="", alias="from", pattern=r"^(|unit\.owners|parent\.[a-z][a-z0-9_]*)$",
                     description="`unit.owners`, or `parent.PARTY` in a sub-case.")
    many: bool = False
    optional: bool = False
    authority: Name | None = None


class Approvals(Frozen):
    """Consent of roles: of all, of any one, or one after the other. `distinct`: no two by the same person (four eyes)."""

    mode: Literal["all", "any", "sequence"] = "all"
    by: Names = Key(min_length=1)
    distinct: bool = True


def _approvals(value: Any) -> Any:
    return {"by": value} if isinstance(value, (str, list)) else value


Consent = Annotated[Approvals, BeforeValidator(_approvals, json_schema_input_type=Approvals | Names)]
"""`approvals: [manager]` or the whole: `{mode: sequence, by: [engineering, finance]}`."""


class Outcome(Named):
    """What a step's result does: nothing (go on), reopen steps, end the case, or wait for another try.

    `approvals`: it takes effect when these have consented.
    """

    reopen: Names = ()
    round: bool = Key(default=True, description="Reopened steps start a new round and keep their earlier ones.")
    end: Name | None = None
    wait: bool = False
    reason: Literal["required", "optional"] = "optional"
    approvals: Consent | None = None

    @property
    def goes_on(self) -> bool:
        """Whether the case simply goes on."""
        return not (self.reopen or self.end or self.wait)


class Override(Frozen):
    """Who may pass the step's conditions (`until`, `needs_fact`, `opens`) with a reason; never its form, papers or money."""

    role: Names = Key(min_length=1)
    reason: Literal["required"] = "required"


class Deduction(Named):
    """One line that a settlement takes off: a money field of this case (`accept.damages`), or of all sub-cases of a kind
    (`violation.order.penalty`, when `children` names that kind)."""

    amount: str = Key(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$|^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")


class Settle(Frozen):
    """The deposit is settled: refund = held − deductions, never below zero, each line explained.

    `deposit`: name of a refundable fee, wherever the unit paid it.
    """

    deposit: Name
    less: Annotated[tuple[Deduction, ...], BeforeValidator(named)] = ()


class Rung(Named):
    """A rung of a ladder. `suspends`: steps of the parent case that rest until this sub-case has ended."""

    suspends: Names = ()


class Ladder(Frozen):
    """The next rung depends on how many sub-cases of the same kind the parent had before. `start`: at least this rung, by a
    value of the case (`record.severity`)."""

    rungs: Annotated[tuple[Rung, ...], BeforeValidator(named), Key(min_length=1)]
    by: Moment | None = None
    start: dict[str, Name] = Key(default_factory=dict)

    @field_validator("rungs", mode="before")
    @classmethod
    def _listed_mappings(cls, value: Any) -> Any:
        """`[{oral: {}}, {final: {suspends: [entry]}}]` as well as the plain list of named rungs."""
        if isinstance(value, list) and all(isinstance(one, dict) and len(one) == 1 and "name" not in one for one in value):
            return [{"name": name, "title": name, **(body or {})} for one in value for name, body in one.items()]
        return value


class Child(Named):
    """A kind of sub-case: `procedure` (default: of the same name) may be opened once `start` is open, until `until` is done."""

    procedure: Name | None = None
    start: Name | None = Key(default=None, alias="from")
    until: Name | None = None
    when: Rule | None = None

    @property
    def of(self) -> str:
        """The procedure of the sub-case."""
        return self.procedure or self.name


class FollowUp(Frozen):
    """A case of another procedure that is opened when the step is done. `optional`: where the estate has it."""

    procedure: Name
    optional: bool = False
    when: Rule | None = None


class Step(Named):
    """A step: it opens when `requires` are done or skipped and `when` holds; it is done when all its parts are,
    and `until` holds, and an outcome is chosen where it has `outcomes`.

    `route`: the value of this field is the role that works on it, besides `role`. `each`: once for each person of that party.
    """

    role: Names = ()
    route: Moment | None = None
    form: Name | None = None
    required_documents: Name | None = None
    checklist: Name | None = None
    fees: Name | None = None
    documents: Names = ()
    sign: Signing | None = Key(
        default=None, description="Who signs this step's documents, unless a document says so itself.")
    requires: Names = ()
    when: Rule | None = None
    until: Rule | None = None
    until_message: Words | None = Key(default=None, description="What to tell people while `until` does not hold.")
    outcomes: tuple[Outcome, ...] = ()
    approvals: Consent | None = None
    override: Override | None = None
    each: Name | None = None
    opens: Opens | None = None
    due: Dues = ()
    validity: Validity | None = None
    repeat: Repeat | None = None
    classify: Classify | None = None
    ladder: Ladder | None = None
    settle: Settle | None = None
    corrects: Moment | None = None
    needs_fact: dict[str, NeedsFact] = Key(default_factory=dict)
    starts: Annotated[tuple[FollowUp, ...],
                      BeforeValidator(_listed, json_schema_input_type=FollowUp | tuple[FollowUp, ...])] = ()
    help: Words | None = None
    was: Names = Key(default=(), description="Names that this step had before: a migrated case keeps what was filed there.")

    @field_validator("name")
    @classmethod
    def _not_reserved(cls, name: str) -> str:
        if name in RESERVED:
            raise ValueError(f"`{name}` 在规则里另有含义，请换一个名字 (means something else in rules)")
        return name

    @field_validator("outcomes", mode="before", json_schema_input_type=dict[str, Any] | tuple[Outcome, ...])
    @classmethod
    def _mapping(cls, value: Any) -> Any:
        return named(value)

    @field_validator("needs_fact", mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        """A fact that is only named may be of any age."""
        return {name: body or {} for name, body in value.items()} if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _shape(self) -> Step:
        if self.each and self.repeat:
            raise ValueError("步骤不能同时写 each 和 repeat (either `each` or `repeat`)")
        for word, part in (("classify", self.classify), ("corrects", self.corrects)):
            if part is not None and self.form is None:
                raise ValueError(f"写了 {word}，还要写 form (`{word}` needs a form)")
        if self.repeat and self.outcomes:
            raise ValueError("重复的步骤不能有 outcomes (a repeated step has no outcomes)")
        return self


class Procedure(Frozen):
    """The file `procedure.yaml`."""

    procedure: Name
    title: Words
    source: str = ""
    prefix: str = Key(default="", pattern=r"^[A-Z]{0,4}$", description="Letters of the case number: RH-2026-00042.")
    subject: Annotated[
        tuple[Subject, ...], BeforeValidator(_listed, json_schema_input_type=Subject | tuple[Subject, ...])
    ] = Key(default=("unit",), min_length=1)
    one_open_per_unit: bool = True
    only_as_child: bool = Key(default=False, description="Opened from its parent case only, not from the home page.")
    parties: tuple[Party, ...] = ()
    steps: tuple[Step, ...] = Key(min_length=1)
    children: Annotated[tuple[Child, ...], BeforeValidator(named, json_schema_input_type=dict[str, Any] | tuple[Child, ...])] = ()
    facts: Annotated[tuple[Fact, ...], BeforeValidator(named, json_schema_input_type=dict[str, Any] | tuple[Fact, ...])] = ()
    counts: Annotated[tuple[Count, ...], BeforeValidator(named, json_schema_input_type=dict[str, Any] | tuple[Count, ...])] = ()
    provides: Provides = Key(default_factory=dict)
    ends: tuple[Name, ...] = ("completed",)
    good_ends: Names = Key(default=(), description="Ends that grant what was asked; empty: the first of `ends`.")
    withdraw: Names = Key(
        default=(), description="Roles that may withdraw or suspend a case; empty: any role of a step.")

    @property
    def name(self) -> str:
        return self.procedure

    @field_validator("parties", mode="before", json_schema_input_type=dict[str, Any] | tuple[Party, ...])
    @classmethod
    def _by_name(cls, value: Any) -> Any:
        return named(value)

    @cached_property
    def timed(self) -> bool:
        """Whether time alone changes anything in its cases."""
        return any(step.opens or step.due or step.validity or step.repeat or (step.classify and step.classify.escalate)
                   for step in self.steps)

    @cached_property
    def spoken(self) -> bool:
        """Whether a step asks for what is said of it: consent, an override, a class that may be raised."""
        return any(step.approvals or step.override or step.classify or any(one.approvals for one in step.outcomes)
                   or any(due.overdue.approvals for due in step.due) or step.settle for step in self.steps)

    @cached_property
    def corrections(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """By step: (field, step that corrects it), in the order of the steps."""
        found: dict[str, tuple[tuple[str, str], ...]] = {}
        for step in self.steps:
            if step.corrects:
                head, _, field = step.corrects.partition(".")
                found[head] = (*found.get(head, ()), (field, step.name))
        return found

    def ended_well(self, state: str) -> bool:
        """Whether a case that ended in `state` was granted."""
        return state in (self.good_ends or self.ends[:1])

    def step(self, name: str) -> Step:
        """The step called `name`; KeyError when there is none."""
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(name)

    def party(self, name: str) -> Party:
        """The party called `name`; KeyError when there is none."""
        for party in self.parties:
            if party.name == name:
                return party
        raise KeyError(name)

    def child(self, name: str) -> Child:
        """The kind of sub-case called `name`; KeyError when there is none."""
        for child in self.children:
            if child.name == name:
                return child
        raise KeyError(name)
