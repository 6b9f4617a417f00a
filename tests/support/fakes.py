"""A small invented district, and hand-written doubles of the ports around it: one world for tests of the console.

`World` holds the cases the centre knows and the commands a seat has saved. Its doubles decide with the same
`decide()` as the real ones, so that a screen tested here meets real refusals and real deadlines. `judge_all()`
lets the centre answer; until then everything waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from PySide6.QtCore import QCoreApplication

from console.notices.centre import NoticeCentre
from console.tasks.runner import Background
from console.viewmodels.seat import SeatViewModel, Services
from services.backend.reference.departments import with_streets
from services.backend.reference.load import load_reference, rules_from
from services.domain.case import Case
from services.domain.commands import Applied, Command
from services.domain.decide import allowed_actions, decide
from services.domain.ids import uuid7
from services.domain.lifecycle import BIRTH
from services.domain.payloads import check_payload, locations_in
from services.domain.reference import Facts, Position, Rules
from services.domain.roles import SYSTEM, Actor
from services.ports.cache import Draft
from services.ports.centre import CaseDetail, Presence, SimilarCase, Tagged, TimelineEntry
from services.ports.errors import ActionRefused, StorageFull, Unknown
from services.ports.outbox import ATTENTION, NewAttachment, NewCommand, OutboxCounts, SavedCommand
from services.ports.picture import (
    ONLINE,
    CaseQuery,
    CaseRow,
    Changes,
    Connection,
    DeskPicture,
    Projected,
    row_of,
)
from services.ports.search import FindQuery, Found
from services.usecases.bulk import Bulk, Wish
from tests.support.desk_rows import desk_of

#: a Friday morning inside working hours, 09:30 in the centre's zone
NOW = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
DISTRICT, STREETS = (
    "990101",
    (("990101001", "望塔街道"), ("990101002", "柳岸街道"), ("990101003", "青禾街道")),
)
WEST, SOUTH, STEP = 113.0, 23.0, 0.01
ROLE_NAMES = {"acceptor": "林晓禾", "dispatcher": "江予安", "shift_leader": "顾怀舟"}


def invented_areas() -> dict[str, dict[str, Any]]:
    """GeoJSON documents by level: three streets in columns, one community each, three square grids each."""
    features: dict[str, list[dict[str, Any]]] = {"district": [], "street": [], "community": [], "grid": []}

    def add(
        level: str, code: str, name: str, parent: str | None, box: tuple[float, float, float, float]
    ) -> None:
        west, south, east, north = box
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        features[level].append(
            {
                "type": "Feature",
                "properties": {
                    "code": code, "name": name, "level": level, "parent": parent,
                    "officer": "方知夏" if level == "grid" else None, "registered": True,
                },
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )  # fmt: skip

    north = SOUTH + 3 * STEP
    add("district", DISTRICT, "示例区", None, (WEST, SOUTH, WEST + 3 * STEP, north))
    for x, (code, name) in enumerate(STREETS):
        west = WEST + x * STEP
        add("street", code, name, DISTRICT, (west, SOUTH, west + STEP, north))
        add("community", code + "001", f"{name[:2]}社区", code, (west, SOUTH, west + STEP, north))
        for y in range(3):
            south = SOUTH + y * STEP
            grid = f"{code}001{y + 1:03d}"
            add(
                "grid",
                grid,
                f"{name[:2]}-{y + 1:02d}",
                code + "001",
                (west, south, west + STEP, south + STEP),
            )
    return {level: {"type": "FeatureCollection", "features": found} for level, found in features.items()}


def grid_at(lon: float, lat: float) -> str | None:
    """Return the code of the invented grid that holds a point, None outside."""
    x, y = int((lon - WEST) // STEP), int((lat - SOUTH) // STEP)
    return f"{STREETS[x][0]}001{y + 1:03d}" if 0 <= x < 3 and 0 <= y < 3 else None


def position_at(lon: float, lat: float) -> Position:
    """Return the position the centre would resolve."""
    grid = grid_at(lon, lat)
    return Position(grid, (grid[:6], grid[:9], grid[:12], grid) if grid else ())


@lru_cache(maxsize=1)
def reference_doc() -> dict[str, Any]:
    """Return the shipped reference document with the invented streets; read once, never changed."""
    return with_streets(load_reference(), STREETS)


@lru_cache(maxsize=1)
def shipped_rules() -> Rules:
    """Return the rules in that document."""
    return rules_from(reference_doc())


@dataclass
class World:
    """What the doubles share; times move only by `advance`."""

    doc: dict[str, Any]
    rules: Rules
    actor: Actor
    now: datetime = NOW
    cases: dict[str, Case] = field(default_factory=dict)
    commands: list[SavedCommand] = field(default_factory=list)
    timelines: dict[str, list[TimelineEntry]] = field(default_factory=dict)
    attachments: dict[str, NewAttachment] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    similar: tuple[SimilarCase, ...] = ()
    online: bool = True
    full: bool = False
    numbers: int = 416
    listeners: list[Callable[[Changes], None]] = field(default_factory=list)
    layer_docs: dict[str, dict[str, Any]] = field(default_factory=dict)
    watching_officers: bool = False
    claims: tuple[Presence, ...] = ()

    def advance(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    # --- cases --------------------------------------------------------------------------------------

    def facts(self, command: Command) -> Facts:
        """Look up what a decision needs."""
        self.numbers += 1
        points = locations_in(command.case_id, command.payload)
        return Facts(
            number=f"{self.now:%Y%m%d}-{self.numbers:04d}",
            numbers={
                p["case_id"]: f"{self.now:%Y%m%d}-9{i:03d}"
                for i, p in enumerate(command.payload.get("parts", ()))
            },
            positions={key: position_at(*point) for key, point in points.items()},
            users={"u-supervisor": None},
            cases=dict.fromkeys(self.cases),
        )

    def apply(self, action: str, case_id: str, actor: Actor | None = None, **payload: Any) -> Case:
        """Let the centre apply an action now; AssertionError with the sentence when a rule refuses it."""
        command = Command(uuid7(), case_id, action, check_payload(action, payload))
        who = actor or all_roles()
        facts = self.facts(command)
        verdict = decide(self.cases.get(case_id), command, who, self.now, self.rules.with_facts(facts))
        assert isinstance(verdict, Applied), verdict
        self.cases[case_id] = verdict.case
        for born in verdict.births:
            self.cases[born.case_id] = born
        line = self.timelines.setdefault(case_id, [])
        line.append(
            TimelineEntry(
                len(line) + 1, verdict.case.version, action, who.id, who.name, verdict.role, self.now, None,
                command.payload,
            )
        )  # fmt: skip
        return verdict.case

    def register(self, description: str = "路口雨水井盖整块缺失", **more: Any) -> Case:
        """Register a case in the middle of the first grid (or at `lon`, `lat`)."""
        lon, lat = more.pop("lon", WEST + STEP / 2), more.pop("lat", SOUTH + STEP / 2)
        address = more.pop("address", "望塔街道松影路与南苑街口")
        payload = {
            "kind": "component", "source": "hotline", "description": description,
            "location": {"lon": lon, "lat": lat, "address": address}, **more,
        }  # fmt: skip
        return self.apply("register", uuid7(), **payload)

    def walk(self, to: str, **more: Any) -> Case:
        """Register a case and take it to a state along the usual way."""
        case = self.register(**more)
        steps: list[tuple[str, dict[str, Any]]] = [
            ("accept", {}),
            ("file", {"category": "component-0101", "condition": 1}),
            ("dispatch", {"lead_dept": "muni", "co_depts": [], "note": ""}),
            ("sign", {}),
            ("feed_back", {"result": "已更换井盖"}),
            ("send_check", {}),
            ("check_pass", {}),
            ("close", {"closing_condition": "更换或修复", "callback": {"reached": True, "solved": True}}),
        ]
        for action, payload in steps:
            if self.cases[case.case_id].state == to:
                break
            self.apply(action, case.case_id, **payload)
        found = self.cases[case.case_id]
        assert found.state == to, found.state
        return found

    # --- commands -----------------------------------------------------------------------------------

    def waiting(self, case_id: str | None = None) -> list[SavedCommand]:
        """Return undecided commands in order."""
        return [c for c in self.commands if c.status == "waiting" and case_id in (None, c.case_id)]

    def project(self, case_id: str) -> Projected | None:
        """Put the waiting commands on top of the centre's case."""
        cached = self.cases.get(case_id)
        case, refused, waiting = cached, None, self.waiting(case_id)
        for saved in waiting:
            command = Command(saved.command_id, case_id, saved.action, saved.payload)
            verdict = decide(case, command, self.actor, self.now, self.rules.with_facts(self.facts(command)))
            if not isinstance(verdict, Applied):
                refused = verdict.title
                break
            case = replace(verdict.case, number=cached.number if cached else None)
        return None if case is None else Projected(case, cached, tuple(waiting), refused)

    def judge_all(self) -> None:
        """Let the centre decide everything that waits, and announce it."""
        ids = set()
        for saved in self.waiting():
            if saved.staged:
                continue
            self.apply(saved.action, saved.case_id, self.actor, **saved.payload)
            number = self.cases[saved.case_id].number
            self.commands[saved.n] = replace(saved, status="applied", number=number, decided_at=self.now)
            ids.add(saved.case_id)
        self.announce({"cases", "outbox"}, ids)

    def announce(self, kinds: Iterable[str], ids: Iterable[str] = ()) -> None:
        """Tell the seat that something changed."""
        for listener in self.listeners:
            listener(Changes(frozenset(kinds), frozenset(ids)))


