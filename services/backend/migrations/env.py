"""Alembic's entry: runs the revisions on the connection it is given, inside that connection's transaction."""

from __future__ import annotations

from alembic import context

from services.backend.db import (
    access_tables,
    auto_tables,
    field_tables,
    filter_tables,
    handover_tables,
    kpi_month_tables,
    kpi_tables,
    learned_tables,
)
from services.backend.db.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
    user_module_prefix="types.",
)
with context.begin_transaction():
    context.run_migrations()

__all__ = [
    "access_tables",
    "auto_tables",
    "field_tables",
    "filter_tables",
    "handover_tables",
    "kpi_month_tables",
    "kpi_tables",
    "learned_tables",
]
