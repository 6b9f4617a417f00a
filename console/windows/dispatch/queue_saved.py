"""Saved filters as buttons: a press asks, once more takes it back; names are written in the line itself."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QMenu, QSizePolicy, QWidget

from console.viewmodels.queue_filters import MOST_NAME, SavedFilters
from services.domain.roles import ROLES
from services.ports.filters import ALL, NOBODY, SavedFilter
from widgets.theme import theme
from widgets.theme.icons import draw_icon
from widgets.theme.text import draw_text, text_width

#: posts a filter can be shared with: those that work with this window
SHARED_WITH = ("dispatcher", "acceptor", "shift_leader", "leader", "evaluator")
_HIGH, _GAP, _PAD = 24, 6, 8
_FIELD, _FIELD_HIGH = 150, 32


def tr(text: str) -> str:
    """Translate a word of saved filters."""
    return QCoreApplication.translate("SavedStrip", text)


def role_word(role: str) -> str:
    """Return the name of a post."""
    return QCoreApplication.translate("Roles", ROLES.get(role, role))


class SavedStrip(QWidget):
    """Shows `SavedFilters`; hidden while there are none. `left()` asks to give the focus back to the list.

    `said(str)` is a sentence for the operator: why something was not done.
    """

    left = Signal()
    said = Signal(str)

    def __init__(self, model: SavedFilters, parent: QWidget | None = None) -> None:
        """Make a button for each filter."""
        super().__init__(parent)
        self.model = model
        self.buttons: list[SavedButton] = []
        self.field = QLineEdit(self)
        self.field.setFixedSize(_FIELD, _FIELD_HIGH)
        self.field.setMaxLength(MOST_NAME)
        self.field.setPlaceholderText(tr("名称，回车保存"))
        self.field.returnPressed.connect(self._named)
        self.field.hide()
        self._renamed = ""
        self.setAccessibleName(tr("已保存的筛选"))
        model.changed.connect(self.show_filters)
        model.queue.changed.connect(self._show_active)
        model.refused.connect(self.said)
        self.show_filters()

    # --- showing ------------------------------------------------------------------------------------------

    def show_filters(self) -> None:
        """Show what is there; the focus stays where it was."""
        focused = next((button.saved.filter_id for button in self.buttons if button.hasFocus()), "")
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        self.buttons = [self._button(entry) for entry in self.model.shown]
        for button in self.buttons:
            if button.saved.filter_id == focused:
                button.setFocus()
        self._show_active()
        self._arrange()

    def _button(self, entry: SavedFilter) -> SavedButton:
        button = SavedButton(entry, self)
        button.resize(button.sizeHint())
        button.clicked.connect(lambda _on=False, one=entry.filter_id: self.model.apply(one))
        button.show()
        return button

    def _show_active(self) -> None:
        active = self.model.active
        for button in self.buttons:
            button.setChecked(button.saved.filter_id == active)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the line for the width."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Put buttons and field side by side, the rest on the next line."""
        parts: list[QWidget] = [*self.buttons]
        if not self.field.isHidden():
            parts.append(self.field)
        high = _HIGH if self.field.isHidden() else _FIELD_HIGH
        x, y, edge = 16, 0, max(self.width() - 16, 120)
        for part in parts:
            wide = min(part.sizeHint().width() if part is not self.field else _FIELD, edge - 16)
            if x > 16 and x + wide > edge:
                x, y = 16, y + high + _GAP
            part.setGeometry(x, y + (0 if part is self.field else (high - _HIGH) // 2), wide, part.height())
            x += wide + _GAP
        self.setFixedHeight(y + high + _GAP if parts else 0)
        self.setVisible(bool(parts))

    # --- naming -------------------------------------------------------------------------------------------

    def ask_name(self, filter_id: str = "") -> None:
        """Write a name: for the filter as it stands, or another one for a saved filter."""
        entry = self.model.get(filter_id) if filter_id else None
        if entry is None and (reason := self.model.why_not_save("?")):
            self.said.emit(reason)
            return
        self._renamed = filter_id if entry is not None else ""
        self.field.setText(entry.name if entry is not None else "")
        self.field.selectAll()
        self.field.show()
        self._arrange()
        self.field.setFocus()

    def _named(self) -> None:
        """Take the name; what cannot be is said, and the field stays."""
        name = self.field.text()
        if self._renamed:
            done = self.model.rename(self._renamed, name)
            reason = "" if done else tr("名称为空或已有同名的筛选")
        else:
            reason = self.model.why_not_save(name)
            if not reason:
                self.model.save(name)
        if reason:
            self.said.emit(reason)
        else:
            self.close_field()

    def close_field(self) -> None:
        """Put the field away and give the focus back."""
        self.field.hide()
        self._renamed = ""
        self._arrange()
        self.left.emit()

    # --- keys and menu ------------------------------------------------------------------------------------

    def focus_first(self) -> None:
        """Give the focus to the first button."""
        if self.buttons:
            chosen = next((button for button in self.buttons if button.isChecked()), self.buttons[0])
            chosen.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right go on, with Alt they move the filter; digits ask, F2 renames, Delete drops, Esc leaves."""
        key = event.key()
        at = next((place for place, button in enumerate(self.buttons) if button.hasFocus()), -1)
        if key == Qt.Key.Key_Escape:
            self.close_field()
            return
        if at < 0:
            event.ignore()
            return
        saved = self.buttons[at].saved
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(key), 0)
        if step and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.model.move(saved.filter_id, step)
        elif step:
            self.buttons[(at + step) % len(self.buttons)].setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif key == Qt.Key.Key_F2 and saved.mine:
            self.ask_name(saved.filter_id)
        elif key == Qt.Key.Key_Delete:
            self.drop(saved.filter_id)
        elif key == Qt.Key.Key_Menu:
            self.open_menu(self.buttons[at])
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_9 and key - Qt.Key.Key_1 < len(self.buttons):
            self.buttons[key - Qt.Key.Key_1].click()
            self.left.emit()
        else:
            event.ignore()

    def drop(self, filter_id: str) -> None:
        """Take a filter away, or say why not."""
        if not self.model.drop(filter_id):
            self.said.emit(tr("这是别人共享的筛选，不能删除"))

    def open_menu(self, button: SavedButton, at: QPoint | None = None) -> QMenu:
        """Open what can be done with a filter."""
        saved, menu = button.saved, QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        rename = menu.addAction(tr("改名\tF2"), lambda: self.ask_name(saved.filter_id))
        before = menu.addAction(tr("左移\tAlt+←"), lambda: self.model.move(saved.filter_id, -1))
        behind = menu.addAction(tr("右移\tAlt+→"), lambda: self.model.move(saved.filter_id, 1))
        for action in (rename, before, behind):
            action.setEnabled(saved.mine)
        if self.model.may_share and saved.mine:
            share = menu.addMenu(tr("共享给"))
            for post, word in (
                (NOBODY, tr("只自己用")),
                (ALL, tr("所有岗位")),
                *((r, role_word(r)) for r in SHARED_WITH),
            ):
                action = share.addAction(word)
                action.setCheckable(True)
                action.setChecked(saved.share == post)
                action.triggered.connect(lambda _on=False, one=post: self.model.share(saved.filter_id, one))
        remove = menu.addAction(tr("删除\tDelete"), lambda: self.drop(saved.filter_id))
        remove.setEnabled(saved.mine or self.model.may_share)
        menu.popup(at or button.mapToGlobal(button.rect().bottomLeft()))
        return menu


class SavedButton(QAbstractButton):
    """One saved filter; shared ones carry people, unsent ones a cloud."""

    def __init__(self, saved: SavedFilter, strip: SavedStrip) -> None:
        """Show its name."""
        super().__init__(strip)
        self.saved, self._strip = saved, strip
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(saved.name)
        self.setToolTip(self._told())

    def _told(self) -> str:
        """Return whose it is and where it stands."""
        lines = [self.saved.name]
        if not self.saved.mine:
            lines.append(tr("{name} 共享").format(name=self.saved.owner))
        elif self.saved.share:
            post = tr("所有岗位") if self.saved.share == ALL else role_word(self.saved.share)
            lines.append(tr("已共享给{post}").format(post=post))
        if self.saved.unsent:
            lines.append(tr("已存本机，待发送"))
        return "\n".join(lines)

    @property
    def icon_name(self) -> str:
        """The drawing in front of the name."""
        if self.saved.unsent:
            return "cloud_up"
        return "people" if self.saved.share or not self.saved.mine else "filter"

    def nextCheckState(self) -> None:  # noqa: N802 - Qt's name
        """The model says what is chosen."""

    def sizeHint(self) -> QSize:
        """Return drawing and name."""
        return QSize(round(text_width(theme().font("label"), self.saved.name)) + 2 * _PAD + 18, _HIGH)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter asks as Space does; other keys are the strip's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() == Qt.Key.Key_Space:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open what can be done with it."""
        self._strip.open_menu(self, event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw frame, drawing and name."""
        look, chosen = theme(), self.isChecked()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            edge = "accent.focus" if self.hasFocus() else "accent.base" if chosen else "line.normal"
            ground = "accent.soft" if chosen else "bg.hover" if self.underMouse() else "bg.raised"
            painter.setPen(QPen(look.color(edge), 1))
            painter.setBrush(look.color(ground))
            radius = look.metric("radius.control")
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
            tone = "sla.soon.text" if self.saved.unsent else "accent.base" if chosen else "text.tertiary"
            draw_icon(painter, QRectF(_PAD, 0, 12, self.height()), self.icon_name, look.color(tone), 12)
            words = QRectF(_PAD + 18, 0, self.width() - 2 * _PAD - 17, self.height())
            colour = look.color("accent.base" if chosen else "text.secondary")
            draw_text(painter, words, self.saved.name, look.font("label"), colour)
