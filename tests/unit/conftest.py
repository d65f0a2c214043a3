"""What the unit tests share beside tests/conftest.py: an office for core/cases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases_kit import Definitions, House, furnished, load


@pytest.fixture(scope="session")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> Definitions:
    """Plugins and definitions, loaded once."""
    return load(tmp_path_factory.mktemp("definitions"))


@pytest.fixture
def house(tmp_path: Path, database_url: str, definitions: Definitions) -> Iterator[House]:
    """A fresh office, once on SQLite and once on PostgreSQL."""
    made = furnished(tmp_path, database_url, definitions)
    yield made
    made.office.sessions.kw["bind"].dispose()


@pytest.fixture
def sqlite_house(tmp_path: Path, sqlite_url: str, definitions: Definitions) -> Iterator[House]:
    """A fresh office on SQLite, where the database does not matter."""
    made = furnished(tmp_path, sqlite_url, definitions)
    yield made
    made.office.sessions.kw["bind"].dispose()
