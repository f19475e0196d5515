"""What Compare shows while nothing is open: pairs that differ in one idea, one click each."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from explorer.ui.icons import paint_icon
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.labels import Label
from explorer.ui.workspaces.compare.sides import Side
from explorer.zoo import catalogue

TITLE = "Hold two networks against each other"
TEXT = "Aligned block by block: what is the same, what has changed, and what it costs."
PAIRS = (
    ("plain34", "resnet34", "what the shortcuts cost"),
    ("inception-naive", "inception-reduced", "what 1×1 convolutions save"),
    ("alexnet", "vgg16", "small kernels, more of them"),
    ("resnet50", "resnet101", "where the depth goes"),
)


class EmptyPage(QWidget):
    """A drawing, a sentence, and pairs to begin with."""

    def __init__(self, compare: Callable[[Side, Side], object], results: Callable[[], object]) -> None:
        super().__init__()
        self.buttons: list[Button] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addStretch(2)
        column.addWidget(_Drawing(), 0, Qt.AlignmentFlag.AlignHCenter)
        for words, role in ((TITLE, "title"), (TEXT, "muted")):
            label = Label(words, role)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label, 0, Qt.AlignmentFlag.AlignHCenter)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        for place, (a, b, why) in enumerate(PAIRS):
            names = " and ".join(catalogue.find(name).title for name in (a, b))
            button = Button(names, "primary" if place == 0 else "")
            sides = Side("zoo", a), Side("zoo", b)
            button.clicked.connect(lambda _=False, sides=sides: compare(*sides))
            self.buttons.append(button)
            grid.addWidget(button, place, 0)
            grid.addWidget(Label(why, "muted"), place, 1)
        column.addSpacing(4)
        column.addLayout(_centred(grid))
        plot = Button("All of them: error against parameters, MACs and year", "link")
        plot.clicked.connect(lambda: results())
        column.addWidget(plot, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)


def _centred(grid: QGridLayout) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addStretch(1)
    row.addLayout(grid)
    row.addStretch(1)
    return row


class _Drawing(QWidget):
    def sizeHint(self) -> QSize:
        side = theme().tokens.px(48)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        whole = QRect(0, 0, self.width(), self.height())
        paint_icon(QPainter(self), "compare", whole, theme().tokens.line_strong)
