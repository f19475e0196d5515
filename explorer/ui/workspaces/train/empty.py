"""What Train shows before there is a network: one click, and one learns."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.ui.icons import paint_icon
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.labels import Label

TITLE = "Watch a network learn"
TEXT = (
    "LeNet-5 learns ten kinds of clothes from 5,000 pictures that are here already.\n"
    "Or open a network of your own: you go on building it while it is trained as it was."
)


class EmptyPage(QWidget):
    """A drawing, a sentence or two, and what to do."""

    def __init__(self, train: Callable[[], object], choose: Callable[[], object]) -> None:
        super().__init__()
        self.button = Button("Train LeNet-5 on the fashion sample", "primary")
        self.button.clicked.connect(lambda: train())
        self.others = Button("Other experiments")
        self.others.clicked.connect(lambda: choose())
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addStretch(2)
        column.addWidget(_Drawing(), 0, Qt.AlignmentFlag.AlignHCenter)
        for words, role in ((TITLE, "title"), (TEXT, "muted")):
            label = Label(words, role)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label, 0, Qt.AlignmentFlag.AlignHCenter)
        row = QHBoxLayout()
        row.addStretch(1)
        row.setSpacing(8)
        row.addWidget(self.button)
        row.addWidget(self.others)
        row.addStretch(1)
        column.addSpacing(4)
        column.addLayout(row)
        column.addStretch(3)


class _Drawing(QWidget):
    def sizeHint(self) -> QSize:
        side = theme().tokens.px(48)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_icon(
            QPainter(self), "train", QRect(0, 0, self.width(), self.height()), theme().tokens.line_strong
        )
