"""The first start with `--demo`: one consistent log, people with work, kept by every later start."""

from __future__ import annotations

import json
import multiprocessing
import stat
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, update

from services.backend.access.passwords import check_password, password_fault
from services.backend.access.settings import AccessSettings
from services.backend.db.access_tables import accounts
from services.backend.db.opening import open_database, read_meta, write_meta
from services.backend.db.packing import unpack
from services.backend.db.tables import areas, cases, changes, commands, counters, dispatches, seals
from services.backend.demo import seed as seed_module
from services.backend.demo.accounts import ACCOUNTS_FILE, SEATS
from services.backend.demo.seed import DEMO_KEY, DemoError, ensure_demo
from services.backend.history import from_packed
from services.backend.reference_store import load, newest_number
from services.backend.sequencer import GENESIS, seal_hash
from services.domain.case import case_depts, sees
from services.domain.case_doc import fold
from services.domain.decide import allowed_actions
from services.domain.roles import ROLES, Actor
from services.domain.states import DISPATCHED, OPEN
from services.sql.engine import glancing, writing
from services.sql.types import to_ms

NOW = datetime.fromisoformat("2026-11-22T21:40:00+08:00")
SMALL: dict[str, Any] = {"now": NOW, "cases": 500, "days": 40, "grids": 100}


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Path]]:
    """One demo centre for all tests that only look."""
    folder = tmp_path_factory.mktemp("demo")
    engine = open_database(f"sqlite:///{folder / 'centre.db'}")
    assert ensure_demo(engine, folder, **SMALL)
    yield engine, folder
    engine.dispose()


def _listed(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / ACCOUNTS_FILE).read_text(encoding="utf-8"))
    return found


def _open_cases(engine: Engine) -> list[Any]:
    with glancing(engine) as conn:
        return [from_packed(doc) for doc in conn.execute(select(cases.c.doc).where(cases.c.open)).scalars()]


def _actor(engine: Engine, entry: dict[str, Any]) -> Actor:
    with glancing(engine) as conn:
        row = conn.execute(select(accounts).where(accounts.c.username == entry["username"])).one()
    return Actor(row.user_id, row.name, tuple(row.roles.split()), row.area_code, row.dept)


# -- the log ------------------------------------------------------------------------------------------


def test_numbers_run_without_gaps_in_the_order_of_time(seeded: tuple[Engine, Path]) -> None:
    with glancing(seeded[0]) as conn:
        rows = conn.execute(select(changes.c.seq, changes.c.at).order_by(changes.c.seq)).all()
        assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
        assert [row.at for row in rows] == sorted(row.at for row in rows)
        assert rows[-1].at < to_ms(NOW)
        assert conn.execute(select(func.count()).select_from(commands)).scalar_one() == len(rows)


def test_the_chain_of_seals_holds(seeded: tuple[Engine, Path]) -> None:
    with glancing(seeded[0]) as conn:
        marks = dict(conn.execute(select(changes.c.seq, changes.c.row_hash)).all())  # type: ignore[arg-type]  # pairs
        previous, at = GENESIS, 0
        for seal in conn.execute(select(seals).order_by(seals.c.to_seq)):
            assert seal.from_seq == at + 1 and bytes(seal.prev_hash) == previous
            rows = [bytes(marks[seq]) for seq in range(seal.from_seq, seal.to_seq + 1)]
            previous, at = seal_hash(previous, seal.from_seq, seal.to_seq, rows), seal.to_seq
            assert bytes(seal.hash) == previous
        assert at == len(marks)


def test_the_centre_s_own_check_finds_nothing_wrong(seeded: tuple[Engine, Path]) -> None:
    import argparse

    from services.backend.verify_cli import add_arguments, run

    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert run(parser.parse_args(["--data", str(seeded[1])])) == 0


