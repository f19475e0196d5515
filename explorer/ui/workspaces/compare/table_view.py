"""How the comparison is drawn: a sign and a wash for each status, stronger where something differs."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QPainter,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from explorer.network.diff import Row, Status
from explorer.network.diff.written import SIGNS
from explorer.ui.theme import Tokens, theme
from explorer.ui.widgets.rows import Index, RowsView
from explorer.ui.workspaces.compare.rows import Column, Line, differs
from explorer.ui.workspaces.compare.table_model import LINE_ROLE, DiffModel

OPEN_ROWS = 700
"""Up to so many rows all that differs is unfolded."""
WASH = 26
"""Opacity of the ground of a row that was added or removed, of 255."""


def status_color(status: Status, tokens: Tokens) -> QColor:
    """The colour of a status; a sign always stands beside it."""
    return {
        Status.SAME: tokens.muted,
        Status.CHANGED: tokens.warning,
        Status.ADDED: tokens.ok,
        Status.REMOVED: tokens.error,
    }[status]


class _Cell(QStyledItemDelegate):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        theme().changed.connect(self._take_font)
        self._take_font()

    def _take_font(self) -> None:
        self._font, self._strong = theme().font("value"), theme().font("value", strong=True)
        self._metrics, self._strong_metrics = QFontMetrics(self._font), QFontMetrics(self._strong)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(theme().tokens.px(60), theme().tokens.px(24))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens = theme().tokens
        line = index.data(LINE_ROLE)
        if not isinstance(line, Line) or line.row is None:
            return
        row, column = line.row, Column(index.column())
        rect: QRect = option.rect
        inner = rect.adjusted(tokens.px(8), 0, -tokens.px(8), -1)
        if column == Column.LAYER:
            inner = self._paint_sign(painter, rect, row)
        changed = differs(row, column)
        strong = changed and not row.is_block
        if strong and column in (Column.A_OUTPUT, Column.B, Column.B_OUTPUT, Column.A):
            painter.fillRect(rect.adjusted(1, 1, -1, -2), tokens.warning_wash)
        painter.setFont(self._strong if strong else self._font)
        quiet = row.status is Status.SAME or (row.is_block and column in (Column.A, Column.B))
        painter.setPen(tokens.muted if quiet else tokens.text)
        text = str(index.data())
        metrics = self._strong_metrics if strong else self._metrics
        if metrics.horizontalAdvance(text) > inner.width():
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, int(index.data(Qt.ItemDataRole.TextAlignmentRole)), text)

    def _paint_sign(self, painter: QPainter, rect: QRect, row: Row) -> QRect:
        tokens = theme().tokens
        side = tokens.px(16)
        box = QRect(rect.left() + tokens.px(2), rect.top(), side, rect.height() - 1)
        painter.setFont(self._strong)
        painter.setPen(status_color(row.status, tokens))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, SIGNS[row.status])
        return rect.adjusted(side + tokens.px(6), 0, -tokens.px(4), -1)


class DiffView(RowsView):
    """The table. `picked(Line or None)` when another row becomes the current one."""

    picked = Signal(object)

    def __init__(self, model: DiffModel) -> None:
        super().__init__()
        self._model = model
        self.setModel(model)
        self.setItemDelegate(_Cell(self))
        self.setAccessibleName("Two networks, layer by layer")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.header().setSectionsMovable(False)
        model.modelReset.connect(self.unfold)
        model.modelReset.connect(self.share_room)
        model.layoutChanged.connect(self.share_room)
        self.selectionModel().currentChanged.connect(lambda now, before: self._pick(now))
        theme().changed.connect(self.rescale)
        self.rescale()

    def rescale(self) -> None:
        """Take font and widths from the theme."""
        self.setIndentation(theme().tokens.px(14))
        self.setFont(theme().font("value"))
        self.share_room()

    def share_room(self) -> None:
        """Numbers get what they need; the rest is shared by the name and both sides."""
        px = theme().tokens.px
        header = self.header()
        outputs = px(116)
        numbers = {
            Column.A_OUTPUT: outputs,
            Column.B_OUTPUT: outputs,
            Column.PARAMETERS: px(96),
            Column.MACS: px(84),
        }
        self.setColumnHidden(Column.APART, self._model.measured is None)
        if self._model.measured is not None:
            numbers[Column.APART] = px(76)
        for column, width in numbers.items():
            header.resizeSection(column, width)
        room = max(px(300), self.viewport().width() - sum(numbers.values()))
        name = max(px(120), min(round(room * 0.36), px(280)))
        header.resizeSection(Column.LAYER, name)
        header.resizeSection(Column.A, (room - name) // 2)
        header.resizeSection(Column.B, room - name - (room - name) // 2)

    def unfold(self) -> None:
        """Blocks that are the same folded, all others open."""
        lines = self._model.lines()
        if sum(1 for _, line in lines if line.row and line.row.status is not Status.SAME) > OPEN_ROWS:
            return
        for _, line in lines:
            if line.children and line.row is not None and line.row.status is Status.CHANGED:
                self.expand(self._model.index_of(line))

    def go_to_difference(self, step: int) -> None:
        """Select the next layer that differs, or the one before, around the ends."""
        found = self._model.differences()
        if not found:
            return
        order = [line for _, line in self._model.lines()]
        current = self.currentIndex()
        here = order.index(self._model.line(current)) if current.isValid() else -1
        places = [order.index(line) for line in found]
        if step > 0:
            place = next((p for p in places if p > here), places[0])
        else:
            place = next((p for p in reversed(places) if p < here), places[-1])
        self.show_line(order[place])

    def show_line(self, line: Line) -> None:
        """Select a line and bring it into sight, the blocks around it open."""
        above = line.parent
        while above is not None and above.row is not None:
            self.expand(self._model.index_of(above))
            above = above.parent
        index = self._model.index_of(line)
        self.setCurrentIndex(index)
        self.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)

    def chosen(self) -> list[Line]:
        """The selected lines."""
        return [self._model.line(index) for index in self.selectionModel().selectedRows()]

    def _pick(self, index: QModelIndex) -> None:
        self.picked.emit(self._model.line(index) if index.isValid() else None)

    # -- rows ------------------------------------------------------------------------------------------

    def ground(self, index: Index) -> QColor | None:
        line = self._model.line(index)
        if line.row is None or line.row.status not in (Status.ADDED, Status.REMOVED):
            return None
        wash = QColor(status_color(line.row.status, theme().tokens))
        wash.setAlpha(WASH)
        return wash

    def family(self, index: Index) -> str:
        line = self._model.line(index)
        layer = line.row.part.layer if line.row is not None else None
        return str(layer.family) if layer is not None else ""
