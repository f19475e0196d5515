"""Whether the face in the same place is still the same face, from one frame to the next.

Not who it is: a picture held up in front of a person, a cut in a film, somebody leaning in. What was found
of one face must not be shown for another, not even for the fraction of a second until it has been read.
"""

from __future__ import annotations

from math import ceil, floor

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

CUT, CUT_FACE = 16.0, 34.0
"""Mean change of grey levels between two frames, of all and of a face's box, above which they are of two
scenes: a cut in a film, another picture held before the lens. A face that moves by 10 pixels of its 200
changes by up to 25."""
_ACROSS, _DOWN = 40, 32

Appearance = NDArray[np.float32]
Scene = NDArray[np.int16]


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


def scene(picture: Picture) -> Scene:
    """The picture at 40 × 32 pixels, whatever its size: what is large in it, and where."""
    return cv2.resize(picture, (_ACROSS, _DOWN), interpolation=cv2.INTER_AREA).astype(np.int16)


def is_cut(before: Scene, now: Scene, face: Face | None = None, size: tuple[int, int] = (1, 1)) -> bool:
    """Whether two scenes are so different that what was found in one says nothing of the other.

    `face` was found in a picture of `size` (height, width): where it was, less is needed to notice.
    """
    changed = np.abs(before - now)
    if float(changed.mean()) > CUT:
        return True
    if face is None:
        return False
    x, y, width, height = face.box
    across, down = _ACROSS / size[1], _DOWN / size[0]
    rows = slice(max(0, floor(y * down)), max(1, ceil((y + height) * down)))
    columns = slice(max(0, floor(x * across)), max(1, ceil((x + width) * across)))
    part = changed[rows, columns]
    return part.size > 0 and float(part.mean()) > CUT_FACE


def continues(before: Appearance, now: Appearance) -> bool:
    """Whether two appearances are near enough for one face."""
    return float(before @ now) >= LEAST
