"""From a picture to an embedding: find, refine, align, encode. Each part can be replaced by another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.faces.alignment import align
from explorer.faces.detector import Detector, Face, YuNet
from explorer.faces.encoder import Embedding, Encoder, SFace
from explorer.faces.quality import Hint, Quality, measure
from explorer.media.pictures import Picture
from explorer.network.errors import UserError

TURNED_SCORE = 0.8
"""What a face must score that is found only after the picture was turned by a quarter or more."""


class NoFace(UserError):
    """There is nothing to compare; `hint` says what to do about it."""

    def __init__(self, name: str, hint: Hint = Hint.NONE) -> None:
        self.hint = hint
        reason = "no face was found in" if hint is Hint.NONE else "the face is too small or too faint in"
        super().__init__(
            f"{reason} {name}; use a picture that shows the face larger, from the front, in light"
        )


@dataclass(frozen=True, eq=False)
class Reading:
    """One face, read: `chip` is (112, 112, 3), `embedding` has length 1, `faces` were in the picture."""

    face: Face
    chip: Picture
    embedding: Embedding
    quality: Quality
    faces: int
    encoder: str

    @property
    def hints(self) -> tuple[Hint, ...]:
        """What could be better, the worst first."""
        return self.quality.hints(self.faces)


def main_face(faces: Sequence[Face], size: tuple[int, int]) -> Face:
    """The one that is meant: large, and near the middle of the picture of `size` (height, width)."""
    middle = size[1] / 2, size[0] / 2

    def meant(face: Face) -> float:
        x, y = face.centre
        return face.size**2 - 2 * ((x - middle[0]) ** 2 + (y - middle[1]) ** 2)

    return max(faces, key=meant)


class FacePipeline:
    """Detector and encoder together. Not to be used by two threads at once: each makes its own."""

    def __init__(self, detector: Detector | None = None, encoder: Encoder | None = None) -> None:
        self.detector: Detector = YuNet() if detector is None else detector
        self.encoder: Encoder = SFace() if encoder is None else encoder

    def find(self, picture: Picture) -> list[Face]:
        """All faces of the picture as it is, the largest first."""
        return self.detector.find(picture)

    def read(
        self, picture: Picture, face: Face | None = None, careful: bool = True, name: str = "the picture"
    ) -> Reading:
        """The face that is meant (or `face`, found before), compared from here on by its embedding.

        Without `face`, a picture in which none is found is tried turned by quarters too. `careful` takes
        three times as long, halves the errors, and reads faces at any tilt. Raises NoFace, which calls the
        picture `name`.
        """
        faces = [face] if face is not None else self.find(picture) or self._find_turned(picture)
        if not faces:
            raise NoFace(name)
        size = (picture.shape[0], picture.shape[1])
        meant = main_face(faces, size)
        if careful:
            meant = self.detector.refine(picture, meant)
        try:
            chip = align(picture, meant.points)
        except ValueError:
            raise NoFace(name, Hint.SMALL) from None
        quality = measure(meant, chip, size)
        if not quality.usable:
            raise NoFace(name, Hint.SMALL)
        embedding = self.encoder.encode(chip, careful)
        return Reading(meant, chip, embedding, quality, len(faces), self.encoder.version)

    def _find_turned(self, picture: Picture) -> list[Face]:
        """The faces of the picture when it is turned by 180°, 90° or 270°, as they lie in it unturned."""
        for quarters in (2, 1, 3):
            turned = np.ascontiguousarray(np.rot90(picture, quarters))
            sure = [face for face in self.find(turned) if face.score >= TURNED_SCORE]
            if sure:
                return [_turned_back(face, quarters, turned) for face in sure]
        return []


def _turned_back(face: Face, quarters: int, turned: Picture) -> Face:
    """A face of a picture that np.rot90 has turned counter-clockwise, in the picture before that."""
    height, width = turned.shape[:2]
    x, y, wide, high = face.box
    points = face.points
    for _ in range(quarters):
        # clockwise by a quarter: what was at (x, y) comes to (height − y, x)
        x, y, wide, high = height - y - high, x, high, wide
        points = np.stack([height - points[:, 1], points[:, 0]], axis=1).astype(np.float32)
        height, width = width, height
    return Face((x, y, wide, high), points, face.score)
