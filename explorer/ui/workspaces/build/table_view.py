"""How the layer table is drawn: quiet rows with hairlines, names left, numbers right, bars for shares."""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetrics,
    QKeyEvent,
    QPainter,
)
from PySide6.QtWidgets import (
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from explorer.ui.icons import icon
from explorer.ui.theme import theme
from explorer.ui.widgets.rows import Index, RowsView
from explorer.ui.workspaces.build.table_cells import Column
from explorer.ui.workspaces.build.table_model import BAR_ROLE, FAMILY_ROLE, UNKNOWN_ROLE, TableModel

_WIDTHS = {
    Column.LAYER: 150,
    Column.TYPE: 200,
    Column.OUTPUT: 116,
    Column.PARAMETERS: 94,
    Column.MACS: 84,
    Column.FIELD: 52,
    Column.SHARE: 104,
    Column.TIME: 68,
    Column.MEAN: 76,
    Column.STD: 60,
    Column.ZEROS: 60,
}
TIGHT = 880
ROOMY = 900
"""What is left beyond this for names, types and shares goes to the numbers, so that no row falls apart."""
_LEAST = {Column.LAYER: 104, Column.TYPE: 84, Column.SHARE: 64}
_GIVING_WAY = (Column.FIELD, Column.SHARE, Column.TYPE, Column.MACS)
"""What is left out where even the least widths are too much, in this order: all of it is elsewhere too."""


class RowDelegate(QStyledItemDelegate):
    """Paints one cell itself: the sheet's item rules cost more than the text."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        theme().changed.connect(self._take_font)
        self._take_font()

    def _take_font(self) -> None:
        self._font = theme().font("value")
        self._metrics = QFontMetrics(self._font)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(theme().tokens.px(60), theme().tokens.px(23))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens = theme().tokens
        rect: QRect = option.rect
        column = index.column()
        inner = rect.adjusted(tokens.px(8), 0, -tokens.px(8), -1)
        if column == Column.LAYER:
            inner.setLeft(rect.left() + tokens.px(4))
        painter.setFont(self._font)
        if column == Column.SHARE:
            self._paint_share(painter, inner, index)
            return
        quiet = column == Column.TYPE or bool(index.data(UNKNOWN_ROLE))
        painter.setPen(tokens.muted if quiet else tokens.text)
        text = str(index.data())
        if self._metrics.horizontalAdvance(text) > inner.width():
            text = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, int(index.data(Qt.ItemDataRole.TextAlignmentRole)), text)

    def _paint_share(self, painter: QPainter, rect: QRect, index: Index) -> None:
        tokens = theme().tokens
        words = tokens.px(48)
        painter.setPen(tokens.muted)
        painter.drawText(
            QRect(rect.right() - words, rect.top(), words, rect.height()),
            int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter),
            str(index.data()),
        )
        bar = float(index.data(BAR_ROLE) or 0.0)
        room = rect.width() - words - tokens.px(8)
        height = tokens.px(5)
        if room < tokens.px(24):  # under the figure instead of beside it
            room, height = rect.width(), tokens.px(3)
            rect = rect.adjusted(0, rect.height() - tokens.px(4), 0, 0)
        length = round(room * min(1.0, bar))
        if length < tokens.px(6):  # a speck says less than the figure
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        fill = QColor(tokens.accent)
        fill.setAlpha(205)
        painter.setBrush(fill)
        top = rect.top() + (rect.height() - height) // 2
        painter.drawRoundedRect(rect.left(), top, length, height, height / 2, height / 2)
        painter.restore()


class TableView(RowsView):
    """The view: several rows can be selected; Ctrl+C copies them, Enter asks to see one on the canvas."""

    room_shared = Signal()
    """Some columns may have come or gone."""
    entered = Signal()

    def __init__(self, model: TableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(RowDelegate(self))
        self.setAccessibleName("Layers of the network")
        self.setExpandsOnDoubleClick(True)
        header = self.header()
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        header.setSectionsMovable(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.clicked.connect(lambda _: self.entered.emit())
        model.stale.connect(lambda: model.tell(self.rows_in_sight()))
        theme().changed.connect(self.rescale)
        self.rescale()

    def rescale(self) -> None:
        """Take the widths of the columns from the theme."""
        px = theme().tokens.px
        self.setIndentation(px(14))
        for column, width in _WIDTHS.items():
            self.header().resizeSection(column, px(width))
        self.setFont(theme().font("value"))
        if self.isVisible():
            self.share_room()

    def rows_in_sight(self) -> list[QModelIndex]:
        """The rows that are on the screen, top to bottom."""
        found: list[QModelIndex] = []
        index = self.indexAt(QPoint(4, 0))
        bottom = self.viewport().height()
        while index.isValid() and self.visualRect(index).top() < bottom:
            found.append(index)
            index = self.indexBelow(index)
        return found

    def share_room(self) -> None:
        """Divide what the numbers leave among name, type and share; where it is tight the bars give way."""
        px = theme().tokens.px
        header = self.header()
        whole = self.viewport().width()
        # With the columns of a run there may be no room for shares.
        hidden = {Column.SHARE} if header.count() > Column.TIME and whole < px(TIGHT) else set[Column]()
        least = {one: px(_LEAST.get(one, _WIDTHS[one])) for one in map(Column, range(header.count()))}
        for column in _GIVING_WAY:
            if sum(width for one, width in least.items() if one not in hidden) > whole:
                hidden.add(column)
        for column in _GIVING_WAY:
            self.setColumnHidden(column, column in hidden)
        numbers = [one for one in least if one not in _LEAST and one not in hidden]
        spare = whole - sum(least[one] for one in numbers) - px(ROOMY)
        more = max(0, min(spare // max(1, len(numbers)), px(56)))
        widths = {one: least[one] + more for one in numbers}
        room = whole - sum(widths.values())
        widths[Column.LAYER] = max(least[Column.LAYER], min(round(room * 0.29), px(400)))
        if Column.SHARE not in hidden:
            widths[Column.SHARE] = max(least[Column.SHARE], min(round(room * 0.22), px(280)))
        rest = max(0, room - widths[Column.LAYER] - widths.get(Column.SHARE, 0))
        if Column.TYPE in hidden:
            widths[Column.LAYER] += rest
        else:
            widths[Column.TYPE] = max(least[Column.TYPE], rest)
        for column, width in widths.items():
            header.resizeSection(column, width)
        self.room_shared.emit()

    def family(self, index: Index) -> str:
        return str(index.data(FAMILY_ROLE) or "boundary")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = (
            self.indexAt(event.pos())
            if event.reason() == QContextMenuEvent.Reason.Mouse
            else self.currentIndex()
        )
        if not index.isValid():
            return
        if not self.selectionModel().isSelected(index):
            self.select_rows([index.siblingAtColumn(0)])
        menu = QMenu(self)
        menu.setAccessibleName("Rows")
        muted = theme().tokens.muted
        menu.addAction(icon("eye", muted), "Show on the canvas\tEnter", self.entered.emit)
        menu.addAction(icon("copy", muted), "Copy the rows\tCtrl+C", self.copied.emit)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(event.globalPos())

    def select_rows(self, indexes: list[QModelIndex]) -> None:
        """Select exactly these rows and bring the first into view."""
        chosen = QItemSelection()
        for index in indexes:
            above = index.parent()
            while above.isValid() and not self.isExpanded(above):
                self.expand(above)
                above = above.parent()
            chosen.append(QItemSelectionRange(index, index.siblingAtColumn(index.model().columnCount() - 1)))
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(chosen, flags.ClearAndSelect)
        if indexes:
            self.selectionModel().setCurrentIndex(indexes[0], flags.NoUpdate)
            self.scrollTo(indexes[0])
