"""The results of the lecture's table: the plot, and the table beside it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, QSortFilterProxyModel, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from explorer.ui.theme import theme
from explorer.ui.widgets.fields import Choice
from explorer.ui.widgets.labels import Label
from explorer.ui.widgets.panels import Panel, Splitter
from explorer.ui.workspaces.compare.results_plot import ResultsPlot, name_of
from explorer.ui.workspaces.compare.results_points import Across, Mark, Up
from explorer.zoo.results import RESULTS, Result, percent

NOTE = (
    "Classification of ImageNet, as the lecture prints it. † on the test set, all others on the validation "
    "set. Sizes are those of one network, also where several were taken together."
)
RIGHT_WIDTH = 408
RESULT_ROLE = Qt.ItemDataRole.UserRole + 1
SORT_ROLE = Qt.ItemDataRole.UserRole + 2


class _Cell(QStyledItemDelegate):
    """A calm row: room around the text, the ground of the selection."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(theme().tokens.px(40), theme().tokens.px(26))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens = theme().tokens
        rect: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, tokens.accent_wash)
        painter.setPen(QPen(tokens.line, 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        font = theme().font("value", strong=index.column() == 0)
        painter.setFont(font)
        painter.setPen(tokens.text)
        inner = rect.adjusted(tokens.px(8), 0, -tokens.px(8), -1)
        text = QFontMetrics(font).elidedText(str(index.data()), Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, _alignment(index.column()), text)


def _alignment(column: int) -> int:
    side = Qt.AlignmentFlag.AlignRight if column in (1, 2, 3) else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


class ResultsPage(QWidget):
    """Made when it is first shown, as its plot takes most of a second to import."""

    def __init__(self) -> None:
        super().__init__()
        self.plot = ResultsPlot()
        self.across = Choice([(one.value, one) for one in Across], "Axis across")
        self.up = Choice([(one.value, one) for one in Up], "Axis up")
        self.table = QTreeView()
        for choice in (self.across, self.up):
            choice.setMinimumContentsLength(14)
        self.story = Label("", "value")
        self._build()
        self.across.chosen.connect(lambda across: self.plot.show_axes(across, self.plot.up))
        self.up.chosen.connect(lambda up: self.plot.show_axes(self.plot.across, up))
        self.plot.picked.connect(self._follow_plot)
        theme().changed.connect(self._widen)
        self._widen()

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget in (self.up, Label("against", "muted"), self.across):
            row.addWidget(widget)
        row.addStretch(1)
        left = Panel("panel", 12, 8)
        left.column.addLayout(row)
        left.column.addWidget(self.plot, 1)
        note = Label(NOTE, "note")
        note.setWordWrap(True)
        left.column.addWidget(note)
        right = Panel("panel", 0, 0)
        right.column.addWidget(self.table, 1)
        story = Panel("panel", 12, 0)
        self.story.setWordWrap(True)
        self.story.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.story.setAlignment(Qt.AlignmentFlag.AlignTop)
        story.column.addWidget(self.story)
        right.column.addWidget(story)
        self.across_panels = Splitter(Qt.Orientation.Horizontal)
        self.across_panels.add(left, 1)
        self.across_panels.add(right)
        self._right = right
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.across_panels)
        self._fill()
        self._show_story(None)

    def _fill(self) -> None:
        model = QStandardItemModel(0, 5, self)
        # Behind a number's title there is room for the arrow that tells the order.
        model.setHorizontalHeaderLabels(["Network", "Top-5    ", "Top-1    ", "Year    ", "Place"])
        for column in range(5):
            model.horizontalHeaderItem(column).setTextAlignment(Qt.AlignmentFlag(_alignment(column)))
        for result in RESULTS:
            model.appendRow(_items(result))
        proxy = QSortFilterProxyModel(self)
        proxy.setSourceModel(model)
        proxy.setSortRole(SORT_ROLE)
        self.table.setModel(proxy)
        self.table.setItemDelegate(_Cell(self.table))
        self.table.header().setStretchLastSection(False)
        self.table.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.setAccessibleName("Results on ImageNet")
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setAllColumnsShowFocus(True)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
        self.table.selectionModel().currentChanged.connect(
            lambda now, before: self._follow_table(now.siblingAtColumn(0).data(RESULT_ROLE))
        )

    def show_marks(self, marks: Sequence[Mark]) -> None:
        """The networks that are compared."""
        self.plot.show_marks(marks)

    def _follow_plot(self, result: Result | None) -> None:
        model = self.table.model()
        for row in range(model.rowCount()):
            index = model.index(row, 0)
            if index.data(RESULT_ROLE) is result:
                self.table.setCurrentIndex(index)
        self._show_story(result)

    def _follow_table(self, result: Result | None) -> None:
        self.plot.choose(result)
        self._show_story(result)

    def _show_story(self, result: Result | None) -> None:
        hint = "Choose a result, in the table or in the plot.\nArrow keys go from one to the next."
        self.story.setText(result.story() if result is not None else hint)

    def _widen(self) -> None:
        px = theme().tokens.px
        for column, width in enumerate((72, 72, 62, 52), 1):
            self.table.header().resizeSection(column, px(width))
        self.table.setFont(theme().font("value"))
        self.story.setMinimumHeight(px(116))
        self._right.setMinimumWidth(px(260))
        self.across_panels.setSizes([max(px(360), self.width() - px(RIGHT_WIDTH)), px(RIGHT_WIDTH)])


def _items(result: Result) -> list[QStandardItem]:
    texts = (
        name_of(result), percent(result.top5), percent(result.top1) if result.top1 else "–", str(result.year),
        result.place or "–",
    )  # fmt: skip
    keys = (result.name, result.top5, result.top1 or 1.0, result.year, result.place or "9")
    found = []
    for text, key in zip(texts, keys, strict=True):
        item = QStandardItem(text)
        item.setData(key, SORT_ROLE)
        item.setData(result, RESULT_ROLE)
        item.setToolTip(result.story())
        found.append(item)
    return found
