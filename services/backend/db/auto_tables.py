"""Tables of automatic rules and of disputes between units.

Rules and their switch are kept; acts are the rules' own memory (once for a case, within the day's cap); steps and
disputes are projections of the log, followed up to the place `auto` in the table `learned`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from services.backend.db.tables import metadata
from services.sql.types import Uid

auto_rules = Table(
    "auto_rules",
    metadata,
    Column("id", String(40), primary_key=True),
    # +1 with every edit; a trial holds for the edit it was made with
    Column("edit", Integer, nullable=False),
    Column("area", String(15), nullable=False),
    Column("doc", LargeBinary, nullable=False),
    Column("active", Boolean, nullable=False, server_default=false()),
    Column("edited_at", BigInteger, nullable=False),
    Column("edited_by", Text, nullable=False),
    Column("switched_at", BigInteger),
    Column("switched_by", Text),
    Column("switched_why", Text),
    Column("tried_edit", Integer),
    Column("tried_at", BigInteger),
    # packed figures and cases of the last trial
    Column("trial", LargeBinary),
)

auto_acts = Table(
    "auto_acts",
    metadata,
    # no rule takes an action on a case twice
    Column("case_id", Uid, primary_key=True),
    Column("action", String(20), primary_key=True),
    Column("rule_id", String(40), nullable=False),
    Column("edit", Integer, nullable=False),
    # the place within the day's cap, from 1; two processes cannot take the same one
    Column("day", String(8), nullable=False),
    Column("slot", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("xver", Integer, nullable=False),
    # packed {"payload", "confidence"}
    Column("doc", LargeBinary, nullable=False),
    # NULL until decided: applied, refused or dropped
    Column("outcome", String(10)),
    Column("undone_at", BigInteger),
    Column("undone_by", String(20)),
    Column("again", Integer, nullable=False, server_default="0"),
    UniqueConstraint("rule_id", "day", "slot"),
    Index("ix_auto_acts_undone", "rule_id", "undone_at"),
)

bounce_steps = Table(
    "bounce_steps",
    metadata,
    Column("case_id", Uid, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("category", String(64)),
    Column("grid", String(15)),
    Column("giver", String(64), nullable=False),
    # "" while nobody has taken it over
    Column("taker", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("returned", Boolean, nullable=False),
    Index("ix_bounce_steps_pair", "giver", "taker", "at"),
)

disputes = Table(
    "disputes",
    metadata,
    Column("case_id", Uid, primary_key=True),
    # of the present round
    Column("bounces", Integer, nullable=False),
    Column("last_at", BigInteger),
    # packed marks {at, by, name, text} of the comments that asked for and decided a joint meeting
    Column("asked", LargeBinary),
    Column("decided", LargeBinary),
    Column("asked_at", BigInteger),
    Column("decided_at", BigInteger),
)
