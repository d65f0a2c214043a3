"""What bringing a case to newer definitions would change, as plain values: the answer of pages, programs and the terminal.

Money is whole 分 (`*_fen`); every text is in the reader's language; sensitive answers are covered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from core.cases.views import StepStatus
from core.errors import Reason

How = Literal["added", "removed", "renamed", "changed"]
Opening = Literal["again", "round"]


@dataclass(frozen=True)
class Change:
    """One thing of the definitions that is otherwise: `kind` says of what (step, field, paper, check, fee, document, approval,
    deadline, party), `parts` which of its keys. `step`: where it belongs; `was`: what it was called. `held`: what the case
    holds of it, in words (a result, that a paper was seen, the numbers of issued papers); empty: nothing."""

    kind: str
    how: How
    name: str
    title: str
    step: str = ""
    was: str = ""
    parts: tuple[str, ...] = ()
    held: str = ""


@dataclass(frozen=True)
class Misfit:
    """A filed value that the newer form does not take: where, what was filed, and why not."""

    step: str
    form: str
    field: str
    title: str
    value: str
    message: str


@dataclass(frozen=True)
class ChargeChange:
    """A charge beside the newer fees. `how`: `new` is made now, `gone` (its fee is no more) and `differs` are kept as they are,
    `moved` is counted under another stage or name from now on."""

    how: Literal["new", "gone", "differs", "moved"]
    fee: str
    title: str
    charged_fen: int
    would_fen: int
    open_fen: int
    stage: str = ""


@dataclass(frozen=True)
class Reopened:
    """A step that is open again. `how`: `round` is a new round, its form is filled in anew; `again` keeps what was filed."""

    step: str
    title: str
    how: Opening
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class DeadlineMoved:
    """A time that is otherwise: None before, it is new; None after, it ceases."""

    step: str
    title: str
    kind: str
    before: datetime | None
    after: datetime | None


@dataclass(frozen=True)
class StepStands:
    """Where a step stands before and after; None where the definitions have no such step. `missing`: what it then still needs."""

    step: str
    title: str
    before: StepStatus | None
    after: StepStatus | None
    missing: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Preview:
    """A case and the newer definitions. `same`: nothing to do; `blockers`: why it cannot be done; `left`: what somebody has
    begun in a step that is gone: it stays in the history, and nobody goes on with it."""

    case: str
    number: str
    procedure: str
    procedure_title: str
    about: str
    version: int
    before: str
    after: str
    same: bool
    blockers: tuple[Reason, ...] = ()
    changes: tuple[Change, ...] = ()
    misfits: tuple[Misfit, ...] = ()
    reopened: tuple[Reopened, ...] = ()
    charges: tuple[ChargeChange, ...] = ()
    deadlines: tuple[DeadlineMoved, ...] = ()
    left: tuple[str, ...] = ()
    steps: tuple[StepStands, ...] = ()

    @property
    def may(self) -> bool:
        """Whether it can be done."""
        return not self.same and not self.blockers


@dataclass(frozen=True)
class Outdated:
    """An open case that stands on older definitions than one that would begin now."""

    case: str
    number: str
    procedure: str
    procedure_title: str
    about: str
    state: str
    version: int
    opened_at: datetime
    before: str
    after: str


@dataclass(frozen=True)
class OutdatedProcedure:
    """How many open cases of a procedure there are, and how many of them stand on older definitions, by pin."""

    procedure: str
    title: str
    open: int
    outdated: int
    pins: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of one case of many: `done`, or why not."""

    case: str
    number: str
    done: bool
    reasons: tuple[Reason, ...] = field(default=())
