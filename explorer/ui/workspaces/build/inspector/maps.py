"""Small pictures of what a layer's first maps hold after a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.ui.theme import theme

SIDE, GAP, COLUMNS = 74, 4, 4


class MapsView(QWidget):
    """A grid of grey maps, the strongest first; each is scaled to its own darkest and brightest value."""

    def __init__(self) -> None:
        super().__init__()
        self._maps: Sequence[Any] = ()
        self._pictures: list[QPixmap] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Maps of the layer")

    @property
    def count(self) -> int:
        return len(self._pictures)

    def show_maps(self, maps: Sequence[Any]) -> None:
        """Show previews, each with `channel` and `pixels`, a (H, W) uint8 array."""
        if maps is self._maps:
            return
        self._maps = maps
        self._pictures = [_pixmap(one.pixels) for one in maps]
        self.setVisible(bool(self._pictures))
        channels = ", ".join(str(one.channel) for one in maps)
        self.setAccessibleDescription(f"Channels {channels}, dark is low and bright is high")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        rows = -(-len(self._pictures) // COLUMNS)
        return QSize(COLUMNS * px(SIDE + GAP) - px(GAP), max(0, rows * px(SIDE + GAP) - px(GAP)))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().tokens.px(SIDE), self.sizeHint().height())

    def event(self, event: Any) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            px = theme().tokens.px
            step = px(SIDE + GAP)
            place = event.pos().y() // step * COLUMNS + event.pos().x() // max(1, self._side() + px(GAP))
            known = 0 <= place < len(self._maps)
            QToolTip.showText(
                event.globalPos(), f"channel {self._maps[place].channel}" if known else "", self
            )
            return True
        return super().event(event)

    def _side(self) -> int:
        px = theme().tokens.px
        return min(px(SIDE), max(px(16), (self.width() + px(GAP)) // COLUMNS - px(GAP)))

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        px = tokens.px
        painter = QPainter(self)
        side = self._side()
        for place, picture in enumerate(self._pictures):
            row, column = divmod(place, COLUMNS)
            box = QRect(column * (side + px(GAP)), row * (px(SIDE) + px(GAP)), side, side)
            scaled = picture.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
            inner = QRect(box.topLeft(), scaled)
            inner.moveCenter(box.center())
            painter.drawPixmap(inner, picture)
            painter.setPen(QPen(tokens.line, 1))
            painter.drawRect(inner.adjusted(0, 0, -1, -1))


def _pixmap(values: Any) -> QPixmap:
    """A (H, W) uint8 array as a picture, enlarged without smoothing where it is small."""
    height, width = values.shape
    data = bytes(values.tobytes())
    image = QImage(data, width, height, width, QImage.Format.Format_Grayscale8).copy()
    return QPixmap.fromImage(image)
