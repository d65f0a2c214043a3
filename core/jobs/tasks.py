"""The tasks of the house, by the name under which acts put their jobs into the outbox."""

from __future__ import annotations

from core.cases.finishing import make_pdfs
from core.cases.issuing import PDF_TASK
from core.jobs.work import Task

TASKS = (Task(PDF_TASK, make_pdfs, max_batch=16),)
"""Sixteen files make one call of LibreOffice of about four seconds; longer calls would keep a counter waiting."""
