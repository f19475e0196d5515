"""A feature map as a box, as the papers draw it: H × W in front, C deep, all on a logarithmic scale."""

from __future__ import annotations

from functools import lru_cache
from math import log2
from typing import NamedTuple

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from explorer.network.layer import Shape
from explorer.ui.canvas.look import mixed

_FRONT = 32.0
_DEEP = 20.0
_LARGEST = 1024


class Volume(NamedTuple):
    """A box: the size of its front, and how far its back is shifted to the right and up."""

    width: float
    height: float
    depth_x: float
    depth_y: float


def volume_of(shape: Shape) -> Volume:
    """The drawn size of a shape in scene units; vectors are thin columns, other ranks a flat sheet."""
    if len(shape) == 1:
        return Volume(5, _length(shape[0], 40.0, 2**13), 3, 2)
    channels, rows, columns = shape if len(shape) == 3 else (1, shape[0], shape[-1])
    deep = _length(channels, _DEEP, 2 * _LARGEST)
    return Volume(_length(columns, _FRONT), _length(rows, _FRONT), deep * 0.8, deep * 0.5)


def _length(count: int, longest: float, at: int = _LARGEST) -> float:
    return 3 + (longest - 3) * min(log2(count + 1) / log2(at + 1), 1.0)


@lru_cache(maxsize=2048)
def _faces(shape: Shape) -> tuple[QPolygonF, QPolygonF, QPolygonF, float]:
    """Front, top and side with the front's left edge at 0 and the whole centred on y = 0; and its width."""
    wide, high, right, up = volume_of(shape)
    top = (up - high) / 2
    bottom = top + high
    front = [(0, top), (wide, top), (wide, bottom), (0, bottom)]
    lid = [(0, top), (right, top - up), (wide + right, top - up), (wide, top)]
    side = [(wide, top), (wide + right, top - up), (wide + right, bottom - up), (wide, bottom)]
    made = [QPolygonF([QPointF(x, y) for x, y in points]) for points in (front, lid, side)]
    return made[0], made[1], made[2], wide + right


def paint_volume(
    painter: QPainter, shape: Shape, x: float, middle: float, color: QColor, ground: QColor
) -> None:
    """Draw the box of `shape` from `x` on, centred on the height `middle`."""
    front, lid, side, _ = _faces(shape)
    painter.translate(x, middle)
    painter.setPen(QPen(color, 1))
    for face, share in ((front, 0.22), (lid, 0.12), (side, 0.34)):
        painter.setBrush(mixed(color, ground, share))
        painter.drawPolygon(face)
    painter.translate(-x, -middle)
