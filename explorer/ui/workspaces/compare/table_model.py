"""The comparison as a Qt model: texts are made when they are asked for, so only visible rows cost."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from explorer.network.diff import Diff, Status
from explorer.ui.workspaces.compare import rows
from explorer.ui.workspaces.compare.rows import Column, Line, Measured

Index = QModelIndex | QPersistentModelIndex
LINE_ROLE = Qt.ItemDataRole.UserRole + 1

_EXPLAINED = {
    Column.A_OUTPUT: "Output size, channels × height × width",
    Column.B_OUTPUT: "Output size, channels × height × width",
    Column.PARAMETERS: "Of both where they are equal, else how many B has more or less",
    Column.MACS: "Multiply-accumulates of both where they are equal, else how many B has more or less",
    Column.APART: "The largest difference between the outputs of both, run on the same input",
}
_RIGHT = (Column.PARAMETERS, Column.MACS, Column.APART)


class DiffModel(QAbstractItemModel):
    """Rows nested by block. `differences_only` leaves out what is the same."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._root = rows.tree(None)
        self._names = ("A", "B")
        self.differences_only = False
        self.measured: Measured | None = None

    def show_measured(self, measured: Measured) -> None:
        """Show how far the layers are apart, until something else is compared."""
        self.measured = measured
        self.layoutChanged.emit()

    def show_diff(self, diff: Diff | None, names: tuple[str, str]) -> None:
        """Show another comparison of networks of these names."""
        self.beginResetModel()
        self._root = rows.tree(diff)
        self._names = names
        self.measured = None
        self._root.show(self.differences_only)
        self.endResetModel()

    def show_differences(self, only: bool) -> None:
        """Leave out what is the same, or take it in again."""
        self.beginResetModel()
        self.differences_only = only
        self._root.show(only)
        self.endResetModel()

    def lines(self) -> list[tuple[int, Line]]:
        """All that is shown, with its depth, blocks that are folded as well."""
        return list(self._root.walk())

    def line(self, index: Index) -> Line:
        """The line at an index; the root for none."""
        found = index.internalPointer() if index.isValid() else self._root
        assert isinstance(found, Line)
        return found

    def index_of(self, line: Line) -> QModelIndex:
        """Where a line is shown."""
        return QModelIndex() if line is self._root else self.createIndex(line.place, 0, line)

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        shown = self.line(parent).shown
        if not 0 <= row < len(shown) or not 0 <= column < len(Column):
            return QModelIndex()
        return self.createIndex(row, column, shown[row])

    def parent(self, index: Index = QModelIndex()) -> Any:  # noqa: B008
        above = self.line(index).parent
        return QModelIndex() if above is None else self.index_of(above)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self.line(parent).shown) if parent.column() <= 0 else 0

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = Column(section)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _EXPLAINED.get(column)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        a, b = self._names
        return ("Layer", a, "Output", b, "Output", "Parameters", "MACs", "Apart")[column]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self.line(index)
        if line.row is None:
            return None
        column = Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return rows.text(line, column, self.measured)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return rows.tooltip(line.row, column) or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            status = f"{line.row.status}: " if column == Column.LAYER else ""
            return status + rows.text(line, column, self.measured)
        return line if role == LINE_ROLE else None

    def differences(self) -> list[Line]:
        """The layers that differ, in order."""
        return [
            line
            for _, line in self._root.walk()
            if line.row is not None and not line.row.is_block and line.row.status is not Status.SAME
        ]


def _alignment(column: Column) -> int:
    side = Qt.AlignmentFlag.AlignRight if column in _RIGHT else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
