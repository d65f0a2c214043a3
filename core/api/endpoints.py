"""What an endpoint is: its address, its needs, what it takes and gives. Routes and OpenAPI come from one list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter
from pyramid.request import Request
from sqlalchemy.orm import Session

from core.cases.desk import Desk, Office
from core.cases.words import device_words
from core.security.policy import Actor

Method = Literal["GET", "POST", "PUT", "DELETE"]
PREFIX = "/api/v1"


@dataclass(frozen=True)
class File:
    """An answer that is a file."""

    data: bytes
    name: str
    media_type: str


@dataclass(frozen=True)
class Upload:
    """A file that came in as a part of multipart/form-data."""

    data: bytes
    name: str


@dataclass(frozen=True)
class Call:
    """One call of an endpoint: `body` and `query` are instances of the endpoint's models, `version` is of If-Match.

    `files`: uploads by part name. `actor` is None at public endpoints only.
    """

    request: Request
    actor: Actor | None
    locale: str
    body: Any = None
    query: Any = None
    files: dict[str, Upload] = field(default_factory=dict)
    version: int | None = None

    def __getitem__(self, name: str) -> str:
        """The part of the address called `name`."""
        return (self.request.matchdict or {})[name]

    @property
    def estate(self) -> str:
        return self["estate"]

    @property
    def case(self) -> str:
        return self["case"]

    @property
    def step(self) -> str:
        return self["step"]

    @property
    def office(self) -> Office:
        return self.request.office

    @property
    def session(self) -> Session:
        return self.request.db

    @cached_property
    def desk(self) -> Desk:
        """The desk at which the program acts. Without a request key: a repeated request gets its stored answer, which
        is kept in the same transaction as the effect."""
        assert self.actor is not None, "a public endpoint has no desk"
        device = device_words(self.request.remote_addr, self.request.user_agent)
        return self.office.desk(self.session, self.actor, locale=self.locale, device=device)


Handler = Callable[[Call], Any]


@dataclass(frozen=True)
class Endpoint:
    """One method of one address.

    `path`: after /api/v1, in Pyramid's syntax. `scopes`: what the token must cover; empty: public. `body`: the model of
    the JSON sent; `files`: parts of multipart/form-data that are files (then `body` is the model of its other parts;
    with `either` JSON may be sent as well). `answer`: type of the JSON given, or `File`. `media`: types of a file.
    `versioned`: If-Match is heeded, and the answer carries the case's version as ETag. `reads`: nothing is stored, also
    where the method is POST.
    """

    method: Method
    path: str
    name: str
    summary: str
    handler: Handler
    scopes: tuple[str, ...]
    answer: Any
    status: int = 200
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    files: tuple[str, ...] = ()
    either: bool = False
    media: tuple[str, ...] = ()
    versioned: bool = False
    reads: bool = False

    @property
    def public(self) -> bool:
        return not self.scopes

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """What writes the answer as JSON."""
        return TypeAdapter(self.answer)


def endpoint(method: Method, path: str, *scopes: str, answer: Any, **options: Any) -> Callable[[Handler], Endpoint]:
    """Make the decorated function an endpoint; its name is the operation's, its docstring the summary."""
    def made(handler: Handler) -> Endpoint:
        summary = " ".join((handler.__doc__ or "").split())
        return Endpoint(method, path, handler.__name__, summary, handler, scopes, answer, **options)

    return made


def endpoints_of(module: ModuleType) -> Iterator[Endpoint]:
    """The endpoints that a module defines, in the order in which they stand there."""
    return (value for value in vars(module).values() if isinstance(value, Endpoint))
