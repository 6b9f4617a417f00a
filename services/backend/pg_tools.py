"""PostgreSQL's own tools for backups: pg_dump, and pg_restore through psql in one transaction."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy.engine import make_url

from services.domain.errors import DomainError

#: a dump drops what it holds itself; tables of a later schema would stay, and stop the next upgrade
_EMPTIED = """
DO $$
DECLARE one record;
BEGIN
    FOR one IN
        SELECT c.oid::regclass AS name FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
            AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    LOOP
        EXECUTE format('DROP TABLE IF EXISTS %s CASCADE', one.name);
    END LOOP;
    FOR one IN
        SELECT p.oid::regprocedure AS name FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    LOOP
        EXECUTE format('DROP ROUTINE IF EXISTS %s CASCADE', one.name);
    END LOOP;
END $$;
"""


class ToolError(DomainError):
    """One of the tools is missing or has failed; the sentence holds what it said last."""

    code = "pg_tools"


def dump(url: str, target: Path) -> None:
    """Write the database at one moment into `target` (custom format). Raises ToolError."""
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def load(url: str, source: Path, epoch: str) -> None:
    """Replace the database by a dump and give it a new epoch, all in one transaction. Raises ToolError.

    Sessions of the backup end in the same transaction.
    """
    script, emptied = source.with_name("restore.sql"), source.with_name("emptied.sql")
    emptied.write_text(_EMPTIED, encoding="utf-8")
    _run(
        "pg_restore",
        None,
        "--clean",
        "--if-exists",
        "--no-owner",
        "--no-privileges",
        f"--file={script}",
        str(source),
    )
    with script.open("a", encoding="utf-8") as out:
        # a UUID of our own making: nothing in it needs quoting
        out.write(f"\nUPDATE public.meta SET value = '{epoch}' WHERE key = 'feed_epoch';\n")
        out.write("DELETE FROM public.sessions;\n")
    _run(
        "psql",
        url,
        "--no-psqlrc",
        "--quiet",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
        f"--file={emptied}",
        f"--file={script}",
    )


def _run(tool: str, url: str | None, *arguments: str) -> None:
    """Run a tool; where the database is goes by the environment, so that no password stands in a list of processes."""
    found = shutil.which(tool)
    if found is None:
        raise ToolError(f"没有找到 {tool}，请先安装 PostgreSQL 客户端（postgresql-client）。")
    done = subprocess.run(
        [found, *arguments],
        env={**os.environ, **(_where(url) if url else {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise ToolError(f"{tool} 没有成功：{said[-1] if said else done.returncode}")


def _where(url: str) -> dict[str, str]:
    """Return where a database is, in the words of libpq's environment."""
    parts = make_url(url)
    host = parts.host or parts.query.get("host")
    known = {
        "PGHOST": host if isinstance(host, str) else None,
        "PGPORT": str(parts.port) if parts.port else None,
        "PGUSER": parts.username,
        "PGPASSWORD": parts.password,
        "PGDATABASE": parts.database,
    }
    return {name: value for name, value in known.items() if value}
