"""Roles and actors: who may ask for something, and how far their scope reaches (domain section 7)."""

from __future__ import annotations

from dataclasses import dataclass

#: sign-in roles with their Chinese names
ROLES: dict[str, str] = {
    "supervisor": "监督员",
    "grid_worker": "网格员",
    "acceptor": "受理员",
    "shift_leader": "值班长",
    "dispatcher": "派遣员",
    "dept_user": "专业部门",
    "handler": "处置人员",
    "street_user": "街道用户",
    "leader": "领导",
    "evaluator": "考评员",
    "admin": "系统管理员",
    "auditor": "安全审计员",
}
#: actors that never sign in
ACTORS: dict[str, str] = {"system": "系统", "upper": "上级平台"}
#: roles that see a case only while their department is lead or co department in this round
DEPT_ROLES = frozenset({"dept_user", "handler", "street_user"})
#: roles that act for a department
LEAD_ROLES = frozenset({"dept_user", "street_user"})
#: roles that never act on a case
NO_CASE_ROLES = frozenset({"admin", "auditor"})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gives a command: a signed-in user, the timed `system`, or the `upper` platform.

    `area_code` is the prefix of the grids in scope; `dept` a department id for the roles that act for one.
    """

    id: str
    name: str
    roles: tuple[str, ...]
    area_code: str | None = None
    dept: str | None = None

    @property
    def dept_only(self) -> bool:
        """Whether every role of this actor is bound to a department."""
        return bool(self.roles) and all(role in DEPT_ROLES for role in self.roles)


SYSTEM = Actor("system", "系统", ("system",), "")
UPPER = Actor("upper", "上级平台", ("upper",), "")


def street_dept(area_code: str) -> str:
    """Return the department id of a street office: `street-<9 digits>`."""
    return f"street-{area_code[:9]}"
