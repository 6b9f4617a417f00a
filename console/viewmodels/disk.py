"""The full disk of this machine, told within a second of a save, and told again when there is room."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject

from console.notices.notice import ERROR, GOOD, Notice
from console.viewmodels.seat import STORE, SeatViewModel
from services.ports.disk import GIVEN_UP, WHOLE, SpareRoom

#: seconds between two looks at the disk while nothing is saved
EVERY = 15


def tr(text: str) -> str:
    """Translate a sentence of the disk."""
    return QCoreApplication.translate("Disk", text)


class DiskWatch(QObject):
    """Looks at the kept-back room after every save and now and then."""

    def __init__(self, seat: SeatViewModel, room: SpareRoom, parent: QObject | None = None) -> None:
        """Begin to look; nothing is said while all is well."""
        super().__init__(parent)
        self._seat, self._room = seat, room
        self._told = ""
        self._beats = 0
        seat.saved.connect(self._on_saved)
        seat.second.connect(self._on_second)
        self._tell(room.state)

    def _on_saved(self, _command: object) -> None:
        self._tell(self._room.state)

    def _on_second(self, _now: object) -> None:
        """Say what is given up at once; look for room every quarter of a minute, in the store's lane."""
        self._tell(self._room.state)
        self._beats += 1
        if self._beats % EVERY == 0:
            self._seat.background.submit(STORE, "spare room", self._room.restore, self._tell)

    def _tell(self, state: str) -> None:
        """Say it once when it changes."""
        before, self._told = self._told, state
        if state == GIVEN_UP and before != GIVEN_UP:
            text = tr("已启用备用空间：操作照常保存和送出，案件列表暂停更新。请尽快清理磁盘。")
            self._seat.notices.tell(Notice(ERROR, tr("本机磁盘已满"), text, key="disk"))
        elif state == WHOLE and before == GIVEN_UP:
            self._seat.notices.tell(Notice(GOOD, tr("本机磁盘空间已恢复"), key="disk"))
