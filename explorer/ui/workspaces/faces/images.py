"""Pictures as Qt paints them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSizeF
from PySide6.QtGui import QImage

from explorer.media.for_screen import for_screen
from explorer.media.pictures import Picture


def wrap(picture: Picture) -> QImage:
    """A QImage on the picture's own memory: the picture must live as long as the image."""
    height, width = picture.shape[:2]
    if picture.strides[1:] != (3, 1):
        picture = np.ascontiguousarray(picture)
        return QImage(picture.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
    return QImage(picture.data, width, height, picture.strides[0], QImage.Format.Format_RGB888)


class Scaled:
    """A picture as large as it is painted, kept until another picture, size or side is asked for."""

    def __init__(self) -> None:
        self._of: tuple[Picture, int, int, bool] | None = None
        self._pixels: NDArray[np.uint8] | None = None  # the memory of the image
        self._image = QImage()

    def image(self, picture: Picture, size: QSizeF, ratio: float, mirrored: bool = False) -> QImage:
        """For an area of `size` on a screen with `ratio` dots a pixel; valid until the next call."""
        width, height = max(1, round(size.width() * ratio)), max(1, round(size.height() * ratio))
        before = self._of
        if before is None or before[0] is not picture or before[1:] != (width, height, mirrored):
            self._of = (picture, width, height, mirrored)
            self._pixels = for_screen(picture, width, height, mirrored)
            self._image = QImage(self._pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
            self._image.setDevicePixelRatio(ratio)
        return self._image


def image_of(picture: Picture) -> QImage:
    """A QImage with its own memory, in the format that is painted fastest."""
    return wrap(picture).convertToFormat(QImage.Format.Format_RGB32)
