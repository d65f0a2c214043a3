"""Where acts are done: the office (what a process has at hand) and the desk (one person, one transaction)."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core.cases.notifiers import NullNotifier
from core.cases.paperworks import PaperWorks
from core.clock import Calendar, Clock
from core.definitions.library import Library
from core.documents.shelf import Shelf
from core.domain.base import Text
from core.domain.bundle import Bundle
from core.domain.estates import Company, Estate
from core.domain.extensions import Notifier
from core.errors import Forbidden, NotFound
from core.forms.fields import BUILT_IN, FieldTypes
from core.loader import Plugins
from core.security.fields import FieldCipher
from core.security.policy import Actor, roles_of
from core.settings import Settings
from core.store import events
from core.store.blobs import BlobStore
from core.store.models import Definition, Event, User

T = TypeVar("T")


@dataclass
class Office:
    """What every act needs and no act changes: settings, definitions, plugins, files, keys, time.

    `validators`: further checks by field type; `identity`: who checks passwords instead of us. Both by plugins. `shelf`: where
    compiled templates wait between runs.
    """

    settings: Settings
    library: Library
    plugins: Plugins
    blobs: BlobStore
    cipher: FieldCipher
    sessions: sessionmaker[Session]
    clock: Clock
    papers: PaperWorks
    field_types: FieldTypes = BUILT_IN
    template_filters: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    validators: Mapping[str, Callable[[Any], str | None]] = field(default_factory=dict)
    identity: Any = None
    notifier: Notifier = field(default_factory=NullNotifier)
    shelf: Shelf | None = None
    _pinned: dict[str, Bundle] = field(default_factory=dict)
    _calendars: dict[str, Calendar] = field(default_factory=dict)

    def desk(self, session: Session, actor: Actor, *, locale: str = "zh_CN", request_key: str | None = None,
             device: str = "") -> Desk:
        """A desk for `actor` in the transaction of `session`; its time is read once."""
        return Desk(self, session, actor, self.clock.now(), locale, request_key, device)

    def take(self, library: Library) -> None:
        """Go on with other definitions: what begins from now on begins with them."""
        self.library = library
        self._calendars.clear()

    @property
    def secret(self) -> str:
        """What codes and sessions are signed with."""
        return self.settings.secret.get_secret_value()

    def estate(self, name: str) -> Estate:
        """The estate called `name`; NotFound when no folder says so."""
        known = self.library.estates.get(name)
        if known is None:
            raise NotFound(f"没有项目“{name}”")
        return known.estate

    def company(self, estate: str) -> Company:
        """The company that runs `estate`."""
        self.estate(estate)
        return self.library.estates[estate].company

    def calendar(self, estate: str) -> Calendar:
        """Working days and hours of `estate`."""
        if estate not in self._calendars:
            said = self.estate(estate)
            self._calendars[estate] = Calendar(said.timezone, said.hours)
        return self._calendars[estate]

    def bundle(self, session: Session, pin: str) -> Bundle:
        """The definitions pinned under `pin`, as they were when the case started."""
        if pin not in self._pinned:
            row = session.get(Definition, pin)
            if row is None:
                raise NotFound(f"定义 {pin[:12]} 不在库中")
            self._pinned[pin] = Bundle.model_validate_json(zlib.decompress(row.bundle))
        return self._pinned[pin]

    def template(self, sha256: str) -> bytes:
        """The Word template of that hash: of the present definitions, else as a pin stored it."""
        try:
            data = self.library.template(sha256)
        except NotFound:
            return self.blobs.get(sha256)
        # a template edited since the definitions were loaded is not the one that was pinned
        return data if hashlib.sha256(data).hexdigest() == sha256 else self.blobs.get(sha256)

    def role_title(self, estate: str, role: str, locale: str = "zh_CN") -> str:
        """What the estate calls a role: 客服部 for `service`."""
        for known in self.estate(estate).roles:
            if known.name == role:
                return known.title.in_(locale)
        return role


@dataclass
class Desk:
    """One person at work in one transaction. `now` is the time of everything that is done here; `device` is what it is
    done on, as evidence of signatures: address and browser, or what a program calls itself."""

    office: Office
    session: Session
    actor: Actor
    now: datetime
    locale: str = "zh_CN"
    request_key: str | None = None
    device: str = ""

    def say(self, text: Text) -> str:
        """`text` in the language of the reader."""
        return text.in_(self.locale)

    def tr(self, zh: str, en: str) -> str:
        """The sentence in the language of the reader."""
        return en if self.locale.startswith("en") else zh

    def once(self, what: tuple[str, ...], make: Callable[[], T]) -> T:
        """What `make` gives; in a transaction that only reads, what it gave before under that name."""
        if not self.session.info.get("readonly"):
            return make()
        if what not in self._made:
            self._made[what] = make()
        return self._made[what]

    @cached_property
    def _made(self) -> dict[tuple[str, ...], Any]:
        return {}

    def today(self, estate: str) -> date:
        """The estate's date."""
        return self.office.calendar(estate).local_date(self.now)

    def enter(self, estate: str) -> Estate:
        """The estate, for those who work there; NotFound for everybody else."""
        said = self.office.estate(estate)
        if not self.actor.knows(estate):
            raise NotFound(f"没有项目“{estate}”")
        return said

    def roles(self, estate: str) -> frozenset[str]:
        """The roles the person has at `estate`, also those their roles stand in for."""
        if estate not in self._roles:
            stands_in = {role.name: role.stands_in_for for role in self.office.estate(estate).roles}
            self._roles[estate] = roles_of(self.actor, estate, stands_in)
        return self._roles[estate]

    @cached_property
    def _roles(self) -> dict[str, frozenset[str]]:
        return {}

    def has_role(self, estate: str, roles: tuple[str, ...]) -> bool:
        """Whether the person may act as one of `roles`; no roles named: anybody of the estate."""
        return not roles or bool(self.roles(estate) & set(roles))

    def require_role(self, estate: str, roles: tuple[str, ...], act: str) -> None:
        """Forbidden unless the person may act as one of `roles` (`act` is what they tried, for the message)."""
        if not self.has_role(estate, roles):
            titles = "、".join(self.office.role_title(estate, role) for role in roles)
            raise Forbidden(f"{act}由{titles}办理", number=2003)

    def record(self, estate: str, kind: str, case_id: str | None = None, **data: Any) -> Event:
        """Append an event to the estate's chain: ids and digests only."""
        return events.append(self.session, estate=estate, kind=kind, by=self.actor.user_id, at=self.now,
                             case_id=case_id, data=data)

    def queue(self, estate: str) -> None:
        """Wait until nobody else changes anything at `estate`, and keep the place until the transaction ends.

        Every act that changes something comes here first. So none can wait for another that waits for it, and what
        was read afterwards (a case, a counter, whether the day is closed) stays true until the commit.
        """
        events.hold(self.session, estate)

    def seal(self, estate: str, value: Any) -> bytes:
        return self.office.cipher.seal(estate, value)

    def unseal(self, estate: str, data: bytes) -> Any:
        return self.office.cipher.open(estate, data)

    @cached_property
    def _names(self) -> dict[str, str]:
        return {self.actor.user_id: self.actor.name, "": "系统"}

    def names(self, user_ids: set[str]) -> dict[str, str]:
        """Names of users by id, read in one query for those not yet known here."""
        unknown = user_ids.difference(self._names)
        if unknown:
            rows = self.session.execute(select(User.id, User.name).where(User.id.in_(unknown)))
            self._names.update({row.id: row.name for row in rows})
            self._names.update({left: left for left in unknown.difference(self._names)})
        return {user: self._names[user] for user in user_ids}

    def name_of(self, user_id: str | None) -> str:
        """The name of one user; empty for nobody."""
        if not user_id:
            return ""
        return self._names.get(user_id) or self.names({user_id})[user_id]
