"""INSERT … ON CONFLICT on both databases."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Table, bindparam, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.store.models import Base


def insert(session: Session, table: type[Base]) -> Any:
    """The INSERT of this session's database that understands `on_conflict_do_…`."""
    return (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(table)


def add_new(session: Session, table: type[Base], row: dict[str, Any]) -> bool:
    """Insert the row unless one with its keys is there; whether it was inserted."""
    statement = _adding(session.get_bind().dialect.name, table)
    return session.execute(statement, row).rowcount == 1  # type: ignore[attr-defined]


@lru_cache
def _adding(dialect: str, table: type[Base]) -> Any:
    # of the table, not of the class, and made once: a third of the time of building it for every row
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(cast(Table, table.__table__))
    return statement.on_conflict_do_nothing().execution_options(preserve_rowcount=True)


def locked(session: Session, table: type[Base], key: dict[str, Any], **first: Any) -> Any:
    """The row with primary key `key`, locked until the end of the transaction; made with `first` when
    missing.

    Safe when two transactions make it at once: the second waits and gets the row of the first.
    """
    statement = _locking(table)
    row = session.scalar(statement, key)
    if row is None:
        add_new(session, table, {**key, **first})
        row = session.scalar(statement, key)
    assert row is not None
    return row


@lru_cache
def _locking(table: type[Base]) -> Any:
    keys = [column == bindparam(column.name) for column in inspect(table).primary_key]
    return select(table).where(*keys).with_for_update().execution_options(populate_existing=True)
