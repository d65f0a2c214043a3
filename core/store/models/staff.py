"""Staff, what they may do where, tokens of programs, and answers kept for repeated requests."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.store.models.base import Base, Bytes, Data, Id, Line, Ref, Sha, Short, When


class User(Base):
    """Somebody who logs in. `epoch` grows when all sessions must end (password changed, deactivated).

    `admin`: administers every estate and the users; all else comes from grants.
    """

    __tablename__ = "user"

    id: Mapped[Id]
    username: Mapped[Short] = mapped_column(unique=True)
    name: Mapped[Line]
    password: Mapped[Line]  # argon2 hash
    locale: Mapped[Short] = mapped_column(default="zh_CN")
    active: Mapped[bool] = mapped_column(default=True)
    admin: Mapped[bool] = mapped_column(default=False)
    epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[When]
    grants: Mapped[list[Grant]] = relationship(
        back_populates="user", cascade="all, delete-orphan", lazy="selectin"
    )


class Grant(Base):
    """A role of a user at an estate."""

    __tablename__ = "grant"
    __table_args__ = (UniqueConstraint("user_id", "estate", "role"),)

    id: Mapped[Id]
    user_id: Mapped[Ref] = mapped_column(ForeignKey("user.id"), index=True)
    estate: Mapped[Short]
    role: Mapped[Short]
    user: Mapped[User] = relationship(back_populates="grants")


class ApiToken(Base):
    """A program's key: only its digest is kept. It acts as `user_id`, within `scopes` at `estate`."""

    __tablename__ = "api_token"

    id: Mapped[Id]
    user_id: Mapped[Ref] = mapped_column(ForeignKey("user.id"), index=True)
    estate: Mapped[Short]
    name: Mapped[Line]
    digest: Mapped[Sha] = mapped_column(unique=True)
    scopes: Mapped[Data]  # {"scopes": ["read", "write", "money", "documents", "personal"]}
    created_at: Mapped[When]
    expires_at: Mapped[When | None]
    revoked_at: Mapped[When | None]


class IdempotentAnswer(Base):
    """The answer to a POST by its key: the same key gets the same answer, another body is refused."""

    __tablename__ = "idempotent_answer"
    __table_args__ = (UniqueConstraint("user_id", "key"), Index("ix_idempotent_answer_at", "at"))

    id: Mapped[Id]
    user_id: Mapped[Ref]
    key: Mapped[Line]
    request: Mapped[Sha]  # SHA-256 of method, path and body
    status: Mapped[int]
    body: Mapped[Bytes]
    at: Mapped[When]
