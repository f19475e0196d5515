"""A row whose parts stand below each other where there is no room for all of them side by side."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

SPACING = 8
ACROSS, DOWN = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom


class FoldingRow(QWidget):
    """Its parts, from the left; `wide` takes the room that is left over."""

    def __init__(self, *parts: QWidget, wide: QWidget | None = None) -> None:
        super().__init__()
        self._parts = parts
        self._box = QBoxLayout(ACROSS, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(SPACING)
        for part in parts:
            self._box.addWidget(part, 1 if part is wide else 0)
        if wide is None:
            self._box.addStretch(1)

    def minimumSizeHint(self) -> QSize:
        widest = max(part.minimumSizeHint().width() for part in self._parts)
        return QSize(widest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        hints = [part.sizeHint().width() for part in self._parts if not part.isHidden()]
        wanted = sum(hints) + SPACING * (len(hints) - 1)
        self._box.setDirection(ACROSS if wanted <= self.width() else DOWN)
