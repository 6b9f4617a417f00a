"""The verb `griddesk restore`; it shares everything with `griddesk backup`."""

from __future__ import annotations

from services.backend.backup_cli import add_restore_arguments as add_arguments
from services.backend.backup_cli import run_restore as run

__all__ = ["add_arguments", "run"]
