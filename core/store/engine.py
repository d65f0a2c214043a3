"""Engines for the two databases, with what each needs to keep its promises.

A transaction writes unless the engine carries the option `readonly` (`read_only(engine)`): writers on SQLite
queue and begin with BEGIN IMMEDIATE, readers never wait for them.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeout
from sqlalchemy.pool import StaticPool

from core.errors import StoreUnavailable
from core.store.queue import FairQueue, queue_for

WAIT_SECONDS = 10
STATEMENT_SECONDS = 30
AWAY = (
    "database is locked",
    "database table is locked",
    "disk i/o error",
    "database or disk is full",
    "unable to open database file",
)
REMEDY = "没有保存任何内容，请稍后再试"


def make_engine(url: str, *, durable: bool = True, pool_size: int = 10) -> Engine:
    """An engine for `sqlite:///FILE` or `postgresql://…`.

    `durable=False` is for databases that are thrown away: nothing is flushed to the disk (SQLite only).
    """
    address = make_url(url)
    engine = (
        _sqlite(address, durable)
        if address.get_backend_name() == "sqlite"
        else _postgresql(address, pool_size)
    )
    event.listen(engine, "handle_error", _translate)
    return engine


def read_only(engine: Engine) -> Engine:
    """The same engine and pool, for transactions that only read."""
    return engine.execution_options(readonly=True, postgresql_readonly=True)


def unavailable(error: BaseException) -> StoreUnavailable | None:
    """StoreUnavailable when `error` says that the database is away, locked or full; else None."""
    if isinstance(error, StoreUnavailable):
        return error
    if isinstance(error, PoolTimeout):
        return StoreUnavailable("数据库连接已用完", remedy=REMEDY)
    if isinstance(error, DBAPIError) and (error.connection_invalidated or _is_away(error.orig)):
        return StoreUnavailable("数据库暂时不可用", remedy=REMEDY)
    return None


def _is_away(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.OperationalError):
        return str(error).lower().startswith(AWAY)
    state = getattr(error, "sqlstate", "")
    # 08 connection, 53 resources, 57 shut down or cancelled, 55P03 lock not available; None: no server
    # answered
    return (
        (state is None and type(error).__name__ == "OperationalError")
        or str(state).startswith(("08", "53", "57"))
        or state == "55P03"
    )


def _translate(context: ExceptionContext) -> None:
    error = context.sqlalchemy_exception
    if error is not None and (context.is_disconnect or unavailable(error)):
        raise StoreUnavailable("数据库暂时不可用", remedy=REMEDY) from error


# ---------------------------------------------------------------- SQLite


class QueuedConnection(sqlite3.Connection):
    """A connection that gives its place in the writers' queue back when its transaction ends."""

    queue: FairQueue | None = None
    holds = False
    reads_only = False

    def enter_queue(self) -> None:
        if self.queue and not self.holds:
            if not self.queue.acquire(WAIT_SECONDS):
                raise StoreUnavailable("数据库正忙", remedy=REMEDY)
            self.holds = True

    def leave_queue(self) -> None:
        if self.queue and self.holds:
            self.holds = False
            self.queue.release()

    def commit(self) -> None:
        super().commit()
        self.leave_queue()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self.leave_queue()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self.leave_queue()


def _sqlite(address: URL, durable: bool) -> Engine:
    in_memory = address.database in (None, "", ":memory:")
    if not in_memory:
        Path(str(address.database)).resolve().parent.mkdir(parents=True, exist_ok=True)
    queue = FairQueue() if in_memory else queue_for(str(Path(str(address.database)).resolve()))
    options: dict[str, Any] = (
        # the connection used last is used next: its pages are still in its cache
        {"poolclass": StaticPool} if in_memory else {"pool_size": 16, "max_overflow": 48, "pool_use_lifo": True}
    )
    engine = create_engine(
        address,
        json_serializer=_json,
        connect_args={"factory": QueuedConnection, "check_same_thread": False, "timeout": WAIT_SECONDS},
        **options,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: QueuedConnection, _: object) -> None:
        connection.isolation_level = None  # the driver must not begin or commit by itself
        connection.queue = queue
        level = "FULL" if durable else "OFF"
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={level}",
            "wal_autocheckpoint=4000",
            "foreign_keys=ON",
            "cache_size=-16000",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _begin_sqlite(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    reads_only = bool(connection.get_execution_options().get("readonly"))
    if driver.reads_only != reads_only:
        driver.execute(f"PRAGMA query_only={'ON' if reads_only else 'OFF'}")
        driver.reads_only = reads_only
    if reads_only:
        connection.exec_driver_sql("BEGIN")
        return
    driver.enter_queue()
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except BaseException:
        driver.leave_queue()
        raise


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# ---------------------------------------------------------------- PostgreSQL


def _postgresql(address: URL, pool_size: int) -> Engine:
    if address.drivername in ("postgresql", "postgres"):
        address = address.set(drivername="postgresql+psycopg")
    statement, lock = STATEMENT_SECONDS * 1000, WAIT_SECONDS * 1000
    limits = f"-c statement_timeout={statement} -c lock_timeout={lock} -c timezone=UTC"
    return create_engine(
        address,
        json_serializer=_json,
        isolation_level="READ COMMITTED",
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=WAIT_SECONDS,
        pool_pre_ping=True,
        pool_use_lifo=True,
        connect_args={"connect_timeout": 5, "options": limits},
    )
