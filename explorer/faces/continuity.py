"""Whether the face in the same place is still the same face, from one frame to the next.

Not who it is: a picture held up in front of a person, a cut in a film, somebody leaning in. What was found
of one face must not be shown for another, not even for the fraction of a second until it has been read.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from explorer.faces.alignment import align
from explorer.faces.detector import Face
from explorer.media.opencv import cv2
from explorer.media.pictures import Picture

SIDE = 28
"""Pixels of the small grey chip that is compared: enough to tell people apart, too few to notice a blink."""
SHADING = 4.0
"""Sigma of the blur that is taken away: light and the shape that all heads share."""
LEAST = 0.6
"""Correlation of two chips of one face in neighbouring frames; one in 1,000 pairs of strangers reaches it."""

Appearance = NDArray[np.float32]


def appearance(picture: Picture, face: Face) -> Appearance:
    """The face's small grey chip, (784,) float32, without shading, of length 1 (zeros for a flat one)."""
    try:
        chip = align(picture, face.points)
    except ValueError:
        return np.zeros(SIDE * SIDE, np.float32)
    grey = cv2.resize(cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    sharp = grey.astype(np.float32)
    sharp -= cv2.GaussianBlur(sharp, (0, 0), SHADING)
    centred = sharp.ravel() - np.float32(sharp.mean())
    length = float(np.linalg.norm(centred))
    return centred / np.float32(length) if length > 0 else centred


def continues(before: Appearance, now: Appearance) -> bool:
    """Whether two appearances are near enough for one face."""
    return float(before @ now) >= LEAST
