"""Column types that mean the same on both databases: a UUID as text, a moment as whole milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BLOB, BigInteger, Dialect, Integer
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.types import TypeDecorator, TypeEngine

#: a big whole number that SQLite can use as its rowid
BigKey = BigInteger().with_variant(Integer(), "sqlite")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


class Uid(TypeDecorator[str]):
    """A UUID given and taken as canonical text; 16 bytes on SQLite, native on PostgreSQL."""

    impl = BLOB
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column's type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(UUID(as_uuid=False))
        return dialect.type_descriptor(BLOB(16))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        """Turn text into what the database takes."""
        if value is None or dialect.name == "postgresql":
            return value
        return bytes.fromhex(value.replace("-", ""))

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """Turn what the database gives into text."""
        if value is None or dialect.name == "postgresql":
            return value  # type: ignore[no-any-return]  # psycopg gives text for this type
        return uid_text(value)


def uid_text(raw: bytes) -> str:
    """Return 16 bytes as canonical UUID text."""
    h = raw.hex()
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def to_ms(moment: datetime) -> int:
    """Return a moment as milliseconds since 1970 (parts of one are cut off)."""
    return (moment - _EPOCH) // _MS


def from_ms(ms: int) -> datetime:
    """Return milliseconds since 1970 as a moment in UTC."""
    return _EPOCH + timedelta(milliseconds=ms)