def all_roles() -> Actor:
    """Return somebody who may do everything, so that a test can walk a case."""
    roles = ("acceptor", "dispatcher", "shift_leader", "supervisor", "dept_user", "leader", "evaluator")
    return Actor("u-all", "全岗位", roles, DISTRICT, "muni")


def world_for(*roles: str) -> World:
    """Return an empty world whose seat has these roles."""
    doc = reference_doc()
    name = ROLE_NAMES.get(roles[0], "值守员") if roles else "值守员"
    return World(doc, shipped_rules(), Actor("u-me", name, roles, DISTRICT))


# --- doubles of the ports ---------------------------------------------------------------------------


@dataclass
class FakeDesk:
    """Checks, predicts and stores as the use case does; acts on many cases are the real ones."""

    world: World
    stages_singles: bool = False

    def __post_init__(self) -> None:
        """Put the real use case on the doubles."""
        self.bulk = Bulk(_BulkGround(self.world), self._wished, self._predict)

    def _wished(self, wish: Wish) -> NewCommand:
        case, world = wish.case.case, self.world
        payload = check_payload(wish.action, dict(wish.payload))
        return NewCommand(
            uuid7(), case.case_id, wish.action, payload, case.xver, world.now, world.actor.id, world.now,
            label=f"{case.number} {case.location.address}",
        )  # fmt: skip

    def _predict(self, case: Case | None, command: NewCommand) -> Any:
        asked = Command(command.command_id, command.case_id, command.action, command.payload)
        facts = self.world.facts(asked)
        return decide(case, asked, self.world.actor, self.world.now, self.world.rules.with_facts(facts))

    def submit(
        self,
        action: str,
        case: Projected | Case | None,
        payload: Mapping[str, Any],
        attachments: tuple[NewAttachment, ...] = (),
        *,
        case_id: str | None = None,
    ) -> SavedCommand:
        """Store a command; raises PayloadError, ActionRefused, StorageFull."""
        world = self.world
        shown = case.case if isinstance(case, Projected) else case
        if (shown is None) != (action in BIRTH):
            raise ActionRefused("没有找到这件案件，或它不在您的范围内。", code="not_found")
        case_id = shown.case_id if shown is not None else case_id or uuid7()
        cleaned = check_payload(action, dict(payload))
        if world.full:
            raise StorageFull("本机空间不足，这次没有保存")
        projected = world.project(case_id)
        before = None if projected is None else projected.case
        command = Command(uuid7(), case_id, action, cleaned)
        verdict = decide(
            before, command, world.actor, world.now, world.rules.with_facts(world.facts(command))
        )
        if not isinstance(verdict, Applied):
            raise ActionRefused(verdict.title, code=verdict.code)
        world.attachments.update({item.sha256: item for item in attachments})
        saved = SavedCommand(
            len(world.commands), command.command_id, case_id, action, cleaned,
            before.xver if before else None, world.now, world.actor.id, world.now,
        )  # fmt: skip
        world.commands.append(saved)
        world.announce({"cases", "outbox"}, {case_id})
        return saved

    def allowed(self, projected: Projected) -> tuple[str, ...]:
        """Return what the seat may do now."""
        return allowed_actions(projected.case, self.world.actor, self.world.rules)

    def take_back(self, command: SavedCommand) -> bool:
        """Take back a command that has not left."""
        return self._set(command, "discarded")

    def discard(self, command: SavedCommand) -> bool:
        """Put a command aside."""
        return self._set(command, "discarded")

    def confirm_again(self, command: SavedCommand) -> SavedCommand:
        """Save the command once more under a new id."""
        self._set(command, "replaced")
        case = self.world.project(command.case_id)
        return self.submit(command.action, case, command.payload, case_id=command.case_id)

    def _set(self, command: SavedCommand, status: str) -> bool:
        if self.world.commands[command.n].status != command.status:
            return False
        self.world.commands[command.n] = replace(command, status=status)
        self.world.announce({"cases", "outbox"}, {command.case_id})
        return True


