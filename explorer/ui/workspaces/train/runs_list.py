"""The kept runs: each with its colour, how far it came and how well it did. Those selected are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from explorer.ui.theme import theme

ROW = 40
SHOWN = 5
"""Rows to which the list grows before it scrolls by itself."""
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Row:
    """One run as the list shows it. `color` is the token of its line, "" while it is not drawn."""

    key: str
    name: str
    note: str
    figure: str
    color: str = ""
    story: str = ""
    target: bool = False
    """Whether buttons act on it: it was chosen last."""


class _Model(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole or role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.name}, {row.note}, {row.figure}"
        return row.story if role == Qt.ItemDataRole.ToolTipRole else None

    def replace(self, rows: Sequence[Row]) -> None:
        """Other rows; only those that changed are painted where the runs are the same."""
        if [row.key for row in rows] != [row.key for row in self.rows]:
            self.beginResetModel()
            self.rows = list(rows)
            self.endResetModel()
            return
        for at, row in enumerate(rows):
            if row != self.rows[at]:
                self.rows[at] = row
                self.dataChanged.emit(self.index(at), self.index(at))


class RunsList(QListView):
    """A click draws a run or takes it away; `drawn_changed(keys)` tells which are. `deleting()` on Del."""

    drawn_changed = Signal(object)
    deleting = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._model = _Model()
        self._telling = True
        self.setModel(self._model)
        self.setItemDelegate(_Delegate(self))
        self.setAccessibleName("Runs")
        self.setSelectionMode(QAbstractItemView.SelectionMode.MultiSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.selectionModel().selectionChanged.connect(lambda *_: self._tell())
        theme().changed.connect(self._fit)
        theme().changed.connect(self.viewport().update)
        self._fit()

    @property
    def rows(self) -> Sequence[Row]:
        """What is listed."""
        return self._model.rows

    @property
    def drawn(self) -> list[str]:
        """The keys of those selected, from the top."""
        chosen = {index.row() for index in self.selectionModel().selectedIndexes()}
        return [row.key for at, row in enumerate(self._model.rows) if at in chosen]

    def show_rows(self, rows: Sequence[Row], drawn: Sequence[str]) -> None:
        """These runs, of which `drawn` are selected; emits nothing."""
        self._telling = False
        self._model.replace(rows)
        if set(self.drawn) != set(drawn):
            self.clearSelection()
            flag = self.selectionModel().SelectionFlag.Select
            for at, row in enumerate(rows):
                if row.key in drawn:
                    self.selectionModel().select(self._model.index(at), flag)
        self._telling = True
        self._fit()

    def _tell(self) -> None:
        if self._telling:
            self.drawn_changed.emit(self.drawn)

    def _fit(self) -> None:
        px = theme().tokens.px
        count = min(SHOWN, max(1, len(self._model.rows)))
        self.setFixedHeight(count * px(ROW) + 2)

    def keyPressEvent(self, event: object) -> None:
        key = event.key()  # type: ignore[attr-defined]
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.deleting.emit()
            return
        super().keyPressEvent(event)  # type: ignore[arg-type]


class _Delegate(QStyledItemDelegate):
    def __init__(self, view: RunsList) -> None:
        super().__init__(view)
        self._view: QWidget = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(theme().tokens.px(120), theme().tokens.px(ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, _Model)
        row = model.rows[index.row()]
        tokens = theme().tokens
        px = tokens.px
        box = QRectF(option.rect).adjusted(0, 1, -1, -1)
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        over = bool(state & QStyle.StateFlag.State_MouseOver)
        if selected or over:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens.accent_wash if selected else tokens.hover)
            painter.drawRoundedRect(box, 6, 6)
        focused = bool(state & QStyle.StateFlag.State_HasFocus) and self._view.hasFocus()
        if focused or row.target:
            painter.setPen(QPen(tokens.accent, 2 if focused else 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 6, 6)
        self._words(painter, row, box)
        dot = QRectF(box.left() + px(8), box.top() + px(9), px(8), px(8))
        if row.color:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(getattr(tokens, row.color))
        else:
            painter.setPen(QPen(tokens.line_strong, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(dot)
        painter.restore()

    def _words(self, painter: QPainter, row: Row, box: QRectF) -> None:
        tokens = theme().tokens
        px = tokens.px
        left = box.left() + px(24)
        right = box.right() - px(8)
        side = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme().font("value", strong=True))
        figure = painter.fontMetrics().horizontalAdvance(row.figure) + px(8) if row.figure else 0
        painter.setPen(tokens.text)
        upper = QRectF(left, box.top() + px(2), right - left, px(18))
        painter.drawText(upper, side | Qt.AlignmentFlag.AlignRight, row.figure)
        painter.setFont(theme().font("body"))
        name = painter.fontMetrics().elidedText(
            row.name, Qt.TextElideMode.ElideRight, int(upper.width() - figure)
        )
        painter.drawText(upper, side | Qt.AlignmentFlag.AlignLeft, name)
        painter.setFont(theme().font("label"))
        painter.setPen(tokens.muted)
        lower = QRectF(left, box.top() + px(19), right - left, px(16))
        note = painter.fontMetrics().elidedText(row.note, Qt.TextElideMode.ElideRight, int(lower.width()))
        painter.drawText(lower, side | Qt.AlignmentFlag.AlignLeft, note)
