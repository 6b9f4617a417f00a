"""A small centre for tests: eight square grids, the shipped reference data, one account for every role and seat."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import shapely
from anyio import CapacityLimiter
from sqlalchemy import Connection, Engine, insert
from starlette.testclient import TestClient

from services.backend.access.accounts import Account, account_values
from services.backend.access.passwords import hash_password
from services.backend.centre import Centre
from services.backend.db.access_tables import accounts
from services.backend.db.opening import open_database, write_meta
from services.backend.db.tables import areas
from services.backend.feed import follow
from services.backend.http.app import create_app
from services.backend.places import touch_areas
from services.backend.reference.departments import department
from services.backend.reference.load import load_reference
from services.backend.reference_store import publish
from services.domain.ids import uuid7
from services.domain.lifecycle import ADDITIVE, BIRTH
from services.geo.areas import to_wkb
from services.sql.engine import open_engine, writing
from tests.support.asgi import AsgiClient

PASSWORD = "Test-Pass-2026"
DISTRICT = "990101"
STREETS = ("990101001", "990101002")
#: west edge, south edge and size in degrees (about 500 m) of the grid field: four columns, two rows
WEST, SOUTH, STEP = 113.30, 23.10, 0.005
CATEGORY = "event-0110"
#: points well inside a grid of the first and of the second street, near a border, and outside
HERE = {"lon": WEST + STEP / 2, "lat": SOUTH + STEP / 2, "address": "人民路1号"}
THERE = {"lon": WEST + 2.5 * STEP, "lat": SOUTH + STEP / 2, "address": "中山路2号"}
NEAR = {"lon": WEST + STEP - 0.00005, "lat": SOUTH + STEP / 2, "address": "交界处"}
OUTSIDE = {"lon": WEST - 1, "lat": SOUTH, "address": "区外"}


def _people() -> list[Account]:
    """Accounts: username, roles, area, department; ids are `u-<username>`."""
    rows: list[tuple[str, str, str, str | None]] = [
        ("acceptor1", "acceptor", DISTRICT, None),
        ("acceptor2", "acceptor", DISTRICT, None),
        ("acceptor_street", "acceptor", STREETS[0], None),
        ("dispatcher1", "dispatcher", DISTRICT, None),
        ("dispatcher2", "dispatcher", DISTRICT, None),
        ("shift_leader1", "shift_leader", DISTRICT, None),
        ("muni1", "dept_user", DISTRICT, "muni"),
        ("sani1", "dept_user", DISTRICT, "sani"),
        ("green1", "dept_user", DISTRICT, "green"),
        ("handler1", "handler", DISTRICT, "muni"),
        ("street1", "street_user", STREETS[0], f"street-{STREETS[0]}"),
        ("supervisor1", "supervisor", f"{STREETS[0]}001", None),
        ("supervisor2", "supervisor", f"{STREETS[1]}001", None),
        ("grid_worker1", "grid_worker", f"{STREETS[0]}001", None),
        ("leader1", "leader", DISTRICT, None),
        ("evaluator1", "evaluator", DISTRICT, None),
        ("admin1", "admin", DISTRICT, None),
        ("auditor1", "auditor", DISTRICT, None),
        ("nowhere1", "acceptor", "110101", None),
    ]
    return [
        Account(f"u-{name}", name, f"{name}先生", (role,), area, dept, must_change=False)
        for name, role, area, dept in rows
    ]


@cache
def _hash() -> str:
    return hash_password(PASSWORD)


@cache
def _reference_text() -> str:
    doc = load_reference()
    streets = [
        department(f"street-{code}", f"第{n}街道办事处", kind="street", area_code=code)
        for n, code in enumerate(STREETS, 1)
    ]
    return json.dumps({**doc, "departments": [*doc["departments"], *streets]}, ensure_ascii=False)


def reference_doc() -> dict[str, Any]:
    """The shipped reference document with two street offices; a fresh copy."""
    found: dict[str, Any] = json.loads(_reference_text())
    return found


def grid_code(column: int, row: int) -> str:
    """Code of a grid: columns 0–1 lie in the first street, 2–3 in the second; each street has one community."""
    street = STREETS[column // 2]
    return f"{street}001{column % 2 * 2 + row + 1:03d}"


def area_rows() -> list[dict[str, Any]]:
    """Rows of `areas`: district, streets, communities, grids."""
    rows: list[dict[str, Any]] = []

    def add(code: str, level: str, parent: str | None, box: tuple[float, float, float, float]) -> None:
        rows.append(
            {
                "code": code, "level": level, "parent": parent, "name": f"区域{code[-3:]}", "officer": "网格长",
                "registered": True, "wkb": to_wkb(shapely.box(*box)),
            }
        )  # fmt: skip

    north = SOUTH + 2 * STEP
    add(DISTRICT, "district", None, (WEST, SOUTH, WEST + 4 * STEP, north))
    for n, street in enumerate(STREETS):
        box = (WEST + 2 * n * STEP, SOUTH, WEST + (2 * n + 2) * STEP, north)
        add(street, "street", DISTRICT, box)
        add(f"{street}001", "community", street, box)
    for column in range(4):
        for row in range(2):
            west, south = WEST + column * STEP, SOUTH + row * STEP
            code = grid_code(column, row)
            add(code, "grid", code[:12], (west, south, west + STEP, south + STEP))
    return rows


def furnish(conn: Connection) -> None:
    """Put reference data, areas and accounts into a migrated, empty database."""
    publish(conn, reference_doc())
    conn.execute(insert(areas), area_rows())
    touch_areas(conn)
    write_meta(conn, "centre_code", DISTRICT)
    write_meta(conn, "centre_name", "测试区网格调度中心")
    conn.execute(insert(accounts), [account_values(person, _hash()) for person in _people()])


def furnish_url(url: str) -> None:
    """Make a furnished centre at a URL; closes its connections."""
    engine = open_database(url)
    with writing(engine) as conn:
        furnish(conn)
    engine.dispose()


class Seat:
    """A signed-in user of a centre over any HTTP client that has `request(method, url, ...)`."""

    def __init__(self, client: Any, session: dict[str, Any]) -> None:
        self.client = client
        self.session = session
        self.headers = {"Authorization": f"Bearer {session['token']}"}

    @property
    def user(self) -> dict[str, Any]:
        return dict(self.session["user"])

    def call(self, method: str, path: str, **more: Any) -> Any:
        headers = {**self.headers, **more.pop("headers", {})}
        return self.client.request(method, f"/v1{path}", headers=headers, **more)

    def get(self, path: str, **params: Any) -> Any:
        return self.call("GET", path, params={key.rstrip("_"): value for key, value in params.items()})

    def post(self, path: str, body: Any) -> Any:
        return self.call("POST", path, json=body)

    def send(self, body: dict[str, Any]) -> dict[str, Any]:
        """One command that must be decided; its outcome."""
        answer = self.post("/commands", body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def do(self, action: str, case: Any = None, /, **payload: Any) -> dict[str, Any]:
        """Build and send a command on a case (as last seen, or its id) and give back the outcome."""
        return self.send(command(action, case, **payload))

    def register(self, location: dict[str, Any] | None = None, **payload: Any) -> dict[str, Any]:
        """Register a case that must be applied; the case."""
        outcome = self.do("register", **{**birth(location), **payload})
        assert outcome["outcome"] == "applied", outcome
        found: dict[str, Any] = outcome["case"]
        return found


def birth(location: dict[str, Any] | None = None) -> dict[str, Any]:
    """A payload of `register`."""
    return {
        "kind": "event",
        "source": "hotline",
        "description": "井盖破损，车辆经过异响",
        "location": location or HERE,
    }


def command(action: str, case: Any = None, /, **payload: Any) -> dict[str, Any]:
    """A command as sent; `case` is a case as sent, an outcome, an id, or None for a new one."""
    if isinstance(case, dict) and "case" in case:
        case = case["case"]
    case_id = case["case_id"] if isinstance(case, dict) else case or uuid7()
    body = {
        "command_id": uuid7(), "case_id": case_id, "action": action,
        "seen_at": datetime.now(UTC).isoformat(), "payload_v": 1, "payload": payload,
        "console_id": "console-1", "console_n": 1, "client_time": "2026-01-01T00:00:00+08:00",
    }  # fmt: skip
    if action not in ADDITIVE and action not in BIRTH:
        body["base_xver"] = case["xver"] if isinstance(case, dict) else 0
    return body


class Backend:
    """A furnished centre served in this process."""

    def __init__(self, centre: Centre, client: Any, url: str) -> None:
        self.centre = centre
        self.client = client
        self.url = url
        self.engine: Engine = centre.engine
        self._seats: dict[str, Seat] = {}
        self._lock = threading.Lock()

    @property
    def sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def sign_in(self, username: str, password: str = PASSWORD) -> Any:
        return self.client.post(
            "/v1/session", json={"username": username, "password": password, "console_id": "console-1"}
        )

    def fresh_seat(self, username: str) -> Seat:
        answer = self.sign_in(username)
        assert answer.status_code == 200, answer.text
        return Seat(self.client, answer.json())

    def seat(self, username: str) -> Seat:
        """A signed-in user; the same session for the whole module."""
        with self._lock:
            if username not in self._seats:
                self._seats[username] = self.fresh_seat(username)
            return self._seats[username]

    @contextmanager
    def later(self, **shift: float) -> Iterator[None]:
        """Let the centre's clock (not that of sessions) be ahead by a `timedelta(**shift)`."""
        ordinary = self.centre.now
        self.centre.now = lambda: ordinary() + timedelta(**shift)
        try:
            yield
        finally:
            self.centre.now = ordinary

    # --- the way of a case -------------------------------------------------------------------------

    def reach(
        self, state: str, location: dict[str, Any] | None = None, dept: str = "muni", **birth_: Any
    ) -> dict[str, Any]:
        """Bring a new case to a state by the ordinary way; the case as last answered."""
        case = self.seat("acceptor1").register(location, **birth_)
        for step, who, action, payload in _way(dept):
            if case["state"] == state:
                return case
            outcome = self.seat(who).do(action, case, **payload)
            assert outcome["outcome"] == "applied", (step, outcome)
            case = outcome["case"]
        assert case["state"] == state, case["state"]
        return case

    def changes(self, seat: Seat, since: int = 0, **params: Any) -> dict[str, Any]:
        """The feed after a number, waiting until everything written so far is numbered."""
        self.settle()
        asked = {"wait": 0, **params}
        answer = seat.get("/changes", epoch=self.centre.facts.epoch, since=since, **asked)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def settle(self) -> int:
        """Number everything that waits; the head."""
        from services.backend import sequencer

        for _ in range(200):
            with writing(self.engine) as conn:
                sequencer.number_all(conn)
                if not sequencer.anything_waits(conn):
                    head = sequencer.head_of(conn)
                    break
        follow(self.centre, head)
        return head


def _way(dept: str) -> Sequence[tuple[str, str, str, dict[str, Any]]]:
    unit = {"muni": "muni1", "sani": "sani1", "green": "green1"}.get(dept, "street1")
    return (
        ("accept", "acceptor1", "accept", {}),
        ("file", "shift_leader1", "file", {"category": CATEGORY, "condition": 0}),
        ("dispatch", "dispatcher1", "dispatch", {"lead_dept": dept}),
        ("sign", unit, "sign", {}),
        ("feed_back", unit, "feed_back", {"result": "已修复"}),
        ("send_check", "dispatcher1", "send_check", {}),
        ("check_pass", "supervisor1", "check_pass", {}),
        ("close", "shift_leader1", "close", {"closing_condition": "恢复"}),
    )


@contextmanager
def running(url: str, data_dir: Path, *, light: bool = False) -> Iterator[Backend]:
    """Serve a furnished centre in this process: with the framework's test client, or the light one."""
    centre = Centre(open_engine(url), data_dir)
    app = create_app(centre)
    assert isinstance(app.state.limiter, CapacityLimiter)
    client: Any = AsgiClient(app) if light else TestClient(app, raise_server_exceptions=False)
    with client:
        yield Backend(centre, client, url)
    centre.engine.dispose()
