"""Cases and everything that is put into them; submissions, papers and checks are append-only."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.store.models.base import Base, Bytes, CaseRef, Data, EstateName, Id, Line, Ref, Sha, Short, When
from core.store.models.estates import Person, Unit


class Definition(Base):
    """A pinned bundle: what cases that started with it go on with."""

    __tablename__ = "definition"

    pin: Mapped[Sha] = mapped_column(primary_key=True)
    estate: Mapped[EstateName]
    procedure: Mapped[Short]
    bundle: Mapped[Bytes]  # deflated canonical JSON of core.domain.bundle.Bundle
    stored_at: Mapped[When]


class Case(Base):
    """One run of a procedure. `state`: open, suspended, withdrawn, or the name of an end.

    `version` grows with every change and guards against lost updates. `opening_key`: makes a double click
    one case. `subject`: unit, place, person or estate; `place`: which one, in words. `parent_id`, `kind`: a sub-case, of
    that kind of its parent's `children`; `origin_id`: the case it follows up. `suspended_at`: since when it rests.
    """

    __tablename__ = "case"
    __table_args__ = (
        UniqueConstraint("estate", "number"),
        UniqueConstraint("estate", "opening_key"),
        Index("ix_case_board", "estate", "procedure", "state"),
        Index("ix_case_register", "estate", "procedure", "opened_at"),
        Index(
            "uq_case_open_per_unit",
            "estate",
            "procedure",
            "unit_id",
            unique=True,
            sqlite_where=text("exclusive = 1 AND ended_at IS NULL"),
            postgresql_where=text("exclusive AND ended_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    estate: Mapped[Short]
    procedure: Mapped[Short]
    number: Mapped[Short]
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"), index=True)
    subject: Mapped[Short] = mapped_column(default="unit")
    place: Mapped[Line] = mapped_column(default="")
    parent_id: Mapped[str | None] = mapped_column(String(26), index=True)
    kind: Mapped[Short] = mapped_column(default="")
    origin_id: Mapped[str | None] = mapped_column(String(26), index=True)
    exclusive: Mapped[bool] = mapped_column(default=True)
    state: Mapped[Short] = mapped_column(default="open")
    pin: Mapped[Sha] = mapped_column(ForeignKey("definition.pin"))
    version: Mapped[int] = mapped_column(default=1)
    opening_key: Mapped[str | None]
    opened_at: Mapped[When]
    opened_by: Mapped[Ref]
    ended_at: Mapped[When | None]
    suspended_at: Mapped[When | None]
    handler_id: Mapped[str | None]  # the user it was handed to
    unit: Mapped[Unit | None] = relationship()


class CaseParty(Base):
    """A person in a part (owner, agent …) of a case, from when to when. `number`: 1, 2 … within the party, never given
    twice; what a per-item step calls its items by."""

    __tablename__ = "case_party"

    id: Mapped[Id]
    case_id: Mapped[CaseRef]
    party: Mapped[Short]
    number: Mapped[int] = mapped_column(default=1)
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"), index=True)
    since: Mapped[When]
    until: Mapped[When | None]
    person: Mapped[Person] = relationship()


class StepRun(Base):
    """One round of a step. `state`: open, done, skipped; a step without a row is closed.

    `step` is a key, here and in every table: the step's name, or `passes@3` for one item of a per-item step. `due_at`: its
    next deadline; `overdue_at`: since when one is missed; `valid_until`: how long what it gave is good; `rung`: of a ladder.
    """

    __tablename__ = "step_run"
    __table_args__ = (
        UniqueConstraint("case_id", "step", "round"),
        Index("ix_step_run_today", "estate", "state", "step"),
        Index("ix_step_run_register", "estate", "step", "opened_at"),
    )

    id: Mapped[Id]
    case_id: Mapped[CaseRef]
    estate: Mapped[Short]
    step: Mapped[Short]
    round: Mapped[int] = mapped_column(default=1)
    state: Mapped[Short] = mapped_column(default="open")
    outcome: Mapped[Short] = mapped_column(default="")
    opened_at: Mapped[When]
    done_at: Mapped[When | None]
    done_by: Mapped[str | None]
    due_at: Mapped[When | None] = mapped_column(index=True)
    overdue_at: Mapped[When | None]
    valid_until: Mapped[When | None]
    rung: Mapped[Short] = mapped_column(default="")


class StepAct(Base):
    """What somebody said of a round of a step, append-only: `approval` (for `role`), `override`, `escalation` (to `value`),
    `proposal` (of outcome `value`); and of waivers of its charges (core.cases.waivers). `note`: sealed words."""

    __tablename__ = "step_act"

    id: Mapped[Id]
    case_id: Mapped[CaseRef]
    step: Mapped[Short]
    round: Mapped[int] = mapped_column(default=1)
    kind: Mapped[Short]
    role: Mapped[Short] = mapped_column(default="")
    value: Mapped[Short] = mapped_column(default="")
    note: Mapped[Bytes | None]
    by: Mapped[Ref]
    at: Mapped[When]


class Timer(Base):
    """Something that time will do to a round of a step, once: open it, miss a deadline, raise a class, repeat it, expire.

    `kind`: opens, due, escalate, repeat, expiry; `name`: which of several. `base_at`: the moment it counts from; while that
    stays the same `at` is kept, also when a pause has moved it. `state`: waiting, paused, fired, stopped. `fired_at`: when it
    fired; of a paused one, since when it rests; of a stopped one, when it ceased.
    """

    __tablename__ = "timer"
    __table_args__ = (
        UniqueConstraint("case_id", "step", "round", "kind", "name"),
        Index("ix_timer_next", "state", "at"),
        Index("ix_timer_register", "estate", "kind", "at"),
    )

    id: Mapped[Id]
    estate: Mapped[Short]
    case_id: Mapped[CaseRef]
    step: Mapped[Short]
    round: Mapped[int] = mapped_column(default=1)
    kind: Mapped[Short]
    name: Mapped[Short] = mapped_column(default="")
    base_at: Mapped[When]
    at: Mapped[When]
    state: Mapped[Short] = mapped_column(default="waiting")
    fired_at: Mapped[When | None]


class CaseKey(Base):
    """By what a case is counted with others (`counts`): the salted digest of a value, never the value."""

    __tablename__ = "case_key"
    __table_args__ = (
        UniqueConstraint("case_id", "name"),
        Index("ix_case_key_value", "estate", "procedure", "name", "digest", "at"),
    )

    id: Mapped[Id]
    estate: Mapped[Short]
    procedure: Mapped[Short]
    case_id: Mapped[CaseRef]
    name: Mapped[Short]
    digest: Mapped[Sha]
    at: Mapped[When]


class Submission(Base):
    """A filled form, never changed: a correction is the next revision, with a reason.

    `plain`: values that are not sensitive; `sealed`: AES-GCM of the sensitive ones; `digest`: salted
    SHA-256 of all.
    """

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("case_id", "step", "round", "revision"),)

    id: Mapped[Id]
    case_id: Mapped[CaseRef]
    step: Mapped[Short]
    form: Mapped[Short]
    round: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=1)
    plain: Mapped[Data]
    sealed: Mapped[Bytes | None]
    salt: Mapped[Bytes]
    digest: Mapped[Sha]
    reason: Mapped[str] = mapped_column(default="")
    by: Mapped[Ref]
    at: Mapped[When]


class Draft(Base):
    """A form not yet submitted, one per step and user, all of it sealed."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("case_id", "step", "user_id"),)

    id: Mapped[Id]
    case_id: Mapped[CaseRef]
    step: Mapped[Short]
    user_id: Mapped[Ref] = mapped_column(index=True)
    sealed: Mapped[Bytes]
    saved_at: Mapped[When]


