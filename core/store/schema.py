"""The schema's way from one version to the next: Alembic, called as a library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from core.errors import StoreError
from core.store.engine import make_engine
from core.store.models import Base

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 0x53_48_4F_55_58_55  # any number, the same in all processes: "SHOUXU"


def upgrade(target: str | Engine) -> None:
    """Bring the database at a URL or engine to the newest version; safe when several processes start at
    once."""
    with _engine(target) as engine, engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        _config(connection, command.upgrade, "head")


def require_newest(engine: Engine) -> None:
    """StoreError (SX-4010) when the database is not at the version of this program."""
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if found != newest:
        raise StoreError(
            f"数据库版本为 {found or '空'}，程序需要 {newest}", remedy="请运行 shouxu serve", number=4010
        )


def check(target: str | Engine) -> list[Any]:
    """What models and migrations disagree on, as Alembic's differences; empty when they agree."""
    with _engine(target) as engine, engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def draft(target: str | Engine, message: str) -> None:
    """Write the next migration from the difference between the models and the database at `target`."""
    with _engine(target) as engine, engine.begin() as connection:
        _config(connection, command.revision, message=message, autogenerate=True)


def _config(connection: Connection, act: Any, *args: Any, **options: Any) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    act(config, *args, **options)


@contextmanager
def _engine(target: str | Engine) -> Iterator[Engine]:
    if isinstance(target, Engine):
        yield target
        return
    engine = make_engine(target)
    try:
        yield engine
    finally:
        engine.dispose()
