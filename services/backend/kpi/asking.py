"""Questions about figures: rows with both sides, value, unit and the version of the definition, compared where asked.

`top` figures divide the most frequent category by all; `areas` figures count the area table; `entered` ones add up
what was entered for the period; `stated` ones have no number. The rest is counted from the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, and_, func, select

from services.backend.db.kpi_tables import kpi_entries
from services.backend.db.tables import areas
from services.backend.kpi.counting import Ask, Counts, Group, count
from services.backend.kpi.spans import Period, date_of
from services.backend.scoping import prefix
from services.domain.kpi.definitions import Catalogue, Definition
from services.domain.kpi.figures import Figure, change, figure, mean
from services.domain.kpi.measures import PLAIN, WHOLE

Figures = dict[Group, Figure]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is told beside the figures: the comparison with earlier periods, and the figure without windows."""

    compare: bool = False
    windows: bool = False


def answer(
    conn: Connection, catalogue: Catalogue, definitions: Sequence[Definition], ask: Ask, wish: Wish = Wish()
) -> dict[str, Any]:
    """Return `rows`, the period and what the definitions say; values are in the unit of the figure."""
    now = figures(conn, catalogue, definitions, ask)
    plain = figures(conn, catalogue, definitions, ask, plain=True) if wish.windows else {}
    before: dict[str, dict[str, Figures]] = {}
    if wish.compare:
        before = {
            name: figures(conn, catalogue, definitions, replace(ask, period=period))
            for name, period in (("previous", ask.period.previous), ("last_year", ask.period.last_year))
        }
    rows = []
    for definition in definitions:
        own = now[definition.id]
        for group in sorted(own, key=lambda name: (name is None, name or "")):
            row = _row(definition, group, own[group])
            if wish.windows:
                row["without_windows"] = sides(plain[definition.id].get(group))
            for name, earlier in before.items():
                other = earlier[definition.id].get(_earlier_group(ask, group, name))
                row[name] = {**sides(other), "change": _number(change(own[group].value, _value(other)))}
            rows.append(row)
    means = {d.id: _number(mean([f.value for f in now[d.id].values()])) for d in definitions}
    return {"rows": rows, **period_doc(ask.period), **({"means": means} if ask.group_by != "none" else {})}


def _earlier_group(ask: Ask, group: Group, name: str) -> Group:
    """Return the group to compare with: the same one, for a time grouping the one of the earlier date."""
    if ask.group_by == "month" and group is not None and name == "last_year":
        return f"{int(group[:4]) - 1:04d}{group[4:]}"
    if ask.group_by == "day" and group is not None and name == "last_year":
        return f"{int(group[:4]) - 1:04d}{group[4:]}"
    return group


def figures(
    conn: Connection,
    catalogue: Catalogue,
    definitions: Sequence[Definition],
    ask: Ask,
    *,
    plain: bool = False,
) -> dict[str, Figures]:
    """Return the figures of each definition by group; without a grouping every definition has exactly one.

    With `plain` they are told as if no exclusion window had ever been declared.
    """
    counted = [d for d in definitions if d.kind in ("ratio", "mean", "count")]
    wanted = {name for d in counted for name in d.measures}
    counts = count(conn, ask, wanted | {f"{name}{PLAIN}" for name in wanted} if plain else wanted)
    if plain:
        counts = {group: _plain(held) for group, held in counts.items()}
    found: dict[str, Figures] = {}
    for definition in definitions:
        if definition.kind == "top":
            found[definition.id] = _top(conn, definition, ask)
        elif definition.kind == "areas":
            found[definition.id] = _areas(conn, ask)
        elif definition.kind == "entered":
            found[definition.id] = _entered(conn, definition, ask)
        else:
            found[definition.id] = _by_group(definition, counts, ask)
    return found


def _plain(counts: Mapping[str, int]) -> dict[str, int]:
    """Return counts without windows: what was counted and the difference the windows made."""
    return {
        name: amount + counts.get(f"{name}{PLAIN}", 0)
        for name, amount in {**{key.removesuffix(PLAIN): 0 for key in counts}, **counts}.items()
        if not name.endswith(PLAIN)
    }


def _by_group(definition: Definition, counts: Counts, ask: Ask) -> Figures:
    """Return a definition's figure for every group that one of its measures was counted in."""
    if definition.kind == "stated":
        return {}
    if ask.group_by == "none":
        return {None: figure(definition, counts.get(None, {}))}
    used = definition.measures
    return {
        group: figure(definition, held)
        for group, held in counts.items()
        if any(held.get(name) for name in used)
    }


