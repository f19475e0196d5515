"""The layers of the open network, from the picture on: name, size, and how much of it is dead."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from explorer.network import numerals
from explorer.ui.theme import theme
from explorer.ui.widgets.fields import SearchField
from explorer.ui.widgets.labels import Label
from explorer.ui.widgets.panels import Panel
from explorer.ui.workspaces.filters.inside.model import InsideModel

_NODE, _SHAPE, _FAMILY = (Qt.ItemDataRole.UserRole + place for place in range(3))
ROW = 38


class LayerList(Panel):
    """Follows the model by itself."""

    def __init__(self, model: InsideModel) -> None:
        super().__init__("panel", 12, 8)
        self._model = model
        self._filling = False
        self.search = SearchField("Search layers")
        self.nothing = Label("No layer is called that.", "muted")
        self.nothing.setWordWrap(True)
        self.list = QListWidget()
        self.list.setAccessibleName("Layers")
        self.list.setItemDelegate(_Row(self.list))
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for widget in (self.search, self.nothing):
            self.column.addWidget(widget)
        self.column.addWidget(self.list, 1)
        self.nothing.hide()
        self.search.textChanged.connect(self._filter)
        self.search.left_with_arrow.connect(self.list.setFocus)
        self.list.currentItemChanged.connect(self._choose)
        model.network_changed.connect(self.fill)
        model.seen_changed.connect(self._tell_dead)
        model.page_changed.connect(self._mark)
        theme().changed.connect(self.list.doItemsLayout)
        self.fill()

    def fill(self) -> None:
        """All layers anew."""
        network, tab = self._model.network, self._model.tab
        layers = self._model.layers
        self._filling = True
        self.list.clear()
        for node in layers if network is not None and tab is not None else ():
            output = tab.document.inference.results[node].output  # type: ignore[union-attr]
            item = QListWidgetItem(network.path(node))  # type: ignore[union-attr]
            item.setData(_NODE, node)
            item.setData(_SHAPE, numerals.shape(output) if output else "")
            item.setData(_FAMILY, str(network.nodes[node].layer.family))  # type: ignore[union-attr]
            self.list.addItem(item)
        self._filling = False
        self._filter(self.search.text())
        self._tell_dead()
        self._mark()

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def _mark(self) -> None:
        found = next((item for item in self._items() if item.data(_NODE) == self._model.node), None)
        if found is not None and found is not self.list.currentItem():
            self._filling = True
            self.list.setCurrentItem(found)
            self._filling = False

    def _tell_dead(self) -> None:
        for item in self._items():
            share = self._model.dead.get(item.data(_NODE), 0.0)
            words = f"{max(1, round(100 * share))} % dead" if share else ""
            item.setData(Qt.ItemDataRole.StatusTipRole, words)
            shape = item.data(_SHAPE)
            item.setToolTip(f"{item.text()}: {shape}" + (f"; {words} on this picture" if words else ""))

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        shown = 0
        for item in self._items():
            hidden = not all(word in item.text().lower() for word in words)
            item.setHidden(hidden)
            shown += not hidden
        self.nothing.setVisible(not shown and bool(words))

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None and not self._filling:
            self._model.choose(item.data(_NODE))


class _Row(QStyledItemDelegate):
    """Two lines: the name, and below it the size and what is dead."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        px = theme().tokens.px
        return QSize(px(120), px(ROW))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens = theme().tokens
        px = tokens.px
        box: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(tokens.accent_wash)
            painter.drawRoundedRect(box.adjusted(0, 1, 0, -1), 6, 6)
            painter.setPen(QPen(tokens.accent, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.toRectF().adjusted(0.5, 1.5, -0.5, -1.5), 6, 6)
            painter.setPen(Qt.PenStyle.NoPen)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(tokens.hover)
            painter.drawRoundedRect(box.adjusted(0, 1, 0, -1), 6, 6)
        painter.setBrush(tokens.family(index.data(_FAMILY)))
        painter.drawRoundedRect(box.left() + px(8), box.top() + px(9), px(7), px(7), 2, 2)
        inner = box.adjusted(px(22), px(4), -px(8), -px(4))
        top = QRect(inner.left(), inner.top(), inner.width(), inner.height() // 2)
        below = QRect(inner.left(), top.bottom() + 1, inner.width(), inner.height() // 2)
        painter.setFont(theme().font("value"))
        painter.setPen(tokens.text)
        elided = painter.fontMetrics().elidedText(
            index.data(Qt.ItemDataRole.DisplayRole), Qt.TextElideMode.ElideLeft, top.width()
        )
        painter.drawText(top, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, elided)
        painter.setFont(theme().font("label"))
        painter.setPen(tokens.muted)
        dead = index.data(Qt.ItemDataRole.StatusTipRole) or ""
        room = below.width() - painter.fontMetrics().horizontalAdvance(dead) - px(4)
        shape = painter.fontMetrics().elidedText(index.data(_SHAPE), Qt.TextElideMode.ElideRight, room)
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shape)
        if dead:
            painter.setPen(tokens.warning)
            painter.drawText(below, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, dead)
        painter.restore()
