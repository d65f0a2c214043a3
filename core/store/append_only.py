"""What is written once and never changed: submissions, ledger lines, events, paper marks, check results.

A correction is a further row. The guard stands in the unit of work, so that no floor above can forget it;
erasing a person on request is an explicit statement of its own (UPDATE or DELETE), never a changed object.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Mapper, object_session

from core.errors import StoreError
from core.store.models import CheckResult, Event, LedgerLine, PaperMark, StepAct, Submission

APPEND_ONLY = (Submission, LedgerLine, Event, PaperMark, CheckResult, StepAct)
NUMBER = 4040


def _refuse_change(_: Mapper[Any], __: Any, row: Any) -> None:
    session = object_session(row)
    if session is None or session.is_modified(row):
        raise StoreError(f"{type(row).__name__} {row.id} cannot be changed; add a correction", number=NUMBER)


def _refuse_removal(_: Mapper[Any], __: Any, row: Any) -> None:
    raise StoreError(f"{type(row).__name__} {row.id} cannot be removed", number=NUMBER)


for table in APPEND_ONLY:
    event.listen(table, "before_update", _refuse_change)
    event.listen(table, "before_delete", _refuse_removal)
