"""Pictures made ready to be painted: scaled and in the order of bytes that screens have.

Painting a picture larger or smaller is done by Qt with threads that it waits for: on a busy machine the
window stands still meanwhile. Scaled beforehand it is only copied.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from explorer.media.opencv import cv2
from explorer.media.pictures import Picture


def for_screen(picture: Picture, width: int, height: int, mirrored: bool = False) -> NDArray[np.uint8]:
    """The picture as (height, width, 4) uint8: blue, green, red, 255, as Qt's RGB32 lies in memory."""
    smaller = width * height < picture.shape[0] * picture.shape[1]
    way = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    scaled = cv2.resize(picture, (width, height), interpolation=way)
    if mirrored:
        scaled = cv2.flip(scaled, 1)
    painted: NDArray[np.uint8] = np.ascontiguousarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2BGRA), np.uint8)
    return painted
