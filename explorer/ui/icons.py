"""Icons: our own line drawings in `assets/icons`, rendered in whatever colour the theme asks for."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from explorer.assets import asset
from explorer.ui.theme import theme

DENSITIES = (1.0, 2.0, 3.0)


def icon(name: str, color: QColor | None = None, size: int = 16) -> QIcon:
    """A `QIcon` for menus and buttons, in the text colour unless another is given.

    It keeps its colours, so whoever sets it sets it again on `theme().changed`.
    """
    tokens = theme().tokens
    made = QIcon()
    side = tokens.px(size)
    for density in DENSITIES:
        made.addPixmap(pixmap(name, side, color or tokens.text, density))
        made.addPixmap(pixmap(name, side, tokens.line_strong, density), QIcon.Mode.Disabled)
    return made


def paint_icon(painter: QPainter, name: str, rect: QRect | QRectF, color: QColor) -> None:
    """Draw an icon inside a rectangle, centred, as sharp as the device allows."""
    side = int(min(rect.width(), rect.height()))
    density = painter.device().devicePixelRatio()
    drawn = pixmap(name, side, color, density)
    center = QRectF(rect).center()
    painter.drawPixmap(QPointF(round(center.x() - side / 2), round(center.y() - side / 2)), drawn)


def pixmap(name: str, side: int, color: QColor, density: float = 1.0) -> QPixmap:
    """An icon as a square pixmap of `side` logical pixels."""
    return _rendered(name, side, color.rgba(), density)


@lru_cache(maxsize=1024)
def _rendered(name: str, side: int, rgba: int, density: float) -> QPixmap:
    color = QColor.fromRgba(rgba)
    drawing = _source(name).replace("currentColor", color.name())
    renderer = QSvgRenderer(QByteArray(drawing.encode()))
    made = QPixmap(QSize(round(side * density), round(side * density)))
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setOpacity(color.alphaF())
    renderer.render(painter)
    painter.end()
    made.setDevicePixelRatio(density)
    return made


@lru_cache(maxsize=256)
def _source(name: str) -> str:
    return asset("icons", f"{name}.svg").read_text(encoding="utf-8")
