"""A small histogram: how a layer's values are spread, zeros counted where they fall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.imaging.explanation import number
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from explorer.imaging.activations import LayerStatistics

HEIGHT, AXIS = 56, 16


class Histogram(QWidget):
    """Heights are roots of the counts, so that a peak at 0 leaves the others to be seen."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: LayerStatistics | None = None
        self.setAccessibleName("How the values are spread")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(200), px(HEIGHT + AXIS))

    def show_statistics(self, statistics: LayerStatistics | None) -> None:
        """Of another layer, or none."""
        self._shown = statistics
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._shown is None or not self._shown.counts.sum():
            return
        tokens = theme().tokens
        px = tokens.px
        painter = QPainter(self)
        counts, edges = self._shown.counts, self._shown.edges
        base, width = px(HEIGHT), self.width() / len(counts)
        most = float(counts.max()) ** 0.5
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.accent)
        for place, count in enumerate(counts.tolist()):
            high = (count**0.5) / most * (base - 2)
            if count:
                high = max(1.0, high)
                painter.drawRect(QRectF(place * width, base - high, max(1.0, width - 1), high))
        painter.setPen(QPen(tokens.line_strong, 1))
        painter.drawLine(QPointF(0, base), QPointF(self.width(), base))
        low, high = float(edges[0]), float(edges[-1])
        painter.setFont(theme().font("label"))
        painter.setPen(tokens.muted)
        axis = QRectF(0, base + 1, self.width(), px(AXIS))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(axis, middle | Qt.AlignmentFlag.AlignLeft, number(low))
        painter.drawText(axis, middle | Qt.AlignmentFlag.AlignRight, number(high))
        if low < 0 < high:
            at = -low / (high - low) * self.width()
            painter.drawLine(QPointF(at, base), QPointF(at, base + px(4)))
            if self.width() * 0.2 < at < self.width() * 0.8:
                box = QRectF(at - px(10), base + px(2), px(20), px(AXIS))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "0")
