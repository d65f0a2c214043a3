"""The declarative base and the column types that both databases share."""

from __future__ import annotations

import secrets
import threading
import time
from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, LargeBinary, MetaData, String, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, mapped_column

_last_id = 0
_id_lock = threading.Lock()


def new_id() -> str:
    """A public id: 26 hex digits, time-ordered (48 bit ms) with 56 random bits.

    Later ids of one process are greater, also within a millisecond: rows of one act keep their order.
    """
    global _last_id
    with _id_lock:
        fresh = time.time_ns() // 1_000_000 << 56 | secrets.randbits(56)
        _last_id = max(fresh, _last_id + 1 + secrets.randbits(40))
        return f"{_last_id:026x}"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in, an aware datetime in UTC out, on databases with and without zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON().with_variant(JSONB(), "postgresql")

Id = Annotated[str, mapped_column(String(26), primary_key=True, default=new_id)]
Ref = Annotated[str, mapped_column(String(26))]
Short = Annotated[str, mapped_column(String(64))]
Line = Annotated[str, mapped_column(String(255))]
Sha = Annotated[str, mapped_column(String(64))]
Fen = Annotated[int, mapped_column(BigInteger)]
"""Money in whole 分."""
When = Annotated[datetime, mapped_column(UtcDateTime())]
Bytes = Annotated[bytes, mapped_column(LargeBinary)]
Data = Annotated[dict[str, Any], mapped_column(Json)]
EstateName = Annotated[str, mapped_column(String(64), index=True)]
CaseRef = Annotated[str, mapped_column(String(26), ForeignKey("case.id"), index=True)]


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
