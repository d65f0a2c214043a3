"""Migrations and models agree, on both databases."""

import pytest
from sqlalchemy import text

from core.errors import StoreError
from core.store import schema
from core.store.engine import make_engine


def test_models_and_migrations_agree(database_url):
    assert schema.check(database_url) == []


def test_upgrading_twice_changes_nothing(database_url):
    schema.upgrade(database_url)
    engine = make_engine(database_url)
    schema.require_newest(engine)
    with engine.connect() as connection:
        assert connection.execute(text("select count(*) from alembic_version")).scalar_one() == 1


def test_an_empty_database_says_what_to_do(tmp_path):
    with pytest.raises(StoreError) as caught:
        schema.require_newest(make_engine(f"sqlite:///{tmp_path / 'new.sqlite'}"))
    assert caught.value.number == 4010
    assert "shouxu serve" in caught.value.remedy
