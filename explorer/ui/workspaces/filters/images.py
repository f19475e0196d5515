"""Pictures as Qt paints them."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from explorer.media.pictures import Picture


def image_of(picture: Picture) -> QImage:
    """A QImage with its own memory, in the format that is painted fastest, of (H, W) or (H, W, 3) uint8."""
    picture = np.ascontiguousarray(picture)
    height, width = picture.shape[:2]
    if picture.ndim == 2:
        wrapped = QImage(picture.data, width, height, width, QImage.Format.Format_Grayscale8)
    else:
        wrapped = QImage(picture.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return wrapped.convertToFormat(QImage.Format.Format_RGB32)


def picture_of(image: QImage) -> Picture:
    """(H, W, 3) uint8 RGB of a QImage, transparent parts over white."""
    if image.hasAlphaChannel():
        ground = QImage(image.size(), QImage.Format.Format_RGB32)
        ground.fill(0xFFFFFFFF)
        from PySide6.QtGui import QPainter

        painter = QPainter(ground)
        painter.drawImage(0, 0, image)
        painter.end()
        image = ground
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3).copy()
