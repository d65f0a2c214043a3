"""What an address stands for. An estate, case or paper that is not the reader's does not exist for them: 404."""

from __future__ import annotations

from core.cases.casefile import estate_of
from core.errors import NotFound, NotLoggedIn
from core.store.models import Document, User
from core.web.asking import Request
from core.web.rendering import word

NOTHING = word("没有找到这一页")


class Everywhere:
    """No estate: login, verification, administration."""

    def __init__(self, request: Request) -> None:
        self.request = request


class Place(Everywhere):
    """An estate, for those who work there. `name`, `title` in the reader's language, `timezone`."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        if request.actor is None:
            raise NotLoggedIn(word("请先登录"))
        self.name: str = request.matchdict["estate"]
        if not request.actor.knows(self.name):
            raise NotFound(NOTHING)
        self.estate = request.office.estate(self.name)

    @property
    def title(self) -> str:
        return self.estate.title.in_(self.request.locale_name)

    @property
    def timezone(self) -> str:
        return self.estate.timezone


class CasePlace(Place):
    """A case of that estate."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.case_id: str = request.matchdict["case"]
        if estate_of(request.db, self.case_id) != self.name:
            raise NotFound(NOTHING)


class DocumentPlace(CasePlace):
    """A document of that case."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.document_id: str = request.matchdict["document"]
        document = request.db.get(Document, self.document_id)
        if document is None or document.case_id != self.case_id:
            raise NotFound(NOTHING)


class UserPlace(Everywhere):
    """A user, for administrators; others learn nothing of who exists."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        if request.actor is None:
            raise NotLoggedIn(word("请先登录"))
        self.user = request.db.get(User, request.matchdict["user"]) if request.actor.admin else None
        if self.user is None:
            raise NotFound(NOTHING)
