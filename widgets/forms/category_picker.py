"""Choosing a class: search or tree, then the filing condition with its limit (事部件: 大类 · 小类 · 立案条件)."""

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QTreeView, QVBoxLayout, QWidget

from widgets.forms.choice import ChoiceList, ChoiceValue
from widgets.forms.picker import Picker
from widgets.forms.picker_match import PickerItem
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme
from widgets.theme.text import draw_text

_ID_ROLE = int(Qt.ItemDataRole.UserRole) + 1


@dataclass(frozen=True, slots=True)
class FilingCondition:
    """One 立案条件: id, its words, the limit as filed (2 紧急工作时), and whether it is a safety matter."""

    id: str
    text: str
    limit: str = ""
    safety: bool = False


@dataclass(frozen=True, slots=True)
class CategoryNode:
    """A class with its sub-classes; only leaves can be chosen, and only they carry conditions."""

    id: str
    name: str
    code: str = ""
    pinyin: str = ""
    initials: str = ""
    children: tuple["CategoryNode", ...] = ()
    conditions: tuple[FilingCondition, ...] = ()


def leaves(
    nodes: tuple[CategoryNode, ...], path: tuple[str, ...] = ()
) -> Iterator[tuple[CategoryNode, tuple[str, ...]]]:
    """Yield every leaf with the names above it."""
    for node in nodes:
        if node.children:
            yield from leaves(node.children, (*path, node.name))
        else:
            yield node, path


