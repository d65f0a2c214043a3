"""The tasks of the house, by the name under which acts put their jobs into the outbox, and its chores."""

from __future__ import annotations

from core.cases.desk import Office
from core.cases.finishing import make_pdfs
from core.cases.issuing import PDF_TASK
from core.cases.notices import NOTIFY_TASK
from core.cases.notifying import send_notices
from core.cases.seals import watch_seals
from core.cases.sweeping import sweep_due
from core.jobs.work import Chore, Task, Worker

TASKS = (Task(PDF_TASK, make_pdfs, max_batch=16), Task(NOTIFY_TASK, send_notices, max_batch=16))
"""Sixteen files make one call of LibreOffice of about four seconds; longer calls would keep a counter waiting."""

CHORES = (Chore("sweep_due", sweep_due), Chore("watch_seals", watch_seals))
"""What time does to cases, and to the certificates of seals."""


def worker_of(office: Office) -> Worker:
    """A worker for all tasks and chores of the house."""
    return Worker(office.sessions, TASKS, office, chores=CHORES, now=office.clock.now)
