"""A searchable list under one field: for departments, addresses, grids, commands (DESIGN §6, §7)."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QListView, QSizePolicy, QVBoxLayout, QWidget

from widgets.forms.picker_line import PickerLine
from widgets.forms.picker_list import HIT_ROLE, ROW_HEIGHT, HitDelegate, HitModel
from widgets.forms.picker_match import PickerHit, PickerItem, find
from widgets.theme import theme, theme_store
from widgets.theme.icons import themed_icon


class Picker(QWidget):
    """Field and list in one; nothing is chosen until the operator accepts a row.

    Args:
        placeholder: words in the empty field.
        rows: how many rows are seen at once.
        parent: the form.

    Signals:
        highlighted(str): another row is marked (id, empty when the list is empty).
        picked(str): id accepted by Enter, Alt+1…5 or a click.
        query_changed(str): the operator typed (for lists that are searched elsewhere).
    """

    highlighted = Signal(str)
    picked = Signal(str)
    query_changed = Signal(str)

    def __init__(self, placeholder: str = "", rows: int = 5, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: tuple[PickerItem, ...] = ()
        self._external = False
        self.line = PickerLine(self)
        self.line.setPlaceholderText(placeholder)
        self._glass = self.line.addAction(
            themed_icon("search", theme(), "text.secondary"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.list = QListView(self)
        self._model = HitModel(self.list)
        self.list.setModel(self._model)
        self.list.setItemDelegate(HitDelegate(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.setProperty("ground", "overlay")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(self.tr("候选"))
        self._rows = rows
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.line)
        column.addWidget(self.list)
        self.setFocusProxy(self.line)
        self.line.textEdited.connect(self._on_text)
        self.line.textChanged.connect(self._search)
        self.line.stepped.connect(self._on_step)
        self.line.row_asked.connect(self._on_row_asked)
        self.line.accepted.connect(self._on_accepted)
        self.list.clicked.connect(self._on_clicked)
        self.list.selectionModel().currentChanged.connect(self._on_current)
        theme_store().changed.connect(self._on_theme_changed)
        self._search()

    # --- values in --------------------------------------------------------------------------------

    def set_items(self, items: tuple[PickerItem, ...], *, searched: bool = False) -> None:
        """Offer other candidates.

        Args:
            items: all candidates, or with ``searched`` those somebody else found for the present text, in order.
            searched: show them as they are; the text is not matched again, only marked.
        """
        self._items = items
        self._external = searched
        self._search()

    def set_query(self, text: str) -> None:
        """Put a text into the field."""
        self.line.setText(text)

    @property
    def current_id(self) -> str:
        """The marked candidate; empty when none."""
        hit = self.list.currentIndex().data(HIT_ROLE)
        return hit.item.id if isinstance(hit, PickerHit) else ""

    @property
    def count(self) -> int:
        """How many candidates are found."""
        return self._model.rowCount()

    def item_of(self, item_id: str) -> PickerItem | None:
        """Return a candidate by id."""
        return next((item for item in self._items if item.id == item_id), None)

    def mark(self, item_id: str) -> bool:
        """Mark a row without accepting it; False when it is not in the list."""
        for row in range(self._model.rowCount()):
            hit = self._model.index(row).data(HIT_ROLE)
            if hit.item.id == item_id:
                self.list.setCurrentIndex(self._model.index(row))
                return True
        return False

    # --- inside -----------------------------------------------------------------------------------

    def _search(self) -> None:
        kept = self.current_id
        query = self.line.text()
        hits = [PickerHit(item) for item in self._items] if self._external else find(self._items, query)
        self._model.set_hits(hits)
        shown = min(self._rows, max(1, len(hits)))
        self.list.setFixedHeight(shown * ROW_HEIGHT + 2 if hits else 0)
        if hits and not (not query and kept and self.mark(kept)):
            self.list.setCurrentIndex(self._model.index(0))
        if not hits:
            self.highlighted.emit("")

    def _on_text(self, text: str) -> None:
        self.query_changed.emit(text)

    def _on_step(self, rows: int) -> None:
        count = self._model.rowCount()
        if count:
            place = min(max(self.list.currentIndex().row() + rows, 0), count - 1)
            self.list.setCurrentIndex(self._model.index(place))

    def _on_row_asked(self, place: int) -> None:
        if 0 <= place < self._model.rowCount():
            self.list.setCurrentIndex(self._model.index(place))
            self._on_accepted()

    def _on_accepted(self) -> None:
        if self.current_id:
            self.picked.emit(self.current_id)

    def _on_clicked(self, _index: QModelIndex) -> None:
        self._on_accepted()

    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        hit = current.data(HIT_ROLE)
        if isinstance(hit, PickerHit):
            self.highlighted.emit(hit.item.id)

    def _on_theme_changed(self, _theme: object) -> None:
        self._glass.setIcon(themed_icon("search", theme(), "text.secondary"))