def test_every_case_row_is_the_fold_of_its_changes(seeded: tuple[Engine, Path]) -> None:
    with glancing(seeded[0]) as conn:
        deltas: dict[str, list[Any]] = defaultdict(list)
        for row in conn.execute(select(changes.c.case_id, changes.c.body).order_by(changes.c.seq)):
            deltas[row.case_id].append(unpack(bytes(row.body))["d"])
        states: Counter[str] = Counter()
        for row in conn.execute(select(cases)):
            replayed = fold(deltas.pop(row.case_id))
            assert replayed == from_packed(row.doc)
            assert (row.state, row.version, row.number) == (replayed.state, replayed.version, replayed.number)
            states[row.state] += 1
        assert deltas == {}
        counted = dict(conn.execute(select(cases.c.state, func.count()).group_by(cases.c.state)).all())  # type: ignore[arg-type]  # pairs
        assert counted == states
        assert sum(states[state] for state in OPEN) == round(500 / 40 * 6)


def test_the_last_change_of_a_case_tells_its_state(seeded: tuple[Engine, Path]) -> None:
    with glancing(seeded[0]) as conn:
        last = conn.execute(
            select(changes.c.case_id, changes.c.state, func.max(changes.c.version)).group_by(
                changes.c.case_id
            )
        ).all()
        stored = dict(conn.execute(select(cases.c.case_id, cases.c.state)).all())  # type: ignore[arg-type]  # pairs
    assert {row.case_id: row.state for row in last} == stored


def test_counters_go_on_where_the_history_ended(seeded: tuple[Engine, Path]) -> None:
    with glancing(seeded[0]) as conn:
        most: Counter[str] = Counter()
        for number in conn.execute(select(cases.c.number)).scalars():
            day, _, rank = number.partition("-")
            most[day] = max(most[day], int(rank))
        assert dict(conn.execute(select(counters.c.day, counters.c.value)).all()) == most  # type: ignore[arg-type]  # pairs


def test_exactly_one_active_dispatch_where_a_unit_holds_the_case(seeded: tuple[Engine, Path]) -> None:
    with glancing(seeded[0]) as conn:
        active = Counter(
            conn.execute(select(dispatches.c.case_id).where(dispatches.c.ended_at.is_(None))).scalars()
        )
        held = set(conn.execute(select(cases.c.case_id).where(cases.c.state.in_(DISPATCHED))).scalars())
    assert set(active) == held
    assert set(active.values()) <= {1}


def test_areas_reference_and_base_map_are_there(seeded: tuple[Engine, Path]) -> None:
    with glancing(seeded[0]) as conn:
        levels = dict(conn.execute(select(areas.c.level, func.count()).group_by(areas.c.level)).all())  # type: ignore[arg-type]  # pairs
        reference = load(conn, newest_number(conn))
        assert read_meta(conn, "centre_name") == "示例区网格调度中心"
    assert levels["grid"] == 100 and levels["district"] == 1
    assert {unit for unit in reference.rules.departments if unit.startswith("street-")}
    assert set(reference.doc["basemap"]) == {"roads", "water", "places"}
    assert len(reference.doc["roster"]) > 100


# -- accounts -----------------------------------------------------------------------------------------


def test_accounts_file_is_private_and_complete(seeded: tuple[Engine, Path]) -> None:
    path = seeded[1] / ACCOUNTS_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = _listed(seeded[1])
    assert all(set(entry) == {"username", "password", "roles", "dept", "area_code"} for entry in found)
    assert all(len(entry["roles"]) == 1 for entry in found)
    roles = Counter(entry["roles"][0] for entry in found)
    assert set(roles) == set(ROLES) and roles == Counter(SEATS)
    assert roles["acceptor"] >= 2 and roles["dispatcher"] >= 2 and roles["dept_user"] >= 3
    depts = [entry["dept"] for entry in found if entry["roles"] == ["dept_user"]]
    assert len(set(depts)) == len(depts)


def test_area_codes_have_the_length_of_the_role(seeded: tuple[Engine, Path]) -> None:
    lengths = {"supervisor": 12, "grid_worker": 12, "handler": 12, "street_user": 9}
    with glancing(seeded[0]) as conn:
        known = set(conn.execute(select(areas.c.code)).scalars())
    for entry in _listed(seeded[1]):
        assert len(entry["area_code"]) == lengths.get(entry["roles"][0], 6), entry["roles"]
        assert entry["area_code"] in known


def test_passwords_are_right_good_and_all_different(seeded: tuple[Engine, Path]) -> None:
    found = _listed(seeded[1])
    assert len({entry["password"] for entry in found}) == len(found)
    settings = AccessSettings(password_policy="mlps")
    with glancing(seeded[0]) as conn:
        rows = {row.username: row for row in conn.execute(select(accounts))}
    for entry in found:
        assert password_fault(entry["password"], entry["username"], settings) is None
        assert not rows[entry["username"]].must_change
    for entry in found[::5]:
        assert check_password(rows[entry["username"]].password_hash, entry["password"])


