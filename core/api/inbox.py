"""What the user's roles have been told: missed deadlines, raised classes, permits that ran out."""

from __future__ import annotations

from core.api.answers import MarkedRead
from core.api.endpoints import Call, endpoint
from core.api.estates import ESTATE
from core.api.requests import ReadNotices
from core.cases.notices import InboxView, inbox, mark_read, unread_count


@endpoint("GET", f"{ESTATE}/inbox", "read", answer=InboxView)
def read_inbox(call: Call) -> InboxView:
    """Notices for the roles of the token's user: unread ones, newest first, then those read lately."""
    return inbox(call.desk, call.estate)


@endpoint("POST", f"{ESTATE}/inbox/read", "write", answer=MarkedRead, body=ReadNotices)
def post_read(call: Call) -> MarkedRead:
    """Mark notices as read, for everybody of their role."""
    marked = mark_read(call.desk, call.estate, call.body.notices)
    return MarkedRead(marked, unread_count(call.desk, call.estate))
