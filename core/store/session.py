"""Sessions: one unit of work, one transaction; what follows a commit; what an error of the database means.

| what happens | in the database | after-commit hooks |
|---|---|---|
| the block ends | committed | run once, in order; a failing one is logged |
| the block raises | rolled back | dropped |
| a savepoint is rolled back | back to the savepoint | those registered inside are dropped |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker
from sqlalchemy.orm.exc import StaleDataError
from zope.sqlalchemy import datamanager

from core.errors import Conflict
from core.store import append_only  # noqa: F401 - every session is guarded
from core.store.engine import read_only, unavailable

log = structlog.get_logger("shouxu.store")
Hook = Callable[[], object]
SessionFactory = sessionmaker[Session]


def session_factory(engine: Engine, **info: Any) -> SessionFactory:
    """A factory of sessions on `engine`; `info` is found in every session's `info` (like
    `wake=runner.submit`)."""
    return sessionmaker(engine, expire_on_commit=False, info=info)


def tm_session(factory: SessionFactory, tm: Any, *, readonly: bool = False) -> Session:
    """A session that lives and dies with the transaction of `tm` (pyramid_tm); GET requests pass
    `readonly`."""
    session = _open(factory, readonly)
    # `changed`: statements that bypass the unit of work (UPDATE … RETURNING) must be committed as well
    state = (
        datamanager.STATUS_ACTIVE if readonly else datamanager.STATUS_CHANGED
    )
    # joined at once: `register` would hang six listeners on every session to find out when
    datamanager.join_transaction(session, state, tm)
    return session


@contextmanager
def unit_of_work(factory: SessionFactory, *, readonly: bool = False) -> Iterator[Session]:
    """A session whose work is committed at the end of the block; StoreUnavailable when the database is
    away."""
    session = _open(factory, readonly)
    try:
        yield session
        session.commit()
    except BaseException as error:
        session.rollback()
        away = unavailable(error)
        if away is not None and away is not error:
            raise away from error
        raise
    finally:
        session.close()


@contextmanager
def glance(factory: SessionFactory) -> Iterator[Connection]:
    """A connection for one look that needs no objects: half the cost of a session."""
    engine: Engine = factory.kw["bind"]
    if engine.dialect.name == "postgresql":  # one statement is a transaction of its own there
        engine = engine.execution_options(isolation_level="AUTOCOMMIT")
    with read_only(engine).connect() as connection:
        yield connection


def _open(factory: SessionFactory, readonly: bool) -> Session:
    session = factory(bind=read_only(factory.kw["bind"])) if readonly else factory()
    session.info["readonly"] = readonly
    return session


def after_commit(session: Session, hook: Hook) -> None:
    """Run `hook` once when the transaction of `session` is committed; never when it is rolled back."""
    session.info.setdefault("after_commit", []).append((session.get_nested_transaction(), hook))


def conflict(error: BaseException, what: str = "办件已被他人修改") -> Conflict | None:
    """Conflict when `error` means that somebody else was faster (stale version, taken unique key); else
    None."""
    if isinstance(error, StaleDataError) or (isinstance(error, IntegrityError) and _is_taken(error)):
        return Conflict(what)
    return None


def _is_taken(error: IntegrityError) -> bool:
    return getattr(error.orig, "sqlstate", "") == "23505" or str(error.orig).startswith(
        "UNIQUE constraint failed"
    )


# ---------------------------------------------------------------- hooks


@event.listens_for(Session, "after_commit")
def _run_hooks(session: Session) -> None:
    if session.in_nested_transaction():
        return
    for _, hook in session.info.pop("after_commit", ()):
        try:
            hook()
        except Exception:
            # the work is stored and acknowledged; what follows is made up for by a sweep
            log.exception("after_commit_failed", hook=getattr(hook, "__qualname__", repr(hook)))


@event.listens_for(Session, "after_soft_rollback")
def _drop_hooks(session: Session, ended: SessionTransaction) -> None:
    if not ended.nested:
        session.info.pop("after_commit", None)
        return
    kept = [
        (inner, hook) for inner, hook in session.info.get("after_commit", ()) if not _inside(inner, ended)
    ]
    session.info["after_commit"] = kept


def _inside(inner: SessionTransaction | None, ended: SessionTransaction) -> bool:
    while inner is not None:
        if inner is ended:
            return True
        inner = inner.parent
    return False
