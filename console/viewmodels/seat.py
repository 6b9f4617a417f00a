"""The signed-in seat (席位): the one hub between the services and every screen of the console.

It keeps the cached cases in memory, hears which ids changed, and tells the screens; it takes every
action of the operator to the outbox on the store's own lane. No screen writes to a store, no screen reloads
everything. All methods are called on the main thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from console.notices.centre import NoticeCentre
from console.tasks.relay import Relay
from console.tasks.runner import Background
from console.viewmodels.areas import AreaBook
from console.viewmodels.case_book import CaseBook
from console.viewmodels.case_columns import CaseColumns
from console.viewmodels.case_shelf import CaseShelf
from console.viewmodels.desk_reading import DeskRead, read_cases, read_desk
from console.viewmodels.field import FieldData
from console.viewmodels.learned import Learned
from console.viewmodels.map_ground import LANE as GROUND
from console.viewmodels.map_ground import MapGround
from console.viewmodels.map_sources import MapSources
from console.viewmodels.slack import UsualTimes
from console.viewmodels.verbs.book import VerbBook
from services.domain.lifecycle import BIRTH
from services.domain.reference import Rules
from services.domain.roles import Actor
from services.ports.cache import CaseCache, DraftStore, SettingsStore
from services.ports.centre import CaseDetail, CentreGateway, Doc
from services.ports.field import Camera, Component, GridActivity, OfficerPositions, Track
from services.ports.filters import FilterShelf
from services.ports.map_services import MapServices
from services.ports.outbox import NewAttachment, Outbox, OutboxCounts, SavedCommand
from services.ports.picture import CaseRow, Changes, Connection, Picture, Projected
from services.ports.system import CentreTime
from services.sync.engine import SyncEngine
from services.usecases.desk import Desk
from services.usecases.lost import LostDesk
from services.usecases.world import World

STORE, NETWORK = "store", "network"


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a seat works with; built in `console.app`, the only room that knows the adapters."""

    gateway: CentreGateway
    picture: Picture
    outbox: Outbox
    desk: Desk
    engine: SyncEngine
    cache: CaseCache
    drafts: DraftStore
    settings: SettingsStore
    centre_time: CentreTime
    world: World
    maps: MapServices | None = None
    filters: FilterShelf | None = None
    lost: LostDesk | None = None


