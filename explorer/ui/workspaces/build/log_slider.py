"""A slider over numbers from small to large, in equal ratios."""

from __future__ import annotations

from math import log2

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSlider, QWidget

NOTCHES = 20
"""Positions to a doubling."""


class LogSlider(QSlider):
    """`moved(value)` comes while a person moves it, `settled()` when they let go or have pressed a key."""

    moved = Signal(int)
    settled = Signal()

    def __init__(self, minimum: int, maximum: int, name: str, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._least, self._most = minimum, maximum
        self._showing = False
        self.setAccessibleName(name)
        self.setRange(0, round(log2(maximum / minimum) * NOTCHES))
        self.setSingleStep(NOTCHES)
        self.setPageStep(NOTCHES)
        self.valueChanged.connect(self._tell)
        self.sliderReleased.connect(self.settled)

    def show_number(self, number: int) -> None:
        """Stand at a number; emits nothing."""
        self._showing = True
        bounded = min(max(number, self._least), self._most)
        self.setValue(round(log2(bounded / self._least) * NOTCHES))
        self._showing = False

    def _tell(self, position: int) -> None:
        if self._showing:
            return
        number = round(self._least * 2 ** (position / NOTCHES))
        self.moved.emit(min(max(number, self._least), self._most))
        if not self.isSliderDown():
            self.settled.emit()

    def wheelEvent(self, event: object) -> None:
        # A panel that scrolls under the pointer must not change numbers.
        event.ignore()  # type: ignore[attr-defined]
