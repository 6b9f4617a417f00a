"""A date and time by keys: 2026-11-20 14:32, up and down step the part under the cursor."""

from datetime import datetime, tzinfo

from PySide6.QtCore import QDate, QDateTime, QTime, Signal
from PySide6.QtWidgets import QDateTimeEdit, QWidget

from widgets.forms.fields import Field


class DateTimeField(Field[QDateTimeEdit]):
    """A moment in one time zone, to the minute.

    Signals:
        changed(datetime): the operator chose another moment (with time zone).
    """

    changed = Signal(object)

    def __init__(
        self,
        label: str,
        zone: tzinfo,
        keys: str = "",
        parent: QWidget | None = None,
        *,
        required: bool = False,
    ) -> None:
        super().__init__(QDateTimeEdit(), label, keys, parent, required=required)
        self._zone = zone
        self._setting = False
        self.editor.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.editor.setCalendarPopup(True)
        self.editor.dateTimeChanged.connect(self._on_changed)

    def moment(self) -> datetime:
        """Return the moment, seconds zero."""
        date, time = self.editor.date(), self.editor.time()
        return datetime(date.year(), date.month(), date.day(), time.hour(), time.minute(), tzinfo=self._zone)

    def set_moment(self, moment: datetime) -> None:
        """Show a moment without announcing a change."""
        local = moment.astimezone(self._zone)
        self._setting = True
        try:
            date = QDate(local.year, local.month, local.day)
            self.editor.setDateTime(QDateTime(date, QTime(local.hour, local.minute)))
        finally:
            self._setting = False

    def set_range(self, earliest: datetime | None, latest: datetime | None) -> None:
        """Allow only moments between two bounds; None leaves a side open."""
        if earliest is None:
            self.editor.clearMinimumDateTime()
        else:
            self.editor.setMinimumDateTime(_to_qt(earliest.astimezone(self._zone)))
        if latest is None:
            self.editor.clearMaximumDateTime()
        else:
            self.editor.setMaximumDateTime(_to_qt(latest.astimezone(self._zone)))

    def _on_changed(self, _moment: QDateTime) -> None:
        if self._setting:
            return
        if self.error:
            self.set_error("")
        self.changed.emit(self.moment())


def _to_qt(local: datetime) -> QDateTime:
    return QDateTime(QDate(local.year, local.month, local.day), QTime(local.hour, local.minute))