class CategoryPicker(QWidget):
    """Search field over a tree at the left, filing conditions at the right.

    Typing shows a flat list of leaves; an empty field shows the tree. Nothing is chosen silently: ``set_chosen`` only
    shows, ``category_chosen`` and ``condition_chosen`` come from the operator.

    Signals:
        category_chosen(str): id of a leaf.
        condition_chosen(str): id of a condition of that leaf.
    """

    category_chosen = Signal(str)
    condition_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._nodes: tuple[CategoryNode, ...] = ()
        self._leaves: dict[str, tuple[CategoryNode, tuple[str, ...]]] = {}
        self._chosen = ""
        self._conditions: ChoiceList | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        left = QVBoxLayout()
        left.setSpacing(6)
        self.search = Picker(self.tr("类别名称、编码或拼音首字母"), 8, self)
        self.tree = QTreeView(self)
        self._setup_tree()
        left.addWidget(self.search)
        left.addWidget(self.tree, 1)
        left.addStretch(0)
        row.addLayout(left, 3)
        side = QWidget(self)
        side.setMinimumWidth(280)
        self._right = QVBoxLayout(side)
        self._right.setContentsMargins(0, 0, 0, 0)
        self._right.setSpacing(8)
        self._head = TextLabel(self.tr("立案条件"), "body", "text.primary", self, bold=True)
        self._path = TextLabel("", "label", "text.secondary", self)
        self._empty = TextLabel(self.tr("先选小类"), "label", "text.tertiary", self)
        self._right.addWidget(self._head)
        self._right.addWidget(self._path)
        self._right.addWidget(self._empty)
        self._right.addStretch(1)
        row.addWidget(side, 2)
        self.setFocusProxy(self.search)
        self.search.picked.connect(self.choose)
        self.search.line.textChanged.connect(self._on_query)
        self.tree.activated.connect(self._on_tree)
        self.tree.clicked.connect(self._on_tree)
        self._on_query("")

    def set_categories(self, nodes: tuple[CategoryNode, ...]) -> None:
        """Offer a tree of classes."""
        self._nodes = nodes
        self._leaves = {node.id: (node, path) for node, path in leaves(nodes)}
        self._model.clear()
        for node in nodes:
            self._model.appendRow(_tree_item(node))
        self.search.set_items(
            tuple(
                PickerItem(
                    node.id,
                    node.name,
                    code=node.code,
                    pinyin=node.pinyin,
                    initials=node.initials,
                    note=" · ".join(path),
                    right_text=node.code,
                )
                for node, path in self._leaves.values()
            )
        )

    @property
    def chosen(self) -> str:
        """The chosen leaf; empty when none."""
        return self._chosen

    @property
    def condition(self) -> str:
        """The chosen condition; empty when none."""
        return self._conditions.current if self._conditions else ""

    def choose(self, leaf_id: str) -> None:
        """Choose a leaf as the operator would; other ids are passed over."""
        if leaf_id in self._leaves and leaf_id != self._chosen:
            self.set_chosen(leaf_id)
            self.category_chosen.emit(leaf_id)

    def set_chosen(self, leaf_id: str, condition_id: str = "") -> None:
        """Show a choice without a signal; an unknown leaf shows none."""
        node, path = self._leaves.get(leaf_id, (None, ()))
        self._chosen = leaf_id if node else ""
        self._path.set_text(" · ".join((*path, node.name)) if node else "")
        self._show_conditions(node.conditions if node else (), condition_id)
        self._mark_in_tree(leaf_id)

    def _setup_tree(self) -> None:
        self._model = QStandardItemModel(self.tree)
        self.tree.setModel(self._model)
        self.tree.setHeaderHidden(True)
        self.tree.setUniformRowHeights(True)
        self.tree.setIndentation(16)
        self.tree.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.tree.setMinimumHeight(160)
        self.tree.setAccessibleName(self.tr("类别"))

    def _show_conditions(self, conditions: tuple[FilingCondition, ...], current: str) -> None:
        if self._conditions is not None:
            self._right.removeWidget(self._conditions)
            self._conditions.deleteLater()
            self._conditions = None
        self._empty.setVisible(not conditions)
        self._empty.set_text(self.tr("该小类没有立案条件") if self._chosen else self.tr("先选小类"))
        if not conditions:
            return
        values = tuple(
            ChoiceValue(one.id, one.text, self._limit_words(one), str(number) if number <= 9 else "")
            for number, one in enumerate(conditions, 1)
        )
        self._conditions = ChoiceList(values, self, current=current)
        self._conditions.chosen.connect(self.condition_chosen)
        self._right.insertWidget(2, self._conditions)

    def _limit_words(self, condition: FilingCondition) -> str:
        words = self.tr("处置时限 {0}").format(condition.limit) if condition.limit else ""
        safety = self.tr("安全类") if condition.safety else ""
        return " · ".join(part for part in (words, safety) if part)

    def _on_query(self, text: str) -> None:
        searching = bool(text.strip())
        self.search.list.setVisible(searching)
        self.tree.setVisible(not searching)

    def _on_tree(self, index: QModelIndex) -> None:
        leaf_id = str(index.data(_ID_ROLE))
        if leaf_id in self._leaves:
            self.choose(leaf_id)
        else:
            self.tree.setExpanded(index, not self.tree.isExpanded(index))

    def _mark_in_tree(self, leaf_id: str) -> None:
        found = (
            self._model.match(
                self._model.index(0, 0),
                _ID_ROLE,
                leaf_id,
                1,
                Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive,
            )
            if leaf_id and self._model.rowCount()
            else []
        )
        if found:
            self.tree.setCurrentIndex(found[0])
            self.tree.scrollTo(found[0])


def _tree_item(node: CategoryNode) -> QStandardItem:
    item = QStandardItem(node.name)
    item.setData(node.id, _ID_ROLE)
    for child in node.children:
        item.appendRow(_tree_item(child))
    return item


class LimitByRule(QWidget):
    """A limit that follows from the 立案条件: read-only words (处置 2 紧急工作时) and a tag at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words, self._tag = "", ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_words(self, words: str, tag: str = "") -> None:
        """Show a limit and, at the right, what it comes from or when it ends."""
        self._words, self._tag = words, tag
        self.setAccessibleName("，".join(part for part in (words, tag) if part))
        self.update()

    def sizeHint(self) -> QSize:
        """Return 32 high."""
        return QSize(200, 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field."""
        look = theme()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(look.color("line.normal"))
            painter.setBrush(look.color("bg.raised"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            row = QRectF(self.rect()).adjusted(12, 0, -12, 0)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            taken = draw_text(painter, row, self._tag, look.font("body"), look.color("text.secondary"), right)
            words = row.adjusted(0, 0, -taken - 8, 0)
            draw_text(painter, words, self._words, look.font("body"), look.color("text.primary"))
