"""The event chain of each estate, and the outbox of jobs."""

from __future__ import annotations

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.models.base import Base, Bytes, Data, EstateName, Id, Ref, Sha, Short, When


class Event(Base):
    """What happened: ids and salted digests only, never personal values. `hash` covers the event and
    `previous`."""

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("estate", "seq"), Index("ix_event_case", "case_id", "seq"))

    id: Mapped[Id]
    estate: Mapped[EstateName]
    seq: Mapped[int]
    kind: Mapped[Short]
    case_id: Mapped[str | None]
    by: Mapped[Ref]
    at: Mapped[When]
    data: Mapped[Data]
    previous: Mapped[Sha]
    hash: Mapped[Sha]


class Remark(Base):
    """What somebody typed as the reason of an event, sealed; erasing it leaves the chain whole."""

    __tablename__ = "remark"
    __table_args__ = (Index("ix_remark_case", "case_id", "seq"),)

    id: Mapped[Id]
    estate: Mapped[EstateName]
    case_id: Mapped[Ref]
    seq: Mapped[int]  # of the event in the estate's chain
    sealed: Mapped[Bytes]


class Notice(Base):
    """A word in the in-app inbox of everybody of a role at an estate (or of one user): a missed deadline, a raised class.

    `text`: {"zh": …, "en": …}, without personal values. Read once for all of them.
    """

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_inbox", "estate", "read_at", "role"),)

    id: Mapped[Id]
    estate: Mapped[Short]
    role: Mapped[Short] = mapped_column(default="")
    user_id: Mapped[str | None] = mapped_column(String(26))
    kind: Mapped[Short]
    case_id: Mapped[str | None] = mapped_column(String(26))
    step: Mapped[Short] = mapped_column(default="")
    text: Mapped[Data]
    at: Mapped[When]
    read_at: Mapped[When | None]
    read_by: Mapped[str | None] = mapped_column(String(26))


class ChainHead(Base):
    """The last event of an estate's chain; locked by whoever appends."""

    __tablename__ = "chain_head"

    estate: Mapped[Short] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(default=0)
    hash: Mapped[Sha] = mapped_column(default="0" * 64)


class Job(Base):
    """A piece of work for later, written with what caused it. `state`: waiting, running, done, failed,
    cancelled."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_due", "state", "run_after"), UniqueConstraint("task", "key"))

    id: Mapped[Id]
    estate: Mapped[EstateName]
    task: Mapped[Short]
    key: Mapped[str]  # what it is about: the same (task, key) is one job
    payload: Mapped[Data]  # ids only
    state: Mapped[Short] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    progress: Mapped[Data]
    run_after: Mapped[When]
    lease_until: Mapped[When | None]
    worker: Mapped[Short] = mapped_column(default="")
    error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[When]
    finished_at: Mapped[When | None]
