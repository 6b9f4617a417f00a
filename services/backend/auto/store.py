"""Automatic rules as kept: edited, tried, switched. Only a rule that was tried since its last edit can be switched on.

Every edit switches a rule off: what acts is always what was tried. Who edits, tries or switches is audited.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from services.backend.access.audit import record
from services.backend.db.auto_tables import auto_rules
from services.backend.db.packing import pack, unpack
from services.backend.problems import Problem, invalid, not_found
from services.backend.scoping import prefix
from services.domain.auto_rules import AutoRule, common, misfit, rule_from
from services.domain.case_doc import time_text
from services.domain.fields import Bad
from services.domain.reference import Rules
from services.domain.roles import Actor
from services.sql.types import from_ms, to_ms

#: a rule's area is never wider than that of who wrote it, and rules beyond an area are not shown there
MOST_RULES = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """A rule with its switch: which edit it is at, whether it acts, what was tried."""

    rule: AutoRule
    edit: int
    active: bool
    row: RowMapping

    @property
    def tried(self) -> bool:
        """Whether the present edit was tried on history."""
        return bool(self.row["tried_edit"] == self.edit)


def all_rules(conn: Connection, area: str = "") -> list[Kept]:
    """Return the rules whose area lies in an area, by id."""
    rows = conn.execute(
        select(auto_rules).where(prefix(auto_rules.c.area, area)).order_by(auto_rules.c.id)
    ).mappings()
    return [_kept(row) for row in rows]


def find_rule(conn: Connection, actor: Actor, rule_id: str) -> Kept:
    """Return a rule in an actor's area; raises Problem 404 for any other."""
    row = conn.execute(select(auto_rules).where(auto_rules.c.id == rule_id)).mappings().first()
    if row is None or not actor.area_code or not str(row["area"]).startswith(actor.area_code):
        raise not_found("没有这条自动规则，或它不在您的范围内。")
    return _kept(row)


def _kept(row: RowMapping) -> Kept:
    return Kept(rule_from(unpack(bytes(row["doc"]))), int(row["edit"]), bool(row["active"]), row)


def read_rule(doc: Any, rule_id: str, actor: Actor, rules: Rules) -> AutoRule:
    """Check a rule as sent by somebody; raises Problem 422 with the fields that are wrong.

    A rule without areas gets that of who writes it; one with areas beyond it is refused.
    """
    if not isinstance(doc, dict):
        raise invalid({"": "应为对象"})
    when = doc.get("when")
    if isinstance(when, dict) and not when.get("areas"):
        doc = {**doc, "when": {**when, "areas": [actor.area_code]}}
    try:
        rule = rule_from({"id": rule_id, **doc})
    except Bad as bad:
        raise invalid({bad.at.lstrip("."): str(bad)}) from None
    if rule.id != rule_id:
        raise invalid({"id": "与地址里的不同"})
    area = actor.area_code or "-"
    if not common(rule.when.areas) or any(not code.startswith(area) for code in rule.when.areas):
        raise invalid({"when.areas": "超出了您的范围"})
    wrong = misfit(rule, rules)
    if wrong is not None:
        raise invalid({wrong[0]: wrong[1]})
    return rule


def put_rule(
    conn: Connection, actor: Actor, rule: AutoRule, now: datetime, edit: int | None, trace: str | None
) -> tuple[Kept, bool]:
    """Store a rule, switched off; returns it and whether it was acting before.

    `edit` is the edit the writer saw (0 for a new one, None not to ask); raises Problem 409 when it is another.
    """
    row = conn.execute(_locked(conn, rule.id)).mappings().first()
    if row is not None:
        find_rule(conn, actor, rule.id)
    stands = 0 if row is None else int(row["edit"])
    if edit is not None and edit != stands:
        raise Problem(409, "edited", "这条规则刚被别人改过，请重新打开再改。")
    doc = pack(rule.to_doc())
    if row is not None and bytes(row["doc"]) == doc:
        return _kept(row), False
    values = {
        "edit": stands + 1, "area": common(rule.when.areas), "doc": doc, "active": False, "edited_at": to_ms(now),
        "edited_by": actor.name,
    }  # fmt: skip
    was_active = row is not None and bool(row["active"])
    if row is None:
        if len(all_rules(conn)) >= MOST_RULES:
            raise Problem(409, "too_many", f"自动规则最多 {MOST_RULES} 条。")
        conn.execute(insert(auto_rules).values(id=rule.id, **values))
    else:
        if was_active:
            values |= {"switched_at": to_ms(now), "switched_by": actor.name, "switched_why": "规则已修改"}
        conn.execute(update(auto_rules).where(auto_rules.c.id == rule.id).values(**values))
    record(conn, actor.id, "rule_edited", rule.id, rule.to_doc(), trace)
    return find_rule(conn, actor, rule.id), was_active


