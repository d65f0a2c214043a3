"""Issued documents, their signatures, and the series of numbers they take."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.store.models.base import Base, Bytes, Data, EstateName, Id, Line, Ref, Sha, Short, When


class Document(Base):
    """An issued paper. `state`: issued, superseded, void. The issued bytes are kept: `word`, `pdf` are blob
    hashes.

    `number`: of its series, or the case number with a running suffix. `context`: sealed JSON of what was
    printed.
    `pdf_state`: pending, done, failed (`pdf_error` says why). `copies`: {"copies": [{name, title, to}]}.
    """

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("estate", "series", "number"),
        Index("ix_document_case", "case_id", "name"),
        Index("ix_document_register", "estate", "name", "at"),
    )

    id: Mapped[Id]
    estate: Mapped[Short]
    case_id: Mapped[str | None] = mapped_column(ForeignKey("case.id"), index=True)
    step: Mapped[Short] = mapped_column(default="")
    name: Mapped[Short]
    title: Mapped[Line]
    code: Mapped[Short] = mapped_column(default="")
    series: Mapped[Short]
    number: Mapped[Short]
    round: Mapped[int] = mapped_column(default=1)
    state: Mapped[Short] = mapped_column(default="issued")
    copies: Mapped[Data]
    signers: Mapped[
        Data
    ]  # {"signers": [{"as": "owner", "kind": "party"|"role", "title": …}], "order": …, "signing": …}
    signed: Mapped[bool] = mapped_column(default=False)  # everybody who must sign has signed
    seal: Mapped[bool] = mapped_column(default=True)
    template: Mapped[Sha]
    context: Mapped[Bytes]
    word: Mapped[Sha]
    pdf: Mapped[str | None]
    pdf_state: Mapped[Short] = mapped_column(default="pending")
    pdf_error: Mapped[str] = mapped_column(default="")
    sealed_at: Mapped[When | None]
    replaces_id: Mapped[str | None]
    by: Mapped[Ref]
    at: Mapped[When]
    voided_by: Mapped[str | None]
    void_witness: Mapped[str | None]
    voided_at: Mapped[When | None]
    void_reason: Mapped[str] = mapped_column(default="")
    signatures: Mapped[list[Signature]] = relationship(order_by="Signature.at")


class Signature(Base):
    """One signature on a document. `way`: tablet (ink image), paper (scan of the signed sheet), account (own login).

    The evidence: who (`name`), as what (`signer`), when (`at`), what they saw (`shown`: SHA-256 of the Word file that
    was on the screen or paper), who saw them (`witness`: a user), and on what (`device`: address and browser).
    """

    __tablename__ = "signature"
    __table_args__ = (UniqueConstraint("document_id", "signer"),)

    id: Mapped[Id]
    document_id: Mapped[Ref] = mapped_column(ForeignKey("document.id"), index=True)
    signer: Mapped[Short]  # owner, agent, service …
    name: Mapped[Line]
    way: Mapped[Short]
    blob: Mapped[str | None]
    shown: Mapped[Sha]
    witness: Mapped[Ref]
    device: Mapped[Line] = mapped_column(default="", server_default="")
    at: Mapped[When]


class SeriesCounter(Base):
    """The next number of a series (per estate and period; period is `2026` or empty)."""

    __tablename__ = "series_counter"

    estate: Mapped[Short] = mapped_column(primary_key=True)
    series: Mapped[Short] = mapped_column(primary_key=True)
    period: Mapped[Short] = mapped_column(primary_key=True)
    next: Mapped[int] = mapped_column(default=1)
    stock: Mapped[int | None]  # highest number received; None: no stock is kept


class SeriesNumber(Base):
    """The fate of one number, for ever: issued or void, with reason and both hands. Source: S2-b §1.2."""

    __tablename__ = "series_number"
    __table_args__ = (UniqueConstraint("estate", "series", "period", "value"),)

    id: Mapped[Id]
    estate: Mapped[EstateName]
    series: Mapped[Short]
    period: Mapped[Short] = mapped_column(default="")
    value: Mapped[int]
    number: Mapped[Short]
    state: Mapped[Short] = mapped_column(default="issued")
    document_id: Mapped[str | None]
    request_key: Mapped[str | None] = mapped_column(index=True)
    by: Mapped[Ref]
    at: Mapped[When]
    voided_by: Mapped[str | None]
    void_witness: Mapped[str | None]
    voided_at: Mapped[When | None]
    void_reason: Mapped[str] = mapped_column(default="")


class SeriesBook(Base):
    """A requisition of blank numbers: first to last, who asked, and the report on the previous batch."""

    __tablename__ = "series_book"

    id: Mapped[Id]
    estate: Mapped[EstateName]
    series: Mapped[Short]
    period: Mapped[Short] = mapped_column(default="")
    first: Mapped[int]
    last: Mapped[int]
    report: Mapped[Data]
    by: Mapped[Ref]
    at: Mapped[When]
