"""The composition root of a seat: opens the user's files, the line to the centre and the engine between them.

The only room of the console that sees adapters. What it builds is handed to view-models as `Services`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import shapely

from console.app.paths import Paths
from console.viewmodels.seat import Services
from console.viewmodels.sign_in import LocalDataLocked, MustChange
from services.api.filter_calls import HttpFilterCalls
from services.api.gateway import HttpCentreGateway
from services.api.map_features import FeatureWalker
from services.api.map_services import HttpMapFetcher
from services.domain.codes import area_path
from services.domain.ids import uuid7
from services.domain.reference import Position
from services.domain.roles import Actor
from services.geo.grids import GridIndex
from services.ports.centre import Doc, Meta, SessionInfo
from services.ports.errors import NoLocalKey, SignInNeeded, Unknown, WrongPassword
from services.ports.map_services import MapServices
from services.ports.system import RandomIds, SystemClock
from services.store.keys import KeyFile, user_folder, write_private
from services.store.mbtiles import MbtilesFile
from services.store.piece_cache import SqlPieceCache
from services.store.recovery import Recovery, looks_like_code, site_key
from services.store.stores import Stores, open_stores
from services.sync.centre_time import CentreTimeKeeper
from services.sync.engine import Parts, SyncEngine
from services.sync.overlay import Overlay
from services.usecases.desk import Desk, Ground
from services.usecases.lost import LostDesk
from services.usecases.world import Locator, World

log = logging.getLogger(__name__)
ACTOR = "session.actor"


@dataclass(frozen=True, slots=True)
class OpenSeat:
    """A signed-in seat: who, with what; `offline` when it was unlocked on this machine alone."""

    actor: Actor
    services: Services
    stores: Stores
    key: KeyFile
    session: SessionInfo | None
    username: str = ""
    console_id: str = ""

    @property
    def offline(self) -> bool:
        """Whether the centre has not confirmed the sign-in."""
        return self.session is None

    def unlock(self, password: str) -> bool:
        """Tell whether a password is the user's; works offline."""
        try:
            self.key.unlock(password)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the key file, the lock stays shut
            log.info("unlock refused: %s", type(error).__name__)
            return False
        return True

    def sign_in_again(self, password: str) -> None:
        """Begin a new session at the centre after the last one ended. Raises GatewayError, DomainError."""
        session = self.services.gateway.sign_in(self.username, password, self.console_id)
        if session.must_change_password:
            self.services.gateway.sign_out()
            raise SignInNeeded("密码已被重置，请关闭控制台，用新密码重新登录。")
        self.services.engine.signed_in()

    def close(self) -> None:
        """Stop the engine, end the session, close the files; what waits stays in the outbox."""
        # closing the line ends the long poll at once, so that the engine does not wait for it
        self.services.gateway.close()
        self.services.engine.stop()
        self.stores.close()


