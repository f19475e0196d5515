"""Pictures as Qt paints them."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from explorer.media.pictures import Picture


def wrap(picture: Picture) -> QImage:
    """A QImage on the picture's own memory: the picture must live as long as the image."""
    height, width = picture.shape[:2]
    if picture.strides[1:] != (3, 1):
        picture = np.ascontiguousarray(picture)
        return QImage(picture.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
    return QImage(picture.data, width, height, picture.strides[0], QImage.Format.Format_RGB888)


def image_of(picture: Picture) -> QImage:
    """A QImage with its own memory, in the format that is painted fastest."""
    return wrap(picture).convertToFormat(QImage.Format.Format_RGB32)
