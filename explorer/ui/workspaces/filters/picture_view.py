"""A picture that can be looked at down to its pixels, with the window or the pixel that is explained."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.imaging.pyramid import Pyramid
from explorer.media.pictures import Picture
from explorer.ui.theme import theme
from explorer.ui.workspaces.filters.images import image_of
from explorer.ui.workspaces.filters.lens import LARGEST_CELL, Lens, fitted, placed
from explorer.ui.workspaces.filters.live import reduce

GRID_FROM, GREY_FROM, COLOR_FROM = 7, 25, 38
"""Screen pixels a pixel from which on lines, grey values and colour values are drawn."""
MOST_VALUES = 2600
_ARROWS = {
    Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
}  # fmt: skip


class PictureView(QWidget):
    """`picked(row, column)` with every click and drag, `stepped(rows, columns)` with the arrow keys.

    The wheel zooms, the middle button or Shift and a drag move; both views of a lens follow.
    """

    picked = Signal(int, int)
    stepped = Signal(int, int)
    play_asked = Signal()
    resized = Signal()

    def __init__(self, name: str, lens: Lens) -> None:
        super().__init__()
        self.lens = lens
        self._pyramid: Pyramid | None = None
        self._image: tuple[tuple[int, int, int, int, int], QImage] | None = None
        self._marks: tuple[tuple[QRectF, bool], ...] = ()
        self._revealed: tuple[int, int] | None = None
        self._words = ""
        self._panning: QPointF | None = None
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.CrossCursor)
        lens.changed.connect(self.update)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(theme().tokens.px(400), theme().tokens.px(400))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().tokens.px(140), theme().tokens.px(120))

    # -- what is shown -----------------------------------------------------------------------------------

    @property
    def room(self) -> tuple[int, int]:
        """Width and height in the screen's own pixels."""
        density = self.devicePixelRatioF()
        return round(self.width() * density), round(self.height() * density)

    def show_picture(self, pyramid: Pyramid | None) -> None:
        """Another picture, or none."""
        if pyramid is not self._pyramid:
            self._pyramid, self._image = pyramid, None
            self.update()

    def show_marks(self, *marks: tuple[QRectF, bool]) -> None:
        """Rectangles in pixels of the picture; True for the one that is explained."""
        self._marks = marks
        self.update()

    def reveal(self, up_to: tuple[int, int] | None) -> None:
        """Only what comes before a (row, column) in reading order, or all of it."""
        self._revealed = up_to
        self.update()

    def show_words(self, words: str) -> None:
        """A sentence in place of the picture, or over it."""
        if words != self._words:
            self._words = words
            self.update()

    # -- geometry ----------------------------------------------------------------------------------------

    def area(self) -> QRectF:
        """Where the whole picture lies on the widget."""
        rows, columns = self._pyramid.size if self._pyramid else (1, 1)
        return placed(self.lens, rows, columns, QRectF(self.rect()))

    @property
    def cell(self) -> float:
        """Screen pixels for one pixel."""
        return self.area().width() / (self._pyramid.size[1] if self._pyramid else 1)

    def pixel_at(self, position: QPointF) -> tuple[int, int]:
        """(row, column) under a point of the widget; may lie outside of the picture."""
        area, cell = self.area(), self.cell
        return math.floor((position.y() - area.top()) / cell), math.floor((position.x() - area.left()) / cell)

    def largest_zoom(self) -> float:
        """The zoom at which a pixel is as large as it gets."""
        rows, columns = self._pyramid.size if self._pyramid else (1, 1)
        return max(1.0, LARGEST_CELL / fitted(rows, columns, QRectF(self.rect()).size()))

    def zoom(self, factor: float, position: QPointF | None = None) -> None:
        """Nearer or farther, about a point of the widget or its middle."""
        area = self.area()
        position = position or QRectF(self.rect()).center()
        place = QPointF(
            (position.x() - area.left()) / max(1e-6, area.width()),
            (position.y() - area.top()) / max(1e-6, area.height()),
        )
        self.lens.zoom_at(factor, place, self.largest_zoom())

    def show_pixels(self, row: int, column: int, cell: float = 44.0) -> None:
        """Near enough to read values, at a pixel."""
        if self._pyramid is not None:
            rows, columns = self._pyramid.size
            zoom = theme().tokens.px(round(cell)) / fitted(rows, columns, QRectF(self.rect()).size())
            self.lens.set(max(1.0, zoom), QPointF((column + 0.5) / columns, (row + 0.5) / rows))

    def keep_in_view(self, row: int, column: int) -> None:
        """Follow a pixel that leaves the view."""
        if self._pyramid is None or self.lens.zoom == 1:
            return
        area, cell = self.area(), self.cell
        spot = QPointF(area.left() + (column + 0.5) * cell, area.top() + (row + 0.5) * cell)
        inner = QRectF(self.rect()).adjusted(cell, cell, -cell, -cell)
        if not inner.contains(spot):
            rows, columns = self._pyramid.size
            self.lens.set(self.lens.zoom, QPointF((column + 0.5) / columns, (row + 0.5) / rows))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.resized.emit()

    # -- mouse and keys ----------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.button() == Qt.MouseButton.MiddleButton or (
            event.button() == Qt.MouseButton.LeftButton and shift
        ):
            self._panning = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(*self.pixel_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._panning is not None:
            moved = event.position() - self._panning
            self._panning = event.position()
            area = self.area()
            step = QPointF(moved.x() / max(1.0, area.width()), moved.y() / max(1.0, area.height()))
            self.lens.set(self.lens.zoom, self.lens.centre - step)
        elif event.buttons() & Qt.MouseButton.LeftButton:
            self.picked.emit(*self.pixel_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._panning is not None:
            self._panning = None
            self.setCursor(Qt.CursorShape.CrossCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.lens.fit() if self.cell >= GREY_FROM else self.show_pixels(*self.pixel_at(event.position()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(1.2 ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        if key in _ARROWS:
            rows, columns = _ARROWS[key]
            self.stepped.emit(rows * far, columns * far)
        elif key == Qt.Key.Key_Space:
            self.play_asked.emit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1.4)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / 1.4)
        elif key == Qt.Key.Key_0:
            self.lens.fit()
        else:
            super().keyPressEvent(event)

    # -- painting ----------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        if self._pyramid is not None:
            area, cell = self.area(), self.cell
            self._paint_picture(painter, self._pyramid, area, cell)
            self._paint_hidden(painter, self._pyramid, area, cell)
            self._paint_marks(painter, area, cell)
        if self._words:
            self._paint_words(painter)
        if self.hasFocus():
            painter.setPen(QPen(tokens.accent, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = self.area().toAlignedRect() if self._pyramid is not None else self.rect()
            painter.drawRect(ring.intersected(self.rect()).adjusted(1, 1, -1, -1))

    def _seen(self, pyramid: Pyramid, area: QRectF, cell: float) -> QRect:
        """The pixels of the picture that are on the screen."""
        rows, columns = pyramid.size
        left, top = max(0, math.floor(-area.left() / cell)), max(0, math.floor(-area.top() / cell))
        right = min(columns, math.ceil((self.width() - area.left()) / cell))
        bottom = min(rows, math.ceil((self.height() - area.top()) / cell))
        return QRect(left, top, max(0, right - left), max(0, bottom - top))

    def _paint_picture(self, painter: QPainter, pyramid: Pyramid, area: QRectF, cell: float) -> None:
        seen = self._seen(pyramid, area, cell)
        if seen.isEmpty():
            return
        density = self.devicePixelRatioF()
        whole = reduce(pyramid, self.room) if self.lens.zoom == 1 and cell * density < 1 else None
        if whole is not None:
            key = (-1, 0, 0, whole.shape[0], whole.shape[1])
            if self._image is None or self._image[0] != key:
                self._image = key, image_of(whole)
            image = self._image[1]
            image.setDevicePixelRatio(density)
            painter.drawImage(QPointF(round(area.left()), round(area.top())), image)
            return
        level = pyramid.level(cell * density)
        source = pyramid.levels[level]
        rows, columns = pyramid.size
        up, across = source.shape[0] / rows, source.shape[1] / columns  # halving rounds odd sides
        top, left = math.floor(seen.top() * up), math.floor(seen.left() * across)
        bottom = min(source.shape[0], max(top + 1, math.ceil((seen.bottom() + 1) * up)))
        right = min(source.shape[1], max(left + 1, math.ceil((seen.right() + 1) * across)))
        key = (level, top, left, bottom, right)
        if self._image is None or self._image[0] != key:
            self._image = key, image_of(source[top:bottom, left:right])
        target = QRectF(
            area.left() + left / across * cell,
            area.top() + top / up * cell,
            (right - left) / across * cell,
            max(1.0, (bottom - top) / up * cell),
        )
        smooth = cell * density < 1
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(target, self._image[1])
        if cell >= GRID_FROM:
            self._paint_grid(painter, area, cell, seen)
            self._paint_values(painter, pyramid.picture, area, cell, seen)

    def _paint_grid(self, painter: QPainter, area: QRectF, cell: float, seen: QRect) -> None:
        painter.setPen(QPen(QColor(128, 128, 128, 70), 1))
        top, bottom = area.top() + seen.top() * cell, area.top() + (seen.bottom() + 1) * cell
        left, right = area.left() + seen.left() * cell, area.left() + (seen.right() + 1) * cell
        for column in range(seen.left(), seen.right() + 2):
            x = area.left() + column * cell
            painter.drawLine(QPointF(x, top), QPointF(x, bottom))
        for row in range(seen.top(), seen.bottom() + 2):
            y = area.top() + row * cell
            painter.drawLine(QPointF(left, y), QPointF(right, y))

    def _paint_values(
        self, painter: QPainter, picture: Picture, area: QRectF, cell: float, seen: QRect
    ) -> None:
        colored = picture.ndim == 3
        px = theme().tokens.px
        if cell < px(COLOR_FROM if colored else GREY_FROM) or seen.width() * seen.height() > MOST_VALUES:
            return
        part = picture[seen.top() : seen.bottom() + 1, seen.left() : seen.right() + 1]
        light = part @ np.array([0.299, 0.587, 0.114]) if colored else part
        font = QFont(theme().font("label"))
        font.setPixelSize(max(px(8), min(px(12), int(cell / (3.8 if colored else 2.6)))))
        painter.setFont(font)
        for row in range(part.shape[0]):
            for column in range(part.shape[1]):
                painter.setPen(QColor("#1B2330") if light[row, column] > 122 else QColor("#F2F4F7"))
                value = part[row, column]
                words = "\n".join(str(one) for one in value) if colored else str(value)
                x, y = area.left() + (seen.left() + column) * cell, area.top() + (seen.top() + row) * cell
                painter.drawText(QRectF(x, y, cell, cell), Qt.AlignmentFlag.AlignCenter, words)

    def _paint_hidden(self, painter: QPainter, pyramid: Pyramid, area: QRectF, cell: float) -> None:
        """The ground over what the sweep has not reached."""
        if self._revealed is None:
            return
        row, column = self._revealed
        ground = QColor(theme().tokens.window)
        ground.setAlpha(215)
        y, x = area.top() + row * cell, area.left() + (column + 1) * cell
        painter.fillRect(QRectF(x, y, area.right() - x, cell), ground)
        painter.fillRect(QRectF(area.left(), y + cell, area.width(), area.bottom() - y - cell), ground)

    def _paint_marks(self, painter: QPainter, area: QRectF, cell: float) -> None:
        """Blue on white, so that it is seen on any picture; never smaller than can be seen."""
        accent = QColor("#2F62E0")
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for mark, strong in self._marks:
            box = QRectF(
                area.left() + mark.left() * cell, area.top() + mark.top() * cell,
                mark.width() * cell, mark.height() * cell,
            )  # fmt: skip
            short = max(0.0, 7 - min(box.width(), box.height())) / 2
            box.adjust(-short, -short, short, short)
            painter.setPen(QPen(QColor(255, 255, 255, 220), 4 if strong else 2.5))
            painter.drawRect(box)
            style = Qt.PenStyle.SolidLine if strong else Qt.PenStyle.DashLine
            painter.setPen(QPen(accent, 2 if strong else 1, style))
            painter.drawRect(box)

    def _paint_words(self, painter: QPainter) -> None:
        tokens = theme().tokens
        room = QRectF(self.rect()).adjusted(16, 16, -16, -16)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.setFont(theme().font("body"))
        box = painter.boundingRect(room, int(flags), self._words).adjusted(-16, -12, 16, 12)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(tokens.line, 1))
        painter.setBrush(tokens.card)
        painter.drawRoundedRect(box, 8, 8)
        painter.setPen(tokens.text)
        painter.drawText(room, int(flags), self._words)