def test_nobody_else_can_sign_in(seeded: tuple[Engine, Path]) -> None:
    known = {entry["username"]: entry["password"] for entry in _listed(seeded[1])}
    with glancing(seeded[0]) as conn:
        others = conn.execute(select(accounts).where(accounts.c.username.not_in(known))).all()
    assert len({row.password_hash for row in others}) == 1
    assert not check_password(others[0].password_hash, next(iter(known.values())))
    assert not check_password(others[0].password_hash, "")


#: what each role's account has to find (an action that is allowed on some open case)
_WORK = {
    "acceptor": ("accept", "close", "send_check"),
    "shift_leader": ("file", "close", "decide_extension"),
    "dispatcher": ("dispatch", "redispatch", "send_check"),
    "dept_user": ("sign", "feed_back"),
    "street_user": ("sign", "feed_back"),
    "handler": ("feed_back",),
    "leader": ("supervise",),
    "grid_worker": ("comment",),
    "evaluator": ("comment",),
}


@pytest.mark.parametrize("role", sorted(_WORK))
def test_every_account_has_something_to_do(seeded: tuple[Engine, Path], role: str) -> None:
    engine, folder = seeded
    with glancing(engine) as conn:
        rules = load(conn, newest_number(conn)).rules
    todo = _open_cases(engine)
    for entry in _listed(folder):
        if entry["roles"] == [role]:
            actor = _actor(engine, entry)
            allowed = {action for case in todo for action in allowed_actions(case, actor, rules)}
            wanted = _WORK[role]
            if role == "dept_user" and entry["dept"] != _listed(folder)[7]["dept"]:
                assert allowed & set(wanted), (entry["username"], entry["dept"])
            else:
                assert set(wanted) <= allowed, (entry["username"], allowed)


def test_the_supervisor_has_cases_to_check_or_verify(seeded: tuple[Engine, Path]) -> None:
    engine, folder = seeded
    entry = next(e for e in _listed(folder) if e["roles"] == ["supervisor"])
    actor = _actor(engine, entry)
    held = [case for case in _open_cases(engine) if sees(actor, case)]
    assert any(case.state in ("checking", "verifying") for case in held)


def test_department_accounts_belong_to_busy_units(seeded: tuple[Engine, Path]) -> None:
    engine, folder = seeded
    busy = Counter(
        dept
        for case in _open_cases(engine)
        if case.state in ("pending_sign", "handling")
        for dept in case_depts(case)[:1]
    )
    for entry in _listed(folder):
        if entry["roles"][0] in ("dept_user", "street_user"):
            assert busy[entry["dept"]] > 0


# -- starting again -----------------------------------------------------------------------------------


def _fingerprint(engine: Engine) -> list[Any]:
    with glancing(engine) as conn:
        return [
            conn.execute(select(accounts).order_by(accounts.c.user_id)).all(),
            conn.execute(select(cases.c.case_id, cases.c.version).order_by(cases.c.ref)).all(),
            conn.execute(select(func.count()).select_from(changes)).scalar_one(),
            newest_number(conn),
        ]


def test_a_second_start_keeps_everything(db_url: str, tmp_path: Path) -> None:
    engine = open_database(db_url)
    try:
        assert ensure_demo(engine, tmp_path, now=NOW, cases=120, days=15, grids=60)
        before, file = _fingerprint(engine), (tmp_path / ACCOUNTS_FILE).read_bytes()
        assert not ensure_demo(engine, tmp_path, now=NOW + timedelta(days=3), cases=500)
        assert _fingerprint(engine) == before
        assert (tmp_path / ACCOUNTS_FILE).read_bytes() == file
        with writing(engine) as conn:  # ids go on behind the ones that were given
            conn.execute(update(cases).where(cases.c.ref == 1).values(address="x"))
            row = dict.fromkeys(("action", "actor_id", "depts", "role", "state"), "x")
            ids = dict.fromkeys(("case_id", "command_id"), before[1][0].case_id)
            numbers = {"version": 999, "xver": 1, "at": 1, "rules": 1, "body": b"", "row_hash": b""}
            row = {**row, **ids, **numbers}
            conn.execute(insert(changes).values(**row))
            assert conn.execute(select(func.max(changes.c.id))).scalar_one() == before[2] + 1
    finally:
        engine.dispose()