class CentreDoor:
    """Signs in at one centre, or unlocks this machine's copy when the centre cannot be reached."""

    def __init__(self, url: str, paths: Paths, centre_key: str = "", ca_file: Path | None = None) -> None:
        """Keep where the centre is; `centre_key` names its data on this machine (default: the URL)."""
        self.url, self.paths = url, paths
        self._centre_key = centre_key or url
        self._ca_file = ca_file
        self.gateway = HttpCentreGateway(url, ca_file=str(ca_file) if ca_file else None)
        self.console_id = _console_id(paths.console)

    def meta(self) -> Meta:
        """Ask the centre who it is."""
        return self.gateway.meta()

    def enter(self, username: str, password: str) -> OpenSeat:
        """Sign in; offline, unlock what this user keeps here. Raises DomainError with a sentence, MustChange."""
        key = KeyFile(user_folder(self.paths.console, self._centre_key, username))
        try:
            session = self.gateway.sign_in(username, password, self.console_id)
        except SignInNeeded:
            raise
        except Unknown:
            if not key.exists:
                raise
            return self._open(key, key.unlock(password), None, username)
        if session.must_change_password:
            raise MustChange
        try:
            data_key = key.open(password)
        except WrongPassword:
            raise LocalDataLocked from None
        self._seal(key, data_key)
        return self._open(key, data_key, session, username)

    def reopen(self, username: str, password: str, earlier: str) -> OpenSeat:
        """Lock this machine's data with the present password; WrongPassword when `earlier` is not the one.

        `earlier` may be the site's recovery code, for who has forgotten it.
        """
        key = KeyFile(user_folder(self.paths.console, self._centre_key, username))
        if looks_like_code(earlier):
            Recovery(key.folder).set_password(key, earlier, password)
        else:
            key.rewrap(earlier, password)
        return self.enter(username, password)

    def _seal(self, key: KeyFile, data_key: bytes) -> None:
        """Seal the data key for the site where its recovery key is installed; a full disk may do it next time."""
        public = site_key(self.paths.console)
        if public is not None:
            try:
                Recovery(key.folder).seal(data_key, public)
            except OSError as error:
                log.warning("recovery seal not written: %s", error.strerror)

    def set_aside(self, username: str, password: str) -> OpenSeat:
        """Rename what this user kept here and start with fresh data; nothing is deleted."""
        folder = user_folder(self.paths.console, self._centre_key, username)
        if folder.exists():
            folder.rename(folder.with_name(f"{folder.name}.aside-{uuid7()[:13]}"))
        return self.enter(username, password)

    def change_password(self, username: str, old: str, new: str) -> OpenSeat:
        """Set a password of one's own, wrap the local key with it, and enter."""
        key = KeyFile(user_folder(self.paths.console, self._centre_key, username))
        self.gateway.change_password(old, new)
        if key.exists:
            # after a reset the old password is a one-time one this machine never knew: `enter` asks for the earlier
            with suppress(WrongPassword):
                key.rewrap(old, new)
        return self.enter(username, new)

    def _open(self, key: KeyFile, data_key: bytes, session: SessionInfo | None, username: str) -> OpenSeat:
        """Open files and engine for a user whose password was right."""
        stores = open_stores(key.folder, data_key)
        actor = session.actor if session is not None else _stored_actor(stores)
        if actor is None:
            stores.close()
            raise NoLocalKey("这个账号还没有在本机登录过，离线时不能进入。")
        stores.settings.put_value(ACTOR, asdict(actor))
        return OpenSeat(
            actor, self._services(stores, actor, map_services(key.folder, data_key)), stores, key, session,
            username, self.console_id,
        )  # fmt: skip

    def _services(self, stores: Stores, actor: Actor, maps: MapServices) -> Services:
        """Wire the parts of a seat together."""
        clock, ids = SystemClock(), RandomIds()
        keeper = CentreTimeKeeper(clock, stores.cache.position().server_time)
        world = World(stores.cache, clock, keeper)
        world.sign_in(actor)
        overlay = Overlay(stores.outbox, stores.cache, world)
        parts = Parts(
            stores.outbox, stores.cache, self.gateway, overlay, clock, keeper, ids, lost=stores.lost
        )
        engine = SyncEngine(parts)
        desk = Desk(Ground(stores.outbox, overlay, world, keeper, clock, ids, self.console_id, engine.saved))
        return Services(
            gateway=self.gateway,
            picture=overlay,
            outbox=stores.outbox,
            desk=desk,
            engine=engine,
            cache=stores.cache,
            drafts=stores.drafts,
            settings=stores.settings,
            centre_time=keeper,
            world=world,
            maps=maps,
            filters=HttpFilterCalls(self.gateway),
            lost=LostDesk(stores.lost, keeper, engine.saved),
        )


def map_services(folder: Path, data_key: bytes | None) -> MapServices:
    """Return what map sources need: the line to map services, and a cache in the user's own folder."""
    fetcher = HttpMapFetcher()
    cache = SqlPieceCache(folder / "map.db", data_key)
    return MapServices(fetcher, cache, MbtilesFile, FeatureWalker(fetcher))


def _stored_actor(stores: Stores) -> Actor | None:
    """Return who worked with these files last."""
    kept: Mapping[str, Any] | None = stores.settings.value(ACTOR)
    if not kept:
        return None
    return Actor(kept["id"], kept["name"], tuple(kept["roles"]), kept["area_code"], kept["dept"])


def _console_id(folder: Path) -> str:
    """Return the id of this installation, made at the first start."""
    file = folder / "console-id"
    if file.exists():
        known = file.read_text(encoding="ascii").strip()
        if known:
            return known
    made = uuid7()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(file, made.encode())
    return made


def locator_of(doc: Doc | None) -> Locator | None:
    """Return how a point finds its grid, from the cached grid polygons; None while there are none."""
    features = (doc or {}).get("features") or ()
    known = [
        (f["properties"]["code"], shapely.geometry.shape(f["geometry"]))
        for f in features
        if f.get("geometry")
    ]
    if not known:
        return None
    index = GridIndex([code for code, _ in known], [shape for _, shape in known])

    def locate(lon: float, lat: float) -> Position | None:
        hit = index.locate(lon, lat)
        if hit is None:
            return Position(None)
        return Position(hit.code, area_path(hit.code), hit.neighbour if hit.near_boundary else None)

    return locate
