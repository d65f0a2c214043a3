"""Words for everybody of a role: the in-app inbox, and a job for each that sends it on (core.cases.notifying).

A notice holds no personal values. It is read once for all of the role, by whoever takes it up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from core.cases.desk import Desk
from core.domain.base import Text
from core.store import outbox
from core.store.models import Case, Notice, new_id

NOTIFY_TASK = "notify"
MOST_UNREAD = 200
MOST_READ = 50
KEPT_IN_SIGHT = timedelta(days=30)
"""How long a notice that was read still stands in the inbox."""


@dataclass(frozen=True)
class NoticeView:
    """One notice as the inbox shows it; `case`, `step`: where it leads, empty when nowhere."""

    id: str
    kind: str
    text: str
    role: str
    role_title: str
    case: str
    case_number: str
    step: str
    at: datetime
    read_at: datetime | None
    read_by: str


@dataclass(frozen=True)
class InboxView:
    """What a reader has been told. `unread`: all that wait; `rows`: those (200 at most), then what was read lately."""

    unread: int
    rows: tuple[NoticeView, ...]


def tell(desk: Desk, estate: str, roles: Iterable[str], kind: str, case_id: str | None, step: str, zh: str,
         en: str) -> list[Notice]:
    """Tell everybody of `roles` at `estate`, in this transaction; returns one notice for each role.

    `kind`: overdue, raised, expired … `case_id`, `step`: what it is about. `zh`, `en`: the sentence, without personal
    values. Each asks for a job that sends it on.
    """
    told: list[Notice] = []
    for role in dict.fromkeys(roles):
        notice = Notice(id=new_id(), estate=estate, role=role, kind=kind, case_id=case_id, step=step,
                        text={"zh": zh, "en": en}, at=desk.now)
        desk.session.add(notice)
        outbox.enqueue(desk.session, task=NOTIFY_TASK, key=notice.id, estate=estate, payload={"notice": notice.id},
                       at=desk.now)
        told.append(notice)
    return told


# ---------------------------------------------------------------- the inbox


def unread_count(desk: Desk, estate: str) -> int:
    """How many notices wait for the reader at `estate`; NotFound for strangers."""
    desk.enter(estate)
    return desk.session.scalar(select(func.count()).select_from(Notice).where(_unread(desk, estate))) or 0


def inbox(desk: Desk, estate: str) -> InboxView:
    """What the reader was told at `estate`: unread first, newest first; NotFound for strangers."""
    desk.enter(estate)
    waiting = select(Notice).where(_unread(desk, estate)).order_by(Notice.at.desc(), Notice.id.desc())
    lately = select(Notice).where(_mine(desk, estate), Notice.read_at >= desk.now - KEPT_IN_SIGHT).order_by(
        Notice.read_at.desc(), Notice.id.desc())
    notices = [*desk.session.scalars(waiting.limit(MOST_UNREAD)), *desk.session.scalars(lately.limit(MOST_READ))]
    return InboxView(unread_count(desk, estate), tuple(_views(desk, estate, notices)))


def mark_read(desk: Desk, estate: str, notices: Collection[str]) -> int:
    """Mark the notices with these ids as read by the reader; those of other roles and read ones stay as they are.

    Returns how many were marked.
    """
    desk.enter(estate)
    desk.queue(estate)
    marked = update(Notice).where(_unread(desk, estate), Notice.id.in_(notices)).values(
        read_at=desk.now, read_by=desk.actor.user_id or None)
    done = desk.session.execute(marked, execution_options={"synchronize_session": False})
    return done.rowcount  # type: ignore[attr-defined]


def _mine(desk: Desk, estate: str) -> ColumnElement[bool]:
    # the roles the reader was given, not those they stand in for: a head must not read the counter's inbox empty
    held = desk.actor.roles.get(estate, frozenset())
    return (Notice.estate == estate) & or_(Notice.role.in_(sorted(held)), Notice.user_id == desk.actor.user_id)


def _unread(desk: Desk, estate: str) -> ColumnElement[bool]:
    return _mine(desk, estate) & Notice.read_at.is_(None)


def _views(desk: Desk, estate: str, notices: list[Notice]) -> Iterable[NoticeView]:
    numbers = case_numbers(desk.session, {notice.case_id for notice in notices if notice.case_id})
    names = desk.names({notice.read_by for notice in notices if notice.read_by})
    for row in notices:
        title = desk.office.role_title(estate, row.role, desk.locale) if row.role else ""
        case = row.case_id or ""
        yield NoticeView(row.id, row.kind, desk.say(Text(**row.text)), row.role, title, case, numbers.get(case, ""),
                         row.step, row.at, row.read_at, names.get(row.read_by or "", ""))


def case_numbers(session: Session, cases: Collection[str]) -> dict[str, str]:
    """The numbers of cases by id."""
    rows = session.execute(select(Case.id, Case.number).where(Case.id.in_(cases))) if cases else ()
    return {row[0]: row[1] for row in rows}
