"""A row that folds: nothing is cut where it is narrow."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.folding import FoldingRow


def test_parts_stand_below_each_other_where_there_is_no_room(qapp: Any) -> None:
    parts = [Button("Weights that ship"), Button("From a file…"), Button("From torchvision")]
    page = QWidget()
    row = FoldingRow(*parts)
    row.setParent(page)
    page.show()
    qapp.processEvents()
    needed = sum(part.sizeHint().width() for part in parts) + 16

    def tops(width: int) -> int:
        row.resize(width, 200)
        qapp.processEvents()
        return len({part.y() for part in parts})

    assert tops(needed) == 1
    assert tops(needed - 1) == 3
    assert all(part.width() >= part.sizeHint().width() for part in parts)
    assert row.minimumSizeHint().width() < needed / 2
    assert tops(needed) == 1
    page.close()


def test_the_wide_part_takes_what_is_left(qapp: Any) -> None:
    wide, narrow = QWidget(), Button("Apply")
    row = FoldingRow(wide, narrow, wide=wide)
    row.resize(400, 40)
    row.show()
    qapp.processEvents()
    assert narrow.geometry().right() == 399
    assert wide.width() == 400 - narrow.width() - 8
    row.close()
