"""`serve --demo`: the demo district is there when the centre answers, made at the first start, kept afterwards.

Everything is written in one transaction, so an interrupted first start leaves nothing; a lock keeps several
processes from making it twice.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select

from services.backend.db.opening import read_meta, write_meta
from services.backend.db.packing import compact
from services.backend.db.tables import areas, cases
from services.backend.demo.accounts import ACCOUNTS_FILE, renew_passwords, write_accounts, write_file
from services.backend.demo.build import (
    DEMO_FIELD,
    Plan,
    Progress,
    demo_reference,
    write_field,
    write_ground,
    write_history,
)
from services.backend.demo.geometry import make_district
from services.backend.demo.history import History
from services.backend.demo.names import load_recipe
from services.backend.demo.roster import make_roster
from services.backend.demo.tellers import sensible_workers
from services.backend.field.duties import ROUTES_KEY
from services.backend.reference.load import rules_from
from services.backend.reference_store import load, newest_number, publish
from services.domain.errors import DomainError
from services.sql.engine import glancing, is_sqlite, writing
from services.sql.types import to_ms

DEMO_KEY = "demo"
CASES, DAYS = 6_000, 90
_LOCK = 0x6772_6964_0003


class DemoError(DomainError):
    """The database cannot take a demo district."""

    code = "demo_refused"


def ensure_demo(
    engine: Engine,
    data_dir: Path,
    *,
    now: datetime | None = None,
    cases: int = CASES,
    days: int = DAYS,
    grids: int | None = None,
    seed: int | None = None,
    progress: Progress | None = None,
) -> bool:
    """Make the demo district in a migrated, empty database, or leave the one that is there; True when made.

    Writes `data_dir/demo-accounts.json` (mode 0600); when only that file is missing, its accounts get new
    passwords. Blocks while another process makes it. Raises DemoError when the database holds other cases,
    OSError when the folder cannot be written.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / ACCOUNTS_FILE
    if _ready(engine) and path.exists() and not _without_field(engine):
        return False
    with _locked(engine, data_dir):
        if _ready(engine):
            if not path.exists():
                _renew(engine, path)
            if _without_field(engine):
                _add_field(engine, now or datetime.now(UTC))
            return False
        moment = (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
        made_from = load_recipe().seed if seed is None else seed
        plan = Plan(moment, cases, days, made_from, workers=sensible_workers(cases))
        make_demo(engine, path, plan, grids, progress or _silent)
        return True


def make_demo(engine: Engine, path: Path, plan: Plan, grids: int | None, progress: Progress) -> None:
    """Build a demo centre in an empty database and write its accounts file."""
    district = make_district(plan.seed, grids)
    doc = demo_reference(district)
    rules = rules_from(doc)
    roster = make_roster(district, rules.departments.values(), plan.seed)
    history = History(district, rules, plan.now, plan.cases, plan.days, plan.seed, roster)
    with writing(engine) as conn:
        refuse_other_data(conn)
        number = write_ground(conn, district, roster, doc, plan.now)
        write_history(conn, history, number, plan, progress)
        entries = write_accounts(conn, roster, to_ms(plan.now))
        write_field(conn, district, roster, doc, plan.now)
        users = [f"u-{entry['username']}" for entry in entries]
        facts = {
            "seed": plan.seed,
            "cases": plan.cases,
            "days": plan.days,
            "at": plan.now.isoformat(),
            "users": users,
        }
        write_meta(conn, DEMO_KEY, compact(facts))
    write_file(path, entries)


def refuse_other_data(conn: Connection) -> None:
    """Raise DemoError when the database already holds cases."""
    if conn.execute(select(func.count()).select_from(select(cases.c.ref).limit(1).subquery())).scalar():
        raise DemoError("数据库里已有案件，不能再写入示例区；请换一个空的数据目录或数据库。")


def _ready(engine: Engine) -> bool:
    """Tell whether the demo district is there."""
    with glancing(engine) as conn:
        return read_meta(conn, DEMO_KEY) is not None


def _without_field(engine: Engine) -> bool:
    """Tell whether the district was made before there were components, cameras and people who walk."""
    with glancing(engine) as conn:
        return read_meta(conn, ROUTES_KEY) is None


def _add_field(engine: Engine, now: datetime) -> None:
    """Put components, cameras and walking people into a district that has none yet."""
    with writing(engine) as conn:
        count = select(func.count()).select_from(areas).where(areas.c.level == "grid")
        facts = json.loads(read_meta(conn, DEMO_KEY) or "{}")
        district = make_district(facts["seed"], conn.execute(count).scalar_one())
        found = load(conn, newest_number(conn))
        roster = make_roster(district, found.rules.departments.values(), facts["seed"])
        publish(conn, {**found.doc, "field": DEMO_FIELD}, now)
        write_field(conn, district, roster, found.doc, now)


def _renew(engine: Engine, path: Path) -> None:
    """Give the demo accounts new passwords and write the file again."""
    with writing(engine) as conn:
        users = json.loads(read_meta(conn, DEMO_KEY) or "{}").get("users", [])
        entries = renew_passwords(conn, users)
    write_file(path, entries)


def _silent(done: int, total: int) -> None:
    """Report nothing."""


@contextmanager
def _locked(engine: Engine, data_dir: Path) -> Iterator[None]:
    """Hold the lock of the folder, and on PostgreSQL of the database, while one process makes the district."""
    with (data_dir / ".demo.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if is_sqlite(engine):
            yield
            return
        with engine.connect() as conn:
            conn.execute(select(func.pg_advisory_lock(_LOCK)))
            conn.commit()
            try:
                yield
            finally:
                conn.execute(select(func.pg_advisory_unlock(_LOCK)))
                conn.commit()


__all__ = ["CASES", "DAYS", "DEMO_KEY", "DemoError", "ensure_demo", "make_demo", "refuse_other_data"]