def test_a_lost_accounts_file_gets_new_passwords(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'c.db'}")
    try:
        ensure_demo(engine, tmp_path, now=NOW, cases=60, days=10, grids=50)
        old = _listed(tmp_path)
        (tmp_path / ACCOUNTS_FILE).unlink()
        assert not ensure_demo(engine, tmp_path)
        new = _listed(tmp_path)
        assert [{**entry, "password": ""} for entry in new] == [{**entry, "password": ""} for entry in old]
        assert all(a["password"] != b["password"] for a, b in zip(old, new, strict=True))
        with glancing(engine) as conn:
            row = conn.execute(select(accounts).where(accounts.c.username == new[0]["username"])).one()
        assert check_password(row.password_hash, new[0]["password"])
        assert not check_password(row.password_hash, old[0]["password"])
    finally:
        engine.dispose()


def test_a_database_with_other_cases_is_left_alone(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'c.db'}")
    try:
        ensure_demo(engine, tmp_path, now=NOW, cases=20, days=5, grids=50)
        with writing(engine) as conn:
            conn.exec_driver_sql("DELETE FROM meta WHERE key = 'demo'")
        (tmp_path / ACCOUNTS_FILE).unlink()
        with pytest.raises(DemoError, match="已有案件"):
            ensure_demo(engine, tmp_path, now=NOW, cases=20, days=5, grids=50)
        assert not (tmp_path / ACCOUNTS_FILE).exists()
    finally:
        engine.dispose()


def test_an_interrupted_start_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'c.db'}")

    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    try:
        monkeypatch.setattr(seed_module, "write_accounts", power_cut)
        with pytest.raises(KeyboardInterrupt):
            ensure_demo(engine, tmp_path, now=NOW, cases=30, days=5, grids=50)
        with glancing(engine) as conn:
            assert conn.execute(select(func.count()).select_from(cases)).scalar_one() == 0
            assert conn.execute(select(func.count()).select_from(areas)).scalar_one() == 0
            assert read_meta(conn, DEMO_KEY) is None
        monkeypatch.undo()
        assert ensure_demo(engine, tmp_path, now=NOW, cases=30, days=5, grids=50)
    finally:
        engine.dispose()


def _start(url: str, folder: str, answers: Any) -> None:
    engine = open_database(url)
    answers.put(ensure_demo(engine, Path(folder), now=NOW, cases=150, days=15, grids=60))
    engine.dispose()


def test_two_starts_at_once_make_one_district(db_url: str, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    answers: Any = context.Queue()
    starts = [context.Process(target=_start, args=(db_url, str(tmp_path), answers)) for _ in range(2)]
    for process in starts:
        process.start()
    found = sorted(answers.get(timeout=60) for _ in starts)
    for process in starts:
        process.join(30)
    assert found == [False, True]
    engine = open_database(db_url)
    try:
        with glancing(engine) as conn:
            assert conn.execute(select(func.count()).select_from(cases)).scalar_one() == 150
            assert newest_number(conn) == 1
    finally:
        engine.dispose()


def test_without_a_moment_the_history_ends_now(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'c.db'}")
    try:
        ensure_demo(engine, tmp_path, cases=40, days=5, grids=50)
        with glancing(engine) as conn:
            last = conn.execute(select(func.max(changes.c.at))).scalar_one()
            assert json.loads(read_meta(conn, DEMO_KEY) or "{}")["cases"] == 40
        age = to_ms(datetime.now(UTC)) - last
        assert 0 < age < 3 * 3600 * 1000
    finally:
        engine.dispose()


def test_keys_of_the_data_history_stay(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'c.db'}")
    try:
        with writing(engine) as conn:
            write_meta(conn, "phone_key", "cd" * 32)
        ensure_demo(engine, tmp_path, now=NOW, cases=20, days=5, grids=50)
        with glancing(engine) as conn:
            assert read_meta(conn, "phone_key") == "cd" * 32
    finally:
        engine.dispose()
