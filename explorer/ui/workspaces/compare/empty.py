"""What Compare shows while nothing is open: pairs that differ in one idea, one click each."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QGridLayout

from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.invitation import Invitation
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


class EmptyPage(Invitation):
    """Pairs to begin with, and the way to the plot of all."""

    def __init__(self, compare: Callable[[Side, Side], object], results: Callable[[], object]) -> None:
        self.buttons: list[Button] = []
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
        plot = Button("All of them: error against parameters, MACs and year", "link")
        plot.clicked.connect(lambda: results())
        super().__init__("compare", TITLE, TEXT, grid, plot)
