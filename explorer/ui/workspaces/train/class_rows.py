"""The classes of a data set below each other: the name, how many pictures there are, and some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.ui.theme import theme
from explorer.ui.workspaces.train.tiles import image_of, paint_tile

if TYPE_CHECKING:
    from explorer.learning.data import DataSet

ROW, SIDE, GAP, NAME_WIDTH, BAR_WIDTH, COUNT_WIDTH = 46, 40, 6, 104, 96, 56
MOST_PICTURES = 48
FEW = 0.1
"""A class with less than this share of the average stands out in colour and is said in words."""


class ClassRows(QWidget):
    """As many pictures of each class as there is room for. Pictures are made when they are first painted."""

    def __init__(self) -> None:
        super().__init__()
        self._data: DataSet | None = None
        self._counts: NDArray[np.int64] = np.zeros(0, np.int64)
        self._images: dict[int, list[QImage]] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Classes and some of their pictures")
        theme().changed.connect(self.updateGeometry)

    def show_data(self, data: DataSet | None) -> None:
        """The training pictures of this set."""
        if data is self._data:
            return
        self._data = data
        self._images = {}
        self._counts = np.zeros(0, np.int64) if data is None else data.train.counts(len(data.classes))
        names = () if data is None else data.classes
        pairs = zip(names, self._counts.tolist(), strict=True)
        self.setAccessibleDescription("; ".join(f"{name} {count:,}" for name, count in pairs))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(480), px(ROW) * len(self._counts))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().tokens.px(240), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._data is None:
            return
        px = theme().tokens.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        first = max(0, event.rect().top() // px(ROW))
        last = min(len(self._counts) - 1, event.rect().bottom() // px(ROW))
        for at in range(first, last + 1):
            self._paint_row(painter, self._data, at)

    def _paint_row(self, painter: QPainter, data: DataSet, at: int) -> None:
        tokens = theme().tokens
        px = tokens.px
        top = float(at * px(ROW))
        middle = Qt.AlignmentFlag.AlignVCenter
        count, average = int(self._counts[at]), float(self._counts.mean())
        few = count < FEW * average
        painter.setFont(theme().font("value"))
        painter.setPen(tokens.text)
        name = painter.fontMetrics().elidedText(
            data.classes[at], Qt.TextElideMode.ElideRight, px(NAME_WIDTH - 8)
        )
        painter.drawText(QRectF(0, top, px(NAME_WIDTH), px(SIDE)), middle | Qt.AlignmentFlag.AlignLeft, name)
        x = px(NAME_WIDTH)
        bar = QRectF(x, top + px(SIDE) / 2 - px(4), px(BAR_WIDTH), px(7))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.line)
        painter.drawRoundedRect(bar, 3, 3)
        bar.setWidth(max(px(3), bar.width() * count / max(1, int(self._counts.max()))))
        painter.setBrush(tokens.error if few else tokens.accent)
        painter.drawRoundedRect(bar, 3, 3)
        x += px(BAR_WIDTH + 8)
        painter.setPen(tokens.error if few else tokens.muted)
        box = QRectF(x, top, px(COUNT_WIDTH), px(SIDE))
        painter.drawText(box, middle | Qt.AlignmentFlag.AlignLeft, f"{count:,}")
        x += px(COUNT_WIDTH)
        room = (self.width() - x + px(GAP)) // px(SIDE + GAP)
        for place, image in enumerate(self._row_images(data, at)[: max(0, room)]):
            paint_tile(painter, image, QRectF(x + place * px(SIDE + GAP), top, px(SIDE), px(SIDE)))

    def _row_images(self, data: DataSet, at: int) -> list[QImage]:
        if at not in self._images:
            places = np.flatnonzero(data.train.labels == at)[:MOST_PICTURES]
            self._images[at] = [image_of(np.asarray(data.train.pictures[place])) for place in places]
        return self._images[at]
