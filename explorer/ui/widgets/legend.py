"""The names of curves, each after a piece of its line."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.ui.theme import theme
from explorer.ui.widgets.curves import Curve

LEAST = 24
"""Of a name that is cut off, in pixels of the design."""


class Legend(QWidget):
    """Names of curves, each after a piece of its line."""

    def __init__(self) -> None:
        super().__init__()
        self._curves: Sequence[Curve] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """Name these."""
        before = [(c.label, c.color, c.dash, c.line, c.hollow) for c in self._curves]
        self._curves = curves
        if before != [(c.label, c.color, c.dash, c.line, c.hollow) for c in curves]:
            named = ", ".join(curve.label for curve in curves)
            self.setAccessibleName(named)
            self.setToolTip(named)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        metrics = QFontMetrics(theme().font("label"))
        width = sum(px(32) + metrics.horizontalAdvance(curve.label) for curve in self._curves)
        return QSize(max(0, width - px(12) + 2), px(16))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, theme().tokens.px(16))

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        px = tokens.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().font("label"))
        metrics = painter.fontMetrics()
        x, middle = 0, self.height() / 2
        for curve in self._curves:
            room = max(0, self.width() - x - px(20)) + 1
            if room < min(px(LEAST), metrics.horizontalAdvance(curve.label)):
                break  # a line without a name says nothing; the tooltip has all of them
            pen = QPen(getattr(tokens, curve.color), 2)
            if curve.dash:
                pen.setDashPattern([2, 1.5])
            painter.setPen(pen)
            if curve.line:
                painter.drawLine(QPointF(x + 1, middle), QPointF(x + px(14), middle))
            else:
                painter.setPen(QPen(pen.color(), 1))
                painter.setBrush(tokens.panel if curve.hollow else pen.color())
                painter.drawEllipse(QPointF(x + px(9), middle), px(4), px(4))
            painter.setPen(tokens.muted)
            label = metrics.elidedText(curve.label, Qt.TextElideMode.ElideRight, room)
            width = metrics.horizontalAdvance(label)
            box = QRectF(x + px(20), 0, width + 1, self.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, label)
            x += px(32) + width
