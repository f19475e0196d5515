"""What a kernel lets through: a heat map of its frequency response, with its axes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.imaging.kernels import Values, frequency_response
from explorer.ui.theme import theme
from explorer.ui.workspaces.filters.images import image_of

SIDE = 160


class ResponseMap(QWidget):
    """Dark where nothing comes through, in the accent's colour where most does. Even tones in the middle."""

    def __init__(self) -> None:
        super().__init__()
        self._response: Values = np.zeros((64, 64), np.float32)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Frequency response")
        theme().changed.connect(self.updateGeometry)

    def show_kernel(self, weights: Values) -> None:
        """Another kernel, as it is laid on the picture, dilation included."""
        self._response = frequency_response(weights)
        most, mean = float(self._response.max()), float(self._response[32, 32])
        self.setAccessibleDescription(f"even grounds times {mean:.3g}, at most times {most:.3g}")
        self.update()

    @property
    def peak(self) -> float:
        """How much the frequency that comes through best is multiplied."""
        return float(self._response.max())

    @property
    def mean(self) -> float:
        """How much an even ground is multiplied: the absolute sum of the kernel."""
        return float(self._response[32, 32])

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(SIDE + 60), px(SIDE + 36))

    def _box(self) -> QRectF:
        px = theme().tokens.px
        return QRectF(px(30), px(4), px(SIDE), px(SIDE))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            box, side = self._box(), len(self._response)
            spot = QPointF(event.pos()) - box.topLeft()
            column, row = int(spot.x() / box.width() * side), int(spot.y() / box.height() * side)
            if 0 <= column < side and 0 <= row < side:
                across, down = column / side - 0.5, row / side - 0.5
                value = self._response[row, column]
                text = f"{across:+.2f} across, {down:+.2f} down: times {value:.3g}".replace("-", "−")
                QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        px = tokens.px
        painter = QPainter(self)
        box = self._box()
        painter.drawImage(box, image_of(self._colors()))
        painter.setPen(QPen(tokens.line_strong, 1))
        painter.drawRect(box)
        painter.setFont(theme().font("label"))
        painter.setPen(tokens.muted)
        below = box.bottom() + px(2)
        for share, text in ((0.0, "−½"), (0.5, "0"), (1.0, "½")):
            x, y = box.left() + share * box.width(), box.top() + share * box.height()
            painter.drawText(QRectF(x - px(20), below, px(40), px(16)), Qt.AlignmentFlag.AlignCenter, text)
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            height = min(max(y - px(8), box.top() - px(2)), box.bottom() - px(14))
            painter.drawText(QRectF(0, height, px(26), px(16)), flags, text)
        words = QRectF(box.left() - px(20), below + px(15), box.width() + px(40), px(16))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, "cycles a pixel")

    def _colors(self) -> NDArray[np.uint8]:
        tokens = theme().tokens
        share = (self._response / max(1e-6, self.peak))[..., None]
        near, far = (
            np.array([color.red(), color.green(), color.blue()], np.float32)
            for color in (tokens.panel, tokens.convolution)
        )
        return np.rint(near + (far - near) * share).astype(np.uint8)
