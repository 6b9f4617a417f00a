"""Consoles without a screen, put together by the product's own `CentreDoor`: real files, sign-in, threads, sockets.

`Console` is one of them in this process; `ConsoleProcess` runs the same in a process of its own that can be
killed (`python -m tests.support.consoles`). Both are asked by name: `do("look", …)`; answers are JSON values.
Moments are of the system's monotonic clock, which all processes of a machine share.
"""

from __future__ import annotations

import json
import queue
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from console.app.bootstrap import CentreDoor
from console.app.paths import Paths
from services.domain.digest import bucket_of, digest
from services.ports.outbox import CONFLICT, WAITING, SavedCommand
from services.ports.picture import ONLINE, SYNCING, Changes, Projected
from services.store.keys import Argon2Cost, KeyFile, user_folder
from services.sync.digest import DigestReport, Drift
from tests.support.centre import PASSWORD
from tests.support.oracle import ConsoleStory, HistoryFile, Kept, read_history
from tests.support.robots import Robot

ROOT = Path(__file__).resolve().parents[2]
CENTRE = "loop"
#: what an unlock costs in tests
CHEAP = Argon2Cost(1, 64, 1)
ANSWER_S = 90.0
OPS = ("ready", "look", "race", "work", "rest", "recovered", "drain", "stand", "end")


