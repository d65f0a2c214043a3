"""The inbox: what the reader's roles have been told, and that somebody has taken it up."""

from __future__ import annotations

from pyramid.config import Configurator
from pyramid.response import Response
from pyramid.view import view_config

from core.cases.notices import inbox, mark_read, unread_count
from core.web import entered
from core.web.acts import page, see
from core.web.asking import Request


def includeme(config: Configurator) -> None:
    config.add_request_method(unread, "unread", reify=True)


def unread(request: Request) -> int:
    """How many notices wait for the reader here, for the top bar; 0 outside of estates."""
    return unread_count(request.desk, request.place.name) if request.place is not None else 0


@view_config(route_name="inbox", request_method="GET")
def show(request: Request) -> Response:
    """Unread notices, then those read lately."""
    return page(request, "inbox.jinja2", {"inbox": inbox(request.desk, request.place.name)})


@view_config(route_name="inbox_read", request_method="POST")
def read(request: Request) -> Response:
    """Mark the notices that stood on the page, or the one whose button was pressed, as read for the whole role."""
    estate = request.place.name
    marked = mark_read(request.desk, estate, entered.texts(request, "notice"))
    return see(request, request.route_path("inbox", estate=estate), request.tr("已标为已读") if marked else "")
