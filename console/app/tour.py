"""The verb `griddesk tour`: one case from the report to its close, walked through the console's own widgets.

Three consoles (受理席, 值班长, 派遣席) run in this process, each signed in with its own demo account; the unit and
the field collector send their commands as their web seats do. Pictures of every workspace go to a folder, the case's
timeline to standard output; the exit code is 0 only if the case closed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from console.app.field_hands import FieldHand
from console.app.paths import Paths, default_paths
from console.app.stage import Stage, TourStopped
from services.domain.lifecycle import ACTION_NAMES
from services.domain.roles import ROLES
from services.domain.states import STATES

STORY = "路口暴露生活垃圾堆积约两立方米，有异味，居民要求尽快清理。"
ADDRESS = "松影路与南苑街口西北角"
CATEGORY, LETTERS = "event-0110", "blshlj"
SIZE = (1920, 1080)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `griddesk tour`."""
    parser.add_argument("--url", required=True, help="示例中心的地址")
    parser.add_argument("--accounts", type=Path, required=True, help="示例账号文件 demo-accounts.json")
    parser.add_argument("--data", type=Path, help="本机数据文件夹")
    parser.add_argument("--out", type=Path, default=Path("out"), help="图片的文件夹")


def run(args: argparse.Namespace) -> int:
    """Walk the shift on a running demo centre."""
    paths = (Paths(args.data) if args.data else default_paths()).make()
    return tour(args.url, paths, args.out, args.accounts)


def tour(url: str, paths: Paths, out: Path, accounts: Path | None = None) -> int:
    """Walk the shift; 0 only if the case closed."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_LOGGING_RULES", "qt.qpa.*=false")
    from console.app.crash import CrashHooks
    from console.app.main import make_application, set_up_logging

    set_up_logging(paths)
    # Qt's own remarks about the missing screen go to the log, errors of ours stop the shift
    stage = Stage(out)
    hooks = CrashHooks(paths.logs, lambda number, text: stage.trouble.append(f"{number}\n{text}"))
    hooks.install()
    application = make_application()
    people = json.loads((accounts or paths.centre / "demo-accounts.json").read_text(encoding="utf-8"))
    sys.stderr.write("无屏演练：一件案件从上报走到结案\n")
    shift: Shift | None = None
    try:
        shift = Shift(url, paths, stage, people)
        shift.walk()
    except TourStopped as stopped:
        sys.stderr.write(f"演练停下了：{stopped}\n")
    finally:
        if shift is not None:
            shift.print_timeline()
            shift.close()
        application.processEvents()
        hooks.remove()
    for text in stage.trouble:
        sys.stderr.write(f"程序出现问题 {text}\n")
    return 0 if shift is not None and shift.closed and not stage.trouble else 1


class Shift:
    """The scripted shift: who acts, on which case, in which order."""

    def __init__(self, url: str, paths: Paths, stage: Stage, people: list[dict[str, Any]]) -> None:
        """Choose the people: a collector, and a unit that has an account."""
        from console.app.tour_seats import TourSeats

        self.stage = stage
        self.url = url
        self.people = people
        self.seats = TourSeats(url, paths, stage, people, SIZE)
        self.case_id = ""
        self.number = ""
        self.closed = False
        self._hands: list[FieldHand] = []

    def person(self, role: str) -> dict[str, Any]:
        """Return the first account of a role."""
        found = next((p for p in self.people if p["roles"] == [role]), None)
        if found is None:
            raise TourStopped(f"示例账号里没有 {role}")
        return found

    def hand(self, person: dict[str, Any]) -> FieldHand:
        """Sign somebody in who has no console."""
        hand = FieldHand(self.url, person["username"], person["password"])
        self._hands.append(hand)
        return hand

    def walk(self) -> None:
        """Walk the whole circle."""
        from console.app.tour_bulk import BulkTour
        from console.app.tour_desk import DeskTour
        from console.app.tour_rules import RulesTour
        from console.app.tour_verbs import VerbsTour

        collector, unit = self.person("supervisor"), self.person("dept_user")
        seats = self.seats
        self.case_id, self.number = seats.register(collector["area_code"], STORY, ADDRESS, CATEGORY, LETTERS)
        self.stage.say(f"登记 {self.number}")
        seats.accept(self.case_id)
        self.stage.say("受理")
        seats.file(self.case_id)
        self.stage.say("立案")
        seats.dispatch(self.case_id, unit["dept"])
        self.stage.say(f"派遣 → {unit['dept']}")
        worker = self.hand(unit)
        worker.act("sign", self.case_id, {})
        worker.act("feed_back", self.case_id, {"result": "已清运并冲洗路面，恢复整洁。", "solved": True})
        self.stage.say("签收、处置、反馈")
        seats.send_check(self.case_id)
        self.stage.say("批转核查")
        self.hand(collector).act("check_pass", self.case_id, {"note": "现场已清理干净。"})
        self.stage.say("核查通过")
        seats.close_case(self.case_id)
        self.stage.say("结案")
        self.closed = worker.look(self.case_id).case.state == "closed"
        RulesTour(seats).walk()
        self.stage.say("自动规则、退单裁判")
        rival = [person for person in self.people if person["roles"] == ["dispatcher"]][-1]
        BulkTour(seats, lambda: self.hand(rival)).walk()
        self.stage.say("批量办理、占用、冲突")
        VerbsTour(seats).walk()
        self.stage.say("命令面板、按键")
        DeskTour(seats).walk()
        self.stage.say("交接班、值班台")
        seats.last_pictures(self.case_id)

    def print_timeline(self) -> None:
        """Print the timeline of the case and the pictures that were taken."""
        if not self.case_id or not self._hands:
            return
        detail = self._hands[0].look(self.case_id)
        local = self.seats.seat("dispatcher").rules.calendar.local
        state = STATES[detail.case.state].name
        print(f"{detail.case.number}  {detail.case.location.address}  {state}")  # noqa: T201 - the verb's result
        for entry in detail.timeline:
            when = local(entry.at).strftime("%m-%d %H:%M:%S") if entry.at else ""
            who = f"{ROLES.get(entry.actor_role, entry.actor_role)} {entry.actor_name}"
            print(f"  {entry.seq:>7}  {when}  {ACTION_NAMES.get(entry.action, entry.action)}  {who}")  # noqa: T201 - as above
        for picture in self.stage.pictures:
            print(picture)  # noqa: T201 - as above

    def close(self) -> None:
        """Sign everybody out."""
        for hand in self._hands:
            hand.close()
        self.seats.close()
