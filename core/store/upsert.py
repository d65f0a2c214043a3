"""INSERT … ON CONFLICT on both databases."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.store.models import Base


def insert(session: Session, table: type[Base]) -> Any:
    """The INSERT of this session's database that understands `on_conflict_do_…`."""
    return (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(table)


def locked(session: Session, table: type[Base], key: dict[str, Any], **first: Any) -> Any:
    """The row with primary key `key`, locked until the end of the transaction; made with `first` when
    missing.

    Safe when two transactions make it at once: the second waits and gets the row of the first.
    """
    identity = tuple(key.values())
    row = session.get(table, identity, with_for_update=True, populate_existing=True)
    if row is None:
        session.execute(insert(session, table).values(**key, **first).on_conflict_do_nothing())
        row = session.get(table, identity, with_for_update=True, populate_existing=True)
    assert row is not None
    return row
