"""Buttons in the middle of a page: side by side where there is room, else below one another."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QPushButton, QSizePolicy, QWidget

from explorer.ui.theme import theme

GAP = 8


class ButtonRow(QWidget):
    """No word of a button is ever cut off."""

    def __init__(self, buttons: Sequence[QPushButton] = ()) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(GAP)
        self._row.addStretch(1)
        self._row.addStretch(1)
        self.buttons: list[QPushButton] = []
        self.show_buttons(buttons)
        theme().changed.connect(self._fit)

    def show_buttons(self, buttons: Sequence[QPushButton]) -> None:
        """These, in place of those before, which go."""
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        self.buttons = list(buttons)
        for button in self.buttons:
            self._row.insertWidget(self._row.count() - 1, button, 0, Qt.AlignmentFlag.AlignHCenter)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        wanted = sum(button.sizeHint().width() + GAP for button in self.buttons) + GAP
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._row.setDirection(across if wanted <= self.width() else down)