@dataclass
class FakePicture:
    """Rows and cases with the waiting commands on top."""

    world: World

    def project(self, case_id: str) -> Projected | None:
        """Return the case as the operator should see it."""
        return self.world.project(case_id)

    def projects(self, case_ids: Iterable[str]) -> dict[str, Projected]:
        """Return several cases."""
        found = {case_id: self.project(case_id) for case_id in case_ids}
        return {case_id: entry for case_id, entry in found.items() if entry is not None}

    def desk(self, since: datetime) -> DeskPicture:
        """Return the open cases and those of the day."""
        cases = self.world.cases.values()
        own = frozenset(command.case_id for command in self.world.waiting())
        shown = desk_of(case for case in cases if case.open or case.created_at >= since)
        return DeskPicture(shown, own, self.projects(own))

    def rows(self, query: CaseQuery) -> list[CaseRow]:
        """Return all rows; tests have few."""
        ids = {*self.world.cases, *(c.case_id for c in self.world.waiting())}
        found = [row for row in map(self.row, sorted(ids)) if row is not None]
        return [row for row in found if not (query.open_only and row.closed_at)]

    def row(self, case_id: str) -> CaseRow | None:
        """Return one row."""
        projected = self.world.project(case_id)
        return None if projected is None else row_of(projected.case, len(projected.pending))