class PaperMark(Base):
    """What a clerk saw of one required document; the newest row of (step, paper) counts.

    `evidence`: {"marks": ["original_seen", …], "count": 1}; `waived`: with `reason`, by a role that may.
    """

    __tablename__ = "paper_mark"

    id: Mapped[Id]
    case_id: Mapped[CaseRef]
    step: Mapped[Short]
    paper: Mapped[Short]
    evidence: Mapped[Data]
    waived: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(default="")
    blob: Mapped[str | None]  # SHA-256 of the scan
    by: Mapped[Ref]
    at: Mapped[When]


class CheckResult(Base):
    """One item's result in one round of a checklist; the newest row of (step, item) counts."""

    __tablename__ = "check_result"

    id: Mapped[Id]
    case_id: Mapped[CaseRef]
    step: Mapped[Short]
    checklist: Mapped[Short]
    item: Mapped[Short]
    round: Mapped[int] = mapped_column(default=1)
    result: Mapped[Short]
    note: Mapped[str] = mapped_column(default="")
    photo: Mapped[str | None]  # SHA-256
    by: Mapped[Ref]
    at: Mapped[When]


class Blob(Base):
    """A file by its content address; the bytes live in the blob store. `keep`: why it may not be swept."""

    __tablename__ = "blob"

    sha256: Mapped[Sha] = mapped_column(primary_key=True)
    size: Mapped[int]
    media_type: Mapped[Line]  # that of a Word file has 71 letters
    name: Mapped[Line] = mapped_column(default="")
    estate: Mapped[EstateName]
    by: Mapped[Short] = mapped_column(default="")
    at: Mapped[When]


class CaseNumber(Base):
    """The counter of case numbers per estate, prefix and year."""

    __tablename__ = "case_number"

    estate: Mapped[Short] = mapped_column(primary_key=True)
    prefix: Mapped[Short] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(default=0)
