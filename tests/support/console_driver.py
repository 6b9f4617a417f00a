"""A console without a screen as a process of its own, to be killed at any moment.

`python -m tests.support.console_driver FOLDER URL USERNAME PASSWORD HISTORY MODE`: in mode `click` it signs in,
starts the engine and comments on cases as fast as it can; every command that was shown as saved is written to
HISTORY (flushed) before the next click. In mode `drain` it sends what is left and prints the outbox as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from services.api.gateway import HttpCentreGateway
from services.ports.outbox import WAITING
from services.ports.picture import CaseQuery
from services.ports.system import RandomIds, SystemClock
from services.store.keys import Argon2Cost, KeyFile
from services.store.stores import Stores, open_stores
from services.sync.centre_time import CentreTimeKeeper
from services.sync.documents import Documents
from services.sync.engine import Parts, SyncEngine
from services.sync.overlay import Overlay
from services.usecases.desk import Desk, Ground
from services.usecases.world import World

CASES = 5
DRAIN_S = 60


def main(arguments: list[str]) -> int:
    folder, url, username, password, history, mode = arguments
    key = KeyFile(Path(folder), Argon2Cost(1, 64, 1)).open(password)
    stores = open_stores(Path(folder), key)
    gateway = HttpCentreGateway(url)
    session = gateway.sign_in(username, password, "01930000-0000-7000-8000-00000000d001")
    clock, ids = SystemClock(), RandomIds()
    keeper = CentreTimeKeeper(clock, stores.cache.position().server_time)
    gateway.centre_time = keeper
    Documents(stores.cache, gateway).reference()
    world = World(stores.cache, clock, keeper)
    world.sign_in(session.actor)
    overlay = Overlay(stores.outbox, stores.cache, world)
    engine = SyncEngine(
        Parts(stores.outbox, stores.cache, gateway, overlay, clock, keeper, ids, lost=stores.lost)
    )
    desk = Desk(Ground(stores.outbox, overlay, world, keeper, clock, ids, "driver", engine.saved))
    engine.start()
    try:
        if mode == "click":
            click_for_ever(desk, overlay, Path(history))
        drain(stores)
        commands = stores.outbox.history(100_000)
        print(
            json.dumps(
                [[c.command_id, c.case_id, c.status, c.tries, c.payload.get("text")] for c in commands]
            )
        )
    finally:
        engine.stop()
        gateway.close()
        stores.close()
    return 0


def click_for_ever(desk: Desk, overlay: Overlay, history: Path) -> None:
    """Comment, note that it was shown as saved, and again."""
    shown = history.open("a", encoding="utf-8")
    while not (cases := sorted(row.case_id for row in overlay.rows(CaseQuery(order="number")))[:CASES]):
        time.sleep(0.01)
    serial = 0
    while True:
        serial += 1
        text = f"click-{os.getpid()}-{serial}"
        saved = desk.submit("comment", overlay.project(cases[serial % len(cases)]), {"text": text})
        shown.write(json.dumps([saved.command_id, saved.case_id, text]) + "\n")
        shown.flush()
        if serial == 1:
            print("clicking", flush=True)
        time.sleep(0.002)


def drain(stores: Stores) -> None:
    """Wait until nothing waits any more."""
    deadline = time.monotonic() + DRAIN_S
    while stores.outbox.counts().by_status.get(WAITING) and time.monotonic() < deadline:
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
