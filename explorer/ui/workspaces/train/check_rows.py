"""A list whose lines are ticked by a click anywhere on them, painted as the other boxes with a tick."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from explorer.ui.icons import paint_icon
from explorer.ui.theme import theme

ROW, SHOWN = 28, 12
"""The height of a line, and how many are shown before the list scrolls."""


class CheckRows(QListWidget):
    """`itemChanged` when a line is ticked or not any more."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setItemDelegate(_Delegate(self))
        self.setMouseTracking(True)
        self.itemClicked.connect(self._turn)

    def add(self, text: str, key: str) -> None:
        """A line that is not ticked; `key` is its data."""
        item = QListWidgetItem(text)
        item.setData(Qt.ItemDataRole.UserRole, key)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        item.setCheckState(Qt.CheckState.Unchecked)
        self.addItem(item)

    def fit(self) -> None:
        """As high as its lines, up to `SHOWN`."""
        self.setFixedHeight(min(SHOWN, max(1, self.count())) * theme().tokens.px(ROW) + 4)

    def _turn(self, item: QListWidgetItem) -> None:
        on = item.checkState() is Qt.CheckState.Checked
        item.setCheckState(Qt.CheckState.Unchecked if on else Qt.CheckState.Checked)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return) and self.currentItem() is not None:
            self._turn(self.currentItem())
            return
        super().keyPressEvent(event)


class _Delegate(QStyledItemDelegate):
    def __init__(self, rows: CheckRows) -> None:
        super().__init__(rows)
        self._rows = rows

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, theme().tokens.px(ROW))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens = theme().tokens
        px = tokens.px
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = option.rect
        if option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, tokens.hover)
        on = Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)) is Qt.CheckState.Checked
        box = QRect(area.left() + px(8), area.center().y() - px(8), px(16), px(16))
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus) and self._rows.hasFocus()
        painter.setPen(QPen(tokens.accent if on or focused else tokens.muted, 2 if focused else 1))
        painter.setBrush(tokens.accent if on else tokens.field)
        painter.drawRoundedRect(box.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), px(4), px(4))
        if on:
            paint_icon(painter, "check", box.adjusted(1, 1, -1, -1), tokens.on_accent)
        painter.setPen(tokens.text)
        painter.setFont(theme().font("body"))
        words = painter.fontMetrics().elidedText(
            index.data(), Qt.TextElideMode.ElideRight, area.width() - px(40)
        )
        side = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(area.adjusted(px(34), 0, -px(6), 0), side, words)
        painter.restore()
