"""A thin bar of what training memory is made of; its parts differ in shade and are named below it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.ui.theme import theme

SHADES = (255, 190, 130, 75)
"""Opacity of the accent for each part, in order."""


def shade(part: int) -> QColor:
    """The colour of a part of the bar."""
    color = QColor(theme().tokens.accent)
    color.setAlpha(SHADES[part % len(SHADES)])
    return color


class MemoryBar(QWidget):
    """Parts of a whole, side by side."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: tuple[int, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_parts(self, parts: tuple[int, ...], text: str) -> None:
        """Show these amounts; `text` says them to a screen reader."""
        self._parts = parts
        self.setAccessibleName(text)
        self.setToolTip(text)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().tokens.px(120), theme().tokens.px(8))

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QPainterPath()
        whole.addRoundedRect(QRectF(self.rect()), tokens.px(4), tokens.px(4))
        painter.setClipPath(whole)
        painter.fillRect(self.rect(), tokens.line)
        total = sum(self._parts)
        left = 0.0
        painter.setPen(Qt.PenStyle.NoPen)
        for part, amount in enumerate(self._parts):
            width = self.width() * amount / total if total else 0.0
            if width > 0:
                painter.fillRect(QRectF(left, 0, max(1.0, width - 1), self.height()), shade(part))
            left += width


class Swatch(QWidget):
    """The small square that says which part of the bar a number belongs to."""

    def __init__(self, part: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._part = part
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        side = theme().tokens.px(9)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().tokens.line)
        painter.drawRoundedRect(self.rect(), 2, 2)
        painter.setBrush(shade(self._part))
        painter.drawRoundedRect(self.rect(), 2, 2)