def _locked(conn: Connection, rule_id: str) -> Any:
    return select(auto_rules).where(auto_rules.c.id == rule_id).with_for_update()


def keep_trial(
    conn: Connection, actor: Actor, kept: Kept, trial: Mapping[str, Any], now: datetime, trace: str | None
) -> bool:
    """Store what a trial found; False when the rule was edited meanwhile (the trial then counts for nothing)."""
    done = conn.execute(
        update(auto_rules)
        .where(auto_rules.c.id == kept.rule.id, auto_rules.c.edit == kept.edit)
        .values(tried_edit=kept.edit, tried_at=to_ms(now), trial=pack(trial))
    )
    summary = {name: trial[name] for name in ("acted", "agreement", "bounced", "reworked")}
    record(conn, actor.id, "rule_tried", kept.rule.id, summary, trace)
    return done.rowcount == 1


def switch(
    conn: Connection, actor: Actor, rule_id: str, on: bool, why: str, now: datetime, trace: str | None
) -> Kept:
    """Switch a rule on or off; raises Problem 409 for one that was not tried since its last edit."""
    kept = find_rule(conn, actor, rule_id)
    if on and not kept.tried:
        raise Problem(
            409, "not_tried", "这条规则修改后还没有在历史案件上试运行过，请先试运行，看过结果再启用。"
        )
    if kept.active == on:
        return kept
    conn.execute(
        update(auto_rules)
        .where(auto_rules.c.id == rule_id, auto_rules.c.edit == kept.edit)
        .values(active=on, switched_at=to_ms(now), switched_by=actor.name, switched_why=why)
    )
    record(conn, actor.id, "rule_on" if on else "rule_off", rule_id, {"edit": kept.edit, "why": why}, trace)
    return find_rule(conn, actor, rule_id)


def stop_by_itself(conn: Connection, rule_id: str, edit: int, why: str, now: datetime) -> bool:
    """Switch a rule off because too much came back; False when another process or a person was quicker."""
    done = conn.execute(
        update(auto_rules)
        .where(auto_rules.c.id == rule_id, auto_rules.c.edit == edit, auto_rules.c.active)
        .values(active=False, switched_at=to_ms(now), switched_by="系统", switched_why=why)
    )
    if done.rowcount:
        record(conn, "system", "rule_off", rule_id, {"edit": edit, "why": why})
    return done.rowcount == 1


def rule_wire(kept: Kept, *, whole: bool = False) -> dict[str, Any]:
    """Return a rule as sent; `whole` with the trial's cases."""
    row = kept.row
    trial = unpack(bytes(row["trial"])) if row["trial"] is not None else None
    if trial is not None and not whole:
        trial = {key: value for key, value in trial.items() if key != "cases"}
    return {
        **kept.rule.to_doc(),
        "edit": kept.edit,
        "active": kept.active,
        "tried": kept.tried,
        "edited_at": _time(row["edited_at"]),
        "edited_by": row["edited_by"],
        "switched_at": _time(row["switched_at"]),
        "switched_by": row["switched_by"],
        "switched_why": row["switched_why"],
        "tried_at": _time(row["tried_at"]),
        "trial": trial,
    }


def _time(ms: int | None) -> str | None:
    return None if ms is None else time_text(from_ms(ms))
