"""What a procedure is: steps that open when their gates hold, parties, outcomes, ends.

Case management in the sense of CMMN: stages that open, repeat and may be skipped; not a flow chart.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field as Key, field_validator

from core.domain.base import Frozen, Name, Named, Names, Rule, Words
from core.domain.documents import Signing

RESERVED = frozenset({"unit", "case", "parties", "estate", "ledger", "papers", "checklist", "documents", "today"})
"""Names that rules already use for something; no step may be called so."""


class Party(Named):
    """Somebody of a case: a person or a firm. `authority`: set of required documents an agent must bring."""

    kind: Literal["person", "company", "either"] = "person"
    start: Literal["unit.owners", ""] = Key(default="", alias="from", description="Prefilled from the unit's owners.")
    many: bool = False
    optional: bool = False
    authority: Name | None = None


class Outcome(Named):
    """What a step's result does: nothing (go on), reopen steps, end the case, or wait for another try."""

    reopen: Names = ()
    round: bool = Key(default=True, description="Reopened steps start a new round and keep their earlier ones.")
    end: Name | None = None
    wait: bool = False
    reason: Literal["required", "optional"] = "optional"


class Step(Named):
    """A step: it opens when `requires` are done or skipped and `when` holds; it is done when all its parts are,
    and `until` holds, and an outcome is chosen where it has `outcomes`."""

    role: Names = ()
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
    help: Words | None = None

    @field_validator("name")
    @classmethod
    def _not_reserved(cls, name: str) -> str:
        if name in RESERVED:
            raise ValueError(f"`{name}` 在规则里另有含义，请换一个名字 (means something else in rules)")
        return name

    @field_validator("outcomes", mode="before", json_schema_input_type=dict[str, Any] | tuple[Outcome, ...])
    @classmethod
    def _mapping(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return [{"name": name, "title": name, **(body or {})} for name, body in value.items()]
        return value


class Procedure(Frozen):
    """The file `procedure.yaml`."""

    procedure: Name
    title: Words
    source: str = ""
    prefix: str = Key(default="", pattern=r"^[A-Z]{0,4}$", description="Letters of the case number: RH-2026-00042.")
    subject: Literal["unit"] = "unit"
    one_open_per_unit: bool = True
    parties: tuple[Party, ...] = ()
    steps: tuple[Step, ...] = Key(min_length=1)
    ends: tuple[Name, ...] = ("completed",)
    withdraw: Names = Key(
        default=(), description="Roles that may withdraw or suspend a case; empty: any role of a step.")

    @property
    def name(self) -> str:
        return self.procedure

    @field_validator("parties", mode="before", json_schema_input_type=dict[str, Any] | tuple[Party, ...])
    @classmethod
    def _by_name(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return [{"name": name, "title": name, **(body or {})} for name, body in value.items()]
        return value

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
