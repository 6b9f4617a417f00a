"""Scope as SQL: the one place where a statement over cases is narrowed to what a caller may see."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false, or_, true

from services.backend.db.tables import cases
from services.domain.roles import Actor


def prefix(column: ColumnElement[Any], start: str) -> ColumnElement[bool]:
    """Return the condition that a column of digits begins with `start`: a range that an index can serve."""
    if not start:
        return true()
    # ":" is the character after "9"
    return (column >= start) & (column < start + ":")


def scoped(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a case row lies in an actor's scope; the SQL twin of `domain.case.in_scope`."""
    if actor.area_code == "" and actor.roles in (("system",), ("upper",)):
        return true()
    if not actor.area_code:
        return false()
    area = prefix(cases.c.grid, actor.area_code)
    if len(actor.area_code) <= 6:
        area = or_(area, cases.c.grid.is_(None))
    if not actor.dept_only:
        return area
    if actor.dept is None:
        return false()
    return area & of_dept(actor.dept)


def of_dept(dept: str) -> ColumnElement[bool]:
    """Return the condition that a department is lead or co department of a case in this round."""
    return or_(cases.c.lead_dept == dept, cases.c.co_depts.contains(f",{dept},", autoescape=True))
