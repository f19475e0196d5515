"""The ground of the canvas: a quiet grid of dots that thins out with the zoom."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

PITCH = 20.0
_TILE = 400
_LEAST = 14
"""Dots nearer to each other than this on the screen are noise, so every second one is left out."""
_DOTS_FROM = 0.2


def paint_ground(
    painter: QPainter, exposed: QRectF, origin: QPoint, scale: float, color: QColor, dot: QColor
) -> None:
    """Fill `exposed` (in pixels of the screen); the scene's origin is at `origin`."""
    room = exposed.toAlignedRect()  # whole pixels: anything else is blended, not copied
    if scale < _DOTS_FROM:
        painter.fillRect(room, color)
        return
    pitch = max(round(PITCH * scale), 1)
    while pitch < _LEAST:
        pitch *= 2
    side = pitch * max(1, _TILE // pitch)
    tile = _tile(pitch, side, color.rgba(), dot.rgba(), painter.device().devicePixelRatio())
    offset = room.topLeft() - origin
    painter.drawTiledPixmap(room, tile, QPoint(offset.x() % side, offset.y() % side))


@lru_cache(maxsize=64)
def _tile(pitch: int, side: int, ground: int, rgba: int, density: float) -> QPixmap:
    """Many dots at once on an opaque ground: that is copied much faster than small tiles are blended."""
    tile = QPixmap(round(side * density), round(side * density))
    tile.setDevicePixelRatio(density)
    tile.fill(QColor.fromRgba(ground))
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor.fromRgba(rgba))
    for x in range(0, side, pitch):
        for y in range(0, side, pitch):
            painter.drawEllipse(QPointF(x + 1, y + 1), 0.9, 0.9)
    painter.end()
    return tile
