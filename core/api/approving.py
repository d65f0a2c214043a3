"""What only some steps ask for: consent, an exception with its reason, renewal, the settlement of a deposit."""

from __future__ import annotations

from core.api.answers import Deducted, Settled, Standing, standing, standing_parts
from core.api.endpoints import Call, endpoint
from core.api.requests import Because, Consent, Settling
from core.api.steps import STEP
from core.cases.approving import approve, override, renew
from core.cases.settling import settle


@endpoint("POST", f"{STEP}/approve", "write", answer=Standing, body=Consent, versioned=True)
def post_approval(call: Call) -> Standing:
    """Consent to the step, to the outcome that was proposed, or to its being late, whichever is asked for."""
    said: Consent = call.body
    approve(call.desk, call.case, call.step, said.note, role=said.role, version=call.version)
    return standing(call.desk, call.case)


@endpoint("POST", f"{STEP}/override", "write", answer=Standing, body=Because, versioned=True)
def post_override(call: Call) -> Standing:
    """Pass the step's waiting time, stale facts and further conditions by exception, with a reason."""
    override(call.desk, call.case, call.step, call.body.reason, version=call.version)
    return standing(call.desk, call.case)


@endpoint("POST", f"{STEP}/renew", "write", answer=Standing, body=Because, versioned=True)
def post_renewal(call: Call) -> Standing:
    """Open the step again in a new round, since what it gave runs out or has run out."""
    renew(call.desk, call.case, call.step, call.body.reason, version=call.version)
    return standing(call.desk, call.case)


@endpoint("POST", f"{STEP}/settle", "money", answer=Settled, body=Settling, versioned=True)
def post_settlement(call: Call) -> Settled:
    """Take the deductions off the deposit and give the rest back."""
    said: Settling = call.body
    found = settle(call.desk, call.case, call.step, said.method, version=call.version)
    lines = tuple(Deducted(line.name, line.title, line.fen, line.origin) for line in found.lines)
    return Settled(**standing_parts(call.desk, call.case), held_fen=found.held, lines=lines, refund_fen=found.refund)