@dataclass
class FakeOutbox:
    """Counts and history of the saved commands."""

    world: World

    def counts(self) -> OutboxCounts:
        """Return the figures of the pill."""
        by: dict[str, int] = {}
        for command in self.world.commands:
            by[command.status] = by.get(command.status, 0) + 1
        return OutboxCounts(by.get("waiting", 0), by)

    def get(self, command_id: str) -> SavedCommand | None:
        """Return one command."""
        return next((c for c in self.world.commands if c.command_id == command_id), None)

    def waiting(self, case_id: str | None = None) -> tuple[SavedCommand, ...]:
        """Return undecided commands."""
        return tuple(self.world.waiting(case_id))

    def attention(self) -> tuple[SavedCommand, ...]:
        """Return what wants the operator's eye."""
        return tuple(c for c in self.world.commands if c.status in ATTENTION)

    def history(self, limit: int = 200) -> tuple[SavedCommand, ...]:
        """Return the latest commands, newest first."""
        return tuple(reversed(self.world.commands))[:limit]

    def attachment(self, sha256: str) -> NewAttachment | None:
        """Return stored bytes."""
        return self.world.attachments.get(sha256)

    def save_all(self, commands: Sequence[NewCommand]) -> tuple[SavedCommand, ...]:
        """Store an act whole."""
        world = self.world
        if world.full:
            raise StorageFull("本机空间不足，这次没有保存")
        made = []
        for new in commands:
            saved = SavedCommand(
                len(world.commands), new.command_id, new.case_id, new.action, new.payload, new.base_xver,
                new.seen_at, new.user_id, new.saved_at, label=new.label, batch=new.batch, staged=new.staged,
            )  # fmt: skip
            world.commands.append(saved)
            made.append(saved)
            if new.replaces is not None:
                old = self.get(new.replaces)
                assert old is not None
                world.commands[old.n] = replace(old, status="replaced", replaced_by=new.command_id)
        return tuple(made)

    def staged(self) -> tuple[SavedCommand, ...]:
        """Return what may not leave yet."""
        return tuple(c for c in self.world.waiting() if c.staged)

    def batch(self, batch: str) -> tuple[SavedCommand, ...]:
        """Return an act."""
        return tuple(c for c in self.world.commands if c.batch == batch)

    def release(self, batch: str) -> tuple[SavedCommand, ...]:
        """Let an act leave."""
        if self.world.full:
            raise StorageFull("本机空间不足，这次没有保存")
        freed = [replace(c, staged=False) for c in self.batch(batch) if c.staged]
        for command in freed:
            self.world.commands[command.n] = command
        return tuple(freed)

    def take_back_batch(self, batch: str) -> tuple[SavedCommand, ...]:
        """Take back what has not left."""
        found = [c for c in self.batch(batch) if c.status == "waiting" and not c.tries]
        back = [replace(c, status="discarded", staged=False) for c in found]
        for command in back:
            self.world.commands[command.n] = command
        return tuple(back)