@dataclass(frozen=True, slots=True)
class RowsChanged:
    """Which rows a screen should look at again; `everything` after a first copy or a refetch.

    `columns` are then the fresh ones of the whole desk, and `ids` the cases that look different from them.
    """

    everything: bool
    ids: frozenset[str]
    columns: CaseColumns | None = None


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case for the case panel: the projected case, its waiting commands, and what may be done now."""

    projected: Projected
    allowed: tuple[str, ...]


class SeatViewModel(QObject):
    """State and acts of one seat.

    Signals (all on the main thread): `rows_changed(RowsChanged)`, `connection_changed(Connection)`,
    `outbox_changed(OutboxCounts)`, `reference_changed()`, `areas_changed()`, `second(datetime)` once a second
    with centre time, `saved(SavedCommand)` when a command is durable, `decided(SavedCommand)` when the centre
    has judged it. `field` has signals of its own for components, cameras, officers and activity of grids.
    """

    rows_changed = Signal(object)
    connection_changed = Signal(object)
    outbox_changed = Signal(object)
    reference_changed = Signal()
    areas_changed = Signal()
    second = Signal(object)
    saved = Signal(object)
    decided = Signal(object)

    def __init__(
        self,
        services: Services,
        actor: Actor,
        rules: Rules,
        background: Background,
        notices: NoticeCentre,
        parent: QObject | None = None,
    ) -> None:
        """Take what was built; `start` begins to listen."""
        super().__init__(parent)
        self.services = services
        self.actor = actor
        self.rules = rules
        self.reference_doc: Doc = {}
        self.background = background
        self.notices = notices
        self.cases: MutableMapping[str, Projected] = CaseShelf(
            services.picture, lambda: self.book.columns.slot
        )
        self.areas = AreaBook({})
        self.map_ground = MapGround(background, self)
        maps = services.maps
        self.map_sources = MapSources(maps, services.settings, background, self) if maps is not None else None
        self.field = FieldData(services.cache, services.gateway, services.engine, background, self)
        self.learned = Learned(services.cache, background, self)
        self.usual_times = UsualTimes()
        self.connection: Connection | None = None
        self.counts = OutboxCounts()
        self.book = CaseBook(self)
        self.verbs = VerbBook(self)
        self._unsubscribe: Callable[[], None] | None = None
        self._known: dict[str, str] = {}
        self._outbox_seen = False
        self._dirty: set[str] = set()
        self._all_dirty = False
        self._loading = False
        self._relay = Relay(self._on_changes, self)
        self._tick = QTimer(self)
        self._tick.setInterval(1000)
        self._tick.timeout.connect(self._on_tick)

    # --- life -------------------------------------------------------------------------------------

    def start(self) -> None:
        """Listen to the engine, read the first rows, begin the beat."""
        self._unsubscribe = self.services.engine.subscribe(self._relay.post)
        self._on_changes(Changes(frozenset({"all", "outbox", "connection", "reference", "areas"})))
        self._tick.start()
        if self.map_sources is not None:
            self.map_sources.load()

    def close(self) -> None:
        """Stop listening; nothing is delivered after this."""
        self._tick.stop()
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self._relay.close()
        if self.map_sources is not None:
            self.map_sources.close()

    def now(self) -> datetime:
        """Return centre time (the machine's own until the centre has spoken once)."""
        known: datetime | None = self.services.centre_time.now()
        return known or datetime.now(UTC)

    def case(self, case_id: str) -> Projected | None:
        """Return a case as the operator should see it."""
        return self.cases.get(case_id)

    def read_cases(self, case_ids: Iterable[str]) -> dict[str, Projected]:
        """Return several cases, read in one go."""
        if isinstance(self.cases, CaseShelf):
            return self.cases.read(case_ids)
        return {case_id: self.cases[case_id] for case_id in case_ids if case_id in self.cases}

    def row(self, case_id: str) -> CaseRow | None:
        """Return one row."""
        entry = self.cases.get(case_id)
        return entry.row if entry is not None else None

    def open_cases(self) -> list[Projected]:
        """Return every open case in scope, with the own undecided commands on top."""
        return [entry for entry in self.cases.values() if entry.case.open]

    def load_case(self, case_id: str, done: Callable[[CaseView | None], None]) -> None:
        """Read a case from the own files; quick, and works offline."""

        def work() -> CaseView | None:
            projected = self.services.picture.project(case_id)
            if projected is None:
                return None
            return CaseView(projected, self.services.desk.allowed(projected))

        self.background.submit(STORE, "case", work, done)

    def load_detail(
        self, case_id: str, done: Callable[[CaseDetail], None], failed: Callable[[Exception], None]
    ) -> None:
        """Ask the centre for history, clocks and attachments of a case."""
        work = self.services.gateway.case_detail
        self.background.submit(NETWORK, "detail", lambda: work(case_id), done, failed)

    # --- the district's things and people ----------------------------------------------------------

    @property
    def components(self) -> tuple[Component, ...]:
        """Return the 部件 in scope, as last fetched (`field.components_changed`)."""
        return self.field.components

    @property
    def cameras(self) -> tuple[Camera, ...]:
        """Return the cameras in scope (`field.cameras_changed`)."""
        return self.field.cameras

    @property
    def officer_positions(self) -> OfficerPositions:
        """Return where the people in the field were last heard of (`field.officers_changed`)."""
        return self.field.officers

    @property
    def grid_activity(self) -> GridActivity:
        """Return reports of the last days by grid, for silent grids (`field.activity_changed`)."""
        return self.field.activity

    def watch_officers(self, watcher: object, on: bool) -> None:
        """Say that a screen shows officers (they are then asked for every 15 s), or no longer does."""
        self.field.watch_officers(watcher, on)

    def load_track(
        self, user: str, day: date, done: Callable[[Track], None], failed: Callable[[Exception], None]
    ) -> None:
        """Ask the centre for an officer's way on one day of the centre's zone; audited there."""
        self.field.load_track(user, day, self.rules.calendar.zone, done, failed)

    # --- acting -----------------------------------------------------------------------------------

    def submit(
        self,
        action: str,
        case_id: str,
        payload: Mapping[str, Any],
        attachments: Iterable[NewAttachment] = (),
        done: Callable[[SavedCommand], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Take an action to the outbox; `done` is called once it is durable, `failed` with a DomainError.

        Nothing is shown as saved before, and nothing is lost when it fails: the caller keeps its form.
        """
        files = tuple(attachments)
        # the picture the operator acted on: its version goes with the command
        shown = None if action in BIRTH else self.cases.get(case_id)

        def work() -> SavedCommand:
            case = shown
            if case is None and action not in BIRTH:
                # born a moment ago and not read into memory yet (a photo that follows its registration)
                case = self.services.picture.project(case_id)
            return self.services.desk.submit(action, case, dict(payload), files, case_id=case_id)

        def kept(saved: SavedCommand) -> None:
            self._known.setdefault(saved.command_id, saved.status)
            self.saved.emit(saved)
            if done is not None:
                done(saved)

        self.background.submit(STORE, f"submit:{id(payload)}:{action}:{case_id}", work, kept, failed)

    # --- hearing ----------------------------------------------------------------------------------

    def _on_changes(self, value: object) -> None:
        """Run on the main thread for every announcement of the engine."""
        assert isinstance(value, Changes)
        kinds = value.kinds
        if "connection" in kinds:
            self.connection = self.services.engine.connection
            self.connection_changed.emit(self.connection)
        if "all" in kinds:
            self._all_dirty = True
        self._dirty |= value.ids
        if (self._all_dirty or self._dirty) and not self._loading:
            self._reload_rows()  # first of all: the list is what the operator waits for
        if "outbox" in kinds:
            self._reload_outbox()
        if "reference" in kinds:
            self._reload_reference()
        if "areas" in kinds:
            self.background.submit(GROUND, "areas", self._read_areas, self._areas_read)
        self.field.heard(kinds)
        self.learned.heard(kinds)

    def _reload_rows(self) -> None:
        """Read changed rows on the store's lane; what arrives meanwhile is read in the next turn."""
        everything, ids = self._all_dirty, frozenset(self._dirty)
        self._all_dirty, self._dirty, self._loading = False, set(), True

        picture, calendar, now = self.services.picture, self.rules.calendar, self.now()
        bands, since = self.book.bands, self.book.day_start(now)

        def work() -> DeskRead:
            return read_desk(picture, calendar, bands, since, now) if everything else read_cases(picture, ids)

        self.background.submit(STORE, "rows", work, self._rows_read, self._rows_failed)

    def _rows_read(self, read: DeskRead) -> None:
        """Put fresh cases in place and tell the screens."""
        self._loading = False
        if read.everything:
            self.cases = CaseShelf(self.services.picture, lambda: self.book.columns.slot)
        for key in read.ids - read.found.keys():
            self.cases.pop(key, None)
        self.cases.update(read.found)
        self.rows_changed.emit(RowsChanged(read.everything, read.ids, read.columns))
        if self._all_dirty or self._dirty:
            self._reload_rows()

    def reread(self) -> None:
        """Read the whole desk anew."""
        self._all_dirty = True
        if not self._loading:
            self._reload_rows()

    def _rows_failed(self, error: Exception) -> None:
        """Keep the rows that are shown; the next announcement tries again."""
        self._loading = False
        self.background.failed.emit(("rows", error))

    def _reload_outbox(self) -> None:
        """Read the outbox's figures, and what became of the latest commands."""

        def work() -> tuple[OutboxCounts, tuple[SavedCommand, ...]]:
            return self.services.outbox.counts(), self.services.outbox.history(100)

        self.background.submit(STORE, "outbox", work, self._outbox_read)

    def _outbox_read(self, result: tuple[OutboxCounts, tuple[SavedCommand, ...]]) -> None:
        """Tell of commands whose status changed since they were last seen, oldest first."""
        self.counts, history = result
        first_look, self._outbox_seen = not self._outbox_seen, True
        for command in reversed(history):
            before = self._known.get(command.command_id)
            self._known[command.command_id] = command.status
            changed = before is not None and before != command.status
            if changed and not first_look and command.status != "waiting":
                self.decided.emit(command)
        self.outbox_changed.emit(self.counts)

    def _read_areas(self) -> AreaBook:
        """Read the cached area documents (not on the store's lane: no act waits for polygons)."""
        levels = ("district", "street", "community", "grid")
        docs = {level: self.services.cache.document(f"areas/{level}").doc for level in levels}
        return AreaBook({level: doc for level, doc in docs.items() if doc is not None})

    def _areas_read(self, book: AreaBook) -> None:
        """Keep names and shapes of the areas."""
        self.areas = book
        self.map_ground.prepare(book)
        self.areas_changed.emit()

    def _reload_reference(self) -> None:
        """Take fresh reference data over when the copy has some."""

        def work() -> tuple[Doc | None, Rules | None]:
            self.services.world.reload()
            return self.services.cache.document("reference").doc, self.services.world.rules()

        self.background.submit(STORE, "reference", work, self._reference_read)

    def _reference_read(self, result: tuple[Doc | None, Rules | None]) -> None:
        """Keep the document and the rules made from it."""
        doc, rules = result
        if doc is not None and rules is not None:
            self.reference_doc, self.rules = doc, rules
            if self.map_sources is not None:
                self.map_sources.set_centre(doc)
            self.field.reference_read(doc)
            self.reference_changed.emit()

    def _on_tick(self) -> None:
        """Pass the beat on with centre time; the age of the data is read anew, it moves without announcement."""
        self.background.submit(STORE, "pulse", lambda: self.services.engine.connection, self._pulse_read)
        self.second.emit(self.now())

    def _pulse_read(self, connection: Connection) -> None:
        """Keep the fresh reading; what can be seen in it is announced by the engine."""
        self.connection = connection
