"""The definitions that a case went by before it was brought to newer ones: what was issued then is still judged by them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from core.cases.casefile import CaseFile
from core.domain.bundle import Bundle
from core.domain.procedures import Step
from core.errors import NotFound
from core.store.models import Document, Event

MIGRATED = "case.migrated"


def bundle_at(file: CaseFile, at: datetime) -> Bundle:
    """The definitions that the case went by at a moment."""
    query = select(Event).where(Event.case_id == file.case.id, Event.kind == MIGRATED, Event.at > at).order_by(Event.seq).limit(1)
    later = file.desk.session.scalar(query)
    return file.desk.office.bundle(file.desk.session, later.data["from"]) if later else file.bundle


def _bundles(file: CaseFile, at: datetime) -> Iterator[Bundle]:
    """The present definitions, those of that moment, and then all that the case has gone by, the last first."""
    yield file.bundle
    yield bundle_at(file, at)
    query = select(Event).where(Event.case_id == file.case.id, Event.kind == MIGRATED).order_by(Event.seq.desc())
    for event in file.desk.session.scalars(query):
        yield file.desk.office.bundle(file.desk.session, event.data["from"])


def step_of(file: CaseFile, document: Document) -> Step:
    """The step that issued a document, as it is now; one that is gone as it was, and of an item that has left the step
    as a whole. NotFound for a paper that no step issued."""
    try:
        return file.step(document.step)
    except NotFound:
        for bundle in _bundles(file, document.at):
            for step in bundle.procedure.steps:
                if step.name == document.step.partition("@")[0]:
                    return step.model_copy(update={"name": document.step})
        raise


def file_of(file: CaseFile, document: Document) -> CaseFile:
    """The file itself while its definitions issue such a document at that step; else as those definitions see it by which it
    was issued."""
    name = document.step.partition("@")[0]
    for bundle in _bundles(file, document.at):
        if any(step.name == name and document.name in step.documents for step in bundle.procedure.steps):
            if bundle is file.bundle:
                return file
            found = CaseFile(file.desk, file.case)
            found.bundle = bundle
            return found
    raise NotFound(f"本手续没有文书“{document.name}”")
