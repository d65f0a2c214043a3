"""Facts: what a procedure tells others of a subject, and what it must know of it; procedures never import each other."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field as Key

from core.domain.base import Frozen, Name, Named, Names, Rule
from core.domain.timing import Length

Subject = Literal["unit", "place", "person", "estate"]
FactType = Literal["integer", "yes_no", "text", "date"]


class Fact(Named):
    """A fact by name, type and subject; money is an integer of 分 and its name ends in `_fen`.

    Rules and templates read it as `unit.NAME` (or `estate_facts.NAME` for a fact of the estate). `together`: what several
    cases say of one subject: numbers are added, of texts and dates the latest counts, yes/no is yes when one says yes.
    """

    type: FactType
    subject: Subject = "unit"


class NeedsFact(Frozen):
    """A fact that a step must know. `max_age`: how old it may be (`{days: 0}`: of today); else somebody confirms it."""

    max_age: Length | None = None
    confirm: Names = Key(default=(), description="Roles that may confirm it by hand; empty: those of the step.")


class Count(Named):
    """How many cases of the procedure, this one included, share something with it in the last `days`: the subject, the first
    party, or the value of a field. Rules read `counts.NAME`."""

    by: str = Key(pattern=r"^(subject|parties\.[a-z][a-z0-9_]*|[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)$")
    days: int = Key(ge=1, le=3650)
    when: Rule | None = Key(default=None, description="Counted only while this rule holds of the case itself.")


def named(value: Any) -> Any:
    """A mapping by name as a list of named things whose title is their name unless they say it."""
    if isinstance(value, dict):
        return [{"name": name, "title": name, **(body or {})} for name, body in value.items()]
    return value


Provides = dict[Name, Rule]
"""Fact by rule over the case: `is_open`, `ledger.deposit_fen`, `documents.works_permit.issued`."""
