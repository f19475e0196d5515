"""A table of rows that fold: hairlines between them, whole rows selected, Ctrl+C copies them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyleOptionViewItem, QTreeView, QWidget

from explorer.ui.icons import paint_icon
from explorer.ui.theme import theme

Index = QModelIndex | QPersistentModelIndex


class RowsView(QTreeView):
    """`copied` on Ctrl+C. `nothing` is written where there are no rows."""

    copied = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.nothing = ""
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.header().setStretchLastSection(False)
        self.header().setMinimumSectionSize(40)

    def share_room(self) -> None:
        """Divide the width among the columns; called whenever it changes."""
        raise NotImplementedError

    def ground(self, index: Index) -> QColor | None:
        """What lies under the row of `index` while it is not selected; None for nothing."""
        return None

    def family(self, index: Index) -> str:
        """The family of the layer in this row, whose colour its dot gets; "" for none."""
        raise NotImplementedError

    # -- Qt --------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.share_room()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.model().rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setPen(theme().tokens.muted)
            painter.setFont(theme().font("body"))
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, self.nothing)

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens = theme().tokens
        rect: QRect = option.rect
        first = index.model().index(index.row(), 0, index.parent())
        ground = self.ground(first)
        if self.selectionModel().isSelected(first):
            painter.fillRect(rect, tokens.accent_wash)
        elif ground is not None:
            painter.fillRect(rect, ground)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, tokens.hover)
        super().drawRow(painter, option, index)
        painter.setPen(QPen(tokens.line, 1))
        painter.drawLine(rect.left(), rect.bottom(), rect.right(), rect.bottom())
        if self.hasFocus() and first == self.currentIndex().siblingAtColumn(0):
            painter.setPen(QPen(tokens.accent, 1))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def drawBranches(self, painter: QPainter, rect: QRect, index: Index) -> None:
        tokens = theme().tokens
        side = tokens.px(12)
        box = QRect(rect.right() - side + 1, rect.top() + (rect.height() - side) // 2, side, side)
        if self.model().hasChildren(index):
            symbol = "chevron-down" if self.isExpanded(index) else "chevron-right"
            paint_icon(painter, symbol, box, tokens.muted)
            return
        family = self.family(index)
        if family:
            dot = tokens.px(5)
            left, top = box.center().x() - dot // 2, box.center().y() - dot // 2
            painter.fillRect(left, top, dot, dot, tokens.family(family))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copied.emit()
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        # Ctrl+C in the table is the table's, not the canvas's.
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QKeyEvent.Type.ShortcutOverride
            and event.matches(QKeySequence.StandardKey.Copy)
        ):
            event.accept()
        return super().event(event)
