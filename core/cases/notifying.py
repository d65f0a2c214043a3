"""What happens to a notice after its commit: it is sent to the addresses of its role, once.

Addresses stand in the `settings` of estate.yaml: `mail.service: desk@example.org`, several parted by commas.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from core.cases.desk import Office
from core.cases.notices import case_numbers
from core.domain.base import Text
from core.domain.extensions import Message
from core.errors import NotSent
from core.store import outbox
from core.store.models import Job, Notice
from core.store.session import unit_of_work

log = structlog.get_logger("shouxu.notices")
SENT = "sent"


def send_notices(office: Office, jobs: Sequence[Job]) -> dict[str, dict[str, int] | Exception]:
    """Send the notices of `jobs` on; per job how many addresses got it, else the error to try again with.

    A job that a worker died over is not sent twice: that it was handed over is written down at once.
    """
    results: dict[str, dict[str, int] | Exception] = {}
    for job in jobs:
        try:
            results[job.id] = _sent(office, job)
        except NotSent as error:
            results[job.id] = error
        except Exception as error:
            # a plugin's notifier may raise anything; the other notices of the batch go on
            log.exception("notifier_failed", job=job.id)
            results[job.id] = error
    return results


def _sent(office: Office, job: Job) -> dict[str, int]:
    if SENT in job.progress:
        return {SENT: job.progress[SENT]}
    message = _message(office, job)
    if message is None:
        return {SENT: 0}
    office.notifier.send(message)
    done = {SENT: len(message.to)}
    with unit_of_work(office.sessions) as session:
        outbox.report_progress(session, worker=job.worker, job_id=job.id, progress=done)
    return done


def _message(office: Office, job: Job) -> Message | None:
    """The notice of a job in both languages; None when it is gone, was read meanwhile, or has nowhere to go."""
    with unit_of_work(office.sessions, readonly=True) as session:
        notice = session.get(Notice, job.payload["notice"])
        if notice is None or notice.read_at is not None:
            return None
        number = case_numbers(session, [notice.case_id]).get(notice.case_id, "") if notice.case_id else ""
    to = addresses(office, notice.estate, notice.role)
    if not to:
        return None
    text, title = Text(**notice.text), office.estate(notice.estate).title
    place = f"/e/{notice.estate}/cases/{notice.case_id}" if number else f"/e/{notice.estate}/inbox"
    lines = [f"{title.zh}：{text.zh}", f"{title.in_('en')}: {text.in_('en')}", "", f"{office.settings.base_url}{place}"]
    return Message(job.id, to, f"{title.zh} {text.zh}", "\n".join(lines) + "\n")


def addresses(office: Office, estate: str, role: str) -> tuple[str, ...]:
    """Where mail for a role of an estate goes, as its `settings` say; none: nowhere."""
    said = str(office.estate(estate).settings.get(f"mail.{role}", ""))
    return tuple(dict.fromkeys(said.replace(",", " ").replace("，", " ").split()))
