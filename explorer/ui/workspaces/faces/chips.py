"""Aligned faces as small pictures: two side by side, and round ones for lists."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from explorer.faces.alignment import SIDE, TEMPLATE
from explorer.media.pictures import Picture
from explorer.ui.icons import paint_icon
from explorer.ui.theme import theme
from explorer.ui.widgets.labels import ElidedLabel
from explorer.ui.workspaces.faces.images import Scaled

LARGEST, GAP = 128, 12
"""Pixels of the design: the side of a chip of a pair at most, and between the two."""


class Chip(QWidget):
    """One aligned face (112, 112, 3), with its five points where they belong; or a place for one."""

    def __init__(self, side: int = 112, name: str = "Face") -> None:
        super().__init__()
        self._side = side
        self._chip: Picture | None = None
        self._scaled = Scaled()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def show_chip(self, chip: Picture | None) -> None:
        """Another face, or none."""
        if chip is not self._chip:
            self._chip = chip
            self.update()

    @property
    def empty(self) -> bool:
        return self._chip is None

    def sizeHint(self) -> QSize:
        side = theme().tokens.px(self._side)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self._chip is None:
            painter.setPen(QPen(tokens.line_strong, 1, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area, tokens.px(8), tokens.px(8))
            side = tokens.px(24)
            box = QRectF(0, 0, side, side)
            box.moveCenter(area.center())
            paint_icon(painter, "faces", box, tokens.line_strong)
            return
        outline = QPainterPath()
        outline.addRoundedRect(area, tokens.px(8), tokens.px(8))
        painter.setClipPath(outline)
        whole = QSizeF(self.size())
        painter.drawImage(0, 0, self._scaled.image(self._chip, whole, self.devicePixelRatioF()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.card if not tokens.dark else tokens.text)
        scale = area.width() / SIDE
        for x, y in TEMPLATE:
            painter.drawEllipse(QRectF(x * scale - 1.5, y * scale - 1.5, 3, 3))


class ChipPair(QWidget):
    """Two aligned faces side by side, each with a word below."""

    def __init__(self, first: str = "enrolled", second: str = "camera, aligned") -> None:
        super().__init__()
        self.first, self.second = Chip(name=first), Chip(name=second)
        self._words = ElidedLabel(first, "label"), ElidedLabel(second, "label")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme().tokens.px(GAP))
        grid.setVerticalSpacing(4)
        for place, (chip, word) in enumerate(zip((self.first, self.second), self._words, strict=True)):
            word.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            grid.addWidget(chip, 0, place)
            grid.addWidget(word, 1, place)
        grid.setColumnStretch(2, 1)
        theme().changed.connect(self._fit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As large as there is room for: what is compared is what is looked at."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        px = theme().tokens.px
        side = max(px(64), min(px(LARGEST), (self.width() - px(GAP)) // 2))
        for chip in (self.first, self.second):
            chip.setFixedSize(side, side)

    def minimumSizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(2 * px(64) + px(GAP), super().minimumSizeHint().height())

    def name(self, first: str, second: str) -> None:
        """Other words below them."""
        for label, chip, text in zip(self._words, (self.first, self.second), (first, second), strict=True):
            label.setText(text)
            chip.setAccessibleName(text)


def paint_round(painter: QPainter, image: QImage | None, area: QRectF) -> None:
    """A face in a circle, for a list."""
    tokens = theme().tokens
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    outline = QPainterPath()
    outline.addEllipse(area)
    painter.setClipPath(outline)
    painter.fillRect(area, tokens.hover)
    if image is not None:
        painter.drawImage(area, image)
    painter.restore()
