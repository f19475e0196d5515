"""The picture as the network sees it, with what is laid over it and what the unit can see of it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.imaging.receptive_field import Region
from explorer.media.pictures import Picture
from explorer.ui.theme import theme
from explorer.ui.workspaces.filters.images import image_of

_EDGE = QColor("#2F62E0")


class SeenView(QWidget):
    """Pixels stay pixels where they are large."""

    def __init__(self) -> None:
        super().__init__()
        self._picture: Picture | None = None
        self._image: QImage | None = None
        self._region: Region | None = None
        self._size = (1, 1)
        self.setAccessibleName("The picture as the network sees it")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme().changed.connect(self.update)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        rows, columns = self._size
        return min(round(width * rows / columns), theme().tokens.px(300))

    def sizeHint(self) -> QSize:
        side = theme().tokens.px(240)
        return QSize(side, self.heightForWidth(side))

    def minimumSizeHint(self) -> QSize:
        side = theme().tokens.px(120)
        return QSize(side, side)

    def show_picture(self, picture: Picture | None) -> None:
        """(H, W) or (H, W, 3) uint8, or nothing."""
        if picture is not self._picture:
            self._picture = picture
            self._image = image_of(picture) if picture is not None else None
            if picture is not None and picture.shape[:2] != self._size:
                self._size = picture.shape[0], picture.shape[1]
                self.updateGeometry()
            self.update()

    def show_region(self, region: Region | None) -> None:
        """What the unit can see."""
        if region != self._region:
            self._region = region
            self.update()

    def area(self) -> QRectF:
        """Where the picture lies."""
        rows, columns = self._size
        scale = min(self.width() / columns, self.height() / rows)
        width, height = columns * scale, rows * scale
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        area = self.area()
        if self._image is None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(tokens.line, 1))
            painter.setBrush(tokens.field)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
            return
        smooth = self._image.width() > area.width() * self.devicePixelRatioF()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(area, self._image)
        if self._region is not None:
            self._paint_region(painter, area, self._region)

    def _paint_region(self, painter: QPainter, area: QRectF, region: Region) -> None:
        rows, columns = self._size
        seen = region.within(rows, columns)
        scale = area.width() / columns
        box = QRectF(
            area.left() + seen.left * scale, area.top() + seen.top * scale,
            max(1, seen.right - seen.left) * scale, max(1, seen.bottom - seen.top) * scale,
        )  # fmt: skip
        box = box.adjusted(1, 1, -1, -1)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(255, 255, 255, 220), 4))
        painter.drawRect(box)
        painter.setPen(QPen(_EDGE, 2))
        painter.drawRect(box)
