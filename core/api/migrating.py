"""Bringing open cases to newer definitions: which stand on older ones, what would change, and the act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from core.api.answers import Standing, standing_parts
from core.api.cases import CASE
from core.api.endpoints import Call, endpoint
from core.api.estates import ESTATE
from core.api.requests import Reason, Sha256, Taken, Word
from core.cases.migrating import migrate, outdated, preview
from core.cases.migrating_views import ChargeChange, Misfit, Outdated, Preview, Reopened


@dataclass(frozen=True)
class Migrated(Standing):
    """Where the case stands by the newer definitions, and what somebody has to do again."""

    before: str = ""
    after: str = ""
    reopened: tuple[Reopened, ...] = ()
    misfits: tuple[Misfit, ...] = ()
    charges: tuple[ChargeChange, ...] = ()


class OutdatedOf(Taken):
    procedure: Annotated[Word, Field(description="Only cases of this procedure")] = ""


class ToNewer(Taken):
    reason: Reason
    to: Annotated[Sha256 | None, Field(description="`after` of the preview; 409 when the definitions are others by now")] = None


@endpoint("GET", f"{ESTATE}/outdated", "read", answer=list[Outdated], query=OutdatedOf)
def list_outdated(call: Call) -> list[Outdated]:
    """The open cases that stand on older definitions than one that would begin now, the oldest first."""
    return outdated(call.desk, call.estate, call.query.procedure or None)


@endpoint("GET", f"{CASE}/migration", "read", answer=Preview, versioned=True)
def read_migration(call: Call) -> Preview:
    """What bringing the case to the definitions of today would change; nothing is stored."""
    return preview(call.desk, call.case)


@endpoint("POST", f"{CASE}/migration", "write", answer=Migrated, body=ToNewer, versioned=True)
def post_migration(call: Call) -> Migrated:
    """Bring the case to the definitions of today, with a reason."""
    said: ToNewer = call.body
    done = migrate(call.desk, call.case, said.reason, version=call.version, to=said.to)
    return Migrated(**standing_parts(call.desk, call.case), before=done.before, after=done.after, reopened=done.reopened,
                    misfits=done.misfits, charges=done.charges)
