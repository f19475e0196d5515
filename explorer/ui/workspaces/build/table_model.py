"""The layer table as a Qt model: texts are made when they are asked for, so only visible rows cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum
from typing import Any, Literal

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from explorer.network import numerals
from explorer.network.graph import Network
from explorer.network.inference import Field, Inference
from explorer.network.layer import Shape
from explorer.ui.workspaces.build.run_results import NodeStatistics, RunResults
from explorer.ui.workspaces.build.table_rows import Row, Sum, block_sums, build_rows, same_rows

Index = QModelIndex | QPersistentModelIndex
Of = Literal["parameters", "macs"]
NONE = "–"

#: The bar of a Share cell: a share of the longest bar, from 0 to 1.
BAR_ROLE = Qt.ItemDataRole.UserRole + 1
#: The family of a layer's row, "" for a block.
FAMILY_ROLE = Qt.ItemDataRole.UserRole + 2
#: Whether nothing is known of the row because a layer before it is wrong.
UNKNOWN_ROLE = Qt.ItemDataRole.UserRole + 3


class Column(IntEnum):
    """The columns, in order; those after SHARE are there once a picture has been run."""

    LAYER = 0
    TYPE = 1
    OUTPUT = 2
    PARAMETERS = 3
    MACS = 4
    FIELD = 5
    SHARE = 6
    TIME = 7
    MEAN = 8
    STD = 9
    ZEROS = 10


TITLES = (
    "Layer", "Type", "Output", "Parameters", "MACs", "Field", "Share", "Time", "Mean", "Std", "Zeros"
)  # fmt: skip
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
        self._network = Network()
        self._inference = Inference(self._network, {})
        self._root, self._nodes, self._blocks = build_rows(self._network)
        self._sums: dict[str, Sum] | None = None
        self._longest: float | None = None
        self._of: Of = "parameters"
        self._filter = ""
        self._column = -1
        self._down = False
        self._run: RunResults | None = None

    # -- what is shown ---------------------------------------------------------------------------------

    def show_network(self, network: Network, inference: Inference) -> None:
        """Show another network, all rows anew."""
        self.beginResetModel()
        self._take(network, inference)
        self._rebuild()
        self.endResetModel()

    def follow(self, network: Network, inference: Inference) -> bool:
        """Show the same network after a change; False if its rows are others and it was shown anew."""
        if not same_rows(self._network, network):
            self.show_network(network, inference)
            return False
        self._take(network, inference)
        if self._column >= 0 or self._filter:
            self._reorder()
        self.stale.emit()
        return True

    def _take(self, network: Network, inference: Inference) -> None:
        self._network, self._inference = network, inference
        self._sums = None
        self._longest = None

    def _rebuild(self) -> None:
        self._root, self._nodes, self._blocks = build_rows(self._network)
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
        self._of = of
        self._longest = None
        if self._column == Column.SHARE:
            self._reorder()
        self.stale.emit()

    @property
    def share_of(self) -> Of:
        return self._of

    def set_run(self, run: RunResults | None) -> None:
        """Show what a run measured, or take those columns away."""
        if run is not None and self._run is None:
            self.beginInsertColumns(QModelIndex(), Column.TIME, Column.ZEROS)
            self._run = run
            self.endInsertColumns()
        elif run is None and self._run is not None:
            self.beginRemoveColumns(QModelIndex(), Column.TIME, Column.ZEROS)
            self._run = None
            self.endRemoveColumns()
        else:
            self._run = run
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
        path = self._network.block_path(row.id) if row.is_block else self._network.path(row.id)
        return f"{path} {self._text(row, Column.TYPE)} {self._text(row, Column.OUTPUT)}".casefold()

    def _sort_key(self, row: Row, column: Column) -> Any:
        if column in (Column.LAYER, Column.TYPE):
            return self._text(row, column).casefold()
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
        return len(TITLES) if self._run is not None else Column.TIME

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(TITLES):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            if section == Column.SHARE:
                return f"Share of all {'MACs' if self._of == 'macs' else 'parameters'}"
            return _EXPLAINED.get(Column(section))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return alignment(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = index.internalPointer(), Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == BAR_ROLE:
            return self._bar(row)
        if role == FAMILY_ROLE:
            return "" if row.is_block else self._network.nodes[row.id].layer.family.value
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return alignment(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(row, column)
        if role == UNKNOWN_ROLE:
            return not row.is_block and not self._inference.results[row.id].known
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{TITLES[column]}: {self._text(row, column)}"
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

    def walk(self) -> list[tuple[int, Row]]:
        """All rows that the filter lets through, top to bottom, each with its depth."""
        found: list[tuple[int, Row]] = []

        def enter(row: Row, depth: int) -> None:
            for child in row.shown:
                found.append((depth, child))
                enter(child, depth + 1)

        enter(self._root, 0)
        return found

    # -- cells -----------------------------------------------------------------------------------------

    @property
    def sums(self) -> Mapping[str, Sum]:
        if self._sums is None:
            self._sums = block_sums(self._network, self._inference)
        return self._sums

    def value(self, row: Row, column: Column) -> int | float | str | Shape | None:
        """The exact value of a cell, for sorting and for spreadsheets; None where there is none."""
        if column >= Column.TIME:
            return self._measured(row, column)
        match column:
            case Column.LAYER:
                return self._network.blocks[row.id].name if row.is_block else self._network.nodes[row.id].name
            case Column.TYPE:
                return self._type(row)
            case Column.OUTPUT:
                result = self._result(row)
                return result.output if result is not None else None
            case Column.PARAMETERS:
                return self._parameters(row)
            case Column.MACS:
                return self._macs(row)
            case Column.FIELD:
                field = self._field(row)
                return max(axis.size for axis in field) if field else None
            case _:
                whole = self._whole()
                part = self._macs(row) if self._of == "macs" else self._parameters(row)
                return part / whole if part is not None and whole else None

    def _result(self, row: Row) -> Any:
        node = self.sums[row.id].last if row.is_block else row.id
        return self._inference.results.get(node)

    def _parameters(self, row: Row) -> int | None:
        if row.is_block:
            return self.sums[row.id].parameters
        result = self._inference.results[row.id]
        return result.parameters if result.known else None

    def _macs(self, row: Row) -> int | None:
        if row.is_block:
            return self.sums[row.id].macs
        result = self._inference.results[row.id]
        return result.macs if result.known else None

    def _field(self, row: Row) -> Field | None:
        result = self._result(row)
        return result.field if result is not None else None

    def _whole(self) -> int:
        totals = self._inference.totals
        return totals.macs if self._of == "macs" else totals.parameters

    def _type(self, row: Row) -> str:
        if row.is_block:
            block = self._network.blocks[row.id]
            copies = self._network.copies_of(row.id)
            kind = block.kind or "block"
            if len(copies) < 2:
                return kind
            return f"{kind} · {copies.index(row.id) + 1} of {len(copies)}"
        layer = self._network.nodes[row.id].layer
        summary = layer.summary()
        return f"{layer.title}  {summary}" if summary else layer.title

    def _text(self, row: Row, column: Column) -> str:
        value = self.value(row, column)
        if value is None or (column == Column.MACS and value == 0 and not self._is_open(row)):
            return NONE
        if isinstance(value, tuple):
            return numerals.shape(value)
        exact = not self._is_open(row)
        match column:
            case Column.PARAMETERS:
                return f"{'' if exact else '≥ '}{numerals.grouped(int(value))}"
            case Column.MACS:
                return numerals.compact(int(value), exact)
            case Column.FIELD:
                field = self._field(row)
                sizes = tuple(dict.fromkeys(axis.size for axis in field)) if field else ()
                return "×".join(f"{size:,.0f}" for size in sizes) or NONE
            case Column.SHARE | Column.ZEROS:
                return numerals.share(float(value), 1)
            case Column.TIME:
                return numerals.duration(float(value))
            case Column.MEAN | Column.STD:
                return f"{float(value):.3g}".replace("-", "−")
        return str(value)

    def _is_open(self, row: Row) -> bool:
        """Whether more may come to the sum of a block."""
        return row.is_block and not self.sums[row.id].exact

    def _bar(self, row: Row) -> float:
        share = self.value(row, Column.SHARE)
        if not isinstance(share, int | float):
            return 0.0
        if self._longest is None:
            shares = [self.value(child, Column.SHARE) for child in self._root.children]
            self._longest = max((float(one) for one in shares if isinstance(one, int | float)), default=0.0)
        return share / self._longest if self._longest else 0.0

    def _tooltip(self, row: Row, column: Column) -> str | None:
        value = self.value(row, column)
        if column == Column.LAYER:
            return self._network.block_path(row.id) if row.is_block else self._network.path(row.id)
        if column == Column.MACS and isinstance(value, int):
            return f"{numerals.grouped(value)} MACs"
        if column == Column.PARAMETERS and not row.is_block:
            result = self._inference.results[row.id]
            return f"{numerals.grouped(result.weights)} weights, {numerals.grouped(result.biases)} biases"
        if column == Column.SHARE and isinstance(value, int | float):
            return f"{numerals.share(value, 1)} of all {'MACs' if self._of == 'macs' else 'parameters'}"
        if column == Column.TYPE:
            return str(value)
        return None

    def _measured(self, row: Row, column: Column) -> float | None:
        if self._run is None:
            return None
        if row.is_block:
            if column != Column.TIME:
                return None
            inside = [self._statistics(node) for node in self._network.nodes_within(row.id)]
            times = [found.seconds for found in inside if found is not None]
            return sum(times) if times else None
        found = self._statistics(row.id)
        if found is None:
            return None
        match column:
            case Column.TIME:
                return found.seconds
            case Column.MEAN:
                return found.mean
            case Column.STD:
                return found.std
        return found.zero_share

    def _statistics(self, node: str) -> NodeStatistics | None:
        return self._run.at(node, self._network, self._inference) if self._run is not None else None


def alignment(column: int) -> Qt.AlignmentFlag:
    """Names to the left, numbers to the right."""
    left = column in (Column.LAYER, Column.TYPE, Column.SHARE)
    side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter
