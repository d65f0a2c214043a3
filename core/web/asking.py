"""The request as views see it: Pyramid's, with what the composition root puts on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.request import Request as PyramidRequest

if TYPE_CHECKING:
    from pyramid.response import Response
    from sqlalchemy.orm import Session

    from core.cases.desk import Desk, Office
    from core.security.policy import Actor
    from core.web.places import Place
    from core.web.turns import Turn


class Request(PyramidRequest):
    """`office`, `db` and `desk` of this request; `actor`, who asks; `place`, the estate of the address.

    `form_key`: the one-time key of this page's forms; `only_reads`: set before `db` is used, to read only.
    `turn`: what lets it compute, to be given back before it waits for long.
    """

    if TYPE_CHECKING:
        matchdict: dict[str, str]
        context: Any
        matched_route: Any
        registry: Any
        session: Any
        localizer: Any
        locale_name: str
        response: Response
        office: Office
        db: Session
        desk: Desk
        actor: Actor
        place: Place
        unread: int
        my_estates: list[tuple[str, str]]
        form_key: str
        only_reads: bool
        turn: Turn

        def tr(self, text: str, **values: Any) -> str:
            """`text` in the reader's language."""
            ...