@dataclass
class _BulkGround:
    """What the real use case stands on."""

    world: World

    @property
    def outbox(self) -> Any:
        """The outbox of the world."""
        return FakeOutbox(self.world)

    @property
    def ids(self) -> Any:
        """Fresh ids."""
        return SimpleNamespace(new_id=uuid7)

    def saved(self, *commands: SavedCommand) -> None:
        """Announce it as the engine does."""
        self.world.announce({"cases", "outbox"}, {command.case_id for command in commands})


@dataclass
class FakeEngine:
    """Passes announcements on."""

    world: World

    def subscribe(self, listener: Callable[[Changes], None]) -> Callable[[], None]:
        """Hear of every change; returns how to stop."""
        self.world.listeners.append(listener)
        return lambda: self.world.listeners.remove(listener)

    def watch_officers(self, on: bool) -> None:
        """Note whether somebody looks at the officers."""
        self.world.watching_officers = on

    @property
    def connection(self) -> Connection:
        """Return the pill's state."""
        waiting = len(self.world.waiting())
        return Connection(ONLINE if self.world.online else "offline", None, waiting, data_at=self.world.now)


@dataclass
class FakeCache:
    """Documents of the areas and of the reference data; all cases are found by a part of their text."""

    world: World

    def find(self, query: FindQuery) -> Found:
        """Find among all cases: by text, unit and category, the newest first."""
        text, names = query.text.strip().lower(), query.names
        found = [
            case
            for case in self.world.cases.values()
            if text in f"{case.number} {case.description} {case.location.address}".lower()
            or case.lead_dept in names.depts
            or case.category in names.categories
        ]
        found.sort(key=lambda case: (case.created_at, case.case_id), reverse=not query.descending)
        return Found(b"".join(UUID(case.case_id).bytes for case in found))

    def index_words(self) -> bool:
        """Have nothing to index."""
        return True

    def document(self, name: str) -> Tagged:
        """Return a document, (None, None) when absent."""
        if name == "reference":
            return Tagged("r1", self.world.doc)
        if name in self.world.layer_docs:
            return Tagged("l1", self.world.layer_docs[name])
        doc = invented_areas().get(name.removeprefix("areas/"))
        return Tagged("a1" if doc else None, doc)


