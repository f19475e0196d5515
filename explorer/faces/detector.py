"""Finding faces: boxes, five points and a score, by YuNet (Wu, Peng, Yu 2023)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, pi, radians, remainder, sin
from typing import Protocol

import numpy as np

from explorer.faces.alignment import Points
from explorer.interop.model_files import YUNET, checked_bytes
from explorer.media.opencv import as_picture, cv2
from explorer.media.pictures import Picture

LONGEST = 640
"""Longest side of the picture that is searched; a larger picture is searched smaller."""
_REFINED = (100, 200)
"""Widths of a face, in pixels, at which its points are found again: their mean jitters less than one."""
_AROUND = 3
"""Sides of those cuts, in widths of the face."""
SURE = 0.9
"""Upright faces score 0.87 to 0.95, 19 of 20 above this; upside-down ones 0.60 to 0.90, with wrong points."""
_ROUNDS, _SETTLED, _MISPLACED = 4, radians(6), radians(10)
"""How often they are looked for again at most, the change of tilt that ends it, and one that casts doubt."""


@dataclass(frozen=True, eq=False)
class Face:
    """One found face, in pixels of the picture: `box` is (x, y, width, height), `points` is (5, 2)."""

    box: tuple[float, float, float, float]
    points: Points
    score: float

    @property
    def size(self) -> float:
        """The longer side of the box."""
        return max(self.box[2:])

    @property
    def centre(self) -> tuple[float, float]:
        x, y, width, height = self.box
        return x + width / 2, y + height / 2

    @property
    def tilt(self) -> float:
        """Radians by which the line between the eyes is turned clockwise."""
        across = self.points[1] - self.points[0]
        return atan2(float(across[1]), float(across[0]))

    def overlap(self, other: Face) -> float:
        """Intersection over union of the boxes."""
        ax, ay, aw, ah = self.box
        bx, by, bw, bh = other.box
        width = min(ax + aw, bx + bw) - max(ax, bx)
        height = min(ay + ah, by + bh) - max(ay, by)
        if width <= 0 or height <= 0:
            return 0.0
        shared = width * height
        return shared / (aw * ah + bw * bh - shared)


class Detector(Protocol):
    """What finds faces."""

    def find(self, picture: Picture) -> list[Face]:
        """All faces, the largest first."""

    def refine(self, picture: Picture, face: Face) -> Face:
        """The same face with its points found more exactly; slower than finding it."""


class YuNet:
    """YuNet as it ships. Not to be used by two threads at once: each makes its own."""

    def __init__(self, least_score: float = 0.6) -> None:
        model, nothing = np.frombuffer(checked_bytes(YUNET), np.uint8), np.empty(0, np.uint8)
        self._net = cv2.FaceDetectorYN.create("onnx", model, nothing, (320, 320), least_score)

    def find(self, picture: Picture) -> list[Face]:
        """All faces, the largest first. One that fills the picture is looked for with a margin around it."""
        smaller, scale = _within(picture, LONGEST)
        found = self._search(smaller)
        if not found:
            margin = max(smaller.shape[:2]) // 2
            around = ((margin, margin), (margin, margin), (0, 0))
            padded, shrunk = _within(np.pad(smaller, around, constant_values=127), LONGEST)
            found = [_moved(face, 1 / shrunk, (-margin, -margin)) for face in self._search(padded)]
        return sorted((_moved(face, 1 / scale, (0, 0)) for face in found), key=lambda face: -face.size)

    def _search(self, picture: Picture) -> list[Face]:
        self._net.setInputSize((picture.shape[1], picture.shape[0]))
        rows = self._net.detect(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1]
        if rows is None:
            return []
        return [_face(row) for row in rows if np.isfinite(row).all() and row[2] > 0 and row[3] > 0]

    def refine(self, picture: Picture, face: Face) -> Face:
        """The points as the mean of those found at two fixed sizes of the face, cut out upright.

        Five points that jitter by a pixel cost more errors than anything else in this pipeline: on 288,381
        pairs of strangers and 1,560 of the same person this halves the misses at one false accept in 10,000.
        YuNet places the points of a tilted face worse, so the cut is turned by the tilt that they show, and
        cut again while they then show another. It scores a face the better the more upright it is: one whose
        score stays low, or was low while its points moved, may be tilted by any angle, even upside down, and
        is tried at eight.
        """
        refined = self._settled(picture, face)
        moved = abs(_angle_between(refined, face)) > _MISPLACED
        if refined.score < SURE or (moved and face.score < SURE):
            upright = self._upright(picture, refined)
            if upright is not refined:
                refined = max(self._settled(picture, upright), refined, key=lambda each: each.score)
        return refined

    def _settled(self, picture: Picture, face: Face) -> Face:
        """The mean of the points at all sizes, in a cut that is upright by these points themselves."""
        for _ in range(_ROUNDS):
            found = [again for width in _REFINED if (again := self._again(picture, face, width))]
            if not found:
                break
            points: Points = np.mean([again.points for again in found], axis=0).astype(np.float32)
            better = Face(face.box, points, sum(again.score for again in found) / len(found))
            settled = abs(_angle_between(better, face)) < _SETTLED
            face = better
            if settled:
                break
        return face

    def _upright(self, picture: Picture, face: Face) -> Face:
        """The face as it is found at the tilt at which it scores most."""
        tilts = (step * pi / 4 for step in range(8))
        found = [self._again(picture, face, _REFINED[0], tilt) for tilt in tilts]
        return max((face, *(each for each in found if each is not None)), key=lambda each: each.score)

    def _again(self, picture: Picture, face: Face, width: int, tilt: float | None = None) -> Face | None:
        """The face with score and points as found in a cut where `tilt` is upright and it is `width` wide."""
        tilt = face.tilt if tilt is None else tilt
        scale = width / face.size
        along = scale * np.array([cos(tilt), sin(tilt)])
        turn = np.array([along, (-along[1], along[0])])
        side = round(_AROUND * width)
        shift = side / 2 - turn @ face.centre
        flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        matrix = np.column_stack([turn, shift])
        cut = as_picture(cv2.warpAffine(picture, matrix, (side, side), flags=flags))
        box = face.box[2] * scale, face.box[3] * scale
        there = Face(((side - box[0]) / 2, (side - box[1]) / 2, *box), face.points, 1.0)
        same = _best_match(there, self._search(cut))
        if same is None:
            return None
        points = ((same.points - shift) @ np.linalg.inv(turn).T).astype(np.float32)
        return Face(face.box, points, same.score)


def _angle_between(one: Face, other: Face) -> float:
    return remainder(one.tilt - other.tilt, 2 * pi)


def _within(picture: Picture, longest: int) -> tuple[Picture, float]:
    """The picture with no side above `longest`, and the scale that this took."""
    height, width = picture.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return picture, 1.0
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return as_picture(cv2.resize(picture, size, interpolation=cv2.INTER_AREA)), scale


def _face(row: np.ndarray) -> Face:
    x, y, width, height = (float(value) for value in row[:4])
    return Face((x, y, width, height), row[4:14].reshape(5, 2).astype(np.float32), float(row[14]))


def _moved(face: Face, scale: float, shift: tuple[float, float]) -> Face:
    """The face in a picture that is `scale` times as large and begins at `-shift`."""
    x, y, width, height = face.box
    box = (x * scale + shift[0], y * scale + shift[1], width * scale, height * scale)
    points = (face.points * scale + np.array(shift)).astype(np.float32)
    return Face(box, points, face.score)


def _best_match(face: Face, found: Sequence[Face]) -> Face | None:
    best = max(found, key=face.overlap, default=None)
    return best if best is not None and face.overlap(best) > 0.3 else None
