"""The layer table as text for the clipboard: exact numbers, tabs between them, as spreadsheets take it."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.ui.workspaces.build.table_cells import TITLES, Column
from explorer.ui.workspaces.build.table_model import TableModel
from explorer.ui.workspaces.build.table_rows import Row


def as_tsv(model: TableModel, rows: Iterable[tuple[int, Row]]) -> str:
    """A heading and one line a row; `rows` are (depth, row), and depth indents the name by two spaces."""
    columns = [Column(column) for column in range(model.columnCount())]
    lines = ["\t".join(TITLES[column] for column in columns)]
    for depth, row in rows:
        cells = [_cell(model, row, column) for column in columns]
        lines.append("\t".join(["  " * depth + cells[0], *cells[1:]]))
    return "\n".join(lines) + "\n"


def _cell(model: TableModel, row: Row, column: Column) -> str:
    value = model.value(row, column)
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "x".join(str(part) for part in value)
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value).replace("\t", " ").replace("\n", " ")