@dataclass
class FakeDrafts:
    """Drafts in memory."""

    world: World

    def keep(self, draft: Draft) -> None:
        """Store a draft; raises StorageFull."""
        if self.world.full:
            raise StorageFull("本机空间不足，这次没有保存")
        self.world.drafts[draft.case_id] = draft

    def drafts(self) -> tuple[Draft, ...]:
        """Return all drafts, the latest first."""
        return tuple(sorted(self.world.drafts.values(), key=lambda d: d.saved_at, reverse=True))

    def draft(self, case_id: str) -> Draft | None:
        """Return one draft."""
        return self.world.drafts.get(case_id)

    def drop(self, case_id: str) -> None:
        """Remove a draft."""
        self.world.drafts.pop(case_id, None)


@dataclass
class FakeSettings:
    """Small values in memory."""

    world: World

    def value(self, name: str, default: Any = None) -> Any:
        """Return a value."""
        return self.world.settings.get(name, default)

    def put_value(self, name: str, value: Any) -> None:
        """Store a value."""
        self.world.settings[name] = value


@dataclass
class FakeGateway:
    """The centre over the line; raises Unknown while the world is offline."""

    world: World
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def _reach(self) -> None:
        if not self.world.online:
            raise Unknown("网络已断开，中心没有答复。")

    def case_detail(self, case_id: str) -> CaseDetail:
        """Return a case with its history."""
        self._reach()
        return CaseDetail(
            self.world.cases[case_id],
            tuple(self.world.timelines.get(case_id, ())),
            allowed=allowed_actions(self.world.cases[case_id], self.world.actor, self.world.rules),
        )

    def claim(self, case_id: str, kind: str = "hold") -> None:
        """Note a beat."""
        self.asked.append(("claim", case_id, kind))
        self._reach()

    def unclaim(self, case_id: str) -> None:
        """Note that a claim was taken back."""
        self.asked.append(("unclaim", case_id))
        self._reach()

    def presence(self) -> tuple[Presence, ...]:
        """Return the claims the test prepared."""
        self.asked.append(("presence",))
        self._reach()
        return self.world.claims

    def similar(self, lon: float, lat: float, category: str | None, text: str) -> tuple[SimilarCase, ...]:
        """Return the candidates the test prepared."""
        self.asked.append(("similar", lon, lat, category, text))
        self._reach()
        return self.world.similar


@dataclass
class FakeCentreTime:
    """Centre time is the world's."""

    world: World

    def now(self) -> datetime | None:
        """Return the world's time."""
        return self.world.now

    def heard(self, server_time: datetime | None) -> None:
        """Nothing to correct."""


@dataclass
class FakeRulesWorld:
    """The rules of the world."""

    world: World

    def reload(self) -> bool:
        """Nothing to read."""
        return True

    def rules(self) -> Rules:
        """Return the rules."""
        return self.world.rules

    def now(self) -> datetime:
        """Return the world's time."""
        return self.world.now

    def position(self, lon: float, lat: float) -> Position | None:
        """Return the invented grid of a point."""
        return position_at(lon, lat)


def services_of(world: World) -> Services:
    """Return the doubles of one world."""
    return Services(
        FakeGateway(world), FakePicture(world), FakeOutbox(world), FakeDesk(world), FakeEngine(world),  # type: ignore[arg-type]  # doubles of what the seat uses
        FakeCache(world), FakeDrafts(world), FakeSettings(world), FakeCentreTime(world),
        FakeRulesWorld(world),
    )  # fmt: skip


def seat_of(world: World) -> SeatViewModel:
    """Return a seat in this world, not started; close it with `close_seat`."""
    seat = SeatViewModel(services_of(world), world.actor, world.rules, Background(), NoticeCentre())
    seat.reference_doc = world.doc
    return seat


def close_seat(seat: SeatViewModel) -> None:
    """Stop a seat and its lanes."""
    seat.close()
    seat.background.close()


def settled(seat: SeatViewModel, qtbot: Any) -> None:
    """Wait until nothing runs in the background and everything was delivered, announcements included."""
    for _ in range(3):
        QCoreApplication.processEvents()
        qtbot.waitUntil(lambda: not seat.background.busy, timeout=5000)


__all__ = [
    "NOW", "SYSTEM", "FakeDesk", "FakeGateway", "World", "all_roles", "close_seat", "grid_at", "invented_areas",
    "position_at", "reference_doc", "seat_of", "services_of", "settled", "world_for",
]  # fmt: skip
