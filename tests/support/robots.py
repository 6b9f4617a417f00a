"""A robot that clicks at a console as a role would, so that cases go round the whole loop."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from services.ports.errors import ActionRefused
from services.ports.picture import CaseQuery, CaseRow
from services.usecases.desk import attachment
from tests.support.centre import CATEGORY, HERE, birth

if TYPE_CHECKING:
    from tests.support.consoles import Console

Work = Mapping[str, tuple[str, dict[str, Any]]]

_ACCEPTOR: Work = {"reported": ("accept", {})}
_DISPATCHER: Work = {
    "pending_dispatch": ("dispatch", {"lead_dept": "muni"}),
    "feedback_review": ("send_check", {}),
}
#: by role: state of a case -> what is done to it
WORK: Mapping[str, Work] = {
    "acceptor": _ACCEPTOR,
    "dispatcher": _DISPATCHER,
    "shift_leader": {
        **_ACCEPTOR,
        **_DISPATCHER,
        "pending_filing": ("file", {"category": CATEGORY, "condition": 0}),
        "pending_close": ("close", {"closing_condition": "恢复"}),
    },
    "dept_user": {"pending_sign": ("sign", {}), "handling": ("feed_back", {"result": "已修复"})},
    "supervisor": {"checking": ("check_pass", {})},
}


class Robot:
    """Clicks every `pace_s` or so in a thread of its own.

    Stops adding while `most_waiting` commands wait (an operator gives up in the end), and an acceptor opens no more
    than `most_open` cases. What the law refuses on the spot is counted, not an error.
    """

    def __init__(
        self,
        console: Console,
        role: str,
        rng: random.Random,
        pace_s: float = 0.08,
        most_open: int = 60,
        most_waiting: int = 30,
    ) -> None:
        self._console, self._role, self._rng = console, role, rng
        self._pace_s, self._most_open, self._most_waiting = pace_s, most_open, most_waiting
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"robot-{role}")
        self._failure: BaseException | None = None
        self.clicks = self.refused = 0

    def start(self) -> None:
        self._thread.start()

    def rest(self) -> dict[str, int]:
        """Stop; raises what went wrong in the thread."""
        self._stop.set()
        self._thread.join(30)
        if self._failure is not None:
            raise self._failure
        return {"clicks": self.clicks, "refused": self.refused}

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                if len(self._console.outbox.waiting()) < self._most_waiting:
                    self._step()
                self._stop.wait(self._rng.uniform(0, 2 * self._pace_s))
        except BaseException as error:  # noqa: BLE001 - told to whoever asks the robot to rest
            self._failure = error

    def _step(self) -> None:
        try:
            if self._choose():
                self.clicks += 1
        except ActionRefused:
            self.refused += 1

    def _choose(self) -> bool:
        """Click once, if there is anything to do."""
        console, rng = self._console, self._rng
        rows = console.services.picture.rows(CaseQuery())
        if self._role == "acceptor" and len(rows) < self._most_open and rng.random() < 0.5:
            facts = birth({**HERE, "address": f"人民路{rng.randrange(999)}号"})
            console.click(None, lambda: console.desk.register(facts))
            return True
        if rows and rng.random() < 0.15:
            return self._talk(rng.choice(rows))
        work = WORK[self._role]
        ready = [row for row in rows if row.state in work]
        if not ready:
            return False
        row = rng.choice(ready[:12])
        shown = console.services.picture.project(row.case_id)
        if shown is None or shown.refused is not None or shown.case.state not in work:
            return False
        action, payload = work[shown.case.state]
        console.click(row.case_id, lambda: console.desk.submit(action, shown, payload))
        return True

    def _talk(self, row: CaseRow) -> bool:
        """Add a remark, now and then with bytes."""
        console, rng = self._console, self._rng
        shown = console.services.picture.project(row.case_id)
        if shown is None:
            return False
        if rng.random() < 0.3:
            data = rng.randbytes(600)
            photo = attachment(data, f"{hashlib.sha256(data).hexdigest()[:6]}.jpg", "image/jpeg")
            console.click(row.case_id, lambda: console.desk.attach(shown, photo))
        else:
            console.click(
                row.case_id, lambda: console.desk.submit("comment", shown, {"text": f"第{rng.random()}次"})
            )
        return True
