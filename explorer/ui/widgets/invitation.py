"""What a workspace shows while it has nothing to show: a drawing, a sentence or two, and what to do."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from explorer.ui.icons import paint_icon
from explorer.ui.theme import theme
from explorer.ui.widgets.labels import Label


class Invitation(QWidget):
    """The `symbol`, words and `choices` in the middle of the page, one more `below` them if there is one."""

    def __init__(
        self, symbol: str, title: str, text: str, choices: QLayout, below: QWidget | None = None
    ) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addStretch(2)
        column.addWidget(_Drawing(symbol), 0, Qt.AlignmentFlag.AlignHCenter)
        for words, role in ((title, "title"), (text, "muted")):
            label = Label(words, role)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label, 0, Qt.AlignmentFlag.AlignHCenter)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addLayout(choices)
        row.addStretch(1)
        column.addSpacing(4)
        column.addLayout(row)
        if below is not None:
            column.addWidget(below, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)


class _Drawing(QWidget):
    def __init__(self, symbol: str) -> None:
        super().__init__()
        self._symbol = symbol

    def sizeHint(self) -> QSize:
        side = theme().tokens.px(48)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        whole = QRect(0, 0, self.width(), self.height())
        paint_icon(QPainter(self), self._symbol, whole, theme().tokens.line_strong)
