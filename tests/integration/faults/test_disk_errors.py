"""F14, F16: a disk that fails at the flush, a disk that is full under the centre. Told, not shown as done, healed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.store.stores import open_stores
from tests.integration.faults.ground import KEY, Hall, command, say
from tests.support.centre import birth, running
from tests.support.log_oracle import examine
from tests.support.waiting import until

ROOT = Path(__file__).resolve().parents[3]


# --- the console's disk fails (F14) ------------------------------------------------------------------------------


def tracer() -> str:
    """Path of a strace that may trace here; skips otherwise."""
    found = shutil.which("strace")
    if found is None or subprocess.run([found, "-f", "true"], capture_output=True, check=False).returncode:
        pytest.skip("strace is not here or may not trace")
    return found


def saves(folder: Path, fault: str, count: int = 12) -> list[dict[str, Any]]:
    """Let a process save commands while its system calls fail; what it told of each."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    calls = fault.partition(":")[0]
    done = subprocess.run(
        ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={fault}", sys.executable,
         "-m", "tests.integration.faults.saving", str(folder), str(count)],
        cwd=ROOT, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    if "PTRACE" in done.stderr or "not permitted" in done.stderr:
        pytest.skip("strace may not trace here")
    assert done.returncode == 0, done.stderr[-2000:]
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) == count, "the process died of it"
    return told


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("fsync,fdatasync:error=EIO:when=9", "磁盘读写出错"),
        ("fsync,fdatasync:error=EIO:when=9+", "磁盘读写出错"),
        ("pwrite64:error=ENOSPC:when=40+", "磁盘已满"),
    ],
)
def test_a_disk_that_fails_is_told_and_nothing_is_shown_as_saved(
    tmp_path: Path, fault: str, words: str
) -> None:
    folder = tmp_path / "user"
    open_stores(folder, KEY).close()
    told = saves(folder, fault)
    refused = [line for line in told if not line["saved"]]
    assert refused, "the fault was never met"
    shown: list[str] = []
    for line in told:
        if line["saved"]:
            shown.append(line["id"])
        else:
            assert line["code"] == "storage_full" and words in line["title"] and "没有保存" in line["title"]
        assert line["waiting"] == shown, "a refused command waits, or a saved one is gone"
    assert fault.endswith("+") == (not told[-1]["saved"]), "it must go on once the disk does"
    stores = open_stores(folder, KEY)
    kept = [row.command_id for row in stores.outbox.waiting()]
    stores.close()
    assert kept == shown, "lost, or told as not saved and there all the same after the next start"


# --- the centre's disk is full (F16) -------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MiB of its own."""
    place = tmp_path / "small"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(place)], capture_output=True
    )
    if made.returncode != 0:
        pytest.skip("no file system may be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.allow_log
def test_a_centre_whose_disk_really_is_full(furnished: bytes, small_disk: Path) -> None:
    """No answer is given that is not on disk; reading goes on; with room again everything heals by itself."""
    (small_disk / "centre.db").write_bytes(furnished)
    url = f"sqlite:///{small_disk / 'centre.db'}"
    answers: dict[str, dict[str, Any]] = {}
    with running(url, small_disk, light=True) as backend:
        seat, hall = backend.seat("acceptor1"), Hall(backend)
        case = seat.register()
        core = hall.sit_down()
        clicks = [say(core, case["case_id"], "之前")]
        hall.drain(core)
        ballast = small_disk / "ballast"
        with ballast.open("wb", buffering=0) as file, pytest.raises(OSError, match="space"):
            while True:
                file.write(bytes(4096))
        refused: list[dict[str, Any]] = []
        for n in range(200):
            body = command("register", None, **{**birth(), "description": f"{n}" + "长" * 1500})
            answer = seat.post("/commands", body)
            if answer.status_code == 200:
                answers[body["command_id"]] = answer.json()
            else:
                assert (answer.status_code, answer.json()["code"]) == (503, "disk_full"), answer.text
                refused.append(body)
            if len(refused) >= 5:
                break
        assert len(refused) >= 5, "the disk never was full"
        clicks.append(say(core, case["case_id"], "满的时候"))
        report = core.push()
        if report.failure is not None:
            assert [row.command_id for row in core.outbox.waiting()] == [clicks[1].command_id]
        assert seat.get("/cases").status_code == 200
        ballast.unlink()
        assert until(lambda: seat.post("/commands", refused[0]).status_code == 200, 15), (
            "it does not heal by itself"
        )
        for body in refused:
            found = seat.send(body)
            assert found["outcome"] == "applied"
            answers[body["command_id"]] = found
        core.sender.line_is_back()
        assert hall.settled(clicks) == {"applied": 2}
        hall.close()
    found = examine(url, answers)
    print(found)
    assert found["changes"] == len(answers) + 3
