"""Units, the people and firms around them, and who owns what since when."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Date, ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.store.models.base import Base, Bytes, Data, EstateName, Id, Line, Ref, Short, When


class Unit(Base):
    """A unit (房屋) of an estate. `code` is what people say: `3-2-501`."""

    __tablename__ = "unit"
    __table_args__ = (
        UniqueConstraint("estate", "code"),
        Index("ix_unit_board", "estate", "building", "entrance", "floor"),
    )

    id: Mapped[Id]
    estate: Mapped[EstateName]
    code: Mapped[Short]
    building: Mapped[Short]
    entrance: Mapped[Short] = mapped_column(default="")
    floor: Mapped[int] = mapped_column(default=0)
    room: Mapped[Short] = mapped_column(default="")
    area: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    building_type: Mapped[Short] = mapped_column(default="elevator")
    layout: Mapped[Short] = mapped_column(default="")
    use: Mapped[Short] = mapped_column(default="home")
    status: Mapped[Short] = mapped_column(default="vacant")
    ownerships: Mapped[list[Ownership]] = relationship(back_populates="unit", order_by="Ownership.since")


class Person(Base):
    """A person or a firm. Identity and phone are sealed; `id_index` and `phone_index` are keyed digests for
    look-up.

    `salt`: of this person's digests in events; erasing person and salt leaves the chain whole.
    `sealed`: AES-GCM of JSON {id_type, id_number, phone, address, representative, representative_id}.
    """

    __tablename__ = "person"
    __table_args__ = (
        Index("ix_person_search", "estate", "pinyin"),
        Index("ix_person_tail", "estate", "phone_tail"),
    )

    id: Mapped[Id]
    estate: Mapped[EstateName]
    kind: Mapped[Short] = mapped_column(default="person")  # person | company
    name: Mapped[Line]
    pinyin: Mapped[Line] = mapped_column(default="")  # initials: zhang san → zs
    phone_tail: Mapped[Short] = mapped_column(default="")  # last four digits
    id_index: Mapped[Short] = mapped_column(default="", index=True)
    phone_index: Mapped[Short] = mapped_column(default="", index=True)
    sealed: Mapped[Bytes]
    salt: Mapped[Bytes]
    created_at: Mapped[When]
    erased_at: Mapped[When | None]


class Ownership(Base):
    """Who owned a unit from when to when (`until` None: still); several at once, shares as text like
    `1/2`."""

    __tablename__ = "ownership"

    id: Mapped[Id]
    unit_id: Mapped[Ref] = mapped_column(ForeignKey("unit.id"), index=True)
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"), index=True)
    share: Mapped[Short] = mapped_column(default="")
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    unit: Mapped[Unit] = relationship(back_populates="ownerships")
    person: Mapped[Person] = relationship()


class Fact(Base):
    """What one procedure (or the outside) says about a subject, with the time it was true.

    `subject`: unit:<id>, person:<id>, place:<name> or estate; `origin`: case:<id>, import, api, confirmed. One origin says
    one thing of a fact; what several say is put together when it is read.
    """

    __tablename__ = "fact"
    __table_args__ = (UniqueConstraint("estate", "subject", "name", "origin"),)

    id: Mapped[Id]
    estate: Mapped[EstateName]
    subject: Mapped[Line]
    name: Mapped[Short]
    value: Mapped[Data]  # {"value": …}
    as_of: Mapped[When]
    origin: Mapped[Short]
    by: Mapped[Short] = mapped_column(default="")
    at: Mapped[When]