class Console:
    """One console's core. Everything clicked goes to the history file: `saved` with fsync, `told` when announced."""

    def __init__(self, folder: Path, url: str, username: str, password: str = PASSWORD) -> None:
        paths = Paths(folder).make()
        key = KeyFile(user_folder(paths.console, CENTRE, username), CHEAP)
        if not key.exists:
            key.create(password)
        self.history = HistoryFile(folder / "history.jsonl")
        self.seat = CentreDoor(url, paths, CENTRE).enter(username, password)
        self.services = self.seat.services
        self.desk, self.outbox, self.engine = self.services.desk, self.services.outbox, self.services.engine
        self._news = threading.Condition()
        self._told: dict[str, tuple[float, SavedCommand]] = {}
        self._shown: dict[str, Projected] = {}
        self._untold = _untold(folder / "history.jsonl")
        self._robot: Robot | None = None
        self.drifts = 0
        self._watch_digests()
        self.engine.subscribe(self._heard)
        self.engine.start()

    def _watch_digests(self) -> None:
        """Count digests that do not agree: the engine repairs those, and nobody would know."""
        checker = self.engine._digest
        check = checker.check

        def counted(cursor: int) -> DigestReport:
            report = check(cursor)
            self.drifts += report.drift is not Drift.NONE
            return report

        checker.check = counted  # type: ignore[method-assign]  # the engine's own check, counted

    def _heard(self, changes: Changes) -> None:
        """Hear the engine: reference data are taken up, fates of clicks written down."""
        if "reference" in changes.kinds:
            self.services.world.reload()
        if "outbox" in changes.kinds:
            self._look_for_fates(changes.ids)
        with self._news:
            self._news.notify_all()

    def _look_for_fates(self, cases: frozenset[str] | None = None) -> None:
        """Write down the fates of clicks that were decided, on some cases or on all."""
        now = time.monotonic()
        with self._news:
            open_ = [one for one, case_id in self._untold.items() if cases is None or case_id in cases]
        for command_id in open_:
            found = self.outbox.get(command_id)
            if found is None or found.status == WAITING:
                continue
            with self._news:
                if command_id not in self._untold:
                    continue
                del self._untold[command_id]
                self._told[command_id] = (now, found)
                self.history.append("told", id=command_id, status=found.status, version=found.version)

    def _until(self, true: Callable[[], Any], within: float) -> Any:
        """Wait for something to be true; what it gave, or a falsy value when the time is up."""
        ends = time.monotonic() + within
        while True:
            found = true()
            left = ends - time.monotonic()
            if found or left <= 0:
                return found
            with self._news:
                self._news.wait(min(left, 0.05))

    # --- what a console can be asked ----------------------------------------------------------------

    def do(self, op: str, **args: Any) -> Any:
        assert op in OPS, op
        return getattr(self, op)(**args)

    def ready(self, within: float = 40.0) -> dict[str, Any]:
        """Wait for rules, the first copy and the line; who works here."""
        begun = time.monotonic()

        def done() -> bool:
            complete = self.services.cache.position().complete and self.services.world.rules() is not None
            return complete and self.engine.connection.state == ONLINE

        assert self._until(done, within), f"not ready: {self.engine.connection}"
        return {
            "id": self.seat.actor.id,
            "name": self.seat.actor.name,
            "took_s": time.monotonic() - begun,
            "outbox": [row.command_id for row in self.outbox.history(1_000_000)],
        }

    def look(self, case_id: str, version: int, within: float = 10.0) -> dict[str, Any]:
        """Put a case on the screen once the feed has brought this version."""
        shown = self._until(lambda: self._at(case_id, version), within)
        assert shown, f"version {version} of {case_id} did not come"
        self._shown[case_id] = shown
        return {"version": shown.case.version, "xver": shown.case.xver, "state": shown.case.state}

    def _at(self, case_id: str, version: int) -> Projected | None:
        shown = self.services.picture.project(case_id)
        return shown if shown is not None and shown.case.version >= version and not shown.pending else None

    def click(self, case_id: str | None, submit: Callable[[], SavedCommand]) -> SavedCommand:
        """Do something at the desk; once it is on disk, the history file says so."""
        saved = submit()
        self.history.append(
            "saved", durable=True, id=saved.command_id, case=saved.case_id, action=saved.action
        )
        with self._news:
            self._untold[saved.command_id] = saved.case_id
        self._look_for_fates(frozenset({saved.case_id}))
        return saved

    def race(
        self, case_id: str, action: str, payload: dict[str, Any], within: float = 30.0
    ) -> dict[str, Any]:
        """Click on what is on the screen, wait to be told; a conflict is seen and given way to."""
        shown, begun = self._shown[case_id], time.monotonic()
        saved = self.click(case_id, lambda: self.desk.submit(action, shown, payload))
        on_disk = time.monotonic()
        assert self._until(lambda: saved.command_id in self._told, within), f"no answer for {saved}"
        at, fate = self._told[saved.command_id]
        if fate.status == CONFLICT:
            self.desk.resolve_conflict(fate, again=False)
        winner = fate.winner
        return {
            "command_id": saved.command_id,
            "status": fate.status,
            "version": fate.version,
            "decided_at": None if fate.decided_at is None else fate.decided_at.isoformat(),
            "began": begun,
            "saved_s": on_disk - begun,
            "told_s": at - begun,
            "winner": None
            if winner is None
            else {
                "actor": winner.actor,
                "action": winner.action,
                "summary": winner.summary,
                "at": None if winner.at is None else winner.at.isoformat(),
            },
        }

    def work(self, seed: int, **more: Any) -> None:
        """Let a robot click as the signed-in role would, until `rest`."""
        assert self._robot is None
        self._robot = Robot(self, self.seat.actor.roles[0], random.Random(seed), **more)
        self._robot.start()

    def rest(self) -> dict[str, int]:
        """Stop the robot; what it did."""
        robot, self._robot = self._robot, None
        return {} if robot is None else robot.rest()

    def recovered(self, after: float, within: float) -> dict[str, float | None]:
        """Seconds after a moment until the feed was answered, and until what waited at first was decided."""
        waiting = {row.command_id for row in self.outbox.waiting()}

        def answered() -> bool:
            line = self.engine.connection
            return line.state in (ONLINE, SYNCING) and (line.since_mono or 0.0) > after

        line_s = time.monotonic() - after if self._until(answered, within) else None

        def decided() -> bool:
            return waiting.isdisjoint(row.command_id for row in self.outbox.waiting())

        drained = self._until(decided, max(0.0, within - (time.monotonic() - after)))
        return {"line_s": line_s, "drained_s": time.monotonic() - after if drained else None}

    def drain(self, within: float = 60.0) -> dict[str, Any]:
        """Wait until nothing waits any more."""
        begun = time.monotonic()
        self._until(lambda: not self.outbox.waiting(), within)
        return {"took_s": time.monotonic() - begun, "waiting": len(self.outbox.waiting())}

    def stand(self, within: float = 15.0) -> dict[str, Any]:
        """When all is quiet: the outbox, and how many open cases of the copy differ from the centre's."""
        self._look_for_fates()
        assert self._until(self._caught_up, within), "the feed does not come to the head"
        place, gateway = self.services.cache.position(), self.services.gateway
        pairs = self.services.cache.open_versions()
        theirs = gateway.digest(place.cursor).buckets
        differing = {n for n, (a, b) in enumerate(zip(digest(pairs), theirs, strict=True)) if a != b}
        ours = sum(1 for case_id, _ in pairs if bucket_of(case_id) in differing)
        return {
            "outbox": [
                [row.command_id, row.status, row.version, row.replaced_by]
                for row in self.outbox.history(1_000_000)
            ],
            "diverged": max(ours, len(differing)),
            "drifts": self.drifts,
            "cases": len(pairs),
            "cursor": place.cursor,
        }

    def _caught_up(self) -> bool:
        place = self.services.cache.position()
        page = self.services.gateway.changes(place.epoch or "", place.cursor, 1, 0)
        return not page.changes and page.next >= page.head

    def end(self) -> None:
        """Go home."""
        self.rest()
        self.seat.close()
        self.history.close()


