"""Signing in at a real centre, without a line, with a first password, and with data locked by an earlier one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from console.app.bootstrap import CentreDoor, OpenSeat, locator_of
from console.app.embedded import EmbeddedCentre
from console.app.paths import Paths
from console.viewmodels.sign_in import LocalDataLocked, MustChange
from services.ports.errors import SignInNeeded, Unknown, WrongPassword
from services.store.recovery import Recovery, install_site_key, make_code
from tests.support.centres import PASSWORD, Hall, open_hall
from tests.support.fakes import SOUTH, STEP, WEST, invented_areas
from tests.support.waiting import until

OWN = "Neu-Own-2026!"


@pytest.fixture(scope="module")
def hall(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with open_hall("sqlite", request, tmp_path_factory.mktemp("door")) as made:
        yield made


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "home").make()


def account(hall: Hall, *words: str) -> str:
    """Run `griddesk account`; the one-time password it printed."""
    data = hall.url.removeprefix("sqlite:///").rpartition("/")[0]
    command = [sys.executable, "-m", "console", "account", "--data", data, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("一次性密码："))
    return line.removeprefix("一次性密码：")


def enter(door: CentreDoor, username: str, password: str = PASSWORD) -> OpenSeat:
    return door.enter(username, password)


def test_a_sign_in_opens_files_engine_and_line(hall: Hall, paths: Paths) -> None:
    door = CentreDoor(hall.base(), paths)
    assert door.meta().contract == 1
    with pytest.raises(SignInNeeded):
        enter(door, "dispatcher1", "wrong-Password-1")
    seat = enter(door, "dispatcher1")
    try:
        assert seat.actor.roles == ("dispatcher",)
        assert not seat.offline
        assert seat.unlock(PASSWORD)
        assert not seat.unlock("wrong-Password-1")
        engine = seat.services.engine
        engine.start()
        engine.signed_in()
        assert until(lambda: seat.services.cache.position().complete, 20)
        assert until(lambda: seat.services.world.reload(), 20)
    finally:
        seat.close()
    # one id for this installation, whoever signs in
    assert CentreDoor(hall.base(), paths).console_id == door.console_id


def test_the_sites_recovery_code_opens_local_data_after_a_forgotten_password(
    hall: Hall, paths: Paths
) -> None:
    code, public = make_code()
    install_site_key(paths.console, public)
    one_time = account(
        hall, "add", "forgetful1", "--name", "健忘", "--role", "dispatcher", "--area", "990101"
    )
    door = CentreDoor(hall.base(), paths)
    with pytest.raises(MustChange):
        enter(door, "forgetful1", one_time)
    seat = door.change_password("forgetful1", one_time, OWN)
    seat.stores.settings.put_value("kept", "here")
    assert Recovery(seat.key.folder).exists
    seat.close()
    again = account(hall, "reset", "forgetful1")
    door = CentreDoor(hall.base(), paths)
    with pytest.raises(MustChange):
        enter(door, "forgetful1", again)
    with pytest.raises(LocalDataLocked):
        door.change_password("forgetful1", again, "Other-Own-2027!")
    with pytest.raises(WrongPassword):
        door.reopen("forgetful1", "Other-Own-2027!", make_code()[0])
    opened = door.reopen("forgetful1", "Other-Own-2027!", code)
    try:
        assert opened.stores.settings.value("kept") == "here" and opened.unlock("Other-Own-2027!")
        opened.services.gateway.sign_out()
        opened.sign_in_again("Other-Own-2027!")
        assert opened.services.gateway.signed_in
    finally:
        opened.close()


def test_without_a_line_the_own_copy_opens_with_the_password(hall: Hall, paths: Paths) -> None:
    door = CentreDoor(hall.base(), paths, "hall")
    enter(door, "dispatcher2").close()
    nowhere = CentreDoor("http://127.0.0.1:9", paths, "hall")
    seat = enter(nowhere, "dispatcher2")
    try:
        assert seat.offline
        assert seat.actor.name == "dispatcher2先生"
    finally:
        seat.close()
    with pytest.raises(WrongPassword):
        enter(CentreDoor("http://127.0.0.1:9", paths, "hall"), "dispatcher2", "wrong-Password-1")
    with pytest.raises(Unknown):
        enter(CentreDoor("http://127.0.0.1:9", paths, "hall"), "acceptor1")


def test_a_first_password_must_be_changed(hall: Hall, paths: Paths) -> None:
    once = account(hall, "add", "newcomer", "--name", "新来的", "--role", "dispatcher", "--area", "990101")
    door = CentreDoor(hall.base(), paths)
    with pytest.raises(MustChange):
        enter(door, "newcomer", once)
    seat = door.change_password("newcomer", once, OWN)
    try:
        assert seat.actor.name == "新来的"
        assert seat.unlock(OWN)
    finally:
        seat.close()


def test_data_locked_with_an_earlier_password_is_never_lost(hall: Hall, paths: Paths) -> None:
    once = account(hall, "add", "moved", "--name", "改过密码", "--role", "acceptor", "--area", "990101")
    door = CentreDoor(hall.base(), paths)
    with pytest.raises(MustChange):
        enter(door, "moved", once)
    seat = door.change_password("moved", once, OWN)
    seat.stores.settings.put_value("mark", "kept")
    seat.close()
    again = account(hall, "reset", "moved")
    other = CentreDoor(hall.base(), paths)
    with pytest.raises(MustChange):
        enter(other, "moved", again)
    # on another machine the password is changed; here the key file still knows the earlier one
    elsewhere = CentreDoor(hall.base(), Paths(paths.data / "elsewhere").make())
    with pytest.raises(MustChange):
        enter(elsewhere, "moved", again)
    elsewhere.change_password("moved", again, "Other-2026!x").close()
    with pytest.raises(LocalDataLocked):
        enter(door, "moved", "Other-2026!x")
    with pytest.raises(WrongPassword):
        door.reopen("moved", "Other-2026!x", "not-the-one")
    seat = door.reopen("moved", "Other-2026!x", OWN)
    assert seat.stores.settings.value("mark") == "kept"
    seat.close()
    once = account(hall, "reset", "moved")
    with pytest.raises(MustChange):
        enter(elsewhere, "moved", once)
    with pytest.raises(LocalDataLocked):
        elsewhere.change_password("moved", once, "Third-2026!x")
    elsewhere.reopen("moved", "Third-2026!x", "Other-2026!x").close()
    seat = door.set_aside("moved", "Third-2026!x")
    assert seat.stores.settings.value("mark") is None
    seat.close()
    assert len(list((paths.console / "users").rglob("outbox.db"))) == 2


def test_a_point_finds_its_grid_on_this_machine() -> None:
    locate = locator_of(invented_areas()["grid"])
    assert locate is not None
    inside = locate(WEST + STEP / 2, SOUTH + STEP / 2)
    assert inside is not None
    assert inside.grid == "990101001001001"
    assert inside.area_path[0] == "990101"
    assert inside.near is None
    edge = locate(WEST + STEP - 1e-6, SOUTH + STEP / 2)
    assert edge is not None
    assert edge.near == "990101002001001"
    outside = locate(0.0, 0.0)
    assert outside is not None
    assert outside.grid is None
    assert locator_of(None) is None
    assert locator_of({"features": []}) is None


def test_the_embedded_centre_starts_answers_and_ends(tmp_path: Path) -> None:
    centre = EmbeddedCentre(tmp_path / "centre", demo=False)
    url = centre.start(60)
    try:
        assert centre.running
        assert CentreDoor(url, Paths(tmp_path / "home").make()).meta().contract == 1
    finally:
        centre.stop()
    assert not centre.running


STARTED_AND_KILLED = """
import os, signal, sys
from pathlib import Path
from console.app.embedded import EmbeddedCentre
centre = EmbeddedCentre(Path(sys.argv[1]), demo=False)
centre.start(60)
print(centre._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def ended(pid: int) -> bool:
    """Whether a process is over; one that nobody has asked for its end yet counts too."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_the_embedded_centre_ends_with_a_program_that_was_killed(tmp_path: Path) -> None:
    """It would keep its data folder, and the next start would find the folder taken."""
    command = [sys.executable, "-c", STARTED_AND_KILLED, str(tmp_path / "centre")]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=90)
    assert ran.returncode == -signal.SIGKILL
    child = int(ran.stdout)
    try:
        assert until(lambda: ended(child), 20, 0.05), "the centre goes on alone"
    finally:
        if not ended(child):
            os.kill(child, signal.SIGKILL)
