"""Small pictures side by side, each with a line or two of words: samples, worst mistakes, filters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.ui.theme import theme

GAP, LINE = 6, 14


@dataclass(frozen=True, eq=False)
class Tile:
    """A picture and its words; `marked` lines are in the colour of an error. `story` is the tooltip."""

    image: QImage
    lines: tuple[str, ...] = ()
    marked: tuple[int, ...] = ()
    story: str = ""


class Tiles(QWidget):
    """As many in a row as there is room for, at least `side` wide; rows that do not fit `rows` are left out.

    Pictures of a few pixels are enlarged without smoothing: each of their pixels is to be seen.
    """

    def __init__(self, name: str, side: int = 48, lines: int = 1, rows: int = 2) -> None:
        super().__init__()
        self._name, self._side, self._lines, self._rows = name, side, lines, rows
        self._tiles: Sequence[Tile] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        theme().changed.connect(self.updateGeometry)

    @property
    def tiles(self) -> Sequence[Tile]:
        """What is shown, left out ones included."""
        return self._tiles

    def show_tiles(self, tiles: Sequence[Tile]) -> None:
        """These in place of those before."""
        other_count = len(tiles) != len(self._tiles)
        self._tiles = tiles
        self.setAccessibleDescription("; ".join(tile.story or ", ".join(tile.lines) for tile in tiles))
        if other_count:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = theme().tokens.px(240)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        side = theme().tokens.px(self._side)
        return QSize(side, side)

    def heightForWidth(self, width: int) -> int:
        columns, _, step = self._measures(width)
        rows = min(self._rows, -(-len(self._tiles) // columns))
        return max(0, round(rows * step - theme().tokens.px(GAP)))

    def _measures(self, width: int) -> tuple[int, float, float]:
        """Columns, the side of a picture, and the height of a row."""
        px = theme().tokens.px
        gap, least = px(GAP), px(self._side)
        columns = max(1, (width + gap) // (least + gap))
        if 0 < len(self._tiles) < columns:  # a few are not blown up to fill the row
            side = float(min(least * 1.25, (width - gap * (columns - 1)) / columns))
        else:
            side = (width - gap * (columns - 1)) / columns
        return columns, side, side + self._lines * px(LINE) + gap

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        px = tokens.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().font("label"))
        for tile, box in zip(self._tiles, self._boxes(), strict=False):
            paint_tile(painter, tile.image, box)
            for line, words in enumerate(tile.lines):
                painter.setPen(tokens.error if line in tile.marked else tokens.muted)
                row = QRectF(box.left(), box.bottom() + line * px(LINE), box.width(), px(LINE))
                shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(row.width()))
                painter.drawText(row, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)

    def _boxes(self) -> list[QRectF]:
        columns, side, step = self._measures(self.width())
        gap = theme().tokens.px(GAP)
        shown = min(len(self._tiles), columns * self._rows)
        return [
            QRectF((at % columns) * (side + gap), (at // columns) * step, side, side) for at in range(shown)
        ]

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            _, side, step = self._measures(self.width())
            for tile, box in zip(self._tiles, self._boxes(), strict=False):
                if tile.story and box.adjusted(0, 0, 0, step - side).contains(event.pos()):
                    QToolTip.showText(event.globalPos(), tile.story, self)
                    return True
            QToolTip.hideText()
            return True
        return super().event(event)


def paint_tile(painter: QPainter, image: QImage, area: QRectF) -> None:
    """A picture in a rounded square, whole; small ones with hard pixels."""
    if image.isNull():
        return
    painter.save()
    outline = QPainterPath()
    outline.addRoundedRect(area, 4, 4)
    painter.setClipPath(outline)
    painter.fillRect(area, theme().tokens.hover)
    large = image.width() > area.width()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, large)
    scale = min(area.width() / image.width(), area.height() / image.height())
    inside = QRectF(0, 0, image.width() * scale, image.height() * scale)
    inside.moveCenter(area.center())
    painter.drawImage(inside, image)
    painter.restore()


def image_of(picture: NDArray[np.uint8]) -> QImage:
    """A QImage with its own memory from (C, H, W) uint8, or (H, W): grey, or the first three channels."""
    maps = picture[None] if picture.ndim == 2 else picture
    height, width = maps.shape[1:]
    if maps.shape[0] < 3:
        grey = np.ascontiguousarray(maps[0])
        return QImage(grey.data, width, height, width, QImage.Format.Format_Grayscale8).copy()
    rgb = np.ascontiguousarray(maps[:3].transpose(1, 2, 0))
    return QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
