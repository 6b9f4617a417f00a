"""底图与图层来源: the sources of the map in a list, the chosen one in a form; add, order, try, remove, save."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QMenu, QVBoxLayout, QWidget

from console.viewmodels.map_prefetch import World
from console.viewmodels.map_source_editor import SourceEditor, templates
from console.viewmodels.map_sources import MapSources
from console.windows.dialogs.map_source_form import SourceForm
from console.windows.dialogs.words import tr
from widgets.dialogs.frame import DialogFrame
from widgets.forms.buttons import Button, ButtonKind, ButtonSize
from widgets.indicators.key_legend import KeyHint
from widgets.indicators.text_label import TextLabel

_LIST_WIDTH = 264
_ROW_HEIGHT = 48
_ID = Qt.ItemDataRole.UserRole


class MapSourcesDialog(DialogFrame):
    """The dialog; saves when it is accepted and every source is right."""

    def __init__(
        self, sources: MapSources, place: tuple[float, float], host: QWidget, area: World | None = None
    ) -> None:
        """Lay out list and form. `place` is lon, lat where a trial looks, `area` what 预下载 fetches."""
        hints = (KeyHint(("Alt", "↑↓"), tr("改顺序")), KeyHint(("F5",), tr("试连")))
        super().__init__(
            host, tr("底图与图层来源"), tr("上面的盖住下面的"), "layers", 960, main=tr("保存"), hints=hints
        )
        self.editor = SourceEditor(sources, place, area, self)
        self.list = QListWidget(self)
        self.list.setFixedWidth(_LIST_WIDTH)
        self.list.setAccessibleName(tr("来源"))
        self.form = SourceForm(self)
        small = ButtonSize.SMALL
        self.add_button = Button(tr("新增"), ButtonKind.PLAIN, "", "plus", small, self, opens_menu=True)
        self.up = Button(tr("上移"), ButtonKind.GHOST, "", "arrow_up", small, self)
        self.down = Button(tr("下移"), ButtonKind.GHOST, "", "arrow_down", small, self)
        self.remove = Button(tr("移除"), ButtonKind.GHOST, "", "trash", small, self)
        self.try_button = Button(tr("试连"), ButtonKind.PLAIN, "F5", "link", parent=self)
        self.fetch_button = Button(tr("预下载本区"), ButtonKind.PLAIN, "", "download", parent=self)
        self.outcome = TextLabel("", "label", "text.secondary", self, wrap=True, max_lines=4)
        self.empty = TextLabel(
            tr("还没有来源。按“新增”添加天地图、XYZ、WMTS、MBTiles 瓦片，或 WFS、ArcGIS、超图、文件图层。"),
            "body",
            "text.tertiary",
            self,
            wrap=True,
        )
        self.menu = QMenu(self)
        for template in templates():
            action = self.menu.addAction(template.word)
            action.setData(template.key)
        self._arrange()
        self._connect()
        self.set_first_field(self.list)
        self._form_of = ""
        self._show()

    def _arrange(self) -> None:
        """Put list, form and the line of the trial in their places."""
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.list, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        for button in (self.add_button, self.up, self.down, self.remove):
            buttons.addWidget(button)
        left.addLayout(buttons)
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addWidget(self.empty)
        right.addWidget(self.form, 1)
        trial = QHBoxLayout()
        trial.setSpacing(12)
        trial.addWidget(self.try_button, 0, Qt.AlignmentFlag.AlignTop)
        trial.addWidget(self.fetch_button, 0, Qt.AlignmentFlag.AlignTop)
        trial.addWidget(self.outcome, 1)
        right.addLayout(trial)
        both = QHBoxLayout()
        both.setSpacing(20)
        both.addLayout(left)
        both.addLayout(right, 1)
        self.content.addLayout(both)
        self.body.setMinimumHeight(480)

    def _connect(self) -> None:
        """Wire list, form and editor."""
        editor = self.editor
        self.list.currentItemChanged.connect(self._on_chosen)
        self.form.field_changed.connect(editor.set_field)
        self.form.key_changed.connect(editor.set_key)
        self.add_button.clicked.connect(self._on_add)
        self.menu.triggered.connect(lambda action: editor.add(action.data()))
        self.up.clicked.connect(lambda: editor.move(-1))
        self.down.clicked.connect(lambda: editor.move(1))
        self.remove.clicked.connect(editor.remove)
        self.try_button.clicked.connect(editor.try_current)
        self.fetch_button.clicked.connect(editor.toggle_prefetch)
        QShortcut(QKeySequence("F5"), self).activated.connect(self.try_button.click_or_refuse)
        QShortcut(QKeySequence("Alt+Up"), self).activated.connect(self.up.click_or_refuse)
        QShortcut(QKeySequence("Alt+Down"), self).activated.connect(self.down.click_or_refuse)
        editor.changed.connect(self._show)

    # --- showing --------------------------------------------------------------------------------------

    def _show(self) -> None:
        """Show list, form, and what came of a trial."""
        editor = self.editor
        self._show_list()
        if self._form_of != editor.current:
            self._form_of = editor.current
            self.form.clear_key()
        self.form.show_source(editor)
        source = editor.source
        self.empty.setVisible(source is None)
        self.try_button.setVisible(source is not None)
        self.try_button.set_reason(tr("正在试连，请稍候。") if editor.trying else "")
        self.fetch_button.setVisible(source is not None and source.is_tiles and not source.is_local)
        self.fetch_button.setText(tr("停止预下载") if editor.prefetching else tr("预下载本区"))
        self.fetch_button.set_reason(editor.prefetch_reason)
        for button in (self.up, self.down, self.remove):
            button.set_reason("" if source is not None else tr("没有选中的来源。"))
        text, token = "", "text.secondary"
        row = next((r for r in editor.rows if r.id == editor.current), None)
        if editor.trying:
            text = tr("正在试连…")
        elif editor.trial is not None:
            text = editor.trial.sentence
            token = "sla.ok.text" if editor.trial.fine else "sla.over2.text"
        elif editor.prefetch_text:
            text = editor.prefetch_text
        elif row is not None and row.state:
            text, token = row.state, "sla.soon.text"
        self.outcome.set_token(token)
        self.outcome.set_text(text)
        if self.isVisible() and editor.errors:
            # sentences below fields need room
            self.resize(self.sizeHint())

    def _show_list(self) -> None:
        """Fill the list anew without telling."""
        blocker = QSignalBlocker(self.list)
        rows = self.editor.rows
        while self.list.count() > len(rows):
            self.list.takeItem(self.list.count() - 1)
        for at, row in enumerate(rows):
            item = self.list.item(at)
            if item is None:
                item = QListWidgetItem()
                item.setSizeHint(QSize(0, _ROW_HEIGHT))
                self.list.addItem(item)
            origin = tr("中心") if row.from_centre else row.kind
            warn = " ⚠" if row.state else ""
            item.setText(f"{row.title or tr('未命名')}{warn}\n{origin}")
            item.setData(_ID, row.id)
            item.setToolTip(row.state)
            if row.id == self.editor.current:
                self.list.setCurrentItem(item)
        blocker.unblock()

    # --- acting ---------------------------------------------------------------------------------------

    def _on_chosen(self, item: QListWidgetItem | None, _before: QListWidgetItem | None) -> None:
        """Show another source."""
        if item is not None:
            self.editor.choose(str(item.data(_ID)))

    def _on_add(self) -> None:
        """Offer what can be added."""
        self.menu.popup(self.add_button.mapToGlobal(self.add_button.rect().bottomLeft()))

    def accept(self) -> None:
        """Save, unless a source is wrong: then it is shown with its errors."""
        if self.editor.save():
            super().accept()
