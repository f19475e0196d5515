"""The layer table as a Qt model: texts are made when they are asked for, so only visible rows cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from explorer.network.graph import Network
from explorer.network.inference import Inference
from explorer.network.layer import Shape
from explorer.ui.workspaces.build.run_results import RunResults
from explorer.ui.workspaces.build.table_cells import TITLES, Cells, Column, Of
from explorer.ui.workspaces.build.table_rows import Row, build_rows, same_rows

Index = QModelIndex | QPersistentModelIndex
#: The bar of a Share cell: a share of the longest bar, from 0 to 1.
BAR_ROLE = Qt.ItemDataRole.UserRole + 1
#: The family of a layer's row, "" for a block.
FAMILY_ROLE = Qt.ItemDataRole.UserRole + 2
#: Whether nothing is known of the row because a layer before it is wrong.
UNKNOWN_ROLE = Qt.ItemDataRole.UserRole + 3


_EXPLAINED = {
    Column.OUTPUT: "Output size, channels × height × width",
    Column.PARAMETERS: "Trainable parameters: weights and biases",
    Column.MACS: "Multiply-accumulates for one image in eval mode",
    Column.FIELD: "Theoretical receptive field in pixels of the input",
    Column.TIME: "Time this layer took on the picture",
    Column.MEAN: "Mean of the activations",
    Column.STD: "Standard deviation of the activations",
    Column.ZEROS: "Share of activations that are exactly 0",
}


class TableModel(QAbstractItemModel):
    """Rows nested by block; follows a document, keeps its own order and filter.

    `stale` comes when cells have other values. Whoever shows the rows answers with `tell` for those in sight:
    the others are asked for when they come into sight.
    """

    stale = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cells = Cells(Network(), Inference(Network(), ()))
        self._root, self._nodes, self._blocks = build_rows(self._cells.network)
        self._filter = ""
        self._column = -1
        self._down = False

    # -- what is shown ---------------------------------------------------------------------------------

    def show_network(self, network: Network, inference: Inference) -> None:
        """Show another network, all rows anew."""
        self.beginResetModel()
        self._take(network, inference)
        self._rebuild()
        self.endResetModel()

    def follow(self, network: Network, inference: Inference) -> bool:
        """Show the same network after a change; False if its rows are others and it was shown anew."""
        if not same_rows(self._cells.network, network):
            self.show_network(network, inference)
            return False
        self._take(network, inference)
        if self._column >= 0 or self._filter:
            self._reorder()
        self.stale.emit()
        return True

    def _take(self, network: Network, inference: Inference) -> None:
        self._cells = Cells(network, inference, self._cells.of, self._cells.run)

    def _rebuild(self) -> None:
        self._root, self._nodes, self._blocks = build_rows(self._cells.network)
        self._arrange()

    def tell(self, rows: Iterable[QModelIndex]) -> None:
        """Say that the cells of these rows are others. Qt looks at every cell it is told of, seen or not."""
        last = self.columnCount() - 1
        for index in rows:
            self.dataChanged.emit(index.siblingAtColumn(0), index.siblingAtColumn(last))

    def set_filter(self, text: str) -> None:
        """Show only rows with all these words in path, type or output, and the blocks around them."""
        self._filter = text.casefold().strip()
        self._reorder()

    def set_share(self, of: Of) -> None:
        """What the Share column is a share of."""
        self._cells = Cells(self._cells.network, self._cells.inference, of, self._cells.run)
        if self._column == Column.SHARE:
            self._reorder()
        self.stale.emit()

    def set_run(self, run: RunResults | None) -> None:
        """Show what a run measured, or take those columns away."""
        if run is not None and self._cells.run is None:
            self.beginInsertColumns(QModelIndex(), Column.TIME, Column.ZEROS)
            self._cells.run = run
            self.endInsertColumns()
        elif run is None and self._cells.run is not None:
            self.beginRemoveColumns(QModelIndex(), Column.TIME, Column.ZEROS)
            self._cells.run = None
            self.endRemoveColumns()
        else:
            self._cells.run = run
        self.stale.emit()

    # -- order -----------------------------------------------------------------------------------------

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order siblings by a column; -1 is the order of the flow."""
        self._column = column
        self._down = order == Qt.SortOrder.DescendingOrder
        self._reorder()

    def _reorder(self) -> None:
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        self._arrange()
        new = []
        for index in old:
            row = index.internalPointer()
            parent = row.parent
            there = parent is not None and row.place < len(parent.shown) and parent.shown[row.place] is row
            new.append(self.createIndex(row.place, index.column(), row) if there else QModelIndex())
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def _arrange(self) -> None:
        words = self._filter.split()

        def keep(row: Row) -> bool:
            text = self._haystack(row)
            return all(word in text for word in words)

        key: Callable[[Row], Any] | None = None
        if self._column >= 0:
            column = Column(self._column)

            def key(row: Row) -> Any:
                return self._sort_key(row, column)

        self._root.arrange(keep if words else None, key, self._down)

    def _haystack(self, row: Row) -> str:
        path = self._cells.network.block_path(row.id) if row.is_block else self._cells.network.path(row.id)
        return (
            f"{path} {self._cells.text(row, Column.TYPE)} {self._cells.text(row, Column.OUTPUT)}".casefold()
        )

    def _sort_key(self, row: Row, column: Column) -> Any:
        if column in (Column.LAYER, Column.TYPE):
            return self._cells.text(row, column).casefold()
        value = self.value(row, column)
        if isinstance(value, tuple):
            product = 1
            for part in value:
                product *= part
            return float(product)
        return float(value) if isinstance(value, int | float) else float("-inf")

    # -- Qt's questions --------------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        found = self._row(parent)
        if 0 <= row < len(found.shown) and 0 <= column < self.columnCount():
            return self.createIndex(row, column, found.shown[row])
        return QModelIndex()

    def parent(self, index: Index = QModelIndex()) -> Any:  # noqa: B008
        if not index.isValid():
            return QModelIndex()
        above = index.internalPointer().parent
        if above is None or above.parent is None:
            return QModelIndex()
        return self.createIndex(above.place, 0, above)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.column() > 0 else len(self._row(parent).shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(TITLES) if self._cells.run is not None else Column.TIME

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(TITLES):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            if section == Column.SHARE:
                return f"Share of all {'MACs' if self._cells.of == 'macs' else 'parameters'}"
            return _EXPLAINED.get(Column(section))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return alignment(section)
        if role == Qt.ItemDataRole.InitialSortOrderRole:  # of numbers one wants the largest first
            words = section in (Column.LAYER, Column.TYPE)
            return Qt.SortOrder.AscendingOrder if words else Qt.SortOrder.DescendingOrder
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = index.internalPointer(), Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cells.text(row, column)
        if role == BAR_ROLE:
            return self._cells.bar(row, self._root)
        if role == FAMILY_ROLE:
            return "" if row.is_block else self._cells.network.nodes[row.id].layer.family.value
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return alignment(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._cells.tooltip(row, column)
        if role == UNKNOWN_ROLE:
            return not row.is_block and not self._cells.inference.results[row.id].known
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{TITLES[column]}: {self._cells.text(row, column)}"
        return None

    # -- ids and indexes -------------------------------------------------------------------------------

    def _row(self, index: Index) -> Row:
        if not index.isValid():
            return self._root
        row: Row = index.internalPointer()
        return row

    def row(self, index: Index) -> Row:
        """The row at an index, for its id; the root at an invalid one."""
        return self._row(index)

    def index_of(self, identifier: str) -> QModelIndex:
        """Where a node or a block is; invalid if the filter hides it."""
        row = self._nodes.get(identifier) or self._blocks.get(identifier)
        if row is None or row.parent is None:
            return QModelIndex()
        shown = row.parent.shown
        if row.place < len(shown) and shown[row.place] is row:
            return self.createIndex(row.place, 0, row)
        return QModelIndex()

    def value(self, row: Row, column: Column) -> int | float | str | Shape | None:
        """The exact value of a cell, for sorting and for spreadsheets; None where there is none."""
        return self._cells.value(row, column)

    def walk(self) -> list[tuple[int, Row]]:
        """All rows that the filter lets through, top to bottom, each with its depth."""
        found: list[tuple[int, Row]] = []

        def enter(row: Row, depth: int) -> None:
            for child in row.shown:
                found.append((depth, child))
                enter(child, depth + 1)

        enter(self._root, 0)
        return found


def alignment(column: int) -> Qt.AlignmentFlag:
    """Names to the left, numbers to the right."""
    left = column in (Column.LAYER, Column.TYPE, Column.SHARE)
    side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter
