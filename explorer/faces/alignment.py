"""Turning a found face upright into a chip of 112 × 112 pixels, by its five points.

Points are (x, y) in pixels, in the order of YuNet: the person's right eye, left eye, tip of the nose,
right and left corner of the mouth (right being on the left of the picture).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from explorer.media.opencv import as_picture, cv2
from explorer.media.pictures import Picture

SIDE = 112
"""Pixels on each side of a chip."""

_ARCFACE = np.array(
    [
        (38.2946, 51.6963),
        (73.5318, 51.5014),
        (56.0252, 71.7366),
        (41.5493, 92.3655),
        (70.7299, 92.2041),
    ]
)
_SMALLER = 0.92
TEMPLATE = (SIDE / 2 + _SMALLER * (_ARCFACE - SIDE / 2)).astype(np.float32)
"""Where the five points stand in a chip: as for ArcFace (Deng et al. 2019), on which SFace was trained, but a
little smaller around the middle: of 0.92 to 1.04 times, this measured best with mirrored chips.
"""

Points = NDArray[np.float32]


def similarity(points: Points, onto: Points = TEMPLATE) -> NDArray[np.float64]:
    """The 2 × 3 matrix of rotation, one scale and shift that best takes `points` to `onto` (Umeyama 1991).

    Least squares over the points, without mirroring. Raises ValueError when all points are one.
    """
    source, target = points.astype(np.float64), onto.astype(np.float64)
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    centred, wanted = source - source_mean, target - target_mean
    variance = float((centred**2).sum() / len(source))
    if variance < 1e-9:
        raise ValueError("the points coincide")
    left, stretch, right = np.linalg.svd(wanted.T @ centred / len(source))
    signs = np.ones(2)
    if np.linalg.det(left) * np.linalg.det(right) < 0:
        signs[1] = -1
    rotation = left @ np.diag(signs) @ right
    scale = float((stretch * signs).sum()) / variance
    matrix = np.empty((2, 3))
    matrix[:, :2] = scale * rotation
    matrix[:, 2] = target_mean - scale * rotation @ source_mean
    return matrix


def align(picture: Picture, points: Points) -> Picture:
    """The face as a chip, (112, 112, 3) uint8 RGB; what lies outside the picture is black.

    Cubic interpolation measured better than linear on every figure of the LFW development pictures: an equal
    error rate of 0.065 % for 0.116 %.
    """
    return as_picture(cv2.warpAffine(picture, similarity(points), (SIDE, SIDE), flags=cv2.INTER_CUBIC))
