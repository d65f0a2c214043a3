"""The tables, by subject."""

from core.store.models.base import Base, new_id
from core.store.models.cases import (
    Blob,
    Case,
    CaseNumber,
    CaseParty,
    CheckResult,
    Definition,
    Draft,
    PaperMark,
    StepRun,
    Submission,
)
from core.store.models.documents import Document, SeriesBook, SeriesCounter, SeriesNumber, Signature
from core.store.models.estates import Fact, Ownership, Person, Unit
from core.store.models.events import ChainHead, Event, Job, Remark
from core.store.models.money import CashDay, Charge, LedgerLine, Receipt
from core.store.models.staff import ApiToken, Grant, IdempotentAnswer, User

__all__ = [
    "ApiToken",
    "Base",
    "Blob",
    "Case",
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
    "Ownership",
    "PaperMark",
    "Person",
    "Receipt",
    "Remark",
    "SeriesBook",
    "SeriesCounter",
    "SeriesNumber",
    "Signature",
    "StepRun",
    "Submission",
    "Unit",
    "User",
    "new_id",
]
