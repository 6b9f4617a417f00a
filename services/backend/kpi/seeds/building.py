"""Building the log of a plan in an empty database, and counting its figures from that log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Connection, Engine, insert

from services.backend.db.kpi_tables import kpi_entries
from services.backend.db.opening import open_database, read_meta, write_meta
from services.backend.db.tables import areas
from services.backend.demo.bulk import Encoded, Encoder, Stream, batches
from services.backend.demo.sinks import sink_for
from services.backend.demo.tellers import collector_at_rest
from services.backend.kpi.asking import figures
from services.backend.kpi.counting import Ask
from services.backend.kpi.following import Follower
from services.backend.kpi.parts import Accounting
from services.backend.kpi.seeds.plans import POINTS, Plan, Way
from services.backend.kpi.seeds.telling import DISTRICT, GRID, Birth, Teller
from services.backend.kpi.spans import Period, day_number
from services.backend.reference.kpis import catalogue_of
from services.backend.reference.load import load_reference, rules_from
from services.backend.reference_store import publish
from services.domain.kpi.figures import agrees
from services.domain.kpi.measures import WHOLE
from services.domain.roles import Actor
from services.sql.engine import reading, writing
from services.sql.types import to_ms

Progress = Callable[[str], None]
_EVALUATOR = Actor("u-evaluator", "考评员", ("evaluator",), DISTRICT, None)
_BATCH = 1_000
#: cases counted in one turn
AT_ONCE = 2_000
#: cases of the first weeks of a year only: all of them come to their end within the year
_BIRTH_DAYS = 330


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the side-by-side table."""

    system: str
    id: str
    reported: float | int
    computed: float | int | None
    agree: bool
    note: str
    scale: str

    def doc(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}


def rows_of(plan: Plan, folder: Path, progress: Progress) -> list[Row]:
    """Tell a plan's log into a fresh database in a folder, count it, and put both figures side by side."""
    engine = open_database(f"sqlite:///{folder / 'centre.db'}")
    try:
        accounting = build(engine, plan)
        progress(f"{plan.system}：{plan.cases} 件已逐件裁定入账")
        follower = Follower(engine, lambda: accounting, AT_ONCE)
        while follower.turn():
            pass
        counted = count_plan(engine, accounting, plan)
    finally:
        engine.dispose()
    return [_row(plan, printed, counted[printed.id]) for printed in plan.printed]


def _row(plan: Plan, printed: Any, value: Fraction | None) -> Row:
    """Return one row."""
    told = None if value is None else value * printed.times / POINTS.get(printed.id, 1)
    reported = float(printed.reported) if "." in printed.reported else int(printed.reported)
    computed = None if told is None else int(told) if told.denominator == 1 else round(float(told), 4)
    agree = told is not None and agrees(told, printed.reported)
    return Row(plan.system, printed.id, reported, computed, agree, printed.note, f"1:{plan.scale}")


def build(engine: Engine, plan: Plan) -> Accounting:
    """Write ground, entries and the whole log of a plan; returns what it is counted with."""
    doc = load_reference()
    rules = rules_from(doc)
    begin = datetime(plan.year, 1, 1, tzinfo=UTC)
    teller = Teller(rules)
    with writing(engine) as conn:
        number = publish(conn, doc, begin)
        _ground(conn, plan)
        sink = sink_for(conn)
        encoder = Encoder(number, read_meta(conn, "phone_key") or "", sink.shapes)
        stories = _encoded(plan, teller, encoder)
        with collector_at_rest():
            for batch in batches(stories, _BATCH, Stream(5_000)):
                sink.write(conn, batch)
        sink.done(conn)
    return Accounting(catalogue_of(doc), rules.calendar)


def _encoded(plan: Plan, teller: Teller, encoder: Encoder) -> Iterator[Encoded]:
    """Yield the rows of all cases of a plan, oldest first."""
    return (encoder.encode(rank, teller.tell(birth)) for rank, birth in enumerate(births(plan)))


def births(plan: Plan) -> Iterator[Birth]:
    """Yield when each case of a plan is born: evenly over the year, the ways shuffled among them."""
    ways: list[Way] = [way for way in plan.ways for _ in range(way.count)]
    Random(plan.year).shuffle(ways)
    begin = datetime(plan.year, 1, 2, tzinfo=UTC)
    step = timedelta(days=_BIRTH_DAYS) / max(1, len(ways))
    of_day: dict[date, int] = {}
    for rank, way in enumerate(ways):
        at = (begin + step * rank).replace(microsecond=0)
        local = (at + timedelta(hours=8)).date()
        of_day[local] = of_day.get(local, 0) + 1
        yield Birth(at, f"{local:%Y%m%d}-{of_day[local]:04d}", way, (plan.year << 32) + rank)


def _ground(conn: Connection, plan: Plan) -> None:
    """Write the areas and what was entered by hand."""
    write_meta(conn, "centre_code", DISTRICT)
    write_meta(conn, "centre_name", plan.system)
    codes = [f"{GRID[:9]}{1 + n // 999:03d}{1 + n % 999:03d}" for n in range(plan.grids)]
    if codes:
        conn.execute(
            insert(areas),
            [
                {"code": code, "level": "grid", "parent": code[:12], "name": code, "registered": True}
                for code in codes
            ],
        )
    day, at = day_number(date(plan.year, 12, 31)), to_ms(datetime(plan.year, 12, 31, tzinfo=UTC))
    for entry in plan.entries:
        below = None if entry.denominator is None else entry.denominator * WHOLE
        values = {"kpi": entry.id, "day": day, "area": DISTRICT, "numerator": entry.numerator * WHOLE}
        more = {"denominator": below, "document": "自评报告", "by_user": "u-evaluator", "at": at}
        conn.execute(insert(kpi_entries).values(**values, **more))


def count_plan(engine: Engine, accounting: Accounting, plan: Plan) -> dict[str, Fraction | None]:
    """Return the figures a plan's report prints, over its year, as they stand at the end of it."""
    catalogue = accounting.catalogue
    period = Period(day_number(date(plan.year, 1, 1)), day_number(date(plan.year + 1, 1, 1)))
    ask = Ask(_EVALUATOR, period, None, "none", datetime(plan.year + 1, 1, 1, tzinfo=UTC))
    with reading(engine) as conn:
        found = figures(conn, catalogue, [catalogue.definitions[p.id] for p in plan.printed], ask)
    return {name: held[None].value for name, held in found.items()}
