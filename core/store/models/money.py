"""The ledger: charges, payments, refunds and deductions, append-only, in whole 分."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.store.models.base import Base, Data, EstateName, Fen, Id, Line, Ref, Short, When


class Charge(Base):
    """What is owed: one priced fee of a case. `explanation`: rule, quantities, unit price, dates, source.

    A waived charge keeps its row; its waiver is a ledger line of kind `waiver`.
    """

    __tablename__ = "charge"
    __table_args__ = (
        UniqueConstraint("case_id", "stage", "fee", "round"),
        Index("ix_charge_register", "estate", "at"),
    )

    id: Mapped[Id]
    estate: Mapped[Short]
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"), index=True)
    unit_id: Mapped[str | None] = mapped_column(index=True)
    stage: Mapped[Short]
    fee: Mapped[Short]
    title: Mapped[Line]
    round: Mapped[int] = mapped_column(default=1)
    amount: Mapped[Fen]
    refundable: Mapped[bool] = mapped_column(default=False)
    explanation: Mapped[Data]
    by: Mapped[Ref]
    at: Mapped[When]


class Receipt(Base):
    """One payment at the counter, numbered; a cancelled receipt keeps its number and its lines are reversed.

    `kind`: receipt or refund (a refund voucher). `business_date`: the estate's local day it counts for.
    """

    __tablename__ = "receipt"
    __table_args__ = (
        UniqueConstraint("estate", "series", "number"),
        Index("ix_receipt_day", "estate", "business_date"),
    )

    id: Mapped[Id]
    estate: Mapped[EstateName]
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"), index=True)
    kind: Mapped[Short] = mapped_column(default="receipt")
    series: Mapped[Short]
    number: Mapped[Short]
    payer: Mapped[Line]
    total: Mapped[Fen]
    state: Mapped[Short] = mapped_column(default="issued")  # issued | cancelled
    document_id: Mapped[str | None]
    business_date: Mapped[date] = mapped_column(Date)
    by: Mapped[Ref]
    at: Mapped[When]
    cancelled_by: Mapped[str | None]
    cancelled_at: Mapped[When | None]
    cancel_reason: Mapped[str] = mapped_column(default="")


class LedgerLine(Base):
    """One movement against a charge. `kind`: payment, cancellation, refund, deduction, waiver.

    `amount` is signed: payments, deductions and waivers reduce what is due (+), cancellations and refunds
    are negative.
    `method`: cash, card, transfer, wechat, alipay; empty for what moves no money.
    """

    __tablename__ = "ledger_line"
    __table_args__ = (Index("ix_ledger_line_day", "estate", "business_date"),)

    id: Mapped[Id]
    estate: Mapped[EstateName]
    case_id: Mapped[Ref] = mapped_column(ForeignKey("case.id"), index=True)
    charge_id: Mapped[Ref] = mapped_column(ForeignKey("charge.id"), index=True)
    receipt_id: Mapped[str | None] = mapped_column(ForeignKey("receipt.id"), index=True)
    kind: Mapped[Short]
    method: Mapped[Short] = mapped_column(default="")
    amount: Mapped[Fen]
    reason: Mapped[str] = mapped_column(default="")
    business_date: Mapped[date] = mapped_column(Date)
    by: Mapped[Ref]
    at: Mapped[When]


class CashDay(Base):
    """A closed day: what finance counted against what the ledger says; afterwards nothing is booked on it."""

    __tablename__ = "cash_day"
    __table_args__ = (UniqueConstraint("estate", "day"),)

    id: Mapped[Id]
    estate: Mapped[EstateName]
    day: Mapped[date] = mapped_column(Date)
    totals: Mapped[Data]
    counted_cash: Mapped[Fen]
    note: Mapped[str] = mapped_column(default="")
    document_id: Mapped[str | None]
    by: Mapped[Ref]
    at: Mapped[When]