def top_category(conn: Connection, definition: Definition, ask: Ask) -> tuple[str, Fraction, Fraction] | None:
    """Return the most frequent category, its count and that of all; None when nothing was counted."""
    by_category = count(conn, replace(ask, group_by="category"), definition.measures)
    told = {
        name or "": (figure(definition, held).numerator, figure(definition, held).denominator or Fraction(0))
        for name, held in by_category.items()
    }
    if not told:
        return None
    best = min(told, key=lambda name: (-told[name][0], name))
    return best, told[best][0], sum((below for _, below in told.values()), Fraction(0))


def _top(conn: Connection, definition: Definition, ask: Ask) -> Figures:
    """Return the share of the most frequent category: for the whole, or as the one row of a grouping by category."""
    best = top_category(conn, definition, ask)
    if best is None or ask.group_by not in ("none", "category"):
        return {None: Figure(Fraction(0), Fraction(0), True)} if ask.group_by == "none" else {}
    name, above, below = best
    return {name if ask.group_by == "category" else None: Figure(above, below, True)}


def _areas(conn: Connection, ask: Ask) -> Figures:
    """Return registered grids of all grids, as the area table stands."""
    reach = ask.reach
    if reach is None:
        return {None: Figure(Fraction(0), Fraction(0), True)} if ask.group_by == "none" else {}
    column = (
        func.substr(areas.c.code, 1, ask.child_length) if ask.group_by == "area" else func.substr("", 1, 1)
    )
    rows = conn.execute(
        select(column.label("grp"), areas.c.registered, func.count())
        .where(and_(areas.c.level == "grid", prefix(areas.c.code, reach)))
        .group_by(column, areas.c.registered)
    ).all()
    found: Figures = {None: Figure(Fraction(0), Fraction(0), True)} if ask.group_by == "none" else {}
    if ask.group_by not in ("none", "area"):
        return found
    for group, registered, number in rows:
        made = Figure(Fraction(number if registered else 0), Fraction(number), True)
        found[group or None] = found.get(group or None, Figure(Fraction(0), Fraction(0), True)) + made
    return found


def _entered(conn: Connection, definition: Definition, ask: Ask) -> Figures:
    """Return what was entered for the period and the area."""
    percent = definition.unit == "%"
    entry, reach = kpi_entries.c, ask.reach
    nothing = Figure(Fraction(0), Fraction(0) if percent else None, percent)
    if reach is None or ask.group_by not in ("none", "area"):
        return {None: nothing} if ask.group_by == "none" else {}
    rows = conn.execute(
        select(entry.area, func.sum(entry.numerator), func.sum(entry.denominator))
        .where(
            entry.kpi == definition.id, entry.day >= ask.period.first, entry.day < ask.period.end,
            prefix(entry.area, reach),
        )
        .group_by(entry.area)
    ).all()  # fmt: skip
    found: Figures = {None: nothing} if ask.group_by == "none" else {}
    for area, above, below in rows:
        made = Figure(
            Fraction(int(above), WHOLE), Fraction(int(below or 0), WHOLE) if percent else None, percent
        )
        group = area if ask.group_by == "area" else None
        found[group] = found[group] + made if group in found else made
    return found


# --- as JSON ---------------------------------------------------------------------------------------------


def _row(definition: Definition, group: Group, found: Figure) -> dict[str, Any]:
    """Return one row of the contract."""
    return {
        "id": definition.id, "group": group, **sides(found), "unit": definition.unit,
        "definition_version": definition.version,
    }  # fmt: skip


def sides(found: Figure | None) -> dict[str, Any]:
    """Return both sides and the value as JSON numbers; None where there is none."""
    if found is None:
        return {"numerator": 0, "denominator": None, "value": None}
    return {
        "numerator": _number(found.numerator), "denominator": _number(found.denominator),
        "value": _number(found.value),
    }  # fmt: skip


def _value(found: Figure | None) -> Fraction | None:
    return None if found is None else found.value


def _number(value: Fraction | None) -> int | float | None:
    """Return a whole number as such, another one with six digits after the point."""
    if value is None:
        return None
    return int(value) if value.denominator == 1 else round(float(value), 6)


def period_doc(period: Period) -> dict[str, str]:
    """Return the days a question was answered for; `to` is not included."""
    return {"from": date_of(period.first).isoformat(), "to": date_of(period.end).isoformat()}
