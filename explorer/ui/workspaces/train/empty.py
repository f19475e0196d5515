"""What Train shows before there is a network: one click, and one learns."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout

from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.invitation import Invitation

TITLE = "Watch a network learn"
TEXT = (
    "LeNet-5 learns ten kinds of clothes from 5,000 pictures that are here already.\n"
    "Or open a network of your own: you go on building it while it is trained as it was."
)


class EmptyPage(Invitation):
    """One network to train at once, or the list of experiments."""

    def __init__(self, train: Callable[[], object], choose: Callable[[], object]) -> None:
        self.button = Button("Train LeNet-5 on the fashion sample", "primary")
        self.button.clicked.connect(lambda: train())
        self.others = Button("Other experiments")
        self.others.clicked.connect(lambda: choose())
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.button)
        row.addWidget(self.others)
        super().__init__("train", TITLE, TEXT, row)
