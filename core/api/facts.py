"""Facts: what is known of a unit, what programs say of it, and confirming one that a step needs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from core.api.answers import Standing, standing
from core.api.endpoints import Call, endpoint
from core.api.estates import ESTATE
from core.api.requests import Name, Taken
from core.api.steps import STEP
from core.cases.casefile import open_file
from core.cases.fact_views import fact_views
from core.cases.facts import confirm_fact
from core.cases.unit_facts import UnitFact, put_unit_facts, unit_facts
from core.cases.views import FactView

Value = Annotated[int | bool | Annotated[str, Field(max_length=200)],
                  Field(description="Whole 分 for money, true or false, a text, or a date like 2026-03-01")]
Moment = Annotated[AwareDatetime, Field(strict=False)]


class FactSaid(Taken):
    value: Value
    as_of: Annotated[Moment | None, Field(description="When it was true, with a time zone; none: now")] = None


class FactsSaid(Taken):
    facts: Annotated[dict[Name, FactSaid], Field(min_length=1, max_length=100)]


class Confirmed(Taken):
    value: Value


@endpoint("GET", f"{ESTATE}/units/{{code}}/facts", "read", answer=list[UnitFact])
def read_unit_facts(call: Call) -> list[UnitFact]:
    """Every fact that is declared of the unit with that code, known or not."""
    return unit_facts(call.desk, call.estate, call["code"])


@endpoint("PUT", f"{ESTATE}/units/{{code}}/facts", "write", answer=list[UnitFact], body=FactsSaid)
def put_facts(call: Call) -> list[UnitFact]:
    """Say facts of the unit, all of them or none; the same again changes nothing, cases that waited for them go on."""
    said: dict[str, FactSaid] = call.body.facts
    facts: dict[str, tuple[int | bool | str, datetime | None]] = {name: (one.value, one.as_of) for name, one in said.items()}
    put_unit_facts(call.desk, call.estate, call["code"], facts)
    return unit_facts(call.desk, call.estate, call["code"])


@endpoint("GET", f"{STEP}/facts", "read", answer=list[FactView])
def read_step_facts(call: Call) -> list[FactView]:
    """What the step must know, how old that is, and who may confirm it."""
    return list(fact_views(open_file(call.desk, call.case), call.step))


@endpoint("POST", f"{STEP}/facts/{{name}}", "write", answer=Standing, body=Confirmed, versioned=True)
def post_fact(call: Call) -> Standing:
    """Confirm by hand a fact that the step needs, as of now."""
    confirm_fact(call.desk, call.case, call.step, call["name"], call.body.value, version=call.version)
    return standing(call.desk, call.case)
