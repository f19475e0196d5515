"""A picture at its own size and halved again and again, so that any part can be shown fast at any scale."""

from __future__ import annotations

import numpy as np

from explorer.media.opencv import as_picture, cv2
from explorer.media.pictures import Picture

SMALLEST = 256
"""The longer side below which nothing is halved any more."""


class Pyramid:
    """Level 0 is the picture, (H, W) or (H, W, 3) uint8; level n has its sides divided by 2ⁿ, at least 1."""

    def __init__(self, picture: Picture) -> None:
        self.levels = [picture]
        self._fitted: Picture | None = None
        while max(self.levels[-1].shape[:2]) > 2 * SMALLEST:
            height, width = self.levels[-1].shape[:2]
            half = max(1, width // 2), max(1, height // 2)
            # Each pixel the mean of those it stands for: a fine pattern becomes grey, not another pattern.
            reduced = cv2.resize(self.levels[-1], half, interpolation=cv2.INTER_AREA)
            self.levels.append(as_picture(np.ascontiguousarray(reduced)))

    @property
    def picture(self) -> Picture:
        return self.levels[0]

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.levels[0].shape[0], self.levels[0].shape[1]

    def fit(self, height: int, width: int) -> Picture:
        """The whole picture at a smaller size, as it is on the screen; kept until another is asked for."""
        if self._fitted is None or self._fitted.shape[:2] != (height, width):
            level = self.levels[self.level(min(height / self.size[0], width / self.size[1]))]
            reduced = cv2.resize(level, (width, height), interpolation=cv2.INTER_AREA)
            self._fitted = as_picture(np.ascontiguousarray(reduced))
        return self._fitted

    def level(self, scale: float) -> int:
        """The smallest level with a pixel for every pixel on the screen, at `scale` screen pixels each."""
        level = 0
        while level + 1 < len(self.levels) and scale * 2 ** (level + 1) <= 1:
            level += 1
        return level
