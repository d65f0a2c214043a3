"""The tables, by subject."""

from core.store.models.base import Base, new_id
from core.store.models.cases import (
    Blob,
    Case,
    CaseKey,
    CaseNumber,
    CaseParty,
    CheckResult,
    Definition,
    Draft,
    PaperMark,
    StepAct,
    StepRun,
    Submission,
    Timer,
)
from core.store.models.documents import Document, SeriesBook, SeriesCounter, SeriesNumber, Signature
from core.store.models.estates import Fact, Ownership, Person, Unit
from core.store.models.events import ChainHead, Event, Job, Notice, Remark
from core.store.models.money import CashDay, Charge, LedgerLine, Receipt
from core.store.models.staff import ApiToken, Grant, IdempotentAnswer, User

__all__ = [
    "ApiToken",
    "Base",
    "Blob",
    "Case",
    "CaseKey",
    "CaseNumber",
    "CaseParty",
    "CashDay",
    "ChainHead",
    "Charge",
    "CheckResult",
    "Definition",
    "Document",
    "Draft",
    "Event",
    "Fact",
    "Grant",
    "IdempotentAnswer",
    "Job",
    "LedgerLine",
    "Notice",
    "Ownership",
    "PaperMark",
    "Person",
    "Receipt",
    "Remark",
    "SeriesBook",
    "SeriesCounter",
    "SeriesNumber",
    "Signature",
    "StepAct",
    "StepRun",
    "Submission",
    "Timer",
    "Unit",
    "User",
    "new_id",
]