def _untold(path: Path) -> dict[str, str]:
    """Clicks of an earlier life whose fate was not told yet, with their cases."""
    lines = read_history(path)
    told = {line["id"] for line in lines if line["kind"] == "told"}
    return {line["id"]: line["case"] for line in lines if line["kind"] == "saved" and line["id"] not in told}


# --- two ways to have one -----------------------------------------------------------------------------


class ConsoleThread:
    """A console in this process; `ask` begins, `answer` waits."""

    def __init__(self, folder: Path, url: str, username: str) -> None:
        self.folder, self.username = folder, username
        self._console = Console(folder, url, username)
        self._hand = ThreadPoolExecutor(1, f"console-{username}")
        self._asked: Future[Any] | None = None

    def ask(self, op: str, **args: Any) -> None:
        self._asked = self._hand.submit(self._console.do, op, **args)

    def answer(self, within: float = ANSWER_S) -> Any:
        assert self._asked is not None
        return self._asked.result(within)

    def do(self, op: str, **args: Any) -> Any:
        self.ask(op, **args)
        return self.answer()

    def end(self) -> None:
        """Tell it to go home."""
        self.ask("end")

    def gone(self) -> None:
        """Wait until it has."""
        try:
            self.answer()
        finally:
            self._hand.shutdown()


class ConsoleProcess:
    """A console in a process of its own. `kill` is a power cut for it; `start` opens the same files again."""

    def __init__(self, folder: Path, url: str, username: str) -> None:
        self.folder, self.username, self._url = folder, username, url
        folder.mkdir(parents=True, exist_ok=True)
        self._process: subprocess.Popen[str] | None = None
        self.start()

    def start(self) -> None:
        self._errors = (self.folder / "errors.txt").open("a")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.consoles", str(self.folder), self._url, self.username],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True,
        )  # fmt: skip
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def ask(self, op: str, **args: Any) -> None:
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(json.dumps({"op": op, **args}) + "\n")
        self._process.stdin.flush()

    def answer(self, within: float = ANSWER_S) -> Any:
        line = self._lines.get(timeout=within)
        if not line:
            raise RuntimeError(f"the console ended: {self.errors[-3000:]}")
        found = json.loads(line)
        if "error" in found:
            raise AssertionError(f"{self.username}: {found['error']}")
        return found["answer"]

    def do(self, op: str, **args: Any) -> Any:
        self.ask(op, **args)
        return self.answer()

    @property
    def errors(self) -> str:
        return (self.folder / "errors.txt").read_text(errors="replace")

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._process.kill()
        self._reap()

    def _reap(self) -> None:
        assert self._process is not None
        self._process.wait(20)
        self._reader.join(5)
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream is not None:
                stream.close()
        self._process = None

    def end(self) -> None:
        """Tell it to go home."""
        if self._process is not None:
            self.ask("end")

    def gone(self) -> None:
        """Wait until it has; it must not have written of a failure."""
        if self._process is None:
            return
        try:
            self.answer()
        finally:
            self._process.kill()
            self._reap()
        assert "Traceback" not in self.errors, self.errors[-3000:]


AnyConsole = ConsoleThread | ConsoleProcess


@contextmanager
def open_consoles(
    make: Callable[[Path, str, str], AnyConsole], folder: Path, seats: list[tuple[str, str]]
) -> Iterator[list[AnyConsole]]:
    """Consoles for (address, username) pairs, each with files of its own, all ready."""
    found: list[AnyConsole] = []
    try:
        for n, (url, username) in enumerate(seats):
            found.append(make(folder / f"console-{n}-{username}", url, username))
        for console in found:
            console.ask("ready")
        for console in found:
            console.answer()
        yield found
    finally:
        with ExitStack() as closing:
            for console in found:
                closing.callback(console.gone)
                console.end()  # an engine waits up to 2 s for its long poll: all at once


def story_of(console: AnyConsole, name: str = "") -> ConsoleStory:
    """What a console showed and holds, once all is quiet."""
    stand = console.do("stand")
    story = ConsoleStory(name or console.folder.name)
    story.read(console.folder / "history.jsonl")
    story.outbox = [Kept(*row) for row in stand["outbox"]]
    story.diverged, story.drifts = stand["diverged"], stand["drifts"]
    return story


def _main() -> None:
    """Answer the lines of standard input until it ends."""
    folder, url, username = sys.argv[1:]
    console = Console(Path(folder), url, username)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            told = {"answer": console.do(asked.pop("op"), **asked)}
        except Exception as error:  # noqa: BLE001 - whatever it is, the test is told
            told = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main()
